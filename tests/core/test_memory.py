"""A contributor's own earlier choice stands before every rule (reconciler.md, step 5)."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from core.day import ContributorDay
from core.mapping import Mappings
from core.memory import Choice, Lesson, Memory, names
from core.model import Activity
from core.rules import Project, Rule
from core.schedule import USUAL
from core.suggest import suggest

from .says import says

DAY = date(2026, 11, 19)
ACME, BETA = Project(name="ACME", target={"none": "here"}), Project(name="Beta", billable=True)
CALLS = Rule.model_validate({"name": "Calls", "when": {"kind": "meeting"}, "then": {"project": "acme"}})
MAPPINGS = Mappings({"acme": ACME, "beta": BETA}, [CALLS])
CHOICE = Choice(project="beta", category="delivery", billable=True, target="jira:APP-1")


def call(**more: object) -> Activity:
    start, end = (datetime(2026, 11, 19, hour, tzinfo=UTC) for hour in (10, 11))
    said = {"source": "google_calendar", "uid": "e1", "kind": "meeting", "title": "Weekly", "series": "s1"}
    return Activity.model_validate({**said, "start": start, "end": end, "response": "accepted", **more})


def chose(about: str, choice: Choice = CHOICE) -> Memory:
    return Memory(lessons=(Lesson(about=about, choice=choice, weight=1, times=1, corrected=1, last=DAY),))


def suggested(activity: Activity, memory: Memory, mappings: Mappings = MAPPINGS):
    now = datetime(2026, 11, 20, tzinfo=UTC)
    day = ContributorDay(day=DAY, zone="UTC", schedule=USUAL, now=now, who="ada@x.example", memory=memory)
    ((one,), _) = suggest(day, [activity], mappings)
    return one


@says(
    "most specific memory first: contributor's own earlier choice for the same series or task, then "
    "the rules in file order"
)
def test_an_earlier_choice_for_the_series_stands_before_the_rules():
    one = suggested(call(), chose("series:google_calendar:s1"))
    assert (one.project, one.category, one.billable, one.target) == ("beta", "delivery", True, "jira:APP-1")
    assert one.because[-1].kind == "memory"
    assert "you chose it" in one.because[-1].sentence


@pytest.mark.parametrize("about", ["series:google_calendar:s2", "series:jira:s1", "task:google_calendar:s1"])
def test_a_choice_for_something_else_says_nothing(about):
    assert suggested(call(), chose(about)).project == "acme"


def test_a_choice_survives_a_rule_that_would_ignore_it():
    lunch = Rule.model_validate({"name": "Lunch", "when": {"kind": "meeting"}, "then": {"ignore": True}})
    one = suggested(call(), chose("series:google_calendar:s1"), Mappings({"beta": BETA}, [lunch]))
    assert one.project == "beta"


@says("the key is the series id or task project plus the normalised title")
def test_what_happens_once_is_known_by_its_task_and_title():
    assert names(call(series=None)) == ("title:google_calendar::weekly",)
    assert names(call(series=None), "WEB-12")[0] == "task:google_calendar:WEB-12"
    assert names(call(private=True)) == ("series:google_calendar:s1",)
