"""Confirmed time as reports count it: what it was for, in whole minutes, and of whom by an opaque mark.

    project, client, category   as its contributor confirmed it
    billable                    whether it is billed
    meeting load                whether it was a meeting
    focus time                  whether it was not, and took two hours of a day or more

Nothing unconfirmed gets here, no time of day, no title and no name.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, NamedTuple, get_args

from core.model import Entry
from core.rules import Project

What = Literal["project", "client", "category", "billable", "meeting load", "focus time"]
WHAT: tuple[What, ...] = get_args(What)

FOCUS = 120
"""Minutes of one day on one thing, from which on they are focus time."""


class Piece(NamedTuple):
    """Some confirmed time of one person, all of one kind."""

    who: str
    """Opaque."""
    week: str
    """In which it is counted."""
    labels: tuple[str, ...]
    """One for each of WHAT; empty where there is none."""
    minutes: int

    def label(self, what: What) -> str:
        return self.labels[WHAT.index(what)]


def pieces(who: str, week: str, entries: list[Entry], projects: Mapping[str, Project]) -> list[Piece]:
    """The time of one contributor that one week counts; that of the same kind as one."""
    minutes: dict[tuple[str, ...], int] = {}
    for entry in entries:
        labels = _labels(entry, projects)
        minutes[labels] = minutes.get(labels, 0) + entry.minutes
    return [Piece(who, week, labels, total) for labels, total in sorted(minutes.items())]


def _labels(entry: Entry, projects: Mapping[str, Project]) -> tuple[str, ...]:
    project = projects.get(entry.project or "")
    focus = not entry.meeting and entry.minutes >= FOCUS
    return (
        (project.name if project else entry.project) or "",
        (project.client if project else None) or "",
        entry.category or "",
        "billable" if entry.billable else "unbilled",
        "meeting" if entry.meeting else "other",
        "focus" if focus else "other",
    )
