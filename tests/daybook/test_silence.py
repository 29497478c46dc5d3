"""Silence never confirms: whatever time goes by, only what somebody said yes to is kept and posted (P-04)."""

from __future__ import annotations

from datetime import date

import pytest
from pydantic import SecretStr

from connectors.memory import Tool
from core import rounds
from daybook import deeds, jobs
from daybook.house import House, Member
from daybook.sandbox.post_office import PostOffice
from tests.daybook.conftest import CAST, YESTERDAY, Clock, member
from tests.daybook.mail.conftest import configuration, mail, post_office
from tests.daybook.test_jobs import do_all, drafts_of, meeting

__all__ = ["configuration", "mail", "post_office"]

DAYS = (1, 1, 7, 7, 30, 30, 50, 60)
"""Holds, reminders, closed weeks and retention all come due meanwhile."""


@pytest.fixture
def drafted(house: House, tool: Tool) -> House:
    """Everybody connected their account, and has a meeting of yesterday before them."""
    with house.store.writing() as tx:
        for name in CAST:
            account = f"{name.lower()}@tool"
            tool.tokens[f"token-{name}"] = account
            tx.grants.save(
                member(house, name).id, "memory", account, SecretStr(f"token-{name}"), house.clock()
            )
            tool.put(account, meeting(f"e-{name}", "10:00", "11:00"))
    do_all(house, object)
    assert drafts_of(house, "Ada") == {"ACME call": "open"}
    return house


def let_time_go_by(house: House, clock: Clock) -> None:
    """Half a year in which everything that is due is done, of whatever kind, and nobody says a word."""
    for days in DAYS:
        clock.wait(days=days)
        do_all(house, object)


def confirmed(house: House) -> list[date]:
    """The day of every entry there is, and of every draft that counts as confirmed."""
    with house.store.reading() as tx:
        everything = [tx.everything_of(person.id) for person in tx.people.all()]
        held = [one.draft for who in tx.people.all() for day in tx.drafts.between(who.id, date.min, date.max)
                for one in tx.drafts.of(who.id, day)]  # fmt: skip
    entries = [row["day"] for one in everything for row in one["entries"]]
    return entries + [one.suggestion.day for one in held if one.decision == "confirmed"]


def make_ready(house: House, who: Member) -> None:
    """Give their draft all that a yes needs."""
    with house.store.reading() as tx:
        (held,) = tx.drafts.of(who.id, YESTERDAY)
    assert deeds.edit(house, who, held.draft.key, project="acme-web", target="memory:WEB-12").done


def test_silence_of_half_a_year_confirms_nothing_and_posts_nothing(
    drafted: House, tool: Tool, clock: Clock, post_office: PostOffice
) -> None:
    for name in CAST:
        make_ready(drafted, member(drafted, name))
    let_time_go_by(drafted, clock)
    assert post_office.deliveries, "mails went out and were not answered"
    assert confirmed(drafted) == []
    assert tool.records == {}


def test_one_yes_in_the_same_half_year_is_posted(
    drafted: House, tool: Tool, clock: Clock, ada: Member
) -> None:
    make_ready(drafted, ada)
    assert deeds.confirm(drafted, ada, YESTERDAY).done
    let_time_go_by(drafted, clock)
    assert len(confirmed(drafted)) == 1
    assert len(tool.records) == 1


def test_a_round_that_confirms_by_itself_is_noticed(
    drafted: House, clock: Clock, ada: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_ready(drafted, ada)
    monkeypatch.setattr("daybook.lending.tend", lambda house: deeds.confirm(house, ada, YESTERDAY))
    clock.wait(days=1)
    jobs.perform(drafted, rounds.Tend())
    assert confirmed(drafted) != []
