"""Delegates: their contributor's page of who may look, and the door through which one comes in.

Looking at an address changes nothing (S-01), and each visit stands in the log: so a visit begins with a
button, and lasts an hour.
"""

from __future__ import annotations

from datetime import date, timedelta
from urllib.parse import urlsplit

from starlette.responses import RedirectResponse, Response

from daybook import delegates
from daybook.languages import _
from daybook.page import words
from daybook.page.door import Visit
from daybook.words import full_date

HERE = "/delegates"


def show(visit: Visit) -> Response:
    """Who may look at their days, until when, and the button that ends it."""
    return _page(visit)


def let(visit: Visit) -> Response:
    """Let one more."""
    try:
        until = date.fromisoformat(visit.stated("until"))
    except ValueError:
        return _page(visit, 422, words.NO_DATE)
    verdict = delegates.grant(visit.house, visit.who, visit.stated("address"), until)
    return visit.back("granted", at=HERE) if verdict else _page(visit, 422, _(verdict.reason))


def end(visit: Visit) -> Response:
    """End what was granted to one."""
    delegates.end(visit.house, visit.who, visit.stated("delegate"))
    return visit.back("ended", at=HERE)


def knock(visit: Visit) -> Response:
    """What a delegate is about to open, with nothing of it yet."""
    assert visit.by is not None, "the door asked for a grant"
    until = full_date(visit.by.until)
    return visit.show("delegate.html", title=words.PREPARE, said="", until=until)


def enter(visit: Visit) -> Response:
    """In they go; their contributor's log has the line."""
    assert visit.by is not None, "the door asked for a grant"
    return RedirectResponse(urlsplit(delegates.enter(visit.house, visit.who, visit.by)).path, 303)


def _page(visit: Visit, status: int = 200, problem: str = "") -> Response:
    house, who = visit.house, visit.who
    with house.store.reading() as tx:
        granted = delegates.standing(house, tx, who)
    allowed, today = house.policy.delegates, who.today(house.clock())
    return visit.show(
        "delegates.html",
        status,
        title=words.DELEGATES,
        said=problem or visit.said,
        went_wrong=bool(problem),
        granted=granted,
        first=today,
        last=today + timedelta(days=allowed.days) if allowed else None,
    )
