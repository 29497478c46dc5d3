"""What the reconciler is given for one local day, and the sums it gives back beside the drafts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import AwareDatetime, Field, InstanceOf

from core.breaks import Break
from core.durations import Minutes, WorkingDays
from core.memory import NOTHING, Memory
from core.model import Draft, Noun, Parked, Suggestion
from core.schedule import Schedule
from core.sentences import ENGLISH, Sentences
from core.timeline import (
    MINUTES_A_DAY,
    Span,
    Stretch,
    day_span,
    local,
    minute,
    on_the_clock,
    spans,
    stretch,
)


class Numbers(Noun):
    """How evidence becomes suggestions: every number of it."""

    increment: Annotated[Minutes, Field(ge=1, le=8 * 60)] = 1
    """Drafts are rounded to this, unless their project says otherwise."""
    min_entry: Annotated[Minutes, Field(ge=1)] = 5
    """What is worth less is not drafted."""
    stale_after: WorkingDays = 3
    """A task in progress that its contributor did nothing to for so long is forgotten, not worked on."""
    overtime_window: Minutes = 0
    """How much time a sign of work outside working hours opens around itself, half before and half after."""
    breaks: tuple[Break, ...] = ()
    """The rest that days have whose schedule names none: {after: 6h, rest: 30m}. So much stays a gap."""
    tentative: Literal["unsure", "suggest", "ignore"] = "unsure"
    """What becomes of meetings answered with maybe, or not at all."""
    touch_reach: Minutes = 60
    """How far before and after itself a comment, change or completion shows that its task was in hand."""
    touch_weight: Annotated[int, Field(ge=0)] = 8
    """How much each of them weighs there, where being in progress weighs 1."""
    touches_counted: Annotated[int, Field(ge=1)] = 3
    """How many of them weigh at one time."""
    leave_words: tuple[str, ...] = (
        "vacation", "on vacation", "vacation day", "holiday", "holidays", "on holiday", "public holiday",
        "bank holiday", "annual leave", "sick leave", "parental leave", "on leave", "sick", "sick day", "pto",
        "ooo", "out of office", "day off", "urlaub", "im urlaub", "krank", "krankgeschrieben", "feiertag",
        "elternzeit", "vacances", "vacaciones", "congé", "ferie",
    )  # fmt: skip
    """An all-day entry of one's own is leave when its title says one of these and, at most, their name."""


class ContributorDay(Noun):
    """One contributor's local day, with all that a decision about it may depend on beside the evidence."""

    day: date
    zone: str
    """IANA name."""
    next_zone: str | None = None
    """Where their next day begins, if they move in that night."""
    schedule: Schedule
    now: AwareDatetime
    """Nothing after it is looked at: today is reconciled up to this moment."""
    who: str
    """The e-mail that rules can ask for."""
    team: str | None = None
    """The team that rules can ask for."""
    numbers: Numbers = Numbers()
    containers: frozenset[str] = frozenset()
    """The issue projects that exist, in upper case; only their keys are found in titles."""
    closed: bool = False
    """Its week or month is closed (closing.py): nothing about it changes any more."""
    ours: frozenset[str] = frozenset()
    """Logged activities that Daybook itself posted: the entry already counts them."""
    standing: dict[str, int] = {}
    """Minutes that stand at the target, by draft, of those whose record a hand changed there."""
    memory: Memory = NOTHING
    """What the contributor's earlier words taught; their own choices stand before every rule."""
    context: tuple[str, ...] = ()
    """What its all-day entries are called; rules find them among the labels of everything else."""
    say: InstanceOf[Sentences] = Field(ENGLISH, exclude=True)
    """What is said about the day, in its contributor's language."""
    timeless: frozenset[str] = frozenset({"asana"})
    """Sources whose tasks take minutes for a day and no time of day."""

    @cached_property
    def place(self) -> ZoneInfo:
        return ZoneInfo(self.zone)

    @cached_property
    def whole(self) -> Span:
        """From midnight to midnight (that of the new place, if they move), what is to come included."""
        begins, ends = day_span(self.day, self.place)
        if self.next_zone is not None:
            ends = on_the_clock(self.day, MINUTES_A_DAY, ZoneInfo(self.next_zone))
        return begins, max(begins, ends)

    @cached_property
    def so_far(self) -> Span:
        """The part of the day that lies behind us."""
        start, end = self.whole
        return start, max(start, min(end, minute(self.now)))

    @cached_property
    def origin(self) -> int:
        """Where its stretches are counted from: of who moved far, a draft may now lie before the day."""
        return self.whole[0] - MINUTES_A_DAY

    def stretch(self, *found: Span) -> Stretch:
        """What any of these spans covers."""
        return stretch(found, self.origin)

    def spans(self, found: Stretch) -> list[Span]:
        """A stretch of the day as spans, in order and apart."""
        return spans(found, self.origin)

    @cached_property
    def hours(self) -> Stretch:
        """Working hours, what is to come included."""
        return self.stretch(*self.schedule.hours(self.day, self.place))

    def local(self, at: int) -> datetime:
        """A minute on the contributor's own clock."""
        return local(at, self.place)


