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
from core.timeline import Span, common, length

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


@dataclass(frozen=True, slots=True)
class Contest:
    """The meetings of one day, and what each got of the time they wanted."""

    meetings: Mapping[str, Meeting]
    decisions: Decisions
    held: Mapping[str, list[Span]]
    tangles: Mapping[str, Sequence[Claim]]
    """By meeting, all that overlap with it, directly or through others: none else can take its time."""
    least: int
    """Minutes of the smallest draft."""

    @classmethod
    def over(
        cls, layout: Layout, meetings: Mapping[str, Meeting], decisions: Decisions, least: int
    ) -> Contest:
        tangles = {claim.key: tangle for tangle in _tangles(layout.claims) for claim in tangle}
        return cls(meetings, decisions, layout.held, tangles, least)

    def rivals(self, meeting: Meeting) -> list[Rival]:
        """Who holds time that the meeting wanted, most of it first."""
        return self._holders(meeting, self.held)

    def is_alone(self, meeting: Meeting) -> bool:
        """Whether no other wanted any of its time, nor one that was dismissed since."""
        start, end = meeting.span
        others = (other.span for other in self.meetings.values() if other is not meeting)
        return not any(begins < end and start < ends for begins, ends in others)

    def in_the_way(self, meeting: Meeting) -> list[Rival]:
        """Who would all have to give way so that the meeting has more time: one, if one is enough.

        What one gives up may go to another before it comes to this meeting, so each is tried.

        Gives    nobody where too many would have to
        """
        tangle = self.tangles[meeting.key]
        has = length(self.held.get(meeting.key, ()))
        gone: list[Rival] = []
        held = self.held
        for _ in range(MOST_GIVING_WAY if len(tangle) <= MOST_TANGLED else 0):
            holders = self._holders(meeting, held)
            for rival in holders:
                without_them = self._settled(tangle, [*gone, rival])
                if length(without_them.get(meeting.key, ())) > has:
                    return [*gone, rival]
            gone += holders[:1]
            held = self._settled(tangle, gone)
        return []

    def _settled(self, tangle: Iterable[Claim], gone: Iterable[Rival]) -> Mapping[str, list[Span]]:
        keys = {rival.key for rival in gone}
        return settle([claim for claim in tangle if claim.key not in keys], self.least)

    def _holders(self, meeting: Meeting, held: Mapping[str, list[Span]]) -> list[Rival]:
        start, end = meeting.span
        found = [
            self._rival(key, taken)
            for key, spans in held.items()
            if spans and spans[0][0] < end and start < spans[-1][1]  # most lie elsewhere
            if key != meeting.key and (taken := length(common(spans, [meeting.span])))
        ]
        return sorted(found, key=lambda rival: (-rival.minutes, rival.title or "", rival.key))

    def _rival(self, key: str, minutes: int) -> Rival:
        decided = key in self.decisions.kept
        meeting = self.meetings.get(key)
        if meeting is None:
            return Rival(key, minutes, self.decisions.kept[key].text, None, decided)
        return Rival(key, minutes, meeting.activity.title, meeting.activity, decided)


def _tangles(claims: Iterable[Claim]) -> Iterator[list[Claim]]:
    """Claims in rows in which each overlaps with another."""
    tangle: list[Claim] = []
    reaches = 0
    for claim in sorted(claims, key=lambda claim: claim.span):
        start, end = claim.span
        if tangle and start >= reaches:
            yield tangle
            tangle = []
        reaches = max(reaches, end) if tangle else end
        tangle.append(claim)
    if tangle:
        yield tangle
