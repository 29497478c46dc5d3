"""What a task's record and its stories are worth: tables, and every recorded payload."""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from connectors.asana.evidence import (
    ACTS,
    Lens,
    activities,
    minutes_touched,
    not_work,
    time_entry,
)
from connectors.asana.history import presences, same_name
from connectors.asana.shapes import Story, Task, TimeEntry, read, read_one
from connectors.contract import Account, Terms, Window
from core.model import Activity
from tests.core.says import says

ADA, BEN = "111", "222"
EVERYTHING = frozenset({"title", "section history", "own comments", "time entries"})
WINDOW = Window(start=datetime(2026, 11, 1, tzinfo=UTC), end=datetime(2026, 12, 1, tzinfo=UTC))
ALL_TERMS = Terms(tracked=EVERYTHING)
ALL_TIME = Window(start=datetime(2000, 1, 1, tzinfo=UTC), end=datetime(2100, 1, 1, tzinfo=UTC))
TODO, DOING, DONE = ({"gid": f"s{n}", "name": name} for n, name in enumerate(("To do", "Doing", "Done")))
OTHER = {"gid": "s9", "name": "Doing\u00a0"}
BOARD, SIDE = {"gid": "p1", "name": "Website relaunch"}, {"gid": "p2", "name": "Audit"}


def at(time: str) -> datetime:
    """`20 09:30` is half past nine on the 20th of November."""
    day, _, clock = time.partition(" ")
    return datetime.fromisoformat(f"2026-11-{day}T{clock}:00+00:00")


def task(**said: Any) -> Task:
    """Ada's task on the board, to do, created on the 20th at eight."""
    usual = {
        "gid": "7",
        "name": "Write the plan",
        "created_at": at("20 08:00"),
        "modified_at": at("20 17:00"),
        "completed": False,
        "assignee": {"gid": ADA},
        "memberships": [{"project": BOARD, "section": TODO}],
    }
    return Task.model_validate({**usual, **said})


class Told:
    """Stories, numbered as they come."""

    def __init__(self) -> None:
        self.stories: list[Story] = []

    def __call__(self, time: str, subtype: str, by: str | None = ADA, **said: Any) -> Told:
        story = {
            "gid": str(900 + len(self.stories)),
            "created_at": at(time),
            "created_by": {"gid": by} if by else None,
            "resource_subtype": subtype,
            **said,
        }
        self.stories.append(Story.model_validate(story))
        return self

    def moved(self, time: str, old: Any, new: Any, by: str = ADA) -> Told:
        return self(time, "section_changed", by, old_section=old, new_section=new)

    def given(self, time: str, to: str, by: str = BEN) -> Told:
        return self(time, "assigned", by, assignee={"gid": to})


def lens(tracked: frozenset[str] = EVERYTHING, names: Sequence[str] = ("doing",), **more: Any) -> Lens:
    terms = Terms(tracked=tracked, in_progress=tuple(names))
    return Lens(Account(contributor="ada", external=ADA, zone="Europe/Berlin"), terms, WINDOW, **more)


def spans(
    now: Task, told: Told, names: Sequence[str] = ("doing",), touch: str | None = None
) -> list[tuple[str, str | None]]:
    found = presences(now, told.stories, ADA, frozenset(names), at(touch) if touch else None)
    return [(f"{start:%d %H:%M}", f"{end:%d %H:%M}" if end else None) for start, end in found]


# --- when a task was in somebody's hands --------------------------------------------------------------------

