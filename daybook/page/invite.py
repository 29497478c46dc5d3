"""The invitation: the policy to read and acknowledge, then one's own accounts, and the way out (P3).

Later a link that they ask for opens the same page: an invitation ends, an account does not.
"""

from __future__ import annotations

from datetime import date, timedelta
from urllib.parse import urlsplit

from pydantic import SecretStr
from starlette.responses import RedirectResponse, Response

from daybook import draft_calendars, joining, links, policies, returning
from daybook.languages import _
from daybook.page import words
from daybook.page.cookies import emptied
from daybook.page.door import Answer, Visit, closed
from daybook.page.places import connections
from daybook.tools import tools
from daybook.words import full_date, if_acknowledged, no_pilot, policy

LONGEST_TOKEN = 4_096


def show(visit: Visit) -> Response:
    return _page(visit)


def acknowledge(visit: Visit) -> Response:
    if visit.stated("role") != visit.who.role:
        return _page(visit, 409, joining.NEWER)
    verdict = joining.acknowledge(visit.house, visit.who, visit.stated("version"))
    if not verdict:
        return _page(visit, 409, _(verdict.reason))
    return visit.back("acknowledged")


def agreed(answer: Answer) -> Answer:
    """Only for who acknowledged the policy in force (P3)."""

    def guarded(visit: Visit) -> Response:
        return answer(visit) if _agreed(visit) else _page(visit, 409, words.FIRST_THE_POLICY)

    return guarded


@agreed
def connect(visit: Visit) -> Response:
    credential, ends = visit.stated("credential").strip(), visit.stated("ends")
    if not credential or len(credential) > LONGEST_TOKEN:
        return _page(visit, 422, words.NO_TOKEN)
    try:
        last = date.fromisoformat(ends) if ends else None
    except ValueError:
        return _page(visit, 422, words.NO_DATE)
    verdict = joining.connect(visit.house, visit.who, visit.stated("connection"), SecretStr(credential), last)
    return visit.back("connected") if verdict else _page(visit, 422, _(verdict.reason))


def disconnect(visit: Visit) -> Response:
    grant = joining.disconnect(visit.house, visit.who, visit.stated("connection"))
    if grant is None or grant.kind == "token":
        return visit.back("disconnected")
    said = "given_back" if returning.is_given_back(visit.house, grant) else "forgotten_here"
    return visit.back(said)


def unshow(visit: Visit) -> Response:
    """Their drafts are no longer shown in a calendar of their own."""
    verdict = draft_calendars.switch_off(visit.house, visit.who, visit.stated("connection"))
    return visit.back(verdict.reason) if verdict else _page(visit, 422, _(verdict.reason))


@agreed
def look(visit: Visit) -> Response:
    """Their days, where no mail leads to them: in a shadow run."""
    house, now = visit.house, visit.house.clock()
    if house.stage != "shadow":
        return closed()
    with house.store.writing() as tx:
        address = links.mint(tx, house, visit.who, "day", visit.who.today(now) - timedelta(days=1), now)
    return RedirectResponse(urlsplit(address).path, 303)


def leave(visit: Visit) -> Response:
    """They are gone, and their links with them: this answer is the last one."""
    if visit.stated("sure") != "yes":
        return _page(visit, 422, words.NOT_SURE)
    joining.leave(visit.house, visit.who)
    return emptied(visit.show("left.html", title=words.LEFT, said=""))


def _agreed(visit: Visit) -> bool:
    return visit.house.agreed(visit.who)


def _page(visit: Visit, status: int = 200, problem: str = "") -> Response:
    house = visit.house
    with house.store.reading() as tx:
        there, shows = connections(house, tx, visit.who), draft_calendars.offers(house, tx, visit.who)
        waiting = policies.waiting(house, tx, visit.who)
    contributor = visit.who.contributor
    change = policies.change(house, contributor.acknowledged)
    coming = change.coming
    at = contributor.acknowledged_at
    return visit.show(
        "invite.html",
        status,
        title=words.YOURS if _agreed(visit) else words.INVITED,
        said=problem or visit.said,
        went_wrong=bool(problem),
        agreed=_agreed(visit),
        again=contributor.acknowledged is not None,
        on=full_date(at.astimezone(visit.who.zone).date()) if at else "",
        places=there,
        shows=[
            (one, one.kept and full_date(one.kept.since.astimezone(visit.who.zone).date())) for one in shows
        ],
        sections=[*policy(house.policy, tools(house)), *no_pilot(house.no_pilot)],
        mail=house.configuration.mail,
        shadow=house.stage == "shadow",
        begun=house.policy_since <= visit.who.today(house.clock()),
        acknowledged=contributor.acknowledged,
        change=change,
        role=visit.who.role,
        waiting=waiting,
        hangs=if_acknowledged(waiting.role) if waiting else "",
        ahead=coming.version if coming and coming.version in contributor.agreed else None,
        announced=policy(coming.policy, tools(house, coming.policy)) if coming else (),
    )
