"""A contributor chooses which of their own calendars are read, and nobody else does."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from config.schema import Configuration
from connectors.google_calendar.sandbox import CalendarSite
from core import rounds
from core.model import Verdict
from daybook import choosing, jobs, joining
from daybook.house import House, Member
from tests.daybook.at_google import reading, site_for, tracking
from tests.daybook.conftest import Clock
from tests.daybook.page.browser import Browser, Page
from tests.daybook.page.conftest import Links, everything

HOUR = timedelta(hours=1)


@pytest.fixture
def configuration(configuration: Configuration) -> Configuration:
    return tracking(configuration)


@pytest.fixture
def google(configuration: Configuration, clock: Clock) -> Iterator[CalendarSite]:
    """Ada has a meeting in her own calendar, and three in two others."""
    site = site_for(configuration, clock=clock)
    ada = configuration.people[0].email
    side, choir = site.add_calendar(ada, "Side business"), site.add_calendar(ada, "<b>Choir</b>")
    for title, calendar in (
        ("Planning", ""),
        ("Workshop", side.id),
        ("Invoices", side.id),
        ("Mass", choir.id),
    ):
        at = clock() - (5 + len(title)) * HOUR
        site.add_event(ada, title, at, at + HOUR, calendar=calendar)
    site.delegate("calendar.events.owned.readonly", "calendar.calendarlist.readonly")
    site.start()
    yield site
    site.stop()


@pytest.fixture
def house(house: House, google: CalendarSite) -> House:
    """Its only tool is Google Calendar, where people may choose."""
    return reading(house, google, own_calendars=True)


@pytest.fixture
def opened(browser: Browser, link: Links, ada: Member) -> Page:
    return browser.follow(browser.open(link(ada, "own")), "Choose which")


def ticks(page: Page) -> set[str]:
    return {value for form in page.forms for name, value in form.fields if name == "container"}


def ids(google: CalendarSite) -> dict[str, str]:
    return {one.summary: one.id for one in google.calendars.values() if not one.primary}


def known(house: House, who: Member) -> set[str | None]:
    """The titles of all that is held of them."""
    today = who.today(house.clock())
    with house.store.reading() as tx:
        return {one.title for one in tx.evidence.of(who.id, today - timedelta(days=9), today)}


def held(house: House, who: Member) -> set[str | None]:
    """The same after a look."""
    jobs.perform(house, rounds.Pull(connection="calendar", partition=who.id))
    return known(house, who)


def test_nothing_but_her_main_calendar_is_read_until_she_chooses(opened, house, ada):
    assert "Side business" in opened.text and "<b>Choir</b>" in opened.text
    assert ticks(opened) == set()
    assert held(house, ada) == {"Planning"}


def test_what_she_ticks_is_read_and_goes_as_soon_as_she_unticks_it(browser, opened, house, ada, google):
    assert held(house, ada) == {"Planning"}
    chosen = browser.press(opened, "Save", container=ids(google)["Side business"])
    assert ticks(chosen) == {ids(google)["Side business"]}
    assert held(house, ada) == {"Planning", "Workshop", "Invoices"}
    browser.press(chosen, "Save", container=None)
    assert known(house, ada) == {"Planning"}, "at once, before anybody looks again"
    assert held(house, ada) == {"Planning"}


def test_what_she_unticks_while_it_is_read_is_not_stored_again(house, ada, google, clock: Clock, monkeypatch):
    side = ids(google)["Side business"]
    for n in range(8):
        at = clock() - (30 + n) * HOUR
        google.add_event(ada.person.email, f"Secret {n}", at, at + HOUR / 2, calendar=side)
    choosing.choose(house, ada, "calendar", [side])
    calendar, asked = house.connectors["calendar"], []
    real = calendar.pull

    def pull(*args: Any) -> Any:
        asked.append(args)
        if len(asked) == 2:
            choosing.choose(house, ada, "calendar", [])
        return real(*args)

    monkeypatch.setattr(calendar, "pull", pull)
    held(house, ada)
    assert len(asked) == 2
    assert known(house, ada) <= {"Planning"}, "the walk that was under way stores nothing more"
    for _ in range(2):
        clock.wait(hours=2)
        assert held(house, ada) == {"Planning"}
    with house.store.reading() as tx:
        assert [pull.reason for pull in tx.partitions.all()] == [None]


def test_W06_what_she_ticked_stays_ticked_where_it_could_not_be_saved(browser, opened, google, monkeypatch):
    side, refused = ids(google)["Side business"], Verdict(allowed=False, reason="Not now.")
    monkeypatch.setattr(choosing, "choose", lambda *_: refused)
    assert ticks(browser.press(opened, "Save", container=side)) == {side}


def test_a_calendar_that_was_taken_from_her_is_named_to_her_and_the_others_are_read(
    browser, opened, house, google, clock: Clock
):
    names = ids(google)
    page = browser.press(opened, "Save", container=names["Side business"])
    google.calendars[names["Side business"]].owner = "ben@northwind.example"
    again = browser.open(page.url)
    assert "Side business is gone or no longer yours, so nothing of it is read." in again.text
    assert ticks(again) == set()
    assert "no longer yours" not in browser.press(again, "Save", container=names["<b>Choir</b>"]).text


def test_what_she_chose_is_sealed(browser, opened, house, google):
    browser.press(opened, "Save", container=ids(google)["Side business"])
    words = repr(everything(house))
    assert "Side business" not in words and ids(google)["Side business"] not in words


def test_S14_nobody_chooses_a_calendar_that_is_not_theirs(browser, link, house, ben, ada, google):
    page = browser.open(link(ben, "own") + "/calendars")
    assert "Side business" not in page.text and "no further calendar" in page.text
    fields = [("connection", "calendar"), ("container", ids(google)["Side business"])]
    browser.send(link(ben, "own") + "/calendars", fields)
    with house.store.reading() as tx:
        assert tx.chosen.at("calendar") == {}


def test_a_tool_that_is_away_says_so_and_leaves_her_choice(browser, opened, link, google, house, ada):
    side = ids(google)["Side business"]
    browser.press(opened, "Save", container=side)
    google.delegate("calendar.events.owned.readonly")
    clock_moves = house.clock
    clock_moves.wait(hours=2)
    again = browser.open(link(ada, "own") + "/calendars")
    assert "Google does not let our account" in again.text and ticks(again) == {side}
    refused = browser.press(again, "Save", container=None)
    assert refused.status == 422
    with house.store.reading() as tx:
        assert [one.id for one in tx.chosen.of(ada.id, "calendar")] == [side]


def test_P3_who_has_not_agreed_or_left_is_not_asked_about(browser, link, house, ada, google):
    address = link(ada, "invite") + "/calendars"
    with house.store.writing() as tx:
        tx.people.acknowledge(ada.id, "an earlier one", house.clock())
    google.reset_counts()
    assert "nothing to choose" in browser.open(address).text
    assert browser.send(address, [("connection", "calendar"), ("container", "x")]).status == 409
    joining.leave(house, ada)
    assert sum(google.reset_counts().values()) == 0
