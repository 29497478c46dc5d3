"""Why meetings, tasks and working hours of the day became no draft."""

from __future__ import annotations

from collections.abc import Iterator

from core import otherwise
from core.day import Absence, ContributorDay, Ignored, Overlapped
from core.evidence import Evidence
from core.layout import Layout
from core.ledger import Ledger
from core.meetings import Meeting
from core.model import Activity
from core.rivals import Contest
from core.tasks import Task
from core.timeline import minute


def undrafted(
    day: ContributorDay, evidence: Evidence, ledger: Ledger, contest: Contest
) -> Iterator[Overlapped | Ignored]:
    """What came to nothing, and why; nothing of tickets that are merely open when nobody works."""
    decisions = contest.decisions
    drafted = ledger.minutes.keys() | decisions.kept.keys() | decisions.dismissed
    for key, meeting in evidence.meetings.items():
        if key not in drafted:
            yield _meeting(meeting, day, ledger, contest)
    works = bool(ledger.layout.capacity)
    for key, task in evidence.tasks.items():
        if key not in drafted and (told := task.activities if works else task.touches):
            why = _spent(key, day, ledger) or _without_time(task, day, evidence, ledger)
            yield from (Ignored(uid=activity.uid, why=why) for activity in told)
    if works:
        yield from (Ignored(uid=one.uid, why=one.why) for one in evidence.forgotten)


def _meeting(meeting: Meeting, day: ContributorDay, ledger: Ledger, contest: Contest) -> Overlapped | Ignored:
    say, least, minutes = day.say, day.numbers.min_entry, meeting.wanted.bit_count()
    if meeting.key not in ledger.layout.held and minutes >= least:
        loss = contest.loss(meeting)
        why = say("overlapped", others=otherwise.called_all(loss.rivals, say))
        if rivals := contest.in_the_way(meeting, loss):
            why = f"{why} {otherwise.without(rivals, say)}"
        return Overlapped(uid=meeting.activity.uid, minutes=minutes, why=why)
    why = _spent(meeting.key, day, ledger) or say("too short", time=say.duration(least))
    return Ignored(uid=meeting.activity.uid, why=why)


def _spent(key: str, day: ContributorDay, ledger: Ledger) -> str | None:
    """What took the time that it had, if it had any."""
    say = day.say
    if ledger.booked(key):
        return say("logged")
    if key in ledger.whole:
        return say("rounds away", step=say.duration(ledger.steps[key].to))
    if key not in ledger.layout.worth:
        return None
    for_others, for_rest = ledger.charged.get(key, 0), ledger.rested.get(key, 0)
    return say("logged elsewhere") if for_others >= for_rest else say("went to the break")


def _without_time(task: Task, day: ContributorDay, evidence: Evidence, ledger: Ledger) -> str:
    """The first that leaves a task less time than a draft has."""
    say, layout = day.say, ledger.layout
    reach, least = day.numbers.touch_reach, day.numbers.min_entry
    in_hand = task.in_hand
    wanted = day.stretch(*in_hand.present, *((at - reach, at + reach) for at in in_hand.touches))
    open_to_work = wanted & layout.open_to_work
    if (wanted & day.stretch(day.so_far)).bit_count() < least:
        return say("too short", time=say.duration(least))
    if open_to_work.bit_count() < least:
        return say("outside hours") if day.hours else say("no working day")
    if (open_to_work & ~evidence.away).bit_count() < least:
        return say("away then")
    if (wanted & layout.free).bit_count() < least:
        return say("taken by meetings")
    return say("too short", time=say.duration(least))


def absences(day: ContributorDay, evidence: Evidence, layout: Layout) -> Iterator[Absence]:
    """What took working hours away, and what would give them back."""
    for absence in evidence.absences:
        if day.stretch(absence.span) & layout.scheduled:
            yield Absence(uid=absence.activity.uid, why=_absence(absence.activity, day))


def _absence(activity: Activity, day: ContributorDay) -> str:
    if activity.kind == "meeting":
        return day.say("leave by title")
    opens, closes = day.whole
    start = max(opens, minute(activity.start))
    end = closes if activity.end is None else min(closes, minute(activity.end))
    if (start, end) == (opens, closes):
        return day.say("away all day")
    return day.say("away", span=day.say.span(day.local(start), day.local(end)))
