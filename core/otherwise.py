"""The one change that would alter a suggestion, in the contributor's own tools or in Daybook.

Of all that could be changed, the one they most likely want: first what is missing, so that it need not be
chosen again, then what took time away, then what would make it sure, and last what would end it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from core.day import Decisions
from core.mapping import Match
from core.meetings import Meeting
from core.memory import Choice, Recollection
from core.model import Activity
from core.sentences import Sentences
from core.tasks import Task
from core.timeline import Span, common, length


class Rival(NamedTuple):
    """Something that holds time which a meeting wanted."""

    minutes: int
    title: str | None
    activity: Activity | None
    """None where its calendar no longer has it, or never had."""
    decided: bool
    """Its contributor said that they were there."""


def rivals(
    meeting: Meeting, held: Mapping[str, list[Span]], meetings: Mapping[str, Meeting], decisions: Decisions
) -> list[Rival]:
    """Who holds time that the meeting wanted, most of it first."""
    start, end = meeting.span
    found = [
        _rival(key, taken, meetings.get(key), decisions)
        for key, spans in held.items()
        if spans and spans[0][0] < end and start < spans[-1][1]  # most lie elsewhere
        if key != meeting.key and (taken := length(common(spans, [meeting.span])))
    ]
    return sorted(found, key=lambda rival: (-rival.minutes, rival.title or ""))


def _rival(key: str, minutes: int, meeting: Meeting | None, decisions: Decisions) -> Rival:
    decided = key in decisions.kept
    if meeting is None:
        return Rival(minutes, decisions.kept[key].text, None, decided)
    return Rival(minutes, meeting.activity.title, meeting.activity, decided)


def called(rival: Rival, say: Sentences, nameless: str) -> str:
    """A rival as its contributor knows it; a private one has no title to tell."""
    private = rival.activity is not None and rival.activity.private
    return nameless if private or not rival.title else say.title(rival.title)


def called_all(others: Sequence[Rival], say: Sentences) -> str:
    """Who has the time of a meeting; of several without a title one is told."""
    nameless = say("another meeting")
    return say.listed([*dict.fromkeys(called(other, say, nameless) for other in others)] or [nameless])


def without_rival(rival: Rival, say: Sentences) -> str:
    """What lets a meeting have the time that another has."""
    match rival:
        case Rival(decided=True) | Rival(activity=None):
            change = "dismiss other"
        case Rival(activity=Activity(response="organizer" | None)):
            change = "mark other as free"
        case _:
            change = "decline other"
    return say(change, other=called(rival, say, say("the other meeting")))


def of_meeting(meeting: Meeting, logged: int, others: list[Rival], say: Sentences) -> str:
    """What would alter the suggestion of a meeting.

    Takes    logged: minutes of it that are logged already; who holds time it wanted, most of it first
    """
    if change := _of_match(meeting.match, bool(meeting.about), say):
        return change
    match meeting:
        case Meeting(activity=Activity(private=True)):
            return say("private as free")
        case Meeting(match=Match(needs_task=True)):
            return say("key in title")
        case _ if others:
            return without_rival(others[0], say)
        case _ if logged:
            return say("delete logged")
        case Meeting(activity=Activity(response="tentative" | "needs_action"), match=Match(confidence=None)):
            return say("accept")
        case Meeting(activity=Activity(response="organizer" | None)):
            return say("mark as free")
    return say("decline")


def of_task(task: Task, logged: int, charged: int, shared: bool, say: Sentences) -> str:
    """What would alter the suggestion of a task.

    Takes    logged: minutes of it that are logged already; charged: minutes it gave up for others that are
    """
    if change := _of_match(task.match, bool(task.about), say):
        return change
    match task:
        case Task(match=Match(project=str(project), needs_task=True)):
            return say("place", project=project)
        case Task(touches=()):
            return say("out of progress", task=_named(task, say))
        case _ if logged:
            return say("delete logged")
        case _ if charged:
            return say("correct elsewhere")
        case Task(presences=()):
            return say("into progress", task=_named(task, say))
        case _ if shared:
            return say("more of the time", task=_named(task, say))
    return say("out of progress", task=_named(task, say))


def _of_match(match: Match, can_learn: bool, say: Sentences) -> str:
    """What would alter where it belongs; empty where nothing is missing and nothing was remembered."""
    if match.project and match.target and not match.chosen and not match.doubt:
        return ""  # nearly always, so not by the table
    match match:
        case Match(project=None) if can_learn:
            return say("choose")
        case Match(project=str(project), target=None, needs_task=False):
            return say("place", project=project)
        case Match(chosen=Recollection(by="always")):
            return say("take back rule")
        case Match(chosen=Recollection()):
            return say("forget")
        case Match(doubt=Recollection(choice=Choice(project=project))):
            return say("once more", project=project)
        case Match(doubt=Recollection(choice=None)):
            return say("never again")
    return ""


def _named(task: Task, say: Sentences) -> str:
    """Its key, or its title where the key says nothing to a person."""
    if not task.task.isdigit():
        return task.task
    title = next((activity.title for activity in reversed(task.activities) if activity.title), None)
    return say.title(title) if title else say("it")
