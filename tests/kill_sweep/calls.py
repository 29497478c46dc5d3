"""System calls by which a process changes the world: noted by strace in one run, and killed at in another.

The kill comes as a call is entered, and the call does not happen any more. So the kill at one call is at the
same time the death after the call before it: "it never went out" and "it went out, and we died" are both met.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import NamedTuple

CHANGING = (
    *("write", "pwrite64", "writev", "pwritev", "fsync", "fdatasync", "ftruncate", "fallocate"),
    *("rename", "renameat", "renameat2", "unlink", "unlinkat", "sendto", "sendmsg", "sendmmsg"),
)
_SCOPE = Path("/proc/sys/kernel/yama/ptrace_scope")
_FILE = re.compile(r"\d+<([^>]*)>")
_TEXT = re.compile(r'"((?:[^"\\]|\\.)*)"')
_SQL = re.compile(r"(?:BEGIN|COMMIT|ROLLBACK|SELECT|INSERT|UPDATE|DELETE|SET)\b")


class Call(NamedTuple):
    """One call of a process."""

    line: int
    """After so many lines of its diary."""
    name: str
    number: int
    """Of this name since that line, from 1."""
    work: str
    """What that line says."""
    on: str
    """The file, or how what is sent begins."""

    @property
    def kind(self) -> tuple[str, str, str]:
        return self.work, self.name, self.on

    @property
    def is_seen(self) -> bool:
        """Whether anybody else sees a difference: not what fills a journal, nor what a COMMIT is for."""
        return self.on == "sql COMMIT" or not (self.name == "pwrite64" or self.on.startswith("sql"))

    def __str__(self) -> str:
        return f"{self.line}:{self.name}:{self.number} ({self.work}: {self.on})"


@contextmanager
def watched(pid: int, record: Path, kill: Call | None = None) -> Iterator[None]:
    """From now on strace is at this process, to its end; it dies at this call."""
    traced = ",".join(f"?{name}" for name in CHANGING)
    at = ["-e", f"inject={kill.name}:signal=SIGKILL:when={kill.number}"] if kill else []
    command = ["strace", "-y", "-s", "40", "-e", f"trace={traced}", *at, "-o", str(record), "-p", str(pid)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as strace:
        assert strace.stderr is not None
        said = strace.stderr.readline()
        assert "attached" in said, said
        yield
        strace.communicate()


def read(record: Path, diary: Path, home: Path) -> list[Call]:
    """The calls of a noted run that change what is in this folder, or that send."""
    calls: list[Call] = []
    since: Counter[str] = Counter()
    line, work = 0, ""
    for said in record.read_text(errors="replace").splitlines():
        name, _, arguments = said.partition("(")
        if name not in CHANGING:
            continue
        since[name] += 1
        text, on = _first(_TEXT, arguments), _first(_FILE, arguments) or _first(_TEXT, arguments)
        if on == str(diary):
            line, work, since = line + 1, text.removesuffix("\\n"), Counter()
        elif on.startswith("socket:"):
            calls.append(Call(line, name, since[name], work, _begin(text)))
        elif on.startswith(str(home)):
            calls.append(Call(line, name, since[name], work, on.removeprefix(f"{home}/")))
    return calls


def _begin(text: str) -> str:
    """The word by which a sent text is known; what PostgreSQL is sent begins with a letter and its length."""
    if re.match(r"\w\\0", text):
        statement = _SQL.search(text)
        return f"sql {statement[0] if statement else ''}".strip()
    return re.split(r"[ \\]", text)[0]


def _first(shape: re.Pattern[str], arguments: str) -> str:
    found = shape.search(arguments)
    return found[1] if found else ""


@cache
def why_not() -> str:
    """Why nobody can be killed at a call here; empty where it can be done."""
    if shutil.which("strace") is None:
        return "needs strace; on Debian: apt-get install strace"
    if os.geteuid() and _SCOPE.exists() and int(_SCOPE.read_text()) > 0:
        return "needs root, or kernel.yama.ptrace_scope = 0, to watch a process that is there already"
    never = "inject=write:signal=SIGKILL:when=9999"
    tried = subprocess.run(["strace", "-e", never, "true"], capture_output=True, text=True)
    return f"needs strace to trace, which it may not here: {tried.stderr}" if tried.returncode else ""
