"""How quickly digests are built and handed to a mail server, beside `email` and smtplib alone.

Ours are gathered from the store, with their links made and every mail claimed and noted on the disk. The
others are the same mails: their headers and both texts are at hand. Each keeps one connection for all of its
share, they take turns, and who takes the mails is a process of its own.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from bench import machine
from bench.loop import Failed, ran
from bench.page.town import USUAL, configuration, planted

DIGESTS = 5_000
ROUNDS = 5
LIMIT = 20
"""Seconds for all of them."""
OURS, MAIL, ALONE = (
    "Daybook, from the store and back",
    "of it wording, building and handing over",
    "email and smtplib alone, all worded",
)

Figures = dict[str, Any]


def measure(digests: int = DIGESTS, rounds: int = ROUNDS) -> Figures:
    """Each round sends its share of the digests, ours first."""
    found: dict[str, list[Figures]] = {OURS: [], MAIL: [], ALONE: []}
    with TemporaryDirectory() as folder, _sink(Path(folder)) as smtp:
        file = configuration(Path(folder), digests, smtp)
        planted(file, full=0)
        mails = Path(folder) / "mails"
        for turn in range(rounds):
            first, last = (digests * part // rounds for part in (turn, turn + 1))
            ours = _sent("ours", file, first, last)
            found[OURS].append(ours["whole"])
            found[MAIL].append(ours["mail"])
            found[ALONE].append(_sent("alone", mails, smtp, 2 * first, first + last))
        if (came := len(list(mails.iterdir()))) != 2 * digests:
            raise Failed(f"{came} mails of {2 * digests} arrived; nothing was measured.")
        length = median(mail.stat().st_size for mail in mails.iterdir())
    rows = {who: _together(each, rounds) for who, each in found.items()}
    return {"machine": machine.told(), "digests": digests, "length": length, "rows": rows}


def table(figures: Figures) -> str:
    """The figures for people, as Markdown."""
    digests, rows = figures["digests"], figures["rows"]
    lines = [
        f"Measured on {figures['machine']}. {digests:,} digests of {USUAL} drafts, "
        f"{figures['length'] / 1000:.0f} KB each. At most {LIMIT} s are allowed for 5,000.",
        "",
        "| | seconds | processor seconds | digests a second | times alone, processor |",
        "| --- | ---: | ---: | ---: | ---: |",
    ]
    for who, row in rows.items():
        times = row["processor"] / rows[ALONE]["processor"]
        rate = digests / row["seconds"]
        lines.append(f"| {who} | {row['seconds']:.1f} | {row['processor']:.1f} | {rate:,.0f} | {times:.2f} |")
    return "\n".join(lines)


def _together(turns: list[Figures], rounds: int) -> Figures:
    """What all of it takes at the pace of the median round."""
    return {name: median(turn[name] for turn in turns) * rounds for name in ("seconds", "processor")}


def _sent(who: str, *said: object) -> Figures:
    told, _ = ran([sys.executable, "-m", f"bench.digests.{who}", *said])
    return told


@contextmanager
def _sink(folder: Path) -> Iterator[str]:
    """Takes mail until the end of the block; its host:port."""
    (folder / "mails").mkdir()
    command = [sys.executable, "-m", "bench.digests.sink", str(folder / "mails")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as sink:
        assert sink.stdin is not None and sink.stdout is not None
        yield sink.stdout.readline().strip()
        sink.stdin.close()
