"""The fifteen facts of facts/jira.md that decide, each with the proof that we keep to it.

Facts 8 and 15 are proven in test_requests.py, 14 in test_doors.py, by tests of that name.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from pydantic import SecretStr

from connectors.contract import Credential, Paced, Refused, Unclear
from connectors.jira import http
from connectors.jira.connector import Jira
from connectors.jira.finding import HISTORY_FIELDS
from connectors.jira.posting import PROPERTY, JiraWriter
from connectors.jira.shapes import Value
from connectors.session import TIMEOUT, Session
from connectors.stand_in import Answer
from daybook.testing import said
from tests.connectors.jira.server import ServerIssuesWorld
from tests.connectors.jira.test_posting import WORKLOG, an_entry, posts, sent
from tests.connectors.jira.world import FRIDAY, IssuesWorld, JiraWorld, number, running

OLD, NEW = "GET /search", "GET /search/jql"


@pytest.fixture
def world() -> Iterator[IssuesWorld]:
    with running(IssuesWorld) as world:
        assert isinstance(world, IssuesWorld)
        yield world


@pytest.fixture
def writer(world: IssuesWorld) -> JiraWriter:
    return pen(world, "ada")


def pen(world: JiraWorld, who: str) -> JiraWriter:
    account = {"ada": world.ada, "ben": world.ben}[who]
    return world.connector().writer(account, Credential(secret=SecretStr(f"{who}-token")))


def asked(world: JiraWorld) -> set[str]:
    return {name for name, _ in world.site.heard}


@pytest.mark.parametrize(
    ("kind", "ours", "other"), [(IssuesWorld, NEW, OLD), (ServerIssuesWorld, OLD, NEW)], ids=["cloud", "own"]
)
def test_fact_1_the_old_search_is_for_data_center_alone(kind: type[JiraWorld], ours: str, other: str) -> None:
    with running(kind) as world:
        world.add(world.ada, "Draw")
        world.walk(world.connector())
        assert ours in asked(world) and other not in asked(world)


def test_fact_1_a_removed_endpoint_is_a_bug_of_ours_and_says_so(world: IssuesWorld) -> None:
    world.site.refusals[NEW] = Answer(410, {"errorMessages": ["The requested API has been removed."]})
    with pytest.raises(Refused) as caught:
        world.walk(world.connector())
    assert "update Daybook" in str(caught.value)


def test_fact_2_an_anonymous_answer_never_moves_the_cursor(world: IssuesWorld) -> None:
    """200 with an empty list: to Jira a wrong token is nobody's. The old bookmark goes on afterwards."""
    connector = world.connector()
    first = world.walk(connector)
    origin = world.add(world.ada, "Draw")
    world.there.change(str(number(origin)), world.now, world.ada.external, priority="High")
    (token,) = [token for token, who in world.there.tokens.items() if token == "reader"]
    holder = world.there.tokens.pop(token)
    with pytest.raises(Refused) as caught:
        world.walk(connector, first[-1].cursor)
    assert caught.value.whose == "connection"
    world.there.tokens[token] = holder
    assert origin in said(world.walk(connector, first[-1].cursor))


def test_fact_3_time_is_logged_by_whose_token_it_is_and_no_other_is_named(world: IssuesWorld) -> None:
    for who in ("ada", "ben"):
        pen(world, who).post(f"k-{who}", an_entry(world))
    assert [log.author for log in world.there.worklogs] == [world.ada.external, world.ben.external]
    assert not [body for _, body in sent(world, WORKLOG) if "author" in str(body)]


def test_fact_4_our_key_is_in_the_body_that_creates(world: IssuesWorld, writer: JiraWriter) -> None:
    writer.post("k-1", an_entry(world))
    ((_, body),) = sent(world, WORKLOG)
    assert body["properties"] == [{"key": PROPERTY, "value": {"id": "k-1"}}]
    assert not [name for name in asked(world) if name.endswith("/properties/{key}")], "no second request"


@pytest.mark.parametrize("fault", ["drop-after", "429-seconds", "503"])
def test_fact_5_the_library_sends_no_post_a_second_time(
    world: IssuesWorld, writer: JiraWriter, fault: str
) -> None:
    writer.find("k-1", an_entry(world), "")
    world.site.faults.script(f"POST /rest/api/2{WORKLOG.removeprefix('POST ')}", fault)
    with pytest.raises((Unclear, Paced)):
        writer.post("k-1", an_entry(world))
    assert posts(world) == 1
    assert len(world.there.worklogs) == (fault == "drop-after")


def test_fact_6_the_library_retries_nothing_and_waits_for_nothing_for_ever() -> None:
    ours = Session("Jira", "http://127.0.0.1:9")
    client = http.client(ours)
    assert isinstance(client._session, http._Through), "its own sending is never reached"
    assert ours._http.get_adapter("http://127.0.0.1:9").max_retries.total == 0  # type: ignore[attr-defined]
    assert all(0 < seconds <= 30 for seconds in TIMEOUT)


