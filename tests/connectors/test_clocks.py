"""Our clock is hours off the tool's: all is seen as with a right one (P10), no write depends on it (P8)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

import connectors
from connectors.contract import Page, Window, walk
from daybook.house import AHEAD
from daybook.testing import Said, said
from tests.connectors.asana.world import AsanaWorld
from tests.connectors.google_calendar.world import CalendarWorld
from tests.connectors.jira.server import ServerIssuesWorld, ServerWorld
from tests.connectors.jira.world import IssuesWorld, JiraWorld, running

CONNECTORS = Path(connectors.__file__).parent
SKEWS = (-3, 3)
"""Hours that our clock is ahead."""
BACK_FILL = timedelta(days=14)


@contextmanager
def asana() -> Iterator[AsanaWorld]:
    world = AsanaWorld()
    yield world
    world.site.stop()


PLACES: dict[str, Callable[[], Any]] = {
    "google": lambda: closing(CalendarWorld()),
    "asana": asana,
    "jira issues": lambda: running(IssuesWorld),
    "jira worklogs": lambda: running(JiraWorld),
    "data center issues": lambda: running(ServerIssuesWorld),
    "data center worklogs": lambda: running(ServerWorld),
}


@dataclass
class Daemon:
    """What pulls by a clock that is off, and keeps what it was shown."""

    world: Any
    off: timedelta
    held: Said | None = None
    cursor: str | None = None

    @property
    def now(self) -> datetime:
        """By our clock."""
        there: datetime = self.world.clock.now if hasattr(self.world, "clock") else self.world.now
        return there + self.off

    def look(self) -> list[tuple[str, ...]]:
        """One round; gives what is held then, in words that two worlds have in common."""
        self.world.settle()
        connector = self.world.connector()
        (partition,) = connector.partitions([self.world.ada])
        window = Window(start=self.now - BACK_FILL, end=self.now + AHEAD)
        pages: list[Page] = list(walk(connector, partition, window, self.cursor))
        self.held, self.cursor = said(pages, self.held), pages[-1].cursor
        return sorted(_words(one) for found in self.held.values() for _, one in found)


def _words(activity: Any) -> tuple[str, ...]:
    return tuple(
        str(getattr(activity, name)) for name in ("kind", "title", "start", "end", "minutes", "response")
    )


def days_work(world: Any, off: float, right_again: bool) -> Sequence[Any]:
    """What is held after each round of a day with news, changes and deletions.

    Takes    right_again: our clock is set right before the last rounds
    """
    daemon, rounds = Daemon(world, timedelta(hours=off)), []
    first, second = world.add(world.ada, "First"), world.add(world.ada, "Second")
    rounds.append(daemon.look())
    third = world.add(world.ada, "Third")
    rounds.append(daemon.look())
    world.alter(first)
    rounds.append(daemon.look())
    if right_again:
        daemon.off = timedelta(0)
    world.remove(second)
    rounds.append(daemon.look())
    world.alter(third)
    rounds.append(daemon.look())
    return rounds


@pytest.mark.parametrize("right_again", [False, True])
@pytest.mark.parametrize("off", SKEWS)
@pytest.mark.parametrize("place", PLACES)
def test_P10_with_a_clock_hours_off_each_round_sees_what_it_would_have_seen(
    place: str, off: int, right_again: bool
) -> None:
    with PLACES[place]() as world:
        expected = days_work(world, 0, right_again=False)
    with PLACES[place]() as world:
        assert days_work(world, off, right_again) == expected
    assert all(one != other for one, other in pairwise(expected)), "each round had something to see"


def test_P8_no_connector_asks_our_clock_what_time_it_is() -> None:
    """So nothing that is posted, or looked for after a lost answer, depends on it: the entry says when."""
    asking = [
        file.relative_to(CONNECTORS).as_posix()
        for file in sorted(CONNECTORS.rglob("*.py"))
        if not file.stem.startswith(("sandbox", "stand_in", "memory"))
        if re.search(r"\b(datetime\.now|utcnow|date\.today|time\.time)\(", file.read_text("utf-8"))
    ]
    assert asking == ["limits.py"], "how long to rest, where an answer has no Date"
