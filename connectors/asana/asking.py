"""Asana as one identity may ask it: every answer is complete, or a Fault.

The `asana` library makes the requests. Its iterators are not used: they hide
what a list was cut to, and its exceptions quote whole answers.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from functools import cached_property
from itertools import islice
from typing import Any, NamedTuple, NoReturn

from connectors.asana.http import client
from connectors.contract import MOST_PAGES, Endless, Identity, Refused, Unavailable, Unclear
from connectors.session import ADVICE, OTHERWISE, REFUSED, Session, Whose
from connectors.text import plain
from core.said import Said

Record = Mapping[str, Any]
Where = Mapping[str, str]
"""What a list is filtered by."""
MOST = 100
"""Asana's largest page. A list asked for without a limit is cut at about a thousand, and does not say so."""
GID = re.compile("[0-9A-Za-z_-]{1,64}")
LONG_FEED = 10
"""Pages of one task's history. Asana may cut a longer feed at its newer end, and does not say so."""

SO_DO: Mapping[int, str] = {
    **ADVICE,
    402: Said(
        "The plan there has no time tracking: take one that has it, or give its projects another target."
    ),
}

READING: Mapping[int, Whose] = {400: "account", 404: "account"}
"""Who must act when reading is refused; otherwise the administrator."""
WRITING: Mapping[int, Whose] = {401: "account", 402: "connection"}
"""Who must act when a contributor's own call is refused; otherwise they, for this entry alone."""


class No(Refused):
    """Asana said no, and by which status; callers that know what it means there catch it."""

    def __init__(self, message: str, whose: Whose, status: int) -> None:
        super().__init__(message, whose)
        self.status = status


class Listed(NamedTuple):
    """One page of a list."""

    records: list[Any]
    """As they came: what is no object among them is for the caller to count."""
    offset: str | None
    """Where the next page begins; None at the end."""


