from __future__ import annotations

import pytest

from tests.supply.checkers import Checkers


@pytest.fixture(scope="session")
def checkers() -> Checkers:
    return Checkers()
