"""The distributed runner: several processes on one PostgreSQL, to whom procrastinate hands the same jobs.

The process that is here longest looks what is due and puts it into the queue by its name (queue.py); the
hands of all of them take from there (hands.py), and what must be serial has one lock.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import structlog

from core.rounds import Work
from daybook import jobs, runner
from daybook.hands import Hands
from daybook.house import House
from daybook.queue import Queue
from daybook.runner import PATIENCE, REST

log = structlog.get_logger()


class Runner(runner.Runner):
    """Hands out what is due, if that is on us, and does what is handed to us."""

    def __init__(self, house: House, perform: Callable[[House, Work], None] = jobs.perform) -> None:
        super().__init__(house, perform)
        address = house.store.database.address
        assert address is not None, "a store that one process has alone has no address"
        self._queue = Queue(address)
        self._hands = Hands(address, house.configuration.pulling.workers, self._do, self._again)

    def run(self) -> None:
        self._hands.begin()
        super().run()

    def round(self, now: datetime) -> int:
        """Queue everything that is due and not queued yet, if that is on us; gives how much.

        Raises   whatever our hands broke by: who has none must not go on giving signs of life
        """
        if self._hands.broke_by is not None:
            raise self._hands.broke_by
        if not self._is_on_us():
            return 0
        known = self._queue.jobs()  # before the look: what ends while we look is not begun again
        return self._queue.become(self._due(now), known)

    @property
    def idle(self) -> bool:
        return not self._hands.at_work

    def _is_on_us(self) -> bool:
        store = self._house.store
        with store.reading() as tx:
            store.may_write(tx)  # who only finds out by what it writes is at nothing and lives on
            return tx.workers.dispatcher() == store.worker

    def _do(self, work: Work) -> None:
        """Raises   whatever it broke by, so that it rests"""
        try:
            self._does(work)
        except jobs.Moved:
            pass
        except Exception as error:
            self._told(work, error)
            raise
        finally:
            self._house.work_is_waiting.set()

    def _again(self) -> datetime:
        """When work that broke may be done again, by the clock that the queue goes by."""
        return self._house.store.wall() + timedelta(seconds=REST)

    def _end(self) -> None:
        self._queue.close()
        if not self._hands.end(PATIENCE):
            log.warning("runner.left_work")
