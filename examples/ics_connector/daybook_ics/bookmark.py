"""What one walk through a person's calendars leaves for the next; all of it travels in the cursor.

A calendar is asked for only if it changed (`If-None-Match`). While none did, a
walk is one small request a calendar. As soon as one did, the walk becomes a
whole one: it shows every calendar, and what it does not show is gone. Each new
local day begins with a whole walk too, for a series goes on while its file
stands still.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import AwareDatetime, Field, TypeAdapter

from connectors.contract import CursorExpired, Window
from connectors.cursor import remembered
from core.model import Noun


class Tag(Noun):
    """How a calendar was when we read it last."""

    etag: str = ""
    modified: str = ""
    digest: str = ""
    """Of its bytes, for files and servers that say neither of the two."""


NEVER_READ = Tag()


class Resting(Noun):
    """Between two walks."""

    day: date
    """The last local day the walk looked at."""
    asked: str
    """What it asked for, in short: other calendars or another policy make the next walk whole."""
    tags: tuple[Tag, ...]
    """By calendar."""


class Walking(Noun):
    """In the middle of a walk: all that the next page needs to know."""

    day: date
    asked: str
    start: AwareDatetime
    end: AwareDatetime
    whole: bool
    left: Annotated[tuple[int, ...], Field(min_length=1)]
    """The calendars still to be asked, by number."""
    tags: tuple[Tag, ...]

    @property
    def calendar(self) -> int:
        """The one whose turn it is."""
        return self.left[0]

    @property
    def known(self) -> Tag:
        """How it was when we saw it last; a whole walk takes it in any case."""
        return NEVER_READ if self.whole else self.tags[self.calendar]

    def unchanged(self) -> Walking | Resting:
        return self._after(self.left[1:])

    def read(self, tag: Tag) -> Walking | Resting:
        """Where a changed calendar leaves us: the walk is whole now, and shows all others too."""
        others = (
            self.left[1:] if self.whole else tuple(n for n in range(len(self.tags)) if n != self.calendar)
        )
        tags = tuple(tag if n == self.calendar else old for n, old in enumerate(self.tags))
        return self.model_copy(update={"whole": True, "tags": tags})._after(others)

    def _after(self, left: tuple[int, ...]) -> Walking | Resting:
        if left:
            return self.model_copy(update={"left": left})
        return Resting(day=self.day, asked=self.asked, tags=self.tags)


_CURSOR: TypeAdapter[Walking | Resting] = TypeAdapter(Walking | Resting)


def opened(cursor: str | None, window: Window, zone: ZoneInfo, asked: str, calendars: int) -> Walking:
    """The place in the walk that `cursor` stands for, or the beginning of a new one.

    Raises   CursorExpired
    """
    left = _read(cursor, asked)
    if isinstance(left, Walking):
        return left
    day = window.end.astimezone(zone).date()
    fresh = left is not None and (left.day, left.asked) == (day, asked)
    return Walking(
        day=day,
        asked=asked,
        start=window.start,
        # to the end of the day: what only comes nearer does not change, and must be known before it begins
        end=datetime.combine(day + timedelta(days=1), time(), zone).astimezone(UTC),
        whole=not fresh,
        left=tuple(range(calendars)),
        tags=left.tags if left and fresh else (NEVER_READ,) * calendars,
    )


def _read(cursor: str | None, asked: str) -> Walking | Resting | None:
    if cursor is None:
        return None
    left = remembered(_CURSOR, cursor)
    if isinstance(left, Walking) and left.asked != asked:
        raise CursorExpired("The settings changed in the middle of a walk. The whole window is pulled again.")
    return left
