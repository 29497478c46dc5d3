"""The sentences of the contract about writing: as whom, and once."""

from __future__ import annotations

import pytest
from pydantic import SecretStr

from connectors.contract import (
    Connector,
    Credential,
    Fault,
    Refused,
    Unavailable,
    Unclear,
    Writer,
)
from connectors.text import plain
from core.model import Entry
from daybook.testing.world import BROKEN, NOWHERE, Tried, Trouble, World


class Writing(Tried):
    """One test for each."""

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

    def test_R09_in_doubt_what_an_entry_became_meanwhile_is_found_or_nobody_guesses(
        self, connector: Connector, world: World, writer: Writer, entry: Entry
    ) -> None:
        assert writer.find("k1", entry, "", ("k2", "k3")) is None
        receipt = writer.post("k3", _revised(entry))
        world.settle()
        if connector.abilities.marker:
            assert writer.find("k1", entry, "", ("k2", "k3")) == receipt
            assert writer.find("k1", entry, "", ("k2",)) is None
        else:
            with pytest.raises(Unclear):
                writer.find("k1", entry, "", ("k2", "k3"))

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
