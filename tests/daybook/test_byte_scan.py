"""Byte by byte: what is forgotten or erased is in no file, and a backup is noise (P12, I12, S-16).

Scanned are the database, its journal, its shared memory, everything in the folder for temporary files, the
log, what was written to the terminal, and a copy of the database that was made before.
"""

from __future__ import annotations

import io
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import Table, select
from sqlalchemy.exc import NoResultFound

from daybook import forget, jobs, joining, logs
from daybook.house import House, Member
from daybook.store import Store, schema
from tests.daybook.conftest import KEY, YESTERDAY, Clock, draft, drafted
from tests.daybook.store.conftest import entry, meeting, seen
from tests.daybook.store.test_schema import fill

TOKEN, TITLE, OLD = "kanarie-token", "kanarie-title", "kanarie-of-long-ago"
ADDRESS = "ada@northwind.example"
LONG_AGO = timedelta(days=60)


@dataclass
class Places:
    """Where bytes can be, besides the backup."""

    store: Path
    temporary: Path
    log: io.StringIO
    terminal: Any
    backup: Path

    def live(self) -> bytes:
        self.temporary.mkdir(exist_ok=True)
        files = [*self.store.parent.glob(f"{self.store.name}*"), *self.temporary.rglob("*")]
        written = b"".join(path.read_bytes() for path in files if path.is_file())
        out, err = self.terminal.readouterr()
        return written + self.log.getvalue().encode() + out.encode() + err.encode()

    def copied(self) -> bytes:
        return b"".join(path.read_bytes() for path in self.backup.iterdir())

    def back_up(self) -> None:
        """As an administrator's nightly copy does it: the database with its journal."""
        self.backup.mkdir()
        for path in self.store.parent.glob(f"{self.store.name}*"):
            shutil.copy(path, self.backup)


@pytest.fixture
def places(house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: Any) -> Places:
    temporary, log = tmp_path / "temporary", io.StringIO()
    temporary.mkdir()
    for name in ("TMPDIR", "SQLITE_TMPDIR"):
        monkeypatch.setenv(name, str(temporary))
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    logs.configure(human=False, stream=log)
    return Places(house.store.path, temporary, log, capfd, tmp_path / "yesterday")


@pytest.fixture
def planted(house: House, ada: Member, ben: Member, places: Places, clock: Clock) -> Member:
    """Canaries in every table of Ada's, of today and of long ago; Ben has a day beside hers."""
    old = clock() - LONG_AGO
    with house.store.writing() as tx:
        fill(tx, ada.contributor, TITLE)
        tx.grants.save(ada.id, "memory", "account", SecretStr(TOKEN), clock())
        for at, title in ((clock(), TITLE), (old, OLD)):
            sighting = seen(title, (ada.contributor, meeting(title, at, title=title)))
            tx.evidence.apply("memory", [sighting], {ada.id: ada.zone}, clock())
        tx.drafts.save(ada.id, old.date(), draft(OLD, day=old.date(), text=OLD), 0)
        ancient = (clock() - timedelta(days=900)).date()
        tx.entries.add(ada.id, OLD, entry("e-old", ancient).model_copy(update={"text": OLD}))
    drafted(house, ben, draft("b", text="Ben's own"))
    places.back_up()
    return ada


STAYS = ("entries", "access_log")
"""What she confirmed and who looked stay for their time when she leaves."""


def sealed_of(house: House, who: Member, *canaries: str) -> list[tuple[Table, dict[str, Any]]]:
    """Every row of theirs whose content holds one of these words, as it lies in the database."""
    with house.store.reading() as tx:
        return [
            (table, dict(row))
            for table in schema.metadata.sorted_tables
            if table.info["owner"] == "contributor" and "sealed" in table.c
            for row in tx.connection.execute(select(table).where(table.c.contributor == who.id)).mappings()
            if row["sealed"] and any(word in tx.vault.opened(table, row) for word in canaries)
        ]


def wrapped_keys(house: House, rows: list[tuple[Table, dict[str, Any]]]) -> list[bytes]:
    with house.store.reading() as tx:
        this = schema.keys.c.id.in_({row["key"] for _, row in rows})
        return list(tx.connection.execute(select(schema.keys.c.wrapped).where(this)).scalars())


