"""What is PostgreSQL's own: who may in, one writer over all machines, servers that stop, lost answers."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psycopg
import pytest
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from daybook.store import Store, StoreRefused, StoreUnavailable, beats, migrate, postgresql
from daybook.store.people import Contributor
from daybook.store.schema import workers
from daybook.store.workers import GIVEN_UP
from tests.daybook.store.conftest import KEY, NOW, agreed
from tests.postgres import OWNER, PASSWORD, Cluster, Cut, database_of

LONG = 60
"""Seconds on a busy machine."""


@pytest.fixture
def url(made_on_postgresql: str) -> str:
    return made_on_postgresql


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("postgresql://daybook:secret@127.0.0.1", "names no database"),
        ("postgresql://daybook:sec@ret@127.0.0.1/daybook", "Write %40"),
        ("postgresql+psycopg2://daybook:secret@127.0.0.1/daybook", "names a driver"),
        ("postgresql:/daybook:secret@127.0.0.1/daybook", "not a database URL"),
        ("postgresql://daybook:secret@one,two/daybook?port=5432,5433", "host=db-1.example,db-2"),
        ("postgresql://daybook:secret@/daybook?host=one:5432&host=two:5433", "host=db-1.example,db-2"),
    ],
)
def test_P14_a_url_that_names_no_database_is_refused_without_its_password(url: str, words: str) -> None:
    with pytest.raises(StoreRefused, match=words) as refused:
        Store.open(url, KEY)
    assert "sec" not in str(refused.value).removeprefix("The password")


def test_P14_without_its_driver_it_is_said_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgresql, "find_spec", lambda name: None)
    with pytest.raises(StoreRefused, match=r"pip install 'daybook-time\[postgresql\]'"):
        Store.open("postgresql://daybook@127.0.0.1/daybook", KEY)


def test_P14_a_server_that_does_not_answer_is_not_now(cluster: Cluster) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        url = cluster.url("daybook", nobody.getsockname()[1])
        for way in (Store.open, Store.look):
            with pytest.raises(StoreUnavailable, match="cannot be opened just now") as said:
                way(url, KEY)
            assert PASSWORD not in str(said.value)


def test_P14_a_server_whose_certificate_nobody_here_signed_is_refused_with_what_to_name(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The driver itself says `sslrootcert=system`, and finds nobody there on Debian."""
    monkeypatch.setenv("HOME", str(tmp_path))
    with socket.create_server(("127.0.0.1", 0)) as server:

        def agrees() -> None:
            asks, _ = server.accept()
            with asks:
                asks.recv(8)
                asks.sendall(b"S")
                asks.recv(1)

        threading.Thread(target=agrees, daemon=True).start()
        url = f"postgresql://daybook@127.0.0.1:{server.getsockname()[1]}/daybook?sslmode=verify-full"
        with pytest.raises(StoreRefused, match=r"sslrootcert=/etc/ssl/certs/ca-certificates\.crt"):
            Store.open(url, KEY)


def test_P14_another_password_is_refused_in_words(cluster: Cluster, postgresql: str) -> None:
    wrong = postgresql.replace(PASSWORD, "quite-another")
    with pytest.raises(
        StoreRefused, match=r"password authentication failed.*Look at the password"
    ) as refused:
        Store.open(wrong, KEY)
    assert "quite-another" not in str(refused.value)


def test_P14_a_database_that_is_not_there_is_named_and_not_made(cluster: Cluster) -> None:
    with pytest.raises(StoreRefused, match=r"\"nowhere\" does not exist.*Create it with: createdb"):
        Store.open(cluster.url("nowhere"), KEY)


def test_P14_a_role_without_rights_is_told_which_it_needs(cluster: Cluster, postgresql: str) -> None:
    name = database_of(postgresql)
    cluster.as_admin(f"ALTER DATABASE {name} OWNER TO admin")
    # enough for tables, and not for the schema of the queue
    cluster.as_admin(f"GRANT ALL ON SCHEMA public TO {OWNER}", database=name)
    for way in (Store.open, Store.look):
        with pytest.raises(StoreRefused, match=rf"make a schema.*ALTER DATABASE {name} OWNER TO {OWNER}"):
            way(postgresql, KEY)


def test_P14_a_database_of_another_program_is_left_as_it_is(postgresql: str) -> None:
    with psycopg.connect(postgresql) as other:
        other.execute("CREATE TABLE recipes (name TEXT)")
    with pytest.raises(StoreRefused, match="another program"):
        Store.open(postgresql, KEY)
    with psycopg.connect(postgresql) as other:
        tables = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
        assert other.execute(tables).fetchall() == [("recipes",)]


