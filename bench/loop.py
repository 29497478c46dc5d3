"""The whole loop for a small and a large team: seconds, processor, memory, requests, and how they grow.

Each size is a process of its own, `daybook demo --once --json`, which fails unless every
confirmed entry is at its target exactly once. The process holds the outside too: the
stand-ins of three tools, the mail server and the visitors, all in one Python. What
they take alone is measured beside it. They take as many requests in a minute as come.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

from bench import machine
from bench.alone import Used, alone

SIZES = (60, 600)
SEED = 7
FACTOR = SIZES[1] / SIZES[0]
"""What growing in step with the team would be."""

OUTSIDE = """
import sys, time
from datetime import UTC, datetime
from daybook.sandbox.outside import Outside
with Outside(int(sys.argv[1]), int(sys.argv[2]), datetime.now(UTC)).running():
    print("{}")
"""
"""The stand-ins filled with a team and listening, and nobody who uses them."""

Figures = dict[str, Any]


class Failed(Exception):
    """The loop did not hold, so its figures mean nothing."""


def measure() -> Figures:
    """Run both sizes, one after the other."""
    return {"machine": machine.told(), "sizes": {str(size): _size(size) for size in SIZES}}


def table(figures: Figures) -> str:
    """The figures for people, as Markdown."""
    small, large = (figures["sizes"][str(size)] for size in SIZES)
    rows = [
        *((f"seconds: {name}", *_both(small, large, "seconds", name)) for name in small["seconds"]),
        ("seconds, the whole loop", small["whole"], large["whole"]),
        ("processor seconds", small["processor"], large["processor"]),
        ("peak memory, MiB", small["peak"], large["peak"]),
        ("of it the stand-ins before anybody asked", small["outside"], large["outside"]),
        ("entries posted", small["posted"], large["posted"]),
        *((f"requests: {name}", *_both(small, large, "requests", name)) for name in small["requests"]),
        *(
            (f"requests of an idle cycle: {name}", *_both(small, large, "idle", name))
            for name in small["idle"]
        ),
    ]
    head = ["contributors", *map(str, SIZES), "growth", "each, of the larger team"]
    lines = [f"| {' | '.join(head)} |", "| --- | ---: | ---: | ---: | ---: |"]
    lines += [f"| {name} | {_short(a)} | {_short(b)} | {_growth(a, b)} | {_each(b)} |" for name, a, b in rows]
    note = f"Measured on {figures['machine']}. Growth in step with the team would be {FACTOR:g}."
    return "\n".join([note, "", *lines])


def _size(contributors: int) -> Figures:
    daybook = Path(sys.executable).with_name("daybook")
    command = [daybook, "demo", "--once", "--json", "--contributors", contributors, "--seed", SEED]
    told, used = ran(command)
    _, outside = ran([sys.executable, "-c", OUTSIDE, contributors, SEED])
    return {
        "seconds": told["seconds"],
        "whole": round(used.seconds, 1),
        "processor": round(used.processor, 1),
        "peak": used.peak,
        "outside": outside.peak,
        "posted": sum(told["posted"].values()),
        "requests": {name: sum(counts.values()) for name, counts in told["requests"].items()},
        "idle": told["idle_requests"],
    }


def ran(command: Sequence[object]) -> tuple[Figures, Used]:
    """What a process printed as JSON, and what it used."""
    with TemporaryFile() as printed:
        used = alone(command, printed)
        printed.seek(0)
        answer = printed.read()
    if used.status:
        raise Failed(f"{' '.join(map(str, command[1:]))} ended with {used.status}; nothing was measured.")
    return json.loads(answer), used


def _both(small: Figures, large: Figures, part: str, name: str) -> tuple[float, float]:
    return small[part][name], large[part][name]


def _short(number: float) -> str:
    return f"{number:,.1f}" if isinstance(number, float) else f"{number:,}"


def _growth(small: float, large: float) -> str:
    return f"{large / small:.1f}" if small else ""


def _each(large: float) -> str:
    return f"{large / SIZES[1]:.2f}"
