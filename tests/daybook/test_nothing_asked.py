"""Nobody is asked about before their yes nor after it ends: what each tool hears says so (P3, P-09).

Ben is read through whole days and nights; Ada stands in each state there is. A request is about her where her
address or her account stands in its path, query, headers or body, or in the assertion a key signs for Google.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import unquote_plus

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
from connectors.manners import Manners
from connectors.stand_in import Answer, Request, StandIn
from core import rounds
from daybook import jobs, joining, state, wiring
from daybook.house import House, Member
from daybook.store import Store
from tests.daybook.conftest import KEY, Clock, member

READING = rounds.Find | rounds.Pull | rounds.Reconcile | rounds.Tend | rounds.Revoke
READER = "daybook@northwind.example"
ADA, BEN = "ada@northwind.example", "ben@northwind.example"
TRACKED = {
    "google_calendar": ("title", "time"),
    "jira": ("title", "worklogs", "status history"),
    "asana": ("title", "section history"),
}


@contextmanager
def at_google(configuration: Configuration, clock: Clock) -> Iterator[tuple[StandIn, Connector, list[str]]]:
    site = CalendarSite(clock=clock)
    for email in (ADA, BEN):
        site.add_user(email, "Europe/Berlin")
        site.add_event(email, "Standup", clock() - timedelta(days=1), clock() - timedelta(hours=23))
    site.start()
    key = SecretStr(json.dumps(site.service_account_key()))
    settings = GoogleSettings(key=key, endpoint=f"{site.url}/calendar/v3")
    terms = wiring.terms(configuration, "google_calendar")
    yield site, GoogleCalendar("google_calendar", settings, terms, _unhurried()), [ADA]
    site.stop()


@contextmanager
def at_jira(configuration: Configuration, clock: Clock) -> Iterator[tuple[StandIn, Connector, list[str]]]:
    site = JiraSite(clock=clock)
    site.world.add_user(READER, "reader", "Daybook")
    hers = site.world.add_user(ADA, "ada-token", "Ada", "Europe/Berlin")
    site.world.add_user(BEN, "ben-token", "Ben", "Europe/Berlin")
    site.world.add_project("WEB", "Website")
    site.world.add_issue("WEB", "Address form", created=clock() - timedelta(days=3))
    site.start()
    settings = JiraSettings(site=site.url, email=READER, token=SecretStr("reader"))
    yield site, Jira("jira", settings, wiring.terms(configuration, "jira"), _unhurried()), [ADA, hers]
    site.stop()


@contextmanager
def at_asana(configuration: Configuration, clock: Clock) -> Iterator[tuple[StandIn, Connector, list[str]]]:
    site = AsanaSite(clock=clock)
    site.add_user(READER, "reader", "Reader", service=True)
    hers, bens = site.add_user(ADA, "ada-token", "Ada"), site.add_user(BEN, "ben-token", "Ben")
    board = site.add_project("Website", sections=("To do", "Doing"), members=[hers, bens])
    for gid in (hers, bens):
        site.add_task(board, "Address form", gid)
    site.start()
    settings = AsanaSettings(token=SecretStr("reader"), endpoint=f"{site.url}/api/1.0", read="people")
    terms = wiring.terms(configuration, "asana")
    yield site, Asana("asana", settings, terms, _unhurried()), [ADA, hers]
    site.stop()


TOOLS = {"google_calendar": at_google, "jira": at_jira, "asana": at_asana}


def _unhurried() -> Manners:
    return Manners(budget=Budget(10_000, 10_000))


# --- where Ada stands --------------------------------------------------------------------------------------


def _agreed(house: House, who: Member) -> None:
    with house.store.writing() as tx:
        tx.people.invited(who.id, house.policy_version, house.clock())
        tx.people.acknowledge(who.id, house.policy_version, house.clock())


def _named(house: House, ada: Member) -> House:
    return house


def _invited(house: House, ada: Member) -> House:
    with house.store.writing() as tx:
        tx.people.invited(ada.id, house.policy_version, house.clock())
    return house


def _outside(house: House, ada: Member) -> House:
    """She agreed once; the stage in force is the pilot's, and she is not in it."""
    _agreed(house, ada)
    cohorts = house.configuration.rollout.cohorts.model_copy(update={"pilot": (BEN,)})
    rollout = house.configuration.rollout.model_copy(update={"stage": "pilot", "cohorts": cohorts})
    return replace(house, configuration=house.configuration.model_copy(update={"rollout": rollout}))


def _left(house: House, ada: Member) -> House:
    _agreed(house, ada)
    joining.leave(house, member(house, "Ada"))
    return house


def _erased(house: House, ada: Member) -> House:
    _agreed(house, ada)
    joining.erase(house, member(house, "Ada"))
    return house


def _behind(house: House, ada: Member) -> House:
    """The policy allows more since she agreed; Ben has read it."""
    _agreed(house, ada)
    later = replace(house, policy=house.policy.model_copy(update={"private_events": "busy"}))
    with house.store.writing() as tx:
        row = tx.people.by_email(BEN)
        assert row is not None
        tx.people.acknowledge(row.id, later.policy_version, house.clock())
    return replace(later, texts={house.policy_version: house.policy})


def _stopped(house: House, ada: Member) -> House:
    """The whole rollout stopped itself; then Ben is not read either."""
    _agreed(house, ada)
    with house.store.writing() as tx:
        tx.rollout.add(house.clock(), "stopped", "normal", "Too many left.", "")
    return house


