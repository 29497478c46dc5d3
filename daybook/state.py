"""The state that decides what is due, read from the store at one moment."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta

from connectors.contract import Partition
from core import reminding, rounds, watch
from core.timeline import Span
from daybook import reporting
from daybook.house import House, Member
from daybook.mail import letters
from daybook.store.mails import PATIENCE, Mail
from daybook.store.partitions import Pull
from daybook.store.rests import until
from daybook.store.unit import Unit

MOST_DAYS = 2_000
"""Stale days taken into one snapshot; the rest are in the next."""


def snapshot(house: House, now: datetime, awake_since: datetime | None = None) -> rounds.State:
    """All that `rounds.due` needs to know.

    Takes    awake_since: since when somebody looks again and again; None: who looks once
    """
    with house.store.reading() as tx:
        members, leave = house.members(tx), _Leave(house, tx)
        pulled = partitions(house, tx, members)
        pulls = {(pull.connection, pull.partition): pull for pull in tx.partitions.all()}
        rests = tx.rests.at(now)
        unread, unwritten = until(rests, reading=True), until(rests, reading=False)
        ended = {member.id: watch.day_ended(member.schedule, member.zone, now) for member in members}
        return rounds.State(
            short=bool(house.store.shortage()),
            awake_since=awake_since,
            last_forgotten=tx.forgotten_at()
            if tx.is_forgotten(house.policy.retention.model_dump())
            else None,
            last_tended=tx.tended_at(),
            revocations=tuple(tx.revocations.due(now)),
            people=tuple(_people(house, tx, members, leave, now, _unseen(pulled, pulls, ended))),
            unwarned=tuple(_unwarned(house, tx, members, now)),
            strangers=tuple(
                stranger
                for name in house.connectors
                if name not in unread
                for stranger in strangers(house, tx, name, members).values()
            ),
            partitions=tuple(_paces(house, tx, members, leave, pulled, pulls, ended, unread, now)),
            showing=tuple(_showing(house, tx, members, unwritten, now)),
            stale=tuple(_stale(house, tx, members, now)),
            postings=tuple(tx.postings.waiting(now, unwritten)),
            too_soon=house.waits_for_clock,
            box=_box(house, tx),
            unfrozen=reporting.unfrozen(house, tx, now),
            unpublished=tuple(
                rounds.Publish(report=report.name, period=period.name)
                for report, period in reporting.unpublished(house, tx, now)
            ),
            unsent=tuple(reporting.unsent(house, tx, members, now)),
        )


Pulled = Mapping[tuple[str, str], Partition]
"""(connection, key) -> the partition."""


def partitions(house: House, tx: Unit, members: Sequence[Member] | None = None) -> Pulled:
    """Every partition there is to pull for the people who may be read."""
    members = house.members(tx) if members is None else members
    return {
        (name, partition.key): partition
        for name, connector in house.connectors.items()
        for partition in connector.partitions(house.accounts(tx, name, members))
    }


def partition(house: House, tx: Unit, connection: str, key: str) -> Partition | None:
    """One of them; None where there is no such partition, or nobody left in it."""
    alone = house.member(tx, key)
    asked = [alone] if alone else house.members(tx)
    found = house.connectors[connection].partitions(house.accounts(tx, connection, asked))
    return next((one for one in found if one.key == key), None)


def strangers(
    house: House, tx: Unit, connection: str, members: Sequence[Member]
) -> dict[str, rounds.Stranger]:
    """Who of these may be read, where only the tool can say who they are there; by contributor."""
    if not house.connectors[connection].abilities.finds_accounts:
        return {}
    ask_at = tx.accounts.ask_at(connection)
    unknown = [member.id for member in members if member.consent and connection not in member.person.accounts]
    own = tx.grants.working(connection) if unknown else set()
    return {
        who: rounds.Stranger(connection=connection, ask_at=ask_at.get(who))
        for who in unknown
        if who not in own
    }


def newcomers(house: House, tx: Unit) -> list[str]:
    """Addresses the rollout reaches and the store does not know yet; not of those who erased themselves."""
    known = {row.email for row in tx.people.all()}
    return [email for email in house.named if email not in known and not tx.people.is_gone(email)]


Ended = Mapping[str, datetime | None]
"""contributor -> when a day of theirs last ended that must be seen whole."""


def _unseen(pulled: Pulled, pulls: Mapping[tuple[str, str], Pull], ended: Ended) -> set[str]:
    """People of whom a source was never seen, or not since their last day ended: their digest waits for it,
    unless that source is away."""
    return {
        who
        for key, partition in pulled.items()
        for who in _whose(partition)
        if not _seen(pulls.get(key), ended.get(who))
    }


def _seen(pull: Pull | None, ended: datetime | None) -> bool:
    if pull is None or pull.failing_since is not None:
        return pull is not None
    return pull.last_ok is not None and (ended is None or ended <= pull.last_ok)


def _whose(partition: Partition) -> list[str]:
    return [account.contributor for account in partition.accounts]


class _Leave:
    """What leave and absence take from people; looked up once in a look, however often it is asked for."""

    def __init__(self, house: House, tx: Unit) -> None:
        self._house, self._tx = house, tx
        self._taken: dict[tuple[str, date], list[Span]] = {}

    def on(self, member: Member, day: date) -> list[Span]:
        this = member.id, day
        if this not in self._taken:
            words = self._house.configuration.numbers_of(member.person).leave_words
            activities = self._tx.evidence.of(member.id, day, day)
            self._taken[this] = watch.taken(activities, words, member.person.email)
        return self._taken[this]

    def has(self, member: Member, now: datetime) -> bool:
        """Whether it takes the hour from somebody who would be at work."""
        taken = self.on(member, member.today(now))
        return not watch.at_work(member.schedule, member.zone, now, taken)


def _people(
    house: House, tx: Unit, members: list[Member], leave: _Leave, now: datetime, unseen: set[str]
) -> Iterator[rounds.Person]:
    mail = house.configuration.mail
    if mail is None:
        return
    pending = tx.drafts.pending_by_person()
    digests, invitations = tx.mails.latest("digest"), tx.mails.latest("invitation")
    announcements = tx.mails.latest("announcement")
    further = _Further(house, tx, leave, now)
    stopped = tx.rollout.stopped() is not None
    for member in members:
        if member.contributor.left_at is not None:
            continue
        today = member.today(now)
        digest, invitation = digests.get(member.id), invitations.get(member.id)
        announced = announcements.get(member.id)
        wanted = house.mails(member)
        ready = member.id not in unseen and not letters.rests(digest, now)
        days = {
            day: count
            for day, count in pending.get(member.id, {}).items()
            if day < today and house.may_change(member, day)
        }
        waiting, out = sum(days.values()), _gone_out(digest, now)
        mailed = wanted and ready and bool(member.consent)
        week_began = _week_began(house, member, today)
        remind = further.remind_between(member, days, digest, week_began) if mailed and days else None
        look_back = further.look_back_from(member, days) if mailed else None
        yield rounds.Person(
            contributor=member.id,
            zone=str(member.zone),
            digest_at=mail.digest_at,
            digest_until=mail.digest_until,
            works_today=_works(
                house,
                leave,
                member,
                today,
                asked=bool(look_back or (waiting and wanted and ready and out != today)),
            ),
            pending=waiting if wanted and ready else 0,
            last_digest=out,
            week_began=week_began,
            remind_between=remind,
            look_back_from=look_back,
            invited=stopped or not letters.to_be_invited(house, member) or letters.rests(invitation, now),
            told=stopped or not letters.to_be_told(house, member) or letters.rests(announced, now),
            acknowledged=bool(member.consent),
        )


class _Further:
    """The mails besides: a reminder in the afternoon, a look back once a week."""

    def __init__(self, house: House, tx: Unit, leave: _Leave, now: datetime) -> None:
        self._house, self._tx, self._leave, self._now = house, tx, leave, now
        self._reminders, self._look_backs = tx.mails.latest("reminder"), tx.mails.latest("lookback")
        self._worked: dict[date, set[str]] = {}
        """By a week's Monday, who confirmed anything of it."""

    def remind_between(
        self, member: Member, waiting: Mapping[date, int], digest: Mail | None, week_began: date | None
    ) -> tuple[datetime, datetime] | None:
        """When there is something to remind them of; not where they said a word since the day's digest.

        Their leave is looked up, and what they said, once it is time.
        """
        house, now = self._house, self._now
        mail, last, today = house.configuration.mail, self._reminders.get(member.id), member.today(now)
        if mail is None or mail.reminder == "off" or not member.contributor.reminder_on:
            return None
        told = digest.sent_at if digest and digest.day == today and _gone_out(digest, now) else None
        out = _gone_out(last, now)
        if out == today or letters.rests(last, now) or (told is None and week_began is None):
            return None
        closing, weekly = house.configuration.closing, week_began is not None
        if not reminding.to_speak_of(waiting, today, out, closing, weekly=weekly):
            return None
        between = reminding.hours_for_it(
            member.schedule, member.zone, today, mail.reminder, mail.digest_until, told
        )
        if between is None or not between[0] <= now < between[1]:
            return between
        said = self._tx.days.last_word(member.id)
        spoke = said is not None and said.astimezone(member.zone).date() == today
        return None if spoke or self._leave.has(member, now) else between

    def look_back_from(self, member: Member, waiting: Iterable[date]) -> date | None:
        """The first working day of the week, or the one after while something of the last week waits; once
        it has come, where there is anything to look back at.
        """
        house, now = self._house, self._now
        mail, last, today = house.configuration.mail, self._look_backs.get(member.id), member.today(now)
        monday = today - timedelta(days=today.weekday())
        if mail is None or not mail.look_back or not member.contributor.look_back_on:
            return None
        if _gone_out(last, now) == monday or letters.rests(last, now):
            return None
        before = monday - timedelta(days=7)
        days = (monday + timedelta(days=number) for number in range(7))
        first, *rest = [day for day in days if member.schedule.works(day)] or [monday]
        day = rest[0] if rest and any(before <= one < monday for one in waiting) else first
        return day if today >= day and member.id in self._worked_in(before) else None

    def _worked_in(self, monday: date) -> set[str]:
        if monday not in self._worked:
            self._worked[monday] = self._tx.entries.who_stands(monday, monday + timedelta(days=6))
        return self._worked[monday]


