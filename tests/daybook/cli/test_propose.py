"""`daybook propose`: activities in, days of drafts out, nothing saved."""

from __future__ import annotations

import json
import random
import subprocess
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from tests.daybook.cli.conftest import SCRIPT, Typed, rows

NORTHWIND = Path(__file__).with_name("northwind.yaml")
"""The example of the design, word for word."""
NOW = "2026-11-20T18:00:00+01:00"
ADA, BEN = "ada@northwind.example", "ben@northwind.example"


def meeting(uid: str, **other: Any) -> dict[str, Any]:
    told = {
        "person": ADA,
        "source": "google_calendar",
        "uid": uid,
        "kind": "meeting",
        "start": "2026-11-19T10:00:00+01:00",
        "end": "2026-11-19T11:00:00+01:00",
        "title": "ACME call",
        "response": "accepted",
    }
    return told | other


DAY = [
    meeting("m1", title="ACME call (WEB-12)"),
    meeting("m2", start="2026-11-19T14:00:00+01:00", end="2026-11-19T14:30:00+01:00", title="Stand-up"),
    meeting("m3", start="2026-11-19T14:00:00+01:00", end="2026-11-19T14:30:00+01:00", response="declined"),
    {"person": ADA, "source": "jira", "uid": "p1", "kind": "presence", "task": "WEB-7", "container": "WEB",
     "start": "2026-11-18T09:00:00+01:00", "end": "2026-11-19T17:15:00+01:00", "title": "Büro & Müll"},
    {"person": ADA, "source": "jira", "uid": "t1", "kind": "touch", "task": "WEB-7", "container": "WEB",
     "start": "2026-11-19T15:00:00+01:00"},
    {"person": ADA, "source": "jira", "uid": "l1", "kind": "logged", "task": "WEB-9", "container": "WEB",
     "start": "2026-11-19T09:00:00+01:00", "minutes": 30},
    meeting("b1", person=BEN, start="2026-11-19T09:00:00+00:00", end="2026-11-19T09:30:00+00:00"),
    meeting("b2", person=BEN, start="2026-11-18T09:00:00+00:00", end="2026-11-18T09:30:00+00:00"),
]  # fmt: skip


@pytest.fixture
def proposed(daybook):
    def typed(*activities: dict[str, Any] | str | bytes, now: str = NOW) -> subprocess.CompletedProcess[str]:
        lines = [json.dumps(one) if isinstance(one, dict) else one for one in activities]
        given = b"\n".join(line.encode() if isinstance(line, str) else line for line in lines)
        return daybook("propose", "-c", str(NORTHWIND), "--now", now, given=given)

    return typed


def parked(shown: subprocess.CompletedProcess[str]) -> list[tuple[str, str, str | None, str]]:
    """(person, day, uid, why) of everything that was parked."""
    return [
        (day["person"], day["day"], one["uid"], one["why"]) for day in rows(shown) for one in day["parked"]
    ]


def test_the_example_is_the_designs_own(shared):
    assert NORTHWIND.read_text() in (shared / "design" / "configuration.md").read_text()


