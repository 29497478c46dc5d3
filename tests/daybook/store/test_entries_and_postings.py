"""A confirmation and its posting are one; a posting moves only for who saw its newest version."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from core import posting
from core.posting import Posting, Remote
from daybook.store import Store
from daybook.store.people import Contributor
from tests.daybook.store.conftest import NOW, TODAY, draft, entry

HOLD = timedelta(minutes=15)
LATER = NOW + timedelta(hours=1)


def held(name: str, who: Contributor, target: str = "jira:WEB-1", at: datetime = NOW) -> Posting:
    return posting.hold(name, entry(f"e-{name}", target=target), who.id, at, HOLD)


def add(store: Store, *postings: Posting) -> None:
    with store.writing() as tx:
        for one in postings:
            tx.postings.add(one)


def due(store: Store, at: datetime = LATER) -> list[str]:
    with store.reading() as tx:
        return [filed.posting.id for filed in tx.postings.due(at)]


def sending(one: Posting) -> Posting:
    return posting.attempting(one, LATER, timedelta(minutes=2), None)


def save(store: Store, one: Posting, expected: int) -> bool:
    with store.writing() as tx:
        return tx.postings.save(one, expected)


def test_R01_a_confirmation_and_its_posting_are_both_there_or_neither(store: Store, ada: Contributor) -> None:
    made = entry("e-1")
    for crash in (True, False):
        try:
            with store.writing() as tx:
                assert tx.drafts.save(ada.id, TODAY, draft("d", decision="confirmed"), 0)
                assert tx.entries.add(ada.id, "d", made)
                if crash:
                    raise InterruptedError
                tx.postings.add(posting.hold("p-1", made, ada.id, NOW, HOLD))
        except InterruptedError:
            with store.reading() as tx:
                assert (tx.drafts.get(ada.id, "d"), tx.entries.get(ada.id, "e-1")) == (None, None)
    with store.reading() as tx:
        assert tx.entries.from_draft(ada.id, "d") == made
        (filed,) = tx.postings.of_entry(ada.id, "e-1")
        assert tx.postings.of(ada.id, TODAY) == [filed]
        assert filed.posting.entry == made


def test_I1_every_revision_of_an_entry_stands(store: Store, ada: Contributor) -> None:
    first, second = entry("e-1"), entry("e-1", revision=2)
    with store.writing() as tx:
        assert tx.entries.add(ada.id, "d", first)
        assert not tx.entries.add(ada.id, "d", first.model_copy(update={"minutes": 99}))
        assert tx.entries.add(ada.id, "d", second)
        assert tx.entries.add(ada.id, "d2", entry("e-2"))
        assert tx.entries.revisions(ada.id, "e-1") == [first, second]
        assert tx.entries.get(ada.id, "e-1") == second
        assert tx.entries.of(ada.id, TODAY) == [second, entry("e-2")]
        assert tx.entries.count() == 2


def test_a_held_posting_comes_due_when_its_hold_ends(store: Store, ada: Contributor) -> None:
    add(store, held("p", ada))
    assert (due(store, NOW + timedelta(minutes=14)), due(store, NOW + HOLD)) == ([], ["p"])
    with store.reading() as tx:
        assert tx.postings.next_due() == NOW + HOLD


def test_P8_two_runs_of_one_job_cannot_both_send(store: Store, ada: Contributor) -> None:
    add(store, held("p", ada))
    with store.reading() as tx:
        filed = tx.postings.get("p")
    assert filed is not None
    assert save(store, sending(filed.posting), filed.version)
    assert not save(store, sending(filed.posting), filed.version)


def test_postings_to_one_issue_go_one_after_the_other(
    store: Store, ada: Contributor, ben: Contributor
) -> None:
    first, second = held("first", ada), held("second", ben, at=NOW + timedelta(minutes=1))
    other = held("other", ada, target="jira:WEB-2")
    add(store, second, first, other)
    assert due(store) == ["first", "other"]
    assert save(store, sending(first), 1)
    assert due(store) == ["other"]
    assert not save(store, sending(second), 1)
    assert due(store, LATER + timedelta(minutes=2)) == ["other", "first"]
    there = posting.heard(sending(first), posting.Landed(remote=Remote(id="10001", task="WEB-1")), LATER)
    assert save(store, there, 2)
    assert sorted(due(store)) == ["other", "second"]


@pytest.mark.parametrize("state", ["refused", "unclear", "withdrawn", "posted"])
def test_what_waits_for_a_person_or_is_done_is_never_due(store: Store, ada: Contributor, state: str) -> None:
    add(store, held("p", ada))
    assert save(store, held("p", ada).model_copy(update={"state": state}), 1)
    assert due(store, NOW + timedelta(days=99)) == []
    with store.reading() as tx:
        assert tx.postings.next_due() is None
        assert tx.postings.tally() == {state: 1}


def test_we_know_our_own_records_again(store: Store, ada: Contributor) -> None:
    add(store, held("p", ada), held("q", ada, target="asana:12"))
    posted = {"state": "posted", "remote": Remote(id="10001", task="WEB-1")}
    assert save(store, held("p", ada).model_copy(update=posted), 1)
    with store.reading() as tx:
        assert (tx.postings.receipts(ada.id), tx.postings.receipts("c-ben")) == ({"10001"}, set())
