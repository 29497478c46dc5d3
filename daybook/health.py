"""Whether this process can do its part, for whoever sends it requests: yes or no, and nothing of anybody."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

from sqlalchemy.exc import DatabaseError

from daybook import doubt
from daybook.glance import Glance
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

PATIENCE = 3.0
"""Seconds; a load balancer does not wait for longer."""


def in_time(house: House) -> Callable[[], Answer]:
    """What `ready` says, or that it is not, within seconds: also of a server that froze."""
    look = Glance(partial(ready, house), PATIENCE)
    return lambda: look.found() or UNREADY


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
