"""The signs of life of a process that shares its store, and what it does for those who give none (R-11).

Nobody is given up by one who could not reach the database itself: after it was away, all get the time to say
that they live.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import structlog

from daybook.clocks import passed
from daybook.store.errors import StoreRefused, StoreUnavailable
from daybook.store.wall import Wall
from daybook.store.workers import BEAT, WRONG

if TYPE_CHECKING:
    from daybook.store.store import Store

log = structlog.get_logger()


@contextmanager
def beating(store: Store, worker: int, wall: Wall) -> Iterator[None]:
    """Until the end of the block this worker is known to live."""
    over = threading.Event()
    beats = Beats(store, worker, wall)
    thread = threading.Thread(target=beats.run, args=(over,), name="beats", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join(BEAT.total_seconds())


def let_them_beat(store: Store) -> None:
    """For one who must be alone: after the server was away, who lives needs a moment to say so."""
    with store.reading() as tx:
        if tx.workers.silent(store.database.now(tx.connection)):
            time.sleep(2 * BEAT.total_seconds())


class Beats:
    """Those of one process."""

    def __init__(self, store: Store, worker: int, wall: Wall) -> None:
        self._store, self._worker, self._wall = store, worker, wall
        self._last = passed()
        self._wrong = False

    def run(self, over: threading.Event) -> None:
        """Until it is over, or we were given up ourselves: then every write is refused, and says so."""
        while not over.wait(BEAT.total_seconds()):
            try:
                self.beat()
            except StoreUnavailable:
                continue  # whoever wants to work says so
            except StoreRefused as error:
                log.error("worker.given_up", reason=str(error))
                return

    def beat(self) -> None:
        """Say that we live, set the clock, and give up who was silent for too long."""
        self._wall.look()
        self._say_whether_it_is_wrong()
        with self._store.writing() as tx:
            now = self._store.database.now(tx.connection)
            tx.workers.beat(self._worker, now, round(self._wall.off.total_seconds()))
            silent = tx.workers.give_up(now) if passed() - self._last < 2 * BEAT.total_seconds() else []
        self._last = passed()
        for name in silent:
            log.warning("worker.lost", worker=name)

    def _say_whether_it_is_wrong(self) -> None:
        off = round(self._wall.off.total_seconds())
        wrong = abs(off) > WRONG
        if wrong and not self._wrong:
            log.warning("clock.wrong", seconds=off)
        if self._wrong and not wrong:
            log.info("clock.right")
        self._wrong = wrong
