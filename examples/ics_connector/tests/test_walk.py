"""What a walk costs, and what it never misses."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from daybook_ics.connector import Ics
from feeds import Feeds, FeedServer, calendar

from connectors.contract import CursorExpired, Page, Refused, Unavailable, Window, walk
from daybook.testing import said

STAND_UP = "UID:s\nSUMMARY:Stand-up\nDTSTART:20261118T081500Z\nDURATION:PT15M\nRRULE:FREQ=DAILY"


@pytest.fixture
def world() -> Iterator[Feeds]:
    server = FeedServer()
    server.start()
    yield Feeds(server)
    server.stop()


def walked(
    connector: Ics, world: Feeds, cursor: str | None = None, window: Window | None = None
) -> list[Page]:
    (partition,) = connector.partitions([world.ada])
    world.server.sent.clear()
    return list(walk(connector, partition, window or world.window, cursor))


def test_an_idle_cycle_is_one_conditional_request_a_calendar(world: Feeds) -> None:
    world.add(world.ada, "Call")
    world.settle()
    connector = world.connector()
    cursor = walked(connector, world)[-1].cursor
    pages = walked(connector, world, cursor)
    assert world.server.sent == [304, 304]
    assert [(page.sightings, page.whole) for page in pages] == [((), False)] * 2
    assert pages[-1].cursor == cursor


@pytest.mark.parametrize("changed", [0, 1])
def test_a_change_in_one_calendar_shows_all_of_them_without_asking_twice(world: Feeds, changed: int) -> None:
    connector = world.connector()
    things = [world.add(world.ada, "Here"), world.add(world.ada, "There")]
    world.settle()
    first = walked(connector, world)
    world.alter(things[changed])
    world.settle()
    pages = walked(connector, world, first[-1].cursor)
    assert sorted(world.server.sent) in ([200, 200], [200, 200, 304])
    assert said(pages, said(first)).keys() == set(things)
    assert pages[-1].whole


def test_a_server_without_marks_is_known_by_the_bytes(world: Feeds, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("daybook_ics.places.LONGEST_TAG", 0)
    connector = world.connector()
    cursor = walked(connector, world)[-1].cursor
    pages = walked(connector, world, cursor)
    assert world.server.sent == [200, 200]
    assert not any(page.whole for page in pages)


def test_a_series_goes_on_while_its_file_stands_still(world: Feeds) -> None:
    connector = world.connector()
    world.publish("ada-own.ics", calendar(STAND_UP))
    first = walked(connector, world)
    assert len(said(first)) == 3
    tomorrow = world.window.model_copy(update={"end": world.window.end + timedelta(days=1)})
    following = walked(connector, world, first[-1].cursor, tomorrow)
    assert len(said(following, said(first))) == 4


@pytest.mark.parametrize("says", [301, 308, 404, 410])
def test_P10_a_calendar_that_is_gone_is_a_refusal_that_does_not_tell_where_it_was(
    world: Feeds, says: int
) -> None:
    connector = world.connector()
    del world.server.content["ada-team.ics"]
    world.server.missing_says = says
    with pytest.raises(Refused, match="Correct it") as caught:
        walked(connector, world)
    assert caught.value.whose == "connection"
    assert "ada-team" not in str(caught.value)


def test_half_a_calendar_makes_nothing_vanish(world: Feeds) -> None:
    connector = world.connector()
    world.publish("ada-own.ics", calendar(STAND_UP))
    cursor = walked(connector, world)[-1].cursor
    world.publish("ada-own.ics", calendar(STAND_UP, "UID:x")[:-60])
    with pytest.raises(Unavailable):
        walked(connector, world, cursor)


def test_P11_another_policy_means_a_whole_walk(world: Feeds) -> None:
    cursor = walked(world.connector(), world)[-1].cursor
    narrower = world.connector(frozenset({"time"}))
    assert all(page.whole for page in walked(narrower, world, cursor))
    (partition,) = narrower.partitions([world.ada])
    in_the_middle = world.connector().pull(partition, world.window, None).cursor
    with pytest.raises(CursorExpired):
        narrower.pull(partition, world.window, in_the_middle)


def test_P11_where_times_are_not_tracked_nobody_is_asked_about(world: Feeds) -> None:
    connector = world.connector(frozenset({"title"}))
    assert connector.partitions([world.ada]) == []
    assert connector.check().missing


def test_P3_whoever_has_no_calendar_is_nobody_here(world: Feeds) -> None:
    connector = world.connector()
    otto = replace(world.ada, contributor="otto", external="otto@northwind.example")
    assert connector.partitions([otto]) == []
    found = connector.accounts(["Ada@northwind.example", "otto@northwind.example"])
    assert {address: len(ones) for address, ones in found.items()} == {
        "Ada@northwind.example": 1,
        "otto@northwind.example": 0,
    }
