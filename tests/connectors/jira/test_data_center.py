"""Jira Data Center: the same contract, kept in its older way."""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil
from typing import Any

import pytest
from pydantic import SecretStr, ValidationError

from connectors.contract import Credential, Paced, Page, Receipt, Refused, Unavailable
from connectors.jira import data_center, reading
from connectors.jira.connector import Jira
from connectors.jira.finding import MOST_ISSUES
from connectors.jira.posting import JiraWriter
from connectors.jira.settings import Settings
from connectors.stand_in import Answer
from core.matching import Matched, by_address
from daybook.testing import ContractSuite, said
from tests.connectors.jira.server import ServerIssuesWorld, ServerWorld
from tests.connectors.jira.test_posting import an_entry, posts, sent
from tests.connectors.jira.world import ALL, FRIDAY, JiraWorld, number, running

SEARCH = "GET /search"
IDLE = {"GET /myself": 1, SEARCH: 1, "GET /worklog/updated": 1, "GET /worklog/deleted": 1}
WORKLOG = "POST /issue/{issue}/worklog"


class TestDataCenter(ContractSuite):
    @pytest.fixture
    def world(self) -> Iterator[JiraWorld]:
        with running(ServerWorld) as world:
            yield world

    @pytest.fixture
    def connector(self, world: JiraWorld) -> Jira:
        return world.connector()


class TestDataCenterIssues(TestDataCenter):
    @pytest.fixture
    def world(self, monkeypatch: pytest.MonkeyPatch) -> Iterator[JiraWorld]:
        for room in (reading, data_center):
            monkeypatch.setattr(room, "MOST_ISSUES", JiraWorld.page_size)
        with running(ServerIssuesWorld) as world:
            yield world


@pytest.fixture
def world() -> Iterator[ServerIssuesWorld]:
    with running(ServerIssuesWorld) as world:
        assert isinstance(world, ServerIssuesWorld)
        yield world


@pytest.fixture
def writer(world: JiraWorld) -> JiraWriter:
    return world.connector().writer(world.ada, Credential(secret=SecretStr("ada-token")))


def counts(world: JiraWorld) -> dict[str, int]:
    return {name.replace("/rest/api/2", ""): n for name, n in world.site.reset_counts().items()}


def skipped(pages: list[Page]) -> dict[str, int]:
    return {reason: count for page in pages for reason, count in page.skipped.items()}


# --- reading -----------------------------------------------------------------------------------------------


def test_an_idle_walk_is_the_three_lists_and_who_we_are(world: ServerIssuesWorld) -> None:
    """No answer of Data Center says to whom it was given: section 8 (c) of facts/jira.md."""
    connector = world.connector()
    world.add(world.ada, "Draw")
    cursor = world.walk(connector)[-1].cursor
    counts(world)
    world.walk(connector, cursor)
    assert counts(world) == IDLE


@pytest.mark.parametrize(("changed", "granted"), [(1, 1000), (1000, 500), (1000, 100), (750, 500)])
def test_histories_come_with_the_search_and_cost_nothing(changed: int, granted: int) -> None:
    """Section 11 of facts/jira.md: as many searches as pages, and the worklogs' lists."""
    with running(ServerIssuesWorld, largest_page=granted) as world:
        connector = world.connector()
        start = world.walk(connector)[-1].cursor
        world.pass_by(hours=1)
        made = {world.add(world.ada, f"Draw {n}") for n in range(changed - 1)}
        for origin in made:
            world.there.issue(number(origin)).updated = world.now
        worklog = world.there.add_worklog(world.task, world.ada.external, FRIDAY, 600, at=FRIDAY)
        world.pass_by(hours=1)
        counts(world)
        shown = said(world.walk(connector, start))
        pages = ceil(changed / min(granted, MOST_ISSUES))
        assert counts(world) == IDLE | {SEARCH: pages, "POST /worklog/list": 1}
        assert set(shown) >= {*made, f"worklog/{worklog}"}
        assert all(len(shown[origin]) == 2 for origin in made), "a touch and a presence each"


