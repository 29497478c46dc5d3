"""The days of docs/cookbook.md: each of its configurations is loaded and tried by `daybook propose`."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from functools import cache, partial
from pathlib import Path
from typing import Any

from docs import quoted, worked_day

EXAMPLES = Path("docs/examples")
NOW = {
    "agency": "2026-11-19T18:30:00+01:00",
    "law": "2026-11-19T18:30:00+00:00",
    "product": "2026-11-19T18:30:00+01:00",
}
"""By kind of team, when its day is tried."""


def command(team: str) -> str:
    return f"daybook propose -c {EXAMPLES}/{team}.yaml --now {NOW[team]} < {EXAMPLES}/{team}.jsonl"


def written(team: str, root: Path) -> str:
    """The configuration, from its first key on, and the command that tries it."""
    text = (root / EXAMPLES / f"{team}.yaml").read_text("utf-8")
    kept = text[text.index("version:") :].rstrip()
    return f"{quoted.block('yaml', kept)}\n\n{quoted.block('sh', f'$ {command(team)}')}"


def evidence(team: str, root: Path) -> str:
    return worked_day.activities((root / EXAMPLES / f"{team}.jsonl").read_text("utf-8"))


def drafts(team: str, root: Path) -> str:
    """What came of it, a row a draft: where it goes, and the words that are read there."""
    head = ("start", "minutes", "category", "billed", "target", "text at the target", "rule")
    rows = (_draft(draft) for draft in worked_day.by_start(proposed(team, root)["drafts"]))
    return worked_day.table(head, rows)


@cache
def proposed(team: str, root: Path) -> worked_day.Said:
    """The day of the one person in the example."""
    asked = [sys.executable, "-m", "daybook", "propose", "-c", EXAMPLES / f"{team}.yaml", "--now", NOW[team]]
    with (root / EXAMPLES / f"{team}.jsonl").open() as activities:
        done = subprocess.run(asked, cwd=root, stdin=activities, capture_output=True, text=True, check=True)
    (line,) = done.stdout.splitlines()
    day: worked_day.Said = json.loads(line)
    return day


def _draft(said: dict[str, Any]) -> tuple[str, ...]:
    shares = said["attributed"]
    return (
        worked_day.clock(said["start"]) if said["start"] else "any time",
        str(said["minutes"]),
        said["category"] or "none",
        ", ".join(f"{name} {minutes}" for name, minutes in shares.items()) if said["billable"] else "no",
        said["target"] or "none yet",
        said["text"],
        next((reason["rule"] for reason in said["because"] if reason["rule"]), "none"),
    )


PARTS: dict[str, Callable[[Path], str]] = {
    f"{team}-{part}": partial(told, team)
    for team in NOW
    for part, told in (("yaml", written), ("evidence", evidence), ("drafts", drafts))
}
"""By part of the document."""
