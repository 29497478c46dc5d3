"""How many wrong tokens came from where, so that nobody can go on guessing."""

from __future__ import annotations

import threading
from collections import OrderedDict, deque
from datetime import datetime, timedelta

MOST_WRONG = 20
"""Wrong tokens from one address within a minute, or with the same beginning from wherever."""
MOST_COUNTED = 10_000
A_MINUTE = timedelta(minutes=1)


class Guesses:
    """Counts wrong tokens by where they came from or how they begin, so that nobody can go on guessing."""

    def __init__(self) -> None:
        self._wrong: OrderedDict[str, deque[datetime]] = OrderedDict()
        self._lock = threading.Lock()

    def too_many(self, address: str, now: datetime) -> bool:
        with self._lock:
            times = self._wrong.get(address, deque())
            while times and times[0] <= now - A_MINUTE:
                times.popleft()
            return len(times) >= MOST_WRONG

    def wrong(self, address: str, now: datetime) -> None:
        with self._lock:
            times = self._wrong.setdefault(address, deque(maxlen=MOST_WRONG))
            times.append(now)
            self._wrong.move_to_end(address)
            while len(self._wrong) > MOST_COUNTED:
                self._wrong.popitem(last=False)
