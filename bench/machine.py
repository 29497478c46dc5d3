"""Where a figure was measured, in as much as it matters and no more."""

from __future__ import annotations

import os
import platform


def told() -> str:
    cores = len(os.sched_getaffinity(0))
    return f"{cores} cores, Python {platform.python_version()}, {platform.system()}"
