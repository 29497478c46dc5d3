"""Which policy a house lives under: what its file asks for, and what the store says was promised (S-20).

Opening a house only looks; who runs on it writes down what was found, and looks again in every round, so
that a policy whose day has come, or another process with another file, is noticed without a restart. Who only
helps, on another machine, follows what is written down: an older file there takes nothing back.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import NamedTuple

from core.loosening import Difference, differences, loosened
from core.model import Noun
from core.notice import Standing, Version, after_notice, settled
from core.policy import Policy
from core.roles import more, placed
from core.rollout import Stage
from daybook.house import House, Member
from daybook.languages import _
from daybook.store.store import Store
from daybook.store.unit import Unit


class Ledger(NamedTuple):
    """What holds, and every version that was ever seen."""

    standing: Standing
    texts: Mapping[str, Policy]


def look(store: Store, asked: Policy, now: datetime, *, follows: bool = False) -> Ledger:
    """What holds for who asks for this policy.

    Takes    follows: takes what another wrote down, and asks only where nobody did yet
    """
    with store.reading() as tx:
        kept = tx.policies.standing()
        standing = kept if kept and follows else settled(kept, asked, _today(tx, now))
        texts = tx.policies.texts()
    held = (standing.former, standing.in_force, standing.coming)
    return Ledger(standing, texts | {one.version: one.policy for one in held if one})


def keep(house: House) -> None:
    """Write down what holds from now on."""
    with house.store.writing() as tx:
        before = tx.policies.standing()
        standing = settled(before, asked(house.standing), _today(tx, house.clock()))
        if standing != before:
            tx.policies.keep(standing)
            if standing.in_force.policy.delegates is None:
                tx.links.end(house.clock())  # for good: a later policy brings no grant back


def place(house: House, tx: Unit) -> None:
    """Write down who has another role than the one they acknowledged: what it allows more waits."""
    today = _today(tx, house.clock())
    for member in house.members(tx):
        known = member.contributor.in_role
        after = placed(known, member.role, house.policy, today)
        if after != known and member.contributor.acknowledged:
            tx.people.in_role(member.id, after)


def is_over(house: House) -> bool:
    """Whether another policy holds by now, or another file was heard, than when this house was opened.

    For who follows, also whether another stage of the rollout does.
    """
    if house.ledger is None:
        return False
    with house.store.reading() as tx:
        kept = tx.policies.standing()
        if house.follows:
            return (kept is not None and kept != house.ledger) or _stage(house, tx) != house.stage
        holds = settled(kept, asked(house.ledger), _today(tx, house.clock()))
    return not kept == holds == house.ledger


def renewed(house: House) -> House:
    """The same house under the policy that holds now."""
    assert house.connecting is not None, "only an opened house has a ledger"
    ledger = look(house.store, asked(house.standing), house.clock(), follows=house.follows)
    policy = ledger.standing.in_force.policy
    configuration = house.configuration.model_copy(update={"policy": policy})
    with house.store.reading() as tx:
        stage = _stage(house, tx)
    return replace(
        house,
        stage_in_force=stage,
        configuration=configuration,
        policy=policy,
        ledger=ledger.standing,
        texts=ledger.texts,
        waits=house.waits if ledger.standing.coming else (),
        connectors=house.connecting(configuration),
    )


def held(house: House, tx: Unit) -> list[Version]:
    """Every version that was in force; the one that is comes last."""
    return [*tx.policies.held(), house.standing.in_force]


def managing(house: House, tx: Unit) -> dict[str, date]:
    """Who reads reports as a manager, by address: since which day each version has named them."""
    since: dict[str, date] = {}
    for one in held(house, tx):
        since = {reader: since.get(reader, one.since) for reader in one.policy.managers}
    return since


def asked(standing: Standing) -> Policy:
    """What the file asks for."""
    return (standing.coming or standing.in_force).policy


def _stage(house: House, tx: Unit) -> Stage:
    """Of the rollout: who helps goes back with the others, and reads nobody it no longer reaches (P-09)."""
    begun = tx.rollout.stage() if house.follows else None
    return begun.stage if begun and begun.stage else house.stage


def _today(tx: Unit, now: datetime) -> date:
    """The latest day we know of: a clock that was put back begins no notice earlier."""
    forgotten = tx.forgotten_at()
    known = (now, forgotten) if forgotten else (now,)
    days = [moment.astimezone(UTC).date() for moment in known]
    return max(*days, tx.policies.last_seen() or date.min)


# --- what people are told ----------------------------------------------------------------------------------


class Change(Noun):
    """How the policy differs from the one somebody agreed to."""

    already: tuple[Difference, ...]
    """What holds by now."""
    later: tuple[Difference, ...]
    """What comes with the version that is announced."""
    coming: Version | None

    @property
    def is_one(self) -> bool:
        return bool(self.already or self.later)


def change(house: House, agreed_to: str | None) -> Change:
    """What is another than in the version somebody agreed to, or the one before; in their language."""
    standing = house.standing
    former = standing.former.policy if standing.former else house.policy
    known = house.texts.get(agreed_to or "", former)
    coming = standing.coming
    return Change(
        already=_said(known, house.policy),
        later=_said(house.policy, coming.policy) if coming else (),
        coming=coming,
    )


def _said(before: Policy, after: Policy) -> tuple[Difference, ...]:
    found = differences(before, after)
    return tuple(one.model_copy(update={"sentence": _(one.sentence)}) for one in found)


class Waiting(NamedTuple):
    """A role of which more is read, and its day."""

    role: str
    besides: tuple[str, ...]
    """What is read of people in it, beyond the role they acknowledged; in sentences."""
    day: date
    """The first day it may hold: as they were told, or if they are told today."""
    agreed: bool


def waiting(house: House, tx: Unit, member: Member) -> Waiting | None:
    """What somebody's new role would have read of them besides, until they acknowledge it."""
    today = _today(tx, house.clock())
    known = member.contributor.in_role.on(today)
    if known.coming is None:
        return None
    besides = tuple(_(one.sentence) for one in more(house.policy, known.role, known.coming))
    return Waiting(known.coming, besides, known.since or after_notice(house.policy, today), known.agreed)


def news(house: House) -> str:
    """The version that everybody is told of."""
    return (house.standing.coming or house.standing.in_force).version


def is_taken_back(house: House, told: str | None) -> bool:
    """Whether they were told of something that does not come."""
    announced = house.texts.get(told or "")
    return announced is not None and bool(loosened(house.policy, announced))
