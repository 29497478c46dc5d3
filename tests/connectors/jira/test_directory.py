"""Who is who on a Jira site: by the address it shows, with what it refuses and hides."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from connectors.contract import Refused
from connectors.jira.connector import Jira
from core.matching import Doubt, Matched, by_address
from tests.connectors.jira.world import READER, JiraWorld

ADA = "ada@northwind.example"


@pytest.fixture
def world() -> Iterator[JiraWorld]:
    world = JiraWorld()
    world.site.start()
    yield world
    world.site.stop()


@pytest.fixture
def jira(world: JiraWorld) -> Jira:
    return world.connector()


def matched(jira: Jira, address: str = ADA) -> Matched | Doubt:
    return by_address(address, jira.accounts([address])[address])


def asked(world: JiraWorld) -> int:
    return sum(name == "GET /user/search" for name, _ in world.site.heard)


def test_an_address_that_jira_shows_is_its_owners(jira, world):
    assert matched(jira) == Matched(external=world.ada.external)


def test_one_request_asks_about_one_person_and_nobody_else(jira, world):
    found = jira.accounts([ADA, "ben@northwind.example"])
    assert {address: len(people) for address, people in found.items()} == {ADA: 1, "ben@northwind.example": 1}
    assert asked(world) == 2
    queries = [request.param("query") for name, request in world.site.heard if name == "GET /user/search"]
    assert queries == [ADA, "ben@northwind.example"]


def test_a_hidden_address_is_a_doubt_even_where_jira_finds_its_owner(jira, world):
    shown = world.there.people[world.ada.external]
    world.there.people[shown.account_id] = replace(shown, shows_email=False)
    assert matched(jira) == Doubt(reason="hidden")


def test_somebody_whose_name_begins_like_the_address_is_nobody(jira, world):
    world.there.add_user("other@northwind.example", "other", "ada@northwind.example")
    del world.there.people[world.ada.external]
    assert matched(jira) == Doubt(reason="nobody")


def test_jira_does_not_show_deactivated_accounts(jira, world):
    ada = world.there.people[world.ada.external]
    world.there.people[ada.account_id] = replace(ada, active=False)
    assert matched(jira) == Doubt(reason="nobody")


def test_without_the_right_to_browse_people_jira_says_nobody_and_we_say_why(jira, world):
    reader = next(one for one in world.there.people.values() if one.email == READER)
    world.there.people[reader.account_id] = replace(reader, sees_people=False)
    with pytest.raises(Refused, match="Browse users and groups") as refused:
        jira.accounts([ADA])
    assert refused.value.whose == "connection"
    assert asked(world) == 0
