"""What the store says is due: nothing that rests, nothing that is done, nothing of who may not be read."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Literal

import pytest

from connectors.contract import Sighting
from core import rounds
from core.model import Activity
from daybook import deeds, joining, state
from daybook.house import House, Member
from daybook.mail import letters
from tests.daybook.conftest import TODAY, YESTERDAY, Clock, draft, drafted


def due(house: House, *kinds: type) -> list[rounds.Work]:
    now = house.clock()
    return [work for work in rounds.due(state.snapshot(house, now), now) if isinstance(work, kinds)]


def turned_down(house: House, who: Member, kind: str, not_before: timedelta | None) -> None:
    """A mail of today that its server did not take: for so long, or for good."""
    now = house.clock()
    with house.store.writing() as tx:
        assert tx.mails.claim(who.id, TODAY, kind, "<m@northwind.example>", now)
        tx.mails.failed(who.id, TODAY, kind, "not now", None if not_before is None else now + not_before)


@pytest.fixture
def uninvited(house: House, ada: Member) -> Member:
    """Ada was told of another policy version only, and agreed to that one."""
    with house.store.writing() as tx:
        tx.people.invited(ada.id, "an earlier one", house.clock())
        tx.people.acknowledge(ada.id, "an earlier one", house.clock())
    return ada


@pytest.fixture
def waiting(house: House, ada: Member) -> Member:
    """Ada has a draft before her, and her sources were seen."""
    drafted(house, ada, draft("d"))
    with house.store.writing() as tx:
        assert tx.partitions.claim("memory", "memory", "run", house.clock(), timedelta(minutes=1))
        everybody = [one.id for one in tx.people.all()]
        tx.partitions.finish("memory", "memory", "run", "c", everybody, house.clock(), whole=True)
        for day in [one.day for one in state.snapshot(house, house.clock()).stale]:
            tx.days.reconciled(ada.id, day, "{}", house.mappings_hash, 0, house.clock())
    return ada


def test_an_invitation_that_waits_is_due_when_its_time_has_come(house, uninvited, clock: Clock):
    assert due(house, rounds.Invite) == [rounds.Invite(contributor=uninvited.id)]
    turned_down(house, uninvited, "invitation", timedelta(minutes=5))
    assert due(house, rounds.Invite) == []
    clock.wait(minutes=5)
    assert due(house, rounds.Invite) == [rounds.Invite(contributor=uninvited.id)]


def test_E08_an_invitation_given_up_is_not_due_for_a_week(house, uninvited, clock: Clock):
    turned_down(house, uninvited, "invitation", None)
    clock.wait(days=6)
    assert due(house, rounds.Invite) == []
    clock.wait(days=1)
    assert due(house, rounds.Invite) == [rounds.Invite(contributor=uninvited.id)]


def test_a_digest_that_waits_is_due_when_its_time_has_come(house, waiting, clock: Clock):
    digest = rounds.Digest(contributor=waiting.id, day=TODAY)
    assert due(house, rounds.Digest) == [digest]
    turned_down(house, waiting, "digest", timedelta(minutes=5))
    assert due(house, rounds.Digest) == []
    clock.wait(minutes=5)
    assert due(house, rounds.Digest) == [digest]


def test_E08_a_digest_given_up_is_not_due_that_day(house, waiting, clock: Clock):
    turned_down(house, waiting, "digest", None)
    clock.wait(hours=8)
    assert due(house, rounds.Digest) == []


def test_E05_a_digest_on_its_way_is_not_due_until_its_sender_must_be_lost(house, waiting, clock: Clock):
    with house.store.writing() as tx:
        assert tx.mails.claim(waiting.id, TODAY, "digest", "<m@northwind.example>", house.clock())
    assert due(house, rounds.Digest) == []
    clock.wait(minutes=15)
    assert due(house, rounds.Digest) == [rounds.Digest(contributor=waiting.id, day=TODAY)]


def away(house: House, who: Member, kind: Literal["away"], hours: tuple[int, int], day: date = TODAY) -> None:
    """Their calendar says that they are gone for these hours."""
    begin = datetime.combine(day, time(), who.zone)
    gone = Activity(
        source="memory", uid="away", kind=kind, title="Holiday",
        start=begin + timedelta(hours=hours[0]), end=begin + timedelta(hours=hours[1]),
    )  # fmt: skip
    with house.store.writing() as tx:
        sighting = Sighting(origin="o", activities=((who.id, gone),))
        tx.evidence.apply("memory", [sighting], {who.id: who.zone}, house.clock())


def test_E07_nobody_is_mailed_on_a_day_of_leave_and_half_a_day_is_none(house: House, waiting: Member) -> None:
    away(house, waiting, "away", (12, 18))
    assert due(house, rounds.Digest)
    away(house, waiting, "away", (0, 24))
    assert not due(house, rounds.Digest)


def test_E07_who_slept_all_day_sends_no_digest_in_the_evening(
    house: House, waiting: Member, clock: Clock
) -> None:
    assert due(house, rounds.Digest)
    clock.now = clock.now.replace(hour=19, minute=59)
    assert due(house, rounds.Digest)
    clock.wait(minutes=1)
    assert not due(house, rounds.Digest)


def test_who_wants_it_once_a_week_gets_it_on_its_first_working_day(
    house: House, waiting: Member, clock: Clock
) -> None:
    joining.paced(house, waiting, weekly=True)
    monday = TODAY - timedelta(days=TODAY.weekday())
    with house.store.writing() as tx:
        tx.mails.claim(waiting.id, monday, "digest", "<m@northwind.example>", clock())
        tx.mails.sent(waiting.id, monday, "digest", clock())
    assert not due(house, rounds.Digest)
    joining.paced(house, waiting, weekly=False)
    assert due(house, rounds.Digest)


def test_who_wants_none_for_a_while_gets_none(house: House, waiting: Member, clock: Clock) -> None:
    joining.paced(house, waiting, weekly=False, after=TODAY + timedelta(days=3))
    assert not due(house, rounds.Digest)
    letters.send_digest(house, waiting.id, TODAY)
    with house.store.reading() as tx:
        assert tx.mails.last(waiting.id, "digest") is None


# --- the reminder ------------------------------------------------------------------------------------------


@pytest.fixture
def mailed(house: House, waiting: Member) -> Member:
    """Ada got the day's mail at 08:30 and said nothing."""
    sent(house, waiting, TODAY, "digest")
    return waiting


