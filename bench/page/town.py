"""Thousands of people in one store, each with a day of drafts before them and a link that opens it.

Evidence is written as a pull writes it, and the reconciler makes the drafts. It is Thursday morning, and the
day is Wednesday.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from connectors.contract import Sighting
from core.model import Activity
from daybook import links, state
from daybook.daemon import enrol
from daybook.house import House, Member
from daybook.init import new_master_key
from daybook.jobs.reconsider import reconsider
from daybook.store.unit import Unit
from daybook.wiring import open_house

ZONE = ZoneInfo("Europe/Berlin")
DAY = date(2026, 11, 18)
EIGHT = datetime(2026, 11, 18, 8, tzinfo=ZONE)
NOW = datetime(2026, 11, 19, 9, tzinfo=ZONE)
MINUTE = timedelta(minutes=1)
TOOLS = {"google_calendar": "calendar", "jira": "jira"}
"""The connection of each."""
MEETINGS = 2 / 3
"""Of the drafts of a day; the others are tasks."""
USUAL, FULL = 12, 60
"""Drafts of a day."""


@dataclass(frozen=True)
class Size:
    """How much there is."""

    people: int = 5_000
    full: int = 200
    """Of them have a full day, the others a usual one."""


def clock() -> datetime:
    """Stands still, so that a page that is opened twice is the same page."""
    return NOW


def configuration(folder: Path, people: int, smtp: str = "127.0.0.1:25", port: int = 8787) -> Path:
    """What an administrator would write.

    Takes    port: of the page
    """
    said = {
        "version": 1,
        "organisation": "Northwind Studio",
        "timezone": str(ZONE),
        "policy": {
            "why": "A measurement needs a policy as everybody does.",
            "contact": "ops@northwind.example",
            "effective": "2026-01-01",
            "tracked": {
                "google_calendar": ["title", "time", "response", "series"],
                "jira": ["title", "status history"],
            },
        },
        "rollout": {"stage": "normal", "skip_pilot_because": "Nobody of this town is anybody."},
        "connections": {
            "calendar": {"type": "google_calendar", "key": "{}"},
            "jira": {
                "type": "jira",
                "site": "https://northwind.atlassian.net",
                "email": "daybook@northwind.example",
                "token": "none",
            },
        },
        "people": [
            {
                "name": f"Pat {number:04}",
                "email": f"pat{number:04}@northwind.example",
                "accounts": {"jira": f"jira-{number:04}"},
            }
            for number in range(people)
        ],
        "projects": {
            "web": {"name": "ACME website", "client": "ACME", "billable": True, "target": {"jira": "WEB-1"}},
            "inner": {"name": "Internal", "target": {"none": "kept here"}},
        },
        "rules": [
            {"name": "ACME", "when": {"title": "acme"}, "then": {"project": "web"}},
            {"name": "Issues", "when": {"source": "jira"}, "then": {"project": "web"}},
            {"name": "The rest", "when": {}, "then": {"project": "inner"}},
        ],
        "mail": {"from": "Daybook <daybook@northwind.example>", "smtp": smtp, "tls": "none"},
        "page": {"url": f"http://127.0.0.1:{port}", "listen": f"127.0.0.1:{port}"},
        "store": {"url": f"sqlite:///{folder}/daybook.db", "key": new_master_key()},
    }
    file = folder / "daybook.yaml"
    file.write_text(json.dumps(said), "utf-8")
    return file


def planted(file: Path, full: int) -> list[str]:
    """Fill the store that this configuration names; gives the path of everybody's link, full days first."""
    house = open_house(file, clock)
    enrol(house)
    with house.store.writing() as tx:
        for person in tx.people.all():
            tx.people.invited(person.id, house.policy_version, NOW)
            tx.people.acknowledge(person.id, house.policy_version, NOW)
        members = house.members(tx)
    drafts = [FULL if number < full else USUAL for number in range(len(members))]
    _seen(house)
    _evidence(house, members, drafts)
    for member in members:
        reconsider(house, member.id, [DAY])
    with house.store.writing() as tx:
        _made(tx, members, drafts)
        addresses = [links.mint(tx, house, member, "day", DAY, NOW) for member in members]
    house.store.close()
    return [address[address.index("/day/") :] for address in addresses]


def _seen(house: House) -> None:
    """Every tool was looked at a moment ago."""
    with house.store.writing() as tx:
        for connection, key in state.partitions(house, tx):
            tx.partitions.claim(connection, key, "bench", NOW, MINUTE)
            tx.partitions.finish(connection, key, "bench", "cursor", (), NOW, whole=True)


def _evidence(house: House, members: Sequence[Member], drafts: Sequence[int]) -> None:
    with house.store.writing() as tx:
        for tool, connection in TOOLS.items():
            sightings = (
                Sighting(origin=f"{member.id} {one.uid}", activities=((member.id, one),))
                for member, many in zip(members, drafts, strict=True)
                for one in activities(member, many)
                if one.source == tool
            )
            tx.evidence.apply(connection, sightings, {member.id: member.zone for member in members}, NOW)


def activities(member: Member, drafts: int) -> Iterator[Activity]:
    """What makes so many drafts between eight and six: meetings with some time between them, and tasks."""
    meetings = round(drafts * MEETINGS)
    every = 600 // meetings
    for number in range(meetings):
        start = EIGHT + number * every * MINUTE
        yield Activity(
            source="google_calendar",
            uid=f"meeting {number}",
            kind="meeting",
            start=start,
            end=start + every // 3 * MINUTE,
            title=f"{('ACME', 'Team')[number % 2]} call {number} & what follows",
            container=member.person.email,
            response="accepted",
            audience=4,
        )
    for number in range(drafts - meetings):
        start = EIGHT + number * MINUTE
        task = {"title": f"Checkout fails in step {number}", "task": f"WEB-{number + 10}", "container": "WEB"}
        yield Activity(
            source="jira",
            uid=f"presence {number}",
            kind="presence",
            start=start,
            end=start + 600 * MINUTE,
            **task,
        )
        yield Activity(source="jira", uid=f"touch {number}", kind="touch", start=start, **task)


def _made(tx: Unit, members: Sequence[Member], drafts: Sequence[int]) -> None:
    for member, many in zip(members, drafts, strict=True):
        if (found := sum(tx.drafts.pending(member.id).values())) != many:
            raise AssertionError(f"a day of {many} drafts came to {found}")
