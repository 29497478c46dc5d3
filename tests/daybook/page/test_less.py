"""Unsubscribing from the daily mail."""

from __future__ import annotations

from daybook.house import House, Member
from tests.daybook.conftest import member
from tests.daybook.page.browser import Browser
from tests.daybook.page.conftest import Links


def test_E04_a_mail_program_unsubscribes_with_its_own_one_click(
    house: House, ada: Member, browser: Browser, link: Links
) -> None:
    for body in (
        {"data": {"List-Unsubscribe": "One-Click"}},
        {"files": {"List-Unsubscribe": (None, "One-Click")}},
    ):
        with house.store.writing() as tx:
            tx.people.digest(ada.id, True)
        answer = browser.client.post(
            link(ada, "less").removeprefix("https://daybook.northwind.example"), **body
        )
        assert answer.status_code == 200
        assert member(house, "Ada").contributor.digest_on is False


def test_E04_looking_at_the_link_keeps_the_mail_coming_and_the_button_ends_it(
    house: House, ada: Member, browser: Browser, link: Links
) -> None:
    page = browser.open(link(ada, "less"))
    assert member(house, "Ada").contributor.digest_on
    off = browser.press(page, "Unsubscribe")
    assert not member(house, "Ada").contributor.digest_on
    assert "It is off." in off.text
    browser.press(off, "Send it again")
    assert member(house, "Ada").contributor.digest_on


def test_P1_the_link_shows_nothing_but_itself_and_ends_nobody_elses_mail(
    house: House, ada: Member, ben: Member, browser: Browser, link: Links
) -> None:
    browser.press(browser.open(link(ben, "less")), "Unsubscribe")
    assert member(house, "Ada").contributor.digest_on
