"""Public holidays by country or region, as `holidays: DE-BE` names them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from functools import cache


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
