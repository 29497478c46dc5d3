"""The sentences of the contract about reading: whom a connector asks about, and what it says."""

from __future__ import annotations

import json

from connectors.contract import (
    Connector,
    walk,
)
from connectors.layers.filtered import WORDS
from daybook.testing.world import Tried, World, said


class Reading(Tried):
    """One test for each."""

    # --- whom it asks about

    def test_P3_for_nobody_there_is_nothing_to_pull(self, connector: Connector) -> None:
        assert connector.partitions([]) == []

    def test_P3_partitions_hold_exactly_the_people_given(self, connector: Connector, world: World) -> None:
        partitions = connector.partitions([world.ada, world.ben])
        assert {account for part in partitions for account in part.accounts} == {world.ada, world.ben}
        assert len({part.key for part in partitions}) == len(partitions)
        assert connector.partitions([world.ada, world.ben]) == partitions

    def test_I9_the_key_of_a_partition_names_nobody(self, connector: Connector, world: World) -> None:
        keys = [part.key for part in connector.partitions([world.ada, world.ben])]
        assert not [key for key in keys if "@" in key]

    def test_P3_what_ben_did_is_not_seen_while_only_ada_takes_part(
        self, connector: Connector, world: World
    ) -> None:
        hers, his = world.add(world.ada, "Hers"), world.add(world.ben, "His")
        world.settle()
        seen = said(self.pulled(connector, world, world.ada))
        assert hers in seen and his not in seen
        assert {person for activities in seen.values() for person, _ in activities} == {world.ada.contributor}

    def test_P11_every_word_a_policy_may_list_lets_something_through(self, connector: Connector) -> None:
        """A word that is neither common nor like one would be listed, promised and dropped."""
        assert {connector.abilities.like.get(word, word) for word in connector.tracks} <= WORDS
        assert all(meaning.endswith(".") for meaning in connector.tracks.values())
        assert connector.called

    # --- what it says

    def test_a_walk_without_cursor_shows_everything_once(self, connector: Connector, world: World) -> None:
        made = self.many(world, world.ada)
        pages = self.pulled(connector, world, world.ada)
        origins = [sighting.origin for page in pages for sighting in page.sightings if sighting.activities]
        assert made <= set(origins)
        assert len(origins) == len(set(origins))
        uids = [activity.uid for activities in said(pages).values() for _, activity in activities]
        assert len(uids) == len(set(uids))
        assert {activity.source for acts in said(pages).values() for _, activity in acts} == {
            connector.source
        }
        assert all(page.whole for page in pages)
        assert [page.more for page in pages] == [True] * (len(pages) - 1) + [False]

    def test_a_window_without_anything_is_a_whole_answer_too(
        self, connector: Connector, world: World
    ) -> None:
        pages = self.pulled(connector, world, world.ada)
        assert said(pages) == {}
        assert pages[-1].whole and not pages[-1].more

    def test_P9_asking_again_changes_nothing(self, connector: Connector, world: World) -> None:
        self.many(world, world.ada)
        first = self.pulled(connector, world, world.ada)
        again = self.pulled(connector, world, world.ada, cursor=first[-1].cursor)
        third = self.pulled(connector, world, world.ada, cursor=again[-1].cursor)
        anew = self.pulled(connector, world, world.ada)
        assert said(again, said(first)) == said(third, said(first)) == said(anew) == said(first)

    def test_P9_the_order_of_the_pages_changes_nothing(self, connector: Connector, world: World) -> None:
        self.many(world, world.ada)
        pages = self.pulled(connector, world, world.ada)
        assert len(pages) > 1
        assert said(reversed(pages)) == said(pages)

    def test_something_new_is_seen(self, connector: Connector, world: World) -> None:
        first = self.pulled(connector, world, world.ada)
        origin = world.add(world.ada, "New")
        world.settle()
        assert origin in said(self.pulled(connector, world, world.ada, cursor=first[-1].cursor), said(first))

    def test_a_change_is_seen_and_keeps_the_identity_of_its_activity(
        self, connector: Connector, world: World
    ) -> None:
        origin = world.add(world.ada, "Call")
        world.settle()
        first = self.pulled(connector, world, world.ada)
        world.alter(origin)
        world.settle()
        before = said(first)[origin]
        after = said(self.pulled(connector, world, world.ada, cursor=first[-1].cursor), said(first))[origin]
        assert after != before
        assert {activity.uid for _, activity in after} & {activity.uid for _, activity in before}

    def test_what_is_gone_is_gone_from_the_next_walk_and_from_a_whole_one(
        self, connector: Connector, world: World
    ) -> None:
        stays, goes = world.add(world.ada, "Stays"), world.add(world.ada, "Goes")
        world.settle()
        first = self.pulled(connector, world, world.ada)
        world.remove(goes)
        world.settle()
        following = said(self.pulled(connector, world, world.ada, cursor=first[-1].cursor), said(first))
        whole = said(self.pulled(connector, world, world.ada))
        assert stays in following and stays in whole
        assert goes not in following and goes not in whole

    def test_I9_a_cursor_is_a_plain_string_that_says_nothing_about_anybody(
        self, connector: Connector, world: World
    ) -> None:
        world.add(world.ada, "Doctor")
        world.settle()
        for page in self.pulled(connector, world, world.ada):
            assert json.loads(json.dumps(page.cursor)) == page.cursor != ""
            assert "Doctor" not in page.cursor and "@" not in page.cursor

    def test_a_cursor_outlives_the_connector(self, connector: Connector, world: World) -> None:
        """Only what travels in the cursor is remembered: other calls in between change nothing."""
        self.many(world, world.ada)
        (partition,) = connector.partitions([world.ada])
        page = connector.pull(partition, world.window, None)
        cursor = page.cursor
        whole = self.pulled(connector, world, world.ada)
        rest = list(walk(connector, partition, world.window, cursor))
        assert said([page, *rest]) == said(whole)
