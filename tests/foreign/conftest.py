"""The foreign clients themselves: what npm's lock names, beside these tests; Python's are in our own lock."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import pytest

from connectors.stand_in import StandIn

HERE = Path(__file__).parent
LOCK = HERE / "package-lock.json"
INSTALLED = HERE / "node_modules" / ".installed"
"""The lock that was installed, so that the next session need not ask the registry again."""

Strange = Callable[..., dict[str, Any]]
Site = TypeVar("Site", bound=StandIn)


@contextmanager
def serving(site: Site) -> Iterator[Site]:
    site.start()
    try:
        yield site
    finally:
        site.stop()


def absent(reason: str) -> NoReturn:
    """No judge: a test that is skipped, but not in CI, where nobody would see that it was."""
    if os.environ.get("CI") == "true":
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


def _install() -> None:
    if INSTALLED.exists() and INSTALLED.read_bytes() == LOCK.read_bytes():
        return
    done = subprocess.run(["npm", "ci"], cwd=HERE, capture_output=True, text=True, timeout=300)
    if done.returncode:
        why = next((line for line in done.stderr.splitlines() if "error" in line), "it said nothing")
        absent(f"npm could not install the foreign clients: {why}")
    shutil.copyfile(LOCK, INSTALLED)


@pytest.fixture(scope="session")
def node() -> Strange:
    """Runs one of the scripts here, its parameters as environment; gives the JSON it prints."""
    for program in ("node", "npm"):
        if shutil.which(program) is None:
            absent(f"needs {program}; on Debian: apt-get install nodejs npm")
    version = subprocess.run(["node", "--version"], capture_output=True, text=True, check=True).stdout
    if int(version.lstrip("v").partition(".")[0]) < 20:
        absent(f"needs node 20 or later, as jira.js asks; here is {version.strip()}")
    with LOCK.open() as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)  # the workers of one session share the folder
        _install()

    def run(script: str, **given: str) -> dict[str, Any]:
        # nothing of our own environment: a proxy in it would take the client off this machine
        environment = {"PATH": os.environ["PATH"], **given}
        done = subprocess.run(
            ["node", HERE / script], env=environment, capture_output=True, text=True, timeout=60
        )
        assert done.returncode == 0, done.stderr
        said: dict[str, Any] = json.loads(done.stdout)
        return said

    return run
