"""How Jira writes things down: the JSON of people, issues, histories and worklogs.

One Voice answers one request: in API version 2 texts are plain, in 3 they are
Atlassian documents, and every time is told in the asker's own time zone.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from connectors.jira.sandbox_jql import Reader
from connectors.jira.sandbox_nouns import (
    Change,
    Comment,
    Issue,
    Person,
    Project,
    Status,
    Worklog,
    milliseconds,
    priority_id,
)

Json = dict[str, Any]

EMBEDDED_WORKLOGS = 20
CATEGORIES = {
    "new": (2, "To Do", "blue-gray"),
    "indeterminate": (4, "In Progress", "yellow"),
    "done": (3, "Done", "green"),
}
UNITS = {"w": 5 * 8 * 3600, "d": 8 * 3600, "h": 3600, "m": 60}
"""Seconds of Jira's working weeks and days."""
EXPANDS = "renderedFields,names,schema,transitions,operations,editmeta,changelog,versionedRepresentations"


@dataclass(frozen=True)
class Voice:
    reader: Reader
    root: str
    """e.g. http://127.0.0.1:8080/rest/api/3"""

    @property
    def documents(self) -> bool:
        return self.root.endswith("/3")

    def time(self, at: datetime) -> str:
        local = at.astimezone(self.reader.zone).isoformat(timespec="milliseconds")
        return local[:-3] + local[-2:]  # +0100, without the colon

    def text(self, words: str) -> str | Json:
        return document(words) if self.documents else words

    # --- people and projects -------------------------------------------------------------------------------

    def person(self, account: str | None) -> Json | None:
        known = self.reader.world.people.get(account or "")
        return self.user(known) if known else None

    def user(self, person: Person) -> Json:
        shown = person.shows_email or person.account_id == self.reader.account
        return {
            "self": f"{self.root}/user?accountId={person.account_id}",
            "accountId": person.account_id,
            "accountType": person.kind,
            **({"emailAddress": person.email, "timeZone": person.zone} if shown else {}),
            "avatarUrls": self.avatars(),
            "displayName": person.name,
            "active": person.active,
        }

    def avatars(self) -> Json:
        return {f"{size}x{size}": f"{self.root}/avatar/{size}.png" for size in (16, 24, 32, 48)}

    def project(self, project: Project) -> Json:
        return {
            "self": f"{self.root}/project/{project.id}",
            "id": project.id,
            "key": project.key,
            "name": project.name,
            "projectTypeKey": "software",
            "simplified": project.style == "next-gen",
            "avatarUrls": self.avatars(),
        }

    def status(self, status: Status) -> Json:
        number, name, color = CATEGORIES[status.category]
        return {
            "self": f"{self.root}/status/{status.id}",
            "description": "",
            "iconUrl": f"{self.root}/icons/status.png",
            "name": status.name,
            "id": status.id,
            "statusCategory": {
                "self": f"{self.root}/statuscategory/{number}",
                "id": number,
                "key": status.category,
                "colorName": color,
                "name": name,
            },
        }

    # --- issues --------------------------------------------------------------------------------------------

    def issue(self, issue: Issue, fields: Collection[str]) -> Json:
        """With these fields; of an issue with nothing but its id Jira says nothing else."""
        if set(fields) == {"id"}:
            return {"id": str(issue.id)}
        head = {
            "expand": EXPANDS,
            "id": str(issue.id),
            "self": f"{self.root}/issue/{issue.id}",
            "key": issue.key,
        }
        shown = [name for name in fields if name in FIELDS or name in self.reader.world.custom_fields]
        if not shown:
            return head
        return {**head, "fields": {name: self.value(issue, name) for name in shown}}

    def value(self, issue: Issue, name: str) -> Any:
        return FIELDS[name].value(self, issue) if name in FIELDS else issue.fields.get(name)

    def change(self, change: Change, *, epoch: bool = False, only: Collection[str] = ()) -> Json:
        """`epoch`: the bulk answer tells times as milliseconds. `only` these fields, or all."""
        author = self.person(change.by)
        return {
            "id": str(change.id),
            **({"author": author} if author else {}),
            "created": milliseconds(change.at) if epoch else self.time(change.at),
            "items": [
                {
                    "field": item.field,
                    "fieldtype": "jira",
                    "fieldId": item.field,
                    "from": item.was,
                    "fromString": item.was_text,
                    "to": item.to,
                    "toString": item.to_text,
                }
                for item in change.items
                if not only or item.field in only
            ],
        }

    def history(self, issue: Issue, most: int) -> Json:
        """The latest changes only, latest first."""
        latest = issue.changes[: -most - 1 : -1]
        return {
            "startAt": 0,
            "maxResults": len(latest),
            "total": len(issue.changes),
            "histories": [self.change(change) for change in latest],
        }

    def transitions(self, issue: Issue) -> list[Json]:
        """The workflow lets everybody go from any status to any of the project's."""
        owner = issue.project.id if issue.project.style == "next-gen" else None
        every = {"hasScreen": False, "isGlobal": True, "isInitial": False, "isConditional": False}
        return [
            {"id": status.id, "name": status.name, "to": self.status(status), "isAvailable": True, **every}
            for status in self.reader.world.statuses.values()
            if status.project == owner
        ]

    def comment(self, issue: Issue, comment: Comment) -> Json:
        author = self.person(comment.by)
        return {
            "self": f"{self.root}/issue/{issue.id}/comment/{comment.id}",
            "id": str(comment.id),
            "author": author,
            "body": self.text(comment.text),
            "updateAuthor": author,
            "created": self.time(comment.at),
            "updated": self.time(comment.at),
            "jsdPublic": True,
        }

    def comments(self, issue: Issue) -> Json:
        said = [self.comment(issue, comment) for comment in issue.comments]
        return {"comments": said, "maxResults": len(said), "total": len(said), "startAt": 0}

    # --- worklogs ------------------------------------------------------------------------------------------

    def sees(self, worklog: Worklog) -> bool:
        """May the asker see it, given that they see the issue?"""
        return worklog.group is None or self.reader.account in self.reader.world.groups[worklog.group]

    def worklog(self, worklog: Worklog, *, properties: bool = False) -> Json:
        group = worklog.group
        return {
            "self": f"{self.root}/issue/{worklog.issue.id}/worklog/{worklog.id}",
            "author": self.person(worklog.author),
            "updateAuthor": self.person(worklog.updated_by),
            **({"comment": self.text(worklog.comment)} if worklog.comment else {}),
            "created": self.time(worklog.created),
            "updated": self.time(worklog.updated),
            **({"visibility": {"type": "group", "value": group, "identifier": group}} if group else {}),
            "started": self.time(worklog.started),
            "timeSpent": spoken(worklog.seconds),
            "timeSpentSeconds": worklog.seconds,
            "id": str(worklog.id),
            "issueId": str(worklog.issue.id),
            **({"properties": self.properties(worklog)} if properties else {}),
        }

    def properties(self, worklog: Worklog) -> list[Json]:
        return [{"key": key, "value": value} for key, value in worklog.properties.items()]

    def embedded_worklogs(self, issue: Issue) -> Json:
        """What the field `worklog` shows: the first twenty, whatever the total."""
        seen = [worklog for worklog in issue.worklogs.values() if self.sees(worklog)]
        return {
            "startAt": 0,
            "maxResults": EMBEDDED_WORKLOGS,
            "total": len(seen),
            "worklogs": [self.worklog(worklog) for worklog in seen[:EMBEDDED_WORKLOGS]],
        }


