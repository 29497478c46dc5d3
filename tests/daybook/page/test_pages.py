"""Two pages on one PostgreSQL, and one browser that is sent to either: it never finds out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import cycle

import pytest
from starlette.types import Receive, Scope, Send

from daybook.daemon import serve
from daybook.errors import Wrong
from daybook.house import House, Member
from daybook.page.app import create
from daybook.store import Store
from tests.connectors.openid_provider import OpenIdProvider
from tests.daybook.conftest import KEY, draft, drafted
from tests.daybook.page import test_sign_in as signing_in
from tests.daybook.page.browser import Browser
from tests.daybook.page.conftest import Links, drafts, postings
from tests.daybook.page.test_sign_in import house, site

__all__ = ["house", "site"]


@pytest.fixture
def store_url(made_on_postgresql: str) -> str:
    return made_on_postgresql


class InTurns:
    """A balancer before two pages that share nothing but their database: each request goes to the other."""

    def __init__(self, *houses: House) -> None:
        self._apps = cycle([create(house) for house in houses])

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await next(self._apps)(scope, receive, send)


@pytest.fixture
def browser(house: House, site: OpenIdProvider, store_url: str) -> Iterator[Browser]:
    store = Store.open(store_url, KEY)
    yield Browser(InTurns(house, replace(house, store=store)))  # type: ignore[arg-type]
    store.close()


def test_who_signs_in_at_one_page_confirms_at_the_other_and_undoes_at_the_first(
    house: House, ada: Member, browser: Browser
) -> None:
    drafted(house, ada, draft("a", "10:00"))
    day = signing_in.signed_in(browser, at="/")
    assert (day.status, "Ada Example" in day.text) == (200, True)
    confirmed = browser.press(day, "Confirm the one")
    assert drafts(house, ada)["a"].decision == "confirmed"
    assert browser.press(confirmed, "Take it back").status == 200
    assert drafts(house, ada)["a"].decision == "open"
    assert [one.state for one in postings(house, ada)] == ["withdrawn"]


def test_S04_a_session_that_began_with_a_link_holds_at_both_and_ends_at_both(
    house: House, ada: Member, browser: Browser, link: Links
) -> None:
    drafted(house, ada, draft("a", "10:00"), draft("b", "11:00"))
    page = browser.press(browser.open(link(ada)), "Confirm")
    for _ in range(2):
        assert browser.open(page.url).status == 200
    with house.store.writing() as tx:
        tx.links.end(house.clock())
        tx.sessions.end(ada.id)
    for _ in range(2):
        assert browser.open(page.url).status == 404


def test_a_store_in_a_file_has_no_pages_beside_it(house: House, tmp_path: object) -> None:
    store = Store.open(f"sqlite:///{tmp_path}/daybook.db", KEY)
    with pytest.raises(Wrong, match=r"no workers or pages beside it\. Nothing was started"):
        serve(replace(house, store=store), page_only=True)
    store.close()
