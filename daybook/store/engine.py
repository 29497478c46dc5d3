"""What the store asks of its database, whichever it is: sqlite.py and postgresql.py say how each does it.

One writer at a time, and what it saved is on the disk when it is told so. Readers see one moment and cannot
write. Who stands outside sees all of a step or nothing.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path
from typing import Protocol

from sqlalchemy import Connection, Engine, Table
from sqlalchemy.dialects import sqlite as dialect
from sqlalchemy.dialects.sqlite.dml import OnConflictClause
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DatabaseError

from daybook.store import postgresql, sqlite
from daybook.store.errors import StoreRefused, StoreUnavailable
from daybook.store.postgresql import PostgreSQL
from daybook.store.sqlite import SQLite

# PostgreSQL's compiler asks an ON CONFLICT for the name of a constraint; one made for SQLite has none
OnConflictClause.constraint_target = None  # type: ignore[attr-defined]

EXAMPLES = f"Write it like {sqlite.EXAMPLE} or {postgresql.EXAMPLE}"


class Database(Protocol):
    """One of the kinds of database a store can be in."""

    @property
    def name(self) -> str:
        """As messages call it: never with a password."""

    @property
    def path(self) -> Path | None:
        """The file it is; None for a server, whose files are not ours."""

    def beside(self, name: str) -> Path | None:
        """A file of ours that outlives a copy put back (R-09); None where `identity` tells instead."""

    def prepare(self) -> None:
        """Make sure that a store can be there, and that only we read it, before anything is written."""

    def is_there(self) -> bool:
        """Whether there is anything to look at; makes nothing."""

    def connect(self, *, writes: bool) -> Engine:
        """An engine for one of the two ways of using the store."""

    def tables(self, reader: Engine) -> set[str]:
        """The tables there are. Raises StoreRefused where no store can be."""

    def adopt(self, writer: Engine, *, new: bool) -> None:
        """It is ours: settle what stays with the database."""

    def identity(self, connection: Connection) -> str | None:
        """Another one as soon as a copy was put in its place (R-09); None where it has nothing to tell by."""

    @property
    def address(self) -> str | None:
        """How others of ours reach it, with its password; None where one process has it alone."""

    def hold(self) -> AbstractContextManager[None]:
        """Until the end of the block we run on it. Raises StoreRefused where another has it alone."""

    def now(self, connection: Connection) -> datetime:
        """What time it is there."""

    def goes_on(self, connection: Connection, table: Table) -> None:
        """The numbers it gives the rows of this table go on after those that were carried into it."""

    def scrub(self, writer: Engine) -> bool:
        """Leave no deleted byte in its files. False where a reader held on to some: scrub again later."""

    def closed(self, error: DatabaseError) -> StoreRefused | StoreUnavailable:
        """Why it could not be opened."""

    def failed(self, error: DatabaseError) -> str | None:
        """What it did not do, in its own words; None for a mistake of ours, such as a row that is there."""

    def advice(self, error: DatabaseError) -> str:
        """What to do where it failed while we run."""


def database(url: str) -> Database:
    """The database a store URL names.

    Raises   StoreRefused, without the URL: it may hold a password
    """
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        raise StoreRefused(f"store.url is not a database URL. {EXAMPLES}") from None
    match parsed.get_backend_name():
        case "sqlite":
            return SQLite.at(parsed)
        case "postgresql" | "postgres":
            return PostgreSQL.at(parsed)
    raise StoreRefused(
        f"store.url names a {parsed.get_backend_name()} database; Daybook keeps its store in SQLite or "
        f"PostgreSQL. {EXAMPLES}"
    )


def insert(table: Table) -> dialect.Insert:
    """An INSERT that can say what to do on conflict; SQLite took over PostgreSQL's words for it.

    SQLAlchemy's for PostgreSQL comes with all that a server may be reached by: 2 MiB for a store in a file.
    """
    return dialect.insert(table)


def put(table: Table) -> dialect.Insert:
    """An INSERT of whole rows, each in the place of the one that is there."""
    new = insert(table)
    said = {column.name: new.excluded[column.name] for column in table.c if not column.primary_key}
    return new.on_conflict_do_update(index_elements=table.primary_key, set_=said)
