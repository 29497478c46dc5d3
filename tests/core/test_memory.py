"""A contributor's own earlier choice stands before every rule (reconciler.md, step 5)."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from core.day import ContributorDay
from core.mapping import Mappings
from core.memory import Choice, choice_of, name
from core.model import Activity, Draft
from core.reconcile import suggest
from core.rules import Project, Rule
from core.schedule import USUAL

ACME, BETA = Project(name="ACME", target={"none": "here"}), Project(name="Beta", billable=True)
CALLS = Rule.model_validate({"name": "Calls", "when": {"kind": "meeting"}, "then": {"project": "acme"}})
MAPPINGS = Mappings({"acme": ACME, "beta": BETA}, [CALLS])
CHOICE = Choice(project="beta", category="delivery", billable=True, target="jira:APP-1")


def call(**more: object) -> Activity:
    start, end = (datetime(2026, 11, 19, hour, tzinfo=UTC) for hour in (10, 11))
    said = {"source": "google_calendar", "uid": "e1", "kind": "meeting", "title": "Weekly", "series": "s1"}
    return Activity.model_validate({**said, "start": start, "end": end, "response": "accepted", **more})


def suggested(activity: Activity, choices: dict[str, Choice]):
    now = datetime(2026, 11, 20, tzinfo=UTC)
    day = ContributorDay(
        day=date(2026, 11, 19), zone="UTC", schedule=USUAL, now=now, who="ada@x.example", choices=choices
    )
    ((one,), _) = suggest(day, [activity], MAPPINGS)
    return one


def test_an_earlier_choice_for_the_series_stands_before_the_rules():
    one = suggested(call(), {"series:google_calendar:s1": CHOICE})
    assert (one.project, one.category, one.billable, one.target) == ("beta", "delivery", True, "jira:APP-1")
    assert one.because[-1].kind == "memory"
    assert "you chose it" in one.because[-1].sentence


@pytest.mark.parametrize("about", ["series:google_calendar:s2", "series:jira:s1", "task:google_calendar:s1"])
def test_a_choice_for_something_else_says_nothing(about):
    assert suggested(call(), {about: CHOICE}).project == "acme"


def test_a_choice_survives_a_rule_that_would_ignore_it():
    lunch = Rule.model_validate({"name": "Lunch", "when": {"kind": "meeting"}, "then": {"ignore": True}})
    day = ContributorDay(
        day=date(2026, 11, 19),
        zone="UTC",
        schedule=USUAL,
        now=datetime(2026, 11, 20, tzinfo=UTC),
        who="ada@x.example",
        choices={"series:google_calendar:s1": CHOICE},
    )
    ((one,), _) = suggest(day, [call()], Mappings({"beta": BETA}, [lunch]))
    assert one.project == "beta"


def test_confirming_what_the_rules_said_teaches_nothing():
    suggestion = suggested(call(), {})
    assert choice_of(Draft(suggestion=suggestion, seen=suggestion, decision="confirmed")) is None


def test_confirming_another_project_is_a_choice_and_confirming_it_again_renews_it():
    ruled = suggested(call(), {})
    theirs = ruled.model_copy(update={"project": "beta"})
    assert choice_of(Draft(suggestion=theirs, seen=ruled)) == Choice(project="beta", target="none")
    recalled = suggested(call(), {"series:google_calendar:s1": CHOICE})
    assert choice_of(Draft(suggestion=recalled, seen=recalled)) == CHOICE


def test_what_happens_once_is_not_remembered():
    assert name(call(series=None)) is None
    assert name(call(series=None), "WEB-12") == "task:google_calendar:WEB-12"
