"""Unsubscribing from the daily mail."""

from __future__ import annotations

from daybook.house import House, Member
from tests.daybook.conftest import Clock, member
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


def test_once_a_week_and_on_every_working_day_again(
    house: House, ada: Member, browser: Browser, link: Links
) -> None:
    weekly = browser.press(browser.open(link(ada, "less")), "Once a week")
    assert "one mail a week" in weekly.text and member(house, "Ada").contributor.digest_weekly
    browser.press(weekly, "On every working day")
    assert not member(house, "Ada").contributor.digest_weekly


def test_not_this_week_says_when_it_comes_again_and_can_be_ended(
    house: House, ada: Member, browser: Browser, link: Links
) -> None:
    quiet = browser.press(browser.open(link(ada, "less")), "Not this week")
    assert "None comes before Monday, 23 November." in quiet.text
    assert not house.mails(member(house, "Ada"))
    browser.press(quiet, "Go on now")
    assert house.mails(member(house, "Ada"))


def test_a_day_to_wait_for_is_after_today_and_not_a_year_off(
    house: House, ada: Member, browser: Browser, link: Links, clock: Clock
) -> None:
    page = browser.open(link(ada, "less"))
    for wrong in ("2026-11-20", "2027-11-20", "soon", ""):
        said = browser.press(page, "Wait until then", after=wrong)
        assert said.status == 422 and "Nothing was changed." in said.text
    assert house.mails(member(house, "Ada"))
    browser.press(page, "Wait until then", after="2026-11-25")
    assert not house.mails(member(house, "Ada"))
    clock.wait(days=5)
    assert house.mails(member(house, "Ada"))


def test_their_own_link_opens_the_same_choice(
    house: House, ada: Member, browser: Browser, link: Links
) -> None:
    mine = browser.open(link(ada, "own"))
    assert "how often you are mailed" in mine.text
    browser.press(browser.open(f"{link(ada, 'own')}/mail"), "Unsubscribe")
    assert not member(house, "Ada").contributor.digest_on
