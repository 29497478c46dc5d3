"""From Asana's words to evidence: what we ask about a task, and the activities it makes.

A story by the contributor is a touch, never a duration. What nobody did by
hand weighs nothing: reminders, integrations, the same change on many tasks at
once. No text of anybody is asked for.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, time
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from connectors.asana.history import presences, same_name
from connectors.asana.shapes import CustomField, Named, Story, Task, TimeEntry
from connectors.contract import Account, Terms, Window, uid_of_record
from connectors.text import plain
from core.model import LONGEST, Activity

SOURCE = "asana"
TRACKS: Mapping[str, str] = {
    "title": "What a task is called.",
    "section history": (
        "Who had a task, in which section it stood and when you changed it; "
        "the names of its projects, sections and tags."
    ),
    "own comments": "When you commented on a task; never what you wrote.",
    "time entries": "The time you entered in Asana yourself.",
}

ACTS = frozenset(
    """
    assigned unassigned marked_complete marked_incomplete section_changed added_to_project
    removed_from_project due_date_changed name_changed notes_changed enum_custom_field_changed
    multi_enum_custom_field_changed number_custom_field_changed text_custom_field_changed
    date_custom_field_changed people_custom_field_changed
    """.split()
)
"""What a hand did. The set of subtypes is open, and `due_today` too is signed with somebody's name."""
NOT_WORK: Mapping[str, str] = {"milestone": "milestone", "section": "separator"}
"""Subtypes of tasks that nobody works on, and what we call them where we count what we left out."""

LONGEST_LABEL = 512
MOST_LABELS = 100
PLACE_FIELDS = "memberships.project.gid,memberships.project.name,parent.gid"
"""What we ask about a parent: a subtask is in no project of its own."""


class Lens(NamedTuple):
    """Whose evidence we look for, and what of it we may see."""

    account: Account
    terms: Terms
    window: Window
    status: str | None = None
    """Name or gid of the custom field that says how a task stands."""
    bulk: frozenset[str] = frozenset()
    """The minutes in which this contributor changed many tasks at once, as `minute` writes them."""

    @property
    def history(self) -> bool:
        return "section history" in self.terms.tracked

    @property
    def comments(self) -> bool:
        return "own comments" in self.terms.tracked

    @property
    def time(self) -> bool:
        return "time entries" in self.terms.tracked


def task_fields(terms: Terms, status: str | None) -> str:
    """What we ask about a task, and nothing that the policy does not name (P11)."""
    fields = ["modified_at", "resource_subtype", "is_rendered_as_separator"]
    fields += ["memberships.project.gid", "parent.gid"]
    if "title" in terms.tracked:
        fields += ["name"]
    if "time entries" in terms.tracked:
        fields += ["actual_time_minutes"]
    if "section history" in terms.tracked:
        fields += ["created_at", "completed", "completed_at", "assignee.gid"]
        fields += ["memberships.project.name", "memberships.section.name", "tags.name"]
        if terms.in_progress or status:
            fields += ["custom_fields.gid", "custom_fields.name", "custom_fields.enum_value.name"]
    return ",".join(fields)


def story_fields(terms: Terms, status: str | None) -> str:
    """What we ask about a line of a task's history."""
    fields = ["created_at", "created_by.gid", "resource_subtype", "source"]
    if "section history" in terms.tracked:
        fields += ["assignee.gid", "old_section.name", "new_section.name"]
        if terms.in_progress or status:
            fields += ["custom_field.gid", "custom_field.name", "old_enum_value.name", "new_enum_value.name"]
    return ",".join(fields)


def asked_fields(terms: Terms, status: str | None) -> tuple[str, ...]:
    """All of them: of tasks, of the lines of their histories, of time entries."""
    tasks = task_fields(terms, status) if terms.tracked & {*TRACKS} - {"title"} else ""
    stories = story_fields(terms, status) if terms.tracked & {"section history", "own comments"} else ""
    entries = entry_fields(terms) if "time entries" in terms.tracked else ""
    return tuple(
        f"{of} {field}"
        for of, fields in (("task", tasks), ("story", stories), ("time entry", entries))
        for field in fields.split(",")
        if field
    )


def entry_fields(terms: Terms) -> str:
    """What we ask about a time entry. Lists are not said to tell the task; where they do, it is welcome."""
    fields = ["created_by.gid", "duration_minutes", "entered_on", "attributable_to.gid", "task.gid"]
    if "section history" in terms.tracked:
        fields += ["attributable_to.name"]
    return ",".join(fields)


def not_work(task: Task) -> str:
    """Why a task is no evidence of anybody's work; "" where it may be."""
    return "separator" if task.is_rendered_as_separator else NOT_WORK.get(task.resource_subtype or "", "")