def _works(house: House, leave: _Leave, member: Member, today: date, *, asked: bool) -> bool:
    """Whether it is a day to mail them on; their leave is looked up where something waits."""
    mail = house.configuration.mail
    if not (mail and (mail.every_day or member.schedule.works(today))):
        return False
    return not (asked and watch.is_off(member.schedule, member.zone, today, leave.on(member, today)))


def _week_began(house: House, member: Member, today: date) -> date | None:
    """The first working day of the week, if they are mailed on that one alone: by policy or wish."""
    if house.policy.digest_of(member.person.role) != "weekly" and not member.contributor.digest_weekly:
        return None
    monday = today - timedelta(days=today.weekday())
    days = (monday + timedelta(days=number) for number in range(today.weekday() + 1))
    return next((day for day in days if member.schedule.works(day)), today)


def _box(house: House, tx: Unit) -> rounds.Box | None:
    mail = house.configuration.mail
    if mail is None or mail.mailbox is None:
        return None
    mark = tx.mailbox.mark(mail.mailbox.place)
    return rounds.Box(last_looked=mark.looked_at if mark else None, every=mail.mailbox.every)


def _unwarned(house: House, tx: Unit, members: list[Member], now: datetime) -> Iterator[str]:
    """Who is to be told that the rollout has stopped."""
    stopped = tx.rollout.stopped()
    if stopped is None or house.configuration.mail is None:
        return
    told = tx.mails.latest("rollout")
    for member in members:
        mail = told.get(member.id)
        out = _gone_out(mail, now)
        knows = out is not None and out >= stopped.at.astimezone(member.zone).date()
        if house.agreed(member) and not knows and not letters.rests(mail, now):
            yield member.id


