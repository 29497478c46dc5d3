"""A small Jira site with Ada, Ben and Mara in it, and a plain caller that is none of our connectors."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import requests

from connectors.jira.sandbox import JiraSite

MONDAY = datetime(2026, 11, 2, 8, 0, tzinfo=UTC)
STARTED = "2026-11-02T09:00:00.000+0100"


class Clock:
    def __init__(self) -> None:
        self.now = MONDAY + timedelta(hours=4)

    def __call__(self) -> datetime:
        return self.now

    def pass_by(self, **span: float) -> None:
        self.now += timedelta(**span)


class Caller:
    """HTTP as one person, in one API version; `ask` gives the answer, whatever its status."""

    def __init__(self, root: str, who: str) -> None:
        self.root = root
        self.session = requests.Session()
        self.session.auth = (f"{who}@example.com", f"{who}-token")

    def ask(self, method: str, path: str, body: Any = None, **query: Any) -> requests.Response:
        return self.session.request(method, self.root + path, params=query, json=body, timeout=60)

    def get(self, path: str, **query: Any) -> Any:
        answer = self.ask("GET", path, **query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def post(self, path: str, body: Any, **query: Any) -> Any:
        answer = self.ask("POST", path, body, **query)
        assert answer.status_code in (200, 201), answer.text
        return answer.json()

    def keys(self, jql: str) -> list[str]:
        found = self.post("/search/jql", {"jql": jql, "fields": ["key"], "maxResults": 100})
        return [issue["key"] for issue in found["issues"]]


@dataclass
class Town:
    """What a test needs to know of the site."""

    site: JiraSite
    clock: Clock
    ada: str
    ben: str
    mara: str
    callers: list[Caller] = field(default_factory=list)

    def caller(self, who: str = "ada", version: int = 3) -> Caller:
        self.callers.append(Caller(f"{self.site.url}/rest/api/{version}", who))
        return self.callers[-1]


@contextmanager
def town(**options: Any) -> Iterator[Town]:
    """ACME for all; TEAM, team-managed, for all but Ben; Mara administers."""
    clock = Clock()
    site = JiraSite(clock=clock, **options)
    world = site.world
    ada = world.add_user("ada@example.com", "ada-token", "Ada Byron", "Europe/Berlin")
    ben = world.add_user("ben@example.com", "ben-token", "Ben Boole", "America/New_York", shows_email=False)
    mara = world.add_user("mara@example.com", "mara-token", "Mara Curie", "UTC", admin=True)
    world.add_group("crew", [ada, ben])
    world.add_project("ACME", "Acme maps")
    world.add_project("TEAM", "Team's own", "next-gen")
    world.forbid("TEAM", "BROWSE_PROJECTS", ben)
    born = MONDAY - timedelta(days=3)
    world.add_issue("ACME", "Draw the map", assignee=ada, created=born, labels=["q4"], components=["web"])
    world.add_issue("ACME", "Fold the map", assignee=ben, created=born, parent="ACME-1", estimate=7200)
    world.add_issue("TEAM", "Name the team", created=born, priority=None)
    world.change("ACME-1", MONDAY, ada, status="In Progress")
    world.comment("ACME-1", MONDAY + timedelta(minutes=5), ben, "which scale?")
    world.add_worklog("ACME-1", ada, MONDAY, 3600, "drawing", properties={"origin": {"id": "x-1"}})
    site.start()
    there = Town(site, clock, ada, ben, mara)
    try:
        yield there
    finally:
        for caller in there.callers:
            caller.session.close()
        site.stop()
