"""Drafts in a calendar of one's own at Google: from the button to the day, and back again."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from importlib import import_module
from urllib.parse import parse_qs, urlsplit

import pytest
from pydantic import SecretStr

from config.schema import Configuration
from connectors.google_calendar.connector import GoogleCalendar
from connectors.google_calendar.consent import APP_CREATED
from connectors.google_calendar.sandbox import CalendarSite
from connectors.google_calendar.sandbox_events import Calendar, Event
from connectors.google_calendar.settings import Settings
from connectors.oauth import WebAuthority
from core.model import Draft, Verdict
from core.rounds import Pull, Reconcile, Revoke, Show
from daybook import choosing, consenting, deeds, wiring
from daybook.house import House, Member
from daybook.page.app import create
from tests.connectors.consenting import pressed
from tests.daybook.at_google import site_for, tracking
from tests.daybook.conftest import BERLIN, YESTERDAY, Clock
from tests.daybook.page.browser import Browser, Page
from tests.daybook.page.conftest import Links
from tests.daybook.test_jobs import do_all

BACK = "https://daybook.northwind.example/connect/calendar/back"
READ = "https://www.googleapis.com/auth/calendar.events.owned.readonly"


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_module("daybook.jobs.show"), "A_WRITE", 0)


@pytest.fixture
def configuration(configuration: Configuration) -> Configuration:
    return tracking(configuration)


@pytest.fixture
def site(configuration: Configuration, clock: Clock) -> Iterator[CalendarSite]:
    """Yesterday at ten Ada planned, for an hour."""
    site = site_for(configuration, clock=clock)
    site.add_event(configuration.people[0].email, "Planning", at("10:00"), at("11:00"))
    site.delegate("calendar.events.owned.readonly")
    site.start()
    yield site
    site.stop()


@pytest.fixture(params=["delegated", "lent"])
def house(house: House, site: CalendarSite, request: pytest.FixtureRequest) -> House:
    """Calendars are read by the organisation's key, or each by its owner's leave."""
    app = site.register("daybook.apps.googleusercontent.com", [BACK])
    key = SecretStr(json.dumps(site.service_account_key())) if request.param == "delegated" else None
    told = Settings(
        key=key,
        oauth={"client": app.id, "secret": app.secret},  # type: ignore[arg-type]
        draft_calendars=True,
        own_calendars=True,
        endpoint=f"{site.url}/calendar/v3",
        consent=f"{site.url}/o/oauth2/v2/auth",
        tokens=site.url,
    )
    pace = wiring.manners(house.configuration, told, house.stopping)
    terms = wiring.terms(house.configuration, "google_calendar")
    calendar = GoogleCalendar("calendar", told, terms, pace)
    assert calendar.authorization is not None
    site.delegate("calendar.events.owned.readonly", "calendar.calendarlist.readonly")
    return replace(
        house,
        connectors={"calendar": wiring.layered(calendar, house.configuration, house.stopping)},
        authorities={"calendar": WebAuthority("Google", calendar.authorization, house.clock, pace)},
    )


@pytest.fixture
def browser(house: House) -> Browser:
    browser = Browser(create(house))
    browser.client.base_url = "https://localhost"
    return browser


def at(clock: str, day: date = YESTERDAY) -> datetime:
    return datetime.fromisoformat(f"{day}T{clock}").replace(tzinfo=BERLIN)


def allowed(browser: Browser, page: Page, button: str, who: Member, **fields: object) -> Page:
    """Press it here, allow it there, and come back."""
    going = browser.press(page, button)
    (there,) = [href for said, href in going.links if said.startswith("Go on to")]
    answer = pressed(there, who.person.email, **fields)
    back = urlsplit(answer.headers["Location"])
    landed = browser.client.get(f"{back.path}?{back.query}")
    return browser.open(landed.headers["location"])


@pytest.fixture
def on(browser: Browser, link: Links, house: House, ada: Member) -> Page:
    """Ada lets her calendar be read where that is hers to allow, and then wants her drafts shown."""
    page = browser.open(link(ada, "invite"))
    if house.connectors["calendar"].abilities.lent:
        page = allowed(browser, page, "Connect Google Calendar", ada)
    return allowed(browser, page, "Show my drafts there in Google Calendar", ada)


def rounds_go_on(house: House, clock: Clock) -> None:
    clock.wait(minutes=16)
    for kind in (Pull, Reconcile, Show, Reconcile, Show, Revoke):
        do_all(house, kind)
        clock.wait(seconds=1)


def drafting(site: CalendarSite) -> list[Calendar]:
    return [one for one in site.calendars.values() if one.app_created and not one.deleted]


def standing(site: CalendarSite) -> list[Event]:
    (calendar,) = drafting(site)
    return [one for one in calendar.events.values() if one.status != "cancelled"]


def mine(house: House, who: Member) -> Draft:
    with house.store.reading() as tx:
        (held,) = tx.drafts.of(who.id, YESTERDAY)
    return held.draft


def test_it_is_off_and_says_who_could_see_it_before_anybody_wants_it(
    house: House, browser: Browser, link: Links, ada: Member, site: CalendarSite, clock: Clock
) -> None:
    page = browser.open(link(ada, "invite"))
    assert "off until you switch it on" in page.text
    assert "whoever administers the accounts of Northwind Studio there could technically open it" in page.text
    rounds_go_on(house, clock)
    assert drafting(site) == []
    assert "only then, your drafts also stand in a calendar of your own" in page.text, (
        "the policy says so too"
    )


def test_P1_a_draft_appears_there_private_free_and_in_nobody_elses_calendar(
    house: House, on: Page, ada: Member, site: CalendarSite, clock: Clock
) -> None:
    assert "Switched on" in on.text and "Since 20 November 2026" in on.text
    rounds_go_on(house, clock)
    (event,), (calendar,) = standing(site), drafting(site)
    assert (event.summary, event.start, event.end) == ("Planning", at("10:00"), at("11:00"))
    assert (event.visibility, event.transparency, event.attendees) == ("private", "transparent", ())
    assert (calendar.owner, calendar.roles) == (ada.person.email, {})


def test_what_is_moved_there_is_edited_here_and_never_confirmed(
    house: House, on: Page, ada: Member, site: CalendarSite, clock: Clock
) -> None:
    rounds_go_on(house, clock)
    (event,) = standing(site)
    site.change(event, start=at("14:00"), end=at("14:45"))
    rounds_go_on(house, clock)
    said = mine(house, ada)
    assert (said.decision, said.suggestion.start, said.suggestion.minutes) == ("edited", at("14:00"), 45)
    (event,) = standing(site)
    assert (event.start, event.end) == (at("14:00"), at("14:45"))


def test_P2_moved_there_and_changed_at_its_source_is_said_and_not_taken(
    house: House, on: Page, ada: Member, site: CalendarSite, clock: Clock
) -> None:
    rounds_go_on(house, clock)
    (event,) = standing(site)
    site.change(event, start=at("14:00"), end=at("14:45"))
    (meeting,) = site.calendars[ada.person.email].events.values()
    site.change(meeting, end=at("12:00"))
    rounds_go_on(house, clock)
    rounds_go_on(house, clock)
    said = mine(house, ada)
    assert (said.decision, said.suggestion.minutes, said.noticed) == ("edited", 45, False)
    assert said.seen is not None and said.seen.minutes == 120
    assert [one.end for one in standing(site)] == [at("14:45")]


def test_what_is_deleted_there_is_dismissed_here(
    house: House, on: Page, ada: Member, site: CalendarSite, clock: Clock
) -> None:
    rounds_go_on(house, clock)
    (event,) = standing(site)
    site.delete(event)
    rounds_go_on(house, clock)
    assert mine(house, ada).decision == "dismissed"
    assert standing(site) == []


def test_what_is_confirmed_here_is_gone_there(
    house: House, on: Page, ada: Member, site: CalendarSite, clock: Clock
) -> None:
    rounds_go_on(house, clock)
    key = mine(house, ada).key
    deeds.edit(house, ada, key, project="internal", target="none")
    assert deeds.confirm(house, ada, YESTERDAY).done
    rounds_go_on(house, clock)
    assert standing(site) == [] and mine(house, ada).decision == "confirmed"


def test_P8_an_insert_whose_answer_was_lost_is_one_event(
    house: House, on: Page, ada: Member, site: CalendarSite, clock: Clock
) -> None:
    site.faults.script("POST /calendar/v3/calendars/{calendarId}/events", "drop-after")
    rounds_go_on(house, clock)
    rounds_go_on(house, clock)
    assert len(standing(site)) == 1 and mine(house, ada).decision == "open"


def test_P9_once_shown_the_same_rounds_write_nothing(
    house: House, on: Page, site: CalendarSite, clock: Clock
) -> None:
    rounds_go_on(house, clock)
    tick = site.tick
    rounds_go_on(house, clock)
    assert site.tick == tick


def test_our_own_calendar_is_never_evidence(
    house: House, on: Page, ada: Member, site: CalendarSite, clock: Clock
) -> None:
    rounds_go_on(house, clock)
    site.add_calendar(ada.person.email, "Side business")
    (calendar,) = drafting(site)
    assert choosing.choose(house, ada, "calendar", {calendar.id})
    with house.store.reading() as tx:
        assert tx.chosen.of(ada.id, "calendar") == ()
    rounds_go_on(house, clock)
    with house.store.reading() as tx:
        assert len(tx.evidence.of(ada.id, YESTERDAY, YESTERDAY)) == 1


def test_switched_off_the_calendar_is_gone_and_reading_goes_on(
    house: House, on: Page, browser: Browser, ada: Member, site: CalendarSite, clock: Clock
) -> None:
    rounds_go_on(house, clock)
    page = browser.press(on, "Switch off the calendar of drafts")
    assert "The calendar is deleted there" in page.text and "not shown" in page.text
    assert drafting(site) == []
    lent = house.connectors["calendar"].abilities.lent
    with house.store.reading() as tx:
        assert (tx.grants.get(ada.id, "calendar") is not None) == lent
    rounds_go_on(house, clock)
    assert drafting(site) == [] and mine(house, ada).decision == "open"


def test_P7_leaving_takes_the_calendar_along_before_the_right_to_it_is_given_back(
    house: House, on: Page, browser: Browser, ada: Member, site: CalendarSite, clock: Clock
) -> None:
    rounds_go_on(house, clock)
    browser.press(on, "Leave and erase", sure="yes")
    do_all(house, Revoke)
    assert drafting(site) == []
    assert site.tokens.consented == {}


def test_P11_only_this_right_is_asked_for_besides(
    house: House, browser: Browser, link: Links, ada: Member
) -> None:
    going = browser.press(browser.open(link(ada, "invite")), "Show my drafts there in Google Calendar")
    assert "make a calendar of its own there, for your drafts" in going.text
    (there,) = [href for said, href in going.links if said.startswith("Go on to")]
    asked = set(parse_qs(urlsplit(there).query)["scope"][0].split())
    assert APP_CREATED in asked
    assert (READ in asked) == house.connectors["calendar"].abilities.lent


def test_connecting_again_asks_for_no_less_than_they_have(house: House, on: Page, ada: Member) -> None:
    again = consenting.ask(house, ada, "calendar", "/", "browser")
    if house.connectors["calendar"].abilities.lent:
        assert isinstance(again, str) and APP_CREATED in parse_qs(urlsplit(again).query)["scope"][0]
    else:
        assert isinstance(again, Verdict), "there is nothing else to connect"


def test_who_unticks_it_at_google_keeps_what_stood_before(
    house: House, browser: Browser, link: Links, ada: Member, site: CalendarSite, clock: Clock
) -> None:
    page = browser.open(link(ada, "invite"))
    lent = house.connectors["calendar"].abilities.lent
    if lent:
        page = allowed(browser, page, "Connect Google Calendar", ada)
    email = "https://www.googleapis.com/auth/userinfo.email"
    page = allowed(
        browser,
        page,
        "Show my drafts there in Google Calendar",
        ada,
        scope=[READ, email] if lent else [email],
    )
    assert "Nothing was connected. Connect again" in page.text and "not shown" in page.text
    clock.wait(hours=1)
    do_all(house, Revoke)
    assert bool(site.tokens.consented) == lent
    rounds_go_on(house, clock)
    assert drafting(site) == [] and mine(house, ada).decision == "open" if lent else True


def test_a_draft_calendar_of_nobody_else_is_reached_with_another_account(
    house: House, browser: Browser, link: Links, ada: Member, ben: Member, site: CalendarSite
) -> None:
    """With the organisation's key it is known who Ada is at Google; nobody else's account serves."""
    if house.connectors["calendar"].abilities.lent:
        pytest.skip("there her own word says who she is")
    page = browser.open(link(ada, "invite"))
    page = allowed(browser, page, "Show my drafts there in Google Calendar", ben)
    assert "another account" in page.text and "not shown" in page.text
