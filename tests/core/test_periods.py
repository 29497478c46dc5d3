"""Weeks, months of whole weeks, and the day on which each is published (P-21)."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from core.periods import COUNTED, WEEKDAYS, due, monday, month_of, period_with, published_on, week, weeks_of

days = st.dates(date(2020, 1, 1), date(2040, 12, 31))


@given(days)
def test_every_week_lies_in_one_month_as_a_whole(day: date) -> None:
    name = week(day)
    assert monday(name) <= day < monday(name) + timedelta(days=7)
    assert name in weeks_of(month_of(name))
    assert len(weeks_of(month_of(name))) in (4, 5)


@given(days, st.sampled_from(WEEKDAYS))
def test_a_week_comes_on_its_weekday_once_it_is_counted(day: date, on: str) -> None:
    period = period_with(day, "weekly")
    published = published_on(period, on)
    assert WEEKDAYS[published.weekday()] == on
    assert COUNTED <= published - period.first_day < COUNTED + timedelta(days=7)


@given(days, st.integers(6, 28))
def test_a_month_comes_on_its_day_of_the_month_after_it(day: date, on: int) -> None:
    period = period_with(day, "monthly")
    published = published_on(period, on)
    assert published.day == on
    assert published >= period.last_day + timedelta(days=3)
    middle = period.first_day + timedelta(days=14)
    assert (published.year * 12 + published.month) - (middle.year * 12 + middle.month) == 1


def test_november_2026_is_four_weeks_and_comes_on_the_sixth_of_december() -> None:
    period = period_with(date(2026, 11, 20), "monthly")
    assert (period.first_day, period.last_day) == (date(2026, 11, 2), date(2026, 11, 29))
    assert published_on(period, 6) == date(2026, 12, 6)
    assert period_with(date(2026, 11, 1), "monthly").name == "2026-10"


def test_what_was_missed_is_due_in_order_and_nothing_that_began_before() -> None:
    since, today = date(2026, 11, 3), date(2026, 11, 25)
    assert [period.name for period in due("weekly", "wednesday", since, today)] == ["2026-W46", "2026-W47"]
    assert [period.name for period in due("weekly", "thursday", since, today)] == ["2026-W46"]
    assert list(due("monthly", 6, since, date(2027, 1, 5))) == []
    assert [period.name for period in due("monthly", 6, since, date(2027, 1, 6))] == ["2026-12"]
