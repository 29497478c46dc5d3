"""Calendars of drafts at the tool in memory: what a person sees and moves there, and how we write it."""

from __future__ import annotations

from dataclasses import dataclass, field

from connectors.contract import Account, Changes, Credential, Refused, Unavailable, Unclear
from connectors.memory import Memory, Mishap
from core.draft_calendar import Block, Seen


@dataclass
class Shelf:
    """One calendar, with hands for tests."""

    owner: str
    name: str
    events: dict[str, Seen] = field(default_factory=dict)
    """By id; deleted ones stay, and keep their id taken."""
    order: list[str] = field(default_factory=list)
    """Ids in the order they changed."""

    def set(self, event: str, block: Block | None) -> Seen:
        """Somebody, a person or we, makes the event say this; None deletes it."""
        self.order.append(event)
        self.events[event] = Seen(id=event, stamp=str(len(self.order)), gone=block is None, block=block)
        return self.events[event]

    def shown(self) -> dict[str, Block]:
        """What a person sees, by id."""
        return {name: one.block for name, one in self.events.items() if one.block is not None}


class DraftingMemory(Memory):
    """The tool in memory where people may have a calendar of drafts."""

    def __init__(self, *args: object, **options: object) -> None:
        super().__init__(*args, **options)  # type: ignore[arg-type]
        self.abilities = self.abilities.model_copy(update={"shows_drafts": True})
        self.shelves: dict[str, Shelf] = {}

    def draft_calendar(self, account: Account, credential: Credential) -> MemoryDraftCalendar:
        return MemoryDraftCalendar(self, account, credential)


class MemoryDraftCalendar:
    """The calendars of one contributor there."""

    def __init__(self, memory: DraftingMemory, account: Account, credential: Credential) -> None:
        self._memory, self._account, self._credential = memory, account, credential

    def make(self, name: str, zone: str) -> str:
        mishap = self._request()
        made = f"c{len(self._memory.shelves) + 1}"
        self._memory.shelves[made] = Shelf(self._account.external, name)
        _answered(mishap)
        return made

    def changed(self, calendar: str, cursor: str | None) -> Changes | None:
        self._read()
        shelf = self._memory.shelves.get(calendar)
        if shelf is None:
            return None
        since = dict.fromkeys(shelf.order[int(cursor or 0) :])
        return Changes(seen=tuple(shelf.events[name] for name in since), cursor=str(len(shelf.order)))

    def look(self, calendar: str, event: str) -> Seen | None:
        self._read()
        shelf = self._memory.shelves.get(calendar)
        return shelf.events.get(event) if shelf else None

    def put(self, calendar: str, event: str, block: Block, stamp: str) -> Seen | None:
        mishap, shelf = self._request(), self._memory.shelves.get(calendar)
        if shelf is None:
            return None
        there = shelf.events.get(event, Seen(id=event, gone=True))
        if there.stamp != stamp and not (there.gone and not stamp):
            return there
        put = shelf.set(event, block)
        _answered(mishap)
        return put

    def remove(self, calendar: str, event: str, stamp: str) -> Seen:
        mishap, shelf = self._request(), self._memory.shelves.get(calendar)
        there = (shelf.events if shelf else {}).get(event, Seen(id=event, gone=True))
        if shelf is not None and there.stamp == stamp and not there.gone:
            there = shelf.set(event, None)
        _answered(mishap)
        return there

    def end(self, calendar: str) -> None:
        mishap = self._memory.tool.ask()
        shelf = self._memory.shelves.get(calendar)
        if shelf is not None and self._memory._owner(self._credential) == shelf.owner:
            del self._memory.shelves[calendar]
        _answered(mishap)

    def _read(self) -> None:
        if self._request() == "lost":
            raise Unavailable("The tool hung up. Nothing changed; the next round tries again.")

    def _request(self) -> Mishap:
        mishap = self._memory.tool.ask()
        if self._memory._owner(self._credential) != self._account.external:
            raise Refused("This credential belongs to someone else. Nothing was written.", whose="account")
        return mishap


def _answered(mishap: Mishap) -> None:
    if mishap == "lost":
        raise Unclear("The tool hung up. Whether it was done there is unknown; Daybook looks first.")
