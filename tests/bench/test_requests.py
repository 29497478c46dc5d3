"""Requests are those of the formulas, whatever the size of the team."""

from __future__ import annotations

import pytest

from bench import requests
from bench.pull.crowd import Size

SMALL = Size(issues=110, worklogs=20, tasks=24, entries=8, events=12)


@pytest.fixture(scope="module")
def figures() -> requests.Figures:
    return requests.measure(teams=(3, 6), size=SMALL, news=(10, 100))


def test_every_count_is_its_formulas(figures: requests.Figures):
    wrong = [
        (tool, what, counted, expected)
        for tool, what, _, by_team in figures["rows"]
        for counted, expected in by_team
        if counted != expected
    ]
    assert wrong == []
    assert len(figures["rows"]) == 14


def test_fact_15_jira_is_asked_the_same_whatever_the_number_of_people(figures: requests.Figures):
    """Fact 15 of facts/jira.md."""
    asked = [by_team for tool, _, _, by_team in figures["rows"] if tool == "Jira"]
    assert len(asked) == 4
    assert all(few == many for few, many in asked)


def test_the_table_says_where_a_count_is_not_its_formulas():
    row = ("Jira", "nothing changed", "3", [(3, 3), (203, 3)])
    assert "| Jira: nothing changed | 3 | 3 | 203, not 3 |" in requests.table(
        {"teams": [20, 200], "rows": [row]}
    )
