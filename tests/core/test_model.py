"""What the nouns refuse, and what they take for the same."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from pydantic import ValidationError

from core.model import Activity

BERLIN = ZoneInfo("Europe/Berlin")
FIRST_HALF_PAST_TWO = datetime(2026, 10, 25, 2, 30, tzinfo=BERLIN)
SECOND_HALF_PAST_TWO = FIRST_HALF_PAST_TWO.replace(fold=1)


def meeting(start: datetime, end: datetime) -> Activity:
    return Activity(source="google_calendar", uid="e1", kind="meeting", start=start, end=end)


def test_a_meeting_in_the_repeated_hour_ends_after_it_starts() -> None:
    through_the_change = meeting(FIRST_HALF_PAST_TWO, SECOND_HALF_PAST_TWO.replace(minute=10))
    assert through_the_change.end is not None
    assert through_the_change.end - through_the_change.start == timedelta(minutes=40)


def test_a_meeting_moved_within_the_repeated_hours_has_moved() -> None:
    noon = datetime(2026, 10, 25, 12, tzinfo=BERLIN)
    assert meeting(FIRST_HALF_PAST_TWO, noon) != meeting(SECOND_HALF_PAST_TWO, noon)


def test_P9_what_was_stored_equals_what_was_read() -> None:
    read = meeting(FIRST_HALF_PAST_TWO, SECOND_HALF_PAST_TWO)
    assert Activity.model_validate_json(read.model_dump_json()) == read


@pytest.mark.parametrize("start", ["2026-10-25T02:30:00", "2026-10-25", "noon", 1793000000, None])
def test_a_stored_time_without_its_offset_is_refused(start: object) -> None:
    written = {"source": "jira", "uid": "e1", "kind": "touch", "start": start}
    with pytest.raises(ValidationError):
        Activity.model_validate_json(json.dumps(written))


def test_an_activity_keeps_the_offset_of_its_own_clock() -> None:
    assert meeting(FIRST_HALF_PAST_TWO, SECOND_HALF_PAST_TWO).start.isoformat() == "2026-10-25T02:30:00+02:00"


@pytest.mark.parametrize("hours", [-1, 24 * 401])
def test_impossible_spans_are_refused(hours: int) -> None:
    noon = datetime(2026, 11, 19, 12, tzinfo=timezone(timedelta(hours=1)))
    with pytest.raises(ValidationError):
        meeting(noon, noon + timedelta(hours=hours))
