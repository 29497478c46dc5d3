"""Links in mails: a token opens one purpose, for one person, for a while.

A token is made from the store's own key, so that the same mail sent again is the same to the
byte. The store holds only its fingerprint: a token cannot be read back, only recognised, and
looking up a keyed fingerprint tells a guesser nothing by the time it takes.
"""

from __future__ import annotations

import base64
from datetime import date, datetime

from pydantic import AwareDatetime
from sqlalchemy import insert, select, update

from core.model import Noun
from daybook.store.part import Part
from daybook.store.schema import links


class Link(Noun):
    """What a token opens."""

    contributor: str
    purpose: str
    day: date | None = None
    expires_at: AwareDatetime
    used_at: AwareDatetime | None = None
    """Set once a single-use purpose was served."""


class Links(Part):
    """Tokens handed out, and what became of them."""

    def mint(
        self, contributor: str, purpose: str, day: date | None, now: datetime, expires_at: datetime
    ) -> str:
        """A token for this purpose: the one there is while it can be used, else a new one."""
        last = self._last(contributor, purpose, day)
        if last and last.stands(now):
            return self._token(contributor, purpose, day, last.serial)
        serial = last.serial + 1 if last else 1
        token = self._token(contributor, purpose, day, serial)
        row = {"token": self._print(token), "contributor": contributor, "purpose": purpose, "day": day}
        self._connection.execute(insert(links).values(**row, serial=serial, expires_at=expires_at))
        return token

    def stands(self, contributor: str, purpose: str, day: date | None, now: datetime) -> bool:
        """Whether a token for this was handed out and can still be used."""
        last = self._last(contributor, purpose, day)
        return last is not None and last.stands(now)

    def find(self, token: str, now: datetime) -> Link | None:
        """What it opens. Unknown and expired look alike; a used one is found, and says so."""
        query = select(links).where(links.c.token == self._print(token), links.c.expires_at > now)
        row = self._connection.execute(query).mappings().one_or_none()
        return Link(**{name: row[name] for name in Link.model_fields}) if row else None

    def use(self, token: str, at: datetime) -> bool:
        """Use up a single-use one. False: somebody did already, or it opens nothing."""
        this = (
            links.c.token == self._print(token),
            links.c.used_at.is_(None),
            links.c.expires_at > at,
        )
        return self._connection.execute(update(links).where(*this).values(used_at=at)).rowcount == 1

    def _last(self, contributor: str, purpose: str, day: date | None) -> _Minted | None:
        query = select(links.c.serial, links.c.expires_at, links.c.used_at).where(
            links.c.contributor == contributor,
            links.c.purpose == purpose,
            links.c.day.is_(None) if day is None else links.c.day == day,
        )
        row = (
            self._connection.execute(query.order_by(links.c.serial.desc()).limit(1)).mappings().one_or_none()
        )
        return _Minted(**row) if row else None

    def _token(self, contributor: str, purpose: str, day: date | None, serial: int) -> str:
        secret = self._vault.token(contributor, purpose, str(day), str(serial))
        return f"{self._vault.store_id}-{base64.b32encode(secret).decode().lower()}"

    def _print(self, token: str) -> bytes:
        return self._vault.fingerprint("token", token)


class _Minted(Noun):
    serial: int
    expires_at: AwareDatetime
    used_at: AwareDatetime | None

    def stands(self, now: datetime) -> bool:
        return self.used_at is None and self.expires_at > now
