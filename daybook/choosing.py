"""What a contributor lets Daybook read beside what is read of everybody: each chooses for themselves.

Nothing more is read until they chose it, and what they choose no more is forgotten at once.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import cast

from connectors.contract import Account, Container, Fault, Offering
from core.model import Noun, Verdict
from daybook import lending
from daybook.house import House, Member
from daybook.store.unit import Unit

NOT_HERE = Verdict(allowed=False, reason="There is nothing to choose at this tool. Nothing was changed.")


class Offer(Noun):
    """The containers of one connection that somebody may choose from."""

    connection: str
    containers: tuple[tuple[Container, bool], ...] = ()
    """Each with whether it is read."""
    lost: tuple[Container, ...] = ()
    """Chosen, and theirs no more: nothing of these is read."""
    away: str = ""
    """Why the tool did not say what there is."""


def offers(house: House, who: Member) -> list[Offer]:
    """What this contributor may choose, asked of each tool that offers something just now."""
    return [_offer(house, who, name) for name in offering(house)]


def offering(house: House) -> list[str]:
    """The connections where there is something to choose."""
    return [name for name, connector in house.connectors.items() if connector.abilities.offers]


def choose(house: House, who: Member, connection: str, wanted: Collection[str]) -> Verdict:
    """Read these containers and no others, beside what is read of everybody.

    Takes    wanted: ids; what the tool does not show as theirs is not taken
    """
    account = _account(house, who, connection) if connection in offering(house) else None
    if account is None:
        return NOT_HERE
    try:
        theirs = _asked(house, connection, account)
    except Fault as fault:
        return Verdict(allowed=False, reason=fault.said)
    picked = [one for one in theirs if one.id in wanted]
    with house.store.writing() as tx:
        choose_only(house, tx, who, connection, picked)
        tx.takes_back("chose", house.clock(), who.id, connection)
    house.work_is_waiting.set()
    return Verdict(allowed=True, reason="Noted.")


def choose_only(house: House, tx: Unit, who: Member, connection: str, picked: Collection[Container]) -> None:
    """Keep what they chose, and forget what came from anything they chose before."""
    dropped = {one.id for one in tx.chosen.of(who.id, connection)} - {one.id for one in picked}
    tx.chosen.keep(who.id, connection, picked)
    tx.evidence.drop(connection, who.id, dropped, who.zone, house.clock())
    tx.partitions.restart(connection, who.id)
    tx.walks.drop(connection, who.id)


def _offer(house: House, who: Member, connection: str) -> Offer:
    with house.store.reading() as tx:
        chosen = tx.chosen.of(who.id, connection)
    account = _account(house, who, connection)
    try:
        theirs = _asked(house, connection, account) if account else ()
    except Fault as fault:
        return Offer(connection=connection, containers=tuple((one, True) for one in chosen), away=fault.said)
    read, there = {one.id for one in chosen}, {one.id for one in theirs}
    return Offer(
        connection=connection,
        containers=tuple((one, one.id in read) for one in theirs),
        lost=tuple(one for one in chosen if one.id not in there),
    )


def _account(house: House, who: Member, connection: str) -> Account | None:
    """They, as the tool knows them; None while nothing may be asked about them (P3)."""
    with house.store.reading() as tx:
        return next(iter(house.accounts(tx, connection, [who])), None)


def _asked(house: House, connection: str, account: Account) -> tuple[Container, ...]:
    """Without the one that shows their drafts: what we wrote ourselves is evidence of nothing."""
    readable = lending.with_credential(house, connection, account)
    with house.store.reading() as tx:
        ours = tx.draft_calendars.inside(account.contributor, connection).calendar
    theirs = cast(Offering, house.connectors[connection]).containers(readable)
    return tuple(one for one in theirs if one.id != ours)
