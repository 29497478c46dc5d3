"""Every page and every mail as a contributor meets it: on a desktop, in the dark and on a phone.

They are looked at as a designer would, so each is there whole. They are of a demonstration,
whose file is opened a second time for links of its own; no mail of these goes out.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta
from email import message_from_bytes
from email.policy import SMTP
from pathlib import Path

from config.schema import SignIn
from connectors.manners import Manners
from connectors.openid import Provider, Registration
from daybook import deeds, delegates, links
from daybook.clocks import utc_now
from daybook.daemon import listening
from daybook.house import House, Member
from daybook.mail import compose, gathered
from daybook.mail.facts import DelegateFacts, Kind, OwnFacts, ReportFacts, StopFacts
from daybook.page.shown import name
from daybook.store.unit import Unit
from daybook.wiring import open_house
from docs.browser import Browser

FORMS = {"": (900, False), "-dark": (900, True), "-phone": (390, False)}
"""By further name: width, and whether it is dark."""
PAGES: dict[str, tuple[links.Purpose | None, str]] = {
    "day": ("day", "?on={day}"),
    "week": ("day", "/week"),
    "edit": ("day", "/edit?on={day}&draft={draft}"),
    "add": ("day", "/add"),
    "split": ("day", "/cut?on={day}&draft={draft}"),
    "learnt": ("day", "/learnt"),
    "day-connections": ("day", "/connections"),
    "policy": ("day", "/policy"),
    "how-it-goes": ("day", "/rollout"),
    "review": ("day", "/rollout/review"),
    "wrong": ("day", "/wrong"),
    "answers": ("day", "/answers"),
    "confirm": ("confirm", ""),
    "less": ("less", ""),
    "connections": ("own", ""),
    "calendars": ("own", "/calendars"),
    "mine": ("own", "/mine"),
    "seen": ("own", "/seen"),
    "mails": ("own", "/mail"),
    "delegates": ("own", "/delegates"),
    "reports": ("own", "/reports"),
    "invited": ("invite", ""),
    "rollout": ("rollout", ""),
    "report": ("report", ""),
    "front": (None, "/"),
    "closed": (None, "/day/0123-closed"),
    "nowhere": (None, "/nowhere"),
}
"""By the name of its picture: whose link opens it, and what follows that."""


Written = Callable[[House, Unit, Member], bytes]


def every(chromium: Browser, file: Path) -> Iterator[tuple[str, bytes]]:
    """Each picture by its name.

    Takes    file: the configuration of a demonstration whose contributors have drafts
    """
    house = open_house(file, utc_now)
    with house.store.reading() as tx:
        who = next(one for one in house.members(tx) if one.person.email.startswith("ada@"))
        day = max(tx.drafts.pending(who.id))
        drafts = {held.draft.key: held.revision for held in tx.drafts.of(who.id, day)}
    page = house.configuration.page
    assert page is not None, "the demonstration has a page"
    for called, (purpose, rest) in PAGES.items():
        start = _link(house, who, purpose) if purpose else page.url
        address = start + rest.format(day=day, draft=name(next(iter(drafts))))
        yield from _taken(chromium, f"page-{called}", address)
    for called, address in _by_a_delegate(house, who, day):
        yield from _taken(chromium, f"page-{called}", address)
    with _signing_in(house) as url:
        yield from _taken(chromium, "page-sign-in", f"{url}/sign-in")
        yield from _taken(chromium, "page-not-signed-in", f"{url}/sign-in/back")
    deeds.confirm(house, who, day, drafts)
    yield from _taken(chromium, "page-day-confirmed", f"{_link(house, who, 'day')}?on={day}")
    for kind, written in MAILS.items():
        with house.store.writing() as tx:
            mail = written(house, tx, who)
        html = message_from_bytes(mail, policy=SMTP).get_body(("html",))
        assert html is not None, "every mail of ours has HTML"
        shown = file.with_name("mail.html")
        shown.write_text(html.get_content(), "utf-8")
        yield from _taken(chromium, f"mail-{kind}", shown.as_uri())
    house.store.close()


def _by_a_delegate(house: House, who: Member, day: date) -> Iterator[tuple[str, str]]:
    """What Ben comes to whom Ada asked to prepare her days."""
    now, today = house.clock(), who.today(house.clock())
    until = today + timedelta(days=14)
    with house.store.writing() as tx:
        ben = next(one for one in house.members(tx) if one.person.email.startswith("ben@"))
        link = links.mint(tx, house, who, "delegate", today, now, ben.id, now + timedelta(days=14))
    yield "delegate", link
    yield "prepare", f"{delegates.enter(house, who, delegates.Grant(ben, until))}?on={day}"


@contextmanager
def _signing_in(house: House) -> Iterator[str]:
    """The same pages where the organisation has accounts; nobody signs in, so no provider is asked."""
    page = house.configuration.page
    assert page is not None
    with socket.create_server(("127.0.0.1", 0)) as free:
        address = f"127.0.0.1:{free.getsockname()[1]}"
    sign_in = SignIn(
        issuer="https://accounts.northwind.example", client_id="daybook", name="Northwind Accounts"
    )
    asking = page.model_copy(
        update={
            "url": f"http://{address}",
            "listen": address,
            "sign_in": sign_in,
            "links": "sign-in-required",
        }
    )
    registration = Registration(name=sign_in.name, issuer=sign_in.issuer, client=sign_in.client_id)
    there = replace(
        house,
        configuration=house.configuration.model_copy(update={"page": asking}),
        provider=Provider(registration, house.clock, Manners()),
    )
    with listening(there):
        yield asking.url


def _taken(chromium: Browser, called: str, address: str) -> Iterator[tuple[str, bytes]]:
    for further, (width, dark) in FORMS.items():
        yield called + further, chromium.whole(address, width, dark=dark)


def _link(house: House, who: Member, purpose: links.Purpose) -> str:
    now = house.clock()
    with house.store.writing() as tx:
        return links.mint(tx, house, who, purpose, now.date(), now)


def _digest(house: House, tx: Unit, who: Member) -> bytes:
    now, day = house.clock(), who.today(house.clock())
    return compose.digest(gathered.digest(house, tx, who, day, gathered.waiting(house, tx, who, day), now))


def _reminder(house: House, tx: Unit, who: Member) -> bytes:
    now, day = house.clock(), who.today(house.clock())
    return compose.digest(gathered.reminder(house, tx, who, day, gathered.waiting(house, tx, who, day), now))


def _look_back(house: House, tx: Unit, who: Member) -> bytes:
    now, day = house.clock(), who.today(house.clock())
    monday = day + timedelta(days=7 - day.weekday())
    return compose.lookback(gathered.lookback(house, tx, who, monday, now))


def _invitation(house: House, tx: Unit, who: Member) -> bytes:
    now = house.clock()
    return compose.invitation(gathered.invitation(house, tx, who, who.today(now), now))


def _announcement(house: House, tx: Unit, who: Member) -> bytes:
    now = house.clock()
    return compose.announcement(gathered.announcement(house, tx, who, who.today(now), now))


def _own(house: House, tx: Unit, who: Member) -> bytes:
    now, day = house.clock(), who.today(house.clock())
    link = links.mint(tx, house, who, "own", day, now)
    envelope = gathered.envelope(house, who, "own", day, now, link)
    until = (now + links.OWN).astimezone(who.zone)
    return compose.own(OwnFacts(envelope=envelope, link=link, until=until))


def _delegate(house: House, tx: Unit, who: Member) -> bytes:
    now, day = house.clock(), who.today(house.clock())
    link = links.mint(tx, house, who, "delegate", day, now)
    envelope = gathered.envelope(house, who, "delegate", day, now, link)
    until = day + timedelta(days=14)
    return compose.delegate(DelegateFacts(envelope=envelope, whose="Ben Example", until=until, link=link))


def _stop(house: House, tx: Unit, who: Member) -> bytes:
    now, day = house.clock(), who.today(house.clock())
    look = links.mint(tx, house, who, "rollout", day, now)
    envelope = gathered.returning(house, tx, who, "rollout", day, now, look)
    return compose.stop(StopFacts(envelope=envelope, why="Two of ten people left.", look=look))


def _report(house: House, tx: Unit, who: Member) -> bytes:
    now, day = house.clock(), who.today(house.clock())
    look = links.mint(tx, house, who, "report", day, now)
    envelope = gathered.returning(house, tx, who, "report", day, now, look)
    titles = ("Client and billable, by week",)
    return compose.report(ReportFacts(envelope=envelope, titles=titles, manages=False, look=look))


MAILS: dict[Kind, Written] = {
    "digest": _digest,
    "reminder": _reminder,
    "lookback": _look_back,
    "invitation": _invitation,
    "announcement": _announcement,
    "own": _own,
    "delegate": _delegate,
    "rollout": _stop,
    "report": _report,
}
"""How each kind is written."""
