"""A look that nobody waits for longer than a few seconds, however long it takes.

A database server that froze neither answers nor hangs up, and whoever asked it waits. One thread does that
here; all who ask meanwhile are told in time that there is no answer.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from typing import Generic, TypeVar

from daybook.clocks import passed

Found = TypeVar("Found")


class Glance(Generic[Found]):
    """One look at a time, begun when somebody asks and shared by all who do before it ends."""

    def __init__(self, look: Callable[[], Found], patience: float) -> None:
        self._look, self._patience = look, patience
        self._lock = threading.Lock()
        self._begun = 0.0
        self._at_hand: Future[Found] | None = None

    def found(self) -> Found | None:
        """What it finds; None where it did not end in time. Raises   whatever it broke by"""
        with self._lock:
            if self._at_hand is None or self._at_hand.done():
                look = Future[Found]()
                # not of a pool: Python would wait for it at the end
                threading.Thread(target=self._looks, args=[look], name="glance", daemon=True).start()
                self._at_hand, self._begun = look, passed()  # not before: a look without a thread never ends
            look, left = self._at_hand, self._begun + self._patience - passed()
        with suppress(TimeoutError):
            return look.result(max(0.0, left))
        return None

    def _looks(self, look: Future[Found]) -> None:
        try:
            look.set_result(self._look())
        except BaseException as error:
            look.set_exception(error)
