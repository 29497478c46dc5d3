"""When a contributor works: hours by weekday, less holidays."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import GetJsonSchemaHandler, ValidationError, model_validator
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, InitErrorDetails

from core.model import LONGEST, Noun
from core.timeline import MINUTES_A_DAY, Span, on_the_clock, union

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

_HOURS = re.compile(r"\s*(\d{1,2}):([0-5]\d)\s*-\s*(\d{1,2}):([0-5]\d)\s*")
_DAY = timedelta(days=1)


class Schedule(Noun):
    """A working week, written `{mon-thu: ["09:00-12:30", "13:15-18:00"], fri: ["09:00-15:00"]}`."""

    week: tuple[tuple[tuple[int, int], ...], ...]
    """From Monday on, the hours that begin on each day, in minutes from its midnight; a night shift ends
    after 1440."""
    holidays: frozenset[date] = frozenset()
    """Days on which nothing begins."""

    @model_validator(mode="before")
    @classmethod
    def _from_words(cls, value: Any) -> Any:
        if not isinstance(value, dict) or "week" in value:
            return value
        return {"week": _week(value)}

    @model_validator(mode="after")
    def _has_seven_days(self) -> Schedule:
        if len(self.week) != len(WEEKDAYS):
            raise ValueError(f"has {len(self.week)} days; a week has seven")
        return self

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        """As people write it, which is not as it is kept."""
        hours = {"type": "string", "pattern": r"^\s*\d{1,2}:\d{2}\s*-\s*\d{1,2}:\d{2}\s*$"}
        day = f"({'|'.join(WEEKDAYS)})"
        return {
            "type": "object",
            "description": cls.__doc__ or "",
            "patternProperties": {
                f"^{day}(-{day})?(\\s*,\\s*{day}(-{day})?)*$": {
                    "anyOf": [hours, {"type": "array", "items": hours}]
                }
            },
            "additionalProperties": False,
        }

    def observing(self, holidays: Iterable[date]) -> Schedule:
        """The same week, with these days off."""
        off = self.holidays.union(holidays)
        return self if off == self.holidays else self.model_copy(update={"holidays": off})

    def works(self, day: date) -> bool:
        """Whether work begins on that day."""
        return bool(self.week[day.weekday()]) and day not in self.holidays

    def hours(self, day: date, zone: ZoneInfo) -> list[Span]:
        """The working hours that fall on one local day, the end of last night's shift included."""
        midnight, next_midnight = on_the_clock(day, 0, zone), on_the_clock(day, MINUTES_A_DAY, zone)
        begun = (
            (on_the_clock(start_day, start, zone), on_the_clock(start_day, end, zone))
            for start_day in (day - _DAY, day)
            if self.works(start_day)
            for start, end in self.week[start_day.weekday()]
        )
        clipped = ((max(start, midnight), min(end, next_midnight)) for start, end in begun)
        return union(span for span in clipped if span[0] < span[1])

    def reaching_back(self, day: date, working_days: int) -> date:
        """The earliest day after which no more than so many working days have come, `day` included."""
        for _ in range(LONGEST.days):
            working_days -= self.works(day)
            if working_days < 0:
                break
            day -= _DAY
        return day


def _week(words: dict[Any, Any]) -> list[list[Span]]:
    """Raises   ValidationError, with every mistake at its own word"""
    week: list[list[Span]] = [[] for _ in WEEKDAYS]
    given: set[int] = set()
    wrong: list[InitErrorDetails] = []
    for days, hours in words.items():
        spans: list[Span] = []
        listed = isinstance(hours, list | tuple)
        for number, text in enumerate(hours if listed else [] if hours is None else [hours]):
            try:
                span = _span(text)
                if any(start < span[1] and span[0] < end for start, end in spans):
                    raise ValueError(
                        f'"{text}" overlaps the hours before it; who ends earlier than they begin '
                        "goes over midnight"
                    )
                spans.append(span)
            except ValueError as error:
                wrong.append(_mistake(error, (str(days), number) if listed else (str(days),)))
        try:
            for weekday in _weekdays(str(days)):
                if weekday in given:
                    raise ValueError(f"names {WEEKDAYS[weekday]} twice")
                given.add(weekday)
                week[weekday] = spans
        except ValueError as error:
            wrong.append(_mistake(error, (str(days),)))
    if wrong:
        raise ValidationError.from_exception_data(Schedule.__name__, wrong)
    return week


def _mistake(error: ValueError, place: tuple[int | str, ...]) -> InitErrorDetails:
    return InitErrorDetails(type="value_error", loc=place, input=None, ctx={"error": error})


def _weekdays(text: str) -> Iterator[int]:
    """The numbers of `mon`, `mon-thu`, `sun-thu` or `mon, wed`."""
    for part in text.lower().split(","):
        names = [name.strip() for name in part.split("-")]
        if len(names) > 2 or not set(names) <= set(WEEKDAYS):
            raise ValueError(
                f"'{text}' is not a weekday or a range of them; write it like mon, mon-fri or sat"
            )
        begin, end = WEEKDAYS.index(names[0]), WEEKDAYS.index(names[-1])
        yield from ((begin + step) % 7 for step in range((end - begin) % 7 + 1))


def _span(text: Any) -> Span:
    found = _HOURS.fullmatch(text) if isinstance(text, str) else None
    if not found:
        raise ValueError(f'{text!r} is not a span of hours; write it like "09:00-12:30"')
    from_hour, from_minute, to_hour, to_minute = map(int, found.groups())
    start, end = from_hour * 60 + from_minute, to_hour * 60 + to_minute
    if start >= MINUTES_A_DAY or end > MINUTES_A_DAY:
        raise ValueError(f'"{text}" goes past 24:00')
    if start == end:
        raise ValueError(f'"{text}" is no time at all')
    return start, end if start < end else end + MINUTES_A_DAY


USUAL = Schedule.model_validate({"mon-fri": ["09:00-17:00"]})
"""For a person without a schedule of their own."""
