"""Rules on titles that are all different, beside a plain loop and ActivityWatch; and 2,000 rules beside 200.

All search the same patterns in the same titles, and unless all give the same answer for every title there are
no figures. ActivityWatch is installed into a folder of its own; where that is impossible, its row says so.
"""

from __future__ import annotations

import json
import re
import subprocess
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from bench import machine
from bench.installed import python_with
from bench.loop import Failed
from core.conditions import Conditions
from core.mapping import Mappings
from core.model import Activity
from core.rules import Project, Rule

SEED = 7
PATTERNS, TITLES = 200, 100_000
KNOWN = 250
"""Clients in titles; a fifth of them have no rule."""
FEW, MANY, MIXED = 200, 2_000, 20_000
PORTION = 5_000
"""Titles at a time, everybody in turn: a machine that is busy for a moment is busy for all."""
PEER = "aw-core==0.5.18"
ADA = "ada@northwind.example"
MONDAY = datetime(2026, 11, 16, 8, tzinfo=UTC)

CATEGORIZE = """
import json, sys, time
from datetime import UTC, datetime, timedelta
from aw_core import Event
from aw_transform.classify import Rule, categorize

patterns = json.loads(sys.stdin.readline())
# Its last match wins where ours is the first.
rules = [([str(n)], Rule({"regex": p, "ignore_case": True})) for n, p in reversed([*enumerate(patterns)])]
for line in sys.stdin:
    titles = json.loads(line)
    start = datetime(2026, 11, 16, 8, tzinfo=UTC)
    events = [Event(timestamp=start, duration=timedelta(hours=1), data={"title": title}) for title in titles]
    began = time.process_time()
    categorize(events, rules)
    seconds = time.process_time() - began
    found = [event.data["$category"][0] for event in events]
    print(json.dumps([seconds, [None if name == "Uncategorized" else name for name in found]]), flush=True)
"""

CLIENTS = (
    "acme",
    "globex",
    "initech",
    "umbrella",
    "hooli",
    "vandelay",
    "stark",
    "wayne",
    "tyrell",
    "cyberdyne",
)
TOPICS = ("website", "checkout", "search", "billing", "reporting", "onboarding", "migration", "mobile", "api")
DOINGS = (
    "call",
    "review",
    "workshop",
    "planning",
    "retro",
    "sync",
    "interview",
    "handover",
    "demo",
    "support",
)

Figures = dict[str, Any]
Answer = list[str | None]
"""For each title the name of its rule."""


def measure() -> Figures:
    return {"machine": machine.told(), "peers": _beside_peers(), "mixed": _mixed()}


def table(figures: Figures) -> str:
    """The figures for people, as Markdown."""
    peers, mixed = figures["peers"], figures["mixed"]
    ours = peers["seconds"]["Daybook, the whole match"]
    lines = [
        f"Measured on {figures['machine']}. {PATTERNS} ordered patterns on {TITLES:,} titles that are all "
        f"different; {peers['matched']:,} match one, and everybody gives the same answer for each.",
        "",
        "| rules | titles a second | Daybook is faster by |",
        "| --- | ---: | ---: |",
    ]
    for name, seconds in peers["seconds"].items():
        rate = f"{TITLES / seconds:,.0f}" if seconds else "could not be installed here"
        times = f"{seconds / ours:.0f}" if seconds and not name.startswith("Daybook") else ""
        lines.append(f"| {name} | {rate} | {times} |")
    lines += [
        "",
        "Rules of every kind (words, patterns, containers, labels, series, any, all, none) on "
        f"{MIXED:,} activities:",
        "",
        "| rules | compiled in ms | activities a second | cost |",
        "| ---: | ---: | ---: | ---: |",
    ]
    few = mixed[str(FEW)]["seconds"]
    for number, one in mixed.items():
        rate, cost = MIXED / one["seconds"], one["seconds"] / few
        lines.append(f"| {int(number):,} | {one['compiled'] * 1000:.0f} | {rate:,.0f} | {cost:.2f} |")
    return "\n".join(lines)


