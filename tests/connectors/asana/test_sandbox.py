"""The Asana stand-in is as strict as Asana, and a client that is not ours finds everything in it."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import requests

from connectors.asana.sandbox import AsanaSite
from connectors.stand_in import Faults
from tests.connectors.official import validate
from tests.cost import cost

MONDAY = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)


class Clock:
    def __init__(self) -> None:
        self.now = MONDAY

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **span: float) -> datetime:
        self.now += timedelta(**span)
        return self.now


@dataclass
class Said:
    status: int
    body: Any
    headers: Any

    @property
    def data(self) -> Any:
        return self.body["data"]

    @property
    def message(self) -> str:
        return str(self.body["errors"][0]["message"])


@dataclass
class Office:
    """Ada and Ben on a public board, Ada and Mara on a private one; Otto's service account."""

    site: AsanaSite
    clock: Clock
    heard: list[tuple[str, str, int, Any]] = field(default_factory=list)
    """Every answer: method, path as the description writes it, status, body."""

    def __post_init__(self) -> None:
        add = self.site.add_user
        self.ada = add("ada@example.test", "ada-token", "Ada")
        self.ben = add("ben@example.test", "ben-token", "Ben")
        self.mara = add("mara@example.test", "mara-token", "Mara")
        self.otto = add("otto@example.test", "otto-token", "Otto", service=True)
        self.board = self.site.add_project("Board", members=[self.ada, self.ben])
        self.secret = self.site.add_project("Secret", members=[self.ada, self.mara], private=True)
        self.task = self.site.add_task(self.board, "Write the plan", self.ada, "Doing")
        self.hidden = self.site.add_task(self.secret, "Hush", self.mara)

    @property
    def workspace(self) -> str:
        return self.site.workspace.gid

    def ask(self, path: str, who: str = "ada", method: str = "GET", body: Any = None, **params: Any) -> Said:
        sent = {} if body is None else {"json": body}
        answer = requests.request(
            method,
            f"{self.site.url}/api/1.0{path}",
            params=params,
            headers={"Authorization": f"Bearer {who}-token"},
            timeout=60,
            **sent,
        )
        said = Said(answer.status_code, answer.json(), answer.headers)
        endpoint, _, _ = self.site.find(method, f"/api/1.0{path}")
        self.heard.append((method, endpoint.partition("/api/1.0")[2], said.status, said.body))
        return said

    def log(self, who: str = "ada", task: str | None = None, **fields: Any) -> Said:
        path = f"/tasks/{task or self.task}/time_tracking_entries"
        return self.ask(path, who, "POST", {"data": fields})


@pytest.fixture
def start() -> Iterator[Callable[..., Office]]:
    sites = []

    def begin(**settings: Any) -> Office:
        clock = Clock()
        site = AsanaSite(clock=clock, **settings)
        site.start()
        sites.append(site)
        return Office(site, clock)

    yield begin
    for site in sites:
        site.stop()


@pytest.fixture
def office(start: Callable[..., Office]) -> Office:
    return start()


# --- who may ask, and what they may see ---------------------------------------------------------------------


def test_a_token_nobody_has_is_not_authorized(office: Office) -> None:
    assert office.ask("/users/me", "eve").status == 401
    office.site.revoke("ada-token")
    refused = office.ask("/users/me")
    assert (refused.status, refused.message) == (401, "Not Authorized")
    assert office.ask("/users/me", "ben").status == 200


@pytest.mark.parametrize("name", ["me", "ada@example.test", "gid"])
def test_a_person_is_found_by_me_by_mail_and_by_gid(office: Office, name: str) -> None:
    found = office.ask(f"/users/{office.ada if name == 'gid' else name}").data
    assert (found["gid"], found["email"]) == (office.ada, "ada@example.test")


def test_what_is_private_does_not_exist_for_others(office: Office) -> None:
    assert office.ask(f"/tasks/{office.hidden}", "ben").status == 404
    assert office.ask(f"/projects/{office.secret}/tasks", "ben").status == 404
    assert office.ask(f"/tasks/{office.hidden}/stories", "ben").status == 404
    assert [p["name"] for p in office.ask("/projects", "ben").data] == ["Board"]
    mine = office.ask("/tasks", "ben", assignee=office.mara, workspace=office.workspace)
    assert mine.data == []


def test_members_and_the_service_account_see_what_is_private(office: Office) -> None:
    for who in ("mara", "ada", "otto"):
        assert office.ask(f"/tasks/{office.hidden}", who).status == 200
    assert office.ask("/users/me/user_task_list", "ben", workspace=office.workspace).status == 200
    assert office.ask(f"/users/{office.ada}/user_task_list", "ben", workspace=office.workspace).status == 404


def test_a_task_in_two_projects_names_only_the_one_its_reader_sees(office: Office) -> None:
    office.site.add_to_project(office.task, office.secret)
    seen = {who: office.ask(f"/tasks/{office.task}", who).data["projects"] for who in ("ada", "ben")}
    assert [p["name"] for p in seen["ada"]] == ["Board", "Secret"]
    assert [p["name"] for p in seen["ben"]] == ["Board"]
    assert "Secret" not in str(office.ask(f"/tasks/{office.task}", "ben").data["memberships"])


