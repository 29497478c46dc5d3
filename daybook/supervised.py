"""What the program tells systemd, which restarts whoever stands still; silent where nobody asked.

A datagram to the socket that NOTIFY_SOCKET names is the whole protocol, so no library is needed for it.
Nobody waits for an answer, and what does not arrive stops nothing: who listens is systemd's matter.

Source   sd_notify(3), systemd.service(5)
"""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial

Say = Callable[[], object]

_ways: list[Callable[[Say], object]] = []


def ready() -> None:
    """What was to be started runs, or what was to be read again holds."""
    _tell("READY=1")


def reloading() -> None:
    """The configuration is read again; `ready` says that this is over, whether it was taken or not."""
    # The kernel's own clock of that name, by which systemd tells this reload from the one before.
    _tell(f"RELOADING=1\nMONOTONIC_USEC={time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000}")


def stopping() -> None:
    """The end has begun."""
    _tell("STOPPING=1")


def alive() -> None:
    """A round was made; who does not say so for as long as WatchdogSec is killed and started anew."""
    say: Say = partial(_tell, "WATCHDOG=1")
    for way in tuple(_ways):
        say = partial(way, say)
    with suppress(RuntimeError):  # a loop that is closed
        say()


@contextmanager
def by(way: Callable[[Say], object]) -> Iterator[None]:
    """Until the end of the block a sign of life goes that way, and comes from nobody who stands still there.

    Takes    way: calls what it is given when its turn comes
    """
    _ways.append(way)
    try:
        yield
    finally:
        _ways.remove(way)


def status(text: str) -> None:
    """How it goes, in one line that anybody on the machine may read: never of a person."""
    _tell(f"STATUS={' '.join(text.split())}")


def _tell(words: str) -> None:
    name = os.environ.get("NOTIFY_SOCKET", "")
    if not name.startswith(("/", "@")):
        return
    with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as ours:
        # A full queue must not stop the rounds that it is to hear of.
        ours.setblocking(False)
        ours.sendto(words.encode(), "\0" + name[1:] if name.startswith("@") else name)
