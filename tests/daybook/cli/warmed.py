"""A process that has imported what commands import; each command typed is a fork of it.

Such a command has a process, a folder, a home and streams of its own, and comes ten times as cheap. What it
cannot show is a start from nothing: that a command imports what it needs, and that no answer hangs on the
order of a set, which is another in each interpreter. For those there is `Typed.afresh`.
"""

from __future__ import annotations

import atexit
import gc
import importlib
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from functools import cache
from pathlib import Path
from tempfile import TemporaryFile

SCRIPT = Path(sys.executable).with_name("daybook")
ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"}
IMPORTED = """
alembic.context asana connectors.google_calendar.http connectors.jira.site googleapiclient.discovery
daybook.backups daybook.daemon daybook.lab daybook.mail.compose daybook.policies daybook.wiring
"""


class Warmed:
    """The parent of the commands of one session of tests."""

    def __init__(self) -> None:
        self._calls, theirs = socket.socketpair()
        self._calls.settimeout(60)
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-m", __name__, str(theirs.fileno())],
                cwd=Path(__file__).parents[3],
                env=ENVIRONMENT,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
                start_new_session=True,
            )
        atexit.register(self._end)

    def run(self, words: Sequence[str], given: bytes, folder: Path) -> subprocess.CompletedProcess[bytes]:
        """Run one command to its end, with this folder as its home too."""
        with ExitStack() as stack:
            streams = [stack.enter_context(TemporaryFile()) for _ in range(3)]
            streams[0].write(given)
            streams[0].seek(0)
            asked = json.dumps([str(folder), *words]).encode()
            socket.send_fds(self._calls, [asked], [stream.fileno() for stream in streams])
            try:
                code = int(self._calls.recv(16))
            except TimeoutError:
                warmed.cache_clear()  # its answer to this would be taken for one to the next
                raise
            for stream in streams:
                stream.seek(0)
            return subprocess.CompletedProcess(words, code, streams[1].read(), streams[2].read())

    def _end(self) -> None:
        self._calls.close()
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()


@cache
def warmed() -> Warmed:
    return Warmed()


def serve(calls: socket.socket) -> None:
    """Fork for each call, and answer with the exit code of the fork; returns in a fork, to be the command."""
    while True:
        asked, streams, *_ = socket.recv_fds(calls, 1 << 20, 3)
        if not asked:
            sys.exit()
        if not (pid := os.fork()):
            calls.close()
            return become(*json.loads(asked), streams=streams)
        for stream in streams:
            os.close(stream)
        _, status = os.waitpid(pid, 0)
        calls.send(str(os.waitstatus_to_exitcode(status)).encode())


def become(folder: str, *words: str, streams: Sequence[int]) -> None:
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    os.chdir(folder)
    os.environ["HOME"] = folder
    sys.argv[:] = [str(SCRIPT), *words]


def leave(ended: Sequence[int]) -> None:
    """The system takes back at once what an interpreter takes apart piece by piece."""
    if ended:
        sys.stdout.flush(), sys.stderr.flush()
        os._exit(ended[0])


if __name__ == "__main__":
    ended: list[int] = []
    atexit.register(leave, ended)  # the first, so that it comes last: after all threads ended
    from daybook.__main__ import main

    for name in IMPORTED.split():
        importlib.import_module(name)
    gc.freeze()
    serve(socket.socket(fileno=int(sys.argv[1])))
    try:
        main()
    except SystemExit as error:
        if isinstance(error.code, int):
            ended.append(error.code)
        raise
