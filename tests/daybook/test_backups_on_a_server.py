"""A store on a server is backed up into the same file as one in a file, and restored from it (R-09, S-15)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from config.schema import Configuration
from daybook import restored, restoring
from daybook.errors import Outside
from daybook.house import House, Member
from daybook.store import Store, StoreRefused, carry, leftovers
from tests.daybook.conftest import KEY, YESTERDAY, Clock, draft, drafted
from tests.daybook.test_backups import made, names, quiet
from tests.postgres import Cluster


@pytest.fixture
def store_url(made_on_postgresql: str) -> str:
    return made_on_postgresql


@pytest.fixture
def configuration(configuration: Configuration, store_url: str) -> Configuration:
    return at(configuration, store_url)


def at(configuration: Configuration, url: str) -> Configuration:
    said = configuration.store.model_copy(update={"url": url, "key": KEY})
    return configuration.model_copy(update={"store": said})


@pytest.fixture
def clear(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where this machine puts what it needs for a moment."""
    folder = tmp_path / "clear"
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    monkeypatch.delenv("STATE_DIRECTORY", raising=False)
    return folder


@pytest.fixture
def backup(house: House, ada: Member, tmp_path: Path, clear: Path) -> Path:
    """Of last night; since then Ada's day changed."""
    folder = tmp_path / "backups"
    folder.mkdir()
    with house.store.writing() as tx:
        tx.rollout.add(house.clock(), "stage", "normal", "", "{}")
    drafted(house, ada, draft("before", "10:00", 45, "Quittenmarmelade"))
    file = made(house, folder)
    drafted(house, ada, draft("since", "14:00", 30))
    return file


PutBack = Callable[[House, Path, str], House]


@pytest.fixture
def put_back() -> Iterator[PutBack]:
    """The daemon is stopped, and a backup takes the place of what is at a URL."""
    opened: list[Store] = []

    def put(house: House, backup: Path, url: str) -> House:
        house.store.close()
        said = at(house.configuration, url)
        restoring.put_in_place(said, backup, house.clock(), quiet)
        opened.append(Store.open(url, KEY))
        return replace(house, configuration=said, store=opened[-1])

    yield put
    for store in opened:
        store.close()


def hers(house: House, ada: Member) -> list[str]:
    with house.store.reading() as tx:
        return [held.draft.key for held in tx.drafts.of(ada.id, YESTERDAY)]


def test_R09_a_store_on_a_server_comes_back_as_it_was_and_starts_by_looking(
    house: House, put_back: PutBack, ada: Member, backup: Path, store_url: str
) -> None:
    house = put_back(house, backup, store_url)
    assert hers(house, ada) == ["before"]
    said = "\n".join(restoring.begun(house))
    assert "every posting is looked for at its tool before anything is sent" in said
    assert "NOBODY KNOWS who left or was erased since" in said
    with house.store.reading() as tx:
        assert tx.restored_at() == house.clock()
    assert not restored.begin(house).older


def test_S15_of_a_store_on_a_server_nothing_lies_in_clear_afterwards(
    house: House, put_back: PutBack, ada: Member, backup: Path, clear: Path, store_url: str
) -> None:
    for word in ("ada@northwind.example", ada.id, "Quittenmarmelade", "SQLite format 3"):
        assert word.encode() not in backup.read_bytes()
    put_back(house, backup, store_url)
    assert not names(clear)


def test_P7_what_a_killed_backup_of_a_server_left_in_clear_goes_and_one_that_is_made_stays(
    house: House, clear: Path
) -> None:
    left = clear / "daybook-in-clear-killed"
    with leftovers.in_clear() as present:
        left.mkdir()
        (left / "daybook.db").write_text("ada@northwind.example")
        leftovers.tidied(house.store.path, house.clock())
        assert not left.exists() and present.parent.exists()