def test_P14_letters_need_a_place(cluster: Cluster) -> None:
    cluster.as_admin(f"CREATE DATABASE narrow OWNER {OWNER} ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0")
    with pytest.raises(StoreRefused, match=r"encoded as LATIN1.*--encoding UTF8"):
        Store.open(cluster.url("narrow"), KEY)


def test_P14_a_server_that_is_too_old_is_refused(
    made_on_postgresql: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgresql, "OLDEST", 99)
    with pytest.raises(StoreRefused, match="needs 99 or later"):
        Store.open(made_on_postgresql, KEY)


def test_two_programs_that_start_at_once_make_one_store(postgresql: str) -> None:
    with ThreadPoolExecutor(3) as pool:
        stores = list(pool.map(lambda _: Store.open(postgresql, KEY), range(3)))
    for number, store in enumerate(stores):
        agreed(store, f"{number}@northwind.example")
    with stores[0].reading() as tx:
        assert len(tx.people.all()) == 3
        assert migrate.differences(tx.connection) == []
    for store in stores:
        store.close()


@pytest.fixture
def elsewhere(url: str) -> Iterator[Store]:
    """The same store, opened by another machine."""
    opened = Store.open(url, KEY)
    opened._turn = threading.Lock()
    yield opened
    opened.close()


def test_one_machine_writes_at_a_time_and_sees_what_the_one_before_it_wrote(
    store: Store, elsewhere: Store, ada: Contributor
) -> None:
    def count(where: Store) -> None:
        for _ in range(20):
            with where.writing() as tx:
                tx.knows_withdrawals(tx.withdrawals() + 1)  # read, then write: alone or wrong

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(count, (store, elsewhere)))
    with store.reading() as tx:
        assert tx.withdrawals() == 40


def test_a_reader_sees_one_moment_however_long_it_looks(
    store: Store, elsewhere: Store, ada: Contributor
) -> None:
    with store.reading() as tx:
        assert tx.people.get(ada.id)
        with elsewhere.writing() as other:
            other.people.erase(ada.id)
        assert tx.people.get(ada.id)
    with store.reading() as tx:
        assert tx.people.get(ada.id) is None


def test_R12_a_writer_that_waits_too_long_for_another_says_so(
    store: Store, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgresql, "BUSY_SECONDS", 0.1)
    impatient = Store.open(url, KEY)
    impatient._turn = threading.Lock()
    with (
        store.writing(),
        pytest.raises(StoreUnavailable, match=r"lock timeout.*Nothing of this step was saved"),
        impatient.writing(),
    ):
        pass
    agreed(impatient, "ada@northwind.example")
    impatient.close()


def test_R11_a_machine_that_froze_in_the_middle_of_a_step_lets_go_of_the_others(
    store: Store, elsewhere: Store
) -> None:
    with pytest.raises(StoreUnavailable, match="Nothing of this step was saved"), store.writing() as tx:
        allowed = tx.connection.exec_driver_sql("SHOW idle_in_transaction_session_timeout").scalar_one()
        assert allowed == f"{postgresql.WRITER_STILL_SECONDS}s"
        tx.people.enrol("ada@northwind.example", NOW)
        tx.connection.exec_driver_sql("SET LOCAL idle_in_transaction_session_timeout = 200")
        agreed(elsewhere, "ben@northwind.example")  # waits until the server gave the other up
        tx.people.enrol("mara@northwind.example", NOW)
    with elsewhere.reading() as tx:
        assert [one.email for one in tx.people.all()] == ["ben@northwind.example"]


def test_R11_a_machine_that_froze_in_the_middle_of_an_answer_lets_go_of_the_others(
    store: Store, elsewhere: Store
) -> None:
    """Its kernel acknowledges for it, so to the server the line seems whole for ever."""
    with pytest.raises(StoreUnavailable), store.writing() as tx:
        set_to = tx.connection.exec_driver_sql("SHOW tcp_user_timeout").scalar_one()
        assert int(set_to) == postgresql.WRITER_STILL_SECONDS * 1000
        tx.connection.exec_driver_sql("SET LOCAL tcp_user_timeout = 200")
        driver: Any = tx.connection.connection.driver_connection
        driver.pgconn.send_query(b"SELECT repeat('x', 1000) FROM generate_series(1, 30000)")
        agreed(elsewhere, "ben@northwind.example")  # waits until the server gave the other up
        tx.people.enrol("mara@northwind.example", NOW)
    with elsewhere.reading() as tx:
        assert [one.email for one in tx.people.all()] == ["ben@northwind.example"]


