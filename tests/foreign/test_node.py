"""Node's clients find all there is in the stand-ins, page by page, and write once what they write."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta

import pytest

from connectors.asana.sandbox import AsanaSite
from connectors.google_calendar.sandbox import CalendarSite
from connectors.jira.sandbox import JiraSite
from tests.foreign.conftest import LOCK, Strange, serving

MONDAY = datetime(2026, 11, 2, 8, 0, tzinfo=UTC)
FRIDAY = MONDAY + timedelta(days=4)
MINUTE = timedelta(minutes=1)


def same(found: dict[str, list[str]], there: dict[str, Iterable[object]]) -> None:
    """Each of them, once; counts first, because two lists of a thousand are hard to read."""
    wanted = {kind: sorted(map(str, ids)) for kind, ids in there.items()}
    assert {kind: len(ids) for kind, ids in found.items()} == {kind: len(ids) for kind, ids in wanted.items()}
    assert {kind: sorted(ids) for kind, ids in found.items()} == wanted


def asked_once(counts: Mapping[str, int]) -> set[str]:
    """The writes, then; what was read took more than one page, or the test shows nothing."""
    return {endpoint for endpoint, requests in counts.items() if requests == 1}


def test_the_lock_says_what_but_not_from_where() -> None:
    packages = json.loads(LOCK.read_text())["packages"]
    judges = [package for name, package in packages.items() if name]
    assert len(judges) > 100
    assert all("integrity" in package and "resolved" not in package for package in judges)


def test_jira_js_finds_all_of_a_site_and_logs_an_hour_once(node: Strange) -> None:
    site = JiraSite(clock=lambda: FRIDAY)
    world = site.world
    ada = world.add_user("ada@example.com", "ada-token", "Ada", "Europe/Berlin")
    for n in range(119):
        world.add_user(f"u{n}@example.com", f"u{n}-token", f"Colleague {n}")
        world.add_project(f"P{n}", f"Project {n}")
    world.add_project("ACME", "Acme maps")
    keys = [world.add_issue("ACME", f"Map {n}", assignee=ada, created=MONDAY) for n in range(230)]
    large = keys[7]
    for n, key in enumerate(keys):
        for step, status in enumerate(("In Progress", "Done", "To Do", "In Progress", "Done")):
            world.change(key, MONDAY + (n * 5 + step) * MINUTE, ada, status=status)
    for n in range(130):
        world.comment(large, MONDAY + n * MINUTE, ada, f"remark {n}")
        world.change(large, MONDAY + n * MINUTE, ada, summary=f"Map 7, draft {n}")
    for n in range(2_100):
        world.add_worklog(keys[n % 15], ada, MONDAY + n * MINUTE, 60)
    issues, one = list(world.issues.values()), world.issue(large)
    there: dict[str, Iterable[object]] = {
        "projects": list(world.projects),
        "users": list(world.people),
        "issues": list(world.issues),
        # a search shows the latest 40 of a history; the whole is to be had elsewhere
        "changes in search": [change.id for issue in issues for change in issue.changes[-40:]],
        "changes": [change.id for issue in issues for change in issue.changes],
        "changes of one issue": [change.id for change in one.changes],
        "comments of one issue": [comment.id for comment in one.comments],
        "worklogs": list(world.logged),
        "worklogs of one issue": list(one.worklogs),
    }
    with serving(site):
        said = node("jira.mjs", ADDRESS=site.url, EMAIL="ada@example.com", TOKEN="ada-token", LARGE=large)

    same(said["found"], there)
    assert asked_once(site.counts) == {"POST /rest/api/3/issue/{issue}/worklog"}
    new = [log for log in world.worklogs if log.id not in there["worklogs"]]
    assert [(str(log.id), log.issue.key, log.author, log.seconds, log.comment) for log in new] == [
        (said["wrote"], large, ada, 3600, "An hour by a stranger")
    ]
    assert new[0].started == MONDAY


def test_asanas_client_finds_all_of_a_workspace_and_logs_its_time_once(node: Strange) -> None:
    site = AsanaSite(clock=lambda: FRIDAY)
    ada = site.add_user("ada@example.test", "ada-token", "Ada")
    users = [ada] + [site.add_user(f"u{n}@example.test", f"u{n}-token", f"Colleague {n}") for n in range(249)]
    projects = [site.add_project(f"Project {n}") for n in range(249)]
    board = site.add_project("Board", members=[ada])
    tasks = [site.add_task(board, f"Task {n}", ada, created=MONDAY) for n in range(250)]
    large = tasks[7]
    comments, parts = [], []
    for n in range(250):
        comments.append(site.comment(large, MONDAY + n * MINUTE, ada, f"remark {n}"))
        parts.append(site.add_task(None, f"Part {n}", ada, parent=large, created=MONDAY))
        site.add_time_entry(tasks[n], ada, 30, date(2026, 11, 2))
        site.add_time_entry(large, ada, 1, date(2026, 11, 3))
    before = site.time_entries
    with serving(site):
        said = node("asana.mjs", ADDRESS=site.url, TOKEN="ada-token", PROJECT=board, TASK=large)

    told = said["found"].pop("stories")
    assert set(comments) < set(told)
    assert len(told) == len(set(told)) == len(comments) + 2  # put on the board, given to Ada
    same(
        said["found"],
        {
            "users": users,
            "projects": [*projects, board],
            "tasks": tasks,
            "subtasks": parts,
            "time entries": [entry.gid for entry in before],
            "time entries of one task": [entry.gid for entry in before if entry.task == large],
        },
    )
    assert asked_once(site.counts) == {
        "GET /api/1.0/workspaces",
        "POST /api/1.0/tasks/{task_gid}/time_tracking_entries",
    }
    new = [entry for entry in site.time_entries if entry not in before]
    assert [(e.gid, e.task, e.user, e.minutes, e.day, e.description) for e in new] == [
        (said["wrote"], large, ada, 45, date(2026, 11, 3), "By a stranger")
    ]


@pytest.mark.parametrize("ragged", [False, True])
def test_googles_client_finds_all_then_only_changes_then_a_410(node: Strange, ragged: bool) -> None:
    ada = "ada@example.test"
    site = CalendarSite(clock=lambda: FRIDAY)
    site.ragged = ragged
    site.add_user(ada, "Europe/Berlin")
    others = [site.add_calendar(ada, f"Team {n}").id for n in range(230)]
    singles = [site.add_event(ada, f"Talk {n}", MONDAY + n * MINUTE, FRIDAY) for n in range(601)]
    weekly = site.add_event(ada, "Weekly", MONDAY, MONDAY + MINUTE, recurrence=["RRULE:FREQ=WEEKLY;COUNT=9"])
    with serving(site):
        access = {
            "ADDRESS": site.url,
            "CLIENT_ID": site.tokens.client["client_id"],
            "CLIENT_SECRET": site.tokens.client["client_secret"],
            "REFRESH_TOKEN": site.consent(ada, "calendar.events", "calendar.calendarlist.readonly"),
        }
        first = node("calendar.mjs", **access)
        counts = site.reset_counts()
        site.delete(singles[0])
        site.change(singles[1], summary="renamed")
        second = node("calendar.mjs", **access, SYNC_TOKEN=first["sync"])
        site.expire_sync_tokens()
        third = node("calendar.mjs", **access, SYNC_TOKEN=second["sync"])

    weeks = [each.id for each in site.instances(weekly, site.calendars[ada])]
    assert len(weeks) == 9
    same(first["found"], {"calendars": [ada, *others], "events": [*(e.id for e in singles), *weeks]})
    assert asked_once(counts) == {"POST /token", "POST /calendar/v3/calendars/{calendarId}/events"}
    same(second["found"], {"events": [singles[0].id, singles[1].id, first["wrote"]]})
    assert third == {"refused": [410, "fullSyncRequired"]}
    by_a_stranger = [e for e in site.calendars[ada].events.values() if e.summary == "Planned by a stranger"]
    assert [event.id for event in by_a_stranger] == [first["wrote"]]