def test_paths_and_gids_nobody_knows(office: Office) -> None:
    assert office.ask("/nothing").message == "No matching route for request"
    assert office.ask("/tasks/99").status == 404
    assert office.ask("/tasks/plan").message == "task: Not a recognized ID: plan"
    assert office.ask(f"/tasks/{office.board}").status == 404


# --- what is shown ------------------------------------------------------------------------------------------


def test_without_opt_fields_a_list_is_compact_and_a_record_whole(office: Office) -> None:
    (listed,) = office.ask("/tasks", project=office.board).data
    assert listed == {
        "gid": office.task,
        "resource_type": "task",
        "name": "Write the plan",
        "resource_subtype": "default_task",
    }
    whole = office.ask(f"/tasks/{office.task}").data
    assert whole["assignee"] == {"gid": office.ada, "resource_type": "user", "name": "Ada"}
    assert whole["actual_time_minutes"] is None


def test_opt_fields_shows_exactly_what_it_names_and_the_gid(office: Office) -> None:
    fields = "completed,assignee.gid,memberships.section.name,created_by,nonsense,name.first"
    (shown,) = office.ask("/tasks", project=office.board, opt_fields=fields).data
    assert shown == {
        "gid": office.task,
        "completed": False,
        "assignee": {"gid": office.ada},
        "memberships": [{"section": {"gid": shown["memberships"][0]["section"]["gid"], "name": "Doing"}}],
        "created_by": {"gid": office.ada, "resource_type": "user", "name": "Ada"},
        "name": "Write the plan",
    }


def test_custom_fields_show_what_their_type_has(office: Office) -> None:
    points = office.site.add_custom_field(office.board, "Points", "number")
    size = office.site.add_custom_field(office.board, "Size", "enum", ["S", "L"])
    office.site.set_field(office.task, points, 3)
    office.site.set_field(office.task, size, "L")
    office.site.set_field(office.task, size, "S")
    fields = office.ask(f"/tasks/{office.task}").data["custom_fields"]
    assert [(f["name"], f["display_value"]) for f in fields] == [("Points", "3"), ("Size", "S")]
    assert fields[0]["number_value"] == 3 and "text_value" not in fields[0]
    asked = "resource_subtype,custom_field.name,old_enum_value.name,new_enum_value.name"
    last = office.ask(f"/tasks/{office.task}/stories", opt_fields=asked).data[-1]
    assert last["resource_subtype"] == "enum_custom_field_changed"
    assert (last["old_enum_value"]["name"], last["new_enum_value"]["name"]) == ("L", "S")


# --- lists --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"workspace": "W"},
        {"assignee": "me"},
        {"project": "P", "assignee": "me", "workspace": "W"},
        {"project": "P", "workspace": "W"},
        {"project": "P", "section": "S"},
    ],
)
def test_tasks_want_exactly_one_filter(office: Office, wrong: dict[str, str]) -> None:
    refused = office.ask("/tasks", **wrong)
    assert refused.status == 400 and refused.message.startswith("Must specify exactly one of")


def test_tasks_of_an_assignee_by_me_mail_and_gid(office: Office) -> None:
    for name in ("me", "ada@example.test", office.ada):
        found = office.ask("/tasks", assignee=name, workspace=office.workspace).data
        assert [task["gid"] for task in found] == [office.task]
    nobody = office.ask("/tasks", assignee="eve@example.test", workspace=office.workspace)
    assert (nobody.status, nobody.message) == (400, "assignee: Not a user in Organization: eve@example.test")


def test_completed_since_keeps_what_is_open_or_ended_later(office: Office) -> None:
    early, late = (office.site.add_task(office.board, name, office.ada) for name in ("early", "late"))
    office.site.complete(early, MONDAY)
    office.site.complete(late, MONDAY + timedelta(hours=2))

    def names(path: str, since: str) -> list[str]:
        return [task["name"] for task in office.ask(path, completed_since=since).data]

    for path in (f"/projects/{office.board}/tasks", "/user_task_lists/{}/tasks"):
        own = office.ask("/users/me/user_task_list", workspace=office.workspace).data["gid"]
        assert names(path.format(own), "2026-11-02T10:00:00Z") == ["Write the plan", "late"]
        assert names(path.format(own), "now") == ["Write the plan"]
    assert office.ask(f"/projects/{office.board}/tasks", completed_since="soon").status == 400


@pytest.mark.parametrize("limit", ["0", "101", "-1", "ten", "²"])
def test_a_page_holds_1_to_100(office: Office, limit: str) -> None:
    assert office.ask("/tasks", project=office.board, limit=limit).status == 400


def fill(office: Office, many: int) -> None:
    for number in range(many):
        office.site.add_task(office.board, f"task {number}", office.ada)


def test_a_list_too_long_to_come_whole_is_refused(office: Office) -> None:
    fill(office, 999)
    assert len(office.ask("/tasks", project=office.board).data) == 1000
    fill(office, 1)
    refused = office.ask("/tasks", project=office.board)
    assert (refused.status, refused.message[:24]) == (400, "The result is too large.")


