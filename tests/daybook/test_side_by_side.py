"""Where a tool is far away, its calendars are asked side by side, at the pace the tool allows."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator

import pytest
from pydantic import SecretStr

from config.schema import Configuration, Person
from connectors.google_calendar.connector import GoogleCalendar
from connectors.google_calendar.sandbox import CalendarSite
from connectors.google_calendar.settings import Settings
from core import rounds
from daybook import jobs, sync, wiring
from daybook.embedded import Runner
from daybook.house import House
from daybook.store import Store
from tests.daybook.conftest import KEY

CROWD = 36
AWAY = 0.03
"""Seconds on the way to Google."""


@pytest.fixture
def configuration(configuration: Configuration) -> Configuration:
    """Three dozen people who always work, and their calendars."""
    assert configuration.policy is not None
    people = [Person(name=f"P{n}", email=f"p{n}@northwind.example", schedule="always") for n in range(CROWD)]
    tracked = {"google_calendar": ("title", "time")}
    always = Configuration.model_validate(
        {"version": 1, "schedules": {"always": {"mon-sun": ["00:00-24:00"]}}}
    ).schedules
    return configuration.model_copy(
        update={
            "people": tuple(people),
            "schedules": always,
            "policy": configuration.policy.model_copy(update={"tracked": tracked, "back_fill": 1}),
        }
    )


@pytest.fixture
def google(configuration: Configuration) -> Iterator[CalendarSite]:
    site = CalendarSite()
    for person in configuration.people:
        site.add_user(person.email, "Europe/Berlin")
    site.start()
    yield site
    site.stop()


@pytest.fixture
def asking(configuration: Configuration, google: CalendarSite, clock, tmp_path) -> Iterator[House]:
    """Everybody has agreed; nobody was asked about yet."""
    policy = configuration.policy
    assert policy is not None
    settings = Settings(
        key=SecretStr(json.dumps(google.service_account_key())), endpoint=f"{google.url}/calendar/v3"
    )
    stopping = threading.Event()
    pace = wiring.manners(configuration, settings, stopping)
    calendar = GoogleCalendar("calendar", settings, wiring.terms(configuration, "google_calendar"), pace)
    store = Store.open(f"sqlite:///{tmp_path}/daybook.db", KEY)
    layered = wiring.layered(calendar, configuration, stopping)
    built = House(configuration, policy, {"calendar": layered}, store, clock)
    with store.writing() as tx:
        for person in configuration.people:
            one = tx.people.enrol(person.email, clock())
            tx.people.invited(one.id, built.policy_version, clock())
            tx.people.acknowledge(one.id, built.policy_version, clock())
    yield built
    store.close()


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
