"""What contributors read: plain, and right in number."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from core import sentences

TEN = datetime(2026, 11, 19, 10, 12)  # noqa: DTZ001 - only its clock is read
NOON = TEN.replace(hour=12, minute=0)


@pytest.mark.parametrize(
    ("minutes", "said"),
    [(0, "0 minutes"), (1, "1 minute"), (60, "1 hour"), (61, "1 hour 1 minute"), (135, "2 hours 15 minutes")],
)
def test_durations_are_said_in_hours_and_minutes(minutes: int, said: str) -> None:
    assert sentences.duration(minutes) == said


@pytest.mark.parametrize(
    ("start", "end", "said"),
    [
        (None, None, "In progress all day."),
        (TEN, None, "In progress since 10:12."),
        (None, NOON, "In progress until 12:00."),
        (TEN, NOON, "In progress 10:12-12:00."),
    ],
)
def test_a_presence_names_only_the_edges_it_has_on_the_day(
    start: datetime | None, end: datetime | None, said: str
) -> None:
    assert sentences.present(start, end) == said


def test_few_touches_are_listed_and_many_are_counted() -> None:
    assert sentences.touched([TEN]) == "You did something to it at 10:12."
    many = [TEN + timedelta(minutes=10 * number) for number in range(8)]
    assert sentences.touched(many) == (
        "You did something to it at 10:12, 10:22, 10:32, 10:42, 10:52, 11:02 and 2 times more."
    )


def test_sharing_is_told_only_where_it_happened() -> None:
    assert sentences.shared(60, 0) == "1 hour of free working time went to it."
    assert sentences.shared(60, 1).endswith("shared with 1 other task.")
    assert sentences.shared(60, 2).endswith("shared with 2 other tasks.")


def test_P6_a_rule_is_named_with_its_line() -> None:
    assert (
        sentences.by_rule("acme-web", "ACME calls", 41)
        == 'Project acme-web by the rule "ACME calls" (line 41).'
    )
    assert sentences.by_rule(None, "ACME calls", None) == 'By the rule "ACME calls".'
