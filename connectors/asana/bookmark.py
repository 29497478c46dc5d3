"""How far a walk through one contributor's tasks has come: all that is remembered between two calls.

    tasks ------> left ------> entries ------> done
    the list of   those that   their time      the next walk
    what changed  the list     elsewhere       begins here
    (paged)       leaves out   (whole walks)

The list of somebody's tasks shows only those assigned to them now. A task they
handed on is asked for by its gid, once a day, for as long as it has evidence in
the window: that is what `known` is for.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Literal

from pydantic import AwareDatetime, ValidationError, field_serializer

from connectors.asana.asking import endless
from connectors.contract import CursorExpired
from core.model import Noun

OVERLAP = timedelta(minutes=2)
"""Asked for twice, because what was changed a moment ago may show up a moment later."""
MANY = 10
"""So many tasks changed by one person within a minute are one action on a list, not work on each."""

Stage = Literal["tasks", "left", "entries", "done"]


class Bookmark(Noun):
    """The cursor: gids and times, no name and no word of anybody."""

    day: date
    """The local day of the last whole walk, or of this one."""
    asked: str
    """Fingerprint of what the policy let us ask; a change of it needs a whole walk."""
    workspace: str
    whole: bool
    stage: Stage
    since: AwareDatetime
    """Tasks modified since then are listed."""
    latest: AwareDatetime
    """The latest modification Asana has told of: positions come from its answers, never from our clock."""
    offset: str | None = None
    """Where the present page of the list begins."""
    passed: tuple[str, ...] = ()
    """Offsets of pages that lie behind, to notice a list that goes round in circles."""
    shown: Mapping[str, AwareDatetime] = {}
    """Tasks already read, with their modification then: in this walk, or just before the last one ended."""
    known: frozenset[str] = frozenset()
    """Tasks with evidence in the window."""
    left: tuple[str, ...] = ()
    """Tasks still to be asked for one by one."""
    entries: frozenset[str] = frozenset()
    """Time entries shown with their tasks in this walk."""
    touched: Mapping[str, tuple[str, ...]] = {}
    """Minute -> the tasks this contributor touched in it, in this walk."""
    bulk: frozenset[str] = frozenset()
    """Minutes that were bulk edits."""

    @field_serializer("known", "entries", "bulk")
    def _in_order(self, several: frozenset[str]) -> list[str]:
        """The same bookmark is always the same text."""
        return sorted(several)

    # --- one task

    def is_new(self, task: str, modified: datetime) -> bool:
        return self.shown.get(task) != modified

    def having_read(
        self, task: str, *, evidence: bool, entries: Iterable[str], minutes: Iterable[str]
    ) -> Bookmark:
        touched = {minute: (*self.touched.get(minute, ()), task) for minute in minutes}
        return self.model_copy(
            update={
                "known": self.known | {task} if evidence else self.known - {task},
                "entries": self.entries | set(entries),
                "touched": {**self.touched, **touched},
            }
        )

    def having_shown(self, task: str, modified: datetime, no_later_than: datetime) -> Bookmark:
        """A task of the list was read.

        Takes    the end of the window: one date in 2099 must not hide what changes before
        """
        latest = max(self.latest, min(modified, no_later_than))
        return self.model_copy(update={"shown": {**self.shown, task: modified}, "latest": latest})

    # --- one stage after the other

    def on(self, offset: str | None) -> Bookmark:
        """The present page of the list, of tasks or of entries, is done.

        Raises   Endless where the next one was there before
        """
        if offset is None:
            return self._after_the_list() if self.stage == "tasks" else self._done()
        if offset == self.offset or offset in self.passed:
            raise endless("a list")
        passed = (*self.passed, self.offset) if self.offset else self.passed
        return self.model_copy(update={"offset": offset, "passed": passed})

    def without_first_left(self, count: int) -> Bookmark:
        left = self.left[count:]
        rest = self.model_copy(update={"left": left})
        return rest if left else rest._after_those_left()

    def _after_the_list(self) -> Bookmark:
        """Ask for what the list left out, and again for what turned out to be part of a bulk edit."""
        bulk = {minute: tasks for minute, tasks in self.touched.items() if len(tasks) >= MANY}
        again = {task for tasks in bulk.values() for task in tasks}
        missing = [task for task in self.left if task not in self.shown]
        after = self._turned("left").model_copy(
            update={"left": (*missing, *sorted(again)), "bulk": self.bulk | bulk.keys()}
        )
        return after if after.left else after._after_those_left()

    def _after_those_left(self) -> Bookmark:
        return self._turned("entries") if self.whole else self._done()

    def _turned(self, stage: Stage) -> Bookmark:
        return self.model_copy(update={"stage": stage, "offset": None, "passed": ()})

    def _done(self) -> Bookmark:
        recent = {task: at for task, at in self.shown.items() if at >= self.latest - OVERLAP}
        return self._turned("done").model_copy(
            update={"whole": False, "shown": recent, "left": (), "entries": frozenset(), "touched": {}}
        )

    # --- the next walk

    def begun(self, day: date, asked: str, start: datetime) -> Bookmark:
        """What a new walk starts from: the changes since, or the whole window once a day."""
        if self.stage != "done":
            return self
        if (day, asked) == (self.day, self.asked):
            return self._turned("tasks").model_copy(update={"since": self.latest - OVERLAP})
        whole = at_first(day, asked, self.workspace, start)
        begins = start.isoformat(timespec="minutes")
        bulk = frozenset(minute for minute in self.bulk if minute >= begins)
        return whole.model_copy(update={"left": tuple(sorted(self.known)), "bulk": bulk})


def at_first(day: date, asked: str, workspace: str, start: datetime) -> Bookmark:
    """A walk over the whole window, by somebody who knows of nothing."""
    return Bookmark(
        day=day, asked=asked, workspace=workspace, whole=True, stage="tasks", since=start, latest=start
    )


def opened(cursor: str) -> Bookmark:
    try:
        return Bookmark.model_validate_json(cursor)
    except ValidationError:
        raise CursorExpired("This bookmark is not one of ours; pull the whole window.") from None
