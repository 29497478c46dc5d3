"""Another account of this machine, for what it may not read."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

SOMEBODY = 4711
"""An account that owns nothing here."""


@contextmanager
def bound_by_rights() -> Iterator[None]:
    """Until the end of the block a file closed to all is closed to us too, which it never is to root."""
    if os.geteuid():
        yield
        return
    os.seteuid(SOMEBODY)
    try:
        yield
    finally:
        os.seteuid(0)
