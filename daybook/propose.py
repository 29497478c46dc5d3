"""`daybook propose`: what Daybook would suggest for these activities, saving nothing.

Activities come as JSON lines, days of drafts leave as JSON lines, in order of
person and day, whatever the order of the input (P9). Nothing is read but the
configuration and the input. What cannot be trusted is parked on its day with
its reason, and the rest of the day stands.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import TypeAdapter, ValidationError

from config.calendar import holidays
from config.schema import Address, Configuration, Person
from core.day import ContributorDay
from core.mapping import Mappings
from core.model import LONGEST, Activity, Parked, Suggestion
from core.reconcile import read_activity, suggest
from core.schedule import USUAL, Schedule
from core.sift import sift
from daybook.house import issue_projects
from daybook.jobs.reconsider import BEHIND

A_DAY = timedelta(days=1)
FAR = timedelta(days=3_660)
"""Ten years from now, either way: what says so is a mistake."""
NEVER = Schedule.model_validate({})
"""The hours of somebody whose hours we do not know."""
NOT_SHOWN = {"day"}
"""It stands beside the drafts once."""
INSTANTS = ("start", "end", "updated")

STRANGER = "person: is nobody under people in the configuration"
TOO_FAR = "start: lies more than ten years from now"
A_NUMBER = "{}: is a number; write a time like 2026-11-20T10:00:00+01:00"

_address: TypeAdapter[str] = TypeAdapter(Address)


@dataclass(frozen=True)
class Aside:
    """A line that is no activity we can use."""

    begins: datetime | None
    """Where it says so; it may lack its offset."""
    parked: Parked


@dataclass
class Lines:
    """The input, by person; what could not be read stands beside it."""

    activities: dict[str, list[Activity]] = field(default_factory=lambda: defaultdict(list))
    aside: dict[str, list[Aside]] = field(default_factory=lambda: defaultdict(list))
    refused: list[str] = field(default_factory=list)
    """Sentences about lines that name no person: nobody's day can hold them."""


# --- reading -----------------------------------------------------------------------------------------------


def read_lines(lines: Iterable[bytes]) -> Lines:
    """Sort activities by person; a malformed one is set aside, and the rest stands."""
    found = Lines()
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            said = _object(line)
            person = _person(said.pop("person", None))
        except ValueError as problem:
            found.refused.append(f"line {number}: {problem}. It was left out.")
            continue
        match _activity(said):
            case Activity() as activity:
                found.activities[person].append(activity)
            case Parked() as parked:
                found.aside[person].append(Aside(_begins(said.get("start")), parked))
    return found


def _object(line: bytes) -> dict[str, Any]:
    """Raises   ValueError, with words for the person who wrote the line"""
    try:
        said = json.loads(line.decode("utf-8-sig"))
        json.dumps(said, ensure_ascii=False).encode()  # half a character can be read, and never written again
    except UnicodeError:
        raise ValueError("is not UTF-8 text") from None
    except (ValueError, RecursionError):
        raise ValueError("is not JSON") from None
    if not isinstance(said, dict):
        raise ValueError("is no JSON object")
    return said


def _person(said: object) -> str:
    if said is None:
        raise ValueError('names no "person"')
    try:
        return _address.validate_python(said)
    except ValidationError:
        raise ValueError('has a "person" that is no e-mail address') from None


def _activity(said: Mapping[str, object]) -> Activity | Parked:
    for name in INSTANTS:
        if isinstance(said.get(name), int | float):
            uid = said.get("uid")
            return Parked(uid=uid if isinstance(uid, str) else None, why=A_NUMBER.format(name))
    return read_activity(said)


def _begins(said: object) -> datetime | None:
    try:
        return datetime.fromisoformat(said) if isinstance(said, str) else None
    except ValueError:
        return None


# --- days --------------------------------------------------------------------------------------------------


def propose(configuration: Configuration, lines: Lines, now: datetime) -> Iterator[dict[str, Any]]:
    """One object for each person's local day that the input says anything about, up to now."""
    types = {name: part.type for name, part in configuration.connections.items()}
    mappings = Mappings(configuration.projects, configuration.rules, types)
    for email in sorted(lines.activities.keys() | lines.aside.keys()):
        said, aside = lines.activities[email], lines.aside[email]
        near = [activity for activity in said if abs(activity.start - now) <= FAR]
        aside = [*aside, *(_set_aside(one, TOO_FAR) for one in said if abs(one.start - now) > FAR)]
        person = configuration.person(email)
        if person is None:
            aside = [*aside, *(_set_aside(activity, STRANGER) for activity in near)]
            yield from _stranger(configuration, email, aside, now)
        else:
            yield from _days(configuration, mappings, person, near, aside, now)


