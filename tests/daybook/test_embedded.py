"""The embedded runner: what is due is done, once at a time, and a stop is obeyed."""

from __future__ import annotations

import threading
import time

import pytest

from core.rounds import Forget, Reconcile
from daybook.daemon import serve
from daybook.embedded import Runner
from daybook.errors import Outside
from daybook.store import Store, StoreRefused
from tests.daybook.conftest import KEY


def test_each_piece_of_work_is_at_hand_once(house):
    begun, let_go = [], threading.Event()

    def slow(_house, work):
        begun.append(work)
        let_go.wait(5)

    runner = Runner(house, slow)
    first = runner.round(house.clock())
    assert first > 0
    assert runner.round(house.clock()) == 0
    let_go.set()
    assert len(begun) <= first
    assert len(set(begun)) == len(begun)


def test_work_that_breaks_rests_and_stops_nothing_else(house):
    done = []

    def breaks(_house, work):
        done.append(type(work))
        if isinstance(work, Forget):
            raise ZeroDivisionError

    runner = Runner(house, breaks)
    runner.round(house.clock())
    deadline = time.monotonic() + 5
    while not runner.idle and time.monotonic() < deadline:
        time.sleep(0.01)
    assert {Forget, Reconcile} <= set(done)
    runner.round(house.clock())
    assert done.count(Forget) == 1


def test_a_stop_is_obeyed_within_five_seconds_whatever_is_at_hand(house):
    runner = Runner(house, lambda *_: time.sleep(30))
    daemon = threading.Thread(target=runner.run, daemon=True)
    daemon.start()
    time.sleep(0.3)
    began = time.monotonic()
    house.stopping.set()
    house.work_is_waiting.set()
    daemon.join(6)
    assert not daemon.is_alive()
    assert time.monotonic() - began < 5


def test_R11_a_second_daemon_on_the_same_store_is_refused_in_words(house):
    other = Store.open(f"sqlite:///{house.store.path}", KEY)
    with house.store.hold(), pytest.raises(StoreRefused, match="already running"), other.hold():
        pass
    other.close()


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
