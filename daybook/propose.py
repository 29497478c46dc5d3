"""`daybook propose`: what Daybook would suggest for these activities, saving nothing.

Activities come as JSON lines, days of drafts leave as JSON lines, in order of
person and day. Nothing is read but the configuration and the input.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from config.calendar import holidays
from config.schema import Configuration, Person
from core.day import ContributorDay
from core.mapping import Mappings
from core.model import Activity, Parked, Suggestion
from core.reconcile import read_activity, suggest
from core.schedule import USUAL, Schedule

A_DAY = timedelta(days=1)
NOT_SHOWN = {"day"}
"""It stands beside the drafts once."""


@dataclass
class Lines:
    """The input, by person; what could not be read stands beside it with its line."""

    activities: dict[str, list[Activity]] = field(default_factory=lambda: defaultdict(list))
    parked: dict[str, list[Parked]] = field(default_factory=lambda: defaultdict(list))
    refused: list[str] = field(default_factory=list)
    """Sentences about lines that name no person: nobody's day can hold them."""


def read_lines(lines: Iterable[str]) -> Lines:
    """Sort activities by person; a malformed one is parked, and the rest stands."""
    found = Lines()
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            said = json.loads(line)
        except (ValueError, RecursionError):
            found.refused.append(f"line {number}: is not JSON. It was left out.")
            continue
        person = said.pop("person", None) if isinstance(said, dict) else None
        if not isinstance(person, str) or not person:
            found.refused.append(f'line {number}: names no "person". It was left out.')
            continue
        match read_activity(said):
            case Activity() as activity:
                found.activities[person.lower()].append(activity)
            case Parked() as parked:
                found.parked[person.lower()].append(parked)
    return found


def propose(configuration: Configuration, lines: Lines, now: datetime) -> Iterator[dict[str, Any]]:
    """One object for each person's local day that the input says anything about, up to now."""
    types = {name: part.type for name, part in configuration.connections.items()}
    mappings = Mappings(configuration.projects, configuration.rules, types)
    for email in sorted(lines.activities.keys() | lines.parked.keys()):
        person = configuration.person(email) or Person.model_construct(name=email, email=email)
        yield from _days(configuration, mappings, person, lines.activities[email], lines.parked[email], now)


def _days(
    configuration: Configuration,
    mappings: Mappings,
    person: Person,
    activities: list[Activity],
    parked: list[Parked],
    now: datetime,
) -> Iterator[dict[str, Any]]:
    zone = ZoneInfo(configuration.zone_of(person))
    today = now.astimezone(zone).date()
    containers = frozenset(a.container.upper() for a in activities if a.source == "jira" and a.container)
    schedule = _schedule(configuration, person, now)
    days = {day for activity in activities for day in _touched(activity, zone, today)}
    for day in sorted(days | {today} if parked else days):
        whole = ContributorDay(
            day=day,
            zone=str(zone),
            schedule=schedule,
            now=now,
            who=person.email,
            team=person.team,
            numbers=configuration.reconcile,
            containers=containers,
        )
        suggestions, sheet = suggest(whole, _until(activities, day, zone), mappings)
        said = sheet.model_dump(mode="json")
        if day == today:
            said["parked"] += [one.model_dump(mode="json") for one in parked]
        if suggestions or any(said[part] for part in ("away", "logged", "overlapped", "ignored", "parked")):
            drafts = [_shown(suggestion) for suggestion in suggestions]
            yield {"person": person.email, "day": day.isoformat(), "drafts": drafts, **said}


def _shown(suggestion: Suggestion) -> dict[str, Any]:
    return suggestion.model_dump(mode="json", exclude=NOT_SHOWN)


def _schedule(configuration: Configuration, person: Person, now: datetime) -> Schedule:
    schedule = configuration.schedules[person.schedule] if person.schedule else USUAL
    years = range(now.year - 1, now.year + 2)
    return schedule.observing(holidays(person.holidays, years)) if person.holidays else schedule


def _touched(activity: Activity, zone: ZoneInfo, today: date) -> Iterator[date]:
    """The local days an activity reaches into, none of them in the future."""
    lasts = activity.kind == "presence" and activity.end is None
    last = today if lasts else min(today, (activity.end or activity.start).astimezone(zone).date())
    day = activity.start.astimezone(zone).date()
    while day <= last:
        yield day
        day += A_DAY


def _until(activities: list[Activity], day: date, zone: ZoneInfo) -> list[Activity]:
    return [activity for activity in activities if activity.start.astimezone(zone).date() <= day]
