"""What contributors' own words on their drafts taught Daybook, each for themselves.

A confirmation or a dismissal is a vote for one choice, kept under every name the thing has: its recurring
series, its task, its title. With each vote the earlier ones under that name fade by a third, so that what
somebody did a hundred times still gives way to what they did the last two times. Beside what was learnt
stand the contributor's own rules, *always* and *never*. All of it is theirs alone; they read and erase it.
What it says about the next activity is in recall.py.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from functools import cached_property
from heapq import nsmallest
from typing import Annotated, Literal, cast

from pydantic import Field

from core.likeness import Titles
from core.model import About, Activity, Draft, Noun, Suggestion
from core.wording import words

FADES = 2 / 3
"""What a vote still weighs after the next one. Two new votes weigh 5/3; all earlier ones together at most
3 x 4/9 = 4/3, however many they were: a changed habit wins with its second vote."""

CORRECTED, ACCEPTED = 1.0, 0.75
"""What a vote weighs: choosing something else says more than leaving a suggestion as it was."""

MOST = 1_000
"""Lessons kept of one contributor; the longest unused go first, of one day the lightest. Measured: with a
fifth as many, no less is known about the next title."""

LONGEST_TITLE = 200
"""Letters of a title that tell it from others."""


Thing = Literal["series", "task", "title"]
"""What kind of thing a lesson is about."""


class Choice(Noun):
    """What a contributor wants something to be booked on."""

    project: str
    category: str | None = None
    billable: bool = False
    target: str | None = None
    """`connection:task` with the literal word "task" where it is the task of the activity itself."""


class Lesson(Noun):
    """One choice made for one thing; a thing has as many lessons as choices were made for it."""

    about: About
    """`series:<source>:<id>`, `task:<source>:<id>` or `title:<source>:<container>:<normalised title>`."""
    choice: Choice | None
    """None: it was dismissed, no work to record."""
    weight: Annotated[float, Field(ge=0)]
    """Its votes, faded."""
    times: Annotated[int, Field(ge=1)]
    """How often it was chosen or accepted."""
    corrected: Annotated[int, Field(ge=0)] = 0
    """How often of these it was chosen against what was suggested."""
    last: date
    """The latest day it was chosen for."""

    @property
    def kind(self) -> Thing:
        return cast(Thing, self.about.partition(":")[0])


class OwnRule(Noun):
    """What a contributor said once and for all about one thing; it stands before what was learnt."""

    about: About
    """As in Lesson; there is one rule about one thing."""
    says: Literal["always", "never"]
    """`never`: no work to record."""
    choice: Choice | None = None
    """What `always` books it on."""
    shown: str
    """The title as its owner saw it."""
    made: date


class Memory(Noun):
    """All that was learnt of one contributor, and their own rules."""

    lessons: tuple[Lesson, ...] = ()
    """By about, then choice."""
    rules: tuple[OwnRule, ...] = ()
    """By about."""

    @cached_property
    def by_name(self) -> Mapping[str, list[Lesson]]:
        """The lessons about each thing."""
        found: dict[str, list[Lesson]] = {}
        for lesson in self.lessons:
            found.setdefault(lesson.about, []).append(lesson)
        return found

    @cached_property
    def titles(self) -> Titles:
        """The titles that something was learnt about."""
        return Titles([about for about in self.by_name if about.startswith("title:")])

    @cached_property
    def rule_by_name(self) -> Mapping[str, OwnRule]:
        return {rule.about: rule for rule in self.rules}


NOTHING = Memory()
"""Of somebody who has not said anything yet."""


class Recollection(Noun):
    """Where a choice that memory suggests comes from; its owner reads it in the because."""

    by: Literal["always", "never", "series", "task", "title", "like"]
    """An own rule; or the same series, task or title; or titles that are like it."""
    choice: Choice | None
    """None: dismissed."""
    title: str = ""
    """By an own rule, what it was made for; `like`: the nearest of those titles."""
    times: int = 0
    """How often it was chosen for these."""
    certainty: Annotated[float, Field(ge=0, le=1)] = 1
    """How likely it is to be confirmed, by what was chosen for these; an own rule leaves no doubt."""
    last: date | None = None
    """The latest day it was; for an own rule, when that was made."""


def names(activity: Activity, task: str | None = None) -> tuple[str, ...]:
    """What is learnt about an activity is kept under these, the most telling first.

    Takes    the activity's own task, or the one its title names
    """
    source, found = activity.source, []
    if activity.series is not None:
        found.append(f"series:{source}:{activity.series}")
    if task is not None:
        found.append(f"task:{source}:{task}")
    title = "" if activity.private else words(activity.title or "").strip()
    if title:
        found.append(f"title:{source}:{activity.container or ''}:{title[:LONGEST_TITLE]}")
    return tuple(found)


def _is_their_word(draft: Draft) -> bool:
    """A yes is always their own; what a delegate dismissed, or gave its minutes away, teaches nothing."""
    no_work = draft.decision == "dismissed" and not (draft.prepared_by or draft.tied)
    return draft.decision == "confirmed" or no_work


def learn(memory: Memory, draft: Draft, day: date) -> Memory:
    """What is known after a contributor's word on a draft: they confirmed or dismissed it, edited or not.

    Takes    day: the draft's; a word on an earlier day than one already learnt counts as the older one
    """
    if not _is_their_word(draft):
        return memory
    lessons = dict(memory.by_name)
    for about in draft.suggestion.about:
        choice = chosen(draft, about)
        if choice is not None or draft.decision == "dismissed":
            lessons[about] = _voted(lessons.get(about, []), about, choice, is_corrected(draft), day)
    return _with(memory, lessons)


def unlearn(memory: Memory, draft: Draft) -> Memory:
    """What is known once that word is taken back.

    Takes    the draft as it was when it was learnt from
    """
    if not _is_their_word(draft):
        return memory
    lessons = dict(memory.by_name)
    for about in draft.suggestion.about:
        if about in lessons:
            day, corrected = draft.suggestion.day, is_corrected(draft)
            lessons[about] = _taken_back(lessons[about], chosen(draft, about), corrected, day)
    return _with(memory, lessons)


def ruled(memory: Memory, rule: OwnRule) -> Memory:
    """With this own rule, in place of an earlier one about the same thing."""
    rules = {**memory.rule_by_name, rule.about: rule}
    return Memory(lessons=memory.lessons, rules=tuple(rules[about] for about in sorted(rules)))


def chosen(draft: Draft, about: str) -> Choice | None:
    """What the draft as it stands says about this name; None where it has no project, or is no work."""
    stands = draft.suggestion
    if stands.project is None or draft.decision == "dismissed":
        return None
    return Choice(
        project=stands.project,
        category=stands.category,
        billable=stands.billable,
        target=_target(stands, about),
    )


def is_corrected(draft: Draft) -> bool:
    """Whether its contributor chose something else than was suggested."""
    stands, seen = draft.suggestion, draft.seen
    if draft.decision == "dismissed" or seen is None:
        return True
    return (stands.project, stands.category, stands.billable, stands.target) != (
        seen.project,
        seen.category,
        seen.billable,
        seen.target,
    )


def _target(stands: Suggestion, about: str) -> str | None:
    """Where it was posted; under a title, the task it is itself about is named as such."""
    connection, _, task = (stands.target or "").partition(":")
    if task and task == stands.task and about.startswith("title:"):
        return f"{connection}:task"
    return stands.target


def _voted(
    lessons: Iterable[Lesson], about: str, choice: Choice | None, corrected: bool, day: date
) -> list[Lesson]:
    """The lessons about one thing after one more vote."""
    held = [*lessons]
    weight, fades = _vote(held, corrected, day)
    faded = {one.choice: one.model_copy(update={"weight": one.weight * fades}) for one in held}
    before = faded.get(choice)
    faded[choice] = Lesson(
        about=about,
        choice=choice,
        weight=weight + (before.weight if before else 0),
        times=1 + (before.times if before else 0),
        corrected=corrected + (before.corrected if before else 0),
        last=max(day, before.last) if before else day,
    )
    return sorted(faded.values(), key=_order)


def _taken_back(lessons: Iterable[Lesson], choice: Choice | None, corrected: bool, day: date) -> list[Lesson]:
    """The lessons about one thing without this vote."""
    held = {lesson.choice: lesson for lesson in lessons}
    if choice not in held:
        return [*held.values()]
    weight, fades = _vote(held.values(), corrected, day)
    voted = held.pop(choice)
    if voted.times > 1:
        held[choice] = voted.model_copy(
            update={
                "weight": max(0.0, voted.weight - weight),
                "times": voted.times - 1,
                "corrected": max(0, voted.corrected - corrected),
            }
        )
    restored = (one.model_copy(update={"weight": one.weight / fades}) for one in held.values())
    return sorted(restored, key=_order)


def _vote(held: Iterable[Lesson], corrected: bool, day: date) -> tuple[float, float]:
    """What a vote weighs, and what it leaves of those before it; one that comes late has itself faded."""
    weight = CORRECTED if corrected else ACCEPTED
    late = any(day < lesson.last for lesson in held)
    return (weight * FADES, 1) if late else (weight, FADES)


def _with(memory: Memory, lessons: Mapping[str, Iterable[Lesson]]) -> Memory:
    """A memory of its own: a copy would keep what the earlier one has cached."""
    return Memory(lessons=_kept(lessons), rules=memory.rules)


def _kept(lessons: Mapping[str, Iterable[Lesson]]) -> tuple[Lesson, ...]:
    """As many as may be kept, in their order."""
    every = [lesson for about in sorted(lessons) for lesson in lessons[about]]
    for gone in nsmallest(len(every) - MOST, every, key=lambda one: (one.last, one.weight)):
        every.remove(gone)
    return tuple(every)


def _order(lesson: Lesson) -> tuple[str, ...]:
    """The place of a lesson among those about the same thing."""
    choice = lesson.choice
    if choice is None:
        return ()
    return choice.project, choice.category or "", str(choice.billable), choice.target or ""
