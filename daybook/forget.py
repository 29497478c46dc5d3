"""Forgetting by hand: what is past its retention, or all that is held about one person (P7, P12)."""

from __future__ import annotations

from collections.abc import Iterator

from daybook import doubt, joining, restored
from daybook.errors import Wrong
from daybook.house import House
from daybook.store import leftovers

ERASED = "Everything held about this person is gone."
ERASED_THEMSELVES = (
    "They had erased themselves; the mark that says so, and nothing else, was left and is gone."
)
AGAIN = "A reader still holds old bytes, or the disk is too full to copy; run this once more to scrub them."


def expire(house: House) -> Iterator[str]:
    """Do at once what the daemon does every day; gives sentences for the administrator."""
    doubt.insist(house)
    with restored.held(house):
        forgotten = house.store.forget(house.policy.retention.model_dump(), house.clock())
    rows, keys = sum(forgotten.rows.values()), forgotten.keys
    yield f"{rows} records and {keys} keys were past their retention and are gone."
    yield from _left(forgotten.clean)


def forget_person(house: House, email: str) -> Iterator[str]:
    """Erase one person from every table. Raises Wrong for somebody who is not there."""
    with restored.held(house):
        with house.store.writing() as tx:
            row = tx.people.by_email(email)
            if row is not None:
                joining.let_all_go(house, tx, row.id)
                tx.people.erase(row.id)
                tx.takes_back("erased", house.clock(), row.id)
            elif not tx.people.welcome(email):
                raise Wrong("Nobody of that address is known here. Nothing was erased. See: daybook people")
        left = [*expire_if_believed(house)]
        leftovers.swept(house.store.path)
    yield ERASED if row else ERASED_THEMSELVES
    yield from left
    for aside in leftovers.kept_aside(house.store.path):
        yield f"A restore kept the former database, and they stand in it: {aside}. Remove it."
    if house.configuration.person(email):
        yield "They still stand under people: take them out there too, or they are invited again."


def expire_if_believed(house: House) -> Iterator[str]:
    """Take what was deleted out of the files, and with it what is past its retention, if the clock tells.

    Gives    sentences on what stays for now
    """
    if verdict := doubt.believed(house):
        clean = house.store.forget(house.policy.retention.model_dump(), house.clock()).clean
    else:
        yield f"What is past its retention stays for now. {verdict.reason}"
        clean = house.store.scrub()
    yield from _left(clean)


def _left(clean: bool) -> Iterator[str]:
    if not clean:
        yield AGAIN
