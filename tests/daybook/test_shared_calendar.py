"""One of the calendars that the administrator shares out goes: its readers go on with the others."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from urllib.parse import parse_qsl, urlsplit

import pytest
from pydantic import SecretStr

from config.schema import Configuration
from connectors.connecting import App
from connectors.google_calendar.connector import GoogleCalendar
from connectors.google_calendar.sandbox import CalendarSite
from connectors.google_calendar.sandbox_events import Calendar
from connectors.google_calendar.settings import Settings
from connectors.manners import Manners
from connectors.oauth import WebAuthority
from daybook import consenting, jobs, status, wiring
from daybook.house import House, Member
from tests.connectors.consenting import pressed
from tests.daybook.at_google import reading, site_for, tracking
from tests.daybook.conftest import TODAY, YESTERDAY, Clock
from tests.daybook.test_gaps import said

PAGE = "https://daybook.northwind.example"
BROWSER = "b" * 43


@pytest.fixture
def configuration(configuration: Configuration) -> Configuration:
    return tracking(configuration)


@pytest.fixture
def site(configuration: Configuration, clock: Clock) -> Iterator[CalendarSite]:
    site = site_for(configuration, clock=clock)
    site.delegate("calendar.events.readonly")
    site.start()
    yield site
    site.stop()


@pytest.fixture
def team(site: CalendarSite, ada: Member) -> Calendar:
    calendar = site.add_calendar("mara@northwind.example", "Team")
    site.share(calendar.id, ada.person.email, "reader")
    return calendar


@pytest.fixture
def delegated(house: House, site: CalendarSite, team: Calendar) -> House:
    """The organisation's key reads."""
    return reading(house, site, calendars=("primary", team.id))


@pytest.fixture
def lent(house: House, site: CalendarSite, team: Calendar, ada: Member) -> House:
    """Ada lets us read by herself."""
    app = site.register("daybook.apps.googleusercontent.com", [f"{PAGE}/connect/calendar/back"])
    told = Settings(
        oauth=App(client=app.id, secret=SecretStr(app.secret)),
        calendars=("primary", team.id),
        consent=f"{site.url}/o/oauth2/v2/auth",
        tokens=site.url,
        endpoint=f"{site.url}/calendar/v3",
    )
    calendar = GoogleCalendar("calendar", told, wiring.terms(house.configuration, "google_calendar"))
    assert calendar.authorization is not None
    authority = WebAuthority("Google Calendar", calendar.authorization, house.clock, Manners())
    home = replace(house, connectors={"calendar": calendar}, authorities={"calendar": authority})
    where = consenting.ask(home, ada, "calendar", "/", BROWSER)
    assert isinstance(where, str)
    allowed = pressed(where, ada.person.email)
    brought = dict(parse_qsl(urlsplit(allowed.headers["Location"]).query))
    answered = consenting.answer(home, "calendar", brought["state"], BROWSER, brought["code"], "")
    assert answered and answered.connected
    return home


@pytest.fixture(params=["delegated", "lent"])
def home(request: pytest.FixtureRequest) -> House:
    home: House = request.getfixturevalue(request.param)
    return home


def titles(house: House, who: Member) -> list[str]:
    with house.store.reading() as tx:
        return sorted(one.title or "" for one in tx.evidence.of(who.id, YESTERDAY, TODAY))


def test_a_shared_calendar_that_is_gone_is_the_administrators_and_stops_nobody(
    home: House, site: CalendarSite, team: Calendar, ada: Member, clock: Clock
) -> None:
    hour, now = timedelta(hours=1), clock()
    site.add_event(ada.person.email, "Kept", now - 3 * hour, now)
    deleted = site.add_event(ada.person.email, "Gone", now - 3 * hour, now)
    site.add_event("mara@northwind.example", "Team", now - 2 * hour, now - hour, calendar=team.id)
    assert jobs.pull(home, "calendar", ada.id) is not None
    assert titles(home, ada) == ["Gone", "Kept", "Team"]

    site.delete_calendar(team)
    site.delete(deleted)
    clock.wait(hours=24)  # so that this walk is whole: nothing else tells what vanished silently
    site.add_event(ada.person.email, "New", clock() - 23 * hour, clock() - 22 * hour)
    assert jobs.pull(home, "calendar", ada.id) is not None
    assert titles(home, ada) == ["Kept", "New"], "her own calendar goes on, and what went there is gone here"
    assert said(home, ada, TODAY + timedelta(days=1)) == [
        "Google Calendar not seen since Saturday 08:30: an administrator has to repair the connection (Otto)."
    ]
    source = status.look(home).sources[0]
    assert (source.failing, source.stopped) == (1, 0)
    assert [reason.partition(".")[0] for reason in source.reasons] == [
        "Google Calendar answered 404 (notFound)"
    ]
    with home.store.reading() as tx:
        pull = tx.partitions.get("calendar", ada.id)
        grant = tx.grants.get(ada.id, "calendar")
    assert pull and pull.has_cursor and pull.not_before is None, "asked again as ever"
    assert grant is None or not grant.refused, "connecting again would not help"
