"""What a contributor's activities mean for one local day.

Activities arrive in any order, some from days before: a task stays in progress until something ends it. Out
come meetings that want time, tasks in hand, time kept or taken away, time already logged, and a reason for
whatever was left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from hashlib import blake2s
from typing import Literal, NamedTuple

from core.confidence import is_doubtful
from core.day import ContributorDay, Ignored
from core.mapping import Mappings, Match, issue_key
from core.memory import names
from core.model import Activity, Parked
from core.recall import recalled, unworked_since
from core.share import InHand
from core.sift import changed, sift
from core.timeline import Span, common, minute, on_the_clock, union
from core.wording import words

A_DAY = timedelta(days=1)

_BY_ANSWER = {"organizer": 0, "accepted": 0, "tentative": 1, "needs_action": 1, "declined": 2, None: 3}
"""Which copy of a meeting speaks for the contributor: the calendar in which they answered."""


@dataclass(frozen=True, slots=True)
class Meeting:
    """A calendar entry that wants its time counted."""

    key: str
    activity: Activity
    span: Span
    """What of it lies in the day so far."""
    match: Match
    task: str | None
    """The issue it is about, by its own field or by its title."""
    about: tuple[str, ...]
    """What a choice made for it is remembered under."""

    @property
    def activities(self) -> tuple[Activity, ...]:
        return (self.activity,)


class Presence(NamedTuple):
    """A task in progress, as far as it counts on the day."""

    activity: Activity
    span: Span


@dataclass(frozen=True, slots=True)
class Task:
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


@dataclass(frozen=True, slots=True)
class Evidence:
    """One day's activities, each in its place."""

    meetings: Mapping[str, Meeting]
    tasks: Mapping[str, Task]
    logged: tuple[Activity, ...]
    away: list[Span]
    focus: list[Span]
    blocked: list[Span]
    """Attended, and by rule nobody's business: neither drafted nor free for tasks."""
    refused: frozenset[str]
    """Keys of what is no work by a rule, or by its contributor's own."""
    ignored: tuple[Ignored, ...]
    parked: tuple[Parked, ...]


class _Timed(NamedTuple):
    """An activity, and its times in minutes."""

    activity: Activity
    begun: int
    """On whatever day."""
    span: Span
    """What of it lies in the day so far; a presence that still lasts, lasts until now."""
    happened: bool
    """Whether any of it lies there; what has no length, at its instant."""


class _Time(NamedTuple):
    """Time that is not an entry of its own."""

    use: Literal["away", "focus", "blocked"]
    span: Span


class _Refused(NamedTuple):
    """A meeting or task that is there, and by rule no work."""

    key: str


def gather(day: ContributorDay, activities: Iterable[Activity], mappings: Mappings) -> Evidence:
    """Everything that the activities say about this day."""
    standing, parked = sift(activities, day.say)
    timed = [_timed(activity, day) for activity in standing]
    if context := tuple(_context(day, timed)):
        day = day.model_copy(update={"context": context})
    nameless = [a for a in standing if a.kind in ("presence", "touch") and a.task is None]
    found = [*_calendar(day, timed, mappings), *_work(day, timed, mappings)]

    def spans(use: str) -> list[Span]:
        return union([time.span for time in found if isinstance(time, _Time) and time.use == use])

    return Evidence(
        meetings={meeting.key: meeting for meeting in found if isinstance(meeting, Meeting)},
        tasks={task.key: task for task in found if isinstance(task, Task)},
        logged=tuple(one.activity for one in timed if _is_logged(one, day)),
        away=spans("away"),
        focus=spans("focus"),
        blocked=spans("blocked"),
        refused=frozenset(one.key for one in found if isinstance(one, _Refused)),
        ignored=tuple(ignored for ignored in found if isinstance(ignored, Ignored)),
        parked=(*parked, *(Parked(uid=a.uid, why=day.say("no task")) for a in nameless)),
    )


