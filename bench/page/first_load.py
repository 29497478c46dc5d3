"""The first load of a page as Lighthouse sees it on a slow phone: bytes, requests, paint, shifts.

Lighthouse is the one that the checks of the pages install, chromium the machine's.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from statistics import median
from typing import Any

TOOLS = Path(__file__).parents[2] / "tests" / "checks"
ASKED = ("network-requests", "largest-contentful-paint", "cumulative-layout-shift")
FLAGS = (
    "--quiet",
    "--output=json",
    f"--only-audits={','.join(ASKED)}",
    "--chrome-flags=--headless --no-sandbox --disable-gpu",
)
RUNS = 3

Figures = dict[str, Any]


def first_load(url: str, runs: int = RUNS) -> Figures | None:
    """The median of some runs; None where this machine has no Lighthouse or no chromium."""
    program = _lighthouse()
    if program is None:
        return None
    seen = [_run(program, url) for _ in range(runs)]
    return {name: median(one[name] for one in seen) for name in seen[0]}


def _lighthouse() -> Path | None:
    program = TOOLS / "node_modules" / ".bin" / "lighthouse"
    if shutil.which("chromium") is None or shutil.which("npm") is None:
        return None
    if not program.exists():
        subprocess.run(["npm", "ci", "--silent"], cwd=TOOLS, check=False)
    return program if program.exists() else None


def _run(program: Path, url: str) -> Figures:
    """Units    KB of 1,000 bytes as they came over the line, heads too; seconds"""
    chromium = os.environ | {"CHROME_PATH": str(shutil.which("chromium"))}
    done = subprocess.run([program, url, *FLAGS], env=chromium, capture_output=True, check=True)
    requests, paint, shift = (json.loads(done.stdout)["audits"][name] for name in ASKED)
    fetched = requests["details"]["items"]
    return {
        "kilobytes": sum(one["transferSize"] for one in fetched) / 1000,
        "requests": len(fetched),
        "paint": paint["numericValue"] / 1000,
        "shift": shift["numericValue"],
    }
