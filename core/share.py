"""Free working time, shared among the tasks in hand.

Cut at every edge of free time, presence and touch, time falls into segments on which nothing changes. On each
of them a task present weighs one, and more for every touch within reach, and the minutes are shared in
proportion. Weights are whole numbers and parts are exact fractions, so neither the order of evidence nor
cutting a segment in two changes anything; and new evidence for one task only adds to that task's weight, so
it never adds to another's part.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from fractions import Fraction
from typing import NamedTuple

from core.timeline import Span, sweep


class InHand(NamedTuple):
    """One task, as far as it could have been worked on."""

    present: Sequence[Span]
    """When it was in progress."""
    touches: Sequence[int]
    """When the contributor did something to it: that makes it present around those minutes too."""


class Kernel(NamedTuple):
    """What a touch is worth. A step, not a curve, so that weights are constant on a segment."""

    reach: int
    """Minutes before and after."""
    weight: int
    """Beside the one of being present."""
    most: int
    """Touches that count at one time: thirty comments in an hour are not thirty times the work."""


class Segment(NamedTuple):
    """A piece of free time and what each task present on it weighs."""

    span: Span
    weights: Mapping[str, int]


def segments(free: Iterable[Span], tasks: Mapping[str, InHand], kernel: Kernel) -> list[Segment]:
    """Free time cut where anything changes; a piece without a task is a gap and left out."""
    names = sorted(tasks)
    present = [tasks[name].present for name in names]
    touched = [[(at - kernel.reach, at + kernel.reach) for at in tasks[name].touches] for name in names]
    cut: list[Segment] = []
    for span, (is_free, *depths) in sweep([free, *present, *touched]):
        weights = {
            name: 1 + kernel.weight * min(touches, kernel.most)
            for name, here, touches in zip(names, depths, depths[len(names) :], strict=False)
            if here or touches
        }
        if is_free and weights:
            cut.append(Segment(span, weights))
    return cut


def parts(cut: Iterable[Segment]) -> dict[str, Fraction]:
    """The minutes of each task."""
    minutes: dict[str, Fraction] = {}
    for (start, end), weights in cut:
        together = sum(weights.values())
        for name, weight in weights.items():
            minutes[name] = minutes.get(name, Fraction(0)) + Fraction((end - start) * weight, together)
    return minutes


def give_back(cut: Sequence[Segment], least: int, always: Container[str] = ()) -> list[Segment]:
    """The segments as they are shared once tasks worth too little have given theirs back to the others.

    Takes    the least minutes of a draft; the tasks that stay whatever they are worth
    """
    cut = list(cut)
    while True:
        minutes = parts(cut)
        small = [name for name in minutes if minutes[name] < least and name not in always]
        if not small:
            return cut
        # Not all at once: what one of them gives back may be just what another lacked.
        small.sort(key=lambda name: (minutes[name], name))
        cut = _lacking(cut, set(small[: max(1, len(small) // 2)]))


def _lacking(cut: Iterable[Segment], names: set[str]) -> list[Segment]:
    kept = (
        Segment(span, {name: weight for name, weight in weights.items() if name not in names})
        for span, weights in cut
    )
    return [segment for segment in kept if segment.weights]
