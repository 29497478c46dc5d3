"""Who takes part: stages of a rollout and the cohorts each one reaches.

shadow   the pilot cohort; nobody is mailed a digest, anyone of it may look
pilot    the pilot cohort
expand   both cohorts
normal   everybody under `people`
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Literal

from core.model import Verdict

Stage = Literal["shadow", "pilot", "expand", "normal"]

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
