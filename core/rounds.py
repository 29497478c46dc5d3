"""What is due at `now`, derived from state: nothing is done because a message said so.

A snapshot of the state goes in, a list of work comes out, always in the same order. Asked again before the
work is done it says the same; asked after, it says nothing. So a round that is lost, late or run twice costs
nothing (P9, P10). Work names ids, never content.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated
from zlib import crc32
from zoneinfo import ZoneInfo

from pydantic import AwareDatetime, Field

from core.clock import Waits
from core.model import Noun

A_DAY, OFF_PEAK = timedelta(hours=24), timedelta(hours=18)
"""How old a look at all of a partition may grow: at most, and while nobody is at work."""
SPREAD = 240
"""Minutes over which those of different partitions are spread."""
TOGETHER = timedelta(days=31)
"""Stale days of one contributor that lie within so much are one piece of work."""
AT_ONCE = 50
"""So many partitions of a connection may begin in one moment; more take turns, a second for each."""


class Pace(Noun):
    """One partition of a connection: when it was pulled, and how often it should be."""

    connection: str
    partition: str
    last_pulled: AwareDatetime | None
    """When its last finished walk began; None before the first."""
    not_before: AwareDatetime | None = None
    """Its tool asked us to stay away until then."""
    last_whole: AwareDatetime | None = None
    """When all of it was last looked at; None where its connector sees to that."""
    every: Annotated[int, Field(gt=0)]
    """Minutes between two pulls."""
    resting: bool = False
    """True while nobody of it is at work."""
    day_ended: AwareDatetime | None = None
    """When a working day of somebody in it last ended or began: a pull from before has not seen all of it."""


class Stranger(Noun):
    """One contributor who may be read, whose account at a connection only its tool can say."""

    connection: str
    ask_at: AwareDatetime | None
    """When to ask about them; None: they never were."""


class Showing(Noun):
    """One contributor's calendar of drafts."""

    contributor: str
    connection: str
    last_heard: AwareDatetime | None
    """When we last looked what they did there."""
    not_before: AwareDatetime | None = None
    behind: bool = False
    """Their drafts were looked at again since it was written."""
    every: Annotated[int, Field(gt=0)]
    """Minutes between two looks."""
    resting: bool = False
    """They are not at work."""


class Box(Noun):
    """Our own mailbox."""

    last_looked: AwareDatetime | None
    every: Annotated[int, Field(gt=0)]
    """Minutes between two looks."""


class ContributorDay(Noun):
    """One local day of one contributor."""

    contributor: str
    day: date


class Person(Noun):
    """One contributor the rollout reaches, as far as mails to them go."""

    contributor: str
    zone: str
    """IANA name."""
    digest_at: time
    """In their own zone."""
    digest_until: time | None = None
    """Later in the day there is none; the next one says it all."""
    works_today: bool
    """Today is one of their working days, and leave or absence does not take all of it."""
    pending: Annotated[int, Field(ge=0)]
    """Drafts of finished days that wait for their word."""
    last_digest: date | None
    """The local day of their last one."""
    week_began: date | None = None
    """Who is mailed once a week: the first working day of this one. None: who is mailed on all of them."""
    remind_between: tuple[AwareDatetime, AwareDatetime] | None = None
    """When they may be reminded today; None: there is nothing to remind them of, or they were."""
    look_back_from: date | None = None
    """The first day of this week on which they may look back at the last; None: they did, or do not."""
    invited: bool
    told: bool = True
    """They know of every change of the policy they agreed to."""
    acknowledged: bool
    """They acknowledged the policy version in force."""


class Waiting(Noun):
    """A posting that is not at its end."""

    id: str
    contributor: str
    lane: str
    """Opaque, stands for connection and task: writes to one task go one after the other."""
    due_at: AwareDatetime
    """Its not-before."""
    unknown: bool = False
    """An attempt was made and what became of it is not known."""


class Freeze(Noun):
    """Note who stands where as a week begins."""

    week: str


class Publish(Noun):
    """Make the report of one period, once and for good."""

    report: str
    period: str


