"""Which clock is believed, and which step of a posting waits for time that really passed (R-13)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from core.clock import LONGEST_PAUSE, PAUSE, SETTLED, Evenly, believed, too_soon

MONDAY = datetime(2026, 11, 16, 7, 0, tzinfo=UTC)
LONG, SOON = timedelta(days=99), timedelta(minutes=1)
A_LITTLE = timedelta(seconds=1)
HOLD, LOOK_AFTER = timedelta(minutes=15), timedelta(minutes=2)


@pytest.mark.parametrize(
    ("off", "evenly", "wanted"),
    [
        (timedelta(0), timedelta(0), True),
        (timedelta(hours=3), timedelta(0), True),
        (timedelta(hours=-3), timedelta(0), True),
        (PAUSE, timedelta(0), True),
        (-PAUSE, timedelta(0), True),
        (PAUSE + A_LITTLE, SETTLED - A_LITTLE, False),
        (PAUSE + A_LITTLE, SETTLED, True),
        (timedelta(days=40), LONG, True),
        (LONGEST_PAUSE, LONG, True),
        (LONGEST_PAUSE + A_LITTLE, LONG, False),
        (timedelta(days=40 * 365), LONG, False),
        (-PAUSE - A_LITTLE, LONG, False),
        (datetime(1970, 1, 1, tzinfo=UTC) - MONDAY, LONG, False),
    ],
)
def test_R13_a_clock_is_believed_by_how_far_it_is_from_the_last_day_of_work(
    off: timedelta, evenly: timedelta, wanted: bool
) -> None:
    assert believed(MONDAY + off, MONDAY, evenly).allowed is wanted


def test_a_store_that_never_was_at_work_believes_any_clock() -> None:
    assert believed(MONDAY, None, timedelta(0))


def test_a_clock_that_is_not_believed_is_said_with_what_to_do() -> None:
    reason = believed(datetime(2066, 1, 2, 3, 4, tzinfo=UTC), MONDAY, LONG).reason
    assert "2066-01-02 03:04 UTC" in reason
    assert "2026-11-16" in reason
    assert "daybook run --clock-is-right" in reason
    assert len(reason) <= 200, "a log line would cut it"


@pytest.mark.parametrize(
    ("evenly", "waits"),
    [
        (Evenly(), (False, False)),
        (Evenly(LOOK_AFTER - A_LITTLE, leapt=False), (True, False)),
        (Evenly(LOOK_AFTER, leapt=False), (False, False)),
        (Evenly(LOOK_AFTER - A_LITTLE, leapt=True), (True, True)),
        (Evenly(HOLD - A_LITTLE, leapt=True), (False, True)),
        (Evenly(HOLD, leapt=True), (False, False)),
    ],
)
def test_R13_a_look_waits_after_a_start_or_leap_and_a_send_after_a_leap(
    evenly: Evenly, waits: tuple[bool, bool]
) -> None:
    assert too_soon(evenly, LOOK_AFTER, HOLD) == waits
