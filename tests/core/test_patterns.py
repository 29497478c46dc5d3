"""A year of reports, read by somebody who wants to know what one person did (P13, P-24)."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from functools import cache
from typing import NamedTuple

import pytest

from core import change, gate, patterns
from core.figures import Piece, What
from core.gate import Group, Release
from core.patterns import Known
from core.periods import Period, monday, month_of, period_with, weeks_of
from core.policy import Report
from tests.core import attacker
from tests.core.attacker import Paper
from tests.core.studio import ROLES, WEEKS, Year, a_month, a_year

LEAST = 5
COMPANIES = 60
"""Of chance, each with reports of chance."""


def report(cadence: str, by: str, what: tuple[What, ...], *roles: str) -> Report:
    return Report.model_validate(
        {"who": "managers", "cadence": cadence, "by": by, "what": what, "roles": roles}
    )


REPORTS = (
    report("weekly", "team", ("project", "client", "billable", "meeting load"), "client_billed"),
    report("monthly", "team", ("category", "meeting load", "focus time"), "salaried"),
    report("monthly", "role", ("client", "category")),
    report("monthly", "team", ("billable",)),
)
WEEKLY = report("weekly", "team", ("billable",))


def in_order(reports: Sequence[Report], weeks: Collection[str]) -> list[tuple[Period, Report]]:
    """Each period of each report, as their days come."""
    found = {
        (period_with(monday(name), report.cadence), report): None for report in reports for name in weeks
    }
    whole = [(period, report) for period, report in found if set(period.weeks) <= set(weeks)]
    return sorted(whole, key=lambda one: (one[0].last_day, reports.index(one[1])))


@cache
def published_in_a_year() -> list[Paper]:
    return published(year(), REPORTS)


def published(year: Year, reports: Sequence[Report], until: str = WEEKS[-1]) -> list[Paper]:
    """All these reports of the year, or of its first weeks."""
    releases: list[Release] = []
    papers = []
    by_week = defaultdict(list)
    for piece in year.pieces:
        by_week[piece.week].append(piece)
    for period, report in in_order(reports, [week for week in year.places if week <= until]):
        there = set(year.places[period.weeks[-1]])
        members = {
            name: who & there for name, who in year.groups(period.weeks[0], report.by, report.roles).items()
        }
        month = set(weeks_of(month_of(period.weeks[0])))
        since = period.first_day - change.REACH
        before = [one for one in releases if one.report == report.name and monday(one.weeks[0]) >= since]
        weeks = month.union(*(one.weeks for one in before))
        known = Known(
            overlapping=tuple(one for one in releases if month & set(one.weeks)),
            before=tuple(before),
            pieces=tuple(piece for week in sorted(weeks) for piece in by_week[week]),
        )
        pattern, release = patterns.made(report, period, members, known, LEAST)
        releases.append(release)
        papers.append(Paper(pattern, period.weeks, members))
    return papers


@cache
def year() -> Year:
    return a_year(seed=4, in_a_team=7)


class Spoils(NamedTuple):
    """What the attacker made of it."""

    by_algebra: set[frozenset[str]]
    by_bounds: set[tuple[str, str]]
    by_comparing: set[frozenset[str]]


def spoils(papers: list[Paper], year: Year) -> Spoils:
    found = attacker.figures(papers, year.pieces)
    months = defaultdict(list)
    for figure in found:
        months[month_of(figure.weeks[0])].append(figure)
    truth: Counter[attacker.Variable] = Counter()
    own: dict[str, Counter[str]] = defaultdict(Counter)
    for piece in year.pieces:
        truth[piece.who, piece.week, piece.labels] += piece.minutes
        own[piece.who][piece.week] += piece.minutes
    insiders = sorted(own)[:3]
    return Spoils(
        by_algebra={who for month in months.values() for who in attacker.by_algebra(month, LEAST)},
        by_bounds={
            pinned
            for month in months.values()
            for known in [{}, *({who: own[who]} for who in insiders)]
            for pinned in attacker.by_bounds(month, known)
        },
        by_comparing=attacker.by_comparing(found, truth, LEAST),
    )


NOTHING = Spoils(set(), set(), set())


def tables_in(papers: list[Paper]) -> Counter[tuple[str, What]]:
    return Counter(
        (paper.pattern.report, table.what)
        for paper in papers
        for part in paper.pattern.parts
        for table in part.tables
    )


def test_P13_P24_a_year_of_reports_tells_an_attacker_of_nobody() -> None:
    assert spoils(published_in_a_year(), year()) == NOTHING


def test_what_is_shown_as_the_year_begins_is_shown_as_it_ends() -> None:
    papers = published_in_a_year()
    first, last = (
        tables_in([paper for paper in papers if begins <= paper.weeks[0] <= ends])
        for begins, ends in ((WEEKS[0], WEEKS[12]), (WEEKS[39], WEEKS[51]))
    )
    assert {what for _, what in first} == {what for one in REPORTS for what in one.what}
    assert [one for one in first if 4 * last[one] < first[one]] == []


def chosen(seed: int) -> tuple[Report, ...]:
    """Reports that somebody could declare, of one day too, in any order."""
    chance = random.Random(seed)
    found = (
        report(
            chance.choice(("weekly", "monthly")),
            chance.choice(("team", "role")),
            tuple(chance.sample(("client", "billable", "meeting load", "project"), chance.randint(1, 2))),
            *chance.sample(ROLES, chance.choice((0, 0, 1))),
        )
        for _ in range(chance.randint(2, 4))
    )
    return tuple({one.name: one for one in found}.values())


def test_P22_whatever_reports_are_declared_of_whatever_groups_tell_of_nobody() -> None:
    figures = 0
    for seed in range(COMPANIES):
        month = a_month(seed)
        papers = published(month, chosen(seed))
        assert spoils(papers, month) == NOTHING, seed
        figures += len(attacker.figures(papers, month.pieces))
    assert figures > 10 * COMPANIES, "there is something to attack"


def test_without_the_gate_the_same_attacker_finds_people(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gate, "refusal", lambda *_: None)
    monkeypatch.setattr(change, "tells", lambda *_: False)
    got = spoils(published(year(), REPORTS, until="2026-W26"), year())
    assert len(got.by_algebra) > 20
    assert len(got.by_comparing) > 2


def reissued(week: str, after: str, asked: bool = True) -> tuple[Paper, Paper]:
    """A week published as people stood then, and once more as they stood in a later one.

    Takes    asked: whether the second knows of the first
    """
    pieces = tuple(piece for piece in year().pieces if piece.week == week)
    period = Period(name=week, weeks=(week,))
    papers = []
    releases: tuple[Release, ...] = ()
    for standing in (week, after):
        members = {
            team: frozenset(who for who in people if who in year().places[week])
            for team, people in year().groups(standing, "team", ()).items()
        }
        known = Known(overlapping=releases, pieces=pieces)
        pattern, release = patterns.made(WEEKLY, period, members, known, LEAST)
        releases = (release,) if asked else ()
        papers.append(Paper(pattern, period.weeks, members))
    return papers[0], papers[1]


MOVED = ("2026-W06", "2026-W12")
"""Between these two weeks one of build went to another team."""


def changed(paper: Paper, other: Paper) -> set[str]:
    return {team for team in paper.members if paper.members[team] != other.members[team]}


def test_P22_a_week_issued_once_more_after_a_move_is_caught() -> None:
    first, second = reissued(*MOVED)
    moved = changed(first, second)
    assert moved, "somebody moved"
    assert all(part.tables for part in first.pattern.parts)
    assert not any(part.tables for part in second.pattern.parts if part.group in moved)
    assert spoils([first, second], year()).by_algebra == set()


def test_a_week_issued_once_more_behind_the_gates_back_gives_people_away() -> None:
    got = spoils([*reissued(*MOVED, asked=False)], year())
    mover = frozenset({"p2-1-4"})
    assert got.by_algebra == got.by_comparing == {mover}
    assert {who for who, _ in got.by_bounds} == mover


def test_P20_a_team_of_the_minimum_gets_words() -> None:
    """Everybody in it reads it and knows their own, which leaves one too few others."""
    week = WEEKS[0]
    members = {"design": frozenset(sorted(year().groups(week, "team", ())["design"])[:LEAST])}
    known = Known(pieces=tuple(piece for piece in year().pieces if piece.week == week))
    period = Period(name=week, weeks=(week,))
    pattern, release = patterns.made(WEEKLY, period, members, known, LEAST)
    (part,) = pattern.parts
    assert (part.tables, part.small, part.withheld) == ((), True, ("billable",))
    assert release.groups[0].tables == {}


def a_team(number: int, *labels: str) -> tuple[Piece, ...]:
    """So many people who share their week evenly among what is billed and what is not, as far as named."""
    return tuple(
        Piece(
            f"p{who}",
            WEEKS[0],
            ("web", "ACME", "delivery", label, "in meetings", "focus time"),
            900 + 7 * who,
        )
        for who in range(number)
        for label in labels
    )


def made(known: Known, *members: str) -> list[What]:
    """The tables that a report of one team shows."""
    period = Period(name=WEEKS[0], weeks=WEEKS[:1])
    pattern, _ = patterns.made(WEEKLY, period, {"design": members}, known, LEAST)
    return [table.what for table in pattern.parts[0].tables]


def test_P20_what_is_all_or_nothing_is_not_shown() -> None:
    everybody = [f"p{number}" for number in range(9)]
    assert made(Known(pieces=a_team(9, "billable", "not billable")), *everybody) == ["billable"]
    assert made(Known(pieces=a_team(9, "billable")), *everybody) == [], "it would say that of each"


def test_what_an_erased_person_had_is_not_seen_by_comparing_either() -> None:
    everybody = [f"p{number}" for number in range(9)]
    for there in (["gone"], []):
        group = Group(
            name="design",
            members=frozenset([*everybody, *there]),
            tables={"billable": ("billable", "not billable")},
        )
        before = Release(report=WEEKLY.name, weeks=("2025-W52",), groups=(group,))
        pieces = a_team(9, "billable", "not billable")
        known = Known(before=(before,), pieces=pieces, erased=frozenset(["gone"]))
        assert made(known, *everybody) == ([] if there else ["billable"])


def test_P23_figures_are_whole_hours_and_say_how_many_people_nowhere() -> None:
    papers = published_in_a_year()
    rows = [
        row for paper in papers for part in paper.pattern.parts for table in part.tables for row in table.rows
    ]
    assert all(isinstance(row.hours, int) for row in rows)
    assert set(patterns.Row.model_fields) == {"label", "hours"}


def test_a_table_never_shows_one_cell_or_hides_one() -> None:
    for paper in published_in_a_year():
        for part in paper.pattern.parts:
            for table in part.tables:
                named = {row.label for row in table.rows} - {None}
                assert len(table.rows) > 1
                number = ("project", "client", "category", "billable", "meeting load", "focus time").index(
                    table.what
                )
                rest = {
                    piece.labels[number]
                    for piece in year().pieces
                    if piece.week in paper.weeks and piece.who in paper.members[part.group]
                } - named
                assert len(rest) != 1
