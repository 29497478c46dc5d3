"""What this process did since it began, and since when it sees work waiting: numbers of work, of nobody.

The runner notes both as it goes; whoever shows figures reads them. Nothing of it is kept.
"""

from __future__ import annotations

import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Literal, NamedTuple

from core.rounds import Find, Forget, Freeze, Listen, Publish, Pull, Tend, Work
from daybook.house import House
from daybook.jobs import Moved

Outcome = Literal["done", "moved", "broke"]
"""moved  its state was changed meanwhile, so it is looked at anew"""

RHYTHM = frozenset(kind.__name__ for kind in (Find, Forget, Freeze, Listen, Publish, Pull, Tend))
"""Work that no click of anybody sets off, and no lack of one."""
LATE = 600.0
"""Seconds: what waits for longer is late. Less happens whenever a tool is slow, and would tell when somebody
pressed a button."""


def is_crowd(house: House, people: int) -> bool:
    """Whether so many are too many for what is shown of them to be one person's (P13)."""
    return people >= house.policy.groups.minimum


class Waiting(NamedTuple):
    """Work of one kind that is late."""

    number: int
    seconds: float
    """Since when the oldest waits."""


NONE = Waiting(0, 0.0)
Place = tuple[str, str]
"""The kind of work, and the connection of a pull; of other work the empty name."""


class Doing:
    """Of one process, whichever configuration it goes by."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._jobs = Counter[tuple[str, Outcome]]()
        self._seconds = defaultdict[str, float](float)
        self._since: dict[Work, float] = {}
        """When each piece of work that is due was first seen to be."""
        self._looked: float | None = None

    @contextmanager
    def job(self, work: Work) -> Iterator[None]:
        """Note how one piece of work ends, and how long it took."""
        began = self._clock()
        outcome: Outcome = "done"
        try:
            yield
        except Moved:
            outcome = "moved"
            raise
        except BaseException:
            outcome = "broke"
            raise
        finally:
            kind = type(work).__name__
            with self._lock:
                self._jobs[kind, outcome] += 1
                self._seconds[kind] += self._clock() - began

    def looked(self, due: Iterable[Work]) -> None:
        """Note what a look found due."""
        now = self._clock()
        with self._lock:
            self._since = {work: self._since.get(work, now) for work in due}
            self._looked = now

    def jobs(self) -> dict[tuple[str, Outcome], int]:
        with self._lock:
            return dict(self._jobs)

    def seconds(self) -> dict[str, float]:
        """How long all of a kind took together."""
        with self._lock:
            return dict(self._seconds)

    def since_look(self) -> float | None:
        """Seconds since this process looked what is due; None where it never did: others do."""
        return None if self._looked is None else self._clock() - self._looked

    def late(self) -> dict[Place, Waiting]:
        """What is due and waits for longer than it should."""
        now, found = self._clock(), dict[Place, Waiting]()
        with self._lock:
            waits = [(_place(work), now - since) for work, since in self._since.items()]
        for place, seconds in waits:
            if seconds >= LATE:
                before = found.get(place, NONE)
                found[place] = Waiting(before.number + 1, max(before.seconds, seconds))
        return found


def _place(work: Work) -> Place:
    return type(work).__name__, work.connection if isinstance(work, Pull) else ""


HERE = Doing()
"""Of this process."""
