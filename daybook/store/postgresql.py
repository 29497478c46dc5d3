"""A store on a PostgreSQL server: all that is PostgreSQL's own stands here and nowhere else.

Writers take one advisory lock before anything else, so that they go one at a time, from whatever machine, and
nobody's rows move under a step. Readers see one moment (REPEATABLE READ) and cannot write. A commit is on the
server's disk when it returns (synchronous_commit); where its answer is lost, nobody knows whether it was.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import datetime
from importlib.util import find_spec
from typing import Any, Self

from sqlalchemy import URL, Connection, Engine, Table, create_engine, event, func, inspect, select
from sqlalchemy.engine.interfaces import ExceptionContext
from sqlalchemy.exc import DatabaseError, InternalError, OperationalError
from sqlalchemy.pool import NullPool

from daybook.store import schema
from daybook.store.errors import StoreRefused, StoreUnavailable
from daybook.store.workers import named

OLDEST = 13
"""The oldest server that knows all we ask of it."""

BUSY_SECONDS = 30
"""How long a writer waits for another one to finish."""

STILL_SECONDS = 60
WRITER_STILL_SECONDS = 15
"""How long a step may stand still, and one for which all other writers wait: a machine that froze or vanished
in the middle lets go of them before they would miss it anyway."""

SCRUB_SECONDS = 5
"""How long cleaning a table waits for its readers, while new ones wait for it."""

CONNECT_SECONDS = 10

UNHEARD_SECONDS = 30
"""How long what we sent may stay without an acknowledgement, before a line is taken to be cut and another is
tried. Left to itself Linux waits for a quarter of an hour."""

WRITER = 0x6461796277
"""The advisory lock of whoever writes."""

EXAMPLE = "postgresql://daybook@db.example/daybook"
SEVERAL = (
    "Write it like postgresql://daybook@/daybook?host=db-1.example,db-2.example&port=5432,5432"
    "&target_session_attrs=read-write"
)

_UNHURRIED = "SET statement_timeout = 0"
"""An administrator's limit for everybody would end what takes long and must be done: cleaning a table."""

_SETTINGS = (
    "SET timezone = 'UTC'",
    _UNHURRIED,
    # an administrator who asked for more than the server's own disk keeps it
    "SELECT set_config('synchronous_commit', 'on', false)"
    " WHERE current_setting('synchronous_commit') IN ('off', 'local')",
)
_WRITES = "SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL READ COMMITTED, READ WRITE"
_READS = "SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"

_LINE: dict[str, Any] = {
    "connect_timeout": CONNECT_SECONDS,
    "tcp_user_timeout": UNHEARD_SECONDS * 1000,
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
}
"""When a connection is given up, as libpq has it."""

_SESSION = "SELECT pg_backend_pid()"

IDENTITY = """
    SELECT concat_ws('/', system_identifier, left(pg_walfile_name(pg_current_wal_lsn()), 8),
                     pg_database.oid, to_regclass('daybook')::oid)
    FROM pg_control_system(), pg_database WHERE datname = current_database()
"""
"""The cluster, its timeline, the database, its table: a copy has another one of them than its original.

Except one of the server's files put back in their place: of that the administrator has to tell.
"""

_MAY_MAKE = "SELECT has_database_privilege(current_database(), 'CREATE')"
"""A schema: the queue has one of its own."""

_RIGHTS = "42501"
_BUSY = "55P03"

_CLOSED = {
    "password authentication failed": "Look at the password in store.url",
    "no password supplied": "Give the password in store.url, by ${file:...}, or in the account's ~/.pgpass",
    "no pg_hba.conf entry": "Let it in by a line in the server's pg_hba.conf",
    "role .* does not exist": "Create the role with: createuser --pwprompt",
    "role .* is not permitted to log in": "Allow it with: ALTER ROLE ... LOGIN",
    "database .* does not exist": "Create it with: createdb --encoding UTF8 --owner",
    "permission denied for database": "Allow it with: GRANT CONNECT ON DATABASE",
    "root certificate file|certificate verify failed": (
        "Say in store.url whose signatures count, as in sslrootcert=/etc/ssl/certs/ca-certificates.crt"
    ),
    "Peer authentication failed": "Run as the account of that name, or connect to a host with a password",
}
"""What a server that answers may have against us, and what to do. One that does not speak English is quoted
without advice."""


