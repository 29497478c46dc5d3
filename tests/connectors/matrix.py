"""The fault matrix: each endpoint a connector touches, times each way its answer can go wrong.

No endpoint is listed: whatever a deed asks for while nothing goes wrong is a row.
Then the same deed meets one fault at that endpoint and is begun again, as the
daemon would: it must end where it ends undisturbed. Once more it meets the
fault behind our layers. A cell is the letter of what its caller is told.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from itertools import groupby
from typing import Any, ClassVar, NamedTuple

from connectors.budget import Budget
from connectors.contract import (
    Account,
    Connector,
    CursorExpired,
    Endless,
    Fault,
    Paced,
    Page,
    Receipt,
    Refused,
    Terms,
    Unavailable,
    Writer,
    walk,
)
from connectors.layers import Logged, Pacing, PolicyFiltered, Retrying
from connectors.layers.filtered import FIELDS, KINDS
from connectors.stand_in import FAULTS, SCRIPTED, Answer, Request, StandIn
from core.model import Entry
from daybook.testing import Said, said

REPEATED, REVOKED = "repeated", "revoked"
ALL_FAULTS = (*FAULTS, *SCRIPTED, REPEATED, REVOKED)
HARMLESS = frozenset({"slow", "skew"})
TOO_LONG = frozenset({"429-absurd", "429-bare"})
"""They send us away for longer than a call waits."""
LEGEND = """\
.  the deed is done        U  unavailable: later      ?  unclear: look before you write
P  paced: later, and when  E  a list that never ends  X  the bookmark is too old
refused, who must act:     C  the administrator       A  the contributor        N  they, for this entry
small letters: our layers get over it                 empty: no list, so no token that could repeat"""
EVERYTHING = Terms(tracked=frozenset().union(*KINDS.values(), *FIELDS.values()))
ENTRY = Entry(
    id="e-1",
    day=datetime(2026, 11, 20).date(),  # noqa: DTZ001 - a date
    start=datetime.fromisoformat("2026-11-20T10:00:00+01:00"),
    minutes=45,
    target="nowhere",
    text="ACME call",
)
"""Posted to the task of the scene's world."""


class Scene:
    """One variant of a connector in its world. Each tool's own says how to make it, and how to revoke."""

    deeds: ClassVar[tuple[str, ...]]
    """Those for which its tool is asked."""
    world: Any
    whose = "C"
    """Who must act when reading is no longer allowed."""
    shared: ClassVar[frozenset[str]] = frozenset()
    """Endpoints that the connection's own account asks, also for a contributor who writes."""

    @property
    def site(self) -> StandIn:
        site: StandIn = self.world.site
        return site

    keeps = False
    """True where a call that read something before a fault gives that, and the next call meets the fault."""
    does_without: ClassVar[frozenset[str]] = frozenset()
    """Endpoints that a right of their own opens: without it less is said, and that is counted."""

    def connector(self, budget: Budget) -> Connector:
        connector: Connector = self.world.connector(budget=budget)
        return connector

    def change(self) -> None:
        """What happens between two walks."""
        self.world.add(self.world.ada, "Meanwhile")

    def revoke(self, request: Request) -> None:
        """No credential is good any more, just as `request` comes in."""

    def restore(self) -> None:
        """The same people may do the same things again."""


