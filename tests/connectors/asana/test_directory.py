"""Who is who in an Asana workspace: one list for everybody, by address."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from core.matching import Doubt, Matched, by_address
from tests.connectors.asana.world import AsanaWorld

ADA, BEN = "ada@northwind.example", "ben@northwind.example"


@pytest.fixture
def world() -> Iterator[AsanaWorld]:
    world = AsanaWorld()
    yield world
    world.site.stop()


def test_one_list_answers_for_everybody_and_shows_nobody_else(world):
    found = world.connector().accounts([ADA, "Ben@Northwind.example", "nobody@northwind.example"])
    assert by_address(ADA, found[ADA]) == Matched(external=world.ada.external)
    assert [one.external for one in found["Ben@Northwind.example"]] == [world.ben.external]
    assert by_address("nobody@northwind.example", found["nobody@northwind.example"]) == Doubt(reason="nobody")
    assert world.mara not in str(found)
    assert world.site.counts["GET /api/1.0/users"] == 1


def test_a_workspace_of_more_than_a_page_is_read_to_its_end(world):
    for number in range(150):
        world.site.add_user(f"p{number}@northwind.example", f"p{number}", f"P {number}")
    found = world.connector().accounts(["p149@northwind.example"])
    assert len(found["p149@northwind.example"]) == 1
    assert world.site.counts["GET /api/1.0/users"] == 2
