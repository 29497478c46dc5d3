"""What comes back: a yes to a digest, words for their contributor, and mail that could not be delivered.

A sender is easily forged, and what a mail says of itself too. What a yes needs is the address it came to,
which stood in that one digest and nowhere else, and the sender that its contributor has here. A mail is
taken by what it came to; what came to no such address is left in the mailbox. Nobody is ever answered, so
two machines cannot write to each other for ever.
"""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import Literal

import structlog
from sqlalchemy.exc import DatabaseError

from config.schema import Mailbox
from core import reply
from daybook import deeds, links, pulse
from daybook.house import House, Member
from daybook.mail import incoming, mailbox
from daybook.mail.incoming import Incoming
from daybook.store.links import Link
from daybook.store.replies import Reply, Why

log = structlog.get_logger()

MOST = 200
"""Mails read at one time; the next look goes on."""
REFUSED = "What we sent came back: its address takes no mail."

Came = Literal["confirmed", "kept", "refused", "ignored", "not_ours", "unread"]
"""What became of a mail:

confirmed  it was a yes, and the link in its address is used up
kept       its contributor reads it on their page, and what to do
refused    it reports that a mail of ours came back
ignored    it came to an address of ours, and there is nothing to do about it
not_ours   it came to no address that we gave out, and is left where it is
unread     what is in it stopped us, and it is left where it is
"""


def look(house: House) -> None:
    """Read what is new in our mailbox, and take out of it what was for us."""
    mail = house.configuration.mail
    if mail is None or mail.mailbox is None:
        return
    settings, now = mail.mailbox, house.clock()
    where = settings.place
    with house.store.reading() as tx:
        mark = tx.mailbox.mark(where)
    came: Counter[Came] = Counter()
    try:
        with mailbox.opened(settings) as box:
            known = mark is not None and mark.validity == box.validity
            last = mark.last if mark and known else 0
            for number in box.after(last)[:MOST]:
                if house.stopping.is_set():
                    break
                came[_taken(house, settings, box, number)] += 1
                last = number
            with house.store.writing() as tx:
                tx.mailbox.reached(where, box.validity, last, now)
    except mailbox.Away as away:
        with house.store.writing() as tx:
            first = tx.mailbox.away(where, str(away), now)
        if first:
            log.warning("mailbox.away", reason=str(away))
        return
    if mark is not None and mark.away_since is not None:
        log.info("mailbox.back", since=mark.away_since.isoformat())
    if came:
        log.info("mailbox.read", pulled=came.total(), kind=dict(came))


def _taken(house: House, settings: Mailbox, box: mailbox.Box, number: int) -> Came:
    """Killed between the two it is taken again, and comes to the same."""
    raw = box.beginning(number)
    if raw is None:
        return "ignored"
    came = _read(house, settings, raw)
    if came not in ("not_ours", "unread"):
        box.remove(number)
    return came


def _read(house: House, settings: Mailbox, raw: bytes) -> Came:
    """One that stops us costs nobody else their answer, whatever a stranger put into it."""
    try:
        return take(house, settings, incoming.read(raw))
    except DatabaseError:
        raise  # that is not the mail's doing: it is looked at again
    except Exception:
        log.exception("mailbox.unread")
        return "unread"


def take(house: House, settings: Mailbox, mail: Incoming) -> Came:
    """Do what one mail says."""
    now = house.clock()
    tokens = {token for address in mail.to if (token := links.in_address(settings.address, address))}
    if len(tokens) != 1:
        return "not_ours"
    (token,) = tokens
    with house.store.reading() as tx:
        link = tx.links.ever(token)
        who = house.member(tx, link.contributor) if link else None
        is_ours = tx.links.is_made_here(token)
    if not is_ours:
        return "not_ours"
    if link is None or who is None or link.day is None:
        return "ignored"
    if link.purpose == "bounce":
        return _came_back(house, link, mail, now)
    if link.purpose != "answer" or mail.by_machine:
        return "ignored"
    return _answered(house, who, link, mail, now)


def _answered(house: House, who: Member, link: Link, mail: Incoming, now: datetime) -> Came:
    said = reply.said(mail.text, who.person.name)
    if mail.sender != who.person.email.lower() or mail.doubted or house.sign_in_required:
        return _kept(house, who, mail, "elsewhere", said.words or mail.text.strip()[: reply.LONGEST])
    if not said.yes:
        return _kept(house, who, mail, "words", said.words)
    if link.used_at is not None:
        return _beside(house, who, mail, said.words)
    if link.expires_at <= now:
        return _kept(house, who, mail, "old", said.words)
    return _confirmed(house, who, link, mail, said.words)


def _confirmed(house: House, who: Member, link: Link, mail: Incoming, beside: str) -> Came:
    """Say yes to what the mail showed, as it showed it; what changed since is left for them to look at."""
    assert link.day is not None
    with house.store.reading() as tx:
        shown = tx.replies.offered(who.id, link.day)
        held = {key: tx.drafts.get(who.id, key) for key in shown}
    waiting = {key: one for key, one in held.items() if one and one.draft.decision in ("open", "edited")}
    outcome = deeds.confirm(house, who, link.day, {key: shown[key] for key in waiting}, link=link)
    if outcome.used:
        return _beside(house, who, mail, beside)
    days = {one.draft.suggestion.day for key, one in waiting.items() if key in outcome.done}
    pulse.spoke(house, who, days, None, on_page=False)
    if outcome.left:
        _kept(house, who, mail, "left", beside, len(outcome.left))
    elif beside:
        _kept(house, who, mail, "beside", beside)
    return "confirmed"


def _beside(house: House, who: Member, mail: Incoming, words: str) -> Came:
    """A yes that came twice: the first one counted, and what stands under this one still does."""
    return _kept(house, who, mail, "beside", words) if words else "ignored"


def _kept(house: House, who: Member, mail: Incoming, why: Why, words: str, left: int = 0) -> Came:
    one = Reply(at=house.clock(), why=why, words=words, left=left)
    with house.store.writing() as tx:
        tx.replies.keep(who.id, mail.name, one)
    return "kept"


def _came_back(house: House, link: Link, mail: Incoming, now: datetime) -> Came:
    """A report that an address takes no mail counts like its refusal when we sent it (E-08)."""
    if not mail.refused or link.expires_at <= now or link.day is None:
        return "ignored"
    with house.store.writing() as tx:
        first = tx.mails.came_back(link.contributor, link.day, REFUSED, now)
    if first:
        log.warning("mail.refused", contributor=link.contributor, reason=REFUSED)
    return "refused"
