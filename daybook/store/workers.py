"""Who runs on this store: a row for each process, kept by its beats (R-11).

A process that stood still for too long is given up: its row goes, what it was at is free again for
the others, and when it wakes it may write nothing more. On SQLite there is one row, and whoever holds
the lock file takes it; on PostgreSQL there are as many as there are processes.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from pydantic import AwareDatetime
from sqlalchemy import bindparam, delete, func, insert, select, update
from sqlalchemy.sql.elements import ColumnElement

from core.model import Noun
from daybook.store import schema
from daybook.store.part import Part
from daybook.store.schema import draft_calendars, mails, partitions, workers

BEAT = timedelta(seconds=10)
"""Between two signs of life."""
GIVEN_UP = timedelta(seconds=30)
"""Without one for so long, a process is given up: three beats, so that the work is taken over within a minute
even where everybody waited for the one that stood still."""
WRONG = 5
"""Seconds that a machine's own clock may be off."""
TAKEN_OVER = (
    "Another Daybook took over from this one, which gave no sign of life. This one writes nothing more. "
    "Start it again."
)

_NEXT = (
    update(schema.daybook)
    .values(generation=schema.daybook.c.generation + 1)
    .returning(schema.daybook.c.generation)
)
_NEW = insert(workers)
_ALIVE = select(workers.c.id).where(workers.c.id == bindparam("worker"))


class Worker(Noun):
    """One process on this store."""

    id: int
    name: str
    """Where it runs: pid and host."""
    alone: bool
    """Nobody else may run beside it."""
    seen_at: AwareDatetime
    """When it last said that it lives."""
    off: int
    """Seconds by which the clock of its machine is ahead of the database's."""

    @property
    def is_off(self) -> bool:
        """Enough for a word: certificates and tools go by it too."""
        return abs(self.off) > WRONG


class Workers(Part):
    """The processes that may write."""

    def join(self, now: datetime, *, dispatches: bool = False, alone: bool = False) -> int:
        """Be one of them; gives an id that none ever had.

        Takes    dispatches: may hand out work to all of them
                 alone: none may join while this one lives
        """
        new = int(self._connection.execute(_NEXT).scalar_one())
        row = {"id": new, "name": named(), "dispatches": dispatches, "alone": alone, "seen_at": now, "off": 0}
        self._connection.execute(_NEW, row | {"revision": schema.REVISION})
        return new

    def lives(self, worker: int) -> bool:
        return self._connection.execute(_ALIVE, {"worker": worker}).first() is not None

    def beat(self, worker: int, now: datetime, off: int) -> None:
        """Say that it lives."""
        mine = update(workers).where(workers.c.id == worker)
        self._connection.execute(mine.values(seen_at=now, off=off))

    def in_the_way(self, *, alone: bool) -> list[Worker]:
        """Whom one more may not run beside, who wants to be alone or not."""
        return [one for one in self.all() if alone or one.alone]

    def give_up(self, silent: Collection[int]) -> list[str]:
        """Take over from who gave no sign of life for too long; gives where they ran."""
        return self._end(workers.c.id.in_(silent)) if silent else []

    def end(self, worker: int) -> None:
        """It is through; what it did not bring to its end is free for the others."""
        self._end(workers.c.id == worker)

    def end_all(self) -> None:
        """For one who knows that it is alone: whatever was claimed on this store is free."""
        for statement in _END_ALL:
            self._connection.execute(statement)

    def dispatcher(self) -> int | None:
        """Who hands out the work: of those who may, the one that is here longest."""
        return self._connection.execute(select(func.min(workers.c.id)).where(workers.c.dispatches)).scalar()

    def all(self) -> list[Worker]:
        shown = [workers.c[name] for name in Worker.model_fields]
        query = select(*shown).order_by(workers.c.id)
        return [Worker(**row) for row in self._connection.execute(query).mappings()]

    def _end(self, which: ColumnElement[bool]) -> list[str]:
        gone = self._connection.execute(
            delete(workers).where(which).returning(workers.c.id, workers.c.name)
        ).all()
        ids = [row.id for row in gone]
        for table, among, free in _CLAIMS if ids else ():
            self._connection.execute(update(table).where(among, table.c.worker.in_(ids)).values(free))
        return [row.name for row in gone]


def named() -> str:
    """Where we run, for an administrator who looks for us."""
    return f"pid {os.getpid()} on {socket.gethostname()}"


_FREE: dict[str, Any] = {"claimed_until": None, "worker": None}
_CLAIMS: tuple[tuple[Any, ColumnElement[bool], dict[str, Any]], ...] = (
    (partitions, partitions.c.claimed_by.is_not(None), _FREE | {"claimed_by": None}),
    (draft_calendars, draft_calendars.c.claimed_until.is_not(None), _FREE),
    # it may have gone out: nobody knows any more
    (mails, mails.c.state == "sending", {"state": "unsure", "worker": None}),
)
"""What is claimed, among which rows, and what makes it free."""
_END_ALL = (delete(workers), *(update(table).where(among).values(free) for table, among, free in _CLAIMS))
