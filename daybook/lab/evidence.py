"""What the lab tries a configuration on: the last weeks of a store, or a file of activities."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from connectors.contract import uid_of_record
from core.model import Activity, Draft, Parked
from core.said import counted
from daybook.crowd import bearable
from daybook.errors import No
from daybook.house import House
from daybook.jobs.reconsider import BEHIND
from daybook.lines import Said
from daybook.looking import Viewer, looked
from daybook.spool import in_order

Step = Callable[[str, int, int], None]
"""(what is done, how much of it is, of how much)."""


class TooFew(No):
    """So few people take part that no figure may be told."""

    def __init__(self, minimum: int) -> None:
        super().__init__(
            f"Fewer than {minimum} people take part, and no figure may be of fewer (policy.groups.minimum). "
            "Nothing was looked at. Try activities of your own instead: daybook lab --activities"
        )


@dataclass(frozen=True)
class Theirs:
    """One person's evidence, for as long as the lab looks at it."""

    email: str
    activities: list[Activity]
    confirmed: tuple[Draft, ...] = ()
    ours: frozenset[str] = frozenset()
    """Logged activities that Daybook itself posted."""
    parked: tuple[Parked, ...] = ()
    """What the lines say of them and cannot be used."""


def from_lines(lines: Iterable[Said]) -> Iterator[Theirs]:
    """Everybody's, by address."""
    for email, said in groupby(in_order(lines), key=lambda one: one.person):
        days = [bearable(of_day) for _, of_day in groupby(said, key=lambda one: one.day)]
        yield Theirs(
            email,
            activities=[activity for activities, _ in days for activity in activities],
            parked=tuple(parked for _, aside in days for parked in aside),
        )


def from_store(house: House, who: Viewer, first: date, step: Step) -> Iterator[Theirs]:
    """Of everybody who agreed to the policy in force, since a day; their access logs say who looked (P7).

    Raises   TooFew, before anything is looked at
    """
    now = house.clock()
    with house.store.reading() as tx:
        members = [member for member in house.members(tx) if member.consent]
    minimum = house.policy.groups.minimum
    if len(members) < minimum:
        raise TooFew(minimum)
    said = counted(
        "daybook lab tried other rules on your evidence; only sums over at least {number} person were shown",
        "daybook lab tried other rules on your evidence; only sums over at least {number} people were shown",
        minimum,
    )
    with house.store.writing() as tx:
        for member in members:
            looked(tx, who, member.id, "figures", "unconfirmed", now, said)
    for number, member in enumerate(members):
        step("people", number, len(members))
        with house.store.reading() as tx:
            confirmed = [one for one in tx.drafts.confirmed(member.id) if one.suggestion.day >= first]
            yield Theirs(
                email=member.person.email,
                activities=tx.evidence.of(member.id, first - BEHIND, member.today(now)),
                confirmed=tuple(confirmed),
                ours=frozenset(map(uid_of_record, tx.postings.receipts(member.id))),
            )
