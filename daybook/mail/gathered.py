"""What goes into a mail, gathered from the store; nothing here sends anything.

A mail goes to its contributor and holds nothing of anybody else (P1).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from urllib.parse import urlsplit

from core.closing import changes_until
from core.day import Sheet
from core.drafts import ready
from core.look_back import look_back
from core.visibility import may_see
from daybook import links, policies
from daybook.errors import No
from daybook.gaps import gaps
from daybook.house import House, Member
from daybook.mail.facts import (
    AnnouncementFacts,
    DigestFacts,
    Ending,
    Envelope,
    InvitationFacts,
    Kind,
    LookBackFacts,
    Spent,
    Target,
    WaitingDay,
    waiting_day,
)
from daybook.store.grants import Grant
from daybook.store.unit import Unit
from daybook.tools import called, tools
from daybook.words import unseen


def waiting(house: House, tx: Unit, member: Member, day: date) -> dict[date, int]:
    """Finished days with drafts that wait, and how many; a closed day waits for nothing."""
    pending = tx.drafts.pending(member.id)
    return {when: count for when, count in pending.items() if when < day and house.may_change(member, when)}


def digest(
    house: House,
    tx: Unit,
    member: Member,
    day: date,
    waiting: dict[date, int],
    now: datetime,
    news: Sequence[Grant] = (),
    answered: int = 0,
) -> DigestFacts:
    """What waits in the morning.

    Takes    news: accounts of theirs of which they were not told yet; answered: so many remarks of theirs
    """
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
    theirs = links.mint_each(tx, house, member, {"day": last, "confirm": last, "less": day}, now)
    look = theirs["day"]
    return DigestFacts(
        envelope=returning(
            house,
            tx,
            member,
            "digest",
            day,
            now,
            look,
            less=theirs["less"],
        ),
        days=tuple(_closing(house, one, day) for one in days),
        older=sum(count for when, count in waiting.items() if when < first),
        look=look,
        confirm=theirs["confirm"],
        answer=None if house.sign_in_required else links.mailed(tx, house, member, "answer", day, now),
        unconnected=unconnected,
        unread=unread,
        ending=ending,
        connect=f"{look}/connections" if unconnected or unread or ending else None,
        unseen=_unseen(house, tx, member, last, now),
        answered=answered,
        answers=f"{look}/rollout" if answered else None,
    )


def reminder(
    house: House, tx: Unit, member: Member, day: date, waiting: dict[date, int], now: datetime
) -> DigestFacts:
    """The same as the digest's by now; what a plain yes may confirm is what the digest showed."""
    facts = digest(house, tx, member, day, waiting, now)
    kind = {"kind": "reminder", "less": f"{facts.envelope.less}/reminder"}
    return facts.model_copy(update={"envelope": facts.envelope.model_copy(update=kind), "answer": None})


def lookback(house: House, tx: Unit, member: Member, monday: date, now: datetime) -> LookBackFacts:
    """What the week before the one of this Monday came to."""
    days = tuple(monday - timedelta(days=back) for back in range(7, 0, -1))
    drafts = [held.draft for day in days for held in tx.drafts.of(member.id, day)]
    closed = {day for day in days if not house.may_change(member, day)}
    week = look_back(tx.entries.standing(member.id, days[0], days[-1]), drafts, closed)
    projects = house.configuration.projects
    less = links.mint(tx, house, member, "less", monday, now)
    return LookBackFacts(
        envelope=returning(
            house,
            tx,
            member,
            "lookback",
            monday,
            now,
            links.mint(tx, house, member, "rollout", monday, now),
            less=f"{less}/look-back",
        ),
        first=days[0],
        last=days[-1],
        spent=tuple(
            Spent(
                project=projects[one.project].name if one.project in projects else one.project,
                attended=one.attended,
                attributed=one.attributed,
            )
            for one in week.spent
        ),
        corrected=week.corrected,
        contradicted=week.contradicted,
        unanswered=week.unanswered,
    )


