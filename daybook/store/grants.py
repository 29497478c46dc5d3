"""What contributors let us use in their name: one credential a person and connection, always sealed."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta, tzinfo
from typing import Any, Literal

from pydantic import AwareDatetime, SecretStr
from sqlalchemy import bindparam, delete, func, or_, select, update

from connectors.oauth import Tokens
from core.model import Noun
from core.said import Sentence
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
    shown: str = ""
    """What they are called there."""
    kind: Literal["token", "oauth"] = "token"
    """token: they pasted it; oauth: the tool lent it to us with their consent."""
    credential: SecretStr
    """The pasted token, or the access token of the moment."""
    expires_at: AwareDatetime | None = None
    """When that access token ends; None for a pasted token."""
    refresh: SecretStr | None = None
    saved_at: AwareDatetime
    used_at: AwareDatetime
    """When the tool last accepted it: saved, or renewed."""
    ends_at: AwareDatetime | None = None
    """When it ends for good, as its owner said or as its tool lets a consent last; None: nobody knows."""
    refused: Sentence | None = None
    """Why the tool turned it down; None while it works. A new credential clears it (R-08)."""
    warned: bool = False
    """The administrator was told that it ends soon."""
    told: bool = False
    """A mail to its owner said how it stands."""
    version: int
    """To name when changing it."""

    def last_day(self, zone: tzinfo) -> date | None:
        """The last local day it works, where that is known."""
        return (self.ends_at - timedelta(seconds=1)).astimezone(zone).date() if self.ends_at else None

    @property
    def lasting(self) -> SecretStr:
        """What has to be given back for good."""
        return self.refresh or self.credential


_CLEAR = (
    "contributor", "connection", "kind", "saved_at", "used_at", "ends_at", "refused", "warned", "told",
    "version",
)  # fmt: skip

_PUT = engine.put(grants)
_OF = select(grants).where(grants.c.contributor == bindparam("contributor")).order_by(grants.c.connection)
_ONE = select(grants).where(
    grants.c.contributor == bindparam("contributor"), grants.c.connection == bindparam("connection")
)
_VERSION = _ONE.with_only_columns(grants.c.version)
_AT = (
    select(grants.c.contributor, grants.c.connection, grants.c.key, grants.c.sealed)
    .where(grants.c.connection == bindparam("connection"))
    .order_by(grants.c.contributor)
)
_AT_OF = _AT.where(grants.c.contributor == bindparam("contributor"))
_WORKING, _WORKING_OF = (query.where(grants.c.refused.is_(None)) for query in (_AT, _AT_OF))


class Grants(Part):
    """Credentials, each under its owner's key."""

    def save(
        self,
        contributor: str,
        connection: str,
        external: str,
        credential: SecretStr,
        at: datetime,
        ends_at: datetime | None = None,
        shown: str = "",
    ) -> None:
        """Keep this pasted token in place of anything earlier."""
        content = {"external": external, "shown": shown, "credential": credential.get_secret_value()}
        self._place(contributor, connection, "token", content, at, ends_at)

    def lend(
        self,
        contributor: str,
        connection: str,
        external: str,
        tokens: Tokens,
        at: datetime,
        ends_at: datetime | None = None,
        shown: str = "",
    ) -> None:
        """Keep what a tool lent us with its owner's consent, in place of anything earlier."""
        content = {"external": external, "shown": shown, **_lent(tokens, None)}
        self._place(contributor, connection, "oauth", content, at, ends_at)

    def get(self, contributor: str, connection: str) -> Grant | None:
        asked = {"contributor": contributor, "connection": connection}
        row = self._connection.execute(_ONE, asked).mappings().one_or_none()
        return self._opened(row) if row else None

    def of(self, contributor: str) -> list[Grant]:
        """All that one contributor granted."""
        rows = self._connection.execute(_OF, {"contributor": contributor}).mappings().all()
        return [self._opened(row) for row in rows]

    def accounts(
        self, connection: str, contributor: str | None = None, *, stopped: bool = False
    ) -> list[tuple[str, str]]:
        """(contributor, external) of everybody whose grant at this connection works.

        Takes    contributor: to ask about them alone; stopped: also of who must connect again, who is
                 still known by what they once proved
        """
        everybodys, theirs = (_AT, _AT_OF) if stopped else (_WORKING, _WORKING_OF)
        query = everybodys if contributor is None else theirs
        asked = {"connection": connection, "contributor": contributor}
        rows = self._connection.execute(query, asked).mappings().all()
        opened = self._vault.opened_all(grants, rows)
        return [
            (row["contributor"], json.loads(said)["external"]) for row, said in zip(rows, opened, strict=True)
        ]

    def working(self, connection: str) -> set[str]:
        """Whose grant at this connection works."""
        return {row.contributor for row in self._connection.execute(_WORKING, {"connection": connection})}

    # --- renewing what was lent

    def claim(self, grant: Grant, now: datetime, lease: timedelta) -> bool:
        """Take the right to renew it; not while another process does, nor once it changed."""
        g = grants.c
        free = or_(g.renewing_until.is_(None), g.renewing_until <= now)
        return self._change(grant, free, renewing_until=now + lease)

    def renewed(self, grant: Grant, tokens: Tokens, at: datetime) -> bool:
        """Put what the tool gave in its place; False where it was dropped or replaced meanwhile."""
        content = {"external": grant.external, "shown": grant.shown, **_lent(tokens, grant.refresh)}
        row = {"contributor": grant.contributor, "connection": grant.connection}
        row = self._vault.sealed(grants, row, json.dumps(content))
        return self._change(grant, **row, used_at=at, renewing_until=None, version=grant.version + 1)

    def release(self, grant: Grant) -> None:
        """Renewing came to nothing this time."""
        self._change(grant, renewing_until=None)

    def stale(self, grant: Grant, at: datetime) -> bool:
        """The tool no longer takes its access token: the next use renews it first."""
        tokens = Tokens(access=grant.credential, expires_at=at, refresh=grant.refresh)
        return self.renewed(grant, tokens, grant.used_at)

    # --- its end

    def refuse(self, contributor: str, connection: str, reason: str, version: int | None = None) -> bool:
        """The tool turned it down; nothing is asked with it until a new one is saved.

        Takes    version: of the one that was turned down; a newer one is left alone
        Gives    True the first time
        """
        which = [*_which(contributor, connection), grants.c.refused.is_(None)]
        if version is not None:
            which.append(grants.c.version == version)
        values = {"refused": reason, "told": False, "renewing_until": None}
        return self._connection.execute(update(grants).where(*which).values(values)).rowcount == 1

    def warn(self, grant: Grant) -> bool:
        """It ends soon, and that is being said; True the first time."""
        return self._change(grant, grants.c.warned.is_(False), warned=True, told=False)

    def told(self, grant: Grant) -> None:
        """A mail to its owner said how it stands; what came of it since is still to be said."""
        self._change(grant, grants.c.refused.is_not_distinct_from(grant.refused), told=True)

    def stopped(self) -> dict[str, int]:
        """By connection, how many people must connect it again."""
        return self._counted(grants.c.refused.is_not(None))

    def ending(self) -> dict[str, int]:
        """By connection, how many people were told that theirs ends soon."""
        return self._counted(grants.c.refused.is_(None), grants.c.warned.is_(True))

    def due(self, now: datetime, ahead: datetime, unused_since: datetime) -> list[tuple[str, str]]:
        """(contributor, connection) of working ones to look after now.

        Takes    ahead: who ends before is warned; unused_since: what was lent is used again in time
        """
        g = grants.c
        ends = or_(g.ends_at <= now, (g.ends_at <= ahead) & g.warned.is_(False))
        idle = (g.kind == "oauth") & (g.used_at <= unused_since)
        query = select(g.contributor, g.connection).where(g.refused.is_(None), or_(ends, idle))
        return [(row.contributor, row.connection) for row in self._connection.execute(query)]

    def drop(self, contributor: str, connection: str) -> None:
        self._connection.execute(delete(grants).where(*_which(contributor, connection)))

    def drop_all(self, contributor: str) -> None:
        """All that one contributor granted."""
        self._connection.execute(delete(grants).where(grants.c.contributor == contributor))

    def _place(
        self,
        contributor: str,
        connection: str,
        kind: str,
        content: dict[str, Any],
        at: datetime,
        ends_at: datetime | None,
    ) -> None:
        place = {"contributor": contributor, "connection": connection}
        version = self._connection.execute(_VERSION, place).scalar() or 0
        row: dict[str, Any] = {**place, "kind": kind}
        row |= {"saved_at": at, "used_at": at, "ends_at": ends_at, "version": version + 1}
        row |= {"refused": None, "warned": False, "told": False, "renewing_until": None}
        row = self._vault.sealed(grants, row, json.dumps(content))
        self._connection.execute(_PUT, row)

    def _change(self, grant: Grant, *where: Any, **values: Any) -> bool:
        this = (*_which(grant.contributor, grant.connection), grants.c.version == grant.version)
        return self._connection.execute(update(grants).where(*this, *where).values(values)).rowcount == 1

    def _counted(self, *where: Any) -> dict[str, int]:
        query = select(grants.c.connection, func.count()).where(*where).group_by(grants.c.connection)
        return dict(self._connection.execute(query).all())

    def _opened(self, row: Row) -> Grant:
        return Grant(**{name: row[name] for name in _CLEAR}, **self._content(row))

    def _content(self, row: Row) -> dict[str, Any]:
        content: dict[str, Any] = json.loads(self._vault.opened(grants, row))
        return content


def _which(contributor: str, connection: str) -> tuple[Any, Any]:
    return grants.c.contributor == contributor, grants.c.connection == connection


def _lent(tokens: Tokens, refresh: SecretStr | None) -> dict[str, Any]:
    """What is sealed of tokens; the refresh token we have stays where none came with them."""
    kept = tokens.refresh or refresh
    return {
        "credential": tokens.access.get_secret_value(),
        "expires_at": tokens.expires_at.isoformat(),
        "refresh": kept.get_secret_value() if kept else None,
    }
