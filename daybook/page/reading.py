"""Which of their own calendars are read: chosen here by whom they belong to, and by nobody else."""

from __future__ import annotations

from starlette.responses import Response

from daybook import choosing
from daybook.languages import _
from daybook.page import words
from daybook.page.door import Visit
from daybook.tools import called

HERE = "/calendars"


def show(visit: Visit) -> Response:
    return _page(visit)


def choose(visit: Visit) -> Response:
    """Those that are ticked, and no others."""
    if not visit.who.consent:
        return _page(visit, 409, words.FIRST_THE_POLICY)
    verdict = choosing.choose(visit.house, visit.who, visit.stated("connection"), visit.all("container"))
    return visit.back("chosen", at=HERE) if verdict else _page(visit, 422, _(verdict.reason))


def _page(visit: Visit, status: int = 200, problem: str = "") -> Response:
    house = visit.house
    offers = choosing.offers(house, visit.who) if visit.who.consent else []
    return visit.show(
        "calendars.html",
        status,
        title=words.CALENDARS,
        said=problem or visit.said,
        went_wrong=bool(problem),
        ticked=visit.all("container"),
        offers=[(offer, called(house, offer.connection)) for offer in offers],
    )
