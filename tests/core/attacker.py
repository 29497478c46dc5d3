"""Somebody who reads every report of a year, knows who is where, and wants to know what one person did.

Written against what is published (patterns.Pattern) and who was in which group, never against the gate: its
words for what counts as derived are those of requirement P-22. They know their own hours besides, so a sum of
k people or fewer is one of fewer than k to whoever is among them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from fractions import Fraction
from itertools import combinations
from typing import NamedTuple

from core.figures import Piece
from core.patterns import Part, Pattern
from core.periods import monday

WEEK = 60 * 60
"""Minutes nobody works more than."""
QUARTER = timedelta(weeks=13)
"""Who compares two weeks that are further apart compares different work."""
Variable = tuple[str, str, tuple[str, ...]]
"""Somebody's week, and what it was spent on."""
Vector = Mapping[Variable, Fraction]


class Paper(NamedTuple):
    """A report as it lies on the attacker's desk."""

    pattern: Pattern
    weeks: tuple[str, ...]
    members: Mapping[str, frozenset[str]]
    """Of each group: everybody knows who is where."""


class Figure(NamedTuple):
    """One number of it, and what it is the sum of."""

    about: tuple[str, str, str, str | None]
    """Report, group, what, label; None: everything else."""
    weeks: tuple[str, ...]
    members: frozenset[str]
    hours: int
    counts: frozenset[Variable]


def figures(papers: Iterable[Paper], pieces: Iterable[Piece]) -> list[Figure]:
    """Every number there is.

    Takes    the pieces for what each could be spent on, which the attacker may know, not for how long
    """
    by_week: dict[str, list[Variable]] = defaultdict(list)
    for piece in pieces:
        by_week[piece.week].append((piece.who, piece.week, piece.labels))
    found = []
    for paper in papers:
        here = [one for week in paper.weeks for one in by_week[week]]
        for part in paper.pattern.parts:
            found += _of_part(paper, part, here)
    return found


def _of_part(paper: Paper, part: Part, here: list[Variable]) -> Iterator[Figure]:
    members = paper.members[part.group]
    mine = [one for one in here if one[0] in members]
    for table in part.tables:
        number = ("project", "client", "category", "billable", "meeting load", "focus time").index(table.what)
        named = {row.label for row in table.rows if row.label is not None}
        for row in table.rows:
            counts = frozenset(
                one
                for one in mine
                if (one[2][number] == row.label if row.label is not None else one[2][number] not in named)
            )
            about = (paper.pattern.report, part.group, table.what, row.label)
            yield Figure(about, paper.weeks, members, row.hours, counts)


def by_algebra(found: Iterable[Figure], least: int) -> set[frozenset[str]]:
    """Everybody whose time, alone or with few others, is a sum and difference of figures.

    Variables that the same figures count are one; rows are reduced over the rationals, and every row, every
    reduced row and every difference of two is looked at.
    """
    columns: dict[Variable, set[int]] = defaultdict(set)
    rows = list(found)
    for number, figure in enumerate(rows):
        for variable in figure.counts:
            columns[variable].add(number)
    atoms: dict[frozenset[int], set[str]] = defaultdict(set)
    for variable, counted in columns.items():
        atoms[frozenset(counted)].add(variable[0])
    people = {number: frozenset(who) for number, who in enumerate(atoms.values())}
    matrix: list[dict[int, Fraction]] = [{} for _ in rows]
    for number, counted in enumerate(atoms):
        for row in counted:
            matrix[row][number] = Fraction(1)
    reduced = _reduced(matrix)
    looked = [*matrix, *reduced]
    by_column: dict[int, list[int]] = defaultdict(list)
    for number, row in enumerate(looked):
        for column in row:
            by_column[column].append(number)
    pairs = {pair for near in by_column.values() if len(near) < 40 for pair in combinations(near, 2)}
    differences = (_minus(looked[one], looked[two]) for one, two in pairs)
    derived = set()
    for row in [*looked, *differences]:
        who = frozenset[str]().union(*(people[column] for column in row))
        if 0 < len(who) <= least:
            derived.add(who)
    return derived


def _reduced(matrix: list[dict[int, Fraction]]) -> list[dict[int, Fraction]]:
    """Gauss and Jordan, on rows that are mostly empty."""
    done: dict[int, dict[int, Fraction]] = {}
    for row in matrix:
        rest = dict(row)
        for pivot in sorted(rest.keys() & done.keys()):
            if pivot in rest:
                rest = _minus(rest, done[pivot], rest[pivot])
        while rest.keys() & done.keys():
            pivot = min(rest.keys() & done.keys())
            rest = _minus(rest, done[pivot], rest[pivot])
        if not rest:
            continue
        pivot = min(rest)
        rest = {column: value / rest[pivot] for column, value in rest.items()}
        for other, held in done.items():
            if pivot in held:
                done[other] = _minus(held, rest, held[pivot])
        done[pivot] = rest
    return list(done.values())


def _minus(
    one: Mapping[int, Fraction], two: Mapping[int, Fraction], times: Fraction = Fraction(1)
) -> dict[int, Fraction]:
    found = dict(one)
    for column, value in two.items():
        left = found.get(column, Fraction(0)) - times * value
        if left:
            found[column] = left
        else:
            found.pop(column, None)
    return found


