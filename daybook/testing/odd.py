"""What a careless or hostile tool could send: a sound payload in, each payload odd in one place out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

ODD: tuple[Any, ...] = (
    None,
    True,
    -1,
    10**400,
    float("nan"),
    "",
    "x" * 100_000,
    "\u202etitle\u2066",  # turned around
    "two\nlines\x00\x1b[31m",
    "half a character: \ud800",
    "שיחה 与客户 مكالمة",
    [],
    {},
    [[[[]]]],
    [None, 1, "x", {}],
    {"self": {"self": None}},
)
"""Stands in for any value; most are of a wrong type."""


def spoilt(payload: Any) -> Iterator[Any]:
    """Each value of a payload gone, doubled or odd, one at a time; the payload itself stays as it is.

    Takes    what `json.loads` gives
    """
    yield from ODD
    if not isinstance(payload, dict | list):
        return
    for place, value in payload.items() if isinstance(payload, dict) else enumerate(payload):
        yield _without(payload, place)
        if isinstance(payload, list):
            yield [*payload, value]
        for odd in spoilt(value):
            yield _with(payload, place, odd)


def _without(payload: Any, place: Any) -> Any:
    if isinstance(payload, dict):
        return {name: value for name, value in payload.items() if name != place}
    return [value for number, value in enumerate(payload) if number != place]


def _with(payload: Any, place: Any, odd: Any) -> Any:
    changed = payload.copy()
    changed[place] = odd
    return changed
