"""Reconsider: bring the drafts of a contributor's days in line with evidence, rules and their owner's word.

Days that are due together are one piece of work: what was seen of its owner is read and opened once for all
of them, and one transaction keeps what came of it. Yet each day stands for itself: it counts only while it
is at the version that was read, and where one breaks, the others are kept.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple

from connectors.contract import uid_of_record
from core.day import ContributorDay, Sheet
from core.memory import Memory, OwnRule
from core.model import Activity, Draft
from core.reconcile import Plan, applied, reconcile
from daybook.altered import altered_on
from daybook.house import House, Member
from daybook.store.days import Seen
from daybook.store.drafts import Held
from daybook.store.postings import Filed
from daybook.store.unit import Unit

A_DAY = timedelta(days=1)
BEHIND = timedelta(days=45)
"""How far before a day the history of its tasks may begin: one was started weeks ago."""
ABROAD = timedelta(days=2)
"""Evidence lies under the days of where its owner was when it was read; elsewhere it was another day."""


class Moved(Exception):
    """The state changed under a job; nothing was written, and the next round begins anew."""


class _Read(NamedTuple):
    """One day as it was found."""

    day: ContributorDay
    version: int
    activities: Sequence[Activity]
    held: Sequence[Held]


class _Made(NamedTuple):
    """What came of it."""

    read: _Read
    plan: Plan
    drafts: dict[str, Draft]
    """As they stand then, by key."""


def reconsider(house: House, contributor: str, days: Collection[date]) -> None:
    """Bring the drafts of these days in line with their evidence, their rules and their owner's word.

    Takes    at least one day; from the first to the last all evidence is in memory at a time
    Raises   Moved; what a day broke by, once the others are kept
    """
    with house.store.reading() as tx:
        member = house.member(tx, contributor)
        if member is None or not house.agreed(member):
            return
        found = list(_found(house, tx, member, sorted(days)))
    made: list[_Made] = []
    broken: Exception | None = None
    for read in found:
        try:
            made.append(_made(house, read))
        except Exception as error:
            broken = error
    if made:
        _keep(house, contributor, made)
    if broken is not None:
        raise broken


def _found(house: House, tx: Unit, member: Member, days: Sequence[date]) -> Iterator[_Read]:
    now = house.clock()
    ends = {day: _zones(house, member, day) for day in days}
    last = {day: day if begins == ends else day + A_DAY for day, (begins, ends) in ends.items()}
    woken = {day: _woken(house, member, day) for day in days}
    known = tx.evidence.known(
        member.id,
        days[0],
        last[days[-1]],
        tasks_since=min(woken.values()),
        projects_since=days[0] - BEHIND,
    )
    versions = tx.days.versions(member.id, days)
    held = tx.drafts.of_days(member.id, days)
    postings = tx.postings.of_days(member.id, days)
    memory = tx.memory.of(member.id)
    for day in days:
        activities = known.of(day, last[day], tasks_since=woken[day])
        seen = known.projects(day, last[day], tasks_since=day - BEHIND)
        theirs, filed = held.get(day, []), postings.get(day, [])
        today = _day(house, member, day, ends[day], now, seen).model_copy(
            update={
                "ours": frozenset(uid_of_record(one.posting.record) for one in filed if one.posting.record),
                "memory": memory,
                "standing": _standing(house, tx, member, day, theirs, filed),
            }
        )
        yield _Read(today, versions[day], activities, theirs)


def _woken(house: House, member: Member, day: date) -> date:
    """Since when a sign of work keeps a task awake: of older ones only their project counts."""
    stale_after = house.configuration.numbers_of(member.person).stale_after
    schedule = house.schedule_of(member.person.on(day))
    return max(schedule.reaching_back(day, stale_after) - ABROAD, day - BEHIND)


def _made(house: House, read: _Read) -> _Made:
    standing = [one.draft for one in read.held]
    plan = reconcile(read.day, read.activities, house.mappings, standing)
    return _Made(read, plan, {draft.key: draft for draft in applied(standing, plan.changes)})


def _keep(house: House, contributor: str, made: Sequence[_Made]) -> None:
    """Write down what came of the days that are as they were read; the others are due again."""
    with house.store.writing() as tx:
        versions = tx.days.versions(contributor, [one.read.day.day for one in made])
        kept = [one for one in made if versions[one.read.day.day] == one.read.version]
        saved = [change for one in kept for change in _saved(one)]
        if not tx.drafts.save_all(contributor, saved):
            raise Moved
        for key, revision in (gone for one in kept for gone in _gone(one)):
            if not tx.drafts.remove(contributor, key, revision):
                raise Moved
        seen = [Seen(one.read.day.day, one.read.version, _sheet(tx, contributor, one)) for one in kept]
        tx.days.reconciled_all(contributor, seen, house.mappings_hash, made[0].read.day.now)
        for one in kept:
            day = one.read.day
            tx.memory.used(contributor, _spoke(day.memory, one.plan.sheet, one.drafts.values()), day.day)


def _saved(made: _Made) -> Iterator[tuple[date, Draft, int]]:
    """What is to be written, each with the revision that was read."""
    revisions = {one.draft.key: one.revision for one in made.read.held}
    for change in made.plan.changes:
        if change.key in made.drafts:
            yield made.read.day.day, made.drafts[change.key], revisions.get(change.key, 0)


def _gone(made: _Made) -> Iterator[tuple[str, int]]:
    return ((one.draft.key, one.revision) for one in made.read.held if one.draft.key not in made.drafts)


def _sheet(tx: Unit, contributor: str, made: _Made) -> str:
    """Of a closed day as it stood when it was closed."""
    day = made.read.day
    stands = tx.days.sheet(contributor, day.day) if day.closed else None
    return stands or made.plan.sheet.model_dump_json()


def _standing(
    house: House, tx: Unit, member: Member, day: date, held: Iterable[Held], filed: Sequence[Filed]
) -> dict[str, int]:
    """The minutes that stand at the targets of these drafts, where a hand changed them."""
    if not (found := altered_on(house, tx, member, day, filed)):
        return {}
    confirmed = [one.draft.key for one in held if one.draft.decision == "confirmed"]
    made = tx.entries.from_drafts(member.id, confirmed)
    return {key: found[entry.id].on(day) for key, entry in made.items() if entry.id in found}


def _spoke(memory: Memory, sheet: Sheet, drafts: Iterable[Draft]) -> list[OwnRule]:
    """The contributor's own rules that had something to say."""
    about = {ignored.about for ignored in sheet.ignored}
    about.update(name for draft in drafts for name in draft.suggestion.about)
    return [rule for rule in memory.rules if rule.about in about]


def _zones(house: House, member: Member, day: date) -> tuple[str, str]:
    """Where the day begins and where it ends: in another zone on the last day before a move."""
    begins, ends = (house.configuration.zone_of(member.person.on(one)) for one in (day, day + A_DAY))
    return begins, ends


def _day(
    house: House,
    member: Member,
    day: date,
    zones: tuple[str, str],
    now: datetime,
    containers: Collection[str],
) -> ContributorDay:
    zone, next_zone = zones
    return ContributorDay(
        day=day,
        zone=zone,
        next_zone=next_zone if next_zone != zone else None,
        schedule=house.schedule_of(member.person.on(day)),
        now=now,
        who=member.person.email,
        team=member.person.team,
        numbers=house.configuration.numbers_of(member.person),
        containers=house.issue_projects.union(containers),
        timeless=house.timeless,
        say=house.language(member).sentences,
        closed=not house.may_change(member, day),
    )
