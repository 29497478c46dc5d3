"""Of two workers on a PostgreSQL one dies at any moment, and the other comes to the same end (R-11, P8, P10).

Each is on a machine whose own clock is wrong (R-13), and what the dead one was at is free within a minute.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from daybook.store.workers import Workers
from tests.kill_sweep import plants
from tests.kill_sweep.calls import Call, why_not
from tests.kill_sweep.lives import harm, undisturbed
from tests.kill_sweep.loop import Plant
from tests.kill_sweep.pair import SEATS, Death, lived_by_two, undisturbed_by_two
from tests.kill_sweep.sweep import deaths_of_two, said_by_two
from tests.postgres import Cluster

SEED, DELICATE, OTHER = 6, 6, 4


@pytest.fixture(autouse=True)
def _can_be_killed() -> None:
    if reason := why_not():
        pytest.skip(reason)


def test_two_who_take_turns_come_to_the_end_of_one_that_is_alone(cluster: Cluster) -> None:
    """And each of them does of everything."""
    both = [undisturbed_by_two(cluster, seat) for seat in SEATS]
    alone = undisturbed().there
    for life in both:
        assert not life.there - alone
        assert [said for said in alone - life.there if not said.startswith("the database:")] == []
    works = [{call.work for call in life.calls if call.on == "sql COMMIT"} for life in both]
    for kind in ("Pull jira", "Pull asana", "Reconcile", "Post"):
        assert all(kind in said for said in works)
    assert {"Invite", "Digest", "Forget"} <= set.union(*works)


def test_R11_P8_P10_whichever_of_two_is_killed_the_other_comes_to_the_same_end(cluster: Cluster) -> None:
    """Some of the places at which anybody sees a difference, most of them while something goes out."""
    chance, places = random.Random(SEED), [one for one in deaths_of_two(cluster) if one.call.is_seen]
    going_out = [one for one in places if one.call.work in ("Post", "Digest")]
    others = [one for one in places if one not in going_out]
    kills = chance.sample(going_out, DELICATE) + chance.sample(others, OTHER)
    assert not [wrong for kill in kills if (wrong := said_by_two(cluster, kill))]


def never_missing(patch: pytest.MonkeyPatch) -> None:
    """Whoever is dead counts as alive for ever."""
    patch.setattr(Workers, "give_up", lambda *_: [])


@dataclass
class Planted:
    """A mistake, after which send to die for it, and what is said then."""

    plant: Plant
    work: str
    on: str
    harm: str


PLANTED = (
    Planted(plants.posting_without_looking, "Post", "{", "too much: 1 x WEB-2"),
    Planted(plants.leaving_mails_to_the_dead, "Digest", "rcpt", "lost: 1 x mail to"),
    Planted(never_missing, "Digest", "rcpt", "the other one ended with 1"),
)


@pytest.mark.parametrize("planted", PLANTED, ids=lambda planted: planted.plant.__name__)
def test_a_mistake_that_only_the_death_of_one_shows_is_found(cluster: Cluster, planted: Planted) -> None:
    """At one of the places at least: who does what when is not the same in each of their lives."""
    assert any(_found(cluster, planted, death) for death in _after(cluster, planted.work, planted.on))


def _found(server: Cluster, planted: Planted, death: Death) -> bool:
    wrong = harm(lived_by_two(server, death, planted.plant), undisturbed_by_two(server, death.seat))
    return any(planted.harm in one for one in wrong)


def _after(server: Cluster, work: str, on: str) -> Iterator[Death]:
    """At the call after each such one, of whoever makes it."""
    for seat in SEATS:
        calls: tuple[Call, ...] = undisturbed_by_two(server, seat).calls
        for number, call in enumerate(calls):
            if (call.work, call.on) == (work, on):
                yield Death(seat, calls[number + 1])
