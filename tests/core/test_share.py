"""Free time shared among tasks: exactly, whatever the order, and never to the profit of bystanders."""

from __future__ import annotations

from fractions import Fraction

import portion
from hypothesis import given
from hypothesis import strategies as st

from core.share import InHand, Kernel, give_back, parts, segments
from core.timeline import Amount, Span, spans, stretch, union

from .says import says

KERNEL = Kernel(reach=30, weight=2, most=3)
FREE = [(0, 120), (150, 480)]

some_spans = st.lists(
    st.tuples(st.integers(0, 470), st.integers(1, 200)).map(lambda pair: (pair[0], pair[0] + pair[1])),
    max_size=3,
).map(union)
tasks = st.dictionaries(
    st.sampled_from("ABCDE"),
    st.builds(InHand, some_spans, st.lists(st.integers(0, 480), max_size=5)),
    max_size=5,
)


def raw(them: dict[str, InHand], free: list[Span] = FREE) -> dict[str, Amount]:
    return parts(segments(free, them, KERNEL))


def test_tasks_present_alike_have_equal_parts() -> None:
    both = {"A": InHand([(0, 90)], []), "B": InHand([(60, 120)], [])}
    assert raw(both) == {"A": 75, "B": 45}


@says(
    "On each elementary segment the tasks present get weights w = base + sum over their touches of "
    "kernel(distance)"
)
def test_a_touch_weighs_within_its_reach_and_no_further() -> None:
    touched = {"A": InHand([(0, 120)], [60]), "B": InHand([(0, 120)], [])}
    assert raw(touched) == {"A": 30 + 45, "B": 30 + 15}


def test_thirty_comments_weigh_no_more_than_three() -> None:
    few, many = ({"A": InHand([], [60] * touches), "B": InHand([(0, 120)], [])} for touches in (3, 30))
    assert raw(few) == raw(many)


def test_what_is_given_back_goes_to_those_who_are_there() -> None:
    cut = segments(FREE, {"A": InHand([(0, 8)], []), "B": InHand([(0, 100)], [])}, KERNEL)
    assert parts(give_back(cut, least=5)) == {"B": 100}
    assert parts(give_back(cut, least=5, always={"A"})) == {"A": 4, "B": 96}


def test_a_task_alone_below_the_least_leaves_a_gap() -> None:
    assert give_back(segments(FREE, {"A": InHand([(0, 4)], [])}, KERNEL), least=5) == []


def test_a_task_worth_the_least_stays() -> None:
    cut = segments(FREE, {"A": InHand([(0, 5)], [])}, KERNEL)
    assert parts(give_back(cut, least=5)) == {"A": 5}


def test_the_smallest_gives_back_first_so_that_another_may_stay() -> None:
    cut = segments(FREE, {"A": InHand([(0, 8)], []), "B": InHand([(2, 8)], [])}, KERNEL)
    assert parts(cut) == {"A": 5, "B": 3}
    assert parts(give_back(cut, least=6)) == {"A": 8}


def test_of_those_worth_alike_the_first_half_gives_back_at_once() -> None:
    cut = segments(FREE, {name: InHand([(0, 12)], []) for name in "ABCD"}, KERNEL)
    assert parts(give_back(cut, least=4)) == {"C": 6, "D": 6}


def test_a_thousand_tasks_edited_at_once_are_dealt_with() -> None:
    crowd = {f"T{number:04}": InHand([], [60]) for number in range(1000)}
    kept = parts(give_back(segments(FREE, crowd, KERNEL), least=5))
    assert sum(kept.values()) == 60
    assert all(minutes >= 5 for minutes in kept.values())


@given(tasks)
def test_P5_exactly_the_time_of_some_task_is_shared(them: dict[str, InHand]) -> None:
    here = union(
        *(task.present for task in them.values()),
        *([(at - 30, at + 30)] for task in them.values() for at in task.touches),
    )
    both = stretch(FREE, -60) & stretch(here, -60)
    assert sum(raw(them).values()) == both.bit_count()


@given(tasks, st.randoms())
def test_P9_the_order_of_tasks_and_touches_changes_nothing(them: dict[str, InHand], random: object) -> None:
    turned = {
        name: InHand(them[name].present[::-1], them[name].touches[::-1]) for name in reversed(list(them))
    }
    assert raw(turned) == raw(them)


@given(tasks, st.integers(1, 479))
def test_cutting_free_time_in_two_changes_nothing(them: dict[str, InHand], at: int) -> None:
    front = (1 << at) - 1
    free = stretch(FREE, 0)
    halves = [raw(them, spans(free & front, 0)), raw(them, spans(free & ~front, 0))]
    together = {name: sum(half.get(name, Fraction(0)) for half in halves) for name in raw(them)}
    assert together == raw(them)


@given(tasks, some_spans, st.lists(st.integers(0, 480), max_size=4))
@says("monotone (new evidence for one task never increases another's minutes)")
def test_new_evidence_for_one_task_never_adds_to_another(
    them: dict[str, InHand], more: list[Span], touches: list[int]
) -> None:
    before = them.get("A", InHand([], []))
    after = {**them, "A": InHand(union(before.present, more), [*before.touches, *touches])}
    grown, was = raw(after), raw(them)
    assert grown.get("A", 0) >= was.get("A", 0)
    assert all(grown[name] <= was[name] for name in them if name != "A" and name in was)


@given(tasks)
def test_a_sweep_over_a_day_agrees_with_a_library_of_intervals(them: dict[str, InHand]) -> None:
    cut = segments(FREE, them, KERNEL)
    weighed = [_weighed(one) for one in them.values()]
    anything = portion.Interval(*(portion.closedopen(*span) for span in FREE))
    anything &= portion.Interval(*(one.domain() for one in weighed))
    assert portion.Interval(*(portion.closedopen(*segment.span) for segment in cut)) == anything
    for (start, end), weights in cut:
        for at in (start, end - 1):
            expected = {name: one.get(at) for name, one in zip(them, weighed, strict=True) if at in one}
            assert weights == expected


def _weighed(task: InHand) -> portion.IntervalDict:
    """What a task weighs at each minute: the touches that reach it added up, no more than count."""
    touches = portion.IntervalDict()
    for at in task.touches:
        reached = portion.IntervalDict({portion.closedopen(at - KERNEL.reach, at + KERNEL.reach): 1})
        touches = touches.combine(reached, int.__add__)
    here = portion.IntervalDict({portion.closedopen(*span): 0 for span in task.present})
    together = touches.combine(here, max)
    together.update({where: 1 + KERNEL.weight * min(times, KERNEL.most) for where, times in together.items()})
    return together
