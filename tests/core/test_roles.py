"""Whatever is done with roles, more is read of nobody before its day and their word (P3, S-20)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.roles import NONE, InRole, more, placed
from tests.core.test_policy import policy

TODAY = date(2026, 12, 10)
DAY = date(2026, 12, 25)
POLICY = policy(
    tracked={"asana": ["title", "section history"], "jira": ["title"]},
    roles={"salaried": {"tracked": {"asana": []}}, "intern": {"tracked": {"asana": [], "jira": []}}},
)
SALARIED = InRole(role="salaried")


def waits(**more: Any) -> InRole:
    return InRole(role="salaried", coming=NONE, **more)


def test_P3_a_role_that_is_read_more_waits() -> None:
    assert placed(SALARIED, NONE, POLICY, TODAY) == waits()
    assert [one.sentence for one in more(POLICY, "salaried", NONE)] == [
        "In Asana, this is read besides: section history.",
        "In Asana, this is read besides: title.",
    ]


@pytest.mark.parametrize("role", ["intern", "salaried"])
def test_P08_a_role_that_is_read_no_more_holds_at_once(role: str) -> None:
    assert placed(SALARIED, role, POLICY, TODAY) == InRole(role=role)
    assert placed(waits(since=DAY, agreed=True), role, POLICY, TODAY) == InRole(role=role)


@pytest.mark.parametrize(
    ("since", "agreed", "day"),
    [(DAY, True, DAY - timedelta(days=1)), (DAY, False, DAY), (None, True, DAY)],
)
def test_S20_it_holds_neither_unannounced_nor_early_nor_unacknowledged(
    since: date | None, agreed: bool, day: date
) -> None:
    known = waits(since=since, agreed=agreed)
    assert placed(known, NONE, POLICY, day) == known
    assert known.on(day).role == "salaried"


def test_S20_it_holds_from_its_day_on_once_it_was_acknowledged() -> None:
    known = waits(since=DAY).acknowledging(NONE)
    assert known.on(DAY) == placed(known, NONE, POLICY, DAY) == InRole(role=NONE)


def test_S20_what_was_taken_back_is_announced_anew() -> None:
    """Neither an old file nor a third role keeps a notice that was given for another."""
    known = waits(since=DAY, agreed=True)
    assert placed(placed(known, "salaried", POLICY, TODAY), NONE, POLICY, DAY) == waits()
    assert placed(known, "client_billed", POLICY, TODAY) == InRole(role="salaried", coming="client_billed")


def test_P3_only_the_role_that_was_read_is_acknowledged() -> None:
    assert not waits(since=DAY).acknowledging("client_billed").agreed
    assert not SALARIED.acknowledging("salaried").agreed


@given(
    st.lists(st.tuples(st.sampled_from([NONE, "salaried", "intern", "other"]), st.integers(0, 9)), max_size=9)
)
def test_S20_however_roles_change_nothing_more_is_read_without_a_word(asked: list[tuple[str, int]]) -> None:
    known, day = SALARIED, TODAY
    for role, days in asked:
        day += timedelta(days=days)
        known = placed(known, role, POLICY, day).model_copy(update={"since": day})
        assert not more(POLICY, "salaried", known.on(day + timedelta(days=99)).role)
