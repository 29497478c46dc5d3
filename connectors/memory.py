"""The reference connector: a whole tool in memory, and everyone's fake.

Reading it is the shortest way to learn the contract. `Tool` is the outside
world: people do things there, records appear, the network fails by script.
`Memory` reads it and `Pen` writes it, with every duty a real connector has
and nothing else.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from threading import RLock
from typing import ClassVar, Literal

from pydantic import BaseModel

from connectors.contract import (
    Abilities,
    Account,
    Authorization,
    Credential,
    CursorExpired,
    Identity,
    Paced,
    Page,
    Partition,
    Receipt,
    Refused,
    Sighting,
    Standing,
    Unavailable,
    Unclear,
    Window,
)
from connectors.cursor import remembered
from core.matching import Candidate
from core.model import Activity, Entry, Noun

Mishap = Literal["", "unavailable", "paced", "lost", "repeats", "empty page"]
"""What becomes of one request. lost: a write happens and nobody hears of it; a read just fails."""


@dataclass(frozen=True)
class Thing:
    """One object of the tool: what one person did."""

    owner: str
    activity: Activity | None
    """None once it is gone."""
    changed: int
    """The tool's count of changes when this one was the latest."""


@dataclass(frozen=True)
class Record:
    """One time record people see at the tool."""

    author: str
    task: str
    day: date
    minutes: int
    text: str
    key: str
    """Our marker, where the tool can carry one."""
    made: datetime
    version: int = 1

    def says(self, entry: Entry) -> bool:
        return (self.day, self.minutes, self.text) == (entry.day, entry.minutes, entry.text)


@dataclass
class Tool:
    """The outside world, with hands for tests. Safe between threads."""

    page_size: int = 3
    lag: timedelta = timedelta(seconds=60)
    """How late a finished write shows up in a listing."""
    now: datetime = datetime(2026, 11, 20, 17, tzinfo=UTC)
    things: dict[str, Thing] = field(default_factory=dict)
    records: dict[str, Record] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)
    """Credential -> account."""
    names: dict[str, str] = field(default_factory=dict)
    """Account -> what its owner is called."""
    token_ends: dict[str, datetime] = field(default_factory=dict)
    """Until when a credential is good, where it ends."""
    directory: list[Candidate] = field(default_factory=list)
    """Who has an account."""
    tasks: frozenset[str] | None = None
    """Where time can be recorded; None: everywhere."""
    open: bool = True
    """False once the connection's own credential is revoked."""
    forgotten: int = 0
    """Bookmarks made before this change are too old."""
    mishaps: list[Mishap] = field(default_factory=list)
    """What happens to the next requests, in order; afterwards all goes well."""
    requests: int = 0
    changes: int = 0
    """How often anything was put or dropped."""
    written: int = 0
    """How many records were ever made: the next one's number."""
    lock: RLock = field(default_factory=RLock, repr=False)

    def put(self, owner: str, activity: Activity) -> str:
        """A person does something, or changes it; gives its origin."""
        with self.lock:
            self.changes += 1
            self.things[activity.uid] = Thing(owner, activity, self.changes)
        return activity.uid

    def drop(self, origin: str) -> None:
        with self.lock:
            self.changes += 1
            self.things[origin] = replace(self.things[origin], activity=None, changed=self.changes)

    def forget(self) -> None:
        """Every bookmark given so far is too old from here on."""
        with self.lock:
            self.changes += 1
            self.forgotten = self.changes

    def write(self, record: Record) -> str:
        with self.lock:
            self.written += 1
            number = f"r{self.written}"
            self.records[number] = record
        return number

    def ask(self) -> Mishap:
        """One request arrives; gives a mishap that is left to the endpoint."""
        with self.lock:
            self.requests += 1
            mishap = self.mishaps.pop(0) if self.mishaps else ""
        if mishap == "unavailable":
            raise Unavailable("The tool did not answer. Nothing changed; the next round tries again.")
        if mishap == "paced":
            raise Paced("The tool asked us to wait 30 s. Nothing changed; we wait.", timedelta(seconds=30))
        return mishap


