"""How a connection behaves towards its tool: one Manners for each, made by whoever runs the program."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta

from connectors.budget import Budget
from connectors.limits import LONGEST_REST
from connectors.session import TIMEOUT

OWN_WRITES = 2
"""How many writes of one contributor may be on their way at once."""


@dataclass(frozen=True)
class Manners:
    """Shared by all sessions and threads of one connection."""

    budget: Budget = field(default_factory=Budget)
    timeout: tuple[float, float] = TIMEOUT
    """Seconds to connect, and seconds without a byte."""
    longest_rest: timedelta = LONGEST_REST
    """The longest a tool may send us away, whatever it says."""
    _own: dict[str, Budget] = field(default_factory=dict)
    """By whose they are."""

    def own(self, who: str) -> Budget:
        """The budget of a contributor's own credential, where their tool counts each credential by itself.

        Takes    who: whatever tells contributors apart
        """
        if who not in self._own:
            self._own.setdefault(who, self.budget.apart(writes=OWN_WRITES))
        return self._own[who]

    def after(self, before: Manners) -> Manners:
        """The same, for who goes on where another left off: what that one still asks counts for both."""
        for budget in (before.budget, *before._own.values()):
            budget.becomes(self.budget)
        return replace(self, budget=before.budget, _own=before._own)