class Hand(ContributorDay):
    """Mail somebody where the reports of a day are."""


class State(Noun):
    """All that decides what is due; partitions and people hold nobody who may not be read (P3)."""

    short: bool = False
    """The store has little room left: that is for what people say (R-12)."""
    awake_since: AwareDatetime | None = None
    """Since when somebody looks what is due: the start of the program, or the end of a long sleep."""
    last_forgotten: AwareDatetime | None = None
    """When retention last ran."""
    last_tended: AwareDatetime | None = None
    """When what contributors lent us was last looked after."""
    revocations: tuple[str, ...] = ()
    """What is to be given back now."""
    people: tuple[Person, ...] = ()
    unwarned: tuple[str, ...] = ()
    """Who does not know yet that the rollout has stopped."""
    strangers: tuple[Stranger, ...] = ()
    partitions: tuple[Pace, ...] = ()
    showing: tuple[Showing, ...] = ()
    stale: tuple[ContributorDay, ...] = ()
    """Days whose evidence, rules or decisions changed since they were reconciled."""
    postings: tuple[Waiting, ...] = ()
    too_soon: Waits = Waits(looks=False, sends=False)
    """Which of their steps wait because the clock leapt, or we began, a moment ago."""
    box: Box | None = None
    """None where there is none."""
    unfrozen: str | None = None
    """The week that has begun, while it is not noted who stands where in it."""
    unpublished: tuple[Publish, ...] = ()
    """Reports whose day has come."""
    unsent: tuple[ContributorDay, ...] = ()
    """Who has not heard of a published report, by the day it was published on."""


class Forget(Noun):
    """Remove what is past its retention."""


class Tend(Noun):
    """Look after what contributors lent us: warn before it ends, use it before it dies unused."""


class Revoke(Noun):
    """Give one thing back that a contributor no longer lends us."""

    revocation: str


class Invite(Noun):
    """Mail the policy to someone who has not seen it."""

    contributor: str


class Announce(Noun):
    """Mail somebody what changes about the policy they agreed to."""

    contributor: str


class Warn(Noun):
    """Mail somebody that the rollout has stopped, and why."""

    contributor: str


class Find(Noun):
    """Ask one tool which accounts contributors have."""

    connection: str


class Pull(Noun):
    """Walk through what changed in one partition."""

    connection: str
    partition: str
    whole: bool = False
    """Look at all of it again."""


class Reconcile(Noun):
    """Bring the drafts of some days of one contributor in line with their evidence."""

    contributor: str
    days: tuple[date, ...]
    """In order, and within a month."""


class Show(Noun):
    """Hear what a contributor did in their calendar of drafts, and show their drafts there."""

    contributor: str
    connection: str


class Digest(ContributorDay):
    """Mail one contributor what waits for them; `day` is the local day it is sent on."""


class Remind(ContributorDay):
    """Mail one contributor, once more, what still waits; `day` is the local day it is sent on."""


class LookBack(ContributorDay):
    """Mail one contributor what their last week came to; `day` is the local day it is sent on."""


class Listen(Noun):
    """Read what came back to our mailbox: answers, and what could not be delivered."""


class Post(Noun):
    """Take the next step of one posting; those of one lane never at the same time."""

    posting: str
    lane: str


Reporting = Freeze | Publish | Hand
Mailing = Warn | Invite | Announce | Digest | Remind | LookBack
Work = Forget | Tend | Revoke | Mailing | Find | Pull | Reconcile | Show | Listen | Post | Reporting


def lane(work: Work) -> str | None:
    """What no two pieces of work may be in at the same time; None: it is in nobody's way but its own."""
    match work:
        case Post():
            return f"lane {work.lane}"
        case Reconcile():
            return f"days {work.contributor}"
    return None


def due(state: State, now: AwareDatetime) -> list[Work]:
    """The work that is due at `now`, in the order it should begin; with little room only what makes some."""
    works = _works(state, now)
    return [work for work in works if isinstance(work, Forget | Revoke)] if state.short else works


