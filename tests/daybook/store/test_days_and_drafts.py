"""A day is stale until reconciled at its newest version; a draft belongs to who wrote on it last."""

from __future__ import annotations

from datetime import timedelta

from daybook.store import Store
from daybook.store.days import Stale
from daybook.store.people import Contributor
from tests.daybook.store.conftest import NOW, TODAY, apply, draft, meeting, seen

YESTERDAY = TODAY - timedelta(days=1)


def stale(store: Store, mappings: str = "m1", limit: int = 10) -> list[Stale]:
    with store.reading() as tx:
        return tx.days.stale(mappings, TODAY - timedelta(days=10), TODAY, limit)


def reconciled(store: Store, item: Stale, mappings: str = "m1", sheet: str = "{}") -> bool:
    with store.writing() as tx:
        return tx.days.reconciled(item.contributor, item.day, sheet, mappings, item.version, NOW)


def test_new_evidence_makes_its_day_stale_until_it_is_reconciled(store: Store, ada: Contributor) -> None:
    apply(store, [seen("e", (ada, meeting("m")))], ada)
    (item,) = stale(store)
    assert item == Stale(ada.id, TODAY, 1)
    assert reconciled(store, item, sheet='{"gaps": 45}')
    assert stale(store) == []
    with store.reading() as tx:
        assert tx.days.sheet(ada.id, TODAY) == '{"gaps": 45}'


def test_P9_evidence_that_came_while_reconciling_makes_it_run_again(store: Store, ada: Contributor) -> None:
    apply(store, [seen("e", (ada, meeting("m")))], ada)
    (item,) = stale(store)
    apply(store, [seen("e2", (ada, meeting("m2")))], ada)
    assert not reconciled(store, item)
    (again,) = stale(store)
    assert again.version == 2
    assert reconciled(store, again)
    assert stale(store) == []


def test_other_mappings_make_every_day_stale(store: Store, ada: Contributor) -> None:
    with store.writing() as tx:
        tx.days.mark(ada.id, [TODAY, YESTERDAY])
    for item in stale(store):
        reconciled(store, item)
    assert stale(store) == []
    assert [item.day for item in stale(store, "m2")] == [TODAY, YESTERDAY]
    assert [item.day for item in stale(store, "m2", limit=1)] == [TODAY]


def test_days_out_of_range_are_not_looked_at(store: Store, ada: Contributor) -> None:
    with store.writing() as tx:
        tx.days.mark(ada.id, [TODAY + timedelta(days=1), TODAY - timedelta(days=11)])
    assert stale(store) == []


def test_a_contributor_may_say_all_is_said_and_take_it_back(store: Store, ada: Contributor) -> None:
    """Also of a day that nothing is known of."""
    with store.writing() as tx:
        tx.days.answered(ada.id, TODAY, NOW)
        assert tx.days.get(ada.id, TODAY).answered_at == NOW  # type: ignore[union-attr]
    (item,) = stale(store)
    assert reconciled(store, item)
    with store.writing() as tx:
        assert tx.days.get(ada.id, TODAY).answered_at == NOW  # type: ignore[union-attr]
        tx.days.answered(ada.id, TODAY, None)
        assert tx.days.get(ada.id, TODAY).answered_at is None  # type: ignore[union-attr]


def test_an_unknown_day_can_be_reconciled_once(store: Store, ada: Contributor) -> None:
    assert reconciled(store, Stale(ada.id, TODAY, 0))
    assert stale(store) == []
    assert not reconciled(store, Stale(ada.id, TODAY, 1))


def test_P2_the_contributors_word_wins_over_a_reconciler_that_was_at_work(
    store: Store, ada: Contributor
) -> None:
    with store.writing() as tx:
        assert tx.drafts.save(ada.id, TODAY, draft("d"), 0)
    with store.reading() as tx:
        (ours,) = tx.drafts.of(ada.id, TODAY)
    with store.writing() as tx:
        assert tx.drafts.save(ada.id, TODAY, draft("d", text="hers", decision="edited"), ours.revision)
    with store.writing() as tx:
        assert not tx.drafts.save(ada.id, TODAY, draft("d", text="ours"), ours.revision)
        assert not tx.drafts.remove(ada.id, "d", ours.revision)
        assert not tx.drafts.save(ada.id, TODAY, draft("d", text="anew"), 0)
    with store.reading() as tx:
        held = tx.drafts.get(ada.id, "d")
        assert held is not None
        assert (held.draft.suggestion.text, held.draft.decision, held.revision) == ("hers", "edited", 2)


def test_a_withdrawn_draft_is_gone(store: Store, ada: Contributor) -> None:
    with store.writing() as tx:
        tx.drafts.save(ada.id, TODAY, draft("d"), 0)
        assert tx.drafts.remove(ada.id, "d", 1)
        assert tx.drafts.get(ada.id, "d") is None


def test_what_waits_is_counted_by_day_and_only_summed_over_people(
    store: Store, ada: Contributor, ben: Contributor
) -> None:
    with store.writing() as tx:
        tx.drafts.save(ada.id, TODAY, draft("a"), 0)
        tx.drafts.save(ada.id, TODAY, draft("b", decision="edited"), 0)
        tx.drafts.save(ada.id, TODAY, draft("c", decision="confirmed"), 0)
        tx.drafts.save(ada.id, YESTERDAY, draft("e", YESTERDAY, decision="dismissed"), 0)
        tx.drafts.save(ben.id, TODAY, draft("a"), 0)
        assert tx.drafts.pending(ada.id) == {TODAY: 2}
        assert tx.drafts.between(ada.id, YESTERDAY, TODAY) == {TODAY: 2, YESTERDAY: 0}
        assert tx.drafts.tally() == {"open": 2, "edited": 1, "confirmed": 1, "dismissed": 1}
