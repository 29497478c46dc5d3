"""Calm: for a while nothing was due and nobody wrote, so only time can make something due, and that can wait.

To look what is due takes the longer, the more people there are, and at night it finds nothing for hours. So
the next look waits in proportion to what the last one took, unless the store's file was written meanwhile. Of
a server nobody tells us that, so there it is never calm.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from core.rounds import Work

SHARE = 0.001
"""The most of a processor's time that looking may take while it finds nothing."""
AWHILE = 60.0
"""Seconds: a tool that sends us away for a moment makes no calm."""
LONGEST = 240.0
"""Seconds: shorter than what counts as sleep, and nobody minds a digest four minutes late."""

Mark = tuple[tuple[int, int], ...]


class Calm:
    """Of one runner and the file it works on."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._mark: Mark = ()
        self._until = 0.0
        self._quiet_since = time.monotonic()

    def lasts(self) -> bool:
        """Would a look find nothing again?"""
        return time.monotonic() < self._until and self._written() == self._mark

    def ends(self) -> None:
        """Something comes due that a look will find."""
        self._until = 0.0

    def after(self, look: Callable[[], Sequence[Work]]) -> Sequence[Work]:
        """What a look finds; where that is nothing for a while, calm begins."""
        mark, began = self._written(), time.thread_time()
        found = look()
        took, now = time.thread_time() - began, time.monotonic()
        if found or self._path is None or mark != self._mark:
            self._quiet_since, self._until = now, 0.0
        elif now - self._quiet_since >= AWHILE:
            self._until = now + min(LONGEST, took / SHARE)
        self._mark = mark
        return found

    def _written(self) -> Mark:
        """Changes with every commit, whoever makes it."""
        if self._path is None:
            return ()
        found = list[os.stat_result]()
        for file in (self._path, self._path.with_name(f"{self._path.name}-wal")):
            try:
                found.append(file.stat())
            except FileNotFoundError:
                continue
            except OSError:  # the store itself says what is wrong, and meanwhile there is no calm
                return ((time.monotonic_ns(), 0),)
        return tuple((one.st_mtime_ns, one.st_size) for one in found)
