"""Who looked at whose what, when and why: append-only, each line sealed to the one before (P-07).

A line that was changed, or taken out from between, breaks the chain. The oldest lines go with
their retention; the chain is then checked from the first one left.
"""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import pairwise

from pydantic import AwareDatetime
from sqlalchemy import insert, select

from core.model import Noun
from daybook.store.part import Part
from daybook.store.schema import access
from daybook.store.seal import Row

_START = bytes(16)


class Access(Noun):
    """One look at a contributor's days by somebody else."""

    at: AwareDatetime
    who: str
    """Role and name."""
    what: str
    """The class of what was looked at."""
    reason: str


class AccessLog(Part):
    """The log each contributor can read about themselves (P7)."""

    def log(self, contributor: str, at: datetime, who: str, what: str, reason: str) -> None:
        """Add a line; there is no way to change one."""
        rows = self._rows(contributor)
        row = {
            "contributor": contributor,
            "serial": rows[-1]["serial"] + 1 if rows else 1,
            "at": at,
            "who": who,
            "what": what,
            "reason": reason,
            "previous": rows[-1]["seal"] if rows else _START,
        }
        self._connection.execute(insert(access).values(**row, seal=self._seal(row)))

    def of(self, contributor: str) -> list[Access]:
        """All lines about one contributor, oldest first."""
        return [
            Access(**{name: row[name] for name in Access.model_fields}) for row in self._rows(contributor)
        ]

    def intact(self, contributor: str) -> bool:
        """That no line was changed, and none taken out from between."""
        rows = self._rows(contributor)
        linked = all(later["previous"] == row["seal"] for row, later in pairwise(rows))
        return linked and all(row["seal"] == self._seal(row) for row in rows)

    def _rows(self, contributor: str) -> list[Row]:
        query = select(access).where(access.c.contributor == contributor).order_by(access.c.serial)
        return list(self._connection.execute(query).mappings())

    def _seal(self, row: Row) -> bytes:
        said = [row[name] for name in ("contributor", "serial", "who", "what", "reason")]
        at = row["at"].astimezone(UTC).isoformat()
        return self._vault.fingerprint("access", row["previous"].hex(), at, *map(str, said))
