"""One step of a walk through the tasks: a few requests, and where the walk stands after them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from http import HTTPStatus
from typing import Any

from connectors.asana.asking import Api, Listed, No, gid_of
from connectors.asana.bookmark import Bookmark
from connectors.asana.entered import Entered
from connectors.asana.evidence import (
    PLACE_FIELDS,
    activities,
    minutes_touched,
    not_work,
    people_of,
    story_fields,
    task_fields,
)
from connectors.asana.shapes import Membership, Modified, Story, Task, read, read_one
from connectors.asana.telling import Telling, print_of
from connectors.contract import Account, Page, Terms, Unavailable, Window

AT_ONCE = 25
"""Requests after which a step ends where it can: what was read so far is stored."""
DEEPEST = 5
"""Levels of subtasks Asana allows."""
NOWHERE = {
    "project": "project that the account of the connection does not see",
    "assignee": "contributor whom Asana does not know",
}
"""By what a list is filtered by: whose list there is not."""
LOST = (
    "Asana does not show project {}, which rules name. All else was read. "
    "Let the account of the connection see it, or take it out of the rules."
)


class Walk:
    """A walk through the tasks of these people, taken up at `mark` for one step.

    Takes    together: they are read by project, and their time by one list of the workspace
    """

    def __init__(
        self,
        api: Api,
        mark: Bookmark,
        accounts: Sequence[Account],
        terms: Terms,
        window: Window,
        *,
        status: str | None,
        together: bool,
    ) -> None:
        self._api, self._mark = api, mark
        self._terms, self._window = terms, window
        self._status, self._together = status, together
        self._telling = Telling(accounts, terms, window, status, mark)
        self._entered = Entered(api, mark, self._telling, together=together)
        self._parents: dict[str, Task | None] = {}
        self._lacking = ""

    def step(self) -> Page:
        """What was read before a fault is kept: the next step begins with whatever met it, and tells."""
        whole, begun = self._mark.scope == "whole", self._mark.place
        while self._mark.stage != "done" and self._telling.asked < AT_ONCE:
            try:
                self._go_on()
            except Unavailable:
                if self._mark.place == begun:
                    raise
                break
        return Page(
            sightings=tuple(self._telling.sightings.values()),
            skipped=dict(+self._telling.skipped),
            lacking=self._lacking,
            cursor=self._mark.model_dump_json(),
            more=self._mark.stage != "done",
            whole=whole,
        )

    def _go_on(self) -> None:
        match self._mark.stage:
            case "tasks":
                self._take_list()
            case "left" if self._mark.left:
                self._take_by_gid(self._mark.left[0])
                self._mark.left.pop(0)
            case "left" if self._entered.wanted:
                self._mark.stage, self._mark.entered = "entries", self._entered.first_day()
            case "left":
                self._mark.end()
            case _:
                self._entered.take(self._mark.entered or self._window.end.date())

    # --- tasks

    def _take_list(self) -> None:
        """One page of the present list, and what is news on it."""
        listed = self._listed(self._mark.present)
        if listed is None:
            self._mark.end_list()
            return
        prints = [(record, print_of(record)) for record in listed.records]
        news = [(read_one(Task, record), seen) for record, seen in prints if self._is_news(record, seen)]
        self._mark.notice(_latest(listed.records, self._window.end))
        for task, seen in news:
            if task is None:
                self._telling.skipped["malformed task"] += 1
            elif self._mark.is_new(task.gid, seen):
                self._take(task)
                self._mark.shown[task.gid] = seen
        if not self._mark.on(listed.offset):
            self._mark.end_list()

    def _is_news(self, record: Any, seen: str) -> bool:
        """False for what a walk has read as it is: of that no more than its gid is looked at."""
        gid = gid_of(record)
        if self._mark.is_new(gid, seen):
            return True
        self._mark.shown[gid] = seen
        return False

    def _listed(self, name: str) -> Listed | None:
        """A page of a list; None where there is no such list and the others go on without it."""
        kind, _, gid = name.partition(" ")
        where = {kind: gid} if kind == "project" else {kind: gid, "workspace": self._mark.workspace}
        since = self._window.start
        if self._mark.scope == "news":
            since = self._mark.since[name]
        self._telling.asked += 1
        try:
            return self._api.tasks(where, since, self._mark.offset, task_fields(self._terms, self._status))
        except No as no:
            if self._mark.has_expired(no.status):
                return self._listed(name)
            lost = no.status in (HTTPStatus.BAD_REQUEST, HTTPStatus.NOT_FOUND)
            if not (lost and self._together) or self._mark.offset:
                raise
            self._telling.skipped[NOWHERE[kind]] += 1
            if kind == "project":
                self._lacking = self._lacking or LOST.format(gid)
            return None

    def _take_by_gid(self, gid: str) -> None:
        self._telling.asked += 1
        try:
            record = self._api.task(gid, task_fields(self._terms, self._status))
        except No as no:
            self._lose(gid, no)
            return
        task, seen = read_one(Task, record), print_of(record)
        if task is None:
            self._telling.skipped["malformed task"] += 1
        elif self._mark.is_new(gid, seen):
            self._take(task)
        self._mark.shown[gid] = seen

    @cached_property
    def _with_time(self) -> frozenset[str]:
        """Tasks that had time on them, as far as was told."""
        return frozenset(task for _, task, _ in self._mark.entries.values())

    def _take(self, task: Task) -> None:
        """All that one task says, with the requests it needs."""
        self._mark.quick = False
        has_time = task.actual_time_minutes or task.gid in self._with_time
        self._mark.timed = self._mark.timed or bool(has_time)
        if reason := not_work(task):
            self._telling.skipped[reason] += 1
            self._say_nothing(task.gid)
            return
        self._telling.asked += 1
        try:
            fields = story_fields(self._terms, self._status)
            told = self._api.stories(task.gid, self._window.start, fields)
        except No as no:
            self._lose(task.gid, no)
            return
        stories, malformed = read(Story, told)
        self._telling.skipped["malformed story"] += malformed
        self._say(self._placed(task), stories)

    def _say(self, task: Task, stories: Sequence[Story]) -> None:
        said, minutes = [], []
        for lens in self._telling.lenses(people_of(task, stories)):
            found, weightless = activities(task, stories, lens)
            self._telling.skipped += weightless
            said += [(lens.account.contributor, one) for one in found]
            minutes += [f"{minute} {lens.account.external}" for minute in minutes_touched(stories, lens)]
        self._telling.sight(f"task/{task.gid}", said)
        evidence = task.modified_at.date() if said else None
        self._mark.having_read(task.gid, evidence=evidence, minutes=sorted(minutes))

    def _placed(self, task: Task) -> Task:
        """The task with the projects of its parent, where it has none of its own."""
        above: Task | None = task
        for _ in range(DEEPEST):
            if above is None or above.memberships or above.parent is None:
                break
            above = self._parent(above.parent.gid)
        inherited = (above.memberships if above else None) or ()
        projects = tuple(Membership(project=membership.project) for membership in inherited)
        return task if task.memberships else task.model_copy(update={"memberships": projects})

    def _parent(self, gid: str) -> Task | None:
        if gid not in self._parents:
            self._telling.asked += 1
            try:
                record: Mapping[str, Any] = self._api.task(gid, f"modified_at,{PLACE_FIELDS}")
            except No as no:
                if no.status != HTTPStatus.NOT_FOUND:
                    raise
                record = {}
            self._parents[gid] = read_one(Task, record)
        return self._parents[gid]

    def _lose(self, gid: str, no: No) -> None:
        """A task that is gone, or hidden from us, says nothing any more.

        Raises   what was refused, where it was for another reason
        """
        if no.status != HTTPStatus.NOT_FOUND:
            raise no from None
        self._say_nothing(gid)

    def _say_nothing(self, gid: str) -> None:
        self._telling.sight(f"task/{gid}")
        self._mark.having_read(gid, evidence=None, minutes=())


def _latest(records: Iterable[Any], no_later_than: datetime) -> datetime | None:
    """When any of these was modified last: one date in 2099 must not hide what changes before.

    Source   Asana writes its times so that they sort as text; where it did not, an earlier one is found
    """
    said = {str(record.get("modified_at")) for record in records if isinstance(record, dict)}
    for text in sorted(said, reverse=True):
        at = read_one(Modified, {"modified_at": text})
        if at and at.modified_at <= no_later_than:
            return at.modified_at
    return None
