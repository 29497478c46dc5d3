"""What every world of one process begins with: a store on a fast disk, put back in a moment, and a first day.

Making a database takes longer than a whole world lives, so it is made once and its pages are copied.
"""

from __future__ import annotations

import base64
import sqlite3
import tempfile
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from pydantic import SecretStr

from config.schema import Configuration
from connectors.memory import Memory, Tool
from core import rounds
from core.model import Activity
from daybook import deeds, jobs, state
from daybook.house import House
from daybook.store import Store
from tests.simulation.chance import Chance, drawn_from

BERLIN = ZoneInfo("Europe/Berlin")
FRIDAY = date(2026, 11, 20)
THURSDAY = date(2026, 11, 19)
MORNING = datetime(2026, 11, 20, 8, 30, tzinfo=BERLIN)
PEOPLE = ("ada", "ben")
KEY = SecretStr(base64.b64encode(bytes(range(32))).decode())
MORNINGS = 7
TASKS = ("WEB-12", "WEB-13")


def configuration() -> Configuration:
    return Configuration.model_validate(
        {
            "version": 1,
            "timezone": "Europe/Berlin",
            "policy": {
                "why": "Three clients ask for reports, and two invoices were disputed this quarter.",
                "contact": "ops@northwind.example",
                "effective": date(2026, 11, 1),
                "tracked": {"memory": ["title", "time"]},
                "not_tracked": ["descriptions", "guests", "screen", "keyboard"],
                "back_fill": 3,
            },
            "connections": {"memory": {"type": "memory"}},
            "people": [{"name": name.title(), "email": f"{name}@northwind.example"} for name in PEOPLE],
            "pulling": {"every": 40},
            "rollout": {"stage": "normal"},
            "projects": {
                "web": {"name": "Website", "target": {"memory": TASKS[0]}},
                "internal": {"name": "Internal", "target": {"none": "kept here"}},
            },
            "rules": [{"name": "calls", "when": {"title": "call"}, "then": {"project": "web"}}],
        }
    )


def meeting(uid: str, day: date, minute: int, minutes: int, title: str) -> Activity:
    """A meeting somebody accepted."""
    start = datetime.combine(day, datetime.min.time(), BERLIN) + timedelta(minutes=minute)
    return Activity(
        source="memory",
        uid=uid,
        kind="meeting",
        start=start,
        end=start + timedelta(minutes=minutes),
        title=title,
        response="accepted",
    )


class Morning(NamedTuple):
    """How a world begins."""

    pages: sqlite3.Connection
    """Of its database."""
    tool: Tool


@dataclass
class Ground:
    """A store that can be put back, and what a house on it needs."""

    store: Store
    eyes: sqlite3.Connection
    """Reads what is committed, and nothing else."""
    configuration: Configuration
    mappings: Any
    """Compiled once: a restart would make the same of the same configuration."""
    mornings: tuple[Morning, ...]
    """The first before anything was read, the next with drafts, the last with a yes to all of them."""

    def put_back(self, morning: Morning) -> None:
        """The store is as this morning began."""
        raw = self.store._writer.raw_connection()
        morning.pages.backup(raw.driver_connection)  # type: ignore[arg-type]
        raw.close()


@cache
def ground() -> Ground:
    """Made once in a process."""
    fast = Path("/dev/shm")  # a file system in memory, where there is one
    folder = tempfile.TemporaryDirectory(dir=fast if fast.is_dir() else None)
    _kept.append(folder)
    said = configuration()
    assert said.policy is not None
    with drawn_from("ground"):
        store = Store.open(f"sqlite:///{folder.name}/daybook.db", KEY)
        house = House(said, said.policy, {}, store, lambda: MORNING)
        with store.writing() as tx:
            for person in said.people:
                who = tx.people.enrol(person.email, MORNING)
                tx.people.invited(who.id, house.policy_version, MORNING)
                tx.people.acknowledge(who.id, house.policy_version, MORNING)
                tx.grants.save(who.id, "memory", person.email, token(person.email), MORNING)
            tx.tended(MORNING)
        store.forget(house.policy.retention.model_dump(), MORNING)
        eyes = sqlite3.connect(store.path, isolation_level=None)
        made = Ground(store, eyes, said, house.mappings, (Morning(_copied(store), first_day(Chance(0))),))
        made.mornings += tuple(_later(made, Chance(number), yes=number >= 3) for number in range(1, MORNINGS))
        return made


def _later(made: Ground, chance: Chance, *, yes: bool) -> Morning:
    """A morning on which all of the first day was read and drafted.

    Takes    yes: all of it was confirmed, long enough ago to be due
    """
    (blank, *_), tool = made.mornings, first_day(chance)
    made.put_back(blank)
    said = made.configuration
    assert said.policy is not None
    house = House(said, said.policy, {"memory": Memory(tool)}, made.store, lambda: MORNING)
    while work := rounds.due(state.snapshot(house, MORNING), MORNING):
        for one in work:
            jobs.perform(house, one)
    house = replace(house, clock=lambda: MORNING - timedelta(minutes=16))
    with made.store.reading() as tx:
        members = house.members(tx) if yes else []
    for member in members:
        deeds.confirm(house, member, THURSDAY)
    return Morning(_copied(made.store), tool)


def _copied(store: Store) -> sqlite3.Connection:
    pages = sqlite3.connect(":memory:")
    raw = store._writer.raw_connection()
    raw.driver_connection.backup(pages)  # type: ignore[union-attr]
    raw.close()
    return pages


_kept: list[Any] = []


def token(address: str, number: int = 0) -> SecretStr:
    return SecretStr(f"token-{number}-of-{address}")


def first_day(chance: Chance) -> Tool:
    """A tool with meetings of yesterday and today, now and then two at once."""
    tool = Tool(now=MORNING)
    for name in PEOPLE:
        address = f"{name}@northwind.example"
        tool.tokens[token(address).get_secret_value()] = address
        for number in range(chance.randint(1, 3)):
            day = chance.choice((THURSDAY, THURSDAY, FRIDAY))
            begin = chance.choice((9, 10, 13, 15)) * 60
            tool.put(address, meeting(f"{name}-{number}", day, begin, 45, f"Otter call {number}"))
    return tool
