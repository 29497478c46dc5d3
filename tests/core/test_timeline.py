"""Minutes, spans and stretches, against the plainest thing that could be right: the set of minutes."""

from __future__ import annotations

from datetime import UTC, date, datetime
from fractions import Fraction
from zoneinfo import ZoneInfo

import portion
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from core.timeline import (
    Span,
    apportion,
    day_span,
    exactly,
    first,
    local,
    minute,
    on_the_clock,
    rounded,
    spans,
    stretch,
    together,
    union,
)

from .says import says

lists_of_spans = st.lists(
    st.tuples(st.integers(0, 60), st.integers(1, 20)).map(lambda pair: (pair[0], pair[0] + pair[1])),
    max_size=8,
)
amounts = st.dictionaries(
    st.text("abcdef", min_size=1, max_size=3), st.fractions(min_value=0, max_value=600), max_size=8
)


def minutes_of(them: list[Span]) -> set[int]:
    return {at for start, end in them for at in range(start, end)}


@given(lists_of_spans)
@example([(0, 5), (5, 8)])
def test_joining_agrees_with_a_library_of_intervals(them: list[Span]) -> None:
    assert union(them) == from_portion(as_portion(them))


@given(lists_of_spans, lists_of_spans)
def test_layers_are_joined_like_one(these: list[Span], those: list[Span]) -> None:
    assert union(these, those) == union([*those, *these])


@given(lists_of_spans, st.integers(0, 60))
def test_what_has_no_length_is_nowhere(them: list[Span], at: int) -> None:
    assert union(them, [(at, at)]) == union(them)
    assert stretch([(at, at)], 0) == 0


@given(lists_of_spans, lists_of_spans)
def test_stretches_agree_with_a_library_of_intervals(these: list[Span], those: list[Span]) -> None:
    a, b = stretch(these, 0), stretch(those, 0)
    left, right = as_portion(these), as_portion(those)
    assert spans(a | b, 0) == from_portion(left | right)
    assert spans(a & b, 0) == from_portion(left & right)
    assert spans(a & ~b, 0) == from_portion(left - right)
    assert together([a, b]) == a | b


@given(lists_of_spans, st.integers(-40, 90))
def test_a_stretch_has_the_minutes_of_its_spans_from_its_origin_on(them: list[Span], origin: int) -> None:
    found = stretch(them, origin)
    minutes = {at for at in minutes_of(them) if at >= origin}
    assert minutes_of(spans(found, origin)) == minutes
    assert found.bit_count() == len(minutes)


@given(lists_of_spans, st.integers(-5, 100))
@example([(0, 5), (10, 15)], 5)
@example([(0, 5), (10, 15)], 6)
def test_the_first_minutes_are_taken_from_the_front(them: list[Span], wanted: int) -> None:
    front = spans(first(stretch(them, 0), wanted), 0)
    assert sorted(minutes_of(front)) == sorted(minutes_of(them))[: max(0, wanted)]


def as_portion(them: list[Span]) -> portion.Interval:
    return portion.Interval(*(portion.closedopen(start, end) for start, end in them))


def from_portion(interval: portion.Interval) -> list[Span]:
    return [(piece.lower, piece.upper) for piece in interval if not piece.empty]


@pytest.mark.parametrize(
    ("day", "zone", "hours"),
    [
        (date(2026, 3, 29), "Europe/Berlin", 23),
        (date(2026, 10, 25), "Europe/Berlin", 25),
        (date(2026, 11, 19), "Europe/Berlin", 24),
        (date(2018, 11, 4), "America/Sao_Paulo", 23),  # midnight itself is skipped
        (date(2011, 12, 30), "Pacific/Apia", 0),  # a day that never was
        (date(2026, 10, 4), "Australia/Lord_Howe", 23.5),
    ],
)
def test_a_local_day_lasts_as_long_as_it_lasts(day: date, zone: str, hours: float) -> None:
    start, end = day_span(day, ZoneInfo(zone))
    assert end - start == hours * 60


def test_a_clock_time_after_midnight_belongs_to_the_next_day() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    assert on_the_clock(date(2026, 11, 19), 30 * 60, berlin) == on_the_clock(
        date(2026, 11, 20), 6 * 60, berlin
    )


def test_a_minute_read_back_is_the_same_minute() -> None:
    instant = datetime(2026, 11, 19, 10, 0, 59, 999999, tzinfo=UTC)
    assert local(minute(instant), ZoneInfo("Europe/Berlin")).isoformat() == "2026-11-19T11:00:00+01:00"


def test_seconds_are_dropped_also_before_the_epoch() -> None:
    assert minute(datetime(1969, 12, 31, 23, 59, 30, tzinfo=UTC)) == -1


def test_a_whole_amount_is_a_whole_number() -> None:
    assert isinstance(exactly(120, 60), int)
    assert exactly(90, 60) == Fraction(3, 2)


@given(amounts, st.sampled_from([1, 6, 15]))
def test_the_largest_remainder_keeps_the_total_and_stays_within_one_step(
    parts: dict[str, Fraction], step: int
) -> None:
    total = rounded(sum(parts.values(), Fraction(0)), step, "nearest")
    dealt = apportion(parts, total, step)
    assert sum(dealt.values()) == total
    assert all(minutes % step == 0 and abs(minutes - parts[key]) < step for key, minutes in dealt.items())


@given(amounts)
def test_a_larger_remainder_is_never_passed_over(parts: dict[str, Fraction]) -> None:
    dealt = apportion(parts, rounded(sum(parts.values(), Fraction(0)), 1, "down"))
    filled = [part % 1 for key, part in parts.items() if dealt[key] > part]
    cut = [part % 1 for key, part in parts.items() if dealt[key] < part]
    assert not filled or not cut or min(filled) >= max(cut)


@pytest.mark.parametrize(
    ("amount", "mode", "expected"),
    [(52, "nearest", 45), (53, "nearest", 60), (46, "up", 60), (59, "down", 45), (45, "up", 45)],
)
@says("mode nearest, up or down")
def test_a_step_is_reached_as_its_mode_says(amount: int, mode: str, expected: int) -> None:
    assert rounded(amount, 15, mode) == expected  # type: ignore[arg-type]


def test_a_half_goes_up() -> None:
    assert rounded(Fraction(15, 2), 15, "nearest") == 15
