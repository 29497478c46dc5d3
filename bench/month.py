"""A month of a large organisation in SQLite, made by a seed: what its calendars and trackers say.

About 500 records a person over 22 working days, 60 % of them meetings and 40 % spans in which an issue was in
progress, overlapping freely; titles repeat, as those of recurring meetings and of issues do.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random

from core.model import Activity

RECORDS = 500
"""Of each person."""
MEETINGS = 0.6
SEED = 7

_MONDAY = date(2026, 11, 2)
DAYS = tuple(_MONDAY + timedelta(weeks=n // 5, days=n % 5) for n in range(22))

CLIENTS = tuple(
    begin + end
    for begin in ("nor", "sol", "mer", "kal", "vin", "tor", "bel", "lum", "rad", "fen")
    for end in ("via", "dor", "tech", "gas", "mark", "bau", "med", "port", "line", "werk")
)
TOPICS = ("call", "review", "planning", "design", "workshop", "budget", "handover", "retro", "demo", "audit")
TITLES = tuple(f"{client} {topic} {n}" for client in CLIENTS for topic in TOPICS for n in range(5))

RULES = tuple(
    (f"{client} {name}", client, pattern)
    for client in CLIENTS
    for name, pattern in (
        ("talks", rf"\b{client}\b.*\b(call|review|demo|retro)\b"),
        ("all else", rf"\b{client}\b"),
    )
)
"""200 ordered patterns: name, project, and what to look for in a title."""

_SCHEMA = """
    create table activity (
        person integer, day text, number integer, start integer, end integer, title text, content text,
        primary key (person, day, number)
    ) without rowid;
    create table draft (
        person integer, day text, key text, suggestion text, seen text, primary key (person, day, key)
    ) without rowid;
    create table day (
        person integer, day text, fingerprint blob, sheet text, primary key (person, day)
    ) without rowid;
"""


def plant(database: Path, people: int) -> int:
    """Fill a new database with the month of so many people; how many records it has.

    Units    start and end in minutes since the epoch, beside an Activity as JSON that says the same
    """
    random = Random(SEED)
    with sqlite3.connect(database) as connection:
        connection.executescript(_SCHEMA)
        for person in range(people):
            connection.executemany("insert into activity values (?, ?, ?, ?, ?, ?, ?)", _rows(random, person))
    connection.close()
    return people * RECORDS


def _rows(random: Random, person: int) -> Iterator[tuple[object, ...]]:
    issues = [(f"WEB-{person * 20 + n}", random.choice(TITLES)) for n in range(20)]
    for number in range(RECORDS):
        day = DAYS[number % len(DAYS)]
        if random.random() < MEETINGS:
            activity = _meeting(random, person, number, day)
        else:
            in_hand = issues[day.isocalendar().week % 4 * 5 :][:6]
            activity = _in_progress(random, number, day, *random.choice(in_hand))
        assert activity.end
        start, end = (int(instant.timestamp()) // 60 for instant in (activity.start, activity.end))
        content = activity.model_dump_json(exclude_defaults=True)
        yield person, day.isoformat(), number, start, end, activity.title, content


def _meeting(random: Random, person: int, number: int, day: date) -> Activity:
    start = random.randrange(8 * 4, 18 * 4) * 15
    return Activity(
        source="google_calendar",
        uid=f"meeting {number}",
        kind="meeting",
        start=_at(day, start),
        end=_at(day, start + random.choice((15, 30, 30, 45, 60, 60, 90, 120))),
        title=random.choice(TITLES),
        container=f"person{person}@northwind.example",
        response=random.choice(("accepted", "accepted", "organizer", "tentative")),
        audience=random.randrange(1, 12),
        updated=_at(day, -random.randrange(10_000)),
    )


def _in_progress(random: Random, number: int, day: date, task: str, title: str) -> Activity:
    start = random.randrange(8 * 60, 18 * 60)
    return Activity(
        source="jira",
        uid=f"presence {number}",
        kind="presence",
        start=_at(day, start),
        end=_at(day, start + random.randrange(10, 200)),
        title=title,
        task=task,
        container="WEB",
    )


def _at(day: date, minute: int) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(minutes=minute)
