"""All layers around each connector, as the program stacks them: the whole contract still holds."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest

from connectors.contract import Connector
from connectors.google_calendar import connector as google
from connectors.layers import Logged, Pacing, PolicyFiltered, Retrying
from daybook.testing import ContractSuite
from tests.connectors.asana.world import PAGE, AsanaWorld
from tests.connectors.google_calendar.test_consent import LendingWorld
from tests.connectors.jira.server import ServerWorld
from tests.connectors.jira.world import JiraWorld, running
from tests.connectors.matrix import EVERYTHING


def layered(connector: Connector) -> Connector:
    return Logged(Retrying(Pacing(PolicyFiltered(connector, EVERYTHING)), wait=lambda _: False))


class TestLayersAroundJira(ContractSuite):
    @pytest.fixture(params=[JiraWorld, ServerWorld], ids=["cloud", "data center"])
    def world(self, request: pytest.FixtureRequest) -> Iterator[JiraWorld]:
        with running(request.param) as world:
            yield world

    @pytest.fixture
    def connector(self, world: JiraWorld) -> Connector:
        return layered(world.connector())


class TestLayersAroundAsana(ContractSuite):
    @pytest.fixture(params=["people", "projects"])
    def connector(self, world: AsanaWorld, request: pytest.FixtureRequest) -> Connector:
        return layered(world.connector(read=request.param))

    @pytest.fixture
    def world(self) -> Iterator[AsanaWorld]:
        world = AsanaWorld()
        world.site.page = PAGE
        yield world
        world.site.stop()


class TestLayersAroundGoogleCalendar(ContractSuite):
    @pytest.fixture
    def world(self) -> Iterator[LendingWorld]:
        with closing(LendingWorld()) as world:
            yield world

    @pytest.fixture
    def connector(self, world: LendingWorld, monkeypatch: pytest.MonkeyPatch) -> Connector:
        monkeypatch.setattr(google, "MOST_EVENTS", world.page_size)
        return layered(world.connector())
