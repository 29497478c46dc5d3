"""The nouns of a Jira site, as it keeps them: every moment in UTC and whole milliseconds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

Category = Literal["new", "indeterminate", "done"]
Style = Literal["classic", "next-gen"]

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
PRIORITIES = ("Highest", "High", "Medium", "Low", "Lowest")
EVERYONE: dict[str, frozenset[str] | None] = {
    "BROWSE_PROJECTS": None,
    "WORK_ON_ISSUES": None,
    "EDIT_OWN_WORKLOGS": None,
    "DELETE_OWN_WORKLOGS": None,
    "EDIT_ISSUES": None,
    "ADD_COMMENTS": None,
    "EDIT_ALL_WORKLOGS": frozenset(),
    "DELETE_ALL_WORKLOGS": frozenset(),
    "ADMINISTER_PROJECTS": frozenset(),
}
"""Who holds a project permission at first: None is everybody who is logged in."""


@dataclass(eq=False, slots=True)
class Person:
    account_id: str
    email: str
    name: str
    zone: str
    admin: bool = False
    shows_email: bool = True
    """False: their privacy setting hides the address and the time zone from others."""
    kind: Literal["atlassian", "app"] = "atlassian"
    active: bool = True
    sees_people: bool = True
    """False: without the global permission "Browse users and groups"."""


@dataclass(frozen=True, slots=True)
class Status:
    id: str
    name: str
    category: Category
    project: str | None = None
    """The id of the team-managed project that owns it."""


@dataclass(eq=False, slots=True)
class Project:
    id: str
    key: str
    name: str
    style: Style
    rights: dict[str, frozenset[str] | None] = field(default_factory=lambda: dict(EVERYONE))
    components: dict[str, str] = field(default_factory=dict)
    """Name -> id."""
    issues: int = 0
    """How many were ever created: the number in the next key."""


@dataclass(frozen=True, slots=True)
class Item:
    """One field of a change: what machines read (`was`, `to`) and what people read."""

    field: str
    was: str | None
    was_text: str | None
    to: str | None
    to_text: str | None


@dataclass(frozen=True, slots=True)
class Change:
    id: int
    at: datetime
    by: str | None
    """None for an author who is gone."""
    items: tuple[Item, ...]


@dataclass(eq=False, slots=True)
class Comment:
    id: int
    at: datetime
    by: str
    text: str


@dataclass(eq=False, slots=True)
class Worklog:
    id: int
    issue: Issue
    author: str
    started: datetime
    seconds: int
    comment: str
    created: datetime
    updated: datetime
    updated_by: str
    properties: dict[str, Any] = field(default_factory=dict)
    group: str | None = None
    """Only its members may see it."""


@dataclass(eq=False, slots=True)
class Issue:
    id: int
    key: str
    project: Project
    summary: str
    status: Status
    assignee: str | None
    reporter: str | None
    created: datetime
    updated: datetime
    kind: str = "Task"
    priority: str | None = "Medium"
    description: str = ""
    labels: tuple[str, ...] = ()
    components: tuple[str, ...] = ()
    parent: Issue | None = None
    estimate: int | None = None
    remaining: int | None = None
    resolved: datetime | None = None
    editable: bool = True
    fields: Mapping[str, Any] = field(default_factory=dict)
    """Values of custom fields, as Jira shows them."""
    changes: list[Change] = field(default_factory=list)
    """Oldest first."""
    comments: list[Comment] = field(default_factory=list)
    worklogs: dict[int, Worklog] = field(default_factory=dict)

    @property
    def spent(self) -> int:
        return sum(worklog.seconds for worklog in self.worklogs.values())


def moment(at: datetime) -> datetime:
    """The same instant as Jira keeps it."""
    return at.astimezone(UTC).replace(microsecond=at.microsecond // 1000 * 1000)


def milliseconds(at: datetime) -> int:
    return (at - EPOCH) // timedelta(milliseconds=1)


def instant(milliseconds: int) -> datetime:
    """Cut to the years there are."""
    return EPOCH + timedelta(milliseconds=max(0, min(milliseconds, 250_000_000_000_000)))


def priority_id(name: str | None) -> str | None:
    return str(PRIORITIES.index(name) + 1) if name in PRIORITIES else None
