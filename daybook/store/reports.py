"""What was published about groups, for good; and who stood where when a week began.

Nothing here has an owner or a name. People are known by a keyed mark of an id that is gone once they are
erased: the gate can then still tell that somebody was in a figure, and nobody can tell who.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import NamedTuple

from pydantic import AwareDatetime
from sqlalchemy import bindparam, func, insert, select

from core.gate import Group, Release
from core.model import Noun
from core.patterns import Pattern
from core.periods import monday
from daybook.store import engine
from daybook.store.part import Part
from daybook.store.schema import included, places, releases
from daybook.store.seal import Row

_DAYS = select(releases.c.day).where(releases.c.day >= bindparam("since")).distinct()


class Place(NamedTuple):
    """Where somebody stood."""

    team: str | None
    role: str | None


class Published(Noun):
    """One report of one period, as it was released."""

    id: int
    day: date
    """The declared day on which it was."""
    at: AwareDatetime
    pattern: Pattern


class Reports(Part):
    """Reports and the places they are made by; people by their marks."""

    def freeze(self, week: str, standing: Iterable[tuple[str, Place]]) -> None:
        """Note who stands where as a week begins; nothing that was noted before is changed."""
        rows = [
            {"week": week, "mark": bytes.fromhex(mark), "began": monday(week), **place._asdict()}
            for mark, place in standing
        ]
        # somebody who is nobody: a week without people was looked at, too
        rows.append({"week": week, "mark": b"", "began": monday(week), "team": None, "role": None})
        if not self.is_frozen(week):
            self._connection.execute(engine.insert(places), rows)

    def is_frozen(self, week: str) -> bool:
        return (
            self._connection.execute(select(places.c.week).where(places.c.week == week)).first() is not None
        )

    def first_frozen(self) -> date | None:
        """When the first week began of which it is known who stood where."""
        day: date | None = self._connection.execute(select(func.min(places.c.began))).scalar()
        return day

    def places(self, week: str) -> dict[str, Place]:
        query = select(places).where(places.c.week == week, places.c.mark != b"")
        return {row.mark.hex(): Place(row.team, row.role) for row in self._connection.execute(query)}

    def publish(self, pattern: Pattern, release: Release, day: date, at: datetime) -> bool:
        """Keep a report for good. False: this period of it was published already, and stays as it was."""
        place = {"report": pattern.report, "period": pattern.period}
        known = select(releases.c.id).filter_by(**place)
        if self._connection.execute(known).first():
            return False
        number = self._connection.execute(select(func.max(releases.c.id))).scalar() or 0
        row = self._vault.sealed(releases, {"id": number + 1}, pattern.model_dump_json())
        row |= place | {"day": day, "at": at, "began": pattern.first_day}
        self._connection.execute(insert(releases).values(row))
        members = [
            {"release": number + 1, "part": part, "mark": bytes.fromhex(mark), "began": pattern.first_day}
            for part, group in enumerate(release.groups)
            for mark in sorted(group.members)
        ]
        if members:
            self._connection.execute(insert(included), members)
        return True

    def all(self) -> list[Published]:
        """Everything that was ever published, the latest first."""
        rows = self._connection.execute(select(releases).order_by(releases.c.id.desc())).mappings()
        return [self._opened(row) for row in rows]

    def last(self, report: str) -> date | None:
        """When the latest published period of a report began."""
        query = select(func.max(releases.c.began)).where(releases.c.report == report)
        day: date | None = self._connection.execute(query).scalar()
        return day

    def days(self, since: date) -> list[date]:
        """The days from this one on, on which something was published."""
        return sorted(self._connection.execute(_DAYS, {"since": since}).scalars())

    def including(self, mark: str) -> set[int]:
        """The reports that somebody's time is in, or would be if they had any."""
        query = select(included.c.release).where(included.c.mark == bytes.fromhex(mark))
        return set(self._connection.execute(query).scalars())

    def began_on(self, day: date) -> date | None:
        """When the latest period began of which something was published on this day."""
        query = select(func.max(releases.c.began)).where(releases.c.day == day)
        began: date | None = self._connection.execute(query).scalar()
        return began

    def included_on(self, day: date) -> set[str]:
        """The marks of all who are in a report that was published on this day."""
        query = select(included.c.mark).join(releases, releases.c.id == included.c.release)
        found = self._connection.execute(query.where(releases.c.day == day).distinct()).scalars()
        return {mark.hex() for mark in found}

    def released(self, published: Published) -> Release:
        """A report as the gate looks at it."""
        query = select(included).where(included.c.release == published.id)
        members: dict[int, set[str]] = {}
        for row in self._connection.execute(query):
            members.setdefault(row.part, set()).add(row.mark.hex())
        return Release(
            report=published.pattern.report,
            weeks=published.pattern.weeks,
            groups=tuple(
                Group(
                    name=part.group,
                    members=frozenset(members.get(number, ())),
                    tables={table.what: table.named for table in part.tables},
                )
                for number, part in enumerate(published.pattern.parts)
            ),
        )

    def _opened(self, row: Row) -> Published:
        pattern = Pattern.model_validate_json(self._vault.opened(releases, row))
        return Published(id=row["id"], day=row["day"], at=row["at"], pattern=pattern)
