"""One seed from its first morning until nothing is left to do; from the command line, one or a great many.

.venv/bin/python -m tests.simulation.run 17 --trace     what happened in world 17, line by line
.venv/bin/python -m tests.simulation.run 0-1000000      all of these, on every core
"""

from __future__ import annotations

import argparse
import gc
import logging
import multiprocessing
import os
import sys
import time
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any, NamedTuple

import structlog

from core import rounds
from core.rounds import Forget, Post, Pull, Reconcile, Work
from daybook import jobs, state
from daybook.jobs import Moved
from daybook.store.errors import StoreRefused
from daybook.store.rests import until
from tests.simulation import elsewhere, people
from tests.simulation.chance import drawn_from
from tests.simulation.faults import CALM, Crash
from tests.simulation.ground import BERLIN, ground
from tests.simulation.invariants import Broken
from tests.simulation.world import LEAPS, World

STEPS = (6, 13)
"""So many a world lives through, before its faults stop."""
ALL_OF_IT = 12
"""In every so manieth world the sources and the days must drain too, and not only the outbox."""
NIGHT = datetime(2026, 11, 21, 0, 30, tzinfo=BERLIN)
"""The days are over: sources are read once more, and then rest."""
AGAIN = 4
"""So much of it is then done again."""
BOUND = 40
"""Rounds of an hour in which all of it must have drained (I3)."""
STALE = "SELECT contributor, day FROM days WHERE version > reconciled ORDER BY 1, 2"
AT_ONCE = 200
"""Seeds that one process takes at a time."""


class Told(NamedTuple):
    """What became of one seed."""

    seed: int
    steps: int
    mark: str
    broken: str = ""
    story: tuple[str, ...] = ()


def tell(seed: int) -> Told:
    """Live through one world."""
    with drawn_from(seed):
        world = World(seed, ground())
        world.meanwhile = _meanwhile
        structlog.configure(processors=[_ear(world)], wrapper_class=structlog.BoundLogger)
        broken = ""
        try:
            for _ in range(world.chance.randint(*STEPS)):
                _step(world)
            _drain(world)
        except Broken as error:
            broken = str(error)
        finally:
            world.close()
    return Told(seed, world.steps, world.mark(), broken, tuple(world.story))


def _ear(world: World) -> Any:
    def hear(_logger: Any, _method: str, event: Any) -> Any:
        world.witness.heard(str(event))
        raise structlog.DropEvent

    return hear


# --- steps -------------------------------------------------------------------------------------------------


def _step(world: World) -> None:
    """One thing happens; a program that died of it begins anew on what it left."""
    world.steps += 1
    try:
        _one_of_all(world)
    except Crash:
        if world.depth:
            raise
        world.close()
        world.tell("begins anew")
        world.open()


def _meanwhile(world: World) -> None:
    """What others do while a worker stands still: a little of anything, or hours of posting."""
    chance = world.chance
    if chance.happens(0.1):
        world.tell("another daemon takes over")
        world.taken_over()
    if world.is_in_flight:
        _in(world, lambda: people.act(world))
    elif chance.happens(0.5):
        for _ in range(6):
            world.wait(timedelta(seconds=chance.choice((130, 600))))
            _work(world)
    else:
        for _ in range(chance.randint(1, 4)):
            _step(world)


def _one_of_all(world: World) -> None:
    chance = world.chance
    if world.leaps and chance.happens(0.5 if world.eyes.execute(people.UNDER_WAY).fetchone() else 0.1):
        _leaps(world)
        return
    kind = chance.random()
    if kind < 0.45:
        _work(world)
    elif kind < 0.70:
        _in(world, lambda: people.act(world))
    elif kind < 0.84:
        _in(world, lambda: elsewhere.happens(world))
    else:
        world.wait(timedelta(seconds=chance.choice((10, 100, 130, 600, 900, 1000, 4000))))


def _leaps(world: World) -> None:
    """Our clock is set, or sets itself, and a worker looks at once what has come due by it."""
    world.leap(timedelta(hours=world.chance.choice(LEAPS)))
    world.plan = []
    _work(world)


def _work(world: World) -> None:
    """A worker takes some of what is due, in any order, and now and then what was done already."""
    if not world.plan:
        world.plan = _found(world)
    if world.plan:
        work = world.plan.pop(world.chance.randrange(len(world.plan)))
        if world.chance.happens(0.05):
            world.plan.append(work)
        _perform(world, work)


def _found(world: World) -> list[Work]:
    """What a worker finds to do: it looks where something is, or waits until something will be.

    A look that finds nothing shows nothing, and takes as long as many another step.
    """
    if world.chance.happens(0.03):
        found = _due(world, everything=True)
        return world.chance.sample(found, min(len(found), 3))
    eyes, places = world.eyes, list[list[Work]]()
    if world.news:
        places.append([Pull(connection="memory", partition="memory")])
    if stale := eyes.execute(STALE).fetchall():
        who, _ = world.chance.choice(stale)
        days = tuple(date.fromisoformat(day) for whose, day in stale if whose == who)
        places.append([Reconcile(contributor=who, days=days)])
    (next_due,) = eyes.execute("SELECT min(due_at) FROM postings").fetchone()
    waits = next_due and (not places or world.chance.happens(0.8))
    if waits and world.wait_until(datetime.fromisoformat(next_due).replace(tzinfo=UTC)):
        return _due(world, everything=False)
    return world.chance.choice(places) if places else []


