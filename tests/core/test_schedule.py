"""Working weeks as people write them, and the hours they mean on a given day."""

from __future__ import annotations

from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from jsonschema import Draft202012Validator
from pydantic import BaseModel, ValidationError

from core.schedule import USUAL, Schedule

BERLIN = ZoneInfo("Europe/Berlin")
THURSDAY = date(2026, 11, 19)
FRIDAY = date(2026, 11, 20)
SATURDAY = date(2026, 11, 21)
FULL_TIME = {"mon-thu": ["09:00-12:30", "13:15-18:00"], "fri": ["09:00-15:00"]}


def schedule(words: dict[str, Any]) -> Schedule:
    return Schedule.model_validate(words)


def length(hours: list[tuple[int, int]]) -> int:
    return sum(end - start for start, end in hours)


@pytest.mark.parametrize(("day", "minutes"), [(THURSDAY, 495), (FRIDAY, 360), (SATURDAY, 0)])
def test_hours_differ_by_weekday(day: date, minutes: int) -> None:
    assert length(schedule(FULL_TIME).hours(day, BERLIN)) == minutes


def test_a_holiday_is_free_and_no_working_day() -> None:
    observed = USUAL.observing([THURSDAY])
    assert observed.hours(THURSDAY, BERLIN) == []
    assert not observed.works(THURSDAY)
    assert observed.works(FRIDAY)


def test_a_week_may_run_from_sunday() -> None:
    week = schedule({"sun-thu": "09:00-17:00"})
    assert [day for day in range(16, 23) if week.works(date(2026, 11, day))] == [16, 17, 18, 19, 22]


def test_days_may_be_listed() -> None:
    assert schedule({"mon, wed": ["09:00-12:00"]}) == schedule(
        {"mon": ["09:00-12:00"], "wed": ["09:00-12:00"]}
    )


def test_a_night_shift_ends_on_the_next_day() -> None:
    nights = schedule({"thu": ["22:00-06:00"]})
    assert length(nights.hours(THURSDAY, BERLIN)) == 2 * 60
    assert length(nights.hours(FRIDAY, BERLIN)) == 6 * 60
    assert not nights.works(FRIDAY)


def test_a_night_shift_over_the_clock_change_is_as_long_as_it_is() -> None:
    nights = schedule({"sat": ["22:00-06:00"]})
    assert length(nights.hours(date(2026, 3, 29), BERLIN)) == 5 * 60
    assert length(nights.hours(date(2026, 10, 25), BERLIN)) == 7 * 60


@pytest.mark.parametrize(
    ("working_days", "expected"), [(0, date(2026, 11, 19)), (3, date(2026, 11, 16)), (4, date(2026, 11, 13))]
)
def test_working_days_reach_back_over_a_weekend(working_days: int, expected: date) -> None:
    assert USUAL.reaching_back(THURSDAY, working_days) == expected


def test_a_schedule_without_a_working_day_reaches_back_to_an_end() -> None:
    assert schedule({}).reaching_back(THURSDAY, 3) < date(2026, 1, 1)


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        ({"monday": ["09:00-12:00"]}, "'monday' is not a weekday"),
        ({"mon-wed-fri": ["09:00-12:00"]}, "is not a weekday"),
        ({"mon": ["9-12"]}, "'9-12' is not a span of hours"),
        ({"mon": [900]}, "900 is not a span of hours"),
        ({"mon": ["09:00-24:30"]}, "goes past 24:00"),
        ({"mon": ["12:30-09:00", "13:15-18:00"]}, "overlaps the hours before it"),
        ({"mon": ["09:00-12:30", "12:15-18:00"]}, "overlaps the hours before it"),
        ({"mon": ["09:00-09:00"]}, "is no time at all"),
        ({"mon-tue": ["09:00-12:00"], "tue": ["13:00-14:00"]}, "names tue twice"),
        ({"mon": 9}, "9 is not a span of hours"),
        ({"week": []}, "has 0 days"),
    ],
)
def test_P14_a_mistake_is_named(words: dict[str, Any], complaint: str) -> None:
    with pytest.raises(ValidationError, match=complaint):
        schedule(words)


def test_the_schema_describes_what_people_write() -> None:
    class Part(BaseModel):
        schedules: dict[str, Schedule]

    validator = Draft202012Validator(Part.model_json_schema())
    assert validator.is_valid({"schedules": {"full_time": FULL_TIME}})
    assert not validator.is_valid({"schedules": {"full_time": {"monday": ["09:00-12:00"]}}})
    assert not validator.is_valid({"schedules": {"full_time": {"mon": ["nine to five"]}}})


def test_what_was_read_can_be_read_again() -> None:
    read = schedule(FULL_TIME).observing([FRIDAY])
    assert Schedule.model_validate_json(read.model_dump_json()) == read


def test_P14_every_mistake_of_a_week_is_told_at_its_own_word() -> None:
    with pytest.raises(ValidationError) as refusal:
        schedule({"fry": "09:00-15:00", "mon": ["9-12", "13:00-17:00", "18-19"], "sat-mon": "10:00-12:00"})
    told = [(fault["loc"], str(fault["ctx"]["error"])) for fault in refusal.value.errors()]
    assert told == [
        (("fry",), "'fry' is not a weekday or a range of them; write it like mon, mon-fri or sat"),
        (("mon", 0), "'9-12' is not a span of hours; write it like \"09:00-12:30\""),
        (("mon", 2), "'18-19' is not a span of hours; write it like \"09:00-12:30\""),
        (("sat-mon",), "names mon twice"),
    ]
