"""The same call again, where it certainly did not happen, for as long as somebody may wait (R-07).

`Unavailable` says that nothing happened, for a write too; `Unclear` does not,
and passes. A longer outage is not waited out here: the next round is.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta

import tenacity

from connectors.budget import Wait, spread
from connectors.contract import Connector, Endless, Paced, Unavailable
from connectors.layers.around import Calling, P, T
from core.said import Said

ATTEMPTS = 4
WRITE_WITHIN = timedelta(seconds=5)
"""No write is begun again later: who looks for a lost one must know when it may have been sent (R-02)."""


class Retrying(Calling):
    """Tries again with full jitter.

    Takes    patience: the longest single pause; a tool that asks for more is left until the next round
    """

    def __init__(
        self,
        inner: Connector,
        *,
        attempts: int = ATTEMPTS,
        patience: timedelta = timedelta(seconds=10),
        wait: Wait | None = None,
    ) -> None:
        super().__init__(inner)
        self._wait = wait or threading.Event().wait
        self._longest = patience.total_seconds()
        self._jitter = tenacity.wait_random_exponential(multiplier=0.5, max=self._longest)
        enough = tenacity.stop_after_attempt(attempts)
        in_time = tenacity.stop_before_delay(WRITE_WITHIN)
        self._reads, self._writes = self._policy(enough), self._policy(enough | in_time)

    def reading(self, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        return self._reads(call, *args, **kwargs)

    def writing(self, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        return self._writes(call, *args, **kwargs)

    def _policy(self, stop: tenacity.stop.stop_base) -> tenacity.Retrying:
        return tenacity.Retrying(
            retry=tenacity.retry_if_exception(self._worth_it),
            wait=self._pause,
            stop=stop,
            sleep=self._sleep,
            reraise=True,
        )

    def _worth_it(self, error: BaseException) -> bool:
        match error:
            case Endless():
                return False
            case Paced(wait=wait):
                return wait.total_seconds() <= self._longest
        return isinstance(error, Unavailable)

    def _pause(self, state: tenacity.RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome else None
        if isinstance(error, Paced):
            return spread(error.wait).total_seconds()
        return self._jitter(state)

    def _sleep(self, seconds: float) -> None:
        if self._wait(seconds):
            raise Unavailable(Said("Daybook is stopping. Nothing changed; the next start tries again."))