def test_the_example_of_the_design_works_as_it_is_written(tmp_path):
    (tmp_path / "daybook.yaml").write_text(NORTHWIND.read_text())
    (tmp_path / "activities.jsonl").write_text("".join(f"{json.dumps(one)}\n" for one in DAY))
    typed = f"{SCRIPT} propose -c daybook.yaml --now {NOW} < activities.jsonl"
    shown = subprocess.run(["sh", "-c", typed], capture_output=True, text=True, cwd=tmp_path)
    assert (shown.returncode, shown.stderr) == (0, "")
    days = {(day["person"], day["day"]): day for day in rows(shown)}
    day = days[ADA, "2026-11-19"]
    call = next(draft for draft in day["drafts"] if draft["start"] == "2026-11-19T10:00:00+01:00")
    assert {name: call[name] for name in ("minutes", "attributed", "project", "category", "billable")} == {
        "minutes": 60,
        "attributed": {"acme-web": 60},
        "project": "acme-web",
        "category": "meeting",
        "billable": True,
    }
    assert (call["target"], call["text"], call["confidence"]) == ("jira:WEB-12", "ACME call (WEB-12)", "sure")
    assert call["because"][0] | {"sentence": ""} == {
        "kind": "meeting", "uid": "m1", "rule": "ACME calls", "minutes": 60, "sentence": "",
    }  # fmt: skip
    assert (day["capacity"], day["away"], day["logged"]) == (495, 0, 30)
    assert day["ignored"] == [{"uid": "m3", "why": "declined"}]
    assert sum(draft["minutes"] for draft in day["drafts"]) + day["gaps"] + day["logged"] == day["capacity"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["activities.jsonl", "daybook.yaml"]


def test_days_come_in_order_of_person_and_day(proposed):
    assert [(day["person"], day["day"]) for day in rows(proposed(*DAY))] == [
        (ADA, "2026-11-18"),
        (ADA, "2026-11-19"),
        (BEN, "2026-11-18"),
        (BEN, "2026-11-19"),
    ]


def test_P9_the_order_of_the_input_changes_no_byte_of_the_output(proposed):
    odd = [
        meeting("m1", title="Said otherwise", updated="2026-11-19T12:00:00+01:00"),
        meeting("m1", title="And again", updated="2026-11-18T12:00:00+01:00"),
        meeting("x1", start="2026-11-17T10:00:00"),
        meeting("x2", kind="party"),
        meeting("x2", kind="picnic"),
        meeting("x3", person="zoe@northwind.example"),
        {"person": ADA, "source": "jira", "uid": "n1", "kind": "touch", "start": "2026-11-17T10:00:00Z"},
    ]
    lines = [*DAY, *odd]
    first = proposed(*lines).stdout
    for seed in range(3):
        random.Random(seed).shuffle(lines)
        assert proposed(*lines).stdout == first


@pytest.mark.parametrize(
    ("bad", "day", "why"),
    [
        ({"start": "2026-11-18T10:00:00"}, "2026-11-18", "timezone"),
        ({"start": "2026-11-18"}, "2026-11-18", "start"),
        ({"start": "2026-11-18T23:30:00Z", "minutes": "many"}, "2026-11-19", "minutes"),
        ({"end": "2076-11-18T10:00:00+01:00"}, "2026-11-18", "400 days"),
        ({"end": "2026-11-18T09:00:00+01:00"}, "2026-11-18", "before"),
        ({"end": 1763546400}, "2026-11-18", "end: is a number"),
        ({"kind": "party"}, "2026-11-18", "kind"),
        ({"title": "x" * 5_000_000}, "2026-11-18", "title"),
        ({"colour": "red"}, "2026-11-18", "colour"),
        ({"labels": {"a": 1}}, "2026-11-18", "labels"),
        ({"start": 1763546400}, "2026-11-20", "start: is a number"),
        ({"start": "tomorrow"}, "2026-11-20", "start"),
        ({"start": None}, "2026-11-20", "start"),
        ({"start": "0001-01-01T00:00:00"}, "2026-11-20", "timezone"),
        (
            {"start": "0001-01-01T00:00:00+14:00", "end": "0001-01-01T01:00:00+14:00"},
            "2026-11-20",
            "ten years",
        ),
        (
            {"start": "9999-12-31T23:00:00-14:00", "end": "9999-12-31T23:30:00-14:00"},
            "2026-11-20",
            "ten years",
        ),
    ],
)
def test_what_cannot_be_used_is_parked_on_its_day_and_the_rest_stands(proposed, bad, day, why):
    well = {"start": "2026-11-18T10:00:00+01:00"}
    shown = proposed(meeting("m1"), meeting("x", **(well | bad)))
    assert shown.returncode == 0
    ((who, on, uid, reason),) = parked(shown)
    assert (who, on, uid) == (ADA, day, "x")
    assert why in reason
    (standing,) = [one for one in rows(shown) if one["day"] == "2026-11-19"]
    assert [draft["text"] for draft in standing["drafts"]] == ["ACME call"]


def test_P1_a_reason_repeats_no_word_of_what_was_parked(proposed):
    shown = proposed(meeting("x", title="Divorce lawyer " * 400), meeting("y", start="Divorce lawyer"))
    assert len(parked(shown)) == 2
    assert "Divorce" not in shown.stdout + shown.stderr


def test_what_a_source_says_twice_is_counted_once_and_parked_once(proposed):
    earlier = meeting("m1", updated="2026-11-17T08:00:00Z")
    moved = meeting(
        "m1",
        start="2026-11-18T10:00:00+01:00",
        end="2026-11-18T11:00:00+01:00",
        updated="2026-11-17T09:00:00Z",
    )
    later = meeting("m9", start="2026-11-20T10:00:00+01:00", end="2026-11-20T10:30:00+01:00")
    shown = proposed(earlier, moved, moved, later)
    drafted = [(day["day"], draft["minutes"]) for day in rows(shown) for draft in day["drafts"]]
    assert drafted == [("2026-11-18", 60), ("2026-11-20", 30)]
    assert [(day, uid) for _, day, uid, _ in parked(shown)] == [("2026-11-18", "m1")]


def test_a_task_without_a_name_is_parked_on_its_day_only(proposed):
    nameless = {
        "person": ADA,
        "source": "jira",
        "uid": "n1",
        "kind": "touch",
        "start": "2026-11-17T10:00:00Z",
    }
    shown = proposed(nameless, *DAY)
    assert [(day, uid) for _, day, uid, _ in parked(shown)] == [("2026-11-17", "n1")]


def test_somebody_the_configuration_does_not_know_gets_no_drafts(proposed):
    shown = proposed(meeting("m1", person="Zoe@Northwind.example"), meeting("m1"))
    assert shown.returncode == 0
    assert parked(shown) == [
        ("zoe@northwind.example", "2026-11-19", "m1", "person: is nobody under people in the configuration")
    ]
    (zoe,) = [day for day in rows(shown) if day["person"] == "zoe@northwind.example"]
    assert (zoe["drafts"], zoe["capacity"], zoe["gaps"]) == ([], 0, 0)


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("not JSON", "is not JSON"),
        ("{", "is not JSON"),
        ("[" * 100_000, "is not JSON"),
        ("[]", "is no JSON object"),
        ("12", "is no JSON object"),
        ("9" * 10_000, "is not JSON"),
        ("{}", 'names no "person"'),
        ('{"person": 7}', 'has a "person" that is no e-mail address'),
        ('{"person": "Ada"}', 'has a "person" that is no e-mail address'),
        ('{"person": "ada@northwind.example", "uid": "\\ud800"}', "is not UTF-8 text"),
        (b'{"person": "ad\xff"}', "is not UTF-8 text"),
        (b"\x00\x01\x02", "is not JSON"),
    ],
)
def test_a_line_that_belongs_to_nobody_is_told_by_its_number_and_the_rest_stands(proposed, line, why):
    later = meeting("m2", start="2026-11-19T15:00:00+01:00", end="2026-11-19T16:00:00+01:00")
    shown = proposed(meeting("m1"), line, later)
    assert shown.returncode == 2
    assert shown.stderr == f"line 2: {why}. It was left out.\n"
    (day,) = rows(shown)
    assert [draft["minutes"] for draft in day["drafts"]] == [60, 60]


