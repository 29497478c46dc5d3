"""Files of ours beside the database: readable by their owner alone, and on the disk when we say so."""

from __future__ import annotations

import os
from pathlib import Path
from typing import BinaryIO


def private(path: Path) -> BinaryIO:
    """A new file."""
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600), "wb")


def write(path: Path, text: str) -> None:
    """Either all of it is there when it returns, or what was there before. Raises OSError."""
    fresh = path.with_name(path.name + ".new")
    with fresh.open("w") as file:
        os.fchmod(file.fileno(), 0o600)
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
    on_disk(path.parent)


def on_disk(folder: Path) -> None:
    """Which files a folder has is on the disk too."""
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
