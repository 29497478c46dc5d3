"""One cycle of pulling and reconciling, for a person at a terminal: sums only, nobody's day (P1)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import suppress
from datetime import datetime
from typing import TypeVar

from core import rounds
from core.model import Noun
from daybook import doubt, jobs, state
from daybook.daemon import enrol
from daybook.house import House
from daybook.status import commonest
from daybook.store.unit import Unit

T = TypeVar("T")
Place = tuple[str, str]
"""A connection and the key of a partition of it."""


class Failing(Noun):
    """One connection, over all its partitions."""

    connection: str
    partitions: int
    """How many of them could not be pulled."""
    reasons: tuple[str, ...]
    """The commonest."""


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

    def lines(self) -> Iterator[str]:
        yield f"{self.people} of the {self.named} people the rollout reaches may be read."
        if not self.people:
            yield "Nobody of them has acknowledged the policy, so nothing was asked of any tool."
            yield "Next: daybook run, which invites them."
            return
        yield f"The tools spoke of {self.sightings} things; {self.drafts} drafts wait for their contributors."
        for reason, count in sorted(self.skipped.items()):
            yield f"{count} left out: {reason}."


def side_by_side(
    house: House,
    partitions: Collection[Place],
    read: Callable[[Place], T],
    step: Callable[[int], None],
) -> Iterator[tuple[Place, T]]:
    """What reading each of these brought, as it comes: most of the time is the way to the tools.

    Takes    step: told how many are done
    """
    pool = ThreadPoolExecutor(house.configuration.pulling.workers, thread_name_prefix="pull")
    try:
        places = {pool.submit(read, place): place for place in partitions}
        for number, done in enumerate(as_completed(places), start=1):
            yield places[done], done.result()
            step(number)
    finally:
        pool.shutdown(cancel_futures=True)


def cycle(house: House, step: Callable[[str, int, int], None] = lambda *_: None) -> Told:
    """Pull every partition once, whatever its pace, and reconcile every day that changed.

    Takes    step: told what is done, how much of it is, and of how much
    """
    doubt.insist(house)
    enrol(house)
    for connection in house.connectors:
        jobs.find(house, connection)
    with house.store.reading() as tx:
        partitions = state.partitions(house, tx)
        readable = [member for member in house.members(tx) if member.consent]
    pulled = side_by_side(
        house,
        partitions,
        lambda place: jobs.pull(house, *place),
        lambda number: step("Pulling", number, len(partitions)),
    )
    tallies = [tally for _, tally in pulled if tally is not None]
    catch_up(house, step)
    with house.store.reading() as tx:
        failing = _failing(tx, partitions, house.clock())
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
        failing=failing,
    )


def _failing(tx: Unit, partitions: Collection[Place], now: datetime) -> tuple[Failing, ...]:
    """The connections that did not answer, and those that were not asked because they sent us away."""
    resting = {rest.connection: rest.reason for rest in tx.rests.at(now)}
    failed = {
        (pull.connection, pull.partition): pull.reason for pull in tx.partitions.all() if pull.failing_since
    }
    reasons: dict[str, list[str]] = {}
    for place in partitions:
        if reason := failed.get(place) or resting.get(place[0]):
            reasons.setdefault(place[0], []).append(reason)
    return tuple(
        Failing(connection=name, partitions=len(said), reasons=commonest(said))
        for name, said in sorted(reasons.items())
    )


def catch_up(house: House, step: Callable[[str, int, int], None]) -> None:
    """Reconcile every day that changed; where a daemon does the same meanwhile, its work counts as ours."""
    while stale := state.snapshot(house, house.clock()).stale:
        number = 0
        for work in rounds.reconciling(stale):
            with suppress(jobs.Moved):
                jobs.reconsider(house, work.contributor, work.days)
            number += len(work.days)
            step("Drafting", number, len(stale))
