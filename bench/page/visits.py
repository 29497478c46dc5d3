"""Browsers that open pages, in a process of their own: as many at once as fit, or so many a second.

At a rate, a visit's time counts from when it was due, whether or not its connection was free: a server that
stands still makes all that were due wait, and each of them counts.

python -m bench.page.visits PORT PATHS at-once 32 6: browsers, seconds; or a-second 50 6: visits, seconds
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Callable, Coroutine
from functools import partial
from pathlib import Path
from typing import Any, Protocol

HEADERS = "Host: 127.0.0.1\r\nAccept-Encoding: gzip\r\nSec-Fetch-Site: none\r\n\r\n"


class Browser(Protocol):
    async def visit(self, path: str) -> None: ...


class Connection:
    """A browser with one connection, kept alive."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def visit(self, path: str) -> None:
        if self._streams is None:
            self._streams = await asyncio.open_connection("127.0.0.1", self._port)
        reader, writer = self._streams
        writer.write(f"GET {path} HTTP/1.1\r\n{HEADERS}".encode())
        head = await reader.readuntil(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 200"):
            raise SystemExit(f"{head[:40]!r}; nothing was measured.")
        length = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0])
        await reader.readexactly(length)


async def at_once(opened: Callable[[], Browser], paths: list[str], many: int, seconds: float) -> list[float]:
    """As many visits as go, one after the other in each of so many browsers."""
    took: list[float] = []
    until = time.perf_counter() + seconds

    async def visitor(number: int) -> None:
        browser = opened()
        turn = number
        while (begun := time.perf_counter()) < until:
            await browser.visit(paths[turn % len(paths)])
            took.append(time.perf_counter() - begun)
            turn += many

    await asyncio.gather(*map(visitor, range(many)))
    return took


async def a_second(opened: Callable[[], Browser], paths: list[str], rate: int, seconds: float) -> list[float]:
    """So many visits a second, evenly, however long the others take."""
    free: list[Browser] = []
    took: list[float] = []
    begun = time.perf_counter()

    async def visit(number: int) -> None:
        due = begun + number / rate
        await asyncio.sleep(due - time.perf_counter())
        browser = free.pop() if free else opened()
        await browser.visit(paths[number % len(paths)])
        took.append(time.perf_counter() - due)
        free.append(browser)

    await asyncio.gather(*map(visit, range(int(rate * seconds))))
    return took


HOW: dict[str, Callable[..., Coroutine[Any, Any, list[float]]]] = {"at-once": at_once, "a-second": a_second}

if __name__ == "__main__":
    port, named, how, many, seconds = sys.argv[1:]
    paths = Path(named).read_text("utf-8").split()
    begun = time.perf_counter()
    took = asyncio.run(HOW[how](partial(Connection, int(port)), paths, int(many), float(seconds)))
    print(json.dumps({"seconds": time.perf_counter() - begun, "took": took}))
