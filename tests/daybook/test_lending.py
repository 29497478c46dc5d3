"""What contributors lend: renewed by one at a time, stopped, noticed before its end, and given back."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from threading import Barrier, Thread
from unittest.mock import Mock

import pytest
from pydantic import SecretStr
from structlog.testing import capture_logs

from config.schema import Configuration
from connectors.contract import Account, Credential, Refused, Unavailable, Writer
from connectors.memory import Memory, Tool
from connectors.memory_consent import AUTHORIZATION, MemoryAuthority
from connectors.oauth import Tokens, question
from core import rounds
from daybook import deeds, forget, joining, lending, status
from daybook.house import House, Member
from daybook.store.grants import Grant
from tests.daybook.conftest import YESTERDAY, Clock, draft, drafted, member
from tests.daybook.test_jobs import do_all

BACK = "https://daybook.northwind.example/connect/memory/back"
VERIFIER = "v" * 64


class Time:
    """Goes by here and at the tool alike."""

    def __init__(self, clock: Clock, tool: Tool) -> None:
        self._clock, self._tool = clock, tool

    def pass_by(self, **span: float) -> None:
        self._clock.wait(**span)
        self._tool.now = self._clock()


@pytest.fixture
def time(clock: Clock, tool: Tool) -> Time:
    return Time(clock, tool)


@pytest.fixture
def authority(tool: Tool) -> MemoryAuthority:
    return MemoryAuthority(tool, frozenset({BACK}))


@pytest.fixture
def house(house: House, configuration: Configuration, tool: Tool, authority: MemoryAuthority) -> House:
    """Ada and Ben lent their accounts at the tool in memory."""
    built = House(
        configuration,
        house.policy,
        {"memory": Memory(tool, authorization=AUTHORIZATION)},
        house.store,
        house.clock,
        authorities={"memory": authority},
    )
    for name in ("Ada", "Ben"):
        lend(built, authority, member(built, name), f"{name.lower()}@tool")
    return built


def lend(house: House, authority: MemoryAuthority, who: Member, account: str) -> None:
    tokens = lent(authority, account)
    with house.store.writing() as tx:
        tx.grants.lend(who.id, "memory", account, tokens, house.clock())


def lent(authority: MemoryAuthority, account: str) -> Tokens:
    there = authority.allow(question(AUTHORIZATION, BACK, "s", VERIFIER), account)
    return authority.exchange(there.partition("code=")[2].partition("&")[0], VERIFIER, BACK)


def granted(house: House, who: Member) -> Grant:
    with house.store.reading() as tx:
        grant = tx.grants.get(who.id, "memory")
    assert grant
    return grant


def confirmed(house: House, who: Member, key: str = "a", start: str = "10:00") -> None:
    """One more entry of theirs whose hold is over."""
    drafted(house, who, draft(key, start, target=f"memory:WEB-{key}"))
    deeds.confirm(house, who, YESTERDAY)


def states(house: House, who: Member) -> list[str]:
    with house.store.reading() as tx:
        return [filed.posting.state for filed in tx.postings.of(who.id, YESTERDAY)]


# --- renewing ----------------------------------------------------------------------------------------------


def test_an_access_token_is_renewed_when_it_is_due_and_not_before(
    house: House, ada: Member, authority: MemoryAuthority, time: Time
) -> None:
    first = granted(house, ada)
    assert lending.fresh(house, first) == first
    time.pass_by(minutes=59)
    second = lending.fresh(house, granted(house, ada))
    assert second.credential != first.credential
    assert authority.refreshed == 1
    assert lending.fresh(house, second) == second


def test_what_she_is_called_there_outlives_an_access_token(house: House, ada: Member, time: Time) -> None:
    lent = granted(house, ada)
    tokens = Tokens(access=lent.credential, expires_at=lent.expires_at, refresh=lent.refresh)
    with house.store.writing() as tx:
        tx.grants.lend(ada.id, "memory", lent.external, tokens, house.clock(), shown="Ada Example")
    time.pass_by(hours=2)
    renewed = lending.fresh(house, granted(house, ada))
    assert renewed.credential != lent.credential and renewed.shown == "Ada Example"


def test_a_rotated_refresh_token_is_on_the_disk_before_the_access_token_is_used(
    house: House, ada: Member, tool: Tool, time: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed at the first call that uses it, the next start has what the tool gave."""
    used: list[str] = []

    def die(connector: Memory, credential: object) -> str:
        used.append(granted(house, ada).credential.get_secret_value())
        raise KeyboardInterrupt

    confirmed(house, ada)
    time.pass_by(hours=2)
    monkeypatch.setattr(Memory, "_owner", die)
    with pytest.raises(KeyboardInterrupt):
        do_all(house, rounds.Post)
    monkeypatch.undo()
    assert len(used) == 1 and used[0] in tool.tokens
    for _ in range(3):  # it looks first whether the call arrived
        time.pass_by(hours=2)
        do_all(house, rounds.Post)
    assert states(house, ada) == ["posted"]


