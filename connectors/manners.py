"""How a connection behaves towards its tool: one Manners for each, made by whoever runs the program."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from connectors.budget import LONGEST_REST, Budget
from connectors.session import TIMEOUT


@dataclass(frozen=True)
class Manners:
    """Shared by all sessions and threads of one connection."""

    budget: Budget = field(default_factory=Budget)
    timeout: tuple[float, float] = TIMEOUT
    """Seconds to connect, and seconds without a byte."""
    longest_rest: timedelta = LONGEST_REST
    """The longest a tool may send us away, whatever it says."""
