"""Every table says whose it is and how long it is kept, and what walks the schema misses none."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any, get_args

import pytest
from pydantic import SecretStr
from sqlalchemy import Table, insert

from connectors.contract import Container
from core import posting
from core.draft_calendar import Block, Written
from core.figures import pieces
from core.matching import Matched
from core.memory import Choice, Lesson, Memory, OwnRule
from core.periods import week
from core.policy import Kept
from daybook.store import Store, Unit, schema
from daybook.store.consents import Consent
from daybook.store.draft_calendars import Inside
from daybook.store.people import Contributor
from daybook.store.replies import Reply
from daybook.store.seal import Sealed
from tests.daybook.store.conftest import NOW, TODAY, apply, draft, entry, meeting, seen

TABLES = schema.metadata.sorted_tables
CLASSES = {"evidence", "drafts", "memory", "entries", "access_log", "roster", "operations"}


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_P06_a_table_names_its_owner_and_how_long_it_is_kept(table: Table) -> None:
    assert table.info["kept"] in CLASSES
    assert table.info["owner"] is None or table.info["owner"] in table.c
    if "contributor" in table.c:
        assert table.info["owner"] == "contributor"
    assert ("ages" in table.info) is not bool(table.info.get("stays")), "it grows old, or says what ends it"
    if "ages" in table.info:
        assert table.info["ages"] in table.c
    if table.info["kept"] not in ("roster", "operations"):
        assert "ages" in table.info or table is schema.access_heads


def test_P06_the_retention_classes_are_those_of_the_policy_and_two_without_content() -> None:
    assert {*get_args(Kept), "roster", "operations"} == CLASSES == {table.info["kept"] for table in TABLES}


@pytest.mark.parametrize(
    "table", [t for t in TABLES if t.info["owner"] == "contributor"], ids=lambda t: t.name
)
def test_P7_what_a_person_owns_goes_with_the_person(table: Table) -> None:
    (key,) = table.c.contributor.foreign_keys
    assert (key.target_fullname, key.ondelete) == ("contributors.id", "CASCADE")


def fill(tx: Unit, who: Contributor, canary: str) -> None:
    """Something of `who` in every table that has owners."""
    choice = Choice(project=canary)
    taught = Memory(
        lessons=(Lesson(about=f"series:{canary}", choice=choice, weight=1, times=1, last=TODAY),),
        rules=(OwnRule(about=f"title:{canary}", says="always", choice=choice, shown=canary, made=TODAY),),
    )
    tx.memory.keep(who.id, taught, canary)
    day, kept = TODAY, draft("d1", text=canary)
    tx.grants.save(who.id, "jira", f"{canary}-account", SecretStr(f"{canary}-token"), NOW)
    tx.chosen.keep(who.id, "calendar", [Container(id=f"{canary}-calendar", name=canary)])
    asked = Consent(contributor=who.id, connection="jira", begun_at=NOW, verifier=SecretStr(canary))
    tx.consents.ask(asked, f"state-{who.id}")
    tx.draft_calendars.begin(who.id, "calendar", NOW)
    shown = Written(key=canary, day=TODAY, block=Block(title=canary, day=TODAY))
    tx.draft_calendars.write(who.id, "calendar", shown)
    started = tx.draft_calendars.get(who.id, "calendar")
    assert started is not None
    tx.draft_calendars.save(started, Inside(calendar=f"{canary}-drafts"))
    tx.accounts.save(who.id, "jira", Matched(external=f"{canary}-found"), NOW)
    tx.days.mark(who.id, [day])
    tx.days.reconciled(who.id, day, json.dumps({"said": canary}), "m1", tx.days.version(who.id, day), NOW)
    tx.drafts.save(who.id, day, kept, 0)
    made = entry(f"e-{who.id}").model_copy(update={"text": canary})
    tx.entries.add(who.id, kept.key, made)
    mine = made.model_copy(update={"category": canary})
    tx.counted.count(who.id, week(day), pieces(who.id, week(day), [mine], {}), [made])
    tx.postings.add(posting.hold(f"p-{who.id}", made, who.id, NOW, timedelta(minutes=15)))
    tx.mails.claim(who.id, day, "digest", f"<{who.id}@northwind.example>", NOW)
    tx.replies.offer(who.id, day, {canary: 1})
    tx.replies.keep(who.id, canary, Reply(at=NOW, why="words", words=canary))
    tx.links.mint(who.id, "confirm", day, NOW, NOW + timedelta(days=7))
    tx.sessions.begin(who.id, NOW, NOW + timedelta(hours=12))
    tx.remarks.add(who.id, NOW, "draft", 1, f"The {canary} was no work.")
    tx.access.log(who.id, NOW, "administrator Otto", "status", f"the mail bounced: {canary}")


@pytest.fixture
def full(store: Store, ada: Contributor, ben: Contributor) -> Store:
    for who, canary in ((ada, "adas-canary"), (ben, "bens-canary")):
        apply(store, [seen(f"o-{who.id}", (who, meeting("m1", title=canary)))], who)
        with store.writing() as tx:
            fill(tx, who, canary)
    return store


def test_P7_a_contributor_gets_all_that_is_held_about_them(full: Store, ada: Contributor) -> None:
    with full.reading() as tx:
        everything = tx.everything_of(ada.id)
    owned = {table.name for table in TABLES if table.info["owner"]}
    assert {name for name, rows in everything.items() if rows} == owned
    told = json.dumps(everything)
    assert "bens-canary" not in told
    for table in ("evidence", "days", "drafts", "lessons", "own_rules", "entries", "postings"):
        assert "adas-canary" in json.dumps(everything[table]), table


def test_S15_an_export_opens_no_door(full: Store, ada: Contributor) -> None:
    with full.reading() as tx:
        assert "adas-canary-token" not in json.dumps(tx.everything_of(ada.id))


def test_I12_an_erased_person_is_in_no_table_and_ben_is_untouched(
    full: Store, ada: Contributor, ben: Contributor
) -> None:
    with full.reading() as tx:
        before = tx.everything_of(ben.id)
    with full.writing() as tx:
        tx.people.erase(ada.id)
    with full.reading() as tx:
        assert not any(tx.everything_of(ada.id).values())
        assert tx.everything_of(ben.id) == before


def test_P10_who_leaves_keeps_only_what_they_confirmed(full: Store, ada: Contributor) -> None:
    with full.writing() as tx:
        tx.people.leave(ada.id, NOW)
    with full.reading() as tx:
        left = {name for name, rows in tx.everything_of(ada.id).items() if rows}
    assert left == {"contributors", "keys", "entries", "counted", "postings", "access", "access_heads"}


def _rows(tx: Unit, table: Table, who: Contributor) -> list[dict[str, Any]]:
    query = table.select().where(table.c.contributor == who.id)
    return [dict(row) for row in tx.connection.execute(query).mappings()]


SEALED = [table for table in TABLES if table.info["owner"] and "sealed" in table.c]


@pytest.mark.parametrize("table", SEALED, ids=lambda table: table.name)
def test_S14_what_is_adas_does_not_open_as_bens(
    full: Store, ada: Contributor, ben: Contributor, table: Table
) -> None:
    """Neither her seal in his row, nor her row under his name, nor his key on her seal."""
    with full.reading() as tx:
        (hers,), (his,) = _rows(tx, table, ada), _rows(tx, table, ben)
        assert "adas-canary" in tx.vault.opened(table, hers)
        identity = {name: his[name] for name in (*table.primary_key.columns.keys(), "contributor")}
        for swapped in (
            his | {"sealed": hers["sealed"], "key": hers["key"]},
            hers | {"contributor": ben.id},
            hers | {"key": his["key"]},
            hers | identity,
        ):
            with pytest.raises(Sealed):
                tx.vault.opened(table, swapped)


def test_a_seal_moved_to_another_row_of_the_same_person_does_not_open(store: Store, ada: Contributor) -> None:
    apply(store, [seen(uid, (ada, meeting(uid))) for uid in "ab"], ada)
    with store.reading() as tx:
        one, other = _rows(tx, schema.evidence, ada)
        assert one["key"] == other["key"]
        with pytest.raises(Sealed):
            tx.vault.opened(schema.evidence, one | {"sealed": other["sealed"]})


def test_S14_no_two_lists_of_parts_are_one(store: Store) -> None:
    """What a seal is bound to, and what a fingerprint is of, can be read in one way only."""
    lists = [("ab", "c"), ("a", "bc"), ("abc",), ("abc", ""), ("", "abc"), ("1:a", "b"), ("1", "a1:b")]
    with store.reading() as tx:
        assert len({tx.vault.fingerprint(*parts) for parts in lists}) == len(lists)
        assert len({tx.vault.token(*parts) for parts in lists}) == len(lists)


def test_S14_the_same_ids_side_by_side_stay_apart(store: Store, ada: Contributor, ben: Contributor) -> None:
    """One event both were invited to, one draft key both have: each sees their own."""
    apply(store, [seen("event", (ada, meeting("m", title="hers")))], ada)
    apply(store, [seen("event", (ben, meeting("m", title="his")))], ben)
    with store.writing() as tx:
        assert tx.drafts.save(ada.id, TODAY, draft("same", text="hers"), 0)
        assert tx.drafts.save(ben.id, TODAY, draft("same", text="his"), 0)
        assert tx.entries.add(ada.id, "same", entry("e-1"))
        assert tx.entries.get(ben.id, "e-1") is None
        assert tx.entries.from_draft(ben.id, "same") is None
    with store.reading() as tx:
        for who, word in ((ada, "hers"), (ben, "his")):
            assert [a.title for a in tx.evidence.of(who.id, TODAY, TODAY)] == [word]
            assert [held.draft.suggestion.text for held in tx.drafts.of(who.id, TODAY)] == [word]


def test_a_data_key_cannot_be_moved_to_another_person(
    full: Store, ada: Contributor, ben: Contributor
) -> None:
    keys = schema.keys
    with full.writing() as tx:
        (hers,) = tx.connection.execute(
            keys.select().where(keys.c.contributor == ada.id, keys.c.kept == "evidence")
        ).mappings()
        moved = dict(hers) | {"id": 7, "contributor": ben.id, "week": "2026-W01"}
        tx.connection.execute(insert(keys).values(moved))
        (row,) = _rows(tx, schema.evidence, ada)
        with pytest.raises(Sealed):
            tx.vault.opened(schema.evidence, row | {"key": 7})
