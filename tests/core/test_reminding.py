"""When a reminder may come, and which days it may speak of."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from core.closing import NEVER, Closing
from core.reminding import hours_for_it, to_speak_of
from core.schedule import Schedule

BERLIN = ZoneInfo("Europe/Berlin")
FRIDAY = date(2026, 11, 20)
THURSDAY = FRIDAY - timedelta(days=1)


def at(hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, 20, hour, minute, tzinfo=BERLIN)


@pytest.mark.parametrize(
    ("hours", "told", "begins", "ends"),
    [
        (["09:00-12:30", "13:15-18:00"], at(8, 30), at(17), at(18)),
        (["08:30-12:30"], at(8, 30), at(11, 30), at(12, 30)),
        (["08:30-12:30"], at(10), at(12), at(12, 30)),
        (["14:00-23:00"], at(8, 30), at(19), at(20)),
        (["09:00-17:00"], None, at(16), at(17)),
    ],
)
def test_E07_a_reminder_comes_before_their_own_day_ends_and_never_in_the_evening(
    hours: list[str], told: datetime | None, begins: datetime, ends: datetime
) -> None:
    schedule = Schedule.model_validate({"fri": hours})
    assert hours_for_it(schedule, BERLIN, FRIDAY, 60, time(20), told) == (begins, ends)


def test_E07_on_a_day_without_hours_nobody_is_reminded() -> None:
    schedule = Schedule.model_validate({"mon-thu": ["09:00-17:00"]})
    assert hours_for_it(schedule, BERLIN, FRIDAY, 60, time(20), None) is None


def test_E07_no_day_is_spoken_of_in_two_reminders() -> None:
    waiting = [THURSDAY - timedelta(days=1), THURSDAY]
    assert to_speak_of(waiting, FRIDAY, None, NEVER, weekly=False) == set(waiting)
    assert to_speak_of(waiting, FRIDAY, THURSDAY, NEVER, weekly=False) == {THURSDAY}
    assert to_speak_of(waiting, FRIDAY, FRIDAY, NEVER, weekly=False) == set()


def test_who_wants_one_mail_a_week_is_reminded_only_of_what_closes_tonight() -> None:
    closing = Closing(weeks=5)  # a week closes with the Friday after it
    last_week = date(2026, 11, 12)
    assert to_speak_of([last_week, THURSDAY], FRIDAY, None, closing, weekly=True) == {last_week}
    assert to_speak_of([last_week, THURSDAY], THURSDAY, None, closing, weekly=True) == set()
    assert to_speak_of([last_week, THURSDAY], FRIDAY, None, NEVER, weekly=True) == set()
