"""One daemon a store: a lock file beside it says who runs (R-11).

The kernel lets go of the lock when its process ends, however it ends. Should the file itself
be removed under a running daemon, a second one can take a new one; the generation in the
database then tells the first that its time is over, and it may write nothing more.
"""

from __future__ import annotations

import fcntl
import os
import socket
from pathlib import Path
from types import TracebackType
from typing import Self

from daybook.store.errors import StoreRefused


class Hold:
    """The right to run on a store, until released."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.pread(self._file, 256, 0).decode(errors="replace").strip()
            os.close(self._file)
            raise StoreRefused(
                f"Another Daybook ({holder or 'just starting'}) is already running on this store. "
                "This one did nothing. Stop the other first, or leave it to do the work."
            ) from None
        os.truncate(self._file, 0)
        os.pwrite(self._file, f"pid {os.getpid()} on {socket.gethostname()}\n".encode(), 0)

    def release(self) -> None:
        """Let another daemon have the store. The file stays: removing it would let two in."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()