class Bookmark(Noun):
    """What this connector keeps in its cursor. Nobody else reads it."""

    whole: bool
    """Whether this walk shows the whole window."""
    since: int
    """Shows what changed after."""
    until: int
    """Where the tool stood when the walk began: the next walk's `since`, so nothing falls between two."""
    after: str = ""
    """The last origin shown."""
    page: int = 0
    """Grows with every page, so that an empty one is no repetition."""

    def following(self, shown: Sequence[tuple[str, Thing]], more: bool) -> Bookmark:
        if not more:
            return Bookmark(whole=False, since=self.until, until=self.until)
        after = shown[-1][0] if shown else self.after
        return self.model_copy(update={"after": after, "page": self.page + 1})


class Nothing(BaseModel):
    """The tool in memory has nothing to set."""


class Memory:
    """A tool in memory, as the organisation reads it."""

    source: ClassVar[str] = "memory"
    called: ClassVar[str] = "Memory"
    Settings: ClassVar[type[BaseModel]] = Nothing
    tracks: ClassVar[Mapping[str, str]] = {"title": "What a thing is called.", "time": "When it was."}

    def __init__(
        self,
        tool: Tool,
        name: str = "memory",
        *,
        marker: bool = True,
        authorization: Authorization | None = None,
    ) -> None:
        self.tool = tool
        self.name = name
        self.authorization = authorization
        self.abilities = Abilities(
            posts=True, marker=marker, finds_accounts=True, readers="everyone who can see the test"
        )

    def partitions(self, accounts: Sequence[Account]) -> list[Partition]:
        return [Partition(key=self.name, accounts=tuple(accounts))] if accounts else []

    def pull(self, partition: Partition, window: Window, cursor: str | None) -> Page:
        with self.tool.lock:
            mark = self._opened(cursor)
            mishap = self._request()
            left = self._changed(partition, mark)
            shown = [] if mishap == "empty page" else left[: self.tool.page_size]
            more = len(left) > len(shown) or mishap == "repeats"
            return Page(
                sightings=tuple(self._sighting(origin, thing, partition, window) for origin, thing in shown),
                cursor=(mark if mishap == "repeats" else mark.following(shown, more)).model_dump_json(),
                more=more,
                whole=mark.whole,
            )

    def check(self) -> Standing:
        self._request()
        return Standing(account="memory")

    def accounts(self, addresses: Iterable[str]) -> dict[str, list[Candidate]]:
        self._request()
        return {
            address: [one for one in self.tool.directory if one.address in (address, None)]
            for address in addresses
        }

    def identify(self, credential: Credential, email: str) -> Identity:
        self.tool.ask()
        owner = self._owner(credential)
        return Identity(external=owner, shown=self.tool.names.get(owner, ""))

    def writer(self, account: Account, credential: Credential) -> Pen:
        return Pen(self, account, credential)

    def _opened(self, cursor: str | None) -> Bookmark:
        if cursor is None:
            return Bookmark(whole=True, since=0, until=self.tool.changes)
        mark = remembered(Bookmark, cursor)
        if mark.since < self.tool.forgotten and not mark.whole:
            raise CursorExpired("The tool has forgotten what changed since; pull the whole window.")
        begins = not mark.whole and mark.page == 0
        return mark.model_copy(update={"until": self.tool.changes}) if begins else mark

    def _request(self) -> Mishap:
        mishap = self.tool.ask()
        if mishap == "lost":
            raise Unavailable("The tool hung up. Nothing changed; the next round tries again.")
        if not self.tool.open:
            raise Refused(
                "The tool no longer accepts our credential. Nothing was read. Give a new one.",
                whose="connection",
            )
        return mishap

    def _changed(self, partition: Partition, mark: Bookmark) -> list[tuple[str, Thing]]:
        """What is still to be shown, by origin: a page never depends on when it is asked for."""
        owners = {account.external for account in partition.accounts}
        return [
            (origin, thing)
            for origin, thing in sorted(self.tool.things.items())
            if thing.owner in owners and thing.changed > mark.since and origin > mark.after
        ]

    def _sighting(self, origin: str, thing: Thing, partition: Partition, window: Window) -> Sighting:
        """All the thing says now: nothing when it is gone or has left the window."""
        activity = thing.activity
        if (
            activity is None
            or (activity.end or activity.start) < window.start
            or activity.start >= window.end
        ):
            return Sighting(origin=origin)
        people = [a.contributor for a in partition.accounts if a.external == thing.owner]
        return Sighting(origin=origin, activities=tuple((person, activity) for person in people))

    def _owner(self, credential: Credential) -> str:
        secret = credential.secret.get_secret_value()
        owner, ends = self.tool.tokens.get(secret), self.tool.token_ends.get(secret)
        if owner is None or (ends is not None and ends <= self.tool.now):
            raise Refused(
                "The tool does not know this credential. Nothing was written. Give a new one.",
                whose="account",
            )
        return owner


