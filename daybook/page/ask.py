"""From a day to what is theirs and of no day: by a link of its own, in a mail to nobody but them (S-03).

Whoever was forwarded a daily mail can work on its days; what they could do beyond them, connecting accounts
and leaving, is not within their reach.
"""

from __future__ import annotations

from starlette.responses import Response

from daybook.languages import _
from daybook.mail import letters
from daybook.page import words
from daybook.page.door import Visit

HERE = "/connections"


def show(visit: Visit) -> Response:
    return _page(visit)


def send(visit: Visit) -> Response:
    """To the address the configuration has them by, whoever asks."""
    verdict = letters.send_own(visit.house, visit.who)
    return visit.back(verdict.reason, at=HERE) if verdict else _page(visit, 503, _(verdict.reason))


def _page(visit: Visit, status: int = 200, problem: str = "") -> Response:
    return visit.show(
        "ask.html",
        status,
        title=words.YOURS,
        said=problem or visit.said,
        went_wrong=bool(problem),
    )