def _set_aside(activity: Activity, why: str) -> Aside:
    return Aside(activity.start, Parked(uid=activity.uid, why=why))


def _stranger(
    configuration: Configuration, email: str, aside: list[Aside], now: datetime
) -> Iterator[dict[str, Any]]:
    """Somebody the configuration does not know has no hours and no drafts, only what was parked."""
    person = Person.model_construct(name=email, email=email)
    return _days(configuration, Mappings({}, []), person, [], aside, now, NEVER)


def _days(
    configuration: Configuration,
    mappings: Mappings,
    person: Person,
    activities: list[Activity],
    aside: list[Aside],
    now: datetime,
    schedule: Schedule | None = None,
) -> Iterator[dict[str, Any]]:
    zone = ZoneInfo(configuration.zone_of(person))
    today = now.astimezone(zone).date()
    standing, said_twice = sift(activities)
    begun: dict[str | None, date] = {}
    for activity in standing:
        begun.setdefault(activity.uid, activity.start.astimezone(zone).date())
    parked = _by_day(aside, zone, now)
    for one in said_twice:
        parked[begun[one.uid]].append(one)
    reached = {activity: _reached(activity, zone, today) for activity in standing}
    days = {day for first, last in reached.values() for day in _between(first, last)}
    containers = frozenset(a.container.upper() for a in standing if a.source == "jira" and a.container)
    containers |= issue_projects(configuration)
    schedule = schedule or _schedule(configuration, person, days | parked.keys())
    for day in sorted(days | parked.keys()):
        whole = ContributorDay(
            day=day,
            zone=str(zone),
            schedule=schedule,
            now=now,
            who=person.email,
            team=person.team,
            numbers=configuration.numbers_of(person),
            containers=containers,
        )
        about = [one for one, (first, last) in reached.items() if first <= day and last >= day - BEHIND]
        suggestions, sheet = suggest(whole, about, mappings)
        found = [one for one in sheet.parked if begun[one.uid] == day]
        told = sheet.model_copy(update={"parked": tuple(sorted([*found, *parked[day]], key=_by_uid))})
        if suggestions or told.away or told.logged or told.overlapped or told.ignored or told.parked:
            drafts = [_shown(suggestion) for suggestion in suggestions]
            sums = told.model_dump(mode="json")
            yield {"person": person.email, "day": day.isoformat(), "drafts": drafts, **sums}


def _by_day(aside: Iterable[Aside], zone: ZoneInfo, now: datetime) -> dict[date, list[Parked]]:
    """What was set aside, on the local day it says; today, where that cannot be read or cannot be."""
    today = now.astimezone(zone).date()
    parked: dict[date, list[Parked]] = defaultdict(list)
    for one in aside:
        begins = one.begins
        if begins is not None and begins.tzinfo is None:
            begins = begins.replace(tzinfo=zone)  # a day is all that is wanted of it
        far = begins is None or abs(begins - now) > FAR
        parked[today if far or begins is None else begins.astimezone(zone).date()].append(one.parked)
    return parked


def _by_uid(parked: Parked) -> tuple[str, str]:
    return parked.uid or "", parked.why


def _shown(suggestion: Suggestion) -> dict[str, Any]:
    return suggestion.model_dump(mode="json", exclude=NOT_SHOWN)


def _schedule(configuration: Configuration, person: Person, days: Iterable[date]) -> Schedule:
    schedule = configuration.schedules[person.schedule] if person.schedule else USUAL
    if person.holidays is None:
        return schedule
    # the day before a new year decides about stale tasks of the day after it
    years = {year for day in days for year in (day.year - 1, day.year)}
    return schedule.observing(holidays(person.holidays, sorted(years)))


def _reached(activity: Activity, zone: ZoneInfo, today: date) -> tuple[date, date]:
    """The first and the last local day an activity reaches into, none of them in the future."""
    lasts = activity.kind == "presence" and activity.end is None
    end = activity.start + LONGEST if lasts else activity.end or activity.start
    return activity.start.astimezone(zone).date(), min(today, end.astimezone(zone).date())


def _between(first: date, last: date) -> Iterator[date]:
    while first <= last:
        yield first
        first += A_DAY
