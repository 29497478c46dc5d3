"""Grants to be given back to their tools: of nobody any more, and due until the tool has heard of it."""

from __future__ import annotations

import json
import secrets
from datetime import datetime
from typing import Any

from pydantic import AwareDatetime, SecretStr
from sqlalchemy import bindparam, delete, insert, select, update

from core.model import Noun
from daybook.store.part import Part
from daybook.store.schema import revocations

_DUE = select(revocations.c.id).where(revocations.c.due_at <= bindparam("now"))


class Revocation(Noun):
    """One grant its owner no longer wants us to have. Nothing in it says whose it was."""

    id: str
    connection: str
    token: SecretStr
    calendar: str = ""
    """The calendar of drafts to take away with it, first."""
    whose: bytes | None = None
    """A mark of its account, where giving it back would end all else of that account too."""
    attempts: int
    until: AwareDatetime
    """By then it has ended by itself."""


class Revocations(Part):
    """What is still to be given back."""

    def add(
        self,
        connection: str,
        token: SecretStr,
        due_at: datetime,
        until: datetime,
        calendar: str = "",
        whose: bytes | None = None,
    ) -> str:
        """Gives its id."""
        row: dict[str, Any] = {"id": secrets.token_bytes(16), "connection": connection}
        content = {"token": token.get_secret_value(), "calendar": calendar}
        row = self._vault.sealed(revocations, row, json.dumps(content))
        self._connection.execute(
            insert(revocations).values(
                row | {"due_at": due_at, "until": until, "attempts": 0, "whose": whose}
            )
        )
        return str(row["id"].hex())

    def get(self, revocation: str) -> Revocation | None:
        query = select(revocations).where(revocations.c.id == bytes.fromhex(revocation))
        row = self._connection.execute(query).mappings().one_or_none()
        if row is None:
            return None
        kept = {name: row[name] for name in ("connection", "attempts", "until", "whose")}
        return Revocation(id=revocation, **kept, **json.loads(self._vault.opened(revocations, row)))

    def due(self, now: datetime) -> list[str]:
        return [found.hex() for found in self._connection.execute(_DUE, {"now": now}).scalars()]

    def mark(self, client: str, account: str) -> bytes:
        """What an account at an application is known by here; says nothing to who lacks the key."""
        return self._vault.fingerprint("lent", client, account)

    def known(self, revocation: Revocation, whose: bytes) -> None:
        this = revocations.c.id == bytes.fromhex(revocation.id)
        self._connection.execute(update(revocations).where(this).values(whose=whose))

    def later(self, revocation: Revocation, due_at: datetime) -> None:
        """It could not be given back yet."""
        this = revocations.c.id == bytes.fromhex(revocation.id)
        values = {"due_at": due_at, "attempts": revocation.attempts + 1}
        self._connection.execute(update(revocations).where(this).values(values))

    def done(self, revocation: str) -> None:
        self._connection.execute(delete(revocations).where(revocations.c.id == bytes.fromhex(revocation)))
