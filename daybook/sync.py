"""One cycle of pulling and reconciling, for a person at a terminal: sums only, nobody's day (P1)."""

from __future__ import annotations

from core.model import Noun
from daybook import jobs, state
from daybook.daemon import enrol
from daybook.house import House


class Failing(Noun):
    connection: str
    reason: str


class Told(Noun):
    """What a cycle did."""

    named: int
    """People the rollout reaches."""
    people: int
    """Of those, who acknowledged the policy and may be read."""
    sightings: int
    """Objects the tools spoke of."""
    skipped: dict[str, int]
    """Reason -> objects left out on purpose."""
    activities: dict[str, dict[str, int]]
    """What is held now, by source and kind."""
    drafts: int
    """Drafts that wait for their contributor."""
    failing: tuple[Failing, ...]


def cycle(house: House) -> Told:
    """Pull every partition once, whatever its pace, and reconcile every day that changed."""
    enrol(house)
    with house.store.reading() as tx:
        partitions = state.partitions(house, tx)
        readable = [member for member in house.members(tx) if member.consent]
    walks = [jobs.pull(house, connection, key) for connection, key in partitions]
    tallies = [tally for tally in walks if tally is not None]
    while stale := state.snapshot(house, house.clock()).stale:
        for day in stale:
            jobs.reconsider(house, day.contributor, day.day)
    with house.store.reading() as tx:
        states = {(pull.connection, pull.partition): pull for pull in tx.partitions.all()}
        reasons = {(key[0], states[key].reason or "") for key in partitions if states[key].failing_since}
        counts = tx.drafts.tally()
        activities = tx.evidence.tally()
    skipped: dict[str, int] = {}
    for tally in tallies:
        for reason, count in tally.skipped.items():
            skipped[reason] = skipped.get(reason, 0) + count
    return Told(
        named=len(house.named),
        people=len(readable),
        sightings=sum(tally.sightings for tally in tallies),
        skipped=skipped,
        activities=activities,
        drafts=counts.get("open", 0) + counts.get("edited", 0),
        failing=tuple(Failing(connection=name, reason=reason) for name, reason in sorted(reasons)),
    )
