"""What time it is by the database: the one clock of all who run on it, however wrong their own are (R-13).

Looked at now and then; in between, this machine only counts how much time passed.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from daybook.clocks import passed, utc_now

SLOW = 1.0
"""Seconds; an answer that took longer says too little about now."""


class Wall:
    """Takes    ask: says what time it is at the database"""

    def __init__(self, ask: Callable[[], datetime]) -> None:
        self._ask = ask
        self._told = self._asked()[0]

    def __call__(self) -> datetime:
        at, since = self._told
        return at + timedelta(seconds=passed() - since)

    def look(self) -> None:
        """Set it anew."""
        told, took = self._asked()
        if took <= SLOW:
            self._told = told

    @property
    def off(self) -> timedelta:
        """By how much the clock of this machine is ahead."""
        return utc_now() - self()

    def _asked(self) -> tuple[tuple[datetime, float], float]:
        before = passed()
        at = self._ask()
        after = passed()
        return (at, (before + after) / 2), after - before
