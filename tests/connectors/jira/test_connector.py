"""The Jira connector against a whole site on loopback: the contract, and what is Jira's own."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
import responses
from pydantic import SecretStr, ValidationError

from connectors.contract import (
    Account,
    CursorExpired,
    Endless,
    Page,
    Refused,
    Terms,
    Unavailable,
    Window,
    walk,
)
from connectors.jira import bookmark, cloud, evidence, reading
from connectors.jira.connector import Jira
from connectors.jira.history import BULK
from connectors.jira.settings import Settings
from connectors.stand_in import Answer
from daybook.testing import ContractSuite, said
from tests.connectors.jira.world import ALL, FRIDAY, READER, IssuesWorld, JiraWorld, number, running

IDLE = {"GET /search/jql": 1, "GET /worklog/updated": 1, "GET /worklog/deleted": 1}


class TestJira(ContractSuite):
    @pytest.fixture
    def world(self) -> Iterator[JiraWorld]:
        with running() as world:
            yield world

    @pytest.fixture
    def connector(self, world: JiraWorld) -> Jira:
        return world.connector()


class TestJiraIssues(TestJira):
    @pytest.fixture
    def world(self, monkeypatch: pytest.MonkeyPatch) -> Iterator[JiraWorld]:
        for room in (reading, cloud):
            monkeypatch.setattr(room, "MOST_ISSUES", JiraWorld.page_size)
        with running(IssuesWorld) as world:
            yield world


@pytest.fixture
def world() -> Iterator[IssuesWorld]:
    with running(IssuesWorld) as world:
        yield world


def counts(world: JiraWorld) -> dict[str, int]:
    """Requests since the last time, by endpoint."""
    return {name.replace("/rest/api/2", ""): n for name, n in world.site.reset_counts().items()}


def kinds(pages: list[Page]) -> list[tuple[str, str]]:
    """(who, uid) of all that stands."""
    return sorted((who, a.uid) for activities in said(pages).values() for who, a in activities)


def skipped(pages: list[Page]) -> dict[str, int]:
    return {reason: count for page in pages for reason, count in page.skipped.items()}


# --- how many requests -------------------------------------------------------------------------------------


def test_an_idle_walk_is_three_requests_whoever_takes_part(world: IssuesWorld) -> None:
    connector = world.connector()
    for account in (world.ada, world.ben):
        world.add(account, "Draw")
    world.there.add_worklog(world.task, world.ada.external, FRIDAY - timedelta(hours=3), 600)
    crowd = [world.ada, world.ben, *(Account(contributor=f"c{n}", external=f"x{n}") for n in range(500))]
    (partition,) = connector.partitions(crowd)
    cursor = list(walk(connector, partition, world.window, None))[-1].cursor
    counts(world)
    for _ in range(3):
        (*_, last) = pages = list(walk(connector, partition, world.window, cursor))
        assert counts(world) == IDLE
        assert not [sighting for page in pages for sighting in page.sightings]
        cursor = last.cursor
    assert len(cursor) < 800


def test_a_connector_just_made_asks_once_more_who_it_is(world: IssuesWorld) -> None:
    cursor = world.walk(world.connector())[-1].cursor
    counts(world)
    world.walk(world.connector(), cursor)
    assert counts(world) == IDLE | {"GET /myself": 1}


@pytest.mark.parametrize(("granted", "searches", "together"), [(1000, 4, 4), (200, 5, 3), (100, 10, 4)])
def test_a_thousand_changed_issues_are_a_handful_of_requests(
    granted: int, searches: int, together: int
) -> None:
    with running(IssuesWorld, largest_page=granted) as world:
        connector = world.connector()
        start = world.walk(connector)[-1].cursor
        world.pass_by(hours=1)
        for n in range(999):  # and the one at the edge of the walk before
            key = world.there.add_issue("ACME", "Draw", assignee=world.ada.external, created=world.now)
            world.there.change(key, world.now + timedelta(seconds=n), world.mara, status="In Progress")
        for n in range(800):
            world.there.add_worklog(key, world.ada.external, FRIDAY, 600, at=FRIDAY + timedelta(seconds=n))
        world.pass_by(hours=1)
        counts(world)
        shown = said(world.walk(connector, start))
        assert counts(world) == {
            "GET /search/jql": searches,
            "POST /changelog/bulkfetch": together,
            "GET /worklog/updated": 1,
            "POST /worklog/list": 1,
            "GET /worklog/deleted": 1,
        }
        assert len(shown) == 1799


def test_an_issue_that_did_not_change_is_not_asked_for_again(world: IssuesWorld) -> None:
    connector = world.connector()
    world.add(world.ada, "Old")
    world.pass_by(minutes=1)
    old = world.there.add_issue("ACME", "Edge", assignee=world.ada.external, created=world.now)
    cursor = world.walk(connector)[-1].cursor
    world.pass_by(minutes=1)
    new = world.there.add_issue("ACME", "New", assignee=world.ada.external, created=world.now)
    counts(world)
    world.site.heard.clear()
    world.walk(connector, cursor)
    (asked,) = [r.json()["issueIdsOrKeys"] for name, r in world.site.heard if "bulkfetch" in name]
    assert asked == [str(world.there.issue(new).id)]
    assert str(world.there.issue(old).id) not in asked


# --- complete or loud --------------------------------------------------------------------------------------


def test_one_more_than_a_page_of_everything_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cloud, "MOST_HISTORIES", 1500)  # so that histories are split over pages
    with running(IssuesWorld) as world:
        connector = world.connector()
        goes = [world.there.add_worklog(world.task, world.ada.external, FRIDAY, 60) for _ in range(1001)]
        first = world.walk(connector, start=FRIDAY - timedelta(days=30))
        made = {world.add(world.ada, f"Thing {n}") for n in range(1001)}
        for origin in made:
            world.there.change(str(number(origin)), FRIDAY, world.mara, status="Done")
        for n, worklog in enumerate(goes):
            world.there.delete_worklog(worklog, at=FRIDAY + timedelta(hours=2, seconds=n))
        stays = [
            world.there.add_worklog(
                world.task, world.ada.external, FRIDAY, 60, at=FRIDAY + timedelta(seconds=n)
            )
            for n in range(1001)
        ]
        world.pass_by(hours=3)
        whole = said(world.walk(connector))
        assert set(whole) == made | {f"worklog/{worklog}" for worklog in stays}
        assert all(len(whole[origin]) == 2 for origin in made), "a touch and a presence each"
        assert said(world.walk(connector, first[-1].cursor), said(first)) == whole
        assert counts(world)["POST /changelog/bulkfetch"] > 2


def _repeated(name: str) -> Callable[[Any, Any], Any]:
    return lambda _, body: body | {name: "invented"}


def _without(name: str) -> Callable[[Any, Any], Any]:
    return lambda _, body: {key: value for key, value in body.items() if key != name}


def _with(**changes: Any) -> Callable[[Any, Any], Any]:
    return lambda _, body: body | changes


DOUBTFUL: list[tuple[str, Callable[[Any, Any], Any], type[Unavailable]]] = [
    ("GET /search/jql", _repeated("nextPageToken"), Endless),
    ("GET /search/jql", _without("issues"), Unavailable),
    ("GET /search/jql", _with(issues=None), Unavailable),
    ("GET /search/jql", _with(isLast=False), Unavailable),
    ("GET /search/jql", _with(nextPageToken=7), Unavailable),
    ("GET /search/jql", lambda *_: [], Unavailable),
    ("POST /changelog/bulkfetch", _repeated("nextPageToken"), Endless),
    ("POST /changelog/bulkfetch", _with(nextPageToken={}), Unavailable),
    ("POST /changelog/bulkfetch", _without("issueChangeLogs"), Unavailable),
    ("POST /changelog/bulkfetch", _with(issueChangeLogs=[{"issueId": "1"}]), Unavailable),
    ("POST /changelog/bulkfetch", _with(issueChangeLogs=[{"changeHistories": []}]), Unavailable),
    ("GET /status", lambda *_: {"values": []}, Unavailable),
    ("GET /worklog/updated", _with(values=[], lastPage=False), Endless),
    ("GET /worklog/updated", _without("values"), Unavailable),
    ("GET /worklog/updated", _without("until"), Unavailable),
    ("POST /worklog/list", lambda *_: {"values": []}, Unavailable),
    ("GET /worklog/deleted", _with(values=[], lastPage=False), Endless),
    ("GET /worklog/deleted", _without("values"), Unavailable),
]


@pytest.mark.parametrize(("endpoint", "twist", "fault"), DOUBTFUL)
def test_an_answer_that_may_not_be_complete_is_loud(
    world: IssuesWorld, endpoint: str, twist: Any, fault: type[Unavailable]
) -> None:
    world.add(world.ada, "Draw")
    world.there.add_worklog(world.task, world.ada.external, FRIDAY - timedelta(hours=3), 600)
    world.site.twists[endpoint] = twist
    with pytest.raises(fault):
        world.walk(world.connector())


def test_a_feed_whose_every_page_stands_still_is_loud(world: IssuesWorld) -> None:
    world.there.add_worklog(world.task, world.ada.external, FRIDAY - timedelta(hours=3), 600)
    world.site.twists["GET /worklog/updated"] = _with(lastPage=False)
    with pytest.raises(Endless):
        world.walk(world.connector())


LISTS = ("GET /search/jql", "POST /changelog/bulkfetch", "GET /status", "GET /worklog/updated",
         "POST /worklog/list", "GET /worklog/deleted")  # fmt: skip


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410])
@pytest.mark.parametrize("endpoint", LISTS)
def test_a_no_in_the_middle_of_a_walk_stops_it_and_says_what_to_do(
    world: IssuesWorld, endpoint: str, status: int
) -> None:
    world.add(world.ada, "Draw")
    world.there.add_worklog(world.task, world.ada.external, FRIDAY - timedelta(hours=3), 600)
    refusal = {
        "errorMessages": ["The value 'X' does not exist, says boss@northwind.example."],
        "errors": None,
    }
    world.site.refusals[endpoint] = Answer(status, refusal)
    with pytest.raises(Refused) as caught:
        world.walk(world.connector())
    assert caught.value.whose == "connection"
    assert str(status) in str(caught.value) and "@" not in str(caught.value)
    assert ("update Daybook" in str(caught.value)) == (status == 410)
    assert ("does not exist, says" in str(caught.value)) == (status == 400)
    asked = 2 if (endpoint, status) == ("GET /search/jql", 400) else 1  # a date in minutes may fit
    assert counts(world)[endpoint] == asked, "what is refused is not asked again"


@pytest.mark.parametrize("warnings", [[{"message": "membersOf was cut"}], True])
def test_a_warning_of_jiras_own_is_passed_on(world: IssuesWorld, warnings: Any) -> None:
    world.site.twists["GET /search/jql"] = _with(warnings=warnings)
    assert skipped(world.walk(world.connector())) == {evidence.WARNED: 1}


@pytest.mark.parametrize("junk", [None, "x", 7, {}, {"id": "1", "key": "ACME-1", "fields": None}])
def test_an_issue_that_cannot_be_read_is_counted_and_the_rest_stands(world: IssuesWorld, junk: Any) -> None:
    origin = world.add(world.ada, "Draw")
    world.site.twists["GET /search/jql"] = lambda _, body: body | {"issues": [junk, *body["issues"]]}
    pages = world.walk(world.connector())
    assert origin in said(pages)
    assert skipped(pages) == {evidence.NOT_AN_ISSUE: 1}


def test_what_the_search_was_late_to_know_is_found_by_the_days_wide_walk(world: IssuesWorld) -> None:
    connector = world.connector()
    late = world.add(world.ada, "Late")
    world.pass_by(minutes=1)
    world.there.change(str(number(late)), world.now, world.ada.external, status="Done")
    world.there.add_issue("ACME", "Known at once", created=world.now + timedelta(minutes=10))

    def unaware(_: Any, body: Any) -> Any:
        return body | {"issues": [issue for issue in body["issues"] if issue["id"] != str(number(late))]}

    world.site.twists["GET /search/jql"] = unaware
    cursor = world.walk(connector, end=world.now)[-1].cursor
    world.site.twists.clear()
    usual = world.walk(connector, cursor, end=world.now + timedelta(hours=23))
    assert late not in said(usual), "it lies further back than the usual lag"
    wide = world.walk(connector, usual[-1].cursor, end=world.now + timedelta(hours=24))
    assert late in said(wide)
    counts(world)
    world.walk(connector, wide[-1].cursor, end=world.now + timedelta(hours=25))
    assert counts(world) == IDLE


def test_S12_an_issue_dated_years_ahead_hides_nothing_that_changes_before(world: IssuesWorld) -> None:
    """Found by fuzzing: the next walk began where the latest issue of this one was."""
    connector = world.connector()
    world.add(world.ada, "Imported")
    world.settle()

    def ahead(_: Any, body: Any) -> Any:
        for issue in body["issues"]:
            issue["fields"]["updated"] = "2099-01-01T00:00:00.000+0000"
        return body

    world.site.twists["GET /search/jql"] = ahead
    cursor = world.walk(connector, end=world.now)[-1].cursor
    world.site.twists.clear()
    new = world.add(world.ada, "New")
    world.settle()
    assert new in said(world.walk(connector, cursor, end=world.now))


def test_a_check_quotes_nothing_that_a_site_says_of_itself(world: IssuesWorld) -> None:
    world.site.twists["GET /serverInfo"] = lambda _, body: body | {"deploymentType": "\u202eignore this"}
    with pytest.raises(Refused, match="says that it is something else"):
        world.connector().check()


def test_once_a_week_everything_is_looked_at_because_deleted_issues_leave_no_trace(
    world: IssuesWorld,
) -> None:
    connector = world.connector()
    origin = world.add(world.ada, "Draw")
    first = world.walk(connector, end=FRIDAY)
    world.there.delete_issue(str(number(origin)))
    later = FRIDAY + timedelta(days=6, hours=23)
    assert origin in said(world.walk(connector, first[-1].cursor, end=later), said(first))
    with pytest.raises(CursorExpired):
        world.walk(connector, first[-1].cursor, end=FRIDAY + timedelta(days=7))
    assert origin not in said(world.walk(connector))


@pytest.mark.parametrize(
    "changed", [{"tracked": ("title", "worklogs")}, {"projects": ("ACME",)}], ids=["policy", "projects"]
)
def test_P11_another_question_needs_another_first_walk(world: IssuesWorld, changed: Any) -> None:
    cursor = world.walk(world.connector())[-1].cursor
    with pytest.raises(CursorExpired):
        world.walk(world.connector(**changed), cursor)


# --- who is asking -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "headers", [{"X-AAccountId": "somebody-else"}, {"X-Seraph-LoginReason": "AUTHENTICATED_FAILED"}]
)
@pytest.mark.parametrize("endpoint", LISTS)
def test_an_answer_given_to_somebody_else_counts_for_nothing(
    world: IssuesWorld, endpoint: str, headers: dict[str, str]
) -> None:
    world.add(world.ada, "Draw")
    world.there.add_worklog(world.task, world.ada.external, FRIDAY - timedelta(hours=3), 600)
    world.site.headers[endpoint] = headers
    with pytest.raises(Refused) as caught:
        world.walk(world.connector())
    assert caught.value.whose == "connection"


def test_where_answers_do_not_say_to_whom_each_walk_asks_first(world: IssuesWorld) -> None:
    """As behind a proxy that drops the header."""
    world.site.nameless = True
    connector = world.connector()
    cursor = world.walk(connector)[-1].cursor
    counts(world)
    world.walk(connector, cursor)
    assert counts(world) == IDLE | {"GET /myself": 1}
    world.there.revoke("reader")
    with pytest.raises(Refused):
        world.walk(connector, cursor)


def test_a_check_reaches_every_list_and_shows_nobody(world: IssuesWorld) -> None:
    world.add(world.ada, "Draw")
    standing = world.connector().check()
    assert standing.account == world.there.tokens["reader"]
    assert set(counts(world)) == {*IDLE, "GET /myself", "GET /mypermissions", "GET /serverInfo"}
    assert standing.missing == standing.excess == ()


def test_a_check_names_rights_too_few_and_too_many(world: IssuesWorld) -> None:
    world.there.people[world.there.tokens["reader"]].admin = True
    world.there.forbid("ACME", "BROWSE_PROJECTS", world.there.tokens["reader"])
    standing = world.connector().check()
    assert standing.missing == ('"Browse projects": give it to this account',)
    assert standing.excess == ('"Administer Jira": take it from this account',)


@pytest.mark.parametrize("endpoint", IDLE)
def test_a_check_fails_where_a_walk_would(world: IssuesWorld, endpoint: str) -> None:
    world.site.refusals[endpoint] = Answer(410, {"errorMessages": ["removed"]})
    with pytest.raises(Refused):
        world.connector().check()


def test_a_check_of_a_project_that_is_not_there_says_so(world: IssuesWorld) -> None:
    with pytest.raises(Refused) as caught:
        world.connector(projects=("NOPE",)).check()
    assert caught.value.whose == "connection"


# --- what is asked for, and what is kept -------------------------------------------------------------------

ISSUE_WORDS = {
    "title": {"summary"},
    "labels": {"labels", "components", "parent"},
    "status history": {"status", "assignee", "created"},
    "own comments": {"comment"},
}
SHOWN: dict[tuple[str, ...], set[str]] = {
    ALL: {"presence", "touch", "logged"},
    ("status history",): {"presence", "touch"},
    ("own comments", "title"): {"touch"},
    ("worklogs",): {"logged"},
    ("worklogs", "labels"): {"logged"},
    ("title",): set(),
    (): set(),
}


@pytest.mark.parametrize("tracked", SHOWN)
def test_P11_what_the_policy_does_not_track_is_not_asked_for(
    world: IssuesWorld, tracked: tuple[str, ...]
) -> None:
    origin = world.add(world.ada, "Draw")
    world.there.comment(str(number(origin)), FRIDAY, world.ada.external, "private words")
    world.there.add_worklog(world.task, world.ada.external, FRIDAY - timedelta(hours=3), 600, "private words")
    connector = world.connector(tracked)
    if not {"status history", "own comments", "worklogs"} & set(tracked):
        assert connector.partitions([world.ada]) == []
        assert not world.site.heard
        return
    pages = world.walk(connector)
    allowed = {"updated"}.union(*(fields for word, fields in ISSUE_WORDS.items() if word in tracked))
    asked = {f for name, r in world.site.heard if "search" in name for f in r.param("fields").split(",")}
    assert asked <= allowed
    endpoints = {name for name, _ in world.site.heard}
    assert ("POST /changelog/bulkfetch" in endpoints) == ("status history" in tracked)
    assert ("GET /status" in endpoints) == ("status history" in tracked)
    assert any("worklog" in name for name in endpoints) == ("worklogs" in tracked)
    found = [a for page in pages for sighting in page.sightings for _, a in sighting.activities]
    assert {a.kind for a in found} == SHOWN[tracked]
    assert {a.title for a in found} <= ({"Draw", "Draw the map"} if "title" in tracked else {None})
    assert "private words" not in "".join(page.model_dump_json() for page in pages)


def test_P11_no_text_that_people_write_is_asked_for_in_histories(world: IssuesWorld) -> None:
    world.add(world.ada, "Draw")
    world.walk(world.connector())
    (asked,) = [r.json()["fieldIds"] for name, r in world.site.heard if "bulkfetch" in name]
    assert not {"summary", "description", "comment", "environment", "attachment"} & set(asked)
    assert len(asked) <= 10


def test_P3_what_others_did_makes_no_activity_of_anybody(world: IssuesWorld) -> None:
    key = world.there.add_issue("ACME", "Hers", assignee=world.mara, created=FRIDAY)
    world.there.change(key, FRIDAY, world.mara, status="In Progress")
    world.there.comment(key, FRIDAY, world.mara, "mine")
    world.there.add_worklog(key, world.mara, FRIDAY - timedelta(hours=3), 600)
    assert kinds(world.walk(world.connector())) == []


def test_only_the_projects_named_are_read(world: IssuesWorld) -> None:
    world.there.add_project("TO", "A key that is a word of JQL")
    here = world.there.add_issue(
        "TO", "Here", assignee=world.ada.external, created=FRIDAY, status="In Progress"
    )
    there = world.add(world.ada, "There")
    inside = world.there.add_worklog(here, world.ada.external, FRIDAY - timedelta(hours=3), 600)
    outside = world.there.add_worklog(world.task, world.ada.external, FRIDAY - timedelta(hours=3), 600)
    pages = world.walk(world.connector(projects=("to",)))
    shown = said(pages)
    assert set(shown) == {f"issue/{world.there.issue(here).id}", f"worklog/{inside}"}
    assert there not in shown and f"worklog/{outside}" not in shown
    assert skipped(pages)[evidence.ELSEWHERE] == 1


@pytest.mark.parametrize("number", ["abc", "", "9" * 5000, None])
def test_a_changed_worklog_without_a_number_is_counted_and_the_rest_stands(
    world: IssuesWorld, number: Any
) -> None:
    worklog = world.there.add_worklog(world.task, world.ada.external, FRIDAY - timedelta(hours=3), 600)
    junk = {"worklogId": number, "updatedTime": 1}
    world.site.twists["GET /worklog/updated"] = lambda _, body: body | {"values": [junk, *body["values"]]}
    pages = world.walk(world.connector(("worklogs",)))
    assert set(said(pages)) == {f"worklog/{worklog}"}
    assert skipped(pages) == {evidence.NOT_A_WORKLOG: 1}


def test_all_comments_are_seen_where_the_search_shows_the_first_few(world: IssuesWorld) -> None:
    for n in range(120):
        world.there.comment(world.task, FRIDAY + timedelta(seconds=n), world.ada.external, f"word {n}")

    def cut(_: Any, body: Any) -> Any:
        for issue in body["issues"]:
            issue["fields"]["comment"]["comments"] = issue["fields"]["comment"]["comments"][:20]
        return body

    world.site.twists["GET /search/jql"] = cut
    assert len(kinds(world.walk(world.connector(("own comments",))))) == 120
    assert counts(world)["GET /issue/{issue}/comment"] == 2


def test_a_worklogs_issue_is_asked_for_only_where_the_walk_did_not_show_it(world: IssuesWorld) -> None:
    connector = world.connector()
    cursor = world.walk(connector)[-1].cursor
    counts(world)
    world.there.add_worklog(world.task, world.ada.external, FRIDAY - timedelta(hours=1), 600, at=world.now)
    world.pass_by(minutes=2)
    pages = world.walk(connector, cursor)
    assert counts(world)["GET /search/jql"] == 1, "logging time changed the issue too"
    quiet = world.connector(("title", "worklogs"))
    (logged,) = [a for page in world.walk(quiet) for s in page.sightings for _, a in s.activities]
    assert counts(world)["GET /search/jql"] == 1, (
        "nothing but worklogs tracked: one question for their issues"
    )
    assert (logged.task, logged.title) == (world.task, "Draw the map")
    assert logged.uid in {uid for _, uid in kinds(pages)}


def test_worklogs_of_issues_that_are_gone_or_archived_cost_nobody_else_theirs(world: IssuesWorld) -> None:
    """Jira refuses a question about several issues where one of them is not there."""
    homes = [world.there.issue(world.there.add_issue("ACME", f"Home {n}")).id for n in range(5)]
    for home in homes:
        world.there.add_worklog(str(home), world.ada.external, FRIDAY - timedelta(hours=3), 600)

    def vanished(_: Any, body: Any) -> Any:
        return [log | {"issueId": "424242"} if log["issueId"] == str(homes[3]) else log for log in body]

    world.site.twists["POST /worklog/list"] = vanished
    pages = world.walk(world.connector(("worklogs",)))
    assert len(said(pages)) == 4
    assert skipped(pages) == {evidence.ELSEWHERE: 1}


def test_a_search_for_the_issues_of_worklogs_that_repeats_is_loud(world: IssuesWorld) -> None:
    world.there.add_worklog(world.task, world.ada.external, FRIDAY - timedelta(hours=3), 600)
    world.site.twists["GET /search/jql"] = _repeated("nextPageToken")
    with pytest.raises(Endless):
        world.walk(world.connector(("worklogs",)))


def test_the_issues_of_many_worklogs_are_asked_for_in_addresses_a_gateway_takes(world: IssuesWorld) -> None:
    for n in range(700):
        home = world.there.issue(world.there.add_issue("ACME", f"Home {n}")).id
        world.there.add_worklog(str(home), world.ada.external, FRIDAY - timedelta(hours=3), 600)
    pages = world.walk(world.connector(("worklogs",)))
    assert len(said(pages)) == 700
    searches = [request for name, request in world.site.heard if name.endswith("search/jql")]
    longest = max(len(urlencode(request.params, doseq=True)) for request in searches)
    assert longest < 5000, "these ids have five digits; with ten it is half as long again"


def test_an_issue_that_was_renamed_is_known_by_its_new_title(world: IssuesWorld) -> None:
    connector = world.connector(("title", "worklogs"))
    worklog = world.there.add_worklog(world.task, world.ada.external, FRIDAY - timedelta(hours=3), 600)
    first = world.walk(connector)
    world.there.change(world.task, world.now, world.mara, summary="Fold the map")
    world.there.edit_worklog(worklog, world.ada.external, world.now, seconds=1200)
    world.settle()
    ((_, logged),) = said(world.walk(connector, first[-1].cursor))[f"worklog/{worklog}"]
    assert (logged.title, logged.minutes) == ("Fold the map", 20)


def test_a_position_remembers_only_what_will_be_read_again() -> None:
    position = bookmark.Position(at=100, edge={"old": 95, "edge": 100})
    moved = position.moved({"new": 107, "late": 99}, until=110, overlap=10)
    assert moved == bookmark.Position(at=110, edge={"new": 107, "edge": 100})
    assert moved.moved({}, until=0, overlap=10) == moved


def test_a_worklog_that_is_hidden_meanwhile_is_gone(world: IssuesWorld) -> None:
    connector = world.connector()
    worklog = world.there.add_worklog(world.task, world.ada.external, FRIDAY - timedelta(hours=3), 600)
    first = world.walk(connector)
    world.there.add_group("crew", [world.ada.external])
    world.there.edit_worklog(worklog, world.ada.external, world.now)
    world.there.logged[worklog].group = "crew"
    world.site.twists["GET /worklog/updated"] = lambda _, body: (
        body
        | {
            "values": [{"worklogId": worklog, "updatedTime": int(world.now.timestamp() * 1000)}],
            "until": int(world.now.timestamp() * 1000),
        }
    )
    world.pass_by(minutes=2)
    assert said(world.walk(connector, first[-1].cursor), said(first)) == {}


def test_a_bulk_edit_weighs_nothing_even_when_one_of_its_issues_comes_back_alone(world: IssuesWorld) -> None:
    connector = world.connector(("status history",))
    keys = [world.there.add_issue("ACME", f"Row {n}", created=FRIDAY) for n in range(BULK)]
    for n, key in enumerate(keys):
        world.there.change(key, FRIDAY + timedelta(seconds=n), world.ada.external, status="Done")
    first = world.walk(connector)
    assert (kinds(first), skipped(first)) == ([], {evidence.IN_BULK: BULK})
    world.pass_by(hours=2)
    world.there.change(keys[3], world.now, world.ada.external, priority="High")
    again = world.walk(connector, first[-1].cursor)
    assert len(kinds(again)) == 1 and skipped(again) == {evidence.IN_BULK: 1}
    assert kinds(again) == kinds(world.walk(connector, None))
    assert world.ada.external not in first[-1].cursor


def test_a_history_with_a_gap_is_asked_for_again_while_it_may_close(world: IssuesWorld) -> None:
    connector = world.connector()
    key = world.there.add_issue("ACME", "Racing", assignee=world.ada.external, created=FRIDAY)
    world.there.change(key, FRIDAY, world.mara, status="In Progress")
    world.there.change(key, FRIDAY, world.mara, status="Done")

    def late(_: Any, body: Any) -> Any:
        for log in body["issueChangeLogs"]:
            log["changeHistories"] = log["changeHistories"][:1]
        return body

    world.site.twists["POST /changelog/bulkfetch"] = late
    first = world.walk(connector)
    assert skipped(first) == {evidence.HAS_GAPS: 1}
    world.site.twists.clear()
    counts(world)
    assert skipped(world.walk(connector, first[-1].cursor)) == {}
    assert counts(world)["POST /changelog/bulkfetch"] == 1


def test_a_status_we_do_not_know_is_looked_up_once(world: IssuesWorld) -> None:
    connector = world.connector()
    origin = world.add(world.ada, "Draw")
    cursor = world.walk(connector)[-1].cursor
    world.there.add_status("In Review", "indeterminate")
    world.pass_by(minutes=1)
    world.there.change(str(number(origin)), world.now, world.ada.external, status="In Review")
    counts(world)
    pages = world.walk(connector, cursor)
    assert counts(world)["GET /status"] == 1
    (presence,) = [
        a for page in pages for s in page.sightings for _, a in s.activities if a.kind == "presence"
    ]
    assert presence.end is None, "in progress all along"
    world.pass_by(minutes=1)
    world.there.change(str(number(origin)), world.now, world.ada.external, status="Done")
    world.walk(connector, pages[-1].cursor)
    assert "GET /status" not in counts(world)


def test_a_status_that_is_gone_is_not_looked_for_each_time(world: IssuesWorld) -> None:
    connector = world.connector()
    passed = world.there.add_status("Limbo", "indeterminate")
    key = world.there.add_issue("ACME", "Old", assignee=world.ada.external, created=FRIDAY, status="Limbo")
    world.there.change(key, FRIDAY + timedelta(minutes=1), world.mara, status="Done")
    world.site.twists["GET /status"] = lambda _, body: [one for one in body if one["id"] != passed]
    cursor = world.walk(connector)[-1].cursor
    assert counts(world)["GET /status"] == 1
    world.there.change(key, FRIDAY + timedelta(minutes=2), world.mara, priority="High")
    world.walk(connector, cursor)
    assert "GET /status" not in counts(world)


# --- the vendor's library ----------------------------------------------------------------------------------


def test_a_connector_is_made_without_the_library_and_without_a_request() -> None:
    code = """
