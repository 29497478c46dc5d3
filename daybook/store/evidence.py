"""Evidence: what the tools now say, replaced object by object.

What is done to one task often happens all on one day, so its changes that touch the same days of the
same person share a row; everything else has a row of its own. All of a row ages together, to the day.

Only a difference is written. The same answer a second time finds every fingerprint in its place
and writes nothing (P9); a different one marks the local days it touches, before or after, so that
they are reconciled again, in the same transaction.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import cache
from itertools import islice
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from pydantic import TypeAdapter
from sqlalchemy import ColumnElement, and_, bindparam, delete, func, or_, select

from connectors.contract import Sighting, Window
from core.model import LONGEST, Activity, Kind
from core.periods import week
from core.wording import project_key
from daybook.store import engine
from daybook.store.days import Days
from daybook.store.part import Part
from daybook.store.schema import contributors, evidence
from daybook.store.seal import ALWAYS, Row

GUARD = 5
"""From this many on, losing more than half in one walk is taken for a broken answer (R-10)."""

OF_TASKS: tuple[Kind, ...] = ("presence", "touch")
"""The kinds of evidence that bear on later days too."""

_AT_ONCE = 500
"""Origins asked for in one query."""

_TICK = timedelta(microseconds=1)
_A_DAY = timedelta(days=1)

_ACTIVITIES = TypeAdapter(list[Activity])

_PUT = engine.put(evidence)
"""Made once: it takes longer to make than a few rows to write."""
_AGREED = select(contributors.c.id).where(
    contributors.c.id.in_(bindparam("people", expanding=True)), contributors.c.acknowledged.is_not(None)
)


class Swept(NamedTuple):
    """What became of evidence that a whole walk did not show again."""

    held: int
    """Activities we had inside the walk's window; nobody counts them where nothing vanished."""
    vanished: int
    """Of those, how many the walk did not show."""
    guarded: bool
    """True where so much vanished that nothing was removed: a person must look (R-10)."""
    days: frozenset[tuple[str, date]]
    """(contributor, local day) that changed."""


_Days = tuple[date, date | None]
"""The first and last local day that something touches; no last one while a presence lasts."""


class _Spot(NamedTuple):
    """Which row: a part of what an object says, for one person."""

    origin: bytes
    contributor: str
    part: bytes


class _Face(NamedTuple):
    """What a row shows without being opened; equal faces need no write."""

    first_day: date
    last_day: date | None
    fingerprint: bytes


class _Now(NamedTuple):
    """What a row says now."""

    face: _Face
    activities: list[Activity]
    content: str


class _Held(NamedTuple):
    """A row we have, where some of what it says may go."""

    face: _Face
    going: int
    """How many of its activities may go."""
    staying: list[Activity]


class _Known(NamedTuple):
    """One activity, and the local days it touches."""

    first_day: date
    last_day: date | None
    activity: Activity
    project: str | None
    """The key of the issue project it belongs to."""

    def matters(self, first_day: date, last_day: date, tasks_since: date) -> bool:
        if self.first_day > last_day:
            return False
        since = tasks_since if self.activity.kind in OF_TASKS else first_day
        return self.last_day is None or self.last_day >= since


class Known:
    """What was read of one contributor, opened once and asked for one day after the other."""

    def __init__(self, known: Iterable[_Known]) -> None:
        self._known = sorted(known, key=lambda one: _by_start(one.activity))
        self._named = [one for one in self._known if one.project]

    def of(self, first_day: date, last_day: date, tasks_since: date) -> list[Activity]:
        """As `Evidence.known` was asked, of fewer days."""
        return [one.activity for one in self._known if one.matters(first_day, last_day, tasks_since)]

    def projects(self, first_day: date, last_day: date, tasks_since: date) -> set[str]:
        """The issue projects of the same, by their keys."""
        matter = (one for one in self._named if one.matters(first_day, last_day, tasks_since))
        return {one.project for one in matter if one.project}