def _due(world: World, *, everything: bool) -> list[Work]:
    """What the dispatcher finds to do; a look at the outbox alone takes a tenth of the time."""
    now = world.house.clock()
    if everything:
        seen = state.snapshot(world.house, now)
    else:
        with world.house.store.reading() as tx:
            resting = until(tx.rests.at(now), reading=False)
            seen = rounds.State(
                last_forgotten=now,
                last_tended=now,
                postings=tuple(tx.postings.waiting(now, resting)),
                too_soon=world.house.waits_for_clock,
            )
    return [work for work in rounds.due(seen, now) if not isinstance(work, Forget)]


def _perform(world: World, work: Work) -> None:
    world.tell(f"{type(work).__name__} {' '.join(str(value) for _, value in work)}")
    house, before, world.began = world.house, world.began, world.now
    try:
        _in(world, lambda: jobs.perform(house, work))
    finally:
        world.began = before
    if isinstance(work, Pull):
        world.news = False


def _in(world: World, deed: Any) -> None:
    """Do it; whoever was replaced while they stood still may write nothing more, and says so."""
    house = world.house
    try:
        deed()
    except Moved:
        world.tell("  moved meanwhile")
    except StoreRefused:
        if house is world.house:
            raise
        world.tell("  is no longer the daemon, and stops")
    except (Broken, Crash):
        raise
    except Exception as error:
        world.tell(f"  broke: {type(error).__name__}: {error}")
        raise Broken(f"P10: {type(error).__name__} in the middle of it: {error}") from error


# --- the end -----------------------------------------------------------------------------------------------


def _drain(world: World) -> None:
    """The faults stop, everybody repairs what is theirs, and all of it must come to its end."""
    world.tell("--- the faults stop")
    world.weather = CALM
    world.tool.tasks = None
    if world.ahead:
        world.leap(timedelta(0))
    everything = world.seed % ALL_OF_IT == 0
    world.wait(NIGHT - world.now if world.now < NIGHT else timedelta(hours=1))
    for number in count():
        for one in world.people:
            people.repairs(world, one)
        left = people.waiting(world)
        due = _due(world, everything=everything) if everything or left else []
        if not due and not left:
            break
        if number > BOUND:
            raise Broken(f"I3: after {number} hours of calm this still waits: {left or due}")
        for work in due:
            _perform(world, work)
        world.wait(timedelta(hours=1))
    world.witness.drained()
    if everything:
        _again(world)


def _again(world: World) -> None:
    """Look at all of it once more: nothing changes, and nothing is sent (I7)."""
    before, written = world.witness.rows(), world.tool.written
    with world.house.store.reading() as tx:
        places = list(state.partitions(world.house, tx))
    again: list[Work] = [Pull(connection=name, partition=key, whole=True) for name, key in places]
    eyes = world.eyes
    again += [
        Reconcile(contributor=who, days=(date.fromisoformat(day),))
        for who, day in eyes.execute(
            "SELECT contributor, day FROM days WHERE day < '2026-11-21' ORDER BY 1, 2"
        )
    ]
    again += [Post(posting=one, lane="") for (one,) in eyes.execute("SELECT id FROM postings ORDER BY 1")]
    for work in world.chance.sample(again, min(len(again), AGAIN)):
        _perform(world, work)
        now = world.witness.rows(), world.tool.written
        if now != (before, written):
            raise Broken(f"I7: {type(work).__name__} again, and something changed")


# --- many --------------------------------------------------------------------------------------------------


def tell_all(seeds: Iterable[int]) -> Told | None:
    """The first of these in which an invariant broke; None where all of them hold."""
    gc.disable()  # a world is small and leaves nothing; collecting takes a tenth of the time
    gc.freeze()  # and nothing of what is loaded already is garbage
    try:
        for number, seed in enumerate(seeds):
            told = tell(seed)
            if told.broken:
                return told
            if number % 50 == 49:
                gc.collect()
    finally:
        gc.unfreeze()
        gc.enable()
    return None


def shown(told: Told) -> str:
    """How it went wrong, and the one command that shows it again."""
    again = f".venv/bin/python -m tests.simulation.run {told.seed} --trace"
    return f"seed {told.seed}: {told.broken}\nrepeat it: {again}"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.simulation.run")
    parser.add_argument("seeds", help="one seed, or a range like 0-5000")
    parser.add_argument("--trace", action="store_true", help="print what happened")
    asked = parser.parse_args()
    first, dash, last = asked.seeds.partition("-")
    if dash:
        return _soak(int(first), int(last))
    told = tell(int(first))
    print(*(told.story if asked.trace else ()), sep="\n")
    print(f"seed {told.seed}, {told.steps} steps, trace {told.mark}: {told.broken or 'all invariants hold'}")
    return 1 if told.broken else 0


def _soak(first: int, last: int) -> int:
    began, done = time.monotonic(), 0
    ranges = [range(start, min(start + AT_ONCE, last)) for start in range(first, last, AT_ONCE)]
    with multiprocessing.Pool(os.cpu_count()) as pool:
        for told in pool.imap_unordered(tell_all, ranges):
            if told is not None:
                print(*told.story, sep="\n")
                print(shown(told))
                return 1
            done = min(done + AT_ONCE, last - first)
            spent = time.monotonic() - began
            print(f"\r{done} of {last - first} seeds, {done / spent:.0f} a second", end="", flush=True)
    print(": all invariants hold")
    return 0


if __name__ == "__main__":
    logging.disable()
    sys.exit(main())
