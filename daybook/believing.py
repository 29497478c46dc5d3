"""An administrator's word that what a source no longer shows is really gone: counts only (P1, R-10)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Literal

from core.model import Noun
from core.said import counted
from daybook import doubt, jobs, restored, state
from daybook.errors import No, Wrong
from daybook.filling import named
from daybook.house import House
from daybook.looking import administrator, looked
from daybook.store.partitions import Pull


class Doubted(Noun):
    """What one connection no longer shows."""

    connection: str
    partitions: int
    held: int
    vanished: int
    settled: int | None = None
    """Partitions that were looked at again and believed; None: nobody said anything yet."""
    back: int = 0
    """Partitions that show it all again."""

    def lines(self) -> Iterator[str]:
        where = f"{self.connection} ({self.partitions} of its partitions)"
        yield f"{where} no longer shows {self.vanished} of the {self.held} things it showed."
        if self.settled is None:
            yield "Nothing was changed. If they are really gone, the same command with --yes lets go of them."
            return
        if self.settled:
            yield f"{self.settled} looked at once more, and let go of what is gone there."
        if self.back:
            yield f"{self.back} looked at once more, and shows them again. Nothing was let go of there."
        if left := self.partitions - self.settled - self.back:
            yield (
                f"{left} could not be settled: they are away, being pulled, or show another number by now. "
                "Nothing of them was changed, and your word does not count for later; look again."
            )


def believe(house: House, connection: str, person: str | None, *, yes: bool) -> Doubted:
    """What this connection no longer shows, and with a yes: let go of it, if it still shows as much.

    Takes    person: an address, where the connection is read for each person alone
    Raises   Wrong, No where nothing is doubted
    """
    named(house, connection)
    doubt.insist(house)
    restored.insist(house)
    doubted = list(_doubted(house, connection, person))
    if not doubted:
        raise No(f"Nothing of {connection} is doubted: it shows what it showed before. Nothing was changed.")
    told = Doubted(
        connection=connection,
        partitions=len(doubted),
        held=sum(pull.held or 0 for pull in doubted),
        vanished=sum(pull.vanished or 0 for pull in doubted),
    )
    if not yes:
        return told
    became = Counter(_looked_again(house, pull) for pull in doubted)
    return told.model_copy(update={"settled": became["gone"], "back": became["back"]})


def _doubted(house: House, connection: str, person: str | None) -> Iterator[Pull]:
    with house.store.reading() as tx:
        known = state.partitions(house, tx)
        pulls = [
            pull
            for pull in tx.partitions.all()
            if pull.connection == connection and pull.guarded_since and (connection, pull.partition) in known
        ]
        row = tx.people.by_email(person) if person else None
    if person and row is None:
        raise Wrong(f"{person} takes no part. Nothing was changed.")
    yield from (pull for pull in pulls if row is None or pull.partition == row.id)


def _looked_again(house: House, pull: Pull) -> Literal["gone", "back", "open"]:
    """What one more look made of what they said is gone."""
    place, many = (pull.connection, pull.partition), pull.vanished or 0
    with house.store.writing() as tx:
        if not tx.partitions.believe(*place, many, gone=True):
            return "open"
        if tx.people.get(pull.partition):
            why = counted(
                "{number} thing that {connection} no longer shows was said to be gone",
                "{number} things that {connection} no longer shows were said to be gone",
                many,
                connection=pull.connection,
            )
            looked(tx, administrator(), pull.partition, "reading", "unconfirmed", house.clock(), why)
    tally = jobs.pull(house, *place, whole=not house.connectors[pull.connection].abilities.rereads)
    with house.store.writing() as tx:
        now = tx.partitions.get(*place)
        if tally is None or now is None or now.guarded_since:
            tx.partitions.unsaid(*place)
            return "open"
    return "gone" if tally.vanished else "back"
