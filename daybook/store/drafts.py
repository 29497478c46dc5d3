"""Drafts, readable by their contributor's key alone; every write names the revision it saw.

A writer that saw an older revision changes nothing. So a reconciler that was at work while the
contributor clicked loses, and their word stands (P2).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from typing import NamedTuple

from sqlalchemy import bindparam, delete, func, select, update

from core.model import Draft
from core.periods import week
from daybook.store import engine
from daybook.store.part import Part
from daybook.store.schema import drafts
from daybook.store.seal import Row, Vault

_OF_DAYS = select(drafts).where(
    drafts.c.contributor == bindparam("contributor"),
    drafts.c.day.in_(bindparam("days", expanding=True)),
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
_NEW = engine.insert(drafts).on_conflict_do_nothing()
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
        return self.of_days(contributor, [day]).get(day, [])

    def of_days(self, contributor: str, days: Collection[date]) -> dict[date, list[Held]]:
        """The same for many days, by day; one query however many."""
        found: dict[date, list[Held]] = {}
        asked = {"contributor": contributor, "days": list(days)}
        for row in self._connection.execute(_OF_DAYS, asked).mappings().all():
            found.setdefault(row["day"], []).append(self._opened(row))
        return {day: sorted(held, key=_by_start) for day, held in found.items()}

    def get(self, contributor: str, key: str) -> Held | None:
        place = {"contributor": contributor, "draft": name(self._vault, contributor, key)}
        row = self._connection.execute(_BY_NAME, place).mappings().one_or_none()
        return self._opened(row) if row else None

    def save(self, contributor: str, day: date, draft: Draft, expected: int) -> bool:
        """Write a draft whose revision is still `expected`; 0 for a new one. False: it is not."""
        return self.save_all(contributor, [(day, draft, expected)])

    def save_all(self, contributor: str, said: Sequence[tuple[date, Draft, int]]) -> bool:
        """The same for many at once, each with its day and what is expected. False: not all of them are."""
        named = [name(self._vault, contributor, draft.key) for _, draft, _ in said]
        rows = self._vault.sealed_all(
            drafts,
            (
                ({"contributor": contributor, "draft": this}, draft.model_dump_json(), week(day))
                for this, (day, draft, _) in zip(named, said, strict=True)
            ),
        )
        new, changed = [], []
        for this, (day, draft, expected), row in zip(named, said, rows, strict=True):
            row |= {"day": day, "revision": expected + 1, "state": draft.decision}
            if expected:
                changed.append(row | {"whose": contributor, "this": this, "expected": expected})
            else:
                new.append(row)
        written = (
            self._connection.execute(query, them).rowcount == len(them)
            for query, them in ((_NEW, new), (_CHANGED, changed))
            if them
        )
        return all(written)

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
