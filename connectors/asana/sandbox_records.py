"""The nouns of the Asana stand-in, and how much of one an answer shows.

Attributes are named as in Asana's description, so that a field an answer may
show is an attribute of that name. A record in a list or inside another record
is compact; one asked for by its gid is whole; `opt_fields` replaces either by
exactly what it names, and `gid`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any, ClassVar


@dataclass(slots=True, eq=False)
class Record:
    gid: str
    resource_type: ClassVar[str]
    COMPACT: ClassVar[tuple[str, ...]] = ("name",)
    """Shown everywhere."""
    WHOLE: ClassVar[tuple[str, ...]] = ()
    """Shown besides when the record itself was asked for."""
    ASKED: ClassVar[tuple[str, ...]] = ()
    """Shown only where `opt_fields` names them."""

    def value(self, name: str) -> Any:
        return getattr(self, name)

    def has(self, name: str) -> bool:
        """Whether an answer may show it."""
        return name == "resource_type" or any(name in part for part in (self.COMPACT, self.WHOLE, self.ASKED))


@dataclass(slots=True, eq=False)
class Workspace(Record):
    resource_type = "workspace"
    WHOLE = ("email_domains", "is_organization")

    name: str
    email_domains: list[str] = field(default_factory=list)
    is_organization: bool = True


@dataclass(slots=True, eq=False)
class Team(Record):
    resource_type = "team"

    name: str


@dataclass(slots=True, eq=False)
class User(Record):
    resource_type = "user"
    WHOLE = ("email", "photo", "workspaces")

    name: str
    email: str
    workspaces: list[Workspace]
    service: bool = False
    """Sees everything in the organisation, private tasks included."""
    tasks: dict[str, Task] = field(default_factory=dict)
    """Assigned now, by gid."""
    entries: dict[str, TimeEntry] = field(default_factory=dict)
    timesheets: list[Timesheet] = field(default_factory=list)
    absences: list[Absence] = field(default_factory=list)
    photo: None = None


@dataclass(slots=True, eq=False)
class UserTaskList(Record):
    """ "My Tasks" of one person."""

    resource_type = "user_task_list"
    WHOLE = ("owner", "workspace")

    name: str
    owner: User
    workspace: Workspace


@dataclass(slots=True, eq=False)
class Project(Record):
    resource_type = "project"
    WHOLE = (
        "archived", "color", "created_at", "custom_fields", "default_view", "due_on", "members",
        "modified_at", "notes", "owner", "permalink_url", "privacy_setting", "public", "start_on", "team",
        "workspace",
    )  # fmt: skip

    name: str
    workspace: Workspace
    team: Team
    created_at: datetime
    modified_at: datetime
    private: bool = False
    archived: bool = False
    people: set[User] = field(default_factory=set)
    viewers: set[User] = field(default_factory=set)
    """They see and may not change."""
    sections: list[Section] = field(default_factory=list)
    fields: list[CustomField] = field(default_factory=list)
    tasks: dict[str, Task] = field(default_factory=dict)
    notes: str = ""
    owner: User | None = None
    color: str | None = None
    due_on: date | None = None
    start_on: date | None = None
    default_view: str = "board"

    @property
    def members(self) -> list[User]:
        return sorted(self.people, key=lambda user: user.gid)

    @property
    def custom_fields(self) -> list[Record]:
        return []

    @property
    def public(self) -> bool:
        return not self.private

    @property
    def privacy_setting(self) -> str:
        return "private" if self.private else "public_to_workspace"

    @property
    def permalink_url(self) -> str:
        return f"https://app.asana.com/1/{self.workspace.gid}/project/{self.gid}"


@dataclass(slots=True, eq=False)
class Section(Record):
    resource_type = "section"
    WHOLE = ("created_at", "project")

    name: str
    project: Project
    created_at: datetime
    tasks: dict[str, Task] = field(default_factory=dict)


@dataclass(slots=True, eq=False)
class Option(Record):
    """One choice of an enum field."""

    resource_type = "enum_option"
    COMPACT = ("name", "enabled", "color")

    name: str
    enabled: bool = True
    color: str = "none"


@dataclass(slots=True, eq=False)
class CustomField(Record):
    resource_type = "custom_field"
    COMPACT = ("name", "type", "resource_subtype")

    name: str
    type: str
    """text, number or enum."""
    options: list[Option] = field(default_factory=list)

    @property
    def resource_subtype(self) -> str:
        return self.type


@dataclass(slots=True, eq=False)
class FieldValue(Record):
    """A custom field as one task has it: carries the gid of the field."""

    resource_type = "custom_field"
    COMPACT = (
        "name", "type", "resource_subtype", "enabled",
        "display_value", "text_value", "number_value", "enum_value",
    )  # fmt: skip

    custom: CustomField
    held: str | float | Option | None
    enabled: bool = True

    def has(self, name: str) -> bool:
        return Record.has(self, name) and (not name.endswith("_value") or self._own(name))

    def _own(self, name: str) -> bool:
        return name in ("display_value", f"{self.custom.type}_value")

    def value(self, name: str) -> Any:
        if name == "display_value":
            return _words(self.held)
        if name.endswith("_value"):
            return self.held
        return getattr(self if name in ("enabled", "resource_type") else self.custom, name)


def _words(held: str | float | Option | None) -> str | None:
    match held:
        case None:
            return None
        case Option():
            return held.name
        case float() | int():
            return f"{held:g}"
        case _:
            return held


@dataclass(slots=True, eq=False)
class Task(Record):
    resource_type = "task"
    COMPACT = ("name", "resource_subtype")
    WHOLE = (
        "actual_time_minutes", "assignee", "completed", "completed_at", "created_at", "custom_fields",
        "due_at", "due_on", "followers", "memberships", "modified_at", "notes", "parent", "permalink_url",
        "projects", "start_at", "start_on", "tags", "workspace",
    )  # fmt: skip
    ASKED = ("completed_by", "created_by", "is_rendered_as_separator", "num_subtasks")

    name: str
    workspace: Workspace
    created_at: datetime
    modified_at: datetime
    created_by: User | None = None
    assignee: User | None = None
    parent: Task | None = None
    completed: bool = False
    completed_at: datetime | None = None
    completed_by: User | None = None
    resource_subtype: str = "default_task"
    is_rendered_as_separator: bool = False
    notes: str = ""
    due_on: date | None = None
    start_on: date | None = None
    due_at: None = None
    start_at: None = None
    places: list[tuple[Project, Section]] = field(default_factory=list)
    watchers: list[User] = field(default_factory=list)
    stories: list[Story] = field(default_factory=list)
    entries: dict[str, TimeEntry] = field(default_factory=dict)
    subtasks: list[Task] = field(default_factory=list)
    held: dict[str, str | float | Option | None] = field(default_factory=dict)
    """Values of custom fields by the field's gid."""

    @property
    def projects(self) -> list[Project]:
        return [project for project, _ in self.places]

    @property
    def memberships(self) -> list[dict[str, Record]]:
        return [{"project": project, "section": section} for project, section in self.places]

    @property
    def followers(self) -> list[User]:
        return self.watchers

    @property
    def custom_fields(self) -> list[FieldValue]:
        return [
            FieldValue(custom.gid, custom, self.held.get(custom.gid))
            for project in self.projects
            for custom in project.fields
        ]

    @property
    def actual_time_minutes(self) -> int | None:
        return sum(entry.duration_minutes for entry in self.entries.values()) if self.entries else None

    @property
    def num_subtasks(self) -> int:
        return len(self.subtasks)

    @property
    def tags(self) -> list[Record]:
        return []

    @property
    def permalink_url(self) -> str:
        return f"https://app.asana.com/1/{self.workspace.gid}/task/{self.gid}"