def test_a_backup_of_a_server_is_restored_into_a_file_and_from_there_onto_a_server(
    house: House, put_back: PutBack, ada: Member, backup: Path, tmp_path: Path, cluster: Cluster
) -> None:
    """A server that is gone for good, and a small office that outgrew its file."""
    house = put_back(house, backup, f"sqlite:///{tmp_path}/daybook.db")
    list(restoring.begun(house))
    assert hers(house, ada) == ["before"]
    empty = cluster.fresh()
    house = put_back(house, made(house, tmp_path), empty)
    assert hers(house, ada) == ["before"]
    with house.store.writing() as tx:
        before = [step.serial for step in tx.rollout.steps()]
        tx.rollout.add(house.clock(), "resumed", "normal", "", "{}")
        assert tx.rollout.steps()[-1].serial == before[-1] + 1, "the server counts on from there"


def test_R11_a_server_on_which_a_daemon_runs_is_left_as_it_is(
    house: House, ada: Member, backup: Path, store_url: str
) -> None:
    with house.store.hold(), pytest.raises(StoreRefused, match="is already running on this store"):
        restoring.put_in_place(house.configuration, backup, house.clock(), quiet)
    assert hers(house, ada) == ["before", "since"]


def test_P10_a_restore_on_a_server_that_breaks_off_leaves_what_was_there(
    house: House, ada: Member, backup: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(what: str, done: int, of: int) -> None:
        if what == "put in place" and done == of:
            raise OSError(28, "No space left on device", "there")

    with pytest.raises(Outside, match="The database is as it was"):
        restoring.put_in_place(house.configuration, backup, house.clock(), breaks)
    assert hers(house, ada) == ["before", "since"]


def test_R11_who_stood_still_over_a_restore_is_not_taken_for_one_that_came_later(
    house: House, put_back: PutBack, backup: Path, store_url: str, clock: Clock
) -> None:
    frozen = Store.open(store_url, KEY)
    held = frozen.hold()
    held.__enter__()
    was = frozen.worker
    with house.store.writing() as tx:
        tx.workers.end(was)  # given up, as it gave no sign of life
    house = put_back(house, backup, store_url)
    for _ in range(3):
        with house.store.hold():
            assert house.store.worker > was
    held.__exit__(None, None, None)
    frozen.close()


def test_R11_what_somebody_was_at_when_the_backup_was_made_is_free_again(
    house: House, put_back: PutBack, ada: Member, tmp_path: Path, clock: Clock, store_url: str
) -> None:
    """A mail was on its way: whoever sent it runs no longer, and nobody knows what became of it."""
    with house.store.hold():
        with house.store.writing() as tx:
            assert tx.mails.claim(ada.id, YESTERDAY, "digest", "<1@northwind.example>", clock())
        file = made(house, tmp_path)
    house = put_back(house, file, store_url)
    with house.store.reading() as tx:
        mail = tx.mails.get(ada.id, YESTERDAY, "digest")
    assert mail is not None and mail.state == "unsure"


def test_P12_what_is_past_its_time_is_left_out_on_a_server_too(
    house: House, put_back: PutBack, ada: Member, tmp_path: Path, clock: Clock, store_url: str
) -> None:
    old = clock().date() - timedelta(days=24)
    drafted(house, ada, draft("old", day=old), draft("young"))
    house = put_back(house, made(house, tmp_path), store_url)
    assert hers(house, ada) == ["young"]
    with house.store.reading() as tx:
        assert not tx.drafts.of(ada.id, old)


def test_a_machine_without_a_place_for_the_copy_makes_no_backup(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "none"))
    with pytest.raises(Outside, match=r"no place for a copy .*Nothing was done. Name a folder .* in TMPDIR"):
        made(house, tmp_path)


def test_every_table_of_a_store_is_carried() -> None:
    from daybook.store import schema

    assert {table.name for table in carry.CARRIED} == schema.metadata.tables.keys() - {
        "workers",
        "configurations",
    }
