"""A full cycle for a small, a large and a very large team: what Daybook alone takes for it.

The tools, the mail server and the people at their browsers are processes of their own; the daemon is one, as
`daybook run` starts it. In the first cycle everything is new: it reads the tools, drafts everybody's days,
mails them, and posts what is confirmed on the page. In the last one, by `daybook sync`, nothing changed.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlsplit

from bench import machine, ports
from bench.loop import Failed, ran
from bench.watched import Watched, watched
from core import rounds
from daybook import state
from daybook.house import House
from daybook.sandbox.visitor import Visitor
from daybook.wiring import open_house

SIZES = (60, 600, 5_000)
SEED = 7
CONFIRMING = 600
"""So many confirm, of teams that are larger."""
VISITORS = 4
"""At their browsers at the same time."""
PATIENCE = 1_800.0
MEMORY = 300
"""MiB, at the most."""
DAYBOOK = Path(sys.executable).with_name("daybook")

Figures = dict[str, Any]


class Outside:
    """The process that plays it."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self.file = Path(self._line())

    def ask(self, what: str) -> Any:
        assert self._process.stdin is not None
        print(what, file=self._process.stdin, flush=True)
        return json.loads(self._line())

    def _line(self) -> str:
        assert self._process.stdout is not None
        if not (line := self._process.stdout.readline().strip()):
            raise Failed("The outside ended; nothing was measured.")
        return line


def measure(sizes: Sequence[int] = SIZES) -> Figures:
    """One size after the other."""
    return {"machine": machine.told(), "sizes": {str(size): _size(size) for size in sizes}}


def _size(people: int) -> Figures:
    with TemporaryDirectory() as folder, _outside(people, Path(folder)) as outside:
        house = open_house(outside.file, begun=True)
        phases = {}
        with watched([DAYBOOK, "run", "-c", outside.file], Path(folder) / "log") as daemon:
            phases["drafted and mailed"] = _phase(outside, daemon, lambda: _until(house, daemon, _drafted))
            phases["confirmed and posted"] = _phase(
                outside, daemon, lambda: _confirmed(outside, house, daemon)
            )
            peak = daemon.peak
        posted = outside.ask("posted")
        with house.store.reading() as tx:
            drafts, tally = sum(tx.drafts.tally().values()), tx.postings.tally()
        house.store.close()
        if posted != sum(tally.values()):
            raise Failed(f"The tools have {posted} entries and the store {tally}; nothing was measured.")
        again = _again(outside)
    return {"peak": peak, "drafts": drafts, "posted": posted, "phases": phases, "again": again}


def _again(outside: Outside) -> Figures:
    """Cycles by hand until what was posted came back from the tools; the last is the one told."""
    held: Any = None
    while True:
        outside.ask("counts")
        printed, used = ran([DAYBOOK, "sync", "-c", outside.file, "--json"])
        before, held = held, (printed["activities"], printed["drafts"])
        if held == before:
            return {**used._asdict(), "requests": outside.ask("counts")}


@contextmanager
def _outside(people: int, folder: Path) -> Iterator[Outside]:
    said = [people, SEED, folder, ports.free()]
    command = [sys.executable, "-m", "bench.cycle.outside", *map(str, said)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield Outside(process)
        assert process.stdin is not None
        process.stdin.close()


def _phase(outside: Outside, daemon: Watched, run: Callable[[], None]) -> Figures:
    outside.ask("counts")
    before, began = daemon.processor, time.monotonic()
    run()
    return {
        "seconds": time.monotonic() - began,
        "processor": daemon.processor - before,
        "requests": outside.ask("counts"),
    }


# --- the people --------------------------------------------------------------------------------------------


def _confirmed(outside: Outside, house: House, daemon: Watched) -> None:
    """Open the mail, follow its link, confirm all of each day; until all of it is posted."""
    links = outside.ask("links")[:CONFIRMING]
    with ThreadPoolExecutor(VISITORS) as pool:
        list(pool.map(_visit, links))
    _until(house, daemon, _all_posted)


def _visit(link: str) -> None:
    visitor = Visitor()
    first = visitor.open(link)
    for address in first.links(urlsplit(first.url).path) or [first.url]:
        page = visitor.open(address)
        if form := page.form("/confirm"):
            visitor.submit(page, form)


# --- waiting -----------------------------------------------------------------------------------------------


def _until(house: House, daemon: Watched, done: Callable[[House], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while True:
        began = time.monotonic()
        if done(house):
            return
        daemon.lives()
        if time.monotonic() > deadline:
            raise Failed(f"The cycle did not end within {PATIENCE:.0f} s; nothing was measured.")
        time.sleep(max(0.5, 2 * (time.monotonic() - began)))  # looking takes time that is not the daemon's


def _drafted(house: House) -> bool:
    """All was pulled and reconciled, and everybody was mailed."""
    now = house.clock()
    snapshot = state.snapshot(house, now)
    with house.store.reading() as tx:
        mails = tx.mails.tally()
    waits = any(pace.last_pulled is None for pace in snapshot.partitions) or "sending" in mails
    due = rounds.due(snapshot, now)
    return not waits and not any(
        isinstance(one, rounds.Pull | rounds.Reconcile | rounds.Digest) for one in due
    )


def _all_posted(house: House) -> bool:
    with house.store.reading() as tx:
        tally = tx.postings.tally()
    return bool(tally) and not tally.get("held") and not tally.get("sending")


# --- the figures for people --------------------------------------------------------------------------------


def table(figures: Figures) -> str:
    """The figures for people, as Markdown."""
    sizes = figures["sizes"]
    rows = [
        ("**first cycle**", [""] * len(sizes)),
        ("drafts", [f"{one['drafts']:,}" for one in sizes.values()]),
        ("entries posted", [f"{one['posted']:,}" for one in sizes.values()]),
        *(row for name in next(iter(sizes.values()))["phases"] for row in _of_phase(sizes, name)),
        (f"peak memory, MiB, of at most {MEMORY}", [f"{one['peak']}" for one in sizes.values()]),
        ("**nothing changed**", [""] * len(sizes)),
        *_taken([one["again"] for one in sizes.values()], ""),
        ("peak memory, MiB", [f"{one['again']['peak']}" for one in sizes.values()]),
    ]
    return "\n".join(
        [
            f"Measured on {figures['machine']}, each once. Of more than {CONFIRMING} people {CONFIRMING} "
            "confirm.",
            "",
            f"| people | {' | '.join(f'{int(size):,}' for size in sizes)} |",
            f"| --- |{' ---: |' * len(sizes)}",
            *(f"| {name} | {' | '.join(cells)} |" for name, cells in rows),
        ]
    )


def _of_phase(sizes: Figures, name: str) -> Iterator[tuple[str, list[str]]]:
    return _taken([one["phases"][name] for one in sizes.values()], f", {name}")


def _taken(parts: Sequence[Figures], what: str) -> Iterator[tuple[str, list[str]]]:
    yield f"seconds{what}", [f"{part['seconds']:.1f}" for part in parts]
    yield f"processor seconds{what}", [f"{part['processor']:.1f}" for part in parts]
    for tool in ("jira", "asana", "calendar"):
        yield f"requests{what}: {tool}", [f"{part['requests'].get(tool, 0):,}" for part in parts]