def by_hand(house: House, who: Member) -> None:
    list(forget.forget_person(house, who.person.email))


WAYS: dict[str, tuple[Callable[[House, Member], object], tuple[str, ...]]] = {
    "its time is over": (lambda *_: None, (OLD,)),
    "she leaves": (joining.leave, (OLD, TITLE, TOKEN)),
    "she erases herself": (joining.erase, (OLD, TITLE, TOKEN)),
    "an administrator erases her": (by_hand, (OLD, TITLE, TOKEN)),
}
"""What happens, and what is to be gone after the round that follows."""


@pytest.mark.parametrize("how", WAYS)
def test_P12_what_is_gone_is_in_no_file_not_even_sealed(
    house: House, planted: Member, places: Places, how: str
) -> None:
    does, gone = WAYS[how]
    rows = [
        (table, row)
        for table, row in sealed_of(house, planted, *gone)
        if how != "she leaves" or table.info["kept"] not in STAYS
    ]
    pieces = [row["sealed"] for _, row in rows] + wrapped_keys(house, rows)
    assert len(rows) >= 3
    before = places.live()
    assert all(piece in before for piece in pieces), "the scan looks at the right files"

    does(house, planted)
    jobs.forget(house)

    after = places.live()
    assert not [piece for piece in pieces if piece in after]
    assert not list(places.temporary.iterdir())
    assert b'"status": "clean"' in after


@pytest.mark.parametrize("how", WAYS)
def test_S15_no_word_is_readable_anywhere_yesterdays_backup_included(
    house: House, planted: Member, places: Places, how: str
) -> None:
    before = places.live() + places.copied()
    WAYS[how][0](house, planted)
    jobs.forget(house)
    for written in (before, places.live(), places.copied()):
        assert not [word for word in (TOKEN, TITLE, OLD, "Ben's own") if word.encode() in written]


@pytest.mark.parametrize("how", ["she erases herself", "an administrator erases her"])
def test_I12_an_erased_person_is_in_no_file_by_address_or_by_id(
    house: House, planted: Member, places: Places, how: str
) -> None:
    assert ADDRESS.encode() in places.live()
    WAYS[how][0](house, planted)
    jobs.forget(house)
    after = places.live()
    for word in (ADDRESS, planted.id, f"e-{planted.id}"):
        assert word.encode() not in after
    assert b"ben@northwind.example" in after


@pytest.mark.parametrize("how", WAYS)
def test_P05_what_lay_in_a_backup_does_not_open_in_todays_store(
    house: House, planted: Member, how: str
) -> None:
    does, gone = WAYS[how]
    rows = [
        (table, row) for table, row in sealed_of(house, planted, *gone) if table.info["kept"] not in STAYS
    ]
    does(house, planted)
    jobs.forget(house)
    assert rows
    with house.store.reading() as tx:
        for table, row in rows:
            with pytest.raises(NoResultFound):
                tx.vault.opened(table, row)


def test_what_sealing_does_not_protect_from_is_a_whole_backup_with_the_master_key(
    house: House, planted: Member, places: Places
) -> None:
    """docs/privacy.md says so; whoever finds a way out may turn this round."""
    joining.erase(house, planted)
    jobs.forget(house)
    (database,) = places.backup.glob("*.db")
    restored = Store.open(f"sqlite:///{database}", KEY)
    with restored.reading() as tx:
        assert TITLE in str(tx.everything_of(planted.id))
    restored.close()


def test_P12_a_policy_tightened_today_holds_for_the_files_after_the_next_round(
    house: House, ada: Member, places: Places, clock: Clock
) -> None:
    drafted(house, ada, draft("x", text=TITLE, day=YESTERDAY - timedelta(days=10)))
    rows = sealed_of(house, ada, TITLE)
    jobs.forget(house)
    assert rows[0][1]["sealed"] in places.live()
    shorter = house.policy.model_copy(
        update={"retention": house.policy.retention.model_copy(update={"drafts": 3})}
    )
    jobs.forget(replace(house, policy=shorter))
    assert rows[0][1]["sealed"] not in places.live()
