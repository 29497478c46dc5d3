"""Who runs on a store: given up without a sign of life, and what they were at is free for the others."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from itertools import product
from types import SimpleNamespace
from typing import Any

import pytest

from daybook.runner import TICK
from daybook.store import Store, beats
from daybook.store.beats import Beats
from daybook.store.people import Contributor
from daybook.store.postgresql import WRITER_STILL_SECONDS
from daybook.store.unit import Unit
from daybook.store.workers import BEAT
from tests.daybook.store.conftest import NOW, TODAY


def joined(store: Store, *, dispatches: bool = False) -> int:
    with store.writing() as tx:
        return tx.workers.join(NOW, dispatches=dispatches)


def as_worker(store: Store, tx: Unit, worker: int) -> Unit:
    return Unit(tx.connection, store._keyring, worker)


def at_work(store: Store, worker: int, ada: Contributor) -> list[bool]:
    """Whether each thing that is claimed could be taken by this worker now."""
    with store.writing() as tx:
        own = as_worker(store, tx, worker)
        own.draft_calendars.begin(ada.id, "calendar", NOW)
        return [
            own.partitions.claim("jira", "site", f"run of {worker}", NOW, timedelta(minutes=10)),
            own.mails.claim(ada.id, TODAY, "digest", "<m@northwind.example>", NOW),
            own.draft_calendars.claim(ada.id, "calendar", NOW, NOW + timedelta(minutes=10)),
        ]


def test_R11_what_a_dead_worker_was_at_is_free_once_it_is_given_up(store: Store, ada: Contributor) -> None:
    dead, living = joined(store), joined(store)
    assert at_work(store, dead, ada) == [True, True, True]
    with store.writing() as tx:
        assert tx.workers.give_up([]) == []
    assert at_work(store, living, ada) == [False, False, False]
    with store.writing() as tx:
        assert len(tx.workers.give_up([dead])) == 1
        assert [tx.workers.lives(one) for one in (dead, living)] == [False, True]
    assert at_work(store, living, ada) == [True, True, True]


def test_R11_who_ends_leaves_what_the_others_are_at(store: Store, ada: Contributor) -> None:
    one, other = joined(store), joined(store)
    at_work(store, one, ada)
    with store.writing() as tx:
        tx.workers.end(other)
    assert at_work(store, joined(store), ada) == [False, False, False]


def test_the_one_that_is_here_longest_hands_out_the_work_and_the_next_follows_it(store: Store) -> None:
    joined(store)
    first, second = joined(store, dispatches=True), joined(store, dispatches=True)
    with store.writing() as tx:
        assert tx.workers.dispatcher() == first
        tx.workers.give_up([first])
        assert tx.workers.dispatcher() == second
        tx.workers.end(second)
        assert tx.workers.dispatcher() is None


def test_no_worker_ever_has_the_number_of_another(store: Store) -> None:
    first = joined(store)
    with store.writing() as tx:
        tx.workers.end(first)
    assert joined(store) > first


class Beside:
    """The store of one that lives, beside one that stops at 0 and keeps all writers waiting for a while."""

    def __init__(self, last_sign: float, waits: float) -> None:
        self.at, self.missed = 0.0, False
        self._last_sign, self._waits = last_sign, waits
        self.database = SimpleNamespace(now=lambda _: None)

    @contextmanager
    def writing(self) -> Iterator[Any]:
        if 0 <= self.at < self._waits:
            self.at = self._waits
        self.at += 0.1
        yield SimpleNamespace(connection=None, workers=self)

    def beat(self, *_: object) -> None:
        pass

    def all(self) -> list[Any]:
        sign = self._last_sign - BEAT.total_seconds() * (self.at < self._last_sign)
        return [SimpleNamespace(id=1, seen_at=sign), SimpleNamespace(id=2, seen_at=self.at)]

    def give_up(self, silent: list[int]) -> list[str]:
        self.missed = 1 in silent
        return []


@pytest.mark.parametrize("waits", [0.0, float(WRITER_STILL_SECONDS)], ids=["between steps", "in a step"])
def test_R11_whoever_stops_is_missed_so_soon_that_its_work_goes_on_within_a_minute(
    waits: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However the beats of the two lie; whoever hands out work looks twice before the minute is over."""
    worst = 0.0
    for mine, last_sign in product(range(10), range(-9, 1)):
        store = Beside(last_sign, waits)
        monkeypatch.setattr(beats, "passed", lambda store=store: store.at)
        store.at = mine - 30.0
        one = Beats(store, 2, SimpleNamespace(look=lambda: None, off=timedelta()))  # type: ignore[arg-type]
        while not store.missed:
            store.at += BEAT.total_seconds()
            one.beat()
        worst = max(worst, store.at)
    assert worst + 2 * TICK < 60
