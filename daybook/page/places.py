"""Where entries can go, and who can read them there: said before anybody confirms (P-04)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from core.model import Verdict
from daybook.house import House, Member
from daybook.languages import _
from daybook.page import words
from daybook.store.consents import Consent
from daybook.store.unit import Unit
from daybook.tools import called


@dataclass(frozen=True)
class Place:
    """A connection that entries are posted to, as one contributor stands to it."""

    name: str
    """Of the connection."""
    called: str
    """As people call it."""
    posts: bool
    """False where connecting it lets Daybook read, and nothing is ever written."""
    readers: str
    account: str | None
    """As whom they are known there; None while they have not connected it."""
    refused: str | None
    """Why the tool turned their credential down."""
    since: date | None
    """When they connected it."""
    ends: date | None
    """The day it ends, where that is known."""
    lends: bool
    """Connected by a button, at the tool."""
    sweeping: str
    """Where the tool asks them for more than Daybook needs: what Daybook makes of it."""
    pastes: bool
    """Connected with a token of their own."""
    problem: str
    """Why the last try to connect came to nothing."""
    token: str
    """Where to get one."""

    @property
    def connected(self) -> bool:
        return self.account is not None and self.refused is None


Places = dict[str, Place]


def places(house: House, tx: Unit, who: Member) -> Places:
    """Those that entries can go to."""
    return {name: place for name, place in _places(house, tx, who, {}) if place.posts}


def connections(house: House, tx: Unit, who: Member) -> Places:
    """All that they can connect: to be posted to in their name, or to be read as they allow."""
    return dict(_places(house, tx, who, tx.consents.problems(who.id)))


def _places(
    house: House, tx: Unit, who: Member, problems: Mapping[str, Consent]
) -> Iterator[tuple[str, Place]]:
    grants = {grant.connection: grant for grant in tx.grants.of(who.id)}
    for name, connector in house.connectors.items():
        if connector.abilities.posts or connector.abilities.lent:
            grant = grants.get(name)
            place = Place(
                name=name,
                called=called(house, name),
                posts=connector.abilities.posts,
                readers=_(connector.abilities.readers),
                account=(grant.shown or grant.external) if grant else None,
                refused=grant.refused if grant else None,
                since=grant.saved_at.astimezone(who.zone).date() if grant else None,
                ends=grant.last_day(who.zone) if grant else None,
                lends=name in house.authorities,
                sweeping=_(house.authorities[name].authorization.sweeping)
                if name in house.authorities
                else "",
                pastes=connector.abilities.own_tokens,
                problem=problems[name].problem if name in problems and not problems[name].drafts else "",
                token=_(connector.abilities.how_to_join or words.ANY_TOKEN),
            )
            yield name, place


@dataclass(frozen=True)
class Destination:
    """Where one draft goes once it is confirmed."""

    where: str
    """In a word or two: Jira, WEB-12."""
    readers: str
    waits: bool = False
    """It goes nowhere before its contributor connects their account there."""
    known: bool = True
    leaves: bool = False
    """Out of Daybook, to where others can read it."""


def destination(target: str | None, places: Places, missing: Verdict) -> Destination:
    """Where this target is, in words.

    Takes    missing: what to say while there is none
    """
    if target is None:
        return Destination(where="", readers=_(missing.reason), known=False)
    if target == "none":
        return Destination(where=words.KEPT_HERE, readers=words.NOBODY_ELSE)
    connection, task = (*target.split(":", 1), "")[:2]
    place = places.get(connection)
    if place is None:
        return Destination(where=f"{connection}, {task}", readers=words.NOT_POSTED_THERE, known=False)
    where = (
        place.called if task.isdecimal() else f"{place.called}, {task}"
    )  # a number says nothing to a person
    return Destination(where, words.readers(place.readers), waits=not place.connected, leaves=True)
