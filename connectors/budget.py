"""How fast one connection may ask, and how long it rests when its tool says so.

One Budget is shared by all sessions and threads of a connection: a tool counts
a team's requests together, so we do too (R-07).
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from connectors.contract import Paced, Unavailable

Wait = Callable[[float], object]
"""Sleeps so many seconds and gives True, at once, when the daemon stops: `threading.Event().wait`."""

LONGEST_REST = timedelta(hours=1)
"""A tool that asks for a year is mistaken; an hour later it may tell us again."""
USUAL_REST = timedelta(seconds=30)
"""When a tool says "too fast" and not how long."""


class Budget:
    """A token bucket that can be told to rest.

    Units    rate: requests a second; burst: how many may go at once after a pause
    """

    def __init__(
        self,
        rate: float = 10.0,
        burst: int = 20,
        *,
        patience: timedelta = timedelta(seconds=10),
        clock: Callable[[], float] = time.monotonic,
        wait: Wait | None = None,
    ) -> None:
        self.requests = 0
        """How many were let through."""
        self._rate, self._burst = rate, burst
        self._patience = patience.total_seconds()
        self._clock = clock
        self._wait = wait or threading.Event().wait
        self._lock = threading.Lock()
        self._tokens, self._filled = float(burst), clock()
        self._rest_until = clock()

    def take(self) -> None:
        """Let one request through, after a wait of `patience` at most.

        Raises   Paced where it would take longer, Unavailable when the daemon stops meanwhile
        """
        latest = self._clock() + self._patience
        while (wait := self._take_or_wait()) > 0:
            if self._clock() + wait > latest:
                left = timedelta(seconds=wait)
                raise Paced(f"This connection rests for another {wait:.0f} s; nothing was sent.", left)
            if self._wait(wait):
                raise Unavailable("Daybook is stopping; nothing was sent.")

    def rest(self, wait: timedelta) -> None:
        """Let nothing through for so long, then begin slowly; a shorter rest never ends a longer one."""
        with self._lock:
            self._rest_until = max(self._rest_until, self._clock() + wait.total_seconds())
            self._tokens, self._filled = 1.0, self._rest_until

    def _take_or_wait(self) -> float:
        """Take a token and give 0, or give the seconds until there may be one."""
        with self._lock:
            now = self._clock()
            if now < self._rest_until:
                return self._rest_until - now
            self._tokens = min(self._burst, self._tokens + (now - self._filled) * self._rate)
            self._filled = now
            if self._tokens < 1:
                return (1 - self._tokens) / self._rate
            self._tokens -= 1
            self.requests += 1
            return 0.0


def asked_rest(headers: Mapping[str, str], *, longest: timedelta = LONGEST_REST) -> timedelta | None:
    """How long an answer asks us to rest; None where it does not say.

    Takes    headers by any case; Retry-After as seconds, fraction or date, or a time in X-RateLimit-Reset
    Gives    0 to `longest`; dates are counted from the answer's own Date, so a wrong clock here is harmless
    """
    said = _seconds(headers.get("Retry-After", ""))
    if said is None:
        now = _moment(headers.get("Date", "")) or datetime.now(UTC)
        until = _moment(headers.get("Retry-After", "")) or _moment(headers.get("X-RateLimit-Reset", ""))
        said = (until - now).total_seconds() if until else None
    if said is None:
        return None
    return timedelta(seconds=min(max(said, 0.0), longest.total_seconds()))


def _seconds(text: str) -> float | None:
    try:
        seconds = float(text)
    except ValueError:
        return None
    return None if math.isnan(seconds) else seconds


def _moment(text: str) -> datetime | None:
    for read in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            moment = read(text)
        except (ValueError, TypeError, IndexError):
            continue
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return None
