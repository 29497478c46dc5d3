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