class Evidence(Part):
    """Activities, sealed under the week of the last day they touch."""

    def apply(
        self, connection: str, sightings: Iterable[Sighting], zones: Mapping[str, ZoneInfo], at: datetime
    ) -> set[tuple[str, date]]:
        """Let these objects say what they now say, for these people; nobody else's rows are touched.

        Takes    zones: every contributor the walk speaks for, with the zone of their local days
        Gives    (contributor, local day) that changed; they are marked for reconciling already.
                 Nothing is kept of who has not agreed, or left while the walk went on (P3)
        Raises   ValueError for an activity of somebody the walk does not speak for
        """
        present = self._present(zones)
        said = {self._origin(connection, sighting.origin): sighting for sighting in sightings}
        wanted = dict(self._wanted(connection, said, zones, present))
        held = self._held(connection, said, present)
        fresh = {spot: now for spot, now in wanted.items() if held.get(spot) != now.face}
        gone = held.keys() - wanted.keys()
        self._write(connection, fresh)
        self._remove(connection, gone)
        before = [(spot, held[spot]) for spot in (*gone, *fresh) if spot in held]
        after = [(spot, now.face) for spot, now in fresh.items()]
        return self._mark(before + after, zones, at)

    def keep_only(
        self,
        connection: str,
        zones: Mapping[str, ZoneInfo],
        window: Window,
        origins: Iterable[str],
        at: datetime,
        believed: int = 0,
        earlier: Collection[bytes] = (),
    ) -> Swept:
        """After a walk over a whole window: what it did not show is gone, unless that is hard to believe.

        Takes    zones: every contributor the walk speaks for, with the zone of their local days
                 origins: of everything the walk showed
                 believed: how many a person said are really gone
                 earlier: prints of what else it showed, before it was taken up again
        """
        shown = self.prints(connection, origins) | set(earlier)
        if self._about(connection, zones, window) <= shown:
            return Swept(0, 0, guarded=False, days=frozenset())
        inside = self._inside(connection, zones, window)
        gone = {spot: held for spot, held in inside.items() if spot.origin not in shown}
        swept = _weighed(inside, gone, believed)
        if swept.guarded:
            return swept
        return swept._replace(days=frozenset(self._let_go(connection, gone, zones, at)))

    def without(
        self,
        connection: str,
        zones: Mapping[str, ZoneInfo],
        window: Window,
        origins: Collection[str],
        at: datetime,
        believed: int = 0,
    ) -> Swept:
        """After any walk: what it showed empty is gone, unless that is hard to believe.

        Takes    zones, window, believed: as `keep_only`
                 origins: of all that the walk showed without activities
        Gives    counts only where there are enough of them to doubt
        """
        empty = {self._origin(connection, origin) for origin in origins}
        rows = self._of_origins(connection, empty, ("contributor", "kinds"))
        swept = Swept(0, 0, guarded=False, days=frozenset())
        if sum(len(kinds.split()) for contributor, kinds in rows if contributor in zones) >= GUARD:
            inside = self._inside(connection, zones, window)
            gone = {spot: held for spot, held in inside.items() if spot.origin in empty}
            swept = _weighed(inside, gone, believed)
        if swept.guarded:
            return swept
        nothing = [Sighting(origin=origin) for origin in origins]
        return swept._replace(days=frozenset(self.apply(connection, nothing, zones, at)))

    def prints(self, connection: str, origins: Iterable[str]) -> set[bytes]:
        """These origins as rows know them."""
        return {self._origin(connection, origin) for origin in origins}

    def drop(
        self, connection: str, contributor: str, containers: Collection[str], zone: ZoneInfo, at: datetime
    ) -> None:
        """Forget what was read in these containers: their owner wants them read no more."""
        mine = (evidence.c.connection == connection, evidence.c.contributor == contributor)
        rows = self._connection.execute(select(evidence).where(*mine)).mappings() if containers else ()
        gone = {}
        for row in rows:
            activities = self._opened(row)
            staying = [activity for activity in activities if activity.container not in containers]
            if len(staying) < len(activities):
                gone[_spot(row)] = _Held(_face(row), len(activities) - len(staying), staying)
        self._let_go(connection, gone, {contributor: zone}, at)

    def of(
        self,
        contributor: str,
        first_day: date,
        last_day: date,
        kinds: Collection[Kind] | None = None,
    ) -> list[Activity]:
        """What happened in these local days, both included, or overlaps them; by start.

        Takes    kinds: these alone; none of them may be of tasks
        """
        asked: dict[str, Any] = {"contributor": contributor, "first_day": first_day, "last_day": last_day}
        asked |= {"kinds": list(kinds)} if kinds else {}
        rows = self._connection.execute(_OF_KINDS if kinds else _OF, asked).mappings()
        return sorted((activity for row in rows for activity in self._opened(row)), key=_by_start)

    def known(
        self, contributor: str, first_day: date, last_day: date, tasks_since: date, projects_since: date
    ) -> Known:
        """The same, with what was done to tasks before, for they stay in hand.

        Takes    tasks_since: all that was done to them from that day on
                 projects_since: of what is older, the last of each issue project from that day on
        """
        asked = {"contributor": contributor, "first_day": first_day, "last_day": last_day}
        asked |= {"tasks_since": tasks_since, "projects_since": projects_since}
        rows = [
            row for query in (_KNOWN, _OLDER) for row in self._connection.execute(query, asked).mappings()
        ]
        return Known(
            _Known(row["first_day"], row["last_day"], one, project_key(one.task, one.container))
            for row in rows
            for one in self._opened(row)
        )

    def records(self, contributor: str, uids: Iterable[tuple[str, str]]) -> dict[str, Activity]:
        """Which of these activities there are, on whatever day, by uid; none that are of tasks.

        Takes    (source, uid)
        """
        parts = [self._part(source, uid) for source, uid in uids]
        this = (evidence.c.contributor == contributor, evidence.c.part.in_(parts))
        rows = self._connection.execute(select(evidence).where(*this)).mappings() if parts else ()
        return {activity.uid: activity for row in rows for activity in self._opened(row)}

    def tally(self, since: date = date.min) -> dict[str, dict[str, int]]:
        """How many activities there are, by source and kind, over everybody.

        Takes    since: what was over before that day is left out
        """
        together = (evidence.c.source, evidence.c.kinds)
        lasting = evidence.c.last_day.is_(None) | (evidence.c.last_day >= since)
        query = select(*together, func.count()).where(lasting).group_by(*together).order_by(*together)
        counts: dict[str, Counter[str]] = {}
        for source, kinds, rows in self._connection.execute(query):
            for kind in kinds.split():
                counts.setdefault(source, Counter())[kind] += rows
        return {source: dict(sorted(count.items())) for source, count in counts.items()}

    def _present(self, people: Collection[str]) -> set[str]:
        return set(self._connection.execute(_AGREED, {"people": list(people)}).scalars())

    def _origin(self, connection: str, origin: str) -> bytes:
        return self._vault.fingerprint("origin", connection, origin)

    def _wanted(
        self,
        connection: str,
        said: Mapping[bytes, Sighting],
        zones: Mapping[str, ZoneInfo],
        present: Collection[str],
    ) -> Iterator[tuple[_Spot, _Now]]:
        shared = cache(self._shared)  # the days of a page are few
        for origin, sighting in said.items():
            rows: dict[tuple[str, _Days, str], list[Activity]] = {}
            for contributor, activity in _each_once(sighting):
                if contributor not in zones:
                    raise ValueError(f"{connection} gave evidence of {contributor}, who was not asked about")
                if contributor in present:
                    alone = "" if activity.kind in OF_TASKS else activity.uid
                    days = _days(activity, zones[contributor])
                    rows.setdefault((contributor, days, alone), []).append(activity)
            for (contributor, days, alone), activities in rows.items():
                part = self._part(activities[0].source, alone) if alone else shared(days)
                yield _Spot(origin, contributor, part), self._now(days, activities)

    def _part(self, source: str, uid: str) -> bytes:
        return self._vault.fingerprint("part", source, uid)

    def _shared(self, days: _Days) -> bytes:
        return self._vault.fingerprint("days", *map(str, days))

    def _now(self, days: _Days, activities: list[Activity]) -> _Now:
        content = _ACTIVITIES.dump_json(activities, exclude_defaults=True).decode()
        return _Now(_Face(*days, self._vault.fingerprint("says", content)), activities, content)

    def _held(
        self, connection: str, origins: Collection[bytes], people: Collection[str]
    ) -> dict[_Spot, _Face]:
        rows = self._of_origins(connection, origins, (*_Spot._fields, *_Face._fields))
        return {_Spot(*row[:3]): _Face(*row[3:]) for row in rows if row.contributor in people}

    def _of_origins(self, connection: str, origins: Iterable[bytes], names: Iterable[str]) -> Iterator[Any]:
        """These columns of all that these objects say."""
        rest = iter(origins)
        query = select(*(evidence.c[name] for name in names)).where(evidence.c.connection == connection)
        while some := list(islice(rest, _AT_ONCE)):
            yield from self._connection.execute(query.where(evidence.c.origin.in_(some)))

    def _about(self, connection: str, people: Collection[str], window: Window) -> set[bytes]:
        """The origins of what these people have inside of it, and maybe of some days around it."""
        first, last = _local(window.start - _A_DAY, UTC), _local(window.end + _A_DAY, UTC)
        touching = _touching(evidence.c.contributor.in_(list(people)), first, last)
        query = select(evidence.c.origin).distinct().where(evidence.c.connection == connection, touching)
        return set(self._connection.execute(query).scalars())

    def _inside(self, connection: str, people: Mapping[str, ZoneInfo], window: Window) -> dict[_Spot, _Held]:
        found: dict[_Spot, _Held] = {}
        for zone in dict.fromkeys(people.values()):
            there = evidence.c.contributor.in_([who for who, theirs in people.items() if theirs == zone])
            first, last = _local(window.start, zone), _local(window.end - _TICK, zone)
            query = select(evidence).where(evidence.c.connection == connection, _touching(there, first, last))
            for row in self._connection.execute(query).mappings():
                # Days at the window's edges are only partly inside it: there the content tells.
                edge = row["first_day"] in (first, last) or row["last_day"] in (first, last)
                staying = [one for one in self._opened(row) if not _meets(one, window)] if edge else []
                if going := len(row["kinds"].split()) - len(staying):
                    found[_spot(row)] = _Held(_face(row), going, staying)
        return found

    def _opened(self, row: Row) -> list[Activity]:
        return _ACTIVITIES.validate_json(self._vault.opened(evidence, row))

    def _let_go(
        self, connection: str, gone: Mapping[_Spot, _Held], zones: Mapping[str, ZoneInfo], at: datetime
    ) -> set[tuple[str, date]]:
        """Remove what may go of these rows; gives the days that changed."""
        self._remove(connection, gone)
        left = {
            spot: self._now((face.first_day, face.last_day), staying)
            for spot, (face, _, staying) in gone.items()
            if staying
        }
        self._write(connection, left)
        return self._mark([(spot, held.face) for spot, held in gone.items()], zones, at)

    def _write(self, connection: str, fresh: Mapping[_Spot, _Now]) -> None:
        rows = [
            {
                "connection": connection,
                "origin": origin,
                "contributor": contributor,
                "part": part,
                "source": activities[0].source,
                "kinds": " ".join(sorted([activity.kind for activity in activities])),
                "first_day": face.first_day,
                "last_day": face.last_day,
                "fingerprint": face.fingerprint,
                "projects": self._projects(contributor, activities),
            }
            for (origin, contributor, part), (face, activities, _) in fresh.items()
        ]
        weeks = [_week(now.face) for now in fresh.values()]
        contents = [now.content for now in fresh.values()]
        if rows:
            sealed = self._vault.sealed_all(evidence, zip(rows, contents, weeks, strict=True))
            self._connection.execute(_PUT, sealed)

    def _projects(self, contributor: str, activities: Iterable[Activity]) -> bytes | None:
        """Equal for equal issue projects of their tasks; None where there are none."""
        named = {project_key(one.task, one.container) for one in activities if one.kind in OF_TASKS} - {None}
        return self._vault.fingerprint("projects", contributor, *sorted(map(str, named))) if named else None

    def _remove(self, connection: str, gone: Collection[_Spot]) -> None:
        if gone:
            this = [evidence.c[name] == bindparam(f"its_{name}") for name in _Spot._fields]
            rows = [{f"its_{name}": value for name, value in spot._asdict().items()} for spot in gone]
            self._connection.execute(delete(evidence).where(evidence.c.connection == connection, *this), rows)

    def _mark(
        self, faces: Iterable[tuple[_Spot, _Face]], zones: Mapping[str, ZoneInfo], at: datetime
    ) -> set[tuple[str, date]]:
        spans = {(spot.contributor, face.first_day, face.last_day) for spot, face in faces}
        today = {contributor: _local(at, zone) for contributor, zone in zones.items()}
        changed = {
            (contributor, day)
            for contributor, first, last in spans
            for day in _span(first, last, today[contributor])
        }
        Days(self._connection, self._vault).mark_all(changed)
        return changed


