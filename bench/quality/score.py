"""How much of what was suggested is what was done."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from bench.quality.weeks import Day, Life, Work
from core.model import Confidence

NEAR, CLOSE = 15, 5
"""Minutes. Time is mostly recorded in quarters of an hour; five are for those who look twice."""


class Said(NamedTuple):
    """One suggestion, in what can be right or wrong about it."""

    thing: str
    project: str | None
    billable: bool
    minutes: int
    confidence: Confidence | None = None


class Judged(NamedTuple):
    """A suggestion and how it turned out."""

    said: Said
    near: bool
    """That work, on that project, for so long within NEAR: its person confirms it as it stands."""
    close: bool
    """The same within CLOSE."""
    worked: bool
    """That work, on that project, for however long."""


class Method(Protocol):
    """One way to fill in a person's days, made anew for each person."""

    def suggested(self, day: Day) -> Sequence[Said]:
        """What it says of a day, before the person corrects it."""

    def corrected(self, day: Day) -> None:
        """The person has put the day right, and the method may learn from that."""


@dataclass(slots=True)
class Score:
    """Minutes, summed over days; those already logged by hand are no longer asked for."""

    worked: int = 0
    on_project: int = 0
    """Suggested for the project they were worked on."""
    on_task: int = 0
    """Suggested for the very meeting or ticket."""
    on_flag: int = 0
    """Suggested as billable or not, as they were."""
    beside: int = 0
    """Suggested for a meeting or ticket, or a project, that they were not worked on."""
    beyond: int = 0
    """More than was worked on that day at all: false minutes."""
    short: int = 0
    """Worked on that day, and nobody suggested anything."""
    drafts: int = 0
    near: int = 0
    """Drafts that need no edit, within NEAR."""
    close: int = 0

    def add(self, judged: Sequence[Judged], truth: Counter[Work]) -> None:
        said = [one.said for one in judged]
        worked, suggested = truth.total(), sum(one.minutes for one in said)
        on_task = _shared(said, truth, lambda one: (one.thing, one.project))
        self.worked += worked
        self.on_project += _shared(said, truth, lambda one: one.project)
        self.on_task += on_task
        self.on_flag += _shared([one for one in said if one.project], truth, lambda one: one.billable)
        self.beside += suggested - on_task
        self.beyond += max(0, suggested - worked)
        self.short += max(0, worked - suggested)
        self.drafts += len(said)
        self.near += sum(one.near for one in judged)
        self.close += sum(one.close for one in judged)


def judge(said: Said, truth: Counter[Work]) -> Judged:
    done = truth[Work(said.thing, said.project or "", said.billable)]
    off = abs(done - said.minutes)
    return Judged(said, done > 0 and off <= NEAR, done > 0 and off <= CLOSE, done > 0)


def scored(method: Callable[[Life], Method], lives: Iterable[Life]) -> tuple[Score, list[Judged]]:
    """A method on everybody's days in their order.

    Gives    the sums, and every suggestion with how it turned out
    """
    score, every = Score(), []
    for life in lives:
        one = method(life)
        for day in life.days:
            truth = day.truth
            judged = [judge(said, truth) for said in one.suggested(day)]
            score.add(judged, truth)
            every += judged
            one.corrected(day)
    return score, every


def _shared(said: Iterable[Said], truth: Counter[Work], named: Callable[[Said | Work], object]) -> int:
    """Minutes that both sides give to the same name."""
    ours: Counter[object] = Counter()
    theirs: Counter[object] = Counter()
    for one in said:
        ours[named(one)] += one.minutes
    for work, minutes in truth.items():
        theirs[named(work)] += minutes
    return (ours & theirs).total()
