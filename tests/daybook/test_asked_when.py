"""Whose tools are asked, by hours, leave and the end of a day, as the store has them."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from config.schema import Configuration
from connectors.contract import Sighting
from core import rounds
from core.model import Activity
from daybook import state
from daybook.house import House, Member
from tests.daybook.conftest import BERLIN, CAST, Clock, draft, drafted

PULL = rounds.Pull(connection="memory", partition="memory")


@pytest.fixture
def configuration(configuration: Configuration) -> Configuration:
    """Everybody has an account, so there is somebody to ask about."""
    known = [
        one.model_copy(update={"accounts": {"memory": f"{name.lower()}@tool"}})
        for name, one in zip(CAST, configuration.people, strict=True)
    ]
    return configuration.model_copy(update={"people": tuple(known)})


def due(house: House, *kinds: type) -> list[rounds.Work]:
    now = house.clock()
    return [work for work in rounds.due(state.snapshot(house, now), now) if isinstance(work, kinds)]


def all_reconciled(house: House, who: Member) -> None:
    now = house.clock()
    with house.store.writing() as tx:
        for one in state.snapshot(house, now).stale:
            if one.contributor == who.id:
                tx.days.reconciled(who.id, one.day, "{}", house.mappings_hash, 0, now)


def seen(house: House, who: list[Member]) -> None:
    """The tool was just seen whole, for these people."""
    now = house.clock()
    with house.store.writing() as tx:
        assert tx.partitions.claim("memory", "memory", "run", now, timedelta(minutes=1))
        tx.partitions.finish("memory", "memory", "run", "c", [one.id for one in who], now, whole=True)


@pytest.fixture
def waiting(house: House, alone: Member, clock: Clock) -> Member:
    """Three days later, with a draft before her."""
    drafted(house, alone, draft("d"))
    clock.wait(days=3)
    all_reconciled(house, alone)
    return alone


@pytest.fixture
def alone(house: House, ada: Member, ben: Member, mara: Member, otto: Member) -> Member:
    """Only Ada takes part."""
    with house.store.writing() as tx:
        for other in (ben, mara, otto):
            tx.people.leave(other.id, house.clock())
    seen(house, [ada])
    return ada


def test_P5_nobody_is_asked_about_outside_working_hours(house, alone, clock: Clock):
    """It is 08:30 on a Friday; her hours are 09:00 to 17:00."""
    clock.wait(minutes=29)
    assert due(house, rounds.Pull) == []
    clock.wait(minutes=1)
    assert due(house, rounds.Pull) == [PULL]
    clock.wait(hours=9)
    assert due(house, rounds.Pull) == []
    clock.wait(hours=6)
    assert due(house, rounds.Pull) == [PULL]
    seen(house, [alone])
    clock.wait(days=1, hours=23)
    assert due(house, rounds.Pull) == [], "nothing happens on Saturday and Sunday"
    clock.wait(hours=1)
    assert due(house, rounds.Pull), "Monday begins"


@pytest.mark.parametrize("kind", ["away", "meeting"])
def test_P5_nobody_is_asked_about_on_leave(house, alone, clock: Clock, kind: str):
    midnight = datetime(2026, 11, 20, tzinfo=BERLIN)
    leave = Activity(
        source="memory",
        uid="leave",
        kind=kind,
        start=midnight,
        end=midnight + timedelta(days=1),
        all_day=True,
        title="Urlaub",
    )
    sighting = Sighting(origin="leave", activities=((alone.id, leave),))
    with house.store.writing() as tx:
        tx.evidence.apply("memory", [sighting], {alone.id: BERLIN}, clock())
    clock.wait(hours=2)
    assert due(house, rounds.Pull) == []
    with house.store.writing() as tx:
        tx.evidence.apply("memory", [Sighting(origin="leave")], {alone.id: BERLIN}, clock())
    assert due(house, rounds.Pull) == [PULL]


def test_a_digest_waits_until_her_last_day_was_seen_whole(house, waiting):
    """The machine slept through the night: what she did on Friday evening is not in the store yet."""
    assert due(house, rounds.Digest) == []
    seen(house, [waiting])
    assert [work.contributor for work in due(house, rounds.Digest)] == [waiting.id]


def test_a_digest_does_not_wait_for_a_source_that_is_away(house, waiting, clock: Clock):
    with house.store.writing() as tx:
        assert tx.partitions.claim("memory", "memory", "run", clock(), timedelta(minutes=1))
        tx.partitions.failed("memory", "memory", "run", "away", clock() + timedelta(hours=1), clock())
    assert [work.contributor for work in due(house, rounds.Digest)] == [waiting.id]
