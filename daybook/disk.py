"""What the runner knows of its disk: it says once that it fails or fills, and once that all is well again.

What cannot be written down is not begun: tools would be asked in vain, and what was sent be a question.
So after a failure nothing is begun until something could be written again, which is tried at every look.
"""

from __future__ import annotations

import threading
import time

import structlog

from daybook.store import Store
from daybook.store.errors import StoreUnavailable

log = structlog.get_logger()


class Disk:
    """Where the store of one runner is."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._failed: float | None = None
        """Since when, by the monotonic clock."""
        self._short = False

    def failed(self, error: StoreUnavailable) -> None:
        """Something could not be saved, or read."""
        with self._lock:
            again, self._failed = self._failed is not None, self._failed or time.monotonic()
        if not again:
            log.error("store.failed", reason=str(error))

    def works(self) -> bool:
        """Whether anything may be begun; after a failure not before something could be written again."""
        self._look_at_the_room()
        if self._failed is None:
            return True
        try:
            self._store.prove()
            self._store.sends.prove()
        except StoreUnavailable:
            return False
        with self._lock:
            since, self._failed = self._failed, None
        log.info("store.answered", seconds=round(time.monotonic() - since))
        return True

    def _look_at_the_room(self) -> None:
        reason = self._store.shortage()
        if reason and not self._short:
            log.warning("store.short", reason=reason)
        if self._short and not reason:
            log.info("store.roomy")
        self._short = bool(reason)
