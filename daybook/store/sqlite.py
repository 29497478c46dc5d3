"""A store in one file, with SQLite: all that is SQLite's own stands here and nowhere else.

Writers take BEGIN IMMEDIATE, one at a time in this process; a plain BEGIN that writes later
fails at once under WAL, without waiting (16,581 "locked" in 4 s measured; 0 this way).
Readers have connections of their own that cannot write. A commit is on the disk when it
returns (synchronous=FULL), and what was deleted is overwritten (secure_delete). Where SQLite
had moved a row between pages before, a copy stays in the gaps (21 of 15,000 measured), until
VACUUM writes the file anew (0).
"""

from __future__ import annotations

import errno
import os
import sqlite3
from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path
from typing import Any, Self

from sqlalchemy import URL, Connection, Engine, Table, create_engine, event, inspect
from sqlalchemy.exc import DatabaseError, OperationalError

from daybook.clocks import utc_now
from daybook.store import room, snapshot
from daybook.store.errors import StoreRefused, StoreUnavailable
from daybook.store.hold import held

BUSY_SECONDS = 30
"""How long a writer waits for another process to finish."""

SCRUB_SECONDS = 5
"""How long cleaning the journal waits for readers, while every writer waits for it."""

DISK = (errno.EROFS, errno.ENOSPC, errno.EDQUOT, errno.EIO)
"""What the disk says, rather than the rights somebody has on it."""

OURS = (
    "Give commands as root, or as the account that Daybook runs as; the store and its folder must belong to "
    "that one."
)

EXAMPLE = "sqlite:////var/lib/daybook/daybook.db"

_SETTINGS = ("synchronous=FULL", "secure_delete=ON", "foreign_keys=ON")


class SQLite:
    """The database in the file at `path`."""

    def __init__(self, path: Path, url: URL) -> None:
        self.path = path
        self.name = str(url.database)
        self._url = url

    @classmethod
    def at(cls, url: URL) -> Self:
        if url.database in (None, "", ":memory:"):
            raise StoreRefused(
                f"store.url names no file, and a store must outlive its program. Write it like {EXAMPLE}"
            )
        # behind a link, all that stands beside it belongs where it is
        return cls(Path(str(url.database)).resolve(), url)

    def beside(self, name: str) -> Path:
        return self.path.with_name(f"{self.path.name}.{name}")

    def prepare(self) -> None:
        self._has_a_folder()
        if self.path.exists() and not self.path.is_file():
            raise StoreRefused(f"{self.path} is not a file. Nothing was touched; change store.url.")
        try:
            os.close(os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600))
        except OSError as error:
            if error.errno in DISK:
                raise StoreUnavailable(
                    f"{self.path} cannot be written ({error.strerror}). Nothing was done; what was saved "
                    "before stands. Look at the disk."
                ) from None
            raise StoreRefused(
                f"{self.path} cannot be written ({error.strerror}). Nothing was done. {OURS}"
            ) from None

    def is_there(self) -> bool:
        if not self._exists():
            self._has_a_folder()
        return self._exists()

    def connect(self, *, writes: bool) -> Engine:
        engine = create_engine(
            self._url,
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

        def begin(connection: Any) -> None:
            connection.execute("BEGIN IMMEDIATE" if writes else "BEGIN")

        # Not on the event: with one listener, every statement would ask for listeners of its own.
        engine.dialect.do_begin = begin  # type: ignore[assignment]
        return engine

    def tables(self, reader: Engine) -> set[str]:
        try:
            return set(inspect(reader).get_table_names())
        except OperationalError as error:
            raise self.closed(error) from None
        except DatabaseError as error:
            raise StoreRefused(
                f"{self.path} cannot be read as a database ({error.orig}). It was left as it is. "
                "Put a backup in its place (daybook restore), or name another file in store.url."
            ) from None

    def adopt(self, writer: Engine, *, new: bool) -> None:
        self.path.chmod(0o600)
        if new:
            # Readers go on while one writes. Stays with the file, so once is enough.
            _outside(writer, "PRAGMA journal_mode=WAL")

    def identity(self, connection: Connection) -> str | None:
        return None

    address = None

    def hold(self) -> AbstractContextManager[None]:
        return held(self.beside("lock"))

    def now(self, _: Connection) -> datetime:
        return utc_now()

    def goes_on(self, connection: Connection, table: Table) -> None:
        """By itself: the next number is the highest and one."""

    def scrub(self, writer: Engine) -> bool:
        busy, *_ = _outside(
            writer,
            "VACUUM",
            f"PRAGMA busy_timeout={int(SCRUB_SECONDS * 1000)}",
            "PRAGMA wal_checkpoint(TRUNCATE)",
        )
        _outside(writer, f"PRAGMA busy_timeout={int(BUSY_SECONDS * 1000)}")
        return not busy

    def closed(self, error: DatabaseError) -> StoreRefused | StoreUnavailable:
        if room.is_read_only(self.path.parent):
            return StoreUnavailable(room.READ_ONLY.format(self.path.parent))
        for file in snapshot.files(self.path):
            if file.exists() and not os.access(file, os.R_OK | os.W_OK, effective_ids=True):
                return StoreRefused(f"{file} belongs to another account. Nothing was done. {OURS}")
        if isinstance(error, OperationalError):
            return StoreUnavailable(
                f"{self.path} cannot be opened ({error.orig}). What was saved before stands. "
                "Look at the disk."
            )
        return StoreRefused(f"{self.path} cannot be opened ({error.orig}). Nothing in it was changed.")

    def failed(self, error: DatabaseError) -> str | None:
        return str(error.orig) if type(error) in (OperationalError, DatabaseError) else None

    def advice(self, error: DatabaseError) -> str:
        return "Look at the disk"

    def _exists(self) -> bool:
        try:
            return self.path.exists()
        except OSError as error:
            reason = f"cannot be looked for ({error.strerror})"
            raise StoreRefused(f"{self.path} {reason}. Nothing was done. {OURS}") from None

    def _has_a_folder(self) -> None:
        """The folder is the administrator's to make: a wrong path must not become a second, empty store."""
        if not self._exists() and not self.path.parent.is_dir():
            raise StoreRefused(
                f"The folder {self.path.parent} does not exist. Create it, or change store.url."
            )


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
