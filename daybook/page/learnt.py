"""What Daybook learnt: all that its contributor taught it, in plain words, and a button to forget each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from typing import NamedTuple

from starlette.responses import Response

from core.memory import Lesson, OwnRule
from core.rules import Project
from daybook import teaching
from daybook.page import words
from daybook.page.door import Visit
from daybook.page.shown import called, name, rule_name
from daybook.store.memory import Told

HERE = "/learnt"
_TELLING = ("series", "task", "title")
"""What something can be known by, the most telling first."""


class Rule(NamedTuple):
    """A rule of their own."""

    name: str
    """What its form calls it."""
    title: str
    kind: str
    says: str
    about: str
    made: date


class Habit(NamedTuple):
    """One thing they did with it."""

    says: str
    times: int
    last: date


class Thing(NamedTuple):
    """Something they decided on, by the title they know it by; what is shown as one is forgotten as one."""

    name: str
    title: str
    kind: str
    habits: tuple[Habit, ...]
    """The latest first."""
    about: frozenset[str]


class Learnt(NamedTuple):
    rules: list[Rule]
    things: list[Thing]


def show(visit: Visit) -> Response:
    return _page(visit)


def forget(visit: Visit) -> Response:
    """Forget the one thing, or take back the one rule, that the form names."""
    learnt, wanted = _learnt(visit), visit.stated("what")
    for rule in learnt.rules:
        if rule.name == wanted:
            teaching.drop_rule(visit.house, visit.who, rule.about)
            return visit.back("unruled", at=HERE)
    for thing in learnt.things:
        if thing.name == wanted:
            teaching.forget(visit.house, visit.who, thing.about)
            return visit.back("forgotten", at=HERE)
    return _page(visit, 409, words.FORGOTTEN_ALREADY)


def forget_all(visit: Visit) -> Response:
    if visit.stated("sure") != "yes":
        return _page(visit, 422, words.NOT_SURE)
    teaching.forget_all(visit.house, visit.who)
    return visit.back("all_forgotten", at=HERE)


def _page(visit: Visit, status: int = 200, problem: str = "") -> Response:
    return visit.show(
        "learnt.html",
        status,
        title=words.LEARNT,
        said=problem or visit.said,
        went_wrong=bool(problem),
        learnt=_learnt(visit),
    )


def _learnt(visit: Visit) -> Learnt:
    projects = visit.house.configuration.projects
    with visit.house.store.reading() as tx:
        rules = tx.memory.rules(visit.who.id)
        told = tx.memory.told(visit.who.id)
    return Learnt(
        rules=sorted((_rule(one, projects) for one in rules), key=lambda one: (one.title, one.name)),
        things=sorted(_things(told, projects), key=lambda one: (one.habits[0].last, one.name), reverse=True),
    )


def _rule(rule: OwnRule, projects: dict[str, Project]) -> Rule:
    return Rule(
        name=rule_name(rule.about),
        title=rule.shown,
        kind=words.known_by(rule.about),
        says=words.own_rule(called(rule.choice.project, projects) if rule.choice else None),
        about=rule.about,
        made=rule.made,
    )


def _things(told: Iterable[Told], projects: dict[str, Project]) -> Iterator[Thing]:
    by_title: dict[str, list[Told]] = {}
    for one in told:
        by_title.setdefault(one.shown.casefold() or one.lesson.about, []).append(one)
    for title, same in by_title.items():
        latest = max(same, key=lambda one: one.lesson.last)
        about = frozenset(one.lesson.about for one in same)
        yield Thing(
            name=name(f"what they call {title}"),
            title=latest.shown,
            kind=words.known_by(min(about, key=lambda one: _TELLING.index(one.partition(":")[0]))),
            habits=tuple(_habits((one.lesson for one in same), projects)),
            about=about,
        )


def _habits(lessons: Iterable[Lesson], projects: dict[str, Project]) -> list[Habit]:
    """What they did, each once: the same decision was learnt under a series and under a title."""
    found: dict[str | None, Habit] = {}
    for lesson in lessons:
        project = lesson.choice.project if lesson.choice else None
        says = words.booked(called(project, projects)) if project else words.DISMISSED_IT
        there = found.get(project, Habit(says, 0, lesson.last))
        found[project] = Habit(says, max(there.times, lesson.times), max(there.last, lesson.last))
    return sorted(found.values(), key=lambda habit: (habit.last, habit.times), reverse=True)
