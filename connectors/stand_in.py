"""What the stand-ins of all tools share: a small HTTP server that counts, and can be made to fail.

A stand-in is a tool on loopback with a state of its own, written from the
tool's published description and never from what our connectors send. This
module knows sockets and faults and nothing of any tool; each tool's folder
holds its `sandbox.py` with the routes. Nothing in a connector imports it.

An answer leaves in one write with Nagle's algorithm off: two writes cost a
client 40 ms a request (delayed acknowledgement).
"""

from __future__ import annotations

import json
import random
import re
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from http.client import responses as PHRASES
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

FAULTS = (
    "slow",            # the answer takes its time
    "429-seconds",     # Retry-After: 1
    "429-float",       # Retry-After: 0.5
    "429-date",        # Retry-After as an HTTP date
    "429-absurd",      # Retry-After: a year
    "429-bare",        # no Retry-After at all
    "500", "502", "503",
    "html",            # status 200 with a login page
    "truncated",       # half of the JSON, and a Content-Length that says so
    "drop-before",     # the connection dies before the server looked at the request
    "drop-after",      # the server did as asked; nobody hears of it
)  # fmt: skip
SCRIPTED = (
    "trickle",         # byte by byte, and never a long pause
    "skew",            # the answer's Date is hours ahead
)  # fmt: skip
"""Further ones, for one request at a time: in a storm they would cost every test their time."""
AHEAD = timedelta(hours=5)


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    params: Mapping[str, list[str]]
    headers: Mapping[str, str]
    """By lower-case name."""
    body: bytes
    args: Mapping[str, str] = field(default_factory=dict)
    """What the route's `{names}` matched."""
    beside: int = 0
    """How many more of the same caller and kind, reads or not, were on their way when this one came."""

    def param(self, name: str, default: str = "") -> str:
        return self.params.get(name, [default])[-1]

    def json(self) -> Any:
        """The body as JSON. Raises ValueError where it is none."""
        return json.loads(self.body) if self.body else None

    def form(self) -> dict[str, str]:
        return {name: values[-1] for name, values in parse_qs(self.body.decode()).items()}


@dataclass(frozen=True)
class Answer:
    status: int = 200
    body: Any = None
    """bytes or str as they are, None for no body, anything else as JSON."""
    headers: Mapping[str, str] = field(default_factory=dict)

    def encoded(self) -> tuple[bytes, str]:
        match self.body:
            case None:
                return b"", "application/json"
            case bytes():
                return self.body, "application/octet-stream"
            case str():
                return self.body.encode(), "text/html; charset=utf-8"
            case _:
                return json.dumps(self.body, ensure_ascii=False).encode(), "application/json;charset=UTF-8"


class Faults:
    """Which request goes wrong, and how: by seed for storms, by script for one test.

    The same seed gives the n-th request of one endpoint the same fate, however
    the endpoints interleave.
    """

    def __init__(self, seed: int | None = None, rate: float = 0.08) -> None:
        self.seed, self.rate = seed, rate
        self.scripted: dict[str, list[str]] = {}

    def script(self, endpoint: str, *kinds: str) -> None:
        """The next requests to `endpoint` ("GET /path/{id}", or "*") meet these, in order; "" is none."""
        self.scripted.setdefault(endpoint, []).extend(kinds)

    def next(self, endpoint: str, ordinal: int) -> str:
        for name in (endpoint, "*"):
            if self.scripted.get(name):
                return self.scripted[name].pop(0)
        if self.seed is None:
            return ""
        dice = random.Random(f"{self.seed} {endpoint} {ordinal}")  # noqa: S311 - repeatable on purpose
        return dice.choice(FAULTS) if dice.random() < self.rate else ""


Handler = Callable[[Any, Request], Answer]


def route(method: str, pattern: str) -> Callable[[Handler], Handler]:
    """Mark a method of a StandIn as the answer to `METHOD /path/{name}`."""

    def mark(handler: Handler) -> Handler:
        marks = getattr(handler, "_routes", [])
        handler._routes = [*marks, (method, pattern)]  # type: ignore[attr-defined]
        return handler

    return mark


