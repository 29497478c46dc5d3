"""Pages are made one after the other; those that take long take nobody's turn."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from threading import Event
from urllib.parse import urlsplit

import httpx
import pytest
from starlette.applications import Starlette

from daybook import choosing
from daybook.house import House, Member
from daybook.page.app import create
from daybook.store.unit import Unit
from tests.daybook.page.conftest import Links

PATIENCE = 30
"""Seconds on a busy machine."""


class Slow:
    """Something that takes until it is let go."""

    def __init__(self, otherwise: Callable[..., object]) -> None:
        self.begun, self.let_go = Event(), Event()
        self._otherwise = otherwise

    def __call__(self, *given: object) -> object:
        self.begun.set()
        assert self.let_go.wait(2 * PATIENCE)
        return self._otherwise(*given)


async def beside(app: Starlette, slow: Slow, first: str, second: str) -> bool:
    """Whether the second page is there while the first waits; both are in the end."""
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://127.0.0.1:8787"
    ) as client:
        one = asyncio.create_task(client.get(first))
        assert await asyncio.to_thread(slow.begun.wait, PATIENCE)
        other = asyncio.create_task(client.get(second))
        there, _ = await asyncio.wait([other], timeout=PATIENCE)
        slow.let_go.set()
        assert {(await one).status_code, (await other).status_code} == {200}
    return bool(there)


@pytest.mark.parametrize(
    ("at", "whose", "what"),
    [("mine", Unit, "everything_of"), ("calendars", choosing, "offers")],
)
def test_W05_a_page_that_takes_long_keeps_nobody_waiting(
    at: str,
    whose: object,
    what: str,
    house: House,
    ada: Member,
    ben: Member,
    link: Links,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    slow = Slow(getattr(whose, what))
    # a function, so that it is bound to the unit it is asked of
    monkeypatch.setattr(whose, what, lambda *given: slow(*given))
    long, other = (urlsplit(link(who, purpose)).path for who, purpose in ((ada, "own"), (ben, "day")))
    assert asyncio.run(beside(create(house), slow, f"{long}/{at}", other))
