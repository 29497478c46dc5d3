"""What systemd hears, on sockets as it makes them."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from daybook import supervised


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
