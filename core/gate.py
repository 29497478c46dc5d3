"""The gate before every report: what was ever published must not add up to a few people.

Everything published counts minutes. Call a *block* all minutes that the very same published figures count.
Whatever anybody can work out of all figures together, by sums, differences or unions, over teams, roles,
weeks, months and exports, over people who joined, moved or left, is worked out of the sums of blocks: a
figure is a sum of whole blocks, and rounding it only tells less. So if every block could be published by
itself, all of it may be. That is checked, and nothing needs to be solved. A block holds where

    enough      at least k people have time in it beside any one who reads it and knows their own
    alike       nobody has more than half of it, no two have three quarters
    vague       for no fewer than k of them the least and the most they can have had lie within a tenth,
                even for one of them who takes away their own; nobody works more than CAP a week
    no void     it is not made of fewer people's places than that, with or without time: whoever is in one
                figure and left out of another may have nothing, and that would be seen

A report is decided group by group, each beside those before it, so all of this holds of what one report shows
together, and of two reports of the same day. It refuses more than could be derived: a block too small might
still be hidden in others.

Of another kind is a report that is compared with an earlier one, of other weeks: who then takes one from the
other assumes that everybody who stayed worked as before, and finds roughly what one who left did. That need
not be the last one: a week in which others were away hides somebody, and the week after uncovers them. Nor
need it be one group: who moved is seen in two, wrong by chance in each, and less so on average. So
core/change.py asks of each figure that this goes wrong by more than a tenth, against every period of the same
report that began within a quarter, and for who moved also in the mean of both groups. Averages over many
weeks, under the same assumption, it cannot prevent.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from typing import Literal, NamedTuple

from core.figures import Piece, Place, What
from core.model import Noun

CAP = 60 * 60
"""Minutes: nobody confirms more in a week. The lower it is, the more is withheld."""

ELSE = None
"""The cell of all that is not named."""

Fault = Literal["void", "few", "dominated", "full"]
"""void       it is of few people's places
few        few people have time in it
dominated  one or two have most of it
full       it is close to all that its people can work
"""

Cell = tuple[What, str | None]
"""What is counted, and its label; ELSE for everything else."""


class Group(Noun):
    """What was, or is to be, published about one group of people."""

    name: str
    members: frozenset[str]
    """Opaque."""
    tables: dict[What, tuple[str, ...]] = {}
    """The labels that stand in it by themselves; all other time is one cell more."""

    def cells(self, piece: Piece) -> tuple[Cell, ...]:
        """Where a piece of a member is counted."""
        return tuple([(what, cell(piece.label(what), labels)) for what, labels in self.tables.items()])


class Release(Noun):
    """Figures that were published together, of groups that share nobody."""

    report: str
    weeks: tuple[str, ...]
    groups: tuple[Group, ...]
    by_name: bool = False
    """An export: its readers know the pieces it names as they are, and what is left over must hold alone."""


Base = tuple[tuple[int, str], ...]
"""Groups, each by the number of its release."""


class Standing(NamedTuple):
    """The groups in which somebody's week is counted."""

    base: Base
    groups: tuple[Group, ...]


NOWHERE = Standing((), ())


def refusal(releases: Iterable[Release], pieces: Iterable[Piece], least: int) -> Fault | None:
    """Why these releases must not all be known; None where they may.

    Takes    every release of weeks that hang together, the new one too; the pieces of all their weeks and
             members, as far as they are still there; least: k, the fewest people behind any figure
    """
    releases = list(releases)
    places = _places([release for release in releases if not release.by_name])
    named = _places([release for release in releases if release.by_name])
    held = [piece for piece in pieces if (piece.who, piece.week) in places]
    left_over = [piece for piece in held if not _is_known(piece, named)]
    return (
        _void(places, least)
        or _small(places, held, least)
        or (_small(places, left_over, least) if len(left_over) < len(held) else None)
    )


def _places(releases: Iterable[Release]) -> dict[Place, Standing]:
    """By somebody's week, where it is counted."""
    found: dict[Place, Standing] = {}
    for number, release in enumerate(releases):
        for group in release.groups:
            for who in group.members if group.tables else ():
                for week in release.weeks:
                    base, groups = found.get((who, week), NOWHERE)
                    found[who, week] = Standing((*base, (number, group.name)), (*groups, group))
    return found


def _is_known(piece: Piece, named: Mapping[Place, Standing]) -> bool:
    """Whether readers of an export know it as it is."""
    groups = named.get((piece.who, piece.week), NOWHERE).groups
    return any(label is not ELSE for group in groups for _, label in group.cells(piece))


def _void(places: Mapping[Place, Standing], least: int) -> Fault | None:
    people: dict[Base, set[str]] = defaultdict(set)
    for (who, _), standing in places.items():
        people[standing.base].add(who)
    if any(len(who) <= least for who in people.values()):
        return "void"
    return None


def _small(places: Mapping[Place, Standing], pieces: Iterable[Piece], least: int) -> Fault | None:
    weeks = Counter((standing.base, who) for (who, _), standing in places.items())
    blocks: dict[tuple[Base, tuple[Cell, ...]], Counter[str]] = defaultdict(Counter)
    for piece in pieces:
        base, groups = places[piece.who, piece.week]
        blocks[base, tuple([cell for group in groups for cell in group.cells(piece)])][piece.who] += (
            piece.minutes
        )
        # what somebody has in all blocks of the same people is bounded by the week, too
        blocks[base, ()][piece.who] += piece.minutes
    faults = (
        faulty(block, least, min(weeks[base, who] for who in block)) for (base, _), block in blocks.items()
    )
    return next((fault for fault in faults if fault), None)


def faulty(block: Mapping[str, int], least: int, weeks: int) -> Fault | None:
    """Why the sum of this block must not be published by itself; None where it may.

    Takes    minutes by person; weeks: how many it is of, at least, for each
    """
    time = sorted((minutes for minutes in block.values() if minutes), reverse=True)
    if not time:
        return None
    if len(time) <= least:
        return "few"
    total = sum(time)
    if 2 * time[0] > total or 4 * sum(time[:2]) >= 3 * total:
        return "dominated"
    # of all who know their own, the one with the least is left with the most
    if _tells(total, len(time), least, weeks) or _tells(total - time[-1], len(time) - 1, least, weeks):
        return "full"
    return None


def _tells(total: int, people: int, least: int, weeks: int) -> bool:
    """Whether some number of people below `least` must have had about the same, whoever they are."""
    cap = CAP * weeks
    for few in range(1, least):
        low, high = max(0, total - cap * (people - few)), min(total, cap * few)
        if 9 * high <= 11 * low:
            return True
    return False


def cell(label: str, labels: Collection[str]) -> str | None:
    """Where a label is counted in a table that names these."""
    return label if label in labels else ELSE
