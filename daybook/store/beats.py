"""The signs of life of a process that shares its store, and what it does for those who give none (R-11).

Nobody is given up by one who could not reach the database itself: after it was away, all get the time to say
that they live.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING

import structlog

from daybook.clocks import passed
from daybook.store.errors import StoreRefused, StoreUnavailable
from daybook.store.wall import Wall
from daybook.store.workers import BEAT, GIVEN_UP, WRONG, Worker

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


def let_them_beat(store: Store, *, alone: bool) -> list[Worker]:
    """For one who joins: after the server was away, who lives needs a moment to say so.

    Gives    who is in the way and seems dead, as they were before that moment
    """
    with store.reading() as tx:
        now = store.database.now(tx.connection)
        silent = [one for one in tx.workers.in_the_way(alone=alone) if seems_dead(one.seen_at, now)]
    if silent:
        time.sleep(2 * BEAT.total_seconds())
    return silent


def seems_dead(seen_at: datetime, now: datetime) -> bool:
    """By one look: who beat in the future did so before the clock there was set back."""
    return abs(now - seen_at) > GIVEN_UP


class Silence:
    """Who gives no sign of life any more, by how much time passed here: the clock there can leap (R-13)."""

    def __init__(self) -> None:
        self._heard: dict[tuple[int, datetime], float] = {}
        """The last sign of each, and when it was first seen here."""

    def of(self, all_of_them: Iterable[Worker]) -> list[int]:
        """Which of them gave none for too long."""
        now, before = passed(), self._heard
        signs = [(one.id, one.seen_at) for one in all_of_them]
        self._heard = {sign: before.get(sign, now) for sign in signs}
        return [who for (who, _), since in self._heard.items() if now - since >= GIVEN_UP.total_seconds()]


class Beats:
    """Those of one process."""

    def __init__(self, store: Store, worker: int, wall: Wall) -> None:
        self._store, self._worker, self._wall = store, worker, wall
        self._last = passed()
        self._silence = Silence()
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
            if passed() - self._last > 2 * BEAT.total_seconds():
                self._silence = Silence()  # we were away ourselves: who was silent then may not have been
            silent = tx.workers.give_up(self._silence.of(tx.workers.all()))
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
