"""Days on which nobody works: public holidays, as `holidays: DE-BE` names them, and one's own."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from functools import cache

LONGEST_LEAVE = 366
"""Days in one span of days off; what is longer is a slip of the pen."""


def holidays(region: str, years: Iterable[int]) -> frozenset[date]:
    """The days off of a region.

    Takes    a country code, with a subdivision where it has its own: DE, DE-BE, GB-SCT
    Raises   ValueError for a region nobody knows
    """
    return _days(region, tuple(years))


@cache
def _days(region: str, years: tuple[int, ...]) -> frozenset[date]:
    from holidays import country_holidays  # half a second of country modules: only where somebody needs it

    country, _, subdivision = region.partition("-")
    try:
        return frozenset(country_holidays(country, subdiv=subdivision or None, years=years))
    except NotImplementedError:
        raise ValueError(
            f"{region!r} is no country or region with known holidays; write it like DE or DE-BE"
        ) from None


def days_off(text: str) -> frozenset[date]:
    """One day, or all from one to another, both included.

    Takes    2026-12-24, or 2026-12-24..2027-01-02
    Raises   ValueError for anything else
    """
    first, _, last = text.partition("..")
    try:
        begin, end = date.fromisoformat(first.strip()), date.fromisoformat((last or first).strip())
    except ValueError:
        raise ValueError(
            f"{text!r} is not a day; write it like 2026-12-24, or 2026-12-24..2027-01-02 for several"
        ) from None
    if not 0 <= (end - begin).days < LONGEST_LEAVE:
        raise ValueError(f"{text!r} is no span of up to {LONGEST_LEAVE} days, the first one first")
    return frozenset(begin + timedelta(days=number) for number in range((end - begin).days + 1))
