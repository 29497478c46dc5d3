"""The month of many people, with few: what is measured adds up, or there are no figures."""

from __future__ import annotations

import json
import sqlite3
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench import month, reconcile
from bench.loop import Failed
from core.model import Draft, Suggestion

PEOPLE = 3


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("bench") / "month.db"
    assert month.plant(path, PEOPLE) == 1_500
    return path


@pytest.fixture(scope="module")
def ours(database: Path) -> reconcile.Figures:
    return reconcile.ours(database)


@pytest.fixture
def rows(database: Path, ours: reconcile.Figures) -> Iterator[sqlite3.Connection]:
    with sqlite3.connect(database) as connection:
        yield connection
    connection.close()


def minutes_of(database: Path, script: str, *more: str) -> int:
    told, _ = reconcile.ran(
        [sys.executable, "-c", reconcile.SPANS + script + reconcile.TOLD, database, *more]
    )
    return int(told["minutes"])


def test_P4_P5_the_drafts_of_a_month_add_up_to_the_union_of_its_spans(
    database: Path, ours: reconcile.Figures
):
    assert ours["minutes"] == minutes_of(database, reconcile.SWEEP)
    assert ours["minutes"] == minutes_of(database, reconcile.CATEGORIES, json.dumps(month.RULES))


def test_every_draft_is_written_down_as_it_was_suggested(rows: sqlite3.Connection, ours: reconcile.Figures):
    said = [Suggestion.model_validate_json(text) for (text,) in rows.execute("select suggestion from draft")]
    assert len(said) == ours["drafts"]
    assert sum(one.minutes for one in said) == ours["minutes"]
    assert all(one.because and Draft(suggestion=one, seen=one) for one in said)
    assert any(one.project for one in said)


def test_P9_a_day_that_did_not_change_is_left_alone_and_one_that_did_is_done_again(
    rows: sqlite3.Connection, ours: reconcile.Figures
):
    mappings = reconcile._mappings()
    before = rows.execute("select * from day order by person, day").fetchall()
    assert reconcile._reconciled(rows, mappings) == (0, 0)
    assert rows.execute("select * from day order by person, day").fetchall() == before

    person, day = before[0][:2]
    rows.execute("delete from activity where person = ? and day = ? and number < 300", [person, day])
    drafts, minutes = reconcile._reconciled(rows, mappings)
    assert 0 < drafts < 30
    assert minutes < json.loads(before[0][3])["attended"]
    (attended,) = rows.execute(
        "select sum(json_extract(suggestion, '$.minutes')) from draft where person = ? and day = ?",
        [person, day],
    ).fetchone()
    assert attended == minutes
    assert rows.execute("select * from day order by person, day").fetchall()[1:] == before[1:]


def test_the_peers_are_beside_us_and_a_missing_one_says_so():
    ran = {"seconds": 2.0, "minutes": 60, "peak": 40}
    ours = {"seconds": 4.0, "minutes": 60, "peak": 90, "drafts": 7, "again": {"seconds": 0.1}}
    names = (reconcile.CHAIN, reconcile.UNION)
    runs = {reconcile.OURS: ours, **dict.fromkeys(names, ran), reconcile.ACTIVITYWATCH: None}
    table = reconcile.table({"machine": "2 cores", "people": 2, "records": 1_000, "runs": runs})
    assert f"| {reconcile.OURS} | 250 |  | 90 |" in table
    assert f"| {reconcile.AGAIN} | 10,000 | 40.0 | 90 |" in table
    assert f"| {reconcile.UNION} | 500 | 2.0 | 40 |" in table
    assert f"| {reconcile.ACTIVITYWATCH} | could not be installed here | | |" in table


def test_minutes_that_differ_have_no_figures(monkeypatch: pytest.MonkeyPatch):
    told = iter([60, 61, 60])
    monkeypatch.setattr(reconcile, "_run", lambda *_: {"minutes": next(told), "seconds": 1.0, "peak": 1})
    monkeypatch.setattr(reconcile, "python_with", lambda _: None)
    with pytest.raises(Failed, match="minutes differ"):
        reconcile.measure(people=1)
