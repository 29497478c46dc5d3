"""Consent is a state in the store: told, agreed, left, back."""

from __future__ import annotations

from datetime import timedelta

from pydantic import SecretStr

from daybook.store import Store
from daybook.store.people import Contributor
from tests.daybook.store.conftest import NOW


def test_enrolling_twice_is_one_person_with_an_id_that_says_nothing(store: Store) -> None:
    with store.writing() as tx:
        first = tx.people.enrol("Ada@Northwind.example", NOW)
        again = tx.people.enrol("ada@northwind.example", NOW + timedelta(days=1))
        ben = tx.people.enrol("ben@northwind.example", NOW + timedelta(days=2))
        assert tx.people.all() == [first, ben]
    assert again == first
    assert first.id.startswith("c-")
    assert "ada" not in first.id


def test_consent_goes_from_told_to_agreed_to_left_and_back(store: Store) -> None:
    with store.writing() as tx:
        who = tx.people.enrol("ada@northwind.example", NOW).id
        assert tx.people.get(who).acknowledged is None  # type: ignore[union-attr]
        tx.people.invited(who, "1", NOW)
        tx.people.acknowledge(who, "1", NOW + timedelta(hours=1))
        told = tx.people.get(who)
        assert told is not None
        assert (told.invited, told.acknowledged, told.acknowledged_at) == ("1", "1", NOW + timedelta(hours=1))
        tx.people.leave(who, NOW + timedelta(days=1))
        gone = tx.people.get(who)
        assert gone is not None
        assert (gone.acknowledged, gone.left_at) == (None, NOW + timedelta(days=1))
        assert tx.people.enrol("ada@northwind.example", NOW + timedelta(days=2)).left_at is not None
        tx.people.acknowledge(who, "2", NOW + timedelta(days=3))
        assert tx.people.get(who).left_at is None  # type: ignore[union-attr]


def test_unsubscribing_stays(store: Store, ada: Contributor) -> None:
    with store.writing() as tx:
        tx.people.digest(ada.id, on=False)
    with store.reading() as tx:
        assert tx.people.get(ada.id).digest_on is False  # type: ignore[union-attr]


def test_a_credential_is_its_owners_until_refused_or_dropped(
    store: Store, ada: Contributor, ben: Contributor
) -> None:
    with store.writing() as tx:
        for who in (ada, ben):
            tx.grants.save(who.id, "jira", f"account-{who.id}", SecretStr(f"token-{who.id}"), NOW)
        grant = tx.grants.get(ada.id, "jira")
        assert grant is not None
        assert (grant.external, grant.credential.get_secret_value()) == (
            f"account-{ada.id}",
            f"token-{ada.id}",
        )
        tx.grants.refuse(ben.id, "jira", "The token was revoked.")
        assert tx.grants.accounts("jira") == [(ada.id, f"account-{ada.id}")]
        assert tx.grants.get(ben.id, "jira").refused == "The token was revoked."  # type: ignore[union-attr]
        tx.grants.save(ben.id, "jira", "b", SecretStr("new"), NOW)
        assert [who for who, _ in tx.grants.accounts("jira")] == sorted([ada.id, ben.id])
        tx.grants.drop(ada.id, "jira")
        assert (tx.grants.of(ada.id), len(tx.grants.of(ben.id))) == ([], 1)
