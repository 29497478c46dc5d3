"""What every runner keeps to, on each database: what is due is done, once at a time, and a stop is obeyed."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from types import SimpleNamespace

import pytest

from core import posting
from core.model import Entry
from core.rounds import Forget, Post, Reconcile, Work
from daybook import daemon, distributed, embedded, runner
from daybook.house import House, Member
from daybook.runner import Runner
from daybook.store import Store
from tests.daybook.conftest import KEY, TODAY, member
from tests.daybook.test_distributed import until

Perform = Callable[[House, Work], None]
LONG = 60
"""Seconds on a busy machine."""


@pytest.fixture(params=["a file", "PostgreSQL"])
def house(request: pytest.FixtureRequest, house: House) -> Iterator[House]:
    """The cast on either database, with everything due that a first day brings."""
    if request.param == "a file":
        with house.store.hold(dispatches=True):
            yield house
        return
    store = Store.open(request.getfixturevalue("postgresql"), KEY)
    with house.store.reading() as tx:
        people = tx.people.all()
    with store.writing() as tx:
        for person in people:
            there = tx.people.enrol(person.email, house.clock())
            tx.people.invited(there.id, house.policy_version, house.clock())
            tx.people.acknowledge(there.id, house.policy_version, house.clock())
    with store.hold(dispatches=True):
        yield replace(house, store=store)
    store.close()


@contextmanager
def running(house: House, perform: Perform) -> Iterator[Runner]:
    """A runner at work, until the end of the block."""
    one = daemon.runner(house)
    one._perform = perform
    thread = threading.Thread(target=one.run, daemon=True)
    thread.start()
    try:
        yield one
    finally:
        house.stopping.set()
        house.work_is_waiting.set()
        thread.join(LONG)
        assert not thread.is_alive()


def held(house: House, who: Member, number: int, target: str) -> None:
    """A confirmed entry whose hold has ended."""
    entry = Entry(id=f"e-{number}", day=TODAY, start=house.clock(), minutes=30, target=target)
    with house.store.writing() as tx:
        tx.postings.add(posting.hold(f"p-{number:02}", entry, who.id, house.clock(), timedelta()))


def test_what_is_due_is_done_and_what_is_at_hand_is_not_begun_again(house: House) -> None:
    begun: list[Work] = []
    let_go = threading.Event()

    def slow(_house: House, work: Work) -> None:
        begun.append(work)
        let_go.wait(LONG)

    with running(house, slow):
        until(lambda: len(begun) >= 4)
        house.work_is_waiting.set()
        time.sleep(0.3)
        assert len(set(begun)) == len(begun)
        let_go.set()
        until(lambda: {Forget, Reconcile} <= {type(work) for work in begun})


def test_one_lane_is_never_entered_twice_at_once_and_holds_up_no_other(house: House) -> None:
    ada, ben = member(house, "Ada"), member(house, "Ben")
    for number in range(12):
        held(house, ada if number % 2 else ben, number, "memory:WEB-1")
    held(house, ada, 12, "memory:WEB-2")
    lock, there, together, order = threading.Lock(), set[str](), list[str](), list[str]()
    other = threading.Event()

    def posts(_house: House, work: Work) -> None:
        if not isinstance(work, Post):
            return
        with lock:
            together.extend({work.lane} & there)
            there.add(work.lane)
            order.append(work.posting)
        if work.posting == "p-12":
            other.set()
        elif work.posting == "p-09":
            other.wait(LONG / 6)
        time.sleep(0.02)
        with lock:
            there.discard(work.lane)

    with running(house, posts):
        until(lambda: len(set(order)) == 13)
    assert together == []
    first = list(dict.fromkeys(order))
    assert [name for name in first if name != "p-12"] == [f"p-{number:02}" for number in range(12)]
    assert first.index("p-12") <= 10


class Sped(threading.Event):
    """Nobody waits for real: what is waited for has passed."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0

    def wait(self, timeout: float | None = None) -> bool:
        self.now += timeout or 0
        return self.is_set()


@pytest.mark.parametrize(("disk", "look", "pauses"), [(30, 0, 0), (0, 0.1, 0.9), (30, 2, runner.TICK)])
def test_P10_who_confirms_is_not_kept_waiting_because_the_disk_did(
    house: House, monkeypatch: pytest.MonkeyPatch, disk: float, look: float, pauses: float
) -> None:
    """Something is confirmed all the time, and a lock of another program's held us up."""
    passing, began = Sped(), list[float]()
    calling = threading.Event()
    calling.clear = lambda: calling.set()  # type: ignore[method-assign]
    monkeypatch.setattr(runner, "time", SimpleNamespace(monotonic=lambda: passing.now))

    def works(_: object) -> bool:
        began.append(passing.now)
        passing.wait(disk)
        if len(began) == 3:
            passing.set()
        return True

    monkeypatch.setattr(runner.Disk, "works", works)
    one = daemon.runner(replace(house, stopping=passing, work_is_waiting=calling))
    monkeypatch.setattr(one, "round", lambda _: passing.wait(look))
    one.run()
    assert [b - a for a, b in pairwise(began)] == pytest.approx([disk + look + pauses] * 2)


def test_work_that_breaks_rests_and_stops_nothing_else(house: House) -> None:
    done: list[Work] = []

    def breaks(_house: House, work: Work) -> None:
        done.append(work)
        if isinstance(work, Forget):
            raise ZeroDivisionError

    with running(house, breaks):
        until(lambda: sum(isinstance(work, Reconcile) for work in done) > 4)
        for _ in range(3):
            house.work_is_waiting.set()
            time.sleep(0.1)
    assert sum(isinstance(work, Forget) for work in done) == 1


def test_a_posting_that_breaks_lets_the_others_of_its_lane_go_on(house: House) -> None:
    ada = member(house, "Ada")
    for number in range(3):
        held(house, ada, number, "memory:WEB-1")
    done: list[str] = []

    def breaks(_house: House, work: Work) -> None:
        if isinstance(work, Post):
            done.append(work.posting)
            if work.posting == "p-00":
                raise ZeroDivisionError

    with running(house, breaks):
        until(lambda: {"p-00", "p-01", "p-02"} <= set(done))
    assert done.count("p-00") == 1


def test_it_ends_within_five_seconds_whatever_is_at_hand(house: House, monkeypatch) -> None:
    """What is at hand goes on; nobody counts the seconds of a busy machine."""
    assert runner.PATIENCE < 5
    for module in (embedded, distributed):
        monkeypatch.setattr(module, "PATIENCE", 0.5)
    at_it, over = threading.Event(), threading.Event()

    def hangs(_house: House, _work: Work) -> None:
        at_it.set()
        over.wait()

    try:
        with running(house, hangs) as one:
            assert at_it.wait(LONG)
        assert not one.idle
    finally:
        over.set()
