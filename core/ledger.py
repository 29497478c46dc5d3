"""What the minutes of a day are counted for: drafts, what is logged, what the contributor decided, and gaps.

What is logged already, and what the contributor gave a draft beyond its evidence, is charged against the day:
first to its gaps, then to the open tasks in proportion, to their focus time last. So nothing that is known
pushes the day over what it holds.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

from core import breaks
from core.day import ContributorDay, Decisions
from core.evidence import Evidence
from core.layout import Layout, lay_out
from core.mapping import Match
from core.meetings import Meeting
from core.model import Activity
from core.room import Room
from core.rules import Rounding
from core.timeline import Amount, apportion, minute, rounded
from core.wording import words


class Booking(NamedTuple):
    """Logged minutes that are the same as some of a meeting's or a task's."""

    key: str
    uid: str
    minutes: int


@dataclass(frozen=True, slots=True)
class Ledger:
    """One day, accounted for."""

    layout: Layout
    bookings: Sequence[Booking]
    charged: Mapping[str, Amount]
    """What open tasks gave up for time that is accounted for elsewhere."""
    rested: Mapping[str, Amount]
    """What they gave up so that the day has its break."""
    whole: Mapping[str, int]
    """Minutes of each open draft, before its project's rounding."""
    steps: Mapping[str, Rounding]
    """What each of them is rounded to."""
    minutes: Mapping[str, int]
    """The same, rounded; what comes to nothing is gone."""
    logged: int
    gaps: int
    outside: int

    def booked(self, key: str) -> int:
        """Minutes of a meeting or task that are logged already."""
        return sum(booking.minutes for booking in self.bookings if booking.key == key)


def balance(day: ContributorDay, evidence: Evidence, decisions: Decisions) -> Ledger:
    """Every minute of the day counted once."""
    layout = lay_out(day, evidence, decisions)
    bookings = _bookings(evidence, layout)
    room = Room(
        layout=layout,
        logged=sum(activity.minutes or 0 for activity in evidence.logged),
        booked=_sums(bookings),
        kept={key: said.minutes for key, said in decisions.kept.items()},
        rest=breaks.owed(day.numbers.breaks, layout.capacity),
    )
    charged, rested = _given_up(room)
    whole = _whole(_less(_less(room.left(), charged), rested), day.numbers.min_entry)
    usual = Rounding(to=day.numbers.increment)
    steps = {key: _match(evidence, key).rounding or usual for key in whole}
    minutes = _stepped(whole, steps, room)
    return Ledger(
        layout=layout,
        bookings=bookings,
        charged=charged,
        rested=rested,
        whole=whole,
        steps=steps,
        minutes=minutes,
        logged=room.logged,
        gaps=room.gaps(minutes),
        outside=room.outside(minutes),
    )


def _match(evidence: Evidence, key: str) -> Match:
    return (evidence.meetings.get(key) or evidence.tasks[key]).match


def _less(amounts: Mapping[str, Amount], taken: Mapping[str, Amount]) -> Mapping[str, Amount]:
    return {key: amount - taken.get(key, 0) for key, amount in amounts.items()} if taken else amounts


def _bookings(evidence: Evidence, layout: Layout) -> list[Booking]:
    """Which logged minutes are obviously those of a meeting or task."""
    left = {key: int(amount) for key, amount in layout.worth.items()}
    bookings = []
    for activity in evidence.logged:
        owed = activity.minutes or 0
        for key in _subjects(activity, evidence):
            part = min(owed, left.get(key, 0))
            if part:
                bookings.append(Booking(key, activity.uid, part))
                left[key] -= part
                owed -= part
    return bookings


def _subjects(logged: Activity, evidence: Evidence) -> Iterator[str]:
    """What a logged activity may be about, the most obvious first."""
    yield from (key for key, meeting in evidence.meetings.items() if _is_the_meeting(logged, meeting))
    if logged.task is not None:
        yield from (
            key
            for key, task in evidence.tasks.items()
            if (task.source, task.task) == (logged.source, logged.task)
        )
        yield from (key for key, meeting in evidence.meetings.items() if meeting.task == logged.task)


def _is_the_meeting(logged: Activity, meeting: Meeting) -> bool:
    """At its time, and with its task, its title or its very length."""
    if logged.all_day:
        return False
    start = minute(logged.start)
    end = start + (logged.minutes or 0)
    same_task = logged.task is not None and logged.task == meeting.task
    same_title = bool(logged.title) and words(logged.title or "") == words(meeting.activity.title or "")
    begins, ends = meeting.span
    return max(start, begins) < min(end, ends) and (same_task or same_title or (start, end) == meeting.span)


def _sums(bookings: Sequence[Booking]) -> Counter[str]:
    sums: Counter[str] = Counter()
    for booking in bookings:
        sums[booking.key] += booking.minutes
    return sums


def _given_up(room: Room) -> tuple[Mapping[str, Amount], Mapping[str, Amount]]:
    """What open tasks give up for time that is accounted for elsewhere, and what for the break."""
    tasks = {key: amount for key, amount in room.left().items() if key not in room.layout.held}
    in_focus, spare = room.layout.in_focus, room.spare()
    charged = _charged(tasks, in_focus, -spare)
    return charged, _charged(_less(tasks, charged), in_focus, room.rest - max(0, spare))


def _charged(tasks: Mapping[str, Amount], in_focus: Mapping[str, Amount], owed: Amount) -> dict[str, Amount]:
    """What each task gives up: first of its ordinary time, then of time kept for focus."""
    if owed <= 0:
        return {}
    ordinary = {key: max(0, amount - in_focus.get(key, 0)) for key, amount in tasks.items()}
    given = _in_proportion(ordinary, owed)
    kept = {key: amount - given.get(key, 0) for key, amount in tasks.items()}
    more = _in_proportion(kept, owed - sum(given.values()))
    return {key: given.get(key, 0) + more.get(key, 0) for key in tasks}


def _in_proportion(amounts: Mapping[str, Amount], owed: Amount) -> dict[str, Amount]:
    """What each gives so that all together give what is owed, or all they have."""
    total = sum(amounts.values())
    if not owed or not total:
        return {}
    return {key: amount * Fraction(min(owed, total)) / total for key, amount in amounts.items()}


def _whole(left: Mapping[str, Amount], least: int) -> dict[str, int]:
    """Whole minutes of what is worth a draft."""
    drafted = {key: amount for key, amount in left.items() if amount >= least}
    return apportion(drafted, int(sum(drafted.values())))


def _stepped(whole: Mapping[str, int], steps: Mapping[str, Rounding], room: Room) -> Mapping[str, int]:
    """Whole minutes in the steps of their projects; of those that share a step, the total is what is rounded.

    What the day has no room for is rounded down.
    """
    if all(step.to == 1 for step in steps.values()):
        return whole
    groups: dict[Rounding, dict[str, int]] = {}
    for key, minutes in whole.items():
        groups.setdefault(steps[key], {})[key] = minutes
    exact = {step: sum(group.values()) for step, group in groups.items()}
    totals = {step: rounded(exact[step], step.to, step.mode) for step in groups}
    for step in sorted(groups, key=lambda step: (exact[step] - totals[step], step.to, step.mode)):
        if totals[step] > exact[step] and not room.holds(_dealt(groups, totals), instead_of=whole):
            totals[step] -= step.to
    return _dealt(groups, totals)


def _dealt(groups: Mapping[Rounding, Mapping[str, int]], totals: Mapping[Rounding, int]) -> dict[str, int]:
    return {
        key: minutes
        for step, group in groups.items()
        for key, minutes in apportion(group, totals[step], step.to).items()
        if minutes
    }