STATES: dict[str, Callable[[House, Member], House]] = {
    "named, not invited": _named,
    "invited, not acknowledged": _invited,
    "outside the stage": _outside,
    "left": _left,
    "erased": _erased,
    "a loosening not acknowledged": _behind,
    "the rollout stopped": _stopped,
}


# --- the test ----------------------------------------------------------------------------------------------


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store.open(f"sqlite:///{tmp_path}/asked.db", KEY)
    yield store
    store.close()


@pytest.fixture
def of_tool(configuration: Configuration) -> Callable[[str], Configuration]:
    def told(tool: str) -> Configuration:
        said: dict[str, Any] = configuration.model_dump(by_alias=True)
        said["policy"] |= {"tracked": {tool: TRACKED[tool]}, "private_events": "ignore"}
        said["connections"] = {tool: {"type": tool}}
        said["projects"] = {}
        said["people"] = said["people"][:2]
        return Configuration.model_validate(said)

    return told


def listening(site: StandIn) -> list[str]:
    """All that comes over the wire from now on, as one text each."""
    heard: list[str] = []
    answer = site.answer

    def heard_and_answered(request: Request) -> tuple[Answer, str]:
        body = request.body.decode(errors="replace")
        said = (request.path, request.params, request.headers, body, _signed_for(request))
        heard.append(" ".join(map(str, said)))
        return answer(request)

    site.answer = heard_and_answered  # type: ignore[method-assign]
    return heard


def _signed_for(request: Request) -> str:
    """Whom a key asks to be let in as (RFC 7523)."""
    claims = request.form().get("assertion", "").split(".")[1:2] if b"assertion=" in request.body else []
    return "".join(base64.urlsafe_b64decode(one + "=" * (-len(one) % 4)).decode() for one in claims)


def about(heard: list[str], marks: list[str]) -> list[str]:
    return [one for one in heard if any(mark in unquote_plus(one) for mark in marks)]


def cycles(house: House, clock: Clock) -> None:
    """Two days and nights, an hour at a time, all that is due of reading."""
    for _ in range(48):
        for work in rounds.due(state.snapshot(house, clock()), clock()):
            if isinstance(work, READING):
                jobs.perform(house, work)
        clock.wait(hours=1)


def ask(
    tool: str,
    configuration: Configuration,
    clock: Clock,
    store: Store,
    stands: Callable[[House, Member], House],
) -> tuple[list[str], list[str], House]:
    """What the tool heard in all, and about her."""
    assert configuration.policy is not None
    with TOOLS[tool](configuration, clock) as (site, connector, marks):
        house = House(configuration, configuration.policy, {tool: connector}, store, clock)
        with store.writing() as tx:
            for person in configuration.people:
                tx.people.enrol(person.email, clock())
        _agreed(house, member(house, "Ben"))
        house = stands(house, member(house, "Ada"))
        heard = listening(site)
        cycles(house, clock)
        return heard, about(heard, marks), house


@pytest.mark.parametrize("stands", STATES)
@pytest.mark.parametrize("tool", TOOLS)
def test_P3_no_request_is_about_who_did_not_say_yes(
    tool: str, stands: str, of_tool: Any, clock: Clock, store: Store
) -> None:
    heard, hers, _ = ask(tool, of_tool(tool), clock, store, STATES[stands])
    assert hers == []
    assert bool(heard) is (stands != "the rollout stopped"), "others are read meanwhile"
    with store.reading() as tx:
        for row in tx.people.all():
            if row.email == ADA:
                assert tx.evidence.of(row.id, clock().date() - timedelta(days=30), clock().date()) == []


@pytest.mark.parametrize("tool", TOOLS)
def test_P3_the_same_ears_hear_of_her_once_she_acknowledged(
    tool: str, of_tool: Any, clock: Clock, store: Store
) -> None:
    def agrees(house: House, ada: Member) -> House:
        _agreed(house, ada)
        return house

    _, hers, _ = ask(tool, of_tool(tool), clock, store, agrees)
    assert hers


@pytest.mark.parametrize("tool", TOOLS)
@pytest.mark.parametrize("moment", range(1, 5))
def test_P10_who_leaves_while_a_tool_answers_is_asked_about_no_more_and_nothing_of_that_is_kept(
    tool: str, moment: int, of_tool: Any, clock: Clock, store: Store
) -> None:
    """While one of the first requests is under way: its answer, and each page after it, is dropped."""
    configuration = of_tool(tool)
    with TOOLS[tool](configuration, clock) as (site, connector, marks):
        house = House(configuration, configuration.policy, {tool: connector}, store, clock)
        with store.writing() as tx:
            for person in configuration.people:
                tx.people.enrol(person.email, clock())
        for name in ("Ada", "Ben"):
            _agreed(house, member(house, name))
        ada, heard, answer = member(house, "Ada"), listening(site), site.answer
        requests: list[Request] = []

        def leaving(request: Request) -> tuple[Answer, str]:
            requests.append(request)
            said = answer(request)
            if len(requests) == moment:
                joining.leave(house, ada)
            return said

        site.answer = leaving  # type: ignore[method-assign]
        cycles(house, clock)
        assert len(heard) > moment
        assert about(heard[moment:], marks) == []
        with store.reading() as tx:
            assert tx.evidence.of(ada.id, clock().date() - timedelta(days=30), clock().date()) == []
            assert tx.accounts.at(tool, ada.id) == {}
            ben = member(house, "Ben").id
            assert tx.evidence.of(ben, clock().date() - timedelta(days=30), clock().date()) or tool == "jira"