def sent(house: House, who: Member, day: date, kind: str) -> None:
    with house.store.writing() as tx:
        assert tx.mails.claim(who.id, day, kind, f"<{kind}.{day}@northwind.example>", house.clock())
        tx.mails.sent(who.id, day, kind, house.clock())


def at(clock: Clock, hour: int, minute: int = 0) -> None:
    clock.now = clock.now.replace(hour=hour, minute=minute)


def test_E07_who_said_nothing_is_reminded_once_before_their_working_day_ends(
    house: House, mailed: Member, clock: Clock
) -> None:
    at(clock, 15, 59)
    assert not due(house, rounds.Remind)
    at(clock, 16)
    assert due(house, rounds.Remind) == [rounds.Remind(contributor=mailed.id, day=TODAY)]
    assert not due(house, rounds.Digest)
    sent(house, mailed, TODAY, "reminder")
    assert not due(house, rounds.Remind)


def test_E07_nobody_is_reminded_after_their_working_day(house: House, mailed: Member, clock: Clock) -> None:
    at(clock, 17)
    assert not due(house, rounds.Remind)


def test_E07_who_got_no_digest_that_day_is_not_reminded(house: House, waiting: Member, clock: Clock) -> None:
    at(clock, 16)
    assert due(house, rounds.Digest) and not due(house, rounds.Remind)


def test_E07_a_day_that_was_reminded_of_is_not_reminded_of_again(
    house: House, mailed: Member, clock: Clock
) -> None:
    sent(house, mailed, TODAY, "reminder")
    clock.wait(days=3)
    sent(house, mailed, TODAY + timedelta(days=3), "digest")
    at(clock, 16)
    assert not due(house, rounds.Remind)


@pytest.mark.parametrize("word", ["a draft edited", "nothing to add"])
def test_E07_who_gave_a_word_since_the_digest_is_not_reminded(
    house: House, mailed: Member, clock: Clock, word: str
) -> None:
    at(clock, 11)
    with house.store.writing() as tx:
        if word == "nothing to add":
            tx.days.answered(mailed.id, YESTERDAY, clock())
        else:
            tx.days.spoke(mailed.id, YESTERDAY, clock(), None, on_page=True)
    at(clock, 16)
    assert not due(house, rounds.Remind)


