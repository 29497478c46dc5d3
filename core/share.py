"""Free working time, shared among the tasks in hand.

Cut at every edge of free time, presence and touch, time falls into segments on which nothing changes. On each
of them a task present weighs one, and more for every touch within reach, and the minutes are shared in
proportion. Weights are whole numbers and parts are exact fractions, so neither the order of evidence nor
cutting a segment in two changes anything; and new evidence for one task only adds to that task's weight, so
it never adds to another's part.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from math import lcm
from typing import NamedTuple

from core.timeline import Amount, Span, exactly


class InHand(NamedTuple):
    """One task, as far as it could have been worked on."""

    present: Sequence[Span]
    """When it was in progress, as spans in order and apart."""
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


def segments(free: Sequence[Span], tasks: Mapping[str, InHand], kernel: Kernel) -> list[Segment]:
    """Free time cut where anything changes; a piece without a task is a gap and left out."""
    if not free:
        return []
    opens, closes = {start for start, _ in free}, {end for _, end in free}
    changes: dict[int, dict[str, int]] = {at: {} for at in opens | closes}
    for name in sorted(tasks):
        for at, weight in _steps(tasks[name], kernel):
            changes.setdefault(at, {})[name] = weight
    cut: list[Segment] = []
    weights: dict[str, int] = {}
    is_free = False
    for start, end in pairwise(sorted(changes)):
        if changes[start]:
            weights = {name: weight for name, weight in (weights | changes[start]).items() if weight}
        is_free = start in opens or (is_free and start not in closes)
        if is_free and weights:
            cut.append(Segment((start, end), weights))
    return cut


def _steps(task: InHand, kernel: Kernel) -> Iterator[tuple[int, int]]:
    """The minutes from which on a task weighs something else, and what."""
    arrives, leaves = {start for start, _ in task.present}, {end for _, end in task.present}
    touched: defaultdict[int, int] = defaultdict(int)
    for at in task.touches:
        touched[at - kernel.reach] += 1
        touched[at + kernel.reach] -= 1
    is_here, touches = False, 0
    for at in sorted(arrives | leaves | touched.keys()):
        is_here = at in arrives or (is_here and at not in leaves)
        touches += touched[at]
        yield at, 1 + kernel.weight * min(touches, kernel.most) if is_here or touches else 0


def parts(cut: Sequence[Segment]) -> dict[str, Amount]:
    """The minutes of each task, counted in the one fraction of a minute in which all of them are whole."""
    together = [sum(segment.weights.values()) for segment in cut]
    fraction = lcm(*set(together))
    counted: defaultdict[str, int] = defaultdict(int)
    for ((start, end), weights), weight_of_all in zip(cut, together, strict=True):
        each = (end - start) * fraction // weight_of_all
        for name, weight in weights.items():
            counted[name] += each * weight
    return {name: exactly(count, fraction) for name, count in counted.items()}


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
