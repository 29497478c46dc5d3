"""Two configurations compared by what they mean, and what of one may be kept (reload, --against-running)."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from config.form import Form, changed, form, under
from config.load import load
from config.secrets import from_machine
from tests.config.test_load import WELL, Jira

SECRET = "s3cret"


@pytest.fixture
def formed(tmp_path: Path):
    (tmp_path / "credentials").mkdir()
    (tmp_path / "credentials" / "jira").write_text(SECRET)
    (tmp_path / "database").write_text("hidden")

    def of(text: str, salt: str = "") -> Form:
        file = tmp_path / "daybook.yaml"
        file.write_text(text)
        return form(load(file, {"jira": Jira}, from_machine(tmp_path, {})), salt)

    return of


def said(before: Form, after: Form) -> list[str]:
    return [f"{'.'.join(map(str, one.path))} {one.sentence}" for one in changed(before, after)]


def test_what_is_only_written_otherwise_is_no_change(formed):
    first = formed(WELL)
    moved, _, rest = WELL.partition("policy:")
    assert changed(first, formed(f"# a word\n{moved}posting: {{hold: 900s}}\n\npolicy:{rest}")) == []


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("rounding: 15m", "rounding: 6m", ["projects.acme-web.rounding.to was 15, is 6."]),
        ("name: ACME website", "name: ACME", ["projects.acme-web.name was 'ACME website', is 'ACME'."]),
        ("schedule: full_time, ", "", ["people.0.schedule is another than before."]),
        ("Ada@northwind", "grace@northwind", ["people.0 is new.", "people is gone."]),
        (", container: WEB", "", ["rules.0.when.container is gone."]),
        ("then: {", "then: {billable: false, ", ["rules.0.then.billable is new."]),
        ("ACME issues", "ACME tasks", ["rules.0 is new.", "rules.ACME issues is gone."]),
        ("version: 1\n", "version: 1\nposting: {hold: 20m}\n", ["posting.hold was 900, is 1200."]),
        ("northwind.atlassian", "north.atlassian", [
            "connections.jira.site was 'https://northwind.atlassian.net', is 'https://north.atlassian.net'."
        ]),
    ],
)  # fmt: skip
def test_every_change_is_told_once_and_where(formed, before, after, expected):
    assert before in WELL
    assert said(formed(WELL), formed(WELL.replace(before, after, 1))) == expected


def test_rules_in_another_order_are_told_because_the_first_wins(formed):
    rule = "  - {{name: {0}, when: {{title: {0}}}, then: {{ignore: true}}}}\n"
    first, second = rule.format("a"), rule.format("b")
    here, there = formed(WELL + first + second), formed(WELL + second + first)
    assert said(here, there) == ["rules stand in another order."]
    assert said(formed(WELL), here) == ["rules.1 is new.", "rules.2 is new."]


def test_projects_in_another_order_are_told_because_the_page_lists_them_so(formed):
    """It decides nothing else: what a day comes to is the same in any."""
    web, app = "  acme-web:", "  app: {name: The app}\n  acme-web:"
    assert web in WELL
    before = formed(WELL.replace(web, app))
    after = {**before, "projects": dict(reversed(before["projects"].items()))}
    assert said(before, after) == ["projects stand in another order."]
    assert said(formed(WELL), before) == ["projects.app is new."]
    assert said(before, formed(WELL)) == ["projects.app is gone."]


def test_S15_what_is_kept_holds_no_secret_and_names_nobody(formed, tmp_path):
    text = (
        f"{WELL}rollout: {{cohorts: {{pilot: [ada@northwind.example]}}}}\n"
        'store: {url: "postgresql://d:${file:database}@db/x"}\n'
    )
    kept = json.dumps(formed(text, "a salt"))
    for word in (SECRET, "hidden", "Ada Example", "ada@northwind.example"):
        assert word not in kept
    (tmp_path / "credentials" / "jira").write_text("another")
    assert said(json.loads(kept), formed(text, "a salt")) == [
        "connections.jira.token is another than before."
    ]


def test_what_decides_on_drafts_can_be_lived_by_again(formed, tmp_path):
    """So that the lab can compare with what runs, whatever the file says by now."""
    numbers = (
        "reconcile: {increment: 5m, teams: {studio: {increment: 1m}}, "
        "people: {ada@northwind.example: {increment: 3m}}}\n"
    )
    text = WELL.replace("schedule: full_time,", "schedule: full_time, team: studio,") + numbers
    kept = json.loads(json.dumps(formed(text, "a salt")))
    first = load(tmp_path / "daybook.yaml").configuration
    formed(text.replace("container: WEB", "container: APP").replace("increment: 5m", "increment: 6m"))
    later = load(tmp_path / "daybook.yaml").configuration
    then = under(kept, later)
    assert (later.rules[0].when, later.reconcile) != (first.rules[0].when, first.reconcile)
    assert (then.rules[0].when, then.reconcile) == (first.rules[0].when, first.reconcile)
    assert (then.projects, then.schedules, then.people) == (first.projects, first.schedules, first.people)
