"""The page's server: uvicorn, whose loop passes on each sign of life, and sleeps longer than uvicorn lets it.

Woken ten times a second, only to see whether it should end, it took more than all else of an idle daemon.
"""

from __future__ import annotations

import asyncio
import socket
from contextlib import suppress

import uvicorn

from daybook import supervised

TICK = 1.0
"""Seconds for which the time in the head of its answers may stand."""


class Server(uvicorn.Server):
    """One that another thread runs, and ends."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._to_end = asyncio.Event()

    async def serve(self, sockets: list[socket.socket] | None = None) -> None:
        self._loop = asyncio.get_running_loop()
        with supervised.by(self._loop.call_soon_threadsafe):
            await super().serve(sockets)

    async def main_loop(self) -> None:
        while not await self.on_tick(0):
            with suppress(TimeoutError):
                await asyncio.wait_for(self._to_end.wait(), TICK)

    def end(self) -> None:
        """From any thread, at any time."""
        self.should_exit = True
        if self._loop is not None:
            with suppress(RuntimeError):  # it ended before
                self._loop.call_soon_threadsafe(self._to_end.set)
