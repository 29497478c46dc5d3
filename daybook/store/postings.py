"""The outbox: where each posting stands, in the same database as the confirmation that made it (R-01).

Every write names the version it saw, so that two runs of one job cannot both send. While what
became of one is unknown, nothing else of its contributor may be sent to the same issue or task (R-04).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import UTC, date, datetime
from typing import Any, NamedTuple

from sqlalchemy import Select, bindparam, func, insert, or_, select, union_all, update

from connectors.contract import Sighting, record_of
from core.periods import week
from core.posting import Done, Look, Posting, Send, Wait, next_step
from core.rounds import Waiting
from daybook.store.days import Days
from daybook.store.part import Part
from daybook.store.schema import postings

_P = postings.c
_BY_ID = select(postings).where(_P.id == bindparam("posting"))
_OF_DAYS = (
    select(postings)
    .where(_P.contributor == bindparam("contributor"), _P.day.in_(bindparam("days", expanding=True)))
    .order_by(_P.id)
)
_ALL_OF = select(postings).where(_P.contributor == bindparam("contributor")).order_by(_P.day, _P.id)
_OF_ENTRY = (
    select(postings)
    .where(_P.contributor == bindparam("contributor"), _P.entry == bindparam("entry"))
    .order_by(_P.id)
)
_RECEIPTS = select(_P.remote).where(_P.contributor == bindparam("contributor"), _P.remote.is_not(None))
_RECEIPTS_OF_DAY = _RECEIPTS.where(_P.day == bindparam("day"))
_NEW = insert(postings)
_CHANGED = update(postings).where(_P.id == bindparam("this"), _P.version == bindparam("expected"))
_OTHER = postings.alias().c
_UNKNOWN = select(_OTHER.id).where(
    _OTHER.lane == _P.lane,
    _OTHER.contributor == _P.contributor,
    _OTHER.state == "sending",
    _OTHER.id != _P.id,
)
_INTENDED = _CHANGED.where(~_UNKNOWN.exists())
_COMPARES = select(_OTHER.id).where(
    _OTHER.to_compare, _OTHER.contributor == _P.contributor, _OTHER.connection == _P.connection
)
_WAITING = select(_P.id, _P.contributor, _P.lane, _P.due_at, _P.state).where(
    _P.due_at >= datetime(1970, 1, 1, tzinfo=UTC),  # SQLite finds these by the index, not null not
    or_(_P.due_at <= bindparam("now"), _P.state == "sending"),
    _P.connection.not_in(bindparam("resting", expanding=True)),
    or_(_P.to_compare, ~_COMPARES.exists()),
)
_OPEN, _DONE = ("held", "sending", "refused", "unclear"), ("posted", "withdrawn")
_OF_STATE = select(_P.state, func.count()).group_by(_P.state)
_TALLY = union_all(
    _OF_STATE.where(_P.state.in_(_OPEN)),
    _OF_STATE.where(_P.state.in_(_DONE), _P.day >= bindparam("since")),
)


class Filed(NamedTuple):
    """A posting as it is stored, with the version to name when changing it."""

    posting: Posting
    version: int


class Postings(Part):
    """Confirmed entries on their way to their targets."""

    def add(self, posting: Posting) -> None:
        """File a new one; in the transaction that keeps its entry."""
        self._connection.execute(_NEW, self._row(posting, 1))

    def save(self, posting: Posting, expected: int) -> bool:
        """Write one whose version is still `expected`. False: it is not, or another of theirs is unknown."""
        changed = _INTENDED if posting.state == "sending" else _CHANGED
        this = {"this": posting.id, "expected": expected}
        return self._connection.execute(changed, self._row(posting, expected + 1) | this).rowcount == 1

    def get(self, posting: str) -> Filed | None:
        found = self._opened(_BY_ID, posting=posting)
        return found[0] if found else None

    def of(self, contributor: str, day: date) -> list[Filed]:
        """One contributor's postings of one day, in the order they were due."""
        return self.of_days(contributor, [day]).get(day, [])

    def of_days(self, contributor: str, days: Collection[date]) -> dict[date, list[Filed]]:
        """The same for many days, by day; one query however many."""
        found: dict[date, list[Filed]] = {}
        for filed in self._opened(_OF_DAYS, contributor=contributor, days=list(days)):
            found.setdefault(filed.posting.entry.day, []).append(filed)
        return found

    def all_of(self, contributor: str) -> list[Filed]:
        """All of one contributor's postings, oldest day first."""
        return self._opened(_ALL_OF, contributor=contributor)

    def of_entry(self, contributor: str, entry: str) -> list[Filed]:
        """The postings of one entry."""
        return self._opened(_OF_ENTRY, contributor=contributor, entry=entry)

    def live(self, contributor: str, entry: str) -> Filed | None:
        """The one posting of an entry that may have, or get, a record at its target; None where none may."""
        filed = self.of_entry(contributor, entry)
        return next((one for one in filed if one.posting.state != "withdrawn"), None)

    def refused(self, contributor: str, connection: str) -> list[Filed]:
        """One contributor's postings that this tool refused."""
        this = (postings.c.contributor == contributor, postings.c.connection == connection)
        query = select(postings).where(*this, postings.c.state == "refused")
        return self._opened(query.order_by(postings.c.id))

    def waiting(self, now: datetime, resting: Collection[str] = ()) -> list[Waiting]:
        """What may go on by now and what is on its way, over everybody; nothing of it is opened.

        After an older copy was put back, nothing of an account goes on before all of it is compared (R-09).

        Takes    resting: connections that are left alone for now
        """
        asked = {"now": now, "resting": list(resting)}
        return [
            Waiting(
                id=row.id,
                contributor=row.contributor,
                lane=row.lane.hex(),
                due_at=row.due_at,
                unknown=row.state == "sending",
            )
            for row in self._connection.execute(_WAITING, asked)
        ]

    def next_due(self, now: datetime) -> datetime | None:
        """When the next one comes due after `now`; None where none will."""
        query = select(func.min(postings.c.due_at)).where(postings.c.due_at > now)
        return self._connection.execute(query).scalar()

    def receipts(self, contributor: str, day: date | None = None) -> set[str]:
        """The ids their records have at the tools: so we know our own when they come back as evidence.

        Takes    day: only those posted for it, so that one which a hand moved there is counted there
        """
        asked = {"contributor": contributor} | ({"day": day} if day else {})
        query = _RECEIPTS_OF_DAY if day else _RECEIPTS
        return set(self._connection.execute(query, asked).scalars())

    def came_back(self, connection: str, sightings: Iterable[Sighting]) -> None:
        """Note which of our records the tool shows; the days of those it had not shown before are due."""
        shown = {
            (contributor, record)
            for sighting in sightings
            for contributor, activity in sighting.activities
            if activity.kind == "logged" and (record := record_of(activity.uid)) is not None
        }
        people, records = {who for who, _ in shown}, {record for _, record in shown}
        p = postings.c
        theirs = (p.contributor.in_(people), p.connection == connection, p.remote.in_(records))
        for posting, version in self._opened(select(postings).where(*theirs)) if shown else ():
            back = posting.remote is not None and (posting.contributor, posting.remote.id) in shown
            if back and not posting.seen and self.save(posting.model_copy(update={"seen": True}), version):
                Days(self._connection, self._vault).mark(posting.contributor, [posting.entry.day])

    def tally(self, since: date = date.min) -> dict[str, int]:
        """How many there are in each state, over everybody.

        Takes    since: of those that are done, only the ones of that day and later
        """
        return dict(self._connection.execute(_TALLY, {"since": since}).all())

    def _row(self, posting: Posting, version: int) -> dict[str, Any]:
        entry = posting.entry
        place = {"id": posting.id, "contributor": posting.contributor}
        row = self._vault.sealed(postings, place, posting.model_dump_json(), week(entry.day))
        moving = not isinstance(_next(posting), Done)
        return row | {
            "entry": entry.id,
            "day": entry.day,
            "connection": posting.connection,
            "lane": self._vault.fingerprint("lane", posting.connection, posting.task),
            "state": posting.state,
            "attempt": posting.attempt,
            "due_at": posting.not_before if moving else None,
            "remote": posting.record,
            "to_compare": posting.in_doubt and isinstance(_next(posting), Look),
            "version": version,
        }

    def _opened(self, query: Select[Any], **asked: Any) -> list[Filed]:
        rows = self._connection.execute(query, asked).mappings().all()
        return [
            Filed(Posting.model_validate_json(self._vault.opened(postings, row)), row["version"])
            for row in rows
        ]


def _next(posting: Posting) -> Wait | Look | Send | Done:
    """What is to be done with it once its time has come."""
    return next_step(posting, posting.not_before)
