"""One line when a source goes away and one when it is back; the tries between are counted.

Facts of connections and partitions only, never of a person's day (P1): a
fault's message stays out, its kind goes in. A tool that asks for patience is
not away.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import structlog

from connectors.contract import Connector, CursorExpired, Fault, Paced, Page, Partition, Refused, Window
from connectors.layers.around import Layer

log = structlog.get_logger()


class Logged(Layer):
    """Speaks of pulls; a posting is logged by whoever keeps its state."""

    def __init__(self, inner: Connector, *, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__(inner)
        self._clock = clock
        self._lock = threading.Lock()
        self._away: dict[str, tuple[float, int]] = {}
        """Partition -> since when, and how many pulls failed."""

    def pull(self, partition: Partition, window: Window, cursor: str | None) -> Page:
        start = self._clock()
        try:
            page = self.inner.pull(partition, window, cursor)
        except Paced:
            raise
        except CursorExpired:
            log.info("cursor.expired", connection=self.name, partition=partition.key)
            raise
        except Fault as fault:
            self._failed(partition.key, fault)
            raise
        if not page.more:  # a walk that breaks off after its first page is not back
            self._answered(partition.key)
        if page.sightings or page.skipped:
            log.info(
                "connector.pulled",
                connection=self.name,
                partition=partition.key,
                sightings=len(page.sightings),
                activities=sum(len(sighting.activities) for sighting in page.sightings),
                skipped=page.skipped,
                whole=page.whole,
                seconds=round(self._clock() - start, 3),
            )
        return page

    def _failed(self, partition: str, fault: Fault) -> None:
        with self._lock:
            since, failures = self._away.get(partition, (self._clock(), 0))
            self._away[partition] = since, failures + 1
        if not failures:
            whose = fault.whose if isinstance(fault, Refused) else "tool"
            kind = type(fault).__name__
            log.warning(
                "connector.failed", connection=self.name, partition=partition, error=kind, reason=whose
            )

    def _answered(self, partition: str) -> None:
        with self._lock:
            away = self._away.pop(partition, None)
        if away:
            since, failures = away
            log.info(
                "connector.recovered",
                connection=self.name,
                partition=partition,
                attempt=failures + 1,
                seconds=round(self._clock() - since, 3),
            )
