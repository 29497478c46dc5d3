"""Who looked at whose what, when and why: append-only, each line sealed to the one before (P-07).

A line that was changed, or taken out from between, breaks the chain. So that one taken from its
end is missed too, a head beside it knows the first line and the last. The oldest lines go with
their retention, and the head says so. Who and why are sealed under its owner's key, since they name others.

Seals are made with a key that is not in the database: who can only write the file cannot make one.
Putting back an older copy of somebody's whole log together with its head would go unnoticed.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from hmac import compare_digest
from itertools import pairwise
from typing import Any

from pydantic import AwareDatetime
from sqlalchemy import func, insert, select, update

from core.model import Noun
from core.periods import week
from core.said import Kept, written
from daybook.store.part import Part
from daybook.store.schema import access, access_heads, contributors
from daybook.store.seal import Row, Sealed

_START = bytes(16)


class Access(Noun):
    """One look at a contributor's things."""

    at: AwareDatetime
    who: str
    """Role and name."""
    what: str
    """The class of what was looked at."""
    reason: Kept


class AccessLog(Part):
    """The log each contributor can read about themselves (P7)."""

    def begin(self, contributor: str) -> None:
        """An empty log for somebody new."""
        head = {"contributor": contributor, "first": 1, "last": 0, "seal": _START}
        self._connection.execute(insert(access_heads).values(**head, proof=self._proof(head)))

    def log(self, contributor: str, at: datetime, who: str, what: str, reason: str) -> None:
        """Add a line; there is no way to change one. None is older than the one before it."""
        last = next(iter(self._rows(contributor, newest=True)), None)
        head = self._head(contributor)
        at = max(at, last["at"]) if last else at
        clear = {
            "contributor": contributor,
            # Where either is missing the log is broken and stays so, but goes on.
            "serial": max(last["serial"] if last else 0, head["last"] if head else 0) + 1,
            "at": at,
            "what": what,
            "previous": last["seal"] if last else _START,
        }
        content = json.dumps({"who": who, "reason": written(reason)})
        row = self._vault.sealed(access, clear, content, week(at.astimezone(UTC).date()))
        row["seal"] = self._seal(row)
        self._connection.execute(insert(access).values(row))
        self._move(head, last=row["serial"], seal=row["seal"])

    def of(self, contributor: str) -> list[Access]:
        """All lines about one contributor, oldest first, but those that were changed and do not open."""
        return [line for row in self._rows(contributor) if (line := self._opened(row))]

    def intact(self, contributor: str) -> bool:
        """That no line was changed, and none taken out: at the beginning, from between or at the end."""
        return self._holds(self._head(contributor), self._rows(contributor))

    def broken(self) -> list[str]:
        """The contributors whose log is not intact."""
        heads = {row["contributor"]: row for row in self._all(select(access_heads))}
        lines: dict[str, list[Row]] = {}
        for row in self._all(select(access).order_by(access.c.serial)):
            lines.setdefault(row["contributor"], []).append(row)
        people = self._connection.execute(select(contributors.c.id)).scalars()
        return sorted(who for who in people if not self._holds(heads.get(who), lines.get(who, [])))

    def let_go(self, cutoff: datetime) -> None:
        """Note in the heads that the lines from before go now, and no others."""
        going = select(access.c.contributor, func.max(access.c.serial)).where(access.c.at < cutoff)
        for contributor, last in self._connection.execute(going.group_by(access.c.contributor)).all():
            self._move(self._head(contributor), first=last + 1)

    def _holds(self, head: Row | None, rows: list[Row]) -> bool:
        return (
            head is not None
            and compare_digest(head["proof"], self._proof(head))
            and [row["serial"] for row in rows] == list(range(head["first"], head["last"] + 1))
            and all(row["seal"] == self._seal(row) for row in rows)
            and all(later["previous"] == row["seal"] for row, later in pairwise(rows))
            and all(row["seal"] == head["seal"] for row in rows[-1:])
        )

    def _opened(self, row: Row) -> Access | None:
        try:
            return Access(at=row["at"], what=row["what"], **json.loads(self._vault.opened(access, row)))
        except Sealed:
            return None

    def _rows(self, contributor: str, *, newest: bool = False) -> list[Row]:
        query = select(access).where(access.c.contributor == contributor)
        last = query.order_by(access.c.serial.desc()).limit(1)
        return self._all(last if newest else query.order_by(access.c.serial))

    def _head(self, contributor: str) -> Row | None:
        found = self._all(select(access_heads).where(access_heads.c.contributor == contributor))
        return found[0] if found else None

    def _move(self, head: Row | None, **to: Any) -> None:
        """Note where the log begins or ends now; a head that was tampered with stays as it is."""
        if head is not None and compare_digest(head["proof"], self._proof(head)):
            moved = {**head, **to}
            this = access_heads.c.contributor == head["contributor"]
            new = to | {"proof": self._proof(moved)}
            self._connection.execute(update(access_heads).where(this).values(new))

    def _all(self, query: Any) -> list[Row]:
        return list(self._connection.execute(query).mappings())

    def _seal(self, row: Row) -> bytes:
        said = [str(row[name]) for name in ("contributor", "serial", "what")]
        at, sealed = row["at"].astimezone(UTC).isoformat(), row["sealed"].hex()
        return self._vault.fingerprint("access", row["previous"].hex(), at, sealed, *said)

    def _proof(self, head: Row) -> bytes:
        said = [str(head[name]) for name in ("contributor", "first", "last")]
        return self._vault.fingerprint("access head", head["seal"].hex(), *said)