def test_pages_lose_nothing_when_the_last_one_shown_leaves_the_list(office: Office) -> None:
    fill(office, 9)
    query = {"assignee": "me", "workspace": office.workspace, "limit": "5"}
    first = office.ask("/tasks", **query)
    office.site.assign(first.data[-1]["gid"], office.ben)
    second = office.ask("/tasks", **query, offset=first.body["next_page"]["offset"])
    names = [task["name"] for task in first.data + second.data]
    assert names == ["Write the plan", *(f"task {n}" for n in range(9))]
    assert second.body["next_page"] is None
    assert "next_page" not in office.ask("/tasks", project=office.board).body


def test_an_offset_is_good_for_its_own_list_and_for_a_while(office: Office) -> None:
    fill(office, 9)
    offset = office.ask("/tasks", project=office.board, limit=5).body["next_page"]["offset"]
    assert office.ask(f"/projects/{office.board}/tasks", limit=5, offset=offset).status == 400
    assert office.ask("/tasks", project=office.board, limit=5, offset=offset[:-4] + "AAAA").status == 400
    assert office.ask("/tasks", project=office.board, limit=5, offset="x").message.endswith("is invalid.")
    assert office.ask("/tasks", project=office.board, limit=7, offset=offset).status == 200
    office.clock.forward(minutes=15)
    stale = office.ask("/tasks", project=office.board, limit=5, offset=offset)
    assert (stale.status, stale.message) == (400, "offset: Your pagination token has expired.")


def test_next_page_can_be_followed_as_it_stands(office: Office) -> None:
    fill(office, 9)
    first = office.ask("/tasks", project=office.board, limit=6, opt_fields="name")
    followed = requests.get(
        first.body["next_page"]["uri"], headers={"Authorization": "Bearer ada-token"}, timeout=60
    ).json()
    assert len(followed["data"]) == 4 and set(followed["data"][0]) == {"gid", "name"}


def test_people_of_a_workspace_end_at_2000_and_users_pages_beyond(office: Office) -> None:
    for number in range(2_000):
        office.site.add_user(f"u{number}@example.test", f"u{number}-token", f"U{number}")
    assert len(office.ask(f"/workspaces/{office.workspace}/users").data) == 2_000
    found, params = [], {"workspace": office.workspace, "limit": "100"}
    while True:
        page = office.ask("/users", **params)
        found += page.data
        if not page.body["next_page"]:
            break
        params["offset"] = page.body["next_page"]["offset"]
    assert len({user["gid"] for user in found}) == 2_004


# --- what changed -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "story", "modified"),
    [
        (lambda o, at: o.site.assign(o.task, o.ben, at, o.ada), "assigned", True),
        (lambda o, at: o.site.assign(o.task, None, at, o.ada), "unassigned", True),
        (lambda o, at: o.site.complete(o.task, at, o.ada), "marked_complete", True),
        (lambda o, at: o.site.comment(o.task, at, o.ben, "Hm"), "comment_added", True),
        (lambda o, at: o.site.rename(o.task, "Plan", at, o.ada), "name_changed", True),
        (lambda o, at: o.site.move(o.task, "Done", at, o.ada), "section_changed", False),
        (lambda o, at: o.site.add_to_project(o.task, o.secret, None, at, o.ada), "added_to_project", False),
    ],
)
def test_every_change_writes_its_story_and_a_move_leaves_modified_at_alone(
    office: Office, change: Callable[[Office, datetime], None], story: str, modified: bool
) -> None:
    at = office.clock.forward(hours=1)
    change(office, at)
    last = office.ask(f"/tasks/{office.task}/stories").data[-1]
    assert (last["resource_subtype"], last["created_at"]) == (story, "2026-11-02T10:00:00.000Z")
    since = office.ask("/tasks", "otto", project=office.board, modified_since=at.isoformat())
    assert [task["gid"] for task in since.data] == ([office.task] if modified else [])


def test_moves_can_be_told_to_modify(start: Callable[..., Office]) -> None:
    office = start(moves_modify=True)
    office.site.move(office.task, "Done", office.clock.forward(hours=1))
    assert office.ask(f"/tasks/{office.task}").data["modified_at"] == "2026-11-02T10:00:00.000Z"


def test_sections_of_a_move_are_told_only_when_asked(office: Office) -> None:
    office.site.move(office.task, "Done", by=office.ada)
    path = f"/tasks/{office.task}/stories"
    assert "new_section" not in office.ask(path).data[-1]
    asked = office.ask(path, opt_fields="old_section.name,new_section.name").data[-1]
    assert (asked["old_section"]["name"], asked["new_section"]["name"]) == ("Doing", "Done")
    done = asked["new_section"]["gid"]
    assert [task["gid"] for task in office.ask(f"/sections/{done}/tasks").data] == [office.task]