class Absence(Noun):
    """Leave, or another entry of the calendar that takes working time away."""

    uid: str
    why: str
    """How much of the day it takes, and what would give it back."""


class Overlapped(Noun):
    """A meeting that left nothing to draft, because others have its time."""

    uid: str
    minutes: int
    """How long it is on this day."""
    why: str = ""
    """Who has its time, and what would give it back."""


class Ignored(Noun):
    """Evidence that was looked at and makes no draft."""

    uid: str
    why: str
    """For the contributor, in plain words."""
    about: str | None = None
    """The rule of their own by which it is; they can take that back."""


class Sheet(Noun):
    """The sums of a day, in minutes: drafts + gaps + logged = capacity + outside."""

    capacity: int
    """Working hours so far, less away."""
    away: int
    """Working hours taken by leave and absence."""
    logged: int
    """Already recorded elsewhere."""
    gaps: int
    """Capacity that nothing explains; it stays so."""
    outside: int
    """Drafted or logged beyond capacity: an evening meeting, overtime, more logged than the day holds."""
    attended: int
    """All drafts that stand, open or decided; no minute twice."""
    attributed: dict[str, int]
    """The same by project, as it is billed: one hour for two clients may count for both."""
    worked: tuple[Span, ...] = ()
    """Where the time of tasks lies; which of them had a minute of it, nobody knows."""
    absent: tuple[Span, ...] = ()
    """Where `away` lies."""
    absences: tuple[Absence, ...] = ()
    """What made `away`."""
    overlapped: tuple[Overlapped, ...] = ()
    ignored: tuple[Ignored, ...] = ()
    parked: tuple[Parked, ...] = ()

    def without_slivers(self, numbers: Numbers) -> Sheet:
        """As people are told it: a gap too short for any draft is none to speak of."""
        is_sliver = self.gaps < max(numbers.increment, numbers.min_entry)
        return self.model_copy(update={"gaps": 0}) if is_sliver else self


@dataclass(frozen=True, slots=True)
class Decisions:
    """What the contributor has decided about the drafts of this day."""

    kept: Mapping[str, Suggestion]
    """Edited or confirmed, as they stand."""
    dismissed: frozenset[str] = frozenset()

    @classmethod
    def of(cls, drafts: Iterable[Draft]) -> Decisions:
        touched = [draft for draft in drafts if draft.touched]
        return cls(
            kept={draft.key: draft.suggestion for draft in touched if draft.decision != "dismissed"},
            dismissed=frozenset(draft.key for draft in touched if draft.decision == "dismissed"),
        )


UNDECIDED = Decisions(kept={})
"""How the evidence reads by itself."""
