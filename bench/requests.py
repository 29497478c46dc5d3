"""How many requests a round of pulling takes: counted by the stand-ins, beside what a formula says.

Nothing here differs from run to run: where a count is not its formula's, one of the two is wrong.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from math import ceil
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from bench.loop import Failed
from bench.pull.crowd import Crowd, Size, everybody_agrees
from connectors.jira.finding import MOST_ISSUES
from connectors.stand_in import StandIn
from core import rounds
from daybook import jobs, state
from daybook.wiring import open_house

WEDNESDAY = datetime(2026, 11, 18, 12, tzinfo=UTC)
TEAMS = (20, 200)
NEWS = (100, 1_000)
"""How many issues changed."""
SIZE = Size(issues=2_300, worklogs=1_200, tasks=210, entries=150, events=400)
TOUCHED = 10
"""How many tasks changed."""
A_HUNDRED, A_THOUSAND = 100, 1_000
"""On a page of Asana's lists, and of Jira's worklogs."""
Figures = dict[str, Any]


class Row(NamedTuple):
    """One round of one team."""

    tool: str
    what: str
    formula: str
    """N/250 is of whole pages, and one at least."""
    counted: int
    expected: int
    """By the formula."""


class Town:
    """A crowd and the house that reads it, at an hour of their own."""

    def __init__(self, crowd: Crowd, file: Path, clock: Clock) -> None:
        self.crowd, self._file, self._clock = crowd, file, clock
        self._house = open_house(file, clock)
        everybody_agrees(self._house)

    def restart(self) -> None:
        """Without the tokens it was lent."""
        self.close()
        self._house = open_house(self._file, self._clock)

    def close(self) -> None:
        self._house.store.close()

    def wait(self, **span: float) -> None:
        self._clock.now += timedelta(**span)

    def pulled(self, connection: str) -> int:
        """Requests it takes to pull every partition once."""
        with self._house.store.reading() as tx:
            keys = [key for name, key in state.partitions(self._house, tx) if name == connection]
        return self._counted(connection, keys)

    def due(self, connection: str) -> int:
        """Requests it takes to pull what a daemon would now."""
        works = rounds.due(state.snapshot(self._house, self._clock.now), self._clock.now)
        pulls = [work for work in works if isinstance(work, rounds.Pull) and work.connection == connection]
        return self._counted(connection, [pull.partition for pull in pulls])

    def _counted(self, connection: str, keys: Sequence[str]) -> int:
        site: StandIn = getattr(self.crowd, connection)
        site.reset_counts()
        for key in keys:
            if jobs.pull(self._house, connection, key) is None:
                raise Failed(f"{connection} could not be pulled; nothing was counted.")
        return sum(site.reset_counts().values())


class Clock:
    """Stands still until it is told how much time went by."""

    def __init__(self) -> None:
        self.now = WEDNESDAY

    def __call__(self) -> datetime:
        return self.now


@contextmanager
def _town(size: Size, **asana: str) -> Iterator[Town]:
    clock = Clock()
    with Crowd(size, clock) as crowd, TemporaryDirectory() as folder:
        there = Town(crowd, crowd.configuration(Path(folder), asana=asana), clock)
        yield there
        there.close()


def measure(teams: Sequence[int] = TEAMS, size: Size = SIZE, news: Sequence[int] = NEWS) -> Figures:
    """Every round for every team."""
    rows: dict[tuple[str, str, str], list[tuple[int, int]]] = {}
    for people in teams:
        team = replace(size, people=people)
        for row in (*_jira(team, news), *_by_project(team), *_by_person(team), *_google(team)):
            rows.setdefault((row.tool, row.what, row.formula), []).append((row.counted, row.expected))
    return {"teams": list(teams), "rows": [(*told, counts) for told, counts in rows.items()]}


def table(figures: Figures) -> str:
    """The figures for people, as Markdown."""
    lines = [
        f"| | formula | {' | '.join(f'{people} people' for people in figures['teams'])} |",
        f"| --- | --- |{' ---: |' * len(figures['teams'])}",
    ]
    for tool, what, formula, counts in figures["rows"]:
        cells = [
            f"{counted:,}" + ("" if counted == wanted else f", not {wanted:,}") for counted, wanted in counts
        ]
        lines.append(f"| {tool}: {what} | {formula} | {' | '.join(cells)} |")
    return "\n".join(lines)


# --- Jira: never one for each person or issue ---------------------------------------------------------------


def _jira(size: Size, news: Sequence[int]) -> Iterator[Row]:
    issues, logged = _pages(size.issues, MOST_ISSUES), _pages(size.worklogs, A_THOUSAND)
    with _town(replace(size, tasks=1, entries=1, events=1)) as there:
        what = f"first import, M = {size.issues:,} issues, W = {size.worklogs:,} worklogs"
        # two: who we are, and the statuses; two searches: an older month, and what changed meanwhile
        formula = f"2 + (M/{MOST_ISSUES} + 2) + M/{MOST_ISSUES} + 2 W/1000 + 1"
        yield Row("Jira", what, formula, there.pulled("jira"), 2 + issues + 2 + issues + 2 * logged + 1)
        there.wait(minutes=10)
        yield Row("Jira", "nothing changed", "3: a search, two feeds", there.pulled("jira"), 3)
        for changed in news:
            _change_issues(there, changed)
            what = f"M = {changed:,} issues changed"
            expected = 2 * _pages(changed, MOST_ISSUES) + 2
            yield Row("Jira", what, f"M/{MOST_ISSUES} + M/{MOST_ISSUES} + 2", there.pulled("jira"), expected)


def _change_issues(there: Town, shown: int) -> None:
    """So many are shown by the next search, which begins with the last one of the walk before."""
    world = there.crowd.jira.world
    for number in range(1, shown):
        if number == shown - 1:
            there.wait(minutes=10)
        world.change(f"WEB-{number}", world.clock(), there.crowd.accounts[0], priority="Low")
    there.wait(minutes=10)


# --- Asana: its stories are one for each task, whoever asks -------------------------------------------------


def _by_project(size: Size) -> Iterator[Row]:
    tool, tasks, entries = "Asana by project", size.tasks, size.entries
    with _town(replace(size, issues=1, worklogs=1, events=1), read="projects") as there:
        lists, times = _pages(tasks, A_HUNDRED), _pages(entries, A_HUNDRED)
        what = f"first import, T = {tasks:,} tasks in P = 1 project, E = {entries:,} time entries, N people"
        expected = 1 + lists + size.people + tasks + times + entries
        yield Row(tool, what, "1 + T/100 + N + T + E/100 + E", there.pulled("asana"), expected)
        there.pulled("asana")  # what stood at the seam is looked at once more
        there.wait(minutes=10)
        yield Row(tool, "nothing changed", "P + 1", there.pulled("asana"), 2)
        _comment(there)
        yield Row(tool, f"C = {TOUCHED} tasks changed", "P + C + 1", there.pulled("asana"), TOUCHED + 2)


def _by_person(size: Size) -> Iterator[Row]:
    tool, people = "Asana by person", size.people
    with _town(replace(size, issues=1, worklogs=1, events=1), read="people") as there:
        expected = 1 + people + size.tasks + people + size.entries
        yield Row(tool, "first import", "1 + N + T + N + E", there.pulled("asana"), expected)
        there.wait(minutes=10)
        yield Row(tool, "nothing changed", "N", there.pulled("asana"), people)
        _comment(there)
        yield Row(tool, f"C = {TOUCHED} tasks changed", "N + C", there.pulled("asana"), people + TOUCHED)


def _comment(there: Town) -> None:
    """On the newest tasks, which have no time on them."""
    site = there.crowd.asana
    there.wait(minutes=10)
    for task in there.crowd.tasks[-TOUCHED:]:
        there.wait(minutes=1)  # in one minute it would be a click on a list, and looked at again
        site.comment(task, None, there.crowd.gids[0], "Looked into it.")
    there.wait(minutes=10)


# --- Google Calendar: one for each person at work -----------------------------------------------------------


def _google(size: Size) -> Iterator[Row]:
    tool, people = "Google Calendar", size.people
    with _town(replace(size, issues=1, worklogs=1, tasks=1, entries=1)) as there:
        yield Row(tool, "the first look, with a token each", "N + N", there.due("calendar"), 2 * people)
        there.wait(minutes=30)
        yield Row(tool, "half an hour later, at work", "N", there.due("calendar"), people)
        there.wait(hours=9)
        yield Row(tool, "an evening", "0", there.due("calendar"), 0)
        there.wait(hours=4)
        there.restart()
        yield Row(
            tool,
            "the night: all of it once, with a new token each",
            "N + N",
            there.due("calendar"),
            2 * people,
        )


def _pages(count: int, size: int) -> int:
    return max(1, ceil(count / size))
