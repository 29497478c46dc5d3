"""What the calendar says about a day: meetings, time kept or taken away, and what counts for nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Literal, NamedTuple

from core.confidence import is_doubtful
from core.day import ContributorDay, Ignored
from core.found import Refused, Timed, draft_key, matched, refusal
from core.leave import is_leave
from core.mapping import Mappings, Match
from core.memory import names
from core.model import Activity
from core.timeline import Span, Stretch
from core.wording import issue_key

_A_DAY = timedelta(days=1)

_BY_ANSWER = {"organizer": 0, "accepted": 0, "tentative": 1, "needs_action": 1, "declined": 2, None: 3}
"""Which copy of a meeting speaks for the contributor: the calendar in which they answered."""


class Meeting(NamedTuple):
    """A calendar entry that wants its time counted."""

    key: str
    activity: Activity
    span: Span
    """What of it lies in the day so far."""
    wanted: Stretch
    """The same as a stretch."""
    match: Match
    task: str | None
    """The issue it is about, by its own field or by its title."""
    about: tuple[str, ...]
    """What a choice made for it is remembered under."""

    @property
    def activities(self) -> tuple[Activity, ...]:
        return (self.activity,)


class KeptTime(NamedTuple):
    """Time that is not an entry of its own."""

    use: Literal["away", "focus", "blocked"]
    activity: Activity
    span: Span


def context(day: ContributorDay, timed: Iterable[Timed]) -> Iterator[str]:
    """What the all-day entries of the day are called: "On site at ACME" is no work, and says where it was."""
    for activity, *_, happened in timed:
        if happened and activity.all_day and activity.kind == "meeting" and activity.title:
            declined = activity.response == "declined"
            if not (declined or activity.private or _is_leave(activity, day)):
                yield activity.title


def calendar(
    day: ContributorDay, timed: Iterable[Timed], mappings: Mappings
) -> Iterator[Meeting | KeptTime | Refused | Ignored]:
    """What each entry of the calendar is worth, each meeting once."""
    entries = [one for one in timed if one.happened and one.activity.kind in ("meeting", "focus", "away")]
    copies = _copies([one.activity for one in entries])
    for activity, _, span, _ in entries:
        if (activity.source, activity.uid) in copies:
            yield Ignored(uid=activity.uid, why=day.say("same meeting"))
        elif why := _set_aside(activity, day):
            yield Ignored(uid=activity.uid, why=why)
        elif activity.kind == "away" or _is_leave(activity, day):
            yield KeptTime("away", activity, span)
        elif activity.kind == "focus":
            yield KeptTime("focus", activity, span)
        else:
            meeting = _meeting(activity, span, day, mappings)
            if meeting.match.ignore:
                yield KeptTime("blocked", activity, span)
                yield from refusal(meeting, day)
            else:
                yield meeting


def _copies(entries: Iterable[Activity]) -> set[tuple[str, str]]:
    """Meetings that stand in another calendar too, where they say more about their contributor."""
    by_title: dict[str | None, list[Activity]] = {}
    for activity in entries:
        if activity.kind == "meeting" and not activity.private:
            by_title.setdefault(activity.title, []).append(activity)
    copies: set[tuple[str, str]] = set()
    for namesakes in by_title.values():
        if len(namesakes) > 1:
            copies.update(_copies_of(namesakes))
    return copies


def _copies_of(namesakes: Iterable[Activity]) -> Iterator[tuple[str, str]]:
    speaking: dict[tuple[object, ...], Activity] = {}
    for activity in sorted(namesakes, key=lambda a: (_BY_ANSWER[a.response], a.source, a.uid)):
        same = speaking.setdefault((activity.start, activity.end), activity)
        if same.container != activity.container:
            yield activity.source, activity.uid


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
    return activity.all_day or (activity.end is not None and activity.end - activity.start >= _A_DAY)


def _is_leave(activity: Activity, day: ContributorDay) -> bool:
    return is_leave(activity, day.numbers.leave_words, day.who)


def _meeting(activity: Activity, span: Span, day: ContributorDay, mappings: Mappings) -> Meeting:
    title = None if activity.private else activity.title
    task = activity.task or (issue_key(title, day.containers) if title else None)
    return Meeting(
        key=draft_key("meeting", activity.source, activity.uid, day),
        activity=activity,
        span=span,
        wanted=day.stretch(span),
        match=matched(activity, task, day, mappings),
        task=task,
        about=names(activity, task),
    )
