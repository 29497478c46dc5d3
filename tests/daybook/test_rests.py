"""What one worker was told by a tool, every worker on the same store keeps to (R-07)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr

from connectors.contract import Paced, Rests, Unavailable
from connectors.layers import Pacing
from connectors.memory import Memory, Tool
from core import rounds
from daybook import deeds, jobs, state, status
from daybook.filling import fill
from daybook.house import House, Member
from daybook.store import Store
from daybook.sync import cycle
from tests.daybook.conftest import KEY, YESTERDAY, Clock, draft, drafted

PULL = rounds.Pull(connection="memory", partition="memory")


@pytest.fixture
def connected(house: House, tool: Tool, ada: Member) -> House:
    with house.store.writing() as tx:
        tool.tokens["token"] = "ada@tool"
        tx.grants.save(ada.id, "memory", "ada@tool", SecretStr("token"), house.clock())
    return house


@pytest.fixture
def other(connected: House, tool: Tool, tmp_path: Path) -> Iterator[House]:
    """A second process on the same store, or the next start."""
    store = Store.open(f"sqlite:///{tmp_path}/daybook.db", KEY)
    yield replace(connected, store=store, connectors={"memory": Memory(tool)})
    store.close()


def due(house: House) -> list[rounds.Work]:
    now = house.clock()
    found = rounds.due(state.snapshot(house, now), now)
    return [work for work in found if isinstance(work, rounds.Pull | rounds.Post)]


def test_R07_a_rest_of_the_connection_is_kept_by_the_other_worker_and_the_next_start(
    connected: House, other: House, tool: Tool, clock: Clock
) -> None:
    assert PULL in due(connected) and PULL in due(other)
    tool.mishaps += ["paced"]
    jobs.perform(connected, PULL)
    assert tool.requests == 1
    assert PULL not in due(connected) and PULL not in due(other)
    jobs.perform(other, PULL)  # begun from a plan that was made before
    assert tool.requests == 1
    clock.wait(seconds=40)
    assert PULL in due(other)
    jobs.perform(other, PULL)
    assert tool.requests > 1
    assert PULL not in due(connected)


def test_R07_a_rest_for_posting_holds_the_other_worker_back_and_the_entry_waits(
    connected: House, other: House, tool: Tool, clock: Clock, ada: Member
) -> None:
    drafted(connected, ada, draft("memory/e1", "10:00"))
    deeds.confirm(connected, ada, YESTERDAY)
    clock.wait(hours=1)
    (posting,) = (work for work in due(connected) if isinstance(work, rounds.Post))
    with connected.store.writing() as tx:
        tx.rests.note("memory", Paced("too fast", timedelta(minutes=3)), clock())
    assert due(other) == []
    jobs.perform(other, posting)
    assert (tool.requests, tool.records) == (0, {})
    clock.wait(minutes=3, seconds=1)
    for work in due(other):
        jobs.perform(other, work)
    assert len(tool.records) == 1


@pytest.mark.parametrize("rests", ["account", "call"])
def test_R07_what_concerns_one_person_or_call_holds_nobody_else_back(
    connected: House, clock: Clock, rests: Rests
) -> None:
    with connected.store.writing() as tx:
        tx.rests.note("memory", Paced("too fast", timedelta(minutes=3), rests), clock())
        assert tx.rests.at(clock()) == []
    assert PULL in due(connected)


def test_R07_what_only_reading_must_wait_for_posting_does_not(connected: House, clock: Clock) -> None:
    with connected.store.writing() as tx:
        tx.rests.note("memory", Paced("too fast", timedelta(minutes=3), "reading"), clock())
        assert tx.rests.away("memory", clock(), reading=True)
        assert not tx.rests.away("memory", clock(), reading=False)
    assert PULL not in due(connected)


def test_R07_a_back_fill_asks_nothing_of_a_tool_that_sent_us_away(
    connected: House, tool: Tool, clock: Clock
) -> None:
    with connected.store.writing() as tx:
        tx.rests.note("memory", Paced("too fast", timedelta(minutes=3), "reading"), clock())
    told = fill(connected, YESTERDAY)
    assert (told.filled, told.failed, told.resting, tool.requests) == (0, 0, 1, 0)
    assert "1 were not asked for: their tool wants to be left alone for now." in " ".join(told.lines())
    clock.wait(minutes=3, seconds=1)
    assert fill(connected, YESTERDAY).filled == 1


def test_R07_one_cycle_by_hand_says_that_a_tool_rests(connected: House, tool: Tool, clock: Clock) -> None:
    with connected.store.writing() as tx:
        tx.rests.note("memory", Paced("too fast", timedelta(minutes=3), "reading"), clock())
    (failing,) = cycle(connected).failing
    assert (failing.connection, failing.reasons, tool.requests) == ("memory", ("too fast",), 0)


def test_a_shorter_rest_ends_no_longer_one(connected: House, clock: Clock) -> None:
    with connected.store.writing() as tx:
        tx.rests.note("memory", Paced("a quota", timedelta(minutes=30)), clock())
        tx.rests.note("memory", Paced("a burst", timedelta(minutes=1)), clock())
        tx.rests.note("memory", Unavailable("away"), clock())
        (rest,) = tx.rests.at(clock())
    assert (rest.reason, rest.until) == ("a quota", clock() + timedelta(minutes=30))


def test_R07_an_open_circuit_is_told_in_words(connected: House, tool: Tool, clock: Clock) -> None:
    broken = replace(connected, connectors={"memory": Pacing(Memory(tool), failures=2)})
    tool.mishaps += ["unavailable"] * 2
    for _ in range(3):
        clock.wait(minutes=20)
        jobs.perform(broken, PULL)
    line = " ".join(" ".join(status.look(broken).lines()).partition("RESTS")[2].split())
    assert "nothing is asked. The tool did not answer." in line
    assert "After 2 failures in a row the connection memory rests for another 60 s." in line
    clock.wait(minutes=2)
    assert not [line for line in status.look(broken).lines() if "RESTS" in line]
