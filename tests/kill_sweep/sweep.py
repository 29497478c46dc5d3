"""Kill the loop at every call by which it changes the world, or at some of every kind.

`make sweep` does all of it. A life that came out otherwise is named by where it was killed, and repeated by
`python -m tests.kill_sweep.sweep 24:write:1`; with two places, the next process dies at the second.
"""

from __future__ import annotations

import os
import random
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

from tests.kill_sweep.calls import Call, why_not
from tests.kill_sweep.lives import harm, lived, undisturbed

TWICE = 200
"""So many lives end twice, in a whole sweep."""


def of_every_kind(calls: Iterable[Call]) -> list[Call]:
    """The first and the last of each kind, and all of a posting but those that fill the journal."""
    kinds: dict[tuple[str, str, str], list[Call]] = {}
    for call in calls:
        kinds.setdefault(call.kind, []).append(call)
    every = {
        kind: of_it if kind[0] == "Post" and kind[1] != "pwrite64" else [of_it[0], of_it[-1]]
        for kind, of_it in kinds.items()
    }
    return sorted({call for of_it in every.values() for call in of_it})


def twice(seed: int) -> tuple[Call, Call]:
    """A death while something is posted or mailed, and another one while the next process finds out."""
    chance = random.Random(seed)
    delicate = [
        one for one in undisturbed().calls if one.work in ("Post", "Digest") and one.name != "pwrite64"
    ]
    first = chance.choice(delicate)
    return first, chance.choice(lived([first], noted=True).calls)


def said(kills: Sequence[Call]) -> str:
    """One death, or several in one life; gives what is wrong then, or nothing."""
    life = lived(kills)
    found = harm(life) if len(life.deaths) == len(kills) else [*life.wrong, "it did not die as planned"]
    places = " ".join(str(one).partition(" ")[0] for one in kills)
    again = f"python -m tests.kill_sweep.sweep {places}"
    return (
        "\n  ".join([f"killed at {', '.join(map(str, kills))}", *found, f"Again: {again}"]) if found else ""
    )


def main(places: Sequence[str]) -> int:
    """Gives the exit code."""
    if reason := why_not():
        print(f"Nothing was killed: this {reason}.")
        return 2
    began = time.monotonic()
    calls = undisturbed().calls
    if places:
        broken = [*_told([said([_at(place) for place in places])])]
    else:
        with ProcessPoolExecutor(os.cpu_count(), get_context("spawn")) as pool:
            print(f"{len(calls)} calls, each a death, and {TWICE} lives with two", flush=True)
            broken = [*_told(pool.map(said, [[one] for one in calls]))]
            broken += _told(pool.map(_said_twice, range(TWICE)))
    wrong = len([one for one in broken if one])
    print(f"{len(broken)} lives, {wrong} came out otherwise, {time.monotonic() - began:.0f} s")
    return 1 if wrong else 0


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
