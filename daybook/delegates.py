"""Whom contributors let look at their days and prepare them: by their own grant, until a day (P1).

A grant is a link of theirs that a colleague holds. It ends on its day, by one button, when either of them
leaves, and when the policy no longer names delegates: at each request it is asked whether it stands.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from core.model import Verdict
from core.said import Said, worded
from daybook import links
from daybook.house import House, Member
from daybook.languages import Later
from daybook.looking import THEMSELVES, Viewer, looked
from daybook.mail import letters
from daybook.store.links import Link
from daybook.store.unit import Unit
from daybook.words import period

NO_DELEGATES = "The policy names no delegates. Nothing was granted."
NOBODY = "Nobody of that address is invited here. Nothing was granted."
YOURSELF = "Your days are yours already. Nothing was granted."
TOO_LONG = Later(
    "A grant ends within {time}, from today on. Nothing was granted; choose an earlier day, "
    "and grant it anew."
)
GRANTED = worded("They let {name} look at their days and prepare them, until {day}.")
ENDED = worded("They ended that {name} looks at their days.")
ENTERED = worded("They opened the days to look at them and prepare them, as granted until {day}.")


class Grant(NamedTuple):
    """One colleague who may look."""

    delegate: Member
    until: date
    """The last day."""


def grant(house: House, who: Member, address: str, until: date) -> Verdict:
    """Let a colleague look and prepare until a day; they get the link by mail, and an earlier grant ends.

    Whether they take part is theirs to tell: whoever does not gets no mail, and the answer is the same.
    """
    now, allowed = house.clock(), house.policy.delegates
    today = who.today(now)
    if allowed is None:
        return Verdict(allowed=False, reason=NO_DELEGATES)
    if not today <= until <= today + timedelta(days=allowed.days):
        return Verdict(allowed=False, reason=TOO_LONG.format(time=period(allowed.days)))
    with house.store.writing() as tx:
        row = tx.people.by_email(address)
        delegate = house.member(tx, row.id) if row else None
        if delegate is None:
            return Verdict(allowed=False, reason=NOBODY)
        if delegate.id == who.id:
            return Verdict(allowed=False, reason=YOURSELF)
        tx.links.end(now, who.id, delegate.id)
        ends = datetime.combine(until + timedelta(days=1), time(), who.zone)
        link = links.mint(tx, house, who, "delegate", today, now, delegate.id, ends)
        said = Said(GRANTED, name=delegate.person.name, day=until)
        looked(tx, THEMSELVES, who.id, "draft", "unconfirmed", now, said)
    verdict = letters.send_delegate(house, delegate, who, until, link)
    if not verdict:
        end(house, who, delegate.id)
    return verdict


def end(house: House, who: Member, delegate: str) -> None:
    """They may no longer look, from the next request on."""
    now = house.clock()
    with house.store.writing() as tx:
        for one in standing(house, tx, who):
            if one.delegate.id == delegate:
                said = Said(ENDED, name=one.delegate.person.name)
                looked(tx, THEMSELVES, who.id, "draft", "unconfirmed", now, said)
        tx.links.end(now, who.id, delegate)


def standing(house: House, tx: Unit, who: Member) -> list[Grant]:
    """Whom somebody lets look, and until when; a policy that grows shorter shortens all."""
    allowed, now = house.policy.delegates, house.clock()
    if allowed is None:
        return []
    found = []
    for link in tx.links.held(who.id, now):
        delegate = house.member(tx, link.delegate or "")
        if link.purpose != "delegate" or link.day is None or delegate is None:
            continue
        last = (link.expires_at - timedelta(seconds=1)).astimezone(who.zone).date()
        until = min(last, link.day + timedelta(days=allowed.days))
        if who.today(now) <= until:
            found.append(Grant(delegate, until))
    return found


def holder(house: House, tx: Unit, who: Member, link: Link) -> Grant | None:
    """By which grant a link that somebody else holds opens, if that stands and both take part."""
    found = next((one for one in standing(house, tx, who) if one.delegate.id == link.delegate), None)
    return found if found and house.agreed(who) and house.agreed(found.delegate) else None


def enter(house: House, who: Member, by: Grant) -> str:
    """Open the days of this week to a delegate for an hour, once their contributor's log has the line."""
    now = house.clock()
    with house.store.writing() as tx:
        viewer = Viewer("delegate", by.delegate.person.name)
        said = Said(ENTERED, day=by.until)
        looked(tx, viewer, who.id, "draft", "unconfirmed", now, said)
        return links.mint(tx, house, who, "prepare", who.today(now), now, by.delegate.id)
