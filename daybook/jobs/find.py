"""Find: ask a tool which accounts contributors have, where only it can say.

Asked is about who may be read and nobody else (P3), many at once; again once a week about who was found, once
a day about who was not. What the answer means is core.matching's to say.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import islice

import structlog

from connectors.contract import Fault, Paced
from core.matching import NOT_ASKED, Matched, by_address
from daybook import state
from daybook.house import House, Member

log = structlog.get_logger()

AT_ONCE = 100
"""People in one question; each answer is on disk before the next is asked for."""
AGAIN = timedelta(days=1)
"""Who was not found today may have an account tomorrow."""
STILL = timedelta(weeks=1)
"""Who was found may be deactivated since: that is a gap, and no empty day."""
NOT_NOW = timedelta(hours=1)


def find(house: House, connection: str) -> None:
    """Ask about everybody whose turn it is, once."""
    with house.store.reading() as tx:
        if tx.rests.away(connection, house.clock(), reading=True):
            return
    asked: set[str] = set()
    while (some := _due(house, connection, asked)) and not house.stopping.is_set():
        asked.update(member.id for member in some)
        try:
            answer = house.connectors[connection].accounts(_Here(house, some))
        except Fault as fault:
            _put_off(house, connection, some, fault)
            return
        now = house.clock()
        found = {one.id: by_address(one.person.email, answer.get(one.person.email, ())) for one in some}
        with house.store.writing() as tx:
            for who, one in found.items():
                if _may_be_read(house.member(tx, who)):
                    again = STILL if isinstance(one, Matched) else AGAIN
                    tx.accounts.save(who, connection, one, now + again)
        doubts = Counter(one.reason for one in found.values() if not isinstance(one, Matched))
        log.info("accounts.found", connection=connection, asked=len(some), doubts=dict(doubts))
        if len(some) < AT_ONCE:
            return  # that was everybody


class _Here(Iterable[str]):
    """The addresses of those who may still be read at the moment they are asked about (P3)."""

    def __init__(self, house: House, members: Sequence[Member]) -> None:
        self._house, self._members = house, members

    def __iter__(self) -> Iterator[str]:
        for member in self._members:
            with self._house.store.reading() as tx:
                here = _may_be_read(self._house.member(tx, member.id))
            if here:
                yield member.person.email


def _due(house: House, connection: str, asked: Collection[str]) -> list[Member]:
    """Looked up anew for every question: who leaves meanwhile is not asked about."""
    now = house.clock()
    with house.store.reading() as tx:
        members = house.members(tx)
        strangers = state.strangers(house, tx, connection, members)
    waiting = (member for member in members if member.id in strangers and member.id not in asked)
    return list(islice((one for one in waiting if _is_due(strangers[one.id].ask_at, now)), AT_ONCE))


def _is_due(ask_at: datetime | None, now: datetime) -> bool:
    return ask_at is None or ask_at <= now


def _may_be_read(member: Member | None) -> bool:
    """They may have left while the tool was thinking."""
    return member is not None and bool(member.consent)


def _put_off(house: House, connection: str, some: list[Member], fault: Fault) -> None:
    """They stay in the doubt they were in."""
    wait = fault.wait if isinstance(fault, Paced) else NOT_NOW
    log.warning("accounts.unasked", connection=connection, asked=len(some), kind=type(fault).__name__)
    with house.store.writing() as tx:
        tx.rests.note(connection, fault, house.clock())
        before = tx.accounts.at(connection)
        for member in some:
            if _may_be_read(house.member(tx, member.id)):
                doubt = before.get(member.id, NOT_ASKED)
                tx.accounts.save(member.id, connection, doubt, house.clock() + wait)
