"""Feeds and files keep the contract of every connector."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from daybook_ics.connector import Ics
from feeds import Feeds, FeedServer, Files

from connectors.contract import Refused
from daybook.testing import ContractSuite, World


@pytest.fixture
def server() -> Iterator[FeedServer]:
    server = FeedServer()
    server.start()
    yield server
    server.stop()


class TestFeeds(ContractSuite):
    """Every sentence of the contract, over HTTP."""

    @pytest.fixture
    def world(self, server: FeedServer) -> Feeds:
        return Feeds(server)

    @pytest.fixture
    def connector(self, world: Feeds) -> Ics:
        return world.connector()

    def test_a_credential_names_its_owner(self, connector: Ics, world: World) -> None:  # type: ignore[override]
        """Nobody gives one: a calendar file is read by the organisation and written by nobody."""
        with pytest.raises(Refused) as identifying:
            connector.identify(world.credential(world.ada), "ada@northwind.example")
        with pytest.raises(Refused) as writing:
            connector.writer(world.ada, world.credential(world.ada))
        assert (identifying.value.whose, writing.value.whose) == ("account", "entry")


class TestFiles(TestFeeds):
    """The same from files."""

    @pytest.fixture
    def world(self, server: FeedServer, tmp_path: Path) -> Files:
        return Files(server, folder=tmp_path)
