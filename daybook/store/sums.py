"""What stands in a store, in sums: two that agree in all of them hold the same, whichever kind each is in."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from datetime import date
from hashlib import sha256
from typing import Any

from sqlalchemy import select

from core.model import Noun
from daybook.store import schema
from daybook.store.carry import CARRIED, ROWS
from daybook.store.seal import Row
from daybook.store.unit import Unit

HERE = {"generation", "identity", "moved_to"}
"""What a store says of the place it is in."""
_MINUTES: dict[str, Callable[[Any], int]] = {
    "drafts": lambda draft: draft["suggestion"]["minutes"],
    "postings": lambda posting: posting["entry"]["minutes"],
    "entries": lambda entry: entry["minutes"],
}
"""Where minutes stand in what is sealed."""


class Sums(Noun):
    """Of one store at one moment."""

    rows: dict[str, int]
    """By table."""
    minutes: dict[str, int]
    """By table and state."""
    content: str
    """A hash of every row with its content opened, in whatever order they come."""
    generation: int
    """How many processes ever ran on it."""


def summed(tx: Unit, step: Callable[[int, int], None]) -> Sums:
    """Takes    step: called with how many tables are done, and of how many"""
    rows, minutes, content = dict[str, int](), Counter[str](), 0
    for done, table in enumerate(CARRIED, start=1):
        rows[table.name] = 0
        found = tx.connection.execute(select(table).execution_options(yield_per=ROWS)).mappings()
        for row in found:
            said = tx.vault.opened(table, row) if row.get("sealed") is not None else ""
            rows[table.name] += 1
            content += _digest(table.name, row, said)
            if counts := _MINUTES.get(table.name):
                minutes[f"{table.name} {row.get('state', '')}".strip()] += counts(json.loads(said))
        step(done, len(CARRIED))
    generation = tx.connection.execute(select(schema.daybook.c.generation)).scalar_one()
    return Sums(
        rows=rows,
        minutes=dict(sorted(minutes.items())),
        content=f"{content % 2**256:064x}",
        generation=generation,
    )


def _digest(table: str, row: Row, said: str) -> int:
    clear = {name: _plain(value) for name, value in row.items() if name not in HERE | {"sealed"}}
    return int.from_bytes(sha256(json.dumps([table, sorted(clear.items()), said]).encode()).digest())


def _plain(value: Any) -> Any:
    if isinstance(value, bytes):
        return value.hex()
    return value.isoformat() if isinstance(value, date) else value
