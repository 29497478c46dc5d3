"""Whether this process can do its part, for whoever sends it requests: yes or no, and nothing of anybody."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy.exc import DatabaseError

from daybook import doubt
from daybook.house import House
from daybook.store import migrate
from daybook.store.errors import StoreRefused, StoreUnavailable


class Answer(NamedTuple):
    """What is said over HTTP."""

    status: int
    word: str


ALIVE = Answer(200, "ok")
READY = Answer(200, "ready")
UNREADY = Answer(503, "unready")
"""One word for every reason: the log and `daybook status` say which, to who may read those."""


def ready(house: House) -> Answer:
    """Does the store answer, is it the one we know, in the form we know, and is the clock believed?"""
    if house.stopping.is_set():
        return UNREADY
    try:
        with house.store.reading() as tx:
            house.store.may_write(tx)
            fits = migrate.fits(tx.connection)
        return READY if fits and doubt.believed(house) else UNREADY
    except (StoreRefused, StoreUnavailable, DatabaseError):
        return UNREADY
