"""What of a contributor's day was not seen, and why: a day nobody looked at is not an empty one."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Literal

from pydantic import AwareDatetime

from connectors.contract import Account
from core.matching import Doubt
from core.model import Noun
from daybook.house import House, Member
from daybook.store.partitions import Pull
from daybook.store.unit import Unit
from daybook.words import tool

Why = Literal[
    "unknown", "unconnected", "new", "resting", "away", "administrator", "contributor", "emptied"
]  # fmt: skip
"""unknown        nobody can say which account is theirs
unconnected    they alone can let it be read, and did not
new            not asked yet                 resting      asked again in their hours
away           it answers nobody just now    administrator, contributor   they must act
emptied        it shows hardly anything of what was there (R-10)
"""


class Gap(Noun):
    """One tool that was not seen until the end of a day."""

    tool: str
    """As people call it."""
    why: Why
    since: AwareDatetime | None = None
    """When it was last seen; None: never."""


class Question(Noun):
    """Only they can say whether what vanished from a source of theirs alone is really gone."""

    connection: str
    tool: str
    held: int
    vanished: int


def gaps(house: House, tx: Unit, who: Member, day: date) -> list[Gap]:
    """What was not seen of this day, tool by tool, in the order of the configuration."""
    ended = datetime.combine(day + timedelta(days=1), time(), who.zone).astimezone(UTC)
    begun = datetime.combine(day, time(), who.zone).astimezone(UTC)
    found = []
    for name, connector in house.connectors.items():
        alone = _standing(house, tx, name, [Account(contributor=who.id, external=who.id)], who)
        if not alone:
            continue  # it is written to, or nothing of it is tracked
        called = tool(connector.source)
        if isinstance(house.known(tx, name, [who]).get(who.id), Doubt):
            found.append(Gap(tool=called, why="unconnected" if connector.abilities.lent else "unknown"))
            continue
        if all(pull and pull.last_ok and pull.last_ok >= ended for pull in alone):
            continue  # seen, and nobody else need be looked at to know it
        for pull in _pulls(house, tx, name, alone, who):
            why = _why(pull, begun, ended)
            if why == "contributor" and not connector.abilities.lent:
                why = "administrator"  # they have nothing there to connect again
            if why:
                found.append(Gap(tool=called, why=why, since=pull.last_ok if pull else None))
                break
    return found


def questions(house: House, tx: Unit, who: Member) -> list[Question]:
    """What they alone are asked, while they have not answered."""
    return [
        Question(
            connection=pull.connection,
            tool=tool(house.tools[pull.connection]),
            held=pull.held or 0,
            vanished=pull.vanished or 0,
        )
        for name in house.connectors
        if (pull := tx.partitions.get(name, who.id))
        if pull.guarded_since and pull.believed is None
    ]


def answer(house: House, who: Member, connection: str, vanished: int, *, gone: bool) -> bool:
    """They say whether so many are really gone. False: that is no longer the question."""
    with house.store.writing() as tx:
        answered = tx.partitions.believe(connection, who.id, vanished, gone=gone)
    house.work_is_waiting.set()
    return answered


def _pulls(
    house: House, tx: Unit, connection: str, alone: list[Pull | None], who: Member
) -> list[Pull | None]:
    """How the partitions that they are in stand.

    Whose account is whose is not asked for everybody, for one look at a page: where only one stands that
    they can be in, theirs alone or one of many, they are in that one; where none does, none was ever seen.
    """
    standing = {pull.partition: pull for pull in (*alone, *tx.partitions.of_many(connection)) if pull}
    if len(standing) <= 1:
        return list(standing.values()) or [None]
    return _standing(house, tx, connection, house.accounts(tx, connection, house.members(tx)), who)


def _standing(
    house: House, tx: Unit, connection: str, accounts: list[Account], who: Member
) -> list[Pull | None]:
    return [
        tx.partitions.get(connection, partition.key)
        for partition in house.connectors[connection].partitions(accounts)
        if any(account.contributor == who.id for account in partition.accounts)
    ]


def _why(pull: Pull | None, begun: datetime, ended: datetime) -> Why | None:
    """None where it was seen until the day ended, or is on its way there as ever."""
    if pull is not None and pull.last_ok is not None:
        if pull.last_ok >= ended:
            return None
        if pull.failing_since is None:
            return "resting" if pull.last_ok < begun else None
    if pull is None or pull.failing_since is None:
        return "new"
    if pull.guarded_since is not None:
        return "emptied"
    match pull.needs:
        case "connection":
            return "administrator"
        case "account":
            return "contributor"
    return "away"
