"""A year of a company of four teams: who was where in which week, and what they confirmed."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date, timedelta
from typing import NamedTuple

from core.figures import Piece
from core.periods import week

TEAMS = ("design", "build", "care", "growth")
ROLES = ("client_billed", "salaried")
PROJECTS = {
    "ACME website": ("ACME", "delivery", "billable"),
    "ACME shop": ("ACME", "delivery", "billable"),
    "Beta app": ("Beta", "delivery", "billable"),
    "Gamma care": ("Gamma", "support", "billable"),
    "Internal": ("none", "internal", "not billable"),
    "Sales": ("none", "sales", "not billable"),
}
FIRST = date(2026, 1, 5)
WEEKS = tuple(week(FIRST + timedelta(days=7 * number)) for number in range(52))


class Place(NamedTuple):
    team: str
    role: str


class Year(NamedTuple):
    places: dict[str, dict[str, Place]]
    """By week, where everybody stood."""
    pieces: tuple[Piece, ...]

    def groups(self, week: str, by: str, roles: tuple[str, ...]) -> dict[str, frozenset[str]]:
        found: dict[str, set[str]] = {}
        for who, place in self.places[week].items():
            if not roles or place.role in roles:
                found.setdefault(getattr(place, by), set()).add(who)
        return {name: frozenset(who) for name, who in found.items()}


def a_year(seed: int, in_a_team: int) -> Year:
    """Every few weeks somebody joins, leaves or moves; nearly everybody has their habits."""
    chance = random.Random(seed)
    standing = {
        f"p{team}-{role}-{number}": Place(TEAMS[team], ROLES[role])
        for team in range(4)
        for role in range(2)
        for number in range(in_a_team)
    }
    habits = {who: _habits(chance) for who in standing}
    places, pieces = {}, []
    for number, name in enumerate(WEEKS):
        if number % 3 == 1:
            _changed(chance, standing, habits, number)
        places[name] = dict(standing)
        for who in standing:
            pieces += _worked(chance, who, name, habits[who])
    return Year(places, tuple(pieces))


def _changed(
    chance: random.Random, standing: dict[str, Place], habits: dict[str, list[str]], number: int
) -> None:
    who = chance.choice(sorted(standing))
    match chance.choice(("moves", "moves", "leaves", "joins")):
        case "moves":
            standing[who] = standing[who]._replace(team=chance.choice(TEAMS))
        case "leaves":
            del standing[who]
        case _:
            standing[f"new-{number}"] = Place(chance.choice(TEAMS), chance.choice(ROLES))
            habits[f"new-{number}"] = _habits(chance)


def _habits(chance: random.Random) -> list[str]:
    return chance.sample(sorted(PROJECTS), chance.choice((3, 4, 5)))


def _worked(chance: random.Random, who: str, name: str, habits: list[str]) -> Iterator[Piece]:
    if chance.random() < 0.06:
        return  # on holiday
    for project in habits:
        client, category, billable = PROJECTS[project]
        for kind in (("in meetings", "in shorter pieces"), ("outside meetings", "focus time")):
            minutes = chance.randrange(60, 420, 5)
            yield Piece(who, name, (project, client, category, billable, *kind), minutes)
