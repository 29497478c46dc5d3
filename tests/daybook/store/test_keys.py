"""Changing the master key: nothing is lost on the way, and the former one opens nothing afterwards."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from pydantic import SecretStr

from daybook import keys
from daybook.store import Store
from daybook.store.errors import StoreRefused
from daybook.store.people import Contributor
from daybook.store.seal import Master, Sealed
from tests.daybook.store.conftest import KEY, NOW, TODAY, draft

NEW = SecretStr(base64.b64encode(bytes(range(1, 33))).decode())
BOTH = (NEW, KEY)
FORMER = Master(KEY)


@pytest.fixture
def filled(store: Store, ada: Contributor, ben: Contributor) -> Store:
    """Credentials and some weeks of drafts, under a dozen data keys."""
    with store.writing() as tx:
        for who in (ada, ben):
            tx.grants.save(who.id, "jira", f"{who.id}-there", SecretStr(f"{who.id}-token"), NOW)
            for week in range(5):
                day = TODAY - timedelta(weeks=week)
                assert tx.drafts.save(who.id, day, draft(f"d{week}", text=f"{who.id} {week}"), 0)
        tx.revocations.add("jira", SecretStr("to-be-given-back"), NOW, NOW + timedelta(days=1))
    return store


def content(store: Store, *people: Contributor) -> list[Any]:
    """All that opens."""
    with store.reading() as tx:
        theirs = [tx.everything_of(who.id) | {"keys": tx.grants.of(who.id)} for who in people]
        return [*theirs, *(tx.revocations.get(one) for one in tx.revocations.due(NOW))]


def wrapped(store: Store) -> list[tuple[str, bytes]]:
    """(id of its master key, wrapped key) of every key in the database, the root too."""
    return rows(store, "select master, wrapped from keys union all select master, root from daybook")


def rows(store: Store, query: str) -> list[Any]:
    with store.reading() as tx:
        return [tuple(row) for row in tx.connection.exec_driver_sql(query)]


_opened: list[Store] = []


def opened(url: str, texts: SecretStr | tuple[SecretStr, ...]) -> Store:
    """Open until the test ends."""
    _opened.append(Store.open(url, texts))
    return _opened[-1]


@pytest.fixture(autouse=True)
def closed() -> Iterator[None]:
    yield
    while _opened:
        _opened.pop().close()


def test_a_new_master_key_takes_the_place_of_the_former_and_nothing_is_lost(
    filled: Store, url: str, ada: Contributor, ben: Contributor
) -> None:
    before = content(filled, ada, ben)
    filled.close()
    store = opened(url, BOTH)
    assert content(store, ada, ben) == before
    said = list(keys.renewed(store))
    assert f"{FORMER.id}  opens nothing any more." in said
    assert content(store, ada, ben) == before
    store.close()
    assert content(opened(url, NEW), ada, ben) == before


def test_the_former_master_key_opens_nothing_afterwards(
    filled: Store, url: str, ada: Contributor, on_disk: Callable[[], bytes]
) -> None:
    """Not the store, not one key in it, and no byte that was left in the file."""
    old = [secret for _, secret in wrapped(filled)]
    filled.close()
    store = opened(url, BOTH)
    list(keys.renewed(store))
    files = on_disk()
    assert not [secret for secret in old if secret in files]
    store.close()
    with pytest.raises(StoreRefused, match="is not the one this store was sealed with"):
        opened(url, KEY)
    now = wrapped(filled)
    assert {master for master, _ in now} == {Master(NEW).id}
    for _, secret in now:
        with pytest.raises(Sealed):
            FORMER.unwrap(secret, "root")


def test_broken_off_it_opens_with_both_and_goes_on_where_it_stood(
    filled: Store, url: str, ada: Contributor, ben: Contributor, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = content(filled, ada, ben)
    filled.close()
    monkeypatch.setattr("daybook.store.store.KEYS_AT_A_TIME", 3)
    left = []
    for _ in range(10):
        store = opened(url, BOTH)
        for count in store.renew_keys():
            left.append(count)
            break  # killed after every few
        store.close()
        assert content(opened(url, BOTH), ada, ben) == before
        if left[-1]:
            for alone in (KEY, NEW):
                with pytest.raises(StoreRefused, match="is not the one"):
                    opened(url, alone)
    assert left[:4] == [9, 6, 3, 0]
    assert content(opened(url, NEW), ada, ben) == before


def test_a_credential_is_sealed_anew_and_not_with_the_data_key_of_before(
    filled: Store, url: str, ada: Contributor
) -> None:
    """Whoever copied the data key with the former master key cannot open what is saved later."""
    sealed = "select sealed from grants order by contributor"
    before = rows(filled, sealed)
    filled.close()
    store = opened(url, BOTH)
    list(keys.renewed(store))
    after = rows(store, sealed)
    assert len(after) == len(before) == 2
    assert not set(after) & set(before)


def test_P10_a_credential_that_another_process_renews_beside_it_opens_afterwards(
    filled: Store, url: str, ada: Contributor
) -> None:
    """A back-fill runs beside everything; it remembers the data key of before."""
    filled.close()
    beside = opened(url, BOTH)
    with beside.reading() as tx:
        grant = tx.grants.get(ada.id, "jira")
    assert grant is not None
    list(opened(url, BOTH).renew_keys())
    with beside.writing() as tx:
        tx.grants.save(ada.id, "jira", "ada-there", SecretStr("the next token"), NOW)
    for store in (beside, opened(url, NEW)):
        with store.reading() as tx:
            saved = tx.grants.get(ada.id, "jira")
            assert saved is not None
            assert saved.credential.get_secret_value() == "the next token"


def test_what_is_new_is_sealed_with_the_first_key_of_the_list(
    filled: Store, url: str, ada: Contributor
) -> None:
    filled.close()
    store = opened(url, BOTH)
    with store.writing() as tx:
        assert tx.drafts.save(ada.id, TODAY + timedelta(weeks=9), draft("d"), 0)
    assert Master(NEW).id in {master for master, _ in wrapped(store)}
    assert any("daybook keys --renew" in sentence for sentence in keys.standing(store))


def test_R11_keys_are_not_changed_under_a_daemon_that_runs(filled: Store, url: str) -> None:
    store = opened(url, BOTH)
    with filled.hold(), pytest.raises(StoreRefused):
        list(keys.renewed(store))


def test_an_empty_list_of_keys_opens_nothing(url: str) -> None:
    with pytest.raises(StoreRefused, match="no master key"):
        opened(url, ())
