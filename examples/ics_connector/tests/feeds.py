"""Calendars seen from behind: what people write into them, and the feeds or files they end up in.

A feed is served as RFC 9110 has it: an ETag that changes with the bytes, and 304
to who has them already.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

from daybook_ics.connector import Ics
from daybook_ics.evidence import TRACKS, origin
from daybook_ics.places import key
from daybook_ics.settings import Settings
from pydantic import SecretStr

from connectors.budget import Budget
from connectors.contract import Account, Credential, Terms, Window
from connectors.manners import Manners
from core.model import Entry
from daybook.testing import BROKEN, Answer, Posted, Request, StandIn, Trouble, route

EVERYTHING = frozenset(TRACKS)
MINUTE = timedelta(minutes=1)


def calendar(*events: str, head: str = "") -> bytes:
    """A file with these events, each the lines between BEGIN and END."""
    blocks = "\n".join(f"BEGIN:VEVENT\n{event.strip()}\nEND:VEVENT" for event in events)
    lines = f"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//Northwind//EN\n{head}\n{blocks}\nEND:VCALENDAR"
    return "\r\n".join(line.strip() for line in lines.splitlines() if line.strip()).encode() + b"\r\n"


@dataclass
class Written:
    """One event somebody wrote down."""

    calendar: str
    uid: str
    title: str
    start: datetime
    minutes: int = 30

    def lines(self) -> str:
        end = self.start + self.minutes * MINUTE
        return (
            f"UID:{self.uid}\nSUMMARY:{self.title}\nDTSTAMP:{datetime.now(UTC):%Y%m%dT%H%M%SZ}\n"
            f"DTSTART:{self.start:%Y%m%dT%H%M%SZ}\nDTEND:{end:%Y%m%dT%H%M%SZ}"
        )


class FeedServer(StandIn):
    """Serves calendars by path."""

    name = "feeds"

    def __init__(self) -> None:
        super().__init__()
        self.content: dict[str, bytes] = {}
        self.open = True
        self.missing_says = 404
        self.sent: list[int] = []
        """The statuses of the answers."""

    def before(self, request: Request) -> Answer | None:
        return None if self.open else Answer(403, "Forbidden")

    @route("HEAD", "/{name}")
    @route("GET", "/{name}")
    def get(self, request: Request) -> Answer:
        content = self.content.get(request.args["name"])
        if content is None:
            return Answer(self.missing_says, "Not found")
        etag = f'"{sha256(content).hexdigest()[:16]}"'
        unchanged = request.headers.get("if-none-match") == etag
        self.sent.append(304 if unchanged else 200)
        headers = {"ETag": etag, "Content-Type": "text/calendar; charset=utf-8"}
        return Answer(304, None, headers) if unchanged else Answer(200, content, headers)


@dataclass
class Feeds:
    """Two feeds each for Ada and Ben, written in turn: the World of the contract suite."""

    server: FeedServer
    written: dict[str, Written] = field(default_factory=dict)
    """By origin."""
    ada = Account(contributor="ada", external="ada@northwind.example", zone="Europe/Berlin")
    ben = Account(contributor="ben", external="ben@northwind.example", zone="Europe/Lisbon")
    window = Window(start=datetime(2026, 11, 1, tzinfo=UTC), end=datetime(2026, 11, 20, 17, tzinfo=UTC))
    task = "there is none"
    page_size = 1
    _made: int = 0

    def __post_init__(self) -> None:
        self.settle()

    def connector(self, tracked: frozenset[str] = EVERYTHING) -> Ics:
        places = {
            who.external: [self.place(name) for name in self.names(who)] for who in (self.ada, self.ben)
        }
        settings = Settings.model_validate({"calendars": places})
        return Ics("calendars", settings, Terms(tracked=tracked), Manners(budget=Budget(1000, 1000)))

    def names(self, who: Account) -> tuple[str, str]:
        return f"{who.contributor}-own.ics", f"{who.contributor}-team.ics"

    def place(self, name: str) -> str:
        return f"{self.server.url}/{name}"

    # --- what people do

    def add(self, account: Account, title: str) -> str:
        self._made += 1
        name = self.names(account)[self._made % 2]
        uid = f"thing-{self._made}@northwind.example"
        start = datetime(2026, 11, 20, 8, tzinfo=UTC) + self._made * MINUTE
        known_as = origin(key(SecretStr(self.place(name))), uid)
        self.written[known_as] = Written(name, uid, title, start)
        return known_as

    def alter(self, origin: str) -> None:
        self.written[origin] = replace(self.written[origin], minutes=45)

    def remove(self, origin: str) -> None:
        del self.written[origin]

    def settle(self) -> None:
        """Their programs publish what they wrote."""
        for who in (self.ada, self.ben):
            for name in self.names(who):
                self.publish(
                    name, calendar(*(one.lines() for one in self.written.values() if one.calendar == name))
                )

    def publish(self, name: str, content: bytes) -> None:
        self.server.content[name] = content

    # --- how it misbehaves

    def trouble(self, kind: Trouble) -> bool:
        if kind == "connection revoked":
            self.server.open = False
        elif kind in (*BROKEN, "429-bare"):
            self.server.faults.script("*", kind)
        else:
            return False
        return True

    # --- what nobody can do with a calendar that is only read

    def credential(self, account: Account) -> Credential:
        return Credential(secret=SecretStr("nobody gives one"))

    def posted(self) -> list[Posted]:
        return []

    def record(self, account: Account, entry: Entry) -> str:
        raise NotImplementedError

    def edit(self, record: str) -> None:
        raise NotImplementedError

    def erase(self, record: str) -> None:
        raise NotImplementedError


@dataclass
class Files(Feeds):
    """The same as files on this machine."""

    folder: Path = Path()

    def place(self, name: str) -> str:
        return str(self.folder / name)

    def publish(self, name: str, content: bytes) -> None:
        (self.folder / name).write_bytes(content)

    def trouble(self, kind: Trouble) -> bool:
        if kind != "connection revoked":
            return False
        for path in list(self.folder.iterdir()):
            path.unlink()
        return True
