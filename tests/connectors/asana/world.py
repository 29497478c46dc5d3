"""Asana seen from behind: the stand-in, for the contract suite and for this connector's own tests."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from pydantic import SecretStr

from connectors.asana.connector import Asana
from connectors.asana.sandbox import AsanaSite
from connectors.asana.settings import Settings
from connectors.budget import Budget
from connectors.contract import Account, Credential, Terms, Window
from connectors.manners import Manners
from connectors.stand_in import Answer, Faults, Request
from core.model import Entry
from daybook.testing import BROKEN, Posted, Trouble

EVERYTHING = frozenset({"title", "section history", "own comments", "time entries"})
DAY = date(2026, 11, 20)
MORNING = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
LISTS = ("/api/1.0/tasks", "/api/1.0/time_tracking_entries")
PAGE = 12
"""Asana may give fewer than it was asked for."""


class Clock:
    """A second passes whenever somebody looks, so that no two changes share an instant."""

    def __init__(self) -> None:
        self.now = MORNING

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now


class Losing(Faults):
    """Also loses the answer to the next write, whichever it is."""

    lose = False

    def next(self, endpoint: str, ordinal: int) -> str:
        if self.lose and not endpoint.startswith("GET"):
            self.lose = False
            return "drop-after"
        return super().next(endpoint, ordinal)


class Wayward(AsanaSite):
    """The stand-in, with lists that can go wrong, and a memory of what was asked."""

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock=clock, faults=Losing())
        self.asked: list[Request] = []
        self.circles = False
        """Every page of a list leads to itself."""
        self.page = 0
        """The most of a list that is shown at once; 0 for as many as were asked for."""
        self.empties = 0
        """So many pages are empty, and say that there is more."""

    def answer(self, request: Request) -> tuple[Answer, str]:
        self.asked.append(request)
        made_up = request.param("offset").startswith("made-up")
        if request.method != "GET" or request.path not in LISTS:
            return super().answer(request)
        if made_up:
            kept = {name: values for name, values in request.params.items() if name != "offset"}
            request = replace(request, params=kept)
        if self.page and "limit" in request.params:
            request = replace(request, params={**request.params, "limit": [str(self.page)]})
        answer, fault = super().answer(request)
        if answer.status != 200 or not isinstance(answer.body, dict):
            return answer, fault
        if self.circles:
            return _leading(answer, answer.body["data"], "made-up"), fault
        if self.empties:
            self.empties -= 1
            return _leading(answer, [], f"made-up-{self.empties}"), fault
        return answer, fault


def _leading(answer: Answer, records: list[object], offset: str) -> Answer:
    following = {"offset": offset, "path": "/x", "uri": "https://app.asana.com/x"}
    return replace(answer, body={"data": records, "next_page": following})


class AsanaWorld:
    """A board with Ada and Ben; Otto's service account reads for the organisation."""

    window = Window(start=datetime(2026, 11, 1, tzinfo=UTC), end=datetime(2026, 12, 1, tzinfo=UTC))
    page_size = PAGE

    def __init__(self) -> None:
        self.clock = Clock()
        self.site = Wayward(self.clock)
        add = self.site.add_user
        self.ada = Account(
            contributor="ada", external=add("ada@northwind.example", "ada-token", "Ada"), zone="Europe/Berlin"
        )
        self.ben = Account(contributor="ben", external=add("ben@northwind.example", "ben-token", "Ben"))
        self.mara = add("mara@northwind.example", "mara-token", "Mara")
        add("otto@northwind.example", "otto-token", "Otto", service=True)
        self.board = self.site.add_project(
            "Website relaunch",
            sections=("To do", "Doing", "Done"),
            members=[self.ada.external, self.ben.external],
        )
        self.mapped = [self.board]
        """The projects that rules name."""
        self.task = self.site.add_task(self.board, "Catch-all", self.mara)
        self.entries: dict[str, str] = {}
        """Time entry -> its task."""
        self.site.start()

    def connector(
        self, tracked: frozenset[str] = EVERYTHING, budget: Budget | None = None, **settings: str
    ) -> Asana:
        written = {"token": "otto-token", "endpoint": f"{self.site.url}/api/1.0", **settings}
        terms = Terms(tracked=tracked, in_progress=("Doing", "In Progress"), containers=("WEB", *self.mapped))
        manners = Manners(budget=budget or Budget(10_000, 10_000))
        return Asana("asana", Settings.model_validate(written), terms, manners)

    def add(self, account: Account, title: str) -> str:
        """Time entered on a task of theirs: the one kind whose end Asana's list of tasks can show."""
        task = self.site.add_task(self.board, title, account.external, by=self.mara)
        entry = self.site.add_time_entry(task, account.external, 30, DAY)
        self.entries[f"entry/{entry}"] = task
        return f"entry/{entry}"

    def alter(self, origin: str) -> None:
        self.site.change_time_entry(origin.removeprefix("entry/"), minutes=45)
        self._stir(origin)

    def remove(self, origin: str) -> None:
        self.site.delete_time_entry(origin.removeprefix("entry/"))
        self._stir(origin)

    def _stir(self, origin: str) -> None:
        """In the stand-in, time on a task does not modify the task; a colleague's comment does."""
        self.site.comment(self.entries[origin], None, self.mara, "Saw it.")

    def settle(self) -> None:
        self.clock.now += timedelta(minutes=1)

    def trouble(self, kind: Trouble) -> bool:
        match kind:
            case "lost answer":
                assert isinstance(self.site.faults, Losing)
                self.site.faults.lose = True
            case "repeats":
                self.site.circles = True
            case "empty page":
                self.site.empties = 1
            case "connection revoked":
                self.site.revoke("otto-token")
            case "expired":  # the cursor of a finished walk holds times, and those do not expire
                return False
            case _:
                assert kind in (*BROKEN, "429-bare")
                self.site.faults.script("*", kind)
        return True

    def credential(self, account: Account) -> Credential:
        return Credential(secret=SecretStr(f"{account.contributor}-token"))

    def posted(self) -> list[Posted]:
        return [
            Posted(e.gid, e.user, e.task, e.minutes, e.day, e.description)
            for e in self.site.time_entries
            if e.task == self.task
        ]

    def record(self, account: Account, entry: Entry) -> str:
        return self.site.add_time_entry(self.task, account.external, entry.minutes, entry.day, entry.text)

    def edit(self, record: str) -> None:
        (minutes,) = [e.minutes for e in self.site.time_entries if e.gid == record]
        self.site.change_time_entry(record, minutes=minutes + 1)

    def erase(self, record: str) -> None:
        self.site.delete_time_entry(record)
