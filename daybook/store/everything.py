"""All that is held about one person, opened for them: complete because it walks the schema (P7)."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

from sqlalchemy import Connection, Table, select

from core.said import Said, read
from daybook.store.schema import metadata
from daybook.store.seal import Row, Vault

SEALED = Said("kept sealed")


def everything_of(connection: Connection, vault: Vault, contributor: str) -> dict[str, list[dict[str, Any]]]:
    """Every row of every table that has an owner, ready for JSON.

    Left out are bytes that say nothing to a person: keys, seals and fingerprints. Of a
    credential it says only that there is one, so that a mislaid export opens no door.
    """
    return {
        table.name: _rows(connection, vault, table, contributor)
        for table in metadata.sorted_tables
        if table.info["owner"]
    }


def _rows(connection: Connection, vault: Vault, table: Table, contributor: str) -> list[dict[str, Any]]:
    mine = table.c[table.info["owner"]] == contributor
    rows = connection.execute(select(table).where(mine).order_by(*table.primary_key)).mappings()
    return [_shown(vault, table, row) for row in rows]


def _shown(vault: Vault, table: Table, row: Row) -> dict[str, Any]:
    shown = {
        name: _plain(value) for name, value in row.items() if not isinstance(value, bytes) and name != "key"
    }
    if row.get("sealed") is not None:
        shown["content"] = SEALED if table.info.get("secret") else _content(vault, table, row)
    return shown


def _content(vault: Vault, table: Table, row: Row) -> Any:
    """What was sealed, its sentences as sentences."""
    return json.loads(vault.opened(table, row), object_hook=_sentence)


def _sentence(held: dict[str, Any]) -> Any:
    return read(held) if "form" in held else held


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value
