"""A backup opens only with the master key, holds nothing past its retention, and comes back doubted."""

from __future__ import annotations

import base64
import os
import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from config.schema import Configuration
from daybook import backups, clocks, daemon, doubt, forget, joining, restored, restoring
from daybook.errors import Outside, Wrong
from daybook.house import House, Member
from daybook.store import Store, StoreRefused, beside, envelope, leftovers, migrate, room, schema, snapshot
from tests.daybook.conftest import KEY, YESTERDAY, Clock, draft, drafted
from tests.daybook.test_restored import is_there

OTHER_KEY = SecretStr(base64.b64encode(bytes(range(1, 33))).decode())


def names(folder: Path) -> list[str]:
    return sorted(one.name for one in folder.iterdir())


def quiet(*_: object) -> None:
    """Nobody looks how far it is."""


@pytest.fixture
def configuration(configuration: Configuration, tmp_path: Path) -> Configuration:
    said = configuration.store.model_copy(update={"url": f"sqlite:///{tmp_path}/daybook.db", "key": KEY})
    return configuration.model_copy(update={"store": said})


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "backups"
    made.mkdir()
    return made


def made(house: House, folder: Path, keep: int | None = None) -> Path:
    return Path(backups.make(house, folder, keep, quiet).file)


def put_back(house: House, backup: Path, **store: Any) -> House:
    """The daemon is stopped, the backup takes the place of the database, and a daemon begins on it."""
    house.store.close()
    said = house.configuration.model_copy(
        update={"store": house.configuration.store.model_copy(update=store)}
    )
    restoring.put_in_place(said, backup, house.clock(), quiet)
    assert said.store.key is not None
    again = replace(house, configuration=said, store=Store.open(said.store.url, said.store.key))
    restored.begin(again)
    return again


def refused(house: House, backup: Path, words: str, **store: Any) -> None:
    """And nothing was changed."""
    house.store.close()
    path = house.store.path
    assert path is not None
    before = {file: file.read_bytes() for file in path.parent.glob("daybook.db*") if file.suffix != ".lock"}
    said = house.configuration.store.model_copy(update=store)
    with pytest.raises((StoreRefused, Wrong, Outside), match=words):
        restoring.put_in_place(
            house.configuration.model_copy(update={"store": said}), backup, house.clock(), quiet
        )
    after = {file: file.read_bytes() for file in path.parent.glob("daybook.db*") if file.suffix != ".lock"}
    assert after == before


# --- making one ---------------------------------------------------------------------------------------------


def test_S15_a_backup_says_nothing_to_who_lacks_the_master_key(
    house: House, ada: Member, folder: Path
) -> None:
    """Addresses stand in the database in clear, titles sealed; in the backup neither is to be read."""
    drafted(house, ada, draft("k1", "10:00", 45, "Quittenmarmelade"))
    file = made(house, folder)
    assert file.stat().st_mode & 0o777 == 0o600
    bytes_of_it = file.read_bytes()
    for word in ("ada@northwind.example", ada.id, "Quittenmarmelade", "SQLite format 3"):
        assert word.encode() not in bytes_of_it
    assert ada.person.email.encode() in house.store.path.read_bytes() + wal(house)
    assert names(folder) == [file.name]
    assert not list(house.store.path.parent.glob("*.copy*")), "nor is a copy left in clear"


def wal(house: House) -> bytes:
    return house.store.path.with_name("daybook.db-wal").read_bytes()


