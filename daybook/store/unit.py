"""One unit of work: everything done through it happens together or not at all."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select, update

from daybook.store import everything, retention, schema
from daybook.store.access import AccessLog
from daybook.store.accounts import Accounts
from daybook.store.chosen import Chosen
from daybook.store.configurations import Configurations
from daybook.store.consents import Consents
from daybook.store.counted import Counted
from daybook.store.days import Days
from daybook.store.draft_calendars import DraftCalendars
from daybook.store.drafts import Drafts
from daybook.store.entries import Entries
from daybook.store.evidence import Evidence
from daybook.store.grants import Grants
from daybook.store.links import Links
from daybook.store.mailbox import Read
from daybook.store.mails import Mails
from daybook.store.memory import Memories
from daybook.store.part import One
from daybook.store.partitions import Partitions
from daybook.store.people import People
from daybook.store.policies import Policies
from daybook.store.postings import Postings
from daybook.store.remarks import Remarks
from daybook.store.replies import Replies
from daybook.store.reports import Reports
from daybook.store.rests import Resting
from daybook.store.revocations import Revocations
from daybook.store.rollout import Rollout
from daybook.store.seal import Keyring, Vault
from daybook.store.sessions import Sessions
from daybook.store.told import Told
from daybook.store.walks import Walks
from daybook.store.withdrawals import What, Withdrawal
from daybook.store.workers import Workers

_OWN = {column.name: select(column) for column in schema.daybook.c}
"""What the store says of itself, by column of its one row."""
_NEXT_SEND = update(schema.daybook).values(sends=schema.daybook.c.sends + 1).returning(schema.daybook.c.sends)

_BEGUN = [select(func.max(at)) for at in (schema.contributors.c.enrolled_at, schema.partitions.c.last_ok)]
"""When the last of all enrolled, and when a tool was last read."""


class Unit:
    """The parts of the store, inside one transaction."""

    people = One(People)
    policies = One(Policies)
    grants = One(Grants)
    chosen = One(Chosen)
    consents = One(Consents)
    revocations = One(Revocations)
    told = One(Told)
    accounts = One(Accounts)
    partitions = One(Partitions)
    walks = One(Walks)
    rests = One(Resting)
    evidence = One(Evidence)
    days = One(Days)
    drafts = One(Drafts)
    draft_calendars = One(DraftCalendars)
    memory = One(Memories)
    entries = One(Entries)
    counted = One(Counted)
    reports = One(Reports)
    postings = One(Postings)
    mails = One(Mails)
    links = One(Links)
    replies = One(Replies)
    mailbox = One(Read)
    rollout = One(Rollout)
    remarks = One(Remarks)
    sessions = One(Sessions)
    access = One(AccessLog)
    workers = One(Workers)
    configurations = One(Configurations)

    def __init__(self, connection: Connection, keyring: Keyring, worker: int | None = None) -> None:
        self.connection = connection
        self.vault = Vault(connection, keyring)
        self.worker = worker
        self.taken_back: list[Withdrawal] = []
        """Noted beside the database before this is committed."""

    def sends(self) -> int:
        """How many sends were intended so far."""
        return int(self._own("sends"))

    def next_send(self) -> int:
        """Count another one; in the transaction that keeps its intent."""
        return int(self.connection.execute(_NEXT_SEND).scalar_one())

    def restored_at(self) -> datetime | None:
        """When an older copy of this database was last found put back."""
        at: datetime | None = self._own("restored_at")
        return at

    def restored(self, at: datetime, sends: int, identity: str | None) -> None:
        """Note that this one was, and how many sends there really were; what is past its time goes soon."""
        noted = {"restored_at": at, "sends": sends, "put_back": False, "identity": identity}
        self.connection.execute(update(schema.daybook).values(noted))
        self.forget_soon()

    def is_put_back(self, identity: str | None) -> bool:
        """Whether somebody said that this is an older copy, or it is in another place than before."""
        row = self.connection.execute(select(schema.daybook.c.put_back, schema.daybook.c.identity)).one()
        return bool(row.put_back) or row.identity != identity

    def put_back(self, as_of: datetime | None = None) -> None:
        """This is an older copy, whatever the files beside it say.

        Takes    as_of: when the backup was made that it comes from, the last that is known here; it is
                 thinned as of that backup's last day, which never was
        """
        said = {"put_back": True} | ({"forgotten_at": as_of, "backed_up_at": as_of} if as_of else {})
        self.connection.execute(update(schema.daybook).values(said))

    def moved(self, to: str) -> None:
        """Everything was taken there: nobody opens this one any more."""
        self.connection.execute(update(schema.daybook).values(moved_to=to))

    def arrived(self, identity: str | None) -> None:
        """It is no older copy that was put here, but the one there is."""
        self.connection.execute(update(schema.daybook).values(identity=identity))

    def takes_back(self, what: What, at: datetime, who: str = "", about: str = "") -> None:
        """Something was taken back: an older copy of this database must not bring it again."""
        said = Withdrawal(at=at, what=what, who=self.withdrawing(who) if who else "", about=about)
        self.taken_back.append(said)

    def withdrawing(self, contributor: str) -> str:
        """What somebody is known by beside the database; says nothing to who lacks the key."""
        return self.vault.fingerprint("withdrawn", contributor).hex()

    def withdrawals(self) -> int:
        """How many things this database knows to be taken back."""
        return int(self._own("withdrawals"))

    def knows_withdrawals(self, number: int) -> None:
        self.connection.execute(update(schema.daybook).values(withdrawals=number))

    def is_forgotten(self, keep_days: Mapping[str, int]) -> bool:
        """Whether nothing is due before its day: retention was no other last time, and nobody left since."""
        return bool(self._own("forgotten_as") == retention.named(keep_days))

    def forgotten_at(self) -> datetime | None:
        """When what is past its retention was last removed."""
        at: datetime | None = self._own("forgotten_at")
        return at

    def forget_soon(self) -> None:
        """Somebody's things went: the next round also takes the deleted bytes out of the files."""
        self.connection.execute(update(schema.daybook).values(forgotten_as=None))

    def tended_at(self) -> datetime | None:
        """When what was lent to us was last looked after."""
        at: datetime | None = self._own("tended_at")
        return at

    def tended(self, at: datetime) -> None:
        self.connection.execute(update(schema.daybook).values(tended_at=at))

    def backed_up_at(self) -> datetime | None:
        """As of when the last backup is."""
        at: datetime | None = self._own("backed_up_at")
        return at

    def backed_up(self, at: datetime) -> None:
        self.connection.execute(update(schema.daybook).values(backed_up_at=at))

    def last_worked(self) -> datetime | None:
        """When the work of a day was last done, or begun where it never was; None where nobody is."""
        if done := [at for at in (self.forgotten_at(), self.tended_at()) if at is not None]:
            return max(done)
        begun = [self.connection.execute(query).scalar_one() for query in _BEGUN]
        return max((at for at in begun if at is not None), default=None)

    def clock_is_right(self, now: datetime) -> None:
        """Whatever the last day of work was, this one is believed; the work of a day is due."""
        said = {"forgotten_at": now, "forgotten_as": None, "tended_at": None}
        self.connection.execute(update(schema.daybook).values(said))

    def everything_of(self, contributor: str) -> dict[str, list[dict[str, Any]]]:
        """All that is held about one contributor, opened, by table (P7)."""
        return everything.everything_of(self.connection, self.vault, contributor)

    def _own(self, column: str) -> Any:
        return self.connection.execute(_OWN[column]).scalar_one()
