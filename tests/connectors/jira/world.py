"""A Jira site seen from behind, for the contract and for what is Jira's own."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import SecretStr

from connectors.budget import Budget
from connectors.contract import Account, Credential, Page, Terms, Window, walk
from connectors.jira.connector import Jira
from connectors.jira.sandbox import JiraSite
from connectors.jira.settings import Settings
from connectors.jira.site import GIVEN_TO
from connectors.manners import Manners
from connectors.stand_in import Answer, Faults, Request
from core.model import Entry
from daybook.testing import Posted, Trouble

READER = "daybook@northwind.example"
BERLIN = ZoneInfo("Europe/Berlin")
FRIDAY = datetime(2026, 11, 20, 8, tzinfo=UTC)
ALL = ("title", "labels", "status history", "own comments", "worklogs")
INVENTED = "invented"
"""A page token of ours, which leads to the first page."""
Twist = Callable[[Request, Any], Any]


class TwistedSite(JiraSite):
    """A site whose answers a test may bend on their way out."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.twists: dict[str, Twist] = {}
        """By endpoint: what becomes of the body of a good answer."""
        self.refusals: dict[str, Answer] = {}
        """By endpoint: what is answered instead, to whom it may concern."""
        self.headers: dict[str, dict[str, str]] = {}
        """By endpoint: what an answer says about itself."""
        self.nameless = False
        """No answer says to whom it was given."""
        self.loses_a_write = False
        """The next write happens and nobody hears of it."""
        self.heard: list[tuple[str, Request]] = []

    def answer(self, request: Request) -> tuple[Answer, str]:
        real = {name: values for name, values in request.params.items() if values != [INVENTED]}
        body = request.body.replace(f', "nextPageToken": "{INVENTED}"'.encode(), b"")
        answer, fault = super().answer(replace(request, params=real, body=body))
        endpoint, _, _ = self.find(request.method, request.path)
        name = endpoint.replace("/rest/api/2", "")
        self.heard.append((name, request))
        if name in self.twists and answer.status == 200:
            answer = replace(answer, body=self.twists[name](request, json.loads(json.dumps(answer.body))))
        answer = self.refusals.get(name, answer)
        answer = replace(answer, headers={**answer.headers, **self.headers.get(name, {})})
        if self.loses_a_write and "/worklog" in name and request.method != "GET" and "list" not in name:
            self.loses_a_write, fault = False, "drop-after"
        return answer, fault

    def extra_headers(self, request: Request, answer: Answer) -> Mapping[str, str]:
        told = super().extra_headers(request, answer)
        return {name: value for name, value in told.items() if not self.nameless or name != GIVEN_TO}


