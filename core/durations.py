"""Durations and shares as people write them, read into whole numbers whose unit is in the name.

`15m`, `2h`, `1h 30m`, `90 days`, `2 years`, `3 working days`, `80 %`. A plain whole number is taken as it
is, in the unit of the field. A year is 365 days, so that nothing is kept longer than said; months are left
out because their lengths differ.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Annotated

from pydantic import BeforeValidator, Field

_DAYS = {"d": 1, "day": 1, "days": 1, "week": 7, "weeks": 7, "year": 365, "years": 365}
_MINUTES = {
    **dict.fromkeys(("m", "min", "minute", "minutes"), 1),
    **dict.fromkeys(("h", "hour", "hours"), 60),
    **{unit: days * 24 * 60 for unit, days in _DAYS.items()},
}
_SECONDS = {
    **dict.fromkeys(("s", "sec", "second", "seconds"), 1),
    **{unit: minutes * 60 for unit, minutes in _MINUTES.items()},
}
_WORKING_DAYS = dict.fromkeys(("working day", "working days"), 1)
_PERCENT = {"%": 1, "percent": 1}

# Six digits are 1,900 years of minutes; more is a slip of the finger.
_PART = re.compile(r"([0-9]{1,6})\s*([a-z]+(?:\s+[a-z]+)?|%)\s*")


def _reader(units: Mapping[str, int], complaint: str) -> Callable[[object], object]:
    """A reader of text in these units; what is not text passes on to the whole-number check."""

    def read(value: object) -> object:
        if isinstance(value, bool):  # Python counts True as 1; `hold: yes` is no duration
            raise ValueError(f"{value} is {complaint}")
        if not isinstance(value, str):
            return value
        total = _total(value.strip().lower(), units)
        if total is None:
            raise ValueError(f"'{value}' is {complaint}")
        return total

    return read


def _total(text: str, units: Mapping[str, int]) -> int | None:
    """The sum of every `number unit` in the text; None unless the whole text is made of them."""
    parts = list(_PART.finditer(text))
    if not parts or "".join(part[0] for part in parts) != text:
        return None
    sizes = [units.get(" ".join(part[2].split())) for part in parts]
    if None in sizes:
        return None
    return sum(int(part[1]) * size for part, size in zip(parts, sizes, strict=True) if size is not None)


Minutes = Annotated[
    int,
    Field(ge=0, strict=True),
    BeforeValidator(
        _reader(_MINUTES, "not a duration Daybook knows; write it like 15m, 2h or 90 days"),
        json_schema_input_type=int | Annotated[str, Field(examples=["15m", "2h", "1h 30m"])],
    ),
]
"""Whole minutes, written `15m`, `2h` or `1h 30m`."""

Seconds = Annotated[
    int,
    Field(ge=0, strict=True),
    BeforeValidator(
        _reader(_SECONDS, "not a duration Daybook knows; write it like 30s, 15m or 2h"),
        json_schema_input_type=int | Annotated[str, Field(examples=["30s", "15m", "2h"])],
    ),
]
"""Whole seconds, written `30s`, `15m` or `2h`."""

Days = Annotated[
    int,
    Field(ge=0, strict=True),
    BeforeValidator(
        _reader(_DAYS, "not a number of days Daybook knows; write it like 90 days or 2 years"),
        json_schema_input_type=int | Annotated[str, Field(examples=["90 days", "2 years"])],
    ),
]
"""Whole calendar days, written `90 days`, `6 weeks` or `2 years`."""

WorkingDays = Annotated[
    int,
    Field(ge=0, strict=True),
    BeforeValidator(
        _reader(_WORKING_DAYS, "not a number of working days; write it like 3 working days"),
        json_schema_input_type=int | Annotated[str, Field(examples=["3 working days"])],
    ),
]
"""Whole days on which the contributor works, written `3 working days`."""

Percent = Annotated[
    int,
    Field(ge=0, le=100, strict=True),
    BeforeValidator(
        _reader(_PERCENT, "not a percentage; write it like 80 %"),
        json_schema_input_type=int | Annotated[str, Field(examples=["80 %"])],
    ),
]
"""Whole percent, written `80 %`."""
