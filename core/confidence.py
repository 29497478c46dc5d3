"""How sure a suggestion may call itself, from what it rests on.

The words are promises that are kept: of a hundred suggestions called *sure*, at least 95 need no edit, where
a quarter of an hour more or less is none. Of those called *likely* most were that work, on that project, if
not always for so long. *Unsure* asks for a look: it may have been no work at all, or nobody has said what it
belongs to. How often each of them is right is measured by bench/quality; its table stands in docs/figures.md.

Nothing is sure the first time. A rule was written for everybody, and an accepted meeting may have been
skipped: a suggestion has earned the word when its contributor has confirmed the like of it before. A share of
free time is an estimate, and never sure.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from core.day import Numbers
from core.mapping import Match
from core.model import Activity, Confidence

EARNED = 4
"""Times a contributor has confirmed the same booking of it."""
ALONE = 0.99
"""How certain memory must be of it: so much only where for a while nothing else was said, not even no."""
SMALL = 10
"""Invited; in a larger room nobody is missed."""
SHORT = timedelta(minutes=30)
"""What is longer ends a quarter of an hour early or late too often, confirmed before or not."""
SIGNS = 2
"""Signs of work on one day that outweigh an earlier word that it was none: not all are answers in passing."""

_ORDER: Sequence[Confidence] = ("unsure", "likely", "sure")


def is_doubtful(activity: Activity) -> bool:
    """Whether its contributor may not have been there, as far as their answer goes."""
    return activity.response in ("tentative", "needs_action")


def of_meeting(activity: Activity, match: Match, numbers: Numbers, *, whole: bool, alone: bool) -> Confidence:
    """How sure it is that they were there, for so long, and for that project.

    Takes    whole: no other meeting has any of its time; alone: none wanted it
    """
    doubtful = is_doubtful(activity)
    if not whole or (doubtful and numbers.tentative == "unsure"):
        return _said(match, "unsure")
    if doubtful or not alone or (activity.audience or 0) > SMALL:
        return _said(match, "likely")
    short = activity.end is not None and activity.end - activity.start <= SHORT
    return _said(match, "sure" if short and _is_earned(match) else "likely")


def of_task(touches: int, match: Match) -> Confidence:
    """How sure it is that it was worked on; for how long is always an estimate.

    Takes    how often its contributor did something to it on the day
    """
    if touches >= SIGNS:
        match = match._replace(at_most=None)
    return _said(match, "likely" if touches else "unsure")


def _is_earned(match: Match) -> bool:
    """Whether its contributor has booked it so often enough, or for good."""
    said = match.chosen or match.agreed
    if said is None:
        return False
    return said.by == "always" or (said.times >= EARNED and said.certainty >= ALONE)


def _said(match: Match, evidence: Confidence) -> Confidence:
    """As the evidence, or as its rule says instead; no surer than the contributor's earlier choices."""
    if match.project is None:
        return match.confidence or "unsure"
    said = match.confidence or evidence
    return said if match.at_most is None else min(said, match.at_most, key=_ORDER.index)
