"""A house to test in: a store on disk, a tool in memory, a clock that stands still, and the cast.

A test that wants another house overrides `configuration`.
"""

from __future__ import annotations

import base64
import shutil
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import psycopg
import pytest
from pydantic import SecretStr

from config.schema import Configuration
from connectors.memory import Memory, Tool
from core.day import Sheet
from core.model import Draft, Reason, Suggestion
from daybook import links
from daybook.house import House, Member
from daybook.links import Purpose
from daybook.store import Store
from daybook.store.postgresql import IDENTITY
from tests.postgres import Cluster, database_of

BERLIN = ZoneInfo("Europe/Berlin")
TODAY = date(2026, 11, 20)
"""A Friday."""
YESTERDAY = date(2026, 11, 19)
CAST = ("Ada", "Ben", "Mara", "Otto")
KEY = SecretStr(base64.b64encode(bytes(range(32))).decode())


class Clock:
    """Stands still until it is told how much time went by."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def wait(self, **span: float) -> None:
        self.now += timedelta(**span)


@pytest.fixture
def clock() -> Clock:
    return Clock(datetime(2026, 11, 20, 8, 30, tzinfo=BERLIN))


@pytest.fixture
def tool(clock: Clock) -> Tool:
    return Tool(now=clock())


@pytest.fixture
def configuration() -> Configuration:
    return Configuration.model_validate(
        {
            "version": 1,
            "organisation": "Northwind Studio",
            "timezone": "Europe/Berlin",
            "policy": {
                "why": "Three clients ask for reports, and two invoices were disputed this quarter.",
                "contact": "ops@northwind.example",
                "effective": date(2026, 11, 1),
                "tracked": {"memory": ["title", "time"]},
                "not_tracked": ["descriptions", "guests", "screen", "keyboard"],
                "delegates": {"days": 30},
            },
            "connections": {"memory": {"type": "memory"}},
            "people": [{"name": f"{name} Example", "email": _email(name)} for name in CAST],
            "rollout": {"stage": "normal"},
            "projects": {
                "acme-web": {"name": "ACME website", "client": "ACME", "target": {"memory": "task"}},
                "internal": {"name": "Internal", "target": {"none": "kept here"}},
            },
            "mail": {"from": "Daybook <daybook@northwind.example>", "smtp": "127.0.0.1:9", "tls": "none"},
            "page": {"url": "https://daybook.northwind.example"},
        }
    )


@pytest.fixture(scope="session")
def a_store_in_a_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty store, to be copied: to make one takes ten times as long."""
    path = tmp_path_factory.mktemp("store") / "daybook.db"
    Store.open(f"sqlite:///{path}", KEY).close()
    return path


@pytest.fixture
def store_url(tmp_path: Path, a_store_in_a_file: Path) -> str:
    """Where an empty store is, sealed with KEY."""
    return f"sqlite:///{shutil.copy(a_store_in_a_file, tmp_path)}"


@pytest.fixture
def house(configuration: Configuration, tool: Tool, clock: Clock, store_url: str) -> Iterator[House]:
    """The whole cast is invited and has acknowledged the policy."""
    policy = configuration.policy
    assert policy is not None
    store = Store.open(store_url, KEY)
    built = House(configuration, policy, {"memory": Memory(tool)}, store, clock)
    with store.writing() as tx:
        for person in configuration.people:
            contributor = tx.people.enrol(person.email, clock())
            tx.people.invited(contributor.id, built.policy_version, clock())
            tx.people.acknowledge(contributor.id, built.policy_version, clock())
    yield built
    store.close()


@pytest.fixture(scope="session")
def a_store_on_postgresql(cluster: Cluster) -> str:
    """The name of a database with an empty store in it, to be copied: to make one takes ten times as long."""
    url = cluster.fresh()
    Store.open(url, KEY).close()
    return database_of(url)


@pytest.fixture
def made_on_postgresql(cluster: Cluster, a_store_on_postgresql: str) -> Iterator[str]:
    """The URL of an empty store, sealed with KEY."""
    url = cluster.fresh(a_store_on_postgresql)
    with psycopg.connect(url) as connection:
        connection.execute(f"UPDATE daybook SET identity = ({IDENTITY})")  # it is no copy of anybody's
    yield url
    cluster.drop(url)


@pytest.fixture
def ada(house: House) -> Member:
    return member(house, "Ada")


@pytest.fixture
def ben(house: House) -> Member:
    return member(house, "Ben")


@pytest.fixture
def mara(house: House) -> Member:
    return member(house, "Mara")


@pytest.fixture
def otto(house: House) -> Member:
    return member(house, "Otto")


def member(house: House, name: str) -> Member:
    """One of the cast as the house knows them now."""
    with house.store.reading() as tx:
        return next(one for one in house.members(tx) if one.person.email == _email(name))


def minted(house: House, who: Member, purpose: Purpose = "day", day: date = YESTERDAY) -> str:
    """The address in somebody's mail; what opens to a delegate was granted to another of the cast."""
    with house.store.writing() as tx:
        if purpose not in links.GRANTED:
            return links.mint(tx, house, who, purpose, day, house.clock())
        other = "Mara" if who.person.email == _email("Ben") else "Ben"
        row = tx.people.by_email(_email(other))
        assert row is not None
        until = house.clock() + timedelta(days=7)
        granted = links.mint(tx, house, who, "delegate", day, house.clock(), row.id, until)
        if purpose == "delegate":
            return granted
        return links.mint(tx, house, who, purpose, day, house.clock(), row.id)


def draft(
    key: str,
    start: str | None = None,
    minutes: int = 30,
    text: str = "ACME call",
    day: date = YESTERDAY,
    **more: Any,
) -> Draft:
    """The draft of a meeting nobody touched yet, unless `more` says otherwise.

    Takes    start: "10:00" on that day in Berlin; more: fields of the Suggestion, or decision and noticed
    """
    stands = {name: more.pop(name) for name in ("decision", "noticed") if name in more}
    told: dict[str, Any] = {
        "project": "acme-web",
        "attributed": {"acme-web": minutes},
        "target": "memory:WEB-12",
        "confidence": "sure",
        "because": (Reason(kind="meeting", minutes=minutes, sentence="In your calendar; you accepted."),),
    }
    at = datetime.fromisoformat(f"{day}T{start}").replace(tzinfo=BERLIN) if start else None
    told = {"pieces": ((at, at + timedelta(minutes=minutes)),) if at else ()} | told
    suggestion = Suggestion(key=key, day=day, start=at, minutes=minutes, text=text, **(told | more))
    return Draft(suggestion=suggestion, seen=suggestion, **stands)


def drafted(house: House, who: Member, *drafts: Draft, **sums: Any) -> None:
    """Put drafts before somebody, each on its day, as a reconciler that looked just now.

    Takes    sums: of the sheet of each of these days (gaps, away, logged ...)
    """
    with house.store.writing() as tx:
        for one in drafts:
            assert tx.drafts.save(who.id, one.suggestion.day, one, 0)
        for day in {one.suggestion.day for one in drafts}:
            blank = dict.fromkeys(("capacity", "away", "logged", "gaps", "outside", "attended"), 0)
            sheet = Sheet(attributed={}, **(blank | sums))
            version = tx.days.version(who.id, day)
            json = sheet.model_dump_json()
            assert tx.days.reconciled(who.id, day, json, house.mappings_hash, version, house.clock())


def _email(name: str) -> str:
    return f"{name.lower()}@northwind.example"
