"""Whose account is whose in a house: found by address once they agreed, doubts listed, nothing guessed."""

from __future__ import annotations

from dataclasses import replace

import pytest
from pydantic import SecretStr

from core import rounds
from core.matching import Candidate
from daybook import jobs, joining, state
from daybook.house import House
from daybook.looking import Viewer
from daybook.people import roster, unmatched
from tests.daybook.conftest import Clock, member
from tests.daybook.test_jobs import do_all, drafts_of, meeting

ADA = "ada@northwind.example"
OTTO = Viewer("administrator", "otto")


@pytest.fixture
def listed(house: House, tool) -> House:
    """The tool has an account of Ada's, under her address."""
    tool.directory.append(Candidate(external="a-1", address=ADA))
    return house


def reasons(house: House) -> dict[str, list[str]]:
    return {
        row.email.partition("@")[0]: [doubt.reason for doubt in row.doubts] for row in roster(house, OTTO)
    }


def configured(house: House, **accounts: str) -> House:
    """The same house with these accounts written under people."""
    people = tuple(
        person.model_copy(update={"accounts": {"memory": accounts[name]}})
        if (name := person.email.partition("@")[0]) in accounts
        else person
        for person in house.configuration.people
    )
    return replace(house, configuration=house.configuration.model_copy(update={"people": people}))


def connects(house: House, name: str, external: str) -> None:
    with house.store.writing() as tx:
        who = member(house, name).id
        tx.grants.save(who, "memory", external, SecretStr(f"token-{name}"), house.clock())


def test_P3_no_tool_is_asked_who_somebody_is_before_they_acknowledged(listed, tool):
    with listed.store.writing() as tx:
        for person in tx.people.all():
            tx.people.leave(person.id, listed.clock())
    assert do_all(listed, rounds.Find) == 0
    assert tool.requests == 0


def test_who_agreed_is_asked_about_once_and_all_in_one_request(listed, tool, clock: Clock):
    do_all(listed, rounds.Find)
    assert tool.requests == 1
    assert reasons(listed) == {"ada": [], "ben": ["nobody"], "mara": ["nobody"], "otto": ["nobody"]}
    clock.wait(hours=23)
    assert do_all(listed, rounds.Find) == 0


def test_how_many_nobody_knows_is_counted_by_connection_and_nobody_before_they_were_asked_about(listed):
    assert unmatched(listed) == {}
    do_all(listed, rounds.Find)
    assert unmatched(listed) == {"memory": 3}
    assert unmatched(configured(listed, ben="b-1", mara="m-1", otto="o-1")) == {}


def test_who_was_not_found_is_asked_about_once_a_day(listed, tool, clock: Clock):
    do_all(listed, rounds.Find)
    tool.directory.append(Candidate(external="b-1", address="ben@northwind.example"))
    clock.wait(days=1)
    do_all(listed, rounds.Find)
    assert tool.requests == 2
    assert reasons(listed)["ben"] == []


def test_who_was_found_is_asked_about_again_once_a_week_and_is_in_doubt_once_deactivated(
    listed, tool, clock: Clock
):
    do_all(listed, rounds.Find)
    tool.directory[0] = tool.directory[0].model_copy(update={"active": False})
    clock.wait(days=6)
    do_all(listed, rounds.Find)
    assert reasons(listed)["ada"] == []
    clock.wait(days=1)
    do_all(listed, rounds.Find)
    assert reasons(listed)["ada"] == ["deactivated"]


def test_what_was_found_is_read(listed, tool):
    tool.put("a-1", meeting("e1", "10:00", "11:00"))
    do_all(listed, rounds.Find, rounds.Pull, rounds.Reconcile)
    assert drafts_of(listed, "Ada") == {"ACME call": "open"}


def test_a_hidden_address_is_listed_and_not_read(house: House, tool):
    tool.directory.append(Candidate(external="a-1", address=None))
    tool.put("a-1", meeting("e1", "10:00", "11:00"))
    do_all(house, rounds.Find, rounds.Pull, rounds.Reconcile)
    assert reasons(house)["ada"] == ["hidden"]
    assert drafts_of(house, "Ada") == {}


def test_an_own_connection_speaks_before_the_address(listed, tool):
    do_all(listed, rounds.Find)
    connects(listed, "Ada", "a-own")
    with listed.store.reading() as tx:
        accounts = listed.accounts(tx, "memory", listed.members(tx))
    assert [one.external for one in accounts] == ["a-own"]


def test_who_is_configured_or_connected_is_not_asked_about(house: House, tool):
    house = configured(house, ada="a-1", ben="b-1", mara="m-1")
    connects(house, "Otto", "o-1")
    assert do_all(house, rounds.Find) == 0
    assert tool.requests == 0


def test_a_configuration_that_contradicts_a_connection_reads_neither_and_says_what_to_write(house, tool):
    house = configured(house, ada="a-1")
    connects(house, "Ada", "a-2")
    assert reasons(house)["ada"] == ["differ"]
    (doubt,) = next(row.doubts for row in roster(house, OTTO) if row.email == ADA)
    assert f'accounts: {{memory: "<account id>"}}  at {ADA} under people' in doubt.says
    with house.store.reading() as tx:
        assert member(house, "Ada").id not in [
            one.contributor for one in house.accounts(tx, "memory", house.members(tx))
        ]


def test_one_account_of_two_is_read_for_neither(house: House, tool):
    house = configured(house, ada="same", ben="same")
    tool.put("same", meeting("e1", "10:00", "11:00"))
    do_all(house, rounds.Pull, rounds.Reconcile)
    assert reasons(house)["ada"] == reasons(house)["ben"] == ["shared"]
    assert drafts_of(house, "Ada") == drafts_of(house, "Ben") == {}


def test_P10_a_tool_that_is_away_is_asked_later_and_nobody_is_found_wanting(listed, tool, clock: Clock):
    tool.mishaps = ["unavailable"]
    assert do_all(listed, rounds.Find) == 1
    assert reasons(listed)["ada"] == ["unasked"]
    clock.wait(hours=1)
    do_all(listed, rounds.Find)
    assert reasons(listed)["ada"] == []


def test_P3_what_was_found_goes_with_who_leaves(listed, ada):
    do_all(listed, rounds.Find)
    joining.leave(listed, ada)
    with listed.store.reading() as tx:
        assert ada.id not in tx.accounts.at("memory")
        assert "a-1" not in str(tx.everything_of(ada.id))


def test_P3_who_left_while_the_tool_was_thinking_is_not_kept(listed, tool, ada, monkeypatch):
    answer = type(listed.connectors["memory"]).accounts

    def slowly(self, addresses):
        joining.leave(listed, ada)
        return answer(self, addresses)

    monkeypatch.setattr(type(listed.connectors["memory"]), "accounts", slowly)
    jobs.find(listed, "memory")
    with listed.store.reading() as tx:
        assert ada.id not in tx.accounts.at("memory")
        assert ada.id not in state.strangers(listed, tx, "memory", listed.members(tx))
