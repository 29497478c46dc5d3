"""Everything of one store into another, whichever kind of database each is in."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import delete, insert, select, update

from daybook.store import schema
from daybook.store.store import Store

ROWS = 1_000
"""Carried at a time."""
_RUNS = (schema.workers, schema.configurations)
CARRIED = [table for table in schema.metadata.sorted_tables if table not in _RUNS]
"""Who runs on a store is no part of what it remembers."""


def carry(source: Store, target: Store, step: Callable[[int, int], None]) -> None:
    """Let the target hold what the source holds at this moment, wholly or not at all, and nothing else.

    Takes    step: called with how many tables are done, and of how many
    """
    counted = schema.daybook.c.generation
    with source.reading() as theirs, target.writing() as ours:
        so_far = ours.connection.execute(select(counted)).scalar_one()
        for table in reversed(CARRIED):
            ours.connection.execute(delete(table))
        for done, table in enumerate(CARRIED, start=1):
            rows = theirs.connection.execute(select(table).execution_options(yield_per=ROWS)).mappings()
            for some in rows.partitions():
                ours.connection.execute(insert(table), [dict(row) for row in some])
            target.database.goes_on(ours.connection, table)
            step(done, len(CARRIED))
        # a process that stood still since must not be taken for one that joins later
        fewer = update(schema.daybook).where(counted < so_far)
        ours.connection.execute(fewer.values(generation=so_far))
