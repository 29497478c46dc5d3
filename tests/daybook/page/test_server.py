"""The page's server, between two requests and at its end (E: an idle daemon takes next to nothing)."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from urllib.request import urlopen

import pytest
import uvicorn

from daybook.page import server
from daybook.page.server import Server


async def page(scope, receive, send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"here"})


class Counted(Server):
    woken = 0

    async def on_tick(self, counter: int) -> bool:
        self.woken += 1
        return await super().on_tick(counter)


@pytest.fixture
def bound() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as bound:
        yield bound


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> Counted:
    """It wakes by itself once an hour."""
    monkeypatch.setattr(server, "TICK", 3600.0)
    return Counted(uvicorn.Config(page, log_config=None, lifespan="off"))


def test_it_sleeps_between_requests_and_is_woken_by_its_end(patient: Counted, bound: socket.socket) -> None:
    thread = threading.Thread(target=patient.run, args=[[bound]], daemon=True)
    thread.start()
    host, port = bound.getsockname()
    for _ in range(3):
        with urlopen(f"http://{host}:{port}", timeout=30) as answer:
            assert answer.read() == b"here" and answer.headers["Date"]
        time.sleep(0.15)  # uvicorn's own loop wakes every tenth of a second
    assert patient.woken == 1
    patient.end()
    thread.join(60)
    assert not thread.is_alive()


def test_one_that_is_ended_before_it_began_or_after_its_end_is_at_its_end(
    patient: Counted, bound: socket.socket
) -> None:
    patient.end()
    patient.run([bound])
    patient.end()


TWICE = "GET / HTTP/1.1\r\nHost: daybook\r\nConnection: close\r\n\r\n"
CHUNKED = f"Transfer-Encoding: chunked\r\nContent-Length: {len(TWICE) + 5}\r\n\r\n0\r\n\r\n{TWICE}"
UNEQUAL = "Content-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef"


@pytest.mark.parametrize(
    ("rest", "status", "answers"), [(CHUNKED, b"200", 2), (UNEQUAL, b"400", 0)], ids=["both", "unequal"]
)
def test_where_a_request_ends_is_as_the_standard_of_HTTP_says(
    rest: str, status: bytes, answers: int, patient: Counted, bound: socket.socket
) -> None:
    """A proxy that took another end for it could be made to pass on one person's words as another's."""
    thread = threading.Thread(target=patient.run, args=[[bound]], daemon=True)
    thread.start()
    with socket.create_connection(bound.getsockname(), timeout=30) as asking:
        asking.sendall(f"POST / HTTP/1.1\r\nHost: daybook\r\n{rest}".encode())
        said = b"".join(iter(lambda: asking.recv(4096), b""))
    patient.end()
    thread.join(60)
    assert said.startswith(b"HTTP/1.1 " + status)
    assert said.count(b"here") == answers
