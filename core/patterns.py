"""What a report shows of each group: as much of its tables as the gate lets through, or words.

A table shows the labels with most time by themselves and all other time as one more cell. The smallest is
taken back until the gate has nothing to say; a table of one cell says nothing but *all of it*, and is left
out. So what is hidden is never hidden alone (complementary suppression), and a period is decided once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import cached_property
from itertools import product

from core import change, gate
from core.figures import Held, Piece, What, held, of
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
    """The same report of earlier periods, as far back as it is compared (core/change.py)."""
    pieces: tuple[Piece, ...] = ()
    """Of the weeks of all these, and of its own."""
    erased: frozenset[str] = frozenset()
    """Who is in these and has no pieces any more, whatever they did."""

    @cached_property
    def held(self) -> Held:
        """The pieces by somebody's week."""
        return held(self.pieces)


def made(
    report: Report, period: Period, members: Mapping[str, Collection[str]], known: Known, minimum: int
) -> tuple[Pattern, Release]:
    """A report as it is published, and what the gate must know of it from then on.

    Takes    members: by group, as they stood when the period began, less who left; no two share anybody
    """
    groups: list[Group] = []
    for name in sorted(members):
        group = Group(name=name, members=frozenset(members[name]))
        groups.append(_decided(group, groups, report, period, known, minimum))
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
        parts=tuple(_part(group, period, report.what, known.held, minimum) for group in groups),
    )
    return pattern, Release(report=report.name, weeks=period.weeks, groups=tuple(groups))


def _decided(
    group: Group, decided: Sequence[Group], report: Report, period: Period, known: Known, minimum: int
) -> Group:
    """The group with those of its tables that pass beside the groups before it, each as long as it can be."""
    touched = list(_touched(group, period, known))
    mine = list(of(group.members, period.weeks, known.held))
    for one in report.what:
        for labels in _shorter(_labels(mine, one)):
            tried = group.model_copy(update={"tables": {**group.tables, one: labels}})
            new = Release(report=report.name, weeks=period.weeks, groups=(*decided, tried))
            if (
                len(_sums(tried, one, mine)) > 1
                and gate.refusal([*known.overlapping, new], touched, minimum) is None
                and not change.tells(one, new, known.before, known.held, known.erased, minimum)
            ):
                group = tried
                break
    return group


def _shorter(labels: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """All of them, then fewer and fewer. All but one would be the same once more, under another name."""
    yield tuple(labels)
    for length in range(len(labels) - 2, 0, -1):
        yield tuple(labels[:length])


def _touched(group: Group, period: Period, known: Known) -> Iterator[Piece]:
    """The pieces that the gate must look at: of the group, and of all who were published along with it."""
    places = set(product(group.members, period.weeks))
    for release in known.overlapping:
        if not set(release.weeks).isdisjoint(period.weeks):
            for near in (one for one in release.groups if not one.members.isdisjoint(group.members)):
                places.update(product(near.members, release.weeks))
    for place in places:
        yield from known.held.get(place, ())


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
        found[gate.cell(piece.label(what), labels)] += piece.minutes
    return {label: minutes for label, minutes in found.items() if minutes}


def _part(group: Group, period: Period, what: Sequence[What], held: Held, minimum: int) -> Part:
    mine = list(of(group.members, period.weeks, held))
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
