"""A database older than what was sent starts by looking only: nothing goes out before it is compared (R-09).

Somebody put a copy back. What was sent after it was made is at the targets and unknown here, so every posting
is looked for first, and an entry confirmed anew for a day of that time too. What is found is adopted.
"""

from __future__ import annotations

import structlog

from core import posting as machine
from core.posting import Posting
from daybook.house import House
from daybook.store.unit import Unit

log = structlog.get_logger()


def begin(house: House) -> None:
    """Before anything is sent: see whether the database is an older copy, and have it compared if so."""
    told = house.store.sends.told()
    with house.store.writing() as tx:
        known = tx.sends()
        if told > known:
            tx.restored(house.clock(), told)
            _doubt_all(house, tx)
    if told > known:
        log.warning("store.older", behind=told - known)
    house.store.sends.note(known)


def doubted(house: House, tx: Unit, one: Posting) -> Posting:
    """A new posting, to be looked for before it is sent where its entry may have been sent already."""
    at = tx.restored_at()
    if at is None or one.entry.day > at.date():
        return one
    return machine.doubted(one, house.clock(), house.look_after)


def _doubt_all(house: House, tx: Unit) -> None:
    """What is posted only in the window: nothing of earlier days changes any more."""
    now = house.clock()
    since = house.window(now).start.date()
    for person in tx.people.all():
        for filed in tx.postings.all_of(person.id):
            if filed.posting.state != "posted" or filed.posting.entry.day >= since:
                tx.postings.save(machine.doubted(filed.posting, now, house.look_after), filed.version)
