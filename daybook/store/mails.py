"""One row a contributor, day and kind of mail: that it was sent, once, or why not yet.

A mail is claimed before it is handed over. When Daybook dies in between, nobody knows whether it
went out: it is sent again under the same Message-ID, which lets a mailbox fold the two.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any, Literal

from pydantic import AwareDatetime
from sqlalchemy import Select, and_, bindparam, func, or_, select, update

from core.model import Noun
from daybook.store import engine
from daybook.store.part import Part
from daybook.store.schema import mails

MailState = Literal["sending", "unsure", "sent", "failed", "given_up"]

PATIENCE = timedelta(minutes=15)
"""A mail that is `sending` for longer was lost by whoever claimed it."""

_FIRST = engine.insert(mails).on_conflict_do_nothing()
_THIS = (
    mails.c.contributor == bindparam("whose"),
    mails.c.day == bindparam("of"),
    mails.c.kind == bindparam("what"),
)
_ONE = select(mails).where(*_THIS)
_LAST = (
    select(mails)
    .where(mails.c.contributor == bindparam("whose"), mails.c.kind == bindparam("what"))
    .order_by(mails.c.day.desc())
    .limit(1)
)
_DAYS = (
    select(mails.c.contributor, func.max(mails.c.day).label("day"))
    .where(mails.c.kind == bindparam("what"))
    .group_by(mails.c.contributor)
    .subquery()
)
_LATEST = select(mails).join(
    _DAYS,
    and_(
        mails.c.contributor == _DAYS.c.contributor,
        mails.c.day == _DAYS.c.day,
        mails.c.kind == bindparam("what"),
    ),
)
_TOLD = update(mails).where(*_THIS)


class Mail(Noun):
    """How one mail stands."""

    contributor: str
    day: date
    kind: str
    message_id: str
    """Of the first attempt, and of every one after it."""
    state: MailState
    """unsure: claimed by a daemon that died; given_up: its address refuses mail."""
    attempts: int
    claimed_at: AwareDatetime
    worker: int | None = None
    """By whom."""
    sent_at: AwareDatetime | None = None
    not_before: AwareDatetime | None = None
    reason: str | None = None

    def is_open(self, at: datetime) -> bool:
        """Whether `claim` would take it again."""
        match self.state:
            case "failed":
                return self.not_before is not None and self.not_before <= at
            case "sending":
                return self.claimed_at <= at - PATIENCE
        return self.state == "unsure"


class Mails(Part):
    """What went out by mail."""

    def claim(self, contributor: str, day: date, kind: str, message_id: str, at: datetime) -> bool:
        """Take a mail to send it now. False: it is out, is being sent, waits, or was given up."""
        row = {"contributor": contributor, "day": day, "kind": kind, "message_id": message_id}
        row |= {"state": "sending", "attempts": 1, "claimed_at": at, "worker": self._worker}
        if self._connection.execute(_FIRST, row).rowcount == 1:
            return True
        m = mails.c
        open_again = or_(
            m.state == "unsure",
            and_(m.state == "failed", m.not_before <= at),
            and_(m.state == "sending", m.claimed_at <= at - PATIENCE),
        )
        claimed = {"state": "sending", "attempts": m.attempts + 1, "claimed_at": at, "worker": self._worker}
        again = _TOLD.where(open_again).values(claimed)
        return self._connection.execute(again, _which(contributor, day, kind)).rowcount == 1

    def sent(self, contributor: str, day: date, kind: str, at: datetime) -> None:
        """The mail server took it."""
        self._set(contributor, day, kind, state="sent", sent_at=at, reason=None, not_before=None)

    def failed(
        self, contributor: str, day: date, kind: str, reason: str, not_before: datetime | None
    ) -> None:
        """The mail server did not take it: again from `not_before`, or never where that is None (E-08)."""
        state = "given_up" if not_before is None else "failed"
        self._set(contributor, day, kind, state=state, reason=reason, not_before=not_before)

    def came_back(self, contributor: str, day: date, reason: str, at: datetime) -> bool:
        """What was sent that day did not arrive; False where that was known of one of them."""
        mine = (mails.c.contributor == contributor, mails.c.day == day)
        known = select(mails.c.kind).where(*mine, mails.c.state == "given_up").limit(1)
        first = self._connection.execute(known).first() is None
        # from when it came back the address is left in peace
        refused = {"state": "given_up", "reason": reason, "not_before": None, "claimed_at": at}
        self._connection.execute(update(mails).where(*mine, mails.c.state == "sent").values(refused))
        return first

    def get(self, contributor: str, day: date, kind: str) -> Mail | None:
        return self._one(_ONE, _which(contributor, day, kind))

    def on(self, day: date, kind: str) -> dict[str, Mail]:
        """Those of one day, by contributor."""
        query = select(mails).where(mails.c.day == day, mails.c.kind == kind)
        return {row["contributor"]: Mail(**row) for row in self._connection.execute(query).mappings()}

    def last(self, contributor: str, kind: str) -> Mail | None:
        """The one of the latest day, whatever became of it."""
        return self._one(_LAST, {"whose": contributor, "what": kind})

    def latest(self, kind: str) -> dict[str, Mail]:
        """The one of the latest day for everybody who ever got one."""
        found = self._connection.execute(_LATEST, {"what": kind}).mappings()
        return {row["contributor"]: Mail(**row) for row in found}

    def tally(self) -> dict[str, int]:
        """How many there are in each state, over everybody."""
        query = select(mails.c.state, func.count()).group_by(mails.c.state)
        return dict(self._connection.execute(query).all())

    def waiting(self, since: datetime) -> list[str]:
        """Why they wait, for each that is to be tried again and is not overdue since then."""
        m = mails.c
        query = select(m.reason).where(m.state == "failed", m.not_before > since)
        return [reason for reason in self._connection.execute(query).scalars() if reason]

    def _one(self, query: Select[Any], asked: dict[str, Any]) -> Mail | None:
        row = self._connection.execute(query, asked).mappings().one_or_none()
        return Mail(**row) if row else None

    def _set(self, contributor: str, day: date, kind: str, **values: Any) -> None:
        self._connection.execute(_TOLD, values | _which(contributor, day, kind))


def _which(contributor: str, day: date, kind: str) -> dict[str, Any]:
    return {"whose": contributor, "of": day, "what": kind}