def test_fact_7_a_long_wait_is_kept_as_long_as_it_was_said(world: IssuesWorld) -> None:
    """The library alone sleeps a minute at most; until the hour's quota is new it would only be refused."""
    told = {"Retry-After": "1847", "RateLimit-Reason": "jira-quota-global-based"}
    world.site.refusals[NEW] = Answer(429, {"message": "Rate limit exceeded."}, told)
    with pytest.raises(Paced) as caught:
        world.walk(world.connector())
    assert caught.value.wait == timedelta(seconds=1847)


def test_fact_9_a_search_that_is_late_is_overlapped_and_what_is_seen_twice_is_no_news() -> None:
    with running(IssuesWorld, index_lag=timedelta(minutes=4)) as world:
        connector = world.connector(("status history",))
        early = world.add(world.ada, "Early")
        other = world.there.add_issue("ACME", "Other", created=world.now - timedelta(minutes=10))
        cursor = world.walk(connector)[-1].cursor
        key = world.there.issue(number(early)).key
        world.there.change(key, world.now, world.ada.external, priority="High")  # not to be found for a while
        world.pass_by(minutes=1)
        unaware = world.walk(connector, cursor)
        assert early not in said(unaware)
        world.there.change(other, world.now, world.mara, status="Done")
        world.pass_by(minutes=5)
        aware = world.walk(connector, unaware[-1].cursor)
        assert early in said(aware), "though something newer was there to be read before"
        assert not [one for page in world.walk(connector, aware[-1].cursor) for one in page.sightings]


def test_fact_10_a_history_longer_than_a_search_shows_is_whole(world: IssuesWorld) -> None:
    key = world.there.add_issue("ACME", "Back and forth", assignee=world.ada.external, created=FRIDAY)
    for n in range(90):
        at = FRIDAY + timedelta(seconds=n)
        world.there.change(key, at, world.ada.external, status=("In Progress", "To Do")[n % 2])
    shown = said(world.walk(world.connector(("status history",))))[f"issue/{world.there.issue(key).id}"]
    assert sum(activity.kind == "touch" for _, activity in shown) == 90
    assert not [r for name, r in world.site.heard if name == NEW and "changelog" in r.param("expand")]
    (bulk,) = [r.json() for name, r in world.site.heard if "bulkfetch" in name]
    assert (bulk["maxResults"], len(HISTORY_FIELDS) <= 10) == (10_000, True)


def test_fact_11_both_deployments_are_spoken_to_in_version_two_and_plain_text() -> None:
    for kind in (IssuesWorld, ServerIssuesWorld):
        with running(kind) as world:
            world.walk(world.connector())
            pen(world, "ada").post("k-1", an_entry(world))
            assert all("/rest/api/2/" in request.path for _, request in world.site.heard)
            assert isinstance(sent(world, WORKLOG)[0][1]["comment"], str)


def test_fact_12_what_is_read_is_read_with_the_organisations_token(world: IssuesWorld) -> None:
    """Traffic with an API token stands under no hourly quota; what contributors allowed by OAuth does."""
    connector: Jira = world.connector()
    world.walk(connector)
    hers = Credential(secret=SecretStr("ada-token"))
    connector.writer(world.ada, hers).post("k-1", an_entry(world))
    signed = {name: request.headers["authorization"] for name, request in world.site.heard}
    assert signed[NEW] == signed["GET /worklog/updated"] != signed[WORKLOG]
    assert signed[NEW].startswith("Basic ")


def test_fact_13_too_many_writes_to_one_issue_are_paced_and_none_is_lost(world: IssuesWorld) -> None:
    """They go one after the other (tests/daybook/test_at_jira.py); twenty in two seconds are the most."""
    writer = pen(world, "ada")
    for n in range(20):
        writer.post(f"k-{n}", an_entry(world))
    with pytest.raises(Paced):
        writer.post("k-20", an_entry(world))
    assert len(world.there.worklogs) == 20


# --- what sections 3, 4, 5 and 8 add -----------------------------------------------------------------------


def test_section_3_keys_that_are_words_of_the_language_are_quoted(world: IssuesWorld) -> None:
    world.there.add_project("TO", "To be or not")
    world.walk(world.connector(projects=("TO", "ACME")))
    (jql,) = {request.param("jql") for name, request in world.site.heard if name == NEW}
    assert jql.startswith('project in ("ACME", "TO") AND updated >= ')


def test_section_3_a_page_token_is_never_a_bookmark(world: IssuesWorld) -> None:
    world.add(world.ada, "Draw")
    last = world.walk(world.connector())[-1]
    assert '"token"' not in last.cursor


def test_section_4_several_changes_of_one_moment_are_ordered_by_their_number(world: IssuesWorld) -> None:
    key = world.there.add_issue("ACME", "Swift", assignee=world.ada.external, created=FRIDAY)
    for status in ("In Progress", "Done", "In Progress"):
        world.there.change(key, FRIDAY + timedelta(hours=1), world.ada.external, status=status)

    def shuffled(_: Any, body: Any) -> Any:
        for log in body["issueChangeLogs"]:
            log["changeHistories"].reverse()
        return body

    world.site.twists["POST /changelog/bulkfetch"] = shuffled
    pages = world.walk(world.connector(("status history",)))
    (presence,) = [a for _, a in said(pages)[f"issue/{world.there.issue(key).id}"] if a.kind == "presence"]
    assert (presence.start, presence.end) == (FRIDAY + timedelta(hours=1), None)


