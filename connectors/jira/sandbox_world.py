"""What a Jira site knows: its people, projects, issues, histories and worklogs.

Tests and the seeded team build a world with these methods; the routes of the
stand-in read and change the same one. An issue may be named by its key or its id.
"""

from __future__ import annotations

import uuid
from bisect import insort
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count
from typing import Any, Literal

from connectors.jira.sandbox_nouns import (
    Category,
    Change,
    Comment,
    Issue,
    Item,
    Person,
    Project,
    Status,
    Style,
    Worklog,
    moment,
    priority_id,
)

FIRST_STATUSES: dict[str, Category] = {"To Do": "new", "In Progress": "indeterminate", "Done": "done"}


class World:
    """The state of one site. While that is serving, hold its `lock` around what you change.

    `index_lag` is how long a change stays unseen by search; an issue that keeps
    changing is seen when it rests.
    """

    def __init__(self, clock: Callable[[], datetime], index_lag: timedelta = timedelta(0)) -> None:
        self.clock = clock
        self.index_lag = index_lag
        self.people: dict[str, Person] = {}
        self.projects: dict[str, Project] = {}
        """By key."""
        self.groups: dict[str, tuple[str, ...]] = {}
        """Account ids by name."""
        self.statuses: dict[str, Status] = {}
        self.custom_fields: dict[str, str] = {}
        """Name by id."""
        self.issues: dict[int, Issue] = {}
        self.logged: dict[int, Worklog] = {}
        self.deleted: dict[int, datetime] = {}
        """When a worklog went away."""
        self.tokens: dict[str, str] = {}
        """Account id by live token."""
        self.takes_milliseconds = True
        """False: its JQL knows no dates but quoted ones, to the minute."""
        self._by_key: dict[str, Issue] = {}
        self._steps: dict[tuple[str | None, str], Status] = {}
        self._unseen: dict[int, tuple[datetime, Issue | None]] = {}
        """What search still believes, and until when."""
        self._numbers = {kind: count(10_000) for kind in ("issue", "change", "comment", "worklog", "other")}
        for name, category in FIRST_STATUSES.items():
            self.add_status(name, category)

    # --- people and projects -------------------------------------------------------------------------------

    def add_user(
        self,
        email: str,
        token: str,
        name: str,
        zone: str = "UTC",
        *,
        account_id: str | None = None,
        admin: bool = False,
        shows_email: bool = True,
        kind: Literal["atlassian", "app"] = "atlassian",
    ) -> str:
        """Gives the account id; the same address gets the same one in every world."""
        account_id = account_id or f"712020:{uuid.uuid5(uuid.NAMESPACE_URL, email)}"
        self.people[account_id] = Person(account_id, email, name, zone, admin, shows_email, kind)
        self.tokens[token] = account_id
        return account_id

    def revoke(self, token: str) -> None:
        """From now on its holder is served as nobody, as Jira does it."""
        self.tokens.pop(token, None)

    def delete_user(self, account: str) -> None:
        """Nothing names them any more; what they did stands, by nobody."""
        del self.people[account]
        self.tokens = {token: holder for token, holder in self.tokens.items() if holder != account}

    def add_group(self, name: str, accounts: Iterable[str]) -> None:
        self.groups[name] = tuple(accounts)

    def add_project(self, key: str, name: str, style: Style = "classic") -> str:
        """Gives the key. A team-managed project ("next-gen") gets statuses of its own, equally named."""
        project = Project(self._next("other"), key, name, style)
        self.projects[key] = project
        if style == "next-gen":
            for status, category in FIRST_STATUSES.items():
                self.add_status(status, category, key)
        return key

    def add_status(self, name: str, category: Category, project: str | None = None) -> str:
        """Gives the id. With `project` (a key) it belongs to that team-managed project alone."""
        owner = self.projects[project].id if project else None
        status = Status(self._next("other"), name, category, owner)
        self.statuses[status.id] = self._steps[owner, name] = status
        return status.id

    def add_field(self, name: str) -> str:
        """Gives the id of a new custom field, e.g. customfield_10042."""
        field_id = f"customfield_{self._next('other')}"
        self.custom_fields[field_id] = name
        return field_id

    def restrict(self, project: str, permission: str, accounts: Iterable[str]) -> None:
        """From now on only these people hold `permission` in the project."""
        rights = self.projects[project].rights
        assert permission in rights, f"{permission} is none of {sorted(rights)}"
        rights[permission] = frozenset(accounts)

    def forbid(self, project: str, permission: str, account: str) -> None:
        """Take `permission` from one person."""
        held = self.projects[project].rights[permission]
        self.restrict(project, permission, (self.people.keys() if held is None else held) - {account})

    def may(self, account: str | None, permission: str, project: Project) -> bool:
        held = project.rights[permission]
        return account is not None and (held is None or account in held)

    # --- issues --------------------------------------------------------------------------------------------

    def add_issue(
        self,
        project: str,
        summary: str,
        *,
        status: str = "To Do",
        assignee: str | None = None,
        reporter: str | None = None,
        created: datetime | None = None,
        kind: str = "Task",
        priority: str | None = "Medium",
        description: str = "",
        labels: Iterable[str] = (),
        components: Iterable[str] = (),
        parent: str | None = None,
        estimate: int | None = None,
        fields: Mapping[str, Any] | None = None,
    ) -> str:
        """Gives the key.

        Takes    a status by name; people by account id; `fields` by id, as Jira shows their values
        Units    `estimate` in seconds
        """
        home = self.projects[project]
        home.issues += 1
        born = moment(created or self.clock())
        first = self._status(home, status)
        issue = Issue(
            id=next(self._numbers["issue"]),
            key=f"{project}-{home.issues}",
            project=home,
            summary=summary,
            status=first,
            assignee=assignee,
            reporter=reporter,
            created=born,
            updated=born,
            kind=kind,
            priority=priority,
            description=description,
            labels=tuple(labels),
            components=tuple(components),
            parent=self.issue(parent) if parent else None,
            estimate=estimate,
            remaining=estimate,
            resolved=born if first.category == "done" else None,
            fields=dict(fields or {}),
        )
        for name in issue.components:
            home.components.setdefault(name, self._next("other"))
        self._hide_from_search(issue, born, None)
        self.issues[issue.id] = self._by_key[issue.key] = issue
        return issue.key

    def issue(self, key_or_id: str | int) -> Issue:
        """Raises KeyError."""
        text = str(key_or_id)
        return self.issues[int(text)] if text.isdecimal() else self._by_key[text.upper()]

    def change(self, key: str, at: datetime, by: str | None, **to: str | None) -> int:
        """Change fields of an issue, state and history both; gives the id of the change.

        Takes    status (a name, or an id), assignee (an account id or None), summary, priority; in one
                 call they share one moment and one entry
        """
        issue, at = self.issue(key), moment(at)
        self._touch(issue, at)
        items = tuple(self._set(issue, name, value) for name, value in to.items())
        return self._record(issue, at, by, items)

    def move(self, key: str, project: str, at: datetime, by: str | None) -> str:
        """Into another project, under a new key; the old one leads there still. Gives the new key."""
        issue, home, at = self.issue(key), self.projects[project], moment(at)
        self._touch(issue, at)
        home.issues += 1
        was, issue.key, issue.project = issue.key, f"{project}-{home.issues}", home
        self._by_key[issue.key] = issue
        self._record(issue, at, by, (Item("Key", None, was, None, issue.key),))
        return issue.key

    def forget(self, key: str) -> None:
        """A former key that leads nowhere any more: another project took its name."""
        del self._by_key[key]

    def close(self, key: str) -> None:
        """Make the issue's workflow step one that allows no edits, worklogs included."""
        self.issue(key).editable = False

    def reopen(self, key: str) -> None:
        self.issue(key).editable = True

    def delete_issue(self, key: str) -> None:
        """The issue goes, and its worklogs with it."""
        issue = self.issue(key)
        for worklog_id in list(issue.worklogs):
            self.delete_worklog(worklog_id)
        del self.issues[issue.id]
        self._by_key = {name: one for name, one in self._by_key.items() if one is not issue}

    def comment(self, key: str, at: datetime, by: str, text: str) -> int:
        issue, at = self.issue(key), moment(at)
        comment = Comment(next(self._numbers["comment"]), at, by, text)
        self._touch(issue, at)
        insort(issue.comments, comment, key=lambda one: (one.at, one.id))
        return comment.id

    # --- worklogs ------------------------------------------------------------------------------------------

    @property
    def worklogs(self) -> list[Worklog]:
        """Every live worklog, in the order they were written."""
        return list(self.logged.values())

    def add_worklog(
        self,
        key: str,
        author: str,
        started: datetime,
        seconds: int,
        comment: str = "",
        *,
        at: datetime | None = None,
        properties: Mapping[str, Any] | None = None,
        group: str | None = None,
        remaining: int | None = None,
    ) -> int:
        """Gives the id.

        Takes    `at`, when it was written: at the end of the work unless told; `group`, whose members
                 alone may see it; `remaining`, the issue's estimate afterwards, reduced unless told
        Units    seconds; Jira keeps whole minutes
        """
        issue, written = self.issue(key), moment(at or started + timedelta(seconds=seconds))
        before = issue.spent
        worklog = Worklog(
            id=next(self._numbers["worklog"]),
            issue=issue,
            author=author,
            started=moment(started),
            seconds=seconds // 60 * 60,
            comment=comment,
            created=written,
            updated=written,
            updated_by=author,
            properties=dict(properties or {}),
            group=group,
        )
        self._touch(issue, written)
        issue.worklogs[worklog.id] = self.logged[worklog.id] = worklog
        self._account(issue, written, author, before, remaining)
        return worklog.id

    def edit_worklog(
        self,
        worklog_id: int,
        by: str,
        at: datetime | None = None,
        *,
        started: datetime | None = None,
        seconds: int | None = None,
        comment: str | None = None,
        remaining: int | None = None,
    ) -> None:
        """Change what is named; the rest stays."""
        worklog, at = self.logged[worklog_id], moment(at or self.clock())
        before = worklog.issue.spent
        self._touch(worklog.issue, at)
        if started is not None:
            worklog.started = moment(started)
        if seconds is not None:
            worklog.seconds = seconds // 60 * 60
        if comment is not None:
            worklog.comment = comment
        worklog.updated, worklog.updated_by = at, by
        self._account(worklog.issue, at, by, before, remaining)

    def delete_worklog(
        self, worklog_id: int, by: str | None = None, at: datetime | None = None, remaining: int | None = None
    ) -> None:
        worklog, at = self.logged[worklog_id], moment(at or self.clock())
        before = worklog.issue.spent
        self._touch(worklog.issue, at)
        del worklog.issue.worklogs[worklog_id], self.logged[worklog_id]
        self.deleted[worklog_id] = at
        self._account(worklog.issue, at, by, before, remaining)

    # --- what search sees ----------------------------------------------------------------------------------

    def indexed(self, fresh: Iterable[int] = ()) -> list[Issue]:
        """The issues as search believes them to be; those in `fresh` as they are."""
        now = self.clock()
        self._unseen = {number: stale for number, stale in self._unseen.items() if stale[0] > now}
        stale = {number: before for number, (_, before) in self._unseen.items() if number not in set(fresh)}
        if not stale:
            return list(self.issues.values())
        believed = (stale.get(number, issue) for number, issue in list(self.issues.items()))
        return [issue for issue in believed if issue is not None]

    # --- inside --------------------------------------------------------------------------------------------

    def _next(self, kind: str) -> str:
        return str(next(self._numbers[kind]))

    def _status(self, project: Project, name_or_id: str) -> Status:
        owner = project.id if project.style == "next-gen" else None
        if (known := self.statuses.get(name_or_id)) is not None and known.project == owner:
            return known
        return self._steps[owner, name_or_id]

    def _set(self, issue: Issue, name: str, value: str | None) -> Item:
        match name:
            case "status":
                was, issue.status = issue.status, self._status(issue.project, value or "")
                return Item(name, was.id, was.name, issue.status.id, issue.status.name)
            case "assignee":
                before, issue.assignee = issue.assignee, value
                return Item(name, before, self._name(before), value, self._name(value))
            case "summary":
                said, issue.summary = issue.summary, value or ""
                return Item(name, None, said, None, issue.summary)
            case "priority":
                ranked, issue.priority = issue.priority, value
                return Item(name, priority_id(ranked), ranked, priority_id(value), value)
        raise ValueError(f"{name} is none of status, assignee, summary, priority")

    def _name(self, account: str | None) -> str | None:
        return self.people[account].name if account in self.people else None

    def _record(self, issue: Issue, at: datetime, by: str | None, items: tuple[Item, ...]) -> int:
        change = Change(next(self._numbers["change"]), at, by, items)
        if any(item.field == "status" for item in items):
            issue.resolved = at if issue.status.category == "done" else None
        insort(issue.changes, change, key=lambda one: (one.at, one.id))
        return change.id

    def _account(
        self, issue: Issue, at: datetime, by: str | None, before: int, remaining: int | None
    ) -> None:
        """Keep the remaining estimate, and write into the history what a worklog did to the times."""
        left = issue.remaining
        if remaining is None and left is not None:
            remaining = max(0, left - (issue.spent - before))
        issue.remaining = remaining
        times = (("timespent", before, issue.spent), ("timeestimate", left, remaining))
        items = tuple(_time_item(name, was, to) for name, was, to in times if was != to)
        if items:
            self._record(issue, at, by, items)

    def _touch(self, issue: Issue, at: datetime) -> None:
        """To be called before anything else about the issue changes."""
        self._hide_from_search(issue, at, issue)
        issue.updated = max(issue.updated, at)

    def _hide_from_search(self, issue: Issue, at: datetime, before: Issue | None) -> None:
        until = at + self.index_lag
        if not self.index_lag or until <= self.clock():
            return
        if issue.id in self._unseen:
            before = self._unseen[issue.id][1]
        elif before is not None:
            before = replace(
                issue,
                changes=list(issue.changes),
                comments=list(issue.comments),
                worklogs=dict(issue.worklogs),
            )
        self._unseen[issue.id] = until, before


def _time_item(name: str, was: int | None, to: int | None) -> Item:
    old, new = (None if seconds is None else str(seconds) for seconds in (was, to))
    return Item(name, old, old, new, new)
