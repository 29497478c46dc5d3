"""What happens in the Asana stand-in's organisation: people, tasks, changes, time.

These methods build a world and tell what became of it; the routes that show it
over HTTP are in sandbox.py. Everything is named by its gid. Every change
writes the story and the event the real one writes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import wraps
from itertools import count
from typing import Any, Concatenate, Literal, ParamSpec, TypeVar, cast

from connectors.asana.sandbox_records import (
    Absence,
    Category,
    CustomField,
    Event,
    Option,
    Project,
    Record,
    Section,
    Story,
    Task,
    Team,
    TimeEntry,
    Timesheet,
    User,
    UserTaskList,
    Workspace,
)
from connectors.stand_in import Faults, StandIn

Kept = TypeVar("Kept", bound=Record)
P = ParamSpec("P")
R = TypeVar("R")
Org = TypeVar("Org", bound="Organisation")


def act(change: Callable[Concatenate[Org, P], R]) -> Callable[Concatenate[Org, P], R]:
    """A change that happens whole: no request sees half of it."""

    @wraps(change)
    def whole(self: Org, /, *args: P.args, **kwargs: P.kwargs) -> R:
        with self.lock:
            return change(self, *args, **kwargs)

    return whole


@dataclass(frozen=True)
class Logged:
    """A live time entry, for a test to look at."""

    gid: str
    task: str
    user: str
    minutes: int
    day: date
    description: str
    billable: str
    categories: tuple[str, ...]


class Organisation(StandIn):
    """One workspace and all that happened in it."""

    name = "asana"

    def __init__(
        self,
        *,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        faults: Faults | None = None,
        moves_modify: bool = False,
    ) -> None:
        """`moves_modify`: whether a move to a section or project changes `modified_at`.

        Asana's description says both; the stand-in says no, which is harder on a client.
        """
        super().__init__(clock=clock, faults=faults)
        self.moves_modify = moves_modify
        self._records: defaultdict[type[Record], dict[str, Record]] = defaultdict(dict)
        self.tokens: dict[str, User] = {}
        self.events: defaultdict[str, list[Event]] = defaultdict(list)
        """By gid of the task or project they reach, oldest first."""
        self.task_lists: dict[str, UserTaskList] = {}
        self._gids = count(1_200_000_000_000_001)
        self.emails: dict[str, User] = {}
        self.workspace = self._keep(Workspace(self._gid(), "Cast & Co", ["example.test"]))
        self.team = self._keep(Team(self._gid(), "Everyone"))

    # --- people --------------------------------------------------------------------------------------------

    @act
    def add_user(self, email: str, token: str, name: str, *, service: bool = False) -> str:
        """A member of the workspace, and a personal access token that acts as them."""
        user = self._keep(User(self._gid(), name, email, [self.workspace], service))
        tasks = UserTaskList(self._gid(), f"My tasks in {self.workspace.name}", user, self.workspace)
        self.task_lists[user.gid] = self._keep(tasks)
        self.emails[email.lower()] = user
        self.tokens[token] = user
        return user.gid

    @act
    def revoke(self, token: str) -> None:
        self.tokens.pop(token, None)

    @act
    def add_absence(self, user: str, start: date, end: date) -> str:
        """Out of office, both days included."""
        person = self._get(User, user)
        absence = self._keep(Absence(self._gid(), person, person, start, end))
        person.absences.append(absence)
        return absence.gid

    @act
    def add_timesheet(
        self,
        user: str,
        start: date,
        end: date,
        status: Literal["DRAFT", "SUBMITTED", "APPROVED", "REJECTED"] = "SUBMITTED",
    ) -> str:
        """A week handed in, both days included."""
        person = self._get(User, user)
        sheet = Timesheet(self._gid(), person, self.workspace, self.clock(), start, end, status)
        person.timesheets.append(self._keep(sheet))
        return sheet.gid

    # --- projects ------------------------------------------------------------------------------------------

    @act
    def add_project(
        self,
        name: str,
        sections: Sequence[str] = ("To do", "Doing", "Done"),
        members: Iterable[str] = (),
        *,
        private: bool = False,
        viewers: Iterable[str] = (),
        archived: bool = False,
        at: datetime | None = None,
    ) -> str:
        """A board. A private one is for its members and viewers; viewers may not change it."""
        now = at or self.clock()
        project = self._keep(
            Project(self._gid(), name, self.workspace, self.team, now, now, private, archived)
        )
        project.viewers = {self._get(User, user) for user in viewers}
        project.people = {self._get(User, user) for user in members} | project.viewers
        for title in sections:
            project.sections.append(self._keep(Section(self._gid(), title, project, now)))
        return project.gid

    @act
    def add_custom_field(
        self, project: str, name: str, kind: Literal["text", "number", "enum"], options: Sequence[str] = ()
    ) -> str:
        choices = [self._keep(Option(self._gid(), option)) for option in options]
        custom = self._keep(CustomField(self._gid(), name, kind, choices))
        self._get(Project, project).fields.append(custom)
        return custom.gid

    @act
    def add_category(self, name: str, *, archived: bool = False) -> str:
        """A label for time entries."""
        return self._keep(Category(self._gid(), name, archived)).gid

    @act
    def archive_category(self, category: str) -> None:
        self._get(Category, category).is_archived = True

    # --- tasks ---------------------------------------------------------------------------------------------

    @act
    def add_task(
        self,
        project: str | None,
        name: str,
        assignee: str | None = None,
        section: str | None = None,
        created: datetime | None = None,
        *,
        by: str | None = None,
        parent: str | None = None,
        due: date | None = None,
        subtype: Literal["default_task", "milestone", "approval"] = "default_task",
    ) -> str:
        """A task; `section` by name or gid, else the project's first.

        Without a project it is private to its creator, assignee and commenters.
        """
        now = created or self.clock()
        creator = self._person(by or assignee)
        task = self._keep(Task(self._gid(), name, self.workspace, now, now, creator))
        task.resource_subtype, task.due_on = subtype, due
        self._follow(task, creator)
        if parent:
            task.parent = self._get(Task, parent)
            task.parent.subtasks.append(task)
        if project:
            self._place(task, self._get(Project, project), section, now, creator)
        if assignee:
            self._assign(task, self._get(User, assignee), now, creator)
        task.modified_at = now
        return task.gid

    @act
    def add_to_project(
        self,
        task: str,
        project: str,
        section: str | None = None,
        at: datetime | None = None,
        by: str | None = None,
    ) -> None:
        self._place(
            self._get(Task, task), self._get(Project, project), section, at or self.clock(), self._person(by)
        )

    @act
    def remove_from_project(
        self, task: str, project: str, at: datetime | None = None, by: str | None = None
    ) -> None:
        removed, now, author = self._get(Task, task), at or self.clock(), self._person(by)
        left = next(place for place in removed.places if place[0].gid == project)
        reach = self._reach(removed)
        removed.places.remove(left)
        del left[0].tasks[task], left[1].tasks[task]
        text, details = f"removed this task from {left[0].name}", {"project": left[0]}
        self._story(removed, "removed_from_project", author, now, text, details, modifies=self.moves_modify)
        self._happened(removed, "removed", author, now, reach=reach, parent=left[0])

    @act
    def move(self, task: str, section: str, at: datetime | None = None, by: str | None = None) -> None:
        """To another section, by name or gid, of a project the task is in."""
        moved, now = self._get(Task, task), at or self.clock()
        for index, (project, old) in enumerate(moved.places):
            new = _section(project, section)
            if new is None:
                continue
            del old.tasks[moved.gid]
            new.tasks[moved.gid] = moved
            moved.places[index] = (project, new)
            text = f'moved this task from "{old.name}" to "{new.name}" in {project.name}'
            details = {"old_section": old, "new_section": new, "project": project}
            self._story(moved, "section_changed", by, now, text, details, modifies=self.moves_modify)
            self._changed(moved, "memberships", by, now)
            return
        raise KeyError(f"no project of task {task} has a section {section}")

    @act
    def assign(self, task: str, user: str | None, at: datetime | None = None, by: str | None = None) -> None:
        """To someone, or to nobody."""
        self._assign(self._get(Task, task), self._person(user), at or self.clock(), self._person(by))

    @act
    def complete(
        self, task: str, at: datetime | None = None, by: str | None = None, *, done: bool = True
    ) -> None:
        """Mark it complete, or incomplete again."""
        changed, now = self._get(Task, task), at or self.clock()
        changed.completed = done
        changed.completed_at, changed.completed_by = (now, self._person(by)) if done else (None, None)
        word = "complete" if done else "incomplete"
        self._story(changed, f"marked_{word}", by, now, f"marked this task {word}")
        self._changed(changed, "completed", by, now)

    @act
    def comment(self, task: str, at: datetime | None, by: str, text: str) -> str:
        commented, now = self._get(Task, task), at or self.clock()
        self._follow(commented, self._get(User, by))
        return self._story(commented, "comment_added", by, now, text).gid

    @act
    def rename(self, task: str, name: str, at: datetime | None = None, by: str | None = None) -> None:
        renamed, now = self._get(Task, task), at or self.clock()
        details = {"old_name": renamed.name, "new_name": name}
        renamed.name = name
        self._story(renamed, "name_changed", by, now, f'changed the name to "{name}"', details)
        self._changed(renamed, "name", by, now)

    @act
    def set_field(
        self,
        task: str,
        custom_field: str,
        value: str | float | None,
        at: datetime | None = None,
        by: str | None = None,
    ) -> None:
        """Give a task a custom field's value; of an enum, the name of the option."""
        changed, custom, now = self._get(Task, task), self._get(CustomField, custom_field), at or self.clock()
        new: str | float | Option | None = value
        if custom.type == "enum" and value is not None:
            new = next(option for option in custom.options if option.name == value)
        old, changed.held[custom.gid] = changed.held.get(custom.gid), new
        kind = f"{custom.type}_value"
        values = {f"old_{kind}": old, f"new_{kind}": new}
        details = {"custom_field": custom, **{k: v for k, v in values.items() if v is not None}}
        subtype = f"{custom.type}_custom_field_changed"
        self._story(changed, subtype, by, now, f'changed {custom.name} to "{value}"', details)
        self._changed(changed, "custom_fields", by, now)

    @act
    def delete_task(self, task: str, at: datetime | None = None, by: str | None = None) -> None:
        """Into the trash, with its time and its stories: nobody sees them any more."""
        gone, now = self._get(Task, task), at or self.clock()
        self._happened(gone, "deleted", self._person(by), now, reach=self._reach(gone))
        for project, section in gone.places:
            del project.tasks[gone.gid], section.tasks[gone.gid]
        if gone.assignee:
            del gone.assignee.tasks[gone.gid]
        if gone.parent:
            gone.parent.subtasks.remove(gone)
        for entry in list(gone.entries.values()):
            self._drop_entry(entry)
        for record in (gone, *gone.stories):
            self._forget(record)

    # --- time ----------------------------------------------------------------------------------------------

    @act
    def add_time_entry(
        self,
        task: str,
        user: str,
        minutes: int,
        day: date,
        description: str = "",
        *,
        project: str | None = None,
        billable: str = "notApplicable",
        categories: Sequence[str] = (),
        at: datetime | None = None,
    ) -> str:
        worked_on = self._get(Task, task)
        # a task in one project can count for no other
        budget = self._get(Project, project) if project else _only(worked_on.projects)
        entry = TimeEntry(
            self._gid(),
            worked_on,
            self._get(User, user),
            at or self.clock(),
            minutes,
            day,
            budget,
            billable,
            description,
            [self._get(Category, category) for category in categories],
        )
        self._keep(entry)
        entry.task.entries[entry.gid] = entry.created_by.entries[entry.gid] = entry
        return entry.gid

    @act
    def change_time_entry(
        self,
        entry: str,
        *,
        minutes: int | None = None,
        day: date | None = None,
        description: str | None = None,
        billable: str | None = None,
    ) -> None:
        """As a person would in Asana's own page."""
        held = self._get(TimeEntry, entry)
        held.billable_status = billable or held.billable_status
        held.duration_minutes = held.duration_minutes if minutes is None else minutes
        held.entered_on = day or held.entered_on
        held.description = held.description if description is None else description

    @act
    def delete_time_entry(self, entry: str) -> None:
        self._drop_entry(self._get(TimeEntry, entry))

    @property
    def time_entries(self) -> list[Logged]:
        """The truth: every live time entry, oldest first."""
        with self.lock:
            return [
                Logged(
                    e.gid,
                    e.task.gid,
                    e.created_by.gid,
                    e.duration_minutes,
                    e.entered_on,
                    e.description,
                    e.billable_status,
                    tuple(category.gid for category in e.categories),
                )
                for e in self._all(TimeEntry)
            ]

    # --- how a change is written down ----------------------------------------------------------------------

    def _gid(self) -> str:
        return str(next(self._gids))

    def _keep(self, record: Kept) -> Kept:
        self._records[type(record)][record.gid] = record
        return record

    def _forget(self, record: Record) -> None:
        del self._records[type(record)][record.gid]

    def _all(self, kind: type[Kept]) -> list[Kept]:
        return list(cast("dict[str, Kept]", self._records[kind]).values())

    def _get(self, kind: type[Kept], gid: str) -> Kept:
        return cast("dict[str, Kept]", self._records[kind])[gid]

    def _person(self, gid: str | None) -> User | None:
        return self._get(User, gid) if gid else None

    def _follow(self, task: Task, user: User | None) -> None:
        if user and user not in task.watchers:
            task.watchers.append(user)

    def _place(
        self, task: Task, project: Project, section: str | None, now: datetime, by: User | None
    ) -> None:
        into = _section(project, section)
        if into is None:
            raise KeyError(f"project {project.gid} has no section {section}")
        task.places.append((project, into))
        project.tasks[task.gid] = into.tasks[task.gid] = task
        text = f"added this task to {project.name}"
        self._story(task, "added_to_project", by, now, text, {"project": project}, modifies=self.moves_modify)
        self._happened(task, "added", by, now, reach=self._reach(task), parent=project)

    def _assign(self, task: Task, user: User | None, now: datetime, by: User | None) -> None:
        if task.assignee:
            del task.assignee.tasks[task.gid]
        task.assignee = user
        if user:
            user.tasks[task.gid] = task
            self._follow(task, user)
            self._story(task, "assigned", by, now, f"assigned this task to {user.name}", {"assignee": user})
        else:
            self._story(task, "unassigned", by, now, "unassigned this task")
        self._changed(task, "assignee", by, now, new_value=user)

    def _drop_entry(self, entry: TimeEntry) -> None:
        self._forget(entry)
        del entry.task.entries[entry.gid], entry.created_by.entries[entry.gid]

    def _story(
        self,
        task: Task,
        subtype: str,
        by: User | str | None,
        now: datetime,
        text: str,
        details: dict[str, Any] | None = None,
        *,
        modifies: bool = True,
    ) -> Story:
        author = self._person(by) if isinstance(by, str) else by
        story = self._keep(Story(self._gid(), task, now, author, subtype, text, details or {}))
        task.stories.append(story)
        if modifies:
            task.modified_at = max(task.modified_at, now)
        self._happened(story, "added", author, now, reach=self._reach(task), parent=task)
        return story

    def _changed(self, task: Task, field: str, by: User | str | None, now: datetime, **value: Any) -> None:
        author = self._person(by) if isinstance(by, str) else by
        change = {"field": field, "action": "changed", **value}
        self._happened(task, "changed", author, now, reach=self._reach(task), change=change)

    def _reach(self, task: Task) -> list[str]:
        """Whose subscribers hear of it: the task, its projects, and the same of its parent."""
        above = self._reach(task.parent) if task.parent else []
        return list(dict.fromkeys([task.gid, *(project.gid for project in task.projects), *above]))

    def _happened(
        self,
        resource: Record,
        action: str,
        by: User | None,
        now: datetime,
        *,
        reach: Iterable[str],
        parent: Record | None = None,
        change: Mapping[str, Any] | None = None,
    ) -> None:
        event = Event(resource, action, by, now, parent, change)
        for gid in reach:
            self.events[gid].append(event)


def _only(projects: list[Project]) -> Project | None:
    return projects[0] if len(projects) == 1 else None


def _section(project: Project, wanted: str | None) -> Section | None:
    """By gid or name; the first for None."""
    return next((s for s in project.sections if wanted in (None, s.gid, s.name)), None)
