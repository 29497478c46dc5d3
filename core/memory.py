"""What a contributor chose for a recurring meeting or a task, and what it says the next time.

Their own earlier choice stands before every rule. It is made where they confirm
a draft with another project than the rules gave it, it is theirs alone, and it
goes when they take it back, leave, or do not use it for as long as drafts live.
"""

from __future__ import annotations

from dataclasses import replace

from core.mapping import Match
from core.model import Activity, Draft, Noun


class Choice(Noun):
    """What a contributor wants a series or task to be booked on."""

    project: str
    category: str | None = None
    billable: bool = False
    target: str | None = None


def name(activity: Activity, task: str | None = None) -> str | None:
    """What a choice is remembered under: the series, else the task; None for what happens once."""
    if activity.series is not None:
        return f"series:{activity.source}:{activity.series}"
    return f"task:{activity.source}:{task}" if task is not None else None


def recalled(match: Match, choice: Choice | None) -> Match:
    """What the rules say, unless the contributor said otherwise before."""
    if choice is None:
        return match
    return replace(
        match,
        project=choice.project,
        category=choice.category,
        billable=choice.billable,
        target=choice.target,
        needs_task=False,
        attributed={},
        confidence=None,
        ignore=False,
        chosen=True,
    )


def choice_of(draft: Draft) -> Choice | None:
    """What confirming this draft says about the next of its kind; None where only the rules spoke."""
    stands, seen = draft.suggestion, draft.seen
    if stands.about is None or stands.project is None:
        return None
    theirs = seen is not None and stands.project != seen.project
    again = any(reason.kind == "memory" for reason in stands.because)
    if not theirs and not again:
        return None
    return Choice(
        project=stands.project, category=stands.category, billable=stands.billable, target=stands.target
    )