class PostgreSQL:
    """The database a URL names."""

    path = None

    def __init__(self, url: URL) -> None:
        self._url = url.set(drivername="postgresql+psycopg")
        self.name = f"The database {url.database}{f' at {_host(url)}' if _host(url) else ''}"

    @classmethod
    def at(cls, url: URL) -> Self:
        if not url.database:
            raise StoreRefused(f"store.url names no database. Write it like {EXAMPLE}")
        if "@" in (url.host or ""):
            raise StoreRefused("The password in store.url has an @ in it. Write %40 for it.")
        listed = url.host is not None and "port" in url.query
        if listed or not all(isinstance(said, str) for said in url.query.values()):
            raise StoreRefused(f"store.url names several servers in two ways at once. {SEVERAL}")
        if "+" in url.drivername:
            raise StoreRefused(f"store.url names a driver; Daybook brings its own. Write it like {EXAMPLE}")
        if find_spec("psycopg") is None:
            raise StoreRefused(
                "store.url names a PostgreSQL database, and its driver is not installed. "
                "Install it with: pip install 'daybook-time[postgresql]'"
            )
        return cls(url)

    def beside(self, name: str) -> None:
        """Nothing: a machine that joins has no such file, and one that was away an old one."""

    def prepare(self) -> None:
        """Nothing: database and role are the administrator's to make."""

    def is_there(self) -> bool:
        return True

    def connect(self, *, writes: bool) -> Engine:
        engine = self._engine(
            pool_size=1 if writes else 5,
            max_overflow=0 if writes else -1,  # as many readers as the program has threads
            pool_pre_ping=True,  # a server that was restarted is met by a new connection
        )

        @event.listens_for(engine, "connect")
        def _settle(connection: Any, _record: Any) -> None:
            connection.autocommit = True
            for setting in (*_SETTINGS, *_patience(writes=writes), _WRITES if writes else _READS):
                connection.execute(setting)
            connection.autocommit = False

        @event.listens_for(engine, "begin")
        def _begin(connection: Connection) -> None:
            if writes:
                connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({WRITER})")

        return engine

    def tables(self, reader: Engine) -> set[str]:
        with reader.connect() as connection:
            if self._is_shuffled(connection):
                raise StoreRefused(
                    f"{self.name} is behind a pooler that gives each transaction another session (PgBouncer "
                    "with pool_mode = transaction). What Daybook sets and locks belongs to a session, and "
                    "would be another's. Nothing was changed. Set pool_mode = session for this database, or "
                    "name the server itself in store.url."
                )
            encoding = connection.exec_driver_sql("SHOW server_encoding").scalar_one()
            version = connection.exec_driver_sql("SHOW server_version").scalar_one()
            if encoding != "UTF8":
                raise StoreRefused(
                    f"{self.name} is encoded as {encoding}, which has no place for some letters. Nothing was "
                    "changed. Create it anew with: createdb --encoding UTF8 --template template0"
                )
            if int(re.split(r"\D", version, maxsplit=1)[0]) < OLDEST:
                raise StoreRefused(
                    f"{self.name} is on PostgreSQL {version}; Daybook needs {OLDEST} or later. "
                    "Nothing was changed. Upgrade the server, or name another one in store.url."
                )
            if not connection.exec_driver_sql(_MAY_MAKE).scalar_one():
                raise self._is_not_owner("no right to make a schema")
            return set(inspect(connection).get_table_names())

    def _is_shuffled(self, connection: Connection) -> bool:
        """Whether a session of ours serves somebody else as well while we are connected."""
        driver: Any = connection.connection.driver_connection
        ours = connection.exec_driver_sql(_SESSION).scalar_one()
        connection.rollback()
        if ours == driver.info.backend_pid:
            return False  # nobody stands in between
        with self._apart() as other:
            other.exec_driver_sql("BEGIN")
            theirs = other.exec_driver_sql(_SESSION).scalar_one()
            again = connection.exec_driver_sql(_SESSION).scalar_one()
            other.exec_driver_sql("ROLLBACK")
        return bool(ours == theirs or ours != again)

    def adopt(self, writer: Engine, *, new: bool) -> None:
        """Nothing stays with the database: every connection says how it is to be used."""

    def identity(self, connection: Connection) -> str | None:
        return str(connection.exec_driver_sql(IDENTITY).scalar_one())

    @property
    def address(self) -> str:
        """As libpq reads it: a URL of SQLAlchemy's has blanks and pluses, and there they are none."""
        from psycopg.conninfo import make_conninfo

        _, said = self._url.get_dialect()().create_connect_args(self._url)
        return make_conninfo(**said, **_LINE)

    def hold(self) -> AbstractContextManager[None]:
        """Nothing to hold: the server lets in as many as come, and workers.py says which of them live."""
        return nullcontext()

    def now(self, connection: Connection) -> datetime:
        at: datetime = connection.exec_driver_sql("SELECT clock_timestamp()").scalar_one()
        return at

    def goes_on(self, connection: Connection, table: Table) -> None:
        if (column := table.autoincrement_column) is not None:
            numbers = func.pg_get_serial_sequence(table.name, column.name)
            last = func.coalesce(func.max(column), 1)
            connection.execute(select(func.setval(numbers, last, func.count() > 0)).select_from(table))

    def scrub(self, writer: Engine) -> bool:
        """Only the tables themselves: what the server logged and backed up grows old by its own rules."""
        left = 0

        def count(said: Any) -> None:
            nonlocal left
            # of each table: "N dead row versions cannot be removed yet", in whatever language
            if found := re.match(r"\d+", said.message_detail or ""):
                left += int(found[0])

        try:
            with self._apart() as connection:
                driver: Any = connection.connection.driver_connection
                driver.add_notice_handler(count)
                connection.exec_driver_sql(_UNHURRIED)
                connection.exec_driver_sql(f"SET lock_timeout = {int(SCRUB_SECONDS * 1000)}")
                connection.exec_driver_sql(f"VACUUM (FULL, VERBOSE) {', '.join(schema.metadata.tables)}")
        except DatabaseError as error:
            if _state(error) != _BUSY:
                raise
            return False
        return not left

    def closed(self, error: DatabaseError) -> StoreRefused | StoreUnavailable:
        said = _said(error)
        if _state(error) == _RIGHTS:
            return self._is_not_owner(said)
        if advice := _advice(said):
            return StoreRefused(f"{self.name} is closed to us ({said}). Nothing was changed. {advice}.")
        return StoreUnavailable(
            f"{self.name} cannot be opened just now ({said}). Nothing was changed. "
            "Look at the server, and at the place store.url names."
        )

    def _is_not_owner(self, said: str) -> StoreRefused:
        return StoreRefused(
            f"{self.name} does not let us keep a store there ({said}). Nothing was changed. "
            f"Make the role its owner: ALTER DATABASE {self._url.database} OWNER TO {self._url.username}"
        )

    def failed(self, error: DatabaseError) -> str | None:
        theirs = isinstance(error, OperationalError | InternalError) or _state(error) == _RIGHTS
        return _said(error) if theirs else None

    def advice(self, error: DatabaseError) -> str:
        known = _advice(_said(error)) or "Look at the server"
        return f"{known}; store.url is read at the start" if "store.url" in known else known

    @contextmanager
    def _apart(self) -> Iterator[Connection]:
        """A connection for what belongs to no step."""
        engine = self._engine(poolclass=NullPool, isolation_level="AUTOCOMMIT")
        try:
            with engine.connect() as connection:
                yield connection
        finally:
            engine.dispose()

    def _engine(self, **options: Any) -> Engine:
        engine = create_engine(
            self._url,
            hide_parameters=True,  # an error message must not carry what it failed to write
            use_native_hstore=False,
            execution_options={"preserve_rowcount": True},  # of an INSERT it would be forgotten
            connect_args={
                "application_name": f"daybook, {named()}",
                "client_encoding": "UTF8",
                **_LINE,
            },
            **options,
        )
        event.listen(engine, "handle_error", _without_values)
        return engine


