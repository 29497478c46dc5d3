"""Signs that a rollout goes wrong before anybody says so: of a group, over weeks, never of a person.

Each compares the last two whole weeks with those before. Rounder numbers mean that people make up
what they confirm; sources taken back, that they no longer trust it; later answers, that it became a chore.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from core.said import Said
from core.tallies import Counts, median, share

RECENT = 2
"""Whole weeks that are compared with those before."""
FEWEST = 20
"""What a share is of, on both sides; with fewer it is chance."""
CLEAR = 15
"""Per cent by which a share must have moved."""
_WHYS = {
    "not_held": Said("Most of what people dismiss did not take place. Ask who keeps the calendars."),
    "elsewhere": Said("Most of what people dismiss is recorded already. Look which time is recorded twice."),
    "not_mine": Said("Most of what people dismiss is not theirs. Look whose things are read for whom."),
}
"""What it says when most of the dismissed drafts of two weeks have the same reason."""


def signs(weeks: Mapping[str, Counts], people: int, minimum: int) -> list[Said] | None:
    """What became another way lately, in words; None where there are too few people or weeks to say.

    Takes    weeks: whole ones, over everybody; minimum: the policy's, of any group
    """
    names = sorted(weeks)
    if people < minimum or len(names) < 2 * RECENT:
        return None
    before, lately = _sum(weeks, names[:-RECENT]), _sum(weeks, names[-RECENT:])
    return [*_signs(before, lately, len(names) - RECENT)]


def _signs(before: Counts, lately: Counts, weeks: int) -> Iterator[Said]:
    evens = [share(counts, "made_even", "uneven") for counts in (before, lately)]
    enough = min(counts.get("uneven", 0) for counts in (before, lately)) >= FEWEST
    if enough and (evens[1] or 0) >= (evens[0] or 0) + CLEAR:
        yield Said(
            "Lengths are made rounder than before: quarters of an hour where something else was suggested. "
            "Ask what the numbers are used for."
        )
    taken = [counts.get("disconnected", 0) for counts in (before, lately)]
    if taken[1] * weeks > 2 * taken[0] * RECENT and taken[1] > 1:
        yield Said("More sources are disconnected than before. Ask what people no longer want to be read.")
    whys = {why: lately.get(f"why:{why}", 0) for why in _WHYS}
    said = sum(whys.values()) + lately.get("why:no_work", 0)
    yield from (_WHYS[why] for why, count in whys.items() if said >= FEWEST and count > said / 2)
    late = [median(counts, "late") for counts in (before, lately)]
    if late[0] is not None and late[1] is not None and late[1] > late[0]:
        yield Said("Answers come later than before. Ask what makes them a chore.")


def _sum(weeks: Mapping[str, Counts], names: list[str]) -> Counter[str]:
    total = Counter[str]()
    for name in names:
        total.update(weeks[name])
    return total
