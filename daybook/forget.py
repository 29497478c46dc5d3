"""Forgetting by hand: what is past its retention, or all that is held about one person (P7, P12)."""

from __future__ import annotations

from collections.abc import Iterator

from daybook import doubt, joining
from daybook.errors import Wrong
from daybook.house import House
from daybook.store.retention import Forgotten

ERASED = "Everything held about this person is gone."
ERASED_THEMSELVES = (
    "They had erased themselves; the mark that says so, and nothing else, was left and is gone."
)
AGAIN = " A reader still holds old bytes, or the disk is too full to copy; run this once more to scrub them."


def expire(house: House) -> Iterator[str]:
    """Do at once what the daemon does every day; gives sentences for the administrator."""
    doubt.insist(house)
    with house.store.hold():
        forgotten = _forget(house)
    rows, keys = sum(forgotten.rows.values()), forgotten.keys
    yield f"{rows} records and {keys} keys were past their retention and are gone.{_left(forgotten)}"


def forget_person(house: House, email: str) -> Iterator[str]:
    """Erase one person from every table. Raises Wrong for somebody who is not there."""
    with house.store.hold():
        with house.store.writing() as tx:
            row = tx.people.by_email(email)
            if row is not None:
                joining.let_all_go(house, tx, row.id)
                tx.people.erase(row.id)
                tx.takes_back("erased", house.clock(), row.id)
            elif not tx.people.welcome(email):
                raise Wrong("Nobody of that address is known here. Nothing was erased. See: daybook people")
        forgotten = _forget(house)
    yield f"{ERASED if row else ERASED_THEMSELVES}{_left(forgotten)}"
    if house.configuration.person(email):
        yield "They still stand under people: take them out there too, or they are invited again."


def _forget(house: House) -> Forgotten:
    return house.store.forget(house.policy.retention.model_dump(), house.clock())


def _left(forgotten: Forgotten) -> str:
    return "" if forgotten.clean else AGAIN