def _weighed(inside: Mapping[_Spot, _Held], gone: Mapping[_Spot, _Held], believed: int) -> Swept:
    """How much would go, and whether that is hard to believe."""
    held, vanished = (sum(one.going for one in rows.values()) for rows in (inside, gone))
    guarded = vanished >= GUARD and vanished * 2 > held and vanished > believed
    return Swept(held, vanished, guarded, days=frozenset())


def _each_once(sighting: Sighting) -> list[tuple[str, Activity]]:
    """By uid, so that an answer in another order says the same (P9)."""
    once = {(who, activity.source, activity.uid): activity for who, activity in sighting.activities}
    return [(who, once[who, source, uid]) for who, source, uid in sorted(once)]


def _week(face: _Face) -> str:
    return ALWAYS if face.last_day is None else week(face.last_day)


def _of_tasks() -> ColumnElement[bool]:
    """Rows of `OF_TASKS`: nothing else shares a row."""
    return or_(*(evidence.c.kinds.startswith(kind) for kind in OF_TASKS))


def _spot(row: Row) -> _Spot:
    return _Spot(row["origin"], row["contributor"], row["part"])


def _face(row: Row) -> _Face:
    return _Face(row["first_day"], row["last_day"], row["fingerprint"])


def _touching(whose: ColumnElement[bool], first_day: Any, last_day: Any) -> ColumnElement[bool]:
    """Rows of theirs that touch these days, both included; what still lasts touches them all."""
    begun = and_(whose, evidence.c.first_day <= last_day)
    # Said twice, so that SQLite looks up by the index what ended since, and does not walk all that began.
    return or_(and_(begun, evidence.c.last_day >= first_day), and_(begun, evidence.c.last_day.is_(None)))


