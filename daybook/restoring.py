"""A backup in the place of the database: what was there is kept aside, what comes there is doubted (R-09)."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import closing
from datetime import date, datetime
from pathlib import Path
from typing import BinaryIO, NamedTuple

from pydantic import SecretStr
from sqlalchemy.exc import DatabaseError

from config.schema import Configuration
from daybook import backups, forget, restored
from daybook.backups import Head, Step
from daybook.errors import Outside, Wrong
from daybook.house import House
from daybook.restored import Found
from daybook.store import Store, beside, carry, engine, envelope, leftovers, snapshot
from daybook.store.errors import StoreRefused
from daybook.store.seal import Masters
from daybook.words import count

NO_LINKS = (errno.EPERM, errno.ENOTSUP, errno.EMLINK)
"""What a disk says on which a file has one name only."""

Keys = SecretStr | tuple[SecretStr, ...]


class Placed(NamedTuple):
    """A backup that took the place of the database."""

    head: Head
    aside: Path | None
    """Where the former one is; None where there was none."""

    def lines(self, backup: Path, today: date) -> Iterator[str]:
        yield f"The database is as it was on {self.head.made_at:%Y-%m-%d at %H:%M} UTC."
        if self.aside:
            yield (
                f"What was there is kept as {self.aside}. It holds people's data: the daemon removes it "
                f"after {count(leftovers.ASIDE.days, 'day')}; remove it yourself once you need it no more."
            )
        if today > self.head.gone_after:
            yield f"{backup} should have been gone after {self.head.gone_after}. Remove it."


def put_in_place(configuration: Configuration, backup: Path, now: datetime, step: Step) -> Placed:
    """Have the database of this configuration be what it was; the former one is kept aside.

    Until the last step all is as it was, and that step happens wholly or not at all.

    Raises   StoreRefused where a daemon runs, or the backup is not one for here; Outside
    """
    key = configuration.store.keys
    database = engine.database(configuration.store.url)
    if (path := database.path) is None:
        return _poured(configuration, key, backup, step)
    database.is_there()  # refuses where there is no folder for it
    fresh = leftovers.unpacked_of(path)
    with database.hold():
        try:
            head = _unpacked(configuration, key, backup, fresh, step)
            _doubted(fresh, key, head.made_at)
            aside = _exchanged(path, fresh, now)
        except OSError as error:
            raise _broken_off(backup, error) from None
        finally:
            snapshot.cleared(fresh)
    return Placed(head, aside)


def _poured(configuration: Configuration, key: Keys, backup: Path, step: Step) -> Placed:
    """The same on a server, where nothing is kept aside: one step there, wholly or not at all."""
    try:
        with leftovers.in_clear() as fresh:
            head = _unpacked(configuration, key, backup, fresh, step)
            _doubted(fresh, key, head.made_at)
            with (
                closing(Store.open(f"sqlite:///{fresh}", key)) as source,
                closing(Store.open(configuration.store.url, key)) as target,
                target.hold(alone=True),
            ):
                carry.carry(source, target, lambda done, of: step("put in place", done, of))
    except OSError as error:
        raise _broken_off(backup, error) from None
    return Placed(head, None)


def _broken_off(backup: Path, error: OSError) -> Outside:
    return Outside(
        f"{backup} could not be put in place ({error.strerror}: {error.filename}). The database is "
        "as it was. Look at the disk, and do it again."
    )


def begun(house: House, *, as_it_is: bool = False) -> Iterator[str]:
    """What a daemon does first with an older copy, done now; gives sentences for the administrator.

    Takes    as_it_is: the database was put back by other means, and nobody said so
    """
    with house.store.hold(alone=True):
        found = restored.begin(house, as_it_is=as_it_is)
        stays = [*forget.expire_if_believed(house)]
    yield from stays
    yield from _lines(found)


def _lines(found: Found) -> Iterator[str]:
    sent = (
        f"{count(found.behind, 'send')} made since are known of"
        if found.behind
        else "Whatever was sent since"
    )
    yield (
        f"{sent}: every posting is looked for at its tool before anything is sent, and what is there is "
        "taken as sent."
    )
    match found.taken_back:
        case None:
            yield (
                "NOBODY KNOWS who left or was erased since: the file that says so, .withdrawn beside the "
                "database, is not there, not whole, or was set back too. Do it again by hand, before the "
                "daemon starts: daybook forget --person ADDRESS"
            )
        case 0:
            yield "Nobody is known to have left, been erased or disconnected since."
        case number:
            yield f"{count(number, 'thing')} that people took back since: taken back again."
    yield "What people said since is lost: they find the drafts of those days again."
    yield "Next: daybook run"


def opened(backup: Path) -> BinaryIO:
    """To be read. Raises Wrong, with the way in for what root brought along in a folder of its own."""
    try:
        return backup.open("rb")
    except PermissionError:
        raise Wrong(
            f"{backup} is closed to the account that Daybook runs as. Nothing was changed. Give it a copy, "
            f"and restore that: install -o daybook -m 600 {backup} /var/backups/daybook/"
        ) from None
    except OSError as error:
        raise Wrong(f"{backup.absolute()} cannot be read ({error.strerror}). Nothing was changed.") from None


def _unpacked(configuration: Configuration, key: Keys, backup: Path, fresh: Path, step: Step) -> Head:
    """The database that is in a backup, beside the present one."""
    masters = Masters(key)
    snapshot.cleared(fresh)
    with opened(backup) as sealed:
        head, said = backups.look(sealed, str(backup))
        _fits(configuration, key, masters, head, str(backup))
        with beside.private(fresh) as into:
            done = 0
            for piece in envelope.read(sealed, said, head, masters, str(backup)):
                into.write(piece)
                step("restored", done := done + len(piece), head.size)
            into.flush()
            os.fsync(into.fileno())
    if problem := snapshot.unsound(fresh):
        raise StoreRefused(
            f"The database in {backup} is damaged ({problem}). Nothing was changed. Take another."
        )
    Store.look(f"sqlite:///{fresh}", key)  # refuses one of a newer program, or sealed with other keys
    return head


def _fits(configuration: Configuration, key: Keys, masters: Masters, head: Head, backup: str) -> None:
    """Refuses a backup that is not one for here, in words."""
    if head.master not in masters.ids:
        raise StoreRefused(
            f"{backup} is sealed with the master key of id {head.master}, and store.key names "
            f"{', '.join(masters.ids)}. Nothing was changed. Put that key into the list behind the present "
            "one, restore, and seal all with the first: daybook keys --renew"
        )
    present = _store_id(configuration.store.url, key)
    if present is not None and present != head.store:
        raise StoreRefused(
            f"{backup} was made of another store ({head.organisation}) than the one that is here. Nothing "
            "was changed. If it is the right one, move the database away first."
        )
    if present is None and head.organisation != configuration.organisation:
        raise StoreRefused(
            f"{backup} was made for {head.organisation}, and organisation says {configuration.organisation}. "
            "Nothing was changed. If only the name is another by now, write the former until it is restored."
        )


def _store_id(url: str, key: Keys) -> str | None:
    """Which store is there; None where there is none, or none that opens."""
    try:
        return Store.look(url, key)[1]
    except (Wrong, Outside, DatabaseError):
        return None


def _doubted(fresh: Path, key: Keys, made_at: datetime) -> None:
    """Say in it that it is an older copy, and of when: whoever opens it first begins by looking (R-09)."""
    store = Store.open(f"sqlite:///{fresh}", key)
    try:
        with store.writing() as tx:
            tx.put_back(made_at)
            tx.workers.end_all()  # what those of then were at is free
    finally:
        store.close()


def _exchanged(path: Path, fresh: Path, now: datetime) -> Path | None:
    """Put the fresh one in place, and keep the present one under another name, with its journal.

    Its journal goes first: SQLite would read it into whatever stands there next. It comes back where the last
    step fails. There is one only where the database does not open: who looks at one that does takes it in.
    """
    aside = leftovers.aside_of(path, now)
    pairs = zip(snapshot.files(path), snapshot.files(aside), strict=True)
    there = [(file, kept) for file, kept in pairs if file.exists()]
    try:
        for file, kept in there:
            _named_twice(file, kept)
        beside.on_disk(path.parent)
        for file, _ in there:
            if file != path:
                file.unlink()
        fresh.replace(path)
    except OSError:
        for file, kept in there:
            if not file.exists():
                kept.replace(file)
        snapshot.cleared(aside)
        raise
    try:
        beside.on_disk(path.parent)
    except OSError as error:
        raise Outside(
            f"The backup took the place of {path}, and the disk did not say that this stays "
            f"({error.strerror}). Look at the disk, and do it again."
        ) from None
    return there[0][1] if there else None


def _named_twice(file: Path, kept: Path) -> None:
    try:
        os.link(file, kept)
    except OSError as error:
        if error.errno not in NO_LINKS:
            raise
        with file.open("rb") as present, beside.private(kept) as copy:
            shutil.copyfileobj(present, copy)
            copy.flush()
            os.fsync(copy.fileno())