def document(words: str) -> Json:
    """Plain text as an Atlassian document: a paragraph a line."""
    lines = [[{"type": "text", "text": line}] if line else [] for line in words.split("\n")]
    return {
        "type": "doc",
        "version": 1,
        "content": [{"type": "paragraph", "content": line} for line in lines],
    }


def plain(node: Any) -> str:
    """The words of an Atlassian document."""
    inner = [plain(child) for child in node.get("content", ())]
    match node.get("type"):
        case "text":
            return str(node.get("text", ""))
        case "hardBreak":
            return "\n"
        case "doc":
            return "\n".join(inner)
    return "".join(inner)


def spoken(seconds: int) -> str:
    """1d 2h 30m, in Jira's working days."""
    parts = []
    for unit, size in UNITS.items():
        many, seconds = divmod(seconds, size)
        if many:
            parts.append(f"{many}{unit}")
    return " ".join(parts) or "0m"


def heard(text: str) -> int | None:
    """The seconds of "1d 2h 30m" or of bare minutes; None where it is neither."""
    words = text.split()
    matches = [re.fullmatch(r"(\d+(?:\.\d+)?)([wdhm]?)", word) for word in words]
    if not words or not all(matches):
        return None
    return round(sum(float(match[1]) * UNITS[match[2] or "m"] for match in matches if match))


