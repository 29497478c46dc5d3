"""Reports about groups: when one is due, what it is made of, and who may read it.

As a week begins it is noted who stands where. On the declared day the report of a period is made once,
from what was confirmed by then, past the gate, and is there for managers and for everybody in it at the same
moment. Nothing of it can be asked for in between.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

import structlog

from core import change, figures, patterns, periods, rounds
from core.figures import Piece
from core.gate import Release
from core.model import Entry
from core.patterns import Known, Pattern
from core.periods import Period
from core.policy import Report
from core.rollout import mailed
from daybook import billing, policies
from daybook.house import House, Member
from daybook.store.reports import Place, Published
from daybook.store.unit import Unit

log = structlog.get_logger()

BELATED = timedelta(days=31)
"""A report that could not be made for longer than this after its day is not made any more."""
NEWS = timedelta(days=7)
"""So long after its day a report is still sent to whom it could not be sent before."""


def today(house: House, now: datetime) -> date:
    """The organisation's: reports are of all its people at once."""
    return now.astimezone(ZoneInfo(house.configuration.timezone)).date()


def wanted(house: House) -> list[Report]:
    """The reports the policy in force asks for."""
    return [report for report in house.policy.reports if report.cadence != "never"]


# --- what is due -------------------------------------------------------------------------------------------


def unfrozen(house: House, tx: Unit, now: datetime) -> str | None:
    """The week that has begun without its places noted."""
    week = periods.week(today(house, now))
    return week if wanted(house) and not tx.reports.is_frozen(week) else None


def unpublished(house: House, tx: Unit, now: datetime) -> Iterator[tuple[Report, Period]]:
    """What is to be published next; of a report the first period of which it was noted who stood where."""
    for report in wanted(house):
        since, day = _since(house, tx, report), today(house, now)
        due = periods.due(report.cadence, report.day, since, day) if since else ()
        fresh = (one for one in due if periods.published_on(one, report.day) > day - BELATED)
        if period := next((one for one in fresh if tx.reports.is_frozen(one.weeks[0])), None):
            yield report, period


def unsent(
    house: House, tx: Unit, members: Sequence[Member], now: datetime
) -> Iterator[rounds.ContributorDay]:
    """Who has not heard yet of what was published, by its day."""
    rests = not mailed(house.stage) or tx.rollout.stopped() is not None
    for day in () if rests else tx.reports.days(today(house, now) - NEWS):
        sent, readers = tx.mails.on(day, "report"), readers_on(house, tx, day)
        for member in members:
            mail = sent.get(member.id)
            if (mail is None or mail.is_open(now)) and hears(tx, member, readers):
                yield rounds.ContributorDay(contributor=member.id, day=day)


def _since(house: House, tx: Unit, report: Report) -> date | None:
    """From when on the next period may begin: nothing is published of a time before it was declared.

    Nor of one that had begun when an older copy of the database was put back: it may be out already.
    """
    day, put_back = timedelta(days=1), tx.restored_at()
    unknown = today(house, put_back) + day if put_back else date.min
    if last := tx.reports.last(report.name):
        return max(unknown, periods.period_with(last, report.cadence).last_day + day)
    first = tx.reports.first_frozen()
    return max(first, house.policy_since, unknown) if first else None


# --- what is done ------------------------------------------------------------------------------------------


def freeze(house: House, week: str) -> None:
    """Note who stands where, of those who take part."""
    with house.store.writing() as tx:
        tx.reports.freeze(
            week,
            (
                (tx.counted.mark(member.id), Place(member.person.team, member.person.role))
                for member in house.members(tx)
                if member.consent
            ),
        )


def publish(house: House, name: str, period: str) -> None:
    """Make one report, past the gate, for good."""
    now = house.clock()
    with house.store.writing() as tx:
        for report, due in unpublished(house, tx, now):
            if (report.name, due.name) == (name, period):
                fresh = list(_fresh(house, tx, due))
                pattern, release = made(house, tx, report, due, fresh)
                for one in fresh:
                    tx.counted.count(one.contributor, one.week, one.pieces, one.entries)
                tx.reports.publish(pattern, release, today(house, now), now)
                log.info("report.published", report=name, period=period)
    house.work_is_waiting.set()