def test_it_is_the_store_as_it_was_when_it_began_while_others_write(
    house: House, ada: Member, ben: Member, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Were it to begin anew at every write, it would not end while people work."""
    monkeypatch.setattr(snapshot, "PAGES", 5)
    steps, days = [], iter(range(1, 400))

    def somebody_writes(what: str, done: int, of: int) -> None:
        if what == "copied":
            steps.append(done)
            drafted(house, ben, draft(f"k{next(days)}", day=YESTERDAY))

    drafted(house, ada, draft("before", "10:00", 45))
    file = Path(backups.make(house, folder, None, somebody_writes).file)
    assert len(steps) > 5
    assert steps == sorted(steps), "it never began anew"
    house = put_back(house, file)
    with house.store.reading() as tx:
        assert [len(tx.drafts.of(who.id, YESTERDAY)) for who in (ada, ben)] == [1, 0]


def test_a_backup_overwrites_nothing(house: House, folder: Path) -> None:
    file = folder / "mine.backup"
    file.write_text("mine")
    with pytest.raises(Wrong, match=r"is there already. No backup was made"):
        backups.make(house, file, None, quiet)
    with pytest.raises(Wrong, match=r"does not exist. No backup was made"):
        backups.make(house, folder / "none" / "file.backup", None, quiet)
    assert file.read_text() == "mine"


def test_a_folder_that_is_not_there_does_not_become_a_file(house: House, folder: Path) -> None:
    """The first night it did, and the second was refused because it was there."""
    with pytest.raises(Wrong, match=r"There is no folder .*No backup was made. Create it, or name a file"):
        backups.make(house, folder / "nightly", None, quiet)
    assert names(folder) == []


def test_a_place_that_is_closed_to_the_service_is_said_with_the_way_in(
    house: House, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Root's own folder, on the night it brought a backup there: `daybook` by hand is not root."""

    def closed(path: Path, *_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(Path, "stat", closed)
        meanwhile.setattr(Path, "open", closed)
        with pytest.raises(Wrong, match=r"closed to the account that Daybook runs as. No backup was made"):
            backups.make(house, folder, None, quiet)
        with pytest.raises(Wrong, match=r"closed to .*: install -o daybook -m 600 \S+one.backup /var/"):
            restoring.opened(folder / "one.backup")


def test_two_backups_at_once_do_not_mix(house: House, folder: Path) -> None:
    found = []

    def another(what: str, *_: int) -> None:
        if what == "copied" and not found:
            with pytest.raises(StoreRefused, match=r"Another backup of this store is being made"):
                backups.make(house, folder / "second.backup", None, quiet)
            found.append(what)

    backups.make(house, folder / "first.backup", None, another)
    assert found and names(folder) == ["first.backup"]


def test_a_damaged_database_makes_no_backup_and_takes_none_away(
    house: House, ada: Member, folder: Path, clock: Clock
) -> None:
    for number in range(40):
        drafted(house, ada, draft(f"k{number}", text="x" * 500))
    first = made(house, folder)
    house.store.close()
    damaged = bytearray(house.store.path.read_bytes())
    for page in range(4, len(damaged) // 4096, 2):
        damaged[page * 4096 : page * 4096 + 200] = b"\xff" * 200
    house.store.path.write_bytes(damaged)
    clock.wait(days=9)
    with pytest.raises(StoreRefused, match=r"is damaged .*No backup was made, and none was removed"):
        made(house, folder)
    assert names(folder) == [first.name]


def test_a_disk_that_is_full_makes_no_backup_and_leaves_nothing_behind(
    house: House, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(Outside, match=r"No space left on device.*No backup was made"):
        made(house, folder)
    assert names(folder) == []


def test_R12_a_backup_does_not_take_the_last_of_the_disk(
    house: House, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "takes", lambda *_: False)
    with pytest.raises(Outside, match=r"has no room for a copy of the database. No backup was made"):
        made(house, folder)


def test_what_cannot_be_read_back_is_no_backup(
    house: House, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backups, "_digest", lambda *_: b"another")
    with pytest.raises(Outside, match=r"could not be read back as it was written"):
        made(house, folder)
    assert names(folder) == []


def test_only_what_stands_whole_in_its_place_is_said_to_be_the_last_backup(
    house: House, folder: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    made(house, folder)
    first = clock()
    clock.wait(days=1)
    with monkeypatch.context() as disk:
        disk.setattr(backups, "_digest", lambda *_: b"another")
        with pytest.raises(Outside):
            made(house, folder)
    assert last(house) == first


def last(house: House) -> datetime | None:
    with house.store.reading() as tx:
        return tx.backed_up_at()


def test_a_restored_store_knows_of_the_backup_it_comes_from_and_of_no_other(
    house: House, folder: Path, clock: Clock
) -> None:
    """Neither of the one before, which may be gone, nor of one that was on the disk that is."""
    made(house, folder)
    clock.wait(days=1)
    file, at = made(house, folder), clock()
    clock.wait(days=1)
    made(house, folder)
    assert last(put_back(house, file)) == at


# --- how long it lives --------------------------------------------------------------------------------------


def test_P12_I10_a_backup_holds_nothing_that_is_past_its_retention_before_its_last_day(
    house: House, ada: Member, folder: Path, clock: Clock
) -> None:
    """Kept for 30 days, and a backup lives for 7: a draft of 24 days ago is left out, one of 22 is in."""
    old, young = (clock().date() - timedelta(days=days) for days in (24, 22))
    drafted(house, ada, draft("old", day=old), draft("young", day=young))
    file = made(house, folder)
    with house.store.reading() as tx:
        assert len(tx.drafts.of(ada.id, old)) == 1, "the store itself lost nothing"
    house = put_back(house, file)
    with house.store.reading() as tx:
        assert [len(tx.drafts.of(ada.id, day)) for day in (old, young)] == [0, 1]
        assert not tx.is_forgotten(house.policy.retention.model_dump()), (
            "what is past its time since goes with the next round"
        )


@pytest.mark.parametrize(("kept", "back_fill", "days"), [(30, 14, 7), (20, 14, 6), (14, 14, 1)])
def test_a_backup_lives_a_week_or_as_long_as_nothing_that_is_looked_at_is_left_out(
    house: House, kept: int, back_fill: int, days: int
) -> None:
    retention = house.policy.retention.model_copy(update={"drafts": kept})
    policy = house.policy.model_copy(update={"retention": retention, "back_fill": back_fill})
    assert backups.life(policy) == timedelta(days=days)


def test_P12_a_backup_whose_time_is_over_goes_when_the_next_is_there(
    house: House, folder: Path, clock: Clock
) -> None:
    first = made(house, folder)
    clock.wait(days=7)
    second = made(house, folder)
    assert {first.name, second.name} == {*names(folder)}, "its last day"
    clock.wait(days=1)
    third = backups.make(house, folder, None, quiet)
    assert third.removed == (first.name,)
    assert first.name not in names(folder)


def test_P12_a_shorter_retention_ends_the_backups_made_under_a_longer(
    house: House, folder: Path, clock: Clock
) -> None:
    first = made(house, folder)
    clock.wait(hours=1)
    retention = house.policy.retention.model_copy(update={"evidence": 30})
    shorter = replace(house, policy=house.policy.model_copy(update={"retention": retention}))
    assert backups.make(shorter, folder, None, quiet).removed == (first.name,)


def test_so_many_are_kept_and_nothing_of_others_is_touched(
    house: House, folder: Path, clock: Clock, tmp_path: Path
) -> None:
    others = Store.open(f"sqlite:///{tmp_path}/other.db", KEY)
    theirs = made(replace(house, store=others), folder)
    others.close()
    (folder / "notes.backup").write_text("to buy: milk")
    mine = []
    for _ in range(4):
        clock.wait(hours=1)
        mine.append(made(house, folder, keep=2).name)
    assert {*names(folder)} == {theirs.name, "notes.backup", *mine[2:]}


def test_an_earlier_one_that_cannot_be_removed_is_said_beside_the_one_that_was_made(
    house: House, folder: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = made(house, folder)
    clock.wait(hours=1)
    unlink = Path.unlink

    def refusing(file: Path, missing_ok: bool = False) -> None:
        if file == first:
            raise PermissionError(1, "Operation not permitted")
        unlink(file, missing_ok)

    monkeypatch.setattr(Path, "unlink", refusing)
    said = backups.make(house, folder, 1, quiet)
    assert names(folder) == [first.name, Path(said.file).name]
    assert (said.removed, said.left) == ((), (first.name,))
    assert f"{first.name} could not be removed, and should be gone. Remove it." in said.lines()


def names_after(house: House, folder: Path, clock: Clock, year: int) -> list[str]:
    """What is in the folder after a backup that was asked for while the clock says another year."""
    house.store.forget(house.policy.retention.model_dump(), clock())
    clock.now = datetime(year, 1, 1, tzinfo=UTC)
    with pytest.raises(Wrong, match=rf"Nothing was changed\. The clock says {year}"):
        backups.make(house, folder, 3, quiet)
    return names(folder)


@pytest.mark.parametrize("year", [1970, 2036])
def test_R13_a_wrong_clock_makes_no_backup_and_takes_none_away(
    house: House, folder: Path, clock: Clock, year: int
) -> None:
    """By 2036 each is past its day and a new one would hold nothing; by 1970 the new one seems the oldest."""
    for _ in range(3):
        made(house, folder)
        clock.wait(days=1)
    before = names(folder)
    assert names_after(house, folder, clock, year) == before


@pytest.mark.parametrize("ahead", [8, 59])
def test_R13_a_backup_from_cron_by_a_clock_that_is_weeks_ahead_takes_none_away(
    house: House, folder: Path, clock: Clock, ahead: int
) -> None:
    """Told by hand, such a clock is believed at once; cron waits for nobody, and last week's were gone."""
    for _ in range(3):
        made(house, folder)
        clock.wait(days=1)
    house.store.forget(house.policy.retention.model_dump(), clock())
    clock.wait(days=ahead)
    begun = replace(house, clock=clocks.Clock(clock))
    before = names(folder)
    with pytest.raises(
        Wrong, match=r"Nothing was changed\. .* until the daemon saw it go evenly for an hour"
    ):
        backups.make(begun, folder, 1, quiet)
    assert names(folder) == before


def test_R13_a_restore_by_a_clock_that_is_weeks_ahead_forgets_nothing(
    house: House, ada: Member, folder: Path, clock: Clock
) -> None:
    """A backup of last night, restored on a machine whose clock says next month: its drafts were gone."""
    drafted(house, ada, draft("k1", "10:00", 45))
    file = made(house, folder)
    clock.wait(days=40)
    house.store.close()
    restoring.put_in_place(house.configuration, file, clock(), quiet)
    begun = replace(house, store=Store.open(house.configuration.store.url, KEY), clock=clocks.Clock(clock))
    assert "What is past its retention stays for now." in "\n".join(restoring.begun(begun))
    with begun.store.reading() as tx:
        assert len(tx.drafts.of(ada.id, YESTERDAY)) == 1
    begun.store.close()


def test_the_backup_that_was_just_made_is_not_removed_as_one_too_many(
    house: House, folder: Path, clock: Clock
) -> None:
    """The clock was set back by an hour: those of before seem to be younger."""
    for _ in range(2):
        clock.wait(minutes=1)
        made(house, folder)
    clock.wait(hours=-1)
    just = backups.make(house, folder, 2, quiet)
    assert Path(just.file).exists() and len(just.removed) == 1


# --- putting one back ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("spoil", ["cut", "altered", "swapped", "head", "grown"])
def test_S15_a_backup_that_is_not_whole_changes_nothing(
    house: House, ada: Member, folder: Path, monkeypatch: pytest.MonkeyPatch, spoil: str
) -> None:
    monkeypatch.setattr(envelope, "PIECE", 1 << 12)
    file = made(house, folder)
    whole = file.read_bytes()
    start = whole.index(b"\n", len(envelope.KIND)) + 1
    piece = (1 << 12) + envelope.TAG
    first, second = whole[start : start + piece], whole[start + piece : start + 2 * piece]
    spoiled = {
        "cut": whole[: start + 3 * piece],
        "altered": whole[: start + 100] + bytes([whole[start + 100] ^ 1]) + whole[start + 101 :],
        "swapped": whole[:start] + second + first + whole[start + 2 * piece :],
        "head": whole.replace(b"Northwind Studio", b"Northwind Stadio", 1),
        "grown": whole + b"\0",
    }
    file.write_bytes(spoiled[spoil])
    refused(house, file, r"was cut off or altered: its piece \d+ does not open. Nothing was changed")


@pytest.mark.parametrize("key", ["", "x", "00", "one digit"])
def test_a_backup_whose_own_key_was_altered_is_refused_in_words(house: House, folder: Path, key: str) -> None:
    file = made(house, folder)
    with file.open("rb") as opened:
        head, _ = backups.look(opened, file.name)
    altered = key if key != "one digit" else head.key[:-1] + ("0" if head.key[-1] != "0" else "1")
    file.write_bytes(file.read_bytes().replace(head.key.encode(), altered.encode(), 1))
    refused(house, file, r"first lines were altered. Nothing was changed. Take another backup")


def test_what_root_restores_belongs_to_whom_the_folder_belongs(
    house: House, folder: Path, tmp_path: Path
) -> None:
    if os.geteuid() != 0:
        pytest.skip("needs the right to give a file away (root)")
    file = made(house, folder)
    house.store.close()
    for left in tmp_path.glob("daybook.db*"):
        left.unlink()
    os.chown(tmp_path, 4711, 4712)
    restoring.put_in_place(house.configuration, file, house.clock(), quiet)
    house = replace(house, store=Store.open(house.configuration.store.url, KEY))
    list(restoring.begun(house))
    house.store.close()
    owners = {one.name: one.stat().st_uid for one in tmp_path.glob("daybook.*")}
    assert {"daybook.db", "daybook.db.sends", "daybook.db.withdrawn", "daybook.db.lock"} <= owners.keys()
    assert {*owners.values()} == {4711}


def test_a_look_at_what_is_to_be_restored_migrates_nothing(
    house: House, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = made(house, folder)
    house.store.close()
    opened: list[str] = []
    monkeypatch.setattr(migrate, "upgrade", lambda *_: opened.append("upgraded"))
    monkeypatch.setattr(schema, "REVISION", "0002")
    with pytest.raises(Outside):
        monkeypatch.setattr(os, "link", broken)
        restoring.put_in_place(house.configuration, file, house.clock(), quiet)
    assert opened == ["upgraded"], "the one that comes, not the one that is there"


def broken(*_: object) -> None:
    raise OSError(5, "Input/output error")


@pytest.mark.parametrize(
    "said", ["", "SQLite format 3\0", "daybook backup 1\n", "daybook backup 1\n{}\n", "ä"]
)
def test_a_file_that_is_no_backup_is_refused(house: House, folder: Path, said: str) -> None:
    (folder / "file").write_text(said, "latin-1")
    refused(house, folder / "file", "Nothing was changed")
    refused(house, folder / "none", "cannot be read .*Nothing was changed")


def test_R11_a_running_daemon_keeps_its_database(house: House, folder: Path) -> None:
    file = made(house, folder)
    with house.store.hold(), pytest.raises(StoreRefused, match=r"is already running on this store"):
        restoring.put_in_place(house.configuration, file, house.clock(), quiet)


def test_a_backup_under_another_master_key_says_which(house: House, folder: Path) -> None:
    file = made(house, folder)
    refused(house, file, "Put that key into the list behind the present one", key=OTHER_KEY)


def test_a_backup_from_before_the_master_key_was_changed_comes_back_with_both(
    house: House, ada: Member, folder: Path
) -> None:
    drafted(house, ada, draft("k1", "10:00", 45))
    file = made(house, folder)
    house.store.close()
    renewed = Store.open(house.configuration.store.url, (OTHER_KEY, KEY))
    list(renewed.renew_keys())
    house = put_back(replace(house, store=renewed), file, key=(OTHER_KEY, KEY))
    list(house.store.renew_keys())
    house.store.close()
    again = Store.open(house.configuration.store.url, OTHER_KEY)
    with again.reading() as tx:
        assert len(tx.drafts.of(ada.id, YESTERDAY)) == 1
    again.close()


def test_S14_a_backup_of_another_store_is_refused(house: House, folder: Path, tmp_path: Path) -> None:
    others = Store.open(f"sqlite:///{tmp_path}/other.db", KEY)
    file = made(replace(house, store=others), folder)
    others.close()
    refused(house, file, "was made of another store")


def test_S14_where_there_is_no_store_the_name_of_the_organisation_says_whose_it_is(
    house: House, folder: Path
) -> None:
    file = made(house, folder)
    house.store.close()
    for left in house.store.path.parent.glob("daybook.db*"):
        left.unlink()
    other = house.configuration.model_copy(update={"organisation": "Southwind"})
    with pytest.raises(StoreRefused, match=r"was made for Northwind Studio, and organisation says Southwind"):
        restoring.put_in_place(other, file, house.clock(), quiet)
    placed = restoring.put_in_place(house.configuration, file, house.clock(), quiet)
    assert placed.aside is None


def test_a_backup_of_a_newer_program_is_refused(house: House, folder: Path) -> None:
    with house.store.writing() as tx:
        tx.connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
        tx.connection.exec_driver_sql("UPDATE daybook SET works_with = '9999'")
    file = closed_without_a_look(house, folder)
    with house.store.writing() as tx:
        tx.connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0001'")
        tx.connection.exec_driver_sql("UPDATE daybook SET works_with = '0001'")
    refused(house, file, "written by a newer Daybook")


def closed_without_a_look(house: House, folder: Path) -> Path:
    """A backup as a newer program would have made it."""
    with pytest.MonkeyPatch.context() as newer:
        newer.setattr(backups, "_thinned", lambda *_: store_id(house))
        return made(house, folder)


def store_id(house: House) -> str:
    with house.store.reading() as tx:
        return tx.vault.store_id


def test_what_was_there_is_kept_aside_as_it_was_and_goes_after_a_week(
    house: House, ada: Member, folder: Path, clock: Clock
) -> None:
    file = made(house, folder)
    drafted(house, ada, draft("since", "10:00", 45))
    house.store.close()
    placed = restoring.put_in_place(house.configuration, file, clock(), quiet)
    assert placed.aside is not None
    aside = Store.open(f"sqlite:///{placed.aside}", KEY)
    with aside.reading() as tx:
        assert len(tx.drafts.of(ada.id, YESTERDAY)) == 1
    aside.close()
    says = "\n".join(placed.lines(file, clock().date()))
    assert str(placed.aside) in says and "people's data" in says
    made_at = placed.aside.stat().st_ctime
    real = clock().fromtimestamp(made_at, clock().tzinfo)
    leftovers.tidied(house.store.path, real + timedelta(days=6))
    assert placed.aside.exists()
    leftovers.tidied(house.store.path, real + timedelta(days=8))
    assert not placed.aside.exists() and house.store.path.exists()


def left_behind(house: House, ada: Member, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, bytes]:
    """Killed, a daemon leaves its journal beside a database that does not open: where, and what is in it."""
    drafted(house, ada, draft("since", "10:00", 45))
    path, journal = house.store.path, wal(house)
    house.store.close()
    path.with_name("daybook.db-wal").write_bytes(journal)
    monkeypatch.setattr(restoring, "_store_id", lambda *_: None)
    return path, journal


def test_a_journal_of_the_former_database_is_not_read_into_the_restored_one(
    house: House, ada: Member, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = made(house, folder)
    path, journal = left_behind(house, ada, monkeypatch)
    placed = restoring.put_in_place(house.configuration, file, house.clock(), quiet)
    assert not path.with_name("daybook.db-wal").exists()
    assert placed.aside is not None
    assert placed.aside.with_name(f"{placed.aside.name}-wal").read_bytes() == journal, (
        "it belongs to that one"
    )


def test_R09_nor_is_the_journal_of_a_database_that_was_moved_away(
    house: House, ada: Member, folder: Path
) -> None:
    """We say "move the database away"; who does moves one file, and a daemon that was killed left two."""
    file = made(house, folder)
    drafted(house, ada, *(draft(f"since {n}", "10:00", 45) for n in range(40)))
    path, journal = house.store.path, wal(house)
    house.store.close()
    path.unlink()
    path.with_name("daybook.db-wal").write_bytes(journal)
    placed = restoring.put_in_place(house.configuration, file, house.clock(), quiet)
    assert not path.with_name("daybook.db-wal").exists()
    assert placed.aside is not None
    assert placed.aside.read_bytes() == journal
    opened = Store.open(house.configuration.store.url, KEY)
    with opened.reading() as tx:
        assert not tx.drafts.of(ada.id, YESTERDAY)
    opened.close()


CALLS = ("link", "replace", "fsync", "unlink")


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("nth", range(1, 5))
def test_P10_a_restore_that_breaks_off_leaves_the_one_or_the_other(
    house: House, ada: Member, folder: Path, monkeypatch: pytest.MonkeyPatch, call: str, nth: int
) -> None:
    file = made(house, folder)
    drafted(house, ada, draft("since", "10:00", 45))
    house.store.close()
    left = [nth]

    def failing(does: Callable[..., object]) -> Callable[..., object]:
        def failed(*said: Any, **more: Any) -> object:
            left[0] -= 1
            if left[0] == 0:
                raise OSError(5, "Input/output error")
            return does(*said, **more)

        return failed

    with monkeypatch.context() as broken:
        broken.setattr(os, call, failing(getattr(os, call)))
        with suppress(Outside, OSError):
            restoring.put_in_place(house.configuration, file, house.clock(), quiet)
    opened = Store.open(house.configuration.store.url, KEY)
    with opened.reading() as tx:
        is_restored = tx.is_put_back(opened.identity)
        assert len(tx.drafts.of(ada.id, YESTERDAY)) == (0 if is_restored else 1)
    opened.close()


def test_R09_a_restored_store_starts_by_looking_even_without_its_number(house: House, folder: Path) -> None:
    file = made(house, folder)
    house.store.path.with_name("daybook.db.sends").unlink(missing_ok=True)
    again = put_back(house, file)
    with again.store.reading() as tx:
        assert tx.restored_at() is not None


def test_P7_I12_who_was_erased_since_the_backup_is_in_no_file_after_it_is_restored(
    house: House, ada: Member, ben: Member, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    drafted(house, ada, draft("k1", "10:00", 45, "Quittenmarmelade"))
    file = made(house, folder)
    joining.erase(house, ada)
    house.store.close()
    placed = restoring.put_in_place(house.configuration, file, house.clock(), quiet)
    assert placed.aside is not None
    house = replace(house, store=Store.open(house.configuration.store.url, KEY))
    said = list(restoring.begun(house))
    assert "1 thing that people took back since: taken back again." in said
    assert not is_there(house, ada) and is_there(house, ben)
    for one in (placed.aside, *snapshot.files(placed.aside)):
        one.unlink(missing_ok=True)
    written = b"".join(one.read_bytes() for one in house.store.path.parent.glob("daybook.db*"))
    for word in (ada.person.email, ada.id):
        assert word.encode() not in written


def test_P7_an_erasure_names_what_a_restore_kept_and_removes_what_a_killed_backup_left(
    house: House, ada: Member, ben: Member, folder: Path
) -> None:
    file = made(house, folder)
    house.store.close()
    placed = restoring.put_in_place(house.configuration, file, house.clock(), quiet)
    house = replace(house, store=Store.open(house.configuration.store.url, KEY))
    list(restoring.begun(house))
    killed = leftovers.copy_of(house.store.path)
    killed.write_bytes(house.store.path.read_bytes())
    said = "\n".join(forget.forget_person(house, ada.person.email))
    assert str(placed.aside) in said and "Remove" in said
    assert not killed.exists()
    placed.aside.unlink()
    assert "Remove" not in "\n".join(forget.forget_person(house, ben.person.email))


def test_what_a_killed_backup_left_is_gone_at_the_next_start_and_one_that_is_being_made_stays(
    house: House, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = leftovers.copy_of(house.store.path)
    left.write_text("ada@northwind.example")
    house.stopping.set()
    assert daemon.serve(house)
    assert not left.exists()

    def meanwhile(what: str, *_: int) -> None:
        if what == "copied":
            leftovers.swept(house.store.path)
            assert left.exists()

    backups.make(house, folder, None, meanwhile)


def killed(what: Callable[[Callable[..., None]], object], when: str) -> None:
    """Do it in a process of its own, which is killed at that step."""

    def step(done: str, *_: int) -> None:
        if done == when:
            os._exit(9)

    if (child := os.fork()) == 0:
        try:
            what(step)
        finally:
            os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9


@pytest.fixture
def unpacked(house: House, ada: Member, folder: Path) -> Path:
    """What a restore that was killed left: Ada stands in it in clear."""
    drafted(house, ada, draft("k1", "10:00", 45))
    file = made(house, folder)
    killed(lambda step: restoring.put_in_place(house.configuration, file, house.clock(), step), "restored")
    left = house.store.path.with_name("daybook.db.restoring")
    left.write_bytes(house.store.path.read_bytes() + wal(house))  # killed a moment later, it is all there
    assert ada.person.email.encode() in left.read_bytes()
    return left


def test_P7_an_erasure_removes_what_a_killed_restore_left_in_clear(
    house: House, ada: Member, unpacked: Path
) -> None:
    assert forget.ERASED in list(forget.forget_person(house, ada.person.email))
    assert not unpacked.exists()


def test_S15_what_lies_in_clear_of_a_server_lies_in_the_state_directory_and_goes_from_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A backup by hand wrote into /tmp; killed there, no daemon with a /tmp of its own ever found it."""
    state, elsewhere = tmp_path / "state", tmp_path / "tmp"
    left = state / f"{leftovers.CLEAR}killed"
    left.mkdir(parents=True), elsewhere.mkdir()
    (left / "daybook.db").write_text("ada@northwind.example")
    monkeypatch.setenv("STATE_DIRECTORY", f"{state}:{tmp_path}")
    monkeypatch.setattr("tempfile.tempdir", str(elsewhere))
    with leftovers.in_clear() as copy:
        assert copy.parent.parent == state
        assert copy.parent.stat().st_mode & 0o777 == 0o700
        assert names(state) == [copy.parent.name]
        leftovers.swept(None)
        assert copy.parent.exists(), "it is in use"
    assert not names(state) and not names(elsewhere)


def test_P12_what_a_killed_restore_left_in_clear_is_gone_with_the_next_forgetting(
    house: House, unpacked: Path
) -> None:
    leftovers.tidied(house.store.path, house.clock())
    assert not unpacked.exists()


def test_S15_what_a_killed_backup_left_lives_no_longer_than_one_and_counts_as_none(
    house: House, folder: Path, clock: Clock
) -> None:
    first = made(house, folder)
    clock.wait(hours=1)
    killed(lambda step: backups.make(house, folder, None, step), "read back")
    (left,) = {*names(folder)} - {first.name}
    assert left.endswith(".backup.new")
    clock.wait(hours=1)
    second = made(house, folder, keep=2)
    assert names(folder) == sorted([first.name, left, second.name]), "two that are whole are kept"
    clock.wait(days=8)
    assert left in backups.make(house, folder, None, quiet).removed
    assert left not in names(folder)


@pytest.mark.parametrize("owner", ["root", "daemon"])
def test_P12_a_backup_of_roots_that_was_killed_stops_neither_the_daemon_nor_retention(
    house: House, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, owner: str
) -> None:
    """Made with sudo, the copy was root's alone: the daemon could not open it, and did not start again."""
    if os.geteuid() != 0:
        pytest.skip("needs the right to give a file away (root)")
    os.chown(tmp_path, 4711, 4712)
    left = leftovers.copy_of(house.store.path)
    killed(lambda step: backups.make(house, folder, None, step), "copied")
    assert left.stat().st_uid == 4711, "it belongs to whom the folder belongs"
    if owner == "root":  # killed between the two
        os.chown(left, 0, 0)
    monkeypatch.chdir(tmp_path)  # the folders above it are root's alone
    os.seteuid(4711)
    try:
        leftovers.swept(Path(house.store.path.name))
    finally:
        os.seteuid(0)
    assert not left.exists()


def test_a_database_behind_a_link_is_replaced_where_it_is(
    house: House, ada: Member, folder: Path, tmp_path: Path
) -> None:
    file = made(house, folder)
    drafted(house, ada, draft("since", "10:00", 45))
    house.store.close()
    path, disk = house.store.path, tmp_path / "other disk"
    disk.mkdir()
    path.rename(disk / "daybook.db")
    path.symlink_to(disk / "daybook.db")
    placed = restoring.put_in_place(house.configuration, file, house.clock(), quiet)
    assert path.is_symlink()
    assert placed.aside.parent == disk
    opened = Store.open(house.configuration.store.url, KEY)
    with opened.reading() as tx:
        assert tx.is_put_back(opened.identity)
    opened.close()


def test_where_the_last_step_fails_the_database_has_its_journal_still(
    house: House, ada: Member, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Beside a database that does not open a journal stays, and holds what was said last."""
    file = made(house, folder)
    path, journal = left_behind(house, ada, monkeypatch)
    replaces = os.replace

    def fails(source: str, target: str) -> None:
        if str(source).endswith(".restoring"):
            raise OSError(5, "Input/output error")
        replaces(source, target)

    monkeypatch.setattr(os, "replace", fails)
    with pytest.raises(Outside, match="The database is as it was"):
        restoring.put_in_place(house.configuration, file, house.clock(), quiet)
    assert path.with_name("daybook.db-wal").read_bytes() == journal
    assert not list(path.parent.glob("*.before-*"))


def test_P10_a_restore_that_is_killed_before_its_last_step_loses_no_commit_of_a_daemon_that_was_killed(
    house: House, ada: Member, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What stood in the journal alone is in the database before that goes: a look at it put it there."""
    file = made(house, folder)
    drafted(house, ada, draft("since", "10:00", 45))
    path, journal = house.store.path, wal(house)
    before = path.read_bytes()
    house.store.close()
    path.write_bytes(before)  # as the daemon left it that was killed
    path.with_name("daybook.db-wal").write_bytes(journal)

    def dies(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as killed, pytest.raises(KeyboardInterrupt):
        killed.setattr(os, "replace", dies)
        restoring.put_in_place(house.configuration, file, house.clock(), quiet)
    opened = Store.open(house.configuration.store.url, KEY)
    with opened.reading() as tx:
        assert len(tx.drafts.of(ada.id, YESTERDAY)) == 1
    opened.close()


def test_where_the_very_last_word_of_the_disk_is_missing_nobody_is_told_that_all_is_as_it_was(
    house: House, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = made(house, folder)
    house.store.close()
    asked: list[Path] = []

    def fails_the_second_time(where: Path) -> None:
        asked.append(where)
        if len(asked) == 2:
            raise OSError(5, "Input/output error")

    monkeypatch.setattr(beside, "on_disk", fails_the_second_time)
    with pytest.raises(Outside, match=r"The backup took the place of .*do it again"):
        restoring.put_in_place(house.configuration, file, house.clock(), quiet)


def test_a_disk_that_knows_no_second_names_keeps_a_copy_aside(
    house: House, ada: Member, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = made(house, folder)
    house.store.close()
    before = house.store.path.read_bytes()

    def refuses(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", refuses)
    placed = restoring.put_in_place(house.configuration, file, house.clock(), quiet)
    assert placed.aside.read_bytes() == before
    assert placed.aside.stat().st_mode & 0o777 == 0o600
    opened = Store.open(house.configuration.store.url, KEY)
    with opened.reading() as tx:
        assert tx.is_put_back(opened.identity)
    opened.close()


@pytest.mark.parametrize("year", [1970, 2036])
def test_R13_a_backup_restored_by_a_wrong_clock_loses_nothing_and_leaves_the_clock_doubted(
    house: House, ada: Member, folder: Path, clock: Clock, year: int
) -> None:
    drafted(house, ada, draft("k1", "10:00", 45))
    file, real = made(house, folder), clock.now
    house.store.close()
    clock.now = datetime(year, 1, 1, tzinfo=UTC)
    restoring.put_in_place(house.configuration, file, clock(), quiet)
    house = replace(house, store=Store.open(house.configuration.store.url, KEY))
    said = "\n".join(restoring.begun(house))
    assert f"What is past its retention stays for now. The clock says {year}" in said
    with house.store.reading() as tx:
        assert len(tx.drafts.of(ada.id, YESTERDAY)) == 1
        assert tx.is_put_back(house.store.identity), "it is looked at again once the clock is believed"
    assert not doubt.believed(house)
    clock.now = real
    assert doubt.believed(house)
    assert restored.begin(house).older
    with house.store.reading() as tx:
        assert tx.restored_at() == real
    assert not restored.begin(house).older


def test_P7_where_nobody_knows_who_was_erased_it_is_said_with_what_to_do(house: House, folder: Path) -> None:
    file = made(house, folder)
    house.store.close()
    for left in house.store.path.parent.glob("daybook.db*"):
        left.unlink()
    restoring.put_in_place(house.configuration, file, house.clock(), quiet)
    house = replace(house, store=Store.open(house.configuration.store.url, KEY))
    said = "\n".join(restoring.begun(house))
    assert "NOBODY KNOWS who left or was erased since" in said
    assert "daybook forget --person ADDRESS" in said


def test_P7_a_second_restore_where_nobody_knows_does_not_know_either(house: House, folder: Path) -> None:
    """The first one began a file of what was taken back, and nothing stood in it: that is not to know."""
    file = made(house, folder)
    house.store.close()
    for left in house.store.path.parent.glob("daybook.db*"):
        left.unlink()
    for _ in range(2):
        restoring.put_in_place(house.configuration, file, house.clock(), quiet)
        house = replace(house, store=Store.open(house.configuration.store.url, KEY))
        assert "NOBODY KNOWS who left or was erased since" in "\n".join(restoring.begun(house))
        house.store.close()


def test_P7_where_a_machine_was_set_back_nobody_is_told_that_nobody_was_erased(
    house: House, ben: Member, folder: Path, tmp_path: Path
) -> None:
    """A snapshot sets back what stands beside the database too: Ben, erased since, is there again."""
    restored.begin(house)
    house.store.close()
    snapshot_of_all = {one: one.read_bytes() for one in tmp_path.glob("daybook.*")}
    house = replace(house, store=Store.open(house.configuration.store.url, KEY))
    joining.erase(house, ben)
    house.store.close()
    for one in tmp_path.glob("daybook.*"):
        one.unlink()
    for one, bytes_of_it in snapshot_of_all.items():
        one.write_bytes(bytes_of_it)
    house = replace(house, store=Store.open(house.configuration.store.url, KEY))
    said = "\n".join(restoring.begun(house, as_it_is=True))
    assert is_there(house, ben)
    assert "NOBODY KNOWS who left or was erased since" in said
    assert "daybook forget --person ADDRESS" in said


def test_R09_a_database_that_others_put_back_is_doubted_once_somebody_says_so(house: House) -> None:
    list(restoring.begun(house, as_it_is=True))
    with house.store.reading() as tx:
        assert tx.restored_at() == house.clock()
        assert not tx.is_put_back(house.store.identity)


def test_a_backup_does_not_hold_up_who_writes_meanwhile(
    house: House, ada: Member, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another thread writes while the copy stands still."""
    monkeypatch.setattr(snapshot, "PAGES", 5)
    written = threading.Event()

    def write() -> None:
        drafted(house, ada, draft("meanwhile"))
        written.set()

    def stands_still(what: str, *_: int) -> None:
        if what == "copied" and not written.is_set():
            threading.Thread(target=write).start()
            assert written.wait(60)

    backups.make(house, folder, None, stands_still)
    assert written.is_set()


def test_the_copy_of_a_database_keeps_its_way_of_writing(house: House, folder: Path) -> None:
    """Readers go on while one writes, also in a restored one."""
    again = put_back(house, made(house, folder))
    with closing(sqlite3.connect(again.store.path)) as opened:
        assert opened.execute("PRAGMA journal_mode").fetchone() == ("wal",)
