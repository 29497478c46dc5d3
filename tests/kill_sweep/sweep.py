"""Kill the loop at every call by which it changes the world, or at some of every kind; or one of two workers.

`make sweep` does all of it. A life that came out otherwise is named by where it was killed, and repeated by
`python -m tests.kill_sweep.sweep 24:write:1`; with two places, the next process dies at the second.
`a:20:sendto:25` is a place of the first of two workers.
"""

from __future__ import annotations

import os
import random
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack, contextmanager
from functools import cache
from multiprocessing import get_context
from multiprocessing.util import Finalize

from tests import postgres
from tests.kill_sweep.calls import Call, why_not
from tests.kill_sweep.lives import harm, lived, undisturbed
from tests.kill_sweep.pair import SEATS, Death, lived_by_two, undisturbed_by_two
from tests.postgres import Cluster

TWICE = 200
"""So many lives end twice, in a whole sweep."""


def of_every_kind(calls: Iterable[Call]) -> list[Call]:
    """The first and the last of each kind, of a posting all; of what nobody sees the first."""
    kinds: dict[tuple[str, str, str], list[Call]] = {}
    for call in calls:
        kinds.setdefault(call.kind, []).append(call)
    every = (_of_a_kind(of_it) for of_it in kinds.values())
    return sorted({call for of_it in every for call in of_it})


def _of_a_kind(calls: list[Call]) -> list[Call]:
    first, *_ = calls
    if not first.is_seen:
        return [first]
    return calls if first.work == "Post" else [first, calls[-1]]


def twice(seed: int) -> tuple[Call, Call]:
    """A death while something is posted or mailed, and another one while the next process finds out."""
    chance = random.Random(seed)
    delicate = [one for one in undisturbed().calls if one.work in ("Post", "Digest") and one.is_seen]
    first = chance.choice(delicate)
    return first, chance.choice(lived([first], noted=True).calls)


def said(kills: Sequence[Call]) -> str:
    """One death, or several in one life; gives what is wrong then, or nothing."""
    life = lived(kills)
    died = len(life.deaths) == len(kills)
    return _named(kills, harm(life, undisturbed()) if died else [*life.wrong, "it did not die as planned"])


def said_by_two(server: Cluster, death: Death) -> str:
    """One death of two workers; gives what is wrong then, or nothing."""
    return _named([death], harm(lived_by_two(server, death), undisturbed_by_two(server, death.seat)))


def deaths_of_two(server: Cluster) -> list[Death]:
    """Of each of both, some of every kind."""
    calls = {seat: undisturbed_by_two(server, seat).calls for seat in SEATS}
    return [Death(seat, call) for seat in SEATS for call in of_every_kind(calls[seat])]


def _named(kills: Sequence[Call | Death], found: Sequence[str]) -> str:
    places = " ".join(str(one).partition(" ")[0] for one in kills)
    again = f"Again: python -m tests.kill_sweep.sweep {places}"
    return "\n  ".join([f"killed at {', '.join(map(str, kills))}", *found, again]) if found else ""


def main(places: Sequence[str]) -> int:
    """Gives the exit code."""
    if reason := why_not():
        print(f"Nothing was killed: this {reason}.")
        return 2
    began = time.monotonic()
    if places and places[0][0] in "ab":
        broken = [*_told([_said_by_two(Death("ab".index(place[0]), _at(place[2:]))) for place in places])]
    elif places:
        broken = [*_told([said([_at(place) for place in places])])]
    else:
        with ProcessPoolExecutor(os.cpu_count(), get_context("spawn")) as pool:
            calls = undisturbed().calls
            print(f"{len(calls)} calls, each a death, and {TWICE} lives with two", flush=True)
            broken = [*_told(pool.map(said, [[one] for one in calls]))]
            broken += _told(pool.map(_said_twice, range(TWICE)))
            if postgres.programs() is None:
                print("No PostgreSQL here, so no two workers of which one dies.")
            else:
                deaths = deaths_of_two(_server())
                print(f"{len(deaths)} deaths of one of two workers", flush=True)
                broken += _told(pool.map(_said_by_two, deaths))
    wrong = len([one for one in broken if one])
    print(f"{len(broken)} lives, {wrong} came out otherwise, {time.monotonic() - began:.0f} s")
    return 1 if wrong else 0


@cache
def _server() -> Cluster:
    """One for each process of the sweep."""
    stack = ExitStack()
    Finalize(None, stack.close, exitpriority=1)
    return stack.enter_context(contextmanager(postgres.running)())


def _said_by_two(death: Death) -> str:
    return said_by_two(_server(), death)


def _said_twice(seed: int) -> str:
    return said(twice(seed))


def _at(place: str) -> Call:
    line, name, number = place.split(":")
    return Call(int(line), name, int(number), "", "")


def _told(lives: Iterable[str]) -> Iterator[str]:
    for number, one in enumerate(lives, 1):
        if one or number % 100 == 0:
            print(one or number, flush=True)
        yield one


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
