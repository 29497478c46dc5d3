"""Time that people entered: it has a list of its own, and what is no longer on that is gone."""

from __future__ import annotations

from datetime import date
from http import HTTPStatus
from zoneinfo import ZoneInfo

from connectors.asana.asking import Api, Listed, No, gid_of
from connectors.asana.bookmark import Bookmark
from connectors.asana.evidence import entry_fields, time_entry
from connectors.asana.shapes import TimeEntry, read_one
from connectors.asana.telling import Telling, print_of

HISTORY = frozenset({"section history", "own comments"})
"""Words of the policy for which tasks are read; time entries have lists of their own."""
RECENT = 2
"""Days before the latest that was logged: those whose time is asked for in every walk."""


class Entered:
    """The stage of a walk that asks for it.

    Takes    together: by one list of the workspace, not by one a person
    """

    def __init__(self, api: Api, mark: Bookmark, telling: Telling, *, together: bool) -> None:
        self._api, self._mark, self._telling, self._together = api, mark, telling, together

    @property
    def wanted(self) -> bool:
        news = self._together or self._mark.timed or not self._telling.terms.tracked & HISTORY
        return "time entries" in self._telling.terms.tracked and (news or self._mark.scope != "news")

    def take(self, since: date) -> None:
        """One page of what these people entered; after the last, what was there and is not listed is gone."""
        mark = self._mark
        listed = self._listed(since)
        if listed is None:
            mark.end()
            return
        for record in listed.records:
            gid, seen = gid_of(record), print_of(record)
            _, _, before = mark.entries.get(gid, (None, None, None))
            if gid not in mark.told and (seen != before or mark.scope == "whole"):
                self._take_entry(read_one(TimeEntry, record), seen)
            elif gid in mark.entries:
                mark.told.add(gid)
        if not mark.on(listed.offset):
            for gid, (day, _, _) in list(mark.entries.items()):
                if day >= since and gid not in mark.told:
                    self._telling.sight(f"entry/{gid}")
                    del mark.entries[gid]
            mark.end()

    def _listed(self, since: date) -> Listed | None:
        where = {"workspace": self._mark.workspace}
        if not self._together:
            where["user"] = self._telling.accounts[0].external
        self._telling.asked += 1
        try:
            return self._api.entries(where, since, self._mark.offset, entry_fields(self._telling.terms))
        except No as no:
            if self._mark.has_expired(no.status):
                return self._listed(since)
            if no.status != HTTPStatus.PAYMENT_REQUIRED:
                raise
            self._telling.skipped["time entries are not in the plan"] += 1
            return None

    def first_day(self) -> date:
        """The window's first day; of many people's news only the last days."""
        zones = {account.zone for account in self._telling.accounts}
        first = min(self._telling.window.start.astimezone(ZoneInfo(zone)).date() for zone in zones)
        if self._mark.scope != "news" or not self._together:
            return first
        days = (day for day, _, _ in self._mark.entries.values() if day <= self._telling.window.end.date())
        latest = max(days, default=first)
        return max(first, date.fromordinal(latest.toordinal() - RECENT))

    def _take_entry(self, entry: TimeEntry | None, seen: str) -> None:
        if entry is None:
            self._telling.skipped["malformed time entry"] += 1
            return
        for lens in self._telling.lenses({entry.created_by.gid} if entry.created_by else ()):
            task = self._task_of(entry)
            if (logged := time_entry(entry, task, lens)) is not None:
                self._mark.entries[entry.gid] = (entry.entered_on, task, seen)
                self._telling.sight(f"entry/{entry.gid}", [(lens.account.contributor, logged)])
            self._mark.told.add(entry.gid)

    def _task_of(self, entry: TimeEntry) -> str:
        """Asked for once for each entry, and only where there are tasks it could be told from."""
        if entry.task:
            return entry.task.gid
        if entry.gid in self._mark.entries:
            return self._mark.entries[entry.gid][1]
        if not self._telling.terms.tracked & HISTORY:
            return ""
        self._telling.asked += 1
        try:
            return gid_of(self._api.entry(entry.gid, "task.gid").get("task"))
        except No as no:
            if no.status != HTTPStatus.NOT_FOUND:
                raise
            return ""