def _patience(*, writes: bool) -> tuple[str, ...]:
    still = WRITER_STILL_SECONDS if writes else STILL_SECONDS
    return (
        f"SET lock_timeout = {int(BUSY_SECONDS * 1000)}",
        f"SET idle_in_transaction_session_timeout = {int(still * 1000)}",
        # who froze in the middle of an answer takes no more of it, and the line seems whole
        f"SET tcp_user_timeout = {int(still * 1000)}",
    )


def _without_values(context: ExceptionContext) -> None:
    """Keep what an error is, and leave out its DETAIL: that quotes the row."""
    original, wrapped = context.original_exception, context.sqlalchemy_exception
    if wrapped is not None:
        original.args = (_said(wrapped),)
        wrapped.args = (f"({type(original).__name__}) {original}",)


def _said(error: Any) -> str:
    """The server's own words, in one line."""
    said = error.orig
    first = getattr(getattr(said, "diag", None), "message_primary", None)
    return first or " ".join(str(said).rpartition("FATAL: ")[2].split())


def _advice(said: str) -> str | None:
    """For a server that closed itself to us."""
    return next((advice for words, advice in _CLOSED.items() if re.search(words, said)), None)


def _state(error: DatabaseError) -> str | None:
    return getattr(error.orig, "sqlstate", None)


def _host(url: URL) -> str:
    host = url.query.get("host", "")
    return url.host or (host if isinstance(host, str) else ", ".join(host))
