"""The stand-in for Data Center: as strict as the real one, and the `jira` library takes it for one."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count

import jira
import pytest
import requests

from connectors.jira.sandbox_server import CONTEXT, JiraServer

NOW = datetime(2026, 11, 2, 12, tzinfo=UTC)


@pytest.fixture
def server() -> Iterator[JiraServer]:
    """ACME with 120 issues, the first of which moved 60 times."""
    server = JiraServer(clock=lambda: NOW)
    world = server.world
    ada = world.add_user("ada@example.com", "ada-token", "Ada Byron", "Europe/Berlin")
    world.add_project("ACME", "Acme maps")
    for n in range(120):
        world.add_issue("ACME", f"Sheet {n}", assignee=ada, created=NOW - timedelta(days=2, minutes=n))
    for n in range(60):
        status = ("In Progress", "To Do")[n % 2]
        world.change("ACME-1", NOW - timedelta(hours=30, minutes=-n), ada, status=status)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def library(server: JiraServer) -> Iterator[jira.JIRA]:
    client = jira.JIRA(server.url, token_auth="ada-token", max_retries=0, timeout=60)
    yield client
    client.close()


def ask(server: JiraServer, path: str, method: str = "GET", **more: object) -> requests.Response:
    headers = {"Authorization": "Bearer ada-token"}
    return requests.request(method, server.url + path, timeout=60, **({"headers": headers} | more))  # type: ignore[arg-type]


def test_the_jira_library_takes_it_for_a_server_and_reads_it_by_position(library: jira.JIRA) -> None:
    assert library.server_info()["deploymentType"] == "Server"
    assert library.myself()["key"].startswith("JIRAUSER") and "accountId" not in library.myself()
    found = library.search_issues("project = ACME ORDER BY updated DESC", maxResults=False, fields="summary")
    assert (len(found), found.total) == (120, 120)
    page = library.search_issues("project = ACME", startAt=100, maxResults=50)
    assert (len(page), page.startAt) == (20, 100)


def test_the_jira_library_finds_the_whole_history_inside_a_search(library: jira.JIRA) -> None:
    (issue,) = library.search_issues("key = ACME-1", expand="changelog")
    moments = [history.created for history in issue.changelog.histories]
    assert (issue.changelog.total, len(moments)) == (60, 60)
    assert moments == sorted(moments), "oldest first"
    assert not hasattr(issue.changelog.histories[0].items[0], "fieldId")


def test_the_jira_library_writes_a_worklog_and_reads_it_again(library: jira.JIRA, server: JiraServer) -> None:
    made = library.add_worklog("ACME-1", timeSpentSeconds=900, started=NOW, comment="call [db:1f3c9a]")
    (read,) = library.worklogs("ACME-1")
    assert (read.id, read.author.key, read.comment) == (made.id, library.myself()["key"], "call [db:1f3c9a]")
    made.delete()
    assert server.world.worklogs == []


@pytest.mark.parametrize(
    "path",
    [
        "/rest/api/2/search/jql?jql=project=ACME",
        "/rest/api/3/myself",
        "/rest/api/2/user/bulk?accountId=x",
        "/rest/api/2/issue/ACME-1/changelog",
        "/_edge/tenant_info",
    ],
)
def test_what_only_the_cloud_has_is_not_there(server: JiraServer, path: str) -> None:
    assert ask(server, path).status_code == 404
    assert ask(server, "/rest/api/2/changelog/bulkfetch", "POST", json={}).status_code == 404


def test_it_lives_below_its_path_and_latest_is_version_two(server: JiraServer) -> None:
    latest, second = (ask(server, f"/rest/api/{version}/myself").json() for version in ("latest", "2"))
    assert latest["key"] == second["key"]
    root = server.url.removesuffix(CONTEXT)
    headers = {"Authorization": "Bearer ada-token"}
    assert requests.get(f"{root}/rest/api/2/myself", headers=headers, timeout=60).status_code == 404
    found = ask(server, "/rest/api/2/issue/ACME-1").json()
    assert found["self"].startswith(f"{server.url}/rest/api/2/issue/")


def test_worklogs_have_no_properties_and_say_so(server: JiraServer) -> None:
    body = {"started": "2026-11-02T09:00:00.000+0100", "timeSpentSeconds": 60, "comment": "x"}
    marked = body | {"properties": [{"key": "daybook.entry", "value": {}}]}
    refused = ask(server, "/rest/api/2/issue/ACME-1/worklog", "POST", json=marked)
    assert (refused.status_code, server.world.worklogs) == (400, [])
    made = ask(server, "/rest/api/2/issue/ACME-1/worklog?expand=properties", "POST", json=body)
    assert made.status_code == 201 and "properties" not in made.json()


def test_who_may_not_log_hears_403(server: JiraServer) -> None:
    server.world.forbid("ACME", "WORK_ON_ISSUES", server.world.tokens["ada-token"])
    body = {"started": "2026-11-02T09:00:00.000+0100", "timeSpentSeconds": 60}
    assert ask(server, "/rest/api/2/issue/ACME-1/worklog", "POST", json=body).status_code == 403


def test_a_wrong_token_hears_401_and_no_answer_names_an_account(server: JiraServer) -> None:
    wrong = ask(server, "/rest/api/2/search?jql=", headers={"Authorization": "Bearer wr0ng"})
    assert wrong.status_code == 401
    right = ask(server, "/rest/api/2/myself")
    assert "X-AAccountId" not in right.headers and right.headers["X-AUSERNAME"] == "ada"


def test_three_failed_sign_ins_bring_the_riddle_even_to_the_right_password(server: JiraServer) -> None:
    answers = [ask(server, "/rest/api/2/myself", headers={}, auth=("ada@example.com", "x")) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [401, 401, 401, 403]
    assert "CAPTCHA_CHALLENGE" in answers[-1].headers["X-Authentication-Denied-Reason"]


def test_a_limit_counts_each_person_and_says_how_it_fills() -> None:
    server = JiraServer(clock=lambda: NOW, limit=(2, 60.0, 2))
    server.world.add_user("ada@example.com", "ada-token", "Ada")
    server.world.add_user("ben@example.com", "ben-token", "Ben")
    server.start()
    try:
        asked = [ask(server, "/rest/api/2/myself") for _ in range(3)]
        bens = ask(server, "/rest/api/2/myself", headers={"Authorization": "Bearer ben-token"})
    finally:
        server.stop()
    assert [answer.status_code for answer in (*asked, bens)] == [200, 200, 429, 200]
    assert [answer.headers["X-RateLimit-Remaining"] for answer in (*asked, bens)] == ["1", "0", "0", "1"]
    assert asked[2].headers["X-RateLimit-Interval-Seconds"] == "60"
    assert asked[2].headers["X-RateLimit-FillRate"] == "2"
    assert int(asked[2].headers["Retry-After"]) == 29, "not a minute: the next token comes after half of it"


def test_a_full_bucket_lets_many_through_at_once_and_then_as_many_as_it_fills() -> None:
    """As Atlassian tells it: with 5 a minute and 15 at most, one request a second, 16 of 18 are answered."""
    server, seconds = JiraServer(clock=lambda: NOW, limit=(5, 60.0, 15)), count()
    server.pace_clock = lambda: float(next(seconds))
    server.world.add_user("ada@example.com", "ada-token", "Ada")
    server.start()
    try:
        asked = [ask(server, "/rest/api/2/myself").status_code for _ in range(18)]
    finally:
        server.stop()
    assert (asked.count(200), asked.count(429)) == (16, 2)
