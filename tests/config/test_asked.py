"""A rule that asks for what there is not is named, with what was meant (P14)."""

from __future__ import annotations

import pytest
from pydantic import BaseModel

from config.load import Unfit, load

TEAM = """\
version: 1
connections: {calendar: {type: google_calendar}}
people: [{name: Ada, email: ada@northwind.example, team: studio}, {name: Ben, email: ben@northwind.example}]
projects: {acme: {name: ACME}}
rules:
"""


class Nothing(BaseModel):
    pass


class Anything:
    Settings = Nothing
    tracks: dict[str, str] = {}


INSTALLED = {"google_calendar": Anything, "jira": Anything, "their_tool": Anything}


@pytest.fixture
def told(tmp_path):
    def problems(
        when: str, types: dict[str, type[Anything]] | None = INSTALLED
    ) -> list[tuple[str, str, str]]:
        file = tmp_path / "daybook.yaml"
        file.write_text(f"{TEAM}  - {{name: A, when: {when}, then: {{project: acme}}}}\n")
        try:
            load(file, types)
        except Unfit as unfit:
            return [(f"{p.place.line}:{p.place.column}", p.what, p.sentence) for p in unfit.problems]
        return []

    return problems


@pytest.mark.parametrize(
    ("when", "place", "what", "sentence"),
    [
        (
            "{source: jirra}",
            "6:22",
            "source",
            "'jirra' is no kind of tool installed here. Did you mean \"jira\"?",
        ),
        (
            "{source: calendar}",
            "6:22",
            "source",
            "'calendar' is no kind of tool installed here. Did you mean \"google_calendar\"?",
        ),
        (
            "{who: [ben@northwind.example, adda@northwind.example]}",
            "6:51",
            "who[1]",
            "'adda@northwind.example' is nobody under people. Did you mean \"ada@northwind.example\"?",
        ),
        (
            "{who: {exact: Ada@northwind.example}}",
            "6:22",
            "who",
            "'Ada@northwind.example' is nobody under people. Did you mean \"ada@northwind.example\"?",
        ),
        (
            "{title: acme, any: [{none: {team: sudio}}]}",
            "6:49",
            "any[0].none.team",
            "'sudio' is nobody's team. Did you mean \"studio\"?",
        ),
        ("{team: {regex: '^nobody'}}", "6:22", "team", "'^nobody' is nobody's team."),
        (
            "{kind: meting}",
            "6:22",
            "kind",
            "is 'meting'; it may be 'meeting', 'focus', 'away', 'presence', 'touch' or 'logged'. "
            'Did you mean "meeting"?',
        ),
        (
            "{response: acepted}",
            "6:22",
            "response",
            "is 'acepted'; it may be 'organizer', 'accepted', 'tentative', 'needs_action' or 'declined'. "
            'Did you mean "accepted"?',
        ),
    ],
)
def test_P14_a_condition_that_nothing_answers_to_is_named(told, when, place, what, sentence):
    assert told(when) == [(place, f"rules[0].when.{what}", sentence)]


@pytest.mark.parametrize(
    "when",
    [
        "{source: jira}",
        "{source: Their_Tool}",
        "{source: [{regex: ^google}, {exact: jira}]}",
        "{team: Studio, who: [{regex: '^(ada|ben)@'}, BEN@northwind.example]}",
    ],
)
def test_what_is_installed_or_known_may_be_asked_for_connected_or_not(told, when):
    assert told(when) == []


def test_sources_are_not_judged_where_nobody_says_what_is_installed(told):
    assert told("{source: jirra}", None) == []
