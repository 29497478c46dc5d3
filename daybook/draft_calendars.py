"""Showing drafts in a calendar of a contributor's own: off until they want it, gone once they do not."""

from __future__ import annotations

from typing import cast

from connectors.contract import Credential, DraftCalendar, Fault, Refused, Showing
from core import draft_calendar
from core.model import Noun, Verdict
from core.said import Said, worded
from daybook import lending, returning
from daybook.house import House, Member
from daybook.store.consents import Consent
from daybook.store.draft_calendars import Kept
from daybook.store.grants import Grant
from daybook.store.unit import Unit
from daybook.tools import called

OFF_ALREADY = Verdict(allowed=False, reason="Your drafts are not shown there.")
STILL_SHOWN = worded("{fault} Your drafts are still shown; switch it off again then.")
NOT_CONNECTED = "Your account is not connected any more. Nothing was written. Switch it on again."


class Offer(Noun):
    """One tool that can show somebody their drafts, and how that stands."""

    connection: str
    called: str
    name: str
    """Of the calendar."""
    kept: Kept | None = None
    """None while it is off."""
    problem: str = ""
    """Why it does not go on, or did not begin."""


def offers(house: House, tx: Unit, who: Member) -> list[Offer]:
    kept, asked = tx.draft_calendars.of(who.id), tx.consents.problems(who.id)
    return [
        Offer(
            connection=name,
            called=called(house, name),
            name=draft_calendar.called(house.language(who).sentences),
            kept=kept.get(name),
            problem=_problem(kept.get(name), asked.get(name)),
        )
        for name, connector in house.connectors.items()
        if connector.abilities.shows_drafts and name in house.authorities
    ]


def there(house: House, who: Member, connection: str) -> tuple[DraftCalendar, Grant]:
    """Their calendars of drafts at this tool, and by what we reach them.

    Raises   Refused (account), Unavailable
    """
    with house.store.reading() as tx:
        grant = tx.grants.get(who.id, connection)
    if grant is None:
        raise Refused(NOT_CONNECTED, whose="account")
    grant = lending.fresh(house, grant)
    credential = Credential(kind=grant.kind, secret=grant.credential)
    connector = cast(Showing, house.connectors[connection])
    return connector.draft_calendar(house.account(who, grant), credential), grant


def switch_off(house: House, who: Member, connection: str) -> Verdict:
    """Take the calendar away and forget it; what they cannot let us do any more stays theirs to delete."""
    with house.store.reading() as tx:
        kept, inside = (
            tx.draft_calendars.get(who.id, connection),
            tx.draft_calendars.inside(who.id, connection),
        )
    if kept is None:
        return OFF_ALREADY
    left = not inside.calendar and inside.asked
    try:
        if inside.calendar:
            calendars, _ = there(house, who, connection)
            calendars.end(inside.calendar)
    except Refused:
        left = True
    except Fault as fault:
        return Verdict(allowed=False, reason=Said(STILL_SHOWN, fault=fault.said))
    with house.store.writing() as tx:
        ended(house, tx, who.id, connection)
    return Verdict(allowed=True, reason="left_there" if left else "unshown")


def ended(house: House, tx: Unit, contributor: str, connection: str) -> None:
    """Forget it; what was lent for nothing else is given back."""
    tx.draft_calendars.drop(contributor, connection)
    tx.takes_back("unshown", house.clock(), contributor, connection)
    grant, abilities = tx.grants.get(contributor, connection), house.connectors[connection].abilities
    if grant is not None and not (abilities.posts or abilities.lent):
        returning.give_back(house, tx, grant)


def _problem(kept: Kept | None, asked: Consent | None) -> str:
    if kept is not None:
        return kept.problem or ""
    return asked.problem if asked is not None and asked.drafts else ""
