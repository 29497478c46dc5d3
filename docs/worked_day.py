"""One day of Ada's through `daybook propose`, told as two tables; a test runs the command itself."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

CONFIGURATION = Path("docs/examples/daybook.yaml")
ACTIVITIES = Path("docs/examples/activities.jsonl")
DAYS = Path("docs/examples/days.jsonl")
NOW = "2026-11-19T18:30:00+01:00"

Said = dict[str, Any]


def evidence(root: Path) -> str:
    """What the tools said, a row an activity."""
    return activities((root / ACTIVITIES).read_text("utf-8"))


def activities(text: str) -> str:
    """A table of the activities that stand in a file as JSON lines."""
    lines = text.splitlines()
    return table(("source", "kind", "when", "what"), (_activity(json.loads(line)) for line in lines))


def drafts(root: Path) -> str:
    """What came of it, a row a draft, and the sums of the day."""
    (line,) = (root / DAYS).read_text("utf-8").splitlines()
    day = json.loads(line)
    rows = by_start(day["drafts"])
    drafted = sum(draft["minutes"] for draft in rows)
    left_out = ", ".join(f"`{one['uid']}` ({one['why']})" for one in day["ignored"])
    sums = (
        f"{drafted} minutes drafted + {day['logged']} already logged + {day['gaps']} gaps = "
        f"{day['capacity']} working minutes. Left out: {left_out}."
    )
    rows_told = table(("start", "minutes", "project", "target", "sure?", "because"), map(_draft, rows))
    return f"{rows_told}\n\n{sums}"


def by_start(drafts: list[Said]) -> list[Said]:
    """In the order of the day; what has no time of day comes last."""
    return sorted(drafts, key=lambda draft: (draft["start"] is None, draft["start"] or ""))


def _activity(said: Said) -> tuple[str, ...]:
    when = clock(said["start"]) + (f"-{clock(said['end'])}" if "end" in said else "")
    minutes = f"{said['minutes']} minutes" if "minutes" in said else None
    names = (*said.get("labels", ()), *said.get("domains", ()))
    facts = (said.get("title"), said.get("task"), *names, said.get("response"), minutes)
    return said["source"], said["kind"], when, ", ".join(filter(None, facts))


def _draft(said: Said) -> tuple[str, ...]:
    because = "<br>".join(
        f"{reason['minutes']:+d} {reason['sentence']}" if reason["minutes"] else reason["sentence"]
        for reason in said["because"]
    )
    otherwise = f"<br>*{said['otherwise']}*"
    return (
        clock(said["start"]) if said["start"] else "any time",
        str(said["minutes"]),
        said["project"] or "none yet",
        said["target"] or "none yet",
        said["confidence"],
        f"**{said['text']}**<br>{because}{otherwise}",
    )


def clock(instant: str) -> str:
    return f"{datetime.fromisoformat(instant):%H:%M}"


def table(head: tuple[str, ...], rows: Iterator[tuple[str, ...]]) -> str:
    lines = [head, ("---",) * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
