"""The ten things of facts/asana.md that decide the design, each as it shows in what we do.

Fact 1, that calendar time needs a catch-all task, is a whole way from meeting to entry: see
tests/daybook/test_catch_all.py. Fact 3, the scope to write with, is in test_connecting.py.
"""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
import requests
import responses
from pydantic import SecretStr

from connectors.asana.asking import LONG_FEED, MOST
from connectors.asana.connector import Asana
from connectors.asana.settings import Settings
from connectors.budget import Budget
from connectors.contract import (
    Account,
    Credential,
    Paced,
    Partition,
    Receipt,
    Terms,
    Unavailable,
    Unclear,
    walk,
)
from core.model import Entry
from tests.connectors.asana.world import DAY, EVERYTHING, MORNING, AsanaWorld, Losing

KEY = "0123456789abcdef0123456789abcdef"
POST = "POST /api/1.0/tasks/{task_gid}/time_tracking_entries"
TIME = "GET /api/1.0/time_tracking_entries"
ENTRY = "GET /api/1.0/time_tracking_entries/{time_tracking_entry_gid}"
STORIES = "GET /api/1.0/tasks/{task_gid}/stories"
ENDPOINT = "https://app.asana.com/api/1.0"


@pytest.fixture
def entry(world: AsanaWorld) -> Entry:
    return Entry(id="e", day=DAY, start=MORNING, minutes=45, target=f"asana:{world.task}", text="ACME call")


def test_fact_2_an_entry_belongs_to_whose_token_it_is_and_names_nobody(
    world: AsanaWorld, connector: Asana, entry: Entry
) -> None:
    for account in (world.ada, world.ben):
        connector.writer(account, world.credential(account)).post(KEY, entry)
    assert [posted.author for posted in world.posted()] == [world.ada.external, world.ben.external]
    bodies = [request.json()["data"] for request in world.site.asked if request.method == "POST"]
    assert all(not {"user", "created_by"} & body.keys() for body in bodies) and len(bodies) == 2


def test_fact_4_without_an_idempotency_key_a_lost_answer_is_looked_for_and_never_sent_again(
    world: AsanaWorld, connector: Asana, entry: Entry
) -> None:
    writer = connector.writer(world.ada, world.credential(world.ada))
    baseline = writer.baseline(entry)
    assert isinstance(world.site.faults, Losing)
    world.site.faults.lose = True
    with pytest.raises(Unclear):
        writer.post(KEY, entry)
    found = writer.find(KEY, entry, baseline)
    assert found is not None and [posted.id for posted in world.posted()] == [found.id]
    assert world.site.counts[POST] == 1


def test_fact_5_a_list_shows_no_description_so_each_new_entry_is_looked_at_by_itself(
    world: AsanaWorld, connector: Asana, entry: Entry
) -> None:
    writer = connector.writer(world.ada, world.credential(world.ada))
    world.record(world.ada, entry)
    baseline = writer.baseline(entry)
    receipt = writer.post(KEY, entry)
    world.site.reset_counts()
    assert writer.find(KEY, entry, baseline) == receipt
    assert world.site.reset_counts() == {TIME: 1, ENTRY: 1}


def test_fact_6_the_pace_of_the_settings_never_meets_the_limit_of_a_token(world: AsanaWorld) -> None:
    """A paid plan's 1,500 a minute are out of reach by the usual rate, a free one's 150 by 2 a second."""
    usual = Settings(token=SecretStr("t")).rate
    assert 60 * usual + 2 * usual <= 1_500  # a burst goes at once: see daybook/wiring.py
    now = [MORNING]
    world.site.clock, world.site.requests_per_minute = lambda: now[0], 150

    def slept(seconds: float) -> None:
        now[0] += timedelta(seconds=seconds)

    patience = timedelta(minutes=1)
    budget = Budget(2, 4, patience=patience, clock=lambda: now[0].timestamp(), wait=slept)
    tasks = [world.site.add_task(world.board, f"T{n}", world.ada.external, by=world.mara) for n in range(300)]
    (partition,) = (connector := world.connector(budget=budget)).partitions([world.ada])
    pages = list(walk(connector, partition, world.window, None))
    assert sum(len(page.sightings) for page in pages) == len(tasks)
    assert now[0] - MORNING > patience


def test_fact_6_a_token_over_its_limit_waits_as_long_as_it_is_told(world: AsanaWorld, entry: Entry) -> None:
    world.site.requests_per_minute = 1
    connector = world.connector()
    connector.identify(world.credential(world.ada), "")
    with pytest.raises(Paced) as caught:
        connector.writer(world.ada, world.credential(world.ada)).post(KEY, entry)
    assert timedelta(seconds=50) < caught.value.wait <= timedelta(minutes=1)
    assert world.posted() == []


