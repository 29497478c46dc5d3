"""What a contributor's memory says about one activity, beside what the rules say.

Their own rules come first; then what they chose for the same series or task; then for the same title.
Something learnt from a title stands before a rule only once it was chosen against it twice; chosen once, it
is told as a doubt. Where no rule speaks, memory does, and says how sure it can be.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from core.mapping import Match
from core.memory import Choice, Lesson, Memory, OwnRule, Recollection, names
from core.model import Activity, Confidence

TWICE = 2
"""Corrections of a title after which it leads."""


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
            return _by_lessons(match, lessons, activity, task)
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


def _by_lessons(match: Match, lessons: Sequence[Lesson], activity: Activity, task: str | None) -> Match:
    leading = max(lessons, key=lambda one: (one.weight, one.last))
    said = Recollection(by=leading.kind, choice=leading.choice, times=leading.times, last=leading.last)
    if leading.choice is None:
        return match._replace(doubt=said, at_most="unsure")
    if match.rule is not None and leading.choice.project == match.project:
        return match._replace(agreed=leading.times)
    needed = TWICE if leading.kind == "title" else 1
    if match.project is not None and leading.corrected < needed:
        return match._replace(doubt=said, at_most="likely") if leading.corrected else match
    return _booked(match, leading.choice, said, _sureness(leading, lessons), activity, task)


def _sureness(leading: Lesson, lessons: Sequence[Lesson]) -> Confidence:
    share = leading.weight / sum(lesson.weight for lesson in lessons)
    return "sure" if share > 0.9 else "likely"


def _booked(
    match: Match,
    choice: Choice,
    said: Recollection,
    at_most: Confidence | None,
    activity: Activity,
    task: str | None,
) -> Match:
    target, needs_task = _posted_to(choice.target, task)
    return match._replace(
        project=choice.project,
        category=choice.category,
        billable=choice.billable,
        target=target,
        needs_task=needs_task,
        text=match.text if not match.ignore else activity.title or task or "",
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
