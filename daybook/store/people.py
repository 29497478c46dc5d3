"""Who takes part, and how far their consent goes."""

from __future__ import annotations

import secrets
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, bindparam, delete, insert, select, update

from core.roles import NONE, InRole
from daybook.store import engine, retention
from daybook.store.access import AccessLog
from daybook.store.accounts import Accounts
from daybook.store.chosen import Chosen
from daybook.store.draft_calendars import DraftCalendars
from daybook.store.grants import Grants
from daybook.store.links import Links
from daybook.store.part import Part
from daybook.store.schema import contributors, gone, pages, partitions

LETTERS = "23456789abcdefghjkmnpqrstuvwxyz"
"""No two of them look alike."""

_ALL = select(contributors).order_by(contributors.c.enrolled_at, contributors.c.id)
_BY_ID = select(contributors).where(contributors.c.id == bindparam("id"))
_BY_EMAIL = select(contributors).where(contributors.c.email == bindparam("email"))
_BY_SUBJECT = select(contributors).where(contributors.c.subject == bindparam("subject"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Contributor:
    """One person on the roster; read from only while `acknowledged` names the policy in force (P3)."""

    id: str
    """Opaque: goes into logs and addresses."""
    email: str
    enrolled_at: datetime
    invited: str | None = None
    """The policy version they were last told of."""
    invited_at: datetime | None = None
    acknowledged: str | None = None
    """The policy version they agreed to."""
    acknowledged_at: datetime | None = None
    ahead: str | None = None
    """The policy version still to come that they agreed to besides."""
    role: str = NONE
    """The role they had when they agreed: no more is read of them than of this one."""
    role_coming: str | None = None
    """The one they have by now, where more is read of it."""
    role_since: date | None = None
    """The first day it may hold; None until they were told of it."""
    role_agreed: bool = False
    """They agreed to it."""
    left_at: datetime | None = None
    """Set while they have left; agreeing again brings them back."""
    digest_on: bool = True
    """False once they unsubscribed from the daily mail."""
    digest_weekly: bool = False
    """They want it once a week."""
    digest_after: date | None = None
    """They want none before this day."""
    reminder_on: bool = True
    """False once they switched off being reminded."""
    look_back_on: bool = True
    """False once they switched off the look back at their week."""
    subject: bytes | None = None
    """A fingerprint of the account they signed in with; no other one is taken for theirs."""

    @property
    def agreed(self) -> frozenset[str]:
        """All the policy versions that they agreed to and that still count."""
        return frozenset(version for version in (self.acknowledged, self.ahead) if version)

    @property
    def in_role(self) -> InRole:
        """The role they are read in, and the one that waits."""
        return InRole(role=self.role, coming=self.role_coming, since=self.role_since, agreed=self.role_agreed)


class People(Part):
    """The roster."""

    def enrol(self, email: str, at: datetime) -> Contributor:
        """The contributor of this address, new with a new opaque id where there was none."""
        if known := self.by_email(email):
            return known
        opaque = "c-" + "".join(secrets.choice(LETTERS) for _ in range(12))
        row = Contributor(id=opaque, email=_address(email), enrolled_at=at)
        self._connection.execute(insert(contributors).values(**asdict(row)))
        AccessLog(self._connection, self._vault).begin(opaque)
        return row

    def all(self) -> list[Contributor]:
        """Everybody, also who left, in order of enrolment."""
        return [Contributor(**row) for row in self._connection.execute(_ALL).mappings()]

    def get(self, contributor: str) -> Contributor | None:
        return self._one(_BY_ID, id=contributor)

    def by_email(self, email: str) -> Contributor | None:
        return self._one(_BY_EMAIL, email=_address(email))

    def invited(self, contributor: str, version: str, at: datetime) -> None:
        """They were told of this policy version."""
        self._set(contributor, invited=version, invited_at=at)

    def acknowledge(self, contributor: str, version: str, at: datetime) -> None:
        """They agreed to this policy version; who had left is back."""
        self._set(contributor, acknowledged=version, acknowledged_at=at, ahead=None, left_at=None)

    def acknowledge_ahead(self, contributor: str, holds: str, coming: str) -> None:
        """They agreed to a version still to come; what covers the one in force stays."""
        self._set(contributor, acknowledged=holds, ahead=coming)

    def in_role(self, contributor: str, known: InRole) -> None:
        """The role they are read in, and the one that waits."""
        said = known.model_dump()
        self._set(contributor, role=said.pop("role"), **{f"role_{name}": of for name, of in said.items()})

    def role_told(self, contributor: str, role: str, since: date) -> None:
        """They were told from when on this role may hold; not where they have another by now."""
        waits = (contributors.c.role_coming == role) & contributors.c.role_since.is_(None)
        named = update(contributors).where(contributors.c.id == contributor, waits)
        self._connection.execute(named.values(role_since=since))

    def digest(self, contributor: str, on: bool) -> None:
        """They switched the daily mail on or off."""
        self._set(contributor, digest_on=on)

    def reminded(self, contributor: str, on: bool) -> None:
        """They switched being reminded on or off."""
        self._set(contributor, reminder_on=on)

    def looks_back(self, contributor: str, on: bool) -> None:
        """They switched the look back at their week on or off."""
        self._set(contributor, look_back_on=on)

    def paced(self, contributor: str, weekly: bool, after: date | None) -> None:
        """How often they want the mail, and not before which day."""
        self._set(contributor, digest_weekly=weekly, digest_after=after)

    def by_subject(self, issuer: str, subject: str) -> Contributor | None:
        """Whoever signed in with this account of an issuer before."""
        return self._one(_BY_SUBJECT, subject=self._vault.fingerprint("subject", issuer, subject))

    def signs_in_as(self, contributor: str, issuer: str, subject: str) -> None:
        """From now on this account is theirs."""
        self._set(contributor, subject=self._vault.fingerprint("subject", issuer, subject))

    def signs_in_anew(self, contributor: str) -> None:
        """No account is theirs until they sign in again."""
        self._set(contributor, subject=None)

    def leave(self, contributor: str, at: datetime) -> None:
        """They leave: all but what they confirmed goes now; entries stay as long as they are kept."""
        self._set(contributor, acknowledged=None, acknowledged_at=None, ahead=None, left_at=at, subject=None)
        retention.erase(self._connection, self._vault, contributor, ("evidence", "drafts", "memory"))
        Grants(self._connection, self._vault).drop_all(contributor)
        Chosen(self._connection, self._vault).forget(contributor)
        Accounts(self._connection, self._vault).drop(contributor)
        DraftCalendars(self._connection, self._vault).forget(contributor)
        Links(self._connection, self._vault).drop_held_by(contributor)
        # What those were sealed with: a backup may have copies of them.
        self._vault.erase(contributor, "roster")
        self._unread(contributor)

    def erase(self, contributor: str) -> None:
        """Remove the person with all that is held about them, in every table (P7)."""
        self._vault.erase(contributor)
        self._unread(contributor)
        self._connection.execute(delete(contributors).where(contributors.c.id == contributor))

    def goes_for_good(self, contributor: str, at: datetime) -> str:
        """They erase themselves: a mark that names nobody is all that stays, so that nobody invites them."""
        who = self.get(contributor)
        if who is None:
            return ""
        mark = self._mark(who.email)
        self.erase(contributor)
        self.went(mark.hex(), at)
        return mark.hex()

    def went(self, mark: str, at: datetime) -> None:
        """Whoever has this mark erased themselves."""
        marked = engine.insert(gone).values(mark=bytes.fromhex(mark), at=at)
        self._connection.execute(marked.on_conflict_do_nothing())

    def is_gone(self, email: str) -> bool:
        """Whether somebody of this address erased themselves."""
        query = select(gone.c.at).where(gone.c.mark == self._mark(email))
        return self._connection.execute(query).scalar() is not None

    def welcome(self, email: str) -> bool:
        """Whoever erased themselves may be invited again; False where nobody of this address did."""
        return self._connection.execute(delete(gone).where(gone.c.mark == self._mark(email))).rowcount == 1

    def _mark(self, email: str) -> bytes:
        return self._vault.fingerprint("gone", _address(email))

    def _unread(self, contributor: str) -> None:
        """How far the sources that are theirs alone were read: those bear their id as a name."""
        for table in (pages, partitions):
            self._connection.execute(delete(table).where(table.c.partition == contributor))

    def _one(self, query: Select[Any], **asked: str | bytes) -> Contributor | None:
        row = self._connection.execute(query, asked).mappings().one_or_none()
        return Contributor(**row) if row else None

    def _set(self, contributor: str, **values: Any) -> None:
        self._connection.execute(update(contributors).where(contributors.c.id == contributor).values(values))


def _address(email: str) -> str:
    return email.strip().lower()
