"""The embedded runner: what is due is done, once at a time, and a stop is obeyed."""

from __future__ import annotations

import threading
import time
from datetime import timedelta

import pytest

from core import posting
from core.model import Entry
from core.rounds import Forget, Post, Reconcile
from daybook import daemon, state
from daybook.daemon import serve
from daybook.embedded import Runner
from daybook.errors import Outside
from daybook.store import Store, StoreRefused
from tests.daybook.conftest import KEY, TODAY
from tests.daybook.test_distributed import LONG, until


def test_each_piece_of_work_is_at_hand_once(house):
    begun, let_go = [], threading.Event()

    def slow(_house, work):
        begun.append(work)
        let_go.wait(LONG)

    runner = Runner(house, slow)
    first = runner.round(house.clock())
    assert first > 0
    assert runner.round(house.clock()) == 0
    let_go.set()
    assert len(begun) <= first
    assert len(set(begun)) == len(begun)


def held(house, who, number: int, target: str) -> None:
    """A confirmed entry whose hold has ended."""
    entry = Entry(id=f"e-{number}", day=TODAY, start=house.clock(), minutes=30, target=target)
    with house.store.writing() as tx:
        tx.postings.add(posting.hold(f"p-{number:02}", entry, who.id, house.clock(), timedelta()))


def test_postings_to_one_issue_go_one_after_the_other_at_one_look_and_hold_up_no_other(house, ada, ben):
    """Ada and Ben were in the same meetings; forty entries wait for one issue, one for another."""
    for number in range(40):
        held(house, ada if number % 2 else ben, number, "memory:WEB-1")
    held(house, ada, 40, "memory:WEB-2")
    lock, there, together, order, other = threading.Lock(), set(), [], [], threading.Event()

    def posts(_house, work):
        if not isinstance(work, Post):
            return
        with lock:
            together.append({*there, work.lane} if work.lane not in there else "two in one lane")
            there.add(work.lane)
            order.append(work.posting)
        if work.posting == "p-40":
            other.set()
        elif work.posting == "p-19":
            other.wait(LONG / 6)
        time.sleep(0.002)
        with lock:
            there.discard(work.lane)

    runner = Runner(house, posts)
    runner.round(house.clock())
    until(lambda: runner.idle)
    assert "two in one lane" not in together
    in_the_lane = [name for name in order if name != "p-40"]
    assert in_the_lane == sorted(in_the_lane)
    assert len(in_the_lane) == 40
    assert order.index("p-40") <= 20


def test_what_ends_while_the_runner_looks_is_not_begun_again(house, monkeypatch):
    """The look saw it as due; before the look was over it was done."""
    begun, let_go, look = [], threading.Event(), state.snapshot

    def waits(_house, work):
        begun.append(work)
        let_go.wait(LONG)

    def slow_look(*asked):
        seen = look(*asked)
        let_go.set()
        until(lambda: runner.idle)
        return seen

    runner = Runner(house, waits)
    assert runner.round(house.clock()) > 0
    monkeypatch.setattr(state, "snapshot", slow_look)
    assert runner.round(house.clock()) == 0
    assert len(begun) == len(set(begun))


def test_work_that_breaks_rests_and_stops_nothing_else(house):
    done = []

    def breaks(_house, work):
        done.append(type(work))
        if isinstance(work, Forget):
            raise ZeroDivisionError

    runner = Runner(house, breaks)
    runner.round(house.clock())
    until(lambda: runner.idle)
    assert {Forget, Reconcile} <= set(done)
    runner.round(house.clock())
    assert done.count(Forget) == 1


def test_R11_a_second_daemon_on_the_same_store_is_refused_in_words(house):
    other = Store.open(f"sqlite:///{house.store.path}", KEY)
    with house.store.hold(), pytest.raises(StoreRefused, match="already running"), other.hold():
        pass
    other.close()


def test_a_host_that_is_none_is_said_in_words():
    with pytest.raises(Outside, match=r"cannot listen on no host:80 \((?!Unknown error).+\)"):
        daemon._bound("no host:80")


def test_a_port_in_use_is_said_in_words(house, configuration):
    import socket
    from dataclasses import replace

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        page = configuration.page.model_copy(update={"listen": f"127.0.0.1:{taken.getsockname()[1]}"})
        there = replace(house, configuration=configuration.model_copy(update={"page": page}))
        with pytest.raises(Outside, match=r"cannot listen on .* \(Address already in use\)"):
            serve(there)


def test_P10_a_moment_without_the_database_ends_no_daemon(house, monkeypatch):
    from daybook import state
    from daybook.store.errors import StoreUnavailable

    looks = []

    def away_once(*_):
        looks.append(1)
        raise StoreUnavailable("The database is locked.")

    monkeypatch.setattr(state, "snapshot", away_once)
    runner = Runner(house, lambda *_: None)
    daemon = threading.Thread(target=runner.run, daemon=True)
    daemon.start()
    until(lambda: looks)
    house.work_is_waiting.set()
    until(lambda: len(looks) > 1)
    assert daemon.is_alive()
    house.stopping.set()
    house.work_is_waiting.set()
    daemon.join(LONG)
    assert not daemon.is_alive()
