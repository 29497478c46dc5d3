"""A meeting of a mapped project at a whole Asana: it is about no task, so it has the catch-all one."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from config.schema import Configuration
from connectors.asana.connector import Asana
from connectors.asana.sandbox import AsanaSite
from connectors.asana.settings import Settings
from connectors.budget import Budget
from connectors.contract import Terms
from connectors.manners import Manners
from connectors.memory import Memory, Tool
from core import rounds
from core.day import Sheet
from core.model import Activity
from daybook import deeds, jobs, state
from daybook.house import House, Member
from daybook.store import Store
from tests.daybook.conftest import BERLIN, KEY, YESTERDAY, Clock, member


@pytest.fixture
def site(clock: Clock) -> Iterator[AsanaSite]:
    site = AsanaSite(clock=clock)
    site.add_user("otto@northwind.example", "reader", "Otto", service=True)
    site.add_user("ada@northwind.example", "ada-token", "Ada")
    site.start()
    yield site
    site.stop()


@pytest.fixture
def task(site: AsanaSite) -> str:
    """Where the time of a project goes that is about no task."""
    return site.add_task(site.add_project("Internal"), "Meetings")


@pytest.fixture
def category(site: AsanaSite) -> str:
    return site.add_category("Meeting")


@pytest.fixture
def configuration(configuration: Configuration, task: str) -> Configuration:
    told: dict[str, Any] = configuration.model_dump(by_alias=True, exclude_defaults=True)
    told["policy"]["tracked"] |= {"asana": ["time entries"]}
    told["connections"] |= {"asana": {"type": "asana"}}
    told["projects"]["internal"] = {"name": "Internal", "category": "meeting", "target": {"asana": task}}
    told["rules"] = [{"name": "Company", "when": {"title": "all hands"}, "then": {"project": "internal"}}]
    return Configuration.model_validate(told)


@pytest.fixture
def house(
    configuration: Configuration, tool: Tool, site: AsanaSite, category: str, clock: Clock, tmp_path: Path
) -> Iterator[House]:
    """Everybody has agreed, and Ada connected her account; her calendar is the tool in memory."""
    assert configuration.policy is not None
    settings = Settings.model_validate({"token": "reader", "endpoint": f"{site.url}/api/1.0"})
    terms = Terms(tracked=frozenset({"time entries"}))
    asana = Asana("asana", settings, terms, Manners(budget=Budget(10_000, 10_000)))
    store = Store.open(f"sqlite:///{tmp_path}/daybook.db", KEY)
    connectors = {"memory": Memory(tool), "asana": asana}
    built = House(configuration, configuration.policy, connectors, store, clock)
    with store.writing() as tx:
        for person in configuration.people:
            contributor = tx.people.enrol(person.email, clock())
            tx.people.invited(contributor.id, built.policy_version, clock())
            tx.people.acknowledge(contributor.id, built.policy_version, clock())
    ada = member(built, "Ada").id
    with store.writing() as tx:
        tx.grants.save(ada, "memory", "ada@tool", SecretStr("token"), clock())
        tx.grants.save(ada, "asana", site.tokens["ada-token"].gid, SecretStr("ada-token"), clock())
    yield built
    store.close()


def rounds_of(house: House, clock: Clock, **later: float) -> None:
    """Time passes, and all that is due is done, but for mails."""
    clock.wait(**later)
    for _ in range(20):
        due = rounds.due(state.snapshot(house, house.clock()), house.clock())
        work = [one for one in due if isinstance(one, rounds.Pull | rounds.Reconcile | rounds.Post)]
        for one in work:
            jobs.perform(house, one)
        if not work:
            return


@pytest.fixture
def ada(house: House, tool: Tool, clock: Clock) -> Member:
    """Who was at the company's meeting, said so, and has it posted."""
    start = datetime.fromisoformat(f"{YESTERDAY}T10:00").replace(tzinfo=BERLIN)
    end = start + timedelta(minutes=50)
    meeting = Activity(
        source="memory", uid="m", kind="meeting", start=start, end=end, title="All hands", response="accepted"
    )
    tool.put("ada@tool", meeting)
    rounds_of(house, clock)
    ada = member(house, "Ada")
    assert len(deeds.confirm(house, ada, YESTERDAY).done) == 1
    rounds_of(house, clock, minutes=16)
    rounds_of(house, clock, hours=1)
    return ada


def sums(house: House, ada: Member) -> Sheet:
    with house.store.reading() as tx:
        return Sheet.model_validate_json(tx.days.sheet(ada.id, YESTERDAY) or "")


def test_fact_1_a_meeting_of_a_mapped_project_is_posted_on_its_catch_all_task_and_counted_once(
    house: House, site: AsanaSite, category: str, ada: Member, task: str, clock: Clock
) -> None:
    (posted,) = site.time_entries
    assert (posted.task, posted.minutes, posted.day) == (task, 50, YESTERDAY)
    assert posted.user == site.tokens["ada-token"].gid
    assert posted.categories == (category,)
    rounds_of(house, clock, days=1)  # it comes back as evidence, and is known for our own
    with house.store.reading() as tx:
        assert tx.evidence.tally()["asana"] == {"logged": 1}
    assert (sums(house, ada).attended, sums(house, ada).logged) == (50, 0)
    assert len(site.time_entries) == 1
