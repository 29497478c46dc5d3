"""A store with Ada and Ben on its roster, both agreed to the policy: once in a file, once on PostgreSQL."""

from __future__ import annotations

import base64
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from pydantic import SecretStr
from sqlalchemy import event

from connectors.contract import Sighting
from core.model import Activity, Draft, Entry, Suggestion
from daybook.store import Store
from daybook.store.people import Contributor
from tests.postgres import Cluster

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
TODAY = date(2026, 11, 20)
BERLIN = ZoneInfo("Europe/Berlin")
KEY = SecretStr(base64.b64encode(bytes(range(32))).decode())


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where a store may be: there is none yet in a file, and an empty one on PostgreSQL."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/daybook.db"
    made: str = request.getfixturevalue("made_on_postgresql")
    return made


def only(*databases: str) -> pytest.MarkDecorator:
    """For a test of what one of them alone has."""
    return pytest.mark.parametrize("url", databases, indirect=True)


@pytest.fixture
def store(url: str, a_store_in_a_file: Path) -> Iterator[Store]:
    if url.startswith("sqlite"):
        shutil.copy(a_store_in_a_file, url.removeprefix("sqlite:///"))
    opened = Store.open(url, KEY)
    yield opened
    opened.close()


@pytest.fixture
def ada(store: Store) -> Contributor:
    return agreed(store, "ada@northwind.example")


@pytest.fixture
def ben(store: Store) -> Contributor:
    return agreed(store, "ben@northwind.example")


def agreed(store: Store, email: str) -> Contributor:
    with store.writing() as tx:
        person = tx.people.enrol(email, NOW)
        tx.people.acknowledge(person.id, "1", NOW)
        return person


def meeting(uid: str, start: datetime = NOW, minutes: int = 30, title: str = "ACME call") -> Activity:
    return Activity(
        source="google_calendar",
        uid=uid,
        kind="meeting",
        start=start,
        end=start + timedelta(minutes=minutes),
        title=title,
    )


def presence(uid: str, start: datetime, end: datetime | None) -> Activity:
    return Activity(source="jira", uid=uid, kind="presence", start=start, end=end, task="WEB-1")


def seen(origin: str, *activities: tuple[Contributor, Activity]) -> Sighting:
    return Sighting(origin=origin, activities=tuple((person.id, activity) for person, activity in activities))


def apply(store: Store, sightings: list[Sighting], *people: Contributor) -> set[tuple[str, date]]:
    with store.writing() as tx:
        return tx.evidence.apply("calendar", sightings, zones(*people), NOW)


def zones(*people: Contributor) -> dict[str, ZoneInfo]:
    return {person.id: BERLIN for person in people}


def draft(key: str, day: date = TODAY, text: str = "ACME call", **more: object) -> Draft:
    suggestion = Suggestion(key=key, day=day, minutes=30, text=text)
    return Draft(suggestion=suggestion, seen=suggestion, **more)  # type: ignore[arg-type]


def entry(name: str, day: date = TODAY, target: str = "jira:WEB-1", **more: object) -> Entry:
    start = datetime(day.year, day.month, day.day, 9, tzinfo=BERLIN)
    return Entry(id=name, day=day, start=start, minutes=30, target=target, text="ACME call", **more)  # type: ignore[arg-type]


@pytest.fixture
def written(store: Store) -> Callable[[], int]:
    """How many rows writers have changed so far."""
    rows = 0

    @event.listens_for(store._writer, "after_cursor_execute")
    def count(_connection: Any, cursor: Any, statement: str, *_how: Any) -> None:
        nonlocal rows
        if statement.startswith(("INSERT", "UPDATE", "DELETE")):
            rows += cursor.rowcount

    return lambda: rows


@pytest.fixture
def on_disk(request: pytest.FixtureRequest, store: Store) -> Callable[[], bytes]:
    """Every byte of the database's files; of a server not of its log, which grows old by itself."""

    def read() -> bytes:
        if store.path:
            return b"".join(path.read_bytes() for path in sorted(store.path.parent.iterdir()))
        cluster: Cluster = request.getfixturevalue("cluster")
        with store.reading() as tx:
            now = "SELECT oid FROM pg_database WHERE datname = current_database()"
            database = tx.connection.exec_driver_sql(now).scalar_one()
        cluster.as_admin("CHECKPOINT")
        there = cluster.files / "base" / str(database)
        return b"".join(path.read_bytes() for path in sorted(there.iterdir()))

    return read