class Time:
    """Waiting takes none of ours."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    def wait(self, seconds: float) -> bool:
        self.now += seconds
        return False


@dataclass
class Attempt:
    """One deed, begun as often as it takes; holds what the daemon would have stored so far."""

    scene: Scene
    connector: Connector
    cursor: str | None = None
    """Of the last finished walk."""
    before: Said = field(default_factory=dict)
    pages: list[Page] = field(default_factory=list)
    baseline: str | None = None
    sent: bool = False
    receipt: Receipt | None = None

    @property
    def ada(self) -> Account:
        ada: Account = self.scene.world.ada
        return ada

    @property
    def entry(self) -> Entry:
        return ENTRY.model_copy(update={"target": f"{self.connector.name}:{self.scene.world.task}"})

    @property
    def writer(self) -> Writer:
        return self.connector.writer(self.ada, self.scene.world.credential(self.ada))

    def records(self) -> list[tuple[str, int]]:
        """The time that people see at the tool."""
        self.scene.world.settle()
        return [(record.author, record.minutes) for record in self.scene.world.posted()]


# --- deeds: what each leaves is what must be the same with and without a fault


def pull(attempt: Attempt) -> Any:
    """A walk, and one more, which must not have anything to add."""
    (partition,) = attempt.connector.partitions([attempt.ada])
    window = attempt.scene.world.window
    attempt.pages += walk(attempt.connector, partition, window, attempt.cursor)
    shown = said(attempt.pages, attempt.before)
    return shown, said(walk(attempt.connector, partition, window, attempt.pages[-1].cursor), shown)


def check(attempt: Attempt) -> Any:
    # what time it is there goes on
    return attempt.connector.check().model_copy(update={"told_at": None})


def accounts(attempt: Attempt) -> Any:
    return attempt.connector.accounts(["ada@northwind.example", "nobody@northwind.example"])


def containers(attempt: Attempt) -> Any:
    connector: Any = attempt.connector
    return connector.containers(attempt.ada)


def identify(attempt: Attempt) -> Any:
    credential = attempt.ada.credential or attempt.scene.world.credential(attempt.ada)
    return attempt.connector.identify(credential, "ada@northwind.example")


def baseline(attempt: Attempt) -> Any:
    return attempt.writer.baseline(attempt.entry)


def post(attempt: Attempt) -> Any:
    """As the daemon does it: after an attempt it looks, and sends again only what is not there."""
    if attempt.baseline is None:
        attempt.baseline = attempt.writer.baseline(attempt.entry)
    there = attempt.writer.find("k1", attempt.entry, attempt.baseline) if attempt.sent else None
    attempt.sent = True
    attempt.receipt = there or attempt.writer.post("k1", attempt.entry)
    return attempt.records()


def find(attempt: Attempt) -> Any:
    assert attempt.receipt and attempt.baseline is not None
    found = attempt.writer.find("k1", attempt.entry, attempt.baseline)
    return found is not None and found.id == attempt.receipt.id


def amend(attempt: Attempt) -> Any:
    assert attempt.receipt
    shorter = attempt.entry.model_copy(update={"minutes": 30, "text": "ACME, shorter", "revision": 2})
    amended = attempt.writer.amend(attempt.receipt, "k2", shorter)
    return amended.id == attempt.receipt.id, attempt.records()


def withdraw(attempt: Attempt) -> Any:
    assert attempt.receipt
    attempt.writer.withdraw(attempt.receipt)
    return attempt.records()


class Deed(NamedTuple):
    do: Callable[[Attempt], Any]
    after: Callable[[Attempt], Any] | None = None
    """What was done before, undisturbed."""
    own: bool = False
    """With the contributor's own credential."""
    writes: bool = False


DEEDS: Mapping[str, Deed] = {
    "pull": Deed(pull),
    "pull again": Deed(pull, after=pull),
    "check": Deed(check),
    "accounts": Deed(accounts),
    "containers": Deed(containers),
    "identify": Deed(identify, own=True),
    "baseline": Deed(baseline, own=True),
    "post": Deed(post, own=True, writes=True),
    "find": Deed(find, after=post, own=True),
    "amend": Deed(amend, after=post, own=True, writes=True),
    "withdraw": Deed(withdraw, after=post, own=True, writes=True),
}


# --- one row of the matrix


