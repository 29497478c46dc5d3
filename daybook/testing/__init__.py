"""What the author of a connector tests it with: the contract suite, and a stand-in for the tool on loopback.

Needs pytest, which the program itself does not. docs/writing-a-connector.md shows
how a connector of your own inherits the suite.
"""

import pytest

# so that the assertions in them say what was wrong
pytest.register_assert_rewrite(
    *(f"daybook.testing.{room}" for room in ("world", "reading", "loud", "writing"))
)

from connectors.stand_in import FAULTS, Answer, Faults, Request, StandIn, route  # noqa: E402
from daybook.testing.contract import ContractSuite  # noqa: E402
from daybook.testing.odd import ODD, spoilt  # noqa: E402
from daybook.testing.world import BROKEN, NOWHERE, Posted, Said, Trouble, World, said  # noqa: E402

__all__ = [
    "BROKEN",
    "FAULTS",
    "NOWHERE",
    "ODD",
    "Answer",
    "ContractSuite",
    "Faults",
    "Posted",
    "Request",
    "Said",
    "StandIn",
    "Trouble",
    "World",
    "route",
    "said",
    "spoilt",
]
