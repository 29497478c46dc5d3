"""A PostgreSQL of our own for tests: nobody else's databases, and nothing of it is left when they end.

    def test_...(postgresql: str): Store.open(postgresql, KEY)     the URL of a fresh, empty database
    def test_...(cluster: Cluster): cluster.stop()                 the server itself

The role that owns the databases is an ordinary one: what Daybook may not do on a real server fails here too.
"""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from tests.ports import free_port

OWNER = "daybook"
PASSWORD = "for-tests-only"

ACCOUNT = "postgres"
"""Debian's account for it: PostgreSQL refuses to run as root."""

SECONDS = 60
"""The longest a server may take to start or to stop."""

_RULES = """
local all         all              trust
host  all         all 127.0.0.1/32 scram-sha-256
local replication all              trust
"""

_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "max_connections": "200",
    "max_prepared_transactions": "5",
    "log_min_messages": "warning",
    "autovacuum": "off",
}

_UNSURE = {"fsync": "off", "full_page_writes": "off"}
"""Twice as fast, and fine where the machine itself does not die."""


class Cluster:
    """One server with its databases.

    Takes    folder: empty, or with the copy of another cluster in `data`
             sure: keeps what it acknowledged through whatever happens, and is slower
    """

    def __init__(self, programs: Path, folder: Path, *, sure: bool = False) -> None:
        self.folder = folder
        self.files = folder / "data"
        self.port = free_port()
        self._programs = programs
        self._settings = _SETTINGS | ({} if sure else _UNSURE)
        self._server: subprocess.Popen[bytes] | None = None
        self._numbers = count(1)
        if not self.files.exists():
            self.run("initdb", "-D", self.files, "-N", "-E", "UTF8", "--locale", "C.UTF-8", "-U", "admin")
            (self.files / "pg_hba.conf").write_text(_RULES)
            self.start()
            role = sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}")
            self.as_admin(role.format(sql.Identifier(OWNER), sql.Literal(PASSWORD)))

    def start(self) -> None:
        """On the port it always has; returns once it answers."""
        where = {"unix_socket_directories": str(self.folder), "port": str(self.port)}
        words = (f"--{name}={value}" for name, value in (self._settings | where).items())
        mortal = self._command("postgres", "-D", self.files, *words, mortal=True)
        with (self.folder / "log").open("ab") as log:
            self._server = subprocess.Popen(mortal, stdout=log, stderr=log, cwd=self.folder)
        until = time.monotonic() + SECONDS
        while not self._answers():
            if self._server.poll() is not None or time.monotonic() > until:
                raise RuntimeError(f"PostgreSQL did not start:\n{(self.folder / 'log').read_text()}")
            time.sleep(0.02)

    def stop(self, mode: str = "fast") -> None:
        """Takes    mode: as pg_ctl has them; "immediate" is a crash"""
        if self._server is not None:
            self.run("pg_ctl", "stop", "-D", self.files, "-m", mode, "-t", str(SECONDS))
            self._server.wait(SECONDS)
            self._server = None

    def run(self, program: str, *words: str | Path) -> None:
        """One of PostgreSQL's own programs, to its end."""
        done = subprocess.run(self._command(program, *words), capture_output=True, text=True, cwd=self.folder)
        if done.returncode:
            raise RuntimeError(f"{program}: {done.stderr}{done.stdout}")

    @contextmanager
    def standby(self) -> Iterator[Cluster]:
        """Another server that follows this one; `promote` makes it one of its own."""
        with _folder() as folder:
            place = ("-h", self.folder, "-p", str(self.port), "-U", "admin")
            self.run("pg_basebackup", *place, "-D", folder / "data", "-R", "-c", "fast", "--no-sync")
            other = Cluster(self._programs, folder)
            other.start()
            try:
                yield other
            finally:
                other.stop("immediate")

    def promote(self) -> None:
        self.run("pg_ctl", "promote", "-D", self.files, "-w", "-t", str(SECONDS))

    def as_admin(self, *statements: sql.Composable | str, database: str = "postgres") -> None:
        """Run each as the superuser, outside a transaction."""
        with psycopg.connect(self._place(database, "admin"), autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement)  # type: ignore[arg-type]

    def until(self, holds: str) -> None:
        """Wait until this is true there."""
        deadline = time.monotonic() + SECONDS
        with psycopg.connect(self._place("postgres", "admin"), autocommit=True) as connection:
            while connection.execute(f"SELECT {holds}".encode()).fetchone() != (True,):
                assert time.monotonic() < deadline, holds
                time.sleep(0.01)

    def fresh(self, template: str = "template0") -> str:
        """The URL of a new database that `daybook` owns: empty, or a copy of `template`."""
        name = f"daybook_{next(self._numbers)}"
        new = sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE {}")
        self.as_admin(new.format(*map(sql.Identifier, (name, OWNER, template))))
        return self.url(name)

    def drop(self, url: str) -> None:
        """Whoever is still connected is cut off."""
        name = sql.Identifier(database_of(url))
        self.as_admin(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name))

    def url(self, database: str, port: int | None = None, password: str = PASSWORD) -> str:
        """As an administrator writes it. Takes    port: another one, of a proxy before it"""
        return f"postgresql://{OWNER}:{password}@127.0.0.1:{port or self.port}/{database}"

    def _place(self, database: str, user: str) -> str:
        return f"host={self.folder} port={self.port} dbname={database} user={user} connect_timeout=5"

    def _answers(self) -> bool:
        try:
            psycopg.connect(self._place("postgres", "admin")).close()
        except psycopg.OperationalError:
            return False
        return True

    def _command(self, program: str, *words: str | Path, mortal: bool = False) -> list[str]:
        """Takes    mortal: dies with this process, so that a killed test run leaves no server behind"""
        command = [str(self._programs / program), *map(str, words)]
        how = ["--pdeathsig=QUIT"] if mortal else []
        if os.geteuid() == 0:
            account = pwd.getpwnam(ACCOUNT)
            how += [f"--reuid={account.pw_uid}", f"--regid={account.pw_gid}", "--clear-groups"]
        return ["setpriv", *how, *command] if how else command


