"""Everything outside Daybook, on loopback: Jira, Asana, Google Calendar and a mail server, with one team in them.

Each listens on a port of its own and speaks HTTP or SMTP like the real one.
`configuration` writes what an administrator would write to use them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from connectors.asana.sandbox import AsanaSite
from connectors.google_calendar.sandbox import CalendarSite
from connectors.jira.sandbox import JiraSite
from connectors.stand_in import Faults, StandIn
from daybook.init import new_master_key
from daybook.sandbox.plant import READER, Planted, plant, token
from daybook.sandbox.post_office import PostOffice
from daybook.sandbox.team import Team, last_finished_day, make

PROPOSED_DAYS = 2
"""How many working days of evidence a demonstration looks back over."""


class Outside:
    """The stand-ins and the team that works in them."""

    def __init__(self, contributors: int, seed: int, now: datetime, faults: int | None = None) -> None:
        self.team: Team = make(contributors, seed, last_finished_day(now))
        self.jira = JiraSite(faults=_faults(faults, "jira"))
        self.asana = AsanaSite(faults=_faults(faults, "asana"))
        self.calendar = CalendarSite(faults=_faults(faults, "calendar"))
        self.mail = PostOffice(_faults(faults, "mail"))
        self.planted: Planted = plant(self.team, self.jira, self.asana, self.calendar)
        self.back_fill = (now.date() - self.team.days[-PROPOSED_DAYS]).days

    @property
    def sites(self) -> dict[str, StandIn]:
        """By the name of their connection."""
        return {"jira": self.jira, "asana": self.asana, "calendar": self.calendar}

    @contextmanager
    def running(self) -> Iterator[None]:
        everything = [*self.sites.values(), self.mail]
        for one in everything:
            one.start()
        try:
            yield
        finally:
            for one in everything:
                one.stop()

    def counts(self) -> dict[str, dict[str, int]]:
        """Requests by service and endpoint since they were last asked; counting starts anew."""
        return {name: dict(sorted(site.reset_counts().items())) for name, site in self.sites.items()}

    def credentials(self) -> dict[str, str]:
        """What an administrator would keep under these names."""
        return {
            "google-key": json.dumps(self.calendar.service_account_key()),
            "jira-token": token("jira", READER),
            "asana-token": token("asana", READER),
            "master-key": new_master_key(),
        }


def _faults(seed: int | None, tool: str) -> Faults:
    return Faults() if seed is None else Faults(seed * 1000 + sum(tool.encode()))


def configuration(outside: Outside, folder: Path, page: str, hold: str = "10s", quick: bool = False) -> Path:
    """Write daybook.yaml, people.yaml and the credentials into a folder.

    Takes    page: host:port the page listens on
             quick: short patience everywhere, for a run without a person
    """
    (folder / "credentials").mkdir(mode=0o700)
    for name, secret in outside.credentials().items():
        (folder / "credentials" / name).write_text(secret)
        (folder / "credentials" / name).chmod(0o600)
    (folder / "people.yaml").write_text(_as_yaml({"people": _people(outside)}))
    file = folder / "daybook.yaml"
    file.write_text(_as_yaml(_settings(outside, folder, page, hold, quick)))
    return file


def _people(outside: Outside) -> list[dict[str, Any]]:
    return [
        {
            "name": member.name,
            "email": member.email,
            "team": member.team,
            "role": member.role,
            "schedule": member.hours,
            "timezone": member.zone,
        }
        for member in outside.team.members
    ]


def _settings(outside: Outside, folder: Path, page: str, hold: str, quick: bool) -> dict[str, Any]:
    planted = outside.planted
    return {
        "version": 1,
        "organisation": "Northwind Studio",
        "timezone": "Europe/Berlin",
        "include": ["people.yaml"],
        "policy": {
            "why": "Three clients ask for billable-hour reports, and two invoices were disputed this quarter.",
            "contact": "ops@northwind.example",
            "effective": (outside.team.days[0] - timedelta(days=30)).isoformat(),
            "tracked": {
                "google_calendar": ["title", "time", "response", "series"],
                "jira": ["title", "status history", "own comments", "worklogs", "labels"],
                "asana": ["title", "section history", "own comments", "time entries"],
            },
            "not_tracked": [
                "descriptions",
                "guests",
                "attachments",
                "locations",
                "screen",
                "keyboard",
                "idle time",
            ],
            "private_events": "busy",
            "back_fill": outside.back_fill,
        },
        "connections": {
            "calendar": {
                "type": "google_calendar",
                "key": "${credential:google-key}",
                "endpoint": f"{outside.calendar.url}/calendar/v3/",
            },
            "jira": {
                "type": "jira",
                "site": outside.jira.url,
                "email": READER,
                "token": "${credential:jira-token}",
            },
            "asana": {
                "type": "asana",
                "endpoint": f"{outside.asana.url}/api/1.0",
                "token": "${credential:asana-token}",
            },
        },
        "schedules": {
            "full_time": {"mon-thu": ["09:00-12:30", "13:15-18:00"], "fri": ["09:00-15:00"]},
            "mornings": {"mon-fri": ["08:30-12:30"]},
        },
        "rollout": {"stage": "normal"},
        "projects": {
            "acme-web": {
                "name": "ACME website",
                "client": "ACME",
                "category": "delivery",
                "billable": True,
                "rounding": "15m",
                "target": {"jira": "task"},
            },
            "beta-app": {
                "name": "Beta app",
                "client": "Beta",
                "category": "delivery",
                "billable": True,
                "target": {"jira": "task"},
            },
            "studio": {"name": "Studio", "category": "internal", "target": {"asana": "task"}},
        },
        "rules": _rules(planted),
        "reconcile": {"in_progress": {"jira": "status category", "asana": ["Doing"]}},
        "pulling": {
            "every": 60,
            "rate": 100,
            **({"patience": 5, "timeout": 5, "longest_rest": 2} if quick else {}),
        },
        "mail": {
            "from": "Daybook <daybook@northwind.example>",
            "smtp": outside.mail.smtp,
            "tls": "none",
            "digest_at": "00:00",
            "every_day": True,
        },
        "page": {"url": f"http://{page}", "listen": page},
        "posting": {"hold": hold, **({"pauses": [1, 2, 3], "look_after": 8} if quick else {})},
        "store": {"url": f"sqlite:///{folder}/daybook.db", "key": "${credential:master-key}"},
    }


def _rules(planted: Planted) -> list[dict[str, Any]]:
    return [
        {
            "name": "Support is not billed",
            "when": {"container": "WEB", "labels": ["support", "warranty"]},
            "then": {"project": "acme-web", "billable": False},
        },
        {
            "name": "ACME issues",
            "when": {"source": "jira", "container": "WEB"},
            "then": {"project": "acme-web"},
        },
        {
            "name": "Beta issues",
            "when": {"source": "jira", "container": "APP"},
            "then": {"project": "beta-app"},
        },
        {
            "name": "Planning of an issue",
            "when": {"task": {"regex": "^WEB-"}},
            "then": {"project": "acme-web"},
        },
        {
            "name": "ACME calls",
            "when": {"source": "google_calendar", "title": "acme"},
            "then": {
                "project": "acme-web",
                "category": "meeting",
                "target": {"jira": planted.meetings_issue},
            },
        },
        {
            "name": "Company meetings",
            "when": {
                "kind": "meeting",
                "any": [{"title": {"regex": "^(all.hands|stand.?up)"}}, {"title": "internal"}],
            },
            "then": {"project": "studio", "category": "meeting", "target": {"asana": planted.meetings_task}},
        },
        {"name": "Studio tasks", "when": {"source": "asana"}, "then": {"project": "studio"}},
    ]


def _as_yaml(value: dict[str, Any]) -> str:
    """JSON is YAML, one setting a line at the top."""
    return "".join(f"{key}: {json.dumps(part, ensure_ascii=False)}\n" for key, part in value.items())
