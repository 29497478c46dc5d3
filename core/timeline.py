"""Time as the reconciler counts it: whole minutes since the epoch, spans of them, and stretches.

A span is a half-open pair of such minutes. A stretch is any set of minutes of one day, and stands as one
whole number: its bit n is the nth minute from where the day is counted. So what two of them have in common is
`a & b`, both together are `a | b`, one without the other is `a & ~b`, and `a.bit_count()` is how long it is.

The minutes are elapsed ones, so a local day has 23, 24 or 25 hours of them, and a clock change is met only
where a local time becomes a minute.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, timedelta, timezone
from fractions import Fraction
from functools import lru_cache, reduce
from itertools import chain
from math import floor
from operator import or_
from typing import Literal
from zoneinfo import ZoneInfo

Span = tuple[int, int]
Stretch = int
Amount = Fraction | int

SECONDS = 60
"""A minute has."""
MINUTES_A_DAY = 24 * 60
"""By the clock on the wall, not elapsed."""


def minute(instant: datetime) -> int:
    """The whole minute an instant falls into. Every edge drops its seconds, so neighbours still touch."""
    return int(instant.timestamp() // SECONDS)


@lru_cache(maxsize=1 << 15)  # most things begin on a quarter of an hour, for everybody
def local(at: int, zone: ZoneInfo) -> datetime:
    """A minute as the clock on the wall shows it, with the offset of that moment."""
    there = datetime.fromtimestamp(at * SECONDS, zone)
    return there.replace(tzinfo=timezone(there.utcoffset() or timedelta()), fold=0)


@lru_cache(maxsize=1 << 12)
def on_the_clock(day: date, minute_of_day: int, zone: ZoneInfo) -> int:
    """The minute at which the clock on the wall shows a time; 24:00 and later belong to the next day.

    Source   PEP 495: a time the clock skips is read with the offset before the change; of a time it shows
             twice the first is meant
    """
    later, rest = divmod(minute_of_day, MINUTES_A_DAY)
    return minute(datetime.combine(day + timedelta(days=later), time(*divmod(rest, 60)), zone))


def day_span(day: date, zone: ZoneInfo) -> Span:
    """From one local midnight to the next."""
    return on_the_clock(day, 0, zone), on_the_clock(day, MINUTES_A_DAY, zone)


def union(*layers: Iterable[Span]) -> list[Span]:
    """What any layer covers; the layers in any order, and their spans as they come."""
    spans: list[Span] = []
    for start, end in sorted(chain.from_iterable(layers)):
        if spans and start <= spans[-1][1]:
            if end > spans[-1][1]:
                spans[-1] = (spans[-1][0], end)
        elif start < end:
            spans.append((start, end))
    return spans


def stretch(spans: Iterable[Span], origin: int) -> Stretch:
    """What any of the spans covers, counted from a minute; what lies before that is left out."""
    covered = 0
    for start, end in spans:
        covered |= (1 << max(0, end - origin)) - (1 << max(0, start - origin))
    return covered


def spans(stretch: Stretch, origin: int) -> list[Span]:
    """The same as spans: in order and apart, none of them empty."""
    found = []
    while stretch:
        start = _first_bit(stretch)
        end = _first_bit(stretch + (1 << start))  # which carries over to the first minute that is not in it
        stretch &= -1 << end
        found.append((origin + start, origin + end))
    return found


def _first_bit(number: int) -> int:
    """Where the lowest of its bits stands."""
    return (number ^ (number - 1)).bit_length() - 1


def together(stretches: Iterable[Stretch]) -> Stretch:
    """What any of them covers."""
    return reduce(or_, stretches, 0)


def first(found: Stretch, minutes: int) -> Stretch:
    """As many minutes of it as asked for, from the front."""
    kept = 0
    for start, end in spans(found, 0):
        kept |= stretch([(start, max(start, min(end, start + minutes)))], 0)
        minutes -= end - start
    return kept


def exactly(count: int, fraction: int) -> Amount:
    """So many of such fractions of a minute: a whole number wherever it is one, for those are quicker."""
    whole, rest = divmod(count, fraction)
    return Fraction(count, fraction) if rest else whole


def rounded(amount: Amount, step: int, mode: Literal["nearest", "up", "down"]) -> int:
    """An amount in whole steps; a half goes up."""
    match mode:
        case "up":
            return -(-amount // step) * step
        case "down":
            return amount // step * step
        case "nearest":
            return (2 * amount + step) // (2 * step) * step


def apportion(parts: Mapping[str, Amount], total: int, step: int = 1) -> dict[str, int]:
    """A total dealt out in whole steps, as near to the parts as whole steps can be: the largest remainder.

    Takes    a total of whole steps that lies between all parts cut down and all parts filled up
    Gives    an amount for every part; between equal remainders the key decides
    """
    dealt = {key: floor(part) // step * step for key, part in parts.items()}
    missing = (total - sum(dealt.values())) // step
    if missing:
        cut = [key for key, part in parts.items() if part != dealt[key]]
        for key in sorted(cut, key=lambda key: (dealt[key] - parts[key], key))[:missing]:
            dealt[key] += step
    return dealt
