"""What a process that stays does for its memory: one heap for all threads, and no sources kept.

glibc gives threads heaps of their own, and what one of them freed, no other can use: a tenth of a daemon's
memory with 5,000 people. Python's threads take turns anyway, so they wait no longer for one that they share.
"""

from __future__ import annotations

import ctypes
import linecache

M_ARENA_MAX = -8
"""malloc.h"""


def shared() -> None:
    """Once at start, before there are threads."""
    library = ctypes.CDLL(None)
    if hasattr(library, "mallopt"):  # other C libraries have but one heap
        library.mallopt(M_ARENA_MAX, 1)


def without_sources() -> None:
    """Whenever all is done: pydantic reads those of models, pyparsing its own, and they stay (1 MiB)."""
    linecache.clearcache()
