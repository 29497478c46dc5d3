"""What a contributor's activities mean for one local day.

Activities arrive in any order, some from days before: a task stays in progress until something ends it. Out
come meetings that want time, tasks in hand, time kept or taken away, time already logged, and a reason for
whatever was left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import chain

from core.day import ContributorDay, Ignored
from core.found import Refused, Timed, timed
from core.mapping import Mappings
from core.meetings import KeptTime, Meeting, calendar, context
from core.model import Activity, Parked
from core.sift import sift
from core.tasks import Forgotten, Task, tasks
from core.timeline import Stretch


@dataclass(frozen=True, slots=True)
class Evidence:
    """One day's activities, each in its place."""

    meetings: Mapping[str, Meeting]
    tasks: Mapping[str, Task]
    logged: tuple[Activity, ...]
    absences: tuple[KeptTime, ...]
    """Leave, and whatever else takes working time away."""
    away: Stretch
    """The time of all of them."""
    focus: Stretch
    blocked: Stretch
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
    meetings: dict[str, Meeting] = {}
    in_hand: dict[str, Task] = {}
    kept: list[KeptTime] = []
    refused: list[str] = []
    forgotten: list[Forgotten] = []
    ignored: list[Ignored] = []
    for one in chain(calendar(day, there, mappings), tasks(day, there, mappings)):
        match one:
            case Meeting():
                meetings[one.key] = one
            case Task():
                in_hand[one.key] = one
            case KeptTime():
                kept.append(one)
            case Refused():
                refused.append(one.key)
            case Forgotten():
                forgotten.append(one)
            case Ignored():
                ignored.append(one)

    def kept_for(use: str) -> Stretch:
        return day.stretch(*(time.span for time in kept if time.use == use))

    nameless = [a for a in standing if a.kind in ("presence", "touch") and a.task is None]
    return Evidence(
        meetings=meetings,
        tasks=in_hand,
        logged=tuple(one.activity for one in there if _is_logged(one, day)),
        absences=tuple(time for time in kept if time.use == "away"),
        away=kept_for("away"),
        focus=kept_for("focus"),
        blocked=kept_for("blocked"),
        refused=frozenset(refused),
        forgotten=tuple(forgotten),
        ignored=tuple(ignored),
        parked=(*parked, *(Parked(uid=a.uid, why=day.say("no task")) for a in nameless)),
    )


def _is_logged(one: Timed, day: ContributorDay) -> bool:
    """Counted on the day it begins, also when that is later today: it has been written down already."""
    if one.activity.kind != "logged" or one.activity.uid in day.ours:
        return False
    start, end = day.whole
    return start <= one.begun < end