@dataclass(slots=True, eq=False)
class Story(Record):
    resource_type = "story"
    COMPACT = ("created_at", "created_by", "resource_subtype", "text")
    WHOLE = ("type", "source", "is_editable", "is_edited", "is_pinned", "num_likes", "target")

    target: Task
    created_at: datetime
    created_by: User | None
    resource_subtype: str
    text: str
    details: Mapping[str, Any]
    """What only this subtype has: old_section, assignee, custom_field, and so on."""
    source: str = "web"
    is_edited: bool = False
    is_pinned: bool = False
    num_likes: int = 0

    @property
    def type(self) -> str:
        return "comment" if self.resource_subtype == "comment_added" else "system"

    @property
    def is_editable(self) -> bool:
        return self.type == "comment"

    def has(self, name: str) -> bool:
        return Record.has(self, name) or name in self.details

    def value(self, name: str) -> Any:
        return self.details[name] if name in self.details else getattr(self, name)


@dataclass(slots=True, eq=False)
class Category(Record):
    """A workspace's label for time entries."""

    resource_type = "time_tracking_category"
    COMPACT = ("name", "color")
    ASKED = ("is_archived",)

    name: str
    is_archived: bool = False
    color: str = "none"


@dataclass(slots=True, eq=False)
class TimeEntry(Record):
    resource_type = "time_tracking_entry"
    COMPACT = ("duration_minutes", "entered_on", "attributable_to", "created_by", "categories")
    WHOLE = ("task", "created_at", "approval_status", "billable_status", "description")

    task: Task
    created_by: User
    created_at: datetime
    duration_minutes: int
    entered_on: date
    attributable_to: Project | None = None
    billable_status: str = "notApplicable"
    description: str = ""
    categories: list[Category] = field(default_factory=list)

    @property
    def approval_status(self) -> str:
        covering = (s for s in self.created_by.timesheets if s.start_date <= self.entered_on <= s.end_date)
        return next((sheet.approval_status for sheet in covering), "DRAFT")


