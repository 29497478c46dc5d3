"""Durations and percentages, as administrators write them."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from core.durations import Days, Minutes, Percent, WorkingDays


def read(kind: Any, value: object) -> int:
    number: int = TypeAdapter(kind).validate_python(value)
    return number


@pytest.mark.parametrize(
    ("kind", "written", "number"),
    [
        (Minutes, "15m", 15),
        (Minutes, "2h", 120),
        (Minutes, "1h 30m", 90),
        (Minutes, "1h30m", 90),
        (Minutes, " 45 Minutes ", 45),
        (Minutes, "1 hour", 60),
        (Minutes, "0m", 0),
        (Minutes, "1 day", 1440),
        (Minutes, 15, 15),
        (Days, "90 days", 90),
        (Days, "1 day", 1),
        (Days, "2 weeks", 14),
        (Days, "2 years", 730),
        (Days, "1 year 30 days", 395),
        (Days, 45, 45),
        (WorkingDays, "3 working days", 3),
        (WorkingDays, "1 working  day", 1),
        (WorkingDays, 3, 3),
        (Percent, "80 %", 80),
        (Percent, "80%", 80),
        (Percent, "100 percent", 100),
        (Percent, 85, 85),
    ],
)
def test_what_people_write_is_read_in_the_unit_of_the_field(kind: Any, written: object, number: int) -> None:
    assert read(kind, written) == number


@pytest.mark.parametrize(
    ("kind", "written", "sentence"),
    [
        (
            Minutes,
            "15 parsecs",
            "'15 parsecs' is not a duration Daybook knows; write it like 15m, 2h or 90 days",
        ),
        (
            Days,
            "forever",
            "'forever' is not a number of days Daybook knows; write it like 90 days or 2 years",
        ),
        (WorkingDays, "3 days", "'3 days' is not a number of working days; write it like 3 working days"),
        (Percent, "most", "'most' is not a percentage; write it like 80 %"),
        (Minutes, True, "True is not a duration Daybook knows; write it like 15m, 2h or 90 days"),
    ],
)
def test_P14_a_wrong_duration_is_answered_with_how_to_write_it(
    kind: Any, written: object, sentence: str
) -> None:
    with pytest.raises(ValidationError) as refusal:
        read(kind, written)
    assert refusal.value.errors()[0]["msg"] == f"Value error, {sentence}"


@pytest.mark.parametrize(
    ("kind", "written"),
    [
        (Minutes, "15"),
        (Minutes, ""),
        (Minutes, "m"),
        (Minutes, "-15m"),
        (Minutes, -15),
        (Minutes, "1.5h"),
        (Minutes, 1.5),
        (Minutes, "15m and more"),
        (Minutes, "in 15m"),
        (Minutes, "9999999m"),
        (Minutes, "\u0661\u0665m"),
        (Minutes, None),
        (Days, "15m"),
        (Days, "6 months"),
        (Percent, "101 %"),
        (Percent, -1),
    ],
)
def test_P14_nothing_is_guessed(kind: Any, written: object) -> None:
    with pytest.raises(ValidationError):
        read(kind, written)


def test_the_schema_allows_both_the_number_and_the_words() -> None:
    assert {form["type"] for form in TypeAdapter(Minutes).json_schema()["anyOf"]} == {"integer", "string"}