def _works(state: State, now: datetime) -> list[Work]:
    return [
        *([Forget()] if _is_daily_due(state.last_forgotten, now) else ()),
        *([Tend()] if _is_daily_due(state.last_tended, now) else ()),
        *(Revoke(revocation=one) for one in sorted(state.revocations)),
        *(Warn(contributor=one) for one in sorted(state.unwarned)),
        *_invitations(state.people),
        *_findings(state.strangers, now),
        *_pulls(state.partitions, state.awake_since, now),
        *reconciling(state.stale),
        *_showings(state.showing, now),
        *([Listen()] if state.box and _is_to_listen(state.box, now) else ()),
        *_digests(state.people, state.stale, now),
        *_look_backs(state.people, now),
        *_posts(state.postings, state.too_soon, now),
        *([Freeze(week=state.unfrozen)] if state.unfrozen else ()),
        *state.unpublished,
        *(Hand(contributor=one.contributor, day=one.day) for one in state.unsent),
    ]


def _is_daily_due(last: datetime | None, now: datetime) -> bool:
    """Once a day: retention counts in days, and so do the ends of credentials."""
    return last is None or last.astimezone(UTC).date() != now.astimezone(UTC).date()


def _invitations(people: Iterable[Person]) -> Iterator[Invite | Announce]:
    for person in _in_order(people):
        if not person.invited:
            yield Invite(contributor=person.contributor)
        if not person.told:
            yield Announce(contributor=person.contributor)


def _findings(strangers: Iterable[Stranger], now: datetime) -> Iterator[Find]:
    waiting = (one for one in strangers if one.ask_at is None or one.ask_at <= now)
    for connection in sorted({one.connection for one in waiting}):
        yield Find(connection=connection)


def _pulls(partitions: Iterable[Pace], awake_since: datetime | None, now: datetime) -> Iterator[Pull]:
    # person by person, so that a connection at the end of its rate does not hold up the others
    paces = sorted(partitions, key=lambda pace: (pace.partition, pace.connection))
    many = Counter(pace.connection for pace in paces)
    for pace in paces:
        if _may_pull(pace, now) and _is_its_turn(pace, many[pace.connection], awake_since, now):
            yield Pull(connection=pace.connection, partition=pace.partition, whole=_is_widely_due(pace, now))


def _is_widely_due(pace: Pace, now: datetime) -> bool:
    """Once a day all of it is looked at: rather while nobody is at work, and not everybody's at once."""
    if pace.last_whole is None:
        return False
    own = timedelta(minutes=_lot(pace) % SPREAD)
    return now - pace.last_whole >= (OFF_PEAK if pace.resting else A_DAY) + own


def _is_its_turn(pace: Pace, many: int, awake_since: datetime | None, now: datetime) -> bool:
    """Pulls that came due while nobody looked do not all begin in one moment; a first one waits for nothing.

    From turn to turn they keep their distance, so they are spread ever after.
    """
    every = timedelta(minutes=pace.every)
    if awake_since is None or pace.last_pulled is None or pace.last_pulled + every > awake_since:
        return True
    if many <= AT_ONCE:
        return True
    seconds = min(int(every.total_seconds()), many)
    return now >= awake_since + timedelta(seconds=_lot(pace) % seconds)


def _lot(pace: Pace) -> int:
    """A number that is always the same for one partition, and any for all of them."""
    return crc32(f"{pace.connection} {pace.partition}".encode())


def _may_pull(pace: Pace, now: datetime) -> bool:
    if pace.not_before is not None and now < pace.not_before:
        return False
    if pace.last_pulled is None:
        return True
    if pace.last_pulled > now:
        return True  # made by a clock since put back; waiting for it could take for ever
    if pace.day_ended is not None and pace.last_pulled < pace.day_ended:
        return True
    return not pace.resting and now >= pace.last_pulled + timedelta(minutes=pace.every)


def reconciling(stale: Iterable[ContributorDay]) -> Iterator[Reconcile]:
    """The days of each contributor together: their evidence is read once, and a crash costs one person's."""
    theirs: dict[str, list[date]] = {}
    for contributor, day in sorted({(late.contributor, late.day) for late in stale}):
        theirs.setdefault(contributor, []).append(day)
    for contributor, days in theirs.items():
        while days:
            together = tuple(day for day in days if day - days[0] < TOGETHER)
            yield Reconcile(contributor=contributor, days=together)
            days = days[len(together) :]


