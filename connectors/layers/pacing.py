"""The whole connection rests when its tool asks for it, or fails again and again (R-07).

After several failures in a row the circuit is open: nothing is asked for a
while, then one call goes as a probe, and its answer decides for all.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import timedelta

from connectors.contract import Connector, Fault, Paced, Unavailable, Unclear
from connectors.layers.around import Calling, P, T

PROBE = 1.0
"""Seconds for the others to wait while one call probes."""


class Pacing(Calling):
    """One for each connection, its writers included.

    Takes    failures: how many in a row open the circuit; rest: how long it stays open
    """

    def __init__(
        self,
        inner: Connector,
        *,
        failures: int = 5,
        rest: timedelta = timedelta(seconds=60),
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(inner)
        self._most, self._rest, self._clock = failures, rest.total_seconds(), clock
        self._lock = threading.Lock()
        self._failures = 0
        self._rests_until = clock()
        self._probing = False

    def reading(self, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        self._enter()
        try:
            answer = call(*args, **kwargs)
        except BaseException as error:
            self._leave(error)
            raise
        self._leave(None)
        return answer

    writing = reading

    def _enter(self) -> None:
        with self._lock:
            left = self._rests_until - self._clock()
            if left <= 0 and self._failures >= self._most:
                left = PROBE if self._probing else 0.0
                self._probing = True
        if left > 0:
            raise Paced(
                f"The connection {self.name} rests for another {left:.0f} s. Nothing was sent.",
                timedelta(seconds=left),
            )

    def _leave(self, error: BaseException | None) -> None:
        with self._lock:
            self._probing = False
            match error:
                case Paced(wait=wait):
                    self._rest_for(wait.total_seconds())
                case Unavailable() | Unclear():
                    self._failures += 1
                    if self._failures >= self._most:
                        self._rest_for(self._rest)
                case None | Fault():
                    self._failures = 0

    def _rest_for(self, seconds: float) -> None:
        self._rests_until = max(self._rests_until, self._clock() + seconds)
