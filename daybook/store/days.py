"""Which local days must be looked at again, and what the last look said.

A day's version grows with every change of its evidence. Reconciling notes the version it saw,
and counts only while that is still the newest: a change that came meanwhile makes it run again.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime
from typing import NamedTuple

from pydantic import AwareDatetime
from sqlalchemy import bindparam, false, func, literal, or_, select, update

from core.model import Noun
from core.periods import week
from daybook.store import engine
from daybook.store.columns import Moment
from daybook.store.part import Part
from daybook.store.schema import days

_BY_DAY = select(days).where(days.c.contributor == bindparam("contributor"), days.c.day == bindparam("day"))
_VERSIONS = select(days.c.day, days.c.version).where(
    days.c.contributor == bindparam("contributor"), days.c.day.in_(bindparam("days", expanding=True))
)
_NEW = engine.insert(days)
_AGAIN = _NEW.on_conflict_do_update(index_elements=days.primary_key, set_={"version": days.c.version + 1})
_SEEN = _NEW.on_conflict_do_update(
    index_elements=days.primary_key,
    set_={name: _NEW.excluded[name] for name in ("reconciled", "reconciled_at", "mappings", "key", "sealed")},
    where=days.c.version == _NEW.excluded.version,
)

_WITHIN = days.c.day.between(bindparam("first_day"), bindparam("last_day"))
_STALE = (
    select(days.c.contributor, days.c.day, days.c.version)
    .where(
        _WITHIN,
        or_(
            days.c.version > days.c.reconciled,
            days.c.mappings != bindparam("mappings"),
            days.c.mappings.is_(None),
        ),
    )
    .order_by(days.c.day.desc(), days.c.contributor)
    .limit(bindparam("limit"))
)
_SEEN_AT = select(days.c.contributor, days.c.day, days.c.reconciled_at).where(
    _WITHIN, days.c.reconciled_at.is_not(None)
)


class Stale(NamedTuple):
    """A day to reconcile, and the version to name when done."""

    contributor: str
    day: date
    version: int


class Seen(NamedTuple):
    """A day that was reconciled: the version it was seen at, and the sheet made of it."""

    day: date
    version: int
    sheet: str


class Uncounted(NamedTuple):
    """How a day was answered, as far as that is to be counted."""

    day: date
    answered_at: datetime | None
    opened_at: datetime | None
    said_at: datetime | None
    on_page: bool | None


class Day(Noun):
    """How one contributor's local day stands."""

    contributor: str
    day: date
    version: int
    reconciled: int
    """The version last reconciled; behind `version` while there is something to do."""
    reconciled_at: AwareDatetime | None = None
    mappings: str | None = None
    """The hash of the mappings it was reconciled with."""
    answered_at: AwareDatetime | None = None
    """When its contributor said that all is said."""
    sheet: str | None = None
    """What the reconciler last made of it, as the caller wrote it down (JSON)."""


