"""Whose tools are asked when: a whole week of four people, counted in pulls."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from core.model import Activity
from core.rounds import Pace, Pull, State, due
from core.schedule import Schedule
from core.timeline import Span
from core.watch import at_work, day_ended, taken

BERLIN, LISBON = ZoneInfo("Europe/Berlin"), ZoneInfo("Europe/Lisbon")
MONDAY = date(2026, 11, 16)
DAY = timedelta(days=1)
TICK = timedelta(minutes=5)
EVERY = 15
PHRASES = ("urlaub", "vacation")

OFFICE = Schedule.model_validate({"mon-thu": ["09:00-12:30", "13:15-18:00"], "fri": ["09:00-15:00"]})
MORNINGS = Schedule.model_validate({"mon-fri": ["08:30-12:30"]})
NIGHTS = Schedule.model_validate({"mon-wed": ["22:00-06:00"]})


def midnight(day: date, zone: ZoneInfo = BERLIN) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)


def all_day(first: date, days: int = 1, **more: object) -> Activity:
    told = {"source": "google_calendar", "uid": "e1", "kind": "away", "all_day": True} | more
    return Activity.model_validate(
        told | {"start": midnight(first), "end": midnight(first + days * DAY), "container": "primary"}
    )


def pulls_of_a_week(
    schedule: Schedule, zone: ZoneInfo, away: list[Span] | None = None, first: date = MONDAY
) -> list[datetime]:
    """When one person's calendar is asked, from Monday's midnight to the next, each pull done at once."""
    last, asked = midnight(first - DAY, zone) - DAY, []
    now, end = midnight(first, zone), midnight(first + 7 * DAY, zone)
    while now < end:
        pace = Pace(
            connection="calendar",
            partition="ada",
            last_pulled=last,
            every=EVERY,
            resting=not at_work(schedule, zone, now, away or ()),
            day_ended=day_ended(schedule, zone, now),
        )
        if any(isinstance(work, Pull) for work in due(State(partitions=(pace,)), now)):
            asked.append(now.astimezone(zone))
            last = now
        now += TICK
    return asked


def at_midnight(asked: list[datetime]) -> list[date]:
    return [at.date() for at in asked if at.time() == time()]


def test_a_week_in_the_office_is_asked_for_in_its_hours_and_at_six_midnights() -> None:
    """33 looks a day from Monday to Thursday and 24 on Friday; asking around the clock would take 672."""
    asked = pulls_of_a_week(OFFICE, BERLIN)
    assert len(asked) == 4 * 33 + 24 + 6
    assert at_midnight(asked) == [MONDAY + n * DAY for n in range(6)]
    others = [at for at in asked if at.time() != time()]
    assert all(at_work(OFFICE, BERLIN, at) for at in others)
    assert not [at for at in others if at.weekday() >= 5]


def test_mornings_in_lisbon_are_lisbon_s() -> None:
    asked = pulls_of_a_week(MORNINGS, LISBON)
    assert len(asked) == 5 * 16 + 6
    assert {at.hour for at in asked} == {0, 8, 9, 10, 11, 12}


def test_a_night_shift_is_looked_at_after_the_morning_it_ends_in() -> None:
    asked = pulls_of_a_week(NIGHTS, BERLIN)
    nights = [MONDAY + n * DAY for n in (0, 1, 2, 3, 4)]
    assert at_midnight(asked) == nights, "Thursday's six hours too are seen whole, at Friday's midnight"
    assert len(asked) == 3 * 8 * 4 + 2, "the midnights inside a shift are looks in working hours"


def test_P5_who_is_on_leave_is_looked_at_once_a_day_to_see_whether_they_still_are() -> None:
    wednesday = MONDAY + 2 * DAY
    leave = taken([all_day(wednesday, 2)], PHRASES, "ada@northwind.example")
    asked = pulls_of_a_week(OFFICE, BERLIN, leave)
    assert [at.time() for at in asked if at.date() in (wednesday, wednesday + DAY)] == [time(), time()]
    assert len(asked) == 2 * 33 + 24 + 6


def test_an_afternoon_out_of_office_is_not_asked_about() -> None:
    noon, end = midnight(MONDAY) + timedelta(hours=12), midnight(MONDAY) + timedelta(hours=18)
    away = all_day(MONDAY).model_copy(update={"start": noon, "end": end, "all_day": False})
    asked = pulls_of_a_week(OFFICE, BERLIN, taken([away], PHRASES, "ada@northwind.example"))
    assert max(at for at in asked if at.date() == MONDAY).time() == time(11, 45)


def test_a_holiday_is_a_day_without_hours() -> None:
    asked = pulls_of_a_week(OFFICE.observing([MONDAY + 2 * DAY]), BERLIN)
    assert [at for at in asked if at.date() == MONDAY + 2 * DAY] == [
        datetime.combine(MONDAY + 2 * DAY, time(), BERLIN)
    ], "Tuesday is seen whole; nothing else"
    assert len(asked) == 3 * 33 + 24 + 6


@pytest.mark.parametrize("first", [date(2026, 3, 23), date(2026, 10, 19)])
def test_clock_changes_cost_no_midnight_and_bring_none_twice(first: date) -> None:
    asked = pulls_of_a_week(OFFICE, BERLIN, first=first) + pulls_of_a_week(
        OFFICE, BERLIN, first=first + 7 * DAY
    )
    assert at_midnight(asked) == [first + n * DAY for n in (0, 1, 2, 3, 4, 5, 7, 8, 9, 10, 11, 12)]


@pytest.mark.parametrize(
    ("activity", "counts"),
    [
        (all_day(MONDAY), True),
        (all_day(MONDAY, kind="meeting", title="Urlaub"), True),
        (all_day(MONDAY, kind="meeting", title="Ada: vacation"), True),
        (all_day(MONDAY, kind="meeting", title="Vacation planning"), False),
        (all_day(MONDAY, kind="meeting", title="Urlaub", response="accepted"), False),
        (all_day(MONDAY, kind="meeting", title="Offsite"), False),
        (all_day(MONDAY, response="declined"), False),
        (all_day(MONDAY, kind="focus"), False),
    ],
)
def test_what_takes_the_day_is_what_the_reconciler_calls_leave(activity: Activity, counts: bool) -> None:
    assert bool(taken([activity], PHRASES, "ada@northwind.example")) is counts


def test_who_never_works_has_no_day_to_wait_for() -> None:
    never = Schedule.model_validate({"mon": []})
    assert day_ended(never, BERLIN, midnight(MONDAY)) is None
    assert pulls_of_a_week(never, BERLIN) == []