def test_a_change_in_the_middle_of_a_search_hides_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Position by position: what moves to the top pushes the rest on, so it is seen twice at most."""
    for room in (reading, data_center):
        monkeypatch.setattr(room, "MOST_ISSUES", 3)
    with running(ServerIssuesWorld) as world:
        made = [world.add(world.ada, f"Draw {n}") for n in range(9)]
        changed: list[str] = []

        def meanwhile(request: Any, body: Any) -> Any:
            if request.param("startAt") != "0" and len(changed) < 2:
                changed.append(made[5 - len(changed)])
                world.there.change(str(number(changed[-1])), world.now, world.mara, priority="High")
            return body

        world.site.twists[SEARCH] = meanwhile
        assert set(said(world.walk(world.connector(("status history",))))) == set(made)
        assert len(changed) == 2


def test_issues_that_leave_the_list_while_it_is_read_make_it_loud(monkeypatch: pytest.MonkeyPatch) -> None:
    for room in (reading, data_center):
        monkeypatch.setattr(room, "MOST_ISSUES", 3)
    with running(ServerIssuesWorld) as world:
        made = [world.add(world.ada, f"Draw {n}") for n in range(9)]

        def meanwhile(request: Any, body: Any) -> Any:
            if request.param("startAt") == "0" and made:
                world.there.delete_issue(str(number(made.pop())))
            return body

        connector = world.connector(("status history",))
        world.site.twists[SEARCH] = meanwhile
        with pytest.raises(Unavailable):
            world.walk(connector)
        world.site.twists.clear()
        assert set(said(world.walk(connector))) == set(made)


def without(name: str) -> Any:
    return lambda _, body: {key: value for key, value in body.items() if key != name}


@pytest.mark.parametrize(
    "twist", [without("issues"), without("total"), lambda _, body: body | {"issues": []}]
)
def test_a_search_that_may_not_be_complete_is_loud(world: ServerIssuesWorld, twist: Any) -> None:
    world.add(world.ada, "Draw")
    world.site.twists[SEARCH] = twist
    with pytest.raises(Unavailable):
        world.walk(world.connector())


def cut(_: Any, body: Any) -> Any:
    for issue in body["issues"]:
        issue["changelog"]["total"] = 2
    return body


def left_out(_: Any, body: Any) -> Any:
    for issue in body["issues"]:
        del issue["changelog"]
    return body


@pytest.mark.parametrize(("twist", "alone"), [(cut, 2), (left_out, 2)])
def test_a_history_that_is_cut_or_not_there_is_asked_for_alone(
    world: ServerIssuesWorld, twist: Any, alone: int
) -> None:
    """Without it an issue would seem to have been in progress since it was made."""
    origin = world.add(world.ada, "Draw")
    whole = said(world.walk(world.connector()))
    world.site.twists[SEARCH] = twist
    counts(world)
    pages = world.walk(world.connector())
    assert said(pages) == whole and len(whole[origin]) == 2 and skipped(pages) == {}
    assert counts(world)["GET /issue/{issue}"] == alone, "the task of the world has one too"


def test_a_history_that_is_nowhere_is_loud(world: ServerIssuesWorld) -> None:
    world.add(world.ada, "Draw")
    world.site.twists[SEARCH] = left_out
    world.site.twists["GET /issue/{issue}"] = lambda _, body: {"id": body["id"], "key": body["key"]}
    with pytest.raises(Unavailable):
        world.walk(world.connector())


def test_P11_what_people_wrote_is_dropped_from_histories_that_bring_it(world: ServerIssuesWorld) -> None:
    """Nobody can ask Data Center for some fields of a history only."""
    key = world.there.add_issue("ACME", "Draw", created=FRIDAY)
    world.there.change(key, FRIDAY, world.ada.external, summary="private words")
    pages = world.walk(world.connector())
    assert said(pages) == {} and "private words" not in "".join(page.model_dump_json() for page in pages)


def test_P11_histories_come_only_where_they_are_tracked(world: ServerIssuesWorld) -> None:
    world.add(world.ada, "Draw")
    world.walk(world.connector(("own comments", "title")))
    assert {request.param("expand") for name, request in world.site.heard if name == SEARCH} == {""}


def test_people_are_known_by_their_key(world: ServerIssuesWorld) -> None:
    assert world.ada.external.startswith("JIRAUSER")
    origin = world.add(world.ada, "Draw")
    world.there.comment(str(number(origin)), FRIDAY, world.ada.external, "mine")
    shown = said(world.walk(world.connector()))[origin]
    assert {who for who, _ in shown} == {"ada"}
    assert sorted(activity.kind for _, activity in shown) == ["presence", "touch", "touch"]


def test_an_address_that_is_shown_is_its_owners(world: ServerIssuesWorld) -> None:
    address = "ada@northwind.example"
    found = world.connector().accounts([address])[address]
    assert by_address(address, found) == Matched(external=world.ada.external)


# --- who asks ----------------------------------------------------------------------------------------------


def test_a_check_proves_that_it_is_data_center(world: ServerIssuesWorld) -> None:
    standing = world.connector().check()
    assert (standing.account, standing.missing) == (world.there.tokens["reader"], ())
    with running(JiraWorld) as cloud, pytest.raises(Refused) as caught:
        settings = Settings(site=cloud.site.url, token=SecretStr("reader"), deployment="data_center")
        Jira("jira", settings, world.connector()._terms).check()
    assert (caught.value.whose, "deployment: cloud" in str(caught.value)) == ("connection", True)


@pytest.mark.parametrize("wrong", [{"email": "a@b.example"}, {"deployment": "cloud"}])
def test_P14_a_deployment_is_signed_for_in_its_own_way(wrong: dict[str, str]) -> None:
    right = {"site": "https://jira.northwind.example/jira", "token": "s3cret", "deployment": "data_center"}
    assert Settings.model_validate(right).deployment == "data_center"
    with pytest.raises(ValidationError):
        Settings.model_validate(right | wrong)


def test_a_riddle_is_for_its_owner_and_asked_for_once(world: ServerIssuesWorld) -> None:
    """Section 8 of facts/jira.md: only a browser clears it, so nothing is tried again."""
    denied = {"X-Authentication-Denied-Reason": "CAPTCHA_CHALLENGE; login-url=https://jira/login.jsp"}
    world.site.refusals["GET /myself"] = Answer(403, {"errorMessages": ["Basic Auth"]}, denied)
    with pytest.raises(Refused) as caught:
        world.walk(world.connector())
    assert (caught.value.whose, "solve the riddle" in str(caught.value)) == ("connection", True)
    assert counts(world) == {"GET /myself": 1}


@pytest.mark.parametrize(("span", "wait"), [(0.4, 1 / 3), (30.0, 10)])
def test_a_limit_that_says_to_wait_for_nothing_is_waited_for_as_its_bucket_fills(
    span: float, wait: float
) -> None:
    """Section 7 of facts/jira.md: a bucket for each person, whose Retry-After may be 0."""
    with running(ServerIssuesWorld, limit=(3, span, 3)) as world:
        with pytest.raises(Paced) as caught:
            world.walk(world.connector())
        assert caught.value.wait.total_seconds() == pytest.approx(wait, abs=1e-3)


# --- writing -----------------------------------------------------------------------------------------------


def test_R03_the_key_ends_the_comment_because_there_are_no_properties(
    world: ServerIssuesWorld, writer: JiraWriter
) -> None:
    """Section 5 of facts/jira.md, number 4; and no parameter that Data Center does not know."""
    receipt = writer.post("0123456789abcdef", an_entry(world))
    ((params, body),) = sent(world, WORKLOG)
    assert params == {"adjustEstimate": ["leave"]}
    assert body == {
        "started": "2026-11-20T10:00:00.000+0100",
        "timeSpentSeconds": 2700,
        "comment": "ACME call [db:0123456789ab]",
    }
    amended = writer.amend(receipt, "fedcba9876543210", an_entry(world, minutes=30))
    assert world.there.worklogs[0].comment == "ACME call [db:fedcba987654]"
    assert writer.find("fedcba9876543210", an_entry(world, minutes=30), "") == amended
    assert writer.find("0123456789abcdef", an_entry(world), "") is None
    elsewhere = an_entry(world, target=f"jira:{world.there.add_issue('ACME', 'Elsewhere')}")
    assert writer.find("0123456789abcdef", elsewhere, "", ("fedcba9876543210",)) == amended


def test_a_server_that_does_not_repeat_the_issue_is_understood(
    world: ServerIssuesWorld, writer: JiraWriter
) -> None:
    def bare(_: Any, body: Any) -> Any:
        logs = [{name: said for name, said in log.items() if name != "issueId"} for log in body["worklogs"]]
        return body | {"worklogs": logs}

    world.site.twists["GET /issue/{issue}/worklog"] = bare
    receipt = writer.post("k-1", an_entry(world))
    assert writer.find("k-1", an_entry(world), "") == receipt


def test_an_entry_without_a_text_is_its_mark_alone(world: ServerIssuesWorld, writer: JiraWriter) -> None:
    receipt = writer.post("k-1", an_entry(world, text=""))
    assert world.there.worklogs[0].comment == "[db:k-1]"
    assert writer.amend(receipt, "k-1", an_entry(world, text="")) == receipt
    assert posts(world) == 1 and len(sent(world, "PUT /issue/{issue}/worklog/{worklog}")) == 0


def test_a_missing_right_is_a_correction_for_its_contributor(
    world: ServerIssuesWorld, writer: JiraWriter
) -> None:
    world.there.forbid("ACME", "WORK_ON_ISSUES", world.ada.external)
    with pytest.raises(Refused) as caught:
        writer.post("k-1", an_entry(world))
    assert (caught.value.whose, "(403)" in str(caught.value)) == ("entry", True)
    assert "Choose another issue" in str(caught.value)


def test_I6_another_persons_worklog_is_left_alone(world: ServerIssuesWorld, writer: JiraWriter) -> None:
    theirs = world.record(world.ben, an_entry(world))
    with pytest.raises(Refused):
        writer.withdraw(Receipt(id=theirs, task=world.task))
    assert len(world.there.worklogs) == 1


def test_nothing_of_it_is_said_in_the_clouds_words(world: ServerIssuesWorld, writer: JiraWriter) -> None:
    world.add(world.ada, "Draw")
    world.walk(world.connector(ALL))
    writer.find("k-1", an_entry(world), "")
    writer.post("k-1", an_entry(world))
    asked = {name for name, _ in world.site.heard}
    assert not [name for name in asked if "jql" in name or "bulkfetch" in name or "/rest/api/3" in name]
    assert all(request.path.startswith("/jira/rest/api/2/") for _, request in world.site.heard)
    assert not [r for _, r in world.site.heard if "accountId" in str(r.params)]
