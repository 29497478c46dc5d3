"""Somebody who reads every report of a year, knows who is where, and wants to know what one person did.

Written against what is published (patterns.Pattern) and who was in which group, never against the gate: its
words for what counts as derived are those of requirement P-22. They know their own hours besides, so a sum of
k people or fewer is one of fewer than k to whoever is among them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from itertools import combinations, pairwise
from typing import NamedTuple

from core.figures import Piece
from core.patterns import Part, Pattern

WEEK = 60 * 60
"""Minutes nobody works more than."""
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

    about: tuple[str, str, str]
    """Group, what, label."""
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
            about = (part.group, table.what, row.label or f"all but {sorted(named)}")
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
    tables: dict[tuple[frozenset[str], tuple[str, ...]], dict[str, dict[str, int]]] = defaultdict(dict)
    for figure in found:
        _, what, label = figure.about
        tables[figure.members, figure.weeks].setdefault(what, {})[label] = figure.hours
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


def by_comparing(found: Iterable[Figure], truth: Mapping[Variable, int], least: int) -> set[frozenset[str]]:
    """Those who joined or left between a figure and the next of its kind, and what that gave away.

    Whoever stayed is taken to have worked as before; a guess within a tenth of the truth counts as derived.
    """
    kinds: dict[tuple[object, ...], list[Figure]] = defaultdict(list)
    for figure in found:
        kinds[*figure.about, len(figure.weeks) > 1].append(figure)
    derived = set()
    for line in kinds.values():
        line.sort(key=lambda figure: figure.weeks)
        for before, after in pairwise(line):
            gone, come = before.members - after.members, after.members - before.members
            if not 0 < len(gone | come) <= least:
                continue
            left = sum(truth[one] for one in before.counts if one[0] in gone) / len(before.weeks)
            joined = sum(truth[one] for one in after.counts if one[0] in come) / len(after.weeks)
            guess = 60 * (before.hours / len(before.weeks) - after.hours / len(after.weeks))
            if (left or joined) and abs(guess - (left - joined)) <= abs(left - joined) / 10:
                derived.add(gone | come)
    return derived
