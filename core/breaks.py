"""The rest that a working day must have, where its schedule does not say when.

Nobody knows when somebody ate, so no minute is called a break: of the working hours so many stay a gap. Gaps
there are count first, and only then do the tasks in hand get less.
"""

from __future__ import annotations

from collections.abc import Iterable

from core.durations import Minutes
from core.model import Noun
from core.timeline import Stretch


class Break(Noun):
    """A rest after so many hours, as laws and agreements name it."""

    after: Minutes
    """Who works longer than this on a day ..."""
    rest: Minutes
    """... rests so long; of several the longest that applies, not their sum."""


def owed(breaks: Iterable[Break], capacity: Stretch) -> int:
    """The minutes of a day's working hours that must stay free.

    Takes    its working hours less away: what lies free between them is a rest already
    """
    worked = capacity.bit_count()
    rest = max((one.rest for one in breaks if worked > one.after), default=0)
    if not rest:
        return 0
    from_its_first_minute = capacity // (capacity & -capacity)
    return max(0, rest - (from_its_first_minute.bit_length() - worked))
