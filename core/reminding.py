"""When somebody who did not answer their morning's mail is reminded: once, before their working day ends."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from core.closing import Closing, changes_until
from core.schedule import Schedule
from core.timeline import SECONDS, on_the_clock

A_WHILE = timedelta(hours=2)
"""Between a digest and its reminder, however short the day."""


def hours_for_it(
    schedule: Schedule, zone: ZoneInfo, day: date, minutes: int, until: time, told: datetime | None
) -> tuple[datetime, datetime] | None:
    """From when to when a reminder may come on a local day; None on one without working hours.

    Takes    minutes: so long before their hours end; until: later in the day no mail comes;
             told: when that day's digest went out
    """
    hours = schedule.hours(day, zone)
    if not hours:
        return None
    ends = min(hours[-1][1], on_the_clock(day, until.hour * 60 + until.minute, zone))
    begins, over = (datetime.fromtimestamp(at * SECONDS, UTC) for at in (ends - minutes, ends))
    return max(begins, told + A_WHILE) if told else begins, over


def to_speak_of(
    waiting: Collection[date], today: date, reminded: date | None, closing: Closing, *, weekly: bool
) -> set[date]:
    """The finished days that a reminder is for: none that an earlier one spoke of.

    Takes    reminded: the day of the last one; weekly: they want one mail a week, so only what closes tonight
    """
    new = {day for day in waiting if reminded is None or day >= reminded}
    return {day for day in new if changes_until(day, closing) == today} if weekly else new
