"""Two years of a team beside its two weeks, and many people beside few: does what they wait for take longer?

Each store holds the same last day, with drafts that wait, and before it so many working days that were
confirmed and posted. Everything that is done daily is done in each of them in turns, in processor seconds.
How they grow is drawn too, by matplotlib in a place of its own.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import httpx

from bench import machine
from bench.history.past import ENTRIES, remember, working_days
from bench.installed import python_with
from bench.loop import Failed
from bench.page.town import DAY, NOW, USUAL, clock, configuration, planted
from core import rounds
from daybook import state, status
from daybook.house import House
from daybook.jobs.reconsider import reconsider
from daybook.languages import speaking
from daybook.mail import gathered
from daybook.page.app import create
from daybook.wiring import open_house

TEAM, PEOPLE = 50, (50, 200, 800)
FORTNIGHT = 10
DAYS = (FORTNIGHT, 130, 520)
"""Working days: two weeks, half a year, two years."""
ROUNDS = 8
ASKED = 20
"""Of so many people page, day and mail are looked at; everybody's status and what is due."""
WITHIN = 0.1
"""So much more is allowed."""
MATPLOTLIB = "matplotlib==3.10.7"
DRAWING = Path(__file__).parents[2] / "docs" / "images" / "growth.svg"

Figures = dict[str, Any]


class Place(NamedTuple):
    """One store, and who opens their page in it."""

    house: House
    paths: Sequence[str]
    members: Sequence[str]


def measure(
    people: Sequence[int] = PEOPLE,
    days: Sequence[int] = DAYS,
    rounds: int = ROUNDS,
    drawing: Path | None = DRAWING,
) -> Figures:
    """All stores are filled first; then each round does everything in each of them."""
    team = people[0]
    sizes = [(team, many) for many in days] + [(many, days[0]) for many in people[1:]]
    with TemporaryDirectory() as folder, ExitStack() as until_the_end:
        places = {}
        for number, (who, many) in enumerate(sizes):
            there = Path(folder) / str(number)
            there.mkdir()
            places[who, many] = place = _filled(there, who, many)
            until_the_end.callback(place.house.store.close)
        took = _in_turns(places, rounds)
    figures = {
        "machine": machine.told(),
        "rounds": rounds,
        "people": {str(many): took[many, days[0]] for many in people},
        "history": {str(many): took[team, many] for many in days},
    }
    return figures | {"drawn": drawing is not None and _drawn(figures, drawing)}


def _filled(folder: Path, people: int, days: int) -> Place:
    file = configuration(folder, people)
    paths = planted(file, full=0)
    house = open_house(file, clock, begun=True)
    remember(house, working_days(days))
    with house.store.reading() as tx:
        members = [member.id for member in house.members(tx)]
        posted, wanted = tx.postings.tally(), {"posted": people * days * ENTRIES}
    if posted != wanted:
        raise Failed(f"A store holds {posted} and not {wanted}; nothing was measured.")
    return Place(house, paths[:ASKED], members[:ASKED])


def _in_turns(places: Mapping[tuple[int, int], Place], rounds: int) -> dict[tuple[int, int], Figures]:
    turns: dict[tuple[int, int], list[Figures]] = {size: [] for size in places}
    for number in range(rounds + 1):
        order = [*places] if number % 2 else [*reversed(places)]  # who comes after a large one is slower
        for size in order:
            took = {name: _timed(deed, places[size]) for name, deed in DEEDS.items()}
            if number:  # the first round only warms up
                turns[size].append(took)
    return {size: {name: median(one[name] for one in each) for name in DEEDS} for size, each in turns.items()}


def _timed(deed: Callable[[Place], None], place: Place) -> float:
    began = time.process_time()
    deed(place)
    return time.process_time() - began


# --- what is done daily ------------------------------------------------------------------------------------


def _looked(place: Place) -> None:
    rounds.due(state.snapshot(place.house, NOW), NOW)


def _reconciled(place: Place) -> None:
    for member in place.members:
        reconsider(place.house, member, [DAY])


def _gathered(place: Place) -> None:
    house = place.house
    with house.store.writing() as tx:
        for who in place.members:
            member = house.member(tx, who)
            assert member is not None
            with speaking(house.language(member).name):
                waiting = gathered.waiting(house, tx, member, NOW.date())
                gathered.digest(house, tx, member, NOW.date(), waiting, NOW, [], 0)


def _opened(place: Place) -> None:
    async def each() -> None:
        transport = httpx.ASGITransport(create(place.house))
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as browser:
            for path in place.paths:
                answer = await browser.get(path)
                if answer.status_code != httpx.codes.OK or answer.text.count("<article") != USUAL:
                    raise Failed("A page does not show its day; nothing was measured.")

    asyncio.run(each())


def _stood(place: Place) -> None:
    status.look(place.house)


def _forgot(place: Place) -> None:
    place.house.store.forget(place.house.policy.retention.model_dump(), NOW)


DEEDS: dict[str, Callable[[Place], None]] = {
    "pages": _opened,
    "days reconciled": _reconciled,
    "facts of mails": _gathered,
    "what is due": _looked,
    "status": _stood,
    "forgetting": _forgot,
}


# --- the figures for people --------------------------------------------------------------------------------


def _drawn(figures: Figures, drawing: Path) -> bool:
    if (python := python_with(MATPLOTLIB)) is None:
        return False
    script = Path(__file__).with_name("plot.py")
    subprocess.run(
        [python, script, drawing], input=json.dumps(figures).encode(), check=True, stdout=sys.stderr
    )
    return True


def table(figures: Figures) -> str:
    """The figures for people, as Markdown."""
    history, people = figures["history"], figures["people"]
    head = f"| processor milliseconds | {' | '.join(f'{int(days):,} days' for days in history)} "
    lines = [
        f"Measured on {figures['machine']}. {next(iter(people))} people with {USUAL} drafts today and "
        f"{ENTRIES} entries on each working day before. Medians of {figures['rounds']} turns; pages, days "
        f"and mails of {ASKED} people. At most {1 + WITHIN:.2f} times two weeks is allowed.",
        "",
        f"{head}| times two weeks | {' | '.join(f'{int(many):,} people' for many in list(people)[1:])} |",
        f"| --- |{' ---: |' * (len(history) + len(people))}",
    ]
    for deed in DEEDS:
        taken = [row[deed] for row in history.values()]
        cells = [f"{one * 1000:.0f}" for one in taken]
        cells += [f"{taken[-1] / taken[0]:.2f}"] + [
            f"{people[many][deed] * 1000:.0f}" for many in list(people)[1:]
        ]
        lines.append(f"| {deed} | {' | '.join(cells)} |")
    if not figures["drawn"]:
        lines += ["", "matplotlib could not be installed here, so the drawing is an older one."]
    return "\n".join(lines)
