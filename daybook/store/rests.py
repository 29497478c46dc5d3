"""Which connections are left alone for now: every worker on this store knows, and the next start too.

Only what concerns a whole connection, or all that is read by it. What rests less has a not-before of its own:
a partition's, a posting's.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from pydantic import AwareDatetime
from sqlalchemy import bindparam, select

from connectors.contract import Fault, Paced, Rests
from core.model import Noun
from daybook.store import engine
from daybook.store.part import Part
from daybook.store.schema import rests

_LASTING = select(rests).where(rests.c.until > bindparam("now")).order_by(rests.c.connection, rests.c.rests)

BRIEF = timedelta(seconds=1)
"""Less is over before it is written down."""


class Rest(Noun):
    """One connection, or all that is read by it, until a moment."""

    connection: str
    rests: Rests
    until: AwareDatetime
    reason: str


class Resting(Part):
    """The rests that are not over."""

    def note(self, connection: str, fault: Fault, at: datetime) -> None:
        """Let everybody know what sends a whole connection away; a shorter rest changes nothing."""
        if not isinstance(fault, Paced) or fault.rests not in ("connection", "reading") or fault.wait < BRIEF:
            return
        row = {
            "connection": connection,
            "rests": fault.rests,
            "until": at + fault.wait,
            "reason": str(fault),
        }
        said = engine.insert(rests).values(row)
        longer = rests.c.until < row["until"]
        self._connection.execute(
            said.on_conflict_do_update(index_elements=rests.primary_key, set_=row, where=longer)
        )

    def at(self, now: datetime) -> list[Rest]:
        return [Rest(**row) for row in self._connection.execute(_LASTING, {"now": now}).mappings()]

    def away(self, connection: str, now: datetime, *, reading: bool) -> bool:
        """Whether it is left alone.

        Takes    reading: with the organisation's credential, not in a contributor's name
        """
        return connection in until(self.at(now), reading=reading)


def until(found: Iterable[Rest], *, reading: bool) -> dict[str, datetime]:
    """Until when each connection is left alone, the longest first said."""
    ends: dict[str, datetime] = {}
    for rest in found:
        if reading or rest.rests == "connection":
            ends[rest.connection] = max(rest.until, ends.get(rest.connection, rest.until))
    return ends
