"""How quick the page of a day is: what its first load takes, and what its server does in a town of thousands.

Beside it stands the same page written bare, with nothing to decide and nothing sealed. Both servers are
processes of their own on one core, who opens pages is one on the other, and they take turns.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory
from typing import Any
from urllib.request import urlopen

from bench import machine
from bench.loop import Failed
from bench.page.first_load import first_load
from bench.page.ready import written
from bench.page.town import FULL, USUAL, Size, clock, configuration, planted
from daybook.wiring import open_house

OURS, BARE = "Daybook", "the same page, bare"
BROWSERS = 32
"""At once, where as many pages are opened as go."""
RATE = 50
"""Pages a second, where they come evenly."""
SECONDS = 6.0
ROUNDS = 5
ALL = Size()

Figures = dict[str, Any]


def measure(size: Size = ALL, rounds: int = ROUNDS, seconds: float = SECONDS) -> Figures:
    """Plant the town, look at one page as a phone does, then let everybody come."""
    with TemporaryDirectory() as folder, ExitStack() as until_the_end:
        place, port = Path(folder), _free_port()
        file = configuration(place, size.people, port=port)
        paths = planted(file, size.full)
        until_the_end.enter_context(_serving("bench.page.ours", file))
        served = {}
        for drafts, theirs in ((FULL, paths[: size.full]), (USUAL, paths[size.full :])):
            there = place / str(drafts)
            _write_bare(there, file, theirs)
            with _serving("bench.page.bare", there) as bare_port:
                ports = {OURS: port, BARE: int(bare_port)}
                if len(pages := {_opened(one, theirs[0]) for one in ports.values()}) > 1:
                    raise Failed("The bare page is not the same to the byte; nothing was measured.")
                bytes_each = len(pages.pop())
                rows = _measured(ports, there / "paths", rounds, seconds)
                served[str(drafts)] = {"bytes": bytes_each, "servers": rows}
        first = first_load(f"http://127.0.0.1:{port}{paths[0]}")
    size_told = {"people": size.people, "rounds": rounds, "seconds": seconds}
    return {"machine": machine.told(), "size": size_told, "first": first, "served": served}


def _write_bare(there: Path, file: Path, paths: Sequence[str]) -> None:
    there.mkdir()
    (there / "paths").write_text("\n".join(paths), "utf-8")
    house = open_house(file, clock, begun=True)
    written(there, house, paths)
    house.store.close()


def _measured(ports: dict[str, int], paths: Path, rounds: int, seconds: float) -> Figures:
    """Of each figure the median of the rounds."""
    found: dict[str, list[Figures]] = {who: [] for who in ports}
    for _ in range(rounds):
        for who, port in ports.items():
            crowded = _visits(port, paths, "at-once", BROWSERS, seconds)
            evenly = _visits(port, paths, "a-second", RATE, seconds)
            found[who].append(
                {
                    "rate": len(crowded["took"]) / crowded["seconds"],
                    "crowded 99": _percentile(99, crowded),
                    "evenly 95": _percentile(95, evenly),
                    "evenly 99": _percentile(99, evenly),
                }
            )
    return {who: {name: median(one[name] for one in each) for name in each[0]} for who, each in found.items()}


def _percentile(percent: int, visits: Figures) -> float:
    """Units    milliseconds"""
    return float(quantiles(visits["took"], n=100)[percent - 1]) * 1000


# --- processes ---------------------------------------------------------------------------------------------


@contextmanager
def _serving(module: str, *said: object) -> Iterator[str]:
    """A server on the first core, with what it said once it listens."""
    command = [sys.executable, "-m", module, *map(str, said)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, preexec_fn=_on_first
    ) as server:
        assert server.stdin is not None and server.stdout is not None
        yield server.stdout.readline()
        server.stdin.close()


def _visits(port: int, paths: Path, how: str, many: int, seconds: float) -> Figures:
    command = [sys.executable, "-m", "bench.page.visits", *map(str, (port, paths, how, many, seconds))]
    done = subprocess.run(command, capture_output=True, text=True, check=False, preexec_fn=_on_last)
    if done.returncode:
        raise Failed(done.stderr)
    told: Figures = json.loads(done.stdout)
    return told


def _on_first() -> None:
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})


def _on_last() -> None:
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})


def _opened(port: int, path: str) -> bytes:
    with urlopen(f"http://127.0.0.1:{port}{path}") as answer:
        page: bytes = answer.read()
    return page


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as bound:
        return int(bound.getsockname()[1])


# --- the figures for people --------------------------------------------------------------------------------


def table(figures: Figures) -> str:
    """The figures for people, as Markdown."""
    size = figures["size"]
    return "\n".join(
        [
            f"Measured on {figures['machine']}. {size['people']:,} people in the store; medians of "
            f"{size['rounds']} rounds of {size['seconds']:g} s.",
            "",
            *_first(figures["first"]),
            "",
            *_served(figures["served"]),
        ]
    )


def _first(seen: Figures | None) -> Iterator[str]:
    if seen is None:
        yield "The first load was not looked at: Lighthouse or chromium is missing here."
        return
    yield f"| first load, {FULL} drafts, Lighthouse's phone | at most | |"
    yield "| --- | ---: | ---: |"
    yield f"| KB over the line, packed as browsers ask | 50 | {seen['kilobytes']:.1f} |"
    yield f"| requests | 6 | {seen['requests']:g} |"
    yield f"| largest contentful paint, s | 1.0 | {seen['paint']:.2f} |"
    yield f"| cumulative layout shift | 0 | {seen['shift']:.3f} |"


def _served(served: Figures) -> Iterator[str]:
    yield (
        f"| | drafts | KB of page | pages a second, {BROWSERS} at once | 99 % of them within, ms "
        f"| at {RATE} a second: 95 % within, ms | 99 % |"
    )
    yield "| --- | ---: | ---: | ---: | ---: | ---: | ---: |"
    for drafts, told in served.items():
        for who, row in told["servers"].items():
            cells = [row["rate"], row["crowded 99"], row["evenly 95"], row["evenly 99"]]
            shown = " | ".join(f"{cell:,.0f}" for cell in cells)
            yield f"| {who} | {drafts} | {told['bytes'] / 1000:.0f} | {shown} |"
        ours, other = told["servers"].values()
        parts = ours["rate"] / other["rate"], ours["crowded 99"] / other["crowded 99"]
        yield f"| times the bare page | {drafts} | | {parts[0]:.2f} | {parts[1]:.2f} | | |"
