"""A day's evidence put into suggestions, each with its because, and the sheet of sums beside them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple

from core import confidence, otherwise
from core.day import ContributorDay, Decisions, Ignored, Overlapped, Sheet
from core.evidence import Evidence, gather
from core.ledger import Ledger, balance
from core.mapping import Mappings, Match, attributed
from core.meetings import Meeting
from core.model import Activity, Confidence, Draft, Kind, Reason, Suggestion
from core.rivals import Contest, Loss
from core.sentences import Sentences
from core.tasks import Task
from core.timeline import minute
from core.undrafted import absences, undrafted


def suggest(
    day: ContributorDay, activities: Iterable[Activity], mappings: Mappings, drafts: Iterable[Draft] = ()
) -> tuple[list[Suggestion], Sheet]:
    """What ought to be suggested beside what the contributor has decided, by key, and the day's sums."""
    suggested, sheet = weigh(day, gather(day, activities, mappings), Decisions.of(drafts))
    return [suggested[key] for key in sorted(suggested)], sheet


def weigh(
    day: ContributorDay, evidence: Evidence, decisions: Decisions
) -> tuple[dict[str, Suggestion], Sheet]:
    """The suggestions that are left beside the contributor's decisions, and the day's sums."""
    ledger = balance(day, evidence, decisions)
    contest = Contest.over(ledger.layout, evidence.meetings, decisions, day.numbers.min_entry)
    suggested: dict[str, Suggestion] = {}
    for key in ledger.minutes:
        if key in evidence.meetings:
            suggested[key] = _of_meeting(evidence.meetings[key], day, ledger, contest)
        else:
            suggested[key] = _of_task(evidence.tasks[key], day, ledger)
    return suggested, _sheet(day, evidence, ledger, contest, suggested)


class _Case(NamedTuple):
    """What speaks for a suggestion, beside what is logged, rounded and mapped."""

    start: datetime | None
    because: Sequence[Reason]
    confidence: Confidence
    otherwise: str
    pieces: tuple[tuple[datetime, datetime], ...] = ()


def _of_meeting(meeting: Meeting, day: ContributorDay, ledger: Ledger, contest: Contest) -> Suggestion:
    loss = contest.loss(meeting)
    whole = day.local(meeting.span[0]), day.local(meeting.span[1])
    pieces: tuple[tuple[datetime, datetime], ...] = (whole,)
    if loss.minutes:
        held = day.spans(ledger.layout.held[meeting.key])
        pieces = tuple((day.local(begins), day.local(ends)) for begins, ends in held)
    case = _Case(
        start=pieces[0][0],
        because=_attended(meeting, whole, loss, day.say),
        confidence=confidence.of_meeting(
            meeting.activity,
            meeting.match,
            day.numbers,
            whole=not loss.minutes,
            alone=contest.is_alone(meeting),
        ),
        otherwise=otherwise.of_meeting(meeting, ledger.booked(meeting.key), loss, contest, day.say),
        pieces=pieces,
    )
    return _suggestion(meeting, case, day, ledger)


def _attended(meeting: Meeting, whole: tuple[datetime, datetime], loss: Loss, say: Sentences) -> list[Reason]:
    """When it was, by their own answer, and who has the time that it lost."""
    activity = meeting.activity
    start, end = meeting.span
    reasons = [
        Reason(
            kind="meeting",
            uid=activity.uid,
            rule=meeting.match.rule,
            minutes=end - start,
            sentence=say.meeting(*whole, activity.response),
        )
    ]
    if loss.minutes:
        others = otherwise.called_all(loss.rivals, say)
        sentence = say("overlap", time=say.duration(loss.minutes), others=others)
        reasons.append(Reason(kind="meeting", uid=activity.uid, minutes=-loss.minutes, sentence=sentence))
    if activity.private:
        reasons.append(Reason(kind="meeting", uid=activity.uid, sentence=say("private")))
    return reasons


def _of_task(task: Task, day: ContributorDay, ledger: Ledger) -> Suggestion:
    segments = [segment for segment in ledger.layout.shared if task.key in segment.weights]
    sharing = len(set().union(*(segment.weights for segment in segments))) - 1
    charged, logged = round(ledger.charged.get(task.key, 0)), ledger.booked(task.key)
    begins = min(start for (start, _), _ in segments)
    case = _Case(
        start=None if task.source in day.timeless else day.local(begins),
        because=_worked(task, sharing, charged, day, ledger),
        confidence=confidence.of_task(len(task.touches), task.match),
        otherwise=otherwise.of_task(task, logged, charged, sharing > 0, day.say),
    )
    return _suggestion(task, case, day, ledger)


def _worked(task: Task, sharing: int, charged: int, day: ContributorDay, ledger: Ledger) -> list[Reason]:
    """What shows that it was in hand, and what it gave up.

    Takes    sharing: other tasks with which it shares its time
    """
    say = day.say
    rested = round(ledger.rested.get(task.key, 0))
    (kind, uid, sign), *further = _signs(task, day)
    first = Reason(
        kind=kind,
        uid=uid,
        rule=task.match.rule,
        minutes=ledger.whole[task.key] + ledger.booked(task.key) + charged + rested,
        sentence=f"{sign} {say.shared(sharing, None if task.presences else day.numbers.touch_reach)}",
    )
    reasons = [first, *(Reason(kind=kind, uid=uid, sentence=sign) for kind, uid, sign in further)]
    if charged:
        less = say("less charged", time=say.duration(charged))
        reasons.append(Reason(kind="logged", minutes=-charged, sentence=less))
    if rested:
        less = say("less rested", time=say.duration(rested))
        reasons.append(Reason(kind="away", minutes=-rested, sentence=less))
    return reasons