def test_thousands_of_wrong_lines_do_not_hide_the_message(proposed):
    shown = proposed(*["nonsense"] * 3_000)
    assert shown.returncode == 2
    assert len(shown.stderr.splitlines()) == 21
    assert shown.stderr.endswith("... and 2980 lines more.\n")


@pytest.mark.parametrize(
    ("now", "says"),
    [
        ("2026-11-20T18:00:00", "has no offset; write it like 2026-11-20T18:00:00+01:00"),
        ("tomorrow", "is not a time; write it like 2026-11-20T18:00:00+01:00"),
        ("0001-01-01T00:00:00+00:00", "is not of these times"),
        ("9999-12-31T23:59:59+00:00", "is not of these times"),
    ],
)
def test_a_now_that_is_no_instant_is_refused_in_words(proposed, now, says):
    shown = proposed(meeting("m1"), now=now)
    assert (shown.returncode, shown.stdout) == (2, "")
    assert says in shown.stderr


def test_nothing_after_now_is_proposed(proposed):
    shown = proposed(
        meeting("m1"), meeting("m2", start="2026-11-21T10:00:00+01:00", end="2026-11-21T11:00:00+01:00")
    )
    assert [day["day"] for day in rows(shown)] == ["2026-11-19"]


@pytest.mark.parametrize("source", ["-", "activities.jsonl"])
def test_activities_come_from_a_file_or_from_a_dash(daybook, tmp_path, source):
    (tmp_path / "activities.jsonl").write_text(json.dumps(meeting("m1")))
    shown = daybook("propose", "-c", str(NORTHWIND), "--now", NOW, source, given=json.dumps(meeting("m1")))
    assert [day["day"] for day in rows(shown)] == ["2026-11-19"]


def test_nothing_in_is_nothing_out(proposed):
    shown = proposed("", "   ")
    assert (shown.returncode, shown.stdout, shown.stderr) == (0, "", "")


def test_a_reader_that_hangs_up_does_no_harm(daybook, tmp_path):
    people = [meeting(f"m{number}", person=f"p{number}@northwind.example") for number in range(3_000)]
    (tmp_path / "activities.jsonl").write_text("\n".join(map(json.dumps, people)))
    typed = f"{SCRIPT} propose -c {NORTHWIND} --now {NOW} activities.jsonl | head -1"
    shown = subprocess.run(
        ["bash", "-o", "pipefail", "-c", typed], capture_output=True, text=True, cwd=tmp_path
    )
    assert json.loads(shown.stdout)["person"] == "p0@northwind.example"
    assert shown.stderr == ""


def test_the_output_is_utf_8_whatever_the_terminal_speaks(tmp_path):
    ascii_only = Typed(tmp_path)
    ascii_only.environment |= {"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    shown = ascii_only("propose", "-c", str(NORTHWIND), "--now", NOW, given=json.dumps(DAY[3]))
    assert "Büro & Müll" in shown.stdout


@pytest.mark.parametrize("what", ["config", "activity", "draft", "day"])
def test_every_schema_is_one(daybook, what):
    shown = daybook("schema", what)
    assert shown.returncode == 0
    Draft202012Validator.check_schema(json.loads(shown.stdout))


def test_what_goes_in_and_what_comes_out_is_what_the_schemas_say(daybook, proposed):
    def judge(what: str) -> Draft202012Validator:
        return Draft202012Validator(json.loads(daybook("schema", what).stdout))

    activity, draft, day = judge("activity"), judge("draft"), judge("day")
    for line in DAY:
        activity.validate(line)
    assert not activity.is_valid(meeting("x", kind="party"))
    found = rows(proposed(*DAY, meeting("x", kind="party")))
    for line in found:
        day.validate(line)
        for one in line["drafts"]:
            draft.validate(one)
    assert sum(len(line["drafts"]) for line in found) >= 5
    assert not draft.is_valid(found[0]["drafts"][0] | {"minutes": "many"})
    assert not day.is_valid({name: part for name, part in found[0].items() if name != "gaps"})
