"""What this process does to the files of one folder, call by call, as strace sees it.

The library that writes is the real one, unchanged: what is played back is what it asked of the disk.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Literal, NamedTuple

import pytest

CALLS = "openat,pwrite64,write,ftruncate,fsync,fdatasync,rename,unlink"
ONLY_LOCKS = (".lock", "-shm")
"""Files that say nothing after a start of the machine: who runs, and an index made anew."""

_CALL = re.compile(r"(\w+)\((.*)\)\s+= (-?\d+)")
_OPENED = re.compile(r"\d+<((?:\\x..)+)>(\(deleted\))?")
_TEXT = re.compile(r'"((?:\\x..)*)"')


class Change(NamedTuple):
    """One call that changed something, or made a change last."""

    kind: Literal["open", "write", "size", "sync", "rename", "remove"]
    name: str
    """Of the file in its folder; of the folder itself: empty."""
    at: int = 0
    """Where it is written, -1 for the end; the size it gets."""
    content: bytes = b""
    to: str = ""
    failed: bool = False


@contextmanager
def attached(pid: int, *options: str) -> Iterator[subprocess.Popen[str]]:
    """Until the end of the block strace is at a process; skips where it may not be."""
    if shutil.which("strace") is None:
        pytest.skip("needs strace")
    with subprocess.Popen(
        ["strace", "-f", "-qqq", "-p", str(pid), *options], stderr=subprocess.PIPE, text=True
    ) as strace:
        if not _is_at(pid, strace):
            pytest.skip("needs the right to look at this process (root, or CAP_SYS_PTRACE)")
        try:
            yield strace
        finally:
            _told_to_go(strace)


def _told_to_go(strace: subprocess.Popen[str]) -> None:
    """It misses a signal that comes just before it waits for us, and waits for ever: so tell it again."""
    while strace.poll() is None:
        strace.send_signal(signal.SIGINT)
        with suppress(subprocess.TimeoutExpired):
            strace.communicate(timeout=1)


def _is_at(pid: int, strace: subprocess.Popen[str]) -> bool:
    """Wait until it is, at every thread."""
    while strace.poll() is None:
        with suppress(FileNotFoundError):  # a thread that ended while we looked
            threads = Path(f"/proc/{pid}/task").iterdir()
            if all(f"TracerPid:\t{strace.pid}" in (one / "status").read_text() for one in threads):
                return True
    return False


@contextmanager
def recorded(folder: Path, log: Path, *options: str) -> Iterator[list[Change]]:
    """All that this process does to the files of a folder inside the block; it is there after it."""
    journal: list[Change] = []
    whole = ("-y", "-xx", "-s", "99999999", "-e", f"trace={CALLS}", "-o", str(log))
    with attached(os.getpid(), *whole, *options):
        yield journal
    with log.open() as lines:
        journal += _changes(folder, lines)


def _changes(folder: Path, lines: Iterable[str]) -> Iterator[Change]:
    mark = _hex(str(folder))
    for line in _whole(line for line in lines):
        call = _CALL.search(line) if mark in line else None
        change = _change(folder, *call.groups()) if call else None
        if change is not None and not change.name.endswith(ONLY_LOCKS):
            yield change


def _whole(lines: Iterable[str]) -> Iterator[str]:
    """A call that another thread interrupted counts where it returns."""
    begun: dict[str, str] = {}
    for line in lines:
        thread, _, rest = line.partition(" ")
        if "<unfinished ...>" in rest:
            begun[thread] = rest.partition(" <unfinished")[0]
        elif "resumed>" in rest:
            yield begun.pop(thread, "") + rest.partition("resumed>")[2]
        else:
            yield rest


def _change(folder: Path, call: str, said: str, answer: str) -> Change | None:
    texts = [_plain(found[1]) for found in _TEXT.finditer(said)]
    opened = _OPENED.match(said)
    failed = answer == "-1" or int(answer) < 0
    if call in ("openat", "rename", "unlink"):
        if failed or (call == "openat" and "O_CREAT" not in said):
            return None
        names = [_inside(folder, text) for text in texts]
        if None in names:
            return None
        match call:
            case "openat":
                return Change("open", str(names[0]), at=0 if "O_TRUNC" in said else -1)
            case "rename":
                return Change("rename", str(names[0]), to=str(names[1]))
            case _:
                return Change("remove", str(names[0]))
    name = _inside(folder, _plain(opened[1])) if opened and not opened[2] else None
    if name is None:
        return None
    number = int(said.rpartition(", ")[2]) if call in ("pwrite64", "ftruncate") else -1
    match call:
        case "fsync" | "fdatasync":
            return Change("sync", name, failed=failed)
        case "ftruncate":
            return None if failed else Change("size", name, at=number)
        case _:
            return None if failed else Change("write", name, at=number, content=texts[0][: int(answer)])


def _inside(folder: Path, path: bytes) -> str | None:
    there = Path(os.fsdecode(path))
    if there == folder:
        return ""
    return there.name if there.parent == folder else None


def _hex(text: str) -> str:
    return "".join(f"\\x{byte:02x}" for byte in text.encode())


def _plain(text: str) -> bytes:
    return bytes.fromhex(text.replace("\\x", ""))
