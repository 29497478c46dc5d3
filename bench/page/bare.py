"""The same page written bare: a token, a row in SQLite, the template; with Starlette and uvicorn.

Nothing is decided and nothing is sealed.

python -m bench.page.bare FOLDER: where `ready.written` left its rows. Prints its port, and ends with stdin.
"""

from __future__ import annotations

import pickle
import socket
import sqlite3
import sys
import threading
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bench.page.ready import mark
from daybook.page import render
from daybook.page.app import PACKING, SMALL


def application(folder: Path) -> Starlette:
    database = sqlite3.connect(folder / "bare.db", check_same_thread=False)

    async def opened(request: Request) -> Response:
        asked = (mark(request.path_params["token"]),)
        row = database.execute("select template, shown from day where token = ?", asked).fetchone()
        if row is None:
            return Response("Nothing to see here", 404)
        return render.page(row[0], **pickle.loads(row[1]), stated=lambda _: "")

    packed = Middleware(GZipMiddleware, minimum_size=SMALL, compresslevel=PACKING)
    return Starlette(routes=[Route("/day/{token}", opened)], middleware=[packed])


if __name__ == "__main__":
    bound = socket.create_server(("127.0.0.1", 0), backlog=256)
    bound.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    server = uvicorn.Server(
        uvicorn.Config(application(Path(sys.argv[1])), log_config=None, access_log=False, lifespan="off")
    )
    threading.Thread(target=server.run, kwargs={"sockets": [bound]}, daemon=True).start()
    print(bound.getsockname()[1], flush=True)
    sys.stdin.read()
