"""What somebody answered to our mails that was no plain yes: kept for them, shown, and put away by them."""

from __future__ import annotations

from datetime import datetime

from starlette.responses import Response

from daybook.page import words
from daybook.page.door import Visit
from daybook.store.unit import Unit

HERE = "/answers"


def show(visit: Visit) -> Response:
    with visit.house.store.reading() as tx:
        kept = tx.replies.of(visit.who.id)
    zone, now = visit.who.zone, visit.house.clock()
    return visit.show(
        "answers.html",
        title=words.ANSWERS,
        said=visit.said,
        answers=[(one, words.moment(one.at, zone, now), words.answered(one)) for one in kept],
    )


def put_away(visit: Visit) -> Response:
    """They read those on the page; one that came since stays."""
    try:
        until = datetime.fromisoformat(visit.stated("until"))
    except ValueError:
        return show(visit)
    if until.tzinfo is None:
        return show(visit)
    with visit.house.store.writing() as tx:
        tx.replies.read(visit.who.id, until)
    return visit.back("put_away", at=HERE)


def waiting(tx: Unit, visit: Visit) -> int:
    """How many there are to be read by whose they are."""
    return 0 if visit.by else tx.replies.many(visit.who.id)