def test_fact_6_who_writes_with_a_token_of_their_own_waits_for_nobody_elses(
    world: AsanaWorld, entry: Entry
) -> None:
    """Neither for the organisation's, whose minute is used up by reading, nor for a colleague's."""
    connector = world.connector()
    (reading, *_) = connector.partitions([world.ada])
    writers = {one: connector.writer(one, world.credential(one)) for one in (world.ada, world.ben)}
    world.site.requests_per_minute = 1
    with pytest.raises(Paced) as sent_away:
        list(walk(connector, reading, world.window, None))
    assert sent_away.value.rests == "reading"
    with pytest.raises(Paced) as hers:
        writers[world.ada].post(KEY, entry)
        writers[world.ada].post(KEY, entry)
    assert hers.value.rests == "account"
    world.site.requests_per_minute = 150
    writers[world.ben].post(KEY, entry)
    with pytest.raises(Paced):
        connector.pull(reading, world.window, None)


def test_section_6_too_many_requests_at_once_are_refused_and_ours_are_never_so_many(
    world: AsanaWorld,
) -> None:
    connector = world.connector()
    world.site.latency, wanted = 0.01, 60
    partitions = [
        Partition(key=f"p{n}", accounts=(replace(world.ada, contributor=f"p{n}"),)) for n in range(wanted)
    ]
    with ThreadPoolExecutor(wanted) as pool:
        pages = list(pool.map(lambda one: connector.pull(one, world.window, None), partitions))
    assert len(pages) == wanted, "none was refused"
    assert max(request.beside for request in world.site.asked) < 8
    world.site.latency = 0.4
    with ThreadPoolExecutor(wanted) as pool:
        address, signed = f"{world.site.url}/api/1.0/users/me", {"Authorization": "Bearer otto-token"}
        asked = pool.map(lambda _: requests.get(address, headers=signed, timeout=60), range(wanted))
        assert {answer.status_code for answer in asked} == {200, 429}


@responses.activate
def test_fact_7_we_page_ourselves_so_a_list_cut_short_is_no_end() -> None:
    """The library's own iterators end where `next_page` is missing, and say nothing."""
    responses.get(f"{ENDPOINT}/workspaces", json={"data": [{"gid": "9"}], "next_page": None})
    responses.get(f"{ENDPOINT}/tasks", json={"data": []})
    connector = Asana("asana", Settings(token=SecretStr("t")), Terms(tracked=EVERYTHING))
    (partition,) = connector.partitions([Account(contributor="ada", external="1")])
    with pytest.raises(Unavailable):
        connector.pull(partition, AsanaWorld.window, None)


def test_fact_8_a_client_for_each_contributor_starts_no_thread(world: AsanaWorld, entry: Entry) -> None:
    connector = world.connector()
    connector.identify(world.credential(world.ada), "")
    before = _threads()
    for _ in range(50):
        connector.writer(world.ada, world.credential(world.ada)).withdraw(Receipt(id="5", task="7"))
    assert _threads() == before


def _threads() -> int:
    """Without those of the stand-in."""
    return sum("request" not in thread.name for thread in threading.enumerate())


@responses.activate
def test_fact_9_the_library_rides_on_our_session_so_responses_sees_it() -> None:
    responses.get(f"{ENDPOINT}/users/me", json={"data": {"gid": "7"}})
    connector = Asana("asana", Settings(token=SecretStr("t")), Terms())
    ada = Credential(kind="token", secret=SecretStr("ada-token"))
    assert connector.identify(ada, "").external == "7"
    assert responses.calls[0].request.headers["Authorization"] == "Bearer ada-token"


def test_fact_10_of_a_feed_too_long_to_be_trusted_the_window_is_asked_for_by_itself(
    world: AsanaWorld, connector: Asana
) -> None:
    task = world.site.add_task(world.board, "Chatter", world.ada.external, by=world.mara)
    long_ago = world.window.start - timedelta(days=90)
    for n in range(LONG_FEED * MOST):
        world.site.comment(task, long_ago + timedelta(minutes=n), world.ada.external, "Hm.")
    at = [world.site.comment(task, None, world.ada.external, "Now.") for _ in range(3)]
    (partition,) = connector.partitions([world.ada])
    pages = list(walk(connector, partition, world.window, None))
    found = [a.uid for page in pages for one in page.sightings for _, a in one.activities]
    assert sorted(found) == sorted(f"comment/{task}/{story}" for story in at)
    assert world.site.counts[STORIES] == LONG_FEED + 2
