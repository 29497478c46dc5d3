"""Where the minutes of a day lie: what meetings hold, what is free, and which tasks share it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter

from core.claims import Claim, settle
from core.confidence import is_doubtful
from core.day import ContributorDay, Decisions
from core.evidence import Evidence
from core.meetings import Meeting
from core.model import Suggestion
from core.share import Kernel, Segment, give_back, parts, segments
from core.sift import changed
from core.timeline import Amount, Stretch, minute, together


@dataclass(frozen=True, slots=True)
class Layout:
    """One day so far, each piece of it given to whatever explains it."""

    scheduled: Stretch
    """Working hours."""
    capacity: Stretch
    """Working hours less away."""
    claims: Sequence[Claim]
    """Of meetings, and of what the contributor gave a time of its own; by rank."""
    held: Mapping[str, Stretch]
    """By meeting; no minute twice."""
    taken: Stretch
    """By all of them."""
    open_to_work: Stretch
    """For tasks: working hours, focus and overtime."""
    free: Stretch
    """Of that, what is neither away nor held."""
    shared: Sequence[Segment]
    """Free time with the tasks that share it."""
    explained: Stretch
    """The same without the tasks."""
    worth: Mapping[str, Amount]
    """Minutes of each meeting and task, so far as time explains them."""
    in_focus: Mapping[str, Amount]
    """Of that, what tasks have of focus time."""


def lay_out(day: ContributorDay, evidence: Evidence, decisions: Decisions) -> Layout:
    """Everything in its time, each minute once."""
    numbers = day.numbers
    so_far = day.stretch(day.so_far)
    scheduled = day.hours & so_far
    claims = sorted(_claims(day, evidence, decisions), key=attrgetter("rank"))
    held = settle(claims, numbers.min_entry)
    tasks = {key: task.in_hand for key, task in evidence.tasks.items() if key not in decisions.dismissed}
    open_to_work = scheduled | evidence.focus
    if day.numbers.overtime_window:
        open_to_work |= together(_overtime(day, task.touches) for task in tasks.values()) & so_far
    taken = together(held.values())
    free = open_to_work & ~(evidence.away | evidence.blocked | taken)
    kernel = Kernel(numbers.touch_reach, numbers.touch_weight, numbers.touches_counted)
    # Cutting a segment changes nothing, so focus time can be told apart.
    cut = segments(day.spans(free & ~evidence.focus), tasks, kernel)
    cut += segments(day.spans(free & evidence.focus), tasks, kernel)
    shared = give_back(cut, numbers.min_entry, always=decisions.kept)
    return Layout(
        scheduled=scheduled,
        capacity=scheduled & ~evidence.away,
        claims=claims,
        held=held,
        taken=taken,
        open_to_work=open_to_work,
        free=free,
        shared=shared,
        explained=day.stretch(*(segment.span for segment in shared)),
        worth={**{key: time.bit_count() for key, time in held.items()}, **parts(shared)},
        in_focus=parts([segment for segment in shared if day.stretch(segment.span) & evidence.focus])
        if evidence.focus
        else {},
    )


def _overtime(day: ContributorDay, touches: Sequence[int]) -> Stretch:
    """The time a task's touches open, working hours or not."""
    window = day.numbers.overtime_window
    before = window // 2
    return day.stretch(*((at - before, at - before + window) for at in touches))


def _claims(day: ContributorDay, evidence: Evidence, decisions: Decisions) -> Iterator[Claim]:
    for key, meeting in evidence.meetings.items():
        if key not in decisions.dismissed:
            decided = decisions.kept[key].minutes if key in decisions.kept else None
            yield Claim(key, _wanted(day, meeting, decisions), (1, *_order_of_claim(meeting)), decided)
    for key, said in decisions.kept.items():
        if key not in evidence.meetings and _is_block(said):
            assert said.start is not None
            yield Claim(key, _stated(day, said), (0, minute(said.start), key), said.minutes)


def _wanted(day: ContributorDay, meeting: Meeting, decisions: Decisions) -> Stretch:
    """Its own time; where its contributor put it elsewhere, or others into it, that time instead."""
    said = decisions.kept.get(meeting.key)
    stated = _stated(day, said) if said and said.pieces else 0
    return stated if stated & ~meeting.wanted else meeting.wanted


def _stated(day: ContributorDay, said: Suggestion) -> Stretch:
    """When a draft was, as it says."""
    if said.pieces:
        return day.stretch(*((minute(start), minute(end)) for start, end in said.pieces))
    start = minute(said.start) if said.start else 0
    return day.stretch((start, start + said.minutes))


def _order_of_claim(meeting: Meeting) -> tuple[object, ...]:
    """Answered with yes, smaller, changed later, shorter."""
    activity = meeting.activity
    start, end = meeting.span
    return (
        is_doubtful(activity),
        activity.audience or 0,
        -changed(activity).timestamp(),
        end - start,
        activity.source,
        activity.uid,
    )


def _is_block(said: Suggestion) -> bool:
    """Time of its own, as of a meeting that is gone or that they added; a task's share has none."""
    return said.start is not None and not any(line.kind in ("presence", "touch") for line in said.because)