IN_DOING = {"memberships": [{"project": BOARD, "section": DOING}]}
HISTORIES: dict[str, tuple[Task, Told, list[tuple[str, str | None]]]] = {
    "moved to doing and still there": (
        task(**IN_DOING),
        Told().given("20 08:00", ADA).moved("20 09:00", TODO, DOING),
        [("20 09:00", None)],
    ),
    "moved on": (
        task(memberships=[{"project": BOARD, "section": DONE}]),
        Told().given("20 08:00", ADA).moved("20 09:00", TODO, DOING).moved("20 11:00", DOING, DONE),
        [("20 09:00", "20 11:00")],
    ),
    "back and forth": (
        task(**IN_DOING),
        Told()
        .given("20 08:00", ADA)
        .moved("20 09:00", TODO, DOING)
        .moved("20 10:00", DOING, TODO)
        .moved("20 14:00", TODO, DOING),
        [("20 09:00", "20 10:00"), ("20 14:00", None)],
    ),
    "handed on": (
        task(**IN_DOING, assignee={"gid": BEN}),
        Told().given("20 08:00", ADA).moved("20 09:00", TODO, DOING).given("20 12:00", BEN),
        [("20 09:00", "20 12:00")],
    ),
    "given to her while in doing, from somebody": (
        task(**IN_DOING),
        Told().given("20 08:00", BEN).moved("20 09:00", TODO, DOING).given("20 12:00", ADA),
        [("20 12:00", None)],
    ),
    "taken away from everybody": (
        task(**IN_DOING, assignee=None),
        Told().given("20 08:00", ADA).moved("20 09:00", TODO, DOING)("20 12:00", "unassigned"),
        [("20 09:00", "20 12:00")],
    ),
    "made in doing and never moved": (task(**IN_DOING), Told().given("20 08:00", ADA), [("20 08:00", None)]),
    "hers and there since before any story": (task(**IN_DOING), Told(), [("20 08:00", None)]),
    "never in doing": (task(), Told().given("20 08:00", ADA)("20 09:00", "name_changed"), []),
    "completed": (
        task(**IN_DOING, completed=True, completed_at=at("20 15:00")),
        Told().given("20 08:00", ADA).moved("20 09:00", TODO, DOING)("20 15:00", "marked_complete", BEN),
        [("20 09:00", "20 15:00")],
    ),
    "completed, and no story says so": (
        task(**IN_DOING, completed=True, completed_at=at("20 15:00")),
        Told().given("20 08:00", ADA).moved("20 09:00", TODO, DOING),
        [("20 09:00", "20 15:00")],
    ),
    "opened again": (
        task(**IN_DOING),
        Told()
        .given("20 08:00", ADA)
        .moved("20 09:00", TODO, DOING)("20 10:00", "marked_complete")("20 13:00", "marked_incomplete"),
        [("20 09:00", "20 10:00"), ("20 13:00", None)],
    ),
    "in two projects, in doing in the other one": (
        task(memberships=[{"project": BOARD, "section": DONE}, {"project": SIDE, "section": OTHER}]),
        Told()
        .given("20 08:00", ADA)
        .moved("20 09:00", TODO, DONE)
        .moved("20 10:00", {"gid": "s8", "name": "Later"}, OTHER),
        [("20 10:00", None)],
    ),
    "left doing unseen: the last story is the last we know": (
        task(memberships=[{"project": BOARD, "section": DONE}]),
        Told().given("20 08:00", ADA).moved("20 09:00", TODO, DOING)("20 11:00", "comment_added"),
        [("20 09:00", "20 11:00")],
    ),
    "came to doing unseen: nobody knows when": (
        task(**IN_DOING),
        Told().given("20 08:00", ADA).moved("20 09:00", TODO, DONE),
        [],
    ),
    "taken off the board": (
        task(memberships=[]),
        Told()
        .given("20 08:00", ADA)
        .moved("20 09:00", TODO, DOING)("20 10:00", "removed_from_project", project=BOARD),
        [("20 09:00", "20 10:00")],
    ),
    "by a custom field": (
        task(custom_fields=[{"gid": "f1", "enum_value": {"gid": "e2", "name": "DOING"}}]),
        Told().given("20 08:00", ADA)(
            "20 10:00",
            "enum_custom_field_changed",
            custom_field={"gid": "f1"},
            old_enum_value=None,
            new_enum_value={"gid": "e2", "name": "DOING"},
        ),
        [("20 10:00", None)],
    ),
    "sections whose details are missing tell nothing": (
        task(),
        Told().given("20 08:00", ADA)("20 09:00", "section_changed")("20 10:00", "section_changed"),
        [],
    ),
    "assigned, and it is not said to whom": (task(**IN_DOING), Told()("20 08:00", "assigned", BEN), []),
}


