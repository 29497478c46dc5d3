"""An answer that only trickles in is given up: a timeout bounds each pause, and this bounds their sum.

One byte every few seconds never is a pause too long, and would hold a thread of
ours for as long as the other side likes.
"""

from __future__ import annotations

import io
import socket
from http.client import HTTPResponse
from time import monotonic
from typing import Any

PAUSES = 6
"""So many of the longest pauses allowed an answer may take, however evenly it comes."""


class BoundedAnswer(HTTPResponse):
    """Stands for `response_class` of a connection: head and body together meet one deadline."""

    def __init__(self, sock: socket.socket, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        assert isinstance(self.fp, io.BufferedReader)
        self.fp = io.BufferedReader(_Hurried(self.fp.detach(), sock))


class _Hurried(io.RawIOBase):
    """What a socket gives, and a TimeoutError once the time is over."""

    def __init__(self, inner: io.RawIOBase, sock: socket.socket) -> None:
        self._inner, self._sock, self._pause = inner, sock, sock.gettimeout()
        self._latest = monotonic() + PAUSES * self._pause if self._pause else None

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        if self._pause and self._latest:
            left = self._latest - monotonic()
            if left <= 0:
                raise TimeoutError("the answer is still not whole")
            if left < self._pause:
                self._sock.settimeout(left)
        return self._inner.readinto(buffer)

    def close(self) -> None:
        self._inner.close()
        super().close()
