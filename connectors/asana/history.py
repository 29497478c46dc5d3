"""When a task was in somebody's hands, told from its stories.

Stories say what changed, never what was there before the first of them; where
they are silent the task as it stands now fills in, and where they contradict it
time is only ever taken away (P5).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime

from connectors.asana.shapes import Named, Story, Task

Span = tuple[datetime, datetime | None]
"""Half-open; without an end it still lasts."""


Places = dict[str, str]
"""Where a task stands, by gid: a section in each of its projects, and the values of its custom fields."""
SECTION = "section "
"""Before the gid of a section, to tell it from that of a custom field."""


def same_name(name: str) -> str:
    """Names of sections as people compare them; Asana's library turns a no-break space into a plain one."""
    return " ".join(name.split()).casefold()


def presences(
    task: Task, stories: Sequence[Story], me: str, in_progress: Collection[str], first_touch: datetime | None
) -> list[Span]:
    """When this task was mine and in progress.

    In progress is: in a section, or with a custom field, of one of these names. Without names, or for a task
    that was never in any section, it is: from my first touch until it is completed.

    Takes    stories by time; names by `same_name`
    Gives    0..n spans by time, none empty; a later story adds to them and moves none that ended
    """
    places = _places_at_first(task, stories)
    by_place = bool(in_progress and places)
    mine, done = _mine_at_first(task, stories, me), False
    spans: list[Span] = []
    began: datetime | None = None
    for at, story in _moments(task, stories):
        if story is not None:
            mine = _is_mine(story, me, before=mine)
            done = _is_done(story, before=done)
            places = _after(story, places)
        touched = first_touch is not None and at >= first_touch
        working = mine and not done and (_any_of(places, in_progress) if by_place else touched)
        if working and began is None:
            began = at
        elif began is not None and not working:
            spans.append((began, at))
            began = None
    if began is not None:
        spans.append((began, _end(task, stories, me, in_progress if by_place else ())))
    return [(start, end) for start, end in spans if end is None or start < end]


def _moments(task: Task, stories: Sequence[Story]) -> Iterator[tuple[datetime, Story | None]]:
    if task.created_at is not None:
        yield task.created_at, None
    for story in stories:
        yield story.created_at, story


def _mine_at_first(task: Task, stories: Sequence[Story], me: str) -> bool:
    """Nobody's, if it was given to anybody later; else it was always whose it is."""
    return not any(s.resource_subtype in ("assigned", "unassigned") for s in stories) and _is(
        task.assignee, me
    )


def _is_mine(story: Story, me: str, *, before: bool) -> bool:
    match story.resource_subtype:
        case "assigned":
            return _is(story.assignee, me)
        case "unassigned":
            return False
    return before


def _is_done(story: Story, *, before: bool) -> bool:
    return {"marked_complete": True, "marked_incomplete": False}.get(story.resource_subtype or "", before)


def _places_at_first(task: Task, stories: Sequence[Story]) -> Places:
    """Where the task stood before its first story: the way back from where it stands now."""
    places = _places_now(task)
    for story in reversed(stories):
        places = _before(story, places)
    return places


def _places_now(task: Task) -> Places:
    sections = (membership.section for membership in task.memberships or ())
    values = ((field.gid, field.enum_value) for field in task.custom_fields or ())
    return _sections(*sections) | {gid: _name(value) for gid, value in values}


def _after(story: Story, places: Places) -> Places:
    match story.resource_subtype:
        case "section_changed":
            return _exchanged(places, story.old_section, story.new_section)
        case "enum_custom_field_changed" if story.custom_field:
            return places | {story.custom_field.gid: _name(story.new_enum_value)}
        case "removed_from_project":  # and from its section, which the story does not name
            return {gid: name for gid, name in places.items() if not gid.startswith(SECTION)}
    return places


def _before(story: Story, places: Places) -> Places:
    match story.resource_subtype:
        case "section_changed":
            if not _sections(story.new_section).keys() <= places.keys():  # it left there unseen
                places = {gid: name for gid, name in places.items() if not gid.startswith(SECTION)}
            return _exchanged(places, story.new_section, story.old_section)
        case "enum_custom_field_changed" if story.custom_field:
            return places | {story.custom_field.gid: _name(story.old_enum_value)}
    return places


def _exchanged(places: Places, left: Named | None, entered: Named | None) -> Places:
    gone = _sections(left).keys()
    return {gid: name for gid, name in places.items() if gid not in gone} | _sections(entered)


def _sections(*sections: Named | None) -> Places:
    return {f"{SECTION}{section.gid or _name(section)}": _name(section) for section in sections if section}


def _name(named: Named | None) -> str:
    return same_name(named.name) if named and named.name else ""


def _any_of(places: Places, in_progress: Collection[str]) -> bool:
    return any(name in in_progress for name in places.values())


def _end(task: Task, stories: Sequence[Story], me: str, in_progress: Collection[str]) -> datetime | None:
    """What the task as it stands says about a presence that its stories leave open."""
    if task.completed and task.completed_at is not None:
        return task.completed_at
    lasts = _is(task.assignee, me) and (not in_progress or _any_of(_places_now(task), in_progress))
    # it ended unseen; the last story is the last moment we know it had not
    return None if lasts else max((story.created_at for story in stories), default=task.created_at)


def _is(person: Named | None, me: str) -> bool:
    return person is not None and person.gid == me