def test_R11_who_takes_deleted_bytes_out_of_the_files_goes_on_giving_signs_of_life(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def takes_long(*_: object) -> bool:
        with ThreadPoolExecutor(1) as pool:
            pool.submit(agreed, store, "ada@northwind.example").result(LONG)
        return True

    monkeypatch.setattr(postgresql.PostgreSQL, "scrub", takes_long)
    assert store.forget({}, NOW).clean


def test_R11_after_the_server_was_away_nobody_who_lives_is_given_up_by_one_who_joins(
    store: Store, elsewhere: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It waits for two beats; who lives gives one meanwhile, however slow the machine is."""

    def passes(seconds: float) -> None:
        assert seconds == 2 * beats.BEAT.total_seconds()
        with store.writing() as tx:
            tx.workers.beat(store.worker or 0, store.database.now(tx.connection), 0)

    monkeypatch.setattr(beats, "time", SimpleNamespace(sleep=passes))
    for alone in (False, True):
        with store.hold():
            with store.writing() as tx:
                longer = store.database.now(tx.connection) - 2 * GIVEN_UP
                tx.connection.execute(update(workers).values(seen_at=longer))
            if alone:
                with pytest.raises(StoreRefused, match="already running"), elsewhere.hold(alone=True):
                    pass
            else:
                with elsewhere.hold():
                    pass
            with store.reading() as tx:
                assert tx.workers.lives(store.worker or 0)


def test_R11_nobody_joins_beside_one_who_must_be_alone(store: Store, elsewhere: Store) -> None:
    with store.hold(alone=True):
        for alone in (False, True):
            with (
                pytest.raises(StoreRefused, match=r"already running on this store\. This one did nothing"),
                elsewhere.hold(dispatches=True, alone=alone),
            ):
                pass
    with elsewhere.hold(dispatches=True):
        pass


def test_R11_who_was_alone_and_died_keeps_nobody_out_for_long(
    store: Store, elsewhere: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where the clock there was set back meanwhile, and its last sign lies ahead."""
    monkeypatch.setattr(beats, "BEAT", timedelta(seconds=0.1))
    for ago in (2 * GIVEN_UP, -2 * GIVEN_UP):
        with store.writing() as tx:
            tx.workers.join(store.database.now(tx.connection) - ago, alone=True)
        with elsewhere.hold(), elsewhere.reading() as tx:
            assert [one.id for one in tx.workers.all()] == [elsewhere.worker]


def test_every_connection_waits_for_the_disk_and_a_reader_cannot_write(store: Store) -> None:
    asked = ("synchronous_commit", "transaction_isolation", "transaction_read_only", "TimeZone")
    said = []
    for unit in (store.reading, store.writing):
        with unit() as tx:
            said.append([tx.connection.exec_driver_sql(f"SHOW {name}").scalar_one() for name in asked])
    assert said == [["on", "repeatable read", "on", "UTC"], ["on", "read committed", "off", "UTC"]]


def test_synchronous_commit_that_was_switched_off_for_us_is_on_again(
    cluster: Cluster, made_on_postgresql: str
) -> None:
    for setting, wanted in (("off", "on"), ("remote_apply", "remote_apply")):
        cluster.as_admin(
            f"ALTER DATABASE {database_of(made_on_postgresql)} SET synchronous_commit = '{setting}'"
        )
        store = Store.open(made_on_postgresql, KEY)
        with store.writing() as tx:
            assert tx.connection.exec_driver_sql("SHOW synchronous_commit").scalar_one() == wanted
        store.close()


def test_S13_an_error_does_not_quote_the_row(store: Store, ada: Contributor) -> None:
    with pytest.raises(IntegrityError) as error, store.writing() as tx:
        tx.connection.exec_driver_sql(
            "INSERT INTO told (what, at) VALUES ('a secret', now()), ('a secret', now())"
        )
    assert "a secret" not in str(error.value.orig)
    assert "told" in str(error.value)


def test_P10_a_server_that_was_restarted_is_met_anew(
    cluster: Cluster, store: Store, ada: Contributor
) -> None:
    """The step at hand says that it was not saved; the next one is none the wiser."""
    with store.reading() as tx:
        tx.people.all()
    with pytest.raises(StoreUnavailable, match="Nothing of this step was saved"), store.writing() as tx:
        tx.people.enrol("ben@northwind.example", NOW)
        cluster.stop("immediate")
        tx.people.enrol("mara@northwind.example", NOW)
    with pytest.raises(StoreUnavailable), store.reading() as tx:
        pass
    cluster.start()
    agreed(store, "otto@northwind.example")
    with store.reading() as tx:
        assert {one.email for one in tx.people.all()} == {"ada@northwind.example", "otto@northwind.example"}


def test_P14_a_password_that_was_changed_meanwhile_is_told_and_not_looked_for_on_the_disk(
    cluster: Cluster, store: Store
) -> None:
    try:
        cluster.as_admin(f"ALTER ROLE {OWNER} PASSWORD 'another'")
        cluster.stop("immediate")
        with pytest.raises(StoreUnavailable, match=r"Look at the server; the next round"):
            store.prove()
        cluster.start()
        with pytest.raises(
            StoreUnavailable, match=r"authentication failed.*Look at the password in store\.url.*at the start"
        ):
            store.prove()
    finally:
        cluster.as_admin(f"ALTER ROLE {OWNER} PASSWORD '{PASSWORD}'")


def test_P14_what_the_server_must_be_told_is_not_said_to_be_read_at_our_start(
    cluster: Cluster, postgresql: str
) -> None:
    store = Store.open(postgresql, KEY)
    try:
        cluster.as_admin(f"ALTER ROLE {OWNER} NOLOGIN")
        store.close()
        with pytest.raises(StoreUnavailable, match=r"ALTER ROLE \.\.\. LOGIN; the next round tries again"):
            store.prove()
    finally:
        cluster.as_admin(f"ALTER ROLE {OWNER} LOGIN")


def test_P12_a_limit_on_every_statement_ends_no_forgetting(cluster: Cluster, postgresql: str) -> None:
    """Set by an administrator for people who ask by hand."""
    cluster.as_admin(f"ALTER DATABASE {database_of(postgresql)} SET statement_timeout = '10ms'")
    store = Store.open(postgresql, KEY)
    assert store.forget({}, NOW).clean
    store.close()


def test_R09_another_server_in_its_place_is_noticed_before_anything_is_written(
    cluster: Cluster, store: Store, url: str, ada: Contributor
) -> None:
    """As after a failover: the same address, another timeline."""
    store.identity = f"{store.identity} of another"
    with pytest.raises(StoreRefused, match=r"another one than before.*Start it again"), store.writing() as tx:
        tx.people.erase(ada.id)
    again = Store.open(url, KEY)
    with again.reading() as tx:
        assert tx.people.get(ada.id)
        assert not tx.is_put_back(again.identity)
    again.close()


def test_R09_a_copy_of_a_database_knows_that_it_is_one(cluster: Cluster, store: Store, url: str) -> None:
    store.close()
    copy = Store.open(cluster.fresh(database_of(url)), KEY)
    with copy.reading() as tx:
        assert tx.is_put_back(copy.identity)
    copy.close()


def test_R09_a_standby_that_took_over_is_another_server_and_nothing_is_written_on_one_that_did_not(
    cluster: Cluster, store: Store, url: str, ada: Contributor
) -> None:
    with cluster.standby() as standby:
        there = standby.url(database_of(url))
        with pytest.raises(StoreUnavailable, match="recovery is in progress"):
            Store.open(there, KEY)
        standby.promote()
        taken_over = Store.open(there, KEY)
        with taken_over.writing() as tx:
            assert tx.people.get(ada.id)
            assert tx.is_put_back(taken_over.identity)
        taken_over.close()


@pytest.fixture
def cut(cluster: Cluster) -> Iterator[Cut]:
    between = Cut(cluster.port)
    yield between
    between.close()


@pytest.mark.parametrize("arrives", [True, False])
def test_P10_where_the_answer_to_a_commit_is_lost_nobody_claims_to_know(
    cluster: Cluster, cut: Cut, url: str, arrives: bool
) -> None:
    far = Store.open(cluster.url(database_of(url), cut.port), KEY)
    cut.lose(arrives=arrives)
    with pytest.raises(StoreUnavailable, match="saved as a whole or not at all: look which"):
        agreed(far, "ada@northwind.example")
    with far.reading() as tx:
        assert [one.email for one in tx.people.all()] == ["ada@northwind.example"] * arrives
    agreed(far, "ben@northwind.example")
    far.close()
