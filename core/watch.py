"""When tools are worth asking about somebody: while they are at work, and once after each of their days.

What happens at night can wait for that one look. It comes at the midnight that ends a working day, so that
what is drafted of the day is whole, and at the one that begins a working day, for whoever worked on a
Sunday. On leave the looks at midnight are all there is: they would see that it was cut short.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from core.leave import is_leave
from core.model import Activity
from core.schedule import Schedule
from core.timeline import Span, minute, union

FURTHEST = 31
"""Days; whoever did not work for longer has no day that anybody waits for."""

_DAY = timedelta(days=1)


def at_work(schedule: Schedule, zone: ZoneInfo, now: datetime, taken: Iterable[Span] = ()) -> bool:
    """Whether it is one of their working hours.

    Takes    taken: leave and absence, as minutes
    """
    today, instant = now.astimezone(zone).date(), minute(now)
    works, is_away = (
        any(start <= instant < end for start, end in spans) for spans in (schedule.hours(today, zone), taken)
    )
    return works and not is_away


def is_off(schedule: Schedule, zone: ZoneInfo, day: date, taken: Iterable[Span]) -> bool:
    """Whether leave and absence leave nothing of a day's working hours.

    Takes    taken: as minutes; of a day without hours nothing is taken
    """
    hours, gone = schedule.hours(day, zone), union(taken)
    return bool(hours) and all(any(a <= start and end <= b for a, b in gone) for start, end in hours)


def taken(activities: Iterable[Activity], phrases: Iterable[str], who: str) -> list[Span]:
    """The time that leave and absence take from their contributor.

    Takes    phrases: what says leave in a title; who: their e-mail
    """
    phrases = list(phrases)
    return [
        (minute(one.start), minute(one.end))
        for one in activities
        if one.end is not None and one.response != "declined"
        if one.kind == "away" or (one.kind == "meeting" and is_leave(one, phrases, who))
    ]


def day_ended(schedule: Schedule, zone: ZoneInfo, now: datetime) -> datetime | None:
    """The last midnight so far that ended or began a day with working hours.

    Gives    a look from before it has not seen that day whole; None where there was none for long
    """
    today = now.astimezone(zone).date()
    for back in range(FURTHEST):
        day = today - back * _DAY
        if schedule.hours(day, zone) or schedule.hours(day - _DAY, zone):
            return _midnight(day, zone)
    return None


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)
