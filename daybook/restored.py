"""A database older than what was done with it starts by looking only: nothing is sent uncompared (R-09).

Somebody put a copy back. What was sent after it was made is at the targets and unknown here, so every posting
is looked for first, and an entry confirmed anew for a day of that time too. What is found is adopted. What
people took back since is taken back again: who left is not read, who was erased is not there (P3, P7).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

import structlog

from core import posting as machine
from core.posting import Posting
from daybook import choosing, doubt, joining, returning
from daybook.house import House
from daybook.store.unit import Unit
from daybook.store.withdrawals import Withdrawal

log = structlog.get_logger()

ANY_ZONE = timedelta(hours=14)
"""A day is its contributor's own, and may begin so much earlier than in UTC."""
A_DAY = timedelta(days=1)
OLDEST = timedelta(days=31)
"""How old a copy is at most, where no clock tells."""


class Found(NamedTuple):
    """What a start found."""

    older: bool
    """It is an older copy."""
    behind: int
    """So many sends are known to have been made since."""
    taken_back: int | None
    """So many things were taken back since, and are again; None where nobody knows."""


def begin(house: House, *, as_it_is: bool = False) -> Found:
    """Before anything is sent or shown: see whether the database is an older copy, and compare it if so.

    While the clock cannot be believed it stays an older copy: the next time all of this is done again.

    Takes    as_it_is: somebody says that it is one, and what stands beside it may be as old
    """
    store, told, is_believed = house.store, house.store.sends.told(), bool(doubt.believed(house))
    with store.writing() as tx:
        known, noted = tx.sends(), tx.withdrawals()
        since, is_whole = store.withdrawals.since(noted), store.withdrawals.is_whole(noted)
        # beside a server's database each machine has files of its own, and none has them all
        has_files = store.path is not None
        lost = has_files and ((known > 0 and store.sends.is_missing()) or not is_whole)
        older = as_it_is or tx.is_put_back(store.identity) or told > known or bool(since) or lost
        all_known = has_files and is_whole and not store.withdrawals.is_missing() and not as_it_is
        all_known = all_known and all(one.what != "unknown" for one in since)
        found = Found(older, max(0, told - known), len(since) if all_known else None)
        if older:
            tx.restored(_at(house, tx), max(told, known), store.identity)
            tx.links.end(house.clock())
            _doubt_all(house, tx)
            _take_back_all(house, tx, since)
            if has_files and not all_known:
                tx.takes_back("unknown", house.clock())
            if not is_believed:
                tx.put_back()
    if found.older:
        log.warning("store.older", behind=found.behind, withdrawn=found.taken_back)
    store.sends.note(known)
    store.withdrawals.begin()
    return found


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