def test_stories_after_a_moment_repeat_those_of_its_second(office: Office) -> None:
    for millisecond in (100, 900, 1_100):
        moment = MONDAY + timedelta(hours=1, milliseconds=millisecond)
        office.site.comment(office.task, moment, office.ada, f"at {millisecond}")

    def texts(**params: str) -> list[str]:
        return [story["text"] for story in office.ask(f"/tasks/{office.task}/stories", **params).data]

    assert texts(created_after="2026-11-02T10:00:00.900Z") == ["at 100", "at 900", "at 1100"]
    assert texts(created_after="2026-11-02T10:00:01.100Z") == ["at 1100"]
    assert texts(resource_subtype="comment_added", sort_ascending="false", limit="2") == ["at 1100", "at 900"]
    wrong = office.ask(f"/tasks/{office.task}/stories", resource_subtype="assigned")
    assert wrong.status == 400


def test_newest_first_pages_too(office: Office) -> None:
    for minute in range(7):
        office.site.comment(office.task, MONDAY + timedelta(minutes=minute), office.ada, str(minute))
    query = {"resource_subtype": "comment_added", "sort_ascending": "false", "limit": "4"}
    first = office.ask(f"/tasks/{office.task}/stories", **query)
    second = office.ask(f"/tasks/{office.task}/stories", **query, offset=first.body["next_page"]["offset"])
    assert "".join(story["text"] for story in first.data + second.data) == "6543210"


def test_events_need_a_token_and_a_stale_one_hands_out_the_next(office: Office) -> None:
    first = office.ask("/events", resource=office.board)
    assert first.status == 412
    office.site.complete(office.task, by=office.ada)
    told = office.ask("/events", resource=office.board, sync=first.body["sync"])
    assert {(e["type"], e["action"]) for e in told.data} == {("story", "added"), ("task", "changed")}
    assert told.body["has_more"] is False
    again = office.ask("/events", resource=office.board, sync=first.body["sync"])
    assert again.data == told.data
    assert office.ask("/events", resource=office.board, sync=told.body["sync"]).data == []
    other = office.ask("/events", resource=office.task, sync=told.body["sync"])
    assert other.status == 412
    office.clock.forward(hours=24)
    stale = office.ask("/events", resource=office.board, sync=told.body["sync"])
    assert stale.status == 412
    assert office.ask("/events", resource=office.board, sync=stale.body["sync"]).status == 200


def test_events_come_100_at_a_time_and_never_say_what_a_comment_says(office: Office) -> None:
    sync = office.ask("/events", resource=office.board).body["sync"]
    for number in range(250):
        office.site.comment(office.task, None, office.ada, f"secret words {number}")
    counts, more = [], True
    while more:
        told = office.ask("/events", resource=office.board, sync=sync).body
        assert "secret words" not in str(told["data"])
        counts.append(len(told["data"]))
        sync, more = told["sync"], told["has_more"]
    assert counts == [100, 100, 50]


def test_events_of_a_private_project_are_for_its_members(office: Office) -> None:
    assert office.ask("/events", "ben", resource=office.secret).status == 404


# --- time ---------------------------------------------------------------------------------------------------


def test_time_is_logged_as_the_one_who_sends_it(office: Office) -> None:
    made = office.log(duration_minutes=45, entered_on="2026-11-03", description="plan [db:7f3k2a]")
    assert made.status == 201
    (entry,) = office.site.time_entries
    assert (entry.task, entry.user, entry.minutes) == (office.task, office.ada, 45)
    assert (entry.day, entry.description) == (date(2026, 11, 3), "plan [db:7f3k2a]")
    assert made.data["gid"] == entry.gid and made.headers["Location"].endswith(entry.gid)
    assert office.ask(f"/tasks/{office.task}").data["actual_time_minutes"] == 45


def test_sending_it_twice_logs_it_twice_and_the_day_is_today_unless_said(office: Office) -> None:
    office.log(duration_minutes=10)
    office.log(duration_minutes=10)
    assert [entry.day for entry in office.site.time_entries] == [date(2026, 11, 2)] * 2


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"duration_minutes": 0},
        {"duration_minutes": -5},
        {"duration_minutes": 7.5},
        {"duration_minutes": "30"},
        {"duration_minutes": True},
        {"duration_minutes": 30, "entered_on": "03.11.2026"},
        {"duration_minutes": 30, "entered_on": "2026-11-03T10:00:00Z"},
        {"duration_minutes": 30, "created_by": "1"},
        {"duration_minutes": 30, "billable_status": "yes"},
        {"duration_minutes": 30, "description": None},
        {"duration_minutes": 30, "attributable_to": "404404"},
        {"duration_minutes": 30, "attributable_to": 5},
        {"duration_minutes": 30, "categories": ["1", "2"]},
        {"duration_minutes": 30, "categories": ["404404"]},
    ],
)
def test_a_wrong_field_logs_nothing(office: Office, fields: dict[str, Any]) -> None:
    assert office.log(**fields).status == 400
    assert office.site.time_entries == []


