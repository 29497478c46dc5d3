"""What each process on this store runs on, so that others can tell it from what its file says by now.

Kept while the process lives; config/form.py says what of a configuration stands there, and what does not.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pydantic import AwareDatetime
from sqlalchemy import RowMapping, delete, insert, select, update

from core.model import Noun
from daybook.store.part import Part
from daybook.store.schema import configurations, workers

_WHERE = workers.c.id == configurations.c.worker
_ALL = select(configurations, workers.c.name).join(workers, _WHERE).order_by(configurations.c.worker)


class Running(Noun):
    """The configuration of one process."""

    worker: int
    name: str
    """Where it runs: pid and host."""
    taken_at: AwareDatetime
    """When it was read and held from."""
    form: Mapping[str, Any]
    refused_at: AwareDatetime | None = None
    """When the file as it is now was read and refused; None while what it says is what runs."""
    refusal: str = ""
    """The first of its problems, at its place."""


class Configurations(Part):
    """The configurations of those who run on this store."""

    def take(self, form: Mapping[str, Any], now: datetime) -> None:
        """Note what we run on from now on; for who holds the store."""
        self._connection.execute(delete(configurations).where(configurations.c.worker == self._worker))
        row = {"worker": self._worker, "taken_at": now, "refused_at": None}
        self._connection.execute(insert(configurations).values(self._sealed(row, form, "")))

    def refuse(self, refusal: str, now: datetime) -> None:
        """Note that another was refused and we run on as before; without a reason, that this is over."""
        (mine,) = [one for one in self.all() if one.worker == self._worker]
        row = {"worker": mine.worker, "refused_at": now if refusal else None}
        kept = update(configurations).where(configurations.c.worker == mine.worker)
        self._connection.execute(kept.values(self._sealed(row, mine.form, refusal)))

    def all(self) -> list[Running]:
        return [self._running(row) for row in self._connection.execute(_ALL).mappings()]

    def _sealed(self, row: Mapping[str, Any], form: Mapping[str, Any], refusal: str) -> dict[str, Any]:
        content = json.dumps({"form": form, "refusal": refusal})
        return self._vault.sealed(configurations, row, content)

    def _running(self, row: RowMapping) -> Running:
        said = json.loads(self._vault.opened(configurations, row))
        clear = {name: row[name] for name in ("worker", "name", "taken_at", "refused_at")}
        return Running(**clear, **said)
