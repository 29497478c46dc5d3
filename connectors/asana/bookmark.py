"""How far a walk through the lists of tasks has come: all that is remembered between two calls.

    tasks -------> left --------> entries -----> done
    what the       those that     what was       the next walk
    lists show     no list        logged         begins here
    (paged)        shows                         (paged)

A list of a person's tasks shows those assigned to them now, one of a project
those that are in it now. A task that left is asked for by its gid, once a day,
for as long as it may have evidence in the window: that is what `known` is for.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from http import HTTPStatus
from typing import Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, field_serializer

from connectors.asana.asking import endless

OVERLAP = timedelta(minutes=2)
"""Asked for twice, because what was changed a moment ago may show up a moment later."""
MANY = 10
"""So many tasks changed by one person within a minute are one action on a list, not work on each."""
MOST_AGAIN = 3
"""A list whose next page is refused so often has none."""

Stage = Literal["tasks", "left", "entries", "done"]
Scope = Literal["whole", "wide", "news"]
"""whole: all of the window is read and said; wide: all of it is looked at, what differs is read; news: what
was modified since the last walk."""


class Bookmark(BaseModel):
    """The cursor: gids and times, no name and no word of anybody. It moves on while a walk takes its step."""

    model_config = ConfigDict(extra="forbid")

    asked: str
    """Fingerprint of what is asked for; a change of it needs a whole walk."""
    workspace: str
    day: date
    """Of the last walk that was whole or wide, or of this one."""
    week: date
    """Of the last whole walk, or of this one."""
    scope: Scope = "whole"
    stage: Stage = "tasks"
    lists: list[str] = []
    """What this walk still has to go through, the present one first."""
    offset: str | None = None
    """Where the present page of the present list begins."""
    passed: list[str] = []
    """Offsets of pages that lie behind, to notice a list that goes round in circles."""
    again: int = 0
    """How often the present list was begun again."""
    since: dict[str, AwareDatetime] = {}
    """List -> tasks modified since then are news. Times that Asana told of: our clock may be wrong."""
    reached: AwareDatetime | None = None
    """The latest modification the present list told of, up to its first task that was read: what changes
    while that takes its time is news to the next walk."""
    quick: bool = True
    """Nothing of the present list was read so far."""
    shown: dict[str, str] = {}
    """Task -> print of what was read of it last; in whole and wide walks only of what they came across."""
    before: dict[str, str] = {}
    """The same, of the walks before this wide one."""
    known: dict[str, date] = {}
    """Tasks with evidence in the window, and when they were modified."""
    left: list[str] = []
    """Tasks still to be asked for one by one."""
    timed: bool = False
    """A task with time on it was news in this walk."""
    entries: dict[str, tuple[date, str, str]] = {}
    """Time entry -> its day, the task it hangs on ("" where nobody told), and the print of what was read."""
    entered: date | None = None
    """The first day whose time this walk asks for."""
    told: set[str] = set()
    """Time entries this walk came across."""
    touched: dict[str, list[str]] = {}
    """Minute and person -> the tasks they touched in it, in this walk."""
    bulk: set[str] = set()
    """Those that were bulk edits."""

    @field_serializer("told", "bulk")
    def _in_order(self, several: set[str]) -> list[str]:
        """The same bookmark is always the same text."""
        return sorted(several)

    @property
    def place(self) -> tuple[object, ...]:
        """Another one after all that moves a walk on."""
        counts = (self.lists, self.left, self.shown, self.told)
        return self.stage, self.offset, *map(len, counts)

    # --- one list

    @property
    def present(self) -> str:
        return self.lists[0]

    def on(self, offset: str | None) -> bool:
        """The present page of a list is done; True where the list goes on.

        Raises   Endless where the next page was there before
        """
        if offset is None:
            self.offset, self.passed, self.again = None, [], 0
            return False
        if offset == self.offset or offset in self.passed:
            raise endless("a list")
        self.passed += [self.offset] if self.offset else []
        self.offset = offset
        return True

    def list_again(self) -> None:
        """From the first page of the present list; what it showed already is not read again.

        Raises   Endless where that does not help
        """
        if self.again == MOST_AGAIN:
            raise endless("a list")
        self.offset, self.passed, self.again = None, [], self.again + 1

    def has_expired(self, status: int) -> bool:
        """Whether Asana has forgotten where the present list goes on; it is read from its first page again.

        The walk goes on: a new one would not find what left the lists since its evidence was read.
        Source   an offset that is too old is told as a malformed request
        """
        if status != HTTPStatus.BAD_REQUEST or not self.offset:
            return False
        self.list_again()
        return True

    def notice(self, latest: datetime | None) -> None:
        """Where the next walk may begin, from a page of a list.

        Takes    when anything on it was modified last
        """
        if self.offset is None:
            self.reached, self.quick = latest, True
        elif self.quick and latest is not None:
            self.reached = max(latest, self.reached or latest)

    def end_list(self) -> None:
        """The next list, or the next stage."""
        ended = self.lists.pop(0)
        if self.reached is not None and ended in self.since:
            self.since[ended] = max(self.since[ended], self.reached - OVERLAP)
        self.reached = None
        if not self.lists:
            self.end_lists()

    def end_lists(self) -> None:
        """Ask for what no list showed, and again for what turned out to be part of a bulk edit."""
        bulk = {minute: tasks for minute, tasks in self.touched.items() if len(tasks) >= MANY}
        again = {task for tasks in bulk.values() for task in tasks}
        self.bulk |= bulk.keys()
        for task in again:
            self.shown.pop(task, None)
        missing = () if self.scope == "news" else (task for task in self.known if task not in self.shown)
        self.left = sorted({*missing, *again})
        self.stage = "left"

    # --- one task

    def is_new(self, task: str, seen: str) -> bool:
        return self.shown.get(task, self.before.get(task)) != seen

    def having_read(self, task: str, *, evidence: date | None, minutes: Iterable[str]) -> None:
        """Takes    evidence: when the task was modified, where it has any"""
        for minute in minutes:
            tasks = self.touched.setdefault(minute, [])
            if task not in tasks:
                tasks.append(task)
        if evidence is None:
            self.known.pop(task, None)
        else:
            self.known[task] = evidence

    # --- one walk

    def end(self) -> None:
        self.stage, self.timed, self.entered = "done", False, None
        self.before, self.told, self.touched = {}, set(), {}

    def begin(
        self, scope: Scope, day: date, start: datetime, news: Sequence[str], further: Sequence[str]
    ) -> None:
        """A new walk: through the lists that tell what is new, or through all of them."""
        self.scope, self.stage = scope, "tasks"
        self.since = {one: self.since.get(one, start) for one in news}
        if scope == "news":
            self.lists = [*news]
        else:
            self.lists = [*news, *further]
            self.before, self.shown = self.shown if scope == "wide" else {}, {}
            self.known = {task: at for task, at in self.known.items() if at >= start.date()}
            self.bulk = {minute for minute in self.bulk if minute >= start.isoformat(timespec="minutes")}
            self.day = day
        if scope == "whole":
            self.week = day
        if not self.lists:
            self.end_lists()
