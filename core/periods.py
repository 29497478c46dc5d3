"""Which weeks a report is of, and on which day it is published.

A month is made of whole weeks, those whose Thursday lies in it: a week cut in two would leave a difference
of single days behind. A week is counted once, on the third day after it, so that Friday's time can still be
confirmed on Monday; what is confirmed later falls into the next week that is counted.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta

from core.model import Noun

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
COUNTED = timedelta(days=9)
"""From its Monday to the day a week is counted on, a Wednesday."""
A_WEEK = timedelta(days=7)

_WEEK = re.compile(r"(\d{4})-W(\d\d)")


class Period(Noun):
    """A week, or a month of whole weeks."""

    name: str
    """2026-W47, or 2026-11."""
    weeks: tuple[str, ...]
    """The first one first."""

    @property
    def first_day(self) -> date:
        return monday(self.weeks[0])

    @property
    def last_day(self) -> date:
        return monday(self.weeks[-1]) + timedelta(days=6)


def week(day: date) -> str:
    """The ISO week of a day, so that sorting the text sorts the weeks: 2026-W47."""
    year, number, _ = day.isocalendar()
    return f"{year:04}-W{number:02}"


def monday(name: str) -> date:
    """The first day of a week."""
    year, number = _WEEK.fullmatch(name).groups()  # type: ignore[union-attr]
    return date.fromisocalendar(int(year), int(number), 1)


def month_of(name: str) -> str:
    """The month a week belongs to: 2026-11."""
    return f"{monday(name) + timedelta(days=3):%Y-%m}"


def weeks_of(month: str) -> tuple[str, ...]:
    """The weeks of a month, four or five."""
    first = date.fromisoformat(f"{month}-01")
    days = (first + timedelta(days=number) for number in range(31))
    return tuple(week(day) for day in days if day.weekday() == 3 and f"{day:%Y-%m}" == month)


def period_with(day: date, cadence: str) -> Period:
    """The week or month that a day belongs to.

    Takes    cadence: weekly or monthly
    """
    of_week = week(day)
    if cadence == "weekly":
        return Period(name=of_week, weeks=(of_week,))
    return Period(name=month_of(of_week), weeks=weeks_of(month_of(of_week)))


def published_on(period: Period, on: str | int) -> date:
    """The declared day of a period: the first such day once all of it is counted.

    Takes    on: a weekday, or a day of the month
    """
    day = monday(period.weeks[-1]) + COUNTED
    while (WEEKDAYS[day.weekday()] if isinstance(on, str) else day.day) != on:
        day += timedelta(days=1)
    return day


def due(cadence: str, on: str | int, since: date, today: date) -> Iterator[Period]:
    """Every period that began on `since` or later and whose declared day has come, the first one first."""
    day = since
    while day <= today:
        period = period_with(day, cadence)
        if period.first_day >= since and published_on(period, on) <= today:
            yield period
        day = period.last_day + timedelta(days=1)
