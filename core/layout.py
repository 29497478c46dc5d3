"""Where the minutes of a day lie: what meetings hold, what is free, and which tasks share it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from core.claims import Claim, settle
from core.confidence import is_doubtful
from core.day import ContributorDay, Decisions
from core.evidence import Evidence
from core.meetings import Meeting
from core.model import Suggestion
from core.share import Kernel, Segment, give_back, parts, segments
from core.sift import changed
from core.timeline import Amount, Span, common, length, minute, union, without


@dataclass(frozen=True, slots=True)
class Layout:
    """One day so far, each piece of it given to whatever explains it."""

    scheduled: list[Span]
    """Working hours."""
    capacity: list[Span]
    """Working hours less away."""
    claims: Sequence[Claim]
    """Of meetings, and of what the contributor gave a time of its own."""
    held: Mapping[str, list[Span]]
    """By meeting; no minute twice."""
    open_to_work: list[Span]
    """For tasks: working hours, focus and overtime."""
    free: list[Span]
    """Of that, what is neither away nor held."""
    shared: Sequence[Segment]
    """Free time with the tasks that share it."""
    explained: list[Span]
    """The same without the tasks."""
    worth: Mapping[str, Amount]
    """Minutes of each meeting and task, so far as time explains them."""
    in_focus: Mapping[str, Amount]
    """Of that, what tasks have of focus time."""


def lay_out(day: ContributorDay, evidence: Evidence, decisions: Decisions) -> Layout:
    """Everything in its time, each minute once."""
    numbers = day.numbers
    scheduled = common(day.schedule.hours(day.day, day.place), [day.so_far])
    claims = [*_claims(evidence, decisions)]
    held = settle(claims, numbers.min_entry)
    tasks = {key: task.in_hand for key, task in evidence.tasks.items() if key not in decisions.dismissed}
    open_to_work = union(
        scheduled, evidence.focus, *(_overtime(day, task.touches) for task in tasks.values())
    )
    free = without(open_to_work, union(evidence.away, evidence.blocked, *held.values()))
    kernel = Kernel(numbers.touch_reach, numbers.touch_weight, numbers.touches_counted)
    # Cutting a segment changes nothing, so focus time can be told apart.
    cut = segments(without(free, evidence.focus), tasks, kernel)
    cut += segments(common(free, evidence.focus), tasks, kernel)
    shared = give_back(cut, numbers.min_entry, always=decisions.kept)
    return Layout(
        scheduled=scheduled,
        capacity=without(scheduled, evidence.away),
        claims=claims,
        held=held,
        open_to_work=open_to_work,
        free=free,
        shared=shared,
        explained=union(segment.span for segment in shared),
        worth={**{key: length(spans) for key, spans in held.items()}, **parts(shared)},
        in_focus=parts([segment for segment in shared if common([segment.span], evidence.focus)]),
    )


def _overtime(day: ContributorDay, touches: Sequence[int]) -> list[Span]:
    """The time a task's touches open, working hours or not."""
    window = day.numbers.overtime_window
    before = window // 2
    return common(union([(at - before, at - before + window) for at in touches]), [day.so_far])


def _claims(evidence: Evidence, decisions: Decisions) -> Iterator[Claim]:
    for key, meeting in evidence.meetings.items():
        if key not in decisions.dismissed:
            decided = decisions.kept[key].minutes if key in decisions.kept else None
            yield Claim(key, meeting.span, (1, *_order_of_claim(meeting)), decided)
    for key, said in decisions.kept.items():
        if key not in evidence.meetings and _is_block(said):
            assert said.start is not None
            start = minute(said.start)
            yield Claim(key, (start, start + said.minutes), (0, start, key), said.minutes)


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
