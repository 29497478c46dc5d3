"""Confirmed time as reports count it: what it was for, in whole minutes, and of whom by an opaque mark.

    project, client, category   as its contributor confirmed it; of time that is billed to several
                                projects, to each its part, as an export for invoices has it
    billable                    whether it is billed
    meeting load                whether it was a meeting
    focus time                  whether it was not, and took two hours of a day or more

Nothing unconfirmed gets here, no time of day, no title and no name.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
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


Place = tuple[str, str]
"""Somebody's week."""
Held = Mapping[Place, Collection[Piece]]
"""All pieces that there are, by somebody's week."""


def held(pieces: Iterable[Piece]) -> Held:
    """Pieces by somebody's week."""
    found: dict[Place, list[Piece]] = defaultdict(list)
    for piece in pieces:
        found[piece.who, piece.week].append(piece)
    return dict(found)


def of(members: Iterable[str], weeks: Collection[str], held: Held) -> Iterator[Piece]:
    """The pieces of some people's weeks."""
    for who in members:
        for week in weeks:
            yield from held.get((who, week), ())


def pieces(who: str, week: str, entries: list[Entry], projects: Mapping[str, Project]) -> list[Piece]:
    """The time of one contributor that one week counts; that of the same kind as one."""
    minutes: Counter[tuple[str, ...]] = Counter()
    for entry in entries:
        for project, part in (entry.attributed or {entry.project or "": entry.minutes}).items():
            minutes[_labels(entry, project, projects)] += part
    return [Piece(who, week, labels, total) for labels, total in sorted(minutes.items()) if total]


def _labels(entry: Entry, booked: str, projects: Mapping[str, Project]) -> tuple[str, ...]:
    project = projects.get(booked)
    focus = not entry.meeting and entry.minutes >= FOCUS
    return (
        (project.name if project else booked) or "",
        (project.client if project else None) or "",
        entry.category or "",
        "billable" if entry.billable else "unbilled",
        "meeting" if entry.meeting else "other",
        "focus" if focus else "other",
    )
