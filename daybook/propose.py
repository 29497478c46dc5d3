"""`daybook propose`: what Daybook would suggest for these activities, saving nothing.

Days of drafts leave in order of person and day, whatever the order of the input (P9). One person's
days are in memory at a time, and of those only what may matter to the next. What cannot be trusted
is parked on its day with its reason, and the rest of the day stands.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from itertools import groupby
from typing import Any

from config.schema import Configuration
from core.day import Sheet
from core.model import Activity, Parked, Suggestion
from daybook.crowd import bearable
from daybook.lines import Said
from daybook.schemas import UNSPOKEN
from daybook.spool import in_order
from daybook.trial import Days, Trial

BLANK = Sheet(capacity=0, away=0, logged=0, gaps=0, outside=0, attended=0, attributed={})
"""The day of somebody whose hours we do not know."""

Object = dict[str, Any]


def propose(configuration: Configuration, lines: Iterable[Said], now: datetime) -> Iterator[Object]:
    """One object for each person's local day that the lines say anything about, up to now.

    Raises   Outside where there is no room for the temporary file
    """
    trial = Trial(configuration, now)
    for email, said in groupby(in_order(lines), key=lambda one: one.person):
        if days := trial.days(email):
            yield from _days(days, email, said)
        else:
            for day, of_day in groupby(said, key=lambda one: one.day):
                yield _object(email, day, [], BLANK, bearable(of_day)[1])


def _days(days: Days, email: str, said: Iterable[Said]) -> Iterator[Object]:
    set_aside: dict[date, list[Parked]] = {}

    def begun() -> Iterator[tuple[date, list[Activity]]]:
        for day, of_day in groupby(said, key=lambda one: one.day):
            activities, set_aside[day] = bearable(of_day)
            yield day, activities

    for window in days.windows(begun()):
        suggestions, sheet = days.suggest(window)
        parked = set_aside.pop(window.day, [])
        if sheet.parked:
            began = {one.uid for one in window.activities if days.whereabouts.day(one.start) == window.day}
            parked += [one for one in sheet.parked if one.uid in began]
        if suggestions or parked or sheet.away or sheet.logged or sheet.overlapped or sheet.ignored:
            yield _object(email, window.day, suggestions, sheet, parked)


DRAWN = {"worked": True, "absent": True}
"""Of the sheet, what only the page's drawing of a day needs."""


def _object(
    email: str, day: date, suggestions: Iterable[Suggestion], sheet: Sheet, parked: Iterable[Parked]
) -> Object:
    drafts = [suggestion.model_dump(mode="json", exclude=UNSPOKEN) for suggestion in suggestions]
    told = sheet.model_copy(update={"parked": tuple(sorted(parked, key=_by_uid))})
    sums = told.model_dump(mode="json", exclude={"ignored": {"__all__": UNSPOKEN}, **DRAWN})
    return {"person": email, "day": day.isoformat(), "drafts": drafts, **sums}


def _by_uid(parked: Parked) -> tuple[str, str]:
    return parked.uid or "", parked.why