def _closing(house: House, one: WaitingDay, today: date) -> WaitingDay:
    closes = changes_until(one.day, house.configuration.closing) == today
    return one.model_copy(update={"closes": closes}) if closes else one


def shown(house: House, tx: Unit, member: Member, facts: DigestFacts) -> dict[str, int]:
    """The drafts that wait on the days of a digest and that one yes covers: key -> revision."""
    projects = house.configuration.projects
    held = [one for day in facts.days for one in tx.drafts.of(member.id, day.day)]
    waiting = (one for one in held if one.draft.decision in ("open", "edited"))
    return {
        one.draft.key: one.revision for one in waiting if one.draft.noticed and ready(one.draft, projects)
    }


def _unseen(house: House, tx: Unit, member: Member, day: date, now: datetime) -> tuple[str, ...]:
    contact = house.policy.contact
    return tuple(unseen(gap, member.zone, now, contact) for gap in gaps(house, tx, member, day))


def _day(house: House, tx: Unit, member: Member, day: date) -> WaitingDay:
    drafts = [held.draft for held in tx.drafts.of(member.id, day)]
    return waiting_day(
        day,
        tuple(draft for draft in drafts if draft.decision in ("open", "edited")),
        _sheet(house, tx, member, day),
        member.zone,
        house.configuration.projects,
        {name: called(house, name) for name in house.connectors},
    )


def _sheet(house: House, tx: Unit, member: Member, day: date) -> Sheet | None:
    """The sums of a day, as people are told them."""
    kept, numbers = tx.days.sheet(member.id, day), house.configuration.numbers_of(member.person)
    return Sheet.model_validate_json(kept).without_slivers(numbers) if kept else None


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


def invitation(house: House, tx: Unit, member: Member, day: date, now: datetime) -> InvitationFacts:
    agree = links.mint(tx, house, member, "invite", day, now)
    return InvitationFacts(
        envelope=returning(house, tx, member, "invitation", day, now, agree),
        policy=house.policy,
        tools=tools(house),
        no_pilot=house.no_pilot,
        again=member.contributor.acknowledged is not None,
        agree=agree,
    )


def announcement(house: House, tx: Unit, member: Member, day: date, now: datetime) -> AnnouncementFacts:
    agreed_to = member.contributor.acknowledged or ""
    change, waiting = policies.change(house, agreed_to), policies.waiting(house, tx, member)
    read = links.mint(tx, house, member, "invite", day, now)
    return AnnouncementFacts(
        envelope=returning(house, tx, member, "announcement", day, now, read),
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


def returning(
    house: House,
    tx: Unit,
    member: Member,
    kind: Kind,
    day: date,
    now: datetime,
    link: str,
    less: str | None = None,
) -> Envelope:
    """The same as below, of a mail that comes back to us where it cannot be delivered (E-08)."""
    bounces = links.mailed(tx, house, member, "bounce", day, now)
    return envelope(house, member, kind, day, now, link, less, bounces)


def envelope(
    house: House,
    member: Member,
    kind: Kind,
    day: date,
    now: datetime,
    link: str,
    less: str | None = None,
    bounces: str | None = None,
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
        host=host(house),
        language=house.language(member).name,
        version=house.policy_version,
        since=house.policy_since,
        less=less,
        bounces=bounces,
        wrong=f"{link}/wrong",
    )


def _their_own(member: Member) -> str:
    """The address of the one it is about: a mail of ours is for nobody else (P1)."""
    address, own = member.person.email, member.contributor.email
    verdict = may_see("owner" if address.lower() == own else "colleague", "draft", "unconfirmed")
    if not verdict:
        raise No(f"{verdict.reason} The mail was not sent.")
    return address


def host(house: House) -> str:
    page = house.configuration.page
    assert page is not None, "wiring refuses to run without a page"
    return urlsplit(page.url).hostname or "localhost"
