"""Unsubscribing from the daily mail."""

from __future__ import annotations

import pytest

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


def test_reminders_and_the_look_back_are_switched_off_alone_and_on_again(
    house: House, ada: Member, browser: Browser, link: Links
) -> None:
    page = browser.open(link(ada, "less"))
    page = browser.press(page, "No reminders")
    assert not member(house, "Ada").contributor.reminder_on
    page = browser.press(page, "No looking back")
    row = member(house, "Ada").contributor
    assert not row.look_back_on and not row.reminder_on and row.digest_on
    browser.press(browser.press(page, "Remind me again"), "Look back again")
    row = member(house, "Ada").contributor
    assert row.look_back_on and row.reminder_on


@pytest.mark.parametrize(("at", "ends"), [("/reminder", "reminder_on"), ("/look-back", "look_back_on")])
def test_E04_the_one_click_of_a_reminder_or_a_look_back_ends_that_kind_alone(
    house: House, ada: Member, browser: Browser, link: Links, at: str, ends: str
) -> None:
    here = link(ada, "less").removeprefix("https://daybook.northwind.example") + at
    assert browser.client.get(here).status_code == 200
    assert getattr(member(house, "Ada").contributor, ends)
    assert browser.client.post(here, data={"List-Unsubscribe": "One-Click"}).status_code == 200
    row = member(house, "Ada").contributor
    switches = ("digest_on", "reminder_on", "look_back_on")
    assert [one for one in switches if not getattr(row, one)] == [ends]


def test_where_nobody_is_reminded_the_page_offers_no_switch_for_it(
    house: House, ada: Member, browser: Browser, link: Links
) -> None:
    mail = house.configuration.mail
    assert mail is not None
    quiet = mail.model_copy(update={"reminder": "off", "look_back": False})
    object.__setattr__(house, "configuration", house.configuration.model_copy(update={"mail": quiet}))
    said = browser.open(link(ada, "less")).text
    assert "reminder" not in said and "Your week" not in said