def test_a_body_that_is_not_data_logs_nothing(office: Office) -> None:
    path = f"/tasks/{office.task}/time_tracking_entries"
    stray: dict[str, Any] = {"data": {"duration_minutes": 3}, "x": 1}
    bodies: list[Any] = [[], {"duration_minutes": 30}, {"data": [1]}, stray]
    for body in bodies:
        assert office.ask(path, method="POST", body=body).status == 400
    assert office.site.time_entries == []


def test_categories_and_projects_of_an_entry(office: Office) -> None:
    review = office.site.add_category("Review")
    old = office.site.add_category("Old", archived=True)
    assert office.log(duration_minutes=5, categories=[old]).status == 400
    assert office.log("ben", duration_minutes=5, attributable_to=office.secret).status == 400
    made = office.log(duration_minutes=5, categories=[review], attributable_to=office.board).data
    assert (made["categories"][0]["name"], made["attributable_to"]["name"]) == ("Review", "Board")
    listed = office.ask("/time_tracking_categories", workspace=office.workspace).data
    assert [category["name"] for category in listed] == ["Review"]


def test_a_list_of_entries_never_shows_a_description_and_one_alone_does(office: Office) -> None:
    gid = office.log(duration_minutes=30, description="words").data["gid"]
    wide = "description,created_at,task.gid,billable_status,duration_minutes"
    paths = [(f"/tasks/{office.task}/time_tracking_entries", {}), ("/time_tracking_entries", {"user": "me"})]
    for path, params in paths:
        assert set(office.ask(path, **params).data[0]) == {
            *("gid", "resource_type", "duration_minutes", "entered_on"),
            *("attributable_to", "created_by", "categories"),
        }
        assert office.ask(path, opt_fields=wide, **params).data == [{"gid": gid, "duration_minutes": 30}]
    alone = office.ask(f"/time_tracking_entries/{gid}").data
    assert (alone["description"], alone["task"]["gid"]) == ("words", office.task)


def test_only_its_owner_changes_or_removes_an_entry(office: Office) -> None:
    path = f"/time_tracking_entries/{office.log(duration_minutes=30, description='mine').data['gid']}"
    for method in ("PUT", "DELETE"):
        assert office.ask(path, "ben", method, {"data": {"duration_minutes": 1}}).status == 403
    assert [entry.minutes for entry in office.site.time_entries] == [30]
    changed = office.ask(path, "ada", "PUT", {"data": {"duration_minutes": 20}}).data
    assert (changed["duration_minutes"], changed["description"]) == (20, "mine")
    assert office.ask(path, "ada", "PUT", {"data": {"duration_minutes": 0}}).status == 400
    assert office.ask(path, "ada", "DELETE").data == {}
    assert office.ask(path, "ada", "DELETE").status == 404
    assert office.site.time_entries == []


def test_a_viewer_of_a_project_logs_no_time_there(office: Office) -> None:
    looked_at = office.site.add_project("Looked at", viewers=[office.ben])
    task = office.site.add_task(looked_at, "Other work", office.ada)
    assert office.log("ben", task, duration_minutes=5).status == 403
    assert office.log("ben", office.hidden, duration_minutes=5).status == 404
    assert office.site.time_entries == []


def test_entries_are_found_by_task_person_project_and_days(office: Office) -> None:
    other = office.site.add_task(office.board, "Other", office.ben)
    who_on_what = [(office.task, office.ada), (office.task, office.ben), (other, office.ada)]
    for day, (task, user) in enumerate(who_on_what, 3):
        office.site.add_time_entry(task, user, day, date(2026, 11, day))
    office.site.add_time_entry(office.hidden, office.mara, 9, date(2026, 11, 3))

    def minutes(who: str = "ada", **params: str) -> list[int]:
        found = office.ask("/time_tracking_entries", who, **params).data
        return [entry["duration_minutes"] for entry in found]

    assert minutes(task=office.task) == [3, 4]
    assert minutes(user="me") == [3, 5]
    assert minutes(user="me", task=other) == [5]
    assert minutes(attributable_to=office.board) == [3, 4, 5]
    assert minutes("mara", attributable_to=office.secret) == [9]
    week = {"workspace": office.workspace, "entered_on_start_date": "2026-11-03"}
    assert minutes(**week, entered_on_end_date="2026-11-04") == [3, 4, 9]
    assert minutes("ben", **week) == [3, 4, 5]
    assert office.ask("/time_tracking_entries", workspace=office.workspace).status == 400
    assert office.ask("/time_tracking_entries").status == 400


def test_a_plan_without_time_tracking_wants_payment_for_all_of_it(start: Callable[..., Office]) -> None:
    office = start(time_tracking=False)
    assert office.log(duration_minutes=30).status == 402
    assert office.ask("/time_tracking_entries", user="me").status == 402
    assert office.ask("/time_tracking_categories", workspace=office.workspace).status == 402
    assert office.ask("/tasks", project=office.board).status == 200


def test_a_field_of_the_add_on_wants_payment_and_logs_nothing(start: Callable[..., Office]) -> None:
    office = start(addon_fields=["description"])
    assert office.log(duration_minutes=30, description="words").status == 402
    assert office.site.time_entries == []
    assert office.log(duration_minutes=30).status == 201