# --- beside peers ------------------------------------------------------------------------------------------


def _beside_peers() -> Figures:
    random = Random(SEED)
    patterns = _patterns(random)
    activities = [_meeting(number, title) for number, title in enumerate(_titles(random, TITLES))]
    rules = [_rule(number, {"title": {"regex": pattern}}) for number, pattern in enumerate(patterns)]
    mappings, conditions = _compiled(rules), Conditions([rule.when for rule in rules])
    searches = [(str(number), re.compile(pattern, re.IGNORECASE)) for number, pattern in enumerate(patterns)]

    def whole(some: Sequence[Activity]) -> Answer:
        return [mappings.match(one, ADA).rule for one in some]

    def alone(some: Sequence[Activity]) -> Answer:
        found = [conditions.first(one, ADA, None, None) for one in some]
        return [None if number is None else str(number) for number in found]

    def loop(some: Sequence[Activity]) -> Answer:
        titles = [one.title or "" for one in some]
        return [next((name for name, asked in searches if asked.search(title)), None) for title in titles]

    peer = _peer(patterns)
    runs: dict[str, Callable[[Sequence[Activity]], tuple[float, Answer]]] = {
        "Daybook, the whole match": lambda some: _timed(whole, some),
        "Daybook, only which rule holds": lambda some: _timed(alone, some),
        f"Python `re`, a loop over the {PATTERNS}": lambda some: _timed(loop, some),
    }
    named = f"ActivityWatch {PEER.replace('==', ' ')}, `categorize`"
    if peer:
        runs[named] = lambda some: _asked(peer, some)
    seconds = dict.fromkeys(runs, 0.0)
    matched = 0
    for begin in range(0, TITLES, PORTION):
        answers = {}
        for name, run in runs.items():
            took, answers[name] = run(activities[begin : begin + PORTION])
            seconds[name] += took
        first, *others = answers.values()
        if any(other != first for other in others):
            raise Failed(f"The answers differ between titles {begin} and {begin + PORTION}; no figures.")
        matched += sum(name is not None for name in first)
    if peer:
        peer.terminate()
        peer.wait()
    return {"matched": matched, "seconds": {**seconds, **({} if peer else {named: None})}}


def _timed(run: Callable[[Sequence[Activity]], Answer], some: Sequence[Activity]) -> tuple[float, Answer]:
    began = time.process_time()
    answer = run(some)
    return time.process_time() - began, answer


