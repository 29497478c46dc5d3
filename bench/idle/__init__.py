"""What a daemon takes that has nothing to do, with a small team and a town in its store.

It is ten in the evening: nobody is at work, everything was looked at, and nothing waits for anybody. The page
is open. The daemon is a process of its own; the kernel says what it took of a core while nobody called, on
average over a span in which it looks several times: of many people, the looks are most of it.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bench import machine, ports
from bench.loop import Failed
from bench.pull.crowd import Crowd, Size, everybody_agrees
from bench.watched import Watched, watched
from daybook.clocks import utc_now
from daybook.wiring import open_house

EVENING = datetime(2026, 11, 18, 22, tzinfo=UTC)
SPANS = {60: 120.0, 5_000: 720.0}
"""By how many people, over how many seconds: of many, looks are four minutes apart, and each is dear."""
QUIET = 75.0
"""Seconds: so long nothing is asked before it counts as idle; the daemon waits a minute before it is calm."""
PATIENCE = 600.0
CORE, MEMORY = 0.3, 120
"""At most: percent of a core, MiB."""

Figures = dict[str, Any]


def measure(spans: Mapping[int, float] = SPANS, quiet: float = QUIET) -> Figures:
    return {
        "machine": machine.told(),
        "spans": list(spans.values()),
        "rows": {str(many): _idle(many, span, quiet) for many, span in spans.items()},
    }


def table(figures: Figures) -> str:
    """The figures for people, as Markdown."""
    spans = " and ".join(f"{span:g}" for span in figures["spans"])
    return "\n".join(
        [
            f"Measured on {figures['machine']}. Means over {spans} s.",
            "",
            "| people in the store | at most | " + " | ".join(f"{int(n):,}" for n in figures["rows"]) + " |",
            "| --- | ---: |" + " ---: |" * len(figures["rows"]),
            f"| percent of a core | {CORE} | " + _cells(figures, "core", ".2f"),
            f"| memory, MiB | {MEMORY} | " + _cells(figures, "memory", ".0f"),
            "| of it what no other program can share | | " + _cells(figures, "own", ".0f"),
        ]
    )


def _cells(figures: Figures, name: str, shape: str) -> str:
    return " | ".join(f"{row[name]:{shape}}" for row in figures["rows"].values()) + " |"


def _idle(people: int, span: float, quiet: float) -> Figures:
    ahead = EVENING - utc_now()
    with Crowd(_nothing(people), lambda: utc_now() + ahead) as crowd, TemporaryDirectory() as folder:
        file = _of_two_days(crowd.configuration(Path(folder), port=ports.free()))
        house = open_house(file, lambda: utc_now() + ahead)
        everybody_agrees(house)
        house.store.close()
        command = (sys.executable, "-m", "bench.evening", file, ahead.total_seconds())
        with watched(command, Path(folder) / "log") as daemon:
            _until_quiet(crowd, daemon, quiet)
            core = _share(crowd, daemon, span)
            return {"core": core, "memory": daemon.memory, "own": daemon.own}


def _nothing(people: int) -> Size:
    """So many, and hardly anything that they did."""
    return Size(people=people, issues=1, worklogs=1, tasks=1, entries=1, events=1)


def _of_two_days(file: Path) -> Path:
    """To be idle, a month of days in which nothing happened would have to be looked at first."""
    said = json.loads(file.read_text("utf-8"))
    said["policy"]["back_fill"] = "2 days"
    file.write_text(json.dumps(said), "utf-8")
    return file


def _until_quiet(crowd: Crowd, daemon: Watched, quiet: float) -> None:
    """Everything was looked at once, and for a while nobody asked again."""
    deadline, asked = time.monotonic() + PATIENCE, 0
    since = time.monotonic()
    while not asked or time.monotonic() - since < quiet:
        if time.monotonic() > deadline:
            raise Failed(f"The daemon is not idle after {PATIENCE:.0f} s; nothing was measured.")
        if more := _asked(crowd):
            asked, since = asked + more, time.monotonic()
        daemon.lives()
        time.sleep(0.2)


def _share(crowd: Crowd, daemon: Watched, seconds: float) -> float:
    """Percent of a core, on average."""
    before, began = daemon.processor, time.monotonic()
    time.sleep(seconds)
    took, passed = daemon.processor - before, time.monotonic() - began
    if asked := _asked(crowd):
        raise Failed(f"The daemon asked {asked} times while it should be idle; nothing was measured.")
    return 100 * took / passed


def _asked(crowd: Crowd) -> int:
    return sum(sum(site.reset_counts().values()) for site in (crowd.jira, crowd.asana, crowd.calendar))
