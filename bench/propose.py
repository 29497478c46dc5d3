"""`daybook propose` on a month of a large organisation: lines a second of the processor, and the most memory.

The lines come as tools tell them, day after day and everybody's mixed, so that nobody's
month is together in the input. Each size is a process of its own, as an administrator
types it; what its answer says is counted and thrown away.
"""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bench import machine
from bench.alone import alone
from bench.loop import Failed

SIZES = (100_000, 1_000_000)
DAYS = 22
LINES_EACH = 23
"""Of one person, on one day."""
LIMIT = 300
"""MiB that the largest may use (issue 3)."""

NOW = "2026-12-02T00:00:00Z"
CONFIGURATION = {
    "version": 1,
    "timezone": "Europe/Berlin",
    "projects": {
        "acme": {"name": "ACME", "billable": True, "rounding": "15m"},
        "inner": {"name": "Internal"},
    },
    "rules": [
        {"name": "ACME issues", "when": {"source": "jira", "container": "WEB"}, "then": {"project": "acme"}},
        {"name": "ACME calls", "when": {"title": "acme"}, "then": {"project": "acme"}},
        {"name": "The rest", "when": {}, "then": {"project": "inner"}},
    ],
}

Figures = dict[str, Any]


def measure() -> Figures:
    """Propose for each size, the small one first."""
    with TemporaryDirectory() as folder:
        return {"machine": machine.told(), "sizes": {str(size): _size(size, Path(folder)) for size in SIZES}}


def table(figures: Figures) -> str:
    """The figures for people, as Markdown."""
    head = [
        "lines",
        "people",
        "days of drafts",
        "drafts",
        "processor seconds",
        "lines a second",
        "peak memory, MiB",
    ]
    lines = [f"| {' | '.join(head)} |", "| ---: " * len(head) + "|"]
    for size, told in figures["sizes"].items():
        cells = [int(size), told["people"], told["days"], told["drafts"], told["seconds"], told["rate"]]
        lines.append(f"| {' | '.join(f'{cell:,}' for cell in [*cells, told['peak']])} |")
    note = f"Measured on {figures['machine']}, one process on one core. At most {LIMIT} MiB are allowed."
    return "\n".join([note, "", *lines])


def activities(lines: int) -> Iterator[dict[str, Any]]:
    """A month of evidence, one day after the other, in each of them people as they come."""
    chance = random.Random(7)
    people = max(1, lines // (DAYS * LINES_EACH))
    left = lines
    for day in range(DAYS):
        midnight = datetime(2026, 11, 2, tzinfo=UTC) + timedelta(days=day + day // 5 * 2)
        for number in range(people):
            for spoken in _one_day(number, midnight, chance):
                if left:
                    left -= 1
                    yield spoken
    yield from (
        _touch(number, f"more-{number}", midnight + timedelta(hours=9), chance) for number in range(left)
    )


def named(people: int) -> list[dict[str, str]]:
    """Everybody whose activities there are, for the configuration."""
    return [{"name": f"P {number}", "email": f"p{number}@northwind.example"} for number in range(people)]


def _one_day(number: int, midnight: datetime, chance: random.Random) -> Iterator[dict[str, Any]]:
    """Five meetings, a task in progress, a worklog, and the rest is touches."""
    date = midnight.date()
    for hour in (8, 9, 10, 12, 14):
        begins = midnight + timedelta(hours=hour, minutes=chance.randrange(0, 60, 15))
        yield {
            **_said(number, "google_calendar", "meeting", f"{date}-{hour}", begins),
            "end": (begins + timedelta(minutes=chance.choice((15, 30, 60)))).isoformat(),
            "title": chance.choice(("ACME call", "Stand-up", "Design review", f"Interview {hour}")),
            "response": chance.choice(("accepted", "organizer", "tentative")),
            "audience": chance.randrange(2, 12),
        }
    task = f"WEB-{number}-{midnight.isocalendar().week}"
    begins = midnight + timedelta(hours=7)
    in_progress = _said(number, "jira", "presence", f"{date}-in-progress", begins)
    ends = (begins + timedelta(hours=9)).isoformat()
    yield {**in_progress, "end": ends, "task": task, "container": "WEB", "title": "Checkout fails on Safari"}
    yield {
        **_said(number, "jira", "logged", f"{date}-worklog", begins),
        "minutes": 30,
        "task": task,
        "container": "WEB",
    }
    for touch in range(LINES_EACH - 7):
        begins = midnight + timedelta(hours=7, minutes=chance.randrange(600))
        yield _touch(number, f"{date}-touch-{touch}", begins, chance)


def _touch(number: int, uid: str, at: datetime, chance: random.Random) -> dict[str, Any]:
    task = f"WEB-{number}-{at.isocalendar().week if chance.random() < 0.7 else chance.randrange(9)}"
    return {**_said(number, "jira", "touch", uid, at), "task": task, "container": "WEB"}


def _said(number: int, source: str, kind: str, uid: str, start: datetime) -> dict[str, Any]:
    person = f"p{number}@northwind.example"
    return {"person": person, "source": source, "uid": uid, "kind": kind, "start": start.isoformat()}


def _size(lines: int, folder: Path) -> Figures:
    given, answer = folder / "activities.jsonl", folder / "days.jsonl"
    people = max(1, lines // (DAYS * LINES_EACH))
    with given.open("w") as file:
        file.writelines(f"{json.dumps(said)}\n" for said in activities(lines))
    (folder / "daybook.yaml").write_text(json.dumps(CONFIGURATION | {"people": named(people)}))
    daybook = Path(sys.executable).with_name("daybook")
    command = [daybook, "propose", "-c", folder / "daybook.yaml", "--now", NOW, given]
    with answer.open("wb") as written:
        used = alone(command, written)
    if used.status:
        raise Failed(f"propose ended with {used.status} on {lines} lines; nothing was measured.")
    if used.peak > LIMIT:
        raise Failed(f"propose took {used.peak} MiB on {lines} lines; {LIMIT} MiB are allowed.")
    days, drafts = _counted(answer)
    return {
        "people": people,
        "days": days,
        "drafts": drafts,
        "seconds": round(used.processor, 1),
        "rate": round(lines / used.processor),
        "peak": used.peak,
    }


def _counted(answer: Path) -> tuple[int, int]:
    days = drafts = 0
    with answer.open("rb") as lines:
        for line in lines:
            days += 1
            drafts += len(json.loads(line)["drafts"])
    return days, drafts
