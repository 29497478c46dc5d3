"""The same evidence under two configurations: what the rules alone make of it, added up."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from itertools import groupby

from core.model import Suggestion
from daybook.lab.evidence import Theirs
from daybook.lab.tally import Tally
from daybook.lab.witness import Witness
from daybook.trial import Days, Trial


def compare(everybody: Iterable[Theirs], before: Trial | None, after: Trial, first: date = date.min) -> Tally:
    """The sums of everybody whom both configurations know.

    Takes    before: None where there is nothing to compare with; first: the earliest day that counts
    """
    tally = Tally()
    for theirs in everybody:
        tally.parked.update(parked.why for parked in theirs.parked)
        now, then = after.days(theirs.email), (before or after).days(theirs.email)
        if now is None or then is None:
            continue
        drafts = _drafts(now, theirs, first)
        if isinstance(after.mappings, Witness):
            tally.add_rules(theirs.email, after.mappings.held())
        were = _drafts(then, theirs, first) if before else drafts
        tally.add(theirs.email, were, drafts, theirs.confirmed)
    return tally


def _drafts(days: Days, theirs: Theirs, first: date) -> dict[str, Suggestion]:
    day_of = {id(activity): days.whereabouts.day(activity.start) for activity in theirs.activities}
    ordered = sorted(theirs.activities, key=lambda activity: day_of[id(activity)])
    begun = groupby(ordered, key=lambda activity: day_of[id(activity)])
    return {
        suggestion.key: suggestion
        for window in days.windows(begun)
        if window.day >= first
        for suggestion in days.suggest(window, theirs.ours)[0]
    }