class Pair:
    """A server and the standby that takes its place, behind one URL."""

    def __init__(self, primary: Cluster, standby: Cluster) -> None:
        self._primary, self._standby = primary, standby

    def fresh(self) -> str:
        """The URL of a new database, on whichever of them is the server, as an administrator writes it."""
        return (
            f"postgresql://{OWNER}:{PASSWORD}@/{database_of(self._primary.fresh())}?host=127.0.0.1,127.0.0.1"
            f"&port={self._primary.port},{self._standby.port}&target_session_attrs=read-write"
        )

    def waits_for_standby(self) -> None:
        """From now on what is acknowledged is on both."""
        self._primary.as_admin("ALTER SYSTEM SET synchronous_standby_names = '*'", "SELECT pg_reload_conf()")
        self._primary.until("EXISTS (SELECT FROM pg_stat_replication WHERE sync_state = 'sync')")

    def is_cut_off(self) -> None:
        """The standby has all there is, and gets nothing any more; nobody waits for it."""
        self._primary.until("(SELECT flush_lsn = pg_current_wal_lsn() FROM pg_stat_replication)")
        self._standby.as_admin("ALTER SYSTEM SET primary_conninfo = ''", "SELECT pg_reload_conf()")
        self._primary.until("NOT EXISTS (SELECT FROM pg_stat_replication)")

    def crashes(self) -> None:
        self._primary.stop("immediate")

    def takes_over(self) -> None:
        self._standby.promote()


class Cut:
    """Stands before a server, and cuts the line of a writer at a COMMIT when it is told to."""

    def __init__(self, port: int) -> None:
        self._behind = port
        self._lose: int | None = None
        self._arrives = True
        self._door = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._door.getsockname()[1])
        self._open: list[socket.socket] = []
        threading.Thread(target=self._serve, daemon=True).start()

    def lose(self, after: int = 0, *, arrives: bool) -> None:
        """Takes    after: so many go well; arrives: whether the server hears of the one that is lost"""
        self._lose, self._arrives = after, arrives

    @property
    def has_lost(self) -> bool:
        return self._lose is None

    def close(self) -> None:
        self._door.close()
        for one in self._open:
            one.close()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._door.accept()
                server = socket.create_connection(("127.0.0.1", self._behind))
                self._open += [client, server]
                lost = threading.Event()
                for way in ((client, server, lost), (server, client, lost)):
                    threading.Thread(target=self._pass, args=way, daemon=True).start()

    def _pass(self, here: socket.socket, there: socket.socket, lost: threading.Event) -> None:
        writes = False
        with suppress(OSError):
            while (said := here.recv(1 << 16)) and not lost.is_set():
                writes |= b"pg_advisory_xact_lock" in said
                if writes and b"COMMIT\0" in said and self._loses():
                    lost.set()
                    if not self._arrives:
                        break
                there.sendall(said)
        for one in (here, there):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    def _loses(self) -> bool:
        if self._lose is None:
            return False
        self._lose = self._lose - 1 if self._lose else None
        return self._lose is None


def database_of(url: str) -> str:
    return url.rpartition("/")[2]


def programs() -> Path | None:
    """Where PostgreSQL's own programs are; Debian keeps them off the PATH."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    on_path = shutil.which("initdb")
    return found[-1].parent if found else Path(on_path).parent if on_path else None


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """One for all tests of this process. A test that stops it starts it again."""
    yield from running()


@pytest.fixture
def postgresql(cluster: Cluster) -> Iterator[str]:
    """The URL of a database of its own, empty."""
    url = cluster.fresh()
    yield url
    cluster.drop(url)


@pytest.fixture
def pair() -> Iterator[Pair]:
    with contextmanager(running)() as primary, primary.standby() as standby:
        yield Pair(primary, standby)


def running(*, sure: bool = False) -> Iterator[Cluster]:
    """A server as long as somebody uses it."""
    there = programs()
    if there is None:
        pytest.skip("needs PostgreSQL; on Debian: apt-get install postgresql")
    with _folder() as folder:
        started = Cluster(there, folder, sure=sure)
        try:
            yield started
        finally:
            started.stop("immediate")


@contextmanager
def _folder() -> Iterator[Path]:
    """The server's own; not one of pytest's, which only we may enter."""
    folder = Path(tempfile.mkdtemp(prefix="daybook-pg-"))
    if os.geteuid() == 0:
        shutil.chown(folder, ACCOUNT, ACCOUNT)
    try:
        yield folder
    finally:
        shutil.rmtree(folder)
