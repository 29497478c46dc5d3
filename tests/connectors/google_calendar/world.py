"""Google Calendar seen from behind, for the contract suite and the connector's own tests."""

from __future__ import annotations

import dataclasses
import json
from datetime import UTC, datetime, timedelta
from typing import Any

from pydantic import SecretStr

from connectors.budget import Budget
from connectors.contract import Account, Credential, Terms, Window
from connectors.google_calendar.connector import GoogleCalendar
from connectors.google_calendar.evidence import TRACKS
from connectors.google_calendar.sandbox import CalendarSite
from connectors.google_calendar.sandbox_events import Event
from connectors.google_calendar.settings import Settings
from connectors.manners import Manners
from connectors.stand_in import Answer, Request
from core.model import Entry
from daybook.testing import Posted, Trouble

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
EVENTS = "GET /calendar/v3/calendars/{calendar}/events"
TOKEN = "POST /token"
EVERYTHING = frozenset(TRACKS)
BROKEN: tuple[Trouble, ...] = ("500", "html", "truncated", "drop-before", "drop-after", "429-bare")


class Listening(CalendarSite):
    """The stand-in, with an ear for what was asked and a hand to answer in its place."""

    def __init__(self, world: CalendarWorld) -> None:
        super().__init__(clock=lambda: world.now)
        self.asked: list[Request] = []
        self.instead: list[Answer] = []
        """Given to the next listings."""
        self.looping = False

    def before(self, request: Request) -> Answer | None:
        listing = request.path.endswith("/events")
        self.asked += [request] if listing else []
        if listing and self.instead:
            return self.instead.pop(0)
        return super().before(request)

    def answer(self, request: Request) -> tuple[Answer, str]:
        answer, fault = super().answer(request)
        if self.looping and isinstance(answer.body, dict) and "items" in answer.body:
            answer = dataclasses.replace(answer, body=answer.body | {"nextPageToken": "round-and-round"})
        if self.looping and request.param("pageToken"):
            params = {name: values for name, values in request.params.items() if name != "pageToken"}
            again, fault = super().answer(dataclasses.replace(request, params=params))
            answer = dataclasses.replace(again, body=again.body | {"nextPageToken": "round-and-round"})
        return answer, fault


class CalendarWorld:
    """Ada and Ben in Berlin, a Friday at noon, and a stand-in of Google Calendar."""

    ada = Account(contributor="ada", external="ada@northwind.example", zone="Europe/Berlin")
    ben = Account(contributor="ben", external="ben@northwind.example", zone="Europe/Berlin")
    window = Window(start=NOW - timedelta(days=14), end=NOW + timedelta(hours=36))
    task = "none"
    page_size = 3

    def __init__(self) -> None:
        self.now = NOW
        self.site = Listening(self)
        self.url = self.site.start()
        self.site.delegate("calendar.events.owned.readonly", "calendar.events.readonly")
        for account in (self.ada, self.ben):
            self.site.add_user(account.external, account.zone)
        self.site.add_user("otto@northwind.example", "UTC")
        self.events: dict[str, Event] = {}

    def close(self) -> None:
        self.site.stop()

    def connector(
        self,
        tracked: frozenset[str] = EVERYTHING,
        private: Any = "busy",
        check_as: str | None = "otto@northwind.example",
        budget: Budget | None = None,
        **settings: Any,
    ) -> GoogleCalendar:
        """A connector over this world; its own, so that it holds no token yet."""
        key = SecretStr(json.dumps(self.site.service_account_key()))
        endpoint = f"{self.url}/calendar/v3"
        return GoogleCalendar(
            "calendar",
            Settings.model_validate({"key": key, "endpoint": endpoint, "check_as": check_as, **settings}),
            Terms(tracked=tracked, private=private),
            Manners(budget=budget or Budget(1000, 1000)),
        )

    def meeting(self, title: str = "Planning", at: datetime = NOW - 3 * HOUR, **more: Any) -> Event:
        """An hour of Ada's, this morning."""
        return self.site.add_event(self.ada.external, title, at, at + HOUR, **more)

    # --- what the contract suite needs

    def add(self, account: Account, title: str) -> str:
        start = NOW - 4 * HOUR + timedelta(minutes=len(self.events))
        event = self.site.add_event(account.external, title, start, start + HOUR)
        self.events[f"event/{event.id}"] = event
        return f"event/{event.id}"

    def alter(self, origin: str) -> None:
        self.site.change(self.events[origin], end=NOW + HOUR)

    def remove(self, origin: str) -> None:
        self.site.delete(self.events[origin])

    def settle(self) -> None:
        self.now += timedelta(minutes=1)

    def trouble(self, kind: Trouble) -> bool:
        match kind:
            case "expired":
                self.now += timedelta(days=40)
            case "repeats":
                self.site.looping = True
            case "empty page":
                self.site.ragged = True
            case "connection revoked":
                self.site.delegate()
                self.now += 2 * HOUR  # what was given before has run out
            case _ if kind in BROKEN:
                self.site.faults.script("*", kind)
            case _:
                return False
        return True

    def credential(self, account: Account) -> Credential:
        return Credential(secret=SecretStr("nobody gives one"))

    def posted(self) -> list[Posted]:
        return []

    def record(self, account: Account, entry: Entry) -> str:
        raise NotImplementedError("nothing is written to a calendar")

    def edit(self, record: str) -> None:
        raise NotImplementedError("nothing is written to a calendar")

    def erase(self, record: str) -> None:
        raise NotImplementedError("nothing is written to a calendar")
