"""daybook sync as an administrator types it."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest

from daybook import joining, restored
from tests.daybook.cli.conftest import everybody_agrees

NO, WRONG_INPUT = 1, 2
LIVING = "SELECT count(*) FROM contributors WHERE left_at IS NULL"


def test_a_back_fill_reads_beside_a_daemon_that_holds_the_store(daybook, outside, file):
    house = everybody_agrees(file)
    since = (datetime.now(UTC) - timedelta(days=3)).date().isoformat()
    with house.store.hold():
        shown = daybook("sync", "--since", since, "calendar", "--json")
    house.store.close()
    assert shown.returncode == 0, shown.stderr
    told = json.loads(shown.stdout)
    assert (told["filled"], told["failed"], told["busy"]) == (6, 0, 0)
    assert not outside.counts()["jira"]


def test_P3_R09_a_sync_on_an_older_copy_reads_nobody_who_left_since(daybook, outside, file):
    house = everybody_agrees(file)
    restored.begin(house)
    copy = house.store.path.with_name("copy.db")
    with closing(sqlite3.connect(house.store.path)) as live, closing(sqlite3.connect(copy)) as there:
        live.backup(there)
    with house.store.reading() as tx:
        everybody = tx.people.all()
    for one in everybody:
        with house.store.reading() as tx:
            member = house.member(tx, one.id)
        joining.leave(house, member)
    house.store.close()
    copy.replace(house.store.path)
    assert daybook("sync").returncode == 0
    assert not any(outside.counts().values())
    with closing(sqlite3.connect(house.store.path)) as database:
        assert database.execute(LIVING).fetchone() == (0,)


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("--since yesterday", "does not match the format"),
        ("--since 2026-11-09 --believe jira", "two different errands"),
        ("jira", "CONNECTION goes with --since"),
        ("--yes", "go with --believe"),
    ],
)
def test_options_that_say_nothing_together_are_refused_at_once(daybook, typed, why):
    shown = daybook("sync", *typed.split())
    assert shown.returncode == WRONG_INPUT
    assert why in shown.stderr


def test_nothing_to_believe_is_a_no_in_words(daybook, file):
    everybody_agrees(file).store.close()
    shown = daybook("sync", "--believe", "jira")
    assert shown.returncode == NO
    assert "Nothing of jira is doubted" in shown.stderr