class JiraWorld:
    """Ada and Ben at work; Mara is not enrolled. `add` logs time."""

    kind_of_site: type[TwistedSite] = TwistedSite
    search = "GET /search/jql"
    window = Window(start=datetime(2026, 11, 1, tzinfo=UTC), end=datetime(2026, 12, 1, tzinfo=UTC))
    page_size = 3

    def __init__(self, **options: Any) -> None:
        self.now = FRIDAY
        self.site = self.kind_of_site(clock=lambda: self.now, **options)
        self.there = self.site.world
        self.there.add_user(READER, "reader", "Daybook")
        self.ada = self._person("ada", "Europe/Berlin")
        self.ben = self._person("ben", "Europe/Lisbon")
        self.mara = self.there.add_user("mara@northwind.example", "mara-token", "Mara")
        self.there.add_project("ACME", "Acme maps")
        self.task = self.there.add_issue("ACME", "Draw the map", created=FRIDAY - timedelta(days=3))
        self._made = 0

    def _person(self, name: str, zone: str) -> Account:
        email = f"{name}@northwind.example"
        external = self.there.add_user(email, f"{name}-token", name.title(), zone)
        return Account(contributor=name, external=external, email=email, zone=zone)

    def pass_by(self, **span: float) -> None:
        self.now += timedelta(**span)

    # --- what the contract asks of a world

    def add(self, account: Account, title: str) -> str:
        self._made += 1
        started = FRIDAY - timedelta(days=1) + timedelta(minutes=self._made)
        return f"worklog/{self.there.add_worklog(self.task, account.external, started, 600, title)}"

    def alter(self, origin: str) -> None:
        self.pass_by(seconds=1)
        worklog = self.there.logged[number(origin)]
        self.there.edit_worklog(worklog.id, worklog.author, self.now, seconds=worklog.seconds + 600)

    def remove(self, origin: str) -> None:
        self.there.delete_worklog(number(origin), at=self.now)

    def settle(self) -> None:
        self.pass_by(minutes=2)

    def trouble(self, kind: Trouble) -> bool:
        match kind:
            case "expired":
                return False
            case "connection revoked":
                self.there.revoke("reader")
            case "lost answer":
                self.site.loses_a_write = True
            case "repeats":
                self.site.twists["GET /search/jql"] = lambda _, body: {**body, "nextPageToken": INVENTED}
            case "empty page":
                self.site.twists["GET /search/jql"] = self._empty_once
            case _:
                self.site.faults.script("*", kind)
        return True

    def _empty_once(self, request: Request, body: Any) -> Any:
        """The first page comes empty, with a token to a page that we then show whole."""
        if "nextPageToken" in request.params:
            return body
        return {"issues": [], "nextPageToken": INVENTED}

    def credential(self, account: Account) -> Credential:
        return Credential(secret=SecretStr(f"{account.contributor}-token"))

    def posted(self) -> list[Posted]:
        return [
            Posted(
                str(log.id),
                log.author,
                log.issue.key,
                log.seconds // 60,
                log.started.astimezone(BERLIN).date(),
                log.comment,
            )
            for log in self.there.worklogs
            if log.issue.key == self.task
        ]

    def record(self, account: Account, entry: Entry) -> str:
        log = self.there.add_worklog(
            self.task, account.external, entry.start, entry.minutes * 60, entry.text, at=self.now
        )
        return str(log)

    def edit(self, record: str) -> None:
        self.pass_by(seconds=1)
        log = self.there.logged[int(record)]
        self.there.edit_worklog(log.id, log.author, self.now, seconds=log.seconds + 60)

    def erase(self, record: str) -> None:
        self.there.delete_worklog(int(record), at=self.now)

    # --- the connector over it

    def connector(self, tracked: Sequence[str] = ALL, budget: Budget | None = None, **settings: Any) -> Jira:
        return Jira(
            "jira",
            Settings(**self.settings(**settings)),
            Terms(tracked=frozenset(tracked)),
            Manners(budget=budget or Budget(10_000, 10_000), timeout=(3.05, 60.0)),
        )

    def settings(self, **settings: Any) -> dict[str, Any]:
        return {"site": self.site.url, "email": READER, "token": SecretStr("reader")} | settings

    def walk(self, connector: Jira, cursor: str | None = None, **window: datetime) -> list[Page]:
        (partition,) = connector.partitions([self.ada, self.ben])
        return list(walk(connector, partition, self.window.model_copy(update=window), cursor))


class IssuesWorld(JiraWorld):
    """`add` puts an issue into progress."""

    def add(self, account: Account, title: str) -> str:
        self._made += 1
        born = FRIDAY - timedelta(days=2) + timedelta(minutes=self._made)
        key = self.there.add_issue("ACME", title, assignee=account.external, created=born)
        self.there.change(key, born + timedelta(hours=1), account.external, status="In Progress")
        return f"issue/{self.there.issue(key).id}"

    def alter(self, origin: str) -> None:
        self.pass_by(seconds=1)
        self.there.change(str(number(origin)), self.now, None, status="Done")

    def remove(self, origin: str) -> None:
        """Its history is rewritten, as when an issue is imported anew: nobody ever had it."""
        issue = self.there.issue(number(origin))
        self.there.change(issue.key, self.now, None, assignee=None)
        issue.changes.clear()


def number(origin: str) -> int:
    return int(origin.partition("/")[2])


@contextmanager
def running(kind: type[JiraWorld] = JiraWorld, **options: Any) -> Iterator[JiraWorld]:
    world = kind(**options)
    world.site.start()
    try:
        yield world
    finally:
        world.site.stop()


__all__ = ["ALL", "FRIDAY", "READER", "Faults", "IssuesWorld", "JiraWorld", "number", "running"]
