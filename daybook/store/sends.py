"""How many sends there were, kept beside the database too: one that knows of fewer is an older copy (R-09).

The number is committed with the intent, then written into the file, and only then is anything sent. So the
database never knows less than the file, unless somebody put a copy of it back.
"""

from __future__ import annotations

import threading
from pathlib import Path

from daybook.store import beside
from daybook.store.errors import StoreRefused, StoreUnavailable


class Sends:
    """The file beside a store; None where a store tells by its identity."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._lock = threading.Lock()

    def told(self) -> int:
        """The highest number that was ever noted; 0 where there is no file."""
        if self._path is None:
            return 0
        try:
            return int(self._path.read_text())
        except FileNotFoundError:
            return 0
        except OSError as error:
            raise StoreUnavailable(
                f"{self._path} cannot be read ({error.strerror}). It tells whether the database is an older "
                "copy. Nothing was sent. Look at the disk, and at who may read the file."
            ) from error
        except ValueError:
            raise StoreRefused(
                f"{self._path} is no number. It tells whether the database is an older "
                "copy. Nothing was sent. Put it back, or remove it if the database surely is the latest."
            ) from None

    def is_missing(self) -> bool:
        """There is no file: a store that never ran, or one that came here without it."""
        return self._path is not None and not self._path.exists()

    def note(self, number: int) -> None:
        """On the disk when it returns.

        Raises   StoreUnavailable where the disk did not let us
        """
        with self._lock:
            if self.is_missing() or number > self.told():
                self._write(number)

    def prove(self) -> None:
        """Write the same number anew, to see whether the disk lets us.

        Raises   StoreUnavailable where it does not
        """
        with self._lock:
            self._write(self.told())

    def _write(self, number: int) -> None:
        if self._path is None:
            return
        try:
            beside.write(self._path, f"{number}\n")
        except OSError as error:
            raise StoreUnavailable(
                f"{self._path} could not be written ({error.strerror}). Nothing was sent; "
                "what was saved before stands. Look at the disk; the next round tries again."
            ) from error
