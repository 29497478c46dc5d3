"""Companies that are not there: who was where in which week, and what they confirmed."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import product
from typing import NamedTuple

from core.figures import Piece
from core.periods import week, weeks_of

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
KINDS = (("in meetings", "in shorter pieces"), ("outside meetings", "focus time"))
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


def a_month(seed: int) -> Year:
    """A company of any shape: a team may be nearly all of a role, or have a few of it."""
    chance = random.Random(seed)
    teams, roles = TEAMS[: chance.randint(2, 4)], ROLES[: chance.randint(1, 2)]
    standing = {
        f"p{number}": Place(chance.choice(teams), min(chance.choice(roles), chance.choice(roles)))
        for number in range(chance.randint(14, 40))
    }
    if chance.random() < 0.5:
        standing = {
            who: place if place.team == teams[0] else place._replace(role=roles[0])
            for who, place in standing.items()
        }
    habits = {who: sorted(PROJECTS)[:3] for who in standing}
    places, pieces = {}, []
    for number, name in enumerate(weeks_of("2026-03")):
        if chance.random() < 0.5:
            _changed(chance, standing, habits, number)
        places[name] = dict(standing)
        for who in standing:
            pieces += _worked_as_ever(chance, who, name, habits[who])
    return Year(places, tuple(pieces))


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
    for project, kind in product(habits, KINDS):
        yield _piece(who, name, project, kind, chance.randrange(60, 420, 5))


def _worked_as_ever(chance: random.Random, who: str, name: str, habits: list[str]) -> Iterator[Piece]:
    """About the same each week, and now and then the half."""
    week = chance.choice((0.5, 1, 1, 1, 1, 1))
    for project, kind in product(habits, KINDS):
        usual = random.Random(f"{who} {project} {kind}").randrange(60, 420, 5)
        yield _piece(who, name, project, kind, int(usual * week * chance.uniform(0.93, 1.07)))


def _piece(who: str, name: str, project: str, kind: tuple[str, str], minutes: int) -> Piece:
    client, category, billable = PROJECTS[project]
    return Piece(who, name, (project, client, category, billable, *kind), minutes)
