"""The world outside under one seed: a tool in memory whose every request can go wrong, or be the last.

The tool knows more than it tells: which entry each record was made for, and which records a person changed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from connectors.contract import Account, Credential, Identity, Page, Partition, Receipt, Unclear, Window
from connectors.memory import Memory, Mishap, Pen, Record, Tool
from core.matching import Candidate
from core.model import Entry
from tests.simulation.faults import READING, WRITING, Crash

if TYPE_CHECKING:
    from tests.simulation.world import World

Revision = tuple[str, int]
"""Of which entry, and which of it."""

IN_FLIGHT = timedelta(seconds=30)
"""A request arrives so late at most: then its client hangs up. With the lag it is less than `look_after`."""


@dataclass
class Outside(Tool):
    """A tool, and what really happened there."""

    made_for: dict[str, Revision] = field(default_factory=dict)
    """Record -> what it was last written for; hands make others."""
    touched: set[str] = field(default_factory=set)
    """Records that a person changed or removed there."""
    late: timedelta = timedelta(0)
    """How late the record that is just being written shows up, beside the lag."""
    mishap: Callable[[], Mishap] = lambda: ""

    def ask(self) -> Mishap:
        """One request arrives."""
        self.mishaps = [self.mishap()]
        return super().ask()

    def write(self, record: Record) -> str:
        return super().write(replace(record, made=record.made + self.late))

    def ours(self, entry: str) -> list[str]:
        """The live records of one entry, in whichever revision."""
        return [number for number in self.records if self.made_for.get(number, ("",))[0] == entry]


class Seen(Memory):
    """The tool as the house reads it, with seams."""

    world: World

    def pull(self, partition: Partition, window: Window, cursor: str | None) -> Page:
        with self.world.calling("pull", READING):
            return super().pull(partition, window, cursor)

    def accounts(self, addresses: Iterable[str]) -> dict[str, list[Candidate]]:
        with self.world.calling("accounts", READING):
            return super().accounts(addresses)

    def identify(self, credential: Credential, email: str) -> Identity:
        with self.world.calling("identify", READING):
            return super().identify(credential, email)

    def writer(self, account: Account, credential: Credential) -> Pen:
        return Hand(self, account, credential)


class Hand(Pen):
    """The tool as one contributor may write to it, with seams and a witness."""

    _memory: Seen

    @property
    def _world(self) -> World:
        return self._memory.world

    def baseline(self, entry: Entry) -> str:
        with self._world.calling("baseline", READING):
            return super().baseline(entry)

    def find(self, key: str, entry: Entry, baseline: str, later: Sequence[str] = ()) -> Receipt | None:
        self._world.witness.looks(entry)
        with self._world.calling("find", READING):
            return super().find(key, entry, baseline, later)

    def post(self, key: str, entry: Entry) -> Receipt:
        def write() -> Receipt:
            written = self._tool.written
            try:
                return super(Hand, self).post(key, entry)
            finally:
                for number in range(written + 1, self._tool.written + 1):
                    self._world.witness.landed(f"r{number}", entry)

        return self._sent("post", write, entry.id)

    def amend(self, receipt: Receipt, key: str, entry: Entry) -> Receipt:
        def write() -> Receipt:
            before = self._tool.records.get(receipt.id)
            try:
                return super(Hand, self).amend(receipt, key, entry)
            finally:
                if self._tool.records.get(receipt.id) != before:
                    self._world.witness.landed(receipt.id, entry)

        return self._sent("amend", write, entry.id)

    def withdraw(self, receipt: Receipt) -> None:
        def write() -> None:
            there = receipt.id in self._tool.records
            try:
                super(Hand, self).withdraw(receipt)
            finally:
                if there and receipt.id not in self._tool.records:
                    self._world.witness.removed(receipt.id)

        self._sent("withdraw", write, self._world.witness.entry_at(receipt.id))

    def _sent(self, what: str, write: Callable[[], Any], entry: str) -> Any:
        """Send a request that changes something: whoever dies meanwhile, it is under way."""
        world, tool = self._world, self._tool
        world.seam(f"before {what}", pauses=0)
        world.witness.sent(what, entry)
        mishap = world.mishap(WRITING)
        world.tell(f"  {what} {mishap}".rstrip())
        if mishap == "vanished":
            raise Unclear("The tool hung up. Whether it was done there is unknown; Daybook looks.")
        try:
            world.in_flight(what)
        except Crash:
            tool.mishap, tool.late = lambda: "", timedelta(0)
            world.quietly(write)
            raise
        tool.late = IN_FLIGHT if mishap == "late" else timedelta(0)
        tool.mishap = lambda: "lost" if mishap == "late" else mishap
        answer = write()
        world.seam(f"after {what}", pauses=0)
        return answer