def _signs(task: Task, day: ContributorDay) -> Iterator[tuple[Kind, str, str]]:
    """What shows that a task was in hand, by which activity: when it was in progress, then what they did."""
    opens, now = day.so_far
    for activity, (start, end) in task.presences:
        ended = activity.end is not None and minute(activity.end) <= now
        since, until = day.local(start) if start > opens else None, day.local(end) if ended else None
        yield "presence", activity.uid, day.say.present(since, until)
    if task.touches:
        times = [day.local(minute(touch.start)) for touch in task.touches]
        yield "touch", task.touches[-1].uid, day.say.worked_on(times)


def _suggestion(found: Meeting | Task, case: _Case, day: ContributorDay, ledger: Ledger) -> Suggestion:
    key, match = found.key, found.match
    minutes = ledger.minutes[key]
    return Suggestion(
        key=key,
        day=day.day,
        start=case.start,
        pieces=case.pieces,
        minutes=minutes,
        attributed=attributed(minutes, match.project, match.attributed),
        project=match.project,
        category=match.category,
        billable=match.billable,
        target=match.target,
        task=found.task,
        about=found.about,
        text=match.text,
        confidence=case.confidence,
        because=(
            *case.because,
            *_less_logged(key, ledger, day.say),
            *_rounded(key, ledger, day.say),
            *_mapped(match, day.say),
        ),
        otherwise=case.otherwise,
    )


def _less_logged(key: str, ledger: Ledger, say: Sentences) -> list[Reason]:
    return [
        Reason(
            kind="logged",
            uid=booking.uid,
            minutes=-booking.minutes,
            sentence=say("less logged", time=say.duration(booking.minutes)),
        )
        for booking in ledger.bookings
        if booking.key == key
    ]


def _rounded(key: str, ledger: Ledger, say: Sentences) -> tuple[Reason, ...]:
    change = ledger.minutes[key] - ledger.whole[key]
    if not change:
        return ()
    sentence = say("rounding", step=say.duration(ledger.steps[key].to))
    return (Reason(kind="rounding", minutes=change, sentence=sentence),)


def _mapped(match: Match, say: Sentences) -> tuple[Reason, ...]:
    """Which rule said so, and what is left for the contributor to choose."""
    told = _Ruled(
        match.rule, match.file, match.line, match.project, match.target is not None, match.needs_task
    )
    if not (match.doubt or match.chosen):
        return _ruled(told, say)
    doubt = (Reason(kind="memory", sentence=say.doubt(match.doubt)),) if match.doubt else ()
    if not match.chosen:
        return (*doubt, *_ruled(told, say))
    chosen = Reason(kind="memory", sentence=say.chosen(match.chosen))
    return (*doubt, chosen, *_missing(told, say))


class _Ruled(NamedTuple):
    """What a rule says of whatever it matches."""

    rule: str | None
    file: str | None
    line: int | None
    project: str | None
    has_target: bool
    needs_task: bool


@lru_cache(maxsize=1 << 12)  # there are far fewer rules than drafts
def _ruled(told: _Ruled, say: Sentences) -> tuple[Reason, ...]:
    if told.rule is None:
        return (Reason(kind="rule", sentence=say("unmapped")),)
    sentence = say.by_rule(told.project, told.rule, told.file, told.line)
    return (Reason(kind="rule", rule=told.rule, sentence=sentence), *_missing(told, say))


def _missing(told: _Ruled, say: Sentences) -> Iterator[Reason]:
    if told.project is None:
        yield Reason(kind="rule", rule=told.rule, sentence=say("no project"))
    if told.needs_task:
        yield Reason(kind="rule", rule=told.rule, sentence=say("needs task"))
    elif not told.has_target:
        yield Reason(kind="rule", rule=told.rule, sentence=say("no target"))


def _sheet(
    day: ContributorDay,
    evidence: Evidence,
    ledger: Ledger,
    contest: Contest,
    suggested: Mapping[str, Suggestion],
) -> Sheet:
    layout = ledger.layout
    standing = [*suggested.values(), *contest.decisions.kept.values()]
    attributed: defaultdict[str, int] = defaultdict(int)
    for said in standing:
        for project, minutes in said.attributed.items():
            attributed[project] += minutes
    left_out = [*undrafted(day, evidence, ledger, contest)]
    overlapped = [one for one in left_out if isinstance(one, Overlapped)]
    ignored = [*evidence.ignored, *(one for one in left_out if isinstance(one, Ignored))]
    return Sheet(
        capacity=layout.capacity.bit_count(),
        away=(layout.scheduled & ~layout.capacity).bit_count(),
        logged=ledger.logged,
        gaps=ledger.gaps,
        outside=ledger.outside,
        attended=sum(said.minutes for said in standing),
        attributed={project: minutes for project, minutes in sorted(attributed.items()) if minutes},
        worked=tuple(day.spans(layout.explained)),
        absent=tuple(day.spans(layout.scheduled & ~layout.capacity)),
        absences=tuple(sorted(absences(day, evidence, layout), key=lambda one: one.uid)),
        overlapped=tuple(sorted(overlapped, key=lambda one: one.uid)),
        ignored=tuple(sorted(ignored, key=lambda one: (one.uid, one.why))),
        parked=evidence.parked,
    )
