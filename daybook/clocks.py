"""The two clocks: what time it is on the wall, for schedules, and how much time passed, for intervals.

The wall clock can be set, and wrong; the other only goes forward, also while the machine sleeps, and knows no
date. Held together they show a leap. Nothing else in the program asks what time it is.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from core.clock import Evenly

LEAP = timedelta(seconds=10)
"""What is less is set right all the time, and every interval has patience for it."""

# Linux: counts while the machine is suspended, as the tools do, who go on meanwhile. One that does not count
# stands still then, and the wall clock, set right after it, seems to leap: so nothing is taken for longer.
_PASSING = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


def utc_now() -> datetime:
    return datetime.now(UTC)


def passed() -> float:
    """Seconds, since whenever."""
    return time.clock_gettime(_PASSING)


class Clock:
    """What the wall clock says, by whoever asks held against how much time passed."""

    def __init__(self, wall: Callable[[], datetime] = utc_now, passing: Callable[[], float] = passed) -> None:
        self._wall, self.passing = wall, passing
        self._lock = threading.Lock()
        self._since, self._evenly = passing(), Evenly(timedelta(0))
        self._apart = self._read()[1]

    def __call__(self) -> datetime:
        return self._look()[0]

    def evenly(self) -> Evenly:
        """Since when it has not leapt, as far as anybody looked."""
        return self._look()[1]

    def _look(self) -> tuple[datetime, Evenly]:
        with self._lock:
            now, apart, passing = self._read()
            evenly = self._evenly._replace(since=timedelta(seconds=passing - self._since))
            if abs(apart - self._apart) > LEAP:
                self._since, evenly = passing, evenly.leapt(apart - self._apart)
            self._apart, self._evenly = apart, evenly
            return now, evenly

    def _read(self) -> tuple[datetime, datetime, float]:
        now, passing = self._wall(), self.passing()
        return now, now - timedelta(seconds=passing), passing


class Alone:
    """A wall clock with nothing to hold it against: it is always believed to go evenly."""

    def __init__(self, wall: Callable[[], datetime]) -> None:
        self._wall = wall

    def __call__(self) -> datetime:
        return self._wall()

    def passing(self) -> float:
        return self._wall().timestamp()

    def evenly(self) -> Evenly:
        return Evenly()
