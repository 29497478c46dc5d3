"""Many people, small limits: hardly anything is refused, and all of it drains (R-07)."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from config.schema import Configuration
from connectors.asana.connector import Asana
from connectors.asana.sandbox import AsanaSite
from connectors.asana.settings import Settings as AsanaSettings
from connectors.budget import Budget
from connectors.contract import Connector
from connectors.google_calendar.connector import GoogleCalendar
from connectors.google_calendar.sandbox import CalendarSite
from connectors.google_calendar.settings import Settings as GoogleSettings
from connectors.jira.connector import Jira
from connectors.jira.sandbox import JiraSite
from connectors.jira.settings import Settings as JiraSettings
from connectors.layers import Pacing, Retrying
from connectors.manners import Manners
from connectors.stand_in import Answer, Request, StandIn
from core import rounds
from daybook import deeds, jobs, state, wiring
from daybook.house import House
from daybook.store import Store
from tests.daybook.conftest import KEY, YESTERDAY, Clock, draft, drafted, member

PEOPLE = 200
A_CYCLE = timedelta(minutes=15)
"""Then everybody is due anew."""


@pytest.fixture
def manners(clock: Clock) -> Manners:
    """Much faster than any of the limits here, and time passes only while somebody waits."""
    return Manners(budget=Budget(1000, 1000, clock=lambda: clock().timestamp(), wait=waiting(clock)))


def waiting(clock: Clock) -> Any:
    def wait(seconds: float) -> bool:
        clock.wait(seconds=seconds + 1e-5)
        return False

    return wait


def crowded(configuration: Configuration, tool: str, *tracked: str) -> Configuration:
    """Two hundred people who are read at this one tool."""
    told: dict[str, Any] = configuration.model_dump(by_alias=True)
    told["policy"]["tracked"] = {tool: tracked}
    told["connections"] = {tool: {"type": tool}}
    told["projects"]["acme-web"]["target"] = {tool: "task"}
    further = range(PEOPLE - len(told["people"]))
    told["people"] = [
        *told["people"],
        *({"name": f"P {n}", "email": f"p{n}@northwind.example"} for n in further),
    ]
    return Configuration.model_validate(told)


def house_of(configuration: Configuration, connector: Connector, clock: Clock, store: Store) -> House:
    """All have agreed; the connector in its layers."""
    assert configuration.policy is not None
    paced = Pacing(connector, clock=lambda: clock().timestamp())
    layered = Retrying(paced, wait=waiting(clock))
    house = House(configuration, configuration.policy, {connector.name: layered}, store, clock)
    with store.writing() as tx:
        for person in configuration.people:
            contributor = tx.people.enrol(person.email, clock())
            tx.people.invited(contributor.id, house.policy_version, clock())
            tx.people.acknowledge(contributor.id, house.policy_version, clock())
    return house


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store.open(f"sqlite:///{tmp_path}/storm.db", KEY)
    yield store
    store.close()


def drain(house: House, clock: Clock, kinds: Any, enough: Callable[[], bool]) -> None:
    """Round after round, until there is enough."""
    latest = clock() + A_CYCLE
    while not enough():
        for work in rounds.due(state.snapshot(house, clock()), clock()):
            if isinstance(work, kinds):
                jobs.perform(house, work)
        clock.wait(seconds=10)
        assert clock() < latest, "it does not drain"


def refusals(site: StandIn) -> list[str]:
    """The requests that the stand-in refuses from now on because we are too fast."""
    refused: list[str] = []
    answer = site.answer

    def counted(request: Request) -> tuple[Answer, str]:
        said, fault = answer(request)
        if said.status in (403, 429):
            refused.append(f"{request.method} {request.path}")
        return said, fault

    site.answer = counted  # type: ignore[method-assign]
    return refused


def seen(house: House) -> int:
    with house.store.reading() as tx:
        return sum(pull.last_ok is not None for pull in tx.partitions.all())


def test_R07_two_hundred_calendars_through_a_small_quota_of_the_project(
    configuration: Configuration, clock: Clock, manners: Manners, store: Store
) -> None:
    configuration = crowded(configuration, "google_calendar", "title", "time")
    site = CalendarSite(clock=clock)
    for person in configuration.people:
        site.add_user(person.email, "Europe/Berlin")
    site.limit(600, project=40)
    site.start()
    try:
        key = SecretStr(json.dumps(site.service_account_key()))
        told = GoogleSettings(key=key, endpoint=f"{site.url}/calendar/v3")
        terms = wiring.terms(configuration, "google_calendar")
        calendar = GoogleCalendar("google_calendar", told, terms, manners)
        house = house_of(configuration, calendar, clock, store)
        refused, began = refusals(site), clock()
        drain(house, clock, rounds.Pull, lambda: seen(house) == PEOPLE)
        minutes = (clock() - began) / timedelta(minutes=1)
        assert 0 < len(refused) <= 2 * minutes, "one look after each rest"
    finally:
        site.stop()


def test_R07_two_hundred_lists_through_the_limit_of_a_free_plan(
    configuration: Configuration, clock: Clock, manners: Manners, store: Store
) -> None:
    """Fact 6 of facts/asana.md: 150 a minute from one token, and what is refused counts too."""
    configuration = crowded(configuration, "asana", "section history", "title")
    site = AsanaSite(clock=clock, requests_per_minute=150)
    site.add_user("reader@northwind.example", "reader", "Reader", service=True)
    for person in configuration.people:
        site.add_user(person.email, f"token of {person.email}", person.name)
    site.start()
    try:
        settings = AsanaSettings(token=SecretStr("reader"), endpoint=f"{site.url}/api/1.0", read="people")
        asana = Asana("asana", settings, wiring.terms(configuration, "asana"), manners)
        house = house_of(configuration, asana, clock, store)
        refused, began = refusals(site), clock()
        drain(house, clock, rounds.Find | rounds.Pull, lambda: seen(house) == PEOPLE)
        minutes = (clock() - began) / timedelta(minutes=1)
        assert 0 < len(refused) <= 1 + minutes, "one for each minute whose requests were used up"
    finally:
        site.stop()


def test_R07_a_hundred_and_twenty_entries_for_one_issue(
    configuration: Configuration, clock: Clock, manners: Manners, store: Store
) -> None:
    """Section 7 of facts/jira.md: 20 writes in 2 seconds and 100 in 30; each arrives, and arrives once."""
    configuration = crowded(configuration, "jira", "title", "worklogs")
    site = JiraSite(clock=clock)
    site.pace_clock = lambda: clock().timestamp()
    site.world.add_user("reader@northwind.example", "reader", "Daybook")
    account = site.world.add_user("ada@northwind.example", "ada-token", "Ada", "Europe/Berlin")
    site.world.add_project("WEB", "Website")
    site.world.add_issue("WEB", "Address form", created=clock() - timedelta(days=3))
    site.start()
    try:
        settings = JiraSettings(site=site.url, email="reader@northwind.example", token=SecretStr("reader"))
        jira = Jira("jira", settings, wiring.terms(configuration, "jira"), manners)
        house = house_of(configuration, jira, clock, store)
        ada = member(house, "Ada")
        with store.writing() as tx:
            tx.grants.save(ada.id, "jira", account, SecretStr("ada-token"), clock())
        begins = [f"{8 + n // 12:02}:{n % 12 * 5:02}" for n in range(120)]
        drafted(house, ada, *(draft(at, at, 5, target="jira:WEB-1", task="WEB-1") for at in begins))
        deeds.confirm(house, ada, YESTERDAY)
        clock.wait(hours=1)
        refused = refusals(site)
        drain(house, clock, rounds.Post, lambda: len(site.world.worklogs) >= 120)
        posted = [log.started for log in site.world.worklogs]
        assert (len(posted), len(set(posted))) == (120, 120)
        assert 0 < len(refused) <= 8, "one for each slot of twenty, and one for each that was waited for"
    finally:
        site.stop()
