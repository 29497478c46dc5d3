"""What a file asks for and must wait for its day: by name and line, and how many people know of it."""

from __future__ import annotations

from typing import NamedTuple

from config.load import Loaded
from core.loosening import Difference, loosened
from core.model import Noun
from core.notice import Standing
from daybook.store.unit import Unit
from daybook.words import full_date


class Wait(Noun):
    """One thing that the file allows and the policy in force does not."""

    what: str
    place: str
    """file:line:column"""
    sentence: str


class Told(NamedTuple):
    """How many know of a version, of how many who agreed to an earlier one."""

    told: int
    agreed: int


def waits(standing: Standing, loaded: Loaded) -> tuple[Wait, ...]:
    """What is looser in the file, each at its place there."""
    if standing.coming is None:
        return ()
    day = full_date(standing.coming.since)
    found = loosened(standing.in_force.policy, standing.coming.policy)
    return tuple(_wait(one, day, loaded) for one in found)


def _wait(one: Difference, day: str, loaded: Loaded) -> Wait:
    place = loaded.problem(("policy", *one.path), one.sentence).place
    stays = f"stays at {one.before}" if one.before and one.after else "stays as it is"
    sentence = f"{one.sentence} It waits until {day}; before, it {stays}."
    return Wait(what=one.what, place=f"{place.file}:{place.line}:{place.column}", sentence=sentence)


def told(tx: Unit, standing: Standing) -> Told:
    """Who was mailed what is new, or agreed to it, of those who agreed to something."""
    news = (standing.coming or standing.in_force).version
    agreed = [row for row in tx.people.all() if row.agreed and row.left_at is None]
    return Told(sum(row.invited == news or news in row.agreed for row in agreed), len(agreed))


def says(standing: Standing, told: Told) -> str:
    """Which policy holds, and which comes when."""
    held, coming = standing.in_force, standing.coming
    known = f"{told.told} of {told.agreed} people who acknowledged a version were told"
    said = f"Version {held.version} holds since {full_date(held.since)}"
    if coming is None:
        return f"{said}."
    return (
        f"{said}. Version {coming.version} allows more and holds from {full_date(coming.since)}; "
        f"until then the stricter of both does. {known}."
    )