@pytest.mark.parametrize("history", HISTORIES)
@says("Asana: section or custom field named as in progress")
def test_P5_a_task_is_in_progress_only_as_far_as_its_history_shows(history: str) -> None:
    now, told, expected = HISTORIES[history]
    assert spans(now, told) == expected


@pytest.mark.parametrize(
    ("names", "memberships"), [((), [{"project": BOARD, "section": TODO}]), (("doing",), [])]
)
@says("else from the contributor's first touch to completion")
def test_without_names_or_sections_it_is_from_the_first_touch_to_completion(
    names: Sequence[str], memberships: Any
) -> None:
    told = Told().given("20 08:00", ADA)("20 10:00", "comment_added")("20 11:00", "comment_added")
    now = {"memberships": memberships}
    assert spans(task(**now), told, names, "20 10:00") == [("20 10:00", None)]
    done = task(**now, completed=True, completed_at=at("21 12:00"))
    assert spans(done, told, names, "20 10:00") == [("20 10:00", "21 12:00")]
    handed_on = task(**now, assignee={"gid": BEN})
    assert spans(handed_on, told.given("20 16:00", BEN), names, "20 10:00") == [("20 10:00", "20 16:00")]
    assert spans(task(**now), Told().given("20 08:00", ADA), names) == []


def test_names_are_compared_as_people_do() -> None:
    assert same_name(" In\u00a0 Progress ") == same_name("in progress")


# --- what a hand did ----------------------------------------------------------------------------------------

STORIES: dict[str, tuple[Told, set[str], dict[str, int]]] = {
    "her comment": (Told()("20 09:00", "comment_added"), {"comment/7/900"}, {}),
    "his comment": (Told()("20 09:00", "comment_added", BEN), set(), {}),
    "her move": (Told().moved("20 09:00", TODO, DONE), {"touch/7/900"}, {}),
    "a reminder signed with her name": (Told()("20 09:00", "due_today"), set(), {}),
    "a subtype nobody knows": (Told()("20 09:00", "levitated"), set(), {}),
    "no subtype": (Told()("20 09:00", ""), set(), {}),
    "nobody's": (Told()("20 09:00", "section_changed", None), set(), {}),
    "an integration's": (
        Told()("20 09:00", "comment_added", source="api"),
        set(),
        {"made by an integration": 1},
    ),
    "in bulk": (Told()("20 12:34", "section_changed"), set(), {"changed in bulk": 1}),
    "before the window": (Told()("01 00:00", "comment_added"), {"comment/7/900"}, {}),
}


@pytest.mark.parametrize("story", STORIES)
@says("or integrations weigh nothing")
def test_a_touch_is_an_act_of_ones_own(story: str) -> None:
    told, uids, why = STORIES[story]
    looking = lens(bulk=frozenset({"2026-11-20T12:34+00:00"}))
    found, weightless = activities(task(), told.stories, looking)
    assert {activity.uid for activity in found if activity.kind == "touch"} == uids
    assert weightless == why
    assert bool(minutes_touched(told.stories, looking)) == bool(uids)


def test_a_touch_before_the_window_is_left_out() -> None:
    before = Story(gid="1", created_at=at("01 00:00").replace(month=10), created_by={"gid": ADA},
                   resource_subtype="comment_added")  # type: ignore[arg-type]  # fmt: skip
    assert activities(task(), [before], lens()) == ([], Counter())
    assert minutes_touched([before], lens()) == set()


def test_a_story_told_twice_is_one_touch_and_order_changes_nothing() -> None:
    told = Told().given("20 08:00", ADA).moved("20 09:00", TODO, DOING)("20 10:00", "comment_added")
    now = task(**IN_DOING)
    once = activities(now, told.stories, lens())
    assert activities(now, [*reversed(told.stories), told.stories[-1]], lens()) == once
    assert len(once[0]) == 3


def test_every_act_is_a_touch_and_a_comment_is_tracked_by_its_own_word() -> None:
    told = Told()
    for subtype in sorted(ACTS):
        told("20 09:00", subtype)
    told("20 09:00", "comment_added")
    tracked = {"section history": len(ACTS), "own comments": 1, "time entries": 0}
    for word, count in tracked.items():
        found, _ = activities(task(), told.stories, lens(frozenset({word})))
        assert sum(activity.kind == "touch" for activity in found) == count


