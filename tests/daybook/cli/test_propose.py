"""`daybook propose`: activities in, days of drafts out, nothing saved."""

from __future__ import annotations

import io
import json
import random
import subprocess
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from bench import propose as bench
from config.schema import Configuration
from daybook import schemas
from daybook.lines import LONGEST_LINE, Refused, read_lines
from daybook.propose import propose
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


def touch(uid: str, second: int, task: str) -> dict[str, Any]:
    """On the morning of the 19th, so many seconds after eight."""
    at = datetime(2026, 11, 19, 8, tzinfo=timezone(timedelta(hours=1))) + timedelta(seconds=second)
    return {
        "person": ADA, "source": "jira", "uid": uid, "kind": "touch",
        "task": task, "container": "WEB", "start": at.isoformat(),
    }  # fmt: skip


@pytest.fixture
def proposed(daybook):
    def typed(
        *activities: dict[str, Any] | str | bytes, now: str = NOW, by: Callable[..., Any] = daybook
    ) -> subprocess.CompletedProcess[str]:
        lines = [json.dumps(one) if isinstance(one, dict) else one for one in activities]
        given = b"\n".join(line.encode() if isinstance(line, str) else line for line in lines)
        return by("propose", "-c", str(NORTHWIND), "--now", now, given=given)

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
    assert (call["target"], call["text"], call["confidence"]) == (
        "jira:WEB-12",
        "ACME call (WEB-12)",
        "likely",
    )
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


def test_P9_the_order_of_the_input_changes_no_byte_of_the_output(proposed, daybook):
    """Nor does the order of our own sets, which is another in each interpreter."""
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
        assert proposed(*lines, by=daybook.afresh).stdout == first


