"""A partition is pulled by one at a time, and its cursor serves only the people it was made for."""

from __future__ import annotations

from datetime import timedelta

import pytest

from daybook.store import Store
from daybook.store.partitions import Pull
from daybook.store.people import Contributor
from tests.daybook.store.conftest import NOW, only

LEASE = timedelta(minutes=5)
PLACE = ("jira", "site")


def claimed(store: Store, owner: str, at_minute: int = 0) -> bool:
    with store.writing() as tx:
        return tx.partitions.claim(*PLACE, owner, NOW + timedelta(minutes=at_minute), LEASE)


def finished(store: Store, owner: str, *people: Contributor, whole: bool = False) -> bool:
    with store.writing() as tx:
        ids = [person.id for person in people]
        return tx.partitions.finish(*PLACE, owner, "bookmark", ids, NOW, whole=whole)


def pull(store: Store) -> Pull:
    with store.reading() as tx:
        (only,) = tx.partitions.all()
        return only


def cursor(store: Store, *people: Contributor) -> str | None:
    with store.reading() as tx:
        return tx.partitions.cursor(*PLACE, [person.id for person in people])


def test_two_runs_never_pull_the_same_partition(store: Store) -> None:
    assert claimed(store, "one")
    assert not claimed(store, "two")
    assert not claimed(store, "one")


def test_a_run_that_died_loses_its_claim_by_the_clock_and_may_not_finish(
    store: Store, ada: Contributor
) -> None:
    assert claimed(store, "dead")
    assert not claimed(store, "next", at_minute=4)
    assert claimed(store, "next", at_minute=5)
    assert not finished(store, "dead", ada)
    with store.writing() as tx:
        assert not tx.partitions.renew(*PLACE, "dead", NOW, LEASE)
        assert not tx.partitions.failed(*PLACE, "dead", "late", NOW, NOW)
    assert (pull(store).claimed_by, pull(store).has_cursor) == ("next", False)
    assert finished(store, "next", ada)


def test_a_renewed_claim_lasts_longer(store: Store) -> None:
    assert claimed(store, "one")
    with store.writing() as tx:
        assert tx.partitions.renew(*PLACE, "one", NOW + timedelta(minutes=4), LEASE)
    assert not claimed(store, "two", at_minute=6)


@only("sqlite")
def test_R11_a_new_daemon_frees_what_a_killed_one_was_at(store: Store) -> None:
    claimed(store, "killed")
    with store.hold():
        assert claimed(store, "next")


def test_a_cursor_goes_on_for_the_same_people_in_any_order(
    store: Store, ada: Contributor, ben: Contributor
) -> None:
    claimed(store, "one")
    assert finished(store, "one", ada, ben, whole=True)
    assert cursor(store, ben, ada) == "bookmark"
    assert (pull(store).last_ok, pull(store).last_whole) == (NOW, NOW)
    assert pull(store).claimed_by is None


def test_a_newcomer_makes_the_next_pull_a_whole_one(store: Store, ada: Contributor, ben: Contributor) -> None:
    claimed(store, "one")
    finished(store, "one", ada)
    assert cursor(store, ada, ben) is None


def test_who_left_and_came_back_is_pulled_whole_since_their_evidence_is_gone(
    store: Store, ada: Contributor
) -> None:
    claimed(store, "one")
    finished(store, "one", ada)
    with store.writing() as tx:
        tx.people.leave(ada.id, NOW)
        tx.people.acknowledge(ada.id, "1", NOW + timedelta(days=1))
    assert cursor(store, ada) is None


def test_P10_a_failure_keeps_the_cursor_and_remembers_since_when(store: Store, ada: Contributor) -> None:
    claimed(store, "one")
    finished(store, "one", ada)
    for n in range(2):
        claimed(store, "one")
        later = NOW + timedelta(minutes=n)
        with store.writing() as tx:
            assert tx.partitions.failed(*PLACE, "one", "Jira is down", later + LEASE, later)
    state = pull(store)
    assert (state.failing_since, state.failures, state.reason) == (NOW, 2, "Jira is down")
    assert state.not_before == NOW + timedelta(minutes=6)
    assert cursor(store, ada) == "bookmark"
    claimed(store, "one")
    finished(store, "one", ada)
    assert (pull(store).failing_since, pull(store).failures, pull(store).reason) == (None, 0, None)


@pytest.mark.parametrize("how", ["rewind", "release"])
def test_a_bookmark_the_tool_forgot_is_dropped_and_one_given_back_is_kept(
    store: Store, ada: Contributor, how: str
) -> None:
    claimed(store, "one")
    finished(store, "one", ada)
    claimed(store, "two")
    with store.writing() as tx:
        if how == "rewind":
            tx.partitions.rewind(*PLACE)
        tx.partitions.release(*PLACE, "two")
    assert cursor(store, ada) == (None if how == "rewind" else "bookmark")
    assert pull(store).claimed_by is None
