"""A crowd at three tools, planted in the stand-ins: the data set that design figures were measured on.

Two hundred people; 5,000 Jira issues that each changed five times, and 2,000 worklogs; 5,000 Asana tasks with
five stories each, and 2,000 time entries; 200 calendars with 10,000 events. All of it lies in the last three
weeks, spread evenly, and nothing is left to chance.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from connectors.asana.sandbox import AsanaSite
from connectors.google_calendar.sandbox import CalendarSite
from connectors.jira.sandbox import JiraSite
from daybook.daemon import enrol
from daybook.house import House
from daybook.init import new_master_key

READER = "daybook@northwind.example"
SECRET = {tool: f"{tool}-secret" for tool in ("jira", "asana")}
"""The reader's credentials."""
BACK = timedelta(days=21)
"""How far back everything lies."""

POLICY: dict[str, Any] = {
    "why": "A measurement needs a policy as everybody does.",
    "contact": READER,
    "effective": "2026-01-01",
    "tracked": {
        "google_calendar": ["title", "time", "response", "series"],
        "jira": ["title", "status history", "own comments", "worklogs", "labels"],
        "asana": ["title", "section history", "own comments", "time entries"],
    },
    "back_fill": "30 days",
}
WITHOUT_STORIES = ("title", "time entries")
"""Of Asana, what needs no request for each task."""


@dataclass(frozen=True)
class Size:
    """How much there is."""

    people: int = 200
    issues: int = 5_000
    worklogs: int = 2_000
    tasks: int = 5_000
    entries: int = 2_000
    events: int = 10_000


