"""The Jira stand-in is as strict as the real site, and says what Atlassian's description says."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import jira
import pytest

from connectors.jira.sandbox_site import GONE
from connectors.stand_in import Faults
from tests.connectors.jira.site import MONDAY, STARTED, Caller, Town, town
from tests.connectors.official import validate
from tests.cost import cost

HOUR = {"started": STARTED, "timeSpentSeconds": 3600}


def epoch(at: Any) -> int:
    return int(at.timestamp() * 1000)


# --- what the official description says --------------------------------------------------------------------

ISSUE = "/issue/{issueIdOrKey}"
LOG, PROPERTIES = f"{ISSUE}/worklog/{{id}}", f"{ISSUE}/worklog/{{worklogId}}/properties"
CHECK = {
    "globalPermissions": ["ADMINISTER"],
    "projectPermissions": [{"permissions": ["WORK_ON_ISSUES"], "projects": []}],
}
WHOLE = {"jql": "project = ACME", "fields": "*all", "expand": "changelog,transitions,names,schema"}
OPERATIONS: list[tuple[str, str, dict[str, Any], Any, int]] = [
    # method, path as described, query, body, status
    ("GET", "/serverInfo", {}, None, 200),
    ("GET", "/myself", {}, None, 200),
    ("GET", "/status", {}, None, 200),
    ("GET", "/field", {}, None, 200),
    ("GET", "/configuration", {}, None, 200),
    ("GET", "/project/search", {"maxResults": 1}, None, 200),
    ("GET", "/user/search", {"query": "ben"}, None, 200),
    ("GET", "/user/bulk", {"accountId": "{ben}"}, None, 200),
    ("GET", "/user/bulk", {}, None, 400),
    ("GET", "/users/search", {}, None, 200),
    ("GET", "/group/member", {"groupname": "crew"}, None, 200),
    ("GET", "/group/member", {"groupname": "nobody"}, None, 404),
    ("GET", "/mypermissions", {"permissions": "WORK_ON_ISSUES,ADMINISTER"}, None, 200),
    ("GET", "/mypermissions", {}, None, 400),
    ("POST", "/permissions/check", {}, CHECK, 200),
    ("GET", "/search/jql", WHOLE, None, 200),
    ("GET", "/search/jql", {"jql": "project = ACME", "maxResults": 1}, None, 200),
    ("GET", "/search/jql", {"jql": "order by key"}, None, 400),
    ("POST", "/search/jql", {}, {"jql": "project = TEAM", "fields": ["*all"], "expand": "changelog"}, 200),
    ("POST", "/search/approximate-count", {}, {"jql": "project = ACME"}, 200),
    ("POST", "/jql/match", {}, {"issueIds": [10000], "jqls": ["project = ACME", "nonsense = 1"]}, 200),
    ("GET", ISSUE, {"expand": "changelog,transitions"}, None, 200),
    ("GET", f"{ISSUE}/changelog", {"maxResults": 1}, None, 200),
    ("POST", "/changelog/bulkfetch", {}, {"issueIdsOrKeys": ["ACME-1", "ACME-2"], "maxResults": 1}, 200),
    ("GET", f"{ISSUE}/comment", {}, None, 200),
    ("GET", f"{ISSUE}/worklog", {"expand": "properties"}, None, 200),
    ("POST", f"{ISSUE}/worklog", {"expand": "properties"}, HOUR, 201),
    ("POST", f"{ISSUE}/worklog", {}, {}, 400),
    ("GET", LOG, {}, None, 200),
    ("PUT", LOG, {}, {"timeSpentSeconds": 600}, 200),
    ("DELETE", LOG, {}, None, 204),
    ("GET", PROPERTIES, {}, None, 200),
    ("GET", f"{PROPERTIES}/{{propertyKey}}", {}, None, 200),
    ("PUT", f"{PROPERTIES}/{{propertyKey}}", {}, {"id": "y"}, 200),
    ("GET", "/worklog/updated", {"expand": "properties"}, None, 200),
    ("GET", "/worklog/deleted", {}, None, 200),
    ("POST", "/worklog/list", {"expand": "properties"}, {"ids": [10000]}, 200),
    ("POST", "/worklog/list", {}, {"ids": []}, 400),
]  # fmt: skip


def as_described(body: Any) -> Any:
    """The description knows no null in a change and no number in `created`; its own examples show both."""
    match body:
        case dict():
            shown = {name: as_described(value) for name, value in body.items() if value is not None}
            if isinstance(shown.get("created"), int):
                shown["created"] = str(shown["created"])
            return shown
        case list():
            return [as_described(value) for value in body]
    return body


@pytest.mark.parametrize("version", [2, 3])
@pytest.mark.parametrize(("method", "path", "query", "body", "status"), OPERATIONS)
def test_every_answer_is_what_the_official_description_promises(
    there: Town, shared: Path, version: int, method: str, path: str, query: Any, body: Any, status: int
) -> None:
    names = {"issueIdOrKey": "ACME-1", "id": "10000", "worklogId": "10000", "propertyKey": "origin"}
    query = {name: str(value).format(ben=there.ben) for name, value in query.items()}
    there.clock.pass_by(minutes=5)
    answer = there.caller("ada", version).ask(method, path.format(**names), body, **query)
    assert answer.status_code == status, answer.text
    said = as_described(answer.json()) if answer.content else None
    validate(shared / "specs" / "jira-cloud-v3.json", method, f"/rest/api/3{path}", status, said)


# --- who asks ----------------------------------------------------------------------------------------------


def test_every_answer_names_the_account_it_was_given_to(there: Town, ada: Caller) -> None:
    for path in ("/myself", "/status", "/search/jql?jql=project=ACME", "/issue/NOPE-1"):
        assert ada.ask("GET", path).headers["X-AAccountId"] == there.ada


def test_a_bearer_token_serves_as_well(there: Town, ada: Caller) -> None:
    ada.session.auth = None
    ada.session.headers["Authorization"] = "Bearer ada-token"
    assert ada.get("/myself")["accountId"] == there.ada


@pytest.mark.parametrize("how", ["wrong token", "wrong address", "revoked", "absent"])
def test_bad_credentials_look_like_an_empty_site_everywhere_but_myself(
    there: Town, ada: Caller, how: str
) -> None:
    match how:
        case "wrong token":
            ada.session.auth = ("ada@example.com", "stale")
        case "wrong address":
            ada.session.auth = ("ben@example.com", "ada-token")
        case "revoked":
            there.site.world.revoke("ada-token")
        case "absent":
            ada.session.auth = None
    there.clock.pass_by(minutes=5)
    assert ada.get("/search/jql", jql="project = ACME")["issues"] == []
    assert ada.get("/project/search")["values"] == []
    assert ada.get("/worklog/updated")["values"] == []
    assert ada.post("/changelog/bulkfetch", {"issueIdsOrKeys": ["ACME-1"]})["issueChangeLogs"] == []
    assert ada.ask("GET", "/issue/ACME-1").status_code == 404
    assert ada.ask("POST", "/issue/ACME-1/worklog", HOUR).status_code == 404
    answer = ada.ask("GET", "/myself")
    assert answer.status_code == 401
    assert "X-AAccountId" not in answer.headers
    assert answer.headers.get("x-seraph-loginreason") == (None if how == "absent" else "AUTHENTICATED_FAILED")
    assert len(there.site.world.worklogs) == 1


def test_a_hidden_address_is_shown_to_its_owner_alone(ada: Caller, ben: Caller) -> None:
    assert ben.get("/myself")["emailAddress"] == "ben@example.com"
    assert "emailAddress" not in ada.get("/user/search", query="ben boole")[0]
    assert ada.get("/user/search", query="ben@exam") == []
    assert len(ada.get("/user/search", query="ben@example.com")) == 1


def test_a_project_that_may_not_be_browsed_does_not_exist(ben: Caller) -> None:
    assert [project["key"] for project in ben.get("/project/search")["values"]] == ["ACME"]
    assert ben.ask("GET", "/issue/TEAM-1").status_code == 404
    assert ben.keys("updated >= -30d") == ["ACME-2", "ACME-1"]
    refusal = ben.ask("GET", "/search/jql", jql="project = TEAM")
    assert refusal.json()["errorMessages"] == ["The value 'TEAM' does not exist for the field 'project'."]
    names = [status["name"] for status in ben.get("/status")]
    assert names == ["To Do", "In Progress", "Done"]


def test_team_managed_projects_have_equally_named_statuses_of_their_own(ada: Caller) -> None:
    todo = [status for status in ada.get("/status") if status["name"] == "To Do"]
    assert len({status["id"] for status in todo}) == 2
    assert ada.keys('status = "to do"') == ["TEAM-1", "ACME-2"]


def test_an_issue_can_go_to_any_status_of_its_own_project(ada: Caller) -> None:
    found = ada.get("/search/jql", jql="created >= 2020-01-01", fields="key", expand="transitions")["issues"]
    steps = {issue["key"]: {step["to"]["id"] for step in issue["transitions"]} for issue in found}
    assert {key: len(ids) for key, ids in steps.items()} == {"ACME-1": 3, "ACME-2": 3, "TEAM-1": 3}
    assert steps["ACME-1"] == steps["ACME-2"]
    assert not steps["ACME-1"] & steps["TEAM-1"]


def test_permissions_can_be_asked_for_many_projects_at_once(there: Town, ada: Caller) -> None:
    there.site.world.forbid("TEAM", "WORK_ON_ISSUES", there.ada)
    ids = [int(there.site.world.projects[key].id) for key in ("ACME", "TEAM")]
    wanted = {"projectPermissions": [{"permissions": ["WORK_ON_ISSUES"], "projects": [*ids, 424242]}]}
    granted = ada.post("/permissions/check", wanted)["projectPermissions"]
    assert granted == [{"permission": "WORK_ON_ISSUES", "projects": ids[:1], "issues": []}]
    assert ada.ask("POST", "/permissions/check", {"accountId": there.ben}).status_code == 403
    held = ada.get("/mypermissions", permissions="WORK_ON_ISSUES", projectKey="TEAM")["permissions"]
    assert held["WORK_ON_ISSUES"]["havePermission"] is False


# --- search ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_the_old_search_is_gone(ada: Caller, method: str) -> None:
    answer = ada.ask(method, "/search", {"jql": "project = ACME"})
    assert (answer.status_code, answer.json()["errorMessages"]) == (410, [GONE])


def test_search_tells_ids_only_unless_fields_are_named(ada: Caller) -> None:
    assert ada.get("/search/jql", jql="key = ACME-1") == {"issues": [{"id": "10000"}], "isLast": True}
    named = ada.get("/search/jql", jql="key = ACME-1", fields="summary,nonsense")["issues"][0]
    assert named["fields"] == {"summary": "Draw the map"}
    every = ada.get("/search/jql", jql="key = ACME-1", fields="*all,-comment")["issues"][0]["fields"]
    assert "worklog" in every
    assert "comment" not in every


def test_a_walk_of_many_pages_is_complete_though_issues_change_meanwhile(there: Town, ada: Caller) -> None:
    world = there.site.world
    wanted = {world.add_issue("ACME", f"Map {n}") for n in range(250)}
    seen: list[str] = []
    jql = "project = ACME AND assignee is EMPTY ORDER BY updated ASC"
    asked: Any = {"jql": jql, "fields": ["key"], "maxResults": 100}
    for page in range(3):
        answer = ada.post("/search/jql", asked)
        assert "total" not in answer
        seen += [issue["key"] for issue in answer["issues"]]
        assert answer["isLast"] is (page == 2)
        asked["nextPageToken"] = answer.get("nextPageToken")
        there.clock.pass_by(seconds=1)
        world.change(seen[0], there.clock.now, there.ada, summary="changed in between")
    assert len(seen) == len(set(seen)) == 250
    assert set(seen) == wanted


def test_a_page_token_belongs_to_its_query_and_its_asker(there: Town, ada: Caller, ben: Caller) -> None:
    token = ada.get("/search/jql", jql="project = ACME", maxResults=1)["nextPageToken"]
    assert ada.ask("GET", "/search/jql", jql="project = TEAM", nextPageToken=token).status_code == 400
    assert ben.ask("GET", "/search/jql", jql="project = ACME", nextPageToken=token).status_code == 400
    assert ada.ask("GET", "/search/jql", jql="project = ACME", nextPageToken="made-up").status_code == 400
    again = [ada.get("/search/jql", jql="project = ACME", nextPageToken=token)["issues"] for _ in range(2)]
    assert again[0] == again[1] != []


def test_a_token_revoked_in_the_middle_of_a_walk_ends_it_without_a_word(there: Town, ada: Caller) -> None:
    token = ada.get("/search/jql", jql="project = ACME", maxResults=1)["nextPageToken"]
    there.site.world.revoke("ada-token")
    answer = ada.ask("GET", "/search/jql", jql="project = ACME", nextPageToken=token)
    assert answer.json() == {"issues": [], "isLast": True}
    assert answer.headers["x-seraph-loginreason"] == "AUTHENTICATED_FAILED"


def test_the_server_gives_fewer_than_asked_where_much_is_told_of_each(there: Town, ada: Caller) -> None:
    for n in range(150):
        there.site.world.add_issue("ACME", f"Map {n}")
    for asked, given in (({}, 152), ({"fields": "*all"}, 100), ({"expand": "changelog"}, 100)):
        found = ada.get("/search/jql", jql="project = ACME", maxResults=5000, **asked)
        assert (len(found["issues"]), found["isLast"]) == (given, given == 152)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({}, "Unbounded JQL"),
        ({"jql": ""}, "Unbounded JQL"),
        ({"jql": "ORDER BY updated"}, "Unbounded JQL"),
        ({"jql": "project = ACME", "fields": "summary"}, "Invalid request payload"),
        ({"jql": "project = ACME", "expand": None}, "Invalid request payload"),
        ({"jql": "project = ACME", "startAt": 0}, "Invalid request payload"),
        ({"jql": "project = ACME", "maxResults": True}, "Invalid request payload"),
        ({"jql": "project = ACME", "maxResults": 0}, "maxResults"),
        ({"jql": "project = ACME", "reconcileIssues": list(range(51))}, "50 issues"),
        ({"jql": "project = ACME ORDER BY " + ", ".join(["key"] * 8)}, "maximum of 7"),
        ({"jql": "sprint = 1"}, "Field 'sprint' does not exist"),
        ({"jql": "assignee in membersOf(crew)"}, "Error in the JQL Query"),
        ({"jql": "assignee = nobodyAtAll()"}, "Unable to find JQL function 'nobodyAtAll()'"),
        ({"jql": "project = TO"}, "'TO' is a reserved JQL word"),
        ({"jql": "assignee = ada@example.com"}, "'@' is a reserved JQL character"),
        ({"jql": "project in (ACME"}, "Expecting ','"),
        ({"jql": "project = ACME updated >= 0"}, "Expecting either 'OR' or 'AND'"),
        ({"jql": "project > ACME"}, "operator '>' is not supported"),
        ({"jql": "key = ACME-999"}, "issue with key 'ACME-999' does not exist"),
        ({"jql": "status = Sleeping"}, "value 'Sleeping' does not exist"),
        ({"jql": 'updated >= "yesterday"'}, "Date value 'yesterday' is invalid"),
        ({"jql": 'updated >= "1793610000000"'}, "Date value '1793610000000' is invalid"),
    ],
)
def test_a_search_that_is_not_right_is_refused_in_jiras_shape(ada: Caller, body: Any, said: str) -> None:
    answer = ada.ask("POST", "/search/jql", body)
    assert answer.status_code == 400
    assert said in answer.json()["errorMessages"][0]


@pytest.mark.parametrize(
    ("jql", "keys"),
    [
        ("project = ACME", "ACME-2 ACME-1"),
        ('project in ("ACME", "TEAM") ORDER BY key ASC', "ACME-1 ACME-2 TEAM-1"),
        ("assignee = currentUser()", "ACME-1"),
        ("assignee = '{ben}'", "ACME-2"),
        ("assignee in ({ada}, {ben}) order by created, key desc", "ACME-2 ACME-1"),
        ("assignee is EMPTY", "TEAM-1"),
        ("assignee != {ada}", "ACME-2"),
        ("NOT assignee = {ada}", "TEAM-1 ACME-2"),
        ("statusCategory = indeterminate or statuscategory = 'Done'", "ACME-1"),
        ("status not in ('In Progress') AND project = ACME", "ACME-2"),
        ("key in (ACME-2, 10000) and (labels = q4 or parent = ACME-1)", "ACME-2 ACME-1"),
        ("worklogAuthor = {ada} AND worklogDate >= '2026-11-02'", "ACME-1"),
        ("worklogDate > 2026-11-02 OR worklogDate < 2026-11-02", ""),
        ("assignee was currentUser() AND status was 'In Progress'", "ACME-1"),
        ("status was 'To Do' DURING ('2026-11-01', '2026-11-02') AND assignee was {ada}", "ACME-1"),
        ("status was 'In Progress' DURING ('2026-10-30', '2026-11-01')", ""),
        ("status was 'To Do' DURING ('2026-11-02 10:00', '2026-11-03') AND project = ACME", "ACME-2"),
        ("component = web and resolution = Unresolved and issuetype = task", "ACME-1"),
        ("summary ~ 'the MAP' order by priority desc, updated desc", "ACME-1 ACME-2"),
        ("updated >= {changed}", "ACME-1"),
        ("updated > {changed}", ""),
        ("updated < {changed} and updated >= -5w", "TEAM-1 ACME-2"),
    ],
)
def test_jql_finds(there: Town, ada: Caller, jql: str, keys: str) -> None:
    changed = epoch(there.site.world.issue("ACME-1").updated)
    assert ada.keys(jql.format(ada=there.ada, ben=there.ben, changed=changed)) == keys.split()


def test_a_quoted_date_is_in_the_askers_own_zone(there: Town, ada: Caller, ben: Caller) -> None:
    there.site.world.add_issue("ACME", "At noon UTC", created=there.clock.now)
    assert ada.keys('created >= "2026-11-02 13:00"') == ["ACME-3"]
    assert ada.keys('created >= "2026-11-02 13:01"') == []
    assert ben.keys('created >= "2026-11-02 07:00"') == ["ACME-3"]
    assert ben.keys('created >= "2026/11/02 07:01"') == []


def test_search_sees_a_change_only_after_the_index_did() -> None:
    with town(index_lag=timedelta(seconds=30)) as there:
        ada = there.caller()
        before = epoch(there.clock.now)
        there.site.world.change("ACME-1", there.clock.now, there.ada, status="Done")
        fresh = there.site.world.add_issue("ACME", "New")
        assert ada.keys(f"updated >= {before}") == []
        assert ada.keys("status = 'In Progress'") == ["ACME-1"]
        number = there.site.world.issue(fresh).id
        seen = ada.post("/search/jql", {"jql": f"updated >= {before}", "reconcileIssues": [number]})
        assert seen["issues"] == [{"id": str(number)}]
        assert ada.get("/issue/ACME-1")["fields"]["status"]["name"] == "Done"
        there.clock.pass_by(seconds=31)
        assert ada.keys(f"updated >= {before}") == [fresh, "ACME-1"]


def test_an_idle_search_among_fifty_thousand_issues_costs_little_beside_adding_them() -> None:
    with town() as there:

        def adds() -> None:
            for n in range(50_000):
                there.site.world.add_issue("ACME", f"Map {n}", created=MONDAY)

        adding, ada = cost(adds, times=1), there.caller()
        query = f"(project in ('ACME')) AND updated >= {epoch(there.clock.now)}"
        assert ada.keys(query) == []
        assert cost(lambda: ada.keys(query), times=7) < adding / 3  # about a fifteenth


# --- histories ---------------------------------------------------------------------------------------------


def test_a_search_shows_only_the_latest_forty_changes_latest_first(there: Town, ada: Caller) -> None:
    for n in range(60):
        there.site.world.change("ACME-2", MONDAY + timedelta(minutes=n), there.ben, summary=f"take {n}")
    found = ada.get("/search/jql", jql="key = ACME-2", expand="changelog")["issues"][0]["changelog"]
    assert (found["total"], len(found["histories"])) == (60, 40)
    assert found["histories"][0]["items"][0]["toString"] == "take 59"
    whole: list[str] = []
    while not whole or len(whole) < 60:
        page = ada.get("/issue/ACME-2/changelog", startAt=len(whole), maxResults=25)
        whole += [change["items"][0]["toString"] for change in page["values"]]
        assert page["isLast"] is (len(whole) == 60)
    assert whole == [f"take {n}" for n in range(60)]


def test_a_change_tells_ids_to_machines_and_names_to_people(there: Town, ada: Caller) -> None:
    there.site.world.change("ACME-1", there.clock.now, there.ada, status="Done", assignee=None)
    change = ada.get("/issue/ACME-1/changelog")["values"][-1]
    status, assignee = change["items"]
    ids = {one["name"]: one["id"] for one in reversed(ada.get("/status"))}
    assert (status["fromString"], status["toString"], status["to"]) == ("In Progress", "Done", ids["Done"])
    assert (assignee["from"], assignee["fromString"]) == (there.ada, "Ada Byron")
    assert (assignee["to"], assignee["toString"]) == (None, None)
    assert change["created"] == "2026-11-02T13:00:00.000+0100"


def test_bulk_histories_come_by_date_and_split_over_pages(there: Town, ada: Caller) -> None:
    world = there.site.world
    for n in range(6):
        at = MONDAY + timedelta(hours=1, minutes=n)
        world.change(f"ACME-{n % 2 + 1}", at, there.ada, summary=f"take {n}")
    asked: Any = {"issueIdsOrKeys": ["ACME-2", "10000", "TEAM-9"], "fieldIds": ["summary"], "maxResults": 4}
    first = ada.post("/changelog/bulkfetch", asked)
    second = ada.post("/changelog/bulkfetch", asked | {"nextPageToken": first["nextPageToken"]})
    assert "nextPageToken" not in second
    told = [
        {log["issueId"]: [one["created"] for one in log["changeHistories"]] for log in page}
        for page in (first["issueChangeLogs"], second["issueChangeLogs"])
    ]
    when = [epoch(MONDAY + timedelta(hours=1, minutes=n)) for n in range(6)]
    assert told == [
        {"10000": [when[0], when[2]], "10001": [when[1], when[3]]},
        {"10000": [when[4]], "10001": [when[5]]},
    ]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"issueIdsOrKeys": []},
        {"issueIdsOrKeys": [str(n) for n in range(1001)]},
        {"issueIdsOrKeys": [10000]},
        {"issueIdsOrKeys": ["ACME-1"], "maxResults": 10_001},
        {"issueIdsOrKeys": ["ACME-1"], "fieldIds": [str(n) for n in range(11)]},
        {"issueIdsOrKeys": ["ACME-1"], "nextPageToken": "made-up"},
    ],
)
def test_bulk_histories_have_limits(ada: Caller, body: Any) -> None:
    assert ada.ask("POST", "/changelog/bulkfetch", body).status_code == 400


# --- logging time ------------------------------------------------------------------------------------------


def test_time_is_logged_by_the_caller_whoever_the_body_names(there: Town, ben: Caller) -> None:
    body = {**HOUR, "author": {"accountId": there.ada}}
    made = ben.post("/issue/ACME-1/worklog", body, notifyUsers="false")
    assert made["author"]["accountId"] == there.ben
    assert made["started"] == "2026-11-02T03:00:00.000-0500"
    written = there.site.world.worklogs[-1]
    assert (written.issue.key, written.author, written.seconds) == ("ACME-1", there.ben, 3600)
    assert written.started == MONDAY


@pytest.mark.parametrize(
    "body",
    [
        None,
        [],
        {"timeSpentSeconds": 3600},
        {"started": STARTED},
        {"started": STARTED, "timeSpentSeconds": 3600, "timeSpent": "1h"},
        {"started": STARTED, "timeSpentSeconds": 59},
        {"started": STARTED, "timeSpentSeconds": 3600.0},
        {"started": STARTED, "timeSpent": "an hour"},
        {"started": "2026-11-02T09:00:00.000+01:00", "timeSpentSeconds": 3600},
        {"started": "2026-11-02T09:00:00.000Z", "timeSpentSeconds": 3600},
        {"started": "2026-11-02T09:00:00+0100", "timeSpentSeconds": 3600},
        {"started": "2026-02-30T09:00:00.000+0100", "timeSpentSeconds": 3600},
        {"started": 1793610000000, "timeSpentSeconds": 3600},
        {**HOUR, "comment": "plain text in version 3"},
        {**HOUR, "properties": {"key": "value"}},
        {**HOUR, "properties": [{"key": "k" * 256, "value": 1}]},
        {**HOUR, "properties": [{"key": "k", "value": "v" * 32_768}]},
        {**HOUR, "visibility": {"type": "group", "value": "nobody"}},
    ],
)
def test_a_worklog_that_is_not_right_is_refused_and_nothing_is_written(
    there: Town, ada: Caller, body: Any
) -> None:
    assert ada.ask("POST", "/issue/ACME-1/worklog", body).status_code == 400
    assert len(there.site.world.worklogs) == 1


@pytest.mark.parametrize(
    ("spent", "seconds"),
    [({"timeSpent": "1h 30m"}, 5400), ({"timeSpent": "1d"}, 28_800), ({"timeSpentSeconds": "3600"}, 3600),
     ({"timeSpentSeconds": 3659}, 3600)],
)  # fmt: skip
def test_time_may_be_said_in_several_ways_and_is_kept_in_whole_minutes(
    there: Town, ada: Caller, spent: Any, seconds: int
) -> None:
    assert ada.post("/issue/ACME-1/worklog", {"started": STARTED, **spent})["timeSpentSeconds"] == seconds


def test_both_versions_tell_one_comment_in_their_own_way(there: Town, ada: Caller) -> None:
    plain = there.caller("ada", version=2)
    made = plain.post("/issue/ACME-1/worklog", {**HOUR, "comment": "one\ntwo"})
    assert made["comment"] == "one\ntwo"
    document = ada.get(f"/issue/ACME-1/worklog/{made['id']}")["comment"]
    assert [node["content"][0]["text"] for node in document["content"]] == ["one", "two"]
    back = ada.post("/issue/ACME-1/worklog", {**HOUR, "comment": document})
    assert plain.get(f"/issue/ACME-1/worklog/{back['id']}")["comment"] == "one\ntwo"
    assert plain.ask("POST", "/issue/ACME-1/worklog", {**HOUR, "comment": document}).status_code == 400


def test_properties_travel_with_the_worklog_and_show_only_when_asked_for(there: Town, ada: Caller) -> None:
    key = {"key": "some.origin", "value": {"id": "8f3c"}}
    made = ada.post("/issue/ACME-2/worklog", {**HOUR, "properties": [key]})
    assert "properties" not in made
    assert "properties" not in ada.get("/issue/ACME-2/worklog")["worklogs"][0]
    assert ada.get("/issue/ACME-2/worklog", expand="properties")["worklogs"][0]["properties"] == [key]
    there.clock.pass_by(minutes=2)
    assert ada.get("/worklog/updated", expand="properties")["values"][-1]["properties"] == [key]
    path = f"/issue/ACME-2/worklog/{made['id']}/properties"
    assert ada.get(f"{path}/some.origin") == key
    assert ada.ask("PUT", f"{path}/another", {"n": 1}).status_code == 201
    assert ada.ask("PUT", f"{path}/another", {"n": 2}).status_code == 200
    assert there.site.world.worklogs[-1].properties == {"some.origin": {"id": "8f3c"}, "another": {"n": 2}}
    assert ada.ask("GET", f"{path}/nothing").status_code == 404


def test_who_may_not_log_hears_400_and_who_may_not_look_404(there: Town, ada: Caller, ben: Caller) -> None:
    there.site.world.forbid("ACME", "WORK_ON_ISSUES", there.ada)
    answer = ada.ask("POST", "/issue/ACME-1/worklog", HOUR)
    assert (answer.status_code, "permission" in answer.json()["errorMessages"][0]) == (400, True)
    assert ben.ask("POST", "/issue/TEAM-1/worklog", HOUR).status_code == 404


def test_a_closed_issue_takes_no_time(there: Town, ada: Caller) -> None:
    there.site.world.close("ACME-1")
    assert ada.ask("POST", "/issue/ACME-1/worklog", HOUR).status_code == 400
    assert ada.ask("PUT", "/issue/ACME-1/worklog/10000", {"timeSpentSeconds": 60}).status_code == 400
    assert ada.ask("DELETE", "/issue/ACME-1/worklog/10000").status_code == 400
    there.site.world.reopen("ACME-1")
    assert ada.ask("POST", "/issue/ACME-1/worklog", HOUR).status_code == 201


def test_without_time_tracking_there_are_no_worklogs(there: Town, ada: Caller) -> None:
    there.site.time_tracking = False
    assert ada.ask("POST", "/issue/ACME-1/worklog", HOUR).status_code == 404
    assert ada.ask("GET", "/issue/ACME-1/worklog").status_code == 404
    assert ada.get("/configuration")["timeTrackingEnabled"] is False


def test_an_issue_takes_so_many_worklogs_and_no_more() -> None:
    with town(most_worklogs=2) as there:
        ada = there.caller()
        statuses = [ada.ask("POST", "/issue/ACME-1/worklog", HOUR).status_code for _ in range(2)]
    assert statuses == [201, 413]


def test_the_twenty_first_write_in_two_seconds_waits_on_its_issue_alone(there: Town, ada: Caller) -> None:
    now = [0.0]
    there.site.pace_clock = lambda: now[0]
    for _ in range(20):
        assert ada.ask("POST", "/issue/ACME-1/worklog", HOUR).status_code == 201
    refused = ada.ask("POST", "/issue/ACME-1/worklog", HOUR)
    assert refused.status_code == 429
    assert refused.headers["RateLimit-Reason"] == "jira-per-issue-on-write"
    assert refused.headers["Retry-After"] == "2"
    assert ada.ask("POST", "/issue/ACME-2/worklog", HOUR).status_code == 201
    now[0] = 2.1
    assert ada.ask("POST", "/issue/ACME-1/worklog", HOUR).status_code == 201
    assert len(there.site.world.issue("ACME-1").worklogs) == 22


@pytest.mark.parametrize(
    ("query", "status", "left"),
    [
        ({}, 201, 3600),
        ({"adjustEstimate": "leave"}, 201, 7200),
        ({"adjustEstimate": "new", "newEstimate": "3h"}, 201, 10_800),
        ({"adjustEstimate": "manual", "reduceBy": "30m"}, 201, 5400),
        ({"adjustEstimate": "new"}, 400, 7200),
        ({"adjustEstimate": "manual", "newEstimate": "1h"}, 400, 7200),
        ({"adjustEstimate": "sometimes"}, 400, 7200),
    ],
)
def test_the_estimate_is_adjusted_as_asked(ada: Caller, query: Any, status: int, left: int) -> None:
    assert ada.ask("POST", "/issue/ACME-2/worklog", HOUR, **query).status_code == status
    times = ada.get("/issue/ACME-2", fields="timetracking")["fields"]["timetracking"]
    assert times["remainingEstimateSeconds"] == left


def test_an_update_changes_what_it_names_and_only_ones_own(there: Town, ada: Caller, ben: Caller) -> None:
    there.clock.pass_by(minutes=1)
    changed = ada.ask("PUT", "/issue/ACME-1/worklog/10000", {"timeSpentSeconds": 1800}).json()
    assert (changed["timeSpentSeconds"], changed["started"]) == (1800, STARTED)
    assert changed["updated"] > changed["created"]
    assert there.site.world.worklogs[0].comment == "drawing"
    assert ben.ask("PUT", "/issue/ACME-1/worklog/10000", {"timeSpentSeconds": 60}).status_code == 400
    assert ben.ask("DELETE", "/issue/ACME-1/worklog/10000").status_code == 400
    there.site.world.restrict("ACME", "EDIT_ALL_WORKLOGS", [there.ben])
    assert ben.ask("PUT", "/issue/ACME-1/worklog/10000", {"timeSpentSeconds": 60}).status_code == 200
    written = there.site.world.worklogs[0]
    assert (written.author, written.updated_by, written.seconds) == (there.ada, there.ben, 60)
    assert ada.ask("PUT", "/issue/ACME-2/worklog/10000", {"timeSpentSeconds": 60}).status_code == 404


# --- the feeds ---------------------------------------------------------------------------------------------


def test_the_feeds_leave_out_the_last_minute(there: Town, ada: Caller) -> None:
    since = epoch(there.clock.now)
    made = int(ada.post("/issue/ACME-1/worklog", HOUR)["id"])
    there.clock.pass_by(seconds=59)
    quiet = ada.get("/worklog/updated", since=since)
    assert (quiet["values"], quiet["until"], quiet["lastPage"]) == ([], since, True)
    there.clock.pass_by(seconds=1)
    assert [value["worklogId"] for value in ada.get("/worklog/updated", since=since)["values"]] == [made]
    assert ada.ask("DELETE", f"/issue/ACME-1/worklog/{made}").status_code == 204
    assert ada.get("/worklog/deleted", since=since)["values"] == []
    there.clock.pass_by(minutes=1)
    assert [value["worklogId"] for value in ada.get("/worklog/deleted", since=since)["values"]] == [made]
    assert ada.get("/worklog/updated", since=since)["values"] == []


def test_the_feeds_page_by_a_thousand_oldest_first(there: Town, ada: Caller) -> None:
    for n in range(1500):
        there.site.world.add_worklog("ACME-1", there.ada, MONDAY, 60, at=MONDAY + timedelta(seconds=1 + n))
    since, seen = epoch(MONDAY), set()
    for last in (False, True):
        page = ada.get("/worklog/updated", since=since)
        moments = [value["updatedTime"] for value in page["values"]]
        assert moments == sorted(moments)
        assert (page["lastPage"], page["until"]) == (last, moments[-1])
        seen |= {value["worklogId"] for value in page["values"]}
        since = page["until"] - 1
    assert len(seen) == 1501


def test_a_list_of_worklogs_leaves_out_what_one_may_not_see(there: Town, ada: Caller, ben: Caller) -> None:
    world = there.site.world
    hidden = world.add_worklog("TEAM-1", there.ada, MONDAY, 600)
    crew = world.add_worklog("ACME-1", there.ada, MONDAY, 600, group="crew")
    ids = {"ids": [10_000, hidden, crew, 424_242]}
    assert [log["id"] for log in ada.post("/worklog/list", ids)] == ["10000", str(hidden), str(crew)]
    assert [log["id"] for log in ben.post("/worklog/list", ids)] == ["10000", str(crew)]
    mara = there.caller("mara")
    assert [log["id"] for log in mara.post("/worklog/list", ids)] == ["10000", str(hidden)]
    assert ada.ask("POST", "/worklog/list", {"ids": list(range(1001))}).status_code == 400
    assert ada.ask("POST", "/worklog/list", {"ids": ["10000"]}).status_code == 400


def test_an_issues_worklogs_can_be_asked_for_by_start_and_page(there: Town, ada: Caller) -> None:
    for n in range(25):
        there.site.world.add_worklog("ACME-2", there.ada, MONDAY + timedelta(hours=n), 600)
    hours = {"startedAfter": epoch(MONDAY), "startedBefore": epoch(MONDAY + timedelta(hours=3))}
    assert ada.get("/issue/ACME-2/worklog", **hours)["total"] == 3
    page = ada.get("/issue/ACME-2/worklog", startAt=20, maxResults=10)
    assert (len(page["worklogs"]), page["total"]) == (5, 25)
    embedded = ada.get("/issue/ACME-2", fields="worklog")["fields"]["worklog"]
    assert (len(embedded["worklogs"]), embedded["total"]) == (20, 25)
    assert ada.ask("GET", "/issue/ACME-2/worklog", startAt="first").status_code == 404


def test_the_worklogs_of_a_deleted_issue_are_deleted(there: Town, ada: Caller) -> None:
    there.site.world.delete_issue("ACME-1")
    there.clock.pass_by(minutes=2)
    assert ada.ask("GET", "/issue/ACME-1").status_code == 404
    assert [value["worklogId"] for value in ada.get("/worklog/deleted")["values"]] == [10_000]


# --- how it goes wrong -------------------------------------------------------------------------------------


def test_as_it_comes_an_endpoint_takes_a_hundred_requests_a_second() -> None:
    """Section 7 of facts/jira.md."""
    with town() as there:
        there.site.pace_clock = lambda: 0.0
        caller = there.caller()
        answers = [caller.ask("GET", "/myself") for _ in range(101)]
        assert {answer.status_code for answer in answers[:100]} == {200}
        assert (answers[100].status_code, answers[100].headers["Retry-After"]) == (429, "1")
        assert caller.ask("GET", "/status").status_code == 200
        there.site.pace_clock = lambda: 1.0
        assert caller.ask("GET", "/myself").status_code == 200


def test_a_burst_is_refused_for_its_endpoint_alone() -> None:
    with town(burst=3) as there:
        there.site.pace_clock = lambda: 0.0
        ada = there.caller()
        answers = [ada.ask("GET", "/status") for _ in range(4)]
        assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
        assert answers[-1].headers["RateLimit-Reason"] == "jira-burst-based"
        assert ada.ask("GET", "/field").status_code == 200


def test_planted_faults_wear_jiras_clothes() -> None:
    faults = Faults()
    faults.script("GET /rest/api/3/status", "500", "503", "500", "429-absurd", "")
    with town(faults=faults) as there:
        ada = there.caller()
        answers = [ada.ask("GET", "/status") for _ in range(5)]
    assert [answer.status_code for answer in answers] == [500, 503, 500, 429, 200]
    assert answers[0].json() == {"errorMessages": ["Internal server error"], "errors": {}}
    assert answers[1].json()["code"] == 503
    assert answers[2].json() == {"errorMessages": None, "errors": None}
    assert answers[3].headers["Retry-After"] == "31536000"


def test_cookie_sessions_are_not_offered_and_the_cloud_id_is(there: Town, ada: Caller) -> None:
    assert ada.session.get(f"{there.site.url}/rest/auth/1/session", timeout=60).status_code == 401
    assert "cloudId" in ada.session.get(f"{there.site.url}/_edge/tenant_info", timeout=60).json()


# --- a foreign client, unmodified --------------------------------------------------------------------------


@pytest.fixture
def library(there: Town) -> Iterator[jira.JIRA]:
    client = jira.JIRA(there.site.url, basic_auth=("ada@example.com", "ada-token"), max_retries=0, timeout=60)
    yield client
    client.close()


def test_the_jira_library_pages_through_a_search_to_the_end(there: Town, library: jira.JIRA) -> None:
    wanted = {there.site.world.add_issue("ACME", f"Map {n}") for n in range(248)} | {"ACME-1", "ACME-2"}
    found = library.search_issues("project = ACME ORDER BY key", maxResults=0, fields="summary,status")
    assert len(found) == 250
    assert {issue.key for issue in found} == wanted
    assert found[0].fields.status.name == "In Progress"
    assert there.site.counts["GET /rest/api/2/search/jql"] == 3
    assert library.approximate_issue_count("project = ACME") == 250


def test_the_jira_library_reads_a_history_and_writes_worklogs(there: Town, library: jira.JIRA) -> None:
    changelog = library.issue("ACME-1", expand="changelog").raw["changelog"]
    changes = [item for change in changelog["histories"] for item in change["items"]]
    assert len([item for item in changes if item["field"] == "status"]) == 1
    for hour in range(12):
        library.add_worklog(
            "ACME-2", timeSpentSeconds=600, started=MONDAY + timedelta(hours=hour), comment=f"part {hour}"
        )
    written = there.site.world.issue("ACME-2").worklogs.values()
    assert [(log.author, log.seconds, log.comment) for log in written] == [
        (there.ada, 600, f"part {hour}") for hour in range(12)
    ]
    logs = library.worklogs("ACME-2")
    assert len(logs) == 12
    logs[0].update(timeSpentSeconds=1200)
    logs[1].delete()
    assert sum(log.seconds for log in there.site.world.issue("ACME-2").worklogs.values()) == 1200 + 10 * 600
    assert library.myself()["timeZone"] == "Europe/Berlin"
