"""Pulling what a crowd did, beside clients nobody here wrote, on the same data in the same run.

The stand-ins run in this process and count the requests; whoever pulls is a process of its own. Daybook's
row contains all of its work: translated into activities, checked, sealed and written to SQLite; that
everybody agreed is in its store before. The bare libraries fetch and keep nothing, the generic extractors
write lines or a database.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from bench import machine
from bench.installed import python_with
from bench.loop import ran
from bench.pull.crowd import BACK, READER, SECRET, Crowd, Size, everybody_agrees
from connectors.stand_in import StandIn
from daybook.wiring import open_house

FAR = 0.05
"""Seconds that every request is on its way, where latency rules."""
TAP_JIRA, TAP_ASANA, DLT = "tap-jira==2.6.0", "tap-asana==2.5.1", "dlt[duckdb]==1.31.0"
PEERS = Path(__file__).parent / "peers"

OURS = "Daybook: translated, checked, sealed, in SQLite"
TOOLS = {
    "jira": "Jira",
    "asana": "Asana, titles and time entries",
    "stories": "Asana, section history and comments too",
    "calendar": "Google Calendar",
}
ALL = Size()
Figures = dict[str, Any]


class Run(NamedTuple):
    """Somebody who pulls."""

    who: str
    command: Sequence[object] | None
    """None where it could not be installed."""
    again: bool = False
    """Whether they keep what they need to ask only for what is new."""


def measure(size: Size = ALL) -> Figures:
    """Everybody pulls the same three tools, one after the other; then calendars once more from far away."""
    with Crowd(size) as crowd, TemporaryDirectory() as folder:
        runs = _runs(crowd, Path(folder))
        tools = {tool: _measured(crowd, tool, peers, Path(folder)) for tool, peers in runs.items()}
        crowd.calendar.latency = FAR
        far = _measured(crowd, "calendar", runs["calendar"], Path(folder))
    return {"machine": machine.told(), "size": size.__dict__, "tools": tools, "far": far}


def _runs(crowd: Crowd, folder: Path) -> dict[str, list[Run]]:
    start = f"{crowd.now - BACK - timedelta(days=1):%Y-%m-%dT%H:%M:%SZ}"
    (folder / "key.json").write_text(json.dumps(crowd.calendar.service_account_key()))
    (folder / "people.json").write_text(json.dumps(crowd.emails))
    jira = (crowd.jira.url, READER, SECRET["jira"])
    asana = (f"{crowd.asana.url}/api/1.0", SECRET["asana"], start)
    google = (f"{crowd.calendar.url}/calendar/v3/", folder / "key.json", folder / "people.json")
    return {
        "jira": [
            Run("jira library, raw JSON: issues and changelogs", _peer("jira_library", *jira)),
            Run(
                "tap-jira: issues, changelogs, worklogs, people",
                _peer("singer_jira", *jira, start, of=TAP_JIRA),
            ),
            Run("dlt: issues and changelogs into DuckDB", _peer("dlt_jira", *jira, of=DLT)),
        ],
        "asana": [
            Run("asana library: time entries", _peer("asana_library", *asana, "entries")),
            Run(
                "asana library: people, tasks, time entries",
                _peer("asana_library", *asana, "tasks", "entries"),
            ),
            Run("tap-asana: people, projects, tasks", _peer("singer_asana", *asana, of=TAP_ASANA)),
        ],
        "stories": [
            Run(
                "asana library: people, tasks, stories, time entries",
                _peer("asana_library", *asana, "tasks", "stories", "entries"),
            ),
            Run(
                "tap-asana: people, projects, tasks, stories",
                _peer("singer_asana", *asana, "stories", of=TAP_ASANA),
            ),
        ],
        "calendar": [
            Run("google-api-python-client in a loop", _peer("google_library", *google), again=True),
        ],
    }


def _peer(script: str, *said: object, of: str | None = None) -> Sequence[object] | None:
    python = sys.executable if of is None else python_with(of)
    return python and (python, PEERS / f"{script}.py", *said)


def _measured(crowd: Crowd, tool: str, peers: Sequence[Run], folder: Path) -> list[Figures]:
    for kept in ("daybook.db", "tokens.json"):
        (folder / kept).unlink(missing_ok=True)
    connection = "asana" if tool == "stories" else tool
    file = crowd.configuration(folder, stories=tool == "stories")
    house = open_house(file)
    everybody_agrees(house)
    house.store.close()
    ours = Run(OURS, (sys.executable, Path(__file__).parent / "ours.py", file, connection), again=True)
    site: StandIn = getattr(crowd, connection)
    return [_row(site, run, anew) for run in (ours, *peers) for anew in (False, True)[: 1 + run.again]]


def _row(site: StandIn, run: Run, again: bool) -> Figures:
    who = f"{run.who}; again, with nothing new" if again else run.who
    if run.command is None:
        return {"who": who, "installed": False}
    site.reset_counts()
    told, used = ran(run.command)
    return {
        "who": who,
        "installed": True,
        "seconds": round(told.get("seconds", used.seconds), 2),
        "processor": round(told["processor"], 2),
        "objects": told["objects"],
        "peak": used.peak,
        "requests": sum(site.reset_counts().values()),
    }


def table(figures: Figures) -> str:
    """The figures for people, as Markdown."""
    size = ", ".join(f"{count:,} {name}" for name, count in figures["size"].items())
    parts = [f"Measured on {figures['machine']}. {size}. Processor seconds after the imports."]
    for tool, rows in figures["tools"].items():
        parts += ["", f"**{TOOLS[tool]}**", "", *_lines(rows, "processor", "processor seconds")]
    far = f"**{TOOLS['calendar']}, every request {FAR * 1000:.0f} ms on its way**"
    parts += ["", far, "", *_lines(figures["far"], "seconds", "seconds on the wall")]
    return "\n".join(parts)


def _lines(rows: Sequence[Figures], measure: str, called: str) -> Iterator[str]:
    ours = {again: row[measure] for again, row in enumerate(rows[:2])}
    yield f"| | objects | requests | {called} | times Daybook | peak memory, MiB |"
    yield "| --- | ---: | ---: | ---: | ---: | ---: |"
    for row in rows:
        if not row["installed"]:
            yield f"| {row['who']} | could not be installed here | | | | |"
            continue
        base = ours[row["who"].endswith("nothing new")]
        times = f"{row[measure] / base:.1f}" if base else ""
        cells = (row["who"], f"{row['objects']:,}", f"{row['requests']:,}", f"{row[measure]:.2f}", times)
        yield f"| {' | '.join(cells)} | {row['peak']} |"
