"""How much room a disk has left: the last of it is for what people say, not for what we fetch (R-12)."""

from __future__ import annotations

import os
from pathlib import Path

SHARE, ENOUGH = 0.05, 200 << 20
"""The floor: this share of the disk, or so many bytes where that is less."""
MIB = 1 << 20
COPIES = 2
"""How often a database stands on its disk besides itself while it is scrubbed, or a backup is made of it."""

READ_ONLY = (
    "{} is mounted read-only. Nothing can be saved and nothing new is begun; what was saved stands. "
    "Look at the disk, and mount it to be written."
)


def shortage(folder: Path) -> str:
    """Why nothing new may be begun that is kept in this folder; empty while there is room."""
    try:
        disk = os.statvfs(folder)
    except OSError as error:
        return f"{folder} does not answer ({error.strerror}). Nothing new is begun. Look at the disk."
    if disk.f_flag & os.ST_RDONLY:
        return READ_ONLY.format(folder)
    spare = _spare(disk)
    if spare >= 0:
        return ""
    return (
        f"The disk of {folder} lacks {-spare / MIB:.1f} MiB to have enough free. Nothing new is pulled, "
        "mailed or posted; what people confirm is saved still. Make room."
    )


def is_read_only(folder: Path) -> bool:
    """Whether nothing can be written there, nor a database be looked at that was not closed."""
    return bool(os.statvfs(folder).f_flag & os.ST_RDONLY)


def takes(folder: Path, size: int) -> bool:
    """Whether so many bytes more would leave enough."""
    return _spare(os.statvfs(folder)) >= size


def takes_copies(database: Path) -> bool:
    """Whether it may be written anew, aside and into a journal."""
    return takes(database.parent, COPIES * database.stat().st_size)


def _spare(disk: os.statvfs_result) -> int:
    return int(disk.f_bavail * disk.f_frsize - min(SHARE * disk.f_blocks * disk.f_frsize, ENOUGH))
