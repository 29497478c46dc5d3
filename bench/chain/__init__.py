"""A team's fortnight at Jira made into drafts by Daybook, and by a tool for one person, run once for each.

Both ask the same stand-in, and each run is a process of its own, with its start and its imports. Daybook
pulls, seals, keeps and drafts for all at once: `daybook sync`. The other plans and enters nothing. There are
no figures unless Daybook knows of every ticket of every day that the other would enter time for.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import patch

from bench import machine, ports
from bench.installed import python_with
from bench.loop import Failed, ran
from bench.pull.crowd import Crowd, Size, everybody_agrees
from connectors.stand_in import Answer, Request, StandIn, route
from daybook.house import House
from daybook.wiring import open_house

TEAM = Size(people=200, issues=5_000, worklogs=2_000, tasks=1, entries=1, events=1)
PEER = "jira-clockify-sync==0.2.0"
OURS = "Daybook: pulled, sealed, kept, drafted, for all at once"
THEIRS = f"{PEER.replace('==', ' ')}: planned, once for each person"
FORTNIGHT = timedelta(days=14)
ROUNDS = 3
"""Of ours; the other's many runs are their own median."""
FASTER, FEWER = 20, 50
"""At least so many times faster than the other, and with so many times fewer requests."""

Figures = dict[str, Any]
Worked = set[tuple[str, str, str]]
"""Address, issue, and local day in ISO's words."""


class Clockify(StandIn):
    """As far as a plan asks: who this is, and that nothing was entered yet."""

    name = "clockify"

    @route("GET", "/api/v1/user")
    def user(self, request: Request) -> Answer:
        return Answer(200, {"id": "somebody"})

    @route("GET", "/api/v1/workspaces/{workspace}/user/{user}/time-entries")
    def entries(self, request: Request) -> Answer:
        return Answer(200, [])


def measure(size: Size = TEAM, rounds: int = ROUNDS) -> Figures:
    """Ours first, each round into a store that is new."""
    with Crowd(size) as crowd:
        days = (crowd.now - FORTNIGHT).date(), (crowd.now - timedelta(days=1)).date()
        ours, worked = _ours(crowd, rounds, days)
        python = python_with(PEER)
        theirs, planned = _theirs(crowd, python, days) if python else (None, set())
    if missed := planned - worked:
        raise Failed(
            f"Daybook knows nothing of {len(missed)} of {len(planned)} entries; nothing was measured."
        )
    told = {"people": size.people, "issues": size.issues}
    return {"machine": machine.told(), "size": told, "ours": ours, "theirs": theirs}


def _ours(crowd: Crowd, rounds: int, days: tuple[date, date]) -> tuple[Figures, Worked]:
    turns: list[Figures] = []
    worked: Worked = set()
    for _ in range(rounds):
        with TemporaryDirectory() as folder:
            file = _jira_alone(crowd.configuration(Path(folder), port=ports.free()))
            house = open_house(file)
            everybody_agrees(house)
            crowd.jira.reset_counts()
            printed, used = ran([Path(sys.executable).with_name("daybook"), "sync", "-c", file, "--json"])
            asked = sum(crowd.jira.reset_counts().values())
            worked = _worked(house, days)
            house.store.close()
        turn = {"seconds": used.seconds, "processor": used.processor, "peak": used.peak}
        turns.append({**turn, "requests": asked, "made": printed["drafts"]})
    return {name: median(turn[name] for turn in turns) for name in turns[0]}, worked


def _jira_alone(file: Path) -> Path:
    said = json.loads(file.read_text("utf-8"))
    said["connections"] = {"jira": said["connections"]["jira"]}
    said["policy"]["back_fill"] = f"{FORTNIGHT.days + 1} days"  # the first begins in the middle of one
    said["policy"]["tracked"] = {"jira": said["policy"]["tracked"]["jira"]}
    said["projects"]["studio"]["target"] = {"jira": "task"}
    said["rules"][0]["when"] = {"container": "WEB"}
    for person in said["people"]:
        person["accounts"] = {"jira": person["accounts"]["jira"]}
    file.write_text(json.dumps(said), "utf-8")
    return file


def _worked(house: House, days: tuple[date, date]) -> Worked:
    """What was in somebody's hands on which day, by the evidence kept."""
    found: Worked = set()
    with house.store.reading() as tx:
        for member in house.members(tx):
            for one in tx.evidence.of(member.id, *days):
                if one.kind == "presence" and one.task:
                    day, last = one.start.astimezone(member.zone).date(), (one.end or one.start)
                    while day <= last.astimezone(member.zone).date():
                        found.add((member.person.email, one.task, day.isoformat()))
                        day += timedelta(days=1)
    return found


def _theirs(crowd: Crowd, python: Path, days: tuple[date, date]) -> tuple[Figures, Worked]:
    turns: list[Figures] = []
    planned: Worked = set()
    clockify = Clockify()
    clockify.start()
    crowd.jira.reset_counts()
    try:
        with TemporaryDirectory() as folder:
            script = Path(__file__).parent / "peers" / "jira_clockify_sync.py"
            command = (python, script, clockify.url, *days, folder)
            for email in crowd.emails:
                with patch.dict(os.environ, _settings(crowd, email)):
                    made, used = ran(command)
                planned |= {(email, *one) for one in made}
                turns.append({**used._asdict(), "made": len(made)})
    finally:
        clockify.stop()
    asked = sum(crowd.jira.reset_counts().values()) + sum(clockify.counts.values())
    sums = {name: sum(turn[name] for turn in turns) for name in ("seconds", "processor", "made")}
    return {**sums, "peak": max(turn["peak"] for turn in turns), "requests": asked}, planned


def _settings(crowd: Crowd, email: str) -> Mapping[str, str]:
    names = ("API_KEY", "WORKSPACE_ID", "PROJECT_ID", "TAG_ID")
    return {
        "CI": "1",  # no file of settings of whoever measures
        "JIRA_BASE_URL": crowd.jira.url,
        "JIRA_EMAIL": email,
        "JIRA_API_TOKEN": f"jira-{email}",
        "TIMEZONE": "UTC",
        **{f"CLOCKIFY_{name}": "bench" for name in names},
    }


def table(figures: Figures) -> str:
    """The figures for people, as Markdown."""
    size, ours, theirs = figures["size"], figures["ours"], figures["theirs"]
    lines = [
        f"Measured on {figures['machine']}. {size['people']} people, {size['issues']:,} issues that changed "
        f"five times each. Medians of {ROUNDS} runs of Daybook's.",
        "",
        "| | seconds | processor seconds | requests | peak memory, MiB | drafts or entries |",
        "| --- | ---: | ---: | ---: | ---: | ---: |",
        _line(OURS, ours),
    ]
    if theirs is None:
        return "\n".join([*lines, f"| {THEIRS} | could not be installed here | | | | |"])
    times = [theirs[name] / ours[name] for name in ("seconds", "processor", "requests")]
    return "\n".join(
        [
            *lines,
            _line(THEIRS, theirs),
            f"| times Daybook | {' | '.join(f'{number:.0f}' for number in times)} | | |",
            f"| at least | {FASTER} | | {FEWER} | | |",
        ]
    )


def _line(who: str, row: Figures) -> str:
    cells = f"{row['seconds']:.1f} | {row['processor']:.1f} | {row['requests']:,.0f} | {row['peak']:.0f}"
    return f"| {who} | {cells} | {row['made']:,.0f} |"
