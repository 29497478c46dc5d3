"""The day as a strip: when one worked, and which meetings lay where. All of it is also said in words below.

A task has a share of the free time and no place in it, so it is not on the strip.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import chain
from typing import NamedTuple

from core.timeline import Span, minute, on_the_clock
from daybook.house import Member
from daybook.page.shown import Shown

MOST_LABELS = 6


class Block(NamedTuple):
    """A part of the strip, in minutes from its left end."""

    left: int
    width: int
    look: str


@dataclass(frozen=True)
class Strip:
    width: int
    hours: tuple[Block, ...]
    """When its contributor works."""
    blocks: tuple[Block, ...]
    labels: tuple[str, ...]
    """Full hours at even distances, from the left end to the right."""


def strip(who: Member, day: date, drafts: Sequence[Shown]) -> Strip | None:
    """The strip of a day; None where nothing on it has a place."""
    hours = who.schedule.hours(day, who.zone)
    placed = [(one, span) for one in drafts if one.stage != "dismissed" for span in _spans(one)]
    if not placed:
        return None
    midnight = on_the_clock(day, 0, who.zone)
    spans = [(start - midnight, end - midnight) for start, end in chain(hours, (span for _, span in placed))]
    first = min(start for start, _ in spans) // 60
    last = -(-max(end for _, end in spans) // 60)
    step = -(-(last - first) // (MOST_LABELS - 1)) or 1
    last = first + -(-(last - first) // step) * step
    left = midnight + first * 60
    return Strip(
        width=(last - first) * 60,
        hours=tuple(_block(span, left, "hours") for span in hours),
        blocks=tuple(_block(span, left, _look(one)) for one, span in placed),
        labels=tuple(f"{hour % 24:02}" for hour in range(first, last + 1, step)),
    )


def _spans(one: Shown) -> list[Span]:
    return [(minute(start), minute(end)) for start, end in one.suggestion.pieces]


def _block(span: Span, left: int, look: str) -> Block:
    start, end = span
    return Block(start - left, max(end - start, 4), look)


def _look(one: Shown) -> str:
    if one.needs_them:
        return "needs"
    return "open" if one.open else "settled"