@pytest.mark.parametrize("created", ["ms", "digits", "text"])
def test_section_4_a_moment_may_be_a_number_digits_or_text(world: IssuesWorld, created: str) -> None:
    origin = world.add(world.ada, "Draw")
    shown = said(world.walk(world.connector(("status history",))))[origin]

    def told(at: int) -> Any:
        text = (FRIDAY + timedelta(milliseconds=at - int(FRIDAY.timestamp() * 1000))).isoformat()
        return {"ms": at, "digits": str(at), "text": text}[created]

    def rewritten(_: Any, body: Any) -> Any:
        for log in body["issueChangeLogs"]:
            for change in log["changeHistories"]:
                change["created"] = told(change["created"])
        return body

    world.site.twists["POST /changelog/bulkfetch"] = rewritten
    assert said(world.walk(world.connector(("status history",))))[origin] == shown


def test_section_4_a_status_is_known_by_its_category_and_a_strange_category_is_no_work(
    world: IssuesWorld,
) -> None:
    world.add(world.ada, "Draw")

    def strange(_: Any, body: Any) -> Any:
        return [one | {"statusCategory": {"key": "undefined", "name": "In Progress"}} for one in body]

    world.site.twists["GET /status"] = strange
    kinds = {a.kind for one in said(world.walk(world.connector())).values() for _, a in one}
    assert "presence" not in kinds


def test_section_4_ids_decide_where_both_have_one() -> None:
    assert Value("3", "In Arbeit").same(Value("3", "In Progress"))
    assert Value(None, "In Progress").same(Value("3", "In Progress"))


def test_section_5_nothing_overrides_what_an_issue_allows(world: IssuesWorld, writer: JiraWriter) -> None:
    receipt = writer.post("k-1", an_entry(world))
    writer.amend(receipt, "k-2", an_entry(world, minutes=30))
    world.there.close(world.task)
    with pytest.raises(Refused):
        writer.withdraw(writer.find("k-2", an_entry(world, minutes=30), "") or receipt)
    written = [
        r for _, r in world.site.heard if r.method in ("POST", "PUT", "DELETE") and "/issue/" in r.path
    ]
    assert len(written) == 3
    assert not [request for request in written if "overrideEditableFlag" in request.params]
    assert {request.param("notifyUsers") for request in written} == {"false"}
    assert {request.param("adjustEstimate") for request in written} == {"leave"}


def test_section_5_estimates_are_left_alone(world: IssuesWorld) -> None:
    home = world.there.add_issue("ACME", "Estimated", estimate=7200)
    entry = an_entry(world, target=f"jira:{home}")
    writer = pen(world, "ada")
    receipt = writer.post("k-1", entry)
    writer.amend(receipt, "k-2", an_entry(world, target=f"jira:{home}", minutes=90))
    assert world.there.issue(home).remaining == 7200


@pytest.mark.parametrize("day", ["2026-10-25", "2026-03-29"])
@pytest.mark.parametrize("hour", ["01:30", "02:30", "03:30"])
def test_section_5_a_start_in_the_night_clocks_change_is_the_moment_that_was_meant(
    world: IssuesWorld, writer: JiraWriter, day: str, hour: str
) -> None:
    for fold in (0, 1):
        start = datetime.fromisoformat(f"{day}T{hour}").replace(tzinfo=ZoneInfo("Europe/Berlin"), fold=fold)
        receipt = writer.post(f"k-{fold}", an_entry(world, day=start.date(), start=start))
        assert world.there.logged[int(receipt.id)].started == start.astimezone(UTC)


def test_section_5_a_feed_is_asked_again_from_its_own_until(world: IssuesWorld) -> None:
    """Never from now: it leaves out the last minute, so what it will show is older than now."""
    connector = world.connector(("worklogs",))
    cursor = world.walk(connector)[-1].cursor
    world.there.add_worklog(world.task, world.ada.external, FRIDAY, 600, at=world.now)
    hidden = world.walk(connector, cursor)
    assert said(hidden) == {}
    world.pass_by(minutes=2)
    assert len(said(world.walk(connector, hidden[-1].cursor))) == 1


@pytest.mark.parametrize(
    "body", [None, "plain words", "<html>", {"errorMessages": None, "errors": None}, [], 7]
)
def test_section_8_an_error_may_have_any_body(world: IssuesWorld, writer: JiraWriter, body: Any) -> None:
    writer.find("k-1", an_entry(world), "")
    world.site.refusals[WORKLOG] = Answer(400, body, {"X-AAccountId": world.ada.external})
    with pytest.raises(Refused) as caught:
        writer.post("k-1", an_entry(world))
    assert caught.value.whose == "entry" and "Choose another issue" in str(caught.value)
