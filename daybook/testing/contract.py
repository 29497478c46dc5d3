"""The contract every connector keeps, and every layer around one.

Inherit `ContractSuite`, give it the fixtures `world` and `connector`, and all
of its tests are yours:

    class TestMyTool(ContractSuite):
        @pytest.fixture
        def world(self): ...
        @pytest.fixture
        def connector(self, world): ...

A `World` is the tool seen from behind. Only it knows the tool; the suite knows
only the contract.
"""

from __future__ import annotations

from daybook.testing.loud import Loud
from daybook.testing.reading import Reading
from daybook.testing.writing import Writing


class ContractSuite(Reading, Loud, Writing):
    """One test for each sentence of the contract."""
