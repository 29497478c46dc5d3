"""A made-up studio at the moments that a demonstration of one morning does not reach: for the pictures.

The studio of docs/examples/pilot.yaml, with its own store, clock and page on this machine.
"""

from __future__ import annotations

import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from core import rounds
from core.model import Entry
from core.periods import week
from daybook import jobs, links, pulse, remarks, state
from daybook.daemon import enrol, listening
from daybook.house import House, Member
from daybook.wiring import open_house
from docs.rollout_tried import A_WEEK, PILOT, SECRETS, SENTENCES

BERLIN = ZoneInfo("Europe/Berlin")
EVERYBODY = {
    "stage: shadow": "stage: normal\n  skip_pilot_because: It is a picture.",
    "what: [client, billable], cadence: monthly": "what: [client, billable], cadence: weekly",
    "  acme-web:": "  beta-app: {name: Beta app, client: Beta, billable: true, target: {jira: task}}\n"
    "  internal: {name: Internal, billable: false, target: {none: kept here}}\n  acme-web:",
}
"""What the studio's file says once all take part, and its reports are weekly."""
SPLIT = {"acme-web": 5, "beta-app": 3, "internal": 2}
"""Of ten hours, how many go where; it moves a little from one to the next."""


class Clock:
    """Stands still until it is told what time it is."""

    def __init__(self) -> None:
        self.now = datetime.now(UTC)

    def __call__(self) -> datetime:
        return self.now

    def on(self, day: str) -> None:
        self.now = datetime.fromisoformat(day).replace(tzinfo=BERLIN)


def shown(root: Path) -> Iterator[tuple[str, str]]:
    """Each page by the name of its picture; it is there until the next is asked for."""
    with _studio(root, {"stage: shadow": "stage: pilot"}, "2026-11-06T09:00") as (house, clock):
        yield "invitation", _address(house, "invite")
        _acknowledged(house)
        clock.on("2026-11-13T10:00")
        _spoken(house)
        clock.on("2026-11-24T18:00")
        _counted(house)
        yield "rollout", _address(house, "own") + "/rollout"
    with _studio(root, EVERYBODY, "2026-11-16T08:00") as (house, clock):
        _acknowledged(house)
        _reports(house)
        _worked(house)
        clock.on("2026-11-25T09:00")
        _reports(house)
        yield "report", _address(house, "report")


@contextmanager
def _studio(root: Path, changes: dict[str, str], day: str) -> Iterator[tuple[House, Clock]]:
    """Its house with a page that answers, and the clock of both."""
    with tempfile.TemporaryDirectory() as folder, socket.create_server(("127.0.0.1", 0)) as server:
        page = f"127.0.0.1:{server.getsockname()[1]}"
        server.close()
        said = (root / PILOT).read_text("utf-8")
        changes = changes | {
            "https://daybook.northwind.example}": f"http://{page}, listen: {page}}}".replace("}}", "}"),
            "sqlite:///": f"sqlite:///{folder}/",
        }
        for old, new in changes.items():
            assert old in said, old
            said = said.replace(old, new)
        file = Path(folder) / "daybook.yaml"
        file.write_text(said, "utf-8")
        (Path(folder) / "credentials").mkdir()
        for name, secret in SECRETS.items():
            (Path(folder) / "credentials" / name).write_text(secret, "utf-8")
        clock = Clock()
        clock.on(day)
        house = open_house(file, clock)
        enrol(house)
        with listening(house):
            yield house, clock
        house.store.close()


def _address(house: House, purpose: links.Purpose) -> str:
    with house.store.writing() as tx:
        now = house.clock()
        return links.mint(tx, house, _members(house)[0], purpose, now.date(), now)


def _members(house: House) -> list[Member]:
    with house.store.reading() as tx:
        return house.members(tx)


def _acknowledged(house: House) -> None:
    members = _members(house)
    with house.store.writing() as tx:
        for who in members:
            tx.people.invited(who.id, house.policy_version, house.clock())
            tx.people.acknowledge(who.id, house.policy_version, house.clock())


def _spoken(house: House) -> None:
    """Ada said something, and was answered."""
    remarks.say(house, _members(house)[0], "draft", SENTENCES[0], signed=False)
    with house.store.reading() as tx:
        (said,) = tx.remarks.all()
    remarks.answer(house, said.id, "It goes to Internal from today: a rule of its own.")


def _counted(house: House) -> None:
    with house.store.writing() as tx:
        stage = tx.rollout.stage()
        assert stage is not None, "the pilot has begun"
        for weeks in (2, 1):
            tx.rollout.count(stage.serial, week((house.clock() - timedelta(weeks=weeks)).date()), A_WEEK)
    pulse.look(house)


def _worked(house: House) -> None:
    """Everybody of the team confirmed a week."""
    monday = house.clock().date()
    for number, who in enumerate(_members(house)[:-1]):
        for project, hours in SPLIT.items():
            entry = Entry(
                id=f"e-{number}-{project}",
                day=monday,
                start=house.clock(),
                minutes=hours * 200 + (number * 37) % 90,
                project=project,
                billable=project != "internal",
                target="none",
                text="",
            )
            with house.store.writing() as tx:
                tx.entries.add(who.id, entry.id, entry)


def _reports(house: House) -> None:
    """Do what is due of them."""
    for _ in range(2):
        for work in rounds.due(state.snapshot(house, house.clock()), house.clock()):
            if isinstance(work, rounds.Freeze | rounds.Publish):
                jobs.perform(house, work)
