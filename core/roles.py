"""In which role somebody is read: one that is read more waits for its day and for their word (P3, S-20).

The configuration says who has which role, and the policy what is read of it. A role that is read less holds
at once. Of one that is read more they are told; until its day has come and they acknowledged it, the stricter
of both holds.
"""

from __future__ import annotations

from datetime import date

from core.loosening import Difference, loosened
from core.model import Noun
from core.policy import Policy

NONE = ""
"""Whoever has no role is read like everybody."""


class InRole(Noun):
    """The role somebody is read in, and the one that waits."""

    role: str = NONE
    """The one they acknowledged."""
    coming: str | None = None
    """The one they have by now, of which more is read."""
    since: date | None = None
    """The first day it may hold; None until they were told."""
    agreed: bool = False
    """They acknowledged it."""

    def on(self, day: date) -> InRole:
        """What waited holds once it was announced for long enough and acknowledged."""
        is_due = self.agreed and self.since is not None and self.since <= day
        return InRole(role=self.coming) if self.coming is not None and is_due else self

    def acknowledging(self, role: str) -> InRole:
        """They read what this role means for them."""
        return self.model_copy(update={"agreed": self.coming == role})


def placed(known: InRole, asked: str, policy: Policy, today: date) -> InRole:
    """Where somebody stands once the configuration says that they have this role."""
    now = known.on(today)
    if not more(policy, now.role, asked):
        return InRole(role=asked)
    return now if now.coming == asked else InRole(role=now.role, coming=asked)


def more(policy: Policy, role: str, other: str) -> list[Difference]:
    """What is read of people in the other role and not of those in this one."""
    return loosened(_of(policy, role), _of(policy, other))


def _of(policy: Policy, role: str) -> Policy:
    """The policy as it is for one role."""
    tracked = {source: tuple(sorted(policy.tracked_of(role, source))) for source in policy.tracked}
    return policy.model_copy(update={"tracked": tracked, "roles": {}})
