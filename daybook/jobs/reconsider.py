"""Reconsider: bring the drafts of one day in line with its evidence, its rules and its owner's word."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta

from connectors.contract import uid_of_record
from core.day import ContributorDay, Sheet
from core.memory import Memory, OwnRule
from core.model import Activity, Draft
from core.reconcile import Create, Flag, Revise, Withdraw, applied, reconcile
from core.wording import project_key
from daybook.altered import altered_on
from daybook.house import House, Member
from daybook.store.drafts import Held
from daybook.store.unit import Unit

A_DAY = timedelta(days=1)
BEHIND = timedelta(days=45)
"""How far before a day the history of its tasks may begin: one was started weeks ago."""


def reconsider(house: House, contributor: str, day: date) -> None:
    """Bring the drafts of one day in line with its evidence, its rules and its owner's word."""
    now = house.clock()
    with house.store.reading() as tx:
        member = house.member(tx, contributor)
        if member is None or not house.agreed(member):
            return
        version = tx.days.version(contributor, day)
        zone, next_zone = _zones(house, member, day)
        last = day if zone == next_zone else day + A_DAY
        activities = tx.evidence.of(contributor, day, last, tasks_since=day - BEHIND)
        held = tx.drafts.of(contributor, day)
        memory = tx.memory.of(contributor)
        ours = {uid_of_record(record) for record in tx.postings.receipts(contributor, day)}
        there = _standing(house, tx, member, day, held)
    standing = [one.draft for one in held]
    today = _day(house, member, day, now, activities).model_copy(
        update={"ours": frozenset(ours), "memory": memory, "standing": there}
    )
    plan = reconcile(today, activities, house.mappings, standing)
    after = {draft.key: draft for draft in applied(standing, plan.changes)}
    revisions = {one.draft.key: one.revision for one in held}
    with house.store.writing() as tx:
        if tx.days.version(contributor, day) != version:
            return  # something came meanwhile; the day is due again
        for change in plan.changes:
            match change:
                case Create() | Revise():
                    key = change.suggestion.key
                case Withdraw() | Flag():
                    key = change.key
            kept = (
                tx.drafts.save(contributor, day, after[key], revisions.get(key, 0))
                if key in after
                else tx.drafts.remove(contributor, key, revisions[key])
            )
            if not kept:
                raise Moved
        stands = tx.days.sheet(contributor, day) if today.closed else None
        sheet = stands or plan.sheet.model_dump_json()
        tx.days.reconciled(contributor, day, sheet, house.mappings_hash, version, now)
        tx.memory.used(contributor, _spoke(memory, plan.sheet, after.values()), day)


def _standing(house: House, tx: Unit, member: Member, day: date, held: Iterable[Held]) -> dict[str, int]:
    """The minutes that stand at the targets of these drafts, where a hand changed them."""
    if not (found := altered_on(house, tx, member, day, tx.postings.of(member.id, day))):
        return {}
    confirmed = [one.draft.key for one in held if one.draft.decision == "confirmed"]
    made = tx.entries.from_drafts(member.id, confirmed)
    return {key: found[entry.id].on(day) for key, entry in made.items() if entry.id in found}


def _spoke(memory: Memory, sheet: Sheet, drafts: Iterable[Draft]) -> list[OwnRule]:
    """The contributor's own rules that had something to say."""
    about = {ignored.about for ignored in sheet.ignored}
    about.update(name for draft in drafts for name in draft.suggestion.about)
    return [rule for rule in memory.rules if rule.about in about]


class Moved(Exception):
    """The state changed under a job; nothing was written, and the next round begins anew."""


def _zones(house: House, member: Member, day: date) -> tuple[str, str]:
    """Where the day begins and where it ends: in another zone on the last day before a move."""
    begins, ends = (house.configuration.zone_of(member.person.on(one)) for one in (day, day + A_DAY))
    return begins, ends


def _day(
    house: House, member: Member, day: date, now: datetime, activities: Sequence[Activity]
) -> ContributorDay:
    named = (project_key(activity.task, activity.container) for activity in activities)
    containers = {key for key in named if key}
    then = member.person.on(day)
    zone, next_zone = _zones(house, member, day)
    return ContributorDay(
        day=day,
        zone=zone,
        next_zone=next_zone if next_zone != zone else None,
        schedule=house.schedule_of(then),
        now=now,
        who=member.person.email,
        team=member.person.team,
        numbers=house.configuration.numbers_of(member.person),
        containers=frozenset(containers | house.issue_projects),
        timeless=house.timeless,
        say=house.language(member).sentences,
        closed=not house.may_change(member, day),
    )