def made(
    house: House, tx: Unit, report: Report, period: Period, fresh: Sequence[Fresh]
) -> tuple[Pattern, Release]:
    """A report as it would be published now.

    Takes    fresh: what its weeks count and nobody counted yet
    """
    # of older ones nobody knows any more who is in them
    first = tx.reports.first_frozen() or period.first_day
    earlier = [tx.reports.released(one) for one in tx.reports.all() if one.pattern.first_day >= first]
    month = set(periods.weeks_of(periods.month_of(period.weeks[0])))
    since = period.first_day - change.REACH
    before = [one for one in earlier if one.report == report.name and periods.monday(one.weeks[0]) >= since]
    were = {mark for release in before for group in release.groups for mark in group.members}
    weeks = month.union(*(release.weeks for release in before))
    known = Known(
        overlapping=(
            *(release for release in earlier if month.intersection(release.weeks)),
            *billing.known(house, tx, month),
        ),
        before=tuple(before),
        pieces=(*tx.counted.pieces(weeks), *(piece for one in fresh for piece in one.pieces)),
        erased=frozenset(were.difference(tx.counted.mark(person.id) for person in tx.people.all())),
    )
    members = _members(tx, report, period)
    return patterns.made(report, period, members, known, house.policy.groups.minimum)


def coming(house: House, now: datetime) -> list[Pattern]:
    """What each report would be of the first period that is not published, by what is confirmed now."""
    found = []
    with house.store.reading() as tx:
        for report in wanted(house):
            period = periods.period_with(_since(house, tx, report) or today(house, now), report.cadence)
            if tx.reports.is_frozen(period.weeks[0]):
                found.append(made(house, tx, report, period, list(_fresh(house, tx, period)))[0])
    return found


class Fresh(NamedTuple):
    """What one week counts of somebody, once it is counted."""

    contributor: str
    week: str
    pieces: list[Piece]
    entries: list[Entry]


def _fresh(house: House, tx: Unit, period: Period) -> Iterator[Fresh]:
    """What is confirmed of these weeks, and of earlier ones too late for them, of everybody."""
    first = tx.reports.first_frozen()
    assert first is not None, "what is published was frozen"
    for person in (one for one in tx.people.all() if one.left_at is None):
        weeks = [week for week in period.weeks if not tx.counted.is_counted(person.id, week)]
        rest = tx.counted.waiting(person.id, first, period.last_day) if weeks else []
        for week in weeks:
            last = periods.monday(week) + timedelta(days=6)
            entries = [entry for entry in rest if entry.day <= last]
            rest = [entry for entry in rest if entry.day > last]
            said = figures.pieces(tx.counted.mark(person.id), week, entries, house.configuration.projects)
            yield Fresh(person.id, week, said, entries)


def _members(tx: Unit, report: Report, period: Period) -> dict[str, set[str]]:
    """By group, who stood there as the period began and is still here."""
    here = {tx.counted.mark(person.id) for person in tx.people.all() if person.left_at is None}
    groups: dict[str, set[str]] = {}
    for mark, place in tx.reports.places(period.weeks[0]).items():
        name = place.team if report.by == "team" else place.role
        if name and mark in here and (not report.roles or place.role in report.roles):
            groups.setdefault(name, set()).add(mark)
    return groups


# --- who reads it ------------------------------------------------------------------------------------------


class Readers(NamedTuple):
    """Who may read what was published on one day."""

    included: set[str]
    """By their marks: whose time is in it, or would be if they had any."""
    managers: set[str]
    """By their addresses."""


def readers_on(house: House, tx: Unit, day: date) -> Readers:
    began = tx.reports.began_on(day)
    return Readers(tx.reports.included_on(day), managers(house, tx, began) if began else set())


def managers(house: House, tx: Unit, began: date) -> set[str]:
    """Who reads as a manager what is about a period: whom the policy has named since before it began.

    So whoever confirmed that time was told of them before, and somebody new does not read back.
    """
    return {reader for reader, since in policies.managing(house, tx).items() if since <= began}


def hears(tx: Unit, member: Member, readers: Readers) -> bool:
    """Whether somebody is mailed that reports were published; on their page they stand in any case."""
    if member.contributor.left_at is not None or not member.contributor.digest_on:
        return False
    return member.person.email in readers.managers or tx.counted.mark(member.id) in readers.included


def readable(house: House, tx: Unit, member: Member, day: date | None = None) -> list[Published]:
    """The reports somebody may read, the latest first: those they are in, and those they get as a manager.

    Takes    day: only what was published on it
    """
    including = tx.reports.including(tx.counted.mark(member.id))
    since = policies.managing(house, tx).get(member.person.email, date.max)
    published = [one for one in tx.reports.all() if day is None or one.day == day]
    return [one for one in published if one.id in including or since <= one.pattern.first_day]
