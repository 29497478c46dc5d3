"""The daily mail, as its contributor wants it: seldomer, later, off and on again (RFC 8058, E-04).

One click ends it, without a login and at once; all else is a choice on the page.
"""

from __future__ import annotations

from datetime import date, timedelta

from starlette.responses import Response

from daybook import joining
from daybook.house import Member
from daybook.page import words
from daybook.page.door import Visit

HERE = "/mail"
"""Below the link of somebody's own; the one in each mail is this page itself."""
LONGEST = timedelta(days=92)
"""Whoever wants no mail for longer switches it off."""


def show(visit: Visit) -> Response:
    return _page(visit, visit.who)


def act(visit: Visit) -> Response:
    """Off, whatever the form says (a mail program sends its own), unless it asks for something else."""
    house, who, today = visit.house, visit.who, visit.who.today(visit.house.clock())
    weekly = who.contributor.digest_weekly
    match visit.stated("mail"):
        case "on":
            joining.paced(house, who, weekly=False)
        case "weekly":
            joining.paced(house, who, weekly=True)
        case "next week":
            joining.paced(house, who, weekly=weekly, after=today + timedelta(days=7 - today.weekday()))
        case "later":
            after = _day(visit.stated("after"))
            if after is None or not today < after <= today + LONGEST:
                return _page(visit, who, 422, words.NO_SUCH_DAY)
            joining.paced(house, who, weekly=weekly, after=after)
        case _:
            joining.digest(house, who, on=False)
    with house.store.reading() as tx:
        return _page(visit, house.member(tx, who.id) or who)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _page(visit: Visit, who: Member, status: int = 200, problem: str = "") -> Response:
    house, row, today = visit.house, who.contributor, who.today(visit.house.clock())
    seldom = house.policy.digest_of(who.person.role)
    return visit.show(
        "less.html",
        status,
        title=words.MAIL,
        said=problem,
        went_wrong=bool(problem),
        action=visit.here if visit.link.purpose == "less" else f"{visit.here}{HERE}",
        on=row.digest_on and seldom != "never",
        never=seldom == "never",
        weekly=row.digest_weekly or seldom == "weekly",
        only_weekly=seldom == "weekly",
        after=row.digest_after if row.digest_after and row.digest_after > today else None,
        first=today + timedelta(days=1),
        last=today + LONGEST,
    )