import sys
from pydantic import SecretStr
from connectors.contract import Terms
from connectors.jira.connector import Jira
site = "https://northwind.atlassian.net"
jira = Jira("jira", Jira.Settings(site=site, email="a@b.example", token=SecretStr("t")), Terms())
assert jira.name == "jira" and "jira" not in sys.modules and "tenacity" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


@responses.activate
def test_responses_sees_every_call_and_the_library_made_its_address() -> None:
    site = "https://northwind.atlassian.net"
    named = {"X-AAccountId": "me"}
    responses.get(re.compile(f"{site}/rest/api/2/myself"), json={"accountId": "me"}, headers=named)
    responses.get(re.compile(f"{site}/rest/api/2/search/jql.*"), json={"issues": []}, headers=named)
    responses.get(
        re.compile(f"{site}/rest/api/2/worklog/.*"), json={"values": [], "lastPage": True}, headers=named
    )
    settings = Settings(site=f"{site}/", email=READER, token=SecretStr("reader"))
    connector = Jira("jira", settings, Terms(tracked=frozenset(ALL)))
    (partition,) = connector.partitions([Account(contributor="ada", external="x")])
    window = Window(start=FRIDAY, end=FRIDAY + timedelta(days=1))
    assert len(list(walk(connector, partition, window, None))) == 3
    assert len(responses.calls) == 4
    assert {call.request.headers["Authorization"] for call in responses.calls} == {
        "Basic ZGF5Ym9va0Bub3J0aHdpbmQuZXhhbXBsZTpyZWFkZXI="
    }


