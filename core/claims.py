"""Who has a minute that several meetings want: claimed in order, so that none counts twice."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from core.timeline import Stretch, first, together


class Claim(NamedTuple):
    """One block of time that wants to be counted."""

    key: str
    wanted: Stretch
    rank: tuple[object, ...]
    """Smaller claims first; never equal to another's."""
    decided: int | None = None
    """The minutes its contributor said it took; None while it is open."""


def settle(ranked: Sequence[Claim], least: int) -> dict[str, Stretch]:
    """The time each block holds, no minute held twice.

    Blocks claim in order. What a contributor decided then takes the minutes it still lacks from open blocks,
    within its own time: their word goes first, but to confirm what is left of a meeting cuts no other.

    Takes    claims by rank; the least minutes of an open block: with less it claims nothing, and others may
             have the time
    Gives    stretches by key; no key for an open block that holds nothing
    """
    held: dict[str, Stretch] = {}
    taken = 0
    for claim in ranked:
        kept = claim.wanted & ~taken
        if claim.decided is not None or kept.bit_count() >= least:
            held[claim.key] = kept
            taken |= kept
    decided = {claim.key: claim for claim in ranked if claim.decided is not None}
    if not decided:
        return held
    for key, claim in decided.items():
        firm = together(held[other] for other in decided)
        lacking = (claim.decided or 0) - held[key].bit_count()
        more = first(claim.wanted & ~firm, lacking)
        held = {other: stretch & ~more for other, stretch in held.items()}
        held[key] |= more
    return {key: stretch for key, stretch in held.items() if key in decided or stretch.bit_count() >= least}
