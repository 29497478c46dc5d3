"""No more of one person's day than a day can hold: a tool gone mad must not take the rest with it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from core.model import Activity, Parked
from daybook.lines import Said

MOST_OF_A_TASK = 100
"""Of one kind, about one task, on one day: nobody comments oftener; a machine does."""
MOST_OF_A_KIND = 1_000
"""The same about everything. Other kinds on that day are not crowded out."""
MOST_PARKED = 1_000
"""Named one by one on one day; the rest is counted."""

CROWD = "{} more of kind {} begin on this day: too many for one person; they count for nothing"
MORE_PARKED = "{} more were parked on this day"


def bearable(said: Iterable[Said]) -> tuple[list[Activity], list[Parked]]:
    """What counts of one person's day, and what is parked.

    Takes    all that is said of the day, by start: the first of a crowd count
    """
    activities: list[Activity] = []
    parked: list[Parked] = []
    of_kind, of_task = Counter[str](), Counter[tuple[str, ...]]()
    crowd, unnamed = Counter[str](), 0
    for one in said:
        match one.what:
            case Parked() if len(parked) == MOST_PARKED:
                unnamed += 1
            case Parked() as aside:
                parked.append(aside)
            case Activity(kind=kind, source=source, task=task) as activity:
                about = (kind, source, task or activity.uid)
                if of_kind[kind] == MOST_OF_A_KIND or of_task[about] == MOST_OF_A_TASK:
                    crowd[kind] += 1
                    continue
                of_kind[kind] += 1
                of_task[about] += 1
                activities.append(activity)
    parked += [Parked(why=CROWD.format(count, kind)) for kind, count in crowd.items()]
    parked += [Parked(why=MORE_PARKED.format(unnamed))] * bool(unnamed)
    return activities, parked
