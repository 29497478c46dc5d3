"""The store: one database, opened once, read and written in units that happen wholly or not at all.

    store = Store.open("sqlite:////var/lib/daybook/daybook.db", master_key)
    with store.reading() as tx:
        ada = tx.people.by_email("ada@northwind.example")
    with store.writing() as tx:
        tx.people.acknowledge(ada.id, policy.version, now)

A unit that ends with an exception leaves nothing behind. Do nothing slow inside `writing()`:
all other writers wait.
"""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext, suppress
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Self

from pydantic import SecretStr
from sqlalchemy import Connection, Engine, insert, select, update
from sqlalchemy.exc import DatabaseError

from daybook.clocks import utc_now
from daybook.store import engine, migrate, retention, room, schema
from daybook.store.beats import beating, let_them_beat, seems_dead
from daybook.store.engine import Database
from daybook.store.errors import StoreMoved, StoreRefused, StoreUnavailable
from daybook.store.hold import is_held, taken
from daybook.store.retention import Forgotten
from daybook.store.seal import ROOT, Keyring, Masters
from daybook.store.sends import Sends
from daybook.store.unit import Unit
from daybook.store.wall import Wall
from daybook.store.withdrawals import Withdrawals
from daybook.store.workers import TAKEN_OVER, Worker

KEYS_AT_A_TIME = 500

TURN_SECONDS = 60
"""How long a writer waits for the others of this process. Each of them may wait half a minute for a database
that is locked, and the runner behind them all must still say in time that it lives."""

_writers: defaultdict[Path | str, threading.Lock] = defaultdict(threading.Lock)
"""One lock a database: it has one writer, and waiting here is fairer than asking again there."""


