"""What a walk leaves for the next one, as values."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from connectors.contract import CursorExpired, Window
from connectors.google_calendar.bookmark import OVERLAP, Resting, Said, opened

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
WINDOW = Window(start=NOON - timedelta(days=14), end=NOON)
MINUTE = timedelta(minutes=1)


def resting(*answers: Said, calendars: int = 1, cursor: str | None = None) -> Resting:
    """Where a walk ends that gets these answers."""
    for answer in answers:
        left = opened(cursor, WINDOW, "Europe/Berlin", "asked").after(answer, calendars)
        cursor = left.model_dump_json()
    assert isinstance(left, Resting)
    return left


def test_the_next_look_begins_before_google_s_clock_at_the_first_answer() -> None:
    """Hours may pass between two pages; what changed after the first was read would be lost."""
    pages = [Said("p2", "s", NOON), Said("p3", "s", NOON + 60 * MINUTE), Said("", "s", NOON + 90 * MINUTE)]
    assert resting(*pages).since == NOON - OVERLAP
    two = [Said("", "s", NOON), Said("", "t", NOON + 60 * MINUTE)]
    assert resting(*two, calendars=2).since == NOON - OVERLAP


def test_without_google_s_clock_the_next_walk_is_whole() -> None:
    assert resting(Said("p2", "s", None), Said("", "s", NOON)).since is None
    assert resting(Said("", "s", None)).since is None


@pytest.mark.parametrize(("stamp", "whole"), [("s", False), ("t", True), ("", True)])
def test_a_calendar_that_changed_makes_the_next_walk_whole(stamp: str, whole: bool) -> None:
    first = resting(Said("", "s", NOON)).model_dump_json()
    second = resting(Said("", stamp, NOON + MINUTE), cursor=first)
    assert (second.since is None) is whole
    assert second.stamps == (stamp,)


def test_each_calendar_has_its_own_stamp_whatever_its_pages() -> None:
    answers = [Said("p2", "s", NOON), Said("", "s2", NOON), Said("", "t", NOON)]
    assert resting(*answers, calendars=2).stamps == ("s", "t")


def test_a_whole_walk_shows_whole_local_days() -> None:
    walking = opened(None, WINDOW, "Europe/Berlin", "asked")
    assert walking.whole
    assert (walking.start, walking.end) == (WINDOW.start, datetime(2026, 11, 20, 23, tzinfo=UTC))
    assert opened(None, WINDOW, "Pacific/Auckland", "asked").end == datetime(2026, 11, 21, 11, tzinfo=UTC)


@pytest.mark.parametrize("ahead", [timedelta(0), timedelta(hours=36)])
@pytest.mark.parametrize(
    ("began", "minutes", "whole"),
    [
        (NOON, 10 * 60 + 59, False),
        (NOON, 11 * 60, True),
        (NOON, 24 * 60, True),
        (NOON, -14 * 60, True),
        (datetime(2026, 3, 28, 12, tzinfo=UTC), 11 * 60, True),  # the clocks change in the hours to come
        (datetime(2026, 3, 28, 23, tzinfo=UTC), 23 * 60 - 1, False),
        (datetime(2026, 3, 28, 23, tzinfo=UTC), 23 * 60, True),
        (datetime(2026, 10, 24, 22, tzinfo=UTC), 25 * 60 - 1, False),
        (datetime(2026, 10, 24, 22, tzinfo=UTC), 25 * 60, True),
    ],
)
def test_the_first_walk_of_a_local_day_is_whole(
    began: datetime, minutes: int, whole: bool, ahead: timedelta
) -> None:
    """By Google's clock, and in Berlin, where it is one or two hours later; however far a window reaches."""
    window = Window(start=began - timedelta(days=14), end=began + ahead)
    left = opened(None, window, "Europe/Berlin", "asked").after(Said("", "s", began), 1)
    later = window.model_copy(update={"end": window.end + minutes * MINUTE})
    assert opened(left.model_dump_json(), later, "Europe/Berlin", "asked").whole is whole


def test_S12_a_clock_at_the_end_of_all_time_makes_the_next_walk_whole() -> None:
    """Found by fuzzing: whoever put that date over an answer ended every walk with an error of Python's."""
    ended = resting(Said("", "s", datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)))
    later = WINDOW.model_copy(update={"end": NOON + MINUTE})
    assert opened(ended.model_dump_json(), later, "Europe/Berlin", "asked").whole


def test_a_walk_goes_on_where_it_was_however_the_window_moved() -> None:
    first = opened(None, WINDOW, "Europe/Berlin", "asked")
    middle = first.after(Said("p2", "s", NOON), 1)
    tomorrow = Window(start=WINDOW.start, end=NOON + timedelta(days=1))
    assert opened(middle.model_dump_json(), tomorrow, "Europe/Berlin", "asked") == middle


def test_other_settings_in_the_middle_of_a_walk_begin_anew() -> None:
    middle = opened(None, WINDOW, "Europe/Berlin", "asked").after(Said("p2", "s", NOON), 1)
    with pytest.raises(CursorExpired):
        opened(middle.model_dump_json(), WINDOW, "Europe/Berlin", "something else")