def activities(task: Task, stories: Sequence[Story], lens: Lens) -> tuple[list[Activity], Counter[str]]:
    """All that one task says about one contributor.

    Takes    everything told about the task, in any order, a story twice if Asana says it twice
    Gives    0..n activities, and why stories of theirs weigh nothing: reason -> how many
    """
    told = sorted({story.gid: story for story in stories}.values(), key=lambda s: (s.created_at, s.gid))
    judged = [(story, why_nothing(story, lens)) for story in told if is_act(story, lens)]
    touches = [story for story, why in judged if not why]
    found = [_touch(task, story, lens) for story in touches if story.created_at >= lens.window.start]
    if lens.history:
        found += _presences(task, told, touches, lens)
    return found, Counter(why for _, why in judged if why)


def people_of(task: Task, stories: Sequence[Story]) -> set[str]:
    """The gids of all whose task it was or who did something to it."""
    named = [task.assignee, *(story.assignee for story in stories), *(story.created_by for story in stories)]
    return {one.gid for one in named if one}


def minutes_touched(stories: Sequence[Story], lens: Lens) -> set[str]:
    """In which minutes this contributor touched a task, so that bulk edits can be told."""
    touches = (story for story in stories if is_act(story, lens) and not why_nothing(story, lens))
    return {minute(touch) for touch in touches if touch.created_at >= lens.window.start}


def is_act(story: Story, lens: Lens) -> bool:
    """Whether this contributor did something to the task here, of a kind that is tracked."""
    if story.created_by is None or story.created_by.gid != lens.account.external:
        return False
    if story.resource_subtype == "comment_added":
        return lens.comments
    return lens.history and story.resource_subtype in ACTS


def why_nothing(story: Story, lens: Lens) -> str:
    """Why an act weighs nothing; "" where it is a touch."""
    if story.source == "api":
        return "made by an integration"
    return "changed in bulk" if minute(story) in lens.bulk else ""


def minute(story: Story) -> str:
    return story.created_at.astimezone(UTC).isoformat(timespec="minutes")


def time_entry(entry: TimeEntry, task: str, lens: Lens) -> Activity | None:
    """Time this contributor already entered; None where it is before the window.

    Takes    the task it hangs on, "" where nobody told: then minutes and day are all there is
    """
    zone = ZoneInfo(lens.account.zone)
    if entry.entered_on < lens.window.start.astimezone(zone).date():
        return None
    project = entry.attributable_to or Named()
    return Activity(
        source=SOURCE,
        task=task or None,
        container=project.gid or None,
        labels=_names(project) if lens.history else (),
        uid=uid_of_record(entry.gid),
        kind="logged",
        start=datetime.combine(entry.entered_on, time(), zone),
        minutes=entry.duration_minutes,
        all_day=True,
    )


def _touch(task: Task, story: Story, lens: Lens) -> Activity:
    what = "comment" if story.resource_subtype == "comment_added" else "touch"
    return Activity(
        **_about(task, lens),
        uid=f"{what}/{task.gid}/{story.gid}",
        kind="touch",
        start=story.created_at,
        updated=story.created_at,
    )


def _presences(task: Task, told: Sequence[Story], touches: Sequence[Story], lens: Lens) -> Iterator[Activity]:
    names = frozenset(map(same_name, lens.terms.in_progress))
    first_touch = min((touch.created_at for touch in touches), default=None)
    if lens.status:
        task = task.model_copy(update={"custom_fields": tuple(_statuses(task, lens.status))})
        told = [story for story in told if not story.custom_field or _is(story.custom_field, lens.status)]
    spans = presences(task, told, lens.account.external, names, first_touch)
    for number, (start, end) in enumerate(spans):
        if end is None or end > lens.window.start:
            yield Activity(
                **_about(task, lens),
                uid=f"presence/{task.gid}/{number}",
                kind="presence",
                start=start if end is None else max(start, end - LONGEST),
                end=end,
                updated=task.modified_at,
            )


def _about(task: Task, lens: Lens) -> dict[str, Any]:
    """What all activities of one task have in common."""
    return {
        "source": SOURCE,
        "title": (plain(task.name or "") or None) if "title" in lens.terms.tracked else None,
        "task": task.gid,
        "container": _container(task, lens.terms),
        "labels": _labels(task, lens.status) if lens.history else (),
    }


def _container(task: Task, terms: Terms) -> str | None:
    """Of a task in several projects the first that rules name, or else the first."""
    projects = [m.project.gid for m in task.memberships or () if m.project and m.project.gid]
    mapped = (project for project in projects if project in terms.containers)
    return next(mapped, next(iter(projects), None))


def _labels(task: Task, status: str | None) -> tuple[str, ...]:
    memberships = task.memberships or ()
    projects = [m.project for m in memberships if m.project]
    sections = [m.section for m in memberships if m.section]
    statuses = [field.enum_value for field in _statuses(task, status) if field.enum_value]
    return _names(*projects, *sections, *statuses, *(task.tags or ()))


def _statuses(task: Task, status: str | None) -> Iterator[CustomField]:
    return (field for field in task.custom_fields or () if status and _is(field, status))


def _is(field: CustomField | Named, status: str) -> bool:
    return field.gid == status or same_name(field.name or "") == same_name(status)


def _names(*named: Named) -> tuple[str, ...]:
    names = (plain(one.name or "", LONGEST_LABEL) for one in named[:MOST_LABELS])
    return tuple(dict.fromkeys(name for name in names if name))
