"""The console script as an administrator types it: another process, an empty home, a folder of its own."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from daybook.house import House
from daybook.sandbox.outside import Outside, configuration
from daybook.wiring import open_house
from tests.daybook.cli.warmed import ENVIRONMENT, SCRIPT, warmed


class Typed:
    """Types commands in one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environment = {"HOME": str(folder)} | ENVIRONMENT
        self._usual = dict(self.environment)

    def __call__(self, *words: str, given: str | bytes = b"") -> subprocess.CompletedProcess[str]:
        """Run `daybook` with these words to its end; whatever else happens, it shows no traceback."""
        if self.environment != self._usual:
            return self.afresh(*words, given=given)
        return shown(warmed().run(words, encoded(given), self.folder))

    def afresh(self, *words: str, given: str | bytes = b"") -> subprocess.CompletedProcess[str]:
        """The same from nothing, as a shell starts it."""
        ran = subprocess.run(
            [SCRIPT, *words],
            input=encoded(given),
            capture_output=True,
            cwd=self.folder,
            env=self.environment,
            timeout=60,
        )
        return shown(ran)

    def begin(self, *words: str) -> subprocess.Popen[bytes]:
        """Start `daybook` and leave it running."""
        return subprocess.Popen(
            [SCRIPT, *words],
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )


def encoded(given: str | bytes) -> bytes:
    return given.encode() if isinstance(given, str) else given


def shown(ran: subprocess.CompletedProcess[bytes]) -> subprocess.CompletedProcess[str]:
    told = subprocess.CompletedProcess(ran.args, ran.returncode, ran.stdout.decode(), ran.stderr.decode())
    assert "Traceback" not in told.stderr, told.stderr
    assert "broke off" not in told.stderr, told.stderr
    return told


@pytest.fixture
def daybook(tmp_path: Path) -> Typed:
    return Typed(tmp_path)


@pytest.fixture
def outside() -> Iterator[Outside]:
    """Three tools and a mail server on loopback, with a team of six."""
    world = Outside(6, 7, datetime.now(UTC))
    with world.running():
        yield world


@pytest.fixture
def file(outside: Outside, tmp_path: Path) -> Path:
    """A configuration that uses them, beside its credentials; nothing has run yet."""
    return configuration(outside, tmp_path, "127.0.0.1:18799", quick=True)


def everybody_agrees(file: Path) -> House:
    """All of the team invited, and the policy acknowledged."""
    house = open_house(file)
    now = house.clock()
    with house.store.writing() as tx:
        for email in house.named:
            contributor = tx.people.enrol(email, now)
            tx.people.invited(contributor.id, house.policy_version, now)
            tx.people.acknowledge(contributor.id, house.policy_version, now)
    return house


def edited(file: Path, *changes: tuple[str, str]) -> None:
    text = file.read_text()
    for before, after in changes:
        assert before in text, before
        text = text.replace(before, after)
    file.write_text(text)


def rows(of: subprocess.CompletedProcess[str]) -> list[dict[str, Any]]:
    import json

    return [json.loads(line) for line in of.stdout.splitlines()]