class Store:
    """What Daybook remembers."""

    def __init__(self, database: Database, reader: Engine, writer: Engine, keyring: Keyring) -> None:
        self.database = database
        self.path = database.path
        self.sends = Sends(database.beside("sends"))
        self.withdrawals = Withdrawals(database.beside("withdrawn"))
        with reader.begin() as connection:
            self.identity = database.identity(connection)
        self._reader = reader
        self._writer = writer
        self._keyring = keyring
        self._turn = _writers[self.path.resolve() if self.path else database.name]
        self._busy = threading.local()
        self._worker: int | None = None

    @classmethod
    def open(cls, url: str, master_keys: SecretStr | Sequence[SecretStr]) -> Self:
        """Open the store at `url`, made or brought up to date where needed.

        Takes    master_keys: 32 bytes in base64 each; the first seals, all open
        Raises   StoreRefused for a database that is not ours, is newer or closed, or has another key;
                 StoreUnavailable for a server that does not answer
        """
        masters = Masters(master_keys)
        database = engine.database(url)
        database.prepare()
        reader, writer = database.connect(writes=False), database.connect(writes=True)
        try:
            with _opening(database):
                _settle(database, reader, writer, masters)
                with reader.begin() as connection:
                    keyring = _keyring(database, connection, masters)
                return cls(database, reader, writer, keyring)
        except BaseException:
            reader.dispose()
            writer.dispose()
            raise

    @classmethod
    def look(cls, url: str, master_keys: SecretStr | Sequence[SecretStr]) -> tuple[str, str | None]:
        """What the database is called, and which store is in it already, if any; nothing is made or changed.

        Raises   StoreRefused, StoreUnavailable where `open` would
        """
        masters = Masters(master_keys)
        database = engine.database(url)
        if not database.is_there():
            return database.name, None
        reader = database.connect(writes=False)
        try:
            with _opening(database):
                if not _is_ours(database, reader):
                    return database.name, None
                with reader.begin() as connection:
                    migrate.fits(connection)
                    return database.name, _keyring(database, connection, masters).store_id
        finally:
            reader.dispose()

    @contextmanager
    def reading(self) -> Iterator[Unit]:
        """A look at the store as it is at one moment; cannot write."""
        with _in_words(self.database), self._reader.begin() as connection:
            yield Unit(connection, self._keyring)

    @contextmanager
    def writing(self) -> Iterator[Unit]:
        """A change that is on the disk when the block ends, or never was.

        Raises   StoreUnavailable where the disk or another process did not let us;
                 StoreRefused where `may_write` does
        """
        with self._alone(), _in_words(self.database), self._writer.begin() as connection:
            tx = Unit(connection, self._keyring, self._worker)
            self.may_write(tx)
            yield tx
            if tx.taken_back:
                known, worked = tx.withdrawals(), tx.last_worked()
                tx.knows_withdrawals(self.withdrawals.keep(tx.taken_back, known, worked))
            with _in_words(self.database, at_the_end=True):
                connection.commit()

    def may_write(self, tx: Unit) -> None:
        """Raises StoreRefused once another daemon took over the store, or another server its place."""
        if self.database.identity(tx.connection) != self.identity:
            raise StoreRefused(
                f"{self.database.name} is another one than before: a standby took over, or a copy was "
                "put in its place. This Daybook writes nothing more. Start it again: it compares what "
                "was sent before it sends anything."
            )
        if self._worker is not None and not tx.workers.lives(self._worker):
            raise StoreRefused(TAKEN_OVER)

    @contextmanager
    def hold(self, *, dispatches: bool = False, alone: bool = False) -> Iterator[None]:
        """Run on this store: as the only one in a file, as one of several on a server.

        What somebody was at who runs no longer is free again.

        Takes    dispatches: may hand out work to the others
                 alone: not beside others, even on a server, and none may come meanwhile
        Raises   StoreRefused where another runs that we may not run beside; StoreUnavailable where it became
                 another store since it was opened
        """
        with self.database.hold():
            self.close()  # and open again: a restore that was at work until now has put another file there
            silent = let_them_beat(self, alone=alone) if self.is_shared else []
            with self.writing() as tx:
                self._is_as_opened(tx)
                self._make_room(tx, silent, alone=alone)
                now = self.database.now(tx.connection)
                worker = tx.workers.join(now, dispatches=dispatches, alone=alone)
            self._worker = worker
            try:
                with beating(self, worker, self.wall) if isinstance(self.wall, Wall) else nullcontext():
                    yield
            finally:
                self._leave(worker)
                self._worker = None  # not before: a thread that is left over must not write unasked

    @property
    def worker(self) -> int | None:
        """Which one we are of those who run on this store; None for who only looks."""
        return self._worker

    @property
    def is_shared(self) -> bool:
        """Whether several processes may run on it at once."""
        return self.database.address is not None

    @cached_property
    def wall(self) -> Callable[[], datetime]:
        """What all who run on this store take for the time."""
        return Wall(self._asked_the_time) if self.is_shared else utc_now

    def _asked_the_time(self) -> datetime:
        with _in_words(self.database), self._reader.begin() as connection:
            return self.database.now(connection)

    def _is_as_opened(self, tx: Unit) -> None:
        """Meanwhile another Daybook may have moved or restored a store into it, or upgraded it.

        Raises   StoreUnavailable, StoreRefused
        """
        if not migrate.fits(tx.connection):
            raise StoreUnavailable(
                f"{self.database.name} was replaced by an older one since this Daybook opened it: one was "
                "put back meanwhile. Nothing was done. Start it again: that brings it up to date."
            )
        there = _keyring(self.database, tx.connection, self._keyring.masters)
        if there.store_id != self._keyring.store_id:
            raise StoreUnavailable(
                f"{self.database.name} holds another store than when this Daybook opened it: one was taken "
                "there meanwhile. Nothing was done. Start it again."
            )

    def _make_room(self, tx: Unit, silent: Collection[Worker], *, alone: bool) -> None:
        if not self.is_shared:
            tx.workers.end_all()  # the file is ours, so whoever had it is gone
            return
        tx.workers.give_up([one.id for one in tx.workers.all() if one in silent])
        if others := tx.workers.in_the_way(alone=alone):
            raise taken(", ".join(one.name for one in others))

    def _leave(self, worker: int) -> None:
        if self.is_shared:  # who takes over a file frees what we were at
            with suppress(StoreRefused, StoreUnavailable), self.writing() as tx:
                tx.workers.end(worker)

    def forget(self, keep_days: Mapping[str, int], now: datetime) -> Forgotten:
        """Remove what is past its retention from the store and from its files (P12).

        Takes    keep_days: retention class -> days; a class that is not named is kept
        """
        with self.writing() as tx:
            forgotten = retention.forget(tx.connection, tx.vault, keep_days, now)
            done = {"forgotten_at": now, "forgotten_as": retention.named(keep_days)}
            tx.connection.execute(update(schema.daybook).values(done))
        return forgotten._replace(clean=self.scrub())

    def scrub(self) -> bool:
        """Take every deleted byte out of the files. False where some stay for now."""
        if self.path and not room.takes_copies(self.path):
            return False  # overwritten where it stood; it is the copying that has to wait
        return self._scrub()

    def _scrub(self) -> bool:
        # on a server beside the writers: it takes long, and we must go on giving signs of life
        with nullcontext() if self.is_shared else self._alone(), _in_words(self.database):
            return self.database.scrub(self._writer)

    def shortage(self) -> str:
        """Why nothing new may be begun: the disk is nearly full, or takes nothing; empty while all is well.

        Of a server's disk it knows nothing.
        """
        return room.shortage(self.path.parent) if self.path else ""

    def prove(self) -> None:
        """Write something that changes nothing, to see whether the disk lets us.

        Raises   StoreUnavailable where it does not
        """
        with self.writing() as tx:
            for step in (1, -1):  # SQLite does not write what is the same already
                tx.connection.execute(update(schema.daybook).values(sends=schema.daybook.c.sends + step))

    @property
    def masters(self) -> tuple[str, ...]:
        """The ids of the master keys we were given, the one that seals first."""
        return self._keyring.masters.ids

    def renew_keys(self) -> Iterator[int]:
        """Seal every key with the first master key, some at a time; gives how many are still to do.

        Broken off anywhere, all of them open with the list as it is, and the next run goes on from there.
        After the last, the former master keys open nothing here, not even bytes left in the file.
        """
        left = 1
        while left:
            with self.writing() as tx:
                left = tx.vault.rewrap(KEYS_AT_A_TIME)
                if not left:
                    tx.vault.rewrap_root()
            yield left
        self._scrub()

    def close(self) -> None:
        self._reader.dispose()
        self._writer.dispose()

    @contextmanager
    def _alone(self) -> Iterator[None]:
        if getattr(self._busy, "writing", False):
            raise RuntimeError("a writing unit was opened inside another, and would wait for itself")
        if not self._turn.acquire(timeout=TURN_SECONDS):
            raise StoreUnavailable(
                f"Others of this process wrote into {self.database.name} for a minute, and this step had no "
                "turn. Nothing of it was saved; what was saved before stands. Look what has the database "
                "locked, or whether cleaning it takes so long; the next round tries again."
            )
        self._busy.writing = True
        try:
            yield
        finally:
            self._busy.writing = False
            self._turn.release()


