"""What machines ask over HTTP, on an address of its own: /healthz, /readyz and /metrics, and nothing else."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar, Protocol

import structlog

from daybook import health, vital
from daybook.errors import Outside
from daybook.house import House

log = structlog.get_logger()

PATIENCE = 10.0
"""Seconds for a request to arrive and its answer to be taken."""
A_MOMENT = 0.2
"""Seconds until it notices that it is to end."""
PLAIN = "text/plain; charset=utf-8"


class Said(Protocol):
    """What one address answers."""

    def __call__(self) -> tuple[int, str, bytes]:
        """Gives    status, media type, body"""


@contextmanager
def listening(house: House, place: str | None = None) -> Iterator[Callable[[House], None]]:
    """Until the end of the block the addresses answer, where the configuration asks for that.

    Takes    place: host:port to do so at instead
    Gives    what to call with another house, to answer for that one from then on
    """
    asked = house.configuration.metrics
    place = place or (asked.listen if asked else None)
    if place is None:
        yield lambda _: None
        return
    said = answers(house)
    server = _server(place, said)
    serve = partial(server.serve_forever, A_MOMENT)
    with server, vital.answering(house, "metrics", serve, server.shutdown, PATIENCE):
        yield lambda other: said.update(answers(other))


def answers(house: House) -> dict[str, Said]:
    """By address, what answers there."""
    from prometheus_client import CollectorRegistry, generate_latest
    from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4

    from daybook.metrics.collect import Figures

    registry = CollectorRegistry(auto_describe=False)
    figures = Figures(house)
    registry.register(figures)

    def says(answer: Callable[[], health.Answer]) -> Said:
        def said() -> tuple[int, str, bytes]:
            status, word = answer()
            return status, PLAIN, word.encode()

        return said

    return {
        "/healthz": says(lambda: health.ALIVE),
        "/readyz": says(health.in_time(house)),
        "/metrics": lambda: (200, CONTENT_TYPE_PLAIN_0_0_4, generate_latest(registry)),
    }


def _server(listen: str, answers: Mapping[str, Said]) -> ThreadingHTTPServer:
    host, _, port = listen.rpartition(":")

    class Handler(_Handler):
        said = answers

    class Server(ThreadingHTTPServer):
        address_family = socket.AF_INET6 if ":" in host else socket.AF_INET

        def handle_error(self, *_: object) -> None:
            log.exception("metrics.broke")

    try:
        return Server((host.strip("[]"), int(port)), Handler)
    except (OSError, ValueError, OverflowError) as error:
        number = error.errno or 0 if isinstance(error, OSError) else 0
        reason = os.strerror(number) if number > 0 else "not host:port"  # below: no host has that name
        raise Outside(
            f"Nothing can listen on {listen} ({reason}) for metrics. Nothing was started. "
            "End what uses that port, or name another: metrics.listen, or with --metrics for one process."
        ) from None


class _Handler(BaseHTTPRequestHandler):
    """Answers GET and HEAD; logs nothing."""

    said: ClassVar[Mapping[str, Said]] = {}
    timeout = PATIENCE
    server_version, sys_version = "daybook", ""

    def do_GET(self) -> None:
        answer = self.said.get(self.path.partition("?")[0])
        status, media, body = answer() if answer else (404, PLAIN, b"nothing here")
        self.send_response(status)
        self.send_header("Content-Type", media)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)

    do_HEAD = do_GET

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
        """Who asked is nobody's business."""