# --- what an administrator writes --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "wrong",
    [
        {"site": "http://northwind.atlassian.net"},
        {"site": "northwind.atlassian.net"},
        {"site": "https://ada:s3cret@northwind.atlassian.net"},
        {"site": "https://169.254.169.254"},
        {"projects": ["WEB", "a b"]},
        {"projects": ['WEB") OR (project = "X']},
        {"tokn": "x"},
    ],
)
def test_P14_settings_that_cannot_work_are_refused_and_repeat_no_secret(wrong: dict[str, Any]) -> None:
    right = {"site": "https://northwind.atlassian.net", "email": "a@b.example", "token": "s3cret"}
    assert Settings.model_validate(right).projects == ()
    with pytest.raises(ValidationError) as caught:
        Settings.model_validate(right | wrong)
    assert "s3cret" not in str(caught.value)


def test_P14_all_that_is_not_of_data_center_is_named_at_once() -> None:
    told = {"site": "https://jira.example", "deployment": "data_center", "token": "t"}
    with pytest.raises(ValidationError) as caught:
        Settings.model_validate(told | {"email": "a@b.example", "oauth": {"client": "a"}})
    assert "leave `email` out" in str(caught.value) and "leave `oauth` and `scoped` out" in str(caught.value)


def test_a_cursor_is_what_another_version_can_refuse() -> None:
    mark = bookmark.first("asked", "issues", 1, 2)
    assert bookmark.opened(mark.model_dump_json(), "asked", "issues", 3) == mark
    for strange in (mark.model_dump_json() + "x", json.dumps(mark.model_dump() | {"stage": "comments"})):
        with pytest.raises(CursorExpired):
            bookmark.opened(strange, "asked", "issues", 3)