class Disturbance:
    """One fault at one endpoint, met once; a repeated page is given for ever, and nobody is let in again."""

    def __init__(self, scene: Scene, endpoint: str, fault: str, times: int) -> None:
        self.scene, self.endpoint, self.fault = scene, endpoint, fault
        self._last = times
        """How often the endpoint is asked by the deed: a credential is revoked before the last of it."""

    @contextmanager
    def at_work(self) -> Iterator[None]:
        site = self.scene.site
        self.happened, self._asked, self._again = False, 0, None
        self._genuine = site.answer
        if self.fault in (*FAULTS, *SCRIPTED):
            site.faults.script(self.endpoint, self.fault)
        site.answer = self._answer  # type: ignore[method-assign]
        try:
            yield
        finally:
            site.answer = self._genuine  # type: ignore[method-assign]
            site.faults.scripted.clear()
            if self.fault == REVOKED:
                self.scene.restore()

    def _answer(self, request: Request) -> tuple[Answer, str]:
        if self.scene.site.find(request.method, request.path)[0] != self.endpoint:
            return self._genuine(request)
        if self._again is not None:
            return self._again, ""
        self._asked += 1
        if self.fault == REVOKED and self._asked == self._last:
            self.scene.revoke(request)
        answer, fault = self._genuine(request)
        if self.fault != REPEATED:
            self.happened = True
        elif (body := endless(answer.body)) is not None:
            self.happened = True
            answer = self._again = replace(answer, body=body)
        return answer, fault


def endless(body: Any) -> Any:
    """The page with a word that another one follows, in its tool's own way; None where it is no page."""
    match body:
        case {"startAt": _, "total": _}:
            return {**body, "total": 9_999}
        case {"lastPage": _}:
            return {**body, "lastPage": False}
        case {"next_page": _}:
            return {**body, "next_page": {"offset": "again", "path": "/x", "uri": "https://app.asana.com/x"}}
        case {"issues": _} | {"issueChangeLogs": _} | {"kind": "calendar#events" | "calendar#calendarList"}:
            goes_on = {"isLast": False} if "isLast" in body else {}
            return {**body, **goes_on, "nextPageToken": "again"}
    return None


class Cell(NamedTuple):
    endpoint: str
    fault: str
    letter: str
    """Empty where this fault cannot be had."""
    wrong: str
    """What the contract does not allow; empty where it is kept."""


