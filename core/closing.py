"""When a day is closed: payroll and invoices were made of it, and nothing in it changes any more."""

from __future__ import annotations

import calendar
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from core.durations import Days
from core.model import Noun, Verdict
from core.said import Said, worded


class Closing(Noun):
    """When days close for good; left out, they never do."""

    weeks: Days | None = None
    """So long after its Sunday a week closes."""
    months: Days | None = None
    """So long after its last day a month closes."""
    through: date | None = None
    """This day and all before it are closed, as soon as they are over."""


NEVER = Closing()

THROUGH = worded("Everything through {day} is closed. What was confirmed by then is still posted.")
WEEK = worded(
    "The week from {day} could be changed until {last} and is closed. "
    "What was confirmed by then is still posted."
)
MONTH = worded(
    "The month to {day} could be changed until {last} and is closed. "
    "What was confirmed by then is still posted."
)


def may_change(day: date, now: datetime, closing: Closing, zone: ZoneInfo) -> Verdict:
    """May drafts and entries of this local day still be made, changed or decided?

    Takes    zone: its contributor's; a day that may be changed until Friday closes when their Friday ends
    """
    today = now.astimezone(zone).date()
    if day >= today:
        return Verdict(allowed=True, reason="It is not over yet.")
    if closing.through is not None and day <= closing.through:
        return Verdict(allowed=False, reason=Said(THROUGH, day=closing.through))
    for said, first, last in _periods(day, closing):
        if today > last:
            return Verdict(allowed=False, reason=Said(said, day=first, last=last))
    return Verdict(allowed=True, reason="It is not closed.")


def changes_until(day: date, closing: Closing) -> date | None:
    """The last day on which this day may be changed; None where nothing closes it."""
    return min((last for _, _, last in _periods(day, closing)), default=None)


def _periods(day: date, closing: Closing) -> list[tuple[str, date, date]]:
    """The week and the month of a day, each with what it says once it is closed, the day it is named by, and
    its last day for changes, the earlier first."""
    periods = []
    if closing.weeks is not None:
        sunday = day + timedelta(days=6 - day.weekday())
        monday = sunday - timedelta(days=6)
        periods.append((WEEK, monday, sunday + timedelta(days=closing.weeks)))
    if closing.months is not None:
        end = day.replace(day=calendar.monthrange(day.year, day.month)[1])
        periods.append((MONTH, end, end + timedelta(days=closing.months)))
    return sorted(periods, key=lambda period: period[-1])
