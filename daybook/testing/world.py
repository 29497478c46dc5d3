"""The tool as a test of the contract sees it: from behind. Only a World knows its tool."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, Protocol

import pytest

from connectors.contract import (
    Account,
    Connector,
    Credential,
    Page,
    Window,
    Writer,
    walk,
)
from core.model import Activity, Entry

Said = Mapping[str, frozenset[tuple[str, Activity]]]
"""By origin: what a source says, once every page of a walk was taken."""

Trouble = Literal[
    "500", "html", "truncated", "drop-before", "drop-after", "429-bare",
    "lost answer", "expired", "repeats", "empty page", "connection revoked",
]  # fmt: skip
NOWHERE = "NOPE-1"
"""A task no tool has."""
BROKEN: tuple[Trouble, ...] = ("500", "html", "truncated", "drop-before", "drop-after")


@dataclass(frozen=True)
class Posted:
    """One time record, as people see it at the tool."""

    id: str
    author: str
    """The tool's own id of who is shown as its author."""
    task: str
    minutes: int
    day: date
    text: str
    """As a person reads it; may hold our marker."""


class World(Protocol):
    """A tool seen from behind: what people do there, what stands there, how it misbehaves."""

    ada: Account
    ben: Account
    """Two people the tool knows: contributors `ada` and `ben`, mail `ada@northwind.example` and so on."""
    window: Window
    """All that `add` makes lies inside."""
    task: str
    """A task both may post on."""
    page_size: int
    """How many added things fill one page of a walk."""

    def add(self, account: Account, title: str) -> str:
        """This person does one thing, of a kind the tool can tell the end of; gives its sighting's origin."""

    def alter(self, origin: str) -> None:
        """The thing changes so that its activities do."""

    def remove(self, origin: str) -> None:
        """The thing is deleted, cancelled or no longer this person's."""

    def settle(self) -> None:
        """Time passes until all that was done shows up everywhere."""

    def trouble(self, kind: Trouble) -> bool:
        """Make the tool misbehave; False where it cannot, and the test is skipped.

        500 to 429-bare: the next request meets it, as in connectors.stand_in.FAULTS
        lost answer: the next write happens and its answer is lost
        expired: every cursor given so far is too old
        repeats: from now on every page of a walk points to itself
        empty page: the next page of a walk is empty and says that there is more
        connection revoked: the connection's own credential is no longer accepted
        """

    def credential(self, account: Account) -> Credential:
        """What this person gave us to write with."""

    def posted(self) -> list[Posted]:
        """Every time record on `task`."""

    def record(self, account: Account, entry: Entry) -> str:
        """The person writes a record that says what `entry` says, by hand; gives its id."""

    def edit(self, record: str) -> None:
        """A person changes the minutes or the text of a record."""

    def erase(self, record: str) -> None:
        """A person deletes a record."""


def said(pages: Iterable[Page], before: Said | None = None) -> Said:
    """What stands after these pages, as whoever stores them must take them."""
    pages = list(pages)
    standing = {} if any(page.whole for page in pages) else dict(before or {})
    for page in pages:
        for sighting in page.sightings:
            standing[sighting.origin] = frozenset(sighting.activities)
    return {origin: activities for origin, activities in standing.items() if activities}


class Tried:
    """What every test of the contract begins with."""

    def pulled(
        self, connector: Connector, world: World, *accounts: Account, cursor: str | None = None
    ) -> list[Page]:
        """One walk over the single partition of these accounts."""
        (partition,) = connector.partitions(accounts)
        return list(walk(connector, partition, world.window, cursor))

    def many(self, world: World, account: Account) -> set[str]:
        """One thing more than fills a page."""
        made = {world.add(account, f"Thing {n}") for n in range(world.page_size + 1)}
        world.settle()
        return made

    def start_trouble(self, world: World, kind: Trouble) -> None:
        if not world.trouble(kind):
            pytest.skip(f"this tool has no such trouble: {kind}")

    @pytest.fixture
    def entry(self, connector: Connector, world: World) -> Entry:
        start = datetime.fromisoformat("2026-11-20T10:00:00+01:00")
        return Entry(
            id="e-1",
            day=start.date(),
            start=start,
            minutes=45,
            target=f"{connector.name}:{world.task}",
            text="ACME call",
        )

    @pytest.fixture
    def writer(self, connector: Connector, world: World) -> Writer:
        if not connector.abilities.posts:
            pytest.skip("this tool is only read")
        return connector.writer(world.ada, world.credential(world.ada))