def test_P11_without_section_history_there_is_no_presence_and_no_label() -> None:
    told = Told()("20 09:00", "comment_added")
    (touch,), _ = activities(task(**IN_DOING), told.stories, lens(frozenset({"own comments"})))
    assert (touch.kind, touch.title, touch.labels, touch.container) == ("touch", None, (), "p1")


def test_an_activity_says_what_rules_can_match() -> None:
    now = task(
        name=" Write\u202e the\u0000 plan ",
        memberships=[{}, {"project": BOARD, "section": DOING}, {"project": SIDE, "section": DOING}],
        tags=[{"gid": "t1", "name": "support"}, {"gid": "t2", "name": " "}],
    )
    (presence,), _ = activities(now, [], lens())
    assert presence == Activity(
        source="asana",
        uid="presence/7/0",
        kind="presence",
        start=at("20 08:00"),
        title="Write the plan",
        task="7",
        container="p1",
        labels=("Website relaunch", "Audit", "Doing", "support"),
        updated=at("20 17:00"),
    )


def test_a_task_in_several_projects_is_in_the_first_that_rules_name() -> None:
    both = task(memberships=[{"project": BOARD, "section": DOING}, {"project": SIDE, "section": DOING}])
    for named, container in (((), "p1"), (("p9",), "p1"), (("p2",), "p2"), (("p2", "p1"), "p1")):
        looking = lens()
        looking = looking._replace(terms=looking.terms.model_copy(update={"containers": named}))
        (presence,), _ = activities(both, [], looking)
        assert presence.container == container


STATUS, PRIORITY = {"gid": "f1", "name": "Status"}, {"gid": "f2", "name": "Priority"}


@pytest.mark.parametrize("status", ["f1", " status", None])
def test_one_custom_field_may_mean_the_status_and_is_a_label_then(status: str | None) -> None:
    """Of a priority called "Doing" nobody says that somebody works on it."""

    def field(which: Any, value: str) -> Any:
        return {**which, "enum_value": {"gid": value.replace(" ", ""), "name": value}}

    told = (
        Told()
        .given("20 08:00", ADA)("20 09:00", "enum_custom_field_changed", custom_field=STATUS,
            new_enum_value={"gid": "d", "name": "Doing"})("20 11:00", "enum_custom_field_changed",
            custom_field=PRIORITY, new_enum_value={"gid": "l", "name": "Low"})
    )  # fmt: skip
    now = task(custom_fields=[field(STATUS, "Doing"), field(PRIORITY, "Low")])
    found, _ = activities(now, told.stories, lens(status=status))
    (presence,) = [one for one in found if one.kind == "presence"]
    assert (presence.start, presence.end) == (at("20 09:00"), None)
    assert ("Doing" in presence.labels) == (status is not None)
    elsewhere = task(custom_fields=[field(STATUS, "To do"), field(PRIORITY, "Doing")])
    became = Told()(
        "20 09:00", "enum_custom_field_changed", BEN, custom_field=PRIORITY, new_enum_value={"name": "Doing"}
    )("20 11:00", "comment_added", BEN)
    for stories in ([], became.stories):
        assert bool(activities(elsewhere, stories, lens(status=status))[0]) == (status is None)


def test_a_presence_that_ended_before_the_window_is_left_out_and_keeps_the_number_of_the_next() -> None:
    created = at("01 08:00").replace(month=9)
    told = (
        Told()
        .moved("02 08:00", TODO, DOING)
        .moved("03 08:00", DOING, TODO)
        .moved("20 09:00", TODO, DOING)
    )  # fmt: skip
    for story in (0, 1):
        old = told.stories[story]
        told.stories[story] = old.model_copy(update={"created_at": old.created_at.replace(month=9)})
    found, _ = activities(task(**IN_DOING, created_at=created), told.stories, lens())
    assert [a.uid for a in found if a.kind == "presence"] == ["presence/7/1"]


