"""The program that is killed: a whole loop in one thread, from an empty store to corrected time.

It does what the daemon does, one thing after the other, and plays Ada in between. Started anew after it died
anywhere, it goes on from what the store says. On a server it is one of two that take turns. Its diary says
what is being done, for whoever counts its system calls, and what Ada was thanked for.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from multiprocessing.connection import Connection
from pathlib import Path

import pytest
import structlog
from pydantic import SecretStr

from core import rounds
from daybook import deeds, jobs, joining, restored, state
from daybook.daemon import enrol
from daybook.house import House
from daybook.store.beats import Beats
from daybook.store.drafts import Held
from daybook.store.wall import Wall
from daybook.store.workers import BEAT
from daybook.wiring import open_house
from tests.kill_sweep.clock import MORNING, Clock
from tests.kill_sweep.turns import Turns, go_by

Plant = Callable[[pytest.MonkeyPatch], None]
THANKED = "thanked for: "
TICK, PAUSE = timedelta(minutes=40), timedelta(minutes=1)
QUIET = 5
"""So many looks in a row, a tick between them, show that nothing but pulling goes on."""
MOST = 80
"""Looks at the state, over a whole run: it goes in circles if it needs more."""
MISSED = timedelta(minutes=1)
"""The longest that anything waits for a worker who is dead."""
YESTERDAY = MORNING.date() - timedelta(days=1)
TOKEN = SecretStr("token-of-ada@northwind.example")


def run(folder: Path, plant: Plant | None, stops: int | None, gate: Connection, seat: int | None) -> None:
    """Go on until nothing is left to do.

    Takes    plant: breaks the program first, for whoever wants to see that it is noticed
             stops: after so many lines of its diary it says so at the gate, and waits until it is let on
             seat: which one of two this is; None for one that is alone
    """
    patch, clock = pytest.MonkeyPatch(), Clock(folder / "clock")
    if plant is not None:
        plant(patch)
    if seat is not None:
        go_by(clock, patch, seat)
    structlog.configure(logger_factory=structlog.ReturnLoggerFactory())
    diary, turns = Diary(folder, stops, gate), Turns(folder / "turns", seat)
    try:
        turns.wait()
        diary.write("opens")
        house = open_house(folder / "daybook.yaml", clock if seat is None else None)
        with house.store.hold(dispatches=True):
            enrol(house)
            restored.begin(house)
            _loop(house, diary, clock, turns)
        diary.write("closes")
        house.store.close()
    finally:
        turns.leave()


def _loop(house: House, diary: Diary, clock: Clock, turns: Turns) -> None:
    signs, quiet = Signs(house, clock), 0
    for _ in range(MOST if turns.seat is None else 4 * MOST):  # one of two does one thing a look
        turns.pass_on()
        turns.wait()
        signs.give()
        if turns.is_alone:
            signs.take_over(lambda: _works(house, diary))
        works = _works(house, diary, None if turns.is_alone else 1)
        ada = Ada(house, diary, clock)
        if lost := ada.is_let_down():
            raise AssertionError(f"was acknowledged, and is not there: {lost}")
        if ada.acts() or not works <= {"Pull", "Forget", "Tend"}:
            quiet = 0
        elif not works:
            clock.passes(TICK)
            quiet += 1
        if quiet > QUIET:
            return
    raise AssertionError("it goes in circles")


class Signs:
    """Those of life that one of two gives; there are none of one that is alone."""

    def __init__(self, house: House, clock: Clock) -> None:
        self._store, self._clock, self._given = house.store, clock, clock()
        wall, worker = house.store.wall, house.store.worker
        self._beats = Beats(house.store, worker, wall) if worker and isinstance(wall, Wall) else None

    def give(self) -> None:
        """As often as time says."""
        if self._beats is not None and self._clock() - self._given >= BEAT:
            self._beats.beat()
            self._given = self._clock()

    def take_over(self, work: Callable[[], object]) -> None:
        """Work on while the dead one is still counted among the living, which is over within a minute."""
        for _ in range(MISSED // BEAT):
            with self._store.reading() as tx:
                if len(tx.workers.all()) == 1:
                    return
            work()
            self._clock.passes(BEAT)
            self.give()
        raise AssertionError("the dead one is not missed")


class Diary:
    """Lines on the disk, each by one call."""

    def __init__(self, folder: Path, stops: int | None, gate: Connection) -> None:
        self._path = folder / "diary"
        self._file = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        self._lines, self._stops, self._gate = 0, stops, gate
        self._wait_at_gate()

    @property
    def thanked(self) -> list[str]:
        """For what Ada was, by whichever process."""
        lines = self._path.read_text().splitlines()
        return [line.removeprefix(THANKED) for line in lines if line.startswith(THANKED)]

    def write(self, line: str) -> None:
        os.write(self._file, f"{line}\n".encode())
        self._lines += 1
        self._wait_at_gate()

    def _wait_at_gate(self) -> None:
        if self._lines == self._stops:
            self._gate.send(None)
            self._gate.recv()


def _works(house: House, diary: Diary, most: int | None = None) -> set[str]:
    """Do what is due, or the first of it, as the daemon would; gives the kinds of work that was."""
    due = rounds.due(state.snapshot(house, house.clock()), house.clock())[:most]
    for work in due:
        diary.write(f"{type(work).__name__} {getattr(work, 'connection', '')}".strip())
        with suppress(jobs.Moved):
            jobs.perform(house, work)
    return {type(work).__name__ for work in due}


class Ada:
    """She reads the policy, lends her accounts, confirms yesterday, and thinks again about two of three.

    What she sees decides what she does, as with anybody who finds the page broken off and opens it anew.
    """

    def __init__(self, house: House, diary: Diary, clock: Clock) -> None:
        self._house, self._diary, self._clock = house, diary, clock
        with house.store.reading() as tx:
            self._who = who = house.members(tx)[0]
            self._lent = {grant.connection for grant in tx.grants.of(who.id)}
            digest = tx.mails.last(who.id, "digest")
            self._has_mail = digest is not None and digest.state == "sent"
            self._drafts = sorted(tx.drafts.of(who.id, YESTERDAY), key=_target, reverse=True)
            self._postings = {
                filed.posting.entry.id: filed.posting for filed in tx.postings.of(who.id, YESTERDAY)
            }
            self._entries = tx.entries.from_drafts(who.id, [one.draft.key for one in self._drafts])

    def acts(self) -> bool:
        """Do one thing, if there is one to do."""
        house, who = self._house, self._who
        if not who.contributor.invited:
            return False
        if not who.consent:
            return self._did("acknowledge", lambda: joining.acknowledge(house, who, house.policy_version))
        if lacking := sorted({"jira", "asana"} - self._lent):
            tool = lacking[0]
            return self._did(f"connect {tool}", lambda: joining.connect(house, who, tool, TOKEN))
        if self._has_mail and (waiting := [one for one in self._drafts if one.draft.decision == "open"]):
            return self._confirms(waiting[0])
        if first := self._posted("WEB-1", revision=1):
            return self._did("correct", lambda: deeds.correct(house, who, first, minutes=90).done)
        if second := self._posted("WEB-2", revision=1):
            return self._did("take back", lambda: deeds.undo(house, who, second).done)
        return False

    def _confirms(self, one: Held) -> bool:
        self._clock.passes(PAUSE)  # so that what she says first is posted first
        what, seen = f"confirm {_target(one)}", {one.draft.key: one.revision}
        return self._did(what, lambda: deeds.confirm(self._house, self._who, YESTERDAY, seen).done)

    def is_let_down(self) -> list[str]:
        """What she was thanked for and finds undone."""
        stands = {
            "acknowledge": bool(self._who.consent),
            "connect jira": "jira" in self._lent,
            "connect asana": "asana" in self._lent,
            **{f"confirm {entry.target}": True for entry in self._entries.values()},
            "correct": any(entry.minutes == 90 for entry in self._entries.values()),
            "take back": any(one.leaving or one.state == "withdrawn" for one in self._postings.values()),
        }
        return [deed for deed in self._diary.thanked if not stands.get(deed)]

    def _did(self, what: str, deed: Callable[[], object]) -> bool:
        self._diary.write(f"Ada {what}")
        if not deed():
            raise AssertionError(f"Ada could not {what}")
        self._diary.write(THANKED + what)
        return True

    def _posted(self, task: str, revision: int) -> str:
        """The key of the draft whose entry in this revision is at its target; empty where there is none."""
        for draft in (one.draft for one in self._drafts if one.draft.decision == "confirmed"):
            entry = self._entries[draft.key]
            posting = self._postings.get(entry.id)
            if entry.revision == revision and posting and (posting.state, posting.task) == ("posted", task):
                return draft.key
        return ""


def _target(held: Held) -> str:
    return held.draft.suggestion.target or ""
