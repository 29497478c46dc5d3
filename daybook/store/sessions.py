"""Browsers that were let in, each for half a day: in place of a link they used, or as who signed in there.

What a browser shows is random, and the store holds only its fingerprint. A session for a link
ends with the link at the latest, and opens no more than it.
"""

from __future__ import annotations

import secrets
from datetime import datetime

from pydantic import AwareDatetime
from sqlalchemy import delete, insert, select

from core.model import Noun
from daybook.store.part import Part
from daybook.store.schema import sessions


class Session(Noun):
    """As whom a browser comes."""

    contributor: str
    link: bytes | None = None
    """The fingerprint of the link it stands for; None: they signed in."""
    expires_at: AwareDatetime


class Sessions(Part):
    """By the fingerprint of what the browser shows."""

    def begin(self, contributor: str, now: datetime, expires_at: datetime, link: str | None = None) -> str:
        """Let a browser in; gives what it shows from now on. Those of theirs that are over go.

        Takes    link: the token it stands for; None: they signed in
        """
        over = (sessions.c.contributor == contributor, sessions.c.expires_at <= now)
        self._connection.execute(delete(sessions).where(*over))
        secret = secrets.token_urlsafe(32)
        mark = self._vault.fingerprint("token", link) if link else None
        row = {"contributor": contributor, "link": mark, "expires_at": expires_at}
        self._connection.execute(insert(sessions).values(id=self._print(secret), **row))
        return secret

    def find(self, secret: str, now: datetime) -> Session | None:
        """As whom this browser comes. Unknown and expired look alike."""
        query = select(sessions).where(sessions.c.id == self._print(secret), sessions.c.expires_at > now)
        row = self._connection.execute(query).mappings().one_or_none()
        return Session(**{name: row[name] for name in Session.model_fields}) if row else None

    def drop(self, secret: str) -> None:
        """This browser is let in no longer."""
        self._connection.execute(delete(sessions).where(sessions.c.id == self._print(secret)))

    def end(self, contributor: str) -> None:
        """Wherever they signed in or used a link of theirs, it is over."""
        self._connection.execute(delete(sessions).where(sessions.c.contributor == contributor))

    def _print(self, secret: str) -> bytes:
        return self._vault.fingerprint("session", secret)