def _showings(showing: Iterable[Showing], now: datetime) -> Iterator[Show]:
    for one in sorted(showing, key=lambda one: (one.contributor, one.connection)):
        if _is_to_show(one, now):
            yield Show(contributor=one.contributor, connection=one.connection)


def _is_to_show(one: Showing, now: datetime) -> bool:
    if one.not_before is not None and now < one.not_before:
        return False
    if one.behind or one.last_heard is None or one.last_heard > now:
        return True
    return not one.resting and now >= one.last_heard + timedelta(minutes=one.every)


def _is_to_listen(box: Box, now: datetime) -> bool:
    if box.last_looked is None or box.last_looked > now:
        return True
    return now >= box.last_looked + timedelta(minutes=box.every)


def _digests(
    people: Iterable[Person], stale: Iterable[ContributorDay], now: datetime
) -> Iterator[Digest | Remind]:
    """Once a contributor and local day, or week, however long we slept, and once more in the afternoon.

    Not while a finished day still waits to be reconciled: what a digest says cannot be taken back.
    """
    latest_first = sorted(((late.contributor, late.day) for late in stale), reverse=True)
    oldest = dict(latest_first)
    for person in _in_order(people):
        today = now.astimezone(ZoneInfo(person.zone)).date()
        behind = oldest.get(person.contributor, today) < today
        sent = person.last_digest is not None and person.last_digest >= (person.week_began or today)
        wanted = person.acknowledged and person.works_today and person.pending > 0
        if wanted and not sent and not behind and _is_time(person, today, now):
            yield Digest(contributor=person.contributor, day=today)
        elif wanted and not behind and _is_within(person.remind_between, now):
            yield Remind(contributor=person.contributor, day=today)


def _look_backs(people: Iterable[Person], now: datetime) -> Iterator[LookBack]:
    for person in _in_order(people):
        today = now.astimezone(ZoneInfo(person.zone)).date()
        begun = person.look_back_from is not None and today >= person.look_back_from
        if begun and person.acknowledged and person.works_today and _is_time(person, today, now):
            yield LookBack(contributor=person.contributor, day=today)


def _is_within(span: tuple[datetime, datetime] | None, now: datetime) -> bool:
    return span is not None and span[0] <= now < span[1]


def _is_time(person: Person, today: date, now: datetime) -> bool:
    """Not before their morning, nor in the evening where we slept all day (E-07)."""
    until = person.digest_until
    late = until is not None and now >= _moment(person, today, until)
    return not late and now >= _moment(person, today, person.digest_at)


def _moment(person: Person, today: date, at: time) -> datetime:
    """When it is this time of day for somebody on their `today`.

    Gives    UTC, because inside one zone Python compares what the clocks show (PEP 495). A time of day that
             the clocks skip comes as much later as they skip, one that they show twice the first time
    """
    return datetime.combine(today, at, ZoneInfo(person.zone)).astimezone(UTC)


def _posts(postings: Iterable[Waiting], too_soon: Waits, now: datetime) -> Iterator[Post]:
    """Every posting that may go on, the one due longest first.

    While the outcome of one is unknown, nothing else of its contributor goes into its lane: where records
    carry no mark of ours, a look would take the new record for the old (R-04).
    """
    waiting = sorted(postings, key=lambda posting: (posting.due_at, posting.id))
    unknown = {(posting.contributor, posting.lane) for posting in waiting if posting.unknown}
    for posting in waiting:
        blocked = not posting.unknown and (posting.contributor, posting.lane) in unknown
        waits = too_soon.looks if posting.unknown else too_soon.sends
        if posting.due_at <= now and not blocked and not waits:
            yield Post(posting=posting.id, lane=posting.lane)


def _in_order(people: Iterable[Person]) -> list[Person]:
    return sorted(people, key=lambda person: person.contributor)
