"""Which mail goes to whom: a claim on the disk, the mail server, and its answer.

The claim is committed before the server is spoken to, so a daemon that dies
knows afterwards which mails may be out; those are sent once more under the
same Message-ID, and a mailbox folds the two (E-05). A mail goes to its
contributor and holds nothing of anybody else (P1).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta

import structlog

from core.model import Verdict
from daybook import links, policies, remarks, reporting
from daybook.house import House, Member
from daybook.languages import Later, _, speaking
from daybook.mail import compose, gathered
from daybook.mail.facts import DelegateFacts, Envelope, Kind, OwnFacts, ReportFacts, StopFacts
from daybook.mail.send import NotTaken
from daybook.report_words import title
from daybook.store.mails import PATIENCE, Mail
from daybook.store.unit import Unit

log = structlog.get_logger()

NO_MAIL = Later("Daybook sends no mail here, so it cannot send that link. Ask {contact}.")
GRANTED = Later("If they take part, it is in their mailbox, or on its way there.")
NOT_SENT = Later("{fault} Nothing was sent. Try again in a few minutes.")
STOPPED = timedelta(days=7)
"""An address that refused our mail is left in peace for so long (E-08)."""


def send_digest(house: House, contributor: str, day: date) -> None:
    """Mail one contributor what waits for them; `day` is the local day it is sent on."""
    now = house.clock()
    with house.store.writing() as tx:
        member = house.member(tx, contributor)
        if member is None or not house.mails(member):
            return
        waiting = gathered.waiting(house, tx, member, day)
        if not waiting or not _claimed(house, tx, member, "digest", day, now):
            return
        news = [grant for grant in tx.grants.of(member.id) if not grant.told]
        answered = remarks.news(tx, member)
        with speaking(house.language(member).name):
            facts = gathered.digest(house, tx, member, day, waiting, now, news, len(answered))
        if facts.answer:
            tx.replies.offer(member.id, day, gathered.shown(house, tx, member, facts))

    def known(tx: Unit) -> None:
        if answered:
            tx.remarks.told(answered)
        for grant in news:
            tx.grants.told(grant)

    _post(house, facts.envelope, compose.digest(facts), known)


def send_reminder(house: House, contributor: str, day: date) -> None:
    """Mail one contributor, once more that day, what waits for them."""
    now = house.clock()
    with house.store.writing() as tx:
        member = house.member(tx, contributor)
        if member is None or not house.mails(member) or not member.contributor.reminder_on:
            return
        waiting = gathered.waiting(house, tx, member, day)
        if not waiting or not _claimed(house, tx, member, "reminder", day, now):
            return
        with speaking(house.language(member).name):
            facts = gathered.reminder(house, tx, member, day, waiting, now)
    _post(house, facts.envelope, compose.digest(facts))


def send_look_back(house: House, contributor: str, day: date) -> None:
    """Mail one contributor what their last week came to; known by the Monday after it, so once a week."""
    now, monday = house.clock(), day - timedelta(days=day.weekday())
    with house.store.writing() as tx:
        member = house.member(tx, contributor)
        if member is None or not house.mails(member) or not member.contributor.look_back_on:
            return
        worked = tx.entries.any_stands(contributor, monday - timedelta(days=7), monday - timedelta(days=1))
        if not worked or not _claimed(house, tx, member, "lookback", monday, now):
            return
        facts = gathered.lookback(house, tx, member, monday, now)
    _post(house, facts.envelope, compose.lookback(facts))


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
        with speaking(house.language(member).name):
            facts = gathered.invitation(house, tx, member, day, now)

    def known(tx: Unit) -> None:
        tx.people.invited(contributor, house.policy_version, house.clock())

    _post(house, facts.envelope, compose.invitation(facts), known)


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
        with speaking(house.language(member).name):
            facts = gathered.announcement(house, tx, member, day, now)

    def known(tx: Unit) -> None:
        if facts.besides_day:
            tx.people.role_told(contributor, facts.role, facts.besides_day)
        tx.people.invited(contributor, facts.coming or house.policy_version, house.clock())

    _post(house, facts.envelope, compose.announcement(facts), known)


def send_report(house: House, contributor: str, day: date) -> None:
    """Mail somebody where the reports of a day are: those who are in them, and those who manage."""
    now = house.clock()
    with house.store.writing() as tx:
        member = house.member(tx, contributor)
        readers = reporting.readers_on(house, tx, day)
        if member is None or not reporting.hears(tx, member, readers):
            return
        name = compose.message_id("report", day, member.id, gathered.host(house))
        if not tx.mails.claim(member.id, day, "report", name, now):
            return
        look = links.mint(tx, house, member, "report", day, now)
        with speaking(house.language(member).name):
            titles = tuple(title(one.pattern) for one in reporting.readable(house, tx, member, day))
        facts = ReportFacts(
            envelope=gathered.returning(house, tx, member, "report", day, now, look),
            titles=titles,
            manages=member.person.email in readers.managers,
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
        with speaking(house.language(member).name):
            why = _(stopped.said)
        facts = StopFacts(
            envelope=gathered.returning(house, tx, member, "rollout", day, now, link),
            why=why,
            look=link,
        )
    _post(house, facts.envelope, compose.stop(facts))


def send_own(house: House, who: Member) -> Verdict:
    """Mail somebody the link to what is theirs, at once, because they asked; once while it can be used."""
    now = house.clock()
    if house.configuration.mail is None:
        return Verdict(allowed=False, reason=NO_MAIL.format(contact=house.policy.contact))
    day = who.today(now)
    with house.store.writing() as tx:
        if tx.links.stands(who.id, "own", day, now):
            return Verdict(allowed=True, reason="own_sent")
        link = links.mint(tx, house, who, "own", day, now)
    envelope, until = (
        gathered.envelope(house, who, "own", day, now, link),
        (now + links.OWN).astimezone(who.zone),
    )
    try:
        mail = compose.own(OwnFacts(envelope=envelope, link=link, until=until))
        house.carrier.send(mail, envelope.address)
    except NotTaken as error:
        with house.store.writing() as tx:
            if refused := tx.links.find(link.rpartition("/")[2], now):
                tx.links.use(refused, now)  # the next one is another
        return Verdict(allowed=False, reason=NOT_SENT.format(fault=error.reason))
    return Verdict(allowed=True, reason="own_sent")


def send_delegate(house: House, delegate: Member, who: Member, until: date, link: str) -> Verdict:
    """Mail a colleague who takes part the link to somebody's days, at once, because that one granted it."""
    now = house.clock()
    if house.configuration.mail is None:
        return Verdict(allowed=False, reason=NO_MAIL.format(contact=house.policy.contact))
    if not house.agreed(delegate):
        return Verdict(allowed=True, reason=GRANTED)
    day = delegate.today(now)
    with house.store.writing() as tx:
        theirs = links.mint(tx, house, delegate, "rollout", day, now)
    envelope = gathered.envelope(house, delegate, "delegate", day, now, theirs)
    try:
        facts = DelegateFacts(envelope=envelope, whose=who.person.name, until=until, link=link)
        house.carrier.send(compose.delegate(facts), envelope.address)
    except NotTaken as error:
        return Verdict(allowed=False, reason=NOT_SENT.format(fault=error.reason))
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
    return tx.mails.claim(
        member.id, day, kind, compose.message_id(kind, day, member.id, gathered.host(house)), now
    )


# --- sending -----------------------------------------------------------------------------------------------


def _post(house: House, envelope: Envelope, mail: bytes, known: Callable[[Unit], None] | None = None) -> None:
    """Hand a claimed mail over, and write down what came of it.

    Takes    known: writes down what its receiver knows by it, in one step with the word that it is out
    """
    which = (envelope.contributor, envelope.day, envelope.kind)
    if not _is_ours(house, envelope):
        log.warning("mail.overslept", contributor=envelope.contributor)
        return  # whoever takes it next sends it, if it is still due
    try:
        house.carrier.send(mail, envelope.address, envelope.bounces)
    except NotTaken as error:
        _write_down(house, which, error)
        return
    with house.store.writing() as tx:
        tx.mails.sent(*which, house.clock())
        if known is not None:
            known(tx)


def _is_ours(house: House, envelope: Envelope) -> bool:
    """Whether the claim still stands: since then we may have stood still, and others have the mail (R-11)."""
    with house.store.reading() as tx:
        mail = tx.mails.get(envelope.contributor, envelope.day, envelope.kind)
    is_claimed = mail is not None and (mail.state, mail.claimed_at) == ("sending", envelope.at)
    return is_claimed and house.clock() < envelope.at + PATIENCE


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
