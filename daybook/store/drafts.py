"""Drafts, readable by their contributor's key alone; every write names the revision it saw.

A writer that saw an older revision changes nothing. So a reconciler that was at work while the
contributor clicked loses, and their word stands (P2).
"""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from sqlalchemy import bindparam, delete, func, insert, select, update

from core.model import Draft
from core.periods import week
from daybook.store.part import Part
from daybook.store.schema import drafts
from daybook.store.seal import Row, Vault

_OF_DAY = select(drafts).where(
    drafts.c.contributor == bindparam("contributor"), drafts.c.day == bindparam("day")
)
_BY_NAME = select(drafts).where(
    drafts.c.contributor == bindparam("contributor"), drafts.c.draft == bindparam("draft")
)
_WAITS = drafts.c.state.in_(("open", "edited"))
_BETWEEN = (
    select(drafts.c.day, func.count().filter(_WAITS))
    .where(
        drafts.c.contributor == bindparam("contributor"),
        drafts.c.day.between(bindparam("first"), bindparam("last")),
    )
    .group_by(drafts.c.day)
    .order_by(drafts.c.day.desc())
)
_PENDING = (
    select(drafts.c.day, func.count())
    .where(drafts.c.contributor == bindparam("contributor"), _WAITS)
    .group_by(drafts.c.day)
    .order_by(drafts.c.day)
)
_NEW = insert(drafts)
_CHANGED = update(drafts).where(
    drafts.c.contributor == bindparam("whose"),
    drafts.c.draft == bindparam("this"),
    drafts.c.revision == bindparam("expected"),
)


class Held(NamedTuple):
    """A draft as it is stored, with the revision to name when changing it."""

    draft: Draft
    revision: int


class Drafts(Part):
    """What contributors have before them."""

    def of(self, contributor: str, day: date) -> list[Held]:
        """The drafts of one day, by start and key."""
        asked = {"contributor": contributor, "day": day}
        held = [self._opened(row) for row in self._connection.execute(_OF_DAY, asked).mappings().all()]
        return sorted(held, key=_by_start)

    def get(self, contributor: str, key: str) -> Held | None:
        place = {"contributor": contributor, "draft": name(self._vault, contributor, key)}
        row = self._connection.execute(_BY_NAME, place).mappings().one_or_none()
        return self._opened(row) if row else None

    def save(self, contributor: str, day: date, draft: Draft, expected: int) -> bool:
        """Write a draft whose revision is still `expected`; 0 for a new one. False: it is not."""
        place = {"contributor": contributor, "draft": name(self._vault, contributor, draft.key)}
        row = self._vault.sealed(drafts, place, draft.model_dump_json(), week(day))
        row |= {"day": day, "revision": expected + 1, "state": draft.decision}
        if expected:
            this = {"whose": contributor, "this": place["draft"], "expected": expected}
            return self._connection.execute(_CHANGED, row | this).rowcount == 1
        if self.get(contributor, draft.key):
            return False
        self._connection.execute(_NEW, row)
        return True

    def remove(self, contributor: str, key: str, expected: int) -> bool:
        """Withdraw a draft whose revision is still `expected`. False: it is not."""
        named = drafts.c.draft == name(self._vault, contributor, key)
        this = (drafts.c.contributor == contributor, named, drafts.c.revision == expected)
        return self._connection.execute(delete(drafts).where(*this)).rowcount == 1

    def confirmed(self, contributor: str) -> list[Draft]:
        """Those they said yes to, of any day."""
        said = (drafts.c.contributor == contributor, drafts.c.state == "confirmed")
        rows = self._connection.execute(select(drafts).where(*said)).mappings().all()
        return [self._opened(row).draft for row in rows]

    def between(self, contributor: str, first: date, last: date) -> dict[date, int]:
        """How many wait for their contributor on each of these days that has drafts, latest first."""
        asked = {"contributor": contributor, "first": first, "last": last}
        return dict(self._connection.execute(_BETWEEN, asked).all())

    def pending(self, contributor: str) -> dict[date, int]:
        """How many drafts wait for their contributor, by day."""
        return dict(self._connection.execute(_PENDING, {"contributor": contributor}).all())

    def pending_by_person(self) -> dict[str, dict[date, int]]:
        """The same for everybody who has any: counts, and nobody's day (P1)."""
        query = (
            select(drafts.c.contributor, drafts.c.day, func.count())
            .where(_WAITS)
            .group_by(drafts.c.contributor, drafts.c.day)
        )
        counts: dict[str, dict[date, int]] = {}
        for contributor, day, count in self._connection.execute(query):
            counts.setdefault(contributor, {})[day] = count
        return counts

    def tally(self) -> dict[str, int]:
        """How many drafts there are in each state, over everybody: a sum, and nobody's day (P1)."""
        query = select(drafts.c.state, func.count()).group_by(drafts.c.state)
        return dict(self._connection.execute(query).all())

    def _opened(self, row: Row) -> Held:
        return Held(Draft.model_validate_json(self._vault.opened(drafts, row)), row["revision"])


def name(vault: Vault, contributor: str, key: str) -> bytes:
    """What a draft is called in the clear: its key is made from evidence and may tell of it."""
    return vault.fingerprint("draft", contributor, key)


def _by_start(held: Held) -> tuple[float, str]:
    start = held.draft.suggestion.start
    return start.timestamp() if start else float("inf"), held.draft.key
