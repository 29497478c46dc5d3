from __future__ import annotations

from collections.abc import Iterator

import pytest

from connectors.asana.connector import Asana
from tests.connectors.asana.world import AsanaWorld


@pytest.fixture
def world() -> Iterator[AsanaWorld]:
    world = AsanaWorld()
    yield world
    world.site.stop()


@pytest.fixture
def connector(world: AsanaWorld) -> Asana:
    return world.connector()
