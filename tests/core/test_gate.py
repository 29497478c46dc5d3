"""What the gate lets through and what not, one rule at a time (P-20, P-22)."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.figures import Piece, What
from core.gate import CAP, Group, Release, faulty, refusal
from tests.core.attacker import Figure, by_algebra

W1, W2 = "2026-W10", "2026-W11"
LEAST = 5
ALL = tuple(f"p{number}" for number in range(20))


def piece(
    who: str, week: str = W1, minutes: int = 600, client: str = "ACME", billable: str = "billable"
) -> Piece:
    return Piece(who, week, ("web", client, "delivery", billable, "in meetings", "focus time"), minutes)


def both(who: str, week: str = W1) -> list[Piece]:
    return [piece(who, week), piece(who, week, billable="not billable", client="none")]


def release(
    *groups: tuple[str, Iterable[int]],
    weeks: tuple[str, ...] = (W1,),
    tables: dict[What, tuple[str, ...]] | None = None,
    by_name: bool = False,
) -> Release:
    shown: dict[What, tuple[str, ...]] = tables or {"billable": ("billable", "not billable")}
    return Release(
        report="a report",
        weeks=weeks,
        groups=tuple(
            Group(name=name, members=frozenset(ALL[number] for number in members), tables=shown)
            for name, members in groups
        ),
        by_name=by_name,
    )


WORK = [one for who in ALL for week in (W1, W2) for one in both(who, week)]


def test_P22_five_others_remain_for_a_manager_who_is_in_the_team_or_any_other_reader() -> None:
    assert refusal([release(("design", range(6)))], WORK, LEAST) is None
    assert refusal([release(("design", range(5)))], WORK, LEAST)


def test_two_reports_that_differ_by_a_few_people_do_not_go_together() -> None:
    first = release(("design", range(12)))
    assert refusal([first, release(("design", range(12)))], WORK, LEAST) is None
    assert refusal([first, release(("design", range(1, 12)))], WORK, LEAST)
    assert refusal([first, release(("design", range(5, 12)))], WORK, LEAST), "five people in between"
    assert refusal([first, release(("design", range(6, 12)))], WORK, LEAST) is None


def test_a_total_and_all_its_parts_but_one_do_not_hide_that_one() -> None:
    company, teams = release(("company", range(20))), release(("design", range(8)), ("build", range(8, 16)))
    assert refusal([company], WORK, LEAST) is None
    assert refusal([company, teams], WORK, LEAST), "four are left over"


def test_unions_of_three_reports_are_found_where_no_two_tell() -> None:
    one, two, three = (release((name, members)) for name, members in (
        ("a", range(14)), ("b", range(7, 20)), ("c", range(20)),
    ))  # fmt: skip
    assert refusal([one, two], WORK, LEAST) is None
    assert refusal([one, three], WORK, LEAST) is None
    moved = release(("d", range(6, 13)))
    assert refusal([one, two, three, moved], WORK, LEAST), "one person is in c and b, and not in d"


def test_a_month_beside_its_weeks_gives_a_mover_away() -> None:
    weekly = [release(("design", range(10)), weeks=(W1,)), release(("design", range(9)), weeks=(W2,))]
    assert refusal(weekly, WORK, LEAST) is None
    assert refusal([*weekly, release(("design", range(10)), weeks=(W1, W2))], WORK, LEAST)
    assert refusal([*weekly, release(("design", range(9)), weeks=(W1, W2))], WORK, LEAST)


def test_somebody_without_any_time_is_not_given_away_either() -> None:
    work = [one for one in WORK if one.who != "p0"]
    pair = [release(("design", range(12))), release(("design", range(1, 12)))]
    assert refusal(pair, work, LEAST), "it would be seen that they had nothing"
    idle = {f"p{number}" for number in range(5)}
    work = [one for one in WORK if one.who not in idle]
    assert refusal([release(("design", range(12))), release(("design", range(5, 12)))], work, LEAST)


def test_somebody_erased_since_still_stands_in_the_way() -> None:
    work = [one for one in WORK if one.who != "p0"]
    weekly, monthly = release(("design", range(12))), release(("design", range(1, 12)), weeks=(W1, W2))
    assert refusal([monthly], work, LEAST) is None
    assert refusal([weekly, monthly], work, LEAST)


def test_tables_of_one_report_do_not_give_away_what_differs_between_them() -> None:
    work = [*WORK, piece("p0", client="Beta")]
    only_client = release(("design", range(12)), tables={"client": ("ACME", "none")})
    assert refusal([only_client], work, LEAST), "one person has all that is neither"
    folded = release(("design", range(12)), tables={"client": ("none",)})
    assert refusal([folded], work, LEAST) is None
    project = [*WORK, piece("p1", client="none")]
    tables: dict[What, tuple[str, ...]] = {"client": ("ACME", "none")}
    assert refusal([release(("design", range(12)), tables=tables)], project, LEAST) is None
    tables["billable"] = ("billable", "not billable")
    assert refusal([release(("design", range(12)), tables=tables)], project, LEAST), (
        "what is billed less what is of clients is one person's"
    )


def test_what_an_export_says_by_name_hides_nobody_else() -> None:
    report = release(("design", range(12)), tables={"meeting load": ("in meetings", "outside meetings")})
    export = release(("design", range(8)), tables={"client": ("ACME", "none")}, by_name=True)
    assert refusal([report], WORK, LEAST) is None
    assert refusal([report, export], WORK, LEAST), "four are left who are not in the export"
    by_client = release(("design", range(12)), tables={"client": ("ACME",)}, by_name=True)
    assert refusal([report, by_client], WORK, LEAST) is None


@pytest.mark.parametrize(
    ("minutes", "why"),
    [
        ([600] * 6, None),
        ([600] * 5, "few"),
        ([600] * 5 + [0] * 9, "few"),
        ([3001, 600, 600, 600, 600, 599], "dominated"),
        ([1500, 1500, 250, 250, 250, 250], "dominated"),
        ([CAP - 60] * 9, "full"),
        ([52 * 60] * 5 + [20 * 60], "full"),  # to the one with twenty hours
        ([40 * 60] * 9, None),
    ],
)
def test_P20_each_block_stands_by_itself(minutes: list[int], why: str | None) -> None:
    assert faulty(dict(zip(ALL, minutes, strict=False)), LEAST, weeks=1) == why


def test_two_figures_that_tell_nothing_do_so_together_where_they_are_the_whole_week() -> None:
    hours = [55, 55, 55, 55, 55, 55, 55, 55, 55]
    halves = [
        piece(who, minutes=30 * long, billable=billable)
        for who, long in zip(ALL, hours, strict=False)
        for billable in ("billable", "not billable")
    ]
    assert refusal([release(("design", range(9)))], halves, LEAST)
    assert (
        refusal([release(("design", range(9)))], [one for one in halves if one.labels[3] == "billable"], 5)
        is None
    )


def test_who_is_in_it_for_a_shorter_time_bounds_it_for_all() -> None:
    month, week = release(("all", range(12)), weeks=(W1, W2)), release(("some", range(6)), weeks=(W2,))
    long = [piece(who, W1, 54 * 60) for who in ALL[:12]] + [piece(who, W2, 54 * 60) for who in ALL[6:12]]
    assert refusal([month, week], [*long, *(piece(who, W2, 1_200) for who in ALL[:6])], LEAST)


@given(st.lists(st.integers(0, CAP), min_size=1, max_size=14), st.integers(5, 9))
def test_a_block_that_holds_tells_no_reader_of_fewer_than_k(minutes: list[int], least: int) -> None:
    """The least and the most any few can have had, worked out anew from what every one of them knows."""
    if faulty(dict(zip(ALL, minutes, strict=False)), least, weeks=1):
        return
    there = [one for one in minutes if one]
    for reader in {0, *there}:
        total, others = sum(there) - reader, len(there) - bool(reader)
        assert not there or others >= least
        for few in range(1, least):
            most = min(total, few * CAP)
            lowest = max(0, total - (others - few) * CAP)
            assert not there or most / 1.1 > lowest / 0.9 - 1e-9


@given(st.lists(st.sets(st.integers(0, 19), min_size=1), min_size=1, max_size=5), st.integers(5, 7))
def test_whatever_groups_pass_no_sum_of_them_is_of_fewer_than_k(groups: list[set[int]], least: int) -> None:
    """Every combination of reports, with an attacker who does linear algebra and knows nothing of blocks."""
    published: list[Release] = []
    for members in groups:
        new = release(("a", members))
        if refusal([*published, new], WORK, least) is None:
            published.append(new)
    figures = [
        Figure(
            ("a report", "a", "billable", ""), (W1,), members, 0, frozenset((one, W1, ()) for one in members)
        )
        for members in (one.groups[0].members for one in published)
    ]
    assert by_algebra(figures, least) == set()