_THEIRS = evidence.c.contributor == bindparam("contributor")
_ON_DAYS = _touching(_THEIRS, bindparam("first_day"), bindparam("last_day"))
_ON_TASKS = and_(
    _THEIRS,
    evidence.c.first_day <= bindparam("last_day"),
    evidence.c.last_day >= bindparam("tasks_since"),
    _of_tasks(),
)
"""What still lasts is among what touches the days."""
_OF = select(evidence).where(_ON_DAYS)
_OF_KINDS = _OF.where(evidence.c.kinds.in_(bindparam("kinds", expanding=True)))
_KNOWN = select(evidence).where(or_(_ON_DAYS, _ON_TASKS))
_LATEST = func.row_number().over(
    partition_by=evidence.c.projects, order_by=(evidence.c.last_day.desc(), evidence.c.origin)
)
_BEFORE = (
    select(evidence, _LATEST.label("place"))
    .where(
        _THEIRS,
        evidence.c.last_day >= bindparam("projects_since"),
        evidence.c.last_day < bindparam("tasks_since"),
        evidence.c.projects.is_not(None),
    )
    .subquery()
)
_OLDER = select(_BEFORE).where(_BEFORE.c.place == 1)


def _meets(activity: Activity, window: Window) -> bool:
    """Whether any of it lies inside the window."""
    if activity.end is None or activity.end == activity.start:
        lasts = activity.kind == "presence" and activity.end is None
        return activity.start < window.end and (lasts or activity.start >= window.start)
    return activity.start < window.end and activity.end > window.start


def _by_start(activity: Activity) -> tuple[datetime, str, str]:
    return activity.start, activity.source, activity.uid


def _local(instant: datetime, zone: tzinfo) -> date:
    return instant.astimezone(zone).date()


def _days(activity: Activity, zone: ZoneInfo) -> _Days:
    """First and last local day it touches; no last one while a presence lasts."""
    first = _local(activity.start, zone)
    if activity.end is None:
        return first, None if activity.kind == "presence" else first
    return first, max(first, _local(activity.end - _TICK, zone))


def _span(first: date, last: date | None, today: date) -> Iterator[date]:
    """Every day it touches, up to today while it lasts, and none too long ago to matter."""
    day = max(first, today - LONGEST)
    while day <= (last or today):
        yield day
        day += timedelta(days=1)
