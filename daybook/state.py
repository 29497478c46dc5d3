"""The state that decides what is due, read from the store at one moment."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta

from connectors.contract import Partition
from core import rounds
from core.rollout import mailed
from core.timeline import minute
from daybook.house import House, Member
from daybook.store.mails import Mail
from daybook.store.unit import Unit

MOST_DAYS = 2_000
"""Stale days taken into one snapshot; the rest are in the next."""


def snapshot(house: House, now: datetime) -> rounds.State:
    """All that `rounds.due` needs to know."""
    with house.store.reading() as tx:
        members = house.members(tx)
        return rounds.State(
            last_forgotten=tx.forgotten_at(),
            people=tuple(_people(house, tx, members, now, _unseen(house, tx))),
            partitions=tuple(_paces(house, tx, members, now)),
            stale=tuple(_stale(house, tx, members, now)),
            postings=tuple(_waiting(tx, now)),
        )


def partitions(house: House, tx: Unit) -> dict[tuple[str, str], Partition]:
    """Every partition there is to pull for the people who may be read."""
    return {
        (name, partition.key): partition
        for name, connector in house.connectors.items()
        for partition in connector.partitions(house.accounts(tx, name))
    }


def newcomers(house: House, tx: Unit) -> list[str]:
    """Addresses the rollout reaches and the store does not know yet."""
    known = {row.email for row in tx.people.all()}
    return [email for email in house.named if email not in known]


def _unseen(house: House, tx: Unit) -> set[str]:
    """People of whom a source was never seen whole: their digest waits, unless that source is away."""
    pulls = {(pull.connection, pull.partition): pull for pull in tx.partitions.all()}
    return {
        account.contributor
        for key, partition in partitions(house, tx).items()
        for account in partition.accounts
        if key not in pulls or (pulls[key].last_ok is None and pulls[key].failing_since is None)
    }


def _people(
    house: House, tx: Unit, members: list[Member], now: datetime, unseen: set[str]
) -> Iterator[rounds.Person]:
    pending = tx.drafts.pending_by_person()
    digests = tx.mails.latest("digest")
    if house.configuration.mail is None:
        return
    for member in members:
        if member.contributor.left_at is not None:
            continue
        today = member.today(now)
        stage = house.configuration.rollout.stage
        wanted = member.contributor.digest_on and mailed(stage) and member.id not in unseen
        waiting = sum(count for day, count in pending.get(member.id, {}).items() if day < today)
        every_day = house.configuration.mail.every_day
        yield rounds.Person(
            contributor=member.id,
            zone=str(member.zone),
            digest_at=house.configuration.mail.digest_at,
            works_today=every_day or member.schedule.works(today),
            pending=waiting if wanted else 0,
            last_digest=_settled_on(digests.get(member.id), now),
            invited=member.contributor.invited == house.policy_version,
            acknowledged=bool(member.consent),
        )


def _settled_on(mail: Mail | None, now: datetime) -> date | None:
    """The day of the last digest, unless it is still to be sent: refused for now, or lost with its daemon."""
    if mail is None:
        return None
    waits = mail.state == "failed" and mail.not_before is not None and mail.not_before > now
    return mail.day if mail.state in ("sent", "sending", "given_up") or waits else None


def _paces(house: House, tx: Unit, members: list[Member], now: datetime) -> Iterator[rounds.Pace]:
    pulls = {(pull.connection, pull.partition): pull for pull in tx.partitions.all()}
    at_work = {member.id for member in members if _at_work(member, now)}
    for (connection, key), partition in partitions(house, tx).items():
        pull = pulls.get((connection, key))
        people = [account.contributor for account in partition.accounts]
        known = pull is not None and tx.partitions.cursor(connection, key, people) is not None
        yield rounds.Pace(
            connection=connection,
            partition=key,
            last_pulled=pull.last_ok if pull and known else None,
            not_before=pull.not_before if pull else None,
            every=house.configuration.pulling.every,
            quiet=at_work.isdisjoint(people),
        )


def _at_work(member: Member, now: datetime) -> bool:
    instant = minute(now)
    return any(start <= instant < end for start, end in member.schedule.hours(member.today(now), member.zone))


def _stale(house: House, tx: Unit, members: list[Member], now: datetime) -> Iterator[rounds.ContributorDay]:
    """Days whose evidence, rules or decisions changed, and days that ended since they were last looked at."""
    reading = {member.id: member for member in members if member.consent}
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


def _waiting(tx: Unit, now: datetime) -> Iterator[rounds.Waiting]:
    for filed in tx.postings.due(now):
        posting = filed.posting
        yield rounds.Waiting(
            id=posting.id,
            contributor=posting.contributor,
            lane=posting.entry.target,
            due_at=posting.not_before,
            unknown=posting.state == "sending",
        )