@pytest.mark.parametrize(
    "why", ["switched off", "off for all", "unsubscribed", "snoozed", "on leave", "weekly", "nothing waits"]
)
def test_E07_a_reminder_is_not_due_where_it_may_not_be(
    house: House, mailed: Member, clock: Clock, why: str
) -> None:
    at(clock, 16)
    assert due(house, rounds.Remind)
    match why:
        case "switched off":
            joining.reminded(house, mailed, on=False)
        case "off for all":
            mail = house.configuration.mail.model_copy(update={"reminder": "off"})  # type: ignore[union-attr]
            house = replace(house, configuration=house.configuration.model_copy(update={"mail": mail}))
        case "unsubscribed":
            joining.digest(house, mailed, on=False)
        case "snoozed":
            joining.paced(house, mailed, weekly=False, after=TODAY + timedelta(days=3))
        case "on leave":
            away(house, mailed, "away", (12, 18))
        case "weekly":
            joining.paced(house, mailed, weekly=True)
        case "nothing waits":
            deeds.dismiss(house, mailed, "d")
    assert not due(house, rounds.Remind)


def test_who_is_mailed_weekly_is_reminded_where_a_day_is_about_to_close(
    house: House, mailed: Member, clock: Clock
) -> None:
    joining.paced(house, mailed, weekly=True)
    closing = house.configuration.closing.model_copy(update={"through": None, "weeks": 0})
    house = replace(house, configuration=house.configuration.model_copy(update={"closing": closing}))
    at(clock, 16)
    assert not due(house, rounds.Remind)
    last_week = draft("w", day=TODAY - timedelta(days=8))
    drafted(house, mailed, last_week)
    closing = closing.model_copy(update={"weeks": 5})
    house = replace(house, configuration=house.configuration.model_copy(update={"closing": closing}))
    assert due(house, rounds.Remind)


# --- the look back -----------------------------------------------------------------------------------------

MONDAY = TODAY + timedelta(days=3)


@pytest.fixture
def worked(house: House, waiting: Member, clock: Clock) -> Member:
    """Ada confirmed something of the week, nothing of it waits, and it is the Monday after it."""
    assert deeds.confirm(house, waiting, YESTERDAY, {"d": 1}).done
    look_at_monday(house, waiting, clock)
    return waiting


def look_at_monday(house: House, who: Member, clock: Clock, days: int = 3) -> None:
    clock.wait(days=days)
    with house.store.writing() as tx:
        assert tx.partitions.claim("memory", "memory", f"run {clock()}", clock(), timedelta(minutes=1))
        everybody = [one.id for one in tx.people.all()]
        tx.partitions.finish("memory", "memory", f"run {clock()}", "c", everybody, clock(), whole=True)


def test_a_look_back_is_due_once_on_the_first_working_morning_of_the_week(
    house: House, worked: Member, clock: Clock
) -> None:
    at(clock, 8, 29)
    assert not due(house, rounds.LookBack)
    at(clock, 8, 30)
    assert due(house, rounds.LookBack) == [rounds.LookBack(contributor=worked.id, day=MONDAY)]
    sent(house, worked, MONDAY, "lookback")
    assert not due(house, rounds.LookBack)
    look_at_monday(house, worked, clock, 1)
    assert not due(house, rounds.LookBack)


def test_a_look_back_waits_a_day_while_something_of_the_week_waits(
    house: House, worked: Member, clock: Clock
) -> None:
    drafted(house, worked, draft("open", day=YESTERDAY))
    assert not due(house, rounds.LookBack)
    look_at_monday(house, worked, clock, 1)
    assert due(house, rounds.LookBack)


@pytest.mark.parametrize(
    "why", ["on leave", "nothing confirmed", "switched off", "off for all", "unsubscribed", "snoozed"]
)
def test_a_look_back_is_not_due_where_it_may_not_be(
    house: House, worked: Member, clock: Clock, why: str
) -> None:
    assert due(house, rounds.LookBack)
    match why:
        case "on leave":
            away(house, worked, "away", (0, 24), MONDAY)
        case "nothing confirmed":
            assert deeds.undo(house, worked, "d").done
            deeds.dismiss(house, worked, "d")
        case "switched off":
            joining.looks_back(house, worked, on=False)
        case "off for all":
            mail = house.configuration.mail.model_copy(update={"look_back": False})  # type: ignore[union-attr]
            house = replace(house, configuration=house.configuration.model_copy(update={"mail": mail}))
        case "unsubscribed":
            joining.digest(house, worked, on=False)
        case "snoozed":
            joining.paced(house, worked, weekly=False, after=MONDAY + timedelta(days=3))
    assert not due(house, rounds.LookBack)
