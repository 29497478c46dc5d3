"""A program that runs on beside us, and what it has taken so far, by the kernel's own count: it alone."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from bench.loop import Failed

TICKS = os.sysconf("SC_CLK_TCK")
PATIENCE = 30
"""Seconds it is given to end."""


class Watched:
    """One process, by its number."""

    def __init__(self, running: subprocess.Popen[bytes]) -> None:
        self._running = running
        self._of = Path("/proc", str(running.pid))

    @property
    def processor(self) -> float:
        """Seconds of it, until now."""
        self.lives()
        # its name stands in parentheses and may hold anything; user and system time are 14th and 15th
        user, system = (self._of / "stat").read_text().rpartition(")")[2].split()[11:13]
        return (int(user) + int(system)) / TICKS

    @property
    def memory(self) -> int:
        """MiB at this moment, with the pages of libraries that others share."""
        return self._mebibytes("VmRSS")

    @property
    def own(self) -> int:
        """MiB of that which no other program can share."""
        return self._mebibytes("RssAnon")

    @property
    def peak(self) -> int:
        """MiB at the most."""
        return self._mebibytes("VmHWM")

    def lives(self) -> None:
        """Raises Failed once it has ended."""
        if (status := self._running.poll()) is not None:
            raise Failed(f"{self._running.args!r} ended with {status}; nothing was measured.")

    def _mebibytes(self, name: str) -> int:
        self.lives()
        found = re.search(rf"{name}:\s+(\d+) kB", (self._of / "status").read_text())
        assert found, f"the kernel tells no {name}"
        return int(found[1]) // 1024


@contextmanager
def watched(command: Sequence[object], log: Path) -> Iterator[Watched]:
    """Run a program until the end of the block, and ask it to end then.

    Takes    log: what it says on standard error
    """
    with log.open("ab") as said, subprocess.Popen([*map(str, command)], stderr=said) as running:
        try:
            yield Watched(running)
        finally:
            running.terminate()
            try:
                running.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                running.kill()
