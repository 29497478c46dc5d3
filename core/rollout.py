"""Who takes part, and which stage may begin: one after the other, and none by itself.

shadow   the pilot cohort; nobody is mailed a digest, anyone of it may look
pilot    the pilot cohort
expand   both cohorts
normal   everybody under `people`

The configuration says which stage an administrator wishes. An earlier one is taken at once, for
fewer people are read in it; the next one once all is reached that was set beforehand (exits.py).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Literal, get_args

from core.model import Verdict
from core.said import Said

Stage = Literal["shadow", "pilot", "expand", "normal"]
STAGES: tuple[Stage, ...] = get_args(Stage)
FIRST: tuple[Stage, ...] = ("shadow", "pilot")
"""With one of these a rollout begins."""

FEWEST, MOST = 4, 8
"""People of a pilot. With fewer, each number is somebody; with more, nobody can talk with all of them."""

_WORD = re.compile(r"[^\W\d_]+")

_REACHES: dict[Stage, tuple[str, ...]] = {
    "shadow": ("pilot",),
    "pilot": ("pilot",),
    "expand": ("pilot", "expand"),
}


def enrolled(email: str, stage: Stage, cohorts: Mapping[str, Collection[str]]) -> Verdict:
    """Does the present stage reach this person? Who is not named is not read (P3).

    Takes    a person of the configuration; cohorts as lists of addresses, in any case
    """
    if stage == "normal":
        return Verdict(allowed=True, reason="Everybody takes part.")
    for cohort in _REACHES[stage]:
        if email.casefold() in {member.casefold() for member in cohorts.get(cohort, ())}:
            return Verdict(allowed=True, reason=f"In the cohort {cohort!r} of the stage {stage!r}.")
    return Verdict(allowed=False, reason=f"In no cohort of the stage {stage!r}.")


def mailed(stage: Stage) -> Verdict:
    """Are digests sent at this stage?"""
    if stage == "shadow":
        return Verdict(allowed=False, reason="In a shadow run nobody is mailed.")
    return Verdict(allowed=True, reason=f"The stage {stage!r} sends digests.")


def following(stage: Stage) -> Stage | None:
    """The one stage that may come after this."""
    return next(iter(STAGES[STAGES.index(stage) + 1 :]), None)


def may_begin(wished: Stage, pilot: int, skipped_because: str = "") -> Verdict:
    """May a rollout begin with this stage?

    Takes    pilot: people of that cohort
             skipped_because: why there is no pilot, in words that every contributor reads
    """
    if wished in FIRST and (few := too_few(pilot)):
        return _no(f"is {wished!r}, but {few}.")
    if wished in FIRST:
        return _yes(Said("A rollout begins with it."))
    if len(_WORD.findall(skipped_because)) > 1:
        return _yes(Said("There is no pilot, because: {why}", why=skipped_because))
    return _no(
        f"is {wished!r}, but nobody here has tried Daybook yet. Begin with {' or '.join(FIRST)}, or write "
        "under rollout.skip_pilot_because why there is no pilot, in a sentence: every contributor reads that."
    )


def too_few(pilot: int) -> str:
    """Why a pilot of so many does not begin; empty where it may."""
    if pilot >= FEWEST:
        return ""
    return (
        f"rollout.cohorts.pilot names {pilot or 'nobody'}. A pilot is of {FEWEST} to {MOST} people: with "
        "fewer, each number is somebody. Name more; or write stage: normal, and under skip_pilot_because why "
        "there is no pilot"
    )


def may_follow(stage: Stage, wished: Stage, missing: Sequence[str]) -> Verdict:
    """May this other stage take the place of the one in force?

    Takes    missing: what the one in force has not reached, in words
    """
    if STAGES.index(wished) < STAGES.index(stage):
        return _yes(Said("It goes back from {stage}: fewer people are read.", stage=f"{stage!r}"))
    if wished != following(stage):
        return _no(f"is {wished!r}, which skips {following(stage)!r}. {stage!r} stays in force.")
    if missing:
        return _no(f"is {wished!r}, but {stage!r} stays in force: {'; '.join(missing)}.")
    return _yes(Said("All that {stage} had to reach is reached.", stage=f"{stage!r}"))


def _yes(reason: str) -> Verdict:
    return Verdict(allowed=True, reason=reason)


def _no(reason: str) -> Verdict:
    return Verdict(allowed=False, reason=reason)