def test_S12_a_task_of_many_years_is_cut_and_not_refused() -> None:
    created = at("01 08:00").replace(year=2015)
    now = task(**IN_DOING, created_at=created, completed=True, completed_at=at("20 12:00"))
    (presence,), _ = activities(now, [], lens())
    assert presence.end == at("20 12:00") and presence.start.year == 2025


# --- time already entered -----------------------------------------------------------------------------------


def an_entry(**said: Any) -> TimeEntry:
    usual = {"gid": "5", "created_by": {"gid": ADA}, "duration_minutes": 30, "entered_on": "2026-11-20"}
    return TimeEntry.model_validate({**usual, **said})


@says("| logged | worklog / time-tracking entry that already exists | day or start, minutes |")
def test_an_entry_is_a_day_of_its_contributors_and_no_time_of_day() -> None:
    logged = time_entry(an_entry(), "7", lens())
    assert logged is not None
    assert (logged.uid, logged.kind, logged.minutes, logged.task) == ("logged/5", "logged", 30, "7")
    assert (logged.start.isoformat(), logged.all_day) == ("2026-11-20T00:00:00+01:00", True)


def test_an_entry_nobody_told_the_task_of_has_the_project_it_counts_for() -> None:
    logged = time_entry(an_entry(attributable_to=BOARD), "", lens())
    assert logged is not None
    assert (logged.task, logged.container, logged.labels) == (None, "p1", ("Website relaunch",))


def test_time_of_long_ago_is_left_out() -> None:
    assert time_entry(an_entry(entered_on="2026-10-31"), "7", lens()) is None


@pytest.mark.parametrize(
    "said",
    [
        {"duration_minutes": None},
        {"duration_minutes": -5},
        {"duration_minutes": 10**12},
        {"entered_on": "today"},
        {"entered_on": "9999-12-31"},
        {"gid": 5},
        {"gid": ""},
    ],
    ids=str,
)
def test_a_malformed_entry_is_none(said: Any) -> None:
    with pytest.raises(ValidationError):
        an_entry(**said)


# --- every recorded payload ---------------------------------------------------------------------------------


def recorded(folder: Path) -> Iterator[dict[str, Any]]:
    """Every object Asana is on record to have answered with."""
    for file in sorted(folder.iterdir()):
        text = file.read_text()
        match file.suffix:
            case ".json":
                bodies = [call["response"] for call in json.loads(text)]
            case ".jsonl":
                bodies = [{"data": json.loads(line)} for line in text.splitlines()]
            case _:
                bodies = [{"data": [_row(row, file.stem) for row in csv.DictReader(text.splitlines())]}]
        for body in bodies:
            found = (body or {}).get("data")
            yield from found if isinstance(found, list) else [found] if found else []


def _row(row: dict[str, str], table: str) -> dict[str, Any]:
    """A row of a warehouse's table, in the words of the API."""
    kind = {"fivetran__task_data": "task", "fivetran__story_data": "story"}.get(table, table)
    known = {name: value or None for name, value in row.items()}
    who = {"gid": row.get("assignee_id") or row.get("created_by_id") or ""}
    subtype = "section_changed" if kind == "story" else None
    times = {
        name: f"{row[name][:19]}Z" for name in ("created_at", "modified_at", "completed_at") if row.get(name)
    }
    return {
        **known,
        **times,
        "gid": row.get("id"),
        "resource_type": kind,
        "resource_subtype": subtype,
        "created_by": who,
        "assignee": who,
    }


def translated(said: dict[str, Any]) -> tuple[str, list[Activity]]:
    """What an object is taken for, and the activities of whoever it names."""
    owner = said.get("created_by") or said.get("assignee") or {}
    whose = Lens(Account(contributor="ada", external=owner.get("gid") or ADA), ALL_TERMS, ALL_TIME)
    if story := read_one(Story, said):
        return "story", activities(task(), [story], whose)[0]
    if whole := read_one(Task, said):
        return not_work(whole) or "task", activities(whole, [], whose)[0]
    return f"refused: {said.get('resource_type')}", []