def _peer(patterns: Sequence[str]) -> subprocess.Popen[str] | None:
    """ActivityWatch, ready to be asked; None where it cannot be installed."""
    python = python_with(PEER)
    if python is None:
        return None
    peer = subprocess.Popen(
        [python, "-c", CATEGORIZE], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert peer.stdin
    print(json.dumps(patterns), file=peer.stdin, flush=True)
    return peer


def _asked(peer: subprocess.Popen[str], some: Sequence[Activity]) -> tuple[float, Answer]:
    assert peer.stdin and peer.stdout
    print(json.dumps([one.title for one in some]), file=peer.stdin, flush=True)
    seconds, answer = json.loads(peer.stdout.readline())
    return seconds, answer


def _patterns(random: Random) -> list[str]:
    """What administrators write: a client by several names, a beginning, an issue, two things at once."""

    def doings(count: int) -> str:
        return "|".join(random.sample(DOINGS, count))

    forms: tuple[Callable[[str], str], ...] = (
        lambda client: rf"\b({client}|{client[::-1]}|{client[:3]}-{client[3:]})\b",
        lambda client: rf"{client}.*({doings(4)})",
        lambda client: rf"^(re|fwd|aw)?:? ?{client}\b",
        lambda client: rf"\[?{client}-\d+\]?",
        lambda client: rf"({doings(4)}).?(with|for|about) {client}$",
    )
    return [forms[number % len(forms)](_client(number)) for number in range(PATTERNS)]


def _titles(random: Random, count: int) -> list[str]:
    """Titles as they stand in calendars and trackers, no two the same."""
    return [_title(random, number) for number in range(count)]


def _title(random: Random, number: int) -> str:
    client, topic, doing = (
        _client(random.randrange(KNOWN)),
        random.choice(TOPICS),
        random.choice(DOINGS),
    )
    return random.choice(
        (
            f"{topic.title()} {number}: {doing} with {client.title()}",
            f"{client.upper()} {topic} {doing} #{number}",
            f"{topic.title()} {doing} of week {number}",
            f"[{client.upper()}-{number}] Fix the {topic}",
            f"Re: {client} {topic}, {doing} {number}",
        )
    )


def _client(number: int) -> str:
    return f"{CLIENTS[number % len(CLIENTS)]}{number}"


# --- more rules --------------------------------------------------------------------------------------------


def _mixed() -> Figures:
    random = Random(SEED)
    rules = [_rule(number, _when(random, number)) for number in range(MANY)]
    activities = [_mixed_activity(random, number) for number in range(MIXED)]
    compiled = {}
    for chosen in (rules[:: MANY // FEW], rules):
        began = time.process_time()
        compiled[str(len(chosen))] = _compiled(chosen), time.process_time() - began
    seconds = dict.fromkeys(compiled, 0.0)
    for begin in range(0, MIXED, PORTION):
        for number, (mappings, _) in compiled.items():
            began = time.process_time()
            for one in activities[begin : begin + PORTION]:
                mappings.match(one, ADA, "studio", one.task)
            seconds[number] += time.process_time() - began
    return {number: {"compiled": compiled[number][1], "seconds": seconds[number]} for number in compiled}


def _when(random: Random, number: int) -> dict[str, Any]:
    """One of ten kinds of conditions; of every ten rules in a row, each tenth comes with another kind."""
    client, topic, doing = _client(number), random.choice(TOPICS), random.choice(DOINGS)
    board, label = f"B{random.randrange(400)}", f"{topic}-{random.randrange(40)}"
    kinds: tuple[dict[str, Any], ...] = (
        {"title": client},
        {"title": [f"{client} {doing}", f"{topic} {number}"]},
        {"source": "jira", "container": board, "labels": [label, f"{label}-old"]},
        {"source": "google_calendar", "title": {"regex": rf"^{client} .*({doing}|{topic})"}},
        {"series": f"series-{number}"},
        {"container": board, "title": topic, "none": {"title": doing}},
        {"any": [{"title": client}, {"labels": client}]},
        {"all": [{"title": topic}, {"title": doing}], "container": board},
        {"kind": "meeting", "audience": {"min": 10}, "title": {"regex": rf"\b{client}\b"}},
        {"source": "jira", "title": {"regex": rf"{client}(/|-){topic}"}, "none": [{"labels": label}]},
    )
    return kinds[(number + number // len(kinds)) % len(kinds)]


def _mixed_activity(random: Random, number: int) -> Activity:
    title = _title(random, number)
    if number % 2:
        return _meeting(
            number, title, series=f"series-{random.randrange(3_000)}", audience=random.randrange(1, 30)
        )
    board = f"B{random.randrange(400)}"
    return Activity(
        source="jira",
        uid=str(number),
        kind="touch",
        start=MONDAY,
        title=title,
        task=f"{board}-{number + 1}",
        container=board,
        labels=(f"{random.choice(TOPICS)}-{random.randrange(40)}",),
    )


def _meeting(number: int, title: str, **more: Any) -> Activity:
    return Activity(
        source="google_calendar",
        uid=str(number),
        kind="meeting",
        start=MONDAY,
        end=MONDAY + timedelta(hours=1),
        title=title,
        response="accepted",
        **more,
    )


def _rule(number: int, when: dict[str, Any]) -> Rule:
    return Rule.model_validate({"name": str(number), "when": when, "then": {"project": "web"}})


def _compiled(rules: Sequence[Rule]) -> Mappings:
    web = Project.model_validate({"name": "Web", "billable": True, "target": {"jira": "task"}})
    return Mappings({"web": web}, rules, {"jira": "jira"})
