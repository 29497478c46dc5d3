"""Which mail goes to whom: facts from the store, a claim on the disk, the mail server, and its answer.

The claim is committed before the server is spoken to, so a daemon that dies
knows afterwards which mails may be out; those are sent once more under the
same Message-ID, and a mailbox folds the two (E-05). A mail goes to its
contributor and holds nothing of anybody else (P1).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from email.message import EmailMessage
from typing import Literal
from urllib.parse import urlsplit

import structlog

from core.day import Sheet
from core.model import Verdict
from core.visibility import may_see
from daybook import links, policies, remarks, reporting
from daybook.errors import No
from daybook.gaps import gaps
from daybook.house import House, Member
from daybook.mail import compose
from daybook.mail.facts import (
    AnnouncementFacts,
    DelegateFacts,
    DigestFacts,
    Ending,
    Envelope,
    InvitationFacts,
    OwnFacts,
    ReportFacts,
    StopFacts,
    Target,
    WaitingDay,
    waiting_day,
)
from daybook.mail.send import NotTaken, send
from daybook.report_words import title
from daybook.store.grants import Grant
from daybook.store.mails import Mail
from daybook.store.unit import Unit
from daybook.tools import called, tools
from daybook.words import unseen

log = structlog.get_logger()

Kind = Literal["digest", "invitation", "own", "announcement", "rollout", "report", "delegate"]

NO_MAIL = "Daybook sends no mail here, so it cannot send that link. Ask {}."
GRANTED = "If they take part, it is in their mailbox, or on its way there."
NOT_SENT = "{} Nothing was sent. Try again in a few minutes."
STOPPED = timedelta(days=7)
"""An address that refused our mail is left in peace for so long (E-08)."""


def send_digest(house: House, contributor: str, day: date) -> None:
    """Mail one contributor what waits for them; `day` is the local day it is sent on."""
    now = house.clock()
    with house.store.writing() as tx:
        member = house.member(tx, contributor)
        if member is None or not house.mails(member):
            return
        waiting = _waiting(house, tx, member, day)
        if not waiting or not _claimed(house, tx, member, "digest", day, now):
            return
        news = [grant for grant in tx.grants.of(member.id) if not grant.told]
        answered = remarks.news(tx, member)
        facts = _digest_facts(house, tx, member, day, waiting, news, len(answered), now)
    if _post(house, facts.envelope, compose.digest(facts)):
        with house.store.writing() as tx:
            tx.remarks.told(answered)
            for grant in news:
                tx.grants.told(grant)


def send_invitation(house: House, contributor: str) -> None:
    """Mail the policy in force to somebody who was not sent it yet."""
    now = house.clock()
    with house.store.writing() as tx:
        member = house.member(tx, contributor)
        if member is None or not to_be_invited(house, member) or tx.rollout.stopped():
            return  # nobody is, while the rollout is stopped
        last = tx.mails.last(contributor, "invitation")
        # an invitation that is not out yet stays the same mail past midnight
        day = last.day if last and last.state in ("failed", "unsure", "sending") else member.today(now)
        if not _claimed(house, tx, member, "invitation", day, now):
            return
        facts = _invitation_facts(house, tx, member, day, now)
    if _post(house, facts.envelope, compose.invitation(facts)):
        with house.store.writing() as tx:
            tx.people.invited(contributor, house.policy_version, house.clock())


def send_announcement(house: House, contributor: str) -> None:
    """Tell somebody who agreed to the policy what is another about it, or soon will be."""
    now = house.clock()
    with house.store.writing() as tx:
        member = house.member(tx, contributor)
        if member is None or not to_be_told(house, member) or tx.rollout.stopped():
            return
        day = member.today(now)
        if not _claimed(house, tx, member, "announcement", day, now):
            return
        facts = _announcement_facts(house, tx, member, day, now)
    if _post(house, facts.envelope, compose.announcement(facts)):
        with house.store.writing() as tx:
            if facts.besides_day:
                tx.people.role_told(contributor, facts.role, facts.besides_day)
            tx.people.invited(contributor, facts.coming or house.policy_version, house.clock())


def send_report(house: House, contributor: str, day: date) -> None:
    """Mail somebody where the reports of a day are: those who are in them, and those who manage."""
    now = house.clock()
    with house.store.writing() as tx:
        member = house.member(tx, contributor)
        if member is None or not reporting.hears(tx, member, tx.reports.included_on(day)):
            return
        name = compose.message_id("report", day, member.id, _host(house))
        if not tx.mails.claim(member.id, day, "report", name, now):
            return
        look = links.mint(tx, house, member, "report", day, now)
        facts = ReportFacts(
            envelope=_envelope(house, member, "report", day, now, look),
            titles=tuple(title(one.pattern) for one in reporting.readable(tx, member, day)),
            manages=bool(member.person.manages),
            look=look,
        )
    _post(house, facts.envelope, compose.report(facts))


def send_stop(house: House, contributor: str) -> None:
    """Tell somebody that the rollout stopped, and why."""
    now = house.clock()
    with house.store.writing() as tx:
        member, stopped = house.member(tx, contributor), tx.rollout.stopped()
        if member is None or stopped is None or not house.agreed(member):
            return
        day = stopped.at.astimezone(member.zone).date()
        if not _claimed(house, tx, member, "rollout", day, now):
            return
        link = links.mint(tx, house, member, "rollout", day, now)
        facts = StopFacts(
            envelope=_envelope(house, member, "rollout", day, now, link),
            why=stopped.said,
            look=link,
        )
    _post(house, facts.envelope, compose.stop(facts))


def send_own(house: House, who: Member) -> Verdict:
    """Mail somebody the link to what is theirs, at once, because they asked; once while it can be used."""
    now, mail = house.clock(), house.configuration.mail
    if mail is None:
        return Verdict(allowed=False, reason=NO_MAIL.format(house.policy.contact))
    day = who.today(now)
    with house.store.writing() as tx:
        if tx.links.stands(who.id, "own", day, now):
            return Verdict(allowed=True, reason="own_sent")
        link = links.mint(tx, house, who, "own", day, now)
    envelope, until = _envelope(house, who, "own", day, now, link), (now + links.OWN).astimezone(who.zone)
    try:
        send(mail, compose.own(OwnFacts(envelope=envelope, link=link, until=until)))
    except NotTaken as error:
        with house.store.writing() as tx:
            tx.links.use(link.rpartition("/")[2], now)  # the next one is another
        return Verdict(allowed=False, reason=NOT_SENT.format(error.reason))
    return Verdict(allowed=True, reason="own_sent")


def send_delegate(house: House, delegate: Member, who: Member, until: date, link: str) -> Verdict:
    """Mail a colleague who takes part the link to somebody's days, at once, because that one granted it."""
    now, mail = house.clock(), house.configuration.mail
    if mail is None:
        return Verdict(allowed=False, reason=NO_MAIL.format(house.policy.contact))
    if not house.agreed(delegate):
        return Verdict(allowed=True, reason=GRANTED)
    day = delegate.today(now)
    with house.store.writing() as tx:
        theirs = links.mint(tx, house, delegate, "rollout", day, now)
    envelope = _envelope(house, delegate, "delegate", day, now, theirs)
    try:
        send(
            mail,
            compose.delegate(DelegateFacts(envelope=envelope, whose=who.person.name, until=until, link=link)),
        )
    except NotTaken as error:
        return Verdict(allowed=False, reason=NOT_SENT.format(error.reason))
    return Verdict(allowed=True, reason=GRANTED)


