"""How far our own mailbox was read: by the numbers its server gives mails, while these stay valid."""

from __future__ import annotations

from datetime import datetime

from pydantic import AwareDatetime
from sqlalchemy import select, update

from core.model import Noun
from daybook.store import engine
from daybook.store.part import Part
from daybook.store.schema import mailbox


class Mark(Noun):
    """Where we are in one folder."""

    place: str
    """Server, login and folder: another one begins anew."""
    validity: int = 0
    """Of the numbers, as the server says; with another one they all are others."""
    last: int = 0
    """The highest number that was looked at."""
    looked_at: AwareDatetime
    away_since: AwareDatetime | None = None
    """Since when it could not be read; None: it could."""
    reason: str | None = None


class Read(Part):
    """The one mark there is."""

    def mark(self, place: str) -> Mark | None:
        row = self._connection.execute(select(mailbox).where(mailbox.c.place == place)).mappings()
        found = row.one_or_none()
        return Mark(**found) if found else None

    def reached(self, place: str, validity: int, last: int, at: datetime) -> None:
        """It was read as far as this."""
        self._keep(Mark(place=place, validity=validity, last=last, looked_at=at))

    def away(self, place: str, reason: str, at: datetime) -> bool:
        """It could not be read; True where it could the last time."""
        before = self.mark(place)
        if before is None:
            self._keep(Mark(place=place, looked_at=at, away_since=at, reason=reason))
            return True
        since = before.away_since or at
        said = {"looked_at": at, "away_since": since, "reason": reason}
        self._connection.execute(update(mailbox).where(mailbox.c.place == place).values(said))
        return before.away_since is None

    def _keep(self, mark: Mark) -> None:
        row = mark.model_dump()
        said = engine.insert(mailbox).values(row)
        self._connection.execute(said.on_conflict_do_update(index_elements=mailbox.primary_key, set_=row))