class Pen:
    """The tool as one contributor may write to it."""

    def __init__(self, memory: Memory, account: Account, credential: Credential) -> None:
        self._memory, self._tool = memory, memory.tool
        self._account, self._credential = account, credential

    def baseline(self, entry: Entry) -> str:
        """Our records, where only what is new can tell ours (R-04)."""
        if self._memory.abilities.marker:
            return ""
        self._request()
        return json.dumps(sorted(self._listed()))

    def find(self, key: str, entry: Entry, baseline: str, later: Sequence[str] = ()) -> Receipt | None:
        self._request()
        listed = self._listed()
        if self._memory.abilities.marker:
            ours = [number for number, record in listed.items() if record.key in (key, *later)]
            unsure = []
        else:
            known = set(json.loads(baseline or "[]"))  # "" of one we know: it is older than any list
            new = [n for n, record in listed.items() if n not in known and record.day == entry.day]
            ours = [n for n in new if listed[n].task == _task(entry) and listed[n].says(entry)]
            unsure = new if later and not ours else []
        if len(ours) > 1 or unsure:
            raise Unclear(
                "Several records could be this entry. Nothing was written; its contributor decides."
            )
        return next(map(self._receipt, ours), None)

    def post(self, key: str, entry: Entry) -> Receipt:
        mishap = self._request()
        if self._tool.tasks is not None and _task(entry) not in self._tool.tasks:
            raise Refused("The tool has no such task. Nothing was written; its contributor picks another.")
        marker = key if self._memory.abilities.marker else ""
        record = Record(
            self._account.external, _task(entry), entry.day, entry.minutes, entry.text, marker, self._tool.now
        )
        return self._answered(mishap, self._tool.write(record))

    def amend(self, receipt: Receipt, key: str, entry: Entry) -> Receipt:
        mishap = self._request()
        with self._tool.lock:
            record = self._ours(receipt)
            if record is None:
                raise Refused(f"Record {receipt.id} is gone. Nothing was written; its contributor decides.")
            if record.says(entry):  # an earlier amend whose answer was lost
                return self._receipt(receipt.id)
            self._refuse_if_edited(record, receipt)
            changed = replace(
                record,
                day=entry.day,
                minutes=entry.minutes,
                text=entry.text,
                key=key if self._memory.abilities.marker else "",
                version=record.version + 1,
            )
            self._tool.records[receipt.id] = changed
            return self._answered(mishap, receipt.id)

    def withdraw(self, receipt: Receipt) -> None:
        mishap = self._request()
        with self._tool.lock:
            record = self._ours(receipt)
            if record is None:
                return
            self._refuse_if_edited(record, receipt)
            del self._tool.records[receipt.id]
            if mishap == "lost":
                raise _lost()

    def _request(self) -> Mishap:
        mishap = self._tool.ask()
        if self._memory._owner(self._credential) != self._account.external:
            raise Refused("This credential belongs to someone else. Nothing was written.", whose="account")
        return mishap

    def _listed(self) -> dict[str, Record]:
        """Our records which already show up in a listing."""
        with self._tool.lock:
            return {
                number: record
                for number, record in self._tool.records.items()
                if record.author == self._account.external and record.made + self._tool.lag <= self._tool.now
            }

    def _ours(self, receipt: Receipt) -> Record | None:
        record = self._tool.records.get(receipt.id)
        return record if record and record.author == self._account.external else None

    def _receipt(self, number: str) -> Receipt:
        record = self._tool.records[number]
        return Receipt(id=number, task=record.task, stamp=str(record.version))

    def _answered(self, mishap: Mishap, number: str) -> Receipt:
        if mishap == "lost":
            raise _lost()
        return self._receipt(number)

    @staticmethod
    def _refuse_if_edited(record: Record, receipt: Receipt) -> None:
        if str(record.version) != receipt.stamp:
            raise Refused(
                f"Record {receipt.id} was changed by a person. Nothing was written; its contributor decides."
            )


def _lost() -> Unclear:
    return Unclear(
        "The tool hung up. Whether it was done there is unknown; Daybook looks before trying again."
    )


def _task(entry: Entry) -> str:
    return entry.target.partition(":")[2]
