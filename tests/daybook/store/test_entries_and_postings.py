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
        return sorted(one.id for one in tx.postings.waiting(at) if one.due_at <= at)


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
        assert tx.entries.from_drafts(ada.id, ["d", "another"]) == {"d": made}
        assert tx.entries.from_drafts(ada.id, []) == {}
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
        assert (tx.postings.next_due(NOW), tx.postings.next_due(NOW + HOLD)) == (NOW + HOLD, None)


def test_P8_two_runs_of_one_job_cannot_both_send(store: Store, ada: Contributor) -> None:
    add(store, held("p", ada))
    with store.reading() as tx:
        filed = tx.postings.get("p")
    assert filed is not None
    assert save(store, sending(filed.posting), filed.version)
    assert not save(store, sending(filed.posting), filed.version)


def test_R04_while_one_of_adas_is_unknown_no_other_of_hers_is_sent_to_that_issue(
    store: Store, ada: Contributor
) -> None:
    first, second = held("first", ada), held("second", ada)
    other = held("other", ada, target="jira:WEB-2")
    add(store, first, second, other)
    assert save(store, sending(first), 1)
    assert not save(store, sending(second), 1)
    assert save(store, sending(other), 1)
    there = posting.heard(sending(first), posting.Landed(remote=Remote(id="10001", task="WEB-1")), LATER)
    assert save(store, there, 2)
    assert save(store, sending(second), 1)


def test_P10_bens_time_does_not_wait_for_what_became_of_adas(
    store: Store, ada: Contributor, ben: Contributor
) -> None:
    adas, bens = held("adas", ada), held("bens", ben)
    add(store, adas, bens)
    assert save(store, sending(adas), 1)
    assert due(store) == ["bens"]
    assert save(store, sending(bens), 1)


def test_what_is_on_its_way_is_told_before_its_time_and_by_no_name_of_its_issue(
    store: Store, ada: Contributor, ben: Contributor
) -> None:
    adas, bens, other = held("adas", ada), held("bens", ben), held("other", ben, target="jira:WEB-2")
    add(store, adas, bens, other)
    assert save(store, sending(adas), 1)
    with store.reading() as tx:
        told = {one.id: one for one in tx.postings.waiting(LATER)}
    assert {name: one.unknown for name, one in told.items()} == {"adas": True, "bens": False, "other": False}
    assert told["adas"].due_at > LATER
    assert told["adas"].lane == told["bens"].lane != told["other"].lane
    assert "WEB" not in told["adas"].lane


@pytest.mark.parametrize("state", ["refused", "unclear", "withdrawn", "posted"])
def test_what_waits_for_a_person_or_is_done_is_never_due(store: Store, ada: Contributor, state: str) -> None:
    add(store, held("p", ada))
    assert save(store, held("p", ada).model_copy(update={"state": state}), 1)
    assert due(store, NOW + timedelta(days=99)) == []
    with store.reading() as tx:
        assert tx.postings.next_due(NOW) is None
        assert tx.postings.tally() == {state: 1}


def test_of_what_is_done_only_recent_days_are_counted_and_of_what_is_not_all(
    store: Store, ada: Contributor
) -> None:
    for number, state in enumerate(("held", "sending", "posted", "refused", "unclear", "withdrawn")):
        add(store, held(f"p-{number}", ada, target=f"jira:WEB-{number}").model_copy(update={"state": state}))
    with store.reading() as tx:
        day = tx.postings.all_of(ada.id)[0].posting.entry.day
        assert sum(tx.postings.tally().values()) == sum(tx.postings.tally(since=day).values()) == 6
        late = tx.postings.tally(since=day + timedelta(days=1))
    assert late == dict.fromkeys(("held", "sending", "refused", "unclear"), 1)


def test_R09_nothing_of_an_account_goes_on_before_all_of_it_is_compared(
    store: Store, ada: Contributor, ben: Contributor
) -> None:
    doubted = posting.doubted(held("p", ada), LATER, timedelta(minutes=2))
    other_lane, other_tool = held("q", ada, target="jira:WEB-2"), held("r", ada, target="asana:12")
    add(store, doubted, other_lane, other_tool, held("s", ben))
    assert due(store) == ["p", "r", "s"]
    assert save(store, doubted.model_copy(update={"in_doubt": False}), 1)
    assert due(store) == ["p", "q", "r", "s"]


def test_we_know_our_own_records_again(store: Store, ada: Contributor) -> None:
    add(store, held("p", ada), held("q", ada, target="asana:12"))
    posted = {"state": "posted", "remote": Remote(id="10001", task="WEB-1"), "stands": held("p", ada).entry}
    assert save(store, held("p", ada).model_copy(update=posted), 1)
    with store.reading() as tx:
        assert (tx.postings.receipts(ada.id), tx.postings.receipts("c-ben")) == ({"10001"}, set())
