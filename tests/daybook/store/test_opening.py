"""A store is ours, ours alone, and up to date; or it is refused in words and left as it was."""

from __future__ import annotations

import base64
import sqlite3
import stat
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory
from pydantic import SecretStr
from sqlalchemy.exc import StatementError

from daybook.store import Store, StoreRefused, StoreUnavailable, carry, migrate, schema
from daybook.store.people import Contributor
from tests.accounts import bound_by_rights
from tests.daybook.store.conftest import KEY, NOW, only


def test_the_migrations_end_at_the_tables_the_program_uses(store: Store) -> None:
    with store.reading() as tx:
        assert migrate.differences(tx.connection) == []
        assert migrate.current(tx.connection) == schema.REVISION
    assert ScriptDirectory(str(migrate.SCRIPTS)).get_heads() == [schema.REVISION]


def test_a_store_opened_again_still_knows_ada(store: Store, url: str, ada: Contributor) -> None:
    store.close()
    again = Store.open(url, KEY)
    with again.reading() as tx:
        assert tx.people.by_email("Ada@Northwind.example ").id == ada.id  # type: ignore[union-attr]
    again.close()


@only("sqlite")
def test_R09_whoever_opened_the_file_that_a_restore_replaced_reads_the_one_that_is_there(
    store: Store, url: str, ada: Contributor, tmp_path: Path
) -> None:
    """Between its opening and its hold; it read what was, and wrote into what is."""
    newer = Store.open(f"sqlite:///{tmp_path}/newer.db", KEY)
    carry.carry(store, newer, lambda done, of: None)
    with newer.writing() as tx:
        ben = tx.people.enrol("ben@northwind.example", NOW)
    newer.close()
    store.close()
    daemon = Store.open(url, KEY)
    newer.path.replace(daemon.path)
    with daemon.hold(), daemon.reading() as tx:
        assert {one.id for one in tx.people.all()} == {ada.id, ben.id}
    daemon.close()


def test_who_opened_a_store_that_an_older_one_replaced_begins_nothing_on_it(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its next start brings that one up to date; until then it lacks tables and columns."""
    monkeypatch.setattr(schema, "REVISION", "0002")
    with pytest.raises(StoreUnavailable, match=r"older .* Start it again"), store.hold():
        pass
    with store.reading() as tx:
        assert tx.workers.all() == []


@only("sqlite")
def test_S15_only_we_can_read_its_files(store: Store, ada: Contributor) -> None:
    with store.hold():
        modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in store.path.parent.iterdir()}
    assert modes == {f"daybook.db{end}": 0o600 for end in ("", "-wal", "-shm", ".lock")}


@only("sqlite")
def test_every_connection_keeps_commits_on_disk_and_overwrites_what_is_deleted(store: Store) -> None:
    wanted = {
        "journal_mode": "wal",
        "synchronous": 2,
        "secure_delete": 1,
        "foreign_keys": 1,
        "busy_timeout": 30_000,
    }
    for unit in (store.reading, store.writing):
        with unit() as tx:
            assert {
                name: tx.connection.exec_driver_sql(f"PRAGMA {name}").scalar_one() for name in wanted
            } == wanted


@only("sqlite")
def test_a_store_left_open_to_others_is_closed_to_them(store: Store, url: str) -> None:
    store.close()
    store.path.chmod(0o644)
    Store.open(url, KEY).close()
    assert stat.S_IMODE(store.path.stat().st_mode) == 0o600


@pytest.fixture
def reachable() -> Iterator[Path]:
    """A folder that every account may enter, unlike pytest's own."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


@pytest.mark.parametrize("look", [Store.open, Store.look])
@pytest.mark.parametrize("closed", ["the folder", "the database", "its journal"])
def test_P14_a_store_of_another_account_is_refused_with_who_may(
    reachable: Path, closed: str, look: Callable[..., object]
) -> None:
    """An administrator who forgot sudo has no fault of Daybook's before them, and none of the disk."""
    path = reachable / "state" / "daybook.db"
    path.parent.mkdir()
    Store.open(f"sqlite:///{path}", KEY).close()
    path.parent.chmod(0o777)
    path.chmod(0o666)
    shut = {"the folder": path.parent, "the database": path, "its journal": Path(f"{path}-wal")}[closed]
    if closed == "its journal":
        shut.touch()
    shut.chmod(0)
    with (
        bound_by_rights(),
        pytest.raises(StoreRefused, match=f"{shut}.* Nothing was done. Give commands as root"),
    ):
        look(f"sqlite:///{path}", KEY)
    shut.chmod(0o755)


@pytest.mark.parametrize("table", ["recipes", "alembic_version"])
def test_P14_a_database_of_another_program_is_left_as_it_is(tmp_path: Path, table: str) -> None:
    path = tmp_path / "other.db"
    other = sqlite3.connect(path)
    other.execute(f"CREATE TABLE {table} (name TEXT)")
    other.close()
    path.chmod(0o644)
    before = path.read_bytes()
    with pytest.raises(StoreRefused, match="another program"):
        Store.open(f"sqlite:///{path}", KEY)
    assert path.read_bytes() == before
    assert stat.S_IMODE(path.stat().st_mode) == 0o644


def test_P14_a_file_that_is_no_database_is_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("not a database, but a long enough text to be mistaken for one " * 20)
    before = path.read_bytes()
    with pytest.raises(StoreRefused, match="cannot be read as a database"):
        Store.open(f"sqlite:///{path}", KEY)
    assert path.read_bytes() == before


def test_P14_a_newer_database_is_refused_and_stays_newer(store: Store, url: str) -> None:
    with store.writing() as tx:
        tx.connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
        tx.connection.exec_driver_sql("UPDATE daybook SET works_with = '9998'")
    store.close()
    with pytest.raises(StoreRefused, match="newer Daybook"):
        Store.open(url, KEY)
    with store.reading() as tx:
        assert migrate.current(tx.connection) == "9999"


def test_P14_another_master_key_is_refused(store: Store, url: str) -> None:
    store.close()
    other = SecretStr(base64.b64encode(bytes(32)).decode())
    with pytest.raises(StoreRefused, match="not the one this store was sealed with"):
        Store.open(url, other)


@pytest.mark.parametrize("text", ["", "not base64!", base64.b64encode(bytes(16)).decode()])
def test_P14_half_a_master_key_makes_no_store(url: str, tmp_path: Path, text: str) -> None:
    with pytest.raises(StoreRefused, match="32 bytes"):
        Store.open(url, SecretStr(text))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("sqlite:////no/such/folder/daybook.db", "does not exist"),
        ("sqlite://", "names no file"),
        ("mysql://localhost/daybook", "keeps its store in SQLite or PostgreSQL"),
        ("daybook.db", "not a database URL"),
        ("sqlite:////proc/daybook.db", "cannot be written"),
        ("sqlite:////tmp", "is not a file"),
    ],
)
def test_P14_a_place_where_no_store_can_be_is_named(url: str, words: str) -> None:
    with pytest.raises(StoreRefused, match=words):
        Store.open(url, KEY)


