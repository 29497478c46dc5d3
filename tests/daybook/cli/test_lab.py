"""`daybook lab`: what a change would do, as an administrator reads it, and the exit code a script reads."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from ruamel.yaml import YAML

from daybook.cli.outcome import NO
from daybook.wiring import open_house
from tests.daybook.cli.conftest import Typed, edited, everybody_agrees

EXAMPLES = Path(__file__).parents[3] / "docs" / "examples"
NOW = ("--now", "2026-11-19T18:30:00+01:00")
ON_LINES = ("--activities", str(EXAMPLES / "activities.jsonl"), *NOW)
BEFORE, AFTER = str(EXAMPLES / "daybook.yaml"), str(EXAMPLES / "changed.yaml")
COMPARED = ("-c", AFTER, "--against", BEFORE, *ON_LINES)


@pytest.fixture
def alone(tmp_path: Path) -> str:
    """The example without golden cases beside it."""
    (tmp_path / "daybook.yaml").write_text(Path(BEFORE).read_text("utf-8"))
    return "daybook.yaml"


def of_five(file: Path) -> None:
    """A policy that lets figures be of five."""
    yaml = YAML()
    said = yaml.load(file)
    said["policy"]["groups"] = {"minimum": 5}
    yaml.dump(said, file)


def test_a_broken_case_is_no_and_a_change_alone_is_not(daybook, tmp_path, alone):
    assert daybook("lab", *COMPARED).returncode == 1
    (tmp_path / "changed.yaml").write_text(Path(AFTER).read_text("utf-8"))
    shown = daybook("lab", "-c", "changed.yaml", "--against", alone, *ON_LINES)
    assert (shown.returncode, shown.stderr) == (0, "")


def test_the_same_is_told_as_data(daybook):
    told = json.loads(daybook("lab", *COMPARED, "--json").stdout)
    report = told["report"]
    assert {cell["project"]: (cell["before"], cell["after"]) for cell in report["projects"]} == {
        "acme-web": (330, 270),
        "studio": (80, 170),
        None: (30, 0),
    }
    assert (report["drafts"], report["changes"]["moved"]) == (4, 2)
    assert [one["rule"] for one in report["unused"]] == ["Support"]
    ((rule, by),) = [(one["rule"]["rule"], one["by"]["rule"]) for one in report["shadowed"]]
    assert (rule, by) == ("ACME calls", "Calls")
    (broken,) = told["broken"]
    assert (told["cases"], broken["rule"], broken["found"]["project"]) == (3, "Calls", "studio")


def test_the_configuration_beside_itself_changes_nothing(daybook):
    report = json.loads(daybook("lab", "-c", BEFORE, "--against", BEFORE, *ON_LINES, "--json").stdout)[
        "report"
    ]
    assert set(report["changes"].values()) == {0}
    assert all(cell["before"] == cell["after"] for cell in report["projects"])


def test_one_configuration_alone_tells_its_hours_and_rules(daybook, alone):
    shown = daybook("lab", *ON_LINES)
    assert shown.returncode == 0
    assert shown.stdout.splitlines()[1].split() == ["acme-web", "5:30"]
    assert "would" not in shown.stdout


def test_P1_no_draft_title_or_person_is_shown_of_a_file_either(daybook):
    shown = daybook("lab", *COMPARED)
    for line in (EXAMPLES / "activities.jsonl").read_text("utf-8").splitlines():
        said = json.loads(line)
        assert said["person"] not in shown.stdout
        assert said.get("title", "ACME call") == "ACME call" or said["title"] not in shown.stdout


def test_golden_cases_beside_the_configuration_are_found_by_themselves(daybook, tmp_path, alone):
    (tmp_path / "team.cases.yaml").write_text((EXAMPLES / "team.cases.yaml").read_text("utf-8"))
    shown = daybook("lab")
    assert (shown.returncode, shown.stdout) == (0, "golden cases: 3 of 3 hold\n")


def test_other_golden_cases_can_be_named_instead(daybook, tmp_path, alone):
    (tmp_path / "more.yaml").write_text("cases: [{name: x, activity: {title: x}, expect: {project: studio}}]")
    shown = daybook("lab", "--cases", "more.yaml")
    assert shown.returncode == 1
    assert shown.stdout.splitlines() == [
        "NO   x (more.yaml:1)",
        "     project: studio expected, none found",
        "     no rule holds",
        "golden cases: 0 of 1 hold",
    ]


def test_P14_a_wrong_case_is_wrong_input_with_its_place(daybook, tmp_path, alone):
    (tmp_path / "team.cases.yaml").write_text(
        "cases: [{name: x, activity: {titel: x}, expect: {rule: null}}]"
    )
    shown = daybook("lab", *ON_LINES)
    assert (shown.returncode, shown.stdout) == (2, "")
    assert (
        'team.cases.yaml:1:30  cases[0].activity.titel  is not a word Daybook knows. Did you mean "title"?'
        in (shown.stderr)
    )


def test_the_golden_cases_are_what_their_schema_says(daybook):
    judge = Draft202012Validator(json.loads(daybook("schema", "cases").stdout))
    said = YAML(typ="safe").load(EXAMPLES / "team.cases.yaml")
    judge.validate(said)
    said["cases"][0]["activity"]["titel"] = "x"
    assert not judge.is_valid(said)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ((), "There is nothing to try daybook.yaml on. Give --weeks, --activities or --cases."),
        (
            ("--cases", "gone.yaml"),
            "gone.yaml cannot be read (No such file or directory). Nothing was tried.",
        ),
        ((*ON_LINES, "--weeks", "4"), "give one"),
        ((*NOW, "--weeks", "4"), "--now goes with --activities"),
        (("--against", "gone.yaml", *ON_LINES), "There is no gone.yaml."),
        (("--weeks", "0"), "0 is not in the range"),
        (("--weeks", "4"), "names the credential google-key, which is not there"),
    ],
)
def test_what_cannot_be_tried_is_told_in_a_sentence(daybook, alone, words, says):
    shown = daybook("lab", *words)
    assert (shown.returncode, shown.stdout) == (2, "")
    assert says in shown.stderr


def test_a_line_that_cannot_be_used_is_told_and_the_rest_counts(daybook, tmp_path, alone):
    lines = (EXAMPLES / "activities.jsonl").read_text("utf-8")
    (tmp_path / "activities.jsonl").write_text("nonsense\n" + lines)
    shown = daybook("lab", "--activities", "activities.jsonl", *NOW)
    assert (shown.returncode, shown.stderr) == (2, "line 1: is not JSON. It was left out.\n")
    assert shown.stdout == daybook("lab", *ON_LINES).stdout


def test_what_is_parked_is_named_in_the_sums_and_the_rest_counts(daybook, tmp_path, alone):
    good = (EXAMPLES / "activities.jsonl").read_text("utf-8")
    backwards = {
        "person": "ada@northwind.example",
        "source": "jira",
        "uid": "b1",
        "kind": "presence",
        "task": "WEB-9",
        "start": "2026-11-19T12:00:00+01:00",
        "end": "2026-11-19T11:00:00+01:00",
    }
    stranger = {**backwards, "person": "nobody@northwind.example", "uid": "b2", "end": None}
    bad = "".join(json.dumps(one) + "\n" for one in (backwards, {**backwards, "uid": "b3"}, stranger))
    (tmp_path / "more.jsonl").write_text(good + bad)
    shown = daybook("lab", "--activities", "more.jsonl", *NOW)
    assert "  2  ends before it starts" in shown.stdout
    told = json.loads(daybook("lab", "--activities", "more.jsonl", *NOW, "--json").stdout)["report"]
    assert set(told["parked"].values()) == {2, 1}
    assert told["drafts"] == 4


def test_P13_fewer_people_than_the_policy_wants_are_not_looked_at(daybook: Typed, file: Path):
    everybody_agrees(file).store.close()
    shown = daybook("lab", "--weeks", "1")
    assert (shown.returncode, shown.stdout) == (1, "")
    assert shown.stderr.startswith("Fewer than 8 people take part, and no figure may be of fewer")


def test_P7_a_store_is_tried_and_everybody_can_read_that_it_was(daybook: Typed, file: Path):
    of_five(file)
    everybody_agrees(file).store.close()
    assert daybook("sync").returncode == 0
    (file.parent / "new.yaml").write_text(file.read_text())
    edited(file.parent / "new.yaml", ("version: 1", "version: 1\nlanguage: en"))
    shown = daybook("lab", "-c", "new.yaml", "--against", "daybook.yaml", "--weeks", "2")
    assert shown.returncode == 0, shown.stderr
    assert "Each figure is of at least 5 people" in shown.stdout
    assert "northwind.example" not in shown.stdout
    house = open_house(file)
    with house.store.reading() as tx:
        logs = [tx.access.of(who.id) for who in tx.people.all()]
    house.store.close()
    assert [len(log) for log in logs] == [1] * 6
    assert logs[0][0].who.startswith("administrator ")


def test_P14_who_only_looks_at_the_store_needs_neither_mail_nor_page(daybook: Typed, file: Path):
    everybody_agrees(file).store.close()
    said = YAML(typ="safe", pure=True).load(file)
    for word in ("mail", "page"):
        del said[word]
    file.write_text(json.dumps(said, default=str))
    for words, code in ((["hints"], 0), (["status"], NO), (["people"], 0)):
        assert daybook(*words).returncode == code
    assert daybook("lab", "--weeks", "1").stderr.startswith("Fewer than 8 people take part")
    del said["policy"]
    file.write_text(json.dumps(said, default=str))
    assert daybook("hints").stderr == (
        "daybook.yaml is not enough to find its store by. Nothing was looked at.\n"
        "  policy is missing: people must be able to read why, what and how long.\n"
    )


def test_P13_a_copy_with_a_smaller_minimum_is_a_policy_nobody_agreed_to(daybook: Typed, file: Path):
    everybody_agrees(file).store.close()
    (file.parent / "loose.yaml").write_text(file.read_text())
    of_five(file.parent / "loose.yaml")
    shown = daybook("lab", "-c", "loose.yaml", "--weeks", "2")
    assert (shown.returncode, shown.stdout) == (1, "")
    assert shown.stderr.startswith("Fewer than 5 people take part")
