"""Weeks and periods close: what was said by then stands, and nothing else changes any more."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.closing import NEVER, Closing, changes_until, may_change
from core.reconcile import applied, reconcile

from .day_sheet import activity, contributor_day, mappings

BERLIN = ZoneInfo("Europe/Berlin")
THURSDAY = date(2026, 11, 19)
SUNDAY = date(2026, 11, 22)


def closing(**words: object) -> Closing:
    return Closing.model_validate(words)


def at(day: date, time: str = "12:00") -> datetime:
    return datetime.fromisoformat(f"{day}T{time}").replace(tzinfo=BERLIN)


@pytest.mark.parametrize("now", [at(THURSDAY), at(THURSDAY + timedelta(days=3_000))])
def test_without_a_word_about_it_nothing_ever_closes(now: datetime) -> None:
    assert may_change(THURSDAY, now, NEVER, BERLIN)
    assert changes_until(THURSDAY, NEVER) is None


def test_a_week_closes_so_long_after_its_sunday() -> None:
    five_days = closing(weeks="5 days")
    friday = SUNDAY + timedelta(days=5)
    assert changes_until(THURSDAY, five_days) == friday
    assert may_change(THURSDAY, at(friday, "23:59"), five_days, BERLIN)
    verdict = may_change(THURSDAY, at(friday + timedelta(days=1), "00:00"), five_days, BERLIN)
    assert not verdict
    assert verdict.reason == (
        "The week from 16 November 2026 could be changed until 27 November 2026 and is closed. "
        "What was confirmed by then is still posted."
    )


def test_the_end_of_a_day_is_the_contributors_own() -> None:
    five_days = closing(weeks="5 days")
    midnight_in_berlin = at(date(2026, 11, 28), "00:00")
    assert not may_change(THURSDAY, midnight_in_berlin, five_days, BERLIN)
    assert may_change(THURSDAY, midnight_in_berlin, five_days, ZoneInfo("Europe/Lisbon"))


def test_a_month_closes_so_long_after_its_last_day() -> None:
    three_days = closing(months="3 days")
    assert changes_until(date(2028, 2, 1), three_days) == date(2028, 3, 3)
    assert may_change(date(2026, 12, 1), at(date(2027, 1, 3)), three_days, BERLIN)
    verdict = may_change(date(2026, 12, 1), at(date(2027, 1, 4)), three_days, BERLIN)
    closed = "The month to 31 December 2026 could be changed until 3 January 2027 and is closed."
    assert verdict.reason.startswith(closed)


def test_the_earlier_of_week_and_month_closes_a_day() -> None:
    both = closing(weeks="5 days", months="0 days")
    assert changes_until(date(2026, 11, 30), both) == date(2026, 11, 30)
    assert changes_until(date(2026, 12, 1), both) == date(2026, 12, 11)


def test_everything_through_a_date_is_closed_once_it_is_over() -> None:
    through = closing(through=THURSDAY)
    assert not may_change(date(2020, 1, 1), at(THURSDAY), through, BERLIN)
    assert may_change(THURSDAY, at(THURSDAY), through, BERLIN)
    verdict = may_change(THURSDAY, at(THURSDAY + timedelta(days=1)), through, BERLIN)
    assert verdict.reason.startswith("Everything through 19 November 2026 is closed.")
    assert may_change(THURSDAY + timedelta(days=1), at(SUNDAY), through, BERLIN)


@given(
    st.dates(date(2020, 1, 1), date(2030, 1, 1)),
    st.integers(-400, 400),
    st.builds(
        Closing,
        weeks=st.none() | st.integers(0, 60),
        months=st.none() | st.integers(0, 60),
        through=st.none() | st.dates(date(2020, 1, 1), date(2030, 1, 1)),
    ),
)
def test_what_is_closed_stays_closed_and_no_day_closes_before_it_is_over(
    day: date, after: int, said: Closing
) -> None:
    then = datetime.combine(day, datetime.min.time(), UTC) + timedelta(days=after)
    now = bool(may_change(day, then, said, ZoneInfo("UTC")))
    later = bool(may_change(day, then + timedelta(days=1), said, ZoneInfo("UTC")))
    assert now or not later
    assert now or after > 0


def test_on_a_closed_day_the_reconciler_changes_nothing() -> None:
    evidence = [activity("meeting", "weekly", "10:00..11:00"), activity("presence", "WEB-1", "11:00..12:00")]
    drafts = applied([], reconcile(contributor_day(), evidence, mappings(), []).changes)
    decided = [drafts[0].model_copy(update={"decision": "confirmed"}), drafts[1]]
    for said, standing in ((evidence, []), ([], decided)):
        assert reconcile(contributor_day(), said, mappings(), standing).changes
        assert reconcile(contributor_day(closed=True), said, mappings(), standing).changes == ()
