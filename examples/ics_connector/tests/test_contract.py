"""Feeds and files keep the contract of every connector."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from daybook_ics.connector import Ics
from feeds import Feeds, FeedServer, Files

from connectors.contract import Refused
from daybook.testing import ContractSuite


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


class TestFiles(TestFeeds):
    """The same from files."""

    @pytest.fixture
    def world(self, server: FeedServer, tmp_path: Path) -> Files:
        return Files(server, folder=tmp_path)


def test_nobody_gives_a_credential_and_nothing_is_written(server: FeedServer) -> None:
    world = Feeds(server)
    connector, credential = world.connector(), world.credential(world.ada)
    with pytest.raises(Refused) as identifying:
        connector.identify(credential, "ada@northwind.example")
    with pytest.raises(Refused) as writing:
        connector.writer(world.ada, credential)
    assert (identifying.value.whose, writing.value.whose) == ("account", "entry")
