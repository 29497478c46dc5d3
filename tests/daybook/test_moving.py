"""A store in a file is taken to PostgreSQL wholly and compared, or the file stays the truth."""

from __future__ import annotations

import os
import signal
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import update

from daybook import backups, joining, moving, restored, restoring
from daybook.errors import Outside, Wrong
from daybook.house import House
from daybook.moving import Moved
from daybook.store import Store, StoreRefused, carry, schema, sums
from daybook.store.errors import StoreMoved, StoreUnavailable
from daybook.store.sums import Sums
from daybook.wiring import complete, open_house
from tests.daybook.conftest import KEY, YESTERDAY, draft, drafted
from tests.daybook.test_backups import quiet
from tests.daybook.test_distributed import held
from tests.daybook.test_policies import Office, ada, clock, office
from tests.postgres import Cluster

__all__ = ["clock", "office"]

KILLED = {
    "in the middle": ("carried", 20),
    "before they were compared": ("summed up", 1),
    "before the file was marked": ("read back", len(carry.CARRIED)),
}


@pytest.fixture
def file(office: Office) -> Path:
    """The configuration of a store in a file with a day of Ada's in it; its daemon is stopped."""
    house = office.start()
    drafted(house, ada(house), draft("k1", "10:00", 45, "Quittenmarmelade"), draft("k2", "11:00", 30))
    held(house, 1)
    with house.store.hold():
        restored.begin(house)
    house.store.close()
    return office.file


def in_the_file(file: Path) -> str:
    return f"sqlite:///{file.parent}/daybook.db"


def summed(url: str) -> Sums:
    with closing(Store.open(url, KEY)) as store, store.reading() as tx:
        return sums.summed(tx, quiet)


def dies(file: Path, to: str, at: Callable[[], object]) -> None:
    """Move in a process of its own that is killed, by `at` at the latest."""
    child = os.fork()
    if not child:
        try:
            at()
        finally:
            os._exit(1)
    _, how = os.waitpid(child, 0)
    assert os.WIFSIGNALED(how) and os.WTERMSIG(how) == signal.SIGKILL, "it was to be killed"


def missed(url: str) -> None:
    """It is long ago that a process there was killed."""
    with closing(Store.open(url, KEY)) as store, store.writing() as tx:
        tx.workers.end_all()


