"""One loop from its beginning to its end, through as many deaths as somebody plans, and what is there then.

Each process is forked from a parent that has imported everything, so that this is paid for once.
"""

from __future__ import annotations

import multiprocessing
import sqlite3
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, suppress
from datetime import date
from functools import cache
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import select

from daybook.store.schema import partitions
from daybook.store.unit import Unit
from daybook.wiring import open_house
from tests.kill_sweep import calls, loop
from tests.kill_sweep.calls import Call, watched
from tests.kill_sweep.clock import Clock
from tests.kill_sweep.loop import Plant
from tests.kill_sweep.outside import Outside

FAST = Path("/dev/shm")
"""A file system in memory: what a killed process wrote is there, whatever a disk had of it by then."""
STORE, SENDS = Path("home", "daybook.db"), Path("home", "daybook.db.sends")
KILLED = -9

_forking = multiprocessing.get_context("forkserver")
_forking.set_forkserver_preload(["__main__", "tests.kill_sweep.warm"])


class Life(NamedTuple):
    """One loop, however many processes it took."""

    there: Counter[str]
    """What is there when nothing is left to do: at the tools, in the mailbox, in the store."""
    wrong: tuple[str, ...]
    """What must not be, whatever there is in other lives."""
    deaths: tuple[Counter[str], ...]
    """What was there outside at each death."""
    calls: tuple[Call, ...]
    """Of its last process, where they were noted."""


def lived(kills: Sequence[Call] = (), plant: Plant | None = None, *, noted: bool = False) -> Life:
    """Live one: the n-th process dies at the n-th of these calls, and the one after the last goes on.

    Takes    noted: whether the calls of that last one are
    """
    with ExitStack() as stack:
        home = tempfile.TemporaryDirectory(prefix="daybook-", dir=FAST if FAST.is_dir() else None)
        folder = Path(stack.enter_context(home))
        (folder / STORE).parent.mkdir()
        outside = Outside(Clock(folder / "clock"))
        stack.enter_context(outside.running())
        file = outside.configuration(folder, f"sqlite:///{folder / STORE}")
        deaths, wrong = [], []
        for kill in kills:
            if (code := Process(folder, plant, kill).ends()) != KILLED:
                wrong.append(f"ended with {code} before {kill}")
                break
            outside.settles()
            deaths.append(outside.stands())
            wrong += _early(folder, outside)
        if code := Process(folder, plant, watch=noted).ends():
            wrong.append(f"ended with {code}")
        there = (
            outside.stands() + stored(file, folder) + _file(folder / STORE) if not code else Counter[str]()
        )
        found = calls.read(folder / "strace", folder / "diary", folder / "home") if noted else ()
        return Life(there, tuple(wrong), tuple(deaths), tuple(found))


@cache
def undisturbed() -> Life:
    """The life of a loop that nobody kills."""
    life = lived(noted=True)
    assert not life.wrong, life.wrong
    return life


def harm(life: Life, undisturbed: Life) -> list[str]:
    """What is otherwise than in an undisturbed life."""
    ours, theirs = life.there, undisturbed.there
    more = [f"too much: {count} x {what}" for what, count in sorted((ours - theirs).items())]
    return [
        *life.wrong,
        *more,
        *(f"lost: {count} x {what}" for what, count in sorted((theirs - ours).items())),
    ]


class Process:
    """One process of the loop, which began.

    Takes    kill: where it dies
             watch: whether its calls are noted
             seat: which one of two it is; None for one that is alone
    """

    def __init__(
        self,
        folder: Path,
        plant: Plant | None = None,
        kill: Call | None = None,
        *,
        watch: bool = False,
        seat: int | None = None,
    ) -> None:
        self._record, self._kill = folder / "strace", kill
        self._stops = kill.line if kill else 0 if watch else None
        self._gate, there = _forking.Pipe()
        self._child = _forking.Process(target=loop.run, args=(folder, plant, self._stops, there, seat))
        self._child.start()
        there.close()

    def ends(self) -> int:
        """Wait until it ended or died; gives its exit code."""
        assert self._child.pid is not None
        with self._gate, ExitStack() as stack, suppress(EOFError):  # it ended before it came so far
            if self._stops is not None:
                self._gate.recv()
                stack.enter_context(watched(self._child.pid, self._record, self._kill))
                self._gate.send(None)
        self._child.join()
        assert self._child.exitcode is not None
        return self._child.exitcode


def _early(folder: Path, outside: Outside) -> list[str]:
    """Requests that left before they were counted beside the store (R-09)."""
    noted, left = folder / SENDS, outside.asked_to_write()
    counted = int(noted.read_text()) if noted.exists() else 0
    return [f"{left} requests that write left, {counted} were counted"] if left > counted else []


def stored(file: Path, folder: Path) -> Counter[str]:
    """What the store says, in words that are the same in every life."""
    house = open_house(file, Clock(folder / "clock"))
    with closing(house.store), house.store.reading() as tx:
        return Counter(_rows(tx, house.store.sends.told()))


def _rows(tx: Unit, told: int) -> Iterator[str]:
    for who in tx.people.all():
        yield from (f"lent {grant.connection}: {grant.refused or 'works'}" for grant in tx.grants.of(who.id))
        days = tx.drafts.between(who.id, date.min, date.max)
        for held in (held for day in days for held in tx.drafts.of(who.id, day)):
            said = held.draft.suggestion
            yield f"draft of {said.day} for {said.target}: {said.minutes} min, {held.draft.decision}"
        for one in (filed.posting for filed in tx.postings.all_of(who.id)):
            sure = "in doubt" if one.in_doubt else "sure"
            yield f"posting to {one.target}: {one.entry.minutes} min, {one.state}, {sure}"
            for entry in tx.entries.revisions(who.id, one.entry.id):
                yield f"entry for {entry.target}, revision {entry.revision}: {entry.minutes} min"
    for pull in tx.partitions.all():
        yield f"pulled {pull.connection}: {pull.failures} failures, bookmark: {pull.has_cursor}"
    for claim in tx.connection.execute(select(partitions.c.claimed_by)).scalars():
        yield f"pull is {'claimed' if claim else 'free'}"
    for source, kinds in tx.evidence.tally().items():
        yield from (f"evidence of {source}: {count} x {kind}" for kind, count in kinds.items())
    yield from (f"{count} mails {state}" for state, count in tx.mails.tally().items())
    yield f"taken for an older copy: {tx.restored_at() is not None}, behind: {told > tx.sends()}"


def _file(store: Path) -> Counter[str]:
    with closing(sqlite3.connect(store)) as database:
        checks = [
            database.execute(f"PRAGMA {check}").fetchall()
            for check in ("integrity_check", "foreign_key_check")
        ]
    return Counter([f"the database: {checks}"])