@pytest.mark.parametrize(
    ("bad", "day", "why"),
    [
        ({"start": "2026-11-18T10:00:00"}, "2026-11-18", "has no offset"),
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
        ({"start": "1763546400"}, "2026-11-20", "start: is a number"),
        ({"start": "tomorrow"}, "2026-11-20", "start"),
        ({"start": None}, "2026-11-20", "start"),
        ({"start": "0001-01-01T00:00:00"}, "2026-11-20", "has no offset"),
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


def test_the_same_thing_said_in_another_offset_is_not_said_twice(proposed):
    in_utc = meeting("m1", start="2026-11-19T09:00:00Z", end="2026-11-19T10:00:00Z")
    for said in ([meeting("m1"), in_utc], [in_utc, meeting("m1")]):
        shown = proposed(*said, meeting("m1", updated="2026-11-18T09:00:00Z"), *said)
        (day,) = rows(shown)
        assert [draft["minutes"] for draft in day["drafts"]] == [60]
        assert len(parked(shown)) == 1


def test_a_flood_about_one_task_leaves_the_rest_of_the_day_as_it_was(proposed):
    flood = [touch(f"f{second}", second, "WEB-66") for second in range(3_000)]
    alone, flooded = rows(proposed(*DAY)), rows(proposed(*DAY, *flood))
    day, same_day = (
        one
        for days in (alone, flooded)
        for one in days
        if one["day"] == "2026-11-19" and one["person"] == ADA
    )
    assert [one["why"] for one in same_day["parked"]] == [
        "2900 more of kind touch begin on this day: too many for one person; they count for nothing"
    ]
    meetings = [
        [draft for draft in one["drafts"] if draft["because"][0]["kind"] == "meeting"]
        for one in (day, same_day)
    ]
    assert meetings[0] == meetings[1]
    assert any(draft["task"] == "WEB-7" for draft in same_day["drafts"])


def test_a_flood_of_tasks_is_cut_off_and_a_meeting_after_it_stands(proposed):
    flood = [touch(f"f{second}", second, f"WEB-{second}") for second in range(3_000)]
    (day,) = rows(
        proposed(*flood, meeting("m1", start="2026-11-19T17:00:00+01:00", end="2026-11-19T18:00:00+01:00"))
    )
    assert [one["why"].split(":")[0] for one in day["parked"]] == [
        "2000 more of kind touch begin on this day"
    ]
    assert "ACME call" in [draft["text"] for draft in day["drafts"]]


def test_thousands_parked_on_one_day_are_counted_after_the_first_thousand(proposed):
    (day,) = rows(proposed(*(meeting(f"x{number:04}", kind="party") for number in range(1_500))))
    assert len(day["parked"]) == 1_001
    assert {"uid": None, "why": "500 more were parked on this day"} in day["parked"]


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
        ('{"person": "ada@northwind.example", "uid": "\\ud800"}', "is not JSON"),
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


def test_a_line_longer_than_any_activity_is_left_out_unread_and_the_rest_stands(proposed):
    endless = json.dumps(meeting("x", title="x" * LONGEST_LINE))
    shown = proposed(meeting("m1"), endless, meeting("m2"), endless)
    assert shown.returncode == 2
    assert shown.stderr.splitlines() == [
        f"line {number}: is longer than 8 MiB. It was left out." for number in (2, 4)
    ]
    assert [draft["text"] for day in rows(shown) for draft in day["drafts"]] == ["ACME call"]


def test_a_last_line_may_lack_its_end(proposed):
    assert len(rows(proposed(meeting("m1")))) == 1


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


@pytest.fixture(scope="module")
def judges() -> dict[str, Draft202012Validator]:
    """A validator that is not ours, for each shape."""
    shapes = {"activity": schemas.activity(), "draft": schemas.draft(), "day": schemas.day()}
    return {name: Draft202012Validator(shape) for name, shape in shapes.items()}


def test_what_goes_in_and_what_comes_out_is_what_the_schemas_say(proposed, judges):
    for line in DAY:
        judges["activity"].validate(line)
    found = rows(proposed(*DAY, meeting("x", kind="party")))
    for line in found:
        judges["day"].validate(line)
        for draft in line["drafts"]:
            judges["draft"].validate(draft)
    assert sum(len(line["drafts"]) for line in found) >= 5


def test_a_month_of_a_team_is_what_the_schemas_say(judges):
    configuration = Configuration.model_validate(bench.CONFIGURATION | {"people": bench.named(4)})
    lines = [*bench.activities(4 * bench.LINES_EACH * bench.DAYS)]
    given = io.BytesIO("\n".join(map(json.dumps, lines)).encode())
    now = datetime.fromisoformat(bench.NOW)
    said = read_lines(given, configuration, now, Refused())
    days = [json.loads(json.dumps(day)) for day in propose(configuration, said, now)]
    for line in lines:
        judges["activity"].validate(line)
    for day in days:
        judges["day"].validate(day)
        assert sum(draft["minutes"] for draft in day["drafts"]) == day["attended"]
        assert day["attended"] + day["gaps"] + day["logged"] == day["capacity"] + day["outside"]
    assert len(days) == 4 * bench.DAYS


@pytest.mark.parametrize(
    "bad",
    [
        {"kind": "party"},
        {"colour": "red"},
        {"end": None},
        {"kind": "logged"},
        {"kind": "touch"},
        {"minutes": "many"},
        {"title": "x" * 1_025},
        {"uid": ""},
        {"person": None},
    ],
)
def test_the_schema_refuses_what_propose_parks(proposed, judges, bad):
    line = meeting("x") | bad
    assert not judges["activity"].is_valid(line)
    shown = proposed(line)
    assert parked(shown) or shown.returncode == 2


def test_a_key_nobody_promised_is_refused_everywhere(proposed, judges):
    day = rows(proposed(*DAY))[0]
    draft = day["drafts"][0]
    foreign = {"colour": "red"}
    assert judges["day"].is_valid(day)
    assert not judges["activity"].is_valid(DAY[0] | foreign)
    assert not judges["draft"].is_valid(draft | foreign)
    assert not judges["draft"].is_valid(draft | {"because": [draft["because"][0] | foreign]})
    assert not judges["draft"].is_valid(draft | {"minutes": "many"})
    assert not judges["day"].is_valid(day | foreign)
    assert not judges["day"].is_valid(day | {"drafts": [draft | foreign]})
    assert not judges["day"].is_valid({name: part for name, part in day.items() if name != "gaps"})
