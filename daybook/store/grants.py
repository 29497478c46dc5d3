"""What contributors let us use in their name: one credential a person and connection, always sealed."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from pydantic import SecretStr
from sqlalchemy import delete, select, update

from core.model import Noun
from daybook.store import engine
from daybook.store.part import Part
from daybook.store.schema import grants
from daybook.store.seal import Row


class Grant(Noun):
    """One contributor's own access to one tool."""

    contributor: str
    connection: str
    external: str
    """Who they are there."""
    credential: SecretStr
    refused: str | None = None
    """Why the tool turned it down; None while it works. A new credential clears it (R-08)."""


class Grants(Part):
    """Credentials, each under its owner's key."""

    def save(
        self, contributor: str, connection: str, external: str, credential: SecretStr, at: datetime
    ) -> None:
        """Keep this credential in place of any earlier one."""
        content = json.dumps({"external": external, "credential": credential.get_secret_value()})
        row = {"contributor": contributor, "connection": connection, "saved_at": at, "refused": None}
        row = self._vault.sealed(grants, row, content)
        self._connection.execute(
            engine.insert(grants)
            .values(row)
            .on_conflict_do_update(index_elements=grants.primary_key, set_=row)
        )

    def get(self, contributor: str, connection: str) -> Grant | None:
        query = select(grants).where(*_which(contributor, connection))
        row = self._connection.execute(query).mappings().one_or_none()
        return self._opened(row) if row else None

    def of(self, contributor: str) -> list[Grant]:
        """All that one contributor granted."""
        query = select(grants).where(grants.c.contributor == contributor).order_by(grants.c.connection)
        return [self._opened(row) for row in self._connection.execute(query).mappings().all()]

    def accounts(self, connection: str, contributor: str | None = None) -> list[tuple[str, str]]:
        """(contributor, external) of everybody who granted this connection and was not refused.

        Takes    contributor: to ask about them alone
        """
        query = select(grants).where(grants.c.connection == connection, grants.c.refused.is_(None))
        if contributor is not None:
            query = query.where(grants.c.contributor == contributor)
        rows = self._connection.execute(query.order_by(grants.c.contributor)).mappings().all()
        return [(row["contributor"], self._opened(row).external) for row in rows]

    def refuse(self, contributor: str, connection: str, reason: str) -> None:
        """The tool turned it down; nothing is asked with it until a new one is saved."""
        self._connection.execute(
            update(grants).where(*_which(contributor, connection)).values(refused=reason)
        )

    def drop(self, contributor: str, connection: str) -> None:
        self._connection.execute(delete(grants).where(*_which(contributor, connection)))

    def revoke(self, contributor: str) -> None:
        """Remove all that one contributor granted."""
        self._connection.execute(delete(grants).where(grants.c.contributor == contributor))

    def _opened(self, row: Row) -> Grant:
        content = json.loads(self._vault.opened(grants, row))
        kept = {name: row[name] for name in ("contributor", "connection", "refused")}
        return Grant(**kept, **content)


def _which(contributor: str, connection: str) -> tuple[Any, Any]:
    return grants.c.contributor == contributor, grants.c.connection == connection
