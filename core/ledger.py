"""What the minutes of a day are counted for: drafts, what is logged, what the contributor decided, and gaps.

What is logged already, and what the contributor gave a draft beyond its evidence, is charged against the day:
first to its gaps, then to the open tasks in proportion, to their focus time last. So nothing that is known
pushes the day over what it holds.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

from core import breaks
from core.day import ContributorDay, Decisions
from core.evidence import Evidence, Meeting
from core.layout import Layout, lay_out
from core.mapping import Match, Rounding
from core.model import Activity
from core.timeline import Amount, Span, apportion, common, length, minute, rounded, without
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
    known = _Known(
        layout=layout,
        logged=sum(activity.minutes or 0 for activity in evidence.logged),
        booked=_sums(bookings),
        kept={key: said.minutes for key, said in decisions.kept.items()},
    )
    left = known.left()
    tasks = {key: amount for key, amount in left.items() if key not in layout.held}
    idle = known.idle() - known.beyond()
    charged = _charged(tasks, layout.in_focus, -idle)
    rest = breaks.owed(day.numbers.breaks, layout.capacity)
    rested = _charged(_less(tasks, charged), layout.in_focus, rest - max(0, idle))
    left = _less(_less(left, charged), rested)
    drafted = {key: amount for key, amount in left.items() if amount >= day.numbers.min_entry}
    whole = apportion(drafted, int(sum(drafted.values())))
    usual = Rounding(to=day.numbers.increment)
    steps = {key: _match(evidence, key).rounding or usual for key in whole}
    minutes = _stepped(whole, steps, lambda rounded: known.has_room(rounded, whole, rest))
    gaps = known.gaps(minutes)
    return Ledger(
        layout=layout,
        bookings=bookings,
        charged=charged,
        rested=rested,
        whole=whole,
        steps=steps,
        minutes=minutes,
        logged=known.logged,
        gaps=gaps,
        outside=known.total(minutes) + gaps - length(layout.capacity),
    )


def _match(evidence: Evidence, key: str) -> Match:
    return (evidence.meetings.get(key) or evidence.tasks[key]).match


def _less(amounts: Mapping[str, Amount], taken: Mapping[str, Amount]) -> dict[str, Amount]:
    return {key: amount - taken.get(key, 0) for key, amount in amounts.items()}


@dataclass(frozen=True, slots=True)
class _Known:
    """What stands before anything is suggested: laid out, logged elsewhere, or decided."""

    layout: Layout
    logged: int
    booked: Mapping[str, int]
    """Of that, what is the same as a meeting or task."""
    kept: Mapping[str, int]

    def beyond(self) -> Amount:
        """Minutes that are accounted for without being part of any meeting or task."""
        worth = self.layout.worth
        added = sum(max(0, self._used(key) - worth.get(key, 0)) for key in self.kept)
        return self.logged - sum(self.booked.values()) + added

    def idle(self) -> Amount:
        """Minutes of capacity that nothing claims: gaps, and what the contributor cut from a draft."""
        layout = self.layout
        cut = sum(max(0, layout.worth[key] - self._used(key)) for key in self.kept if key in layout.worth)
        return length(common(without(layout.free, layout.explained), layout.capacity)) + cut

    def left(self) -> dict[str, Amount]:
        """What is still to be drafted."""
        return {
            key: amount - self.booked.get(key, 0)
            for key, amount in self.layout.worth.items()
            if key not in self.kept
        }

    def total(self, drafts: Mapping[str, int]) -> int:
        return sum(drafts.values()) + sum(self.kept.values()) + self.logged

    def gaps(self, drafts: Mapping[str, int]) -> int:
        return max(0, min(length(self.layout.capacity), int(self.unused(drafts))))

    def has_room(self, drafts: Mapping[str, int], whole: Mapping[str, int], rest: int) -> bool:
        """Whether the day holds these drafts instead of the unrounded ones, with its rest.

        A late meeting that is rounded away makes no room for what is rounded up in working hours, nor do
        tasks get back by rounding what they gave up.
        """
        more = sum(drafts.values()) - sum(whole.values())
        return more <= max(0, self.gaps(whole) - rest) and self.unused(drafts) >= min(
            rest, self.unused(whole)
        )

    def unused(self, drafts: Mapping[str, int]) -> Amount:
        """Capacity that neither these drafts nor anything known explains; below 0 where they are too much."""
        layout = self.layout
        tasks = [key for key in layout.worth if key not in layout.held]
        outside = sum(self._outside(spans, [key], drafts) for key, spans in layout.held.items())
        outside += self._outside(layout.explained, tasks, drafts)
        return length(layout.capacity) + outside - self.total(drafts)

    def _outside(self, spans: Sequence[Span], keys: Iterable[str], drafts: Mapping[str, int]) -> Amount:
        """Minutes beyond capacity of the spans that these share, less those that no draft uses."""
        beyond = length(without(spans, self.layout.capacity))
        if not beyond:
            return 0
        unused = sum(self.layout.worth[key] - self._used(key) - drafts.get(key, 0) for key in keys)
        return max(0, beyond - max(0, unused))

    def _used(self, key: str) -> int:
        return self.kept.get(key, 0) + self.booked.get(key, 0)


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
    return bool(common([(start, end)], [meeting.span])) and (
        same_task or same_title or (start, end) == meeting.span
    )


def _sums(bookings: Sequence[Booking]) -> Counter[str]:
    sums: Counter[str] = Counter()
    for booking in bookings:
        sums[booking.key] += booking.minutes
    return sums


def _charged(tasks: Mapping[str, Amount], in_focus: Mapping[str, Amount], owed: Amount) -> dict[str, Amount]:
    """What each task gives up: first of its ordinary time, then of time kept for focus."""
    if owed <= 0:
        return dict.fromkeys(tasks, 0)
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


def _stepped(
    whole: Mapping[str, int], steps: Mapping[str, Rounding], fits: Callable[[Mapping[str, int]], bool]
) -> dict[str, int]:
    """Whole minutes in the steps of their projects; of those that share a step, the total is what is rounded.

    Takes    whether the day has room for these minutes: what does not fit is rounded down
    """
    groups: dict[Rounding, dict[str, int]] = {}
    for key, minutes in whole.items():
        groups.setdefault(steps[key], {})[key] = minutes
    exact = {step: sum(group.values()) for step, group in groups.items()}
    totals = {step: rounded(exact[step], step.to, step.mode) for step in groups}
    for step in sorted(groups, key=lambda step: (exact[step] - totals[step], step.to, step.mode)):
        if totals[step] > exact[step] and not fits(_dealt(groups, totals)):
            totals[step] -= step.to
    return _dealt(groups, totals)


def _dealt(groups: Mapping[Rounding, Mapping[str, int]], totals: Mapping[Rounding, int]) -> dict[str, int]:
    return {
        key: minutes
        for step, group in groups.items()
        for key, minutes in apportion(group, totals[step], step.to).items()
        if minutes
    }
