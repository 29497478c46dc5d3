"""A daemon killed with a mail in its hands: the next one goes on, and each mailbox still holds one."""

from __future__ import annotations

import subprocess
import threading
import time
from collections.abc import Callable

import pytest

from daybook.sandbox.outside import Outside
from tests.daybook.cli.conftest import edited, everybody_agrees
from tests.ports import free_port

LONG = 60
"""Seconds on a busy machine."""


class Stalling:
    """A post office that stops in the middle of its first digest, before or after it kept the mail."""

    def __init__(self, outside: Outside, *, took_it: bool) -> None:
        self.stalled, self.go_on = threading.Event(), threading.Event()
        self.to = ""
        """Whose digest it is."""
        self._receive = outside.mail.receive
        self._took_it = took_it
        outside.mail.receive = self.receive  # type: ignore[method-assign]

    def receive(self, envelope):
        if self.stalled.is_set():
            return self._receive(envelope)
        reply = self._receive(envelope) if self._took_it else ""
        (self.to,) = envelope.rcpt_tos
        self.stalled.set()
        assert self.go_on.wait(LONG)
        return reply


@pytest.mark.parametrize("took_it", [False, True], ids=["before it was taken", "after it was taken"])
def test_E05_killed_with_a_digest_on_its_way_everybody_still_gets_one(daybook, outside, file, took_it):
    everybody_agrees(file).store.close()
    edited(file, ("127.0.0.1:18799", f"127.0.0.1:{free_port()}"))
    office = Stalling(outside, took_it=took_it)
    first = daybook.begin("run")
    assert office.stalled.wait(LONG)
    ended(first, first.kill)
    office.go_on.set()
    assert "mails      6 sent" not in daybook("status").stdout

    second = daybook.begin("run")
    try:
        until(lambda: "mails      6 sent" in daybook("status").stdout)
    finally:
        said = ended(second, second.terminate)
    assert second.returncode == 0, said.decode()
    receivers = sorted(mail.to for mail in outside.mail.deliveries)
    assert receivers == sorted(member.email for member in outside.team.members)


def ended(daemon: subprocess.Popen[bytes], how: Callable[[], None]) -> bytes:
    how()
    return daemon.communicate(timeout=LONG)[1]


def until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + LONG
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.3)
