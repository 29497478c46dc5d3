"""What every world of one process begins with: a store on a fast disk, put back in a moment, and a first day.

Making a database takes longer than a whole world lives, so it is made once and its rows are put back: were
its pages copied, every connection would read the schema anew, and that takes as long as a tenth of a world.
"""

from __future__ import annotations

import base64
import sqlite3
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from pydantic import SecretStr
from structlog.testing import capture_logs

from config.schema import Configuration
from connectors.memory import Memory, Tool
from core import rounds
from core.model import Activity, Entry
from daybook import deeds, jobs, state
from daybook.house import House, Member
from daybook.store import Store, schema
from tests.simulation.chance import Chance, drawn_from

BERLIN = ZoneInfo("Europe/Berlin")
FRIDAY = date(2026, 11, 20)
THURSDAY = date(2026, 11, 19)
MORNING = datetime(2026, 11, 20, 8, 30, tzinfo=BERLIN)
PEOPLE = ("ada", "ben")
KEY = SecretStr(base64.b64encode(bytes(range(32))).decode())
ITS_DAEMON = 1
"""The worker that runs when a world begins."""
MORNINGS = ("drafted", "drafted", *["confirmed"] * 4, "posted", "posted")
"""How far the first day is, where a world does not begin with nothing read."""
WORKED_OUT = ("mappings", "mappings_hash", "standing", "covering", "issue_projects", "pauses")
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


class Kept(NamedTuple):
    """An entry that was confirmed before a world begins, and meant."""

    draft: bytes
    who: str
    entry: Entry
    attempts: int
    record: str | None
    """The one that stands at the tool."""


class Morning(NamedTuple):
    """How a world begins."""

    rows: Mapping[str, Sequence[tuple[Any, ...]]]
    """Of its database, by table."""
    tool: Tool
    kept: Sequence[Kept] = ()


@dataclass
class Ground:
    """A store that can be put back, and what a house on it needs."""

    store: Store
    eyes: sqlite3.Connection
    """Sees what is committed, and nothing else."""
    configuration: Configuration
    worked_out: Mapping[str, Any]
    """What a house makes of its configuration: a restart would make the same of the same."""
    people: tuple[tuple[str, str], ...]
    """(id, address)"""
    known: Mapping[str, tuple[object, Member | None]]
    """By id, their row in the store, and whom the house takes them for."""
    mornings: tuple[Morning, ...]
    """The first before anything was read."""

    def put_back(self, morning: Morning) -> None:
        """The store is as this morning began."""
        self.store._keyring.forget()
        for beside in ("sends", "withdrawn"):
            self.store.path.with_name(f"daybook.db.{beside}").unlink(missing_ok=True)
        self.eyes.execute("BEGIN")
        filled = {table for (table,) in self.eyes.execute(_FILLED)}
        for table, rows in morning.rows.items():
            if not rows and table not in filled:
                continue
            if self.eyes.execute(f"SELECT * FROM {table}").fetchall() == rows:
                continue
            self.eyes.execute(f"DELETE FROM {table}")
            if rows:
                holes = ", ".join("?" * len(rows[0]))
                self.eyes.executemany(f"INSERT INTO {table} VALUES ({holes})", rows)
        self.eyes.execute("COMMIT")


@cache
def ground() -> Ground:
    """Made once in a process."""
    fast = Path("/dev/shm")  # a file system in memory, where there is one
    folder = tempfile.TemporaryDirectory(dir=fast if fast.is_dir() else None)
    _folders.append(folder)
    said = configuration()
    assert said.policy is not None
    with drawn_from("ground"), capture_logs():
        store = Store.open(f"sqlite:///{folder.name}/daybook.db", KEY)
        house = House(said, said.policy, {}, store, lambda: MORNING)
        with store.writing() as tx:
            assert tx.workers.join(MORNING, dispatches=False) == ITS_DAEMON
            for person in said.people:
                who = tx.people.enrol(person.email, MORNING)
                tx.people.invited(who.id, house.policy_version, MORNING)
                tx.people.acknowledge(who.id, house.policy_version, MORNING)
                tx.grants.save(who.id, "memory", person.email, token(person.email), MORNING)
            tx.tended(MORNING)
        store.forget(house.policy.retention.model_dump(), MORNING)
        eyes = sqlite3.connect(store.path, isolation_level=None, cached_statements=500)
        people = tuple(eyes.execute("SELECT id, email FROM contributors ORDER BY rowid"))
        with store.reading() as tx:
            members = {who: house.member(tx, who) for who, _ in people}
        known = {who: (row(eyes, who), members[who]) for who, _ in people}
        worked_out = {name: getattr(house, name) for name in WORKED_OUT}
        blank = Morning(_rows(eyes), first_day(Chance(0)))
        made = Ground(store, eyes, said, worked_out, people, known, (blank,))
        made.mornings += tuple(_later(made, Chance(n), far) for n, far in enumerate(MORNINGS, 1))
        return made


def _later(made: Ground, chance: Chance, far: str) -> Morning:
    """A morning on which all of the first day was read and drafted, and perhaps more."""
    (blank, *_), tool = made.mornings, first_day(chance)
    made.put_back(blank)
    said = made.configuration
    assert said.policy is not None
    house = House(said, said.policy, {"memory": Memory(tool)}, made.store, lambda: MORNING)
    _all_due(house)
    if far != "drafted":
        earlier = replace(house, clock=lambda: MORNING - timedelta(minutes=16))
        with made.store.reading() as tx:
            members = house.members(tx)
        for member in members:
            deeds.confirm(earlier, member, THURSDAY)
    if far == "posted":
        _all_due(house)
    return Morning(_rows(made.eyes), tool, tuple(_kept(made)))


def _all_due(house: House) -> None:
    while work := rounds.due(state.snapshot(house, MORNING), MORNING):
        for one in work:
            jobs.perform(house, one)


def _kept(made: Ground) -> Iterator[Kept]:
    drafts = dict(made.eyes.execute("SELECT id, draft FROM entries"))
    with made.store.reading() as tx:
        for who, _ in made.people:
            for posting, _ in tx.postings.all_of(who):
                record = posting.remote.id if posting.remote else None
                yield Kept(drafts[posting.entry.id], who, posting.entry, posting.attempt, record)


def row(eyes: sqlite3.Connection, who: str) -> object:
    """What the store says of one contributor: the same as long as nothing about them changes."""
    return eyes.execute("SELECT * FROM contributors WHERE id = ?", (who,)).fetchone()


_TABLES = [table.name for table in schema.metadata.sorted_tables]
_FILLED = " UNION ALL ".join(f"SELECT '{table}' WHERE EXISTS (SELECT 1 FROM {table})" for table in _TABLES)


def _rows(eyes: sqlite3.Connection) -> dict[str, list[tuple[Any, ...]]]:
    return {table: eyes.execute(f"SELECT * FROM {table}").fetchall() for table in _TABLES}


_folders: list[Any] = []


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
