"""The reference connector keeps the contract, with a marker and without."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from pydantic import SecretStr

from connectors.contract import Account, Credential, Window, walk
from connectors.memory import Memory, Mishap, Record, Tool
from core.model import Activity, Entry
from daybook.testing import ContractSuite, Posted, Trouble, said

MISHAPS: dict[Trouble, Mishap] = {
    "500": "unavailable",
    "html": "unavailable",
    "truncated": "lost",
    "drop-before": "unavailable",
    "drop-after": "lost",
    "lost answer": "lost",
    "429-bare": "paced",
    "empty page": "empty page",
}


class MemoryWorld:
    """The tool in memory, seen from behind."""

    ada = Account(contributor="ada", external="u-ada")
    ben = Account(contributor="ben", external="u-ben")
    window = Window(start=datetime(2026, 11, 1, tzinfo=UTC), end=datetime(2026, 12, 1, tzinfo=UTC))
    task = "T-1"
    page_size = 3

    def __init__(self) -> None:
        self.tool = Tool(
            page_size=self.page_size,
            tokens={"s-ada": "u-ada", "s-ben": "u-ben"},
            tasks=frozenset({self.task}),
        )
        self._made = 0

    def add(self, account: Account, title: str) -> str:
        self._made += 1
        start = datetime(2026, 11, 20, 9, tzinfo=UTC) + timedelta(minutes=self._made)
        return self.tool.put(account.external, a_meeting(f"m{self._made}", start, title))

    def alter(self, origin: str) -> None:
        thing = self.tool.things[origin]
        assert thing.activity is not None
        longer = thing.activity.model_copy(update={"end": thing.activity.start + timedelta(hours=2)})
        self.tool.put(thing.owner, longer)

    def remove(self, origin: str) -> None:
        self.tool.drop(origin)

    def settle(self) -> None:
        self.tool.now += self.tool.lag

    def trouble(self, kind: Trouble) -> bool:
        match kind:
            case "expired":
                self.tool.forget()
            case "connection revoked":
                self.tool.open = False
            case "repeats":
                self.tool.mishaps += ["repeats"] * 10
            case _ if kind in MISHAPS:
                self.tool.mishaps.append(MISHAPS[kind])
            case _:
                return False
        return True

    def credential(self, account: Account) -> Credential:
        return Credential(secret=SecretStr(f"s-{account.contributor}"))

    def posted(self) -> list[Posted]:
        return [
            Posted(number, record.author, record.task, record.minutes, record.day, record.text)
            for number, record in self.tool.records.items()
        ]

    def record(self, account: Account, entry: Entry) -> str:
        return self.tool.write(
            Record(account.external, self.task, entry.day, entry.minutes, entry.text, "", self.tool.now)
        )

    def edit(self, record: str) -> None:
        before = self.tool.records[record]
        self.tool.records[record] = replace(before, minutes=before.minutes + 1, version=before.version + 1)

    def erase(self, record: str) -> None:
        del self.tool.records[record]


def a_meeting(uid: str, start: datetime, title: str = "ACME call") -> Activity:
    return Activity(
        source="memory", uid=uid, kind="meeting", start=start, end=start + timedelta(hours=1), title=title
    )


class TestMemory(ContractSuite):
    @pytest.fixture
    def world(self) -> MemoryWorld:
        return MemoryWorld()

    @pytest.fixture
    def connector(self, world: MemoryWorld) -> Memory:
        return Memory(world.tool)


class TestMemoryWithoutMarker(TestMemory):
    """A tool whose records cannot carry our key, as Asana's may not."""

    @pytest.fixture
    def connector(self, world: MemoryWorld) -> Memory:
        return Memory(world.tool, marker=False)


def test_R02_a_finished_write_shows_up_late_so_that_nobody_relies_on_a_quick_look() -> None:
    world = MemoryWorld()
    connector = Memory(world.tool)
    writer = connector.writer(world.ada, world.credential(world.ada))
    start = world.tool.now
    entry = Entry(id="e-1", day=start.date(), start=start, minutes=45, target=f"memory:{world.task}")
    receipt = writer.post("k1", entry)
    assert writer.find("k1", entry, "") is None
    world.tool.now += world.tool.lag
    assert writer.find("k1", entry, "") == receipt


def test_R04_a_record_we_know_is_found_without_a_list_of_what_was_there_before() -> None:
    """A look whether what we posted still stands: there is no attempt before which anything was listed."""
    world = MemoryWorld()
    now = world.tool.now
    writer = Memory(world.tool, marker=False).writer(world.ada, Credential(secret=SecretStr("s-ada")))
    entry = Entry(id="e1", day=now.date(), start=now, minutes=45, target=f"memory:{world.task}", text="call")
    receipt = writer.post("k1", entry)
    world.settle()
    assert writer.find("k1", entry, "") == receipt


def test_what_happens_during_a_walk_is_seen_in_it_or_in_the_next() -> None:
    world = MemoryWorld()
    connector = Memory(world.tool)
    made = [world.add(world.ada, "Thing") for _ in range(world.page_size * 2)]
    (partition,) = connector.partitions([world.ada])
    first = connector.pull(partition, world.window, None)
    world.alter(made[0])
    rest = list(walk(connector, partition, world.window, first.cursor))
    following = list(walk(connector, partition, world.window, rest[-1].cursor))
    now = {origin: {("ada", thing.activity)} for origin, thing in world.tool.things.items()}
    assert said(following, said([first, *rest])) == now
