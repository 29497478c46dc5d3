"""A store in a file, taken to PostgreSQL: until it is marked the file is the truth, from then on the server.

    1  all of it is carried there in one step, read from there, and compared in sums
    2  the file is marked, and no Daybook starts on it any more
    3  `.withdrawn` beside the file goes: what people take back from now on is not written there (P3, P7)
    4  the server is told that it holds no older copy put back (R-09)

Killed before 2, the file is as it was, and the same command begins anew. Killed after it, the same command
does the rest; a daemon that starts there before that compares everything before it sends anything.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from pydantic import SecretStr

from config.secrets import Missing, filled, from_machine
from core.model import Noun
from daybook import restored
from daybook.backups import Step
from daybook.errors import Outside, Wrong
from daybook.house import House
from daybook.store import Store, carry, engine, sums
from daybook.store.engine import Database
from daybook.store.errors import StoreMoved, StoreRefused
from daybook.store.sums import Sums
from daybook.wiring import complete, open_house
from daybook.words import count

Keys = SecretStr | tuple[SecretStr, ...]


class Moved(Noun):
    """A store that is on a server now."""

    to: str
    left: str
    """The file that it was in."""
    sums: Sums | None
    """Of both; None where an earlier run had compared them."""

    def lines(self) -> Iterator[str]:
        if self.sums is not None:
            rows = count(sum(self.sums.rows.values()), "row")
            tables = count(len(self.sums.rows), "table")
            yield f"{rows} in {tables}, carried and read back from there: the same, content opened."
            for what, minutes in self.sums.minutes.items():
                yield f"  {what}: {count(minutes, 'minute')}"
        yield f"{self.to} is the store now. Write what --to says into store.url, and start the daemon."
        yield (
            f"{self.left} is marked, and no Daybook starts on it. It still holds people's data: remove it, "
            f"and {Path(self.left).name}.* beside it, once you are sure."
        )


def move(file: Path, to: str, step: Step) -> Moved:
    """Take the store of this configuration to the database that `to` names, or do what is left of that.

    Takes    to: a URL as in store.url, with its references to secrets
    Raises   Wrong, StoreRefused where a daemon runs, or somebody else's store is there; Outside
    """
    try:
        to = filled(to, from_machine(file.parent))
    except Missing as missing:
        raise Wrong(f"--to {missing}. Nothing was changed.") from None
    name = _checked(to)
    try:
        house = open_house(file, begun=True)
    except StoreMoved as moved:
        if moved.to != name:
            raise
        return _finished(file, to)
    with closing(house.store):
        return _moved(house, to, step)


def _checked(to: str) -> str:
    """What the database is called; refuses what several cannot share."""
    database = engine.database(to)
    if database.address is None:
        raise Wrong(
            f"{database.name} is a file, and a file is moved by moving it. Nothing was changed. Name a "
            f"PostgreSQL database. {engine.EXAMPLES}"
        )
    return database.name


def _moved(house: House, to: str, step: Step) -> Moved:
    source = house.store
    if source.path is None:
        raise Wrong(f"{source.database.name} is on a server already. Nothing was changed.")
    keys = house.configuration.store.keys
    with source.hold(alone=True):
        restored.begin(house)  # what stands beside the file alone goes along
        with closing(Store.open(to, keys)) as target, target.hold(alone=True):
            _is_free(source, target)
            with source.writing() as tx:  # what a command by hand wrote meanwhile would not go along
                carry.carry(source, target, lambda done, of: step("carried", done, of))
                both = _compared(source, to, keys, step)
                tx.moved(target.database.name)
            _tells_no_more(source.database)
            _arrived(target)
        return Moved(to=target.database.name, left=str(source.path), sums=both)


def _is_free(source: Store, target: Store) -> None:
    """Refuses a database in which there is more than an earlier run that was broken off left there."""
    with source.reading() as theirs, target.reading() as ours:
        is_empty = not ours.people.all() and ours.policies.standing() is None
        is_ours = ours.vault.store_id == theirs.vault.store_id and ours.is_put_back(target.identity)
    if not (is_empty or is_ours):
        raise StoreRefused(
            f"{target.database.name} holds a store already. Nothing was changed, here or there. Name an "
            "empty database; if this one is to go, drop it and create it anew."
        )


def _compared(source: Store, to: str, keys: Keys, step: Step) -> Sums:
    """The sums of both, that of the copy as somebody reads it who starts on it."""
    with source.reading() as tx:
        theirs = sums.summed(tx, lambda done, of: step("summed up", done, of))
    with closing(Store.open(to, keys)) as fresh, fresh.reading() as tx:
        ours = sums.summed(tx, lambda done, of: step("read back", done, of))
    if (
        ours.generation < theirs.generation
        or ours.model_copy(update={"generation": theirs.generation}) != theirs
    ):
        raise Outside(
            f"{fresh.database.name} does not give back what was carried into it. The file is as it was, and "
            "still the store. Look at that server, and do it again."
        )
    return theirs


def _finished(file: Path, to: str) -> Moved:
    """What was left to do when somebody killed the one before."""
    configuration = complete(file, begun=True).configuration
    left = engine.database(configuration.store.url)
    with closing(Store.open(to, configuration.store.keys)) as target:
        with target.reading() as tx:
            is_gone = not tx.people.all() and tx.policies.standing() is None
        if is_gone:
            raise StoreRefused(
                f"{left.name} was moved to {target.database.name}, and that one is empty. Nothing was "
                "changed. Restore the newest backup there, or into the file: daybook restore FILE"
            )
        _tells_no_more(left)
        _arrived(target)
        return Moved(to=target.database.name, left=left.name, sums=None)


def _tells_no_more(left: Database) -> None:
    """A backup restored into the file would take what stands there for all that was taken back."""
    if withdrawn := left.beside("withdrawn"):
        withdrawn.unlink(missing_ok=True)


def _arrived(target: Store) -> None:
    with target.writing() as tx:
        tx.arrived(target.identity)