def rests(mail: Mail | None, now: datetime) -> bool:
    """Is this mail not to be tried now, nor another in its place: its server said later, or never?"""
    match mail:
        case Mail(state="failed", not_before=datetime() as not_before):
            return now < not_before
        case Mail(state="given_up"):
            return now < mail.claimed_at + STOPPED
    return False


# --- may they be written to --------------------------------------------------------------------------------


def to_be_invited(house: House, member: Member) -> bool:
    """They were not told of this policy yet, and agreed to none that allows as much."""
    row = member.contributor
    return row.left_at is None and not house.agreed(member) and row.invited != house.policy_version


def to_be_told(house: House, member: Member) -> bool:
    """They agreed to the policy, and were not told what is another about it."""
    row, news = member.contributor, policies.news(house)
    if not house.agreed(member):
        return False
    if row.role_coming is not None and row.role_since is None:
        return True
    if row.invited == news:
        return False
    if policies.is_taken_back(house, row.invited):
        return True
    return news not in row.agreed and policies.change(house, row.acknowledged).is_one


def _claimed(house: House, tx: Unit, member: Member, kind: Kind, day: date, now: datetime) -> bool:
    """Take this mail; not where its last one rests, nor where another thread or daemon has it."""
    if rests(tx.mails.last(member.id, kind), now):
        return False
    return tx.mails.claim(member.id, day, kind, compose.message_id(kind, day, member.id, _host(house)), now)


