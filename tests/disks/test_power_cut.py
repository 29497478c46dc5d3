"""The power goes at any moment: what somebody was thanked for is there and reaches its target once (R-12)."""

from __future__ import annotations

import json
import os
import pickle
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from connectors.memory import Record
from daybook import restored
from daybook.store import sqlite
from tests.disks.evening import DIARY, Daybook, Evening, World
from tests.disks.journal import Change, recorded
from tests.disks.platter import FATES, Platter
from tests.simulation.ground import MORNING

CUTS = os.environ.get("DISKS", "40")
"""At how many moments of the evening the power goes; `all`: at every one."""
FEW = "16"
FAST = Path("/dev/shm")


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    with TemporaryDirectory(dir=FAST if FAST.is_dir() else tmp_path) as name:
        yield Path(name)


@dataclass
class Told:
    """What the diary says up to one moment."""

    wanted: World = field(default_factory=dict)
    """All that somebody was thanked for."""
    asked: World = field(default_factory=dict)
    """The same with what was just asked for."""
    records: dict[str, Record] = field(default_factory=dict)

    def hears(self, line: dict[str, Any]) -> None:
        match line["what"]:
            case "asked":
                self.asked = line["wanted"]
            case "thanked":
                self.wanted = self.asked = line["wanted"]
            case "world":
                self.records = pickle.loads(bytes.fromhex(line["records"]))


def evening(folder: Path, *options: str) -> list[Change]:
    """One evening, recorded."""
    disk = folder / "disk"
    disk.mkdir()
    with recorded(disk, folder / "log", *options) as journal:
        Evening(disk).passes()
    shutil.rmtree(disk)
    return journal


def wrong(journal: Sequence[Change], folder: Path, cuts: str = CUTS, seed: int = 0) -> list[str]:
    """What is not as it must be after the power went, at some moments of this evening or at all."""
    chance = Random(seed)
    syncs = [number for number, change in enumerate(journal) if change.kind == "sync"]
    moments = [*syncs, *(number + 1 for number in syncs)]
    chosen = range(len(journal)) if cuts == "all" else chance.sample(moments, int(cuts) // 2)
    if cuts != "all":
        chosen = [*chosen, *chance.choices(range(len(journal)), k=int(cuts) // 2)]
    platter, told, found = Platter(), Told(), []
    for number, change in enumerate(journal):
        for fate in FATES if number in chosen else ():
            place = folder / f"{number}-{fate}"
            place.mkdir()
            platter.loses_power(place, fate, chance)
            found += [f"{number} {fate}: {what}" for what in _wrong(place, told)]
        if change.name == DIARY:
            if change.kind == "write":
                told.hears(json.loads(change.content))
        else:
            platter.does(change)
    return found


def _wrong(place: Path, told: Told) -> Iterator[str]:
    """Start on what is left, and see it through."""
    if not (place / "daybook.db").exists():
        if told.asked:
            yield "there is no database"
        return
    try:
        ours = Daybook.on(place, datetime(2026, 11, 20, 12, tzinfo=MORNING.tzinfo))
        with ours.house.store.hold():
            ours.tool.records, ours.tool.written = dict(told.records), 100
            yield from _unrecorded(ours)
            restored.begin(ours.house)
            ours.posts()
    except Exception as error:
        yield f"{type(error).__name__}: {error}"
        return
    there = sorted((one.text, one.minutes) for one in ours.tool.records.values())
    if there not in (sorted(told.wanted.items()), sorted(told.asked.items())):
        yield f"{there} at the tool, and {told.wanted} was wanted"
    ours.house.store.close()


def _unrecorded(ours: Daybook) -> Iterator[str]:
    """What stands at the tool and the store knows of no attempt for."""
    with ours.house.store.reading() as tx:
        if (said := tx.connection.exec_driver_sql("PRAGMA integrity_check").scalar()) != "ok":
            yield f"the database is broken: {said}"
        tried = {
            filed.posting.entry.text
            for person in tx.people.all()
            for filed in tx.postings.all_of(person.id)
            if filed.posting.attempt
        }
    for record in ours.tool.records.values():
        if record.text not in tried:
            yield f"{record.text} was posted without a record"


def test_R12_P10_power_lost_at_any_moment_loses_nothing_acknowledged_and_posts_nothing_twice(
    folder: Path,
) -> None:
    assert wrong(evening(folder), folder) == []


@pytest.mark.parametrize("which", range(8, 35, 7))
def test_R12_after_a_sync_that_failed_nothing_is_lost_either_whatever_the_kernel_made_of_it(
    folder: Path, which: int
) -> None:
    """SQLite writes those pages again, in its journal and in its file: so no later sync lies about them."""
    journal = evening(folder, "-e", f"inject=fdatasync:error=EIO:when={which}")
    assert any(change.failed for change in journal)
    assert wrong(journal, folder, FEW, seed=which) == []


@pytest.mark.parametrize("level", ["NORMAL", "OFF"])
def test_R12_a_store_that_does_not_wait_for_its_disk_is_caught(
    folder: Path, level: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So this test would see it if somebody took the wait away."""
    monkeypatch.setattr(sqlite, "_SETTINGS", (f"synchronous={level}", *sqlite._SETTINGS[1:]))
    assert wrong(evening(folder), folder, FEW)


def test_R09_R12_a_count_of_sends_that_does_not_wait_for_its_disk_is_caught(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its new name lasts and what it says does not: no daemon would start on that."""
    sync = os.fsync
    monkeypatch.setattr(
        os, "fsync", lambda file: None if Path(f"/proc/self/fd/{file}").is_file() else sync(file)
    )
    assert any("is no number" in what for what in wrong(evening(folder), folder, FEW))
