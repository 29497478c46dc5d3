"""Evidence by day: a day is given little of what was said, and nothing is lost by it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import groupby

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.schema import Configuration
from core.model import Activity
from daybook.trial import BEHIND, Days, Trial, Window

NOW = datetime(2026, 11, 30, 15, tzinfo=UTC)
CONFIGURATION = Configuration.model_validate(
    {
        "version": 1,
        "timezone": "America/Havana",
        "people": [{"name": "Ada Example", "email": "ada@northwind.example"}],
        "projects": {"acme": {"name": "ACME"}},
        "rules": [{"name": "ACME", "when": {"title": "acme"}, "then": {"project": "acme"}}],
    }
)


@pytest.fixture
def days() -> Days:
    return ada()


def ada() -> Days:
    return Days(Trial(CONFIGURATION, NOW), CONFIGURATION.people[0])


def begins(days: Days, activity: Activity) -> date:
    return days.whereabouts.day(activity.start)


def windows(days: Days, activities: list[Activity]) -> list[Window]:
    ordered = sorted(activities, key=lambda one: (begins(days, one), one.uid))
    return list(
        days.windows((day, list(begun)) for day, begun in groupby(ordered, key=lambda one: begins(days, one)))
    )


def touch(at: datetime) -> Activity:
    return Activity(source="jira", uid=f"touch{at}", kind="touch", task="WEB-7", container="WEB", start=at)


def presence(start: datetime, end: datetime | None, task: str = "WEB-7") -> Activity:
    return Activity(
        source="jira", uid=f"{task}{start}", kind="presence", task=task, container="WEB", start=start, end=end
    )


@st.composite
def said(draw: st.DrawFn) -> list[Activity]:
    kinds = draw(
        st.lists(st.sampled_from(["touch", "presence", "touch", "meeting", "logged", "away"]), max_size=14)
    )
    return [_drawn(draw, kind, number) for number, kind in enumerate(kinds)]


def _drawn(draw: st.DrawFn, kind: str, number: int) -> Activity:
    start = NOW - timedelta(minutes=draw(st.integers(-300, 60 * 24 * 12)))
    end = start + timedelta(minutes=draw(st.integers(1, 60 * 24 * 9)))
    ends = {"touch": None, "logged": None, "presence": draw(st.sampled_from([None, end]))}.get(kind, end)
    return Activity.model_validate(
        {
            "source": "jira",
            "uid": str(number),
            "kind": kind,
            "start": start,
            "end": ends,
            "minutes": 25 if kind == "logged" else None,
            "task": draw(st.sampled_from(["WEB-1", "WEB-1", "WEB-2"])) if kind != "meeting" else None,
            "container": draw(st.sampled_from(["WEB", None])),
            "title": draw(st.sampled_from(["ACME WEB-1", "Stand-up"])),
        }
    )


@given(said())
@settings(max_examples=60)
def test_a_day_says_the_same_of_its_window_as_of_all_that_was_ever_said(activities):
    days = ada()
    for window in windows(days, activities):
        recent = [one for one in activities if days.reach(one) >= window.day - BEHIND]
        whole = window._replace(activities=recent)
        assert days.suggest(window) == days.suggest(whole)


@given(said())
@settings(max_examples=60)
def test_every_day_that_evidence_reaches_comes_once_and_in_order(activities):
    days = ada()
    found = [window.day for window in windows(days, activities)]
    assert found == sorted(set(found))
    for one in activities:
        first, last = begins(days, one), days.reach(one)
        assert {first + timedelta(days=number) for number in range((last - first).days + 1)} <= set(found)


def test_ten_years_of_touches_are_never_held_together(days):
    touches = (
        Activity(
            source="jira",
            uid=str(number),
            kind="touch",
            task=f"WEB-{number}",
            container="WEB",
            start=NOW - timedelta(days=3_650 - number),
        )
        for number in range(3_650)
    )
    most = max(
        len(window.activities) for window in days.windows((begins(days, one), [one]) for one in touches)
    )
    assert most <= BEHIND.days + 1


def test_the_latest_sign_of_many_is_the_one_that_keeps_a_task_awake(days):
    begun = NOW - timedelta(days=12)
    signs = [touch(NOW - timedelta(days=ago)) for ago in (11, 10, 3)]
    drafted = {
        window.day.day for window in windows(days, [presence(begun, None), *signs]) if days.suggest(window)[0]
    }
    assert drafted == {18, 19, 20, 23, 24, 25, 27, 30}, "awake for three working days after each sign"


def test_a_task_that_still_lasts_comes_every_day_until_today_and_for_a_year_at_most(days):
    begun = NOW - timedelta(days=500)
    found = [window.day for window in windows(days, [presence(begun, None)])]
    assert len(found) == 401
    assert windows(days, [presence(NOW - timedelta(days=9), None)])[-1].day == date(2026, 11, 30)


def test_an_issue_project_is_known_for_as_long_as_its_evidence(days):
    named = Activity(
        source="calendar",
        uid="m",
        kind="meeting",
        title="WEB-9",
        start=NOW - timedelta(days=2),
        end=NOW - timedelta(days=2, hours=-1),
    )
    for ago, task in ((40, "WEB-9"), (60, None)):
        logged = presence(NOW - timedelta(days=ago), NOW - timedelta(days=ago, hours=-1), "WEB-1")
        (last,) = [window for window in windows(days, [logged, named]) if window.day == begins(days, named)]
        assert [draft.task for draft in days.suggest(last)[0]] == [task]
