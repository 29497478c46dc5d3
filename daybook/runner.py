"""What every runner does: look what is due, have it done, rest and look again, until it is told to stop.

Who does it, and how what is serial is kept so, is the matter of the two there are: in this process alone
(embedded.py), or in several that share a database (distributed.py).
"""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

import structlog

from core import rounds
from core.rounds import Work
from daybook import doing, doubt, heap, jobs, policies, reload, state, supervised, traces
from daybook.calm import Calm
from daybook.disk import Disk
from daybook.errors import Outside, Wrong
from daybook.house import House
from daybook.store.errors import StoreUnavailable

log = structlog.get_logger()

PATIENCE = 4.0
"""Seconds that work at hand is given to end once we were told to stop."""
TICK = 5.0
"""Seconds between two looks at the state while nobody calls."""
SHARE = 0.1
"""The most of our time that looking may take, as long as nobody waits longer than a tick for that."""
ASLEEP = timedelta(minutes=5)
"""Who did not look for so long was away."""
REST = 30.0
"""Seconds that a kind of work rests after it broke, so that a bug is no busy loop."""


class Runner(ABC):
    """Does what is due until told to stop."""

    def __init__(self, house: House, perform: Callable[[House, Work], None] = jobs.perform) -> None:
        self._house = house
        self._perform = perform
        self._disk = Disk(house.store)
        self._calm = Calm(house.store.path)
        self._looked: datetime | None = None
        self._awake_since = house.clock()

    @abstractmethod
    def round(self, now: datetime) -> int:
        """Look what is due at `now` and have it done; gives how much is new in that."""

    @property
    @abstractmethod
    def idle(self) -> bool:
        """Nothing is at hand or planned here."""

    @abstractmethod
    def _end(self) -> None:
        """Let work at hand end, but not for ever: whatever it was, it is due again at the next start."""

    def run(self) -> None:
        """Work until `house.stopping` is set or another house takes its place; gives back within seconds."""
        house, called = self._house, True
        try:
            while not house.stopping.is_set():
                house.work_is_waiting.clear()
                supervised.alive()
                try:
                    if not doubt.wait(house):
                        return
                    rest = self._look(called)
                    if policies.is_over(house) or reload.is_over(house):
                        return
                except StoreUnavailable as error:
                    self._disk.failed(error)
                    rest = TICK
                called = house.work_is_waiting.wait(rest)
        finally:
            self._end()

    def _look(self, called: bool) -> float:
        """Have done what is due, and pause for what looking took; gives seconds to rest if nobody calls.

        Takes    called: somebody made work; else a calm may last
        """
        works = self._disk.works()  # that may wait long for a lock, which is no looking
        began = time.monotonic()
        if works and not called and self._calm.lasts():
            doing.HERE.looked(())
        elif works and not self.round(self._house.clock()):
            heap.without_sources()
        rest = self._until_the_next(self._house.clock())
        self._house.stopping.wait(min(TICK, (time.monotonic() - began) * (1 / SHARE - 1)))
        return rest

    def _due(self, now: datetime) -> Sequence[Work]:
        """What is due, noted for whoever watches us."""
        awake = self._awake(now)
        due = self._calm.after(lambda: rounds.due(state.snapshot(self._house, now, awake), now))
        doing.HERE.looked(due)
        return due

    def _does(self, work: Work) -> None:
        """Do it, unless we were told to stop, and note how it ended. Raises   whatever it broke by"""
        if not self._house.stopping.is_set():
            with doing.HERE.job(work), traces.job(self._house, work):
                self._perform(self._house, work)

    def _until_the_next(self, now: datetime) -> float:
        """Seconds to rest: until a hold ends, but not for long."""
        with self._house.store.reading() as tx:
            due_at = tx.postings.next_due(now)
            # after a leap a hold ends later than the wall clock says
            ends_later = any(self._house.waits_for_clock) and bool(tx.postings.waiting(now))
        if due_at is not None or ends_later:
            self._calm.ends()
        return min(TICK, (due_at - now).total_seconds()) if due_at else TICK

    def _awake(self, now: datetime) -> datetime:
        """Since when we look: a suspended machine and a daemon that was down are the same to its tools."""
        if self._looked is None or now - self._looked > ASLEEP:
            self._awake_since = now
        self._looked = now
        return self._awake_since

    def _told(self, work: Work, error: Exception) -> None:
        """Say what work broke by, and what that says about the disk."""
        if isinstance(error, StoreUnavailable):
            self._disk.failed(error)
            return
        known = isinstance(error, Outside | Wrong)
        reason: dict[str, Any] = {"reason": str(error)} if known else {"exc_info": error}
        log.error("job.broke", job=type(work).__name__, **reason)
