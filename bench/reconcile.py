"""A month of 2,000 people through the reconciler, out of SQLite and back, on one core; and then again.

Every hour is a working hour here, and nothing is too short to count, so each minute that any record covers
is drafted exactly once: unless the drafts add up to the union of the spans, as every peer counts it, there
are no figures. The peers do less, and the table says what. ActivityWatch is installed into a folder
of its own; where that is impossible, its row says so.
"""

from __future__ import annotations

import json
import sqlite3
import sys
import time
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from hashlib import blake2b
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from pydantic import TypeAdapter

from bench import machine, month
from bench.installed import python_with
from bench.loop import Failed, ran
from core.day import ContributorDay, Numbers
from core.mapping import Mappings
from core.model import Activity, Draft, Suggestion
from core.reconcile import Create, Plan, Revise, reconcile
from core.rules import Project, Rule
from core.schedule import Schedule

PEOPLE = 2_000
PEER = "aw-core==0.5.18"

ALWAYS = Schedule.model_validate({"mon-sun": ["00:00-24:00"]})
LATER = datetime(2027, 1, 1, tzinfo=UTC)
NUMBERS = Numbers(min_entry=1)
ACTIVITIES = TypeAdapter(tuple[Activity, ...])

Figures = dict[str, Any]

OURS = "Daybook, all of it: evidence to drafts, with rule and reasons, out of SQLite and back"
AGAIN = "Daybook again, with nothing new"
UNION = "Python, sort and sweep: the minutes of the union"
CHAIN = "Python, the chain in 30 lines: the first rule for each title, each minute once, sums by category"
ACTIVITYWATCH = f"ActivityWatch {PEER.replace('==', ' ')}, `period_union`: the minutes of the union"

SPANS = """
import json, sqlite3, sys, time
from itertools import groupby
began = time.process_time()
rows = sqlite3.connect(sys.argv[1]).execute(
    "select person, day, start, end, title from activity order by person, day, start"
)
"""
"""How each peer begins."""

SWEEP = """
minutes = 0
for _, spans in groupby(rows, lambda row: row[:2]):
    reached = 0
    for _, _, start, end, _ in spans:
        if end > reached:
            minutes += end - max(start, reached)
            reached = end
"""

CATEGORIES = """
import heapq, re
from collections import Counter

rules = [(name, re.compile(pattern, re.IGNORECASE)) for name, _, pattern in json.loads(sys.argv[2])]
known, sums = {}, Counter()

def category(title):
    if title not in known:
        known[title] = next((name for name, pattern in rules if pattern.search(title)), None)
    return known[title]

for day, spans in groupby(rows, lambda row: row[:2]):
    spans = [(start, end, category(title)) for _, _, start, end, title in spans]
    edges = sorted({at for start, end, _ in spans for at in (start, end)})
    waiting, here = iter(spans), []
    following = next(waiting)
    for at, until in zip(edges, edges[1:]):
        while following and following[0] <= at:
            heapq.heappush(here, (following[1] - following[0], following[1], str(following[2])))
            following = next(waiting, None)
        while here and here[0][1] <= at:
            heapq.heappop(here)
        if here:
            sums[day, here[0][2]] += until - at
minutes = sum(sums.values())
"""
"""The shorter of two spans has a minute of both."""

PERIOD_UNION = """
from datetime import UTC, datetime, timedelta
from aw_core import Event
from aw_transform import period_union

minutes = 0
for _, spans in groupby(rows, lambda row: row[0]):
    events = [
        Event(timestamp=datetime.fromtimestamp(start * 60, UTC), duration=timedelta(minutes=end - start))
        for _, _, start, end, _ in spans
    ]
    joined = period_union(events, [])
    minutes += sum((event.duration for event in joined), timedelta()) // timedelta(minutes=1)
"""

TOLD = """
print(json.dumps({"seconds": time.process_time() - began, "minutes": minutes}))
"""


class Day(NamedTuple):
    """One person's day as it lies in the database."""

    person: int
    day: str
    activities: str
    """As a list in JSON."""


def measure(people: int = PEOPLE) -> Figures:
    """Plant the month and send everybody through it, each in a process of their own."""
    with TemporaryDirectory() as folder:
        database = Path(folder) / "month.db"
        records = month.plant(database, people)
        runs: dict[str, Figures | None] = {
            OURS: _run(sys.executable, "-m", "bench.reconcile", database),
            UNION: _run(sys.executable, "-c", SPANS + SWEEP + TOLD, database),
            CHAIN: _run(sys.executable, "-c", SPANS + CATEGORIES + TOLD, database, json.dumps(month.RULES)),
        }
        python = python_with(PEER)
        script = SPANS + PERIOD_UNION + TOLD
        runs[ACTIVITYWATCH] = _run(python, "-c", script, database) if python else None
    minutes = {name: run["minutes"] for name, run in runs.items() if run}
    if len(set(minutes.values())) != 1:
        raise Failed(f"The minutes differ, so nothing was measured: {minutes}")
    return {"machine": machine.told(), "people": people, "records": records, "runs": runs}


