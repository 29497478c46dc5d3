"""A disk that is full, fails, is locked or read-only: who pressed is told, and it goes on by itself (R-12).

Nothing acknowledged is lost, nothing is posted without a record, and nobody has to start anything anew. The
daemon and the page are the real ones, on a small disk of their own; faults come from it, or from strace.
"""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

import pytest

from connectors.memory import Record
from core import rounds
from core.rounds import Forget, Revoke
from daybook import logs, restored, status
from daybook.disk import Disk
from daybook.embedded import Runner
from daybook.page import words
from daybook.page.app import create
from daybook.store import Store, StoreUnavailable
from tests.daybook.conftest import KEY, minted
from tests.daybook.page.browser import Browser, Page
from tests.disks.evening import Daybook, Diary, Evening
from tests.disks.journal import attached

LONG = 30.0
"""Seconds on a busy machine."""
SIZE = 8 << 20


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A small one of its own."""
    place = tmp_path / "disk"
    place.mkdir()
    if subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", place], capture_output=True
    ).returncode:
        pytest.skip("needs the right to mount a disk (root)")
    yield place
    assert subprocess.run(["umount", "-l", place]).returncode == 0


@dataclass
class Night:
    """Ada's day waits for her yes, and a daemon is at work."""

    evening: Evening
    disk: Path
    address: str
    """In her mail, since before anything went wrong."""
    log: StringIO

    @property
    def browser(self) -> Browser:
        return Browser(create(self.evening.house))

    def presses(self) -> Page:
        page = self.browser.open(self.address)
        return self.browser.press(page, "Confirm all 3")

    def said(self) -> list[str]:
        return [json.loads(line)["event"] for line in self.log.getvalue().splitlines()]

    def posted(self) -> list[tuple[str, int]]:
        return sorted((one.text, one.minutes) for one in self.evening.ours.tool.records.values())

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """Its daemon, until the end of the block."""
        house = self.evening.house
        runner = threading.Thread(target=Runner(house).run)
        runner.start()
        try:
            yield
        finally:
            house.stopping.set()
            house.work_is_waiting.set()
            runner.join(LONG)
            assert not runner.is_alive()
            house.stopping.clear()


ALL_OF_HERS = [("call 1", 30), ("call 2", 45), ("call 4", 15)]


@pytest.fixture
def night(disk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Night]:
    monkeypatch.setattr("daybook.runner.TICK", 0.2)
    monkeypatch.setattr("daybook.runner.SHARE", 0.9)
    monkeypatch.setattr("daybook.store.sqlite.BUSY_SECONDS", 0.3)
    evening = Evening(disk, Diary(tmp_path))
    evening.people_agree()
    restored.begin(evening.house)
    evening.meetings_are_read()
    address = minted(evening.house, evening.ours.member("Ada"))
    heard = StringIO()
    logs.configure(human=False, stream=heard)
    yield Night(evening, disk, address, heard)
    evening.house.store.close()


# --- what a disk can do ------------------------------------------------------------------------------------


@contextmanager
def full(night: Night) -> Iterator[None]:
    other = sqlite3.connect(night.disk / "daybook.db")
    other.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # what the journal has of the disk is ours to use again
    other.close()
    filler = night.disk / "filler"
    with filler.open("wb", buffering=0) as file, pytest.raises(OSError, match="No space left"):
        while True:
            file.write(bytes(4096))
    yield
    filler.unlink()


@contextmanager
def failing(call: str, error: str) -> Iterator[None]:
    with attached(os.getpid(), "-o", os.devnull, "-e", f"trace={call}", "-e", f"inject={call}:error={error}"):
        yield


def failing_syncs(_: Night) -> AbstractContextManager[None]:
    return failing("fdatasync", "EIO")


def failing_writes(_: Night) -> AbstractContextManager[None]:
    return failing("pwrite64", "EIO")


def no_space(_: Night) -> AbstractContextManager[None]:
    return failing("pwrite64", "ENOSPC")


def read_only(_: Night) -> AbstractContextManager[None]:
    """As a file system becomes that found an error in itself."""
    return failing("pwrite64", "EROFS")


@contextmanager
def locked(night: Night) -> Iterator[None]:
    other = sqlite3.connect(night.disk / "daybook.db", isolation_level=None, check_same_thread=False)
    other.execute("BEGIN EXCLUSIVE")
    yield
    other.execute("ROLLBACK")
    other.close()


BAD = [failing_syncs, failing_writes, no_space, read_only, locked, full]


@pytest.mark.parametrize("bad", BAD, ids=lambda one: one.__name__)
def test_R12_who_presses_confirm_on_a_bad_disk_is_told_and_it_goes_on_by_itself(
    night: Night, bad: Callable[[Night], AbstractContextManager[None]]
) -> None:
    evening = night.evening
    with night.at_work():
        with bad(night):
            evening.ours.waits(50)  # there is something to pull again
            answer = night.presses()
            assert (answer.status, words.NOT_NOW[0] in answer.text) == (503, True)
            assert words.NOT_NOW[2] in answer.text
            until(lambda: "store.failed" in night.said() or "store.short" in night.said())
            time.sleep(1)  # several looks at the state, each of which could complain
            assert night.said().count("store.failed") <= 1
            assert not {"round.failed", "job.broke"} & set(night.said())
            standing = status._disk(evening.house.store)
            assert standing
            assert "Traceback" not in night.log.getvalue()
        until(lambda: not status._disk(evening.house.store))
        assert night.presses().status == 200
        evening.ours.waits(16)
        evening.house.work_is_waiting.set()
        until(lambda: len(night.posted()) == 3)
        until(lambda: night.said().count("posting.answered") >= 3)
    assert night.posted() == ALL_OF_HERS
    assert night.said().count("store.failed") == night.said().count("store.answered")


