"""What two configurations make of the same evidence, added up by person for the gate.

Kept are sums by project and by rule, and how much of each is whose; no draft, no title and no day.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from core.model import Draft, Suggestion

When = Literal["before", "after"]
Change = Literal["moved", "booked otherwise", "longer or shorter", "new", "gone"]

Drafts = Mapping[str, Suggestion]
"""By key."""
Sum = Counter[str]
"""By person."""


@dataclass
class Tally:
    """All that is known of everybody once their drafts are forgotten."""

    minutes: dict[tuple[When, str | None], Sum] = field(default_factory=lambda: defaultdict(Counter))
    """By project, as it is billed; None for what no rule books."""
    drafts: dict[When, Sum] = field(default_factory=lambda: defaultdict(Counter))
    changes: dict[Change, Sum] = field(default_factory=lambda: defaultdict(Counter))
    confirmed: Sum = field(default_factory=Counter)
    """Minutes people said yes to, of what was suggested to them."""
    agreed: dict[When, Sum] = field(default_factory=lambda: defaultdict(Counter))
    """How many of those the rules alone put on the same project, billed or not."""
    first: dict[str, Sum] = field(default_factory=lambda: defaultdict(Counter))
    """Activities for which a rule wins."""
    parked: Counter[str] = field(default_factory=Counter)
    """Activities that cannot be used, by the reason; known of a file alone."""
    behind: dict[tuple[str, str], Sum] = field(default_factory=lambda: defaultdict(Counter))
    """Activities for which it holds, and another wins."""

    def add(self, person: str, before: Drafts, after: Drafts, confirmed: Iterable[Draft]) -> None:
        """One person's drafts under both configurations, and what they had confirmed."""
        self._count(person, "before", before)
        self._count(person, "after", after)
        for key in before.keys() | after.keys():
            if change := _change(before.get(key), after.get(key)):
                self.changes[change][person] += 1
        for draft in confirmed:
            if draft.key in before or draft.key in after:
                self.confirmed[person] += draft.suggestion.minutes
                self._agree(person, "before", before.get(draft.key), draft.suggestion)
                self._agree(person, "after", after.get(draft.key), draft.suggestion)

    def add_rules(self, person: str, held: Iterable[list[str]]) -> None:
        """For each of their activities, the rules that hold, the one that wins first."""
        for winner, *others in filter(None, held):
            self.first[winner][person] += 1
            for rule in others:
                self.behind[rule, winner][person] += 1

    def _count(self, person: str, when: When, drafts: Drafts) -> None:
        self.drafts[when][person] += len(drafts)
        for draft in drafts.values():
            if not draft.attributed:
                self.minutes[when, draft.project][person] += draft.minutes
            for project, minutes in draft.attributed.items():
                self.minutes[when, project][person] += minutes

    def _agree(self, person: str, when: When, said: Suggestion | None, stands: Suggestion) -> None:
        if said is not None and (said.project, said.billable) == (stands.project, stands.billable):
            self.agreed[when][person] += stands.minutes


def _change(before: Suggestion | None, after: Suggestion | None) -> Change | None:
    if before is None or after is None:
        return "new" if before is None else "gone"
    if before.project != after.project:
        return "moved"
    if _booking(before) != _booking(after):
        return "booked otherwise"
    return "longer or shorter" if before.minutes != after.minutes else None


def _booking(draft: Suggestion) -> tuple[object, ...]:
    return draft.category, draft.billable, draft.target, draft.text, draft.attributed.keys()
