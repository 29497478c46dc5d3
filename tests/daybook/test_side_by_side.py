"""Where a tool is far away, its calendars are asked side by side, at the pace the tool allows."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from config.schema import Configuration, Person
from connectors.google_calendar.sandbox import CalendarSite
from core import rounds
from core.schedule import Schedule
from daybook import jobs, sync
from daybook.embedded import Runner
from daybook.house import House
from tests.daybook.at_google import reading, site_for, tracking

CROWD = 36
AWAY = 0.1
"""Seconds on the way to Google."""


@pytest.fixture
def configuration(configuration: Configuration) -> Configuration:
    """Three dozen people who always work, and their calendars."""
    people = [Person(name=f"P{n}", email=f"p{n}@northwind.example", schedule="always") for n in range(CROWD)]
    always = {"always": Schedule.model_validate({"mon-sun": ["00:00-24:00"]})}
    crowd = configuration.model_copy(update={"people": tuple(people), "schedules": always})
    return tracking(crowd, back_fill=1)


@pytest.fixture
def google(configuration: Configuration) -> Iterator[CalendarSite]:
    site = site_for(configuration)
    site.start()
    yield site
    site.stop()


@pytest.fixture
def asking(house: House, google: CalendarSite) -> House:
    """Everybody has agreed; nobody was asked about yet."""
    return reading(house, google)


def test_three_dozen_far_calendars_take_a_third_of_asking_in_a_loop_and_no_request_more(
    asking: House, google: CalendarSite, clock
) -> None:
    """A loop takes 36 times the way at least, whoever writes it."""

    def only_pull(house: House, work: rounds.Work) -> None:
        if isinstance(work, rounds.Pull):
            jobs.perform(house, work)

    def a_round() -> float:
        runner, began = Runner(asking, only_pull), time.perf_counter()
        runner.round(clock())
        while not runner.idle:
            time.sleep(0.001)
        return time.perf_counter() - began

    a_round()
    google.reset_counts()
    google.latency = AWAY
    took = []
    for _ in range(3):
        clock.wait(minutes=16)
        took.append(a_round())
        assert sum(google.reset_counts().values()) == CROWD
    assert min(took) < CROWD * AWAY / 3


def test_sync_asks_them_side_by_side_too(asking: House, google: CalendarSite) -> None:
    def a_cycle() -> float:
        began = time.perf_counter()
        sync.cycle(asking)
        return time.perf_counter() - began

    a_cycle()
    google.reset_counts()
    near = a_cycle()
    google.latency = AWAY
    far = min(a_cycle(), a_cycle())
    assert sum(google.reset_counts().values()) == 3 * CROWD
    assert far < near + CROWD * AWAY / 3
