"""What work costs, to compare one with another: seconds alone would say how quick the machine is today."""

from __future__ import annotations

import time
from collections.abc import Callable


def cost(work: Callable[[], object], times: int = 3) -> float:
    """Seconds of processor this process needs for it, at best of so many times."""
    return min(_once(work) for _ in range(times))


def _once(work: Callable[[], object]) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began
