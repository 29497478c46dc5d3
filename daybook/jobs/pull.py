"""Pull: walk through what changed in one partition, and let the evidence say it.

Each page is on disk before the next is asked for. A walk over the whole window
that breaks off is taken up after its last page; any other begins again where the
last finished one ended, shows the same again and changes nothing (P9, P10).
"""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Literal, NamedTuple
from uuid import uuid4
from zoneinfo import ZoneInfo

import structlog

from connectors.budget import spread
from connectors.contract import (
    CursorExpired,
    Endless,
    Fault,
    Paced,
    Partition,
    Refused,
    Unavailable,
    Window,
    walk,
)
from daybook import lending, state
from daybook.house import House
from daybook.store.evidence import Swept
from daybook.store.partitions import Needs
from daybook.store.unit import Unit

log = structlog.get_logger()

LEASE = timedelta(minutes=10)
"""How long a pull may go without a page before another may take it over."""
UNTIL_REPAIRED = timedelta(hours=1)
"""After a refusal only a person helps; we look now and then whether they did."""


@dataclass
class Tally:
    """What one walk brought."""

    sightings: int = 0
    skipped: dict[str, int] = field(default_factory=dict)
    days: set[tuple[str, date]] = field(default_factory=set)
    origins: set[str] = field(default_factory=set)
    """Of all that was shown with something to say."""
    emptied: set[str] = field(default_factory=set)
    """Of all that was shown with nothing to say any more: that goes once the walk is over."""
    vanished: int = 0
    """How many went that might have been doubted."""
    lacking: str = ""
    whole: bool = False
    cursor: str = ""

    def having_shown(self, said: Set[str], shown: Set[str]) -> None:
        """The last word on each thing counts."""
        self.origins -= said
        self.origins |= shown
        self.emptied |= said
        self.emptied -= shown


class Begun(NamedTuple):
    """A walk that is this worker's to take."""

    partition: Partition
    at: datetime
    """When it began; for one that is taken up again, when that did."""
    whole: bool
    """It looks at all of the window."""
    cursor: str | None

    @property
    def people(self) -> list[str]:
        return [account.contributor for account in self.partition.accounts]


def pull(house: House, connection: str, key: str, *, whole: bool = False) -> Tally | None:
    """Walk one partition; None where there is nothing to walk, it failed, rests, or somebody is at it.

    Takes    whole: look at all of the window, whatever is known of it
    """
    now, run = house.clock(), uuid4().hex
    begun = _begun(house, connection, key, run, now, whole=whole)
    if begun is None:
        return None
    partition, window = begun.partition, house.window(begun.at)
    since = begun.at if begun.whole else None
    try:
        tally = _walked(house, connection, partition, window, begun.cursor, run, begun=since)
    except CursorExpired:
        _rewind(house, connection, key, run)
        return None
    except Fault as fault:
        _put_off(house, connection, key, run, _judged(house, connection, partition, fault))
        return None
    with house.store.writing() as tx:
        if not tx.partitions.renew(connection, key, run, house.clock(), LEASE):
            return None
        if _settled(tx, connection, partition, window, tally, run, now):
            _finish(tx, connection, begun, tally, run)
        tx.walks.drop(connection, key)
    return tally


def _begun(house: House, connection: str, key: str, run: str, now: datetime, *, whole: bool) -> Begun | None:
    """Claim a partition, and say from where: where a walk over all of it broke off, else its bookmark."""
    with house.store.reading() as tx:
        if tx.rests.away(connection, now, reading=True):
            return None
    with house.store.writing() as tx:
        partition = state.partition(house, tx, connection, key)  # whoever chooses anew ends the claim
        if partition is None or not tx.partitions.claim(connection, key, run, now, LEASE):
            return None
        people = [account.contributor for account in partition.accounts]
        if half := tx.walks.half(connection, key, people, now):
            return Begun(partition, half.begun_at, True, half.cursor)
        tx.walks.drop(connection, key)
        known = tx.partitions.get(connection, key)
        anew = whole or (known is not None and known.asked not in (None, partition.asked))
        cursor = None if anew else tx.partitions.cursor(connection, key, people)
    return Begun(partition, now, cursor is None, cursor)


def _rewind(house: House, connection: str, key: str, run: str) -> None:
    """The bookmark is too old: the next walk is over the whole window."""
    with house.store.writing() as tx:
        tx.walks.drop(connection, key)
        tx.partitions.rewind(connection, key)
        tx.partitions.release(connection, key, run)


def _finish(tx: Unit, connection: str, begun: Begun, tally: Tally, run: str) -> None:
    """Keep the bookmark for the next walk."""
    tx.partitions.finish(
        connection,
        begun.partition.key,
        run,
        tally.cursor,
        begun.people,
        begun.at,
        whole=tally.whole,
        asked=begun.partition.asked,
        lacking=tally.lacking,
    )


Filled = Literal["filled", "busy", "failed", "nobody", "resting"]


def fill(house: House, connection: str, key: str, since: datetime) -> Filled:
    """Read one partition again from then on, beside whatever else pulls it.

    What it shows is taken, what it does not show stays, and the cursor is left alone: the next pull goes on
    as if there had been none.
    """
    now, run = house.clock(), uuid4().hex
    with house.store.writing() as tx:
        if tx.rests.away(connection, now, reading=True):
            return "resting"
        partition = state.partition(house, tx, connection, key)
        if partition is None:
            return "nobody"
        if not tx.partitions.claim(connection, key, run, now, LEASE):
            return "busy"
    window = house.window(now).model_copy(update={"start": since})
    try:
        _walked(house, connection, partition, window, None, run)
    except Fault as fault:
        _put_off(house, connection, key, run, _judged(house, connection, partition, fault))
        return "failed"
    with house.store.writing() as tx:
        tx.partitions.filled(connection, key, run, since, now)
    return "filled"


