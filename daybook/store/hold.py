"""One daemon a store: a lock file beside it says who runs (R-11).

The kernel lets go of the lock when its process ends, however it ends. Should the file itself
be removed under a running daemon, a second one can make a new one; it takes the first one's row
in `workers`, which tells that one that its time is over, and it may write nothing more.
"""

from __future__ import annotations

import fcntl
import os
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from daybook.store import beside
from daybook.store.errors import StoreRefused, StoreUnavailable

A_MOMENT = 0.05
"""Seconds; who only asks whether a lock is held has it for less."""


@contextmanager
def held(path: Path) -> Iterator[None]:
    """Hold the lock file at `path`; refuses where another process does."""
    with ExitStack() as stack:
        try:
            file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            # The file stays: between removing and making it anew, two could get in.
            stack.callback(os.close, file)
            beside.handed_over(file, path.parent)
            _lock(file)
            os.truncate(file, 0)
            os.pwrite(file, f"pid {os.getpid()} on {socket.gethostname()}\n".encode(), 0)
        except OSError as error:
            raise StoreUnavailable(
                f"{path} could not be written ({error.strerror}). Nothing was started; what was saved before "
                "stands. Look at the disk."
            ) from None
        yield


def is_held(path: Path) -> bool:
    """Whether a process holds the lock file at `path`."""
    try:
        file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(file)
    return False


def _lock(file: int) -> None:
    for pause in (A_MOMENT, 0):
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            time.sleep(pause)
        else:
            return
    raise taken(os.pread(file, 256, 0).decode(errors="replace").strip() or "just starting")


def taken(holder: str) -> StoreRefused:
    """Takes    holder: where the other one runs"""
    return StoreRefused(
        f"Another Daybook ({holder}) is already running on this store. "
        "This one did nothing. Stop the other first, or leave it to do the work."
    )
