"""Links in mails: a token opens one purpose, for one person, for a while.

A token is made from the store's own key, so that the same mail sent again is the same to the
byte. The store holds only its fingerprint: a token cannot be read back, only recognised, and
looking up a keyed fingerprint tells a guesser nothing by the time it takes.
"""

from __future__ import annotations

import base64
import secrets
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from pydantic import AwareDatetime
from sqlalchemy import bindparam, delete, insert, select, tuple_, update

from core.model import Noun
from daybook.store.part import Part
from daybook.store.schema import links

FIRST_SERIALS = 2**30

_LAST = (
    select(links.c.serial, links.c.expires_at, links.c.used_at)
    .where(
        links.c.contributor == bindparam("contributor"),
        links.c.purpose == bindparam("purpose"),
        links.c.day.is_not_distinct_from(bindparam("on")),
        links.c.delegate.is_not_distinct_from(bindparam("by")),
    )
    .order_by(links.c.serial.desc())
    .limit(1)
)
_MARKED = select(links).where(links.c.token == bindparam("mark"), links.c.expires_at > bindparam("now"))
_LASTS = (
    select(links.c.purpose, links.c.serial, links.c.expires_at, links.c.used_at)
    .where(
        links.c.contributor == bindparam("contributor"),
        links.c.delegate.is_(None),
        tuple_(links.c.purpose, links.c.day).in_(bindparam("wanted", expanding=True)),
    )
    .order_by(links.c.serial)
)
_NEW = insert(links)


class Link(Noun):
    """What a token opens."""

    token: bytes = b""
    """Its fingerprint; empty where somebody signed in instead."""
    contributor: str
    purpose: str
    delegate: str | None = None
    """The contributor who holds it, where that is not whose day it opens."""
    day: date | None = None
    expires_at: AwareDatetime
    used_at: AwareDatetime | None = None
    """Set once a single-use purpose was served."""


class Links(Part):
    """Tokens handed out, and what became of them."""

    def mint(
        self,
        contributor: str,
        purpose: str,
        day: date | None,
        now: datetime,
        expires_at: datetime,
        delegate: str | None = None,
    ) -> str:
        """A token for this purpose: the one there is while it can be used, else a new one."""
        last = self._last(contributor, purpose, day, delegate)
        token, new = self._made(contributor, purpose, day, last, now, expires_at, delegate)
        if new:
            self._connection.execute(_NEW, new)
        return token

    def mint_each(
        self, contributor: str, wanted: Mapping[str, tuple[date, datetime]], now: datetime
    ) -> dict[str, str]:
        """The same for several purposes of one person at once.

        Takes    wanted: purpose -> (day, when a new one expires)
        """
        asked = {"contributor": contributor, "wanted": [(name, day) for name, (day, _) in wanted.items()]}
        lasts = {
            row.pop("purpose"): _Minted(**row)
            for row in map(dict, self._connection.execute(_LASTS, asked).mappings())
        }
        made = {
            purpose: self._made(contributor, purpose, day, lasts.get(purpose), now, expires_at)
            for purpose, (day, expires_at) in wanted.items()
        }
        if new := [row for _, row in made.values() if row]:
            self._connection.execute(_NEW, new)
        return {purpose: token for purpose, (token, _) in made.items()}

    def stands(self, contributor: str, purpose: str, day: date | None, now: datetime) -> bool:
        """Whether a token for this was handed out and can still be used."""
        last = self._last(contributor, purpose, day)
        return last is not None and last.stands(now)

    def find(self, token: str, now: datetime) -> Link | None:
        """What it opens. Unknown and expired look alike; a used one is found, and says so."""
        return self.marked(self._print(token), now)

    def marked(self, mark: bytes, now: datetime) -> Link | None:
        """What the link of this fingerprint opens."""
        row = self._connection.execute(_MARKED, {"mark": mark, "now": now}).mappings().one_or_none()
        return Link(**{name: row[name] for name in Link.model_fields}) if row else None

    def ever(self, token: str) -> Link | None:
        """What it opens, or opened before it expired: for mail, whose sender is told later and by a page."""
        row = self._connection.execute(select(links).where(links.c.token == self._print(token)))
        found = row.mappings().one_or_none()
        return Link(**{name: found[name] for name in Link.model_fields}) if found else None

    def is_made_here(self, token: str) -> bool:
        """Whether it looks like one of this store's, known or forgotten: its beginning says whose it is."""
        return token.startswith(f"{self._vault.store_id}-")

    def use(self, link: Link, at: datetime) -> bool:
        """Use up a single-use one. False: somebody did already, or it opens nothing."""
        this = (
            links.c.token == link.token,
            links.c.used_at.is_(None),
            links.c.expires_at > at,
        )
        return self._connection.execute(update(links).where(*this).values(used_at=at)).rowcount == 1

    def held(self, contributor: str, now: datetime) -> list[Link]:
        """Those of theirs that delegates hold and that can still be used, in order of their end."""
        query = select(links).where(links.c.contributor == contributor, links.c.delegate.is_not(None))
        found = query.where(links.c.expires_at > now).order_by(links.c.expires_at, links.c.delegate)
        rows = self._connection.execute(found).mappings()
        return [Link(**{name: row[name] for name in Link.model_fields}) for row in rows]

    def end(self, at: datetime, contributor: str | None = None, delegate: str | None = None) -> None:
        """From now on nothing opens that delegates hold: one of somebody's, or nobody's any more."""
        query = update(links).where(links.c.delegate.is_not(None), links.c.expires_at > at)
        if contributor is not None:
            query = query.where(links.c.contributor == contributor, links.c.delegate == delegate)
        self._connection.execute(query.values(expires_at=at))

    def drop_held_by(self, delegate: str) -> None:
        """All that others granted somebody who leaves."""
        self._connection.execute(delete(links).where(links.c.delegate == delegate))

    def _last(
        self, contributor: str, purpose: str, day: date | None, delegate: str | None = None
    ) -> _Minted | None:
        asked = {"contributor": contributor, "purpose": purpose, "on": day, "by": delegate}
        row = self._connection.execute(_LAST, asked).mappings().one_or_none()
        return _Minted(**row) if row else None

    def _made(
        self,
        contributor: str,
        purpose: str,
        day: date | None,
        last: _Minted | None,
        now: datetime,
        expires_at: datetime,
        delegate: str | None = None,
    ) -> tuple[str, dict[str, Any] | None]:
        """The token to hand out, and its row where it is a new one."""
        if last and last.stands(now):
            return self._token(contributor, purpose, day, last.serial, delegate), None
        # begun anywhere, so that no token comes back whose row is gone: somebody left, and is back
        serial = last.serial + 1 if last else secrets.randbelow(FIRST_SERIALS)
        token = self._token(contributor, purpose, day, serial, delegate)
        row = {"token": self._print(token), "contributor": contributor, "purpose": purpose, "day": day}
        return token, row | {"delegate": delegate, "serial": serial, "expires_at": expires_at}

    def _token(
        self, contributor: str, purpose: str, day: date | None, serial: int, delegate: str | None
    ) -> str:
        secret = self._vault.token(contributor, purpose, str(day), str(serial), delegate or "")
        return f"{self._vault.store_id}-{base64.b32encode(secret).decode().lower()}"

    def _print(self, token: str) -> bytes:
        return self._vault.fingerprint("token", token)


class _Minted(Noun):
    serial: int
    expires_at: AwareDatetime
    used_at: AwareDatetime | None

    def stands(self, now: datetime) -> bool:
        return self.used_at is None and self.expires_at > now
