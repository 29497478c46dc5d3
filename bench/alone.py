"""A process of its own, and what it used: it alone, not whoever started it.

The kernel charges a process with the most memory its parent ever had, for until it becomes another program it
is its parent. So a small Python stands between, which never had much.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from tempfile import NamedTemporaryFile
from typing import IO, NamedTuple

BETWEEN = """
import json, os, sys, time
began = time.monotonic()
_, status, used = os.wait4(os.posix_spawn(sys.argv[2], sys.argv[2:], os.environ), 0)
seconds = time.monotonic() - began
told = os.waitstatus_to_exitcode(status), seconds, used.ru_utime + used.ru_stime, used.ru_maxrss // 1024
with open(sys.argv[1], "w") as file:
    json.dump(told, file)
"""


class Used(NamedTuple):
    """What a process took."""

    status: int
    """0 for success."""
    seconds: float
    """By the clock on the wall."""
    processor: float
    """Seconds of it."""
    peak: int
    """MiB."""


def alone(command: Sequence[object], stdout: IO[bytes]) -> Used:
    """Run a program, named by its path, to its end."""
    with NamedTemporaryFile("r") as told:
        between = [sys.executable, "-S", "-c", BETWEEN, told.name]
        subprocess.run([*between, *map(str, command)], stdout=stdout, check=True)
        return Used(*json.load(told))
