"""The checkers of our code and of what it stands on, in an environment of their own; the lock says which."""

from __future__ import annotations

import fcntl
import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
LOCK = ROOT / "requirements-checkers.lock"
ROOMS = ("core", "config", "connectors", "daybook")
"""What is installed with the product."""


class Checkers:
    """Runs one of them at the top of the project."""

    def __init__(self) -> None:
        with LOCK.open() as turn:
            fcntl.flock(turn, fcntl.LOCK_EX)  # the workers of one session share the environment
            made = subprocess.run(["make", "checkers"], cwd=ROOT, capture_output=True, text=True)
        if made.returncode:
            pytest.fail(f"the checkers could not be installed: {made.stderr[-500:]}", pytrace=False)

    def run(self, program: str, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
        command = [ROOT / ".venv-checkers" / "bin" / program, *arguments]
        return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300)

    def said(self, program: str, *arguments: str | Path) -> Any:
        """The JSON that it prints."""
        done = self.run(program, *arguments)
        assert done.stdout, done.stderr[-2_000:]
        return json.loads(done.stdout)
