"""What one step of a walk says: about whom, and what it left out."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from hashlib import blake2s
from typing import Any

from connectors.asana.bookmark import Bookmark
from connectors.asana.evidence import Lens
from connectors.contract import Account, Sighting, Terms, Window

ENCODER = json.JSONEncoder(sort_keys=True)
"""One for all: each takes longer to make than a record to write."""


class Telling:
    """Gathered while the step goes on."""

    def __init__(
        self, accounts: Sequence[Account], terms: Terms, window: Window, status: str | None, mark: Bookmark
    ) -> None:
        self.accounts, self.terms, self.window = accounts, terms, window
        self._status, self._mark = status, mark
        self.asked = 0
        """Requests."""
        self.sightings: dict[str, Sighting] = {}
        self.skipped: Counter[str] = Counter()

    @cached_property
    def _people(self) -> Mapping[str, Sequence[Account]]:
        people: defaultdict[str, list[Account]] = defaultdict(list)
        for account in self.accounts:
            people[account.external].append(account)
        return people

    def lenses(self, gids: Iterable[str]) -> list[Lens]:
        """One for each of those who take part, and for nobody else (P3)."""
        accounts = [account for gid in sorted(gids) for account in self._people.get(gid, ())]
        return [
            Lens(account, self.terms, self.window, self._status, self._bulk_of(account.external))
            for account in accounts
        ]

    def _bulk_of(self, person: str) -> frozenset[str]:
        marks = (mark.split(" ") for mark in self._mark.bulk)
        return frozenset(minute for minute, who in marks if who == person)

    def sight(self, origin: str, said: Sequence[tuple[str, Any]] = ()) -> None:
        self.sightings[origin] = Sighting(origin=origin, activities=tuple(said))


def print_of(record: Any) -> str:
    """Another one for everything that differs, but for time: a move need not change `modified_at`."""
    if isinstance(record, dict):
        record = {name: said for name, said in record.items() if name != "actual_time_minutes"}
    return blake2s(ENCODER.encode(record).encode(), digest_size=8).hexdigest()
