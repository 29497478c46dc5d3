"""The commands of docs/recovery.md run on made bad nights, so that the document prints what they print.

The studio of docs/examples/pilot.yaml loses its disk, its database, its machine, its key, its clock; time is
ours, its tools are in memory. Each section is a night of its own, from the backup to what it promises.
"""

from __future__ import annotations

import base64
import os
import re
import shlex
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, chdir, closing, contextmanager
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import time_machine
from click.testing import CliRunner

from docs.rollout_tried import PILOT, SECRETS

if TYPE_CHECKING:
    from connectors.memory import Tool
    from daybook.house import House
    from daybook.sandbox.post_office import PostOffice

BACKUP = "backups/daybook-20261121T021500Z.backup"
RESTORE = f"daybook restore {BACKUP} --yes"
PRINTED = (
    ("backup", "daybook backup backups"),
    ("full", "daybook status"),
    ("room", "rm daybook.db.before-*\ndaybook status"),
    ("damaged", "daybook backup backups"),
    ("restore", RESTORE),
    ("elsewhere", RESTORE),
    ("by-hand", "daybook forget --yes --person ben@northwind.example"),
    ("set-back", "daybook restore --as-it-is --yes"),
    ("key", "daybook status"),
    ("former", RESTORE),
    ("renewed", "daybook keys --renew"),
    ("gone", "daybook status"),
    (
        "anew",
        "mkdir lost && mv daybook.db* lost/\n"
        "(umask 077; head -c 32 /dev/urandom | base64 > credentials/master-key)\n"
        "daybook check",
    ),
    ("two", "daybook run"),
    ("older", "daybook status"),
    ("doubted", "daybook status"),
    ("right", "daybook status"),
    ("away", "daybook status"),
    ("back", "daybook status"),
)
"""By part of the document, what is typed there."""
OF_INTEREST = {
    "room": "All is well",
    "former": "The database is",
    "right": "All is well",
    "back": "All is well|mails|postings",
}
"""Of a long answer, the lines that the document shows."""
SUMS = "people "
"""What the sums of `daybook status` begin with: the document ends before them."""
STORE = "daybook.db"
HERE = "/var/lib/daybook"
MACHINE = re.compile(r"pid \d+ on \S+(?=\))")
NEW_KEY = re.compile(r"id [0-9a-f]{8}(?= )")
LAST_NIGHT, TONIGHT = "2026-11-21 02:15", "2026-11-22 03:10"
FRIDAY = date(2026, 11, 20)
HOLD = timedelta(minutes=15)
SIZE = 256 << 20
"""Bytes on the made disk."""


def told(part: str) -> Callable[[Path], str]:
    """One part of the document: what is typed, and what is printed."""
    return lambda root: _nights(root)[part]


PARTS = {name: told(name) for name, _ in PRINTED}


@cache
def _nights(root: Path) -> dict[str, str]:
    said: dict[str, str] = {}
    for plays in SECTIONS.values():
        with tempfile.TemporaryDirectory() as folder, night(root, Path(folder)) as ours:
            said |= dict(plays(ours))
    return said


@contextmanager
def night(root: Path, folder: Path) -> Iterator[Night]:
    """A studio in this folder, an hour after its last backup was made, until the end of the block."""
    from connectors.memory import Memory, Tool

    text = (root / PILOT).read_text("utf-8").replace("stage: shadow", "stage: pilot")
    text = text.replace("smtp.northwind.example:587}", "127.0.0.1:9, tls: none}")
    tools = {"calendar": Tool(), "jira": Tool()}
    with (
        chdir(folder),
        time_machine.travel(0, tick=False) as clock,
        patch("daybook.status.somebody_runs", lambda _: True),
        patch("daybook.status.wrapped", _as_wide_as_there(folder)),
        patch("daybook.wiring.connect", lambda *_: {name: Memory(tool) for name, tool in tools.items()}),
    ):
        Path("daybook.yaml").write_text(text, "utf-8")
        for made in ("credentials", "backups"):
            Path(made).mkdir()
        for name, secret in SECRETS.items():
            secretly(name, secret)
        yield Night(clock, tools)


