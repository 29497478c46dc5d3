"""Backups: the store as it is at one moment, in a file that opens only with the master key (S-15).

Addresses and days stand in the database in clear, so the file is closed as a whole. Nothing in it is past its
retention before the day on which it must be gone: what would be is left out when it is made (P12, I10).
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import BinaryIO

from pydantic import AwareDatetime, ValidationError

from core.model import Noun
from core.policy import Policy
from daybook import VERSION, doubt
from daybook.errors import Outside, Wrong
from daybook.house import House
from daybook.store import Store, beside, carry, envelope, leftovers, room, schema, snapshot
from daybook.store.envelope import Lock
from daybook.store.errors import StoreRefused
from daybook.store.seal import Masters

LONGEST = timedelta(days=7)
"""No backup lives longer."""
UNFINISHED = ".new"
"""What the name of a backup ends in until it is whole."""

Step = Callable[[str, int, int], None]
"""(what is done, how much of it is, of how much)."""


class Head(Lock):
    """What a backup says of itself to whoever has it."""

    organisation: str
    store: str
    """Says which store it was made of, and nothing else."""
    made_at: AwareDatetime
    gone_after: date
    """The last day it may exist."""
    keep: dict[str, int]
    """The retention it was made under, in days."""
    revision: str
    """Of the schema."""
    program: str
    size: int
    """Bytes of the database in it."""

    def is_over(self, keep: Mapping[str, int], today: date) -> bool:
        """Whether it must be gone: its day is over, or something is kept for a shorter time by now."""
        return today > self.gone_after or any(days < self.keep.get(kept, days) for kept, days in keep.items())


class Made(Noun):
    """One backup that was made."""

    file: str
    made_at: AwareDatetime
    gone_after: date
    bytes: int
    removed: tuple[str, ...] = ()
    """Earlier ones whose time was over, or of which there were enough."""
    left: tuple[str, ...] = ()
    """The same, and could not be removed."""

    def lines(self) -> Iterator[str]:
        yield f"{self.file}: {self.bytes:,} bytes, as of {self.made_at:%Y-%m-%d %H:%M} UTC, read back."
        for name in self.removed:
            yield f"Removed {name}: its time was over, or there were enough."
        for name in self.left:
            yield f"{name} could not be removed, and should be gone. Remove it."
        yield f"It must be gone after {self.gone_after}. Only the master key opens it: keep that elsewhere."


def life(policy: Policy) -> timedelta:
    """How long a backup may live: so long that nothing of the days that are still looked at is left out."""
    kept = min(policy.retention.evidence, policy.retention.drafts)
    return max(timedelta(days=1), min(LONGEST, timedelta(days=kept - policy.back_fill)))


def make(house: House, where: Path, keep: int | None, step: Step) -> Made:
    """Back the store up, prove that it can be read, and remove of the earlier ones what must go.

    Takes    where: a folder, or a file that is not there yet; keep: so many of a folder's, the newest
    Raises   Wrong, also where the clock cannot be believed; Outside, StoreRefused
    """
    now = house.clock().astimezone(UTC)
    file = _checked(house, where, now)
    with _copied(house, lambda done, of: step("copied", done, of)) as copy:
        # what is past its time is thrown away; asked after the copy, which says what a damaged database is
        doubt.insist(house, throws_away=True)
        head = _closed(house, now, copy, file, step)
    with house.store.writing() as tx:
        tx.backed_up(now)
    one = Made(file=str(file), made_at=now, gone_after=head.gone_after, bytes=file.stat().st_size)
    return one.model_copy(update=_tidied(house, file, head, keep)) if where.is_dir() else one


def _checked(house: House, where: Path, now: datetime) -> Path:
    """The file it is to be; refuses where none can be made."""
    store = house.store.path
    try:
        file = where / f"daybook-{now:%Y%m%dT%H%M%SZ}.backup" if where.is_dir() else where
        is_there = file.exists()
    except PermissionError:
        raise Wrong(
            f"{where} is closed to the account that Daybook runs as. No backup was made. Name a folder that "
            "it may write to, such as /var/backups/daybook."
        ) from None
    if is_there:
        raise Wrong(f"{file} is there already. No backup was made. Name another file, or a folder.")
    if file.suffix != ".backup":
        raise Wrong(
            f"There is no folder {file}. No backup was made. Create it, or name a file that ends in .backup."
        )
    if not file.parent.is_dir():
        raise Wrong(f"The folder {file.parent} does not exist. No backup was made. Create it.")
    if store and not room.takes_copies(store):
        raise Outside(
            f"The disk of {store.parent} has no room for a copy of the database. No backup was made, and "
            "none was removed. Make room."
        )
    return file


@contextmanager
def _copied(house: House, step: Callable[[int, int], None]) -> Iterator[Path]:
    """Until the end of the block: the store as it is at this moment, in a file of its own."""
    if store := house.store.path:
        with snapshot.taken(store, leftovers.copy_of(store), step):
            yield leftovers.copy_of(store)
        return
    with leftovers.in_clear() as copy:
        with closing(Store.open(f"sqlite:///{copy}", house.configuration.store.keys)) as opened:
            carry.carry(house.store, opened, step)
        yield copy


def look(file: BinaryIO, name: str) -> tuple[Head, str]:
    """What a backup says of itself, also as it is written; the file then stands at the rest."""
    said = envelope.head(file, name)
    try:
        return Head.model_validate_json(said), said
    except ValidationError:
        raise StoreRefused(
            f"{name} was made by another Daybook than this one. Nothing was changed."
        ) from None


def masters(house: House) -> Masters:
    return Masters(house.configuration.store.keys)


def _closed(house: House, now: datetime, copy: Path, file: Path, step: Step) -> Head:
    """Write the copy into a file of its own, and read it back."""
    until = now + life(house.policy)
    store_id = _thinned(house, copy, until)
    lock, cipher = envelope.locked(masters(house))
    head = Head(
        **lock.model_dump(),
        organisation=house.configuration.organisation,
        store=store_id,
        made_at=now,
        gone_after=until.date(),
        keep=house.policy.retention.model_dump(),
        revision=schema.REVISION,
        program=VERSION,
        size=copy.stat().st_size,
    )
    fresh = file.with_name(file.name + UNFINISHED)
    try:
        with copy.open("rb") as plain, beside.private(fresh) as into:
            done = 0
            for size in envelope.write(into, head.model_dump_json(), cipher, plain):
                step("written", done := done + size, head.size)
            into.flush()
            os.fsync(into.fileno())
        if _digest(house, fresh, step) != _plain_digest(copy):
            raise Outside(
                f"{file} could not be read back as it was written. It was removed. Look at the disk."
            )
        fresh.replace(file)
        beside.on_disk(file.parent)
    except OSError as error:
        raise Outside(
            f"{file} could not be written ({error.strerror}). No backup was made, and none was removed."
        ) from None
    finally:
        fresh.unlink(missing_ok=True)
    return head


def _thinned(house: House, copy: Path, until: datetime) -> str:
    """Leave out of the copy what is past its time before it must be gone; gives which store it is of."""
    with closing(Store.open(f"sqlite:///{copy}", house.configuration.store.keys)) as store:
        store.forget(house.policy.retention.model_dump(), until)
        with store.reading() as tx:
            return tx.vault.store_id


def _digest(house: House, file: Path, step: Step) -> bytes:
    """Of what comes out of it again."""
    digest, done = hashlib.sha256(), 0
    with file.open("rb") as opened:
        head, said = look(opened, str(file))
        for piece in envelope.read(opened, said, head, masters(house), str(file)):
            digest.update(piece)
            step("read back", done := done + len(piece), head.size)
    return digest.digest()


def _plain_digest(copy: Path) -> bytes:
    with copy.open("rb") as plain:
        return hashlib.file_digest(plain, "sha256").digest()


def _tidied(house: House, just: Path, made: Head, keep: int | None) -> dict[str, tuple[str, ...]]:
    """Remove what must go of this store's own beside the one that was just made, and nothing else."""
    days, today = house.policy.retention.model_dump(), made.made_at.date()
    earlier = [one for one in _own(just.parent, made.store) if one[0] != just]
    earlier.sort(key=lambda one: one[1].made_at, reverse=True)
    whole = [file for file, _ in earlier if file.suffix != UNFINISHED]
    too_many = whole[keep - 1 :] if keep else []
    removed, left = [], []
    for file, head in earlier:
        if file in too_many or head.is_over(days, today):
            try:
                file.unlink()
                removed.append(file.name)
            except OSError:
                left.append(file.name)
    beside.on_disk(just.parent)
    return {"removed": tuple(removed), "left": tuple(left)}


def _own(folder: Path, store: str) -> Iterator[tuple[Path, Head]]:
    """Also what one that was killed left: it is older than any that is being made, once its time is over."""
    for file in (*folder.glob("*.backup"), *folder.glob(f"*.backup{UNFINISHED}")):
        try:
            with file.open("rb") as opened:
                head, _ = look(opened, file.name)
        except (StoreRefused, OSError):
            continue
        if head.store == store:
            yield file, head
