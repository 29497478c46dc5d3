"""What all layers are: a connector that hands every call to the one inside."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import ClassVar, ParamSpec, TypeVar, cast

from pydantic import BaseModel

from connectors.budget import Budget
from connectors.contract import (
    Abilities,
    Account,
    Changes,
    Connector,
    Container,
    Credential,
    DraftCalendar,
    Identity,
    Offering,
    Page,
    Partition,
    Receipt,
    Showing,
    Standing,
    Window,
    Writer,
)
from core.draft_calendar import Block, Seen
from core.matching import Candidate
from core.model import Entry

P = ParamSpec("P")
T = TypeVar("T")


class Layer:
    """Hands every call on. A layer changes what it is there for and nothing else."""

    source: ClassVar[str]
    called: ClassVar[str]
    Settings: ClassVar[type[BaseModel]]
    tracks: ClassVar[Mapping[str, str]]

    def __init__(self, inner: Connector) -> None:
        self.inner = inner
        self.name = inner.name
        self.abilities: Abilities = inner.abilities
        self.authorization = inner.authorization
        self.budget: Budget | None = getattr(inner, "budget", None)
        """What all requests of the connection spend from, where a layer inside was told."""
        # a layer speaks for the connector inside, so what is a class's elsewhere is an instance's here
        self.source, self.called = inner.source, inner.called  # type: ignore[misc]
        self.Settings, self.tracks = inner.Settings, inner.tracks  # type: ignore[misc]

    def partitions(self, accounts: Sequence[Account]) -> list[Partition]:
        return self.inner.partitions(accounts)

    def pull(self, partition: Partition, window: Window, cursor: str | None) -> Page:
        return self.inner.pull(partition, window, cursor)

    def check(self) -> Standing:
        return self.inner.check()

    def accounts(self, addresses: Iterable[str]) -> Mapping[str, Sequence[Candidate]]:
        return self.inner.accounts(addresses)

    def containers(self, account: Account) -> tuple[Container, ...]:
        return cast(Offering, self.inner).containers(account)

    def identify(self, credential: Credential, email: str) -> Identity:
        return self.inner.identify(credential, email)

    def writer(self, account: Account, credential: Credential) -> Writer:
        return self.inner.writer(account, credential)

    def draft_calendar(self, account: Account, credential: Credential) -> DraftCalendar:
        return cast(Showing, self.inner).draft_calendar(account, credential)


class Calling(Layer):
    """A layer that treats all calls alike, reads one way and writes one way."""

    def reading(self, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        return call(*args, **kwargs)

    def writing(self, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        return call(*args, **kwargs)

    def pull(self, partition: Partition, window: Window, cursor: str | None) -> Page:
        return self.reading(self.inner.pull, partition, window, cursor)

    def check(self) -> Standing:
        return self.reading(self.inner.check)

    def accounts(self, addresses: Iterable[str]) -> Mapping[str, Sequence[Candidate]]:
        return self.reading(self.inner.accounts, addresses)

    def containers(self, account: Account) -> tuple[Container, ...]:
        return self.reading(cast(Offering, self.inner).containers, account)

    def identify(self, credential: Credential, email: str) -> Identity:
        return self.reading(self.inner.identify, credential, email)

    def writer(self, account: Account, credential: Credential) -> Writer:
        return CallingWriter(self, self.inner.writer(account, credential))

    def draft_calendar(self, account: Account, credential: Credential) -> DraftCalendar:
        return CallingDraftCalendar(self, cast(Showing, self.inner).draft_calendar(account, credential))


class CallingWriter:
    """The writer of a Calling layer."""

    def __init__(self, layer: Calling, inner: Writer) -> None:
        self._layer, self._inner = layer, inner

    def baseline(self, entry: Entry) -> str:
        return self._layer.reading(self._inner.baseline, entry)

    def find(self, key: str, entry: Entry, baseline: str, later: Sequence[str] = ()) -> Receipt | None:
        return self._layer.reading(self._inner.find, key, entry, baseline, later)

    def post(self, key: str, entry: Entry) -> Receipt:
        return self._layer.writing(self._inner.post, key, entry)

    def amend(self, receipt: Receipt, key: str, entry: Entry) -> Receipt:
        return self._layer.writing(self._inner.amend, receipt, key, entry)

    def withdraw(self, receipt: Receipt) -> None:
        return self._layer.writing(self._inner.withdraw, receipt)


class CallingDraftCalendar:
    """The calendar of drafts of a Calling layer."""

    def __init__(self, layer: Calling, inner: DraftCalendar) -> None:
        self._layer, self._inner = layer, inner

    def make(self, name: str, zone: str) -> str:
        return self._layer.writing(self._inner.make, name, zone)

    def changed(self, calendar: str, cursor: str | None) -> Changes | None:
        return self._layer.reading(self._inner.changed, calendar, cursor)

    def look(self, calendar: str, event: str) -> Seen | None:
        return self._layer.reading(self._inner.look, calendar, event)

    def put(self, calendar: str, event: str, block: Block, stamp: str) -> Seen | None:
        return self._layer.writing(self._inner.put, calendar, event, block, stamp)

    def remove(self, calendar: str, event: str, stamp: str) -> Seen:
        return self._layer.writing(self._inner.remove, calendar, event, stamp)

    def end(self, calendar: str) -> None:
        return self._layer.writing(self._inner.end, calendar)
