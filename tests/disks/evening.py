"""One evening of the real program, with a diary of what people were thanked for and what stood at the tool.

It is recorded as it happens, and every moment of it is a moment at which the power may go.
"""

from __future__ import annotations

import json
import os
import pickle
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from config.schema import PageSettings
from connectors.memory import Memory, Record, Tool
from core import rounds
from daybook import deeds, jobs, restored, state
from daybook.house import House, Member
from daybook.page.app import create
from daybook.store import Store, StoreUnavailable
from tests.daybook.conftest import Clock, minted
from tests.daybook.page.browser import Browser
from tests.simulation.ground import KEY, MORNING, THURSDAY, configuration, meeting, token

DIARY = "diary"
TRIES, ROUNDS = 5, 30
World = dict[str, int]
"""What somebody said at last: text -> minutes of what is to stand at the tool."""


class Diary:
    """Written where strace sees it, between the writes it is about; no power cut takes it away."""

    def __init__(self, folder: Path) -> None:
        self._file = os.open(folder / DIARY, os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    def says(self, what: str, **more: Any) -> None:
        os.write(self._file, json.dumps({"what": what, **more}).encode() + b"\n")

    @contextmanager
    def thanks(self, wanted: World) -> Iterator[None]:
        """Somebody presses a button: if it is done, this is what they want in the end."""
        self.says("asked", wanted=wanted)
        yield
        self.says("thanked", wanted=wanted)


class Records(dict[str, Record]):
    """What stands at the tool; whatever changes there is in the diary."""

    def __init__(self, diary: Diary) -> None:
        super().__init__()
        self._diary = diary

    def __setitem__(self, number: str, record: Record) -> None:
        super().__setitem__(number, record)
        self._told()

    def __delitem__(self, number: str) -> None:
        super().__delitem__(number)
        self._told()

    def _told(self) -> None:
        self._diary.says("world", records=pickle.dumps(dict(self)).hex())


@dataclass
class Daybook:
    """A house on a folder, with a clock and a tool that are not on its disk."""

    house: House
    clock: Clock
    tool: Tool

    @classmethod
    def on(cls, folder: Path, now: datetime = MORNING) -> Daybook:
        page = PageSettings(url="https://daybook.northwind.example")
        said, clock, tool = configuration().model_copy(update={"page": page}), Clock(now), Tool(now=now)
        assert said.policy is not None
        for name in ("ada", "ben"):
            address = f"{name}@northwind.example"
            tool.tokens[token(address).get_secret_value()] = address
        store = Store.open(f"sqlite:///{folder}/daybook.db", KEY)
        return cls(House(said, said.policy, {"memory": Memory(tool)}, store, clock), clock, tool)

    def does(self, *kinds: type) -> None:
        """All that is due, of these kinds; what a failure left claimed is free again after a while."""
        for _ in range(ROUNDS):
            work = [one for one in self._due() if isinstance(one, kinds)]
            if not work:
                return
            for one in work:
                jobs.perform(self.house, one)
            self.waits(1)
        raise AssertionError(f"never ends: {work}")

    def _due(self) -> list[rounds.Work]:
        return rounds.due(state.snapshot(self.house, self.clock()), self.clock())

    def waits(self, minutes: int) -> None:
        self.clock.wait(minutes=minutes)
        self.tool.now += timedelta(minutes=minutes)

    def member(self, name: str) -> Member:
        with self.house.store.reading() as tx:
            return next(one for one in self.house.members(tx) if one.person.name == name)

    def posts(self) -> None:
        """Time goes by until nothing is left to post; an answer that was lost is looked for."""
        for _ in range(6):
            self.waits(10)
            with self.house.store.reading() as tx:
                waiting = tx.postings.waiting(self.clock())
            for one in waiting:
                jobs.post(self.house, one.id)


class Evening:
    """What happens, step by step; a step that the disk did not let happen is tried again."""

    def __init__(self, folder: Path, diary: Diary | None = None) -> None:
        self.diary = diary or Diary(folder)
        self.ours = Daybook.on(folder)
        self.ours.tool.records = Records(self.diary)
        self.house = self.ours.house

    def passes(self) -> None:
        steps = (
            self.people_agree,
            lambda: restored.begin(self.house),
            self.meetings_are_read,
            self.ada_confirms_on_the_page,
            self.some_is_posted,
            self.ben_confirms,
            lambda: self.ours.does(rounds.Forget),  # all of the database is written anew
            self.ours.posts,
            self.ada_corrects,
            self.ours.posts,
            self.ada_takes_back,
            self.ours.posts,
        )
        with ExitStack() as held:
            for step in (lambda: held.enter_context(self.house.store.hold()), *steps):
                _again(step)
        self.house.store.close()

    def people_agree(self) -> None:
        with self.house.store.writing() as tx:
            for person in self.house.configuration.people:
                now = self.house.clock()
                who = tx.people.enrol(person.email, now)
                tx.people.invited(who.id, self.house.policy_version, now)
                tx.people.acknowledge(who.id, self.house.policy_version, now)
                tx.grants.save(who.id, "memory", person.email, token(person.email), now)
            tx.tended(self.house.clock())

    def meetings_are_read(self) -> None:
        for who, number, minutes in (("ada", 1, 30), ("ada", 2, 45), ("ben", 3, 60), ("ada", 4, 15)):
            told = meeting(f"m{number}", THURSDAY, number * 90, minutes, f"call {number}")
            self.ours.tool.put(f"{who}@northwind.example", told)
        self.ours.does(rounds.Pull, rounds.Reconcile)

    def ada_confirms_on_the_page(self) -> None:
        browser = Browser(create(self.house))
        page = browser.open(minted(self.house, self.ours.member("Ada")))
        with self.diary.thanks({"call 1": 30, "call 2": 45, "call 4": 15}):
            answer = browser.press(page, "Confirm all 3")
            if answer.status == 503:
                raise StoreUnavailable(answer.text)
            assert answer.status == 200

    def some_is_posted(self) -> None:
        self.ours.waits(16)
        self.ours.tool.mishaps = ["", "lost"]
        self.ours.does(rounds.Post)

    def ben_confirms(self) -> None:
        with self.diary.thanks({"call 1": 30, "call 2": 45, "call 4": 15, "call 3": 60}):
            assert deeds.confirm(self.house, self.ours.member("Ben"), THURSDAY).done

    def ada_corrects(self) -> None:
        with self.diary.thanks({"call 1": 25, "call 2": 45, "call 4": 15, "call 3": 60}):
            assert deeds.correct(self.house, *self._hers("call 1"), minutes=25).done

    def ada_takes_back(self) -> None:
        with self.diary.thanks({"call 1": 25, "call 2": 45, "call 3": 60}):
            assert deeds.undo(self.house, *self._hers("call 4")).done

    def _hers(self, text: str) -> tuple[Member, str]:
        ada = self.ours.member("Ada")
        with self.house.store.reading() as tx:
            drafts = [held.draft for held in tx.drafts.of(ada.id, THURSDAY)]
        return ada, next(one.key for one in drafts if one.suggestion.text == text)


def _again(step: Callable[[], object]) -> None:
    for _ in range(TRIES):
        try:
            step()
            return
        except StoreUnavailable:
            continue
    raise AssertionError("the disk never did its part")
