"""One cycle of pulling and reconciling, for a person at a terminal: sums only, nobody's day (P1)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import suppress

from core.model import Noun
from daybook import jobs, state
from daybook.daemon import enrol
from daybook.house import House
from daybook.jobs.pull import Tally
from daybook.status import commonest


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


def _pulled(
    house: House, partitions: Collection[tuple[str, str]], step: Callable[[str, int, int], None]
) -> Iterator[Tally]:
    """What each of these brought, as it comes: side by side, for most of the time is the way to the tools."""
    pool = ThreadPoolExecutor(house.configuration.pulling.workers, thread_name_prefix="pull")
    try:
        pulls = [pool.submit(jobs.pull, house, connection, key) for connection, key in partitions]
        for number, pull in enumerate(as_completed(pulls), start=1):
            if (tally := pull.result()) is not None:
                yield tally
            step("Pulling", number, len(partitions))
    finally:
        pool.shutdown(cancel_futures=True)


def cycle(house: House, step: Callable[[str, int, int], None] = lambda *_: None) -> Told:
    """Pull every partition once, whatever its pace, and reconcile every day that changed.

    Takes    step: told what is done, how much of it is, and of how much
    """
    enrol(house)
    for connection in house.connectors:
        jobs.find(house, connection)
    with house.store.reading() as tx:
        partitions = state.partitions(house, tx)
        readable = [member for member in house.members(tx) if member.consent]
    tallies = list(_pulled(house, partitions, step))
    catch_up(house, step)
    with house.store.reading() as tx:
        states = {(pull.connection, pull.partition): pull for pull in tx.partitions.all()}
        failing: dict[str, list[str]] = {}
        for pull in (states[key] for key in partitions):
            if pull.failing_since:
                failing.setdefault(pull.connection, []).append(pull.reason or "")
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
        failing=tuple(
            Failing(connection=name, partitions=len(reasons), reasons=commonest(reasons))
            for name, reasons in sorted(failing.items())
        ),
    )


def catch_up(house: House, step: Callable[[str, int, int], None]) -> None:
    """Reconcile every day that changed; where a daemon does the same meanwhile, its work counts as ours."""
    while stale := state.snapshot(house, house.clock()).stale:
        for number, day in enumerate(stale, start=1):
            with suppress(jobs.Moved):
                jobs.reconsider(house, day.contributor, day.day)
            step("Drafting", number, len(stale))
