"""One step of a walk: a few requests, what they say, and where the walk stands after them."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from functools import cached_property
from hashlib import blake2s
from http import HTTPStatus
from typing import Any
from zoneinfo import ZoneInfo

from connectors.asana.asking import Api, Listed, No, gid_of
from connectors.asana.bookmark import Bookmark
from connectors.asana.evidence import (
    PLACE_FIELDS,
    Lens,
    activities,
    entry_fields,
    minutes_touched,
    not_work,
    people_of,
    story_fields,
    task_fields,
    time_entry,
)
from connectors.asana.shapes import Membership, Modified, Story, Task, TimeEntry, read, read_one
from connectors.contract import Account, Page, Sighting, Terms, Unavailable, Window

HISTORY = frozenset({"section history", "own comments"})
"""Words of the policy for which tasks are read; time entries have lists of their own."""
AT_ONCE = 25
"""Requests after which a step ends where it can: what was read so far is stored."""
DEEPEST = 5
"""Levels of subtasks Asana allows."""
RECENT = 2
"""Days before the latest that was logged: those whose time is asked for in every walk."""
ENCODER = json.JSONEncoder(sort_keys=True)
"""One for all: each takes longer to make than a record to write."""
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
        self._api, self._mark, self._accounts = api, mark, accounts
        self._terms, self._window = terms, window
        self._status, self._together = status, together
        self._asked = 0
        self._parents: dict[str, Task | None] = {}
        self._sightings: dict[str, Sighting] = {}
        self._skipped: Counter[str] = Counter()
        self._lacking = ""

    def step(self) -> Page:
        """What was read before a fault is kept: the next step begins with whatever met it, and tells."""
        whole, begun = self._mark.scope == "whole", self._mark.place
        while self._mark.stage != "done" and self._asked < AT_ONCE:
            try:
                self._go_on()
            except Unavailable:
                if self._mark.place == begun:
                    raise
                break
        return Page(
            sightings=tuple(self._sightings.values()),
            skipped=dict(+self._skipped),
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
            case "left" if self._wants_time:
                self._mark.stage, self._mark.entered = "entries", self._entered_since()
            case "left":
                self._mark.end()
            case _:
                self._take_entries(self._mark.entered or self._window.end.date())

    # --- tasks

    def _take_list(self) -> None:
        """One page of the present list, and what is news on it."""
        listed = self._listed(self._mark.present)
        if listed is None:
            self._mark.end_list()
            return
        prints = [(record, _print(record)) for record in listed.records]
        news = [(read_one(Task, record), seen) for record, seen in prints if self._is_news(record, seen)]
        self._mark.notice(_latest(listed.records, self._window.end))
        for task, seen in news:
            if task is None:
                self._skipped["malformed task"] += 1
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
        self._asked += 1
        try:
            return self._api.tasks(where, since, self._mark.offset, task_fields(self._terms, self._status))
        except No as no:
            if self._has_expired(no):
                return self._listed(name)
            lost = no.status in (HTTPStatus.BAD_REQUEST, HTTPStatus.NOT_FOUND)
            if not (lost and self._together) or self._mark.offset:
                raise
            self._skipped[NOWHERE[kind]] += 1
            if kind == "project":
                self._lacking = self._lacking or LOST.format(gid)
            return None

    def _has_expired(self, no: No) -> bool:
        """Asana has forgotten where the present list goes on, so it is read from its first page again.

        The walk goes on: a new one would not find what left the lists since its evidence was read.
        Source   an offset that is too old is told as a malformed request
        """
        if no.status != HTTPStatus.BAD_REQUEST or not self._mark.offset:
            return False
        self._mark.list_again()
        return True

    def _take_by_gid(self, gid: str) -> None:
        self._asked += 1
        try:
            record = self._api.task(gid, task_fields(self._terms, self._status))
        except No as no:
            self._lose(gid, no)
            return
        task, seen = read_one(Task, record), _print(record)
        if task is None:
            self._skipped["malformed task"] += 1
        elif self._mark.is_new(gid, seen):
            self._take(task)
        self._mark.shown[gid] = seen

    def _take(self, task: Task) -> None:
        """All that one task says, with the requests it needs."""
        self._mark.quick = False
        has_time = task.actual_time_minutes or task.gid in self._with_time
        self._mark.timed = self._mark.timed or bool(has_time)
        if reason := not_work(task):
            self._skipped[reason] += 1
            self._say_nothing(task.gid)
            return
        self._asked += 1
        try:
            fields = story_fields(self._terms, self._status)
            told = self._api.stories(task.gid, self._window.start, fields)
        except No as no:
            self._lose(task.gid, no)
            return
        stories, malformed = read(Story, told)
        self._skipped["malformed story"] += malformed
        self._say(self._placed(task), stories)

    def _say(self, task: Task, stories: Sequence[Story]) -> None:
        said, minutes = [], []
        for lens in self._lenses(people_of(task, stories)):
            found, weightless = activities(task, stories, lens)
            self._skipped += weightless
            said += [(lens.account.contributor, one) for one in found]
            minutes += [f"{minute} {lens.account.external}" for minute in minutes_touched(stories, lens)]
        self._sight(f"task/{task.gid}", said)
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
            self._asked += 1
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
        self._sight(f"task/{gid}")
        self._mark.having_read(gid, evidence=None, minutes=())

    # --- time

    @property
    def _wants_time(self) -> bool:
        news = self._together or self._mark.timed or not self._terms.tracked & HISTORY
        return "time entries" in self._terms.tracked and (news or self._mark.scope != "news")

    @cached_property
    def _with_time(self) -> frozenset[str]:
        """Tasks that had time on them, as far as was told."""
        return frozenset(task for _, task, _ in self._mark.entries.values())

    def _take_entries(self, since: date) -> None:
        """One page of what these people entered; after the last, what was there and is not listed is gone."""
        mark = self._mark
        listed = self._entered(since)
        if listed is None:
            mark.end()
            return
        for record in listed.records:
            gid, seen = gid_of(record), _print(record)
            _, _, before = mark.entries.get(gid, (None, None, None))
            if gid not in mark.told and (seen != before or mark.scope == "whole"):
                self._take_entry(read_one(TimeEntry, record), seen)
            elif gid in mark.entries:
                mark.told.add(gid)
        if not mark.on(listed.offset):
            for gid, (day, _, _) in list(mark.entries.items()):
                if day >= since and gid not in mark.told:
                    self._sight(f"entry/{gid}")
                    del mark.entries[gid]
            mark.end()

    def _entered(self, since: date) -> Listed | None:
        where = {"workspace": self._mark.workspace}
        if not self._together:
            where["user"] = self._accounts[0].external
        self._asked += 1
        try:
            return self._api.entries(where, since, self._mark.offset, entry_fields(self._terms))
        except No as no:
            if self._has_expired(no):
                return self._entered(since)
            if no.status != HTTPStatus.PAYMENT_REQUIRED:
                raise
            self._skipped["time entries are not in the plan"] += 1
            return None

    def _entered_since(self) -> date:
        """The window's first day; of many people's news only the last days."""
        zones = {account.zone for account in self._accounts}
        first = min(self._window.start.astimezone(ZoneInfo(zone)).date() for zone in zones)
        if self._mark.scope != "news" or not self._together:
            return first
        days = (day for day, _, _ in self._mark.entries.values() if day <= self._window.end.date())
        latest = max(days, default=first)
        return max(first, date.fromordinal(latest.toordinal() - RECENT))

    def _take_entry(self, entry: TimeEntry | None, seen: str) -> None:
        if entry is None:
            self._skipped["malformed time entry"] += 1
            return
        for lens in self._lenses({entry.created_by.gid} if entry.created_by else ()):
            task = self._task_of(entry)
            if (logged := time_entry(entry, task, lens)) is not None:
                self._mark.entries[entry.gid] = (entry.entered_on, task, seen)
                self._sight(f"entry/{entry.gid}", [(lens.account.contributor, logged)])
            self._mark.told.add(entry.gid)

    def _task_of(self, entry: TimeEntry) -> str:
        """Asked for once for each entry, and only where there are tasks it could be told from."""
        if entry.task:
            return entry.task.gid
        if entry.gid in self._mark.entries:
            return self._mark.entries[entry.gid][1]
        if not self._terms.tracked & HISTORY:
            return ""
        self._asked += 1
        try:
            return gid_of(self._api.entry(entry.gid, "task.gid").get("task"))
        except No as no:
            if no.status != HTTPStatus.NOT_FOUND:
                raise
            return ""

    # --- people, and what is said about them

    @cached_property
    def _people(self) -> Mapping[str, Sequence[Account]]:
        people: defaultdict[str, list[Account]] = defaultdict(list)
        for account in self._accounts:
            people[account.external].append(account)
        return people

    def _lenses(self, gids: Iterable[str]) -> list[Lens]:
        """One for each of those who take part, and for nobody else (P3)."""
        accounts = [account for gid in sorted(gids) for account in self._people.get(gid, ())]
        return [
            Lens(account, self._terms, self._window, self._status, self._bulk_of(account.external))
            for account in accounts
        ]

    def _bulk_of(self, person: str) -> frozenset[str]:
        marks = (mark.split(" ") for mark in self._mark.bulk)
        return frozenset(minute for minute, who in marks if who == person)

    def _sight(self, origin: str, said: Sequence[tuple[str, Any]] = ()) -> None:
        self._sightings[origin] = Sighting(origin=origin, activities=tuple(said))


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


def _print(record: Any) -> str:
    """Another one for everything that differs, but for time: a move need not change `modified_at`."""
    if isinstance(record, dict):
        record = {name: said for name, said in record.items() if name != "actual_time_minutes"}
    return blake2s(ENCODER.encode(record).encode(), digest_size=8).hexdigest()
