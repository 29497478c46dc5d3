"""What the store says is due: nothing that rests, nothing that is done, nothing of who may not be read."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Literal

import pytest

from connectors.contract import Sighting
from core import rounds
from core.model import Activity
from daybook import joining, state
from daybook.house import House, Member
from daybook.mail import letters
from tests.daybook.conftest import TODAY, Clock, draft, drafted


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


def away(house: House, who: Member, kind: Literal["away"], hours: tuple[int, int]) -> None:
    """Their calendar says that they are gone for these hours of today."""
    begin = datetime.combine(TODAY, time(), who.zone)
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
