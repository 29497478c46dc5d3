"""Signs of a rollout going wrong: of groups, against the weeks before, in words."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from core.signs import signs

USUAL = {"days": 40, "uneven": 20, "made_even": 2, "disconnected": 0, "late:1": 35, "late:3": 5}


def weeks(**lately: int) -> dict[str, Counter[str]]:
    return {f"2026-W{n}": Counter(USUAL | (lately if n >= 46 else {})) for n in range(42, 48)}


def test_while_all_is_as_it_was_there_is_no_sign() -> None:
    assert signs(weeks(), 8, 8) == []


@pytest.mark.parametrize(
    ("lately", "sign"),
    [
        ({"made_even": 8}, "rounder than before"),
        ({"disconnected": 1}, "More sources are disconnected"),
        ({"late:1": 5, "late:3": 35}, "Answers come later"),
        ({"why:not_held": 7, "why:no_work": 5}, "did not take place"),
        ({"why:elsewhere": 10}, "is recorded already"),
        ({"why:not_mine": 10}, "is not theirs"),
    ],
)
def test_each_sign_shows_alone(lately: dict[str, int], sign: str) -> None:
    (said,) = signs(weeks(**lately), 8, 8) or []
    assert sign in said


def test_P13_of_fewer_people_than_the_policy_wants_nothing_is_said() -> None:
    assert signs(weeks(made_even=20), 7, 8) is None


def test_with_too_few_weeks_nothing_is_said() -> None:
    few = {name: counts for name, counts in weeks(made_even=20).items() if name > "2026-W44"}
    assert signs(few, 8, 8) is None


def test_a_share_of_few_is_chance() -> None:
    assert signs(weeks(uneven=5, made_even=5), 8, 8) == []


@pytest.mark.parametrize("lately", [{"why:not_held": 6, "why:no_work": 6}, {"why:not_held": 9}])
def test_that_few_things_or_half_of_them_did_not_take_place_is_no_sign(lately: dict[str, int]) -> None:
    assert signs(weeks(**lately), 8, 8) == []


def test_P13_no_sign_has_a_number() -> None:
    said = signs(weeks(**{"made_even": 20, "disconnected": 9, "late:1": 0, "late:3": 40}), 8, 8) or []
    assert len(said) == 3
    assert not re.search(r"\d", " ".join(said))
