"""Who looked: each contributor reads it of themselves, and reading it is a look too (P-07, P7)."""

from __future__ import annotations

from itertools import product
from typing import get_args

import pytest
from sqlalchemy import delete

from core.visibility import THINGS, Role, State, may_see
from daybook.house import House, Member
from daybook.looking import Viewer
from daybook.page import words
from daybook.people import LISTED, roster
from daybook.store import schema
from tests.daybook.page.browser import Browser, Page
from tests.daybook.page.conftest import Links, everything


@pytest.fixture
def opened(house: House, ada: Member, browser: Browser, link: Links) -> Page:
    roster(house, Viewer("administrator", "otto"))
    return browser.follow(browser.open(link(ada, "own")), "who looked")


def test_P07_who_when_what_and_why_in_plain_words(browser: Browser, opened: Page) -> None:
    page = browser.press(opened, "Show the one line")
    what, who = "Whether you were invited, acknowledged or left", "otto, administrator"
    assert f"{what} {who} , 20 November 2026, 08:30 {LISTED}" in page.text
    assert "The list is whole" in page.text


def test_P07_reading_the_log_is_itself_logged_and_a_scanner_reads_nothing(
    house: House, browser: Browser, opened: Page
) -> None:
    assert "otto" not in opened.text
    stands = everything(house)
    assert browser.open(opened.url).text == opened.text
    assert everything(house) == stands
    page = browser.press(opened, "Show")
    assert "This list You, or somebody with a link of yours , 20 November 2026, 08:30" in page.text
    with house.store.reading() as tx:
        (ada,) = (row for row in tx.people.all() if row.email == "ada@northwind.example")
        assert [line.who for line in tx.access.of(ada.id)] == ["administrator otto", "owner"]


def test_P07_what_is_not_logged_stands_on_the_same_page_with_its_reason(opened: Page) -> None:
    for sentence in words.unlogged(8):
        assert sentence in opened.text


def test_P07_a_broken_chain_is_said_to_its_owner_and_to_nobody_else(
    house: House, ada: Member, ben: Member, browser: Browser, link: Links, opened: Page
) -> None:
    with house.store.writing() as tx:
        tx.connection.execute(delete(schema.access).where(schema.access.c.contributor == ada.id))
    broken = "A line of this list was changed by hand, or is missing."
    assert broken in browser.open(opened.url).text
    assert "A line of your access log was changed" in browser.open(link(ada, "own") + "/mine").text
    assert broken not in browser.open(link(ben, "own") + "/seen").text


def test_P1_bens_log_says_nothing_of_adas(
    browser: Browser, link: Links, ben: Member, house: House, ada: Member
) -> None:
    with house.store.writing() as tx:
        tx.access.log(ada.id, house.clock(), "administrator otto", "figures", "adas-canary")
    page = browser.press(browser.open(link(ben, "own") + "/seen"), "Show that there is none")
    assert "adas-canary" not in page.text


def test_P07_whatever_somebody_else_may_look_at_has_a_name_in_plain_words() -> None:
    others = [role for role in get_args(Role) if role != "owner"]
    seen = {
        thing
        for role, thing, state in product(others, THINGS, get_args(State))
        if may_see(role, thing, state) and thing != "policy"
    }
    assert seen <= {*words.LOOKED_AT}
