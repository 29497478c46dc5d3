"""A disk that may lose power: what was not synced is there, or not, or in part.

Writes to one file reach it in any order until they are synced, and a write longer than a sector may be torn.
Names of a folder change in order, and last once the folder was synced. After a sync that failed nobody knows,
and no later sync repairs it: the kernel may have forgotten that these pages were never written.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Literal

from tests.disks.journal import Change

SECTOR = 512
Fate = Literal["dropped", "kept", "some", "torn"]
"""What became of all that was not synced."""
FATES: tuple[Fate, ...] = ("dropped", "kept", "some", "torn")


@dataclass
class Write:
    """One change to the content of a file."""

    at: int
    content: bytes | None
    """None: the file ends there."""
    certain: bool = False
    lost: bool = False
    """A sync after it failed."""

    def onto(self, file: bytearray, fate: Fate, chance: Random) -> None:
        if self.content is None:
            if self._arrives(fate, chance):
                file[self.at :] = bytes(max(0, self.at - len(file)))
            return
        for begin in range(0, len(self.content), SECTOR) if fate == "torn" and not self.certain else (None,):
            if self._arrives(fate, chance):
                part = self.content if begin is None else self.content[begin : begin + SECTOR]
                at = self.at + (begin or 0)
                file.extend(bytes(max(0, at - len(file))))
                file[at : at + len(part)] = part

    def _arrives(self, fate: Fate, chance: Random) -> bool:
        return self.certain or fate == "kept" or (fate != "dropped" and chance.random() < 0.5)


@dataclass
class File:
    solid: bytearray = field(default_factory=bytearray)
    writes: list[Write] = field(default_factory=list)
    size: int = 0
    """As the process sees it."""

    def write(self, at: int, content: bytes) -> None:
        at = self.size if at < 0 else at
        self.size = max(self.size, at + len(content))
        self.writes.append(Write(at, content))

    def end(self, at: int) -> None:
        self.size = at
        self.writes.append(Write(at, None))

    def synced(self, failed: bool) -> None:
        for write in self.writes:
            write.lost |= failed and not write.certain
            write.certain |= not write.lost
        while self.writes and self.writes[0].certain:
            self.writes.pop(0).onto(self.solid, "kept", Random(0))

    def after(self, fate: Fate, chance: Random) -> bytes:
        content = bytearray(self.solid)
        for write in self.writes:
            write.onto(content, fate, chance)
        return bytes(content)


class Platter:
    """One folder on it."""

    def __init__(self) -> None:
        self._names: dict[str, File] = {}
        """As the process sees them."""
        self._before: list[dict[str, File]] = [{}]
        """The names that last, and after each change since."""

    def does(self, change: Change) -> None:
        file = self._names.get(change.name)
        match change.kind:
            case "open" if file is None:
                self._renamed(self._names | {change.name: File()})
            case "open":
                if change.at == 0 and file is not None:
                    file.end(0)
            case "rename" if file is not None:
                left = {name: one for name, one in self._names.items() if name != change.name}
                self._renamed(left | {change.to: file})
            case "remove":
                self._renamed({name: one for name, one in self._names.items() if name != change.name})
            case "sync" if not change.name:
                self._before = [self._names]
            case "sync" if file is not None:
                file.synced(change.failed)
            case "size" if file is not None:
                file.end(change.at)
            case "write" if file is not None:
                file.write(change.at, change.content)

    def _renamed(self, names: dict[str, File]) -> None:
        self._names = names
        self._before.append(names)

    def loses_power(self, folder: Path, fate: Fate, chance: Random) -> None:
        """What is found in the folder when the machine starts again."""
        last = {"dropped": 0, "kept": len(self._before) - 1}.get(fate, chance.randrange(len(self._before)))
        for name, file in self._before[last].items():
            (folder / name).write_bytes(file.after(fate, chance))
