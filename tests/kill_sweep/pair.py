"""The same loop by two workers on one PostgreSQL, of which one dies: the other one goes on alone (R-11)."""

from __future__ import annotations

import tempfile
from collections import Counter
from contextlib import ExitStack
from functools import cache
from pathlib import Path
from typing import NamedTuple

from tests.kill_sweep import calls
from tests.kill_sweep.calls import Call
from tests.kill_sweep.clock import Clock
from tests.kill_sweep.lives import FAST, KILLED, Life, Process, stored
from tests.kill_sweep.loop import Plant
from tests.kill_sweep.outside import Outside
from tests.kill_sweep.turns import Turns
from tests.postgres import Cluster

SEATS = (0, 1)


class Death(NamedTuple):
    """Who dies, and where."""

    seat: int
    call: Call

    def __str__(self) -> str:
        return f"{'ab'[self.seat]}:{self.call}"


def lived_by_two(
    server: Cluster, death: Death | None = None, plant: Plant | None = None, *, noted: int | None = None
) -> Life:
    """Live one: both take turns until one dies, then the other goes on.

    Takes    noted: the calls of which of the two are
    """
    with ExitStack() as stack:
        home = tempfile.TemporaryDirectory(prefix="daybook-", dir=FAST if FAST.is_dir() else None)
        folder = Path(stack.enter_context(home))
        outside = Outside(Clock(folder / "clock"))
        stack.enter_context(outside.running())
        url = server.fresh()
        stack.callback(server.drop, url)
        file = outside.configuration(folder, url)
        seat = death.seat if death else noted or 0
        kill = death.call if death else None
        other = Process(folder, plant, seat=1 - seat)
        one = Process(folder, plant, kill, watch=noted is not None, seat=seat)
        deaths, wrong = [], []
        if (code := one.ends()) != (KILLED if death else 0):
            wrong.append(f"ended with {code}, and not {f'at {death}' if death else 'well'}")
        if death:
            outside.settles()
            deaths.append(outside.stands())
        Turns(folder / "turns", seat).leave()
        if code := other.ends():
            wrong.append(f"the other one ended with {code}")
        there = outside.stands() + stored(file, folder) if not wrong else Counter[str]()
        found = calls.read(folder / "strace", folder / "diary", folder / "home") if noted is not None else ()
        return Life(there, tuple(wrong), tuple(deaths), tuple(found))


@cache
def undisturbed_by_two(server: Cluster, seat: int) -> Life:
    """The life of two whom nobody kills, with the calls of one of them."""
    life = lived_by_two(server, noted=seat)
    assert not life.wrong, life.wrong
    return life
