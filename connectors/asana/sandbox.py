"""Asana on loopback: an organisation with a memory, as strict as the real one.

Written from Asana's published description of its API and from what is known of
its refusals. Here are the routes; `sandbox_front` is what they all demand,
`sandbox_world` what happens and how a world is built, `sandbox_records` what an
answer shows of it.

Where the description is silent or says two things, the answer is the one that
is harder on a client: a move to another section leaves `modified_at` alone,
lists of time entries never show a description, offsets expire.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from connectors.asana.sandbox_front import (
    ROOT,
    Front,
    Refusal,
    api,
    iso_day,
    param_day,
    param_moment,
)
from connectors.asana.sandbox_records import (
    Category,
    Project,
    Record,
    Section,
    Story,
    Task,
    TimeEntry,
    User,
    UserTaskList,
    Workspace,
    stamp,
)
from connectors.asana.sandbox_rights import may_change, sees
from connectors.stand_in import Answer, Request

STALE = (
    "Sync token invalid or too old. If you are attempting to keep resources in sync, you must fetch the full "
    "dataset for this query now and use the new sync token for the next sync."
)

MOST_USERS = 2_000
"""`/workspaces/{gid}/users` never shows more, whatever is asked."""
EVENTS = 100
"""In one answer."""

ONE_FILTER = "Must specify exactly one of project, tag, section, user task list, or assignee + workspace"
WRITABLE = (
    "duration_minutes",
    "entered_on",
    "attributable_to",
    "billable_status",
    "description",
    "categories",
)
BILLABLE = ("billable", "nonBillable", "notApplicable")


class AsanaSite(Front):
    """The routes."""

    # --- people and places ---------------------------------------------------------------------------------

    @api("GET", "/users/{user_gid}")
    def _get_user(self, request: Request) -> Answer:
        return self._one(request, self._user(request, request.args["user_gid"], "user"))

    @api("GET", "/users")
    def _get_users(self, request: Request) -> Answer:
        self._optional(request, Workspace, "workspace")
        return self._list(request, self._people())

    @api("GET", "/workspaces")
    def _get_workspaces(self, request: Request) -> Answer:
        return self._list(request, self._me(request).workspaces)

    @api("GET", "/workspaces/{workspace_gid}")
    def _get_workspace(self, request: Request) -> Answer:
        return self._one(request, self._named(request, Workspace, "workspace"))

    @api("GET", "/workspaces/{workspace_gid}/users")
    def _get_workspace_users(self, request: Request) -> Answer:
        self._named(request, Workspace, "workspace")
        return Answer(body={"data": self._json(request, self._people()[:MOST_USERS])})

    @api("GET", "/users/{user_gid}/user_task_list")
    def _get_user_task_list(self, request: Request) -> Answer:
        self._required(request, Workspace, "workspace")
        owner = self._user(request, request.args["user_gid"], "user")
        return self._one(request, self._visible(request, self.task_lists[owner.gid], "user_task_list"))

    @api("GET", "/user_task_lists/{user_task_list_gid}")
    def _get_task_list(self, request: Request) -> Answer:
        return self._one(request, self._named(request, UserTaskList, "user_task_list"))

    @api("GET", "/ooo_entries")
    def _get_absences(self, request: Request) -> Answer:
        self._required(request, Workspace, "workspace")
        user = self._user(request, self._demanded(request, "user"), "user")
        start, end = param_day(request, "start_date"), param_day(request, "end_date")
        absences = [
            absence
            for absence in user.absences
            if (start is None or absence.end_date >= start) and (end is None or absence.start_date <= end)
        ]
        return self._list(request, absences)

    # --- projects and sections -----------------------------------------------------------------------------

    @api("GET", "/projects")
    @api("GET", "/workspaces/{workspace_gid}/projects")
    def _get_projects(self, request: Request) -> Answer:
        self._optional(request, Workspace, "workspace")
        if "workspace_gid" in request.args:
            self._named(request, Workspace, "workspace")
        team, archived = request.param("team"), request.param("archived")
        me = self._me(request)
        projects = [
            project
            for project in self._all(Project)
            if (not team or project.team.gid == team)
            and (not archived or project.archived is (archived.lower() == "true"))
            and sees(me, project)
        ]
        return self._list(request, projects)

    @api("GET", "/projects/{project_gid}")
    def _get_project(self, request: Request) -> Answer:
        return self._one(request, self._named(request, Project, "project"))

    @api("GET", "/projects/{project_gid}/sections")
    def _get_sections(self, request: Request) -> Answer:
        return self._list(request, self._named(request, Project, "project").sections)

    @api("GET", "/sections/{section_gid}")
    def _get_section(self, request: Request) -> Answer:
        return self._one(request, self._named(request, Section, "section"))

    # --- tasks ---------------------------------------------------------------------------------------------

    @api("GET", "/tasks")
    def _get_tasks(self, request: Request) -> Answer:
        filters = {"project", "section", "tag", "assignee", "workspace"} & request.params.keys()
        if filters not in ({"project"}, {"section"}, {"tag"}, {"assignee", "workspace"}):
            raise Refusal(400, ONE_FILTER)
        if "project" in filters:
            return self._tasks(request, self._required(request, Project, "project").tasks.values())
        if "section" in filters:
            return self._tasks(request, self._required(request, Section, "section").tasks.values())
        if "tag" in filters:
            raise Refusal(404, f"tag: Unknown object: {request.param('tag')}")
        self._required(request, Workspace, "workspace")
        return self._tasks(request, self._assigned(request, self._assignee(request)))

    @api("GET", "/projects/{project_gid}/tasks")
    def _get_project_tasks(self, request: Request) -> Answer:
        return self._tasks(request, self._named(request, Project, "project").tasks.values(), modified=False)

    @api("GET", "/sections/{section_gid}/tasks")
    def _get_section_tasks(self, request: Request) -> Answer:
        return self._tasks(request, self._named(request, Section, "section").tasks.values(), modified=False)

    @api("GET", "/user_task_lists/{user_task_list_gid}/tasks")
    def _get_list_tasks(self, request: Request) -> Answer:
        owner = self._named(request, UserTaskList, "user_task_list").owner
        return self._tasks(request, self._assigned(request, owner), modified=False)

    @api("GET", "/tasks/{task_gid}/subtasks")
    def _get_subtasks(self, request: Request) -> Answer:
        return self._list(request, self._named(request, Task, "task").subtasks)

    @api("GET", "/tasks/{task_gid}")
    def _get_task(self, request: Request) -> Answer:
        return self._one(request, self._named(request, Task, "task"))

    def _tasks(self, request: Request, tasks: Iterable[Task], *, modified: bool = True) -> Answer:
        """`completed_since` is for every list of tasks, `modified_since` for `GET /tasks` alone."""
        changed = param_moment(request, "modified_since") if modified else None
        only_open = request.param("completed_since") == "now"
        ended = None if only_open else param_moment(request, "completed_since")
        found = [
            task
            for task in tasks
            if (changed is None or task.modified_at >= changed)
            and not (only_open and task.completed)
            and (ended is None or task.completed_at is None or task.completed_at >= ended)
        ]
        return self._list(request, found)

    def _assigned(self, request: Request, user: User) -> list[Task]:
        me = self._me(request)
        return [task for task in user.tasks.values() if sees(me, task)]

    def _assignee(self, request: Request) -> User:
        try:
            return self._user(request, request.param("assignee"), "assignee")
        except Refusal:
            message = f"assignee: Not a user in Organization: {request.param('assignee')}"
            raise Refusal(400, message) from None

    # --- stories and events --------------------------------------------------------------------------------

    @api("GET", "/tasks/{task_gid}/stories")
    def _get_stories(self, request: Request) -> Answer:
        stories = self._named(request, Task, "task").stories
        if after := param_moment(request, "created_after"):
            # exclusive, but cut to its second first: the last story a client saw comes again
            stories = [story for story in stories if story.created_at >= after.replace(microsecond=0)]
        if wanted := request.param("resource_subtype"):
            if wanted != "comment_added":
                raise Refusal(400, f"resource_subtype: Not a supported value: {wanted}")
            stories = [story for story in stories if story.resource_subtype == wanted]
        newest_first = request.param("sort_ascending").lower() == "false"
        return self._list(request, stories, key=_when, newest_first=newest_first)

    @api("GET", "/stories/{story_gid}")
    def _get_story(self, request: Request) -> Answer:
        return self._one(request, self._named(request, Story, "story"))

    @api("GET", "/events")
    def _get_events(self, request: Request) -> Answer:
        resource = self._resource(request)
        events = self.events.get(resource.gid, [])
        since = self._sealed.open(request.param("sync")) or {}
        if since.get("resource") != resource.gid or self._past(since["issued"], self.sync_life):
            raise Refusal(412, STALE, sync=self._sync(resource, len(events)))
        end = min(since["seen"] + EVENTS, len(events))
        data = self._json(request, [event.told() for event in events[since["seen"] : end]])
        return Answer(body={"data": data, "sync": self._sync(resource, end), "has_more": end < len(events)})

    def _resource(self, request: Request) -> Task | Project:
        try:
            return self._required(request, Project, "resource")
        except Refusal:
            return self._required(request, Task, "resource")

    def _sync(self, resource: Record, seen: int) -> str:
        return self._sealed.seal(resource=resource.gid, seen=seen, issued=self.clock().timestamp())

    # --- time ----------------------------------------------------------------------------------------------

    @api("POST", "/tasks/{task_gid}/time_tracking_entries")
    def _create_entry(self, request: Request) -> Answer:
        self._has_time_tracking()
        task = self._named(request, Task, "task")
        if not may_change(self._me(request), task):
            raise Refusal(403, "You do not have access to add time to this task.")
        fields = self._entry_fields(request)
        if "duration_minutes" not in fields:
            raise Refusal(400, "duration_minutes: Missing input")
        gid = self.add_time_entry(
            task.gid, self._me(request).gid, fields.pop("duration_minutes"), self.clock().date()
        )
        entry = self._get(TimeEntry, gid)
        _write(entry, fields)
        body = {"data": self._json(request, entry, whole=True)}
        return Answer(201, body, {"Location": f"{self.url}{ROOT}/time_tracking_entries/{gid}"})

    @api("GET", "/tasks/{task_gid}/time_tracking_entries")
    def _get_task_entries(self, request: Request) -> Answer:
        self._has_time_tracking()
        return self._entries(request, self._named(request, Task, "task").entries.values())

    @api("GET", "/time_tracking_entries/{time_tracking_entry_gid}")
    def _get_entry(self, request: Request) -> Answer:
        self._has_time_tracking()
        return self._one(request, self._named(request, TimeEntry, "time_tracking_entry"))

    @api("PUT", "/time_tracking_entries/{time_tracking_entry_gid}")
    def _update_entry(self, request: Request) -> Answer:
        self._has_time_tracking()
        entry = self._own_entry(request)
        _write(entry, self._entry_fields(request))
        return self._one(request, entry)

    @api("DELETE", "/time_tracking_entries/{time_tracking_entry_gid}")
    def _delete_entry(self, request: Request) -> Answer:
        self._has_time_tracking()
        self.delete_time_entry(self._own_entry(request).gid)
        return Answer(body={"data": {}})

    @api("GET", "/time_tracking_entries")
    def _get_entries(self, request: Request) -> Answer:
        self._has_time_tracking()
        start, end = param_day(request, "entered_on_start_date"), param_day(request, "entered_on_end_date")
        workspace = self._optional(request, Workspace, "workspace")
        if workspace and start is None and end is None:
            message = "At least one of entered_on_start_date or entered_on_end_date must be provided"
            raise Refusal(400, f"workspace: {message}")
        if request.param("portfolio"):
            raise Refusal(404, f"portfolio: Unknown object: {request.param('portfolio')}")
        task = self._optional(request, Task, "task")
        project = self._optional(request, Project, "attributable_to")
        user = self._user(request, request.param("user"), "user") if request.param("user") else None
        if not (workspace or task or project or user):
            raise Refusal(400, "Must specify one of task, attributable_to, portfolio, user or workspace")
        me = self._me(request)
        found = [
            entry
            for entry in self._held(user, task)
            if task in (None, entry.task)
            and project in (None, entry.attributable_to)
            and user in (None, entry.created_by)
            and (start is None or entry.entered_on >= start)
            and (end is None or entry.entered_on <= end)
            and sees(me, entry)
        ]
        return self._entries(request, found)

    def _held(self, user: User | None, task: Task | None) -> Iterable[TimeEntry]:
        """Where to look; people and tasks know their own entries."""
        if user:
            return user.entries.values()
        return task.entries.values() if task else self._all(TimeEntry)

    @api("GET", "/time_tracking_categories")
    def _get_categories(self, request: Request) -> Answer:
        self._has_time_tracking()
        self._required(request, Workspace, "workspace")
        archived = request.param("is_archived").lower() == "true"
        return self._list(request, [c for c in self._all(Category) if c.is_archived is archived])

    @api("GET", "/timesheet_approval_statuses")
    def _get_timesheets(self, request: Request) -> Answer:
        self._has_time_tracking()
        self._required(request, Workspace, "workspace")
        start, end = param_day(request, "from_date"), param_day(request, "to_date")
        wanted = {status.upper() for status in request.param("approval_statuses").split(",") if status}
        people = (
            [self._user(request, request.param("user"), "user")] if request.param("user") else self._people()
        )
        sheets = [
            sheet
            for person in people
            for sheet in person.timesheets
            if (start is None or sheet.end_date >= start)
            and (end is None or sheet.start_date <= end)
            and (not wanted or sheet.approval_status in wanted)
        ]
        return self._list(request, sheets)

    def _has_time_tracking(self) -> None:
        if not self.time_tracking:
            raise Refusal(402, "Time tracking is not available on your plan.")

    def _own_entry(self, request: Request) -> TimeEntry:
        entry = self._named(request, TimeEntry, "time_tracking_entry")
        if entry.created_by is not self._me(request):
            raise Refusal(403, "You do not have access to change this time tracking entry.")
        return entry

    def _entries(self, request: Request, entries: Iterable[TimeEntry]) -> Answer:
        """A list of time entries is compact whatever is asked: no description, task or created_at."""
        return self._list(request, entries, only=TimeEntry.COMPACT)

    def _entry_fields(self, request: Request) -> dict[str, Any]:
        """The fields of a body, checked, as a TimeEntry holds them."""
        sent = _body(request)
        for name in sent:
            if name not in WRITABLE:
                raise Refusal(400, f"{name}: Cannot write this property")
            if name in self.addon_fields:
                raise Refusal(402, f"{name}: Requires the Timesheets and Budgets add-on")
        readers: dict[str, Callable[[Any], Any]] = {
            "duration_minutes": _minutes,
            "entered_on": lambda value: iso_day(value, "entered_on"),
            "attributable_to": lambda value: self._mentioned(request, Project, value, "attributable_to"),
            "billable_status": _billable,
            "description": _text,
            "categories": lambda value: self._categories(request, value),
        }
        return {name: readers[name](value) for name, value in sent.items()}

    def _categories(self, request: Request, value: Any) -> list[Category]:
        if not isinstance(value, list) or len(value) > 1:
            raise Refusal(400, "categories: Must be a list of at most one category")
        found = [self._mentioned(request, Category, gid, "categories: [0]") for gid in value]
        if any(category.is_archived for category in found):
            raise Refusal(400, "categories: [0]: Archived categories cannot be assigned")
        return found


def _when(story: Story) -> str:
    return stamp(story.created_at) + story.gid


def _body(request: Request) -> dict[str, Any]:
    """The fields inside `data`."""
    try:
        sent = request.json()
    except ValueError:
        raise Refusal(400, "Could not parse request data, invalid JSON") from None
    if not isinstance(sent, dict) or not isinstance(sent.get("data"), dict):
        raise Refusal(400, "data: Missing input")
    for name in sent:
        if name not in ("data", "options"):
            message = "The only allowed keys at the top level are: data, options."
            raise Refusal(400, f"Unrecognized request field {name} . {message}")
    fields: dict[str, Any] = sent["data"]
    return fields


def _minutes(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value <= 0:
        raise Refusal(400, f"duration_minutes: Must be a whole number greater than 0, not: {value}")
    return value


def _billable(value: Any) -> str:
    if value not in BILLABLE:
        raise Refusal(400, f"billable_status: Must be one of {', '.join(BILLABLE)}, not: {value}")
    return str(value)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise Refusal(400, f"description: Value is not a string: {value}")
    return value


def _write(entry: TimeEntry, fields: dict[str, Any]) -> None:
    for name, value in fields.items():
        setattr(entry, name, value)
