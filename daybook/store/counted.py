"""Confirmed time as reports count it: of each contributor and week what it was for, counted once.

A week is counted when the first report about it is published. What is confirmed afterwards is counted in the
next week that is; what was counted stays as it was, so that a corrected entry does not tell of itself by what
a later report changes by.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from datetime import date

from sqlalchemy import select, update

from core.figures import WHAT, Piece
from core.model import Entry
from core.periods import monday
from daybook.store import engine
from daybook.store.entries import confirmed
from daybook.store.part import Part
from daybook.store.schema import counted, entries


class Counted(Part):
    """What has been counted of whom, in which week."""

    def is_counted(self, contributor: str, week: str) -> bool:
        this = (counted.c.contributor == contributor, counted.c.week == week)
        return self._connection.execute(select(counted.c.week).where(*this)).first() is not None

    def waiting(self, contributor: str, first: date, last: date) -> list[Entry]:
        """What stands confirmed of these days and no week has counted, each in its newest revision."""
        later = entries.alias()
        known = select(later.c.id).where(later.c.contributor == contributor, later.c.counted.is_not(None))
        query = confirmed(contributor, first, last).where(entries.c.id.not_in(known))
        newest = {row["id"]: row for row in self._connection.execute(query).mappings()}
        return [Entry.model_validate_json(self._vault.opened(entries, row)) for row in newest.values()]

    def count(self, contributor: str, week: str, pieces: Iterable[Piece], of: Collection[Entry]) -> None:
        """Note what one week counts of somebody, and that these entries are in it."""
        said = [dict(zip(WHAT, piece.labels, strict=True)) | {"minutes": piece.minutes} for piece in pieces]
        row = self._vault.sealed(counted, {"contributor": contributor, "week": week}, json.dumps(said), week)
        row |= {"began": monday(week)}
        self._connection.execute(engine.insert(counted).values(row).on_conflict_do_nothing())
        for entry in of:
            this = (entries.c.id == entry.id, entries.c.revision == entry.revision)
            mine = entries.c.contributor == contributor
            self._connection.execute(update(entries).where(mine, *this).values(counted=week))

    def pieces(self, weeks: Collection[str]) -> list[Piece]:
        """All that these weeks counted, by the marks that reports know people by."""
        query = select(counted).where(counted.c.week.in_(sorted(weeks)))
        found: list[Piece] = []
        for row in self._connection.execute(query.order_by(*counted.primary_key)).mappings():
            who = self.mark(row["contributor"])
            for said in json.loads(self._vault.opened(counted, row)):
                labels = tuple([said[what] for what in WHAT])
                found.append(Piece(who, row["week"], labels, said["minutes"]))
        return found

    def mark(self, contributor: str) -> str:
        """What somebody is known by in reports; says nothing to who lacks the key."""
        return self._vault.fingerprint("reports", contributor).hex()