def test_a_time_without_a_zone_is_not_kept(store: Store) -> None:
    with pytest.raises(StatementError, match="names no zone"), store.writing() as tx:
        tx.partitions.claim("jira", "site", "run", NOW.replace(tzinfo=None), NOW - NOW)


def test_a_reader_cannot_write(store: Store, ada: Contributor) -> None:
    with pytest.raises(StoreUnavailable, match=r"read-?only"), store.reading() as tx:
        tx.people.digest(ada.id, on=False)


def test_a_unit_that_fails_leaves_nothing(store: Store) -> None:
    with pytest.raises(KeyError), store.writing() as tx:
        tx.people.enrol("mara@northwind.example", NOW)
        raise KeyError
    with store.reading() as tx:
        assert tx.people.all() == []


def test_a_unit_inside_a_unit_is_a_mistake_not_a_deadlock(store: Store) -> None:
    with store.writing(), pytest.raises(RuntimeError), store.writing():
        pass


_HOLD = """
import sys
from pydantic import SecretStr
from daybook.store import Store
with Store.open(sys.argv[1], SecretStr(sys.argv[2])).hold():
    print("holding", flush=True)
    sys.stdin.read()
"""


@only("sqlite")
def test_R11_a_second_daemon_is_told_who_runs_and_gets_in_when_that_one_is_killed(
    store: Store, url: str
) -> None:
    other = subprocess.Popen(
        [sys.executable, "-c", _HOLD, url, KEY.get_secret_value()],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert other.stdout and other.stdout.readline() == "holding\n"
        with pytest.raises(StoreRefused, match=rf"pid {other.pid} on .* already running"), store.hold():
            pass
    finally:
        other.kill()
        other.communicate()
    with store.hold():
        pass


@only("sqlite")
def test_R11_a_daemon_that_slept_while_another_took_over_writes_nothing(store: Store, url: str) -> None:
    with store.hold():
        store.path.with_name("daybook.db.lock").unlink()
        taker = Store.open(url, KEY)
        with taker.hold():
            with pytest.raises(StoreRefused, match="took over"), store.writing() as tx:
                tx.people.enrol("ada@northwind.example", NOW)
            with taker.writing() as tx:
                tx.people.enrol("ben@northwind.example", NOW)
        with taker.reading() as tx:
            assert [person.email for person in tx.people.all()] == ["ben@northwind.example"]
        taker.close()
