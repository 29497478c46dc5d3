"""The embedded runner: one process, a dispatcher and a bounded pool of threads.

The dispatcher asks the state what is due and hands it to the pool, each piece
of work to one thread at a time. When something ends or somebody makes work it
asks again at once, else after a while. The queue is nothing but a hint: what is
lost with the process is due again after the next start.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from datetime import datetime
from typing import Any

import structlog

from core import rounds
from core.rounds import Work
from daybook import jobs, state
from daybook.errors import Outside, Wrong
from daybook.house import House

log = structlog.get_logger()

PATIENCE = 4.0
"""Seconds that work at hand is given to end once we were told to stop."""
TICK = 5.0
"""Seconds between two looks at the state while nobody calls."""
REST = 30.0
"""Seconds that a kind of work rests after it broke, so that a bug is no busy loop."""


class Runner:
    """Does what is due until told to stop."""

    def __init__(self, house: House, perform: Callable[[House, Work], None] = jobs.perform) -> None:
        self._house = house
        self._perform = perform
        self._pool = ThreadPoolExecutor(house.configuration.pulling.workers, thread_name_prefix="work")
        self._at_hand: dict[Work, Future[None]] = {}
        self._resting: dict[Work, float] = {}
        self._lock = threading.Lock()

    def run(self) -> None:
        """Work until `house.stopping` is set; gives back within seconds of it."""
        house = self._house
        try:
            while not house.stopping.is_set():
                house.work_is_waiting.clear()
                began = time.monotonic()
                self.round(house.clock())
                house.stopping.wait(
                    time.monotonic() - began
                )  # looking never takes more than half of our time
                house.work_is_waiting.wait(TICK)
        finally:
            self._end()

    def round(self, now: datetime) -> int:
        """Begin everything that is due and not yet at hand; gives how much that was."""
        begun = 0
        for work in self._free(rounds.due(state.snapshot(self._house, now), now)):
            self._begin(work)
            begun += 1
        return begun

    @property
    def idle(self) -> bool:
        """Nothing is at hand."""
        with self._lock:
            return not self._at_hand

    def _free(self, due: Iterable[Work]) -> list[Work]:
        with self._lock:
            now = time.monotonic()
            self._resting = {work: until for work, until in self._resting.items() if until > now}
            return [work for work in due if work not in self._at_hand and work not in self._resting]

    def _begin(self, work: Work) -> None:
        with self._lock:
            future = self._pool.submit(self._do, work)
            self._at_hand[work] = future
        future.add_done_callback(lambda _: self._ended(work))

    def _do(self, work: Work) -> None:
        if self._house.stopping.is_set():
            return
        self._perform(self._house, work)

    def _ended(self, work: Work) -> None:
        with self._lock:
            future = self._at_hand.pop(work, None)
            short_of_work = len(self._at_hand) < self._house.configuration.pulling.workers
        error = future.exception() if future and not future.cancelled() else None
        if error is not None:
            self._broke(work, error)
        if short_of_work:
            self._house.work_is_waiting.set()

    def _broke(self, work: Work, error: BaseException) -> None:
        if isinstance(error, jobs.Moved):
            return
        with self._lock:
            self._resting[work] = time.monotonic() + REST
        known = isinstance(error, Outside | Wrong)
        reason: dict[str, Any] = {"reason": str(error)} if known else {"exc_info": error}
        log.error("job.broke", job=type(work).__name__, **reason)

    def _end(self) -> None:
        """Let work at hand end, but not for ever: whatever it was, it is due again at the next start."""
        self._pool.shutdown(wait=False, cancel_futures=True)
        with self._lock:
            at_hand = list(self._at_hand.values())
        left = wait(at_hand, timeout=PATIENCE).not_done
        if left:
            log.warning("runner.left_work", due=len(left))
