"""The units as systemd reads them, and what the daemon says to it when it is run as they run it."""

from __future__ import annotations

import configparser
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import click
import pytest

from daybook import daemon, runner
from daybook.__main__ import daybook
from daybook.metrics import listener
from daybook.sandbox.outside import Outside, configuration
from daybook.store import postgresql, sqlite
from daybook.store.store import TURN_SECONDS
from tests.ports import free_port

UNITS = Path(__file__).resolve().parents[2] / "deploy" / "systemd"
SERVICES = sorted(path.name for path in UNITS.glob("*.service"))
PROGRAM = "/opt/daybook/current/bin/daybook"
CONFIGURATION = "/etc/daybook/daybook.yaml"

analyze = pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="needs Debian's systemd")


class Unit(configparser.RawConfigParser):
    """A unit file; of a key that is given twice, all that was said, line by line."""

    def __init__(self, name: str) -> None:
        super().__init__(strict=False, interpolation=None, comment_prefixes=("#",))
        self.optionxform = str  # type: ignore[assignment, method-assign]
        self.read(UNITS / name, "utf-8")

    def command(self) -> list[str]:
        return self["Service"]["ExecStart"].split()


# --- as systemd reads them ----------------------------------------------------------------------------------


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """A root with the units in their place and something to run."""
    for name in (PROGRAM, "/bin/sh"):
        program = tmp_path / name[1:]
        program.parent.mkdir(parents=True)
        program.write_text("#!/bin/sh\n")
        program.chmod(0o755)
    shutil.copytree(UNITS, tmp_path / "etc/systemd/system")
    # what other packages bring, and systemd itself
    for name in ("network-online", "time-sync", "multi-user", "timers", "sysinit", "basic", "shutdown", "-"):
        kind = "slice" if name == "-" else "target"
        (tmp_path / f"etc/systemd/system/{name}.{kind}").write_text("[Unit]\n")
    return tmp_path


def complaints(machine: Path, *units: str) -> str:
    """What systemd says to them when it reads them."""
    names = [name.replace("@.", "@1.") for name in units]
    command = ["systemd-analyze", f"--root={machine}", "verify", "--man=no", "--recursive-errors=no", *names]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=60)
    return ran.stdout + ran.stderr


@analyze
def test_systemd_reads_every_unit_without_a_word(machine: Path) -> None:
    assert complaints(machine, *SERVICES, "daybook-backup.timer") == ""


@analyze
@pytest.mark.parametrize(
    ("well", "planted", "said"),
    [
        ("WatchdogSec=5min", "WatchdogSecs=5min", "Unknown key 'WatchdogSecs'"),
        ("ProtectHome=yes", "ProtectHome=certainly", "ignoring: certainly"),
        (PROGRAM, "/opt/daybook/current/bin/daybok", "daybok is not executable"),
    ],
)
def test_a_misspelt_unit_is_seen(machine: Path, well: str, planted: str, said: str) -> None:
    unit = machine / "etc/systemd/system/daybook.service"
    text = unit.read_text()
    assert well in text
    unit.write_text(text.replace(well, planted))
    assert said in complaints(machine, "daybook.service")


@analyze
@pytest.mark.parametrize("name", SERVICES)
def test_S19_a_break_in_gets_hardly_any_width(name: str) -> None:
    command = ["systemd-analyze", "security", "--offline=true", "--threshold=15", str(UNITS / name)]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert ran.returncode == 0, ran.stdout[-200:] + ran.stderr


@analyze
def test_S19_a_unit_that_lost_its_walls_is_seen(tmp_path: Path) -> None:
    bare = tmp_path / "daybook.service"
    bare.write_text(f"[Service]\nExecStart={PROGRAM}\n")
    command = ["systemd-analyze", "security", "--offline=true", "--threshold=15", str(bare)]
    assert subprocess.run(command, capture_output=True, timeout=60).returncode != 0


# --- what they say ------------------------------------------------------------------------------------------


def test_every_unit_has_the_same_walls() -> None:
    walls = [_after(name, "CapabilityBoundingSet") for name in SERVICES]
    assert len(walls[0]) > 20
    assert all(one == walls[0] for one in walls)


@pytest.mark.parametrize("name", SERVICES)
def test_whatever_needs_the_store_waits_for_a_database_that_starts_beside_it(name: str) -> None:
    """A backup that was missed is made up at boot, and tried no second time that night."""
    unit = Unit(name)["Unit"]
    assert {"network-online.target", "postgresql.service"} <= set(unit["After"].split())
    assert unit["Wants"] == "network-online.target"


def _after(name: str, key: str) -> dict[str, str]:
    keys = list(Unit(name)["Service"])
    return {one: Unit(name)["Service"][one] for one in keys[keys.index(key) :]}


@pytest.mark.parametrize("name", SERVICES)
def test_what_a_unit_starts_is_a_command_of_ours_with_options_it_has(name: str) -> None:
    program, word, *rest = Unit(name).command()
    assert program == PROGRAM
    command = daybook.commands[word]
    with click.Context(command) as context:
        command.parse_args(context, rest)
    assert context.params["file"] == Path(CONFIGURATION)


