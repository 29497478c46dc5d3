"""What stands where an entry was posted: what was confirmed, what a hand made of it there since, or nothing.

Whatever it is, Daybook leaves it (I6): it is said beside the entry, and the sums of the day follow it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, tzinfo
from typing import Annotated

from pydantic import Field

from core.drafts import of_length
from core.model import Activity, Draft, Noun
from core.posting import Posting


class Altered(Noun):
    """A record that no longer says what was confirmed."""

    minutes: Annotated[int, Field(ge=0)]
    """What it says now; 0 once it is gone."""
    day: date | None
    """The local day it lies on now; None once it is gone."""

    def on(self, day: date) -> int:
        """The minutes of this day that it stands for."""
        return self.minutes if self.day == day else 0


def altered(posting: Posting, record: Activity | None, zone: tzinfo) -> Altered | None:
    """What a hand made of a posted entry's record; None where it stands as confirmed, or nobody can tell.

    It says something only once its tool has shown it since it was written: that comes a little later.

    Takes    record: as its tool shows it now; zone: the contributor's on that day
    """
    entry = posting.entry
    if posting.state != "posted" or posting.remote is None or not posting.seen:
        return None
    if record is None:
        return Altered(minutes=0, day=None)
    minutes, day = record.minutes or 0, record.start.astimezone(zone).date()
    return Altered(minutes=minutes, day=day) if (minutes, day) != (entry.minutes, entry.day) else None


def as_it_stands(drafts: Iterable[Draft], standing: Mapping[str, int]) -> list[Draft]:
    """The drafts with the minutes that stand at their targets, to be summed.

    Takes    standing: by key, of those whose record a hand changed
    """
    return [
        draft.model_copy(update={"suggestion": of_length(draft.suggestion, standing[draft.key])})
        if draft.decision == "confirmed" and draft.key in standing
        else draft
        for draft in drafts
    ]
