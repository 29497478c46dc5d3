"""What a day still has room for: its working hours beside what is drafted, kept and logged.

Work outside working hours uses up none of them. What the contributor cut from a draft is room again, and time
that is logged as part of a meeting or task is not counted for it once more.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from core.layout import Layout
from core.timeline import Amount, Stretch


@dataclass(frozen=True, slots=True)
class Room:
    """A day, with what is known of it before anything is suggested."""

    layout: Layout
    logged: int
    booked: Mapping[str, int]
    """Of that, what is the same as a meeting or task."""
    kept: Mapping[str, int]
    """Minutes of the drafts that the contributor edited or confirmed."""
    rest: int
    """What stays free for the day's break."""

    def left(self) -> dict[str, Amount]:
        """What is still to be drafted of each open meeting and task."""
        return {
            key: amount - self.booked.get(key, 0)
            for key, amount in self.layout.worth.items()
            if key not in self.kept
        }

    def spare(self) -> Amount:
        """Capacity that nothing claims, less what was logged or decided beyond evidence; may be below 0."""
        layout = self.layout
        unclaimed = (layout.free & ~layout.explained & layout.capacity).bit_count()
        cut = sum(layout.worth.get(key, 0) - self._used(key) for key in self.kept)
        logged_elsewhere = self.logged - sum(self.booked.values())
        return unclaimed + cut - logged_elsewhere

    def unused(self, drafts: Mapping[str, int]) -> Amount:
        """Capacity that neither these drafts nor anything known explains; below 0 where they are too much."""
        return self.layout.capacity.bit_count() + self._beyond_capacity(drafts) - self._all(drafts)

    def gaps(self, drafts: Mapping[str, int]) -> int:
        """Whole minutes of it; none where the drafts are too much."""
        return max(0, min(self.layout.capacity.bit_count(), int(self.unused(drafts))))

    def outside(self, drafts: Mapping[str, int]) -> int:
        """What these drafts and everything known have beyond capacity."""
        return self._all(drafts) + self.gaps(drafts) - self.layout.capacity.bit_count()

    def holds(self, drafts: Mapping[str, int], instead_of: Mapping[str, int]) -> bool:
        """Whether there is room for these drafts instead of the unrounded ones, and for the break.

        A late meeting that is rounded away makes no room for what is rounded up in working hours, nor do
        tasks get back by rounding what they gave up.
        """
        more = sum(drafts.values()) - sum(instead_of.values())
        free = max(0, self.gaps(instead_of) - self.rest)
        return more <= free and self.unused(drafts) >= min(self.rest, self.unused(instead_of))

    def _all(self, drafts: Mapping[str, int]) -> int:
        return sum(drafts.values()) + sum(self.kept.values()) + self.logged

    def _beyond_capacity(self, drafts: Mapping[str, int]) -> Amount:
        """Minutes of meetings and tasks that use none of it."""
        layout = self.layout
        if not (layout.taken | layout.explained) & ~layout.capacity:
            return 0
        tasks = [key for key in layout.worth if key not in layout.held]
        of_meetings = sum(self._beyond(time, [key], drafts) for key, time in layout.held.items())
        return of_meetings + self._beyond(layout.explained, tasks, drafts)

    def _beyond(self, time: Stretch, keys: Iterable[str], drafts: Mapping[str, int]) -> Amount:
        """Minutes beyond capacity of the time that these share, less those that no draft uses."""
        beyond = (time & ~self.layout.capacity).bit_count()
        if not beyond:
            return 0
        unused = sum(self.layout.worth[key] - self._used(key) - drafts.get(key, 0) for key in keys)
        return max(0, beyond - max(0, unused))

    def _used(self, key: str) -> int:
        return self.kept.get(key, 0) + self.booked.get(key, 0)
