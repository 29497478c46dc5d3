"""Whose account is whose at one tool: what the tool and its people say decides, nothing is guessed.

Their own connection says it first, then the account the configuration names, then their address. A name
never does: two people may share it. Where these leave a doubt the account is nobody's, so it is not read.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Literal

from core.model import Noun

Reason = Literal["unasked", "nobody", "several", "hidden", "deactivated", "differ", "shared"]
"""unasked      the tool was not asked yet          nobody   no account there has their address
several      more than one has                   hidden   the tool hides the addresses of who it found
deactivated  the one that has is switched off    differ   configuration and own connection name two accounts
shared       two contributors with one account
"""


class Candidate(Noun):
    """An account that a tool found for an address."""

    external: str
    """The tool's own id."""
    address: str | None
    """Theirs, as the tool shows it; None where it hides it."""
    active: bool = True


class Matched(Noun):
    """The account is theirs."""

    external: str


class Doubt(Noun):
    """No account is theirs for certain."""

    reason: Reason


NOT_ASKED = Doubt(reason="unasked")


class Claim(Noun):
    """What is known of one contributor at one tool."""

    contributor: str
    own: str | None = None
    """The account that their own credential belongs to."""
    configured: str | None = None
    found: Matched | Doubt = NOT_ASKED
    """By their address."""


def by_address(address: str, candidates: Iterable[Candidate]) -> Matched | Doubt:
    """Whose address it is among what the tool found for it."""
    found = {one.external: one for one in candidates}.values()
    theirs = [one for one in found if one.address is not None and _same(one.address, address)]
    active = [one for one in theirs if one.active]
    if len(active) == 1:
        return Matched(external=active[0].external)
    if active:
        return Doubt(reason="several")
    if theirs:
        return Doubt(reason="deactivated")
    return Doubt(reason="hidden" if any(one.address is None for one in found) else "nobody")


def settled(claims: Iterable[Claim]) -> dict[str, Matched | Doubt]:
    """Who is who, by contributor; an account that two claim is neither's."""
    alone = {claim.contributor: _alone(claim) for claim in claims}
    taken = Counter(one.external for one in alone.values() if isinstance(one, Matched))
    return {
        contributor: Doubt(reason="shared") if isinstance(one, Matched) and taken[one.external] > 1 else one
        for contributor, one in alone.items()
    }


def _alone(claim: Claim) -> Matched | Doubt:
    match claim.own, claim.configured:
        case str(own), str(configured) if own != configured:
            return Doubt(reason="differ")
        case (str(external), _) | (None, str(external)):
            return Matched(external=external)
    return claim.found


def _same(one: str, other: str) -> bool:
    return one.strip().casefold() == other.strip().casefold()