@contextmanager
def _opening(database: Database) -> Iterator[None]:
    try:
        yield
    except DatabaseError as error:
        if database.failed(error) is None:
            raise
        raise database.closed(error) from None


@contextmanager
def _in_words(database: Database, *, at_the_end: bool = False) -> Iterator[None]:
    try:
        yield
    except DatabaseError as error:
        if (said := database.failed(error)) is None:
            raise  # a mistake of ours, such as a row that is there already
        if at_the_end and error.connection_invalidated:
            raise StoreUnavailable(
                f"The answer of the database was lost ({said}) when a step was to be saved. It was saved as "
                "a whole or not at all: look which. The next round goes on from what is there."
            ) from error
        raise StoreUnavailable(
            f"The database did not do its part ({said}). Nothing of this step was saved; "
            f"what was saved before stands. {database.advice(error)}; the next round tries again."
        ) from error


def _settle(database: Database, reader: Engine, writer: Engine, masters: Masters) -> None:
    """Bring an empty or older database of ours to the present schema; touch no other."""
    if _is_ours(database, reader):
        with reader.begin() as connection:
            fits = migrate.fits(connection)
        database.adopt(writer, new=not fits)
        if not fits:
            with writer.begin() as connection:
                migrate.upgrade(connection, _running(database, connection))
        return
    database.adopt(writer, new=True)
    with writer.begin() as connection:
        row = {"id": 1, "works_with": migrate.make(connection)}
        if connection.execute(select(schema.daybook.c.id)).scalar() is None:
            root, first = Keyring.new_root(), masters.first
            row |= {"master": first.id, "root": first.wrap(root, ROOT), "generation": 0, "sends": 0}
            row |= {"identity": database.identity(connection), "put_back": False, "withdrawals": 0}
            connection.execute(insert(schema.daybook).values(row))


def _running(database: Database, connection: Connection) -> dict[str, str]:
    """Who works on it, with the schema each knows; who died without a word does not."""
    w, now = schema.workers.c, database.now(connection)
    rows = connection.execute(select(w.name, w.revision, w.seen_at)).all()
    if (lock := database.beside("lock")) is not None:  # in a file nobody beats: its lock says who lives
        return {row.name: row.revision for row in rows if is_held(lock)}
    return {row.name: row.revision for row in rows if not seems_dead(row.seen_at, now)}


def _is_ours(database: Database, reader: Engine) -> bool:
    """False for an empty database; refuses one that somebody else filled."""
    found = database.tables(reader)
    if found and not {"daybook", "alembic_version"} <= found:
        raise StoreRefused(
            f"{database.name} is a database of another program. It was left as it is. "
            "Name another one in store.url."
        )
    return bool(found)


def _keyring(database: Database, connection: Connection, masters: Masters) -> Keyring:
    """Refuses where a key is sealed with none of these: content would be found missing much later.

    Raises   StoreMoved, StoreRefused
    """
    row = connection.execute(select(schema.daybook)).one()
    if row.moved_to:
        raise StoreMoved(database.name, row.moved_to)
    used = {row.master, *connection.execute(select(schema.keys.c.master).distinct()).scalars()}
    if unknown := sorted(used - set(masters.ids)):
        raise StoreRefused(
            f"The master key (id {', '.join(masters.ids)}) is not the one this store was sealed with "
            f"(id {', '.join(unknown)}). No content was changed. Give Daybook the key it was set up with, "
            "beside a newer one until `daybook keys --renew` is through; without it the content is lost."
        )
    return Keyring(masters, masters.unwrap(row.master, row.root, ROOT))
