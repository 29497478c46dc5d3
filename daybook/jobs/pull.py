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
    """A walk that is this run's to take."""

    connection: str
    partition: Partition
    run: str
    window: Window
    at: datetime
    """When it began; for one that is taken up again, when that did."""
    whole: bool
    """What it does not show of all the window is gone."""
    cursor: str | None

    @property
    def place(self) -> tuple[str, str]:
        return self.connection, self.partition.key

    @property
    def people(self) -> list[str]:
        return [account.contributor for account in self.partition.accounts]

    @property
    def zones(self) -> dict[str, ZoneInfo]:
        return {account.contributor: ZoneInfo(account.zone) for account in self.partition.accounts}


def pull(house: House, connection: str, key: str, *, whole: bool = False) -> Tally | None:
    """Walk one partition; None where there is nothing to walk, it failed, rests, or somebody is at it.

    Takes    whole: look at all of the window, whatever is known of it
    """
    now, run = house.clock(), uuid4().hex
    begun = _begun(house, connection, key, run, now, whole=whole)
    if begun is None:
        return None
    try:
        tally = _walked(house, begun)
    except CursorExpired:
        _rewind(house, begun)
        return None
    except Fault as fault:
        _put_off(house, begun, _judged(house, begun, fault))
        return None
    with house.store.writing() as tx:
        if not tx.partitions.renew(connection, key, run, house.clock(), LEASE):
            return None
        if _settled(tx, begun, tally, now):
            _finish(tx, begun, tally)
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
            window = house.window(half.begun_at)
            return Begun(connection, partition, run, window, half.begun_at, True, half.cursor)
        tx.walks.drop(connection, key)
        known = tx.partitions.get(connection, key)
        anew = whole or (known is not None and known.asked not in (None, partition.asked))
        cursor = None if anew else tx.partitions.cursor(connection, key, people)
    return Begun(connection, partition, run, house.window(now), now, cursor is None, cursor)


def _rewind(house: House, begun: Begun) -> None:
    """The bookmark is too old: the next walk is over the whole window."""
    with house.store.writing() as tx:
        tx.walks.drop(*begun.place)
        tx.partitions.rewind(*begun.place)
        tx.partitions.release(*begun.place, begun.run)


def _finish(tx: Unit, begun: Begun, tally: Tally) -> None:
    """Keep the bookmark for the next walk."""
    tx.partitions.finish(
        *begun.place,
        begun.run,
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
    begun = Begun(connection, partition, run, window, now, whole=False, cursor=None)
    try:
        _walked(house, begun)
    except Fault as fault:
        _put_off(house, begun, _judged(house, begun, fault))
        return "failed"
    with house.store.writing() as tx:
        tx.partitions.filled(connection, key, run, since, now)
    return "filled"


def _readable(house: House, connection: str, partition: Partition) -> Partition:
    """With the credentials of those who let us read, where it is they who do."""
    accounts = tuple(lending.with_credential(house, connection, one) for one in partition.accounts)
    return partition.model_copy(update={"accounts": accounts})


def _judged(house: House, begun: Begun, fault: Fault) -> Fault:
    """What a refusal of a contributor's own credential means: its end, or only that of its hour (R-08)."""
    if not house.connectors[begun.connection].abilities.lent:
        return fault
    if not isinstance(fault, Refused) or fault.whose != "account":
        return fault
    with house.store.reading() as tx:
        grant = tx.grants.get(begun.people[0], begun.connection)
    if grant is None or grant.refused or lending.turned_down(house, grant, fault.said):
        return fault
    return Unavailable(str(fault))


def _walked(house: House, begun: Begun) -> Tally:
    """Take the pages one by one; each is on disk before the next is asked for."""
    connection, zones = begun.connection, begun.zones
    connector, partition = house.connectors[connection], _readable(house, connection, begun.partition)
    tally, taken_up = Tally(whole=begun.whole), begun.whole
    for page in walk(connector, partition, begun.window, begun.cursor):
        said = {sighting.origin: sighting for sighting in page.sightings}
        shown = {origin: sighting for origin, sighting in said.items() if sighting.activities}
        with house.store.writing() as tx:
            if not tx.partitions.renew(*begun.place, begun.run, house.clock(), LEASE):
                raise Unavailable(f"Another worker took over {connection}. It goes on; this one stops.")
            tally.days |= tx.evidence.apply(connection, shown.values(), zones, house.clock())
            tx.postings.came_back(connection, page.sightings)
            if page.lacking:
                taken_up = False  # it would not say so then: what follows is read again
            if taken_up and page.more:
                prints = tx.evidence.prints(connection, shown)
                tx.walks.took(*begun.place, begun.people, begun.at, page.cursor, prints, house.clock())
        tally.sightings += len(page.sightings)
        tally.having_shown(said.keys(), shown.keys())
        for reason, count in page.skipped.items():
            tally.skipped[reason] = tally.skipped.get(reason, 0) + count
        tally.lacking = tally.lacking or page.lacking
        tally.whole = tally.whole or page.whole
        tally.cursor = page.cursor
        del page, said, shown  # as `walk` does
    return tally


def _settled(tx: Unit, begun: Begun, tally: Tally, now: datetime) -> bool:
    """Let go of what is gone, unless that is hard to believe: then nothing goes (R-10)."""
    pull = tx.partitions.get(*begun.place)
    believed = pull.believes(begun.partition.asked) if pull else 0
    swept = _swept(tx, begun, tally, now, believed)
    tally.days |= swept.days
    if swept.guarded:
        held, vanished = swept.held, swept.vanished
        log.warning(
            "source.doubted",
            connection=begun.connection,
            partition=begun.partition.key,
            held=held,
            suspicious=vanished,
        )
        reason = (
            f"{tally.lacking} It shows {held - vanished} of the {held} things it showed before. Nothing "
            "was removed, and it is asked again. If the others are really gone: "
            f"daybook sync --believe {begun.connection}"
        ).strip()
        again = now + UNTIL_REPAIRED
        tx.partitions.doubted(*begun.place, begun.run, held, vanished, reason, again, now)
        return False
    tally.vanished += swept.vanished
    return True


def _swept(tx: Unit, begun: Begun, tally: Tally, now: datetime, believed: int) -> Swept:
    """What a walk showed empty is gone, and what a whole one did not show."""
    where = (begun.connection, begun.zones, begun.window)
    if tally.whole:
        earlier = tx.walks.shown(*begun.place)
        swept = tx.evidence.keep_only(*where, tally.origins, now, believed, earlier)
        if swept.guarded:
            return swept
        tally.days |= swept.days
        tally.vanished = swept.vanished
    return tx.evidence.without(*where, tally.emptied, now, believed)


def _put_off(house: House, begun: Begun, fault: Fault) -> None:
    """Note why a pull failed and when to try again; the cursor stays where it was."""
    now = house.clock()
    with house.store.writing() as tx:
        pull = tx.partitions.get(*begun.place)
        failures = pull.failures if pull else 0
        wait = house.pauses[min(failures, len(house.pauses) - 1)]
        needs: Needs = "tool"
        match fault:
            case Paced():
                wait = max(spread(fault.wait), timedelta(seconds=1))
            case Refused():
                wait, needs = UNTIL_REPAIRED, "account" if fault.whose == "account" else "connection"
        tx.rests.note(begun.connection, fault, now)
        if not isinstance(fault, Unavailable) or isinstance(fault, Endless):
            tx.walks.drop(*begun.place)
        tx.partitions.failed(*begun.place, begun.run, str(fault), now + wait, now, needs)