def by_bounds(found: Iterable[Figure], own: Mapping[str, Mapping[str, int]]) -> set[tuple[str, str]]:
    """Every person's week that is pinned down to a tenth by what a week can hold.

    Takes    own: minutes by week of the people the attacker knows all about: themselves
    """
    tables: dict[tuple[frozenset[str], tuple[str, ...]], dict[str, dict[str | None, int]]] = defaultdict(dict)
    for figure in found:
        report, _, what, label = figure.about
        tables[figure.members, figure.weeks].setdefault(f"{report} {what}", {})[label] = figure.hours
    sums = [
        (
            *whole,
            max(60 * sum(rows.values()) - 30.0 * len(rows) for rows in by_what.values()),
            min(60 * sum(rows.values()) + 30.0 * len(rows) for rows in by_what.values()),
        )
        for whole, by_what in tables.items()
    ]
    sums += list(_differences(sums))
    low: dict[tuple[str, str], float] = defaultdict(float)
    high: dict[tuple[str, str], float] = defaultdict(lambda: WEEK)
    for who, weeks_of in own.items():
        for week, minutes in weeks_of.items():
            low[who, week] = high[who, week] = minutes
    for _ in range(3):
        for members, weeks, least, most in sums:
            places = [(who, week) for who in members for week in weeks]
            lows, highs = sum(low[one] for one in places), sum(high[one] for one in places)
            for one in places:
                low[one] = max(low[one], least - (highs - high[one]))
                high[one] = min(high[one], most - (lows - low[one]))
    return {one for one in low if one[0] not in own and low[one] > 0 and 9 * high[one] <= 11 * low[one]}


Sum = tuple[frozenset[str], tuple[str, ...], float, float]


def _differences(sums: list[Sum]) -> Iterator[Sum]:
    for (one, weeks, least, most), (two, also, low, high) in combinations(sums, 2):
        if weeks == also and one > two:
            yield one - two, weeks, least - high, most - low
        elif weeks == also and two > one:
            yield two - one, weeks, low - most, high - least


Issue = tuple[tuple[str, ...], frozenset[str]]
"""Of which weeks and people a table is."""


class Guess(NamedTuple):
    """What a change between two periods says of those who left less those who joined, and what is true."""

    gone: frozenset[str]
    come: frozenset[str]
    told: float
    true: float

    def finds(self) -> bool:
        return self.true != 0 and abs(self.told - self.true) <= abs(self.true) / 10

    def averaged(self, other: Guess) -> Guess:
        """With the group on the other side of a move."""
        told, true = (self.told - other.told) / 2, (self.true - other.true) / 2
        return Guess(self.gone | other.come, self.come | other.gone, told, true)


def by_comparing(found: Iterable[Figure], truth: Mapping[Variable, int], least: int) -> set[frozenset[str]]:
    """Those who joined, left or moved between any two periods of a quarter, and what that gave away.

    Whoever stayed is taken to have worked as before; a guess within a tenth of the truth counts as derived.
    """
    tables: dict[tuple[str, str, str], dict[Issue, list[Figure]]] = defaultdict(lambda: defaultdict(list))
    for figure in found:
        report, group, what, _ = figure.about
        tables[report, what, group][figure.weeks, figure.members].append(figure)
    guesses: dict[tuple[object, ...], list[Guess]] = defaultdict(list)
    for (report, what, _), issues in tables.items():
        for before, after in combinations(sorted(issues, key=lambda one: one[0]), 2):
            if monday(after[0][0]) - monday(before[0][0]) <= QUARTER:
                for label, was, now in _side_by_side(issues[before], issues[after]):
                    guess = _guess(was, now, truth)
                    if 0 < len(guess.gone | guess.come) <= least:
                        guesses[report, what, label, before[0], after[0]].append(guess)
    looked = [
        *(guess for alike in guesses.values() for guess in alike),
        *(
            one.averaged(other)
            for alike in guesses.values()
            for one, other in combinations(alike, 2)
            if one.gone & other.come or one.come & other.gone
        ),
    ]
    return {guess.gone | guess.come for guess in looked if guess.finds()}


def _side_by_side(
    before: list[Figure], after: list[Figure]
) -> Iterator[tuple[object, list[Figure], list[Figure]]]:
    """Each label that both tables name, all that is left, and all there is."""
    was, now = ({figure.about[-1]: figure for figure in rows} for rows in (before, after))
    common = (was.keys() & now.keys()) - {None}
    for label in common:
        yield label, [was[label]], [now[label]]
    left, still = ([one for one in rows if one.about[-1] not in common] for rows in (before, after))
    if left and still:
        yield frozenset(common), left, still
    yield "all of it", before, after


def _guess(before: list[Figure], after: list[Figure], truth: Mapping[Variable, int]) -> Guess:
    """By the week."""
    gone, come = before[0].members - after[0].members, after[0].members - before[0].members
    left, joined = (
        sum(truth[one] for figure in rows for one in figure.counts if one[0] in who) / len(rows[0].weeks)
        for rows, who in ((before, gone), (after, come))
    )
    was, now = (60 * sum(figure.hours for figure in rows) / len(rows[0].weeks) for rows in (before, after))
    return Guess(gone, come, was - now, left - joined)
