"""Forgetting: by age for everyone, or for one person who leaves. Both walk the schema.

A row goes when it is older than its class is kept. A data key goes when its whole week is,
and takes with it whatever copies of its rows stand in journals and backups.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from sqlalchemy import Connection, Date, Table, delete, select

from core.periods import week
from daybook.store.access import AccessLog
from daybook.store.schema import evidence, metadata, partitions
from daybook.store.seal import Vault


class Forgotten(NamedTuple):
    """What a round of forgetting removed."""

    rows: dict[str, int]
    """By table."""
    keys: int
    clean: bool
    """False while a reader kept old bytes in the journal, or the disk was too full: the next round scrubs."""


def named(keep_days: Mapping[str, int]) -> str:
    """A retention in one word, to know it again."""
    return ", ".join(f"{kept} {days}" for kept, days in sorted(keep_days.items()))


def forget(connection: Connection, vault: Vault, keep_days: Mapping[str, int], now: datetime) -> Forgotten:
    """Remove every row and key that is older than its class is kept."""
    cutoffs = {kept: now.astimezone(UTC) - timedelta(days=days) for kept, days in keep_days.items()}
    if "access_log" in cutoffs:
        AccessLog(connection, vault).let_go(cutoffs["access_log"])
    rows = {
        table.name: _older(connection, table, cutoffs[table.info["kept"]])
        for table in metadata.sorted_tables
        if "ages" in table.info and table.info["kept"] in cutoffs
    }
    if "evidence" in cutoffs:
        rows["evidence"] += _lapsed(connection, cutoffs["evidence"])
    keys = sum(vault.expire(kept, week(cutoff.date())) for kept, cutoff in cutoffs.items())
    return Forgotten(rows=rows, keys=keys, clean=False)


def erase(connection: Connection, vault: Vault, contributor: str, kept: Collection[str]) -> None:
    """Remove all that one contributor has in these classes, keys and rows."""
    vault.erase(contributor, *kept)
    for table in metadata.sorted_tables:
        if table.info["kept"] in kept and table.info["owner"]:
            connection.execute(delete(table).where(table.c[table.info["owner"]] == contributor))


def _lapsed(connection: Connection, cutoff: datetime) -> int:
    """Remove evidence without a last day, such as a task that is still in somebody's hands, by another age.

    It grows no older while its tool goes on saying so; it goes once that tool was not read since the cutoff.
    """
    heard = select(partitions.c.connection).where(partitions.c.last_ok >= cutoff)
    lasting = (evidence.c.last_day.is_(None), evidence.c.first_day < cutoff.date())
    return connection.execute(delete(evidence).where(*lasting, evidence.c.connection.not_in(heard))).rowcount


def _older(connection: Connection, table: Table, cutoff: datetime) -> int:
    age = table.c[table.info["ages"]]
    oldest = cutoff.date() if isinstance(age.type, Date) else cutoff
    return connection.execute(delete(table).where(age < oldest)).rowcount