@dataclass
class Matrix:
    """All faults at all endpoints that one deed touches."""

    scene: Scene
    deed: Deed
    faults: Sequence[str] = ALL_FAULTS
    disturbance: type[Disturbance] = Disturbance

    def cells(self) -> Iterator[Cell]:
        self.scene.site.slowness = 0.001
        attempt = self._begun(Time())
        self.scene.site.reset_counts()
        meant = self.deed.do(attempt)
        for endpoint, times in self.scene.site.reset_counts().items():
            for fault in self._faults:
                yield self._cell(self.disturbance(self.scene, endpoint, fault, times), meant)

    @property
    def _faults(self) -> Iterator[str]:
        """A check asks for first pages alone: it never sees that one repeats."""
        return (fault for fault in self.faults if fault != REPEATED or self.deed.do is not check)

    def _cell(self, disturbance: Disturbance, meant: Any) -> Cell:
        """The deed meets the fault and is begun again; another one meets it behind our layers."""
        time = Time()
        attempt = self._begun(time)
        letter, wrong = self._told(attempt, disturbance, meant)
        where = disturbance.endpoint, disturbance.fault
        if not disturbance.happened:
            return Cell(*where, "", wrong)
        time.wait(7_200)  # longer than any tool may send us away
        wrong = wrong or self._ends(attempt, meant)
        if letter != ".":
            behind, also = self._told(self._begun(Time(), layered=True), disturbance, meant)
            letter, wrong = letter.lower() if behind == "." else letter, wrong or also
        return Cell(*where, letter, wrong)

    def _told(self, attempt: Attempt, disturbance: Disturbance, meant: Any) -> tuple[str, str]:
        """What the deed's caller is told, and what is wrong with that."""
        with disturbance.at_work():
            try:
                ended = self.deed.do(attempt)
            except Fault as fault:
                quotes = [word for word in ("@", "ACME call", "-token") if word in str(fault)]
                return letter_of(fault), f"quotes {quotes}" if quotes else ""
            except Exception as error:  # whatever it is, nobody was promised it
                return "!", f"{type(error).__name__} escaped: {error}"
        return ".", "" if ended == meant else f"ends with {ended} instead of {meant}"

    def _ends(self, attempt: Attempt, meant: Any) -> str:
        """Begun again, a deed ends where it ends undisturbed."""
        try:
            ended = self.deed.do(attempt)
        except Fault as fault:
            return f"again ends in {type(fault).__name__}: {fault}"
        return "" if ended == meant else f"again ends with {ended} instead of {meant}"

    def _begun(self, time: Time, *, layered: bool = False) -> Attempt:
        """A deed before its first attempt, by a connector that was just made."""
        for record in self.scene.world.posted():
            self.scene.world.erase(record.id)
        attempt = Attempt(self.scene, self._connector(time, layered=layered))
        if self.deed.after is pull:
            attempt.cursor, attempt.before = self._walked
        elif self.deed.after is not None:
            earlier = Attempt(self.scene, self._connector(time))
            self.deed.after(earlier)
            attempt.baseline, attempt.receipt = earlier.baseline, earlier.receipt
        return attempt

    @cached_property
    def _walked(self) -> tuple[str, Said]:
        """A first walk, after which something happened."""
        earlier = Attempt(self.scene, self._connector(Time()))
        shown, _ = pull(earlier)
        self.scene.change()
        self.scene.world.settle()
        return earlier.pages[-1].cursor, shown

    def _connector(self, time: Time, *, layered: bool = False) -> Connector:
        connector = self.scene.connector(Budget(10_000, 10_000, clock=time, wait=time.wait))
        if not layered:
            return connector
        pacing = Pacing(PolicyFiltered(connector, EVERYTHING), clock=time)
        return Logged(Retrying(pacing, wait=time.wait))


def letter_of(fault: Fault) -> str:
    match fault:
        case Endless():
            return "E"
        case Paced():
            return "P"
        case Unavailable():
            return "U"
        case Refused(whose=whose):
            return {"connection": "C", "account": "A", "entry": "N"}[whose]
        case CursorExpired():
            return "X"
    return "?"


def expected(scene: Scene, deed: Deed, endpoint: str, fault: str) -> str:
    """The letters that the contract wants, usually one."""
    if fault in HARMLESS:
        return "."
    if fault in TOO_LONG:
        return "P"
    if fault == REPEATED:
        return "E"
    if fault == REVOKED:
        return "A" if deed.own and endpoint not in scene.shared else scene.whose
    if fault.startswith("429"):
        letter = "p"
    elif deed.writes and not endpoint.startswith("GET"):
        letter = "?"
    else:
        letter = "u"
    bodiless = fault == "truncated" and endpoint.startswith("DELETE")
    return letter + ("." if bodiless or (deed.do is pull and scene.keeps) else "")


def table(rows: Iterable[tuple[str, str, Mapping[str, str]]]) -> Iterator[str]:
    """The matrix for people, a fault a column.

    Takes    (scene, deed and endpoint, letter by fault) of each row
    """
    rows = sorted(rows, key=lambda row: row[0])
    width = max(len(label) for _, label, _ in rows)
    height = max(map(len, ALL_FAULTS))
    yield from LEGEND.splitlines()
    for line in range(height):
        yield " " * width + "".join(f" {fault.rjust(height)[line]}" for fault in ALL_FAULTS)
    for scene, several in groupby(rows, key=lambda row: row[0]):
        yield scene
        for _, label, letters in several:
            yield label.ljust(width) + "".join(f" {letters.get(fault) or ' '}" for fault in ALL_FAULTS)
