"""Each endpoint of each connector, times each fault: what is told, and that it ends as if nothing had been.

The table stands at the end of the test run's output.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from datetime import timedelta
from itertools import count
from threading import Condition
from typing import Any

import pytest
from google.auth import _service_account_info as key_files

from connectors.budget import Budget
from connectors.contract import Connector
from connectors.google_calendar import connector as google
from connectors.jira import cloud, data_center, reading
from connectors.stand_in import Request
from tests.connectors.asana.world import AsanaWorld
from tests.connectors.google_calendar.test_consent import LendingWorld
from tests.connectors.google_calendar.world import NOW, CalendarWorld
from tests.connectors.jira.server import ServerIssuesWorld
from tests.connectors.jira.world import FRIDAY, IssuesWorld
from tests.connectors.matrix import DEEDS, REVOKED, Matrix, Scene, expected

LABEL = "4f9c1c1e-0000-4000-8000-00000000000a"


class JiraScene(Scene):
    """Issues with histories and comments, and time on them; a page more than one of issues."""

    kind_of_world: type[IssuesWorld] = IssuesWorld
    deeds = tuple(deed for deed in DEEDS if deed not in ("containers", "baseline"))

    def __init__(self) -> None:
        self.world = world = self.kind_of_world()
        world.site.start()
        self.there = there = world.there
        seconds = count()
        world.site.pace_clock = lambda: float(next(seconds))  # nobody is in a hurry here
        made = [world.add(world.ada, f"Thing {n}") for n in range(world.page_size)]
        self.issue = there.issue(int(made[0].partition("/")[2])).key
        self.logs = [self._logged(n) for n in range(2)]
        self.tokens = dict(there.tokens)
        world.settle()
        there.delete_worklog(self._logged(9), at=world.now)
        world.settle()

    def _logged(self, minute: int) -> int:
        started = FRIDAY - timedelta(hours=3) + timedelta(minutes=minute)
        return self.there.add_worklog(self.issue, self.world.ada.external, started, 600, "Thinking")

    def change(self) -> None:
        super().change()
        self.world.pass_by(minutes=2)
        self.there.delete_worklog(self.logs[0], at=self.world.now)
        log = self.there.logged[self.logs[1]]
        self.there.edit_worklog(log.id, log.author, self.world.now, seconds=1200)

    def revoke(self, request: Request) -> None:
        self.there.tokens.clear()

    def restore(self) -> None:
        self.there.tokens.update(self.tokens)


class ServerScene(JiraScene):
    kind_of_world = ServerIssuesWorld


class AsanaScene(Scene):
    """Tasks in Ada's hands, one more than a page, with stories and time on them."""

    deeds = tuple(deed for deed in DEEDS if deed != "containers")
    shared = frozenset({"GET /api/1.0/workspaces"})
    keeps = True
    read = "people"

    def __init__(self) -> None:
        self.world = AsanaWorld()
        self.world.site.page = 2
        for n in range(3):
            entry = self.world.add(self.world.ada, f"Thing {n}")
            self.world.site.comment(self.world.entries[entry], None, self.world.ada.external, "More.")
        self.tokens = dict(self.world.site.tokens)
        self.world.settle()

    def connector(self, budget: Budget) -> Connector:
        return self.world.connector(budget=budget, read=self.read)

    def revoke(self, request: Request) -> None:
        self.world.site.tokens.clear()

    def restore(self) -> None:
        self.world.site.tokens.update(self.tokens)


class AsanaByProjectScene(AsanaScene):
    read = "projects"


