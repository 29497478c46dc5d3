"""The questions we put to Jira in its query language.

Source   unquoted milliseconds are absolute; a quoted date is in the zone of whoever asks, to the minute
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

A_MINUTE, A_DAY = timedelta(minutes=1), timedelta(days=1)
AROUND_A_CHANGE = timedelta(hours=1)
"""When clocks are put back an hour comes twice, and nobody can tell which one a local minute means."""
ANY_ZONE = timedelta(hours=14)
"""How far a zone we do not know may be from UTC."""


def within(projects: Sequence[str]) -> str:
    """Only these; "" for all. In quotes, because TO, AND, IN are keys of projects too."""
    keys = ", ".join(f'"{key}"' for key in projects)
    return f"project in ({keys})" if keys else ""


def among(ids: Sequence[str], within: str) -> str:
    return " AND ".join(filter(None, (within, f"id in ({', '.join(ids)})")))


def logged(start: datetime, end: datetime) -> str:
    """Issues on which whoever asks logged time that began in between; a day more on either side.

    Source   it goes by days, in the zone of whoever asks
    """
    days = [f"{at.astimezone(UTC):%Y-%m-%d}" for at in (start - A_DAY, end + A_DAY)]
    return f'worklogAuthor = currentUser() AND worklogDate >= "{days[0]}" AND worklogDate <= "{days[1]}"'


class Changed(NamedTuple):
    """Issues that changed in a time.

    Units    milliseconds
    """

    within: str
    since: int
    before: int | None = None
    """None: until now."""

    def exactly(self, order: str) -> str:
        return self._said(str(self.since), None if self.before is None else str(self.before), order)

    def to_the_minute(self, zone: ZoneInfo | None, order: str) -> str:
        """For servers that take no milliseconds: a little more than was asked for, never less."""
        before = None if self.before is None else _minute(self.before, zone, 1)
        return self._said(_minute(self.since, zone, -1), before, order)

    def _said(self, since: str, before: str | None, order: str) -> str:
        bounds = (self.within, f"updated >= {since}", f"updated < {before}" if before else "")
        return f"{' AND '.join(filter(None, bounds))} ORDER BY {order}"


def _minute(at: int, zone: ZoneInfo | None, way: int) -> str:
    """A minute in this zone at or beyond `at`, the way that widens."""
    moment = datetime.fromtimestamp(at / 1000, UTC)
    slack = A_MINUTE if way > 0 else timedelta(0)
    if zone is None:
        slack += ANY_ZONE
    elif _offset(moment - 3 * AROUND_A_CHANGE, zone) != _offset(moment + 3 * AROUND_A_CHANGE, zone):
        slack += AROUND_A_CHANGE
    return f'"{(moment + way * slack).astimezone(zone or UTC):%Y-%m-%d %H:%M}"'


def _offset(at: datetime, zone: ZoneInfo) -> timedelta | None:
    return at.astimezone(zone).utcoffset()