# --- what they say -----------------------------------------------------------------------------------------


def _waiting(house: House, tx: Unit, member: Member, day: date) -> dict[date, int]:
    """Finished days with drafts that wait, and how many; a closed day waits for nothing."""
    pending = tx.drafts.pending(member.id)
    return {when: count for when, count in pending.items() if when < day and house.may_change(member, when)}


def _digest_facts(
    house: House,
    tx: Unit,
    member: Member,
    day: date,
    waiting: dict[date, int],
    news: Sequence[Grant],
    answered: int,
    now: datetime,
) -> DigestFacts:
    first, last = links.opened(max(waiting))
    days = tuple(_day(house, tx, member, when) for when in sorted(waiting) if when >= first)
    unconnected = _unconnected(house, tx, member, days)
    unread = tuple(
        called(house, grant.connection)
        for grant in news
        if grant.refused and grant.connection in house.connectors
        if not house.connectors[grant.connection].abilities.posts
    )
    ending = tuple(
        Ending(tool=called(house, grant.connection), day=grant.last_day(member.zone))
        for grant in news
        if grant.warned and not grant.refused and grant.connection in house.connectors
    )
    look = links.mint(tx, house, member, "day", last, now)
    return DigestFacts(
        envelope=_envelope(
            house, member, "digest", day, now, look, less=links.mint(tx, house, member, "less", day, now)
        ),
        days=days,
        older=sum(count for when, count in waiting.items() if when < first),
        look=look,
        confirm=links.mint(tx, house, member, "confirm", last, now),
        unconnected=unconnected,
        unread=unread,
        ending=ending,
        connect=f"{look}/connections" if unconnected or unread or ending else None,
        unseen=_unseen(house, tx, member, last, now),
        answered=answered,
        answers=f"{look}/rollout" if answered else None,
    )


def _unseen(house: House, tx: Unit, member: Member, day: date, now: datetime) -> tuple[str, ...]:
    contact = house.policy.contact
    return tuple(unseen(gap, member.zone, now, contact) for gap in gaps(house, tx, member, day))


def _day(house: House, tx: Unit, member: Member, day: date) -> WaitingDay:
    drafts = [held.draft for held in tx.drafts.of(member.id, day)]
    sheet = tx.days.sheet(member.id, day)
    return waiting_day(
        day,
        tuple(draft for draft in drafts if draft.decision in ("open", "edited")),
        Sheet.model_validate_json(sheet) if sheet else None,
        member.zone,
        house.configuration.projects,
        {name: called(house, name) for name in house.connectors},
    )


def _unconnected(house: House, tx: Unit, member: Member, days: tuple[WaitingDay, ...]) -> tuple[str, ...]:
    """Tools without a working account of theirs: never connected while something goes there, or stopped.

    That one was stopped is said once (R-08).
    """
    meant = {line.target.tool for day in days for line in day.lines if isinstance(line.target, Target)}
    grants = {grant.connection: grant for grant in tx.grants.of(member.id)}
    return tuple(
        called(house, name)
        for name, connector in house.connectors.items()
        if connector.abilities.posts
        if (
            grants[name].refused and not grants[name].told
            if name in grants
            else called(house, name) in meant or _waits_for_account(tx, member, name)
        )
    )