def test_eight_threads_that_need_it_renew_it_once(
    house: House, ada: Member, authority: MemoryAuthority, time: Time
) -> None:
    time.pass_by(hours=2)
    stale, begin, got = granted(house, ada), Barrier(8), set[str]()

    def need() -> None:
        begin.wait()
        got.add(lending.fresh(house, stale).credential.get_secret_value())

    threads = [Thread(target=need) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (authority.refreshed, len(got)) == (1, 1)


def test_of_two_processes_one_renews_and_the_other_waits_for_it(
    house: House, ada: Member, authority: MemoryAuthority, time: Time
) -> None:
    time.pass_by(hours=2)
    stale = granted(house, ada)
    with house.store.writing() as tx:
        assert tx.grants.claim(stale, house.clock(), lending.LEASE)
    with pytest.raises(Unavailable, match="Another worker renews"):
        lending.fresh(house, stale)
    assert authority.refreshed == 0
    time.pass_by(minutes=1)  # that process died
    assert lending.fresh(house, stale).version == stale.version + 1


def test_a_renewal_whose_answer_was_lost_is_asked_for_again_while_the_old_one_is_spared(
    house: House, ada: Member, tool: Tool, time: Time
) -> None:
    """Fact of facts/jira.md, section 2: ten minutes of grace after a refresh."""
    confirmed(house, ada)
    time.pass_by(hours=2)
    tool.mishaps = ["lost"]
    do_all(house, rounds.Post)
    assert states(house, ada) == ["held"]
    time.pass_by(minutes=2)
    do_all(house, rounds.Post)
    assert states(house, ada) == ["posted"]


def test_what_comes_for_somebody_who_disconnected_meanwhile_is_given_back(
    house: House, ada: Member, authority: MemoryAuthority, time: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    time.pass_by(hours=2)
    refresh = authority.refresh

    def meanwhile(token: SecretStr) -> Tokens:
        joining.disconnect(house, ada, "memory")
        return refresh(token)

    monkeypatch.setattr(authority, "refresh", meanwhile)
    with pytest.raises(Refused):
        lending.fresh(house, granted(house, ada))
    do_all(house, rounds.Revoke)
    assert not authority.stands("ada@tool")


def test_an_access_token_that_died_early_is_renewed_before_its_owner_is_bothered(
    house: House, ada: Member, tool: Tool, time: Time
) -> None:
    confirmed(house, ada)
    time.pass_by(minutes=30)
    del tool.tokens[granted(house, ada).credential.get_secret_value()]
    do_all(house, rounds.Post)
    assert states(house, ada) == ["held"]
    time.pass_by(minutes=2)
    do_all(house, rounds.Post)
    assert states(house, ada) == ["posted"]
    assert granted(house, ada).refused is None


# --- its end -----------------------------------------------------------------------------------------------


def test_R08_a_grant_taken_back_stops_that_account_keeps_its_outbox_and_is_said_once(
    house: House, ada: Member, ben: Member, authority: MemoryAuthority, tool: Tool, time: Time
) -> None:
    confirmed(house, ada, "a", "10:00")
    confirmed(house, ada, "b", "11:00")
    confirmed(house, ben, "c", "10:00")
    authority.take_back("ada@tool")
    time.pass_by(hours=2)
    with capture_logs() as logs:
        for _ in range(3):
            do_all(house, rounds.Post)
            time.pass_by(hours=3)
    stopped = [line for line in logs if line["event"] == "account.stopped"]
    assert [(line["contributor"], line["connection"]) for line in stopped] == [(ada.id, "memory")]
    assert "ada@" not in str(logs)
    assert (states(house, ada), states(house, ben)) == (["refused", "refused"], ["posted"])
    requests = tool.requests
    do_all(house, rounds.Post)
    assert tool.requests == requests
    lend(house, authority, ada, "ada@tool")
    with house.store.writing() as tx:
        joining.resume(house, tx, ada, "memory")
    do_all(house, rounds.Post)
    assert states(house, ada) == ["posted", "posted"]


def test_R08_two_calls_that_were_refused_at_once_are_one_line(house: House, ada: Member) -> None:
    grant = granted(house, ada)
    with capture_logs() as logs:
        lending.stop(house, grant, "revoked")
        lending.stop(house, grant, "revoked")
    assert [line["event"] for line in logs] == ["account.stopped"]


def test_R08_what_is_refused_names_a_wrong_clock_among_the_reasons(
    house: House, ada: Member, authority: MemoryAuthority, time: Time
) -> None:
    authority.take_back("ada@tool")
    time.pass_by(hours=2)
    with pytest.raises(Refused, match="a wrong clock on this server"):
        lending.fresh(house, granted(house, ada))
    assert "wrong clock" in (granted(house, ada).refused or "")


def test_R08_who_connected_anew_is_not_stopped_by_the_answer_to_an_older_credential(
    house: House, ada: Member, authority: MemoryAuthority
) -> None:
    old = granted(house, ada)
    lend(house, authority, ada, "ada@tool")
    lending.stop(house, old, "revoked")
    assert granted(house, ada).refused is None


def test_R08_the_late_answer_to_an_older_credential_keeps_nothing_of_hers_from_being_posted(
    house: House, ada: Member, authority: MemoryAuthority, time: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    """She connects anew while a call is under way that the tool then refuses."""
    confirmed(house, ada)
    time.pass_by(minutes=30)
    writer = Memory.writer

    def meanwhile(memory: Memory, account: Account, credential: Credential) -> Writer:
        monkeypatch.setattr(Memory, "writer", writer)
        lend(house, authority, ada, "ada@tool")
        with house.store.writing() as tx:
            joining.resume(house, tx, ada, "memory")
        refusing = writer(memory, account, credential)
        refused = Refused("It was taken back there.", whose="account")
        monkeypatch.setattr(refusing, "post", Mock(side_effect=refused))
        return refusing

    monkeypatch.setattr(Memory, "writer", meanwhile)
    monkeypatch.setattr(lending, "FRESH", timedelta(hours=1))  # or it is renewed first
    do_all(house, rounds.Post)
    assert granted(house, ada).refused is None
    time.pass_by(minutes=2)
    do_all(house, rounds.Post)
    assert states(house, ada) == ["posted"]


def test_R08_reading_goes_on_for_who_must_connect_again(house: House, ada: Member) -> None:
    """The organisation's credential reads; what the tool refuses is hers to write with."""
    lending.stop(house, granted(house, ada), "revoked")
    with house.store.reading() as tx:
        accounts = house.accounts(tx, "memory", [member(house, "Ada")])
    assert [account.external for account in accounts] == ["ada@tool"]


def test_a_grant_that_nobody_used_for_a_month_is_used_before_it_dies_of_that(
    house: House, ada: Member, authority: MemoryAuthority, time: Time
) -> None:
    """Fact of facts/jira.md, section 2: a refresh token dies after 90 days unused."""
    for _ in range(200):
        time.pass_by(days=1)
        do_all(house, rounds.Tend)
    assert authority.stands("ada@tool")
    assert lending.fresh(house, granted(house, ada)).refused is None
    assert authority.refreshed < 2 * 8


def test_R08_after_a_hundred_days_switched_off_the_dead_grant_is_said_once(
    house: House, ada: Member, time: Time
) -> None:
    time.pass_by(days=100)
    with capture_logs() as logs:
        for _ in range(3):
            do_all(house, rounds.Tend)
            time.pass_by(days=1)
    assert [line["event"] for line in logs] == ["account.stopped"] * 2  # Ada's and Ben's
    assert granted(house, ada).refused


def test_a_tool_that_is_away_when_a_grant_is_to_be_used_stops_nobody(
    house: House, ada: Member, tool: Tool, time: Time
) -> None:
    time.pass_by(days=31)
    tool.mishaps = ["unavailable", "unavailable"]
    do_all(house, rounds.Tend)
    assert granted(house, ada).refused is None
    time.pass_by(days=1)
    do_all(house, rounds.Tend)
    assert granted(house, ada).used_at == house.clock()


def test_a_token_with_a_date_is_warned_of_thirty_days_ahead_once_and_stopped_at_its_end(
    house: House, ada: Member, tool: Tool, time: Time
) -> None:
    tool.tokens["t-1"] = "ada@tool"
    assert joining.connect(house, ada, "memory", SecretStr("t-1"), date(2027, 1, 31))
    told = []
    with capture_logs() as logs:
        for _ in range(90):
            time.pass_by(days=1)
            do_all(house, rounds.Tend)
            told += [
                (line["event"], house.clock().date()) for line in logs if line.get("contributor") == ada.id
            ]
            logs.clear()
    assert told == [("account.ending", date(2027, 1, 2)), ("account.stopped", date(2027, 2, 1))]
    assert "ended on 31 January 2027" in (granted(house, ada).refused or "")


def test_a_consent_that_lasts_a_year_is_warned_of_once_and_its_tool_has_the_last_word(
    house: House, ada: Member, authority: MemoryAuthority, time: Time
) -> None:
    """Renewed all the time and about to end all the same: she hears of it before her time is stuck."""
    now = house.clock()
    with house.store.writing() as tx:
        tx.grants.lend(
            ada.id, "memory", "ada@tool", lent(authority, "ada@tool"), now, now + timedelta(days=365)
        )
    told = []
    with capture_logs() as logs:
        for day in range(5, 400, 5):
            time.pass_by(days=5)
            do_all(house, rounds.Tend)
            told += [(line["event"], day) for line in logs if line.get("contributor") == ada.id]
            logs.clear()
    assert told == [("account.ending", 335)]
    assert granted(house, ada).refused is None, "as long as the tool takes it"
    authority.take_back("ada@tool")
    with pytest.raises(Refused):
        lending.fresh(house, granted(house, ada))


def test_the_organisations_own_token_is_warned_of_thirty_days_ahead_once(
    house: House, time: Time, configuration: Configuration
) -> None:
    house = House(
        configuration,
        house.policy,
        house.connectors,
        house.store,
        house.clock,
        ends={"memory": date(2027, 1, 31)},
    )
    told = []
    for _ in range(60):
        time.pass_by(days=1)
        with capture_logs() as logs:
            do_all(house, rounds.Tend)
        told += [(line["connection"], line["due"], house.clock().date()) for line in logs if "due" in line]
    assert told == [("memory", "2027-01-31", date(2027, 1, 1))]


@pytest.mark.parametrize("hours", [-3, 3])
def test_R08_a_clock_that_was_set_right_stops_no_account(
    house: House, ada: Member, authority: MemoryAuthority, tool: Tool, clock: Clock, time: Time, hours: int
) -> None:
    """Lent while our clock was wrong; set right, it believes in a token that has died, or in none."""
    clock.now += timedelta(hours=hours)  # ours alone
    tokens = lent(authority, "ada@tool").model_copy(update={"expires_at": house.clock() + timedelta(hours=1)})
    with house.store.writing() as tx:
        tx.grants.lend(ada.id, "memory", "ada@tool", tokens, house.clock())
    clock.now -= timedelta(hours=hours)
    time.pass_by(hours=1, minutes=30)
    first = lending.fresh(house, granted(house, ada))
    if tool.token_ends.get(first.credential.get_secret_value(), tool.now) <= tool.now:
        assert not lending.turned_down(house, first, "401"), "that was no answer to a fresh one"
        first = lending.fresh(house, granted(house, ada))
    assert tool.token_ends[first.credential.get_secret_value()] > tool.now
    assert granted(house, ada).refused is None


# --- giving back -------------------------------------------------------------------------------------------


def test_P10_leaving_gives_back_what_was_lent(house: House, ada: Member, authority: MemoryAuthority) -> None:
    joining.leave(house, ada)
    do_all(house, rounds.Revoke)
    assert (authority.stands("ada@tool"), authority.stands("ben@tool")) == (False, True)
    with house.store.reading() as tx:
        assert tx.revocations.due(house.clock()) == []


def test_P10_a_tool_that_is_away_keeps_nobody_from_leaving_and_hears_of_it_later(
    house: House, ada: Member, authority: MemoryAuthority, tool: Tool, time: Time
) -> None:
    joining.leave(house, ada)
    assert not member(house, "Ada").consent
    tool.mishaps = ["unavailable"] * 5
    tries = 0
    with capture_logs() as logs:
        while authority.stands("ada@tool"):
            do_all(house, rounds.Revoke)
            time.pass_by(minutes=40)
            tries += 1
            assert tries < 10
    assert [line["event"] for line in logs] == ["revocation.delayed"]


def test_P10_what_cannot_be_given_back_ends_by_itself_and_is_forgotten(
    house: House, ada: Member, tool: Tool, time: Time
) -> None:
    joining.leave(house, ada)
    time.pass_by(days=181)
    tool.mishaps = ["unavailable"]
    do_all(house, rounds.Revoke)
    with house.store.reading() as tx:
        assert tx.revocations.due(house.clock() + timedelta(days=400)) == []


def test_P7_an_erased_person_lends_nothing_any_more_and_no_row_says_whose_it_was(
    house: House, ada: Member, authority: MemoryAuthority
) -> None:
    list(forget.forget_person(house, "ada@northwind.example"))
    with house.store.reading() as tx:
        rows = tx.connection.exec_driver_sql("select * from revocations").all()
    assert len(rows) == 1 and ada.id not in str(rows)
    do_all(house, rounds.Revoke)
    assert not authority.stands("ada@tool")


# --- whom it is told ---------------------------------------------------------------------------------------


def test_R08_status_says_how_many_must_connect_again_and_names_nobody(
    house: House, ada: Member, time: Time
) -> None:
    assert status.look(house).sources[0].well
    lending.stop(house, granted(house, ada), "It was taken back there.")
    said = " ".join(" ".join(status.look(house).lines()).split())
    assert "1 contributor must connect their account again; their time waits." in said
    assert "ada" not in said.lower()
    assert not status.look(house).well
    time.pass_by(days=1)


def test_status_says_ahead_when_the_organisations_own_credential_ends(
    house: House, configuration: Configuration, time: Time
) -> None:
    house = replace(house, ends={"memory": date(2026, 12, 24)})
    assert status.look(house).well
    time.pass_by(days=5)
    assert "The organisation's credential ends on 2026-12-24." in "\n".join(status.look(house).lines())
    assert not status.look(house).well
