"""What a rule asks for must be read somewhere: `daybook check` says where it is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from config.load import load
from daybook.installed import connector_types
from daybook.unheard import Unheard, unheard

ROOT = Path(__file__).parents[2]
EXAMPLES = [path for path in sorted(ROOT.glob("docs/examples/*.yaml")) if ".cases." not in path.name]
TEAM = """\
version: 1
policy:
  why: to see
  contact: ops@northwind.example
  effective: 2026-11-02
  tracked: {{google_calendar: [{calendar}], jira: [{jira}]}}
connections:
  calendar: {{type: google_calendar, key: k}}
  jira: {{type: jira, site: "https://northwind.atlassian.net", email: ops@northwind.example, token: t}}
people: [{{name: Ada, email: ada@northwind.example}}]
projects: {{acme: {{name: ACME}}}}
rules:
  - {{name: A, when: {when}, then: {{project: acme}}}}
"""


def found(file: Path) -> list[Unheard]:
    types = connector_types()
    return list(unheard(load(file, types).configuration, types))


@pytest.mark.parametrize(
    ("when", "calendar", "jira", "expected"),
    [
        ("{source: jira, labels: warranty}", "time", "status history", [("labels", True)]),
        ("{source: jira, labels: warranty}", "time, title", "status history", [("labels", False)]),
        ("{source: jira, labels: warranty}", "time", "status history, labels", []),
        ("{audience: 2}", "time, response", "worklogs", [("audience", True)]),
        ("{audience: 2}", "time, guests domains", "worklogs", []),
        ("{any: [{title: a}, {domains: b.example}]}", "time, title", "worklogs", [("domains", True)]),
        ("{kind: meeting, title: a}", "time", "title, worklogs", [("title", True)]),
        ("{title: a}", "time", "title, worklogs", []),
    ],
)
def test_P14_a_rule_that_asks_for_what_is_not_read_is_said(
    tmp_path: Path, when: str, calendar: str, jira: str, expected: list[tuple[str, bool]]
) -> None:
    """Tracked as the third and fourth say: which word of the rule finds nothing, and whether it never can."""
    file = tmp_path / "daybook.yaml"
    file.write_text(TEAM.format(when=when, calendar=calendar, jira=jira))
    assert [(one.path[-1], one.never) for one in found(file)] == expected


def test_it_says_what_to_write(tmp_path: Path) -> None:
    file = tmp_path / "daybook.yaml"
    file.write_text(TEAM.format(when="{audience: 2}", calendar="time", jira="worklogs"))
    (one,) = found(file)
    assert one.sentence == (
        "never holds: the policy lets no audience of google_calendar or jira through. "
        "Name guests domains under policy.tracked.google_calendar, or take it out."
    )


@pytest.mark.parametrize("file", EXAMPLES, ids=lambda path: path.stem)
def test_every_rule_of_our_own_examples_can_hold(file: Path) -> None:
    assert found(file) == []
