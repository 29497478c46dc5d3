"""One office on several machines: its processes, each with a line to the database of its own."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import psycopg

from daybook.sandbox.outside import Outside
from tests.daybook.cli.test_several import kept_at, many, written
from tests.daybook.cli.warmed import ENVIRONMENT
from tests.daybook.page.browser import Page
from tests.hosts.line import Line
from tests.ports import free_port
from tests.postgres import Cluster, database_of

ROOT = Path(__file__).parents[2]
LONG = 300
"""Seconds on a busy machine."""
WHO = "SELECT name FROM workers WHERE id = ({})"
DISPATCHER = WHO.format("SELECT min(id) FROM workers WHERE dispatches")
SENDER = WHO.format("SELECT worker FROM mails WHERE state = 'sending' LIMIT 1")


class Host:
    """One process."""

    def __init__(self, command: str, file: Path, page: str, line: Line, times: float) -> None:
        self.command, self.page, self.line = command, page, line
        self._file, self._times = file, times
        self.process = self._begun()

    def again(self) -> None:
        """Started anew, as systemd would."""
        self.process = self._begun()

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(LONG)

    def freeze(self) -> None:
        self.process.send_signal(signal.SIGSTOP)

    def wake(self) -> None:
        self.process.send_signal(signal.SIGCONT)

    @property
    def is_over(self) -> bool:
        return self.process.poll() is not None

    @property
    def said(self) -> str:
        """All it logged, in whatever life."""
        return self._log.read_text()

    @property
    def _log(self) -> Path:
        return self._file.with_suffix(".log")

    def _begun(self) -> subprocess.Popen[bytes]:
        words = (sys.executable, "-m", "tests.hosts.host", str(self._times), self.command, "-c", self._file)
        environment = {"HOME": str(self._file.parent), "PYTHONPATH": str(ROOT)} | ENVIRONMENT
        with self._log.open("ab") as log:
            return subprocess.Popen(words, cwd=self._file.parent, env=environment, stdout=log, stderr=log)


class Office:
    """What all machines share, and what each has for itself."""

    def __init__(self, file: Path, outside: Outside, cluster: Cluster, url: str, times: float) -> None:
        self.outside, self._url, self._cluster = outside, url, cluster
        self._times = times
        self._file, self._mailed = file, kept_at(file, outside, url)
        self.hosts: list[Host] = []

    def start(self, *commands: str) -> list[Host]:
        started = [self._started(command) for command in commands]
        self.hosts += started
        return started

    def comes_to(self, holds: Callable[[], object], *, without: Collection[Host] = ()) -> None:
        """Wait; whom a busy machine kept from its signs of life, so that it was given up, begins anew.

        Takes    whom nobody starts again
        """

        def goes_on() -> object:
            for one in self.hosts:
                if one not in without and one.is_over:
                    one.again()
            return holds()

        until(goes_on)

    def asked(self, query: str) -> str:
        """Who is that, among the processes of this office."""
        with psycopg.connect(self._url) as connection:
            row = connection.execute(query.encode()).fetchone()
        return str(row[0]) if row else ""

    def host(self, name: str) -> Host:
        return next(one for one in self.hosts if f"pid {one.process.pid} on" in name)

    def drafts(self, host: Host) -> list[Page]:
        """What each contributor has to confirm, as this machine's page shows it."""
        mails = " ".join(mail.text for mail in self.outside.mail.deliveries)
        links = sorted(set(re.findall(rf"http://{re.escape(self._mailed)}(/confirm/\S+)", mails)))
        pages = [Page(httpx.get(f"http://{host.page}{link}", timeout=LONG)) for link in links]
        return sorted(pages, key=many)

    def answers(self, host: Host) -> bool:
        try:
            return httpx.get(f"http://{host.page}/healthz", timeout=2).status_code == 200
        except httpx.TransportError:
            return False

    @property
    def mails(self) -> list[str]:
        """To whom digests went; on a Monday who confirmed in the week before is looked back with, too."""
        return sorted(mail.to for mail in self.outside.mail.deliveries if "/confirm/" in mail.text)

    @property
    def members(self) -> list[str]:
        return sorted(member.email for member in self.outside.team.members)

    def written(self) -> int:
        """Records at the tools."""
        return written(self.outside)

    def end(self) -> None:
        for one in self.hosts:
            one.wake()
            one.kill()
            one.line.close()

    def _started(self, command: str) -> Host:
        page, line = f"127.0.0.1:{free_port()}", Line(self._cluster.port)
        number = len(list(self._file.parent.glob("host-*.yaml")))
        file = self._file.with_name(f"host-{number}.yaml")
        near = self._cluster.url(database_of(self._url), line.port)
        text = self._file.read_text().replace(self._url, near)
        listens = re.sub(r"(listen: *\"?)127\.0\.0\.1:\d+", rf"\g<1>{page}", text)
        file.write_text(listens)
        return Host(command, file, page, line, self._times)


@contextmanager
def office(file: Path, outside: Outside, cluster: Cluster, url: str, times: float) -> Iterator[Office]:
    """Until the end of the block; none of its processes outlives it.

    Takes    times: so much sooner than usual do they miss each other
    """
    one = Office(file, outside, cluster, url, times)
    try:
        yield one
    finally:
        one.end()


def until(holds: Callable[[], object], seconds: float = LONG) -> float:
    """Gives    how long it took"""
    began = time.monotonic()
    while not holds():
        assert time.monotonic() - began < seconds, "it did not come to that"
        time.sleep(0.1)
    return time.monotonic() - began
