"""What a report shows of each group: as much of its tables as the gate lets through, or words.

A table shows the labels with most time by themselves and all other time as one more cell. The smallest is
taken back until the gate has nothing to say; a table of one cell says nothing but *all of it*, and is left
out. So what is hidden is never hidden alone (complementary suppression), and a period is decided once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import NamedTuple

from core import gate
from core.figures import Piece, What
from core.gate import ELSE, Group, Release
from core.model import Noun
from core.periods import Period
from core.policy import Report

HOUR = 60


class Row(Noun):
    """One figure."""

    label: str | None
    """None: everything else."""
    hours: int
    """Whole hours, to the nearest, each by itself."""


class Table(Noun):
    """The confirmed time of a group by one of the things reports count."""

    what: What
    rows: tuple[Row, ...]
    """Most time first, everything else last."""

    @property
    def named(self) -> tuple[str, ...]:
        """The labels that stand in it by themselves."""
        return tuple(row.label for row in self.rows if row.label is not None)


class Part(Noun):
    """What is said of one group."""

    group: str
    tables: tuple[Table, ...]
    withheld: tuple[What, ...] = ()
    """What the gate held back. Why is not said: that, too, would tell of few people."""
    small: bool = False
    """It has too few people for any figure, whatever they do."""


class Pattern(Noun):
    """One report of one period, as everybody who may read it gets it."""

    report: str
    """What the policy knows it by."""
    cadence: str
    by: str
    """Of which groups: team or role."""
    roles: tuple[str, ...]
    """The roles of the people it is about; empty: all."""
    period: str
    weeks: tuple[str, ...]
    first_day: date
    last_day: date
    minimum: int
    """Every figure is of more people than this."""
    parts: tuple[Part, ...]


class Known(Noun):
    """All that the gate has to look at beside the new report."""

    overlapping: tuple[Release, ...] = ()
    """Everything published about weeks that hang together with its own."""
    before: tuple[Release, ...] = ()
    """The same report of earlier periods, the latest first."""
    pieces: tuple[Piece, ...] = ()
    """Of the weeks of all these, and of its own."""


def made(
    report: Report, period: Period, members: Mapping[str, Collection[str]], known: Known, minimum: int
) -> tuple[Pattern, Release]:
    """A report as it is published, and what the gate must know of it from then on.

    Takes    members: by group, as they stood when the period began, less who left; no two share anybody
    """
    groups = [
        _decided(Group(name=name, members=frozenset(members[name])), report, period, known, minimum)
        for name in sorted(members)
    ]
    pattern = Pattern(
        report=report.name,
        cadence=report.cadence,
        by=report.by,
        roles=report.roles,
        period=period.name,
        weeks=period.weeks,
        first_day=period.first_day,
        last_day=period.last_day,
        minimum=minimum,
        parts=tuple(_part(group, period, report.what, known.pieces, minimum) for group in groups),
    )
    return pattern, Release(report=report.name, weeks=period.weeks, groups=tuple(groups))


def _decided(group: Group, report: Report, period: Period, known: Known, minimum: int) -> Group:
    """The group with those of its tables that pass, each as long as it can be."""
    touched, mine = _touched(group, period, known), _of(group, period.weeks, known.pieces)
    for one in report.what:
        for labels in _shorter(_labels(mine, one)):
            tried = group.model_copy(update={"tables": {**group.tables, one: labels}})
            new = Release(report=report.name, weeks=period.weeks, groups=(tried,))
            if (
                len(_sums(tried, one, mine)) > 1
                and gate.refusal([*known.overlapping, new], touched, minimum) is None
                and _can_be_compared(tried, one, period, known, minimum)
            ):
                group = tried
                break
    return group


def _shorter(labels: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """All of them, then fewer and fewer. All but one would be the same once more, under another name."""
    yield tuple(labels)
    for length in range(len(labels) - 2, 0, -1):
        yield tuple(labels[:length])


def _touched(group: Group, period: Period, known: Known) -> list[Piece]:
    """The pieces that the gate must look at: of the group, and of all who were published along with it."""
    places = {(who, week) for who in group.members for week in period.weeks}
    for release in known.overlapping:
        if not set(release.weeks).isdisjoint(period.weeks):
            places |= {
                (who, week)
                for other in release.groups
                if not other.members.isdisjoint(group.members)
                for who in other.members
                for week in release.weeks
            }
    return [piece for piece in known.pieces if (piece.who, piece.week) in places]


class _Kind(NamedTuple):
    """What figures of two periods can be held side by side: one label, all but some, or all."""

    labels: frozenset[str]
    others: bool
    """It counts all but these."""

    def minutes(self, pieces: Iterable[Piece], what: What, who: Collection[str]) -> int:
        return sum(
            piece.minutes
            for piece in pieces
            if piece.who in who and (piece.label(what) in self.labels) != self.others
        )

    def stands_in(self, table: Collection[str]) -> bool:
        return self.labels == set(table) or not self.labels if self.others else self.labels <= set(table)


def _can_be_compared(group: Group, what: What, period: Period, known: Known, minimum: int) -> bool:
    """Whether each figure may be held beside the last of its kind, though a few joined or left in between."""
    labels = group.tables[what]
    kinds = [_Kind(frozenset([label]), others=False) for label in labels]
    kinds += [_Kind(frozenset(labels), others=True), _Kind(frozenset(), others=True)]
    return all(_is_drowned(kind, group, what, period, known, minimum) for kind in kinds)


def _is_drowned(kind: _Kind, group: Group, what: What, period: Period, known: Known, minimum: int) -> bool:
    for release in known.before:
        last = next((one for one in release.groups if one.name == group.name), None)
        if last and what in last.tables and kind.stands_in(last.tables[what]):
            break
    else:
        return True
    gone, come = last.members - group.members, group.members - last.members
    if not 0 < len(gone | come) <= minimum:
        return True
    earlier, now = _of(last, release.weeks, known.pieces), _of(group, period.weeks, known.pieces)
    if gone - {piece.who for piece in earlier}:
        return False  # whoever is erased cannot be counted any more
    scale = len(period.weeks) / len(release.weeks)
    return gate.drowned(
        before=scale * kind.minutes(earlier, what, last.members),
        after=kind.minutes(now, what, group.members),
        gone=scale * kind.minutes(earlier, what, gone),
        come=kind.minutes(now, what, come),
    )


def _of(group: Group, weeks: Collection[str], pieces: Iterable[Piece]) -> list[Piece]:
    return [piece for piece in pieces if piece.who in group.members and piece.week in weeks]


def _labels(pieces: Iterable[Piece], what: What) -> list[str]:
    """The most time first."""
    minutes: Counter[str] = Counter()
    for piece in pieces:
        minutes[piece.label(what)] += piece.minutes
    return sorted(minutes, key=lambda label: (-minutes[label], label))


def _sums(group: Group, what: What, pieces: Iterable[Piece]) -> dict[str | None, int]:
    """Minutes by cell, none of them nothing."""
    labels = group.tables[what]
    found: Counter[str | None] = Counter()
    for piece in pieces:
        label = piece.label(what)
        found[label if label in labels else ELSE] += piece.minutes
    return {label: minutes for label, minutes in found.items() if minutes}


def _part(group: Group, period: Period, what: Sequence[What], pieces: Iterable[Piece], minimum: int) -> Part:
    mine = _of(group, period.weeks, pieces)
    return Part(
        group=group.name,
        tables=tuple(Table(what=one, rows=tuple(_rows(group, one, mine))) for one in group.tables),
        withheld=tuple(one for one in what if one not in group.tables),
        small=len(group.members) <= minimum,
    )


def _rows(group: Group, what: What, pieces: Iterable[Piece]) -> Iterator[Row]:
    sums = _sums(group, what, pieces)
    for label in sorted(sums, key=lambda label: (label is ELSE, -sums[label], label or "")):
        yield Row(label=label, hours=(sums[label] + HOUR // 2) // HOUR)
