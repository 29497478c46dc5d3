"""What an issue is known by: custom fields, its parent, a key that moves, people who are gone."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from pydantic import SecretStr

from connectors.contract import Credential, CursorExpired, Page, Refused
from connectors.jira.fields import words_of
from core.model import Activity
from daybook.testing import said
from tests.connectors.jira.server import ServerIssuesWorld
from tests.connectors.jira.test_posting import an_entry
from tests.connectors.jira.world import FRIDAY, IssuesWorld, number, running

TRACKED = ("title", "labels", "status history", "worklogs")


@pytest.fixture
def world() -> Iterator[IssuesWorld]:
    with running(IssuesWorld) as world:
        assert isinstance(world, IssuesWorld)
        yield world


def logged(pages: list[Page]) -> Activity:
    (found,) = {a for one in said(pages).values() for _, a in one if a.kind == "logged"}
    return found


def an_hour(world: IssuesWorld, **issue: Any) -> str:
    key = world.there.add_issue("ACME", "Draw", created=FRIDAY, **issue)
    world.there.add_worklog(key, world.ada.external, FRIDAY - timedelta(hours=3), 3600)
    return key


def asked_for(world: IssuesWorld, endpoint: str) -> int:
    return sum(name == endpoint for name, _ in world.site.heard)


# --- custom fields -----------------------------------------------------------------------------------------


def test_a_custom_field_by_its_id_is_among_the_labels_and_costs_no_request(world: IssuesWorld) -> None:
    client = world.there.add_field("Client")
    an_hour(world, labels=["q4"], components=["web"], fields={client: {"value": "ACME GmbH", "id": "7"}})
    pages = world.walk(world.connector(TRACKED, fields=(client,)))
    assert logged(pages).labels == ("q4", "web", "ACME GmbH")
    assert asked_for(world, "GET /field") == 0


def test_a_custom_field_by_its_name_is_looked_up_once_a_day(world: IssuesWorld) -> None:
    client = world.there.add_field("Client")
    an_hour(world, fields={client: "ACME GmbH"})
    connector = world.connector(TRACKED, fields=("client",))
    key = world.there.add_issue(
        "ACME", "Fold", assignee=world.ada.external, created=FRIDAY, fields={client: "BETA AG"}
    )
    world.there.change(key, FRIDAY, world.ada.external, status="In Progress")
    first = world.walk(connector, end=FRIDAY)
    assert "ACME GmbH" in logged(first).labels
    shown = said(first)[f"issue/{world.there.issue(key).id}"]
    assert {activity.labels for _, activity in shown} == {("BETA AG",)}, "in the very first walk"
    cursor = first[-1].cursor
    for hours in (1, 2, 23):
        cursor = world.walk(connector, cursor, end=FRIDAY + timedelta(hours=hours))[-1].cursor
    assert asked_for(world, "GET /field") == 1
    world.walk(connector, cursor, end=FRIDAY + timedelta(hours=24))
    assert asked_for(world, "GET /field") == 2


@pytest.mark.parametrize("wanted", ["Client", "customfield_99999", "Nobody"])
def test_a_name_that_two_fields_bear_or_none_is_refused_with_the_ids(world: IssuesWorld, wanted: str) -> None:
    """Section 9 of facts/jira.md: duplicates by name, so the id must be written."""
    twins = {world.there.add_field("Client") for _ in range(2)}
    with pytest.raises(Refused) as caught:
        world.connector(TRACKED, fields=(wanted,)).check()
    assert caught.value.whose == "connection"
    assert all(one in str(caught.value) for one in twins) == (wanted == "Client")
    assert repr(wanted) in str(caught.value)


def test_P11_a_custom_field_is_not_asked_for_where_labels_are_not_tracked(world: IssuesWorld) -> None:
    client = world.there.add_field("Client")
    an_hour(world, fields={client: "ACME GmbH"})
    assert logged(world.walk(world.connector(("worklogs",), fields=("Client",)))).labels == ()
    assert asked_for(world, "GET /field") == 0
    assert not [r for _, r in world.site.heard if client in r.param("fields")]


def test_other_fields_need_another_first_walk(world: IssuesWorld) -> None:
    cursor = world.walk(world.connector(TRACKED))[-1].cursor
    with pytest.raises(CursorExpired):
        world.walk(world.connector(TRACKED, fields=("customfield_10042",)), cursor)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("ACME GmbH", ["ACME GmbH"]),
        (12, ["12"]),
        (2.5, ["2.5"]),
        (None, []),
        (True, []),
        ({"id": "1", "value": "Billable"}, ["Billable"]),
        ({"value": "Client", "child": {"value": "ACME"}}, ["Client", "ACME"]),
        ([{"value": "A"}, {"value": "B"}], ["A", "B"]),
        (["a", "b"], ["a", "b"]),
        ({"id": 4, "key": "INT", "name": "Internal account"}, ["Internal account"]),
        ({"accountId": "712020:x", "displayName": "Mara"}, []),
        ({"key": "JIRAUSER1", "name": "mara", "displayName": "Mara"}, []),
        ({"type": "doc", "version": 1, "content": []}, []),
        ({"value": {"deep": 1}}, []),
    ],
)
def test_a_value_in_any_of_its_forms_is_words_or_nothing(value: Any, words: list[str]) -> None:
    """Section 9 of facts/jira.md: text, number, choice, list of these, plugin object; never a person."""
    assert list(words_of(value)) == words


def test_S12_a_value_nested_without_end_is_no_words() -> None:
    """Found by fuzzing: json reads nine hundred lists in one another, and each step down was a call."""
    assert list(words_of(json.loads("[" * 900 + '"north"' + "]" * 900))) == []
    assert list(words_of([{"value": "Maps", "child": {"value": "North"}}])) == ["Maps", "North"]


def test_S12_a_site_that_calls_everything_a_field_is_not_asked_for_everything(world: IssuesWorld) -> None:
    world.site.twists["GET /field"] = lambda _, body: [{"id": "*all", "name": "Client"}]
    with pytest.raises(Refused, match="no field 'Client'"):
        world.walk(world.connector(TRACKED, fields=["Client"]))


# --- parents and team-managed projects ---------------------------------------------------------------------


def test_the_key_of_an_epic_is_a_label_of_its_issues(world: IssuesWorld) -> None:
    epic = world.there.add_issue("ACME", "Maps of 2026", kind="Epic", created=FRIDAY)
    an_hour(world, parent=epic)
    assert logged(world.walk(world.connector(TRACKED))).labels == (epic,)


def test_a_team_managed_project_has_statuses_of_its_own_and_no_components(world: IssuesWorld) -> None:
    world.there.add_project("TEAM", "Team's own", "next-gen")
    key = world.there.add_issue("TEAM", "Name it", assignee=world.ada.external, created=FRIDAY)
    world.there.change(key, FRIDAY + timedelta(hours=1), world.ada.external, status="In Progress")

    def without_components(_: Any, body: Any) -> Any:
        for issue in body["issues"]:
            issue["fields"].pop("components", None)
        return body

    world.site.twists[world.search] = without_components
    shown = said(world.walk(world.connector(TRACKED)))[f"issue/{world.there.issue(key).id}"]
    assert sorted(a.kind for _, a in shown) == ["presence", "touch"]


# --- keys that move ----------------------------------------------------------------------------------------


def test_P4_an_issue_that_moved_says_the_same_under_its_new_key(world: IssuesWorld) -> None:
    world.there.add_project("NEW", "Elsewhere")
    connector = world.connector(TRACKED)
    origin = world.add(world.ada, "Draw")
    first = world.walk(connector)
    world.pass_by(minutes=1)
    moved = world.there.move(str(number(origin)), "NEW", world.now, world.mara)
    after = said(world.walk(connector, first[-1].cursor), said(first))
    assert set(after) == {origin}, "its origin is its id"
    assert {a.uid for _, a in after[origin]} == {a.uid for _, a in said(first)[origin]}
    assert {(a.task, a.container) for _, a in after[origin]} == {(moved, "NEW")}


def test_an_entry_for_an_old_key_lands_on_the_issue_that_moved(world: IssuesWorld) -> None:
    world.there.add_project("NEW", "Elsewhere")
    entry = an_entry(world)
    moved = world.there.move(world.task, "NEW", world.now, world.mara)
    writer = world.connector().writer(world.ada, Credential(secret=SecretStr("ada-token")))
    receipt = writer.post("k-1", entry)
    assert [log.issue.key for log in world.there.worklogs] == [moved]
    assert writer.find("k-1", entry, "") == receipt
    writer.withdraw(receipt)
    assert world.there.worklogs == []


@pytest.mark.parametrize("forwarded", [True, False])
@pytest.mark.parametrize("kind", [IssuesWorld, ServerIssuesWorld])
def test_R03_what_was_posted_is_followed_to_where_its_issue_moved(
    kind: type[IssuesWorld], forwarded: bool
) -> None:
    """Facts of facts/jira.md: an id is stable, a key is not."""
    with running(kind) as world:
        world.there.add_project("NEW", "Elsewhere")
        entry = an_entry(world)
        writer = world.connector().writer(world.ada, Credential(secret=SecretStr("ada-token")))
        receipt = writer.post("k-1", entry)
        moved = world.there.move(world.task, "NEW", world.now, world.mara)
        if forwarded:
            assert writer.find("k-1", entry, "") == receipt
        else:
            world.there.forget(world.task)
        longer = entry.model_copy(update={"minutes": entry.minutes + 30})
        amended = writer.amend(receipt, "k-1", longer)
        (log,) = world.there.worklogs
        assert (log.issue.key, log.seconds) == (moved, longer.minutes * 60)
        writer.withdraw(amended)
        assert world.there.worklogs == []
        writer.withdraw(amended)  # already gone is fine


# --- people who are gone, and giants -----------------------------------------------------------------------


@pytest.mark.parametrize("kind", [IssuesWorld, ServerIssuesWorld])
def test_what_people_did_who_are_gone_is_nobodys_and_spoils_nothing(kind: type[IssuesWorld]) -> None:
    with running(kind) as world:
        origin = world.add(world.ada, "Draw")
        key = world.there.issue(number(origin)).key
        world.there.change(key, FRIDAY, world.mara, priority="High")
        world.there.add_worklog(key, world.mara, FRIDAY - timedelta(hours=3), 600)
        world.there.comment(key, FRIDAY, world.mara, "gone")
        world.there.delete_user(world.mara)
        pages = world.walk(world.connector())
        assert {who for activities in said(pages).values() for who, _ in activities} == {"ada"}
        assert not [reason for page in pages for reason in page.skipped if "cannot be read" in reason]


def test_an_account_called_unknown_is_nobody(world: IssuesWorld) -> None:
    world.there.add_worklog(world.task, world.mara, FRIDAY - timedelta(hours=3), 600)

    def unknown(_: Any, body: Any) -> Any:
        return [log | {"author": {"accountId": "unknown", "displayName": "Former user"}} for log in body]

    world.site.twists["POST /worklog/list"] = unknown
    assert said(world.walk(world.connector(("worklogs",)))) == {}


def test_S12_a_title_of_five_megabytes_costs_its_issue_the_title_and_nobody_anything(
    world: IssuesWorld,
) -> None:
    key = an_hour(world)
    world.there.issue(key).summary = "\u202egnol " * 900_000
    other = world.add(world.ada, "Draw")
    pages = world.walk(world.connector(TRACKED))
    assert other in said(pages)
    title = logged(pages).title or ""
    assert len(title) <= 1024 and "\u202e" not in title
    assert sum(len(page.model_dump_json()) for page in pages) < 20_000
