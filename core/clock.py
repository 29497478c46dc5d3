"""Whether the wall clock may be believed, held against the last day of work and how much time passed.

Schedules go by the wall clock, and a machine can wake with one that says 1970 or 2036. Where it is off by
hours no harm is done: what went out is on record. Where it is off by days, what cannot be taken back waits.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from core.model import Verdict

PAUSE = timedelta(days=7)
"""So long after our last work, or before it, a clock is believed at once: Easter and some."""
LONGEST_PAUSE = timedelta(days=60)
"""After so long it is believed only on an administrator's word; no holiday is longer."""
SETTLED = timedelta(hours=1)
"""In between it must have gone evenly for so long: a wrong one is set right within minutes."""


class Evenly(NamedTuple):
    """How long the wall clock has gone as fast as time passes."""

    since: timedelta = timedelta.max
    """Since we look at it, or since it leapt."""
    gained: timedelta | None = None
    """What it gained by leaps, so far as it was not waited for yet; None: it never leapt."""

    def leapt(self, by: timedelta) -> Evenly:
        """The same clock a moment after another leap.

        Takes    by: less than nothing where it was put back, which makes nothing too early
        """
        unknown = SETTLED  # what it did before anybody looked may have made it gain as much
        owed = (unknown if self.gained is None else self.gained) - self.since
        return Evenly(timedelta(0), max(owed, timedelta(0)) + max(by, timedelta(0)))


def believed(now: datetime, last_worked: datetime | None, evenly: timedelta) -> Verdict:
    """May anything be read, mailed, posted or forgotten at `now`?

    Takes    last_worked: None in a store with nobody in it: there is nothing to lose
    """
    if last_worked is None or abs(now - last_worked) <= PAUSE:
        return Verdict(allowed=True, reason="The clock goes on from where we worked last.")
    said = _SAID.format(now, last_worked)
    if not timedelta(0) < now - last_worked <= LONGEST_PAUSE:
        return Verdict(allowed=False, reason=said + _ASKS)
    if evenly < SETTLED:
        return Verdict(allowed=False, reason=said + _WAITS)
    return Verdict(allowed=True, reason=said + "It has gone evenly since.")


class Waits(NamedTuple):
    """Which steps of a posting may be too early by the time that really passed."""

    looks: bool
    sends: bool


def too_soon(evenly: Evenly, look_after: timedelta, hold: timedelta) -> Waits:
    """What must wait although the wall clock says that its time has come (P8, R-13).

    A record may take `look_after` to show up, and a contributor has `hold` to think again: what the clock
    gained by leaps is waited for, and a look waits after a start too, since nobody saw what it did before.
    """
    since, gained = evenly
    return Waits(
        looks=since < (look_after if gained is None else min(look_after, gained)),
        sends=gained is not None and since < min(hold, gained),
    )


_SAID = "The clock says {:%Y-%m-%d %H:%M} UTC; the last day of work here is {:%Y-%m-%d}. "
_ASKS = "Nothing is done until it is right. If it is right: daybook run --clock-is-right"
_WAITS = "Nothing is done until the daemon saw it go evenly for an hour."