def _gone_out(mail: Mail | None, now: datetime) -> date | None:
    """The day of a mail that is out, or going out just now; one that was lost on its way is neither."""
    if mail is None:
        return None
    under_way = mail.state == "sending" and now < mail.claimed_at + PATIENCE
    return mail.day if mail.state == "sent" or under_way else None


def _paces(
    house: House,
    tx: Unit,
    members: Sequence[Member],
    leave: _Leave,
    pulled: Pulled,
    pulls: Mapping[tuple[str, str], Pull],
    ended: Ended,
    unread: Mapping[str, datetime],
    now: datetime,
) -> Iterator[rounds.Pace]:
    current = tx.partitions.current({key: _whose(partition) for key, partition in pulled.items()})
    in_hours = {one.id: one for one in members if watch.at_work(one.schedule, one.zone, now)}
    every = timedelta(minutes=house.configuration.pulling.every)
    for key, partition in pulled.items():
        pull, people = pulls.get(key), _whose(partition)
        last = pull.last_ok if pull and key in current else None
        here = [in_hours[who] for who in people if who in in_hours]
        # whose turn has not come is not due anyway: their leave need not be looked up in every round
        ready = last is None or not last <= now < last + every
        yield rounds.Pace(
            connection=key[0],
            partition=key[1],
            last_pulled=last,
            not_before=_later(pull.not_before if pull else None, unread.get(key[0])),
            last_whole=pull.last_whole if pull and not _rereads(house, key[0]) else None,
            every=house.configuration.pulling.every,
            resting=all(ready and leave.has(one, now) for one in here),
            day_ended=max((at for who in people if (at := ended.get(who))), default=None),
        )