def test_a_week_handed_in_is_told_by_list_and_by_entry(office: Office) -> None:
    gid = office.log(duration_minutes=30, entered_on="2026-11-03").data["gid"]
    assert office.ask(f"/time_tracking_entries/{gid}").data["approval_status"] == "DRAFT"
    office.site.add_timesheet(office.ada, date(2026, 11, 2), date(2026, 11, 8))
    assert office.ask(f"/time_tracking_entries/{gid}").data["approval_status"] == "SUBMITTED"
    query = {"workspace": office.workspace, "user": "me", "from_date": "2026-11-08"}
    assert len(office.ask("/timesheet_approval_statuses", **query).data) == 1
    assert office.ask("/timesheet_approval_statuses", **query, approval_statuses="draft").data == []


def test_leave_is_told_for_the_days_it_touches(office: Office) -> None:
    office.site.add_absence(office.ada, date(2026, 11, 5), date(2026, 11, 9))
    query = {"user": office.ada, "workspace": office.workspace}
    assert len(office.ask("/ooo_entries", **query, start_date="2026-11-09").data) == 1
    assert office.ask("/ooo_entries", **query, start_date="2026-11-10").data == []
    assert office.ask("/ooo_entries", user=office.ada).status == 400


def test_a_deleted_task_takes_its_stories_and_its_time_along(office: Office) -> None:
    office.log(duration_minutes=30)
    story = office.ask(f"/tasks/{office.task}/stories").data[0]["gid"]
    office.site.delete_task(office.task, by=office.ben)
    assert office.ask(f"/tasks/{office.task}").status == 404
    assert office.ask(f"/stories/{story}").status == 404
    assert office.ask("/tasks", assignee="me", workspace=office.workspace).data == []
    assert office.site.time_entries == []


# --- limits and faults --------------------------------------------------------------------------------------


def test_a_token_that_asks_too_often_waits_as_long_as_it_is_told(start: Callable[..., Office]) -> None:
    office = start(requests_per_minute=3)
    for second in range(3):
        assert office.ask("/users/me").status == 200, second
        office.clock.forward(seconds=1)
    refused = office.ask("/users/me")
    assert refused.status == 429
    assert office.ask("/users/me", "ben").status == 200
    office.clock.forward(seconds=int(refused.headers["Retry-After"]))
    assert office.ask("/users/me").status == 200


def test_requests_that_were_rejected_count_too(start: Callable[..., Office]) -> None:
    office = start(requests_per_minute=2)
    answers = []
    for _ in range(30):
        answers.append(office.ask("/users/me").status)
        office.clock.forward(seconds=10)
    assert answers == [200, 200, *[429] * 28]


def test_planted_faults_speak_as_asana_does(start: Callable[..., Office]) -> None:
    faults = Faults()
    office = start(faults=faults)
    faults.script("*", "500", "503", "429-seconds")
    broken, away, fast = (office.ask("/users/me") for _ in range(3))
    assert broken.status == 500 and broken.body["errors"][0]["phrase"]
    assert away.status == 503 and away.message
    assert (fast.status, fast.headers["Retry-After"]) == (429, "1")


def test_a_write_whose_answer_was_lost_happened(start: Callable[..., Office]) -> None:
    faults = Faults()
    office = start(faults=faults)
    faults.script("POST /api/1.0/tasks/{task_gid}/time_tracking_entries", "drop-after", "drop-before")
    for _ in range(2):
        with pytest.raises(requests.ConnectionError):
            office.log(duration_minutes=30)
    assert [entry.minutes for entry in office.site.time_entries] == [30]


def test_requests_are_counted_under_the_names_of_the_description(office: Office) -> None:
    office.site.reset_counts()
    office.ask(f"/tasks/{office.task}/stories")
    office.ask(f"/tasks/{office.hidden}/stories")
    assert office.site.counts == {"GET /api/1.0/tasks/{task_gid}/stories": 2}


def test_50_tasks_of_one_person_cost_as_much_to_ask_among_50000_as_among_500(office: Office) -> None:
    people = [office.site.add_user(f"p{n}@example.test", f"p{n}-token", f"P{n}") for n in range(1_000)]

    def add(each: int, to: list[str]) -> None:
        for number in range(each * len(to)):
            office.site.add_task(office.board, f"task {number}", to[number % len(to)])

    def ask() -> int:
        query = {"assignee": people[5], "workspace": office.workspace, "modified_since": MONDAY.isoformat()}
        return len(office.ask("/tasks", **query, limit=100).data)

    few = cost(lambda: add(50, people[:10]), times=1)
    asked = cost(ask, times=9)
    assert cost(lambda: add(50, people[10:]), times=1) < 500 * few  # 99 times as many
    assert ask() == 50
    assert cost(ask, times=9) < 5 * asked


# --- judges -------------------------------------------------------------------------------------------------


