"""Who has a minute that several meetings want: claimed in order, so that none counts twice."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from core.timeline import Span, first, length, union, without


class Claim(NamedTuple):
    """One block of time that wants to be counted."""

    key: str
    span: Span
    rank: tuple[object, ...]
    """Smaller claims first; never equal to another's."""
    decided: int | None = None
    """The minutes its contributor said it took; None while it is open."""


def settle(claims: Iterable[Claim], least: int) -> dict[str, list[Span]]:
    """The time each block holds, no minute held twice.

    Blocks claim by rank. What a contributor decided then takes the minutes it still lacks from open blocks,
    within its own span: their word goes first, but to confirm what is left of a meeting cuts no other.

    Takes    the least minutes of an open block: with less it claims nothing, and others may have the time
    Gives    spans by key; no key for an open block that holds nothing
    """
    ranked = sorted(claims, key=lambda claim: claim.rank)
    held: dict[str, list[Span]] = {}
    taken: list[Span] = []
    for claim in ranked:
        kept = without([claim.span], taken)
        if claim.decided is not None or length(kept) >= least:
            held[claim.key] = kept
            taken = union(taken, kept)
    decided = [claim for claim in ranked if claim.decided is not None]
    for claim in decided:
        firm = union(*(held[other.key] for other in decided))
        lacking = (claim.decided or 0) - length(held[claim.key])
        more = first(without([claim.span], firm), lacking)
        held = {key: without(spans, more) for key, spans in held.items()}
        held[claim.key] = union(held[claim.key], more)
    firm_keys = {claim.key for claim in decided}
    return {key: spans for key, spans in held.items() if key in firm_keys or length(spans) >= least}