def _context(day: ContributorDay, timed: Iterable[_Timed]) -> Iterator[str]:
    """What the all-day entries of the day are called: "On site at ACME" is no work, and says where it was."""
    for activity, *_, happened in timed:
        if happened and activity.all_day and activity.kind == "meeting" and activity.title:
            declined = activity.response == "declined"
            if not (declined or activity.private or _is_leave(activity, day)):
                yield activity.title


def _timed(activity: Activity, day: ContributorDay) -> _Timed:
    start, end = day.so_far
    begun = minute(activity.start)
    if activity.end is not None:
        ended = minute(activity.end)
    else:
        ended = end if activity.kind == "presence" else begun
    begins, ends = max(start, begun), min(end, ended)
    return _Timed(activity, begun, (begins, max(begins, ends)), start <= begun < end or begins < ends)


def _is_logged(one: _Timed, day: ContributorDay) -> bool:
    """Counted on the day it begins, also when that is later today: it has been written down already."""
    start, end = day.whole
    return one.activity.kind == "logged" and start <= one.begun < end and one.activity.uid not in day.ours


def _calendar(
    day: ContributorDay, timed: Iterable[_Timed], mappings: Mappings
) -> Iterator[Meeting | _Time | _Refused | Ignored]:
    entries = [one for one in timed if one.happened and one.activity.kind in ("meeting", "focus", "away")]
    copies = _copies([one.activity for one in entries])
    for activity, _, span, _ in entries:
        if (activity.source, activity.uid) in copies:
            yield Ignored(uid=activity.uid, why=day.say("same meeting"))
        else:
            yield from _entry(activity, span, day, mappings)


def _copies(entries: Iterable[Activity]) -> set[tuple[str, str]]:
    """Meetings that stand in another calendar too, where they say more about their contributor."""
    speaking: dict[tuple[object, ...], Activity] = {}
    copies = set()
    for activity in sorted(entries, key=lambda a: (_BY_ANSWER[a.response], a.source, a.uid)):
        if activity.kind == "meeting" and not activity.private:
            same = speaking.setdefault((activity.start, activity.end, activity.title), activity)
            if same.container != activity.container:
                copies.add((activity.source, activity.uid))
    return copies


def _entry(
    activity: Activity, span: Span, day: ContributorDay, mappings: Mappings
) -> Iterator[Meeting | _Time | _Refused | Ignored]:
    """What one entry of the calendar is worth."""
    if why := _set_aside(activity, day):
        yield Ignored(uid=activity.uid, why=why)
    elif activity.kind == "away" or _is_leave(activity, day):
        yield _Time("away", span)
    elif activity.kind == "focus":
        yield _Time("focus", span)
    else:
        meeting = _meeting(activity, span, day, mappings)
        if meeting.match.ignore:
            yield _Time("blocked", span)
            yield from _refusal(meeting, day)
        else:
            yield meeting


def _set_aside(activity: Activity, day: ContributorDay) -> str | None:
    """Why a calendar entry counts for nothing, if its own fields say so."""
    if activity.response == "declined":
        return day.say("left out as declined")
    if activity.start == activity.end:
        return day.say("no length")
    if activity.kind == "away" or _is_leave(activity, day):
        return None
    if _covers_days(activity):
        return day.say("all day")
    if is_doubtful(activity) and day.numbers.tentative == "ignore":
        return day.say.answer(activity.response)
    return None


def _covers_days(activity: Activity) -> bool:
    """All-day, or a conference from Monday to Wednesday: nobody meets from midnight to midnight."""
    return activity.all_day or (activity.end is not None and activity.end - activity.start >= A_DAY)


def _is_leave(activity: Activity, day: ContributorDay) -> bool:
    """An all-day entry of one's own that says so; a colleague's leave that one was invited to is not."""
    if not activity.all_day or activity.response not in (None, "organizer"):
        return False
    title = words(activity.title or "")
    return any(words(phrase) in title for phrase in day.numbers.leave_words)