def test_every_answer_fits_asanas_own_description(shared: Path, office: Office) -> None:
    site = office.site
    site.add_category("Review")
    points = site.add_custom_field(office.board, "Points", "number")
    size = site.add_custom_field(office.board, "Size", "enum", ["S", "L"])
    site.set_field(office.task, points, 3, by=office.ada)
    site.set_field(office.task, size, "L", by=office.ada)
    sync = office.ask("/events", resource=office.board).body["sync"]
    child = site.add_task(None, "Part of it", office.ada, parent=office.task, due=date(2026, 11, 9))
    site.assign(office.task, office.ben, by=office.ada)
    site.assign(office.task, office.ada, by=office.ada)
    site.move(office.task, "Done", by=office.ada)
    site.rename(office.task, "The plan", by=office.ben)
    site.complete(office.task, by=office.ada)
    story = site.comment(office.task, None, office.ben, "Hm")
    site.add_absence(office.ada, date(2026, 11, 5), date(2026, 11, 9))
    site.add_timesheet(office.ada, date(2026, 11, 2), date(2026, 11, 8))
    entry = office.log(duration_minutes=30, attributable_to=office.board, description="words").data["gid"]
    (own,) = {office.ask("/users/me/user_task_list", workspace=office.workspace).data["gid"]}
    section = office.ask(f"/projects/{office.board}/sections").data[0]["gid"]
    here = {"workspace": office.workspace}
    wide = (
        "name,assignee.name,memberships.section.name,custom_fields.display_value,completed_by.name,created_by"
    )
    questions: list[tuple[str, dict[str, Any]]] = [
        ("/users/me", {}),
        ("/users", {**here, "opt_fields": "email,workspaces.name"}),
        ("/workspaces", {"limit": 1}),
        (f"/workspaces/{office.workspace}", {}),
        (f"/workspaces/{office.workspace}/users", {}),
        (f"/workspaces/{office.workspace}/projects", {"limit": 1}),
        ("/projects", {"limit": 1, "archived": "false"}),
        (f"/projects/{office.board}", {}),
        (f"/projects/{office.board}/tasks", {"limit": 1}),
        (f"/sections/{section}", {}),
        (f"/sections/{section}/tasks", {}),
        ("/tasks", {"project": office.board, "opt_fields": wide}),
        ("/tasks", {"assignee": "me", **here, "limit": 1}),
        (f"/tasks/{office.task}", {}),
        (f"/tasks/{child}", {}),
        (f"/tasks/{office.task}", {"opt_fields": wide}),
        (f"/tasks/{office.task}/subtasks", {}),
        (f"/tasks/{office.task}/stories", {"limit": 3}),
        (f"/tasks/{office.task}/stories", {"opt_fields": "old_section,new_section,assignee,new_enum_value"}),
        (f"/stories/{story}", {}),
        (f"/user_task_lists/{own}", {}),
        (f"/user_task_lists/{own}/tasks", {}),
        ("/ooo_entries", {"user": "me", **here}),
        (f"/tasks/{office.task}/time_tracking_entries", {}),
        ("/time_tracking_entries", {"user": "me", "limit": 1}),
        (f"/time_tracking_entries/{entry}", {}),
        ("/time_tracking_categories", here),
        ("/timesheet_approval_statuses", here),
        ("/events", {"resource": office.board, "sync": sync}),
        ("/users/5", {}),
        ("/tasks", {}),
    ]
    for path, params in questions:
        office.ask(path, **params)
    for one in office.ask(f"/tasks/{office.task}/stories").data:
        office.ask(f"/stories/{one['gid']}")
    office.log(duration_minutes=0)
    office.ask(f"/time_tracking_entries/{entry}", "ben", "DELETE")
    office.ask(f"/time_tracking_entries/{entry}", "eve")
    office.ask(f"/time_tracking_entries/{entry}", "ada", "PUT", {"data": {"duration_minutes": 20}})
    office.ask(f"/time_tracking_entries/{entry}", "ada", "DELETE")

    routes = {f"{method} {path}" for method, path, _, _ in office.heard}
    api = [(method, path) for method, path, _, _ in site._routes if path.startswith("/api/1.0")]
    ours = {f"{method} {path.removeprefix('/api/1.0')}" for method, path in api}
    assert routes == ours, "a route nobody judged"
    for method, path, status, body in office.heard:
        if path == "/events" and status == 200:
            # its text says that parent is null for a change, its schema forgot
            body["data"] = [{k: v for k, v in event.items() if v is not None} for event in body["data"]]
        validate(shared / "specs" / "asana.yaml", method, path, status, body)


@pytest.fixture
def sdk(office: Office) -> Iterator[Any]:
    """The vendor's own client, unmodified but for the address; its log handlers are taken off again."""
    import asana

    class Settings(asana.Configuration):  # type: ignore[misc]
        """A class of its own, so that the library's shared default stays as it was."""

    loggers = [logging.getLogger(name) for name in ("asana", "urllib3")]
    before = [(log, log.level, list(log.handlers)) for log in loggers]
    settings = Settings()
    settings.host = f"{office.site.url}/api/1.0"
    settings.access_token = "ada-token"
    client = asana.ApiClient(settings)
    yield client
    client.pool.close()
    client.pool.join()
    client.rest_client.pool_manager.clear()
    for log, level, handlers in before:
        log.setLevel(level)
        log.handlers[:] = handlers


