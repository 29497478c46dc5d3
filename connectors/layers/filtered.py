"""What the policy does not name goes no further, even if the connector gave it (P11).

A connector asks for no more than the policy tracks. This layer does not trust
it to: it is the edge behind which nothing untracked exists, and the place where
an administrator can read in two tables which word lets through what.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from hashlib import blake2s
from typing import Any

from connectors.contract import Account, Connector, Page, Partition, Sighting, Terms, Window
from connectors.layers.around import Layer
from connectors.text import plain
from core.model import Activity

KINDS: Mapping[str, frozenset[str]] = {
    "meeting": frozenset({"time"}),
    "focus": frozenset({"time"}),
    "away": frozenset({"time"}),
    "presence": frozenset({"status history", "section history"}),
    "touch": frozenset({"status history", "section history", "own comments"}),
    "logged": frozenset({"worklogs", "time entries"}),
}
"""Kind of activity -> words of `tracked`; any of them lets it through."""

FIELDS: Mapping[str, frozenset[str]] = {
    "title": frozenset({"title"}),
    "response": frozenset({"response"}),
    "audience": frozenset({"guests domains"}),  # asked for no guests, a tool shows one: the contributor
    "series": frozenset({"series"}),
    "labels": frozenset({"labels", "section history"}),
    "domains": frozenset({"guests domains"}),
}
"""Field -> words of `tracked`; any of them lets it through. The other fields say what, where and when."""

WORDS = frozenset().union(*KINDS.values(), *FIELDS.values())
"""All common words of `tracked`; a connector says of its own which of these they are like."""

PRIVATE = ("title", "series", "audience", "labels", "domains")
"""What a private activity loses: it stays a block of time for its owner to name."""

EMPTY: Mapping[str, Any] = {name: field.get_default() for name, field in Activity.model_fields.items()}


class PolicyFiltered(Layer):
    """Lets through what `terms` name, of the people who were asked about."""

    def __init__(self, inner: Connector, terms: Terms) -> None:
        super().__init__(inner)
        self._terms = terms.model_copy(update={"tracked": self._common(terms.tracked)})

    def partitions(self, accounts: Sequence[Account]) -> list[Partition]:
        return [_asked(partition) for partition in self.inner.partitions(accounts)]

    def pull(self, partition: Partition, window: Window, cursor: str | None) -> Page:
        page = self.inner.pull(partition, window, cursor)
        people = {account.contributor: self._terms_of(account) for account in partition.accounts}
        skipped = Counter(page.skipped)
        sightings = tuple(self._allowed(sighting, people, skipped) for sighting in page.sightings)
        return page.model_copy(update={"sightings": sightings, "skipped": dict(skipped)})

    def _common(self, words: Iterable[str]) -> frozenset[str]:
        return frozenset(self.inner.abilities.like.get(word, word) for word in words)

    def _terms_of(self, account: Account) -> Terms:
        """Their own, where their role is read less; what is asked for is what anybody may be read of."""
        if account.tracked is None:
            return self._terms
        narrower = self._terms.tracked & self._common(account.tracked)
        return self._terms.model_copy(update={"tracked": narrower})

    def _allowed(self, sighting: Sighting, people: Mapping[str, Terms], skipped: Counter[str]) -> Sighting:
        """A sighting stays even with nothing left in it: it replaces what its origin said before."""
        kept = []
        for person, activity in sighting.activities:
            terms = people.get(person)
            why_not = unwanted(activity, terms) if terms else "not enrolled"
            if why_not:
                skipped[why_not] += 1
            elif terms:
                kept.append((person, masked(activity, terms)))
        if tuple(kept) == sighting.activities:
            return sighting
        return Sighting(origin=sighting.origin, activities=tuple(kept))


def _asked(partition: Partition) -> Partition:
    """What a role is read less of is asked for otherwise: what vanishes by that is no doubt."""
    lighter = sorted(
        f"{account.contributor} {sorted(account.tracked)}"
        for account in partition.accounts
        if account.tracked is not None
    )
    if not lighter:
        return partition
    mark = blake2s("\0".join((partition.asked, *lighter)).encode(), digest_size=8).hexdigest()
    return partition.model_copy(update={"asked": mark})


def unwanted(activity: Activity, terms: Terms) -> str:
    """Why an activity is left out; "" where it may stay."""
    if not KINDS[activity.kind] & terms.tracked:
        return "not tracked"
    if activity.private and terms.private == "ignore":
        return "private"
    if activity.response == "declined" and not FIELDS["response"] & terms.tracked:
        return "declined"  # once its answer is masked, nobody could tell it from an accepted one
    return ""


def masked(activity: Activity, terms: Terms) -> Activity:
    """An activity with what the policy names and nothing else, its texts made plain."""
    hidden = _hidden(terms.tracked)
    if activity.private:
        hidden = hidden.union(PRIVATE)
    said: dict[str, Any] = {field: EMPTY[field] for field in hidden}
    if activity.title is not None and "title" not in hidden:
        said["title"] = plain(activity.title)
    if activity.labels and "labels" not in hidden:
        said["labels"] = tuple(label for label in map(plain, activity.labels) if label)
    changes = {field: value for field, value in said.items() if getattr(activity, field) != value}
    return activity.model_copy(update=changes) if changes else activity


@cache
def _hidden(tracked: frozenset[str]) -> frozenset[str]:
    return frozenset(field for field, words in FIELDS.items() if not words & tracked)