class GoogleScene(Scene):
    """One more than a page of labelled meetings, and calendars to choose from."""

    kind_of_world: type[CalendarWorld] = CalendarWorld
    deeds = ("pull", "pull again", "check", "containers")
    does_without = frozenset({"POST /token", "GET /calendar/v3/calendars/{calendarId}"})
    rights = (
        "calendar.events.owned.readonly", "calendar.calendars.readonly", "calendar.calendarlist.readonly"
    )  # fmt: skip

    def __init__(self) -> None:
        self.world = world = self.kind_of_world()
        world.site.calendars[world.ada.external].labels = [{"id": LABEL, "name": "Client A"}]
        self.allow()
        world.site.limit(0, project=0)  # nobody is in a hurry here
        world.site.add_calendar(world.ada.external, "Side")
        for n in range(world.page_size + 1):
            world.meeting(f"Thing {n}", NOW - timedelta(hours=4 + n), label=LABEL)

    def allow(self) -> None:
        self.world.site.delegate(*self.rights)

    def connector(self, budget: Budget) -> Connector:
        return self.world.connector(budget=budget, own_calendars=True)

    def revoke(self, request: Request) -> None:
        self.world.site.delegate()
        self.world.site.revoke(request.headers.get("authorization", "").removeprefix("Bearer "))

    def restore(self) -> None:
        self.allow()


class LentGoogleScene(GoogleScene):
    """The same, where Ada lets us read with a token of her own."""

    kind_of_world = LendingWorld
    deeds = ("pull", "pull again", "containers", "identify")
    does_without = frozenset[str]()
    whose = "A"

    def revoke(self, request: Request) -> None:
        self.world.site.revoke(self.world.ada.credential.secret.get_secret_value())

    def allow(self) -> None:
        self.world.ada = self.world.lending(CalendarWorld.ada, *self.rights)


SCENES: dict[str, type[Scene]] = {
    "Jira Cloud": JiraScene,
    "Jira Data Center": ServerScene,
    "Asana by people": AsanaScene,
    "Asana by projects": AsanaByProjectScene,
    "Google Calendar": GoogleScene,
    "Google Calendar, lent": LentGoogleScene,
}


class Ticks:
    """A clock that goes on whenever somebody waits for more of an answer, which then gets its next byte."""

    def __init__(self) -> None:
        self._asked, self._answered = 0, 0
        self._goes_on = Condition()

    def __call__(self) -> float:
        with self._goes_on:
            self._asked += 1
            self._goes_on.notify_all()
            return self._asked * 0.5

    def next(self) -> None:
        """Returns when the clock was asked again; who has hung up never asks."""
        with self._goes_on:
            self._goes_on.wait_for(lambda: self._asked > self._answered, timeout=0.5)
            self._answered = self._asked


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> Ticks:
    """Pages of a few; a key read once; the clock of those who wait for the rest of an answer."""
    genuine, signers = key_files.from_dict, dict[str, Any]()

    def signer(said: dict[str, str], **how: Any) -> Any:
        signed = said["private_key"]
        return signers.setdefault(signed, signers.get(signed) or genuine(said, **how))

    monkeypatch.setattr(key_files, "from_dict", signer)
    ticks = Ticks()
    monkeypatch.setattr("connectors.deadline.monotonic", ticks)
    monkeypatch.setattr("connectors.deadline.PAUSES", 1)
    for room in (reading, cloud, data_center):
        monkeypatch.setattr(room, "MOST_ISSUES", 2, raising=False)
    monkeypatch.setattr(google, "MOST_EVENTS", 3)
    return ticks


@pytest.mark.parametrize(
    ("name", "deed"), [(name, deed) for name, scene in SCENES.items() for deed in scene.deeds]
)
def test_P8_P10_whatever_goes_wrong_is_told_and_ends_as_if_it_had_not(
    small: Ticks, record_property: Callable[[str, object], None], name: str, deed: str
) -> None:
    scene = SCENES[name]()
    scene.site.between_bytes = small.next
    letters: defaultdict[str, dict[str, str]] = defaultdict(dict)
    wrong = []
    try:
        for cell in Matrix(scene, DEEDS[deed]).cells():
            letters[cell.endpoint][cell.fault] = cell.letter
            wanted = expected(scene, DEEDS[deed], cell.endpoint, cell.fault)
            if cell.fault == REVOKED and cell.letter == "." and cell.endpoint in scene.does_without:
                continue
            if cell.wrong or cell.letter not in wanted:
                wrong.append(f"{cell.endpoint}, {cell.fault}: {cell.letter} for {wanted}. {cell.wrong}")
    finally:
        scene.site.stop()
    for endpoint, of_endpoint in letters.items():
        record_property("fault matrix", (name, f"{deed:<11} {endpoint}", of_endpoint))
    assert letters
    assert not wrong, "\n".join(wrong)
