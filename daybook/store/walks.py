"""Walks over a whole window that broke off: what is on disk of them, for the next pull to go on from there.

A walk is taken up for the people it was begun for, and soon: its first pages have to be as true as its last.
Of what they showed there are only prints, for the sweep at its end (R-10).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import Any

from pydantic import AwareDatetime
from sqlalchemy import bindparam, delete, func, insert, select, update

from core.model import Noun
from daybook.store.part import Part
from daybook.store.partitions import Partitions
from daybook.store.schema import pages

SOON = timedelta(hours=6)
"""After its last page; later, a walk begins again. Tools forget where a list went on, some without a word."""
_PRINT = 16

_HERE = (pages.c.connection == bindparam("there"), pages.c.partition == bindparam("this"))
_COUNT = select(func.count()).select_from(pages).where(*_HERE)
_LAST = select(pages).where(*_HERE).order_by(pages.c.number.desc()).limit(1)
_OVER = update(pages).where(*_HERE, pages.c.number == bindparam("before")).values(sealed=None)
_SHOWN = select(pages.c.shown).where(*_HERE)
_GONE = delete(pages).where(*_HERE)
_NEW = insert(pages)


class Half(Noun):
    """A walk that broke off."""

    begun_at: AwareDatetime
    cursor: str
    """Of its last page that is on disk."""


class Walks(Part):
    """The pages of unfinished walks, one walk a partition."""

    def took(
        self,
        connection: str,
        partition: str,
        people: Iterable[str],
        begun_at: datetime,
        cursor: str,
        shown: Collection[bytes],
        at: datetime,
    ) -> None:
        """Note a page that is on disk and not the last.

        Takes    shown: prints of the origins on it; people: whom the walk is about
        """
        here = _of(connection, partition)
        number = self._connection.execute(_COUNT, here).scalar_one()
        self._connection.execute(_OVER, here | {"before": number - 1})
        row = {"connection": connection, "partition": partition, "number": number}
        row = self._vault.sealed(pages, row, cursor)
        row |= {"people": Partitions(self._connection, self._vault).whose(people)}
        row |= {"begun_at": begun_at, "read_at": at, "shown": b"".join(shown)}
        self._connection.execute(_NEW, row)

    def half(self, connection: str, partition: str, people: Iterable[str], now: datetime) -> Half | None:
        """The walk to go on with for just these people, if one broke off lately."""
        row = self._connection.execute(_LAST, _of(connection, partition)).mappings().one_or_none()
        if row is None or not now - SOON < row["read_at"] <= now:
            return None
        if row["people"] != Partitions(self._connection, self._vault).whose(people):
            return None
        return Half(begun_at=row["begun_at"], cursor=self._vault.opened(pages, row))

    def shown(self, connection: str, partition: str) -> set[bytes]:
        """Prints of all that the pages of this walk showed so far."""
        rows = self._connection.execute(_SHOWN, _of(connection, partition)).scalars()
        return {shown[at : at + _PRINT] for shown in rows for at in range(0, len(shown), _PRINT)}

    def drop(self, connection: str, partition: str) -> None:
        """It ended, or nothing more is made of it."""
        self._connection.execute(_GONE, _of(connection, partition))


def _of(connection: str, partition: str) -> dict[str, Any]:
    return {"there": connection, "this": partition}
