"""What the signed links in our mails open, and how their addresses are written.

A link opens one purpose, for one person, for a while, and no other page takes
its token. Looking at one never changes anything: scanners look before people
do (S-01).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Literal, get_args

from core.visibility import Role
from daybook.house import House, Member
from daybook.store.links import Link
from daybook.store.sessions import Session
from daybook.store.unit import Unit

Purpose = Literal[
    "day", "confirm", "less", "invite", "own", "report", "rollout", "delegate", "prepare", "answer", "bounce"
]
"""day      shows and edits the days it opens, any number of times until it expires
confirm  opens a page with one button that says yes to what waits in these days; used up by that yes
less     ends the daily mail, without a login, and shows nothing
invite   shows the policy, takes the acknowledgement, connects accounts
own      the same later on, with all else that is theirs and of no day; alone in a mail that they asked for
report   shows the reports about groups that they are in, or get because they manage
rollout  shows how the rollout goes, and takes what they say looks wrong
delegate says to a colleague whose days they were granted, and has a button that opens these
prepare  opened by it: shows and edits these days for an hour, and never confirms
answer   no page but a mail address: a yes that comes there confirms what its digest showed, once
bounce   the address to which mail comes back that could not be delivered; shows and confirms nothing

So a mail that is forwarded opens no more than it says (S-03).
"""
PURPOSES: tuple[Purpose, ...] = get_args(Purpose)

GRANTED: tuple[Purpose, ...] = ("delegate", "prepare")
"""Held by somebody else than whom they are about, as that one granted."""
SIGNED_IN: tuple[Purpose, ...] = ("day", "own", "report", "rollout")
"""Open without any link to whoever signed in, under the name `me`."""
ME = "me"
HOLDERS: dict[Purpose, Role] = {one: "delegate" if one in GRANTED else "owner" for one in PURPOSES}
"""As whom the holder of a link comes, by its purpose; a page opens as far as that role goes."""

WEEK = timedelta(days=7)
INVITATION = timedelta(days=30)
"""People may come back from a holiday and still find their invitation open."""
LESS = timedelta(days=30)
"""An old mail still ends the next ones, as the button above it promises (RFC 8058)."""
OWN = timedelta(hours=1)
"""Asked for a moment ago, and asked for again in a moment."""
SESSION = timedelta(hours=12)
"""What a browser is let in for, from its first minute on: a working day, and no longer for being used."""
BOUNCE = timedelta(days=10)
"""Mail servers try for five days before they give up."""


def opened(day: date) -> tuple[date, date]:
    """The first and last day that a `day` or `confirm` link of this day opens: a week that ends with it."""
    return day - WEEK + timedelta(days=1), day


def address(base_url: str, purpose: Purpose, token: str) -> str:
    return f"{base_url}/{purpose}/{token}"


def mint(
    tx: Unit,
    house: House,
    member: Member,
    purpose: Purpose,
    day: date,
    now: datetime,
    delegate: str | None = None,
    until: datetime | None = None,
) -> str:
    """The address for this purpose and day; while its link can be used, it is the same each time.

    Takes    delegate: who holds it, where that is somebody else; until: where it does not last as usual
    """
    page = house.configuration.page
    assert page is not None, "wiring refuses to run without a page"
    return address(page.url, purpose, _token(tx, house, member, purpose, day, now, delegate, until))


def mint_each(
    tx: Unit, house: House, member: Member, days: Mapping[Purpose, date], now: datetime
) -> dict[str, str]:
    """What `mint` gives for each of these purposes and its day."""
    page = house.configuration.page
    assert page is not None, "wiring refuses to run without a page"
    wanted: dict[str, tuple[date, datetime]] = {
        purpose: (day, now + _lasts(house, purpose)) for purpose, day in days.items()
    }
    tokens = tx.links.mint_each(member.id, wanted, now)
    return {purpose: address(page.url, purpose, tokens[purpose]) for purpose in days}


def mailed(
    tx: Unit, house: House, member: Member, purpose: Literal["answer", "bounce"], day: date, now: datetime
) -> str | None:
    """The same as an address to write to; None where no mailbox of ours is configured."""
    mail = house.configuration.mail
    if mail is None or mail.mailbox is None:
        return None
    name, _, domain = mail.mailbox.address.rpartition("@")
    return f"{name}+{_token(tx, house, member, purpose, day, now)}@{domain}"


def in_address(mailbox: str, address: str) -> str | None:
    """The token in an address that `mailed` made; None for any other."""
    name, _, domain = mailbox.rpartition("@")
    before, after = f"{name}+", f"@{domain}"
    if not (address.startswith(before) and address.endswith(after)):
        return None
    return address[len(before) : -len(after)]


def _token(
    tx: Unit,
    house: House,
    member: Member,
    purpose: Purpose,
    day: date,
    now: datetime,
    delegate: str | None = None,
    until: datetime | None = None,
) -> str:
    return tx.links.mint(member.id, purpose, day, now, until or now + _lasts(house, purpose), delegate)


def _lasts(house: House, purpose: Purpose) -> timedelta:
    page = house.configuration.page
    days = timedelta(days=page.link_days if page else WEEK.days)
    usual = {"invite": INVITATION, "less": LESS, "own": OWN, "prepare": OWN, "bounce": BOUNCE}
    return usual.get(purpose, days)


def behind(tx: Unit, purpose: Purpose, token: str, now: datetime) -> Link | None:
    """What a token opens, if it was made for this purpose. Unknown, expired and misplaced look alike."""
    return fitting(tx.links.find(token, now), purpose)


def fitting(link: Link | None, purpose: Purpose) -> Link | None:
    """The same link, if it was made for this purpose."""
    fits = link and link.purpose == purpose and (link.delegate is not None) == (purpose in GRANTED)
    return link if fits else None


def signed_in(house: House, tx: Unit, session: Session, purpose: Purpose) -> Link | None:
    """What somebody who signed in opens, as if by a link: all that is theirs, and their last week."""
    who = house.member(tx, session.contributor) if purpose in SIGNED_IN else None
    if who is None:
        return None
    yesterday = who.today(house.clock()) - timedelta(days=1)
    return Link(contributor=who.id, purpose=purpose, day=yesterday, expires_at=session.expires_at)
