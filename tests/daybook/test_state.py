"""What the store says is due: nothing that rests, nothing that is done, nothing of who may not be read."""

from __future__ import annotations

from datetime import timedelta

import pytest

from core import rounds
from daybook import state
from daybook.house import House, Member
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
