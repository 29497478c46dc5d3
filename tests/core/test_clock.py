"""Which clock is believed, and which step of a posting waits for time that really passed (R-13)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from core.clock import LONGEST_PAUSE, PAUSE, SETTLED, Evenly, believed, too_soon

MONDAY = datetime(2026, 11, 16, 7, 0, tzinfo=UTC)
LONG, SOON = timedelta(days=99), timedelta(minutes=1)
A_LITTLE = timedelta(seconds=1)
HOURS = timedelta(hours=3)
HOLD, LOOK_AFTER = timedelta(minutes=15), timedelta(minutes=2)


@pytest.mark.parametrize(
    ("off", "evenly", "wanted"),
    [
        (timedelta(0), timedelta(0), True),
        (timedelta(hours=3), timedelta(0), True),
        (timedelta(hours=-3), timedelta(0), True),
        (timedelta(days=5, hours=3), timedelta(0), True),  # from Maundy Thursday to the Tuesday after Easter
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


def test_R13_a_store_with_nobody_in_it_believes_any_clock() -> None:
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
        (Evenly(LOOK_AFTER - A_LITTLE), (True, False)),
        (Evenly(LOOK_AFTER), (False, False)),
        (Evenly(LOOK_AFTER - A_LITTLE, gained=HOURS), (True, True)),
        (Evenly(HOLD - A_LITTLE, gained=HOURS), (False, True)),
        (Evenly(HOLD, gained=HOURS), (False, False)),
        (Evenly(A_LITTLE, gained=SOON), (True, True)),
        (Evenly(SOON, gained=SOON), (False, False)),
        (Evenly(timedelta(0), gained=timedelta(0)), (False, False)),
    ],
)
def test_R13_a_look_waits_after_a_start_and_both_wait_for_what_the_clock_gained(
    evenly: Evenly, waits: tuple[bool, bool]
) -> None:
    assert too_soon(evenly, LOOK_AFTER, HOLD) == waits


def test_R13_leaps_add_up_until_they_were_waited_for() -> None:
    once = Evenly(LONG).leapt(SOON)
    assert once == (timedelta(0), SOON)
    assert once._replace(since=A_LITTLE).leapt(HOURS).gained == HOURS + SOON - A_LITTLE
    assert once._replace(since=HOURS).leapt(SOON).gained == SOON
    assert once.leapt(-HOURS).gained == SOON, "put back, it makes nothing too early"
    assert Evenly(timedelta(0)).leapt(SOON).gained == SETTLED + SOON, "nobody knows what it did before"
