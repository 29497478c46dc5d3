"""Who takes part, as the administrator who runs a rollout may see it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from core.matching import Doubt, Reason
from core.model import Noun
from core.said import Said
from daybook.house import House, Member
from daybook.looking import Viewer, looked
from daybook.store.unit import Unit
from daybook.words import tool


class Unsure(Noun):
    """A connection where nobody can say which account is theirs; until then nothing of it is read."""

    connection: str
    reason: Reason
    says: str
    """Why, and what to do about it."""


class Row(Noun):
    email: str
    state: str
    """named, invited, acknowledged, left."""
    doubts: tuple[Unsure, ...]


FORGOT = Said("daybook people --forget-sign-in forgot by which account they sign in")
LISTED = Said("daybook people listed how far everybody is")


def roster(house: House, viewer: Viewer) -> list[Row]:
    """Everybody the present stage reaches, in the order of the configuration; each finds it in their log."""
    with house.store.writing() as tx:
        members = {member.person.email: member for member in house.members(tx)}
        for member in members.values():
            looked(tx, viewer, member.id, "enrolment", "unconfirmed", house.clock(), LISTED)
        doubts = {email: list[Unsure]() for email in house.named}
        for email, unsure in _doubts(house, tx, list(members.values())):
            doubts[email].append(unsure)
        return [
            Row(email=email, state=_state(house, members.get(email)), doubts=tuple(doubts[email]))
            for email in house.named
        ]


def unmatched(house: House) -> Counter[str]:
    """Of how many people nobody can say which account is theirs, by connection."""
    with house.store.reading() as tx:
        found = list(_doubts(house, tx, house.members(tx)))
    return Counter(unsure.connection for _, unsure in found if unsure.reason != "unasked")


def forget_sign_in(house: House, viewer: Viewer, address: str) -> bool:
    """Let the next account that has this address sign in as this person; False where there is none."""
    with house.store.writing() as tx:
        row = tx.people.by_email(address)
        if row is None:
            return False
        tx.people.signs_in_anew(row.id)
        tx.sessions.end(row.id)
        looked(tx, viewer, row.id, "enrolment", "unconfirmed", house.clock(), FORGOT)
        return True


def _doubts(house: House, tx: Unit, members: list[Member]) -> Iterator[tuple[str, Unsure]]:
    for name, connector in house.connectors.items():
        known = house.known(tx, name, members)
        finds = connector.abilities.finds_accounts
        for member in members:
            one = known[member.id]
            soon = isinstance(one, Doubt) and one.reason == "unasked" and finds and not member.consent
            if isinstance(one, Doubt) and not soon and member.contributor.left_at is None:
                says = _says(one.reason, name, member.person.email, tool(connector.source), finds)
                yield member.person.email, Unsure(connection=name, reason=one.reason, says=says)


def _says(reason: Reason, connection: str, email: str, called: str, finds: bool) -> str:
    write = f'write  accounts: {{{connection}: "<account id>"}}  at {email} under people'
    either = f"Let them connect their own account on their page, or {write}."
    match reason:
        case "unasked" if finds:
            return f"{called} was not asked yet; the next round asks."
        case "unasked":
            return f"Nobody said which account at {called} is theirs. {either}"
        case "nobody":
            return f"No active account at {called} has this address. {either}"
        case "several":
            return f"Several accounts at {called} have this address. {either}"
        case "hidden":
            return f"{called} found somebody, but hides their address, so it may be somebody else. {either}"
        case "deactivated":
            return f"The account at {called} with this address is deactivated. {either}"
        case "differ":
            return f"The account they connected at {called} is not the configured one. Correct it: {write}."
        case "shared":
            return f"Another contributor has the same account at {called}; neither is read. {either}"


def _state(house: House, member: Member | None) -> str:
    if member is None:
        return "named"
    row = member.contributor
    if row.left_at is not None:
        return "left"
    if house.agreed(member):
        return "acknowledged"
    return "invited" if row.invited is not None else "named"