def _as_wide_as_there(folder: Path) -> Callable[[str, str], Iterator[str]]:
    """Lines of the document are broken where those of its machine are."""
    from daybook.status import wrapped

    return lambda about, says: wrapped(about, says.replace(str(folder), HERE))


def secretly(name: str, said: str) -> None:
    (Path("credentials") / name).write_text(said, "utf-8")


class Night:
    """One folder, one store, one clock, and the tools outside."""

    def __init__(self, clock: time_machine.Traveller, tools: dict[str, Tool]) -> None:
        self._clock = clock
        self.tools = tools
        self.mailed: list[str] = []
        self.is_made = True
        """The disk is made up; False: it is one of its own, and really full."""

    # --- the sections of the document -----------------------------------------------------------------------

    def before(self) -> Iterator[tuple[str, str]]:
        self.at(LAST_NIGHT)
        self._people()
        yield self.types("backup")

    def full(self) -> Iterator[tuple[str, str]]:
        self.until_tonight()
        self.confirmed()
        with self._disk():
            yield self.types("full")
            self.works(HOLD)
            yield self.types("room")
        self.works(HOLD)

    def damaged(self) -> Iterator[tuple[str, str]]:
        self.until_tonight()
        self._a_disk_forgets_every_other_page()
        yield self.types("damaged")
        yield self.types("restore")

    def elsewhere(self) -> Iterator[tuple[str, str]]:
        self.until_tonight()
        for file in Path().glob(f"{STORE}*"):
            file.unlink()
        yield self.types("elsewhere")
        yield self.types("by-hand")

    def set_back(self) -> Iterator[tuple[str, str]]:
        self.until_tonight()
        yield self.types("set-back")

    def key(self) -> Iterator[tuple[str, str]]:
        self.until_tonight()
        present = base64.b64encode(bytes(range(1, 33))).decode()
        secretly("master-key", present)
        yield self.types("key")
        secretly("former", SECRETS["master-key"])
        self._keys("[${credential:master-key}, ${credential:former}]")
        yield self.types("former")
        yield self.types("renewed")
        self._keys("${credential:master-key}")
        (Path("credentials") / "master-key").unlink()
        yield self.types("gone")
        yield self.types("anew")
        self._a_store_is_made()

    def two(self) -> Iterator[tuple[str, str]]:
        self.until_tonight()
        with self.house() as house, house.store.hold():
            yield self.types("two")

    def older(self) -> Iterator[tuple[str, str]]:
        import sqlite3

        self.until_tonight()
        with closing(sqlite3.connect(STORE)) as database, database:
            database.execute("UPDATE alembic_version SET version_num = '0002'")
            database.execute("UPDATE daybook SET works_with = '0002'")
        yield self.types("older")

    def doubted(self) -> Iterator[tuple[str, str]]:
        self.until_tonight()
        self.confirmed()
        self.at("2036-11-22 03:10")
        self.works(HOLD)
        yield self.types("doubted")
        self.at(TONIGHT)
        yield self.types("right")
        self.works(HOLD)

    def away(self) -> Iterator[tuple[str, str]]:
        self.until_tonight()
        self.at("2026-11-23 02:15")
        typed(["backup", "backups"])
        with self._mail_server() as server:
            self.at("2026-11-23 07:30")
            self._a_meeting_was_on_friday()
            self.works(timedelta(0))
            self.confirmed()
            server.smtp_faults.script("*", *["451"] * 500)
            self.tools["jira"].mishaps = ["unavailable"] * 500
            for _ in range(2):
                self.works(timedelta(minutes=30))
            yield self.types("away")
            self.tools["jira"].mishaps = []
            server.smtp_faults.scripted.clear()
            for _ in range(2):
                self.works(timedelta(hours=1))
            yield self.types("back")
            self.mailed = [mail.to for mail in server.deliveries]

    # --- what happens ---------------------------------------------------------------------------------------

    def at(self, when: str) -> None:
        self._clock.move_to(datetime.fromisoformat(when).replace(tzinfo=UTC))

    def until_tonight(self) -> None:
        """The backup was made; then two entries were sent, and somebody left."""
        from daybook import joining

        for _ in self.before():
            pass
        self.at(TONIGHT)
        with self.house() as house:
            with house.store.writing() as tx:
                number = [tx.next_send() for _ in range(2)][-1]
                who = house.members(tx)[-1]
            house.store.sends.note(number)
            joining.leave(house, who)

    def _a_store_is_made(self) -> None:
        from daybook.daemon import enrol

        with self.house() as house:
            enrol(house)

    def _people(self) -> None:
        self._a_store_is_made()
        with self.house() as house:
            house.store.sends.note(0)
            with house.store.writing() as tx:
                tx.tended(house.clock())
                for person in tx.people.all():
                    tx.people.invited(person.id, house.policy_version, house.clock())
                    tx.people.acknowledge(person.id, house.policy_version, house.clock())

    def confirmed(self) -> None:
        """Ada said yes to an hour of Friday, and nothing is sent yet."""
        from pydantic import SecretStr

        from core import posting
        from core.model import Entry

        self.tools["jira"].tokens |= {"token": "ada@jira"}
        with self.house() as house, house.store.writing() as tx:
            now, ada = house.clock(), house.members(tx)[0].id
            entry = Entry(id="e-1", day=FRIDAY, start=now, minutes=60, target="jira:WEB-12")
            tx.grants.save(ada, "jira", "ada@jira", SecretStr("token"), now)
            tx.postings.add(posting.hold("p-1", entry, ada, now, HOLD))

    def _a_meeting_was_on_friday(self) -> None:
        from pydantic import SecretStr

        from core.model import Activity

        start = datetime(2026, 11, 20, 9, tzinfo=UTC)
        said = {"title": "ACME call", "response": "accepted"}
        told = {"source": "calendar", "uid": "m-1", "kind": "meeting", "start": start, **said}
        told["end"] = start + timedelta(hours=1)
        self.tools["calendar"].put("ada@calendar", Activity.model_validate(told))
        self.tools["calendar"].tokens |= {"token": "ada@calendar"}
        with self.house() as house, house.store.writing() as tx:
            ada = house.members(tx)[0].id
            tx.grants.save(ada, "calendar", "ada@calendar", SecretStr("token"), house.clock())

    @contextmanager
    def _mail_server(self) -> Iterator[PostOffice]:
        from daybook.sandbox.post_office import PostOffice

        server = PostOffice()
        server.start()
        file = Path("daybook.yaml")
        file.write_text(file.read_text("utf-8").replace("127.0.0.1:9", server.smtp), "utf-8")
        try:
            yield server
        finally:
            server.stop()

    def works(self, span: timedelta) -> None:
        """So much time goes by, and the daemon does what is due."""
        from core import rounds
        from daybook import jobs, restored, state

        self._clock.shift(span)
        for tool in self.tools.values():
            tool.now = datetime.now(UTC)
        with self.house() as house, house.store.hold():
            restored.begin(house)
            for work in rounds.due(state.snapshot(house, house.clock()), house.clock()):
                jobs.perform(house, work)

    def posted(self) -> list[int]:
        """The minutes of each record at Jira."""
        return [one.minutes for one in self.tools["jira"].records.values()]

    @contextmanager
    def _disk(self) -> Iterator[None]:
        """A former database that was kept, and has all the rest of the disk."""
        kept = Path(f"{STORE}.before-20261120T031000Z")
        if not self.is_made:
            left = os.statvfs(".")
            kept.write_bytes(bytes((left.f_bavail - left.f_blocks // 50) * left.f_frsize))
            yield
            return
        with kept.open("wb") as file:
            file.truncate(SIZE - (4 << 20))

        def free(_: object) -> SimpleNamespace:
            taken = sum(one.stat().st_size for one in Path().glob(f"{STORE}*"))
            return SimpleNamespace(f_bavail=SIZE - taken, f_frsize=1, f_blocks=SIZE, f_flag=0)

        with patch("os.statvfs", free):
            yield

    def _a_disk_forgets_every_other_page(self) -> None:
        database = bytearray(Path(STORE).read_bytes())
        for page in range(8, len(database) // 4096, 2):
            database[page * 4096 : page * 4096 + 64] = b"\xff" * 64
        Path(STORE).write_bytes(database)

    def _keys(self, said: str) -> None:
        text = Path("daybook.yaml").read_text("utf-8")
        names = said.strip("[]").split(", ")
        said = f"[{', '.join(map(_quoted, names))}]" if len(names) > 1 else _quoted(said)
        Path("daybook.yaml").write_text(
            re.sub(r"key: (\[.*\]|\"\$\{credential:master-key\}\")}", f"key: {said}}}", text)
        )

    @contextmanager
    def house(self) -> Iterator[House]:
        from daybook.wiring import open_house

        house = open_house(Path("daybook.yaml"))
        try:
            yield house
        finally:
            house.store.close()

    # --- what is typed --------------------------------------------------------------------------------------

    def types(self, part: str) -> tuple[str, str]:
        """The commands of a part, and what each prints."""
        said: list[str] = []
        for command in dict(PRINTED)[part].splitlines():
            said += [f"$ {command}", *_of_interest(part, self._answer(command))]
        return part, "\n".join(["```", *said, "```"])

    def _answer(self, command: str) -> list[str]:
        program, *words = shlex.split(command)
        if program != "daybook":
            said = subprocess.run(["sh", "-ec", command], check=True, capture_output=True, text=True)
            return said.stdout.splitlines()
        return typed(words)


def typed(words: list[str]) -> list[str]:
    """What `daybook` prints, in the place and on the machine of the document."""
    from config.load import Unfit
    from daybook.__main__ import daybook
    from daybook.errors import Outside, Wrong

    with _a_process():
        answer = CliRunner().invoke(daybook, words)
    if answer.exception is not None and not isinstance(
        answer.exception, Wrong | Outside | Unfit | SystemExit
    ):
        raise RuntimeError(f"{words}: {answer.output}") from answer.exception
    ended = answer.exception is None or isinstance(answer.exception, SystemExit)
    shown = answer.stdout + ("" if ended else str(answer.exception))
    shown = shown.replace(f"{Path.cwd()}/", "").replace(str(Path.cwd()), HERE)
    return MACHINE.sub("pid 4711 on server", shown).splitlines()


@contextmanager
def _a_process() -> Iterator[None]:
    """What a command leaves open is closed when it ends."""
    from daybook.store import Store

    opened, opens = ExitStack(), Store.open

    def noted(*place: Any) -> Store:
        store = opens(*place)
        opened.callback(store.close)
        return store

    with opened, patch.object(Store, "open", noted):
        yield


def _of_interest(part: str, lines: list[str]) -> Iterator[str]:
    """What the document shows of them; a line of its own stands for what it leaves out."""
    left_out = False
    for line in lines:
        if line.startswith(SUMS) and part not in OF_INTEREST:
            yield "…"
            return
        shows = part not in OF_INTEREST or re.search(OF_INTEREST[part], line)
        if shows:
            yield line
        elif not left_out:
            yield "…"
        left_out = not shows


def _quoted(name: str) -> str:
    return f'"{name}"'


SECTIONS: dict[str, Callable[[Night], Iterator[tuple[str, str]]]] = {
    "Before that night": Night.before,
    "The disk is full": Night.full,
    "The database is damaged": Night.damaged,
    "On to another machine": Night.elsewhere,
    "Set back by others": Night.set_back,
    "The key": Night.key,
    "Two daemons": Night.two,
    "An older program": Night.older,
    "The clock": Night.doubted,
    "A tool, the mail server": Night.away,
}
"""By section of the document, the night in which what it says is typed."""
