"""The runner of a process that does no work: it looks whether it may go on, and under which policy."""

from __future__ import annotations

from datetime import datetime

from daybook import runner


class Runner(runner.Runner):
    """Beside a page that is served, until told to stop."""

    def round(self, now: datetime) -> int:
        """Raises   StoreRefused once it was given up: a page that may save nothing must make room"""
        store = self._house.store
        with store.reading() as tx:
            store.may_write(tx)
        return 0

    @property
    def idle(self) -> bool:
        return True

    def _end(self) -> None:
        """Nothing is at hand."""
