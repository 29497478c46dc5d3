"""What answers to our mails may confirm, and those of them that were no plain yes; sealed, their owner's."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, datetime
from typing import Literal

from pydantic import AwareDatetime, TypeAdapter
from sqlalchemy import bindparam, delete, func, select

from core.model import Noun
from core.periods import week
from daybook.store import engine
from daybook.store.part import Part
from daybook.store.schema import offered, replies

MOST = 20
"""Kept of one person; the oldest goes first, so that nobody who has a mail of theirs can fill the store."""

Why = Literal["words", "elsewhere", "old", "left", "beside"]
"""words      it is not a plain yes
elsewhere  it did not come from their own address
old        the mail it answers was too old
left       it was a yes, and some of what it was about had changed
beside     it was a yes, with something written under it
"""

_MANY = select(func.count()).select_from(replies).where(replies.c.contributor == bindparam("contributor"))
_REVISIONS = TypeAdapter(dict[str, int])


class Reply(Noun):
    """One answer, kept for who it is from."""

    at: AwareDatetime
    why: Why
    words: str
    left: int = 0
    """Drafts that it did not confirm, as they had changed."""


class Replies(Part):
    """Answers to our mails."""

    def offer(self, contributor: str, day: date, shown: Mapping[str, int]) -> None:
        """What the digest of this day shows: key -> revision.

        One that is sent again may be the one they read or not; so only what both showed counts.
        """
        before = self._offered(contributor, day)
        both = dict(shown) if before is None else dict(shown.items() & before.items())
        place = {"contributor": contributor, "day": day}
        row = self._vault.sealed(offered, place, _REVISIONS.dump_json(both).decode(), week(day))
        said = engine.insert(offered).values(row)
        self._connection.execute(said.on_conflict_do_update(index_elements=offered.primary_key, set_=row))

    def offered(self, contributor: str, day: date) -> dict[str, int]:
        """What a yes to the digest of this day may confirm."""
        return self._offered(contributor, day) or {}

    def keep(self, contributor: str, mail: str, reply: Reply) -> bool:
        """Keep an answer for them. Takes    mail: what it is known by; False: it is kept already"""
        place = {
            "name": self._vault.fingerprint("reply", contributor, mail),
            "contributor": contributor,
            "at": reply.at,
        }
        content = reply.model_dump_json(exclude={"at"})
        row = self._vault.sealed(replies, place, content, week(reply.at.date()))
        said = engine.insert(replies).values(row).on_conflict_do_nothing()
        new = self._connection.execute(said).rowcount == 1
        self._thin(contributor)
        return new

    def of(self, contributor: str) -> list[Reply]:
        """Those kept for them, the latest first."""
        mine = select(replies).where(replies.c.contributor == contributor)
        rows = self._connection.execute(mine.order_by(replies.c.at.desc(), replies.c.name)).mappings().all()
        return [Reply(at=row["at"], **json.loads(self._vault.opened(replies, row))) for row in rows]

    def many(self, contributor: str) -> int:
        return int(self._connection.execute(_MANY, {"contributor": contributor}).scalar_one())

    def read(self, contributor: str, until: datetime) -> None:
        """They read those that came until then, and want them gone."""
        mine = (replies.c.contributor == contributor, replies.c.at <= until)
        self._connection.execute(delete(replies).where(*mine))

    def _offered(self, contributor: str, day: date) -> dict[str, int] | None:
        this = (offered.c.contributor == contributor, offered.c.day == day)
        row = self._connection.execute(select(offered).where(*this)).mappings().one_or_none()
        return _REVISIONS.validate_json(self._vault.opened(offered, row)) if row else None

    def _thin(self, contributor: str) -> None:
        newest = select(replies.c.name).where(replies.c.contributor == contributor)
        stay = newest.order_by(replies.c.at.desc(), replies.c.name).limit(MOST)
        # PostgreSQL and SQLite take a limit inside IN only as a table of its own
        gone = replies.c.name.not_in(select(stay.subquery().c.name))
        self._connection.execute(delete(replies).where(replies.c.contributor == contributor, gone))
