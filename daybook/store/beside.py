"""Files of ours beside the database: readable by their owner alone, and on the disk when we say so."""

from __future__ import annotations

import os
from pathlib import Path
from typing import BinaryIO


def private(path: Path) -> BinaryIO:
    """A new file."""
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    handed_over(file, path.parent)
    return os.fdopen(file, "wb")


def write(path: Path, text: str) -> None:
    """Either all of it is there when it returns, or what was there before. Raises OSError."""
    fresh = path.with_name(path.name + ".new")
    with fresh.open("w") as file:
        os.fchmod(file.fileno(), 0o600)
        handed_over(file.fileno(), path.parent)
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
    on_disk(path.parent)


def handed_over(file: int, folder: Path) -> None:
    """What root makes belongs to whom its folder belongs: the daemon is not root."""
    if os.geteuid() == 0:
        there = folder.stat()
        os.fchown(file, there.st_uid, there.st_gid)


def on_disk(folder: Path) -> None:
    """Which files a folder has is on the disk too."""
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