def table(figures: Figures) -> str:
    """The figures for people, as Markdown."""
    records, runs = figures["records"], figures["runs"]
    ours = runs[OURS]
    rows = [
        (OURS, ours),
        (AGAIN, ours["again"]),
        *((name, runs[name]) for name in (CHAIN, UNION, ACTIVITYWATCH)),
    ]
    lines = [
        f"Measured on {figures['machine']}. {records:,} records of {figures['people']:,} people over "
        f"{len(month.DAYS)} working days, and {len(month.RULES)} rules. Daybook makes {ours['drafts']:,} "
        f"drafts of them, and their {ours['minutes']:,} minutes are the minutes of the union.",
        "",
        "| | records a second | times Daybook | peak memory, MiB |",
        "| --- | ---: | ---: | ---: |",
    ]
    for name, run in rows:
        if run:
            times = "" if run is ours else f"{ours['seconds'] / run['seconds']:.1f}"
            rate = f"{records / run['seconds']:,.0f}"
            lines.append(f"| {name} | {rate} | {times} | {run.get('peak', ours['peak'])} |")
        else:
            lines.append(f"| {name} | could not be installed here | | |")
    return "\n".join(lines)


def _run(*command: object) -> Figures:
    """What a process printed about itself, and the most memory it had."""
    told, used = ran(command)
    return {**told, "peak": used.peak}


# --- ours --------------------------------------------------------------------------------------------------


def ours(database: Path) -> Figures:
    """Reconcile every day that is new or has changed; then ask again.

    Units    seconds of the processor
    """
    connection = sqlite3.connect(database)
    mappings = _mappings()
    began = time.process_time()
    drafts, minutes = _reconciled(connection, mappings)
    seconds = time.process_time() - began
    began = time.process_time()
    if _reconciled(connection, mappings) != (0, 0):
        raise Failed("Asked again, there was something left to do; nothing was measured.")
    again = {"seconds": time.process_time() - began}
    return {"seconds": seconds, "again": again, "drafts": drafts, "minutes": minutes}


def _reconciled(connection: sqlite3.Connection, mappings: Mappings) -> tuple[int, int]:
    """How many drafts the days that have changed want changed, and the minutes of these days."""
    changed = minutes = 0
    with connection:
        for person, days in groupby(_days(connection), key=itemgetter(0)):
            known = dict(connection.execute("select day, fingerprint from day where person = ?", [person]))
            for day in days:
                fingerprint = blake2b(day.activities.encode(), digest_size=16).digest()
                if known.get(day.day) != fingerprint:
                    plan = _plan(day, mappings, _drafts(connection, day))
                    _write(connection, day, fingerprint, plan)
                    changed += len(plan.changes)
                    minutes += plan.sheet.attended
    return changed, minutes


def _days(connection: sqlite3.Connection) -> Iterator[Day]:
    rows = connection.execute(
        "select person, day, '[' || group_concat(content) || ']' from activity group by person, day"
    )
    return map(Day._make, rows)


def _drafts(connection: sqlite3.Connection, day: Day) -> list[Draft]:
    rows = connection.execute(
        "select suggestion, seen from draft where person = ? and day = ?", [day.person, day.day]
    )
    return [
        Draft(
            suggestion=Suggestion.model_validate_json(said), seen=Suggestion.model_validate_json(seen or said)
        )
        for said, seen in rows
    ]


def _plan(day: Day, mappings: Mappings, drafts: Iterable[Draft]) -> Plan:
    today = ContributorDay(
        day=date.fromisoformat(day.day),
        zone="UTC",
        schedule=ALWAYS,
        now=LATER,
        who=f"person{day.person}@northwind.example",
        numbers=NUMBERS,
    )
    return reconcile(today, ACTIVITIES.validate_json(day.activities), mappings, drafts)


def _write(connection: sqlite3.Connection, day: Day, fingerprint: bytes, plan: Plan) -> None:
    rows, gone = [], []
    for change in plan.changes:
        match change:
            case Create(said, seen) | Revise(said, seen):
                other = None if seen is said else seen.model_dump_json()
                rows.append((day.person, day.day, change.key, said.model_dump_json(), other))
            case _:  # nobody has decided anything here, so nothing is flagged
                gone.append((day.person, day.day, change.key))
    connection.executemany("insert or replace into draft values (?, ?, ?, ?, ?)", rows)
    connection.executemany("delete from draft where person = ? and day = ? and key = ?", gone)
    sheet = plan.sheet.model_dump_json()
    connection.execute(
        "insert or replace into day values (?, ?, ?, ?)", (day.person, day.day, fingerprint, sheet)
    )


def _mappings() -> Mappings:
    projects = {
        client: Project(name=client.title(), target={"none": "stays here"}) for client in month.CLIENTS
    }
    rules = [
        Rule.model_validate(
            {"name": name, "when": {"title": {"regex": pattern}}, "then": {"project": project}}
        )
        for name, project, pattern in month.RULES
    ]
    return Mappings(projects, rules)


if __name__ == "__main__":
    print(json.dumps(ours(Path(sys.argv[1]))))
