"""What contributors confirmed: every revision stands, and none is ever overwritten."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, func, insert, or_, select

from core.model import Entry
from core.periods import week
from daybook.store import drafts, schema
from daybook.store.part import Part
from daybook.store.schema import entries
from daybook.store.seal import Row

_LATER = entries.alias().c
_LATEST = select(func.max(_LATER.revision)).where(_LATER.id == entries.c.id).scalar_subquery()
_NEWEST = select(entries).where(
    entries.c.contributor == bindparam("contributor"), entries.c.revision == _LATEST
)
_OF_DAY = _NEWEST.where(entries.c.day == bindparam("day"))
_OF_DRAFTS = _NEWEST.where(entries.c.draft.in_(bindparam("drafts", expanding=True)))
_REVISIONS = (
    select(entries)
    .where(entries.c.contributor == bindparam("contributor"), entries.c.id == bindparam("entry"))
    .order_by(entries.c.revision)
)
_SAME = select(entries.c.id).where(
    entries.c.id == bindparam("id"), entries.c.revision == bindparam("revision")
)
_NEW = insert(entries)


class Entries(Part):
    """Confirmed time. Every question names whose it is, so that an id alone opens nothing (S-14)."""

    def add(self, contributor: str, draft: str, entry: Entry) -> bool:
        """Keep this revision of an entry, made from the draft of this key. False: it is there already."""
        place = {"id": entry.id, "revision": entry.revision, "contributor": contributor}
        if self._connection.execute(_SAME, place).scalar():
            return False
        row = self._vault.sealed(entries, place, entry.model_dump_json(), week(entry.day))
        row |= {"day": entry.day, "draft": drafts.name(self._vault, contributor, draft)}
        self._connection.execute(_NEW, row)
        return True

    def named(self, contributor: str, draft: str) -> str:
        """What the entry of this draft is called: always the same, so that it is known again (R-09)."""
        return f"e-{self._vault.fingerprint('entry', contributor, draft).hex()}"

    def of(self, contributor: str, day: date) -> list[Entry]:
        """The entries of one day, each in its newest revision, by start."""
        found = self._opened(_OF_DAY, contributor=contributor, day=day)
        return sorted(found, key=lambda entry: (entry.start, entry.id))

    def standing(self, contributor: str, first: date, last: date) -> list[Entry]:
        """What stands confirmed of these days, oldest first: not what was taken back since."""
        query = confirmed(contributor, first, last)
        newest = {row["id"]: row for row in self._connection.execute(query).mappings()}
        return sorted(map(self._entry, newest.values()), key=lambda entry: (entry.day, entry.start, entry.id))

    def all_of(self, contributor: str) -> list[Entry]:
        """All of one contributor's entries, each in its newest revision, oldest first."""
        found = self._opened(_NEWEST, contributor=contributor)
        return sorted(found, key=lambda entry: (entry.day, entry.start, entry.id))

    def get(self, contributor: str, entry: str) -> Entry | None:
        """The newest revision."""
        revisions = self.revisions(contributor, entry)
        return revisions[-1] if revisions else None

    def from_draft(self, contributor: str, draft: str) -> Entry | None:
        """The entry that came of the draft of this key, in its newest revision."""
        return self.from_drafts(contributor, [draft]).get(draft)

    def from_drafts(self, contributor: str, keys: Iterable[str]) -> dict[str, Entry]:
        """The same for many, by the key of the draft; one query however many."""
        named = {drafts.name(self._vault, contributor, key): key for key in keys}
        made = {"contributor": contributor, "drafts": list(named)}
        rows = list(self._connection.execute(_OF_DRAFTS, made).mappings()) if named else ()
        return {named[row["draft"]]: self._entry(row) for row in rows}

    def revisions(self, contributor: str, entry: str) -> list[Entry]:
        """All that was ever confirmed of it, oldest first."""
        return self._opened(_REVISIONS, contributor=contributor, entry=entry)

    def any_stands(self, contributor: str, first: date, last: date) -> bool:
        """Whether anything stands confirmed of these days."""
        query = confirmed(contributor, first, last).with_only_columns(entries.c.id).limit(1)
        return self._connection.execute(query).first() is not None

    def who_stands(self, first: date, last: date) -> set[str]:
        """Of whom anything stands confirmed of these days: one look for everybody."""
        theirs = confirmed(schema.contributors.c.id, first, last).order_by(None)
        query = select(schema.contributors.c.id).where(theirs.exists())
        return set(self._connection.execute(query).scalars())

    def count(self) -> int:
        """How many entries there are, over everybody."""
        return self._connection.execute(select(func.count(entries.c.id.distinct()))).scalar_one()

    def _opened(self, query: Select[Any], **asked: Any) -> list[Entry]:
        return [self._entry(row) for row in list(self._connection.execute(query, asked).mappings())]

    def _entry(self, row: Row) -> Entry:
        return Entry.model_validate_json(self._vault.opened(entries, row))


def confirmed(contributor: str | ColumnElement[str], first: date, last: date) -> Select[Any]:
    """Every revision of what stands confirmed of these days, an entry's newest one last."""
    e = entries.c
    same = and_(schema.drafts.c.contributor == e.contributor, schema.drafts.c.draft == e.draft)
    return (
        select(entries)
        .outerjoin(schema.drafts, same)
        .where(e.contributor == contributor, e.day >= first, e.day <= last)
        # of a draft that is forgotten by now the last word was yes
        .where(or_(schema.drafts.c.state.is_(None), schema.drafts.c.state == "confirmed"))
        .order_by(e.id, e.revision)
    )