@pytest.mark.parametrize("bad", [failing_syncs, failing_writes, no_space], ids=lambda one: one.__name__)
@pytest.mark.parametrize("after", [False, True], ids=["before it was sent", "after it was sent"])
def test_R12_a_disk_that_fails_around_a_send_makes_no_posting_without_a_record(
    night: Night, bad: Callable[[Night], AbstractContextManager[None]], after: bool
) -> None:
    evening, tool = night.evening, night.evening.ours.tool
    assert night.presses().status == 200
    evening.ours.waits(16)
    fails = bad(night)
    if after:
        write = tool.write

        def written(record: Record) -> str:
            number = write(record)
            fails.__enter__()
            tool.write = write  # type: ignore[method-assign]
            return number

        tool.write = written  # type: ignore[method-assign]
    else:
        fails.__enter__()
    with pytest.raises(StoreUnavailable):
        evening.ours.does(rounds.Post)
    assert len(tool.records) == int(after)
    fails.__exit__(None, None, None)
    evening.ours.posts()
    assert night.posted() == ALL_OF_HERS


def test_R12_a_count_of_sends_that_cannot_be_written_sends_nothing(night: Night) -> None:
    evening = night.evening
    assert night.presses().status == 200
    evening.ours.waits(16)
    with failing("fsync", "EIO"), pytest.raises(StoreUnavailable, match="Nothing was sent"):
        evening.ours.does(rounds.Post)
    assert not evening.ours.tool.records
    evening.ours.posts()
    evening.ours.posts()
    assert night.posted() == ALL_OF_HERS


def test_R12_nobody_starts_on_a_disk_that_is_mounted_read_only(night: Night) -> None:
    """It is the outside that failed: what starts the daemon starts it again."""
    house = night.evening.house
    house.store.close()
    subprocess.run(["mount", "-o", "remount,ro", night.disk], check=True)
    assert "mounted read-only" in house.store.shortage()
    with pytest.raises(StoreUnavailable, match="Read-only file system"):
        Daybook.on(night.disk)
    with pytest.raises(StoreUnavailable, match="mounted read-only"):
        Store.look(f"sqlite:///{night.disk}/daybook.db", KEY)
    subprocess.run(["mount", "-o", "remount,rw", night.disk], check=True)
    assert house.store.shortage() == ""
    Daybook.on(night.disk).house.store.close()


def until(done: Callable[[], bool]) -> None:
    deadline = time.monotonic() + LONG
    while not done():
        assert time.monotonic() < deadline, "it did not come to that"
        time.sleep(0.02)


def test_R12_nobody_starts_on_a_full_disk_and_everybody_does_when_there_is_room(night: Night) -> None:
    night.evening.house.store.close()
    with full(night), pytest.raises(StoreUnavailable), Daybook.on(night.disk).house.store.hold():
        pass
    ours = Daybook.on(night.disk)
    with ours.house.store.hold():
        pass
    ours.house.store.close()


# --- the floor ---------------------------------------------------------------------------------------------


@contextmanager
def nearly_full(night: Night) -> Iterator[None]:
    """Below the floor, and still with room for what people say."""
    filler = night.disk / "filler"
    left = os.statvfs(night.disk)
    filler.write_bytes(bytes(left.f_bavail * left.f_frsize - int(SIZE * 0.04)))
    yield
    filler.unlink(missing_ok=True)


def test_R12_below_the_floor_nothing_is_begun_but_what_makes_room_and_people_still_confirm(
    night: Night,
) -> None:
    evening, tool = night.evening, night.evening.ours.tool
    with nearly_full(night), night.at_work():
        until(lambda: "store.short" in night.said())
        page = night.browser.open(night.address)
        assert words.SHORT in page.text
        assert night.presses().status == 200
        evening.ours.waits(50)
        assert {type(one) for one in evening.ours._due()} <= {Forget, Revoke}
        asked = tool.requests
        standing = status.look(evening.house)
        assert not standing.well
        assert any(need.about == "disk" and "Make room." in need.says for need in standing.needs())
        time.sleep(0.6)
        assert tool.requests == asked
        assert night.said().count("store.short") == 1
        (night.disk / "filler").unlink()
        evening.house.work_is_waiting.set()
        until(lambda: len(night.posted()) == 3)
        assert words.SHORT not in night.browser.open(night.address).text
    assert night.said().count("store.roomy") == 1
    assert "store.failed" not in night.said()


def test_R12_P12_forgetting_goes_on_below_the_floor_without_a_copy_of_the_database(night: Night) -> None:
    evening = night.evening
    with nearly_full(night):
        free = os.statvfs(night.disk).f_bavail
        assert not evening.house.store.forget({"evidence": 1}, evening.house.clock()).clean
        assert os.statvfs(night.disk).f_bavail > free - 40
    assert evening.house.store.forget({"evidence": 1}, evening.house.clock()).clean


def test_R12_a_runner_begins_nothing_before_something_could_be_written_again(night: Night) -> None:
    store = night.evening.house.store
    disk = Disk(store)
    with locked(night):
        disk.failed(StoreUnavailable("locked"))
        disk.failed(StoreUnavailable("locked"))
        assert not disk.works()
    assert disk.works()
    assert night.said() == ["store.failed", "store.answered"]
