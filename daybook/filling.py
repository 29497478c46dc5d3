"""Back-fill by hand: read the tools again from a day on, beside a daemon that goes on with its own work.

What was read in the last hour is not read again, so a back-fill that broke off goes on where it was.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from core.model import Noun
from daybook import doubt, jobs, restored, state
from daybook.errors import Wrong
from daybook.house import House
from daybook.status import commonest
from daybook.store.partitions import Pull
from daybook.sync import catch_up, side_by_side
from daybook.words import count

FRESH = timedelta(hours=1)
"""A back-fill that ended since then need not be made again."""


class Told(Noun):
    """What a back-fill did, in partitions."""

    since: date
    filled: int
    fresh: int
    """Read from that day on within the last hour, so not again."""
    busy: int
    """The daemon was just at them."""
    resting: int
    """Their tool sent Daybook away for now, so nothing was asked."""
    failed: int
    reasons: tuple[str, ...]
    """The commonest, why they failed."""

    def lines(self) -> Iterator[str]:
        yield f"{count(self.filled, 'partition')} read again from {self.since} on."
        if self.fresh:
            yield f"{self.fresh} were read from there on within the last hour, so they were left out."
        if self.busy:
            yield f"{self.busy} are being pulled just now. The same command again reads them."
        if self.resting:
            yield (
                f"{self.resting} were not asked for: their tool wants to be left alone for now. "
                "daybook status says until when; the same command then reads them."
            )


def fill(
    house: House,
    since: date,
    connection: str | None = None,
    step: Callable[[str, int, int], None] = lambda *_: None,
) -> Told:
    """Read everybody who may be read again from that day on, and bring their drafts up to date.

    Takes    connection: only this one; step: told what is done, how much of it is, and of how much
    Raises   Wrong for a day that may not be read, or a connection there is none of, or an older copy, or a
             clock that cannot be believed
    """
    doubt.insist(house)
    start = _start(house, since)
    named(house, connection)
    restored.insist(house)
    with house.store.reading() as tx:
        places = [key for key in state.partitions(house, tx) if connection in (None, key[0])]
        before = {(pull.connection, pull.partition): pull for pull in tx.partitions.all()}
    stale = [place for place in places if not _is_fresh(before.get(place), start, house.clock())]
    read = side_by_side(
        house,
        stale,
        lambda place: jobs.fill(house, *place, start),
        lambda number: step("Reading", number, len(stale)),
    )
    outcomes = dict(read)
    done = Counter(outcomes.values())
    failed = [place for place in stale if outcomes[place] == "failed"]
    catch_up(house, step)
    with house.store.reading() as tx:
        reasons = commonest(pull.reason or "" for place in failed if (pull := tx.partitions.get(*place)))
    return Told(
        since=since,
        filled=done["filled"],
        fresh=len(places) - len(stale),
        busy=done["busy"],
        resting=done["resting"],
        failed=len(failed),
        reasons=reasons,
    )


def _is_fresh(pull: Pull | None, start: datetime, now: datetime) -> bool:
    if pull is None or pull.filled_at is None or pull.filled_from is None:
        return False
    return pull.filled_from <= start and pull.filled_at <= now < pull.filled_at + FRESH


def named(house: House, connection: str | None) -> None:
    """Raises Wrong for the name of a connection that there is not."""
    if connection is not None and connection not in house.connectors:
        known = ", ".join(house.connectors) or "none"
        raise Wrong(f'There is no connection "{connection}". Configured are: {known}. Nothing was asked.')


def _start(house: House, since: date) -> datetime:
    """The instant that day begins where the organisation is, no earlier than may be read."""
    zone, now = ZoneInfo(house.configuration.timezone), house.clock()
    days = min(house.policy.back_fill, house.policy.retention.evidence)
    earliest = now - timedelta(days=days)
    if since > now.astimezone(zone).date():
        raise Wrong(f"{since} lies ahead. Nothing was asked.")
    if since < earliest.astimezone(zone).date():
        raise Wrong(
            f"{since} is too long ago: the policy lets Daybook look back {house.policy.back_fill} days and "
            f"keeps evidence for {house.policy.retention.evidence}. Nothing was asked. "
            f"The earliest day is {earliest.astimezone(zone).date()}."
        )
    return max(earliest, datetime.combine(since, time(), zone).astimezone(UTC))
