"""`daybook propose`: what Daybook would suggest for these activities, saving nothing.

Days of drafts leave in order of person and day, whatever the order of the input (P9). One person's
days are in memory at a time, and of those only what may matter to the next. What cannot be trusted
is parked on its day with its reason, and the rest of the day stands.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from itertools import groupby
from typing import Any

from config.schema import Configuration
from core.day import Sheet
from core.model import Activity, Parked, Suggestion
from daybook.lines import Said
from daybook.schemas import UNSPOKEN
from daybook.spool import in_order
from daybook.trial import Days, Trial

MOST_OF_A_TASK = 100
"""Of one kind, about one task, on one day: nobody comments oftener; a machine does."""
MOST_OF_A_KIND = 1_000
"""The same about everything. Other kinds on that day are not crowded out."""
MOST_PARKED = 1_000
"""Named one by one on one day; the rest is counted."""
BLANK = Sheet(capacity=0, away=0, logged=0, gaps=0, outside=0, attended=0, attributed={})
"""The day of somebody whose hours we do not know."""

CROWD = "{} more of kind {} begin on this day: too many for one person; they count for nothing"
MORE_PARKED = "{} more were parked on this day"

Object = dict[str, Any]


def propose(configuration: Configuration, lines: Iterable[Said], now: datetime) -> Iterator[Object]:
    """One object for each person's local day that the lines say anything about, up to now.

    Raises   Outside where there is no room for the temporary file
    """
    trial = Trial(configuration, now)
    people = {person.email: person for person in configuration.people}
    for email, said in groupby(in_order(lines), key=lambda one: one.person):
        if email in people:
            yield from _days(Days(trial, people[email]), email, said)
        else:
            for day, of_day in groupby(said, key=lambda one: one.day):
                yield _object(email, day, [], BLANK, _sorted_out(of_day)[1])


def _days(days: Days, email: str, said: Iterable[Said]) -> Iterator[Object]:
    set_aside: dict[date, list[Parked]] = {}

    def begun() -> Iterator[tuple[date, list[Activity]]]:
        for day, of_day in groupby(said, key=lambda one: one.day):
            activities, set_aside[day] = _sorted_out(of_day)
            yield day, activities

    for window in days.windows(begun()):
        suggestions, sheet = days.suggest(window)
        parked = set_aside.pop(window.day, [])
        if sheet.parked:
            began = {one.uid for one in window.activities if days.whereabouts.day(one.start) == window.day}
            parked += [one for one in sheet.parked if one.uid in began]
        if suggestions or parked or sheet.away or sheet.logged or sheet.overlapped or sheet.ignored:
            yield _object(email, window.day, suggestions, sheet, parked)


def _object(
    email: str, day: date, suggestions: Iterable[Suggestion], sheet: Sheet, parked: Iterable[Parked]
) -> Object:
    drafts = [suggestion.model_dump(mode="json", exclude=UNSPOKEN) for suggestion in suggestions]
    told = sheet.model_copy(update={"parked": tuple(sorted(parked, key=_by_uid))})
    sums = told.model_dump(mode="json", exclude={"ignored": {"__all__": UNSPOKEN}})
    return {"person": email, "day": day.isoformat(), "drafts": drafts, **sums}


def _by_uid(parked: Parked) -> tuple[str, str]:
    return parked.uid or "", parked.why


def _sorted_out(said: Iterable[Said]) -> tuple[list[Activity], list[Parked]]:
    """What counts on one person's day, and what is parked; of neither more than a day can hold."""
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
