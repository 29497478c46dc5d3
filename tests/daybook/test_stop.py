"""The real process, told to stop while a tool keeps it waiting."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from daybook import runner
from daybook.daemon import enrol, told_to_stop
from daybook.house import House, Rereading
from daybook.sandbox.alone import until_interrupted
from daybook.sandbox.outside import Outside, configuration
from daybook.wiring import open_house
from tests.ports import free_port


@pytest.fixture
def hole():
    """A tool that takes a request and never answers; gives its port and an event for the first knock."""
    knocked = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as server:
        held: list[socket.socket] = []

        def take() -> None:
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                held.append(connection)
                knocked.set()

        threading.Thread(target=take, daemon=True).start()
        yield server.getsockname()[1], knocked
        server.shutdown(socket.SHUT_RDWR)
        for connection in held:
            connection.close()


@pytest.fixture
def hanging(tmp_path: Path, hole) -> Iterator[tuple[subprocess.Popen[str], Path]]:
    """A daemon that a tool keeps waiting, and its configuration."""
    port, knocked = hole
    outside = Outside(2, 7, datetime.now(UTC))
    with outside.running():
        file = configuration(outside, tmp_path, f"127.0.0.1:{free_port()}", quick=False)
        file.write_text(file.read_text().replace(outside.calendar.url, f"http://127.0.0.1:{port}"))
        key = tmp_path / "credentials" / "google-key"
        key.write_text(key.read_text().replace(outside.calendar.url, f"http://127.0.0.1:{port}"))
        house = open_house(file)
        enrol(house)
        with house.store.writing() as tx:
            for person in tx.people.all():
                tx.people.invited(person.id, house.policy_version, house.clock())
                tx.people.acknowledge(person.id, house.policy_version, house.clock())
        house.store.close()

        daybook = Path(sys.executable).with_name("daybook")
        with subprocess.Popen([daybook, "run", "-c", file], stderr=subprocess.PIPE, text=True) as daemon:
            try:
                assert knocked.wait(60), "the hanging tool was never asked"
                yield daemon, file
            finally:
                daemon.kill()


def test_SIGTERM_ends_the_daemon_though_a_tool_hangs(hanging: tuple[subprocess.Popen[str], Path]) -> None:
    daemon, file = hanging
    daemon.send_signal(signal.SIGTERM)
    _, said = daemon.communicate(timeout=60)
    assert daemon.returncode == 0
    assert "runner.left_work" in said, "it did not wait for the tool"
    assert runner.PATIENCE < 5

    again = open_house(file)
    with again.store.hold():  # nothing of the old one holds the store
        pass
    again.store.close()


def test_R11_who_ends_by_an_error_is_not_kept_by_a_tool_that_hangs(
    hanging: tuple[subprocess.Popen[str], Path],
) -> None:
    """Its page was gone and its work undone, and systemd took it for one that runs."""
    daemon, file = hanging
    taker = open_house(file)
    taker.store.path.with_name("daybook.db.lock").unlink()
    with taker.store.hold():
        daemon.send_signal(signal.SIGHUP)  # it is to write down what it read, and may not
        _, said = daemon.communicate(timeout=60)
    taker.store.close()
    assert daemon.returncode == 2
    assert "runner.left_work" in said and "took over" in said


def test_who_is_killed_for_standing_still_says_where_it_stood() -> None:
    """By SIGABRT, as systemd does it once WatchdogSec is over."""
    does = (
        "import os; from daybook import daemon, wiring; from daybook.cli.run import serve;"
        "wiring.open_house = daemon.serve = lambda *_: os.abort(); serve('daybook.yaml')"
    )
    ran = subprocess.run([sys.executable, "-c", does], capture_output=True, text=True, timeout=60)
    assert ran.returncode == -signal.SIGABRT
    assert "daybook/cli/run.py" in ran.stderr


class Entered(threading.Event):
    """An event inside whose lock the main thread is: it would wait there for itself."""

    def set(self) -> None:
        assert threading.get_ident() != threading.main_thread().ident, "it would never end"
        super().set()


@pytest.mark.parametrize("signals", [[signal.SIGTERM], [signal.SIGINT], [signal.SIGHUP, signal.SIGTERM]])
def test_a_signal_in_the_middle_of_any_event_is_heard_once_the_main_thread_left_it(
    house: House, signals: list[signal.Signals]
) -> None:
    stopping, waiting, asked = Entered(), Entered(), Entered()
    house = replace(house, stopping=stopping, work_is_waiting=waiting, rereading=Rereading(asked=asked))
    before = signal.getsignal(signal.SIGTERM)
    with told_to_stop(house):
        with stopping._cond, waiting._cond, asked._cond:  # type: ignore[attr-defined]  # as in set() and wait()
            for number in signals:
                os.kill(os.getpid(), number)
        assert stopping.wait(30) and waiting.wait(30)
        assert asked.is_set() == (signal.SIGHUP in signals)
    assert signal.getsignal(signal.SIGTERM) is before


def test_the_sandbox_waits_for_no_event_that_a_signal_would_set(monkeypatch: pytest.MonkeyPatch) -> None:
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    monkeypatch.setattr(threading, "Event", Entered)

    def interrupts() -> None:
        while signal.getsignal(signal.SIGTERM) is before[signal.SIGTERM]:
            time.sleep(0.001)
        os.kill(os.getpid(), signal.SIGINT)

    try:
        threading.Thread(target=interrupts, daemon=True).start()
        until_interrupted()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
