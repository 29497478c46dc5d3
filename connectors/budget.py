"""How fast one connection may ask, and how long it rests when its tool says so.

One Budget is shared by all sessions and threads of a connection: a tool counts
a team's requests together, so we do too (R-07). A tool that counts each
credential by itself gets a Budget for each (`apart`). A rest may be about less
than all: about one place, whatever a connector calls so (an endpoint, an issue,
a person).
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import NamedTuple

from connectors.contract import Paced, Rests, Unavailable
from core.said import Said, worded

Wait = Callable[[float], object]
"""Sleeps so many seconds and gives True, at once, when the daemon stops: `threading.Event().wait`."""

ALL = ""
"""The place that every request is at."""
MOST_PLACES = 1_000
"""Above it, places whose rest is over are forgotten."""
A_MOMENT = 0.01
"""Seconds between two looks whether one of the requests on their way is back."""
NOTHING = 1e-6
WHOLE_RESTS = worded("This connection rests for another {seconds} s; nothing was sent.")
CALL_RESTS = worded("Such a call rests for another {seconds} s; nothing was sent.")
"""What is less is a matter of rounding: no clock moves by it."""


class _Rest(NamedTuple):
    until: float
    rests: Rests


class Budget:
    """A token bucket that can be told to rest or to go slower.

    Takes    reads, writes: how many may be on their way at once
    Units    rate: requests a second; burst: how many may go at once after a pause
    """

    def __init__(
        self,
        rate: float = 10.0,
        burst: int = 20,
        *,
        reads: int = 8,
        writes: int = 4,
        patience: timedelta = timedelta(seconds=10),
        clock: Callable[[], float] = time.monotonic,
        wait: Wait | None = None,
    ) -> None:
        self.requests = 0
        """How many were let through."""
        self._rate, self._burst = rate, burst
        self._most = {False: reads, True: writes}
        self._under_way = {False: 0, True: 0}
        """By whether they write."""
        self._patience = patience.total_seconds()
        self._clock = clock
        self._wait = wait or threading.Event().wait
        self._lock = threading.Lock()
        self._tokens, self._filled = float(burst), clock()
        self._rests: dict[str, _Rest] = {}
        """By place."""
        self._slow, self._slow_until = rate, clock()
        self._tries = False
        """After a rest of all, until the first answer: one goes ahead, the others wait for what it hears."""

    @property
    def left(self) -> float:
        """How much of all that may be sent at once may be now: 0 to 1, and nothing while all rests."""
        with self._lock:
            now = self._clock()
            if self._resting((ALL,), now):
                return 0.0
            filled = self._tokens + max(now - self._filled, 0.0) * self._rate
            return min(self._burst, filled) / self._burst

    def apart(self, *, writes: int | None = None) -> Budget:
        """One just as large, for a credential that its tool counts by itself."""
        return Budget(
            self._rate,
            self._burst,
            reads=self._most[False],
            writes=writes or self._most[True],
            patience=timedelta(seconds=self._patience),
            clock=self._clock,
            wait=self._wait,
        )

    def becomes(self, other: Budget) -> None:
        """As fast as another from now on; what was asked and is resting stays so."""
        with self._lock:
            self._rate, self._burst, self._patience = other._rate, other._burst, other._patience
            self._slow = min(self._slow, self._rate)

    @contextmanager
    def turn(self, *places: str, write: bool = False) -> Iterator[None]:
        """Hold one of the places on the way while a request is sent. Raises as `take`."""
        self._let_through(places, write=write)
        try:
            yield
        finally:
            with self._lock:
                self._under_way[write] -= 1
                self._tries = self._tries and self._resting((ALL,), self._clock()) is not None

    def take(self, *places: str) -> None:
        """Let one request through, after a wait of `patience` at most.

        Raises   Paced where it would take longer, Unavailable when the daemon stops meanwhile
        """
        with self.turn(*places):
            pass

    def rest(self, wait: timedelta, place: str = ALL, rests: Rests = "connection") -> None:
        """Let nothing through there for so long, then begin slowly; a shorter rest never ends a longer one.

        Takes    rests: what the place is, for whoever is sent away meanwhile
        """
        with self._lock:
            until = self._clock() + wait.total_seconds()
            self._forget_the_rested()
            if place not in self._rests or self._rests[place].until < until:
                self._rests[place] = _Rest(until, rests)
            if place == ALL:
                self._tokens, self._filled = min(self._tokens, 1.0), max(until, self._filled)
                self._tries = True

    def slow(self, rate: float, during: timedelta) -> None:
        """Go no faster than this for so long: the tool says that we are near its limit.

        Units    requests a second
        """
        with self._lock:
            self._slow, self._slow_until = rate, self._clock() + during.total_seconds()
            self._tokens = min(self._tokens, 1.0)

    def _let_through(self, places: tuple[str, ...], *, write: bool) -> None:
        latest = self._clock() + self._patience
        while held_up := self._take_or_wait((ALL, *places), write=write):
            seconds, rests = held_up
            if self._clock() + seconds > latest:
                form = WHOLE_RESTS if rests != "call" else CALL_RESTS
                raise Paced(Said(form, seconds=f"{seconds:.0f}"), timedelta(seconds=seconds), rests)
            if self._wait(seconds):
                raise Unavailable(Said("Daybook is stopping; nothing was sent."))

    def _take_or_wait(self, places: tuple[str, ...], *, write: bool) -> tuple[float, Rests] | None:
        """Take a token, or give the seconds until there may be one, and what waits so long."""
        with self._lock:
            now = self._clock()
            if resting := self._resting(places, now):
                return resting.until - now, resting.rests
            if self._under_way[write] >= self._most[write] or (self._tries and any(self._under_way.values())):
                return A_MOMENT, "call"
            slowed = now < self._slow_until
            rate, burst = (min(self._slow, self._rate), 1) if slowed else (self._rate, self._burst)
            self._tokens = min(burst, self._tokens + max(now - self._filled, 0.0) * rate)
            self._filled = now
            if self._tokens < 1 - NOTHING:
                return (1 - self._tokens) / rate, "call"
            self._tokens -= 1
            self._under_way[write] += 1
            self.requests += 1
            return None

    def _resting(self, places: tuple[str, ...], now: float) -> _Rest | None:
        """The longest rest there that is not over."""
        rests = [self._rests[place] for place in places if place in self._rests]
        longest = max(rests, key=lambda rest: rest.until, default=None)
        return longest if longest is not None and longest.until - now > NOTHING else None

    def _forget_the_rested(self) -> None:
        if len(self._rests) > MOST_PLACES:
            now = self._clock()
            self._rests = {place: rest for place, rest in self._rests.items() if rest.until > now}


def spread(wait: timedelta) -> timedelta:
    """A little more than was asked for, and not the same for all who were asked: U(1.0, 1.3) of it."""
    return wait * random.uniform(1.0, 1.3)  # noqa: S311 - spread, not secret
