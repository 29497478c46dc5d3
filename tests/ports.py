"""A port for a server that starts later, or again: nobody else gets it meanwhile.

Of those from 32768 on the kernel gives one to whoever asks for any. One that it gave to us, and that we let
go of until our server starts, it may by then have given to a test beside us.
"""

from __future__ import annotations

import os
import socket
from itertools import count

FIRST, EACH = 12_000, 2_000
"""Each worker has ports of its own, so many."""

_worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % 10
_numbers = count(os.getpid())  # another run of the tests may be under way beside this one


def free_port() -> int:
    """One on loopback where nobody listens."""
    while True:
        port = FIRST + EACH * _worker + next(_numbers) % EACH
        try:
            socket.create_server(("127.0.0.1", port)).close()
        except OSError:
            continue
        return port
