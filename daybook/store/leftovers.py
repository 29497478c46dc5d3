"""What a backup or a restore puts beside a store for a time, and what a killed one left there (P7, P12)."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from daybook.store import snapshot
from daybook.store.errors import StoreUnavailable

ASIDE = timedelta(days=7)
"""A former database is kept as long as a backup of it."""
CLEAR = "daybook-in-clear-"
"""How the folders begin in which a store on a server lies for the time of a backup or a restore."""


def copy_of(store: Path) -> Path:
    """Where a store in a file lies while a backup is made of it."""
    return store.with_name(f"{store.name}.copy")


def unpacked_of(store: Path) -> Path:
    """Where a backup of it lies until it takes its place."""
    return store.with_name(f"{store.name}.restoring")


def aside_of(store: Path, now: datetime) -> Path:
    """Where it is kept whose place a backup takes now."""
    return store.with_name(f"{store.name}.before-{now.astimezone(UTC):%Y%m%dT%H%M%SZ}")


@contextmanager
def in_clear() -> Iterator[Path]:
    """Until the end of the block: a place for what lies on a server, where its owner alone can enter."""
    swept(None)
    try:
        made = tempfile.TemporaryDirectory(prefix=CLEAR, dir=_place())
    except OSError as error:
        raise StoreUnavailable(
            f"There is no place for a copy of the database ({error.strerror}: {error.filename}). Nothing was "
            "done. Name a folder of this machine in TMPDIR, or in STATE_DIRECTORY where that is set."
        ) from None
    with made as folder:
        held = os.open(folder, os.O_RDONLY)
        try:
            fcntl.flock(held, fcntl.LOCK_EX)
            yield Path(folder) / "daybook.db"
        finally:
            os.close(held)


def _place() -> Path:
    """The state directory where systemd gives one: each of its services has a /tmp of its own, so what was
    killed in one would be tidied by no other."""
    return Path(os.environ.get("STATE_DIRECTORY", "").partition(":")[0] or tempfile.gettempdir())


def kept_aside(store: Path | None) -> list[Path]:
    """The former databases that restores kept, with their journals; people's data is in them for so long."""
    return sorted(store.parent.glob(f"{store.name}.before-*")) if store else []


def tidied(store: Path | None, now: datetime) -> None:
    """Remove what restores and backups left beside the store, once its time is over."""
    swept(store)
    for file in kept_aside(store):
        if file.stat().st_ctime < (now - ASIDE).timestamp():
            file.unlink()


def swept(store: Path | None) -> None:
    """Remove what a backup or restore that was killed left in clear.

    Takes    store: one in a file is held, so that no restore is at work on it
    """
    if store is not None:
        snapshot.swept(copy_of(store))
        snapshot.cleared(unpacked_of(store))
        return
    for folder in _place().glob(f"{CLEAR}*"):
        with suppress(OSError):  # it is another's, or in use
            held = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
            try:
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(folder)
            finally:
                os.close(held)
