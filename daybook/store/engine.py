"""How we speak to the database: all that is SQLite's own stands here and nowhere else.

Writers take BEGIN IMMEDIATE, one at a time in this process; a plain BEGIN that writes later
fails at once under WAL, without waiting (16,581 "locked" in 4 s measured; 0 this way).
Readers have connections of their own that cannot write. A commit is on the disk when it
returns (synchronous=FULL), and what was deleted is overwritten (secure_delete).
"""

from __future__ import annotations

import errno
import os
import sqlite3
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, Table, create_engine, event, inspect, make_url
from sqlalchemy.dialects import sqlite
from sqlalchemy.exc import ArgumentError, DatabaseError, OperationalError

from daybook.store.errors import StoreRefused, StoreUnavailable

BUSY_SECONDS = 30
"""How long a writer waits for another process to finish."""

DISK = (errno.EROFS, errno.ENOSPC, errno.EDQUOT, errno.EIO)
"""What the disk says, rather than the rights somebody has on it."""

SCRUB_SECONDS = 5
"""How long cleaning the journal waits for readers, while every writer waits for it."""


def place(url: str) -> Path:
    """The file a store URL names."""
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise StoreRefused(f"store.url {url!r} is not a database URL. {_EXAMPLE}") from None
    if parsed.get_backend_name() != "sqlite":
        raise StoreRefused(
            f"store.url names a {parsed.get_backend_name()} database; "
            f"this Daybook keeps its store in SQLite. {_EXAMPLE}"
        )
    if parsed.database in (None, "", ":memory:"):
        raise StoreRefused(f"store.url names no file, and a store must outlive its program. {_EXAMPLE}")
    return Path(str(parsed.database))


_EXAMPLE = "Write it like sqlite:////var/lib/daybook/daybook.db"


def prepare(path: Path) -> None:
    """Make sure there is a file only we can read, before anything is written into it."""
    has_a_folder(path)
    if path.exists() and not path.is_file():
        raise StoreRefused(f"{path} is not a file. Nothing was touched; change store.url.")
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    except OSError as error:
        if error.errno in DISK:
            raise StoreUnavailable(
                f"{path} cannot be written ({error.strerror}). Nothing was done; what was saved before "
                "stands. Look at the disk."
            ) from None
        raise StoreRefused(
            f"{path} cannot be written ({error.strerror}). Give it to the Daybook account."
        ) from None


def has_a_folder(path: Path) -> None:
    """The folder is the administrator's to make: a wrong path must not become a second, empty store."""
    if not path.parent.is_dir():
        raise StoreRefused(f"The folder {path.parent} does not exist. Create it, or change store.url.")


def connect(url: str, *, writes: bool) -> Engine:
    """An engine for one of the two ways of using the store."""
    engine = create_engine(
        url,
        hide_parameters=True,  # an error message must not carry what it failed to write
        pool_size=1 if writes else 5,
        max_overflow=0 if writes else -1,  # as many readers as the program has threads
        connect_args={"timeout": BUSY_SECONDS},
    )

    @event.listens_for(engine, "connect")
    def _settle(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # the driver begins nothing by itself: we say how
        for setting in _SETTINGS:
            connection.execute(f"PRAGMA {setting}")
        if not writes:
            connection.execute("PRAGMA query_only=ON")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


_SETTINGS = ("synchronous=FULL", "secure_delete=ON", "foreign_keys=ON")


def tables(engine: Engine, path: Path) -> set[str]:
    """The tables there are; refuses a file that is no database at all."""
    try:
        return set(inspect(engine).get_table_names())
    except DatabaseError as error:
        raise StoreRefused(
            f"{path} cannot be read as a database ({error.orig}). It was left as it is."
        ) from None


def journal(writer: Engine) -> None:
    """Let readers go on while one writes. Stays with the file, so once is enough."""
    _outside(writer, "PRAGMA journal_mode=WAL")


def insert(table: Table) -> sqlite.Insert:
    """An INSERT that can say what to do on conflict; PostgreSQL's has the same words."""
    return sqlite.insert(table)


def scrub(writer: Engine) -> bool:
    """Leave no deleted byte in the file or its journal.

    Gives    False where a reader held on to the journal: scrub again later
    """
    busy, *_ = _outside(
        writer,
        "VACUUM",
        f"PRAGMA busy_timeout={int(SCRUB_SECONDS * 1000)}",
        "PRAGMA wal_checkpoint(TRUNCATE)",
    )
    _outside(writer, f"PRAGMA busy_timeout={int(BUSY_SECONDS * 1000)}")
    return not busy


def _outside(writer: Engine, *statements: str) -> Any:
    """Run what may not run inside a transaction; gives the first row of the last."""
    raw = writer.raw_connection()
    try:
        for statement in statements:
            answer = raw.driver_connection.execute(statement).fetchall()  # type: ignore[union-attr]
        return answer[0]
    except sqlite3.Error as error:
        raise OperationalError(statement, None, error) from error
    finally:
        raw.close()
