"""Nothing older than the policy exists, in any class and any table, whatever its age (P12, P-05, I10)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Table, func, insert, select

from core.memory import Choice, Lesson, Memory
from core.periods import week
from core.policy import Kept, Retention, kept_until
from daybook.store import Store, Unit, schema
from daybook.store.people import Contributor
from daybook.store.seal import ALWAYS
from tests.daybook.store.conftest import (
    KEY,
    NOW,
    TODAY,
    agreed,
    apply,
    draft,
    entry,
    meeting,
    only,
    presence,
    seen,
)
from tests.daybook.store.test_schema import fill

AGING = [table for table in schema.metadata.sorted_tables if "ages" in table.info]
CLASSES: tuple[Kept, ...] = get_args(Kept)


OF_A_KIND: dict[type, Any] = {str: "x", int: 1, bool: False, bytes: b"x", date: TODAY, datetime: NOW}
"""A row of a table without owner, whatever it is."""


def days(tx: Unit, table: Table) -> Iterator[date]:
    """Of what day each row is that grows old."""
    for moment in tx.connection.execute(select(table.c[table.info["ages"]])).scalars():
        if moment is not None:  # a presence that lasts is of today
            yield moment.date() if isinstance(moment, datetime) else moment


def rows(tx: Unit, table: Table) -> int:
    return int(tx.connection.execute(select(func.count()).select_from(table)).scalar_one())


def something_of(store: Store, who: Contributor, age: int) -> None:
    """One thing in every class, so many days old."""
    at = NOW - timedelta(days=age)
    lesson = Lesson(about=f"series:{age}", choice=Choice(project="p"), weight=1, times=1, last=at.date())
    apply(store, [seen(f"o{age}", (who, meeting(f"m{age}", at)))], who)
    with store.writing() as tx:
        tx.drafts.save(who.id, at.date(), draft(f"d{age}", at.date()), 0)
        tx.entries.add(who.id, f"d{age}", entry(f"e{age}", at.date()))
        known = tx.memory.of(who.id)
        tx.memory.keep(who.id, Memory(lessons=(*known.lessons, lesson)), "title")
        tx.access.log(who.id, at, "administrator otto", "figures", "lab")
        tx.links.mint(who.id, "day", at.date(), at, at)


@given(
    ages=st.sets(st.integers(0, 130), min_size=1, max_size=6),
    kept=st.fixed_dictionaries({one: st.integers(90 if one == "access_log" else 1, 110) for one in CLASSES}),
)
@settings(max_examples=12)
def test_I10_after_forgetting_no_table_holds_a_row_older_than_its_class_is_kept(
    ages: set[int], kept: dict[str, int], tmp_path_factory: pytest.TempPathFactory
) -> None:
    store = Store.open(f"sqlite:///{tmp_path_factory.mktemp('store')}/daybook.db", KEY)
    ada = agreed(store, "ada@northwind.example")
    for age in sorted(ages, reverse=True):  # a log has its lines in order of time
        something_of(store, ada, age)
    retention = Retention(**kept)
    store.forget(retention.model_dump(), NOW)
    with store.reading() as tx:
        for table in AGING:
            what = table.info["kept"]
            assert all(kept_until(retention, what, day) >= TODAY for day in days(tx, table)), table.name
        stays = sorted(NOW.date() - timedelta(days=age) for age in ages if age <= kept["evidence"])
        assert sorted(days(tx, schema.evidence)) == stays
        assert tx.access.intact(ada.id)
        cut = {what: week((NOW - timedelta(days=kept[what])).date()) for what in CLASSES}
        for key in tx.connection.execute(select(schema.keys)).mappings():
            assert key["week"] >= cut[key["kept"]], "a key goes with its whole week"
    store.close()


@pytest.mark.parametrize("table", AGING, ids=lambda table: table.name)
def test_P12_every_table_that_grows_old_is_forgotten_by_it(
    store: Store, ada: Contributor, table: Table
) -> None:
    """So `ages` is no mere word: a column that says nothing of the age would keep its rows here."""
    apply(store, [seen("o", (ada, meeting("m")))], ada)
    with store.writing() as tx:
        fill(tx, ada, "canary")
        if table.info["owner"] is None:
            tx.connection.execute(
                insert(table).values({one.name: OF_A_KIND[one.type.python_type] for one in table.c})
            )
        assert rows(tx, table)
    store.forget(Retention().model_dump(), NOW + timedelta(days=20 * 365))
    with store.reading() as tx:
        assert not rows(tx, table)


def test_P12_what_does_not_grow_old_says_what_ends_it_and_stays_until_then(
    store: Store, ada: Contributor
) -> None:
    with store.writing() as tx:
        fill(tx, ada, "canary")
        before = {table.name for table in schema.metadata.sorted_tables if rows(tx, table)}
    store.forget(Retention().model_dump(), NOW + timedelta(days=20 * 365))
    with store.reading() as tx:
        after = {table.name for table in schema.metadata.sorted_tables if rows(tx, table)}
    assert after == {name for name in before if "stays" in schema.metadata.tables[name].info}


@pytest.mark.parametrize(
    "table", [table for table in AGING if "sealed" in table.c], ids=lambda table: table.name
)
def test_P12_what_has_a_day_is_sealed_under_the_key_of_its_week(
    store: Store, ada: Contributor, table: Table
) -> None:
    """Else its key would outlive it, and with the key every copy in a backup."""
    apply(store, [seen("o", (ada, meeting("m")))], ada)
    with store.writing() as tx:
        fill(tx, ada, "canary")
        held = [row for row in tx.connection.execute(select(table)).mappings() if row["sealed"] is not None]
        assert held
        for row in held:
            day = row[table.info["ages"]]
            key = (
                tx.connection.execute(select(schema.keys).where(schema.keys.c.id == row["key"]))
                .mappings()
                .one()
            )
            assert key["kept"] == table.info["kept"]
            assert key["week"] == week(day.date() if isinstance(day, datetime) else day)


def test_P12_what_lasts_has_no_week_until_it_ends(store: Store, ada: Contributor) -> None:
    def key_of_it() -> str:
        with store.reading() as tx:
            joined = select(schema.keys.c.week).join(
                schema.evidence, schema.evidence.c.key == schema.keys.c.id
            )
            return str(tx.connection.execute(joined).scalar_one())

    apply(store, [seen("i", (ada, presence("p", NOW - timedelta(days=60), None)))], ada)
    assert key_of_it() == ALWAYS
    apply(store, [seen("i", (ada, presence("p", NOW - timedelta(days=60), NOW)))], ada)
    assert key_of_it() == week(TODAY)


def test_P12_a_shorter_retention_is_due_at_once_and_a_daily_round_once_a_day(store: Store) -> None:
    kept, shorter = {"evidence": 45, "drafts": 30}, {"evidence": 10, "drafts": 30}
    with store.reading() as tx:
        assert not tx.is_forgotten(kept)
    store.forget(kept, NOW)
    with store.reading() as tx:
        assert tx.is_forgotten(dict(reversed(kept.items())))
        assert not tx.is_forgotten(shorter)
    store.forget(shorter, NOW)
    with store.writing() as tx:
        assert tx.is_forgotten(shorter)
        tx.forget_soon()
        assert not tx.is_forgotten(shorter)
        assert tx.forgotten_at() == NOW, "when it was is known all the same"


@only("sqlite")
def test_S16_deleted_bytes_are_overwritten_and_the_file_is_rewritten(store: Store, ada: Contributor) -> None:
    """All three, each alone: the next release of SQLite may have other defaults."""
    canary = b"clear-text-canary"

    def pragma(name: str) -> Any:
        with store.writing() as tx:
            return tx.connection.exec_driver_sql(f"PRAGMA {name}").scalar()

    def files() -> dict[str, bytes]:
        return {path.name: path.read_bytes() for path in sorted(Path(store.path.parent).glob("daybook.db*"))}

    assert pragma("secure_delete") == 1
    assert pragma("journal_mode") == "wal"
    with store.writing() as tx:
        for number in range(40):
            tx.access.log(ada.id, NOW, "administrator", f"{canary.decode()} {number}" * 3, "why")
    with store.writing() as tx:
        tx.connection.execute(schema.access.delete())
    assert any(canary in written for written in files().values()), "the scan looks at the right files"
    assert store.database.scrub(store._writer)
    after = files()
    assert not any(canary in written for written in after.values())
    assert after["daybook.db-wal"] == b"", "checkpoint(TRUNCATE)"
    assert pragma("freelist_count") == 0, "VACUUM"
