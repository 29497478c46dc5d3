"""Who looked at what of somebody's, when and why; and what is not logged (P-07).

A look at an address changes nothing, and reading the log is to be logged: so its lines come with a button.
"""

from __future__ import annotations

from starlette.responses import Response

from daybook.languages import _
from daybook.looking import THEMSELVES, looked
from daybook.page import words
from daybook.page.door import Visit
from daybook.words import clock, full_date

HERE = "/seen"


def show(visit: Visit) -> Response:
    """Whether the log is whole, and what is not in it."""
    return _page(visit)


def read(visit: Visit) -> Response:
    """The same with its lines, the newest first; the first is this one."""
    with visit.house.store.writing() as tx:
        looked(tx, THEMSELVES, visit.who.id, "access_log", "unconfirmed", visit.house.clock(), words.READ_LOG)
    return _page(visit, readable=True)


def _page(visit: Visit, *, readable: bool = False) -> Response:
    with visit.house.store.reading() as tx:
        lines, whole = tx.access.of(visit.who.id), tx.access.intact(visit.who.id)
    local = [(one.at.astimezone(visit.who.zone), one) for one in reversed(lines)]
    return visit.show(
        "seen.html",
        title=words.SEEN,
        said="",
        count=len(lines),
        whole=whole,
        readable=readable,
        lines=[
            (
                full_date(at.date()),
                clock(at),
                words.viewer(one.who),
                words.LOOKED_AT.get(one.what, one.what),
                _(one.reason),
            )
            for at, one in local
        ],
        unlogged=words.unlogged(visit.house.policy.groups.minimum),
    )
