"""A mail goes out once, a link opens once, and a look leaves a line."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import delete, update

from daybook.store import Store, schema
from daybook.store.people import Contributor
from tests.daybook.store.conftest import NOW, TODAY, only

WEEK = NOW + timedelta(days=7)


def claim(store: Store, who: Contributor, minutes: int = 0, day: date = TODAY) -> bool:
    with store.writing() as tx:
        return tx.mails.claim(
            who.id, day, "digest", "<m@northwind.example>", NOW + timedelta(minutes=minutes)
        )


def test_a_mail_is_claimed_once_and_sent_once(store: Store, ada: Contributor, ben: Contributor) -> None:
    assert claim(store, ada)
    assert not claim(store, ada)
    with store.writing() as tx:
        tx.mails.sent(ada.id, TODAY, "digest", NOW)
    assert not claim(store, ada, minutes=9999)
    assert claim(store, ben)


@only("sqlite")
def test_E05_a_mail_a_killed_daemon_was_sending_goes_out_again_under_its_name(
    store: Store, ada: Contributor
) -> None:
    claim(store, ada)
    with store.hold():
        assert claim(store, ada, minutes=1)
    with store.reading() as tx:
        mail = tx.mails.get(ada.id, TODAY, "digest")
    assert mail is not None
    assert (mail.state, mail.attempts, mail.message_id) == ("sending", 2, "<m@northwind.example>")


def test_a_mail_whose_thread_died_is_taken_up_by_the_clock(store: Store, ada: Contributor) -> None:
    claim(store, ada)
    assert not claim(store, ada, minutes=14)
    assert claim(store, ada, minutes=15)


def test_E08_a_refused_mail_waits_and_a_refused_address_ends_it(store: Store, ada: Contributor) -> None:
    claim(store, ada)
    with store.writing() as tx:
        tx.mails.failed(ada.id, TODAY, "digest", "451 later", NOW + timedelta(minutes=5))
    assert not claim(store, ada, minutes=4)
    assert claim(store, ada, minutes=5)
    with store.writing() as tx:
        tx.mails.failed(ada.id, TODAY, "digest", "550 nobody here", None)
        assert tx.mails.tally() == {"given_up": 1}
    assert not claim(store, ada, minutes=9999)


def test_the_last_mail_is_the_one_of_the_latest_day(store: Store, ada: Contributor) -> None:
    with store.reading() as tx:
        assert tx.mails.last(ada.id, "digest") is None
    for day in (TODAY, TODAY - timedelta(days=1)):
        claim(store, ada, day=day)
    with store.reading() as tx:
        assert tx.mails.last(ada.id, "digest").day == TODAY  # type: ignore[union-attr]
        assert {who: mail.day for who, mail in tx.mails.latest("digest").items()} == {ada.id: TODAY}
        assert tx.mails.latest("invitation") == {}


def test_S04_a_token_is_the_same_again_until_it_is_used_or_expired(store: Store, ada: Contributor) -> None:
    with store.writing() as tx:
        token = tx.links.mint(ada.id, "confirm", TODAY, NOW, WEEK)
        assert tx.links.mint(ada.id, "confirm", TODAY, NOW + timedelta(days=1), WEEK) == token
        assert tx.links.use(tx.links.find(token, NOW), NOW)  # type: ignore[arg-type]
        second = tx.links.mint(ada.id, "confirm", TODAY, NOW, WEEK)
        third = tx.links.mint(ada.id, "confirm", TODAY, WEEK, WEEK + timedelta(days=7))
    assert len({token, second, third}) == 3


def test_S04_tokens_made_together_are_those_made_one_by_one(
    store: Store, ada: Contributor, ben: Contributor
) -> None:
    with store.writing() as tx:
        stands = tx.links.mint(ada.id, "day", TODAY, NOW, WEEK)
        used = tx.links.mint(ada.id, "confirm", TODAY, NOW, WEEK)
        assert tx.links.use(tx.links.find(used, NOW), NOW)  # type: ignore[arg-type]
        held = tx.links.mint(ada.id, "less", TODAY, NOW, WEEK, delegate=ben.id)
        wanted = dict.fromkeys(("day", "confirm", "less"), (TODAY, WEEK))
        tokens = tx.links.mint_each(ada.id, wanted, NOW)
        one_by_one = {purpose: tx.links.mint(ada.id, purpose, TODAY, NOW, WEEK) for purpose in wanted}
        found = {purpose: tx.links.find(token, NOW) for purpose, token in tokens.items()}
    assert tokens == one_by_one
    assert tokens["day"] == stands and tokens["confirm"] != used and tokens["less"] != held
    assert all(link and link.purpose == purpose and link.used_at is None for purpose, link in found.items())


def test_S04_a_token_is_one_person_one_purpose_one_day(
    store: Store, ada: Contributor, ben: Contributor
) -> None:
    with store.writing() as tx:
        tokens = {
            tx.links.mint(who.id, purpose, day, NOW, WEEK)
            for who in (ada, ben)
            for purpose in ("confirm", "unsubscribe")
            for day in (TODAY, None)
        }
        assert len(tokens) == 8
        found = [tx.links.find(token, NOW) for token in tokens]
    assert {(link.contributor, link.purpose, link.day) for link in found if link} == {
        (who.id, purpose, day)
        for who in (ada, ben)
        for purpose in ("confirm", "unsubscribe")
        for day in (TODAY, None)
    }


def test_S04_unknown_and_expired_look_alike_and_a_used_one_says_so(store: Store, ada: Contributor) -> None:
    with store.writing() as tx:
        token = tx.links.mint(ada.id, "confirm", TODAY, NOW, WEEK)
        guess = token[:-1] + ("a" if token[-1] != "a" else "b")
        assert tx.links.find(guess, NOW) is tx.links.find(token, WEEK) is None
        link = tx.links.find(token, NOW)
        assert link is not None
        assert not tx.links.use(link, WEEK)
        assert tx.links.use(link, NOW)
        assert not tx.links.use(link, NOW)
        assert tx.links.find(token, NOW).used_at == NOW  # type: ignore[union-attr]


def test_S04_a_token_is_long_and_not_in_the_database(
    store: Store, ada: Contributor, on_disk: Callable[[], bytes]
) -> None:
    with store.writing() as tx:
        token = tx.links.mint(ada.id, "confirm", TODAY, NOW, WEEK)
    assert len(token.partition("-")[2]) * 5 >= 128
    assert ada.id.encode() in (files := on_disk()), "the scan looks at the right files"
    assert token.encode() not in files


A, H = schema.access.c, schema.access_heads.c
TAMPERED: dict[str, Any] = {
    "who or why changed": update(schema.access).where(A.serial == 2).values(sealed=b"nobody" * 8),
    "another thing": update(schema.access).where(A.serial == 2).values(what="figures"),
    "another time": update(schema.access).where(A.serial == 2).values(at=NOW - timedelta(days=1)),
    "taken out from between": delete(schema.access).where(A.serial == 2),
    "taken from the beginning": delete(schema.access).where(A.serial == 1),
    "taken from the end": delete(schema.access).where(A.serial == 4),
    "all taken": delete(schema.access),
    "another before it": update(schema.access).where(A.serial == 1).values(previous=b"x" * 16),
    "an end that is written over": update(schema.access_heads).values(last=3),
    "a beginning that is written over": update(schema.access_heads).values(first=2),
    "no head": delete(schema.access_heads),
}


@pytest.mark.parametrize("how", TAMPERED)
def test_P07_a_line_of_the_access_log_cannot_be_changed_or_taken_out_unseen(
    store: Store, ada: Contributor, ben: Contributor, how: str
) -> None:
    """Neither before the next line nor after it, nor together with its neighbours."""
    with store.writing() as tx:
        for n in range(4):
            tx.access.log(ada.id, NOW + timedelta(minutes=n), "administrator Otto", "status", f"ticket {n}")
        tx.access.log(ben.id, NOW, "administrator Otto", "status", "his")
        assert [line.reason for line in tx.access.of(ada.id)] == [f"ticket {n}" for n in range(4)]
        assert tx.access.broken() == []
        change = TAMPERED[how]
        tx.connection.execute(change.where(change.table.c.contributor == ada.id))
        for _ in range(2):
            assert not tx.access.intact(ada.id)
            assert tx.access.intact(ben.id)
            assert tx.access.broken() == [ada.id]
            tx.access.log(ada.id, NOW, "administrator Otto", "status", "goes on")


def test_P07_the_end_of_a_log_cannot_be_taken_off_with_a_head_made_to_fit(
    store: Store, ada: Contributor, ben: Contributor
) -> None:
    """Without the key nobody makes the proof of a head; and that of another person is not hers."""
    with store.writing() as tx:
        for who in (ada, ben):
            tx.access.log(who.id, NOW, "administrator Otto", "status", "seen")
        tx.access.log(ada.id, NOW, "administrator Otto", "status", "what should not be known")
        first = tx.connection.execute(schema.access.select().where(A.contributor == ada.id, A.serial == 1))
        seal = first.mappings().one()["seal"]
        his = tx.connection.execute(schema.access_heads.select().where(H.contributor == ben.id))
        proof = his.mappings().one()["proof"]
        tx.connection.execute(delete(schema.access).where(A.contributor == ada.id, A.serial == 2))
        forged = {"last": 1, "seal": seal, "proof": proof}
        tx.connection.execute(update(schema.access_heads).where(H.contributor == ada.id).values(forged))
        assert tx.access.broken() == [ada.id]


def test_P07_a_log_begins_empty_and_whole(store: Store, ada: Contributor) -> None:
    with store.reading() as tx:
        assert tx.access.of(ada.id) == []
        assert tx.access.intact(ada.id)


def test_the_access_log_stays_whole_when_its_oldest_lines_are_forgotten(
    store: Store, ada: Contributor
) -> None:
    with store.writing() as tx:
        tx.access.log(ada.id, NOW - timedelta(days=900), "administrator Otto", "status", "long ago")
        tx.access.log(ada.id, NOW, "administrator Otto", "status", "today")
    store.forget({"access_log": 730}, NOW)
    with store.writing() as tx:
        assert [line.reason for line in tx.access.of(ada.id)] == ["today"]
        assert tx.access.intact(ada.id)
        tx.access.log(ada.id, NOW, "administrator Otto", "status", "again")
        assert tx.access.intact(ada.id)
    store.forget({"access_log": 730}, NOW + timedelta(days=1_000))
    with store.reading() as tx:
        assert tx.access.of(ada.id) == []
        assert tx.access.intact(ada.id), "its time was over, so nothing is missing"


def test_P07_forgetting_hides_no_line_that_went_before_its_time(store: Store, ada: Contributor) -> None:
    with store.writing() as tx:
        for age in (900, 800, 700, 1):
            tx.access.log(ada.id, NOW - timedelta(days=age), "administrator Otto", "status", f"{age}")
        tx.connection.execute(delete(schema.access).where(A.serial == 3))
    store.forget({"access_log": 730}, NOW)
    with store.reading() as tx:
        assert [line.reason for line in tx.access.of(ada.id)] == ["1"]
        assert not tx.access.intact(ada.id)


def test_a_clock_that_goes_back_puts_no_line_before_an_older_one(store: Store, ada: Contributor) -> None:
    """Else retention would take a line from between, and the log would look tampered with."""
    with store.writing() as tx:
        tx.access.log(ada.id, NOW, "administrator Otto", "status", "one")
        tx.access.log(ada.id, NOW - timedelta(hours=1), "administrator Otto", "status", "two")
        assert [line.at for line in tx.access.of(ada.id)] == [NOW, NOW]
