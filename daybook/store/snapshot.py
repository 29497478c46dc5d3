"""A copy of a SQLite database as it is at one moment, while others go on writing to it."""

from __future__ import annotations

import fcntl
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from daybook.store import beside
from daybook.store.errors import StoreRefused, StoreUnavailable

PAGES = 2_000
"""Copied between two words on how far it is."""


@contextmanager
def taken(store: Path, copy: Path, step: Callable[[int, int], None]) -> Iterator[None]:
    """Until the end of the block `copy` is the database as it was when it began; its owner alone can read it.

    The look at the source lasts until all is copied, so that whoever writes meanwhile does not make it begin
    anew.

    Takes    step: called with how much is done, and of how much
    Raises   StoreUnavailable; StoreRefused where the copy is not sound: then neither is what it was made of
    """
    with _alone(copy):
        try:
            with closing(sqlite3.connect(store)) as source, closing(sqlite3.connect(copy)) as target:
                source.isolation_level = None
                source.execute("PRAGMA query_only=ON")
                source.execute("BEGIN")
                source.execute("SELECT count(*) FROM sqlite_master").fetchone()
                source.backup(target, pages=PAGES, progress=lambda _, left, of: step(of - left, of))
            problem = unsound(copy)
        except sqlite3.OperationalError as error:
            raise StoreUnavailable(
                f"{store} could not be copied ({error}). No backup was made, and none was removed. "
                "Look at the disk."
            ) from None
        except sqlite3.DatabaseError as error:
            problem = str(error)
        if problem:
            raise StoreRefused(
                f"{store} is damaged ({problem}). No backup was made, and none was removed. Stop the daemon "
                "and restore the newest backup: daybook restore FILE"
            )
        yield


@contextmanager
def _alone(copy: Path) -> Iterator[None]:
    """An empty file that no other backup has in hand; gone afterwards."""
    file = os.open(copy, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    try:
        beside.handed_over(file, copy.parent)
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if not os.path.samestat(os.fstat(file), copy.stat()):
            raise BlockingIOError
        cleared(copy, but=copy)
        os.truncate(file, 0)
    except (BlockingIOError, FileNotFoundError):
        os.close(file)
        raise StoreRefused("Another backup of this store is being made. This one did nothing.") from None
    try:
        yield
    finally:
        cleared(copy)
        os.close(file)


def swept(copy: Path) -> None:
    """Remove what was left of one that was killed; one that is being made stays."""
    if not copy.exists():
        return
    try:
        with suppress(StoreRefused), _alone(copy):
            pass  # it is gone at the end of the block
    except PermissionError:  # root was killed before it handed it over
        cleared(copy)


def unsound(database: Path) -> str:
    """What is broken in a database nobody has open; empty where nothing is."""
    try:
        with closing(sqlite3.connect(f"file:{database}?mode=ro&immutable=1", uri=True)) as opened:
            (found,) = opened.execute("PRAGMA integrity_check(1)").fetchone()
    except sqlite3.DatabaseError as error:
        return str(error)
    return "" if found == "ok" else str(found)


def files(database: Path) -> list[Path]:
    """The database, and what SQLite keeps beside it while it is open."""
    return [database.with_name(database.name + end) for end in ("", "-wal", "-shm", "-journal")]


def cleared(database: Path, but: Path | None = None) -> None:
    """Remove it, with whatever was left of it."""
    for file in files(database):
        if file != but:
            file.unlink(missing_ok=True)