def test_each_worker_of_a_machine_can_answer_on_a_port_of_its_own_as_the_unit_says() -> None:
    unit = (UNITS / "daybook-worker@.service").read_text("utf-8")
    name, option, place = re.findall(r"# +ExecStart=(/.+) (--metrics) (\S+)", unit)[0]
    assert name.split() == Unit("daybook-worker@.service").command()
    assert option in {word for one in daybook.commands["worker"].params for word in one.opts}
    assert 1024 < int(place.replace("%i", "9").removeprefix("127.0.0.1:")) < 2**16
    said = (UNITS.parents[1] / "docs/seeing.md").read_text("utf-8")
    assert f"\nExecStart=\nExecStart={name} {option} {place}\n" in said


@pytest.mark.parametrize("name", [name for name in SERVICES if "backup" not in name])
def test_R12_a_locked_store_keeps_nobody_from_a_sign_of_life_until_systemd_misses_it(name: str) -> None:
    """Between two signs lie at most two waits to write: to prove the disk, and to take a file read again."""
    assert Unit(name)["Service"]["WatchdogSec"] == "5min"
    for database in (sqlite, postgresql):
        assert 2 * (TURN_SECONDS + database.BUSY_SECONDS) + runner.TICK + runner.PATIENCE < 0.7 * 5 * 60


@pytest.mark.parametrize("name", [name for name in SERVICES if "backup" not in name])
def test_who_ends_has_ended_before_systemd_kills_it(name: str) -> None:
    work, page, figures = runner.PATIENCE, daemon.PAGE_PATIENCE + 1, listener.PATIENCE
    assert work + page + figures < 0.7 * float(Unit(name)["Service"]["TimeoutStopSec"])


@pytest.mark.parametrize("name", [name for name in SERVICES if "backup" not in name])
def test_whatever_a_daemon_ended_by_it_is_started_again_for_ever(name: str) -> None:
    """One that was replaced ends with 2, as one with a wrong configuration does (docs/operating.md)."""
    unit, service = Unit(name)["Unit"], Unit(name)["Service"]
    assert service["Restart"] == "on-failure"
    assert "RestartPreventExitStatus" not in service
    assert float(service["RestartSec"]) * 5 > 10, "five starts within ten seconds are the last by default"
    assert "StartLimitBurst" not in unit


# --- what is run, and what it says --------------------------------------------------------------------------


class Systemd:
    """Hears what a service says."""

    def __init__(self, listening: socket.socket) -> None:
        self._listening = listening
        self.heard: list[str] = []

    def hears(self, word: str) -> None:
        """Raises   TimeoutError where nothing of that kind is said"""
        while True:
            self.heard += self._listening.recv(4096).decode().split("\n")
            if word in self.heard:
                return

    def forgets(self) -> None:
        self.heard.clear()


@pytest.fixture
def systemd(tmp_path: Path) -> Iterator[Systemd]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(str(tmp_path / "notify"))
        listening.settimeout(30)
        yield Systemd(listening)


def test_the_daemon_as_its_unit_runs_it_says_each_word_in_its_time(tmp_path: Path, systemd: Systemd) -> None:
    outside = Outside(2, 7, datetime.now(UTC))
    with outside.running():
        file = configuration(outside, tmp_path, f"127.0.0.1:{free_port()}", quick=False)
        handed = tmp_path / "handed"
        handed.mkdir()
        for secret in (tmp_path / "credentials").iterdir():
            secret.rename(handed / f"daybook_{secret.name}")  # as LoadCredential=daybook:FOLDER does
        environment = {
            "PATH": os.environ["PATH"],
            "NOTIFY_SOCKET": str(tmp_path / "notify"),
            "CREDENTIALS_DIRECTORY": str(handed),
            "STATE_DIRECTORY": str(tmp_path),
            "WATCHDOG_USEC": str(5 * 60 * 1_000_000),
        }
        places = {PROGRAM: str(Path(sys.executable).with_name("daybook")), CONFIGURATION: str(file)}
        command = [places.get(word, word) for word in Unit("daybook.service").command()]
        with _running(command, environment) as daemon:
            systemd.hears("READY=1")
            systemd.hears("WATCHDOG=1")
            systemd.forgets()
            assert Unit("daybook.service")["Service"]["ExecReload"] == '/bin/sh -c "kill -HUP ${MAINPID}"'
            daemon.send_signal(signal.SIGHUP)
            systemd.hears("RELOADING=1")
            systemd.forgets()
            systemd.hears("READY=1")
            systemd.forgets()
            daemon.terminate()
            systemd.hears("STOPPING=1")
            assert daemon.wait(30) == 0


@contextmanager
def _running(command: list[str], environment: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """This process, whose end the end of the block is, however it comes."""
    with subprocess.Popen(command, env=environment, cwd="/", stderr=subprocess.DEVNULL) as daemon:
        try:
            yield daemon
        finally:
            daemon.kill()
