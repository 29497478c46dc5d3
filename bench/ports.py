"""A port of loopback that nobody listens on."""

from __future__ import annotations

import socket


def free() -> int:
    with socket.create_server(("127.0.0.1", 0)) as bound:
        return int(bound.getsockname()[1])
