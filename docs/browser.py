"""Debian's chromium without a window, told what to show over a pipe."""

from __future__ import annotations

import base64
import fcntl
import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any, BinaryIO

PROGRAM = "chromium"
PATIENCE = 60
"""Seconds it is given to end."""
CLEAR_OF_THE_FIRST = 10
"""Chromium talks on descriptors 3 and 4, so ours stay above them until they are put there."""


def is_there() -> bool:
    return shutil.which(PROGRAM) is not None


class Browser:
    """One tab. Speaks the DevTools protocol: JSON messages, each ended by a zero byte."""

    def __init__(self, to: BinaryIO, back: BinaryIO) -> None:
        self._to, self._back = to, back
        self._numbers = count(1)
        self._session: dict[str, str] = {}
        self._loaded = set[str]()
        target = self._ask("Target.createTarget", url="about:blank")["targetId"]
        self._session = self._ask("Target.attachToTarget", targetId=target, flatten=True)
        self._ask("Page.enable")
        self._ask("Page.setLifecycleEventsEnabled", enabled=True)

    def picture(self, url: str, width: int, height: int, *, dark: bool = False, sharp: float = 1.0) -> bytes:
        """The upper part of a page as PNG.

        Units    CSS pixels; sharp: picture pixels for each
        """
        self._open(url, width, height, dark, sharp)
        return base64.b64decode(self._ask("Page.captureScreenshot", format="png")["data"])

    def whole(self, url: str, width: int, *, dark: bool = False) -> bytes:
        """A page down to its end as WebP, small rather than sharp."""
        self._open(url, width, 800, dark, 1.0)
        size = self._ask("Page.getLayoutMetrics")["cssContentSize"]
        clip = {"x": 0, "y": 0, "width": width, "height": size["height"], "scale": 1}
        taken = self._ask(
            "Page.captureScreenshot", format="webp", quality=45, clip=clip, captureBeyondViewport=True
        )
        return base64.b64decode(taken["data"])

    def _open(self, url: str, width: int, height: int, dark: bool, sharp: float) -> None:
        self._ask(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=sharp,
            mobile=width < 600,
        )
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self._ask("Emulation.setEmulatedMedia", features=[scheme])
        loader = self._ask("Page.navigate", url=url)["loaderId"]
        while loader not in self._loaded:  # that may be said before the answer
            next(self._said())

    def _ask(self, method: str, **parameters: Any) -> dict[str, Any]:
        number = next(self._numbers)
        session = {"sessionId": self._session["sessionId"]} if self._session else {}
        question = {"id": number, "method": method, "params": parameters, **session}
        self._to.write(json.dumps(question).encode() + b"\0")
        self._to.flush()
        answer = next(said for said in self._said() if said.get("id") == number)
        if "error" in answer:
            raise RuntimeError(f"{PROGRAM} refused {method}: {answer['error']['message']}")
        result: dict[str, Any] = answer["result"]
        return result

    def _said(self) -> Iterator[dict[str, Any]]:
        message = bytearray()
        while byte := self._back.read(1):
            if byte != b"\0":
                message += byte
                continue
            said = json.loads(message)
            message.clear()
            if said.get("method") == "Page.lifecycleEvent" and said["params"]["name"] == "load":
                self._loaded.add(said["params"]["loaderId"])
            yield said
        raise RuntimeError(f"{PROGRAM} ended before it was told to.")


@contextmanager
def opened() -> Iterator[Browser]:
    """A browser with an empty profile, until the end of the block."""
    questions, to = map(_high, os.pipe())
    back, answers = map(_high, os.pipe())

    def settle() -> None:
        os.dup2(questions, 3)
        os.dup2(answers, 4)

    # a child of it may write there a moment longer than it lives itself
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        options = ["--headless", "--remote-debugging-pipe", "--hide-scrollbars", f"--user-data-dir={profile}"]
        if os.getuid() == 0:
            options.append("--no-sandbox")  # chromium refuses to sandbox itself under root
        process = subprocess.Popen(
            [PROGRAM, *options], preexec_fn=settle, pass_fds=(3, 4), stderr=subprocess.DEVNULL
        )
        os.close(questions)
        os.close(answers)
        with os.fdopen(to, "wb") as writing, os.fdopen(back, "rb") as reading:
            try:
                yield Browser(writing, reading)
            finally:
                process.terminate()
                process.wait(PATIENCE)


def _high(descriptor: int) -> int:
    high = fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, CLEAR_OF_THE_FIRST)
    os.close(descriptor)
    return high
