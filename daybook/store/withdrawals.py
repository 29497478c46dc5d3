"""What people took back, kept beside the database too: an older copy put back must not know better (P3, P7).

    erased     all that was held about somebody; `about` is the mark by which they are not invited again
    left       they take part no more
    let go     their access at a tool; `about` is the connection
    unshown    the calendar of their drafts there
    chose      what is read of theirs besides at a tool, anew
    digest     the daily mail, `on` or `off`; so are reminder and look back
    stopped    the rollout as a whole, and why
    unknown    before this line others may be missing: this file was gone, or set back with the machine

A line is on the disk before its deed is committed, and the deed is committed with its number. So a database
that knows of fewer lines is an older copy, or was killed in between: what the lines say is done then. Lines
name nobody: people are keyed marks in them.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal

from pydantic import AwareDatetime, ValidationError

from core.model import Noun
from core.said import Kept
from daybook.store import beside
from daybook.store.errors import StoreRefused, StoreUnavailable

KEPT = timedelta(days=90)
"""So long a line is kept; a backup is gone after a week, and no copy by hand should be older than this."""

What = Literal[
    "erased", "left", "let go", "unshown", "chose", "digest", "reminder", "look back", "stopped", "unknown"
]


class Withdrawal(Noun):
    """One thing taken back."""

    serial: int = 0
    """Counts them over the life of the store; given when it is kept."""
    at: AwareDatetime
    what: What
    who: str = ""
    about: Kept = ""


class Withdrawals:
    """The file beside a store; None where a store tells by its identity."""

    def __init__(self, path: Path | None) -> None:
        self.path = path
        self._lock = threading.Lock()

    def is_missing(self) -> bool:
        """There is no file: a store that never ran, or one that came here without it."""
        return self.path is None or not self.path.exists()

    def begin(self) -> None:
        """Let there be a file, so that it is missed where there is none."""
        with self._lock:
            if self.is_missing():
                self._write([])

    def since(self, known: int) -> list[Withdrawal]:
        """What is written here and a database that knows so many does not know."""
        return [one for one in self._lines() if one.serial > known]

    def is_whole(self, known: int) -> bool:
        """Whether all is here that a database that knows so many may not know; of none, nothing lacks."""
        if self.path is None:
            return True
        serials = [one.serial for one in self._lines()]
        return max(serials, default=0) >= known >= min(serials, default=1) - 1

    def keep(self, fresh: Iterable[Withdrawal], known: int, worked: datetime | None) -> int:
        """On the disk when it returns; gives the number of the last.

        Takes    known: the number of the last one the database knows
                 worked: when work was last done: lines grow old by that. A page is open by any clock
        Raises   StoreUnavailable where the disk did not let us
        """
        with self._lock:
            lines = self._lines()
            after = max([known, *(one.serial for one in lines)])
            lines += [
                one.model_copy(update={"serial": number}) for number, one in enumerate(fresh, after + 1)
            ]
            self._write([one for one in lines if worked is None or one.at > worked - KEPT])
        return lines[-1].serial

    def _lines(self) -> list[Withdrawal]:
        if self.path is None:
            return []
        try:
            return [Withdrawal.model_validate_json(line) for line in self.path.read_text().splitlines()]
        except FileNotFoundError:
            return []
        except OSError as error:
            raise StoreUnavailable(
                f"{self.path} cannot be read ({error.strerror}). It tells who left or was erased since a "
                "backup was made. Nothing was done. Look at the disk, and at who may read the file."
            ) from error
        except ValidationError:
            raise StoreRefused(
                f"{self.path} has a line that Daybook did not write. It tells who left or "
                "was erased since a backup was made. Nothing was done. Put it back as it was, or remove it: "
                "then nobody knows that any more."
            ) from None

    def _write(self, lines: Iterable[Withdrawal]) -> None:
        if self.path is None:
            return
        try:
            beside.write(self.path, "".join(f"{one.model_dump_json()}\n" for one in lines))
        except OSError as error:
            raise StoreUnavailable(
                f"{self.path} could not be written ({error.strerror}). Nothing of this step was saved; what "
                "was saved before stands. Look at the disk, and do it again."
            ) from error