@dataclass(slots=True, eq=False)
class Timesheet(Record):
    """One person's week, and how far its approval got."""

    resource_type = "timesheet_approval_status"
    COMPACT = ("created_at", "user", "workspace", "start_date", "end_date", "approval_status")

    user: User
    workspace: Workspace
    created_at: datetime
    start_date: date
    end_date: date
    approval_status: str


@dataclass(slots=True, eq=False)
class Absence(Record):
    """Out of office, first to last day."""

    resource_type = "ooo_entry"
    COMPACT = ("start_date", "end_date", "user", "created_by")

    user: User
    created_by: User
    start_date: date
    end_date: date


@dataclass(slots=True, eq=False)
class Event:
    """One line of what /events tells; it names records by what they are, without what they say."""

    resource: Record
    action: str
    user: User | None
    created_at: datetime
    parent: Record | None
    change: Mapping[str, Any] | None
    """field, action and perhaps new_value, where the action is "changed"."""

    def told(self) -> dict[str, Any]:
        change = {name: _bare(value) for name, value in (self.change or {}).items()}
        return {
            "user": self.user,
            "created_at": self.created_at,
            "type": self.resource.resource_type,
            "action": self.action,
            "parent": _bare(self.parent),
            "resource": _bare(self.resource),
            **({"change": change} if change else {}),
        }


def _bare(value: Any) -> Any:
    if not isinstance(value, Record):
        return value
    names = (name for name in ("name", "resource_subtype") if value.has(name))
    known = {name: value.value(name) for name in names}
    return {"gid": value.gid, "resource_type": value.resource_type, **known}


Mask = dict[str, Any]
"""`opt_fields` as a tree: {"memberships": {"section": {"gid": {}}}}."""
Sees = Callable[[Any], bool]


def mask(opt_fields: str) -> Mask:
    """The tree a comma-separated list of dotted paths spells."""
    tree: Mask = {}
    for path in filter(None, (path.strip() for path in opt_fields.split(","))):
        branch = tree
        for name in path.split("."):
            branch = branch.setdefault(name, {})
    return tree


def show(value: Any, wanted: Mask, sees: Sees, *, whole: bool = False) -> Any:
    """A value as JSON holds it, without what the one who asks may not see.

    Takes    wanted: exactly these fields, and unknown ones ignored; empty: compact, or all of it if `whole`
    """
    match value:
        case datetime():
            return stamp(value)
        case date():
            return value.isoformat()
        case list():
            return [show(item, wanted, sees) for item in value if sees(item)]
        case dict():
            names: Iterable[str] = (n for n in value if not wanted or n == "gid" or n in wanted)
            return {name: show(value[name], wanted.get(name, {}), sees) for name in names}
        case Record():
            return _shown(value, wanted, sees, whole) if sees(value) else None
        case _:
            return value


def _shown(record: Record, wanted: Mask, sees: Sees, whole: bool) -> dict[str, Any]:
    names = [name for name in wanted if record.has(name)]
    if not wanted:
        every = (*record.COMPACT, *record.WHOLE) if whole else record.COMPACT
        names = ["resource_type", *(name for name in every if record.has(name))]
        if isinstance(record, Story) and whole:
            names.extend(record.details)
    shown = {name: show(record.value(name), wanted.get(name, {}), sees) for name in names}
    return {"gid": record.gid, **shown}


def stamp(moment: datetime) -> str:
    """Asana's notation: UTC, milliseconds, Z."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
