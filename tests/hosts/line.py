"""The line between one machine and the database. Once it is cut nothing gets through, and nobody is told."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress


class Line:
    """A door of its own before a server on this machine."""

    def __init__(self, port: int) -> None:
        self._behind = port
        self._whole = threading.Event()
        self._whole.set()
        self._door = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._door.getsockname()[1])
        self._open: list[socket.socket] = []
        threading.Thread(target=self._serve, daemon=True).start()

    def cut(self) -> None:
        """From now on it is silent: what was sent is on its way for ever."""
        self._whole.clear()

    def mend(self) -> None:
        """Again whole; what was open is not, as after every time-out."""
        self._close_all()
        self._whole.set()

    def close(self) -> None:
        self._door.close()
        self._close_all()
        self._whole.set()

    def _close_all(self) -> None:
        for one in self._open:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()
        self._open.clear()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._door.accept()
                self._open.append(client)
                self._whole.wait()
                with suppress(OSError):
                    server = socket.create_connection(("127.0.0.1", self._behind))
                    self._open.append(server)
                    for way in ((client, server), (server, client)):
                        threading.Thread(target=self._pass, args=way, daemon=True).start()

    def _pass(self, here: socket.socket, there: socket.socket) -> None:
        with suppress(OSError):
            while said := here.recv(1 << 16):
                self._whole.wait()
                there.sendall(said)
        for one in (here, there):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
