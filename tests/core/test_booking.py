"""What a draft is booked on: by the first rule that fits, in its project's steps, for one client or two."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from core.day import Sheet
from core.mapping import Mappings
from core.model import Draft, Suggestion
from core.rules import Project, Rule
from core.suggest import suggest

from .day_sheet import activity, contributor_day
from .says import says

PROJECTS = {
    "law": {"name": "Law", "rounding": 6},
    "agency": {"name": "Agency", "rounding": 15},
    "plain": {"name": "Plain"},
    "acme": {
        "name": "ACME",
        "category": "delivery",
        "billable": True,
        "target": {"jira": "ACME-1"},
    },
    "beta": {"name": "Beta", "target": {"none": "stays here"}},
}
CALL = activity("meeting", "ACME call", "10:00..10:50", response="accepted")


def booked(*consequences: Mapping[str, Any], drafts: Sequence[Draft] = ()) -> tuple[list[Suggestion], Sheet]:
    """What is suggested for the call by rules that all match it."""
    written = [
        Rule.model_validate({"name": f"Rule {number}", "when": {"title": "call"}, "then": then})
        for number, then in enumerate(consequences)
    ]
    projects = {name: Project.model_validate(said) for name, said in PROJECTS.items()}
    return suggest(contributor_day(), [CALL], Mappings(projects, written), drafts)


@says(
    "Mapping: each draft gets project, category, billable, target and description from the first mapping "
    "that matches"
)
def test_the_first_rule_that_matches_says_all_of_it_and_the_next_adds_nothing() -> None:
    first = {"project": "acme", "text": "{title}, weekly"}
    second = {"project": "beta", "category": "meeting", "confidence": "sure", "text": "Something else"}
    for consequences in ([first], [first, second]):
        ((one,), _) = booked(*consequences)
        assert (one.project, one.category, one.billable) == ("acme", "delivery", True)
        assert (one.target, one.text) == ("jira:ACME-1", "ACME call, weekly")
    ((one,), _) = booked(second, first)
    assert (one.project, one.category, one.billable) == ("beta", "meeting", False)
    assert (one.target, one.text) == ("none", "Something else")


@pytest.mark.parametrize(("project", "minutes"), [("law", 48), ("agency", 45), ("plain", 50)])
@says("Rounding: to the project's increment (6 minutes for legal, 15 for agencies, 1 for none)")
def test_a_draft_is_rounded_to_the_step_of_its_project(project: str, minutes: int) -> None:
    ((one,), _) = booked({"project": project})
    assert one.minutes == minutes


@says(
    "Attended and attributed. Attended minutes are where a person was: never counted twice (P4)",
    "Attributed minutes are to whom they are billed: one call for two clients may be attributed to both, in "
    "shares or in full, but only by a rule that says so or by the contributor, and the day shows both "
    "numbers",
)
class TestOneCallForTwoClients:
    """Ada was there once, and it may be billed to both."""

    def test_without_a_word_it_is_billed_to_one(self) -> None:
        _, sums = booked({"project": "acme"})
        assert (sums.attended, sums.attributed) == (50, {"acme": 50})

    def test_a_rule_may_bill_it_in_shares(self) -> None:
        _, sums = booked({"share": {"acme": 60, "beta": 40}})
        assert (sums.attended, sums.attributed) == (50, {"acme": 30, "beta": 20})

    def test_a_rule_may_bill_it_in_full_to_both(self) -> None:
        _, sums = booked({"share": {"acme": 100, "beta": 100}})
        assert (sums.attended, sums.attributed) == (50, {"acme": 50, "beta": 50})

    def test_the_contributor_may_bill_it_in_full_to_both(self) -> None:
        ((one,), _) = booked({"project": "acme"})
        theirs = one.model_copy(update={"attributed": {"acme": 50, "beta": 50}})
        draft = Draft(suggestion=theirs, seen=one, decision="edited")
        found, sums = booked({"project": "acme"}, drafts=[draft])
        assert (sums.attended, sums.attributed) == (50, {"acme": 50, "beta": 50})
        assert found == []
