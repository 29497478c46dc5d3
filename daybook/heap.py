"""One heap for all threads of a process that stays.

glibc gives threads heaps of their own, and what one of them freed, no other can use: a tenth of a daemon's
memory with 5,000 people. Python's threads take turns anyway, so they wait no longer for one that they share.
"""

from __future__ import annotations

import ctypes

M_ARENA_MAX = -8
"""malloc.h"""


def shared() -> None:
    """Once at start, before there are threads."""
    library = ctypes.CDLL(None)
    if hasattr(library, "mallopt"):  # other C libraries have but one heap
        library.mallopt(M_ARENA_MAX, 1)
