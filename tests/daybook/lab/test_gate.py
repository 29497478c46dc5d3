"""What passes the gate tells of no one person, whatever is asked twice."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from daybook.lab.gate import OPEN, Gate

MINIMUM = 5
amounts = st.integers(0, 10_000)
sums = st.dictionaries(st.sampled_from([f"p{number}" for number in range(12)]), amounts)


@given(sums)
def test_P13_a_sum_of_fewer_people_is_none_and_nothing_is_no_sum_either(parts):
    told = Gate(MINIMUM).sum(parts)
    assert (told is None) == (sum(part > 0 for part in parts.values()) < MINIMUM)


@given(sums, amounts, st.sampled_from([1, 60]))
def test_P13_one_person_more_moves_a_sum_by_less_than_it_is_rounded_to(parts, amount, unit):
    more = parts | {"ada": amount}
    gate = Gate(MINIMUM)
    step = gate._step(more.values(), unit)
    assert step >= max(more.values())
    if (told := gate.sum(more, unit)) is not None:
        assert told % step == 0
        assert abs(told - sum(parts.values())) <= step + step // 2


@given(sums, sums)
def test_P13_what_moves_for_fewer_is_told_as_if_it_did_not(before, after):
    was, becomes = Gate(MINIMUM).change(before, after)
    moved = [name for name in before.keys() | after.keys() if before.get(name, 0) != after.get(name, 0)]
    if len(moved) < MINIMUM:
        assert was == becomes


@given(sums, sums)
def test_what_is_the_askers_own_is_told_as_it_is(before, after):
    gate = Gate(OPEN)
    assert gate.sum(before) == sum(before.values())
    assert gate.change(before, after, unit=60) == (sum(before.values()), sum(after.values()))
    assert gate.tells(before) == any(before.values())
