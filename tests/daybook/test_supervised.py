"""What systemd hears, on sockets as it makes them."""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import pytest

from daybook import attending, supervised
from daybook.house import House
from daybook.runner import Runner
from daybook.store.errors import StoreUnavailable


@pytest.fixture(params=["a file", "a name"])
def heard(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[], str]]:
    """The next thing said, on a socket with a path and on one in the kernel's own names."""
    abstract = request.param == "a name"
    name = f"@daybook-{os.getpid()}-{time.monotonic_ns()}" if abstract else str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind("\0" + name[1:] if abstract else name)
        systemd.setblocking(False)
        monkeypatch.setenv("NOTIFY_SOCKET", name)
        yield lambda: systemd.recv(4096).decode()


@pytest.mark.parametrize(
    ("say", "said"),
    [
        (supervised.ready, "READY=1"),
        (supervised.stopping, "STOPPING=1"),
        (supervised.alive, "WATCHDOG=1"),
        (lambda: supervised.status("Work goes on.\nREADY=1"), "STATUS=Work goes on. READY=1"),
    ],
)
def test_systemd_hears_each_word_once(heard: Callable[[], str], say: Callable[[], None], said: str) -> None:
    say()
    assert heard() == said
    with pytest.raises(BlockingIOError):
        heard()


def test_a_reload_says_when_it_began_by_the_clock_that_systemd_asks_for(heard: Callable[[], str]) -> None:
    before = time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000
    supervised.reloading()
    first, second = heard().split("\n")
    assert first == "RELOADING=1"
    name, microseconds = second.split("=")
    assert name == "MONOTONIC_USEC"
    assert before <= int(microseconds) <= time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000


@pytest.mark.parametrize(
    "name", [None, "", "vsock:2:1234", "relative/path", "/nowhere/at/all", "@nobody-listens"]
)
def test_nothing_is_said_and_nothing_fails_where_nobody_listens(
    name: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    if name is None:
        monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    else:
        monkeypatch.setenv("NOTIFY_SOCKET", name)
    for say in (supervised.ready, supervised.reloading, supervised.stopping, supervised.alive):
        say()
    supervised.status("Work goes on.")


def test_a_queue_that_nobody_empties_stops_no_round(heard: Callable[[], str]) -> None:
    for _ in range(2000):
        supervised.alive()
    assert heard() == "WATCHDOG=1"


class Looking(attending.Runner):
    """Its looks end when they are let go, the way a look ends."""

    def __init__(self, house: House, ends: Callable[[], int]) -> None:
        super().__init__(house)
        self.looks: list[datetime] = []
        self._ends = ends

    def round(self, now: datetime) -> int:
        self.looks.append(now)
        return self._ends()


@pytest.fixture
def signs(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was said to systemd."""
    said: list[str] = []
    monkeypatch.setattr(supervised, "_tell", said.append)
    return said


@contextmanager
def at_work(house: House, runner: Runner) -> Iterator[None]:
    """It runs, until the end of the block."""
    thread = threading.Thread(target=runner.run, daemon=True)
    thread.start()
    try:
        yield
    finally:
        house.stopping.set()
        house.work_is_waiting.set()
        thread.join(60)
        assert not thread.is_alive()


def called_until(house: House, it_is: Callable[[], bool]) -> None:
    for _ in range(6000):
        if it_is():
            return
        house.work_is_waiting.set()
        time.sleep(0.01)
    pytest.fail("it never came to that")


def test_who_looks_lives_and_who_stands_still_in_a_look_does_not_say_so(
    house: House, signs: list[str]
) -> None:
    told, stands, let_go = threading.Event(), threading.Event(), threading.Event()

    def ends() -> int:
        if told.is_set():
            stands.set()
            let_go.wait(60)
        return 0

    runner = Looking(house, ends)
    with house.store.hold(), at_work(house, runner):
        called_until(house, lambda: len(runner.looks) >= 3)
        assert signs.count("WATCHDOG=1") >= 3
        told.set()
        called_until(house, stands.is_set)
        before = len(signs)
        house.work_is_waiting.set()
        assert len(signs) == before
        let_go.set()
        called_until(house, lambda: len(signs) > before)


def test_who_cannot_reach_the_store_lives_and_is_not_killed_for_it(house: House, signs: list[str]) -> None:
    def away() -> int:
        raise StoreUnavailable("The server is away.")

    runner = Looking(house, away)
    with house.store.hold(), at_work(house, runner):
        called_until(house, lambda: signs.count("WATCHDOG=1") >= 5)
    assert runner.looks