def _meeting(activity: Activity, span: Span, day: ContributorDay, mappings: Mappings) -> Meeting:
    title = None if activity.private else activity.title
    task = activity.task or (issue_key(title, day.containers) if title else None)
    return Meeting(
        key=_key("meeting", activity.source, activity.uid, day),
        activity=activity,
        span=span,
        match=_matched(activity, task, day, mappings),
        task=task,
        about=names(activity, task),
    )


def _matched(activity: Activity, task: str | None, day: ContributorDay, mappings: Mappings) -> Match:
    """The contributor's own earlier choice, else the rules in the order of their file."""
    seen = activity
    if day.context:
        seen = activity.model_copy(update={"labels": (*activity.labels, *day.context)})
    match = mappings.match(seen, day.who, day.team, task)
    return mappings.settled(match, recalled(match, day.memory, activity, task), task)


def _work(
    day: ContributorDay, timed: Iterable[_Timed], mappings: Mappings
) -> Iterator[Task | _Refused | Ignored]:
    end = day.so_far[1]
    by_task: dict[tuple[str, str], list[_Timed]] = {}
    for one in timed:
        activity = one.activity
        if activity.kind in ("presence", "touch") and activity.task and one.begun < end:
            by_task.setdefault((activity.source, activity.task), []).append(one)
    oldest = on_the_clock(day.schedule.reaching_back(day.day, day.numbers.stale_after), 0, day.place)
    for (source, name), history in by_task.items():
        yield from _task(source, name, history, oldest, day, mappings)


def _task(
    source: str,
    name: str,
    history: Sequence[_Timed],
    oldest: int,
    day: ContributorDay,
    mappings: Mappings,
) -> Iterator[Task | _Refused | Ignored]:
    """What the history of one task, up to now, is worth on this day.

    Takes    the oldest minute at which a sign of work still keeps a task awake
    """
    today = [one for one in history if one.happened]
    touches = tuple(one.activity for one in today if one.activity.kind == "touch")
    running = [one.activity for one in today if one.activity.kind == "presence"]
    said_no = unworked_since(day.memory, source, name, day.day)
    if said_no is not None:
        oldest = max(oldest, on_the_clock(said_no + A_DAY, 0, day.place))
    woken = min((one.begun for one in history if one.begun >= oldest), default=None)
    awake = [] if woken is None else [(woken, day.so_far[1])]
    presences = tuple(
        Presence(one.activity, span)
        for one in today
        if one.activity.kind == "presence"
        for span in common([one.span], awake)
    )
    if not presences and not touches:
        why = day.say.count("stale", day.numbers.stale_after)
        if said_no is not None:
            why = day.say("unworked", date=day.say.date(said_no))
        yield from (Ignored(uid=a.uid, why=why) for a in running)
        return
    speaker = max((*running, *touches), key=lambda a: (changed(a), a.start, a.uid))
    match = _matched(speaker, name, day, mappings)
    about = names(speaker, name)
    task = Task(_key("task", source, name, day), source, name, match, presences, touches, about)
    if match.ignore:
        yield from _refusal(task, day)
    else:
        yield task


def _refusal(found: Meeting | Task, day: ContributorDay) -> Iterator[_Refused | Ignored]:
    """That it is no work, and who says so: a rule for all, or its contributor's own."""
    match, own = found.match, None
    if match.chosen is not None:
        own = next(name for name in found.about if name in day.memory.rule_by_name)
        why = day.say.chosen(match.chosen)
    else:
        why = day.say("ignored by", rule=day.say.rule(match.rule or "", match.file, match.line))
    yield _Refused(found.key)
    yield from (Ignored(uid=activity.uid, why=why, about=own) for activity in found.activities)


def _key(what: str, source: str, thing: str, day: ContributorDay) -> str:
    """Names a draft by its evidence and day, and says neither."""
    named = "\0".join((source, thing, day.day.isoformat()))
    return f"{what}-{blake2s(named.encode(), digest_size=10).hexdigest()}"
