"""What the lab tells: sums that passed the gate, as data and as lines for a terminal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from core.model import Noun
from core.rules import Rule
from daybook.lab.gate import OPEN, Gate
from daybook.lab.tally import Change, Sum, Tally

AN_HOUR = 60

WOULD: dict[Change, str] = {
    "moved": "would move to another project",
    "booked otherwise": "would be booked otherwise: category, billable, target or text",
    "longer or shorter": "would be longer or shorter",
    "new": "would be new",
    "gone": "would be gone",
}
Row = tuple[str, ...]

UNMAPPED = "(no project)"
NOT_SHOWN = "-"
RULES_OF_SHOWING = """
Each figure is of at least {0} people, and rounded so that it shows no one person's part. A dash
is fewer than {0} people, or none. What moves for fewer is shown as if it did not move.
"""


class Cell(Noun):
    """Minutes on one project; null where fewer people are behind them than may be told, or none."""

    project: str | None
    """Null: what no rule books."""
    before: int | None
    after: int | None


class Named(Noun):
    """A rule, and where it stands."""

    rule: str
    file: str | None
    line: int | None

    def __str__(self) -> str:
        return f'"{self.rule}" ({self.file or "line"}{":" if self.file else " "}{self.line})'


class Shadowed(Noun):
    """A rule that holds for something, and never comes first."""

    rule: Named
    by: Named | None
    """The rule that takes the most from it; null where none takes it from people enough to tell."""


class Report(Noun):
    """What becomes of the evidence under one configuration, and beside it under another."""

    compared: bool
    """False where there is only one configuration; before and after are then the same."""
    minimum: int
    """Fewest people behind each figure; 0 where the evidence is a file of the administrator's own."""
    projects: tuple[Cell, ...]
    drafts: int | None
    """Before the change."""
    changes: dict[Change, int | None]
    """How many of them would change, and how."""
    agreement: tuple[int, int] | None
    """Percent of the confirmed minutes that the rules alone book as people did, before and after."""
    parked: dict[str, int]
    """Activities of the file that cannot be used and count for nothing, by the reason."""
    unused: tuple[Named, ...]
    """Rules that hold for nothing, or for fewer people than may be told."""
    shadowed: tuple[Shadowed, ...]

    def lines(self) -> Iterator[str]:
        heads = ("before", "after", "change") if self.compared else ("",)
        yield from _aligned([("hours by project", *heads), *map(self._of_project, self.projects)])
        yield ""
        yield from _aligned([("drafts", _count(self.drafts)), *self._changes()])
        if self.agreement is not None:
            was, becomes = self.agreement
            beside = f", before {was} %" if self.compared else ""
            yield f"confirmed minutes that the rules alone book as people did: {becomes} %{beside}"
        yield from self._parked()
        yield from self._rules()
        if self.minimum != OPEN:
            yield from RULES_OF_SHOWING.rstrip().format(self.minimum).splitlines()

    def _of_project(self, cell: Cell) -> Row:
        name = cell.project or UNMAPPED
        if not self.compared:
            return name, _hours(cell.after)
        if cell.before is None or cell.after is None:
            return name, _hours(cell.before), _hours(cell.after), NOT_SHOWN
        return name, _hours(cell.before), _hours(cell.after), _hours(cell.after - cell.before, signed=True)

    def _changes(self) -> Iterator[Row]:
        if self.compared:
            yield from ((f"  {would}", _count(self.changes[change])) for change, would in WOULD.items())

    def _parked(self) -> Iterator[str]:
        if self.parked:
            yield ""
            yield "Parked, and counted nowhere:"
            yield from (f"  {count:,}  {why}" for why, count in self.parked.items())

    def _rules(self) -> Iterator[str]:
        nothing = "nothing" if self.minimum == OPEN else f"fewer than {self.minimum} people, or nobody"
        if self.unused:
            yield ""
            yield f"Rules that hold for {nothing}:"
            yield from (f"  {rule}" for rule in self.unused)
        if self.shadowed:
            yield ""
            yield "Rules that never come first:"
            yield from (f"  {one.rule}: {one.by or 'several others'} takes it" for one in self.shadowed)


def report(
    tally: Tally, gate: Gate, projects: Iterable[str], rules: Sequence[Rule], *, compared: bool
) -> Report:
    """What may be told of a tally.

    Takes    every project of both configurations; the rules under trial, in the order of their file
    """
    cells = [_cell(project, tally, gate) for project in (*sorted(projects), None)]
    return Report(
        compared=compared,
        minimum=gate.minimum,
        # Where few are not told apart from none, whether there is a row must not do it either.
        projects=tuple(cell for cell in cells if gate.minimum != OPEN or cell.before or cell.after),
        drafts=gate.sum(tally.drafts["before"]),
        changes={change: gate.sum(tally.changes[change]) for change in WOULD},
        agreement=_agreement(tally, gate),
        parked=dict(tally.parked.most_common()),
        unused=tuple(_named(rule) for rule in rules if not gate.tells(_held(rule.name, tally))),
        shadowed=tuple(_shadowed(rules, tally, gate)),
    )


def _cell(project: str | None, tally: Tally, gate: Gate) -> Cell:
    before, after = tally.minutes["before", project], tally.minutes["after", project]
    was, becomes = gate.change(before, after, unit=AN_HOUR)
    return Cell(project=project, before=was, after=becomes)


def _agreement(tally: Tally, gate: Gate) -> tuple[int, int] | None:
    whole = gate.sum(tally.confirmed, unit=AN_HOUR)
    was, becomes = gate.change(tally.agreed["before"], tally.agreed["after"], unit=AN_HOUR)
    if not whole or was is None or becomes is None:
        return None
    return min(100, round(100 * was / whole)), min(100, round(100 * becomes / whole))


def _held(rule: str, tally: Tally) -> Sum:
    """Activities for which it holds, whoever wins."""
    behind = (parts for (name, _), parts in tally.behind.items() if name == rule)
    return sum(behind, start=Counter(tally.first[rule]))


def _shadowed(rules: Sequence[Rule], tally: Tally, gate: Gate) -> Iterator[Shadowed]:
    named = {rule.name: _named(rule) for rule in rules}
    for rule in rules:
        first = tally.first[rule.name]
        always_behind = Counter(
            {who: part for who, part in _held(rule.name, tally).items() if not first[who]}
        )
        if gate.tells(always_behind) and not gate.tells(first):
            takers = {by: parts for (name, by), parts in tally.behind.items() if name == rule.name}
            most = max(
                (by for by, parts in takers.items() if gate.tells(parts)),
                key=lambda by: (takers[by].total(), by),
                default=None,
            )
            yield Shadowed(rule=named[rule.name], by=named[most] if most else None)


def _named(rule: Rule) -> Named:
    return Named(rule=rule.name, file=rule.file, line=rule.line)


def _hours(minutes: int | None, signed: bool = False) -> str:
    if minutes is None:
        return NOT_SHOWN
    sign = "-" if minutes < 0 else "+" if signed and minutes else ""
    return f"{sign}{abs(minutes) // AN_HOUR:,}:{abs(minutes) % AN_HOUR:02}"


def _count(number: int | None) -> str:
    return NOT_SHOWN if number is None else f"{number:,}"


def _aligned(rows: Sequence[Row]) -> Iterator[str]:
    """Names to the left, figures to the right."""
    first, *widths = (max(map(len, column)) for column in zip(*rows, strict=True))
    for name, *cells in rows:
        figures = (f"  {cell:>{max(8, width)}}" for cell, width in zip(cells, widths, strict=True))
        yield f"{name:{first}}{''.join(figures)}".rstrip()