class Api:
    """The calls this connector makes, and no others.

    Takes    writing: the session is a contributor's own, and refusals are about them
    Raises   No, Unavailable; Unclear where a write may have happened
    """

    def __init__(self, session: Session, *, writing: bool = False) -> None:
        self._session = session
        self._whose = WRITING if writing else READING
        self._otherwise: Whose = "entry" if writing else "connection"

    # --- reading

    def me(self) -> Identity:
        """Whose the credential is."""
        person = self._one(
            Said("who this is"), self._library.UsersApi(self._client).get_user, "me", opt_fields="gid,name"
        )
        name = person.get("name")
        return Identity(
            external=gid_of(person) or _doubted(Said("somebody without a gid")),
            shown=plain(name) if isinstance(name, str) else "",
        )

    def workspaces(self) -> list[str]:
        """The gids of the workspaces this credential reaches."""
        listed = self._library.WorkspacesApi(self._client).get_workspaces
        found = self._every("the list of workspaces", listed, opt_fields="gid")
        return [gid for record in found if (gid := gid_of(record))]

    def people(self, workspace: str) -> list[Any]:
        """Everybody of the workspace. Its own list of users ends at 2,000 without a word; this one pages."""
        listed = self._library.UsersApi(self._client).get_users
        return self._every("the list of people", listed, workspace=workspace, opt_fields="gid,email")

    def tasks(self, where: Where, since: datetime, offset: str | None, fields: str) -> Listed:
        """Takes    where: a project, or an assignee and their workspace"""
        return self._page(
            "a list of tasks",
            self._library.TasksApi(self._client).get_tasks,
            offset=offset,
            modified_since=since.isoformat(),
            opt_fields=fields,
            **where,
        )

    def task(self, task: str, fields: str) -> Record:
        get = self._library.TasksApi(self._client).get_task
        return self._one(f"task {task}", get, task, opt_fields=fields)

    def stories(self, task: str, since: datetime, fields: str) -> list[Any]:
        """The history of a task.

        Takes    since: what a feed too long to be trusted is asked for once more; some of it comes twice
        """
        get = self._library.StoriesApi(self._client).get_stories_for_task
        what = f"the history of task {task}"
        feed = self._pages(what, get, task, opt_fields=fields)
        told = [story for page in islice(feed, LONG_FEED) for story in page]
        if (more := next(feed, None)) is None:
            return told
        after = since.isoformat()
        return [*told, *more, *self._every(what, get, task, created_after=after, opt_fields=fields)]

    def entries(self, where: Where, since: date, offset: str | None, fields: str) -> Listed:
        """Takes    where: a workspace, and perhaps one user of it"""
        return self._page(
            "a list of time entries",
            self._entries.get_time_tracking_entries,
            offset=offset,
            entered_on_start_date=since.isoformat(),
            opt_fields=fields,
            **where,
        )

    def entries_of_day(self, person: str, workspace: str, day: date, fields: str) -> list[Any]:
        return self._every(
            Said("somebody's time of a day"),
            self._entries.get_time_tracking_entries,
            user=person,
            workspace=workspace,
            entered_on_start_date=day.isoformat(),
            entered_on_end_date=day.isoformat(),
            opt_fields=fields,
        )

    def entry(self, entry: str, fields: str) -> Record:
        get = self._entries.get_time_tracking_entry
        return self._one(Said("time entry {id}", id=entry), get, entry, opt_fields=fields)

    def categories(self, workspace: str) -> list[Any]:
        listed = self._library.TimeTrackingCategoriesApi(self._client).get_time_tracking_categories
        return self._every(Said("the categories of time"), listed, workspace, opt_fields="name")

    def timesheets(self, workspace: str, person: str, day: date) -> list[Any]:
        sheets = self._library.TimesheetApprovalStatusesApi(self._client)
        return self._every(
            Said("the state of the timesheet"),
            sheets.get_timesheet_approval_statuses,
            workspace,
            user=person,
            from_date=day.isoformat(),
            to_date=day.isoformat(),
            opt_fields="user.gid,start_date,end_date,approval_status",
        )

    # --- writing

    def create_entry(self, task: str, said: Record, fields: str) -> Record:
        create = self._entries.create_time_tracking_entry
        what = Said("the time on task {id}", id=task)
        return self._write(what, create, {"data": said}, task, {"opt_fields": fields})

    def change_entry(self, entry: str, said: Record, fields: str) -> Record:
        change = self._entries.update_time_tracking_entry
        what = Said("the change of time entry {id}", id=entry)
        return self._write(what, change, {"data": said}, entry, {"opt_fields": fields})

    def delete_entry(self, entry: str) -> None:
        delete = self._entries.delete_time_tracking_entry
        self._write(Said("the removal of time entry {id}", id=entry), delete, entry)

    # --- one answer

    @cached_property
    def _library(self) -> Any:
        import asana  # 70 ms

        return asana

    @cached_property
    def _client(self) -> Any:
        return client(self._session)

    @property
    def _entries(self) -> Any:
        return self._library.TimeTrackingEntriesApi(self._client)

    def _every(self, what: str, call: Callable[..., Any], *args: Any, **query: str) -> list[Any]:
        """All pages of a list, or a Fault."""
        return [record for page in self._pages(what, call, *args, **query) for record in page]

    def _pages(self, what: str, call: Callable[..., Any], *args: Any, **query: str) -> Iterator[list[Any]]:
        offset: str | None = None
        passed: set[str] = set()
        while len(passed) < MOST_PAGES:
            page = self._page(what, call, *args, offset=offset, **query)
            yield page.records
            if page.offset is None:
                return
            if page.offset in passed:
                break
            passed.add(offset := page.offset)
        raise endless(what)

    def _page(
        self, what: str, call: Callable[..., Any], *args: Any, offset: str | None, **query: str
    ) -> Listed:
        options = {"limit": MOST, **query, **({"offset": offset} if offset else {})}
        body = self._answered(what, call, *args, options)
        records, following = body.get("data"), body.get("next_page", "")
        if not isinstance(records, list):
            _doubted(Said("{what} that is no list", what=what))
        if following is None:
            return Listed(records, None)
        then = following.get("offset") if isinstance(following, dict) else None
        if not (isinstance(then, str) and then):
            _doubted(Said("{what} that does not say whether it goes on", what=what))
        return Listed(records, then)

    def _one(self, what: str, call: Callable[..., Any], *args: Any, **query: str) -> Record:
        record = self._answered(what, call, *args, query).get("data")
        return record if isinstance(record, dict) else _doubted(Said("{what} that is no object", what=what))

    def _write(self, what: str, call: Callable[..., Any], *args: Any) -> Record:
        record = self._answered(what, call, *args).get("data")
        return record if isinstance(record, dict) else _unheard(what)

    def _answered(self, what: str, call: Callable[..., Any], *args: Any) -> Record:
        """What Asana says, as it came; nothing at all where it is no object, which no caller takes."""
        from asana.rest import ApiException

        try:
            body = call(*args, full_payload=True, _preload_content=False).body
        except ApiException as no:
            status = int(no.status)
        else:
            return body if isinstance(body, dict) else {}
        raise No(
            Said(REFUSED, tool="Asana", what=what, status=status, does=SO_DO.get(status, OTHERWISE)),
            self._whose.get(status, self._otherwise),
            status,
        )


def gid_of(record: Any) -> str:
    """The gid of an object, "" where there is none; never a number, however much it looks like one."""
    gid = record.get("gid") if isinstance(record, Mapping) else None
    return gid if isinstance(gid, str) and GID.fullmatch(gid) else ""


def endless(what: str) -> Endless:
    return Endless(
        f"Asana gave the same page of {what} twice. Nothing of this walk was kept; "
        "the next round tries again."
    )


def _doubted(what: str) -> NoReturn:
    """An answer that cannot be trusted to say all there is."""
    raise Unavailable(
        Said("Asana answered with {what}. Nothing changed; the next round tries again.", what=what)
    )


def _unheard(what: str) -> NoReturn:
    raise Unclear(
        Said(
            "Asana answered {what} with something that cannot be read. Whether it was done there is unknown; "
            "Daybook looks before it tries again.",
            what=what,
        )
    )
