"""One step of a walk: a few requests, what they say, and where the walk stands after them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from http import HTTPStatus
from typing import TypeVar
from zoneinfo import ZoneInfo

from connectors.asana.asking import Api, No
from connectors.asana.bookmark import Bookmark
from connectors.asana.evidence import (
    ENTRY_FIELDS,
    Lens,
    activities,
    minutes_touched,
    not_work,
    story_fields,
    task_fields,
    time_entry,
)
from connectors.asana.shapes import Story, Task, TimeEntry, read, read_one
from connectors.contract import Account, CursorExpired, Page, Sighting, Terms, Unavailable, Window

T = TypeVar("T")

AT_ONCE = 10
"""Tasks read in one step: nobody waits long for one, and a day of many tasks is stored as it comes."""


class Walk:
    """A walk through one contributor's tasks, taken up at `mark` for one step."""

    def __init__(self, api: Api, mark: Bookmark, account: Account, terms: Terms, window: Window) -> None:
        self._api = api
        self._mark = mark
        self._terms = terms
        self._lens = Lens(account, terms, window, mark.bulk)
        self._sightings: list[Sighting] = []
        self._skipped: Counter[str] = Counter()

    def step(self) -> Page:
        whole = self._mark.whole
        match self._mark.stage:
            case "tasks":
                self._take_changed()
            case "left":
                self._take_left()
            case _:
                self._take_time_elsewhere()
        return Page(
            sightings=tuple(self._sightings),
            skipped=dict(+self._skipped),
            cursor=self._mark.model_dump_json(),
            more=self._mark.stage != "done",
            whole=whole,
        )

    def _take_changed(self) -> None:
        """The next few of the list that are new; its page is asked for again until none of it is."""
        me, mark = self._lens.account.external, self._mark
        try:
            listed = self._api.tasks(me, mark.workspace, mark.since, mark.offset, task_fields(self._terms))
        except No as no:
            raise _expired_or(no, mark.offset) from None
        tasks, malformed = read(Task, listed.records)
        new = [task for task in tasks if mark.is_new(task.gid, task.modified_at)]
        if self._each(self._take_listed, new) == len(new):
            self._skipped["malformed task"] += malformed
            self._mark = self._mark.on(listed.offset)

    def _take_left(self) -> None:
        """The next few that are asked for one by one."""
        done = self._each(self._take_by_gid, self._mark.left)
        self._mark = self._mark.without_first_left(done)

    def _each(self, take: Callable[[T], None], things: Sequence[T]) -> int:
        """Take the first few, and give how many that were.

        What was read before a fault is kept: the next step begins with whatever met it, and tells.
        """
        for done, thing in enumerate(things[:AT_ONCE]):
            try:
                take(thing)
            except Unavailable:
                if done == 0:
                    raise
                return done
        return min(len(things), AT_ONCE)

    def _take_listed(self, task: Task) -> None:
        self._take(task)
        self._mark = self._mark.having_shown(task.gid, task.modified_at, self._lens.window.end)

    def _take_by_gid(self, gid: str) -> None:
        try:
            task = read_one(Task, self._api.task(gid, task_fields(self._terms)))
        except No as no:
            self._lose(gid, no)
            return
        if task is None:
            self._skipped["malformed task"] += 1
        else:
            self._take(task)

    def _take_time_elsewhere(self) -> None:
        """The contributor's time on tasks that are not theirs: what none of their tasks has shown."""
        lens, mark = self._lens, self._mark
        if not lens.time:
            self._mark = mark.on(None)
            return
        since = lens.window.start.astimezone(ZoneInfo(lens.account.zone)).date()
        me = lens.account.external
        try:
            listed = self._api.entries_of_person(me, mark.workspace, since, mark.offset, ENTRY_FIELDS)
        except No as no:
            if no.status != HTTPStatus.PAYMENT_REQUIRED:
                raise _expired_or(no, mark.offset) from None
            self._skipped["time entries are not in the plan"] += 1
            self._mark = mark.on(None)
            return
        entries, malformed = read(TimeEntry, listed.records)
        self._skipped["malformed time entry"] += malformed
        for entry in entries:
            logged = None if entry.gid in mark.entries else time_entry(entry, lens)
            if logged is not None:
                said = ((lens.account.contributor, logged),)
                self._sightings.append(Sighting(origin=f"entry/{entry.gid}", activities=said))
        self._mark = mark.on(listed.offset)

    def _take(self, task: Task) -> None:
        """All that one task says, with the requests it needs."""
        if reason := not_work(task):
            self._skipped[reason] += 1
            self._say_nothing(task.gid)
            return
        try:
            stories, entries = self._stories(task), self._entries(task)
        except No as no:
            self._lose(task.gid, no)
            return
        said, weightless = activities(task, stories, entries, self._lens)
        self._skipped += weightless
        contributor = self._lens.account.contributor
        self._sightings.append(
            Sighting(origin=_origin(task.gid), activities=tuple((contributor, one) for one in said))
        )
        self._mark = self._mark.having_read(
            task.gid,
            evidence=bool(said),
            entries=[entry.gid for entry in entries],
            minutes=minutes_touched(stories, self._lens),
        )

    def _stories(self, task: Task) -> list[Story]:
        fields = story_fields(self._terms)
        stories, malformed = read(Story, self._api.stories(task.gid, fields) if fields else [])
        self._skipped["malformed story"] += malformed
        return stories

    def _entries(self, task: Task) -> list[TimeEntry]:
        """Asked for only where the task itself says that there is any time on it."""
        if not (self._lens.time and task.actual_time_minutes):
            return []
        entries, malformed = read(TimeEntry, self._api.entries_of_task(task.gid, ENTRY_FIELDS))
        self._skipped["malformed time entry"] += malformed
        return entries

    def _lose(self, gid: str, no: No) -> None:
        """A task that is gone, or hidden from us, says nothing any more.

        Raises   what was refused, where it was for another reason
        """
        if no.status != HTTPStatus.NOT_FOUND:
            raise no from None
        self._say_nothing(gid)

    def _say_nothing(self, gid: str) -> None:
        self._sightings.append(Sighting(origin=_origin(gid)))
        self._mark = self._mark.having_read(gid, evidence=False, entries=(), minutes=())


def _expired_or(no: No, offset: str | None) -> No | CursorExpired:
    """Asana calls an offset that is too old a malformed request."""
    if offset and no.status == HTTPStatus.BAD_REQUEST:
        return CursorExpired("Asana has forgotten where the list went on; pull the whole window.")
    return no


def _origin(task: str) -> str:
    return f"task/{task}"