def _later(*moments: datetime | None) -> datetime | None:
    return max((moment for moment in moments if moment is not None), default=None)


def _rereads(house: House, connection: str) -> bool:
    """Whether its cursors bring the whole window again by themselves."""
    return house.connectors[connection].abilities.rereads


def _showing(
    house: House, tx: Unit, members: list[Member], unwritten: Mapping[str, datetime], now: datetime
) -> Iterator[rounds.Showing]:
    """The calendars of drafts that can be reached, of who may be read."""
    found = tx.draft_calendars.all()
    reading = {member.id: member for member in members if member.consent} if found else {}
    looks = tx.days.looks() if reading else {}
    for kept in found:
        connector, member = house.connectors.get(kept.connection), reading.get(kept.contributor)
        if member is not None and connector is not None and connector.abilities.shows_drafts:
            yield rounds.Showing(
                contributor=kept.contributor,
                connection=kept.connection,
                last_heard=kept.heard_at,
                not_before=_later(kept.not_before, unwritten.get(kept.connection)),
                behind=kept.shown != looks.get(kept.contributor, ""),
                every=house.configuration.pulling.every,
                resting=not watch.at_work(member.schedule, member.zone, now),
            )


def _stale(house: House, tx: Unit, members: list[Member], now: datetime) -> Iterator[rounds.ContributorDay]:
    """Days whose evidence, rules or decisions changed, and days that ended since they were last looked at."""
    reading = {member.id: member for member in members if house.agreed(member)}
    if not reading:
        return
    first = min(house.first_day(member, now) for member in reading.values())
    last = max(member.today(now) for member in reading.values())
    looked = tx.days.reconciled_at(first, last)
    stale = tx.days.stale(house.mappings_hash, first, last, MOST_DAYS)
    due = {(one.contributor, one.day) for one in stale if one.contributor in reading}
    due.update(key for member in reading.values() for key in _ended(house, member, now, looked))
    for contributor, day in sorted(due):
        if house.first_day(reading[contributor], now) <= day <= reading[contributor].today(now):
            yield rounds.ContributorDay(contributor=contributor, day=day)


def _ended(
    house: House, member: Member, now: datetime, looked: dict[tuple[str, date], datetime]
) -> Iterator[tuple[str, date]]:
    day = house.first_day(member, now)
    while day < member.today(now):
        end = datetime.combine(day + timedelta(days=1), time(), member.zone).astimezone(UTC)
        if (member.id, day) not in looked or looked[(member.id, day)] < end:
            yield member.id, day
        day += timedelta(days=1)