class Crowd:
    """The stand-ins, planted; they listen inside the `with` block."""

    def __init__(
        self, size: Size = Size(), clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self.size = size
        self.now = clock().replace(microsecond=0)
        self.emails = [f"p{number}@northwind.example" for number in range(size.people)]
        # without limits: who pulls is measured by what they ask, not by how long they are sent away
        self.jira = JiraSite(clock=clock, burst=0)
        self.asana = AsanaSite(clock=clock, requests_per_minute=None)
        self.calendar = CalendarSite(clock=clock)
        self.calendar.limit(0, project=0)
        self.tasks: list[str] = []
        """At Asana, the oldest first."""
        self.accounts = self._plant_jira()
        self.gids = self._plant_asana()
        self._plant_calendars()
        self._open = ExitStack()

    def __enter__(self) -> Self:
        for site in (self.jira, self.asana, self.calendar):
            site.start()
            self._open.callback(site.stop)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open.close()

    def _at(self, number: int, of: int) -> datetime:
        """When the n-th of so many things happened."""
        return self.now - BACK + (BACK - timedelta(days=1)) * number / of

    # --- Jira ------------------------------------------------------------------------------------------

    def _plant_jira(self) -> list[str]:
        world = self.jira.world
        world.add_user(READER, SECRET["jira"], "Daybook")
        people = [world.add_user(email, f"jira-{email}", email.partition("@")[0]) for email in self.emails]
        world.add_project("WEB", "Web")
        for number in range(self.size.issues):
            begun, who = self._at(number, self.size.issues), people[number % len(people)]
            key = world.add_issue("WEB", f"Checkout step {number} fails", reporter=who, created=begun)
            self.change_issue(key, begun + timedelta(hours=1), number)
        for number in range(self.size.worklogs):
            started, who = self._at(number, self.size.worklogs), people[number % len(people)]
            world.add_worklog(f"WEB-{number % self.size.issues + 1}", who, started, 1800)
        return people

    def change_issue(self, key: str, at: datetime, number: int) -> None:
        """Five changes, the way an issue travels."""
        world, people = self.jira.world, list(self.jira.world.people)[1:]
        who, other = people[number % len(people)], people[(number + 1) % len(people)]
        world.change(key, at, who, assignee=who)
        world.change(key, at + timedelta(hours=1), who, status="In Progress")
        world.change(key, at + timedelta(hours=2), who, priority="High")
        world.change(key, at + timedelta(hours=3), who, assignee=other)
        world.change(key, at + timedelta(hours=4), other, status="Done")

    # --- Asana -----------------------------------------------------------------------------------------

    def _plant_asana(self) -> list[str]:
        site = self.asana
        reader = site.add_user(READER, SECRET["asana"], "Daybook", service=True)
        people = [site.add_user(email, f"asana-{email}", email.partition("@")[0]) for email in self.emails]
        self.project = site.add_project("Studio", members=[reader, *people], at=self.now - BACK)
        for number in range(self.size.tasks):
            at, who = self._at(number, self.size.tasks), people[number % len(people)]
            task = site.add_task(self.project, f"Poster {number}", created=at, by=who)
            self.tasks.append(task)
            site.assign(task, who, at + timedelta(hours=1), who)
            site.move(task, "Doing", at + timedelta(hours=2), who)
            site.comment(task, at + timedelta(hours=3), who, "Looked into it.")
            site.move(task, "Done", at + timedelta(hours=4), who)
            if number < self.size.entries:
                site.add_time_entry(task, who, 30, at.date(), at=at)
        return people

    # --- calendars -------------------------------------------------------------------------------------

    def _plant_calendars(self) -> None:
        for email in self.emails:
            self.calendar.add_user(email)
        for number in range(self.size.events):
            start = self._at(number, self.size.events)
            email, created = self.emails[number % len(self.emails)], start - timedelta(days=7)
            self.calendar.add_event(
                email, f"Call {number}", start, start + timedelta(minutes=30), created=created
            )

    # --- Daybook's side --------------------------------------------------------------------------------

    def configuration(
        self,
        folder: Path,
        *,
        stories: bool = True,
        asana: Mapping[str, str] | None = None,
        port: int = 8787,
    ) -> Path:
        """What an administrator would write to read all of it.

        Takes    stories: of Asana, tasks' stories too; asana: further settings of it; port: of the page
        """
        of_asana = {} if stories else {"asana": list(WITHOUT_STORIES)}
        of_workspace = {"endpoint": f"{self.asana.url}/api/1.0", "token": SECRET["asana"]}
        connections = {
            "calendar": {
                "type": "google_calendar",
                "key": json.dumps(self.calendar.service_account_key()),
                "endpoint": f"{self.calendar.url}/calendar/v3/",
            },
            "jira": {"type": "jira", "site": self.jira.url, "email": READER, "token": SECRET["jira"]},
            "asana": {"type": "asana", "rate": 100, **of_workspace, **(asana or {})},
        }
        people = [
            {"name": email, "email": email, "accounts": {"jira": account, "asana": gid}}
            for email, account, gid in zip(self.emails, self.accounts, self.gids, strict=True)
        ]
        said = {
            "version": 1,
            "policy": {**POLICY, "tracked": POLICY["tracked"] | of_asana},
            "rollout": {"stage": "normal", "skip_pilot_because": "Nobody of this crowd is anybody."},
            "connections": connections,
            "people": people,
            "projects": {"studio": {"name": "Studio", "target": {"asana": "task"}}},
            "rules": [{"name": "Studio", "when": {"container": self.project}, "then": {"project": "studio"}}],
            "pulling": {"rate": 100},
            "mail": {"from": f"Daybook <{READER}>", "smtp": "127.0.0.1:25", "tls": "none"},
            "page": {"url": f"http://127.0.0.1:{port}", "listen": f"127.0.0.1:{port}"},
            "store": {"url": f"sqlite:///{folder}/daybook.db", "key": new_master_key()},
        }
        file = folder / "daybook.yaml"
        file.write_text(json.dumps(said), "utf-8")
        return file


def everybody_agrees(house: House) -> None:
    """The policy reached everybody, and everybody said they read it."""
    enrol(house)
    with house.store.writing() as tx:
        for person in (one for one in tx.people.all() if one.acknowledged is None):
            tx.people.invited(person.id, house.policy_version, house.clock())
            tx.people.acknowledge(person.id, house.policy_version, house.clock())
