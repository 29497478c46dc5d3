"""Who has the time that a meeting wanted, and who would have to give way so that it has more."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from core.claims import Claim, settle
from core.day import Decisions
from core.layout import Layout
from core.meetings import Meeting
from core.model import Activity
from core.timeline import Stretch

MOST_GIVING_WAY = 3
"""More than so many meetings nobody declines to have one of them counted."""
MOST_TANGLED = 30
"""Of more meetings that overlap in one row nobody sees through; so an absurd day stays quick."""


class Rival(NamedTuple):
    """Something that holds time which a meeting wanted."""

    key: str
    minutes: int
    title: str | None
    activity: Activity | None
    """None where its calendar no longer has it, or never had."""
    decided: bool
    """Its contributor said that they were there."""


class Loss(NamedTuple):
    """What of its time a meeting has not, and who has it."""

    minutes: int
    rivals: Sequence[Rival]
    """Most of it first."""


NOTHING_LOST = Loss(0, ())


class _Place(NamedTuple):
    """Where a meeting stands among all that overlap with it, directly or through others."""

    tangle: Sequence[Claim]
    """By rank; none else can take its time."""
    counts: int
    """Of these so many; whoever claims after them takes nothing from it."""


@dataclass(frozen=True, slots=True)
class Contest:
    """The meetings of one day, and what each got of the time they wanted."""

    meetings: Mapping[str, Meeting]
    decisions: Decisions
    held: Mapping[str, Stretch]
    places: Mapping[str, _Place]
    """By meeting."""
    crowded: Stretch
    """Minutes that several meetings wanted, one that was dismissed included."""
    least: int
    """Minutes of the smallest draft."""

    @classmethod
    def over(
        cls, layout: Layout, meetings: Mapping[str, Meeting], decisions: Decisions, least: int
    ) -> Contest:
        places = {}
        for tangle in _tangles(layout.claims):
            last_decided = max((n for n, claim in enumerate(tangle) if claim.decided is not None), default=0)
            for number, claim in enumerate(tangle):
                places[claim.key] = _Place(tangle, 1 + max(number, last_decided))
        wanted = crowded = 0
        for meeting in meetings.values():
            crowded |= wanted & meeting.wanted
            wanted |= meeting.wanted
        return cls(meetings, decisions, layout.held, places, crowded, least)

    def loss(self, meeting: Meeting) -> Loss:
        """What others took of the time that the meeting wanted."""
        lost = meeting.wanted & ~self.held.get(meeting.key, 0)
        return Loss(lost.bit_count(), self._holders(meeting, self.held)) if lost else NOTHING_LOST

    def is_alone(self, meeting: Meeting) -> bool:
        """Whether no other wanted any of its time, nor one that was dismissed since."""
        return not meeting.wanted & self.crowded

    def in_the_way(self, meeting: Meeting, loss: Loss) -> list[Rival]:
        """Who would all have to give way so that the meeting has more time: one, if one is enough.

        What one gives up may go to another before it comes to this meeting, so each is tried.

        Gives    nobody where too many would have to
        """
        place = self.places[meeting.key]
        if len(place.tangle) > MOST_TANGLED:
            return []
        claims = place.tangle[: place.counts]
        has = self.held.get(meeting.key, 0).bit_count()
        gone: list[Rival] = []
        holders = loss.rivals
        for _ in range(MOST_GIVING_WAY):
            for rival in holders:
                without_them = self._settled(claims, [*gone, rival])
                if without_them.get(meeting.key, 0).bit_count() > has:
                    return [*gone, rival]
            gone += holders[:1]
            holders = self._holders(meeting, self._settled(claims, gone))
        return []

    def _settled(self, claims: Iterable[Claim], gone: Iterable[Rival]) -> Mapping[str, Stretch]:
        keys = {rival.key for rival in gone}
        return settle([claim for claim in claims if claim.key not in keys], self.least)

    def _holders(self, meeting: Meeting, held: Mapping[str, Stretch]) -> list[Rival]:
        found = [
            self._rival(key, taken.bit_count())
            for key, time in held.items()
            if (taken := time & meeting.wanted) and key != meeting.key
        ]
        return sorted(found, key=lambda rival: (-rival.minutes, rival.title or "", rival.key))

    def _rival(self, key: str, minutes: int) -> Rival:
        decided = key in self.decisions.kept
        meeting = self.meetings.get(key)
        if meeting is None:
            return Rival(key, minutes, self.decisions.kept[key].text, None, decided)
        return Rival(key, minutes, meeting.activity.title, meeting.activity, decided)


def _tangles(claims: Sequence[Claim]) -> Iterator[list[Claim]]:
    """Claims in rows in which each overlaps with another; within a row they keep their order."""
    row: list[int] = []
    covered = 0
    for number in sorted(range(len(claims)), key=lambda number: _begin(claims[number])):
        wanted = claims[number].wanted
        if row and not covered & wanted:
            yield [claims[each] for each in sorted(row)]
            row, covered = [], 0
        row.append(number)
        covered |= wanted
    if row:
        yield [claims[each] for each in sorted(row)]


def _begin(claim: Claim) -> Stretch:
    """Its first minute."""
    return claim.wanted & -claim.wanted