# --- fields ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Shown:
    """One field of an issue."""

    name: str
    type: str
    value: Callable[[Voice, Issue], Any]
    items: str | None = None
    clauses: tuple[str, ...] = ()

    def schema(self, field: str) -> Json:
        return {"type": self.type, "system": field, **({"items": self.items} if self.items else {})}


def _priority(voice: Voice, issue: Issue) -> Json | None:
    number = priority_id(issue.priority)
    if number is None:
        return None
    icon = f"{voice.root}/icons/priority.png"
    return {"self": f"{voice.root}/priority/{number}", "iconUrl": icon, "name": issue.priority, "id": number}


def _parent(voice: Voice, issue: Issue) -> Json | None:
    if issue.parent is None:
        return None
    fields = ("summary", "status", "priority", "issuetype")
    seen = voice.issue(issue.parent, fields)
    return {name: seen[name] for name in ("id", "key", "self", "fields")}


def _times(_: Voice, issue: Issue) -> Json:
    seconds = {"originalEstimate": issue.estimate, "remainingEstimate": issue.remaining}
    seconds |= {"timeSpent": issue.spent or None}
    known = {name: value for name, value in seconds.items() if value is not None}
    texts = {name: spoken(value) for name, value in known.items()}
    return texts | {f"{name}Seconds": value for name, value in known.items()}


def _components(voice: Voice, issue: Issue) -> list[Json]:
    ids = issue.project.components
    return [
        {"self": f"{voice.root}/component/{ids[name]}", "id": ids[name], "name": name}
        for name in issue.components
    ]


FIELDS: dict[str, Shown] = {
    "summary": Shown("Summary", "string", lambda _, issue: issue.summary),
    "status": Shown("Status", "status", lambda voice, issue: voice.status(issue.status)),
    "assignee": Shown("Assignee", "user", lambda voice, issue: voice.person(issue.assignee)),
    "reporter": Shown("Reporter", "user", lambda voice, issue: voice.person(issue.reporter)),
    "project": Shown("Project", "project", lambda voice, issue: voice.project(issue.project)),
    "issuetype": Shown(
        "Issue Type",
        "issuetype",
        lambda voice, issue: {
            "self": f"{voice.root}/issuetype/{issue.kind}",
            "id": str(10_000 + len(issue.kind)),
            "name": issue.kind,
            "subtask": issue.kind == "Sub-task",
        },
        clauses=("issuetype", "type"),
    ),
    "priority": Shown("Priority", "priority", _priority),
    "labels": Shown("Labels", "array", lambda _, issue: list(issue.labels), "string"),
    "components": Shown("Components", "array", _components, "component", ("component",)),
    "parent": Shown("Parent", "issuelink", _parent),
    "description": Shown(
        "Description",
        "string",
        lambda voice, issue: voice.text(issue.description) if issue.description else None,
    ),
    "resolution": Shown(
        "Resolution",
        "resolution",
        lambda voice, issue: (
            {"self": f"{voice.root}/resolution/10000", "id": "10000", "name": "Done"}
            if issue.resolved
            else None
        ),
    ),
    "resolutiondate": Shown(
        "Resolved", "datetime", lambda voice, issue: voice.time(issue.resolved) if issue.resolved else None
    ),
    "created": Shown("Created", "datetime", lambda voice, issue: voice.time(issue.created)),
    "updated": Shown("Updated", "datetime", lambda voice, issue: voice.time(issue.updated)),
    "timetracking": Shown("Time tracking", "timetracking", _times),
    "timespent": Shown("Time Spent", "number", lambda _, issue: issue.spent or None),
    "timeestimate": Shown("Remaining Estimate", "number", lambda _, issue: issue.remaining),
    "timeoriginalestimate": Shown("Original estimate", "number", lambda _, issue: issue.estimate),
    "comment": Shown("Comment", "comments-page", lambda voice, issue: voice.comments(issue)),
    "worklog": Shown("Log Work", "array", lambda voice, issue: voice.embedded_worklogs(issue), "worklog"),
}
NOT_NAVIGABLE = frozenset(("comment", "worklog", "timetracking"))
