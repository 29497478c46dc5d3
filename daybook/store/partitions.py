"""Where each partition's pull stands: its cursor, who is at it, and since when it fails.

A claim is a lease: whoever holds it may pull, and a holder that died loses it by the clock.
The cursor is of use only to the people it was made for: who came, left or agreed anew since
is not in what follows it, so then there is none and the next pull takes the whole window.

A walk that shows hardly anything of what was there is doubted: it counts as not seen, the cursor
stays, and the same walk is made again until the source is plenty or a person believes it (R-10).
"""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import bindparam, or_, select, update

from daybook.store import engine
from daybook.store.part import Part
from daybook.store.schema import contributors, partitions
from daybook.store.seal import Row

Needs = Literal["tool", "connection", "account"]
"""Who can end a failure: the tool by itself, the administrator, the contributor."""

_ONE = select(partitions).where(
    partitions.c.connection == bindparam("connection"), partitions.c.partition == bindparam("partition")
)
_FIRST = engine.insert(partitions).on_conflict_do_nothing()
_THIS = update(partitions).where(
    partitions.c.connection == bindparam("there"), partitions.c.partition == bindparam("this")
)
_CLAIM = _THIS.where(or_(partitions.c.claimed_by.is_(None), partitions.c.claimed_until <= bindparam("now")))
_CLAIMED = _THIS.where(partitions.c.claimed_by == bindparam("whose"))
_ALL = select(partitions).order_by(partitions.c.connection, partitions.c.partition)
_WITH_CURSOR = select(partitions.c.connection, partitions.c.partition, partitions.c.people).where(
    partitions.c.sealed.is_not(None)
)
_AGREED = select(contributors.c.id, contributors.c.acknowledged_at)
_AGREED_OF = _AGREED.where(contributors.c.id.in_(bindparam("people", expanding=True)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Pull:
    """How the pull of one partition stands."""

    connection: str
    partition: str
    claimed_by: str | None = None
    claimed_until: datetime | None = None
    last_ok: datetime | None = None
    """When the last finished walk that was trusted began."""
    last_whole: datetime | None = None
    """When it last showed its whole window."""
    asked: str | None = None
    """What was asked for then, in short."""
    failing_since: datetime | None = None
    failures: int = 0
    """In a row."""
    not_before: datetime | None = None
    reason: str | None = None
    """Why it fails."""
    needs: Needs | None = None
    guarded_since: datetime | None = None
    """Since when it shows hardly anything of what was there."""
    held: int | None = None
    """How many activities were there when it was last doubted."""
    vanished: int | None = None
    """Of those, how many it did not show."""
    believed: int | None = None
    """Up to how many a person said are gone; 0: none, they said; None: nobody said anything."""
    filled_from: datetime | None = None
    """From when on a back-fill read it all."""
    filled_at: datetime | None = None
    has_cursor: bool = False

    def believes(self, asked: str) -> int:
        """How many things may vanish from it without a doubt: any number, where something else is asked for
        than when it last showed all."""
        return sys.maxsize if self.asked not in (None, asked) else self.believed or 0


class Partitions(Part):
    """The pulls, each with its cursor."""

    def claim(self, connection: str, partition: str, owner: str, now: datetime, lease: timedelta) -> bool:
        """Take a partition that nobody is at. False: somebody is.

        Takes    owner: a name of this very run, not of the program
        """
        first = {"connection": connection, "partition": partition, "failures": 0}
        self._connection.execute(_FIRST, first)
        this = {"there": connection, "this": partition, "now": now}
        claimed = {"claimed_by": owner, "claimed_until": now + lease, "worker": self._worker}
        return self._connection.execute(_CLAIM, this | claimed).rowcount == 1

    def renew(self, connection: str, partition: str, owner: str, now: datetime, lease: timedelta) -> bool:
        """Keep a claim through a long walk. False: it was lost, so stop."""
        mine = {"there": connection, "this": partition, "whose": owner}
        return self._connection.execute(_CLAIMED, mine | {"claimed_until": now + lease}).rowcount == 1

    def release(self, connection: str, partition: str, owner: str) -> None:
        """Give it back without a result."""
        self._end(connection, partition, owner, {})

    def finish(
        self,
        connection: str,
        partition: str,
        owner: str,
        cursor: str,
        people: Iterable[str],
        at: datetime,
        *,
        whole: bool,
        asked: str = "",
        lacking: str = "",
    ) -> bool:
        """Keep the cursor of a finished walk. False: the claim was lost meanwhile, and nothing was kept.

        Takes    people: the contributors the walk was about
                 whole: it showed the whole window
                 asked: what was asked for, in short
                 lacking: what an administrator must repair for it to show all
        """
        place = {"connection": connection, "partition": partition}
        values = self._vault.sealed(partitions, place, cursor)
        values |= {"people": self.whose(people), "last_ok": at}
        values |= _WELL | ({"last_whole": at, "asked": asked} if whole else {})
        if lacking:
            since, _ = self._setbacks(connection, partition)
            values |= {"reason": lacking, "needs": "connection", "failing_since": since or at}
        return self._end(connection, partition, owner, values)

    def filled(self, connection: str, partition: str, owner: str, since: datetime, at: datetime) -> bool:
        """A back-fill read all from then on; the cursor stays where it was. False: the claim was lost."""
        return self._end(connection, partition, owner, {"filled_from": since, "filled_at": at})

    def failed(
        self,
        connection: str,
        partition: str,
        owner: str,
        reason: str,
        not_before: datetime,
        at: datetime,
        needs: Needs = "tool",
    ) -> bool:
        """Note why, and when to try again; the cursor stays as it was. False: the claim was lost."""
        values = self._failing(connection, partition, reason, not_before, at) | {"needs": needs}
        return self._end(connection, partition, owner, values)

    def doubted(
        self,
        connection: str,
        partition: str,
        owner: str,
        held: int,
        vanished: int,
        reason: str,
        not_before: datetime,
        at: datetime,
    ) -> bool:
        """Note that hardly anything of what was there was shown. False: the claim was lost.

        Takes    vanished: where it is another number than before, what was said about that no longer counts
        """
        before = self.get(connection, partition)
        same = before is not None and before.vanished == vanished
        values = self._failing(connection, partition, reason, not_before, at) | {
            "needs": "connection",
            "guarded_since": before.guarded_since or at if before else at,
            "held": held,
            "vanished": vanished,
            "believed": before.believed if before and same else None,
        }
        return self._end(connection, partition, owner, values)

    def believe(self, connection: str, partition: str, vanished: int, *, gone: bool) -> bool:
        """A person said whether so many are really gone. False: it is another number by now, or none."""
        p = partitions.c
        asked = p.connection == connection, p.partition == partition, p.vanished == vanished
        said: dict[str, Any] = {"believed": vanished, "not_before": None} if gone else {"believed": 0}
        guarded = update(partitions).where(*asked, p.guarded_since.is_not(None))
        return self._connection.execute(guarded.values(said)).rowcount == 1

    def unsaid(self, connection: str, partition: str) -> None:
        """What a person said of it came to nothing: it is an open question again."""
        p = partitions.c
        this = update(partitions).where(p.connection == connection, p.partition == partition)
        self._connection.execute(this.values(believed=None))

    def _failing(
        self, connection: str, partition: str, reason: str, not_before: datetime, at: datetime
    ) -> dict[str, Any]:
        since, failures = self._setbacks(connection, partition)
        said = {"reason": reason, "not_before": not_before}
        return said | {"failures": failures + 1, "failing_since": since or at}

    def _setbacks(self, connection: str, partition: str) -> tuple[datetime | None, int]:
        """Since when it fails, and how often in a row."""
        row = self._row(connection, partition)
        return (row["failing_since"], row["failures"]) if row else (None, 0)

    def restart(self, connection: str, partition: str) -> None:
        """Something else is to be read: whoever is at it stops, and the next pull takes the whole window."""
        self.rewind(connection, partition)
        p = partitions.c
        this = update(partitions).where(p.connection == connection, p.partition == partition)
        self._connection.execute(this.values(claimed_by=None, claimed_until=None))

    def cursor(self, connection: str, partition: str, people: Iterable[str]) -> str | None:
        """Where to go on for these people; None where only the whole window will do."""
        row = self._row(connection, partition)
        if row is None or row["sealed"] is None or row["people"] != self.whose(people):
            return None
        return self._vault.opened(partitions, row)

    def rewind(self, connection: str, partition: str) -> None:
        """Drop the cursor: the tool no longer knows it."""
        p = partitions.c
        this = update(partitions).where(p.connection == connection, p.partition == partition)
        self._connection.execute(this.values(sealed=None))

    def get(self, connection: str, partition: str) -> Pull | None:
        row = self._row(connection, partition)
        return _pull(row) if row else None

    def of_many(self, connection: str) -> list[Pull]:
        """Those of a connection that are not about one contributor alone."""
        p = partitions.c
        people = select(contributors.c.id)
        query = select(partitions).where(p.connection == connection, p.partition.not_in(people))
        return [_pull(row) for row in self._connection.execute(query.order_by(p.partition)).mappings()]

    def all(self) -> list[Pull]:
        return [_pull(row) for row in self._connection.execute(_ALL).mappings()]

    def current(self, partitions_of: Mapping[tuple[str, str], Collection[str]]) -> set[tuple[str, str]]:
        """Which of these (connection, partition) have a cursor for just these people: `cursor`, for many."""
        held = self._connection.execute(_WITH_CURSOR)
        prints = {(connection, key): people for connection, key, people in held}
        since = self._since()
        return {
            place
            for place, people in partitions_of.items()
            if prints.get(place) == self._print(people, since)
        }

    def whose(self, people: Iterable[str]) -> bytes:
        """Changes when somebody comes, leaves, or agrees to a policy anew."""
        known = list(people)
        return self._print(known, self._since(known))

    def _row(self, connection: str, partition: str) -> Row | None:
        asked = {"connection": connection, "partition": partition}
        return self._connection.execute(_ONE, asked).mappings().one_or_none()

    def _since(self, people: Collection[str] | None = None) -> dict[str, datetime | None]:
        if people is None:
            return dict(self._connection.execute(_AGREED).all())
        return dict(self._connection.execute(_AGREED_OF, {"people": list(people)}).all())

    def _print(self, people: Iterable[str], since: Mapping[str, datetime | None]) -> bytes:
        known = sorted(f"{who} {since[who]}" for who in people if who in since)
        return self._vault.fingerprint("people", *known)

    def _end(self, connection: str, partition: str, owner: str, values: Row) -> bool:
        mine = {"there": connection, "this": partition, "whose": owner}
        ended = {**values, "claimed_by": None, "claimed_until": None}
        return self._connection.execute(_CLAIMED, mine | ended).rowcount == 1


_WELL: dict[str, Any] = {
    "failing_since": None,
    "failures": 0,
    "not_before": None,
    "reason": None,
    "needs": None,
    "guarded_since": None,
    "held": None,
    "vanished": None,
    "believed": None,
}

_SHOWN = [field.name for field in fields(Pull) if field.name != "has_cursor"]


def _pull(row: Any) -> Pull:
    shown = {name: row[name] for name in _SHOWN}
    return Pull(**shown, has_cursor=row["sealed"] is not None)
