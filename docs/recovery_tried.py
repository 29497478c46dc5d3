"""The commands of docs/recovery.md run on a made bad night, so that the document prints what they print.

The studio of docs/examples/pilot.yaml loses its database, its key, its machine; the clock is ours.
"""

from __future__ import annotations

import base64
import re
import shlex
import tempfile
from collections.abc import Callable, Iterator
from contextlib import chdir, closing, contextmanager
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import time_machine
from click.testing import CliRunner

from docs.rollout_tried import PILOT, SECRETS

if TYPE_CHECKING:
    from daybook.house import House

BACKUP = "backups/daybook-20261121T021500Z.backup"
PRINTED = (
    ("backup", "daybook backup backups"),
    ("restore", f"daybook restore {BACKUP} --yes"),
    ("damaged", "daybook backup backups"),
    ("two", "daybook run"),
    ("key", "daybook status"),
    ("older", "daybook status"),
    ("elsewhere", f"daybook restore {BACKUP} --yes"),
    ("by-hand", "daybook forget --yes --person ben@northwind.example"),
    ("set-back", "daybook restore --as-it-is --yes"),
)
"""By part of the document, the command that is run there."""
STORE = "daybook.db"
MACHINE = re.compile(r"pid \d+ on \S+(?=\))")


def told(part: str) -> Callable[[Path], str]:
    """One part of the document: the command, and what it prints."""
    return lambda root: _night(root)[part]


PARTS = {name: told(name) for name, _ in PRINTED}


@cache
def _night(root: Path) -> dict[str, str]:
    with tempfile.TemporaryDirectory() as folder, chdir(folder), time_machine.travel(0, tick=False) as clock:
        text = (root / PILOT).read_text("utf-8")
        Path("daybook.yaml").write_text(text, "utf-8")
        Path("credentials").mkdir()
        for name, secret in SECRETS.items():
            _secret(name, secret)
        Path("backups").mkdir()
        return dict(_Night(clock).parts())


def _secret(name: str, said: str) -> None:
    (Path("credentials") / name).write_text(said, "utf-8")


class _Night:
    """One folder, one store, one clock."""

    def __init__(self, clock: time_machine.Traveller) -> None:
        self._clock = clock

    def parts(self) -> Iterator[tuple[str, str]]:
        """Each bad thing after the other, and the way out of it."""
        self._at("2026-11-21 02:15")
        self._people()
        yield self._printed("backup")
        self._at("2026-11-22 03:10")
        self._a_day_goes_by()
        self._damaged()
        yield self._printed("damaged")
        yield self._printed("restore")
        with self._house() as house, house.store.hold():
            yield self._printed("two")
        _secret("master-key", base64.b64encode(bytes(range(1, 33))).decode())
        yield self._printed("key")
        _secret("master-key", SECRETS["master-key"])
        self._written_by_a_newer()
        yield self._printed("older")
        self._elsewhere()
        yield self._printed("elsewhere")
        yield self._printed("by-hand")
        yield self._printed("set-back")

    def _at(self, when: str) -> None:
        self._clock.move_to(datetime.fromisoformat(when).replace(tzinfo=UTC))

    def _people(self) -> None:
        from daybook.daemon import enrol

        with self._house() as house:
            enrol(house)
            house.store.sends.note(0)
            with house.store.writing() as tx:
                for person in tx.people.all():
                    tx.people.invited(person.id, house.policy_version, house.clock())
                    tx.people.acknowledge(person.id, house.policy_version, house.clock())

    def _a_day_goes_by(self) -> None:
        """Two entries were sent, and somebody left."""
        from daybook import joining

        with self._house() as house:
            with house.store.writing() as tx:
                number = [tx.next_send() for _ in range(2)][-1]
                who = house.members(tx)[-1]
            house.store.sends.note(number)
            joining.leave(house, who)

    def _damaged(self) -> None:
        """A disk that forgets every other page."""
        database = bytearray(Path(STORE).read_bytes())
        for page in range(8, len(database) // 4096, 2):
            database[page * 4096 : page * 4096 + 64] = b"\xff" * 64
        Path(STORE).write_bytes(database)

    def _written_by_a_newer(self) -> None:
        import sqlite3

        with closing(sqlite3.connect(STORE)) as database, database:
            database.execute("UPDATE alembic_version SET version_num = '0002'")

    def _elsewhere(self) -> None:
        """Another machine: the configuration, the credentials and a backup are all there is."""
        from daybook.store import snapshot

        for file in Path().glob(f"{STORE}*"):
            file.unlink()
        assert not snapshot.files(Path(STORE))[0].exists()

    @contextmanager
    def _house(self) -> Iterator[House]:
        from daybook.wiring import open_house

        house = open_house(Path("daybook.yaml"))
        try:
            yield house
        finally:
            house.store.close()

    def _printed(self, part: str) -> tuple[str, str]:
        from daybook.__main__ import daybook
        from daybook.errors import Outside, Wrong

        command = dict(PRINTED)[part]
        _, *words = shlex.split(command)
        answer = CliRunner().invoke(daybook, words)
        if answer.exception is not None and not isinstance(answer.exception, Wrong | Outside | SystemExit):
            raise RuntimeError(f"{command}: {answer.output}") from answer.exception
        shown = answer.stdout or str(answer.exception)
        shown = MACHINE.sub("pid 4711 on server", shown.replace(f"{Path.cwd()}/", ""))
        return part, "\n".join(["```", f"$ {command}", *shown.splitlines(), "```"])
