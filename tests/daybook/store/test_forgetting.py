"""Past its retention, evidence is gone from the files themselves, not only from view (P12)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import Table, select

from daybook.store import Store, Unit, schema
from daybook.store.people import Contributor
from tests.daybook.store.conftest import NOW, TODAY, apply, draft, meeting, only, presence, seen
from tests.daybook.store.test_schema import fill

LONG_AGO = NOW - timedelta(days=60)


def seals(tx: Unit, *tables: Table) -> list[bytes]:
    return [row.sealed for table in tables for row in tx.connection.execute(select(table.c.sealed))]


def wrapped(tx: Unit, kept: str) -> list[bytes]:
    keys = schema.keys.c
    return list(tx.connection.execute(select(keys.wrapped).where(keys.kept == kept)).scalars())


def test_S15_no_word_of_a_day_is_readable_in_the_files(
    store: Store, ada: Contributor, on_disk: Callable[[], bytes]
) -> None:
    canary = "ada-meets-the-union"
    apply(store, [seen(f"{canary}-origin", (ada, meeting(f"{canary}-uid", title=canary)))], ada)
    with store.writing() as tx:
        fill(tx, ada, canary)
        tx.drafts.save(ada.id, TODAY, draft(f"{canary}-key", text=canary), 0)
        tx.partitions.claim("calendar", "one", "run", NOW, timedelta(minutes=5))
        tx.partitions.finish("calendar", "one", "run", f"{canary}-cursor", [ada.id], NOW, whole=True)
        assert tx.partitions.cursor("calendar", "one", [ada.id]) == f"{canary}-cursor"
    assert ada.id.encode() in on_disk(), "the scan looks at the right files"
    assert canary.encode() not in on_disk()


def test_P12_what_is_past_its_retention_is_gone_from_the_files(
    store: Store, ada: Contributor, on_disk: Callable[[], bytes]
) -> None:
    """Not even sealed: neither the noise nor the key that would open it."""
    days = {"old": LONG_AGO, "new": NOW}
    for uid, start in days.items():
        apply(store, [seen(uid, (ada, meeting(uid, start)))], ada)
        with store.writing() as tx:
            tx.drafts.save(ada.id, start.date(), draft(uid, start.date()), 0)
    with store.reading() as tx:
        drafts_and_evidence = (
            seals(tx, schema.evidence, schema.drafts) + wrapped(tx, "evidence") + wrapped(tx, "drafts")
        )
    files = on_disk()
    assert len(drafts_and_evidence) == 8
    assert all(piece in files for piece in drafts_and_evidence), "they are there to be found before"

    forgotten = store.forget({"evidence": 45, "drafts": 30}, NOW)

    assert (forgotten.rows["evidence"], forgotten.rows["drafts"], forgotten.keys) == (1, 1, 2)
    assert forgotten.clean
    files = on_disk()
    with store.reading() as tx:
        kept = seals(tx, schema.evidence, schema.drafts) + wrapped(tx, "evidence") + wrapped(tx, "drafts")
        assert [a.uid for a in tx.evidence.of(ada.id, date(2026, 1, 1), TODAY)] == ["new"]
        assert tx.drafts.between(ada.id, date.min, TODAY) == {TODAY: 1}
    assert len(kept) == 4
    assert {piece in files for piece in kept} == {True}
    assert {piece in files for piece in drafts_and_evidence if piece not in kept} == {False}


@only("sqlite")
def test_S16_the_file_shrinks_and_keeps_no_page_of_what_was_forgotten(store: Store, ada: Contributor) -> None:
    apply(store, [seen(f"{n}", (ada, meeting(f"{n}", LONG_AGO))) for n in range(300)], ada)
    store.forget({}, NOW)
    before = store.path.stat().st_size
    store.forget({"evidence": 45}, NOW)
    assert store.path.stat().st_size < before - 300 * 100


def test_P12_the_edge_of_a_retention_is_a_day_not_a_week(store: Store, ada: Contributor) -> None:
    for age in range(40, 50):
        apply(store, [seen(f"{age}", (ada, meeting(f"{age}", NOW - timedelta(days=age))))], ada)
    store.forget({"evidence": 45}, NOW)
    with store.reading() as tx:
        left = {int(a.uid) for a in tx.evidence.of(ada.id, date(2026, 1, 1), TODAY)}
    assert left == set(range(40, 46))


def test_a_presence_that_lasts_is_of_today_however_long_ago_it_began(store: Store, ada: Contributor) -> None:
    apply(store, [seen("i", (ada, presence("open", LONG_AGO, None)))], ada)
    apply(store, [seen("j", (ada, presence("done", LONG_AGO, LONG_AGO + timedelta(days=1))))], ada)
    heard(store, NOW - timedelta(days=1))
    store.forget({"evidence": 45}, NOW)
    with store.reading() as tx:
        assert [a.uid for a in tx.evidence.of(ada.id, TODAY, TODAY)] == ["open"]


def test_I10_a_presence_of_a_source_nobody_heard_of_for_so_long_does_not_last_for_ever(
    store: Store, ada: Contributor
) -> None:
    """Its connection may be gone from the configuration: nobody would ever say that it ended."""
    apply(store, [seen("i", (ada, presence("open", LONG_AGO, None)))], ada)
    heard(store, NOW - timedelta(days=46))
    assert store.forget({"evidence": 45}, NOW).rows["evidence"] == 1
    with store.reading() as tx:
        assert tx.evidence.of(ada.id, TODAY, TODAY) == []


def heard(store: Store, at: datetime) -> None:
    """The connection was walked to its end then."""
    with store.writing() as tx:
        assert tx.partitions.claim("calendar", "one", "run", at, timedelta(minutes=5))
        assert tx.partitions.finish("calendar", "one", "run", "cursor", [], at, whole=True)


def test_a_class_without_a_retention_is_kept(store: Store, ada: Contributor) -> None:
    apply(store, [seen("old", (ada, meeting("old", LONG_AGO)))], ada)
    store.forget({"drafts": 1}, NOW)
    with store.reading() as tx:
        assert tx.evidence.tally() == {"google_calendar": {"meeting": 1}}


@pytest.mark.parametrize("how", ["leave", "erase"])
def test_P7_who_goes_takes_their_keys_along(
    store: Store, ada: Contributor, ben: Contributor, on_disk: Callable[[], bytes], how: str
) -> None:
    for who in (ada, ben):
        apply(store, [seen(f"o-{who.id}", (who, meeting("m")))], who)
        with store.writing() as tx:
            fill(tx, who, "canary")
    with store.reading() as tx:
        hers = [
            piece
            for table in (schema.evidence, schema.drafts, schema.days)
            for piece in tx.connection.execute(
                select(table.c.sealed).where(table.c.contributor == ada.id)
            ).scalars()
        ]
    with store.writing() as tx:
        tx.people.leave(ada.id, NOW) if how == "leave" else tx.people.erase(ada.id)
    assert store.forget({}, NOW).clean
    files = on_disk()
    assert len(hers) == 3
    assert {piece in files for piece in hers} == {False}
    assert (ada.id.encode() in files) == (how == "leave")
    with store.reading() as tx:
        assert [a.uid for a in tx.evidence.of(ben.id, TODAY, TODAY)] == ["m"]


def test_a_reader_that_holds_on_is_said_and_the_next_round_cleans(
    store: Store, ada: Contributor, monkeypatch: pytest.MonkeyPatch
) -> None:
    for database in ("sqlite", "postgresql"):
        monkeypatch.setattr(f"daybook.store.{database}.SCRUB_SECONDS", 0.1)
    apply(store, [seen("old", (ada, meeting("old", LONG_AGO)))], ada)
    with store.reading() as tx:
        tx.people.all()
        assert not store.forget({"evidence": 45}, NOW).clean
    assert store.forget({"evidence": 45}, NOW).clean
