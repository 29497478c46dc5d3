"""What a contributor's week came to, for nobody but them: sums and counts, and no word on what they mean."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from datetime import date

from core.model import Draft, Entry, Noun


class Spent(Noun):
    """Confirmed minutes of one project."""

    project: str | None
    attended: int
    attributed: int
    """As it is billed: one hour for two clients may count for both."""


class Unanswered(Noun):
    """Drafts of one day without a word of theirs."""

    day: date
    drafts: int
    minutes: int
    closed: bool
    """Nothing can be said to them any more."""


class LookBack(Noun):
    """One week, as it stands when it is looked back at."""

    spent: tuple[Spent, ...]
    """Most attended first."""
    corrected: int
    """Entries that they changed after they had confirmed them."""
    contradicted: int
    """Confirmed drafts of which a source says otherwise since, and they did not look yet."""
    unanswered: tuple[Unanswered, ...]
    """Oldest first."""


def look_back(entries: Iterable[Entry], drafts: Iterable[Draft], closed: Collection[date]) -> LookBack:
    """Takes    entries: what stands confirmed of the week, each in its newest revision; drafts: all of it"""
    entries, drafts = list(entries), list(drafts)
    waiting = [one.suggestion for one in drafts if one.decision in ("open", "edited")]
    days = sorted({one.day for one in waiting})
    return LookBack(
        spent=tuple(_spent(entries)),
        corrected=sum(one.revision > 1 for one in entries),
        contradicted=sum(one.decision == "confirmed" and not one.noticed for one in drafts),
        unanswered=tuple(
            Unanswered(
                day=day,
                drafts=sum(one.day == day for one in waiting),
                minutes=sum(one.minutes for one in waiting if one.day == day),
                closed=day in closed,
            )
            for day in days
        ),
    )


def _spent(entries: Iterable[Entry]) -> list[Spent]:
    attended, attributed = Counter[str | None](), Counter[str | None]()
    for entry in entries:
        attended[entry.project] += entry.minutes
        for project, minutes in entry.attributed.items():
            attributed[project] += minutes
        if not entry.attributed:
            attributed[entry.project] += entry.minutes
    found = [
        Spent(project=project, attended=attended[project], attributed=attributed[project])
        for project in attended.keys() | attributed.keys()
    ]
    return sorted(found, key=lambda one: (-one.attended, -one.attributed, one.project or ""))
