"""Which tasks were in hand on a day: in progress and not forgotten, or with a sign of work."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import NamedTuple

from core.day import ContributorDay, Ignored
from core.found import Refused, Timed, draft_key, matched, refusal
from core.mapping import Mappings, Match
from core.memory import names
from core.model import Activity
from core.recall import unworked_since
from core.share import InHand
from core.sift import changed
from core.timeline import Span, minute, on_the_clock, union

_A_DAY = timedelta(days=1)


class Presence(NamedTuple):
    """A task in progress, as far as it counts on the day."""

    activity: Activity
    span: Span


class Forgotten(NamedTuple):
    """A task in progress that nobody works on."""

    uid: str
    why: str


class Task(NamedTuple):
    """A task that was in hand on the day."""

    key: str
    source: str
    task: str
    match: Match
    """What the rules say about the latest of its activities."""
    presences: tuple[Presence, ...]
    touches: tuple[Activity, ...]
    about: tuple[str, ...] = ()
    """What a choice made for it is remembered under."""

    @property
    def in_hand(self) -> InHand:
        return InHand(
            present=union([presence.span for presence in self.presences]),
            touches=[minute(touch.start) for touch in self.touches],
        )

    @property
    def activities(self) -> tuple[Activity, ...]:
        return (*(presence.activity for presence in self.presences), *self.touches)


class _History(NamedTuple):
    """What its tool says about one task, up to now."""

    source: str
    task: str
    begun: list[int]
    """When each of it began, on whatever day."""
    running: list[Timed]
    """When it was in progress on the day."""
    touches: list[Activity]
    """What was done to it on the day."""


def tasks(
    day: ContributorDay, timed: Iterable[Timed], mappings: Mappings
) -> Iterator[Task | Forgotten | Refused | Ignored]:
    """What each task's history is worth on this day."""
    stale = on_the_clock(day.schedule.reaching_back(day.day, day.numbers.stale_after), 0, day.place)
    for history in _histories(day, timed):
        said_no = unworked_since(day.memory, history.source, history.task, day.day)
        oldest = stale
        if said_no is not None:
            oldest = max(stale, on_the_clock(said_no + _A_DAY, 0, day.place))
        presences = tuple(_awake(history, oldest))
        if presences or history.touches:
            yield from _in_hand(history, presences, day, mappings)
        else:
            yield from _forgotten(history, said_no, day)


def _histories(day: ContributorDay, timed: Iterable[Timed]) -> Iterable[_History]:
    end = day.so_far[1]
    by_task: dict[tuple[str, str], _History] = {}
    for one in timed:
        activity = one.activity
        if activity.kind in ("presence", "touch") and activity.task and one.begun < end:
            named = activity.source, activity.task
            history = by_task.get(named)
            if history is None:
                history = by_task[named] = _History(*named, [], [], [])
            history.begun.append(one.begun)
            if one.happened and activity.kind == "presence":
                history.running.append(one)
            elif one.happened:
                history.touches.append(activity)
    return by_task.values()


def _awake(history: _History, oldest: int) -> Iterator[Presence]:
    """When it was in progress, from its first sign of work on that is not too long ago.

    Takes    the oldest minute at which a sign of work still keeps a task awake
    """
    woken = min((begun for begun in history.begun if begun >= oldest), default=None)
    if woken is not None:
        for one in history.running:
            start, end = one.span
            if max(start, woken) < end:
                yield Presence(one.activity, (max(start, woken), end))


def _in_hand(
    history: _History, presences: tuple[Presence, ...], day: ContributorDay, mappings: Mappings
) -> Iterator[Task | Refused | Ignored]:
    today = [*(one.activity for one in history.running), *history.touches]
    latest = max(today, key=lambda a: (changed(a), a.start, a.uid)) if len(today) > 1 else today[0]
    task = Task(
        key=draft_key("task", history.source, history.task, day),
        source=history.source,
        task=history.task,
        match=matched(latest, history.task, day, mappings),
        presences=presences,
        touches=tuple(history.touches),
        about=names(latest, history.task),
    )
    if task.match.ignore:
        yield from refusal(task, day)
    else:
        yield task


def _forgotten(history: _History, said_no: date | None, day: ContributorDay) -> Iterator[Forgotten]:
    """For too long, or since its contributor said so."""
    if said_no is not None:
        why = day.say("unworked", date=day.say.date(said_no))
    else:
        why = day.say.count("stale", day.numbers.stale_after)
    yield from (Forgotten(one.activity.uid, why) for one in history.running)
