"""When a recurring event happens: RFC 5545 rules on the wall clock of the event's own zone.

A weekly meeting at 09:00 in Berlin stays at 09:00 there when the clocks change,
so rules are worked out on naive wall times and only the results become
instants. An all-day series has midnights for wall times.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from connectors.google_calendar.sandbox_asked import zone_named

When = datetime | date
"""An instant in UTC, or the day of an all-day event."""


def wall(when: When, zone: tzinfo) -> datetime:
    """What a clock on the wall in `zone` says, without an offset."""
    if isinstance(when, datetime):
        return when.astimezone(zone).replace(tzinfo=None)
    return datetime.combine(when, time())


def instant(at: datetime, zone: tzinfo) -> datetime:
    """The instant a wall clock in `zone` shows `at`; a time the clock skips counts by the old offset."""
    return at.replace(tzinfo=zone).astimezone(UTC)


def stamp(original: When) -> str:
    """How an instance's original start is written in its id."""
    return f"{original:%Y%m%dT%H%M%SZ}" if isinstance(original, datetime) else f"{original:%Y%m%d}"


class Schedule:
    """The wall times of one series, worked out once and only as far as somebody looked."""

    def __init__(self, start: When, zone: tzinfo, recurrence: Sequence[str]) -> None:
        """Raises ValueError for lines that are no RFC 5545 recurrence."""
        self._known: list[datetime] = []
        self._coming: Iterator[datetime] | None = iter(_rules(wall(start, zone), zone, recurrence))

    def between(self, since: datetime, until: datetime) -> list[datetime]:
        """Wall times from `since` on and before `until`."""
        while self._coming and (not self._known or self._known[-1] < until):
            following = next(self._coming, None)
            if following is None:
                self._coming = None
            else:
                self._known.append(following)
        return self._known[bisect_left(self._known, since) : bisect_left(self._known, until)]


def _rules(start: datetime, zone: tzinfo, recurrence: Sequence[str]) -> Iterator[datetime]:
    from dateutil import rrule  # type: ignore[import-untyped]

    rules = rrule.rruleset()
    rules.rdate(start)  # an event happens at its start, whatever its rule says
    for line in recurrence:
        if not (shape := re.fullmatch(r"(RRULE|EXRULE|RDATE|EXDATE)([^:]*):(.+)", line)):
            raise ValueError(f"no recurrence: {line!r}")
        name, options, value = shape.groups()
        if name.endswith("RULE"):
            until_here = re.sub(r"(?<=UNTIL=)\w+", lambda found: _until(found[0], zone), value)
            getattr(rules, name.lower())(rrule.rrulestr(until_here, dtstart=start))
        else:
            for text in value.split(","):
                getattr(rules, name.lower())(_listed(text, options, start, zone))
    return iter(rules)


def _until(text: str, zone: tzinfo) -> str:
    """The wall time an UNTIL means: rules are worked out without an offset."""
    if text.endswith("Z"):
        return f"{_utc(text).astimezone(zone):%Y%m%dT%H%M%S}"
    return text if "T" in text else f"{text}T235959"


def _listed(text: str, options: str, start: datetime, zone: tzinfo) -> datetime:
    """One value of an RDATE or EXDATE line as a wall time in `zone`."""
    if text.endswith("Z"):
        return _utc(text).astimezone(zone).replace(tzinfo=None)
    if "T" not in text:
        return datetime.combine(date.fromisoformat(text), start.time())
    named = re.search(r"TZID=([^;:]+)", options)
    there = zone_named(named[1]) if named else zone
    return datetime.fromisoformat(text).replace(tzinfo=there).astimezone(zone).replace(tzinfo=None)


def _utc(text: str) -> datetime:
    return datetime.strptime(text, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)


SLACK = timedelta(days=1)
"""Wall times and instants differ by less; windows in wall time are widened by it and checked again."""
