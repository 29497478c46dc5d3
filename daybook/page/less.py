"""The mails that come by themselves, as their contributor wants them: seldomer, later, off and on again.

One click in a mail ends its kind, without a login and at once (RFC 8058, E-04): the daily mail and with it
the others, reminders alone, or the look back alone. All else is a choice on the page.
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
ASKED = (
    "on", "off", "weekly", "next week", "later", "reminder", "no reminder", "look back", "no look back"
)  # fmt: skip
"""What the buttons of the page say."""
LONGEST = timedelta(days=92)
"""Whoever wants no mail for longer switches it off."""


def show(visit: Visit) -> Response:
    return _page(visit, visit.who)


def act(visit: Visit) -> Response:
    """Off, whatever the form says (a mail program sends its own), unless it asks for something else."""
    return _act(visit, "off")


def no_reminder(visit: Visit) -> Response:
    """The same, of reminders alone."""
    return _act(visit, "no reminder")


def no_look_back(visit: Visit) -> Response:
    """The same, of the look back alone."""
    return _act(visit, "no look back")


def _act(visit: Visit, otherwise: str) -> Response:
    house, who, today = visit.house, visit.who, visit.who.today(visit.house.clock())
    weekly = who.contributor.digest_weekly
    asked = visit.stated("mail")
    match asked if asked in ASKED else otherwise:
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
        case "reminder" | "no reminder" as said:
            joining.reminded(house, who, on=said == "reminder")
        case "look back" | "no look back" as said:
            joining.looks_back(house, who, on=said == "look back")
        case _:
            joining.digest(house, who, on=False)
    with house.store.reading() as tx:
        return _page(visit, house.member(tx, who.id) or who)


ENDING = {"": act, "/reminder": no_reminder, "/look-back": no_look_back}
"""What the links in our mails end, by what stands after their token."""


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _page(visit: Visit, who: Member, status: int = 200, problem: str = "") -> Response:
    house, row, today = visit.house, who.contributor, who.today(visit.house.clock())
    seldom, mail = house.policy.digest_of(who.person.role), house.configuration.mail
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
        reminds=mail is not None and mail.reminder != "off",
        reminder=row.reminder_on,
        looks_back=mail is not None and mail.look_back,
        look_back=row.look_back_on,
        after=row.digest_after if row.digest_after and row.digest_after > today else None,
        first=today + timedelta(days=1),
        last=today + LONGEST,
    )
