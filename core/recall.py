"""What a contributor's memory says about one activity, beside what the rules say.

Their own rules come first. Then what they chose for the same series or task; then for the same title; then
for the titles most like it. A choice stands before a rule once it was made against what was suggested, for a
title twice; made once, it is told as a doubt. Where no rule names a project, memory does.

How sure it is follows from the votes. Each weighs what is left of it in its lesson, and with titles that are
only alike, how near they are and how long ago they were last chosen. Of all the votes, and a little set aside
for what nobody chose yet, the leading project has a share; from that share follows how likely it is to be
confirmed. The constants are fitted to two logs of real work, certainty to the first half of one; how they
hold stands in docs/figures.md, "Titles".
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal, NamedTuple

from core.mapping import Match
from core.memory import Choice, Lesson, Memory, OwnRule, Recollection, names
from core.model import Activity, Confidence

SURE, LIKELY = 0.9, 0.6
"""How likely a choice must be to be called so. Measured: of all that is called sure, 97 in 100 come true, and
of the least sure of it still 95."""

TWICE = 2
"""So often must a project be chosen to be sure of it, and a title be corrected to stand before a rule."""

NONE_OF_THESE = 0.1
"""The vote for what was never chosen: it counts against titles hardly alike, and not against a habit."""

HALF_AFTER = 30
"""Days after which a title that is only alike has half its say: people move from one project to the next."""


class _Vote(NamedTuple):
    """One lesson, and what it weighs here."""

    lesson: Lesson
    weight: float


@dataclass(frozen=True, slots=True)
class _Leading:
    """What the votes come to."""

    best: Lesson
    """The weightiest vote for the leading project."""
    certainty: float
    """How likely it is to be confirmed."""
    times: int
    """How often it was chosen, in these votes."""
    corrected: int
    """How often of these against what was suggested."""
    last: date

    @property
    def confidence(self) -> Confidence:
        if self.certainty >= SURE and self.times >= TWICE:
            return "sure"
        return "likely" if self.certainty >= LIKELY else "unsure"


def recalled(match: Match, memory: Memory, activity: Activity, task: str | None = None) -> Match:
    """What the rules say, unless the contributor said otherwise before."""
    if not memory.lessons and not memory.rules:
        return match
    about = names(activity, task)
    for name in about:
        if rule := memory.rule_by_name.get(name):
            return _by_own(match, rule, activity, task)
    for name in about:
        if lessons := memory.by_name.get(name):
            return _by_same(match, _leading([_Vote(one, one.weight) for one in lessons]), activity, task)
    if about and about[-1].startswith("title:") and (like := _like(memory, about[-1], activity)):
        return _by_like(match, like, activity, task)
    return match


def unworked_since(memory: Memory, source: str, task: str, day: date) -> date | None:
    """The day on which its contributor last said of a task that it was no work, and nothing else since.

    Takes    day: the one that is looked at; what was said of it or of later days does not count
    """
    said = memory.by_name.get(f"task:{source}:{task}", ())
    latest = max(said, key=lambda one: (one.last, one.choice is None), default=None)
    return latest.last if latest is not None and latest.choice is None and latest.last < day else None


def _by_own(match: Match, rule: OwnRule, activity: Activity, task: str | None) -> Match:
    said = Recollection(by=rule.says, choice=rule.choice, title=rule.shown, last=rule.made)
    if rule.says == "never" or rule.choice is None:
        return match._replace(ignore=True, chosen=said)
    return _booked(match, rule.choice, said, None, activity, task)


def _leading(votes: Sequence[_Vote]) -> _Leading:
    """Which project has the most votes, and how firmly.

    Takes    at least one vote
    """
    weights: dict[str | None, float] = defaultdict(float)
    for lesson, weight in votes:
        weights[_project(lesson)] += weight
    first = max(votes, key=lambda vote: (weights[_project(vote.lesson)], vote.lesson.last, vote.weight))
    project = _project(first.lesson)
    theirs = [vote for vote in votes if _project(vote.lesson) == project]
    return _Leading(
        best=max(theirs, key=lambda vote: (vote.weight, vote.lesson.last)).lesson,
        certainty=_certainty(weights[project] / (sum(weights.values()) + NONE_OF_THESE)),
        times=sum(vote.lesson.times for vote in theirs),
        corrected=sum(vote.lesson.corrected for vote in theirs),
        last=max(vote.lesson.last for vote in theirs),
    )


def _certainty(share: float) -> float:
    """How often what has this share of the votes comes true: by measure, 0.5 of them in 3 of 4 cases."""
    return 1 - (1 - share) ** 2


def _by_same(match: Match, leading: _Leading, activity: Activity, task: str | None) -> Match:
    """What was chosen for the same series, task or title."""
    best = leading.best
    said = _said(best.kind, leading)
    if best.choice is None:
        return match._replace(doubt=said, at_most="unsure")
    if not _speaks(match):
        return _booked(match, best.choice, said, leading.confidence, activity, task)
    if _is_same(match, best.choice, task):
        limit: Confidence | None = None if leading.certainty >= SURE else "likely"
        return match._replace(agreed=said, at_most=limit)
    if best.corrected >= (TWICE if best.kind == "title" else 1):
        return _booked(match, best.choice, said, leading.confidence, activity, task)
    return match._replace(doubt=said, at_most="unsure") if best.corrected else match


def _like(memory: Memory, about: str, activity: Activity) -> tuple[_Leading, str] | None:
    """What the titles like this one come to, and the nearest that says so."""
    day = activity.start.date()
    votes = [
        _Vote(lesson, lesson.weight * near * HALF_AFTER / (HALF_AFTER + max(0, (day - lesson.last).days)))
        for like, near in memory.titles.like(about)
        for lesson in memory.by_name[like]
    ]
    if not votes:
        return None
    leading = _leading(votes)
    nearest = next(lesson for lesson, _ in votes if _project(lesson) == _project(leading.best))
    return leading, nearest.about.rpartition(":")[2]


def _by_like(match: Match, like: tuple[_Leading, str], activity: Activity, task: str | None) -> Match:
    """What was chosen for the titles most like it."""
    leading, title = like
    choice = leading.best.choice
    firmly = leading.confidence == "sure" and leading.corrected >= TWICE
    if choice is None or (_speaks(match) and (match.ignore or choice.project == match.project or not firmly)):
        return match
    elsewhere = leading.best.about.split(":")[1] != activity.source
    own = choice.model_copy(update={"target": None}) if elsewhere else choice
    return _booked(match, own, _said("like", leading, title), leading.confidence, activity, task)


def _said(by: Literal["series", "task", "title", "like"], leading: _Leading, title: str = "") -> Recollection:
    return Recollection(
        by=by,
        choice=leading.best.choice,
        title=title,
        times=leading.times,
        certainty=leading.certainty,
        last=leading.last,
    )


def _speaks(match: Match) -> bool:
    """Whether a rule says where it belongs, or that it is no work."""
    return match.project is not None or match.ignore


def _is_same(match: Match, choice: Choice, task: str | None) -> bool:
    target, _ = _posted_to(choice.target, task)
    return (match.project, match.category, match.billable, match.target) == (
        choice.project,
        choice.category,
        choice.billable,
        target,
    )


def _project(lesson: Lesson) -> str | None:
    return lesson.choice.project if lesson.choice else None


def _booked(
    match: Match,
    choice: Choice,
    said: Recollection,
    at_most: Confidence | None,
    activity: Activity,
    task: str | None,
) -> Match:
    """As the contributor chose; the rule no longer counts."""
    target, needs_task = _posted_to(choice.target, task)
    return match._replace(
        project=choice.project,
        category=choice.category,
        billable=choice.billable,
        target=target,
        needs_task=needs_task,
        text=(activity.title or task or "") if match.ignore else match.text,
        attributed={},
        confidence=None,
        ignore=False,
        chosen=said,
        doubt=None,
        at_most=at_most,
    )


def _posted_to(target: str | None, task: str | None) -> tuple[str | None, bool]:
    """Where the time goes, and whether a task is missing for it."""
    connection, _, where = (target or "").partition(":")
    if where != "task":
        return target, False
    return (None, True) if task is None else (f"{connection}:{task}", False)
