"""What contributors say about Daybook itself, and what they are answered; sealed like all that is theirs."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable
from datetime import datetime
from typing import Literal

from pydantic import AwareDatetime
from sqlalchemy import bindparam, insert, select, update

from core.model import Noun
from core.periods import week
from daybook.store.part import Part
from daybook.store.people import LETTERS
from daybook.store.schema import remarks
from daybook.store.seal import Row

About = Literal["draft", "mail", "ready"]
"""draft, mail  something there looks wrong
ready        is it ready for the rest of the team, and what must change first
"""

_ALL = select(remarks).order_by(remarks.c.at, remarks.c.id)
_OF = _ALL.where(remarks.c.contributor == bindparam("contributor"))


class Remark(Noun):
    """One sentence of a contributor."""

    id: str
    """For the administrator to answer by; says nothing about the person."""
    contributor: str
    at: AwareDatetime
    about: About
    step: int
    """Of the rollout, by what the stage in force began with."""
    sentence: str
    signed: bool = False
    """Their name stands beside it."""
    ready: bool | None = None
    """Their yes or no, where that was asked."""
    answer: str = ""
    answered_at: AwareDatetime | None = None
    told: bool = False
    """A mail said that there is an answer."""

    @property
    def waits(self) -> bool:
        """Somebody ought to answer it."""
        return bool(self.sentence) and self.answered_at is None


class Remarks(Part):
    """The remarks of contributors."""

    def add(
        self,
        contributor: str,
        at: datetime,
        about: About,
        step: int,
        sentence: str,
        *,
        signed: bool = False,
        ready: bool | None = None,
    ) -> None:
        new = Remark(
            id="".join(secrets.choice(LETTERS) for _ in range(6)),
            contributor=contributor,
            at=at,
            about=about,
            step=step,
            sentence=sentence,
            signed=signed,
            ready=ready,
        )
        self._connection.execute(insert(remarks).values(self._sealed(new)))

    def answer(self, remark: Remark, answer: str, at: datetime) -> None:
        """Answer it; whoever said it is told by their next mail."""
        after = remark.model_copy(update={"answer": answer, "answered_at": at, "told": False})
        this = remarks.c.id == remark.id
        self._connection.execute(update(remarks).where(this).values(self._sealed(after)))

    def told(self, answered: Iterable[Remark]) -> None:
        """A mail said that these were answered."""
        these = remarks.c.id.in_([one.id for one in answered])
        self._connection.execute(update(remarks).where(these).values(told=True))

    def all(self, contributor: str | None = None) -> list[Remark]:
        """Everybody's or one person's, oldest first."""
        query = _ALL if contributor is None else _OF
        rows = self._connection.execute(query, {"contributor": contributor}).mappings().all()
        return [self._opened(row) for row in rows]

    def _sealed(self, remark: Remark) -> Row:
        clear = {"id", "contributor", "at", "about", "step", "answered_at", "told"}
        content = remark.model_dump_json(exclude=clear)
        return self._vault.sealed(remarks, remark.model_dump(include=clear), content, week(remark.at.date()))

    def _opened(self, row: Row) -> Remark:
        clear = {name: row[name] for name in row if name not in ("key", "sealed")}
        return Remark(**clear, **json.loads(self._vault.opened(remarks, row)))
