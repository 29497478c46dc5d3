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

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, Protocol

import pytest
from pydantic import SecretStr

from connectors.contract import (
    Account,
    Connector,
    Credential,
    CursorExpired,
    Fault,
    Paced,
    Page,
    Refused,
    Unavailable,
    Unclear,
    Window,
    Writer,
    walk,
)
from connectors.layers.filtered import WORDS
from connectors.text import plain
from core.model import Activity, Entry

Said = Mapping[str, frozenset[tuple[str, Activity]]]
"""By origin: what a source says, once every page of a walk was taken."""

Trouble = Literal[
    "500", "html", "truncated", "drop-before", "drop-after", "429-bare",
    "lost answer", "expired", "repeats", "empty page", "connection revoked",
]  # fmt: skip
NOWHERE = "NOPE-1"
"""A task no tool has."""
BROKEN: tuple[Trouble, ...] = ("500", "html", "truncated", "drop-before", "drop-after")


@dataclass(frozen=True)
class Posted:
    """One time record, as people see it at the tool."""

    id: str
    author: str
    """The tool's own id of who is shown as its author."""
    task: str
    minutes: int
    day: date
    text: str
    """As a person reads it; may hold our marker."""


class World(Protocol):
    """A tool seen from behind: what people do there, what stands there, how it misbehaves."""

    ada: Account
    ben: Account
    """Two people the tool knows: contributors `ada` and `ben`, mail `ada@northwind.example` and so on."""
    window: Window
    """All that `add` makes lies inside."""
    task: str
    """A task both may post on."""
    page_size: int
    """How many added things fill one page of a walk."""

    def add(self, account: Account, title: str) -> str:
        """This person does one thing, of a kind the tool can tell the end of; gives its sighting's origin."""

    def alter(self, origin: str) -> None:
        """The thing changes so that its activities do."""

    def remove(self, origin: str) -> None:
        """The thing is deleted, cancelled or no longer this person's."""

    def settle(self) -> None:
        """Time passes until all that was done shows up everywhere."""

    def trouble(self, kind: Trouble) -> bool:
        """Make the tool misbehave; False where it cannot, and the test is skipped.

        500 to 429-bare: the next request meets it, as in connectors.stand_in.FAULTS
        lost answer: the next write happens and its answer is lost
        expired: every cursor given so far is too old
        repeats: from now on every page of a walk points to itself
        empty page: the next page of a walk is empty and says that there is more
        connection revoked: the connection's own credential is no longer accepted
        """

    def credential(self, account: Account) -> Credential:
        """What this person gave us to write with."""

    def posted(self) -> list[Posted]:
        """Every time record on `task`."""

    def record(self, account: Account, entry: Entry) -> str:
        """The person writes a record that says what `entry` says, by hand; gives its id."""

    def edit(self, record: str) -> None:
        """A person changes the minutes or the text of a record."""

    def erase(self, record: str) -> None:
        """A person deletes a record."""


def said(pages: Iterable[Page], before: Said | None = None) -> Said:
    """What stands after these pages, as whoever stores them must take them."""
    pages = list(pages)
    standing = {} if any(page.whole for page in pages) else dict(before or {})
    for page in pages:
        for sighting in page.sightings:
            standing[sighting.origin] = frozenset(sighting.activities)
    return {origin: activities for origin, activities in standing.items() if activities}


