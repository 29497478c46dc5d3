"""The day drawn on its contributor's clock, with the same in words for whoever does not see the drawing.

A meeting has its place; tasks share the time around it, and which had a minute nobody knows; leave takes
hours away, what was logged lies where it was logged. What nothing covers is a gap, and stays blank (P5).
Each is told from the others by its height and place, not by its colour.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from core.day import Sheet
from core.model import Activity
from core.timeline import Span, local, minute, on_the_clock, spans, stretch
from daybook.house import Member
from daybook.page import words
from daybook.page.shown import Shown
from daybook.words import span

MOST_LABELS = 6
NARROWEST = 4
"""Minutes; a block is drawn no narrower."""


TALL = 48
_HEIGHTS = {"hours": (0, TALL), "worked": (24, 14), "logged": (41, 4)}
"""Where a look begins from above, and how tall it is; what is not named here is as a meeting."""


class Block(NamedTuple):
    """A part of the strip, in minutes from its left end."""

    left: int
    width: int
    look: str

    @property
    def top(self) -> int:
        return _HEIGHTS.get(self.look, (4, 34))[0]

    @property
    def height(self) -> int:
        return _HEIGHTS.get(self.look, (4, 34))[1]


class Told(NamedTuple):
    """The same in words."""

    when: str
    what: str


class _Piece(NamedTuple):
    span: Span
    look: str
    what: str


@dataclass(frozen=True)
class Strip:
    width: int
    blocks: tuple[Block, ...]
    """The hours in which its contributor works first, then what lies in them."""
    labels: tuple[str, ...]
    """Full hours at even distances, from the left end to the right."""
    told: tuple[Told, ...]
    """What lies where, in order; gaps too."""


def strip(
    who: Member, day: date, drafts: Sequence[Shown], sums: Sheet | None, logged: Iterable[Activity]
) -> Strip | None:
    """The strip of a day; None where nothing on it has a place.

    Takes    logged: elsewhere, and not by us
    """
    pieces = [*_hours_away_and_tasks(sums), *_meetings(drafts), *_logged(logged)]
    if not pieces:
        return None
    hours = who.schedule.hours(day, who.zone)
    drawn = [*(_Piece(one, "hours", "") for one in hours), *pieces]
    midnight = on_the_clock(day, 0, who.zone)
    edges = [(start - midnight, end - midnight) for start, end in (one.span for one in drawn)]
    first = min(start for start, _ in edges) // 60
    last = -(-max(end for _, end in edges) // 60)
    step = -(-(last - first) // (MOST_LABELS - 1)) or 1
    last = first + -(-(last - first) // step) * step
    left = midnight + first * 60
    told = sorted([*pieces, *_gaps(hours, pieces, left)], key=lambda one: (one.span, one.what))
    return Strip(
        width=(last - first) * 60,
        blocks=tuple(_block(one.span, left, one.look) for one in drawn),
        labels=tuple(f"{hour % 24:02}" for hour in range(first, last + 1, step)),
        told=tuple(Told(_clock(one.span, who), one.what) for one in told),
    )


def _hours_away_and_tasks(sums: Sheet | None) -> Iterator[_Piece]:
    if sums:
        yield from (_Piece(one, "away", words.AWAY) for one in sums.absent)
        yield from (_Piece(one, "worked", words.TASK_TIME) for one in sums.worked)


def _meetings(drafts: Iterable[Shown]) -> Iterator[_Piece]:
    for one in drafts:
        if one.stage != "dismissed":
            for start, end in one.suggestion.pieces:
                yield _Piece((minute(start), minute(end)), _look(one), one.suggestion.text or words.NO_TEXT)


def _logged(logged: Iterable[Activity]) -> Iterator[_Piece]:
    for one in logged:
        if not one.all_day and one.minutes:
            start = minute(one.start)
            yield _Piece((start, start + one.minutes), "logged", words.LOGGED)


def _gaps(hours: Iterable[Span], pieces: Iterable[_Piece], origin: int) -> Iterator[_Piece]:
    """Working time that nothing drawn in it covers."""
    covered = stretch((one.span for one in pieces if one.look != "logged"), origin)
    yield from (_Piece(one, "", words.GAP) for one in spans(stretch(hours, origin) & ~covered, origin))


def _clock(where: Span, who: Member) -> str:
    start, end = where
    return span(local(start, who.zone), local(end, who.zone))


def _block(where: Span, left: int, look: str) -> Block:
    start, end = where
    return Block(start - left, max(end - start, NARROWEST), look)


def _look(one: Shown) -> str:
    if one.needs_them:
        return "needs"
    return "open" if one.open else "settled"
