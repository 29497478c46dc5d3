"""The embedded runner: one process, a dispatcher and a bounded pool of threads.

The dispatcher looks at the state and makes a plan of what is due; whenever a
thread of the pool is free, it gets the next piece of that plan. The next look
replaces what is left of the plan, so what is due first always goes first. The
plan is nothing but a hint: what is lost with the process is due again after the
next start.

Work of one lane never runs at the same time: postings to one issue go one after
the other, each as soon as the one before has ended.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Hashable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from datetime import datetime, timedelta
from typing import Any

import structlog

from core import rounds
from core.rounds import Post, Work
from daybook import doubt, jobs, policies, state
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
"""The most of our time that looking may take, however much there is to look at."""
ASLEEP = timedelta(minutes=5)
"""Who did not look for so long was away."""
REST = 30.0
"""Seconds that a kind of work rests after it broke, so that a bug is no busy loop."""


class Runner:
    """Does what is due until told to stop."""

    def __init__(self, house: House, perform: Callable[[House, Work], None] = jobs.perform) -> None:
        self._house = house
        self._perform = perform
        self._disk = Disk(house.store)
        self._workers = house.configuration.pulling.workers
        self._pool = ThreadPoolExecutor(self._workers, thread_name_prefix="work")
        self._lock = threading.Lock()
        self._plan: dict[Hashable, deque[Work]] = {}
        """By lane, what was due at the last look and is not begun yet."""
        self._at_hand: dict[Work, Future[None]] = {}
        self._done: set[Work] = set()
        """Since the last look began: it may have seen them as due still."""
        self._resting: dict[Work, float] = {}
        self._looked: datetime | None = None
        self._awake_since = house.clock()

    def run(self) -> None:
        """Work until `house.stopping` is set or another policy holds; gives back within seconds of it."""
        house = self._house
        try:
            while not house.stopping.is_set():
                house.work_is_waiting.clear()
                rest = TICK
                try:
                    if not doubt.wait(house):
                        return
                    began = time.monotonic()
                    if self._disk.works():
                        self.round(house.clock())
                    rest = self._until_the_next(house.clock())
                    if policies.is_over(house):
                        return
                    house.stopping.wait((time.monotonic() - began) * (1 / SHARE - 1))
                except StoreUnavailable as error:
                    self._disk.failed(error)
                house.work_is_waiting.wait(rest)
        finally:
            self._end()

    def _until_the_next(self, now: datetime) -> float:
        """Seconds to rest: until a hold ends, but not for long."""
        with self._house.store.reading() as tx:
            due_at = tx.postings.next_due(now)
        return min(TICK, (due_at - now).total_seconds()) if due_at else TICK

    def round(self, now: datetime) -> int:
        """Plan everything that is due and begin what there are hands for; gives how much was begun."""
        with self._lock:
            self._done.clear()
        due = rounds.due(state.snapshot(self._house, now, self._awake(now)), now)
        with self._lock:
            self._plan = self._planned(due)
            return self._hand_out()

    def _awake(self, now: datetime) -> datetime:
        """Since when we look: a suspended machine and a daemon that was down are the same to its tools."""
        if self._looked is None or now - self._looked > ASLEEP:
            self._awake_since = now
        self._looked = now
        return self._awake_since

    @property
    def idle(self) -> bool:
        """Nothing is at hand or planned."""
        with self._lock:
            return not self._at_hand and not self._plan

    def _planned(self, due: list[Work]) -> dict[Hashable, deque[Work]]:
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
        lane = next((lane for lane in self._plan if lane not in busy), None)
        if lane is None:
            return None
        work = self._plan[lane].popleft()
        if not self._plan[lane]:
            del self._plan[lane]
        return work

    def _do(self, work: Work) -> None:
        try:
            if not self._house.stopping.is_set():
                self._perform(self._house, work)
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
        if isinstance(error, StoreUnavailable):
            self._disk.failed(error)
            with self._lock:
                self._plan.clear()
            return
        with self._lock:
            self._resting[work] = time.monotonic() + REST
        known = isinstance(error, Outside | Wrong)
        reason: dict[str, Any] = {"reason": str(error)} if known else {"exc_info": error}
        log.error("job.broke", job=type(work).__name__, **reason)

    def _end(self) -> None:
        """Let work at hand end, but not for ever: whatever it was, it is due again at the next start."""
        with self._lock:
            self._plan.clear()
            at_hand = list(self._at_hand.values())
        self._pool.shutdown(wait=False)
        left = wait(at_hand, timeout=PATIENCE).not_done
        if left:
            log.warning("runner.left_work", due=len(left))


def _lane(work: Work) -> Hashable:
    """What no two threads may be in at the same time."""
    return work.lane if isinstance(work, Post) else work
