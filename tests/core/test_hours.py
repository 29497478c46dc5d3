"""When somebody works: part time, shifts, breaks, days off, odd zones and clocks that change."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from core.breaks import Break, owed
from core.suggest import suggest
from core.timeline import stretch

from .day_sheet import DaySheet, activity, contributor_day, mappings
from .says import says

Sheet = tuple[dict[str, str], dict[str, str]]


@says(
    "Capacity: the contributor's working hours of that local day (schedule, holidays, part time), less away"
)
class TestSchedules:
    def test_part_time_ends_at_noon(self, sheet: Sheet) -> None:
        """
        hours     08:30..12:30
        presence  WEB-1 09:00..17:00
        expect    WEB-1 210
        expect    capacity 240
        expect    gaps 30
        """
        expected, got = sheet
        assert got == expected

    def test_a_day_of_the_week_without_hours_has_no_capacity(self, sheet: Sheet) -> None:
        """
        week      mon-wed 09:00..17:00
        presence  WEB-1 11-18T09:00..11-20T17:00
        meeting   call 10:00..11:00
        expect    call 60
        expect    capacity 0
        expect    outside 60
        """
        expected, got = sheet
        assert got == expected

    def test_each_weekday_has_its_own_hours(self, sheet: Sheet) -> None:
        """
        week      mon-wed,fri 09:00..17:00
        week      thu 12:00..20:00
        presence  WEB-1 09:00..
        now       20:00
        expect    WEB-1 480
        expect    capacity 480
        """
        expected, got = sheet
        assert got == expected

    def test_a_holiday_or_day_off_has_no_capacity(self, sheet: Sheet) -> None:
        """
        free      11-19
        presence  WEB-1 09:00..17:00
        expect    capacity 0
        expect    away 0
        expect    gaps 0
        """
        expected, got = sheet
        assert got == expected

    def test_leave_in_the_morning_takes_the_morning(self, sheet: Sheet) -> None:
        """
        away      moving 09:00..13:00
        presence  WEB-1 09:00..17:00
        expect    WEB-1 240
        expect    away 240
        expect    capacity 240
        """
        expected, got = sheet
        assert got == expected

    def test_away_outside_working_hours_takes_nothing(self, sheet: Sheet) -> None:
        """
        away      train 06:00..09:00
        presence  WEB-1 09:00..17:00
        expect    WEB-1 480
        expect    away 0
        """
        expected, got = sheet
        assert got == expected

    def test_a_shift_over_midnight_belongs_to_the_days_it_touches(self) -> None:
        shift = "week thu 22:00..06:00\npresence OPS-1 11-19T22:00..11-20T06:00"
        evening, morning = DaySheet(f"day 11-19\n{shift}"), DaySheet(f"day 11-20\n{shift}")
        assert [sheet.got()["OPS-1"] for sheet in (evening, morning)] == ["120", "360"]
        assert [sheet.plan().sheet.gaps for sheet in (evening, morning)] == [0, 0]

    def test_the_morning_after_a_shift_counts_on_a_day_off(self, sheet: Sheet) -> None:
        """
        day       11-20
        week      thu 22:00..06:00
        free      11-20
        presence  OPS-1 11-19T22:00..06:00
        expect    OPS-1 360
        expect    capacity 360
        """
        expected, got = sheet
        assert got == expected

    def test_a_shift_that_begins_on_a_day_off_is_off_to_its_end(self) -> None:
        shift = "week thu 22:00..06:00\nfree 11-19\npresence OPS-1 11-19T22:00..11-20T06:00"
        for day in ("11-19", "11-20"):
            assert DaySheet(f"day {day}\n{shift}").plan().sheet.capacity == 0


class TestBreaks:
    """A break is a gap in the schedule, or so many minutes of nobody knows when."""

    def test_a_gap_in_the_schedule_is_no_capacity(self, sheet: Sheet) -> None:
        """
        hours     09:00..12:30 13:15..18:00
        presence  WEB-1 09:00..18:00
        expect    WEB-1 495
        expect    capacity 495
        """
        expected, got = sheet
        assert got == expected

    def test_a_day_long_enough_keeps_so_much_of_it_free(self, sheet: Sheet) -> None:
        """
        break     6h 30m
        presence  WEB-1 09:00..17:00
        meeting   weekly 10:00..11:00
        expect    weekly 60
        expect    WEB-1 390
        expect    gaps 30
        expect    capacity 480
        """
        expected, got = sheet
        assert got == expected

    def test_a_gap_there_is_already_is_break_enough(self, sheet: Sheet) -> None:
        """
        break     6h 30m
        presence  WEB-1 09:00..12:00
        presence  WEB-2 12:45..17:00
        expect    WEB-1 180
        expect    WEB-2 255
        expect    gaps 45
        """
        expected, got = sheet
        assert got == expected

    def test_what_is_logged_elsewhere_fills_a_gap_first_and_the_break_remains(self, sheet: Sheet) -> None:
        """
        break     6h 30m
        presence  WEB-1 09:00..16:15
        logged    30 task=OPS-9
        expect    WEB-1 420
        expect    logged 30
        expect    gaps 30
        """
        expected, got = sheet
        assert got == expected

    def test_rounding_does_not_eat_it(self, sheet: Sheet) -> None:
        """
        break     6h 35m
        project   house to=15 mode=up
        presence  WEB-1 09:00..17:00
        expect    WEB-1 435
        expect    gaps 45
        """
        expected, got = sheet
        assert got == expected

    def test_a_short_day_has_none(self, sheet: Sheet) -> None:
        """
        break     6h 30m
        hours     09:00..15:00
        presence  WEB-1 09:00..15:00
        expect    WEB-1 360
        """
        expected, got = sheet
        assert got == expected

    def test_meetings_from_morning_to_evening_stand(self, sheet: Sheet) -> None:
        """
        break     6h 30m
        meeting   workshop 09:00..17:00
        expect    workshop 480
        expect    gaps 0
        """
        expected, got = sheet
        assert got == expected

    @pytest.mark.parametrize(
        ("capacity", "minutes"),
        [
            ([(0, 360)], 0),
            ([(0, 361)], 30),
            ([(0, 600)], 45),
            ([(0, 300), (310, 600)], 35),
            ([(0, 300), (400, 700)], 0),
            ([], 0),
        ],
    )
    def test_the_longest_that_applies_less_what_lies_between(
        self, capacity: list[tuple[int, int]], minutes: int
    ) -> None:
        law = [Break(after=360, rest=30), Break(after=540, rest=45)]
        assert owed(law, stretch(capacity, 0)) == minutes
        assert owed(law, stretch(capacity, -60)) == minutes

    def test_P6_its_draft_says_so(self) -> None:
        written = DaySheet("break 6h 30m\npresence WEB-1 09:00..17:00")
        (found,), _ = suggest(written.day, written.activities, written.mappings)
        lines = [(line.kind, line.minutes) for line in found.because if line.minutes]
        assert lines == [("presence", 480), ("away", -30)]
        assert "Less 30 minutes: a day as long as this has a break." in [
            line.sentence for line in found.because
        ]


@says(
    "a touch opens capacity around itself only up to overtime_window minutes",
    "default 0: off; a policy choice",
)
class TestOvertime:
    def test_the_window_lies_around_the_touch(self, sheet: Sheet) -> None:
        """
        numbers   overtime_window=60
        touch     WEB-1 21:00
        expect    WEB-1 60
        expect    outside 60
        expect    gaps 480
        """
        expected, got = sheet
        assert got == expected

    def test_two_touches_open_what_their_windows_cover_together(self, sheet: Sheet) -> None:
        """
        numbers   overtime_window=60
        touch     WEB-1 21:00
        touch     WEB-1 21:20
        expect    WEB-1 80
        expect    outside 80
        """
        expected, got = sheet
        assert got == expected

    def test_it_reaches_into_no_hour_that_is_still_to_come(self, sheet: Sheet) -> None:
        """
        numbers   overtime_window=60
        now       21:10
        touch     WEB-1 21:00
        expect    WEB-1 40
        """
        expected, got = sheet
        assert got == expected

    def test_a_day_of_leave_is_no_overtime(self, sheet: Sheet) -> None:
        """
        numbers   overtime_window=60
        away      vacation 00:00..11-20T00:00
        touch     WEB-1 12:00
        expect    away 480
        expect    ignored "touch WEB-1 12:00 you were away"
        """
        expected, got = sheet
        assert got == expected


@says("23- and 25-hour days", "Clock changes: durations are real elapsed minutes")
class TestClockChanges:
    def test_a_meeting_over_the_hour_that_is_skipped_is_shorter(self, sheet: Sheet) -> None:
        """
        day       03-29
        meeting   release 01:00..04:00
        expect    release 120
        """
        expected, got = sheet
        assert got == expected

    def test_a_meeting_over_the_hour_that_comes_twice_is_longer(self, sheet: Sheet) -> None:
        """
        day       10-25
        meeting   release 01:00..04:00
        expect    release 240
        """
        expected, got = sheet
        assert got == expected

    def test_two_meetings_in_the_hour_that_comes_twice_do_not_overlap(self, sheet: Sheet) -> None:
        """
        day       10-25
        meeting   first 02:00..02:30
        meeting   second 02:00+..02:30+
        expect    first 30
        expect    second 30
        """
        expected, got = sheet
        assert got == expected

    def test_a_night_shift_has_the_hours_that_passed(self, sheet: Sheet) -> None:
        """
        day       10-25
        week      sat 22:00..06:00
        presence  OPS-1 10-24T22:00..06:00
        expect    OPS-1 420
        expect    capacity 420
        expect    gaps 0
        """
        expected, got = sheet
        assert got == expected

    @pytest.mark.parametrize(("day", "hours"), [("03-29", 23), ("10-25", 25), ("11-19", 24)])
    def test_a_day_around_the_clock_adds_up(self, day: str, hours: int) -> None:
        text = f"day {day}\nweek mon-sun 00:00..24:00\npresence OPS-1 00:00.."
        written = DaySheet(text)
        assert written.got()["OPS-1"] == str(hours * 60)


class TestPlaces:
    @pytest.mark.parametrize(
        "zone", ["Asia/Kathmandu", "Australia/Lord_Howe", "Pacific/Chatham", "Pacific/Apia"]
    )
    def test_an_odd_offset_is_a_day_like_any_other(self, zone: str) -> None:
        text = "meeting weekly 10:00..11:00\npresence WEB-1 09:00..17:00\nmeeting late 23:30..11-20T00:30"
        written = DaySheet(f"zone {zone}\n{text}")
        got = written.got()
        assert {name: got[name] for name in ("weekly", "WEB-1", "late")} == {
            "weekly": "60",
            "WEB-1": "420",
            "late": "30",
        }

    def test_a_clock_that_moves_by_half_an_hour_is_counted_in_minutes(self, sheet: Sheet) -> None:
        """
        zone      Australia/Lord_Howe
        day       04-05
        meeting   release 01:00..04:00
        expect    release 210
        """
        expected, got = sheet
        assert got == expected

    @pytest.mark.parametrize(
        ("old", "new"),
        [
            ("Europe/Berlin", "Europe/Lisbon"),
            ("Europe/Berlin", "Asia/Tokyo"),
            ("Asia/Kathmandu", "America/St_Johns"),
        ],
    )
    def test_P4_who_moves_in_the_night_loses_no_minute_and_counts_none_twice(
        self, old: str, new: str
    ) -> None:
        """Three meetings, one over both midnights: each minute of them is on exactly one of two days."""
        night = [
            activity("meeting", name, when)
            for name, when in (
                ("evening", "11-19T18:00..11-19T20:00"),
                ("night", "11-19T20:00..11-20T04:00"),
                ("morning", "11-20T04:00..11-20T09:00"),
            )
        ]
        later = contributor_day().now + timedelta(days=5)
        before = contributor_day(zone=old, next_zone=new, now=later)
        after = contributor_day(day=date(2026, 11, 20), zone=new, now=later)
        assert before.whole[1] == after.whole[0]
        minutes = [sum(one.minutes for one in suggest(day, night, mappings())[0]) for day in (before, after)]
        assert sum(minutes) == 15 * 60

    def test_who_moves_around_half_the_world_may_lose_a_day_and_never_less_than_one(self) -> None:
        gone = contributor_day(zone="Pacific/Pago_Pago", next_zone="Pacific/Kiritimati")
        assert gone.whole[0] == gone.whole[1]
        assert suggest(gone, [activity("meeting", "weekly", "10:00..11:00")], mappings())[0] == []

    def test_hours_follow_who_moves(self, sheet: Sheet) -> None:
        """
        zone      Europe/Berlin
        moves     Asia/Tokyo
        presence  WEB-1 09:00..17:00
        expect    WEB-1 420
        expect    capacity 420
        """
        expected, got = sheet
        assert got == expected