def test_the_asana_sdk_pages_through_every_list_and_finds_all_of_it(office: Office, sdk: Any) -> None:
    import asana

    site, here = office.site, {"workspace": office.workspace}
    fill(office, 250)
    board = site.add_project("Wide", sections=[f"S{n}" for n in range(120)])
    for number in range(120):
        site.add_project(f"P{number}")
        site.add_user(f"u{number}@example.test", f"u{number}-token", f"U{number}")
        site.comment(office.task, MONDAY + timedelta(minutes=number), office.ben, str(number))
        site.add_task(None, f"part {number}", office.ada, parent=office.task)
        site.add_time_entry(office.task, office.ada, 1, date(2026, 11, 2))
        site.add_category(f"C{number}")
        site.add_absence(office.ada, date(2026, 11, 2), date(2026, 11, 2))
        site.add_timesheet(office.ada, date(2026, 11, 2), date(2026, 11, 8))
    tasks, mine = asana.TasksApi(sdk), {"assignee": "me", **here}
    since = {"entered_on_start_date": "2026-11-01"}
    own = asana.UserTaskListsApi(sdk).get_user_task_list_for_user("me", office.workspace, {})["gid"]
    doing = next(s["gid"] for s in asana.SectionsApi(sdk).get_sections_for_project(office.board, {}))
    entries = asana.TimeTrackingEntriesApi(sdk)
    walks = {
        "users": (124, asana.UsersApi(sdk).get_users(dict(here))),
        "people": (124, asana.UsersApi(sdk).get_users_for_workspace(office.workspace, {})),
        "projects": (123, asana.ProjectsApi(sdk).get_projects(dict(here))),
        "workspace's": (123, asana.ProjectsApi(sdk).get_projects_for_workspace(office.workspace, {})),
        "sections": (120, asana.SectionsApi(sdk).get_sections_for_project(board, {})),
        "mine": (371, tasks.get_tasks(dict(mine, modified_since=MONDAY))),
        "of a project": (251, tasks.get_tasks_for_project(office.board, {})),
        "of a section": (250, tasks.get_tasks_for_section(doing, {})),
        "my list": (371, tasks.get_tasks_for_user_task_list(own, {})),
        "subtasks": (120, tasks.get_subtasks_for_task(office.task, {})),
        "stories": (122, asana.StoriesApi(sdk).get_stories_for_task(office.task, {})),
        "time of a task": (120, entries.get_time_tracking_entries_for_task(office.task, {})),
        "time": (120, entries.get_time_tracking_entries(dict(here, **since))),
        "categories": (
            120,
            asana.TimeTrackingCategoriesApi(sdk).get_time_tracking_categories(office.workspace, {}),
        ),
        "leave": (120, asana.OooEntriesApi(sdk).get_ooo_entries("me", office.workspace, {})),
        "weeks": (
            120,
            asana.TimesheetApprovalStatusesApi(sdk).get_timesheet_approval_statuses(office.workspace, {}),
        ),
    }
    found = {name: [record["gid"] for record in walk] for name, (_, walk) in walks.items()}
    assert {name: len(gids) for name, gids in found.items()} == {n: count for n, (count, _) in walks.items()}
    assert all(len(set(gids)) == len(gids) for gids in found.values())
    assert all(a < b for gids in found.values() for a, b in pairwise(gids))


def test_the_asana_sdk_logs_changes_and_removes_time(office: Office, sdk: Any) -> None:
    import asana
    from asana.rest import ApiException

    entries = asana.TimeTrackingEntriesApi(sdk)
    body = {"data": {"duration_minutes": 45, "entered_on": "2026-11-03", "description": "plan"}}
    gid = entries.create_time_tracking_entry(body, office.task, {})["gid"]
    assert [(e.gid, e.user, e.minutes) for e in office.site.time_entries] == [(gid, office.ada, 45)]
    entries.update_time_tracking_entry({"data": {"duration_minutes": 40}}, gid, {})
    assert entries.get_time_tracking_entry(gid, {})["duration_minutes"] == 40
    entries.delete_time_tracking_entry(gid)
    assert office.site.time_entries == []
    with pytest.raises(ApiException) as refused:
        entries.delete_time_tracking_entry(gid)
    assert refused.value.status == 404


def test_the_asana_sdk_follows_events_from_its_first_412(office: Office, sdk: Any) -> None:
    import asana

    events = asana.EventsApi(sdk)
    with pytest.raises(asana.rest.ApiException) as first:
        events.get_events(office.board, {}, full_payload=True)
    assert first.value.status == 412
    sync = json.loads(first.value.body)["sync"]
    fill(office, 120)
    told, more = [], True
    while more:
        page = events.get_events(office.board, {"sync": sync}, full_payload=True)
        told += page["data"]
        sync, more = page["sync"], page["has_more"]
    added = {e["resource"]["gid"] for e in told if (e["type"], e["action"]) == ("task", "added")}
    assert len(added) == 120
