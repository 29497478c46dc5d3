"""What the author of a connector tests it with: the contract suite, and what it asks of a tool.

Needs pytest, which the program itself does not. docs/writing-a-connector.md shows
how a connector of your own inherits the suite.
"""

import pytest

pytest.register_assert_rewrite("daybook.testing.contract")  # so that its assertions say what was wrong

from daybook.testing.contract import (  # noqa: E402
    BROKEN,
    NOWHERE,
    ContractSuite,
    Posted,
    Said,
    Trouble,
    World,
    said,
)

__all__ = ["BROKEN", "NOWHERE", "ContractSuite", "Posted", "Said", "Trouble", "World", "said"]
