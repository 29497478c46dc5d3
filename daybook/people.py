"""Who takes part, as the administrator who runs a rollout may see it."""

from __future__ import annotations

from core.model import Noun
from daybook.house import House, Member
from daybook.store.unit import Unit


class Row(Noun):
    email: str
    state: str
    """named, invited, acknowledged, left."""
    unknown_at: tuple[str, ...]
    """Connections that cannot be asked about them: no account configured, none connected."""


def roster(house: House) -> list[Row]:
    """Everybody the present stage reaches, in the order of the configuration."""
    with house.store.reading() as tx:
        members = {member.person.email: member for member in house.members(tx)}
        return [_row(house, tx, email, members.get(email)) for email in house.named]


def _row(house: House, tx: Unit, email: str, member: Member | None) -> Row:
    if member is None:
        return Row(email=email, state="named", unknown_at=())
    granted = {grant.connection for grant in tx.grants.of(member.id)}
    known = granted | member.person.accounts.keys()
    unknown = (
        name
        for name, connector in house.connectors.items()
        if name not in known and not connector.abilities.knows_addresses
    )
    return Row(email=email, state=_state(member), unknown_at=tuple(unknown))


def _state(member: Member) -> str:
    row = member.contributor
    if row.left_at is not None:
        return "left"
    if member.consent:
        return "acknowledged"
    return "invited" if row.invited is not None else "named"
