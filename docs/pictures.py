"""The pictures of the README and the documents, taken of pages as a contributor would see them.

Most are of a demonstration; what takes weeks is of a studio made up for it (staged.py). Beside
them, in a folder of its own, stands every page and every mail there is (every.py).
"""

from __future__ import annotations

import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urljoin

from daybook.sandbox.visitor import Visitor, links
from docs import browser, staged
from docs.every import every

LARGEST = 160_000
"""Bytes of one picture: a README is read on trains."""
WHO = "ada"
EVERY = "every"
POSTED = 15
"""Seconds after a confirmation in which the demonstration has posted it."""
STAGED = {
    "invitation": {"": (700, 2120, 0.68)},
    "rollout": {"": (760, 1500, 0.9)},
    "report": {"": (900, 780, 1.0), "-phone": (390, 844, 1.5)},
}
"""By page and further name: width, height, and picture pixels for each of these."""


class Shown(NamedTuple):
    """Where the demonstration can be looked at."""

    mailbox: str
    targets: str
    file: Path
    """Its configuration."""


def take(folder: Path) -> Iterator[str]:
    """Take every picture and say so, or say why there is none."""
    if not browser.is_there():
        yield f"No pictures: {browser.PROGRAM} is missing. On Debian: apt-get install {browser.PROGRAM}"
        return
    folder.mkdir(exist_ok=True)
    with _demonstration() as shown, browser.opened() as chromium:
        visitor = Visitor()
        mail, day = _first_digest(visitor, shown.mailbox)
        pictures = {
            "mail": chromium.picture(mail, 760, 900),
            "day-phone": chromium.picture(day, 390, 844, sharp=1.5),
            "day-desktop": chromium.picture(day, 1100, 860),
            "day-dark": chromium.picture(day, 1100, 860, dark=True),
            "policy": chromium.picture(f"{day}/policy", 900, 860),
        }
        page = visitor.open(day)
        form = page.form("/confirm")
        if form is None:
            raise RuntimeError("the first day of the demonstration has nothing to confirm")
        visitor.submit(page, form)
        time.sleep(POSTED)
        pictures["targets"] = chromium.picture(shown.targets, 900, 640)
        (folder / EVERY).mkdir(exist_ok=True)
        for called, picture in every(chromium, shown.file):
            _small(called, picture)
            (folder / EVERY / f"{called}.webp").write_bytes(picture)
        yield f"{EVERY}/, each page and mail in light, dark and on a phone"
        for name, address in staged.shown(folder.parents[1]):
            for further, (width, height, sharp) in STAGED[name].items():
                pictures[name + further] = chromium.picture(address, width, height, sharp=sharp)
    for name, picture in pictures.items():
        _small(name, picture)
        (folder / f"{name}.png").write_bytes(picture)
        yield f"{name}.png, {len(picture) // 1000} kB"


def _small(name: str, picture: bytes) -> None:
    if len(picture) > LARGEST:
        raise RuntimeError(f"{name} has {len(picture)} bytes; {LARGEST} is the most")


@contextmanager
def _demonstration() -> Iterator[Shown]:
    """`daybook demo` at the point where its contributors have mail."""
    command = [sys.executable, "-m", "daybook", "demo"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            said: list[str] = []
            for line in process.stdout or ():
                said += [
                    word for word in line.split() if word.startswith("http://") or word.endswith(".yaml")
                ]
                if len(said) == len(Shown._fields):
                    break
            mailbox, targets, file = said
            yield Shown(mailbox, targets, Path(file))
        finally:
            process.terminate()


def _first_digest(visitor: Visitor, mailbox: str) -> tuple[str, str]:
    """Ada's newest mail about a day, and the address of its day."""
    inbox = visitor.open(mailbox).html
    for path in re.findall(rf'href="(/mail/\d+)"><b>{WHO}@', inbox):
        mail = urljoin(mailbox, path)
        if found := links(visitor.open(mail).html, "day"):
            return mail, found[0]
    raise RuntimeError("no digest arrived in the demonstration's mailbox")
