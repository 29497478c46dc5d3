"""A week of one person at Google Calendar, hour by hour, counted in requests."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

import pytest

from config.schema import Configuration
from connectors.google_calendar.sandbox import CalendarSite
from core import rounds
from core.schedule import Schedule
from daybook import jobs, state
from daybook.house import House
from tests.daybook.at_google import reading, site_for, tracking
from tests.daybook.conftest import BERLIN, Clock, member

MONDAY = date(2026, 11, 16)
HOUR = timedelta(hours=1)
EVENTS = "GET /calendar/v3/calendars/{calendarId}/events"


@pytest.fixture
def clock() -> Clock:
    return Clock(datetime(2026, 11, 15, 23, tzinfo=BERLIN))


@pytest.fixture
def configuration(configuration: Configuration) -> Configuration:
    """Ada alone, from nine to five with an hour at noon; looked at once an hour."""
    office = Schedule.model_validate({"mon-fri": ["09:00-12:00", "13:00-17:00"]})
    ada = configuration.people[0].model_copy(update={"schedule": "office"})
    hourly = configuration.pulling.model_copy(update={"every": 60})
    alone = {"people": (ada,), "schedules": {"office": office}, "pulling": hourly}
    return tracking(configuration.model_copy(update=alone), back_fill=1)


@pytest.fixture
def google(configuration: Configuration, clock: Clock) -> Iterator[CalendarSite]:
    site = site_for(configuration, clock=clock)
    site.start()
    yield site
    site.stop()


def test_a_week_costs_a_request_an_hour_at_work_and_one_at_each_of_six_midnights(
    house: House, google: CalendarSite, clock: Clock
) -> None:
    """And on Thursday, her leave, the midnights alone; what moved on Friday night is right on Saturday."""
    house, ada = reading(house, google), member(house, "Ada")
    email, thursday = ada.person.email, MONDAY + timedelta(days=3)
    google.add_event(
        email, "Away", _at(thursday, 0), _at(thursday, 24), event_type="outOfOffice", created=_at(MONDAY, -1)
    )
    dinner = google.add_event(email, "Dinner", _at(MONDAY, 4 * 24 + 19), _at(MONDAY, 4 * 24 + 20))
    by_day: dict[date, list[int]] = {}
    while clock() < _at(MONDAY, 7 * 24):
        for work in rounds.due(state.snapshot(house, clock()), clock()):
            if isinstance(work, rounds.Pull):
                jobs.perform(house, work)
        if google.reset_counts().get(EVENTS):
            by_day.setdefault(clock().date(), []).append(clock().hour)
        if clock() == _at(MONDAY, 4 * 24 + 18):
            google.change(dinner, start=_at(MONDAY, 30 * 24), end=_at(MONDAY, 30 * 24 + 1))
        clock.wait(hours=1)
    at_work = [0, 9, 10, 11, 13, 14, 15, 16]
    assert by_day == {
        MONDAY - timedelta(days=1): [23],  # the first look of all
        **{MONDAY + timedelta(days=n): at_work for n in (0, 1, 2, 4)},
        thursday: [0],
        MONDAY + timedelta(days=5): [0],
    }
    with house.store.reading() as tx:
        assert [one.kind for one in tx.evidence.of(ada.id, MONDAY, MONDAY + timedelta(days=6))] == ["away"]


def _at(day: date, hours: int) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=BERLIN) + hours * HOUR
