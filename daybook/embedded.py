"""The embedded runner: one process, a dispatcher and a bounded pool of threads.

The dispatcher looks at the state and makes a plan of what is due; whenever a
thread of the pool is free, it gets the next piece of that plan. The next look
replaces what is left of the plan, so what is due first always goes first. The
plan is nothing but a hint: what is lost with the process is due again after the
next start.

Work of one lane never runs at the same time: postings to one issue go one after
the other, and so do the days of one contributor, each as soon as the one before has ended.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Hashable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from datetime import datetime

import structlog

from core.rounds import Work, lane
from daybook import jobs, runner
from daybook.house import House
from daybook.runner import PATIENCE, REST
from daybook.store.errors import StoreUnavailable

log = structlog.get_logger()


class Runner(runner.Runner):
    """Does what is due in threads of its own."""

    def __init__(self, house: House, perform: Callable[[House, Work], None] = jobs.perform) -> None:
        super().__init__(house, perform)
        self._workers = house.configuration.pulling.workers
        self._pool = ThreadPoolExecutor(self._workers, thread_name_prefix="work")
        self._lock = threading.Lock()
        self._plan: dict[Hashable, deque[Work]] = {}
        """By lane, what was due at the last look and is not begun yet."""
        self._at_hand: dict[Work, Future[None]] = {}
        self._done: set[Work] = set()
        """Since the last look began: it may have seen them as due still."""
        self._resting: dict[Work, float] = {}

    def round(self, now: datetime) -> int:
        """Plan everything that is due and begin what there are hands for; gives how much was begun."""
        with self._lock:
            self._done.clear()
        due = self._due(now)
        with self._lock:
            self._plan = self._planned(due)
            return self._hand_out()

    @property
    def idle(self) -> bool:
        with self._lock:
            return not self._at_hand and not self._plan

    def _planned(self, due: Iterable[Work]) -> dict[Hashable, deque[Work]]:
        now = time.monotonic()
        self._resting = {work: until for work, until in self._resting.items() if until > now}
        plan: dict[Hashable, deque[Work]] = {}
        for work in due:
            if work not in self._at_hand and work not in self._done and work not in self._resting:
                plan.setdefault(_lane(work), deque()).append(work)
        return plan

    def _hand_out(self) -> int:
        """Give each free thread the first work whose lane is free."""
        begun = 0
        while len(self._at_hand) < self._workers and (work := self._next()) is not None:
            self._at_hand[work] = self._pool.submit(self._do, work)
            begun += 1
        return begun

    def _next(self) -> Work | None:
        busy = {_lane(work) for work in self._at_hand}
        free = next((lane for lane in self._plan if lane not in busy), None)
        if free is None:
            return None
        work = self._plan[free].popleft()
        if not self._plan[free]:
            del self._plan[free]
        return work

    def _do(self, work: Work) -> None:
        try:
            self._does(work)
        except Exception as error:
            self._broke(work, error)
        finally:
            self._ended(work)

    def _ended(self, work: Work) -> None:
        with self._lock:
            del self._at_hand[work]
            self._done.add(work)
            self._hand_out()
            short_of_work = len(self._at_hand) < self._workers
        if short_of_work:
            self._house.work_is_waiting.set()

    def _broke(self, work: Work, error: Exception) -> None:
        if isinstance(error, jobs.Moved):
            return
        self._told(work, error)
        with self._lock:
            if isinstance(error, StoreUnavailable):
                self._plan.clear()
            else:
                self._resting[work] = time.monotonic() + REST

    def _end(self) -> None:
        with self._lock:
            self._plan.clear()
            at_hand = list(self._at_hand.values())
        self._pool.shutdown(wait=False)
        left = wait(at_hand, timeout=PATIENCE).not_done
        if left:
            log.warning("runner.left_work", due=len(left))


def _lane(work: Work) -> Hashable:
    """Work that is in nobody's way has one for itself."""
    return lane(work) or work
