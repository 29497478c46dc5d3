"""Once a day the stage of the rollout is looked at: what is due is counted, and a stop rule stops it.

Nobody is watched for that. When a day was first looked at comes with the form that answers it and
stays with the day for a week; then it is a step of a scale among everybody's, and gone from the day.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from functools import reduce

import structlog

from core.exits import Measured, Terms, stops
from core.periods import week
from core.rollout import FEWEST, mailed
from core.said import Said
from core.tallies import LAG, answer, counted, measured
from daybook.house import House, Member
from daybook.store.days import Uncounted
from daybook.store.rollout import Step
from daybook.store.unit import Unit

log = structlog.get_logger()


def look(house: House) -> None:
    """Count each day that is due once, keep what the stage came to, and stop it where a rule is met."""
    now = house.clock()
    wait = min(LAG, timedelta(days=house.policy.retention.drafts))
    with house.store.reading() as tx:
        steps, members = tx.rollout.steps(), house.members(tx)
        due = [(one, tx.days.uncounted(one.id, one.today(now) - wait)) for one in members if steps]
    for member, days in due:
        _count(house, member, days, steps)
    with house.store.writing() as tx:
        stage = tx.rollout.stage()
        if stage is None:
            return
        come_to = measure(house, tx, stage, now)
        tx.rollout.keep(now, stage.serial, come_to.model_dump_json())
        rules = stops(Terms.model_validate_json(stage.terms).stop, come_to, *_since(tx, now))
        if not rules or tx.rollout.stopped():
            return
        why = reduce(lambda one, other: Said("{one} {other}", one=one, other=other), rules)
        tx.rollout.add(now, "stopped", stage.stage, why, stage.terms)
        tx.takes_back("stopped", now, about=why)
    log.warning("rollout.stopped", stage=stage.stage, reason=why)
    house.work_is_waiting.set()


def _since(tx: Unit, now: datetime) -> tuple[int, int | None]:
    """How many had left when it last went on, and for how many days it has; both since the stage began."""
    last = tx.rollout.steps()[-1]
    if last.what != "resumed":
        return 0, None
    return Measured.model_validate_json(last.terms).opt_outs, (now - last.at).days


def measure(house: House, tx: Unit, stage: Step, now: datetime) -> Measured:
    """What the stage has come to by now."""
    remarks = tx.remarks.all()
    people = {member.id for member in house.members(tx) if house.agreed(member)}
    asked = (one for one in remarks if one.about == "ready" and one.step == stage.serial)
    last_words = {one.contributor: one.ready for one in asked}
    words = [said for who, said in last_words.items() if who in people]
    come_to = measured(
        tx.rollout.counts(stage.serial),
        elapsed=(now - stage.at).days,
        not_over=week(now.date() - LAG),
        waiting=[(now - one.at).days for one in remarks if one.waits],
        people=len(people),
        ready=sum(map(bool, words)) if words else None,
    )
    return come_to.model_copy(update={"weeks": tx.rollout.counts()}) if len(people) >= FEWEST else come_to


def spoke(house: House, who: Member, days: Iterable[date], opened: datetime | None, *, on_page: bool) -> None:
    """They gave these days their word.

    Takes    opened: when the page was made on which they did
    """
    with house.store.writing() as tx:
        for day in days:
            tx.days.spoke(who.id, day, house.clock(), opened, on_page=on_page)


def left(tx: Unit, now: datetime) -> None:
    """Somebody opted out."""
    _happened(tx, "opt_outs", now)


def disconnected(tx: Unit, now: datetime) -> None:
    """Somebody took a source back."""
    _happened(tx, "disconnected", now)


def _happened(tx: Unit, what: str, now: datetime) -> None:
    stage = tx.rollout.stage()
    if stage is not None:
        tx.rollout.count(stage.serial, week(now.date()), {what: 1})


def _count(house: House, member: Member, days: Sequence[Uncounted], steps: Sequence[Step]) -> None:
    """Their days that have had their time, before their drafts are forgotten."""
    if not days:
        return
    with house.store.writing() as tx:
        for row in days:
            if (step := _step_of(row.day, member, steps)) is not None:
                tx.rollout.count(step, week(row.day), _counts(tx, member, row))
            tx.days.counted(member.id, row.day)


def _counts(tx: Unit, member: Member, row: Uncounted) -> Counter[str]:
    drafts = [held.draft for held in tx.drafts.of(member.id, row.day)]
    said = row.said_at or row.answered_at
    stands = answer(
        drafts,
        row.day,
        nothing_to_add=row.answered_at is not None,
        opened=row.opened_at.astimezone(member.zone) if row.opened_at else None,
        said=said.astimezone(member.zone) if said else None,
        on_page=bool(row.on_page),
    )
    return counted(stands, drafts)


def _step_of(day: date, member: Member, steps: Sequence[Step]) -> int | None:
    """The stage in which a day was; None for one before it, or on which nobody was asked."""
    stopped, asked, stage = False, False, None
    for step in steps:
        if step.at.astimezone(member.zone).date() > day:
            break
        if step.what == "stage":
            stage, asked = step.serial, bool(mailed(step.stage))
        else:
            stopped = step.what == "stopped"
    return stage if asked and not stopped else None