class Days(Part):
    """The local days of contributors."""

    def mark(self, contributor: str, marked: Iterable[date]) -> None:
        """These days must be reconciled again."""
        self.mark_all((contributor, day) for day in marked)

    def mark_all(self, marked: Iterable[tuple[str, date]]) -> None:
        """These days of several contributors must be reconciled again."""
        rows = [
            {"contributor": contributor, "day": day, "version": 1, "reconciled": 0}
            for contributor, day in sorted(marked)
        ]
        if rows:
            self._connection.execute(_AGAIN, rows)

    def stale(self, mappings: str, first_day: date, last_day: date, limit: int) -> list[Stale]:
        """Days whose evidence or mappings changed since they were reconciled, newest first.

        Takes    mappings: the hash of those in force
                 first_day, last_day: the days of interest, both included
        """
        asked = {"mappings": mappings, "first_day": first_day, "last_day": last_day, "limit": limit}
        return [Stale(*row) for row in self._connection.execute(_STALE, asked)]

    def version(self, contributor: str, day: date) -> int:
        """The version to name in `reconciled`; 0 for a day nothing is known of."""
        return self.versions(contributor, [day])[day]

    def versions(self, contributor: str, asked: Collection[date]) -> dict[date, int]:
        """The same for many days, by day."""
        found = self._connection.execute(_VERSIONS, {"contributor": contributor, "days": list(asked)})
        return dict.fromkeys(asked, 0) | dict(found.all())

    def reconciled(
        self, contributor: str, day: date, sheet: str, mappings: str, version: int, at: datetime
    ) -> bool:
        """Keep the sheet made of the evidence at `version`. False: it is newer by now; do it again."""
        return self.reconciled_all(contributor, [Seen(day, version, sheet)], mappings, at)

    def reconciled_all(self, contributor: str, seen: Sequence[Seen], mappings: str, at: datetime) -> bool:
        """The same for many days at once. False: not all of them are what they were."""
        said = [({"contributor": contributor, "day": one.day}, one.sheet, week(one.day)) for one in seen]
        same = {"mappings": mappings, "reconciled_at": at}
        rows = [
            row | same | {"version": one.version, "reconciled": one.version}
            for one, row in zip(seen, self._vault.sealed_all(days, said), strict=True)
        ]
        return not rows or self._connection.execute(_SEEN, rows).rowcount == len(rows)

    def reconciled_at(self, first_day: date, last_day: date) -> dict[tuple[str, date], datetime]:
        """When each day of this range was last looked at, over everybody; unseen days are left out."""
        asked = {"first_day": first_day, "last_day": last_day}
        return {(contributor, day): at for contributor, day, at in self._connection.execute(_SEEN_AT, asked)}

    def looks(self) -> dict[str, str]:
        """What changes with every look at any day of a contributor, by contributor."""
        newest = func.max(days.c.reconciled_at)
        query = select(days.c.contributor, func.sum(days.c.reconciled), newest).group_by(days.c.contributor)
        return {contributor: f"{count} {at}" for contributor, count, at in self._connection.execute(query)}

    def get(self, contributor: str, day: date) -> Day | None:
        asked = {"contributor": contributor, "day": day}
        row = self._connection.execute(_BY_DAY, asked).mappings().one_or_none()
        if row is None:
            return None
        shown = {name: row[name] for name in Day.model_fields if name != "sheet"}
        return Day(**shown, sheet=self._vault.opened(days, row) if row["sealed"] else None)

    def sheet(self, contributor: str, day: date) -> str | None:
        """What the reconciler last made of this day."""
        found = self.get(contributor, day)
        return found.sheet if found else None

    def answered(self, contributor: str, day: date, at: datetime | None) -> None:
        """Its contributor said that all is said; None takes it back."""
        row = {"contributor": contributor, "day": day, "version": 0, "reconciled": 0, "answered_at": at}
        said = engine.insert(days).values(row)
        self._connection.execute(
            said.on_conflict_do_update(index_elements=days.primary_key, set_={"answered_at": at})
        )

    def spoke(
        self, contributor: str, day: date, at: datetime, opened: datetime | None, *, on_page: bool
    ) -> None:
        """They said something about this day.

        Takes    opened: when the page was made on which they said it; the first one counts
                 on_page: they had the whole day before them
        """
        row = {"contributor": contributor, "day": day, "version": 0, "reconciled": 0}
        row |= {"opened_at": opened, "said_at": at, "on_page": on_page}
        again = {
            "opened_at": func.coalesce(days.c.opened_at, literal(opened, Moment)),
            "said_at": at,
            "on_page": or_(func.coalesce(days.c.on_page, false()), literal(on_page)),
        }
        said = engine.insert(days).values(row)
        self._connection.execute(
            said.on_conflict_do_update(
                index_elements=days.primary_key, set_=again, where=days.c.counted.is_(None)
            )
        )

    def last_word(self, contributor: str) -> datetime | None:
        """When they last gave a day their word, as far as that is still known."""
        said = func.max(days.c.said_at), func.max(days.c.answered_at)
        query = select(*said).where(days.c.contributor == contributor)
        return max((at for at in self._connection.execute(query).one() if at), default=None)

    def uncounted(self, contributor: str, last_day: date) -> list[Uncounted]:
        """Their days up to this one of which nothing was counted yet."""
        d = days.c
        query = select(d.day, d.answered_at, d.opened_at, d.said_at, d.on_page).where(
            d.contributor == contributor, d.day <= last_day, d.counted.is_(None)
        )
        return [Uncounted(*row) for row in self._connection.execute(query.order_by(d.day))]

    def counted(self, contributor: str, day: date) -> None:
        """It is in the tallies; when it was looked at and answered is forgotten."""
        this = (days.c.contributor == contributor, days.c.day == day)
        gone = {"counted": True, "opened_at": None, "said_at": None, "on_page": None}
        self._connection.execute(update(days).where(*this).values(gone))
