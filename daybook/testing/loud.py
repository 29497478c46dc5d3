"""The sentences of the contract about trouble while reading: complete or loud, and never half."""

from __future__ import annotations

import pytest

from connectors.contract import (
    Connector,
    CursorExpired,
    Paced,
    Refused,
    Unavailable,
    walk,
)
from daybook.testing.world import BROKEN, Tried, Trouble, World, said


class Loud(Tried):
    """One test for each."""

    def test_a_bookmark_too_old_means_the_whole_window(self, connector: Connector, world: World) -> None:
        world.add(world.ada, "Before")
        world.settle()
        cursor = self.pulled(connector, world, world.ada)[-1].cursor
        self.start_trouble(world, "expired")
        missed = world.add(world.ada, "Meanwhile")
        world.settle()
        with pytest.raises(CursorExpired):
            self.pulled(connector, world, world.ada, cursor=cursor)
        assert missed in said(self.pulled(connector, world, world.ada))

    def test_a_bookmark_nobody_can_read_means_the_whole_window(
        self, connector: Connector, world: World
    ) -> None:
        for cursor in ("", "{}", "[]", "from an older version"):
            with pytest.raises(CursorExpired):
                self.pulled(connector, world, world.ada, cursor=cursor)

    def test_a_tool_that_repeats_a_page_is_told_apart_from_one_that_goes_on(
        self, connector: Connector, world: World
    ) -> None:
        self.many(world, world.ada)
        self.start_trouble(world, "repeats")
        with pytest.raises(Unavailable):
            self.pulled(connector, world, world.ada)

    def test_an_empty_page_that_says_there_is_more_ends_nothing(
        self, connector: Connector, world: World
    ) -> None:
        made = self.many(world, world.ada)
        self.start_trouble(world, "empty page")
        assert made <= set(said(self.pulled(connector, world, world.ada)))

    @pytest.mark.parametrize("later", [False, True], ids=["first page", "later page"])
    @pytest.mark.parametrize("kind", BROKEN)
    def test_P10_a_broken_answer_is_loud_and_costs_nothing(
        self, connector: Connector, world: World, kind: Trouble, later: bool
    ) -> None:
        self.many(world, world.ada)
        expected = said(self.pulled(connector, world, world.ada))
        (partition,) = connector.partitions([world.ada])
        pages = [connector.pull(partition, world.window, None)] if later else []
        cursor = pages[-1].cursor if pages else None
        self.start_trouble(world, kind)
        try:
            rest = list(walk(connector, partition, world.window, cursor))
        except Unavailable:
            rest = list(walk(connector, partition, world.window, cursor))
        assert said([*pages, *rest]) == expected

    def test_R07_a_tool_that_asks_for_patience_gets_it(self, connector: Connector, world: World) -> None:
        made = self.many(world, world.ada)
        self.start_trouble(world, "429-bare")
        try:
            assert made <= set(said(self.pulled(connector, world, world.ada)))
        except Paced as paced:
            assert paced.wait.total_seconds() > 0

    @pytest.mark.parametrize("later", [False, True], ids=["first page", "later page"])
    def test_a_revoked_connection_is_a_refusal_and_never_an_empty_answer(
        self, connector: Connector, world: World, later: bool
    ) -> None:
        self.many(world, world.ada)
        (partition,) = connector.partitions([world.ada])
        cursor = connector.pull(partition, world.window, None).cursor if later else None
        self.start_trouble(world, "connection revoked")
        with pytest.raises(Refused) as pulling:
            connector.pull(partition, world.window, cursor)
        with pytest.raises(Refused) as checking:
            connector.check()
        assert pulling.value.whose == checking.value.whose == "connection"

    def test_a_check_says_as_whom_and_reads_nobody(self, connector: Connector, world: World) -> None:
        world.add(world.ada, "Doctor")
        world.settle()
        standing = connector.check()
        assert standing.account
        assert "Doctor" not in standing.model_dump_json()