class ContractSuite:
    """One test for each sentence of the contract."""

    # --- helpers

    def pulled(
        self, connector: Connector, world: World, *accounts: Account, cursor: str | None = None
    ) -> list[Page]:
        """One walk over the single partition of these accounts."""
        (partition,) = connector.partitions(accounts)
        return list(walk(connector, partition, world.window, cursor))

    def many(self, world: World, account: Account) -> set[str]:
        """One thing more than fills a page."""
        made = {world.add(account, f"Thing {n}") for n in range(world.page_size + 1)}
        world.settle()
        return made

    def start_trouble(self, world: World, kind: Trouble) -> None:
        if not world.trouble(kind):
            pytest.skip(f"this tool has no such trouble: {kind}")

    @pytest.fixture
    def entry(self, connector: Connector, world: World) -> Entry:
        start = datetime.fromisoformat("2026-11-20T10:00:00+01:00")
        return Entry(
            id="e-1",
            day=start.date(),
            start=start,
            minutes=45,
            target=f"{connector.name}:{world.task}",
            text="ACME call",
        )

    @pytest.fixture
    def writer(self, connector: Connector, world: World) -> Writer:
        if not connector.abilities.posts:
            pytest.skip("this tool is only read")
        return connector.writer(world.ada, world.credential(world.ada))

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

    # --- complete or loud

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

    # --- whose credential it is

    def test_a_credential_names_its_owner(self, connector: Connector, world: World) -> None:
        if not connector.abilities.posts:
            pytest.skip("nobody gives a credential to a tool that is only read")
        for account in (world.ada, world.ben):
            email = f"{account.contributor}@northwind.example"
            known = connector.identify(world.credential(account), email)
            assert known.external == account.external
            assert known.shown == plain(known.shown)

    def test_a_credential_of_nobody_is_refused_to_its_giver(self, connector: Connector, world: World) -> None:
        with pytest.raises(Refused) as caught:
            connector.identify(Credential(secret=SecretStr("wr0ng")), "ada@northwind.example")
        assert caught.value.whose == "account"
        assert "wr0ng" not in str(caught.value)

    def test_a_wrong_credential_writes_nothing_and_is_refused_to_its_contributor(
        self, connector: Connector, world: World, writer: Writer, entry: Entry
    ) -> None:
        baseline = writer.baseline(entry)
        stranger = connector.writer(world.ada, Credential(secret=SecretStr("wr0ng")))
        with pytest.raises(Refused) as posting:
            stranger.post("k1", entry)
        with pytest.raises(Refused) as looking:
            stranger.find("k1", entry, baseline)
        assert posting.value.whose == looking.value.whose == "account"
        assert world.posted() == []

    # --- writing, once

    def test_P8_an_entry_is_written_once_under_its_contributors_name(
        self, world: World, writer: Writer, entry: Entry
    ) -> None:
        receipt = writer.post("k1", entry)
        (record,) = world.posted()
        assert (record.id, record.task) == (receipt.id, receipt.task) == (receipt.id, world.task)
        assert (record.author, record.minutes, record.day) == (world.ada.external, 45, entry.day)
        assert "ACME call" in record.text

    def test_R02_what_was_not_posted_is_not_found(self, world: World, writer: Writer, entry: Entry) -> None:
        assert writer.find("k1", entry, writer.baseline(entry)) is None

    def test_R02_a_look_finds_what_was_posted(self, world: World, writer: Writer, entry: Entry) -> None:
        baseline = writer.baseline(entry)
        receipt = writer.post("k1", entry)
        world.settle()
        found = writer.find("k1", entry, baseline)
        assert found == receipt

    def test_R02_a_lost_answer_is_unclear_and_the_look_adopts_the_one_record(
        self, world: World, writer: Writer, entry: Entry
    ) -> None:
        baseline = writer.baseline(entry)
        self.start_trouble(world, "lost answer")
        with pytest.raises(Unclear):
            writer.post("k1", entry)
        world.settle()
        found = writer.find("k1", entry, baseline)
        (record,) = world.posted()
        assert found is not None and found.id == record.id
        assert writer.amend(found, "k2", _revised(entry)).id == record.id

    @pytest.mark.parametrize("kind", [*BROKEN, "429-bare"])
    def test_P8_a_write_that_fails_says_whether_it_may_have_happened(
        self, world: World, writer: Writer, entry: Entry, kind: Trouble
    ) -> None:
        baseline = writer.baseline(entry)
        self.start_trouble(world, kind)
        try:
            writer.post("k1", entry)
        except Unclear:
            world.settle()
            found = writer.find("k1", entry, baseline)
            assert [record.id for record in world.posted()] == ([found.id] if found else [])
        except Unavailable:
            assert world.posted() == []
        assert len(world.posted()) <= 1

    def test_R04_an_equal_record_of_another_person_or_hand_is_not_ours(
        self, world: World, writer: Writer, entry: Entry
    ) -> None:
        world.record(world.ben, entry)
        world.record(world.ada, entry)
        world.settle()
        baseline = writer.baseline(entry)
        world.record(world.ben, entry)
        world.settle()
        assert writer.find("k1", entry, baseline) is None

    def test_R04_two_equal_entries_are_told_apart_or_nobody_guesses(
        self, connector: Connector, world: World, writer: Writer, entry: Entry
    ) -> None:
        twin = entry.model_copy(update={"id": "e-2"})
        first_baseline = writer.baseline(entry)
        first = writer.post("k1", entry)
        world.settle()
        second_baseline = writer.baseline(twin)
        second = writer.post("k2", twin)
        world.settle()
        assert first.id != second.id
        assert writer.find("k2", twin, second_baseline) == second
        if connector.abilities.marker:
            assert writer.find("k1", entry, first_baseline) == first
        else:
            with pytest.raises(Unclear):
                writer.find("k1", entry, first_baseline)

    def test_a_correction_changes_that_same_record(self, world: World, writer: Writer, entry: Entry) -> None:
        receipt = writer.post("k1", entry)
        for key, minutes in (("k2", 30), ("k3", 15)):
            receipt = writer.amend(receipt, key, _revised(entry, minutes))
            (record,) = world.posted()
            assert (record.id, record.minutes) == (receipt.id, minutes)
            assert "ACME call, shorter" in record.text

    def test_R02_a_correction_whose_answer_was_lost_is_found_and_may_be_made_again(
        self, connector: Connector, world: World, writer: Writer, entry: Entry
    ) -> None:
        receipt = writer.post("k1", entry)
        world.settle()
        self.start_trouble(world, "lost answer")
        with pytest.raises(Unclear):
            writer.amend(receipt, "k2", _revised(entry))
        world.settle()
        if connector.abilities.marker:
            found = writer.find("k2", _revised(entry), "")
            assert found is not None and found.id == receipt.id
        assert writer.amend(receipt, "k2", _revised(entry)).id == receipt.id
        assert [record.minutes for record in world.posted()] == [30]

    def test_I6_a_record_a_person_changed_is_neither_overwritten_nor_removed(
        self, world: World, writer: Writer, entry: Entry
    ) -> None:
        receipt = writer.post("k1", entry)
        world.edit(receipt.id)
        theirs = world.posted()
        with pytest.raises(Refused) as amending:
            writer.amend(receipt, "k2", _revised(entry))
        with pytest.raises(Refused) as withdrawing:
            writer.withdraw(receipt)
        assert amending.value.whose == withdrawing.value.whose == "entry"
        assert world.posted() == theirs

    def test_a_correction_of_what_is_gone_is_refused_and_makes_nothing_new(
        self, world: World, writer: Writer, entry: Entry
    ) -> None:
        receipt = writer.post("k1", entry)
        world.erase(receipt.id)
        with pytest.raises(Refused):
            writer.amend(receipt, "k2", _revised(entry))
        assert world.posted() == []

    def test_withdrawing_removes_that_record_and_no_other_and_twice_is_fine(
        self, world: World, writer: Writer, entry: Entry
    ) -> None:
        theirs = world.record(world.ada, entry)
        receipt = writer.post("k1", entry)
        writer.withdraw(receipt)
        writer.withdraw(receipt)
        assert [record.id for record in world.posted()] == [theirs]

    def test_a_withdrawal_whose_answer_was_lost_may_be_made_again(
        self, world: World, writer: Writer, entry: Entry
    ) -> None:
        receipt = writer.post("k1", entry)
        self.start_trouble(world, "lost answer")
        with pytest.raises(Unclear):
            writer.withdraw(receipt)
        writer.withdraw(receipt)
        assert world.posted() == []

    def test_a_task_that_does_not_exist_is_refused_for_this_entry_alone(
        self, connector: Connector, world: World, writer: Writer, entry: Entry
    ) -> None:
        with pytest.raises(Refused) as caught:
            writer.post("k1", _elsewhere(connector, entry))
        assert caught.value.whose == "entry"
        assert world.posted() == []

    def test_I9_no_fault_says_whose_or_what(
        self, connector: Connector, world: World, writer: Writer, entry: Entry
    ) -> None:
        receipt = writer.post("k1", entry)
        world.edit(receipt.id)
        stranger = connector.writer(world.ada, Credential(secret=SecretStr("wr0ng")))
        with pytest.raises(Fault) as edited:
            writer.amend(receipt, "k2", _revised(entry))
        with pytest.raises(Fault) as unknown:
            stranger.post("k1", entry)
        with pytest.raises(Fault) as nowhere:
            writer.post("k1", _elsewhere(connector, entry))
        secrets = ("ACME call", "@", "wr0ng", world.credential(world.ada).secret.get_secret_value())
        words = " ".join(str(caught.value) for caught in (edited, unknown, nowhere))
        assert not [secret for secret in secrets if secret in words]


def _elsewhere(connector: Connector, entry: Entry) -> Entry:
    return entry.model_copy(update={"target": f"{connector.name}:{NOWHERE}"})


def _revised(entry: Entry, minutes: int = 30) -> Entry:
    return entry.model_copy(
        update={"minutes": minutes, "text": "ACME call, shorter", "revision": entry.revision + 1}
    )