class StandIn:
    """One tool at the root of its own port. Subclasses add routes and state."""

    name = "stand-in"

    def __init__(
        self, *, clock: Callable[[], datetime] = lambda: datetime.now(UTC), faults: Faults | None = None
    ):
        self.clock = clock
        self.faults = faults or Faults()
        self.latency = 0.0
        """Seconds every request is on its way, beside all others."""
        self.slowness = 0.2
        """Seconds a slow answer takes."""
        self.between_bytes: Callable[[], object] = lambda: time.sleep(self.slowness)
        """Called after each byte of an answer that trickles."""
        self.counts: Counter[str] = Counter()
        """Requests by endpoint, as "METHOD /path/{name}", faults included."""
        self.under_way: Counter[tuple[str, bool]] = Counter()
        """Requests not answered yet, by who asks and whether they only read."""
        self.lock = threading.RLock()
        """Held while a route answers: the state never shows half a change."""
        self._routes = sorted(
            (
                (method, pattern, re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", pattern) + "/?"), name)
                for name in dir(type(self))
                for method, pattern in getattr(getattr(type(self), name), "_routes", ())
            ),
            key=lambda entry: entry[1].count("{"),  # fixed paths before `{names}`
        )
        self._server: ThreadingHTTPServer | None = None

    # --- what a test or the sandbox does with it -----------------------------------------------------------

    def start(self, port: int = 0) -> str:
        """Listen on loopback; gives the address without a trailing slash."""
        stand_in = self

        class Bound(_Handler):
            owner = stand_in

        server = _Server(("127.0.0.1", port), Bound)
        threading.Thread(
            target=server.serve_forever, args=(0.05,), daemon=True, name=f"sandbox-{self.name}"
        ).start()
        self._server = server
        return self.url

    @property
    def url(self) -> str:
        assert self._server is not None, "not started"
        return f"http://127.0.0.1:{self._server.server_port}"

    def stop(self) -> None:
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def reset_counts(self) -> dict[str, int]:
        """The counts so far; counting starts anew."""
        with self.lock:
            counts, self.counts = dict(self.counts), Counter()
        return counts

    # --- what subclasses fill in ---------------------------------------------------------------------------

    def before(self, request: Request) -> Answer | None:
        """An answer that comes before any route: who is asking, are they too fast."""

    def missing(self, request: Request) -> Answer:
        """The tool's own words for a path it does not know."""
        return Answer(404, {"message": f"no such path {request.path}"})

    def failed(self, kind: str) -> Answer:
        """The tool's own words for a planted fault; headers are added by the caller."""
        return Answer(int(kind[:3]), {"message": PHRASES[int(kind[:3])]})

    def extra_headers(self, request: Request, answer: Answer) -> Mapping[str, str]:
        """Headers every answer of this tool carries."""
        return {}

    # --- one request ---------------------------------------------------------------------------------------

    def find(self, method: str, path: str) -> tuple[str, str | None, dict[str, str]]:
        """(endpoint, name of the handler, path arguments)."""
        for wanted, pattern, shape, name in self._routes:
            if wanted == method and (match := shape.fullmatch(path)):
                return f"{method} {pattern}", name, {k: unquote(v) for k, v in match.groupdict().items()}
        return f"{method} {path}", None, {}

    def answer(self, request: Request) -> tuple[Answer, str]:
        """The answer and the fault it meets; the counting happens here."""
        endpoint, name, args = self.find(request.method, request.path)
        request = replace(request, args=args)
        with self.lock:
            self.counts[endpoint] += 1
            fault = self.faults.next(endpoint, self.counts[endpoint])
            if fault in ("drop-before", "html") or fault[:3].isdigit():
                return self._broken(request, fault), fault
            answer = self.before(request)
            if answer is None:
                answer = getattr(self, name)(request) if name else self.missing(request)
        return answer, fault

    def _broken(self, request: Request, fault: str) -> Answer:
        if fault == "drop-before":
            return Answer()
        if fault == "html":
            return Answer(200, "<!doctype html><title>Sign in</title><h1>Please sign in to continue</h1>")
        answer = self.failed(fault)
        told = self.extra_headers(request, answer).get("Date")
        now = parsedate_to_datetime(told) if told else datetime.now(UTC)
        wait = {
            "429-seconds": "1",
            "429-float": "0.5",
            "429-date": format_datetime(now + timedelta(seconds=1), usegmt=True),
            "429-absurd": "31536000",
        }.get(fault)
        return Answer(
            answer.status, answer.body, {**answer.headers, **({"Retry-After": wait} if wait else {})}
        )


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256
    allow_reuse_address = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hung up is no news."""


class _Handler(BaseHTTPRequestHandler):
    owner: StandIn
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = 60

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """A stand-in is silent; it counts."""

    def _serve(self) -> None:
        under_way = self.owner.under_way
        kind = self.headers.get("Authorization", ""), self.command == "GET"
        with self.owner.lock:
            beside, under_way[kind] = under_way[kind], under_way[kind] + 1
        try:
            self._served(beside)
        finally:
            with self.owner.lock:
                under_way[kind] -= 1

    def _served(self, beside: int) -> None:
        address = urlsplit(self.path)
        length = int(self.headers.get("Content-Length") or 0)
        request = Request(
            self.command,
            address.path,
            parse_qs(address.query, keep_blank_values=True),
            {name.lower(): value for name, value in self.headers.items()},
            self.rfile.read(length),
            beside=beside,
        )
        time.sleep(self.owner.latency)
        answer, fault = self.owner.answer(request)
        if fault == "slow":
            time.sleep(self.owner.slowness)
        if fault.startswith("drop"):
            self._hang_up()
            return
        self._send(request, answer, fault)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = _serve

    def _send(self, request: Request, answer: Answer, fault: str) -> None:
        body, kind = answer.encoded()
        if fault == "truncated" and len(body) > 1:
            body = body[: len(body) // 2]
        head = {
            "Date": self.date_time_string(),
            "Content-Type": kind,
            "Content-Length": str(len(body)),
            **self.owner.extra_headers(request, answer),
            **answer.headers,
        }
        if fault == "skew":
            head["Date"] = format_datetime(parsedate_to_datetime(head["Date"]) + AHEAD, usegmt=True)
        lines = "".join(f"{name}: {value}\r\n" for name, value in head.items())
        status = f"HTTP/1.1 {answer.status} {PHRASES.get(answer.status, '')}\r\n"
        said = f"{status}{lines}\r\n".encode() + (b"" if self.command == "HEAD" else body)
        if fault == "trickle":
            self._trickle(said)
        else:
            self.wfile.write(said)

    def _trickle(self, said: bytes) -> None:
        self.close_connection = True
        with suppress(OSError):  # whoever listens may lose their patience
            for byte in said:
                self.wfile.write(bytes([byte]))
                self.owner.between_bytes()

    def _hang_up(self) -> None:
        self.close_connection = True
        with suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)
