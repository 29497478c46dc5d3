"""A mail server that takes everything and keeps each mail in a file, numbered as they came.

python -m bench.digests.sink FOLDER: prints its host:port, and ends with stdin
"""

from __future__ import annotations

import asyncio
import sys
from itertools import count
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session


class Sink:
    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._numbers = count()

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        assert isinstance(envelope.content, bytes)
        (self._folder / f"{next(self._numbers):06}").write_bytes(envelope.content)
        return "250 Taken"


async def main(folder: Path) -> None:
    loop, desk = asyncio.get_running_loop(), Sink(folder)
    server = await loop.create_server(lambda: SMTP(desk, loop=loop), "127.0.0.1", 0)
    print("{}:{}".format(*server.sockets[0].getsockname()), flush=True)
    await loop.run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