def _waits_for_account(tx: Unit, member: Member, connection: str) -> bool:
    return any(filed.posting.whose == "account" for filed in tx.postings.refused(member.id, connection))


def _invitation_facts(house: House, tx: Unit, member: Member, day: date, now: datetime) -> InvitationFacts:
    agree = links.mint(tx, house, member, "invite", day, now)
    return InvitationFacts(
        envelope=_envelope(house, member, "invitation", day, now, agree),
        policy=house.policy,
        tools=tools(house),
        no_pilot=house.no_pilot,
        again=member.contributor.acknowledged is not None,
        agree=agree,
    )


def _announcement_facts(
    house: House, tx: Unit, member: Member, day: date, now: datetime
) -> AnnouncementFacts:
    agreed_to = member.contributor.acknowledged or ""
    change, waiting = policies.change(house, agreed_to), policies.waiting(house, tx, member)
    read = links.mint(tx, house, member, "invite", day, now)
    return AnnouncementFacts(
        envelope=_envelope(house, member, "announcement", day, now, read),
        agreed_to=agreed_to,
        already=tuple(one.sentence for one in change.already),
        later=tuple(one.sentence for one in change.later),
        coming=change.coming.version if change.coming else None,
        day=change.coming.since if change.coming else None,
        role=waiting.role if waiting else "",
        besides=waiting.besides if waiting else (),
        besides_day=waiting.day if waiting else None,
        read=read,
    )


def _envelope(
    house: House,
    member: Member,
    kind: Kind,
    day: date,
    now: datetime,
    link: str,
    less: str | None = None,
) -> Envelope:
    """Takes    link: one of theirs in this mail, below which they can say that something looks wrong"""
    mail = house.configuration.mail
    assert mail is not None, "wiring refuses to run without mail"
    return Envelope(
        kind=kind,
        contributor=member.id,
        day=day,
        at=now,
        sender=mail.sender,
        name=member.person.name,
        address=_their_own(member),
        organisation=house.configuration.organisation,
        host=_host(house),
        language=house.configuration.language,
        version=house.policy_version,
        since=house.policy_since,
        less=less,
        wrong=f"{link}/wrong",
    )


def _their_own(member: Member) -> str:
    """The address of the one it is about: a mail of ours is for nobody else (P1)."""
    address, own = member.person.email, member.contributor.email
    verdict = may_see("owner" if address.lower() == own else "colleague", "draft", "unconfirmed")
    if not verdict:
        raise No(f"{verdict.reason} The mail was not sent.")
    return address


def _host(house: House) -> str:
    page = house.configuration.page
    assert page is not None, "wiring refuses to run without a page"
    return urlsplit(page.url).hostname or "localhost"


# --- sending -----------------------------------------------------------------------------------------------


def _post(house: House, envelope: Envelope, message: EmailMessage) -> bool:
    """Hand a claimed mail over, and write down what came of it."""
    mail = house.configuration.mail
    assert mail is not None, "wiring refuses to run without mail"
    which = (envelope.contributor, envelope.day, envelope.kind)
    try:
        send(mail, message)
    except NotTaken as error:
        _write_down(house, which, error)
        return False
    with house.store.writing() as tx:
        tx.mails.sent(*which, house.clock())
    return True


def _write_down(house: House, which: tuple[str, date, Kind], error: NotTaken) -> None:
    contributor, *_ = which
    now = house.clock()
    with house.store.writing() as tx:
        mail = tx.mails.get(*which)
        setback = (mail.attempts if mail else 1) - 1
        pause = house.pauses[min(setback, len(house.pauses) - 1)]
        tx.mails.failed(*which, error.reason, None if error.permanent else now + pause)
    if error.permanent:
        log.warning("mail.refused", contributor=contributor, reason=error.reason)
    elif not setback:
        log.warning("mail.delayed", contributor=contributor, reason=error.reason)