def test_every_recorded_payload_is_evidence_or_refused_by_name(shared: Path) -> None:
    outcome: Counter[str] = Counter()
    for said in recorded(shared / "corpus" / "asana"):
        what, found = translated(said)
        outcome[what] += 1
        outcome.update(activity.kind for activity in found)
    refused = {what: outcome.pop(what) for what in list(outcome) if what.startswith("refused")}
    assert outcome == {"task": 6, "story": 11, "touch": 6}
    assert refused.pop("refused: task") == 4  # compact ones, asked for without modified_at
    assert sum(refused.values()) == 100


def test_a_list_says_how_many_of_it_were_malformed() -> None:
    odd: list[Any] = [None, 7, [], {}, {"gid": "1"}, {"gid": "2", "modified_at": "yesterday"}]
    fine = {"gid": "3", "modified_at": "2026-11-20T09:00:00.000Z", "memberships": None, "tags": None}
    tasks, malformed = read(Task, [*odd, fine, {**fine, "resource_type": "project"}])
    assert ([one.gid for one in tasks], malformed) == (["3"], 7)


# --- odd and hostile payloads -------------------------------------------------------------------------------

ODD: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
ONE = st.fixed_dictionaries(
    {}, optional={"gid": st.sampled_from(["1", "2", ADA]) | ODD, "name": st.text() | ODD}
)
DATES = st.datetimes(timezones=st.just(UTC)).map(str) | st.sampled_from(["2026-11-20T09:00:00Z"]) | ODD
SUBTYPES = st.sampled_from([*sorted(ACTS), "comment_added", "levitated"]) | ODD


def some(**said: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """A record with a gid and any of these, each as it should be or not."""
    return st.fixed_dictionaries({"gid": st.just("7") | ODD}, optional=said)


ANYONE = ONE | ODD
TASK_LIKE = some(
    name=st.text() | ODD,
    created_at=DATES,
    modified_at=DATES,
    completed=st.booleans() | ODD,
    completed_at=DATES,
    assignee=ANYONE,
    memberships=st.lists(some(project=ONE, section=ONE) | ODD) | ODD,
    tags=st.lists(ONE) | ODD,
    custom_fields=st.lists(some(name=st.text(), enum_value=ONE)) | ODD,
    resource_subtype=SUBTYPES,
    parent=ANYONE,
)
STORY_LIKE = some(
    created_at=DATES,
    created_by=ANYONE,
    resource_subtype=SUBTYPES,
    source=st.just("web") | ODD,
    assignee=ANYONE,
    old_section=ANYONE,
    new_section=ANYONE,
    custom_field=ONE,
    new_enum_value=ANYONE,
)
ENTRY_LIKE = some(
    created_by=ONE,
    duration_minutes=st.integers() | ODD,
    entered_on=st.dates().map(str) | ODD,
    attributable_to=ANYONE,
    task=ANYONE,
)


@settings(max_examples=50, deadline=None)
@given(
    TASK_LIKE | ODD, st.lists(STORY_LIKE | ODD, max_size=5), ENTRY_LIKE | ODD, st.sampled_from([None, "1"])
)
def test_S12_whatever_asana_says_is_evidence_or_malformed_and_never_an_error(
    said: Any, stories: list[Any], entry: Any, status: str | None
) -> None:
    looking = lens(status=status)._replace(window=ALL_TIME)
    whole, (told, _), entered = read_one(Task, said), read(Story, stories), read_one(TimeEntry, entry)
    found = activities(whole, told, looking)[0] if whole and not not_work(whole) else []
    logged = time_entry(entered, entered.task.gid if entered.task else "", looking) if entered else None
    for activity in [*found, *filter(None, [logged])]:
        shown = "".join([activity.title or "", *activity.labels])
        assert shown.isprintable() and len(activity.labels) <= 100


def test_S12_five_megabytes_of_title_and_ten_thousand_tags_are_cut() -> None:
    hostile = task(
        name="\u202eA" * 2_500_000,
        memberships=[{"project": BOARD, "section": DOING}],
        tags=[{"gid": str(n), "name": f"t{n}\u0007"} for n in range(10_000)],
    )
    (presence,), _ = activities(hostile, [], lens())
    assert presence.title == "A" * 1024 and len(presence.labels) == 100