def _readable(house: House, connection: str, partition: Partition) -> Partition:
    """With the credentials of those who let us read, where it is they who do."""
    accounts = tuple(lending.with_credential(house, connection, one) for one in partition.accounts)
    return partition.model_copy(update={"accounts": accounts})


def _judged(house: House, connection: str, partition: Partition, fault: Fault) -> Fault:
    """What a refusal of a contributor's own credential means: its end, or only that of its hour (R-08)."""
    if not house.connectors[connection].abilities.lent:
        return fault
    if not isinstance(fault, Refused) or fault.whose != "account":
        return fault
    with house.store.reading() as tx:
        grant = tx.grants.get(partition.accounts[0].contributor, connection)
    if grant is None or grant.refused or lending.turned_down(house, grant, str(fault)):
        return fault
    return Unavailable(str(fault))


def _walked(
    house: House,
    connection: str,
    partition: Partition,
    window: Window,
    cursor: str | None,
    run: str,
    *,
    begun: datetime | None = None,
) -> Tally:
    """Take the pages one by one; each is on disk before the next is asked for.

    Takes    begun: when a walk over the whole window began that is to be taken up where it breaks off
    """
    connector, partition = house.connectors[connection], _readable(house, connection, partition)
    tally = Tally(whole=begun is not None)
    people = [account.contributor for account in partition.accounts]
    zones = _zones(partition)
    for page in walk(connector, partition, window, cursor):
        said = {sighting.origin: sighting for sighting in page.sightings}
        shown = {origin: sighting for origin, sighting in said.items() if sighting.activities}
        with house.store.writing() as tx:
            if not tx.partitions.renew(connection, partition.key, run, house.clock(), LEASE):
                raise Unavailable(f"Another worker took over {connection}. It goes on; this one stops.")
            tally.days |= tx.evidence.apply(connection, shown.values(), zones, house.clock())
            tx.postings.came_back(connection, page.sightings)
            if page.lacking:
                begun = None  # taken up, it would not say so: what follows is read again
            if begun is not None and page.more:
                prints = tx.evidence.prints(connection, shown)
                tx.walks.took(connection, partition.key, people, begun, page.cursor, prints, house.clock())
        tally.sightings += len(page.sightings)
        tally.having_shown(said.keys(), shown.keys())
        for reason, count in page.skipped.items():
            tally.skipped[reason] = tally.skipped.get(reason, 0) + count
        tally.lacking = tally.lacking or page.lacking
        tally.whole = tally.whole or page.whole
        tally.cursor = page.cursor
        del page, said, shown  # as `walk` does
    return tally


def _settled(
    tx: Unit,
    connection: str,
    partition: Partition,
    window: Window,
    tally: Tally,
    run: str,
    now: datetime,
) -> bool:
    """Let go of what is gone, unless that is hard to believe: then nothing goes (R-10)."""
    pull = tx.partitions.get(connection, partition.key)
    believed = pull.believes(partition.asked) if pull else 0
    swept = _swept(tx, connection, partition, window, tally, now, believed)
    tally.days |= swept.days
    if swept.guarded:
        held, vanished = swept.held, swept.vanished
        log.warning(
            "source.doubted",
            connection=connection,
            partition=partition.key,
            held=held,
            suspicious=vanished,
        )
        reason = (
            f"{tally.lacking} It shows {held - vanished} of the {held} things it showed before. Nothing "
            "was removed, and it is asked again. If the others are really gone: "
            f"daybook sync --believe {connection}"
        ).strip()
        again = now + UNTIL_REPAIRED
        tx.partitions.doubted(connection, partition.key, run, held, vanished, reason, again, now)
        return False
    tally.vanished += swept.vanished
    return True


def _swept(
    tx: Unit,
    connection: str,
    partition: Partition,
    window: Window,
    tally: Tally,
    now: datetime,
    believed: int,
) -> Swept:
    """What a walk showed empty is gone, and what a whole one did not show."""
    where = (connection, _zones(partition), window)
    if tally.whole:
        earlier = tx.walks.shown(connection, partition.key)
        swept = tx.evidence.keep_only(*where, tally.origins, now, believed, earlier)
        if swept.guarded:
            return swept
        tally.days |= swept.days
        tally.vanished = swept.vanished
    return tx.evidence.without(*where, tally.emptied, now, believed)


def _zones(partition: Partition) -> dict[str, ZoneInfo]:
    return {account.contributor: ZoneInfo(account.zone) for account in partition.accounts}


def _put_off(house: House, connection: str, key: str, run: str, fault: Fault) -> None:
    """Note why a pull failed and when to try again; the cursor stays where it was."""
    now = house.clock()
    with house.store.writing() as tx:
        pull = tx.partitions.get(connection, key)
        failures = pull.failures if pull else 0
        wait = house.pauses[min(failures, len(house.pauses) - 1)]
        needs: Needs = "tool"
        match fault:
            case Paced():
                wait = max(spread(fault.wait), timedelta(seconds=1))
            case Refused():
                wait, needs = UNTIL_REPAIRED, "account" if fault.whose == "account" else "connection"
        tx.rests.note(connection, fault, now)
        if not isinstance(fault, Unavailable) or isinstance(fault, Endless):
            tx.walks.drop(connection, key)
        tx.partitions.failed(connection, key, run, str(fault), now + wait, now, needs)
