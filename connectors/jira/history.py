"""An issue's past, swept from its change log: whose it was and in which status, from when to when.

Source   facts about change logs: histories come in any order and split over pages, several share one moment,
         and what is missing shows only in that the sweep does not end where the issue stands
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterable, Mapping, Sequence
from datetime import datetime
from hashlib import blake2s
from typing import NamedTuple

from connectors.jira.shapes import History, Issue, Status, Value, milliseconds

WORK = "indeterminate"
"""The key of the category of statuses in progress; categories' names are translated, keys are not."""
A_MINUTE = 60_000
BULK = 10
"""So many issues changed by one person within a minute are one action on a list, not work on each."""


class Stretch(NamedTuple):
    """A piece of an issue's life in which neither status nor assignee changed."""

    start: datetime
    end: datetime | None
    """None: it still lasts."""
    status: Value
    assignee: Value


class Presence(NamedTuple):
    """An issue in progress in one account's hands."""

    account: str
    start: datetime
    end: datetime | None


class Statuses:
    """Which statuses mean work: those of Jira's own category, or those the administrator named."""

    def __init__(self, known: Iterable[Status], names: Iterable[str] = ()) -> None:
        self._known = {status.id: status for status in known if status.id}
        self._names = {name.casefold() for name in names}

    def knows(self, value: Value) -> bool:
        return value.id is None or value.id in self._known

    def are_work(self, value: Value) -> bool:
        meant = self._meant(value)
        if self._names:
            name = meant[0].name if meant else value.name
            return (name or "").casefold() in self._names
        return bool(meant) and all(s.statusCategory and s.statusCategory.key == WORK for s in meant)

    def _meant(self, value: Value) -> list[Status]:
        """Team-managed projects have equally named statuses of their own, so a name may mean several."""
        if value.id is not None:
            return [self._known[value.id]] if value.id in self._known else []
        return [status for status in self._known.values() if status.name == value.name]


def stretches(issue: Issue, histories: Sequence[History]) -> list[Stretch] | None:
    """The issue's life from its creation until now; None where the log does not lead to where it stands."""
    moves = [
        (history.created, item)
        for history in in_order(histories)
        for item in history.items
        if item.name in ("status", "assignee")
    ]
    stands = {"status": issue.status, "assignee": issue.assignee}
    state = stands | {item.name: item.before for _, item in reversed(moves)}
    start = issue.fields.created
    if start is None:
        return None
    found = []
    for at, item in moves:
        if at > start:
            found.append(Stretch(start, at, **state))
            start = at
        state[item.name] = item.after
    if not all(state[name].same(stands[name]) for name in stands):
        return None
    return [*found, Stretch(start, None, **state)]


def in_order(histories: Iterable[History]) -> list[History]:
    """Oldest first, each once: Jira's own order differs between its versions."""
    once = {history.id: history for history in histories}
    return sorted(once.values(), key=lambda history: (history.created, history.id))


def presences(life: Iterable[Stretch], statuses: Statuses, accounts: Container[str | None]) -> list[Presence]:
    """When the issue was in progress in the hands of one of these accounts; neighbours are one presence."""
    found: list[Presence] = []
    for start, end, status, assignee in life:
        if assignee.id is None or assignee.id not in accounts or not statuses.are_work(status):
            continue
        last = found[-1] if found else None
        if last and (last.account, last.end) == (assignee.id, start):
            found[-1] = last._replace(end=end)
        else:
            found.append(Presence(assignee.id, start, end))
    return found


class Burst(NamedTuple):
    """A bulk edit: when one person changed many issues at once."""

    who: str
    """Names the account without saying it: a burst travels in the cursor."""
    first: int
    last: int


def bursts(histories: Mapping[str, Iterable[History]], accounts: Container[str | None]) -> list[Burst]:
    """The bulk edits among these changes, by issue; of these accounts only.

    Units    milliseconds
    """
    made: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for issue, changes in histories.items():
        for change in changes:
            if (author := author_of(change)) and author in accounts:
                made[author].append((milliseconds(change.created), issue))
    return [burst for author, changes in sorted(made.items()) for burst in _bursts(author, sorted(changes))]


def _bursts(author: str, changes: Sequence[tuple[int, str]]) -> list[Burst]:
    found: list[Burst] = []
    begin = 0
    for end, (at, _) in enumerate(changes):
        while at - changes[begin][0] >= A_MINUTE:
            begin += 1
        inside = changes[begin : end + 1]
        if len(inside) < BULK or len({issue for _, issue in inside}) < BULK:
            continue
        if found and found[-1].last >= inside[0][0]:
            found[-1] = found[-1]._replace(last=at)
        else:
            found.append(Burst(nameless(author), inside[0][0], at))
    return found


def author_of(change: History) -> str | None:
    return change.author.id if change.author else None


def is_automatic(change: History) -> bool:
    return change.author is not None and change.author.accountType == "app"


def nameless(account: str) -> str:
    return blake2s(account.encode(), digest_size=6).hexdigest()
