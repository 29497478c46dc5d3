"""A database older than what was done with it starts by looking only: nothing is sent uncompared (R-09).

Somebody put a copy back. What was sent after it was made is at the targets and unknown here, so every posting
is looked for first, and an entry confirmed anew for a day of that time too. What is found is adopted. What
people took back since is taken back again: who left is not read, who was erased is not there (P3, P7).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import NamedTuple

import structlog

from core import posting as machine
from core.posting import Posting
from daybook import choosing, doubt, joining, returning
from daybook.errors import Wrong
from daybook.house import House
from daybook.store.unit import Unit
from daybook.store.withdrawals import Withdrawal

log = structlog.get_logger()

ANY_ZONE = timedelta(hours=14)
"""A day is its contributor's own, and may begin so much earlier than in UTC."""
A_DAY = timedelta(days=1)
OLDEST = timedelta(days=31)
"""How old a copy is at most, where no clock tells."""
OLDER = (
    "The database is older than what was done with it. Nothing was asked or changed. Start the daemon "
    "first: it compares the two; then the same command again."
)


class Found(NamedTuple):
    """What a start found."""

    older: bool
    """It is an older copy."""
    behind: int
    """So many sends are known to have been made since."""
    taken_back: int | None
    """So many things were taken back since, and are again; None where nobody knows."""


class _Beside(NamedTuple):
    """What stands beside a database, and what that says of it."""

    sends: int
    """The most that is known here or there."""
    withdrawn: list[Withdrawal]
    """Taken back since."""
    is_whole: bool
    """Nothing that was taken back can be missing from that."""
    older: bool
    behind: int


def begin(house: House, *, as_it_is: bool = False) -> Found:
    """Before anything is read, sent or shown: see whether it is an older copy, and compare it if so.

    While the clock cannot be believed it stays an older copy: the next time all of this is done again.

    Takes    as_it_is: somebody says that it is one, and what stands beside it may be as old
    """
    store, is_believed = house.store, bool(doubt.believed(house))
    with store.writing() as tx:
        beside = _beside(house, tx)
        known, all_known = tx.sends(), beside.is_whole and not as_it_is
        older = beside.older or as_it_is
        if older:
            tx.restored(_at(house, tx), beside.sends, store.identity)
            tx.links.end(house.clock())
            _doubt_all(house, tx)
            _take_back_all(house, tx, beside.withdrawn)
            if store.path is not None and not all_known:
                tx.takes_back("unknown", house.clock())
            if not is_believed:
                tx.put_back()
    found = Found(older, beside.behind, len(beside.withdrawn) if all_known else None)
    if older:
        log.warning("store.older", behind=found.behind, withdrawn=found.taken_back)
    store.sends.note(known)
    store.withdrawals.begin()
    return found


@contextmanager
def held(house: House) -> Iterator[None]:
    """Run on the store for what is told by hand, compared first where it is an older copy."""
    with house.store.hold():
        begin(house)
        yield


def insist(house: House) -> None:
    """For what is told by hand beside a daemon. Raises Wrong for an older copy that nobody compared."""
    with house.store.writing() as tx:
        if _beside(house, tx).older:
            raise Wrong(OLDER)


def _beside(house: House, tx: Unit) -> _Beside:
    store = house.store
    known, noted, told = tx.sends(), tx.withdrawals(), store.sends.told()
    since, is_whole = store.withdrawals.since(noted), store.withdrawals.is_whole(noted)
    lost = (known > 0 and store.sends.is_missing()) or not is_whole
    older = tx.is_put_back(store.identity) or told > known or bool(since) or lost
    unknown = store.withdrawals.is_missing() or any(one.what == "unknown" for one in since)
    return _Beside(max(told, known), since, is_whole and not unknown, older, max(0, told - known))


def doubted(house: House, tx: Unit, one: Posting) -> Posting:
    """A new posting, to be looked for before it is sent where its entry may have been sent already."""
    at = tx.restored_at()
    if at is None or one.entry.day > (at + ANY_ZONE).date():
        return one
    return machine.doubted(one, house.clock(), house.look_after)


def _at(house: House, tx: Unit) -> datetime:
    """When it came back, or surely later where the clock is days behind what is done in it."""
    now = house.clock()
    holds = (filed.posting.hold_until for who in tx.people.all() for filed in tx.postings.all_of(who.id))
    newest = max(now, tx.last_worked() or now, *holds)
    return newest if newest - now < A_DAY else newest + OLDEST


def _doubt_all(house: House, tx: Unit) -> None:
    """What is posted only in the window: nothing of earlier days changes any more."""
    now = house.clock()
    since = house.window(now).start.date()
    for person in tx.people.all():
        for filed in tx.postings.all_of(person.id):
            if filed.posting.state != "posted" or filed.posting.entry.day >= since:
                tx.postings.save(machine.doubted(filed.posting, now, house.look_after), filed.version)


def _take_back_all(house: House, tx: Unit, since: Iterable[Withdrawal]) -> None:
    people = {tx.withdrawing(one.id): one.id for one in tx.people.all()}
    for one in since:
        _take_back(house, tx, one, people.get(one.who))
        tx.knows_withdrawals(one.serial)
    tx.taken_back.clear()  # they stand beside the database already


def _take_back(house: House, tx: Unit, one: Withdrawal, who: str | None) -> None:
    """Do it again; of somebody who came after the copy was made there is nothing to take back."""
    match one.what:
        case "stopped":
            stage = tx.rollout.stage()
            if stage is not None and tx.rollout.stopped() is None:
                tx.rollout.add(one.at, "stopped", stage.stage, one.about, stage.terms)
        case "erased":
            if who is not None:
                joining.let_all_go(house, tx, who)
                tx.people.erase(who)
            if one.about:
                tx.people.went(one.about, one.at)
        case _ if who is None or tx.people.get(who) is None:
            pass
        case "left":
            joining.let_all_go(house, tx, who)
            tx.people.leave(who, one.at)
        case "let go":
            if (grant := tx.grants.get(who, one.about)) is not None:
                returning.give_back(house, tx, grant)
        case "unshown":
            tx.draft_calendars.drop(who, one.about)
        case "chose":
            if (member := house.member(tx, who)) is not None:
                choosing.choose_only(house, tx, member, one.about, ())
        case "digest":
            tx.people.digest(who, one.about == "on")
        case "reminder":
            tx.people.reminded(who, one.about == "on")
        case "look back":
            tx.people.looks_back(who, one.about == "on")
