"""Two workers on one database take turns, so that both do the same in every life, until one is gone.

Time passes in jumps that both see, by the database's clock alone: the clocks of their own machines are wrong.
"""

from __future__ import annotations

import mmap
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine

from daybook import clocks, wiring
from daybook.store import beats, wall
from daybook.store.postgresql import PostgreSQL
from tests.kill_sweep.clock import Clock

OFF = (timedelta(hours=3), timedelta(seconds=-90))
"""By how much the clock of each one's machine is ahead (R-13)."""


class Turns:
    """Whose turn it is.

    Takes    seat: 0 or 1; None for somebody who is alone
    """

    def __init__(self, file: Path, seat: int | None) -> None:
        self.seat = seat
        file.touch()
        with file.open("r+b") as shared:
            shared.truncate(3)
            self._whose = mmap.mmap(shared.fileno(), 3)

    @property
    def is_alone(self) -> bool:
        return self.seat is None or bool(self._whose[1 + self._other])

    def wait(self) -> None:
        """Until it is ours."""
        while self.seat is not None and self._whose[0] != self.seat:
            time.sleep(0.0005)

    def pass_on(self) -> None:
        if not self.is_alone:
            self._whose[0] = self._other

    def leave(self) -> None:
        """All further turns are the other one's."""
        if self.seat is not None:
            self._whose[1 + self.seat] = 1
            self._whose[0] = self._other

    @property
    def _other(self) -> int:
        return 1 - (self.seat or 0)


def go_by(clock: Clock, patch: pytest.MonkeyPatch, seat: int) -> None:
    """This process is on a machine of its own, and at its database it is as late as this clock says."""

    def passed() -> float:
        return clock().timestamp()

    patch.setattr(PostgreSQL, "now", lambda *_: clock().astimezone(UTC))
    for module in (wall, beats):
        patch.setattr(module, "passed", passed)
    patch.setattr(wiring, "Clock", lambda shown: clocks.Clock(shown, passed))
    time_machine.travel(datetime.now(UTC) + OFF[seat], tick=True).start()
