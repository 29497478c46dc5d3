"""What a contributor's activities mean for one local day.

Activities arrive in any order, some from days before: a task stays in progress until something ends it. Out
come meetings that want time, tasks in hand, time kept or taken away, time already logged, and a reason for
whatever was left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from core.day import ContributorDay, Ignored
from core.found import Refused, Timed, timed
from core.mapping import Mappings
from core.meetings import KeptTime, Meeting, calendar, context
from core.model import Activity, Parked
from core.sift import sift
from core.tasks import Forgotten, Task, tasks
from core.timeline import Span, union


@dataclass(frozen=True, slots=True)
class Evidence:
    """One day's activities, each in its place."""

    meetings: Mapping[str, Meeting]
    tasks: Mapping[str, Task]
    logged: tuple[Activity, ...]
    absences: tuple[KeptTime, ...]
    """Leave, and whatever else takes working time away."""
    away: list[Span]
    """The time of all of them."""
    focus: list[Span]
    blocked: list[Span]
    """Attended, and by rule nobody's business: neither drafted nor free for tasks."""
    refused: frozenset[str]
    """Keys of what is no work by a rule, or by its contributor's own."""
    forgotten: tuple[Forgotten, ...]
    """In progress and not worked on: worth telling on a day on which there is work."""
    ignored: tuple[Ignored, ...]
    parked: tuple[Parked, ...]


def gather(day: ContributorDay, activities: Iterable[Activity], mappings: Mappings) -> Evidence:
    """Everything that the activities say about this day."""
    standing, parked = sift(activities, day.say)
    there = [timed(activity, day) for activity in standing]
    if labels := tuple(context(day, there)):
        day = day.model_copy(update={"context": labels})
    nameless = [a for a in standing if a.kind in ("presence", "touch") and a.task is None]
    found = [*calendar(day, there, mappings), *tasks(day, there, mappings)]

    kept = [one for one in found if isinstance(one, KeptTime)]

    def spans(use: str) -> list[Span]:
        return union([time.span for time in kept if time.use == use])

    return Evidence(
        meetings={meeting.key: meeting for meeting in found if isinstance(meeting, Meeting)},
        tasks={task.key: task for task in found if isinstance(task, Task)},
        logged=tuple(one.activity for one in there if _is_logged(one, day)),
        absences=tuple(time for time in kept if time.use == "away"),
        away=spans("away"),
        focus=spans("focus"),
        blocked=spans("blocked"),
        refused=frozenset(one.key for one in found if isinstance(one, Refused)),
        forgotten=tuple(one for one in found if isinstance(one, Forgotten)),
        ignored=tuple(ignored for ignored in found if isinstance(ignored, Ignored)),
        parked=(*parked, *(Parked(uid=a.uid, why=day.say("no task")) for a in nameless)),
    )


def _is_logged(one: Timed, day: ContributorDay) -> bool:
    """Counted on the day it begins, also when that is later today: it has been written down already."""
    start, end = day.whole
    return one.activity.kind == "logged" and start <= one.begun < end and one.activity.uid not in day.ours
