"""What one walk through a contributor's calendars leaves for the next; all of it travels in the cursor.

Most walks ask only for what changed (`updatedMin`). That misses two things no
answer names: an event that moved out of the window, and the old instances of a
series whose rule was changed. But the calendar itself says when anything in it
changed last, so a walk that finds this stamp moved makes the next one whole.
The first walk of each local day is whole too, so what is drafted of the day
before rests on all of it. An idle walk is one request a calendar either way.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta
from types import MappingProxyType
from typing import NamedTuple
from zoneinfo import ZoneInfo

from pydantic import AwareDatetime, Field, TypeAdapter

from connectors.contract import CursorExpired, Window
from connectors.cursor import remembered
from core.model import Noun

NOTHING: Mapping[str, str] = MappingProxyType({})
OVERLAP = timedelta(minutes=5)
"""A change may show up later than it is stamped, and Google's machines need not agree on the time."""


class Said(NamedTuple):
    """What one answer says about the walk."""

    token: str
    """Of the next page; empty at the end of a calendar."""
    stamp: str
    """When anything in the calendar changed last, in Google's words."""
    at: datetime | None
    """Google's own clock when it answered; None where it did not say."""


class Resting(Noun):
    """Between two walks."""

    reach: AwareDatetime
    """Where its window ended; how far that has moved since is how late it is by now."""
    asked: str
    """What it asked for, in short; another mask or list of calendars makes the next walk whole."""
    since: AwareDatetime | None
    """From when on changes are still to be asked for; None where only the whole window will do."""
    stamps: tuple[str, ...]
    """By calendar."""
    labels: dict[str, str] = {}
    """What the labels of events are called, by id, where they have a name."""

    def still_the_day(self, window: Window, zone: ZoneInfo) -> bool:
        """Whether no local midnight has passed since this walk; Google's own clock says when that was."""
        if self.since is None:
            return False
        try:
            then = self.since + OVERLAP
            now = then + (window.end - self.reach)
            return then.astimezone(zone).date() == now.astimezone(zone).date()
        except OverflowError:  # a clock that stands at the end of all time says nothing about days
            return False


class Walking(Noun):
    """In the middle of a walk: all that the next request needs to know."""

    reach: AwareDatetime
    asked: str
    start: AwareDatetime
    end: AwareDatetime
    since: AwareDatetime | None
    """None: the whole window is shown."""
    before: tuple[str, ...]
    """The stamps of the walk before."""
    calendar: int = Field(default=0, ge=0)
    """Which of the calendars is asked."""
    token: str = ""
    """The page of it; empty for the first."""
    began: AwareDatetime | None = None
    """Google's clock at the first answer."""
    stamps: tuple[str, ...] = ()
    labels: dict[str, str] = {}

    @property
    def whole(self) -> bool:
        return self.since is None

    def after(self, said: Said, calendars: int, labels: Mapping[str, str] = NOTHING) -> Walking | Resting:
        """Where an answer leaves us.

        Takes    how many calendars there are; the names of the labels met so far
        """
        first = not self.token
        began = said.at if first and self.calendar == 0 else self.began
        stamps = (*self.stamps, said.stamp) if first else self.stamps
        if said.token or self.calendar + 1 < calendars:
            step = {"token": said.token, "calendar": self.calendar + (not said.token)}
            return self.model_copy(update={**step, "began": began, "stamps": stamps, "labels": dict(labels)})
        complete = self.whole or stamps == self.before
        since = began - OVERLAP if began and complete else None
        return Resting(reach=self.reach, asked=self.asked, since=since, stamps=stamps, labels=dict(labels))


_CURSOR: TypeAdapter[Walking | Resting] = TypeAdapter(Walking | Resting)


def opened(cursor: str | None, window: Window, zone: str, asked: str) -> Walking:
    """The next request of the walk that `cursor` is in the middle of, or the first of a new one.

    Takes    asked: a short word for what is asked for now
    Raises   CursorExpired
    """
    left = _read(cursor, asked)
    if isinstance(left, Walking):
        return left
    place = ZoneInfo(zone)
    fresh = left is not None and left.asked == asked and left.still_the_day(window, place)
    return Walking(
        reach=window.end,
        asked=asked,
        start=window.start,
        end=_end_of_day(window.end, place),
        since=left.since if left and fresh else None,
        before=left.stamps if left else (),
        labels=left.labels if left and fresh and left.since else {},  # asked anew with every whole walk
    )


def _read(cursor: str | None, asked: str) -> Walking | Resting | None:
    if cursor is None:
        return None
    left = remembered(_CURSOR, cursor)
    if isinstance(left, Walking) and left.asked != asked:
        raise CursorExpired("The settings changed in the middle of a walk. The whole window is pulled again.")
    return left


def _end_of_day(moment: datetime, zone: ZoneInfo) -> datetime:
    """The end of the local day in which a window ends.

    Whole days, because an event that only comes nearer does not change: it must be
    known before it begins, and the next day begins with a whole walk.
    """
    day = moment.astimezone(zone).date()
    return datetime.combine(day + timedelta(days=1), time(), zone).astimezone(UTC)
