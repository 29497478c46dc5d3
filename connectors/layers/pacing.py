"""The whole connection rests when its tool asks for it, or fails again and again (R-07).

After several failures in a row the circuit is open: nothing is asked for a
while, then one call goes as a probe, and its answer decides for all.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import timedelta

from connectors.budget import Budget
from connectors.contract import Connector, Fault, Paced, Unavailable, Unclear
from connectors.layers.around import Calling, P, T

PROBE = 1.0
"""Seconds for the others to wait while one call probes."""


class Pacing(Calling):
    """One for each connection, its writers included.

    Takes    failures: how many in a row open the circuit; rest: how long it stays open
             budget: what its requests spend from, for who looks
    """

    def __init__(
        self,
        inner: Connector,
        *,
        failures: int = 5,
        rest: timedelta = timedelta(seconds=60),
        clock: Callable[[], float] = time.monotonic,
        budget: Budget | None = None,
    ) -> None:
        super().__init__(inner)
        self.budget = budget
        self._most, self._rest, self._clock = failures, rest.total_seconds(), clock
        self._lock = threading.Lock()
        self._failures = 0
        self._why = ""
        """What the last of them said."""
        self._rests_until = clock()
        self._probing = False

    def reading(self, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        probes = self._enter()
        try:
            answer = call(*args, **kwargs)
        except BaseException as error:
            self._leave(error, probes=probes)
            raise
        self._leave(None, probes=probes)
        return answer

    writing = reading

    def _enter(self) -> bool:
        """Whether this call is the probe. Raises Paced where nothing may be sent."""
        with self._lock:
            left, broken = self._rests_until - self._clock(), self._failures >= self._most
            if left <= 0 and not (broken and self._probing):
                self._probing = broken
                return broken
        if left <= 0:
            said = f"The connection {self.name} is being tried by one call; the others wait for its answer."
            raise Paced(f"{said} Nothing was sent.", timedelta(seconds=PROBE), "call")
        why = f"{self._why} After {self._failures} failures in a row the" if broken else "The"
        raise Paced(
            f"{why} connection {self.name} rests for another {left:.0f} s. Nothing was sent.",
            timedelta(seconds=left),
        )

    def _leave(self, error: BaseException | None, *, probes: bool) -> None:
        with self._lock:
            if probes:
                self._probing = False
            match error:
                case Paced(wait=wait, rests="connection"):
                    self._rest_for(wait.total_seconds())
                case Paced():
                    pass  # the others may go on, and it says nothing about the tool
                case Unavailable() | Unclear():
                    self._failures += 1
                    self._why = str(error)
                    if self._failures >= self._most:
                        self._rest_for(self._rest)
                case None | Fault():
                    self._failures = 0

    def _rest_for(self, seconds: float) -> None:
        self._rests_until = max(self._rests_until, self._clock() + seconds)
