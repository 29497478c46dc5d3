"""What must change so that the drafts of a day say what its evidence says."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from core.day import UNDECIDED, ContributorDay, Decisions, Sheet
from core.evidence import gather
from core.mapping import Mappings
from core.model import Activity, Draft, Suggestion
from core.renamed import known_again
from core.standing import as_it_stands
from core.suggest import weigh


@dataclass(frozen=True, slots=True)
class Create:
    """There is evidence and no draft of it yet."""

    suggestion: Suggestion
    seen: Suggestion
    """What the evidence says by itself, before anything the contributor decided about the day."""

    @property
    def key(self) -> str:
        return self.suggestion.key


@dataclass(frozen=True, slots=True)
class Revise:
    """An open draft that ought to say something else."""

    suggestion: Suggestion
    seen: Suggestion

    @property
    def key(self) -> str:
        return self.suggestion.key


@dataclass(frozen=True, slots=True)
class Withdraw:
    """An open draft whose evidence is gone, or counts elsewhere."""

    key: str


@dataclass(frozen=True, slots=True)
class Flag:
    """A decided draft whose evidence has changed since: said beside it, and not taken over (P2)."""

    key: str
    seen: Suggestion | None
    """What the evidence says now; None once it is gone."""


Change = Create | Revise | Withdraw | Flag


@dataclass(frozen=True, slots=True)
class Plan:
    """The difference between the drafts that stand and those that ought to, and the sums of the day."""

    changes: tuple[Change, ...]
    sheet: Sheet


def reconcile(
    day: ContributorDay, activities: Iterable[Activity], mappings: Mappings, drafts: Iterable[Draft]
) -> Plan:
    """What must change so that the drafts say what the evidence says.

    Compares the whole of both sides, never a stream of events, so a lost, late or repeated run costs nothing:
    apply the result, ask again, and nothing is left (P9). A decided draft is its contributor's: flagged at
    most, never moved, and one that was dismissed never comes back (P2). On a closed day nothing changes.

    Takes    one contributor, one local day, any order; activities as old as the oldest task in progress
    Gives    changes ordered by key
    """
    held = {draft.key: draft for draft in drafts}
    evidence = known_again(gather(day, activities, mappings), held.values())
    decisions = Decisions.of(as_it_stands(held.values(), day.standing))
    said, sheet = weigh(day, evidence, UNDECIDED)
    wanted = said
    if decisions != UNDECIDED:
        wanted, sheet = weigh(day, evidence, decisions)
    there = evidence.meetings.keys() | evidence.tasks.keys() | evidence.refused
    changes = [
        change
        for key in sorted(wanted.keys() | held.keys())
        if not day.closed
        if (change := _change(wanted.get(key), said.get(key), held.get(key), key in there))
    ]
    return Plan(changes=tuple(changes), sheet=sheet)


def _change(
    wanted: Suggestion | None, said: Suggestion | None, held: Draft | None, there: bool
) -> Change | None:
    """The change for one key.

    Takes    what ought to be suggested; what its evidence says by itself; the draft; whether it has evidence
    """
    match wanted, held:
        case Suggestion(), None:
            return Create(suggestion=wanted, seen=said or wanted)
        case None, Draft(decision="open"):
            return Withdraw(key=held.key)
        case Suggestion(), Draft(decision="open") if (wanted, said or wanted) != (held.suggestion, held.seen):
            return Revise(suggestion=wanted, seen=said or wanted)
        case _, Draft(decision="edited" | "confirmed"):
            # Evidence that others now outrank, or a rule calls no work, says nothing new about this draft.
            silent = said is None and there
            return Flag(key=held.key, seen=said) if not silent and _is_news(said, held.seen) else None
    return None


def _is_news(said: Suggestion | None, seen: Suggestion | None) -> bool:
    """Whether the source says something else than its contributor decided on.

    What their own decision taught us is not its source speaking, nor is another rounding or because.
    """
    if said is None or seen is None:
        return said is not seen
    remembered = any(reason.kind == "memory" for one in (said, seen) for reason in one.because)
    return _worth(said) != _worth(seen) or (not remembered and _booked(said) != _booked(seen))


def _worth(one: Suggestion) -> tuple[object, ...]:
    rounded = sum(reason.minutes for reason in one.because if reason.kind == "rounding")
    return one.start, one.pieces, one.minutes - rounded, one.task, one.text


def _booked(one: Suggestion) -> tuple[object, ...]:
    return one.project, one.category, one.billable, one.target, sorted(one.attributed)


def applied(drafts: Iterable[Draft], changes: Iterable[Change]) -> list[Draft]:
    """The drafts after these changes, by key."""
    held = {draft.key: draft for draft in drafts}
    for change in changes:
        match change:
            case Create() | Revise():
                held[change.key] = Draft(suggestion=change.suggestion, seen=change.seen)
            case Withdraw():
                del held[change.key]
            case Flag():
                held[change.key] = held[change.key].model_copy(update={"seen": change.seen, "noticed": False})
    return [held[key] for key in sorted(held)]
