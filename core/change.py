"""What a figure that changed from one period to another tells of those who joined, left or moved meanwhile.

Whoever takes one from the other assumes that all who stayed worked as before. Why that has to go wrong, and
by how much, stands with the gate.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from datetime import timedelta
from typing import NamedTuple

from core.figures import Held, What, of
from core.gate import Group, Release, cell

REACH = timedelta(weeks=13)
"""Periods that began longer before are not compared: by then everybody works at something else."""
ROUNDED = 70
"""Minutes: what whole hours take from or add to a difference at most, also of four weeks from five."""


class Change(NamedTuple):
    """What a figure fell by, and what those who left had of it less what those who joined have."""

    told: float
    true: float

    @property
    def is_drowned(self) -> bool:
        """What the others did otherwise hides it."""
        return abs(self.told - self.true) > abs(self.true) / 10 + ROUNDED


class Step(NamedTuple):
    """A group in an earlier period, and now."""

    last: Group
    last_weeks: Collection[str]
    now: Group
    weeks: Collection[str]

    @property
    def gone(self) -> frozenset[str]:
        return self.last.members - self.now.members

    @property
    def come(self) -> frozenset[str]:
        return self.now.members - self.last.members

    def labels(self, what: What) -> set[str]:
        """Those that can be held side by side."""
        return set(self.last.tables.get(what, ())).intersection(self.now.tables.get(what, ()))

    def changes(self, what: What, labels: Collection[str], held: Held) -> dict[str | None, Change]:
        """By label, and of all other time; in minutes of so long a period as now."""
        scale = len(self.weeks) / len(self.last_weeks)
        told: defaultdict[str | None, float] = defaultdict(float)
        true: defaultdict[str | None, float] = defaultdict(float)
        for members, weeks, times, changed in (
            (self.last.members, self.last_weeks, scale, self.gone),
            (self.now.members, self.weeks, -1, self.come),
        ):
            for piece in of(members, weeks, held):
                at = cell(piece.label(what), labels)
                told[at] += times * piece.minutes
                true[at] += times * piece.minutes if piece.who in changed else 0
        return {at: Change(told[at], true[at]) for at in told}


def tells(
    what: What,
    new: Release,
    before: Iterable[Release],
    held: Held,
    erased: Collection[str],
    least: int,
) -> bool:
    """Whether a table of the last group shows of few people what they did, beside an earlier period.

    Takes    before: the same report of earlier periods; erased: who of them cannot be counted any more
    """
    *decided, group = new.groups
    for earlier in before:
        mine = _step(group, new, earlier, least)
        if mine is None:
            continue
        if not mine.gone.isdisjoint(erased):
            return True
        others = (_step(one, new, earlier, least) for one in decided)
        movers = [one for one in others if one and (one.come & mine.gone or one.gone & mine.come)]
        if not all(change.is_drowned for change in _changes(mine, movers, what, held)):
            return True
    return False


def _step(group: Group, new: Release, earlier: Release, least: int) -> Step | None:
    """What can be compared of a group that few joined or left; None: nothing."""
    last = next((one for one in earlier.groups if one.name == group.name), None)
    if not last or not last.tables or not group.tables:
        return None
    step = Step(last, earlier.weeks, group, new.weeks)
    return step if 0 < len(step.gone | step.come) <= least else None


def _changes(mine: Step, movers: Iterable[Step], what: What, held: Held) -> Iterator[Change]:
    """Of each figure and of all time, alone and as the mean with the other side of a move."""
    for labels in (mine.labels(what), set[str]()):
        yield from mine.changes(what, labels, held).values()
    for other in movers:
        for labels in (mine.labels(what) & other.labels(what), set[str]()):
            fell, rose = mine.changes(what, labels, held), other.changes(what, labels, held)
            for at in fell.keys() & rose.keys():
                yield Change((fell[at].told - rose[at].told) / 2, (fell[at].true - rose[at].true) / 2)
