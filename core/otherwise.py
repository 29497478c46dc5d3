"""The one change that would alter a suggestion, in the contributor's own tools or in Daybook.

Of all that could be changed, the one they most likely want: first what is missing, so that it need not be
chosen again, then what took time away, then what would make it sure, and last what would end it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from core.confidence import is_doubtful
from core.mapping import Match
from core.meetings import Meeting
from core.memory import Choice, Recollection
from core.model import Activity
from core.rivals import Contest, Loss, Rival
from core.sentences import Sentences
from core.tasks import Task


def called(rival: Rival, say: Sentences, nameless: str) -> str:
    """A rival as its contributor knows it; a private one has no title to tell."""
    private = rival.activity is not None and rival.activity.private
    return nameless if private or not rival.title else say.title(rival.title)


def called_all(others: Sequence[Rival], say: Sentences) -> str:
    """Who has the time of a meeting; of several without a title one is told."""
    nameless = say("another meeting")
    return say.listed([*dict.fromkeys(called(other, say, nameless) for other in others)] or [nameless])


def without(rivals: Iterable[Rival], say: Sentences) -> str:
    """What lets a meeting have the time that goes to others now, all of it to be done."""
    by_change: dict[str, list[Rival]] = {}
    for rival in rivals:
        by_change.setdefault(_giving_way(rival), []).append(rival)
    changes = say.listed([say(change, others=_together(each, say)) for change, each in by_change.items()])
    return say("have the time", changes=changes[0].upper() + changes[1:])


def _giving_way(rival: Rival) -> str:
    match rival:
        case Rival(decided=True) | Rival(activity=None):
            return "dismiss others"
        case Rival(activity=Activity(response="organizer" | None)):
            return "mark others as free"
    return "decline others"


def _together(rivals: Sequence[Rival], say: Sentences) -> str:
    """All of them; those without a title last, as many as they are."""
    titles = [title for rival in rivals if (title := called(rival, say, ""))]
    nameless = len(rivals) - len(titles)
    rest = {0: [], 1: [say("the other meeting")]}.get(nameless, [say("the other meetings")])
    return say.listed([*titles, *rest])


def of_meeting(meeting: Meeting, logged: int, loss: Loss, contest: Contest, say: Sentences) -> str:
    """What would alter the suggestion of a meeting.

    Takes    logged: minutes of it that are logged already
    """
    if change := _of_match(meeting.match, bool(meeting.about), say):
        return change
    match meeting:
        case Meeting(activity=Activity(private=True)):
            return say("private as free")
        case Meeting(match=Match(needs_task=True)):
            return say("key in title")
        case _ if loss.minutes and (rivals := contest.in_the_way(meeting, loss)):
            return without(rivals, say)
        case _ if logged:
            return say("delete logged")
        case Meeting(activity=activity, match=Match(confidence=None)) if (
            is_doubtful(activity) and not loss.minutes
        ):
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
            return say("out of progress", task=_task_called(task, say))
        case _ if logged:
            return say("delete logged")
        case _ if charged:
            return say("correct elsewhere")
        case Task(presences=()):
            return say("into progress", task=_task_called(task, say))
        case _ if shared:
            return say("more of the time", task=_task_called(task, say))
    return say("out of progress", task=_task_called(task, say))


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


def _task_called(task: Task, say: Sentences) -> str:
    """Its key, or its title where the key says nothing to a person."""
    if not task.task.isdigit():
        return task.task
    title = next((activity.title for activity in reversed(task.activities) if activity.title), None)
    return say.title(title) if title else say("it")
