"""What the change of a figure tells, and what not, one way of looking at a time (P-22)."""

from __future__ import annotations

import random

import pytest

from core import patterns
from core.change import Change
from core.figures import Piece
from core.patterns import Known
from core.periods import Period
from core.policy import Report

WEEKS = tuple(f"2026-W{number:02}" for number in range(10, 22))
CLIENT = Report.model_validate({"who": "managers", "cadence": "weekly", "by": "team", "what": ("client",)})
BILLABLE = CLIENT.model_copy(update={"what": ("billable",)})
LEAST = 5
TEAM = [f"p{number}" for number in range(14)]
SPENT = (("ACME", "billable", 900), ("Beta", "billable", 700), ("none", "unbilled", 300))


def time(who: str, week: str, share: float = 1.0) -> list[Piece]:
    """Somebody's week, as long as usual or a share of that."""
    return [
        Piece(who, week, ("", client, "", billable, "", ""), int(share * minutes))
        for client, billable, minutes in SPENT
    ]


def shown(report: Report, members: list[dict[str, list[str]]], pieces: list[Piece]) -> list[set[str]]:
    """Of each week one after the other, the groups with a table."""
    releases, found = [], []
    for week, groups in zip(WEEKS, members, strict=False):
        known = Known(before=tuple(releases), pieces=tuple(pieces))
        pattern, release = patterns.made(report, Period(name=week, weeks=(week,)), groups, known, LEAST)
        releases.append(release)
        found.append({part.group for part in pattern.parts if part.tables})
    return found


def test_a_change_that_is_one_persons_does_not_pass_for_noise() -> None:
    assert not Change(told=2_400, true=2_400).is_drowned, "the others worked as before"
    assert not Change(told=2_300, true=2_400).is_drowned
    assert Change(told=1_200, true=2_400).is_drowned, "the others worked twenty hours more"
    assert not Change(told=-10, true=0).is_drowned


def test_who_left_is_not_uncovered_once_others_are_back() -> None:
    """In the second week two are away, which hides who left; the third has the same people as the second."""
    away = [
        piece
        for number, week in enumerate(WEEKS[:3])
        for who in TEAM
        for piece in time(who, week, 0.1 if number == 1 and who in ("p3", "p5") else 1)
    ]
    teams = [{"design": TEAM}, {"design": TEAM[1:]}, {"design": TEAM[1:]}]
    assert shown(CLIENT, teams, away) == [{"design"}, {"design"}, set()]


def test_who_moved_is_not_found_in_the_mean_of_both_teams() -> None:
    """Each is wrong by a third of what the mover did, the one as much too high as the other too low."""
    build = [f"q{number}" for number in range(14)]
    pieces = [
        piece
        for number, week in enumerate(WEEKS[:2])
        for who in (*TEAM, *build)
        for piece in time(who, week, 0.6 if number == 1 and who in ("p3", "q3") else 1)
    ]
    design = [{"design": TEAM}, {"design": TEAM[1:]}]
    assert shown(CLIENT, design, pieces) == [{"design"}, {"design"}], "alone it tells of nobody"
    both = [{"build": build, "design": TEAM}, {"build": [*build, "p0"], "design": TEAM[1:]}]
    assert shown(CLIENT, both, pieces) == [{"build", "design"}, {"build"}]


@pytest.mark.parametrize("there", [True, False])
def test_a_table_comes_back_after_somebody_left(there: bool) -> None:
    """Whether they had worked in the last week before it or been on holiday."""
    chance = random.Random(3)
    pieces = [
        piece
        for week in WEEKS
        for who in TEAM
        if there or (who, week) != ("p0", WEEKS[0])
        for piece in time(who, week, chance.uniform(0.2, 1.8))
    ]
    weeks = [{"design": TEAM}, *({"design": TEAM[1:]} for _ in WEEKS[1:])]
    assert shown(BILLABLE, weeks, pieces).count({"design"}) > 3