def killed(*_: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def test_a_store_is_the_same_on_the_server_and_the_file_says_where_it_went(
    file: Path, office: Office, postgresql: str
) -> None:
    before = summed(in_the_file(file))
    steps = []
    moved = moving.move(file, postgresql, lambda *step: steps.append(step))
    after = summed(postgresql)
    assert (after.rows, after.minutes, after.content) == (before.rows, before.minutes, before.content)
    assert after.minutes == {"drafts open": 75, "postings held": 30}
    assert after.generation >= before.generation
    assert {what for what, *_ in steps} == {"carried", "summed up", "read back"}
    said = "\n".join(moved.lines())
    assert "postings held: 30 minutes" in said
    assert " is the store now. Write what --to says into store.url, and start the daemon." in said
    for word in ("for-tests-only", "ada@northwind", "Quittenmarmelade"):
        assert word not in said
    with pytest.raises(
        StoreMoved, match=r"was moved. The database .* is the store since then. Nothing was done"
    ):
        open_house(file)
    with pytest.raises(StoreMoved):
        Store.look(in_the_file(file), KEY)


def test_nobody_writes_into_the_file_while_it_is_moved(file: Path, postgresql: str) -> None:
    """An erasure by hand beside it would be said to be done, and not go along."""
    refused = set[str]()

    def beside(what: str, *_: int) -> None:
        with (
            closing(sqlite3.connect(file.parent / "daybook.db", timeout=0)) as other,
            pytest.raises(sqlite3.OperationalError, match="locked"),
        ):
            other.execute("BEGIN IMMEDIATE")
        refused.add(what)

    moving.move(file, postgresql, beside)
    assert refused == {"carried", "summed up", "read back"}


def test_R09_a_store_that_was_moved_is_not_taken_for_an_older_copy(
    file: Path, office: Office, made_on_postgresql: str
) -> None:
    moving.move(file, made_on_postgresql, quiet)
    house = there(file, office, made_on_postgresql)
    with house.store.hold():
        assert not restored.begin(house).older
    with house.store.reading() as tx:
        assert [one.posting.in_doubt for one in tx.postings.all_of(ada(house).id)] == [False]
        assert [kept.draft.key for kept in tx.drafts.of(ada(house).id, YESTERDAY)] == ["k1", "k2"]


def there(file: Path, office: Office, url: str) -> House:
    """As it is opened once store.url names the server."""
    file.write_text(file.read_text().replace(in_the_file(file), url))
    office.opened.append(open_house(file, office.clock))
    return office.opened[-1]


@pytest.mark.parametrize("at", KILLED.values(), ids=KILLED)
def test_P10_killed_anywhere_before_the_file_is_marked_it_is_the_truth_and_the_next_run_begins_anew(
    file: Path, office: Office, made_on_postgresql: str, at: tuple[str, int]
) -> None:
    def step(what: str, done: int, _of: int) -> None:
        if (what, done) == at:
            killed()

    dies(file, made_on_postgresql, lambda: moving.move(file, made_on_postgresql, step))
    missed(made_on_postgresql)
    house = open_house(file, office.clock)
    drafted(house, ada(house), draft("k3", "14:00", 15))  # the daemon went on for a while
    house.store.close()
    assert moving.move(file, made_on_postgresql, quiet).sums is not None
    house = there(file, office, made_on_postgresql)
    assert not restored.begin(house).older
    with house.store.reading() as tx:
        assert len(tx.drafts.of(ada(house).id, YESTERDAY)) == 3


def test_P10_killed_after_the_file_was_marked_the_next_run_does_the_rest(
    file: Path, office: Office, made_on_postgresql: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    arrived = moving._arrived
    monkeypatch.setattr(moving, "_arrived", killed)
    dies(file, made_on_postgresql, lambda: moving.move(file, made_on_postgresql, quiet))
    with pytest.raises(StoreMoved):
        open_house(file)
    with closing(Store.open(made_on_postgresql, KEY)) as store, store.reading() as tx:
        assert tx.is_put_back(store.identity), "who starts here now looks before it sends"
    monkeypatch.setattr(moving, "_arrived", arrived)
    for _ in range(2):
        assert "no Daybook starts on it" in "\n".join(moving.move(file, made_on_postgresql, quiet).lines())
    assert not restored.begin(there(file, office, made_on_postgresql)).older


@pytest.mark.parametrize("is_killed", [False, True])
def test_P3_P7_on_the_way_back_into_the_file_nobody_claims_to_know_who_left_meanwhile(
    file: Path, office: Office, made_on_postgresql: str, monkeypatch: pytest.MonkeyPatch, is_killed: bool
) -> None:
    """The server wrote nothing beside the file; what stood there would have been taken for the whole."""
    if is_killed:
        with monkeypatch.context() as until:
            until.setattr(moving, "_tells_no_more", killed)
            dies(file, made_on_postgresql, lambda: moving.move(file, made_on_postgresql, quiet))
        missed(made_on_postgresql)
    moving.move(file, made_on_postgresql, quiet)
    house = there(file, office, made_on_postgresql)
    with house.store.hold():
        restored.begin(house)
    backup = Path(backups.make(house, file.parent / "one.backup", None, quiet).file)
    joining.leave(house, ada(house))
    house.store.close()
    file.write_text(file.read_text().replace(made_on_postgresql, in_the_file(file)))
    restoring.put_in_place(complete(file, begun=True).configuration, backup, office.clock(), quiet)
    said = "\n".join(restoring.begun(open_house(file, office.clock)))
    assert "NOBODY KNOWS who left or was erased since" in said


def test_what_was_taken_back_beside_the_file_alone_goes_along(
    file: Path, office: Office, made_on_postgresql: str
) -> None:
    """The process was killed between its line in `.withdrawn` and its commit."""
    house = open_house(file, office.clock)
    who = ada(house).id
    with pytest.raises(KeyError), house.store.writing() as tx:
        tx.takes_back("left", house.clock(), who)
        house.store.withdrawals.keep(tx.taken_back, tx.withdrawals(), None)
        raise KeyError
    house.store.close()
    moving.move(file, made_on_postgresql, quiet)
    with closing(Store.open(made_on_postgresql, KEY)) as store, store.reading() as tx:
        gone = tx.people.get(who)
        assert gone is not None and gone.left_at is not None


def test_a_copy_that_is_not_the_same_is_left_and_the_file_stays_the_store(
    file: Path, office: Office, made_on_postgresql: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    carried = carry.carry

    def loses_one(source: Store, target: Store, *how: object) -> None:
        carried(source, target, *how)  # type: ignore[arg-type]
        with target.writing() as tx:
            tx.connection.execute(update(schema.drafts).values(revision=7))

    monkeypatch.setattr(carry, "carry", loses_one)
    with pytest.raises(Outside, match=r"does not give back what was carried into it\. The file is as it was"):
        moving.move(file, made_on_postgresql, quiet)
    open_house(file, office.clock).store.close()


def test_a_database_with_anybody_in_it_is_not_written_over(
    file: Path, office: Office, made_on_postgresql: str, cluster: Cluster
) -> None:
    moving.move(file, made_on_postgresql, quiet)
    away = in_the_file(file)
    Path(away.removeprefix("sqlite:///")).unlink()
    office.start().store.close()
    with pytest.raises(StoreRefused, match=r"holds a store already\. Nothing was changed, here or there"):
        moving.move(file, made_on_postgresql, quiet)
    empty = cluster.fresh()
    running = pytest.raises(StoreRefused, match="is already running on this store")
    with closing(Store.open(empty, KEY)) as store, store.hold(), running:
        moving.move(file, empty, quiet)


def test_R11_a_daemon_that_is_started_there_too_early_works_on_nothing_else_than_what_was_moved(
    file: Path, office: Office, made_on_postgresql: str
) -> None:
    """store.url was changed on another machine already, and its systemd starts it every twenty seconds."""
    early = Store.open(made_on_postgresql, KEY)

    def beside(what: str, done: int, _of: int) -> None:
        if (what, done) == ("summed up", 1):
            with pytest.raises(StoreUnavailable, match="holds another store than when"), early.hold():
                pass
        if (what, done) == ("read back", 1):
            running = pytest.raises(StoreRefused, match="is already running on this store")
            with closing(Store.open(made_on_postgresql, KEY)) as late, running, late.hold():
                pass

    with closing(early):
        moving.move(file, made_on_postgresql, beside)
    with there(file, office, made_on_postgresql).store.hold():
        pass


def test_a_file_is_not_moved_while_its_daemon_runs_nor_to_a_file_nor_from_a_server(
    file: Path, office: Office, made_on_postgresql: str, cluster: Cluster
) -> None:
    with pytest.raises(Wrong, match=r"is a file, and a file is moved by moving it\. Nothing was changed"):
        moving.move(file, f"sqlite:///{file.parent}/other.db", quiet)
    with pytest.raises(Wrong, match=r"--to names the file .*cannot be read.*Nothing was changed"):
        moving.move(file, "postgresql://daybook:${file:/nowhere}@db.example/daybook", quiet)
    house = open_house(file, office.clock)
    with house.store.hold(), pytest.raises(StoreRefused, match="is already running on this store"):
        moving.move(file, made_on_postgresql, quiet)
    house.store.close()
    moved: Moved = moving.move(file, made_on_postgresql, quiet)
    there(file, office, made_on_postgresql)
    with pytest.raises(Wrong, match="is on a server already"):
        moving.move(file, cluster.fresh(), quiet)
    assert moved.to.startswith("The database")
