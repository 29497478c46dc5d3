"""What administrators were told once, so that it is not said again."""

from __future__ import annotations

from datetime import datetime

from daybook.store import engine
from daybook.store.part import Part
from daybook.store.schema import told


class Told(Part):
    """By what was said."""

    def once(self, what: str, at: datetime) -> bool:
        """Note that it is being said now; True the first time."""
        said = engine.insert(told).values(what=what, at=at).on_conflict_do_nothing()
        return self._connection.execute(said).rowcount == 1
