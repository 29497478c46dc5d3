"""What an answer says about our pace: how long to rest, what of us rests, and whether a limit is near.

Tools say it with different headers and mean different things by it; each
connector that knows more than Retry-After has a `limits.py` of its own.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import NamedTuple

import requests

from connectors.budget import ALL
from connectors.contract import Rests

LONGEST_REST = timedelta(hours=1)
"""A tool that asks for a year is mistaken; an hour later it may tell us again."""
USUAL_REST = timedelta(seconds=30)
"""When a tool says "too fast" and not how long."""


class Limit(NamedTuple):
    """A limit that was reached."""

    wait: timedelta | None
    """How long it lasts; None where the answer does not say."""
    rests: Rests
    place: str = ALL
    """Where in a Budget."""


class Near(NamedTuple):
    """A limit that will be reached if we go on like this."""

    rate: float
    """Requests a second that keep us below it."""
    during: timedelta


@dataclass(frozen=True)
class Limits:
    """A tool that counts by credential and says how long to wait in Retry-After.

    Takes    rests: what a limit of this credential sends away
    """

    rests: Rests = "connection"

    def places(self, method: str, url: str) -> tuple[str, ...]:
        """What a request is about, as far as it may have to rest alone."""
        return ()

    def reached(self, response: requests.Response) -> Limit:
        """What rests after an answer that says "too fast"."""
        return Limit(asked_rest(response.headers), self.rests)

    def near(self, response: requests.Response) -> Near | None:
        """Whether an answer warns us."""
        return None


def asked_rest(headers: Mapping[str, str], *, longest: timedelta = LONGEST_REST) -> timedelta | None:
    """How long an answer asks us to rest; None where it does not say.

    Takes    headers by any case; Retry-After as seconds, fraction or date, or a time in X-RateLimit-Reset
    Gives    0 to `longest`; dates are counted from the answer's own Date, so a wrong clock here is harmless
    """
    said = number(headers, "Retry-After")
    if said is None:
        until = _moment(headers.get("Retry-After", "")) or _moment(headers.get("X-RateLimit-Reset", ""))
        said = (until - told_at(headers)).total_seconds() if until else None
    if said is None:
        return None
    return timedelta(seconds=min(max(said, 0.0), longest.total_seconds()))


def until_reset(headers: Mapping[str, str]) -> timedelta | None:
    """How long until what X-RateLimit-Reset names."""
    until = _moment(headers.get("X-RateLimit-Reset", ""))
    return max(until - told_at(headers), timedelta(0)) if until else None


def number(headers: Mapping[str, str], name: str) -> float | None:
    """A header that is a number; None where it is not, or not there."""
    try:
        value = float(headers.get(name, ""))
    except ValueError:
        return None
    return None if math.isnan(value) else value


def told_at(headers: Mapping[str, str]) -> datetime:
    """When an answer was given, by the tool's own clock; by ours where it does not say."""
    return dated(headers) or datetime.now(UTC)


def dated(headers: Mapping[str, str]) -> datetime | None:
    """What time an answer says it is at its tool; None where it does not."""
    return _moment(headers.get("Date", ""))


def _moment(text: str) -> datetime | None:
    for read in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            moment = read(text)
        except (ValueError, TypeError, IndexError):
            continue
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return None
