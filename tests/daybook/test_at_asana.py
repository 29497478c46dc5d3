"""Confirmed time at a whole Asana: what a hand changes there is said, left alone and counted."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from config.schema import Configuration
from connectors.asana.asking import Api, Listed
from connectors.asana.connector import Asana
from connectors.asana.sandbox import AsanaSite
from connectors.asana.settings import Settings
from connectors.budget import Budget
from connectors.contract import Terms
from connectors.manners import Manners
from core import rounds
from daybook import deeds, status
from daybook.house import House, Member
from daybook.page.app import create
from daybook.store import Store
from tests.daybook.conftest import KEY, YESTERDAY, Clock, draft, drafted, member
from tests.daybook.page.browser import Browser
from tests.daybook.page.conftest import Links, link, postings
from tests.daybook.test_at_jira import LOOP, round_of, sums

__all__ = ["link"]
TRACKED = ("title", "time entries")


@pytest.fixture
def site(clock: Clock) -> Iterator[AsanaSite]:
    site = AsanaSite(clock=clock)
    site.add_user("otto@northwind.example", "otto-token", "Otto", service=True)
    site.start()
    yield site
    site.stop()


@pytest.fixture
def account(site: AsanaSite) -> str:
    return site.add_user("ada@northwind.example", "ada-token", "Ada")


@pytest.fixture
def task(site: AsanaSite, account: str) -> str:
    """On a board of Ada's."""
    board = site.add_project("Website", sections=("To do", "Doing"), members=[account])
    return site.add_task(board, "Address form", account)


@pytest.fixture
def configuration(configuration: Configuration) -> Configuration:
    told: dict[str, Any] = configuration.model_dump(by_alias=True)
    told["policy"]["tracked"] = {"asana": list(TRACKED)}
    told["connections"] = {"asana": {"type": "asana"}}
    told["projects"]["acme-web"]["target"] = {"asana": "task"}
    return Configuration.model_validate(told)


@pytest.fixture
def house(
    configuration: Configuration, site: AsanaSite, account: str, clock: Clock, tmp_path: Path
) -> Iterator[House]:
    """Everybody has agreed, and Ada connected her account."""
    assert configuration.policy is not None
    settings = Settings.model_validate({"token": "otto-token", "endpoint": f"{site.url}/api/1.0"})
    terms = Terms(tracked=frozenset(TRACKED))
    asana = Asana("asana", settings, terms, Manners(budget=Budget(10_000, 10_000)))
    store = Store.open(f"sqlite:///{tmp_path}/daybook.db", KEY)
    built = House(configuration, configuration.policy, {"asana": asana}, store, clock)
    with store.writing() as tx:
        for person in configuration.people:
            contributor = tx.people.enrol(person.email, clock())
            tx.people.invited(contributor.id, built.policy_version, clock())
            tx.people.acknowledge(contributor.id, built.policy_version, clock())
    ada = member(built, "Ada")
    with store.writing() as tx:
        tx.grants.save(ada.id, "asana", account, SecretStr("ada-token"), clock())
    yield built
    store.close()


@pytest.fixture
def record(house: House, ada: Member, site: AsanaSite, task: str, clock: Clock) -> str:
    """Her 45 minutes, posted, and seen at Asana since; gives the entry's id."""
    drafted(house, ada, draft("a", None, 45, target=f"asana:{task}", task=task))
    deeds.confirm(house, ada, YESTERDAY)
    round_of(house, clock, rounds.Post, minutes=16)
    round_of(house, clock, *LOOP, hours=1)
    (posted,) = postings(house, ada)
    assert posted.state == "posted" and posted.seen
    (entry,) = site.time_entries
    return entry.gid


@pytest.fixture
def browser(house: House) -> Browser:
    return Browser(create(house))


def test_I6_what_a_hand_changed_at_asana_is_said_and_counted(
    house: House, ada: Member, site: AsanaSite, clock: Clock, browser: Browser, link: Links, record: str
) -> None:
    site.change_time_entry(record, minutes=60)
    round_of(house, clock, *LOOP, days=1)
    assert "45 min → 1 h, by hand. Daybook leaves it." in browser.open(link(ada)).text
    assert sums(house, ada).attended == 60
    assert [entry.minutes for entry in site.time_entries] == [60]


def test_I6_what_a_hand_removed_at_asana_is_said_and_not_posted_again(
    house: House, ada: Member, site: AsanaSite, clock: Clock, browser: Browser, link: Links, record: str
) -> None:
    site.delete_time_entry(record)
    round_of(house, clock, *LOOP, days=1)
    assert "removed there by hand, 45 min. Daybook leaves it so." in browser.open(link(ada)).text
    assert (sums(house, ada).attended, site.time_entries) == (0, [])


def test_what_stands_as_confirmed_says_no_more_than_that(
    house: House, ada: Member, browser: Browser, link: Links, record: str
) -> None:
    assert ", by hand" not in browser.open(link(ada)).text
    assert sums(house, ada, date(2026, 11, 19)).logged == 0


def test_R10_an_empty_list_of_time_takes_none_of_it_away(
    house: House, ada: Member, account: str, site: AsanaSite, task: str, clock: Clock, monkeypatch: Any
) -> None:
    for _ in range(8):
        site.add_time_entry(task, account, 30, YESTERDAY)
    round_of(house, clock, *LOOP, hours=1)
    assert _logged(house, ada) == 8
    monkeypatch.setattr(Api, "entries", lambda *_: Listed([], None))
    round_of(house, clock, *LOOP, hours=1)
    round_of(house, clock, *LOOP, days=1)
    assert _logged(house, ada) == 8
    (source,) = status.look(house).sources
    assert source.doubted == 1
    monkeypatch.undo()
    round_of(house, clock, *LOOP, hours=1)
    (source,) = status.look(house).sources
    assert (_logged(house, ada), source.failing) == (8, 0)


def _logged(house: House, who: Member) -> int:
    with house.store.reading() as tx:
        return len(tx.evidence.of(who.id, YESTERDAY, YESTERDAY))
