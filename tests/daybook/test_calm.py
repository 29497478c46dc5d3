"""Who looks what is due rests longer in the calm of a night, and not a moment longer once somebody wrote."""

from __future__ import annotations

from errno import EIO
from pathlib import Path
from types import SimpleNamespace

import pytest

from core.rounds import Forget, Work
from daybook import calm


class Hours:
    """Time that passes when told to; a look takes a tenth of a second of it."""

    def __init__(self) -> None:
        self.now = 1_000.0
        self.worked = 0.0

    def monotonic(self) -> float:
        return self.now

    def monotonic_ns(self) -> int:
        return int(self.now * 1e9)

    def thread_time(self) -> float:
        self.worked += 0.1
        return self.worked


@pytest.fixture
def hours(monkeypatch: pytest.MonkeyPatch) -> Hours:
    hours = Hours()
    monkeypatch.setattr(
        calm,
        "time",
        SimpleNamespace(
            monotonic=hours.monotonic,
            thread_time=hours.thread_time,
            monotonic_ns=hours.monotonic_ns,
        ),
    )
    return hours


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "daybook.db"
    file.write_bytes(b"")
    return file


def test_P10_a_file_that_cannot_be_looked_at_ends_nothing_and_makes_no_calm(
    monkeypatch: pytest.MonkeyPatch, file: Path, hours: Hours
) -> None:
    one = calm.Calm(file)
    assert quiet_for(one, hours, 120)

    def fails(path: Path, **_: object) -> None:
        raise OSError(EIO, "Input/output error")

    monkeypatch.setattr(Path, "stat", fails)
    assert not one.lasts()
    assert not quiet_for(one, hours, 120)


def quiet_for(one: calm.Calm, hours: Hours, seconds: float, *due: Work) -> bool:
    """Look every five seconds; does calm last then?"""
    for _ in range(int(seconds / 5) + 1):
        assert one.after(lambda: due) == due
        hours.now += 5
    return one.lasts()


def test_after_a_minute_without_anything_looking_waits_in_proportion_to_what_it_took(
    hours: Hours, file: Path
):
    night = calm.Calm(file)
    assert not quiet_for(night, hours, 50)
    assert quiet_for(night, hours, 15)
    hours.now += 0.1 / calm.SHARE
    assert not night.lasts()


def test_whoever_writes_ends_it_at_once(hours: Hours, file: Path):
    night = calm.Calm(file)
    assert quiet_for(night, hours, 90)
    file.with_name("daybook.db-wal").write_bytes(b"a draft is confirmed")
    assert not night.lasts()
    assert not quiet_for(night, hours, 50)


def test_what_comes_due_ends_it_too(hours: Hours, file: Path):
    night = calm.Calm(file)
    assert quiet_for(night, hours, 90)
    night.ends()
    assert not night.lasts()


def test_it_never_begins_while_something_is_due_or_where_nobody_tells_who_writes(hours: Hours, file: Path):
    assert not quiet_for(calm.Calm(file), hours, 600, Forget())
    assert not quiet_for(calm.Calm(None), hours, 600)
