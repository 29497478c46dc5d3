"""Daybook on the same traces: the real core, and a person who puts every draft right the next morning."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from bench.quality import office
from bench.quality.score import Said, judge
from bench.quality.weeks import BERLIN, Day, Life
from core import drafts as deeds
from core.day import ContributorDay, Numbers
from core.memory import NOTHING, learn
from core.model import Draft, Suggestion
from core.reconcile import applied, reconcile

MORNING = time(8)
DEFAULTS = Numbers()


class Daybook:
    """Rules and evidence; with `remembers`, also what the person's corrections taught."""

    def __init__(self, life: Life, numbers: Numbers = DEFAULTS, remembers: bool = False) -> None:
        self.life = life
        self.numbers = numbers
        self.remembers = remembers
        self.memory = NOTHING
        self.drafts: list[Draft] = []

    def suggested(self, day: Day) -> list[Said]:
        known = ContributorDay(
            day=day.day,
            zone=str(BERLIN),
            schedule=self.life.habits.schedule,
            now=datetime.combine(day.day + timedelta(days=1), MORNING, BERLIN),
            who="ada@northwind.example",
            numbers=self.numbers,
            containers=frozenset(office.CONTAINERS),
            memory=self.memory,
        )
        so_far = [one for one in self.life.activities if one.start < known.now]
        plan = reconcile(known, so_far, office.MAPPINGS, [])
        self.drafts = applied([], plan.changes)
        return [said(draft.suggestion) for draft in self.drafts]

    def corrected(self, day: Day) -> None:
        if self.remembers:
            for draft in self.drafts:
                self.memory = learn(self.memory, put_right(draft, day), day.day)


def said(suggestion: Suggestion) -> Said:
    return Said(
        thing_of(suggestion),
        suggestion.project,
        suggestion.billable,
        suggestion.minutes,
        suggestion.confidence,
    )


def thing_of(suggestion: Suggestion) -> str:
    meeting = next((line.uid for line in suggestion.because if line.kind == "meeting" and line.uid), None)
    return f"task:{suggestion.task}" if meeting is None else f"meeting:{meeting}"


def put_right(draft: Draft, day: Day) -> Draft:
    """The draft as its person leaves it: confirmed as it is, edited to what was done, or dismissed."""
    truth = day.truth
    if judge(said(draft.suggestion), truth).near:
        decided = deeds.confirm(draft)
    elif done := {w: n for w, n in truth.items() if w.thing == thing_of(draft.suggestion)}:
        ((work, minutes),) = done.items()
        edited = deeds.edit(
            draft,
            office.PROJECTS,
            minutes=minutes,
            project=work.project,
            billable=work.billable,
            target="none",
        )
        assert isinstance(edited, Draft)
        decided = deeds.confirm(edited)
    else:
        decided = deeds.dismiss(draft)
    assert isinstance(decided, Draft), decided
    return decided
