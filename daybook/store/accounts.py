"""Which accounts the tools found by our contributors' addresses, and the doubts they left."""

from __future__ import annotations

import json
from datetime import datetime

from sqlalchemy import bindparam, delete, select

from core.matching import Doubt, Matched
from daybook.store import engine
from daybook.store.part import Part
from daybook.store.schema import accounts

_AT = select(accounts).where(accounts.c.connection == bindparam("connection"))
_ASK_AT = _AT.with_only_columns(accounts.c.contributor, accounts.c.ask_at)
_AT_OF = _AT.where(accounts.c.contributor == bindparam("contributor"))


class Accounts(Part):
    """One answer a person and connection; what it found is sealed under its owner's key."""

    def save(self, contributor: str, connection: str, found: Matched | Doubt, ask_at: datetime) -> None:
        """Keep this answer in place of any earlier one.

        Takes    ask_at: when to ask again
        """
        row = {"contributor": contributor, "connection": connection, "ask_at": ask_at, "doubt": None}
        if isinstance(found, Matched):
            row = self._vault.sealed(accounts, row, json.dumps({"external": found.external}))
        else:
            row |= {"doubt": found.reason, "key": None, "sealed": None}
        self._connection.execute(
            engine.insert(accounts)
            .values(row)
            .on_conflict_do_update(index_elements=accounts.primary_key, set_=row)
        )

    def at(self, connection: str, alone: str | None = None) -> dict[str, Matched | Doubt]:
        """What was found at one connection, by contributor.

        Takes    alone: to ask about them only
        """
        query = _AT if alone is None else _AT_OF
        asked = {"connection": connection, "contributor": alone}
        return {
            row["contributor"]: Matched.model_validate_json(self._vault.opened(accounts, row))
            if row["doubt"] is None
            else Doubt(reason=row["doubt"])
            for row in self._connection.execute(query, asked).mappings().all()
        }

    def ask_at(self, connection: str) -> dict[str, datetime]:
        """When each contributor is to be asked about again; who is not in it never was."""
        return dict(self._connection.execute(_ASK_AT, {"connection": connection}).all())

    def drop(self, contributor: str) -> None:
        """Forget what was found about one contributor."""
        self._connection.execute(delete(accounts).where(accounts.c.contributor == contributor))
