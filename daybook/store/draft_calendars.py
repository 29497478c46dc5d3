"""Calendars of their own in which contributors let us show their drafts, and what we wrote there last."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from pydantic import AwareDatetime
from sqlalchemy import Select, delete, or_, select, update

from core.draft_calendar import Written, event_id
from core.model import Noun
from core.periods import week
from core.said import Sentence
from daybook.store import engine
from daybook.store.drafts import name
from daybook.store.part import Part
from daybook.store.schema import draft_calendars, draft_events
from daybook.store.seal import Row


class Kept(Noun):
    """One contributor's calendar of drafts at one connection."""

    contributor: str
    connection: str
    since: AwareDatetime
    """When they switched it on."""
    heard_at: AwareDatetime | None = None
    """When it was last listened to."""
    shown: str | None = None
    """Which look at their drafts it shows; None before the first."""
    not_before: AwareDatetime | None = None
    problem: Sentence | None = None
    """Why it does not go on, in words for them."""


class Inside(Noun):
    """What only its contributor's key opens of it."""

    calendar: str = ""
    """Its id at the tool; "" until it is made."""
    asked: bool = False
    """It was asked for. Without an id nobody knows whether it was made."""
    cursor: str | None = None


_ALL = select(*(draft_calendars.c[one] for one in Kept.model_fields)).order_by(
    draft_calendars.c.contributor, draft_calendars.c.connection
)


class DraftCalendars(Part):
    """By contributor and connection."""

    def begin(self, contributor: str, connection: str, at: datetime) -> None:
        """They switched it on; one that is made already stays."""
        found = self.get(contributor, connection)
        inside = self.inside(contributor, connection) if found else Inside()
        fresh = Kept(contributor=contributor, connection=connection, since=found.since if found else at)
        self.save(fresh, inside.model_copy(update={"asked": bool(inside.calendar)}))

    def get(self, contributor: str, connection: str) -> Kept | None:
        return next(iter(self._found(_ALL.where(*_which(contributor, connection)))), None)

    def of(self, contributor: str) -> dict[str, Kept]:
        """By connection."""
        theirs = _ALL.where(draft_calendars.c.contributor == contributor)
        return {one.connection: one for one in self._found(theirs)}

    def all(self) -> list[Kept]:
        """Everybody's; nothing of it is opened."""
        return self._found(_ALL)

    def inside(self, contributor: str, connection: str) -> Inside:
        query = select(draft_calendars).where(*_which(contributor, connection))
        row = self._connection.execute(query).mappings().one_or_none()
        return Inside.model_validate_json(self._vault.opened(draft_calendars, row)) if row else Inside()

    def save(self, kept: Kept, inside: Inside) -> None:
        row = self._vault.sealed(draft_calendars, kept.model_dump(), inside.model_dump_json())
        said = engine.insert(draft_calendars).values(row)
        keys = draft_calendars.primary_key
        self._connection.execute(said.on_conflict_do_update(index_elements=keys, set_=row))

    def claim(self, contributor: str, connection: str, now: datetime, until: datetime) -> bool:
        """Take the right to work on it; one at a time."""
        free = or_(draft_calendars.c.claimed_until.is_(None), draft_calendars.c.claimed_until <= now)
        said = update(draft_calendars).where(*_which(contributor, connection), free)
        claimed = said.values(claimed_until=until, worker=self._worker)
        return self._connection.execute(claimed).rowcount == 1

    def release(self, contributor: str, connection: str, until: datetime) -> None:
        """Give that right back, unless it ended meanwhile and another took it."""
        ours = draft_calendars.c.claimed_until == until
        said = update(draft_calendars).where(*_which(contributor, connection), ours)
        self._connection.execute(said.values(claimed_until=None))

    def stands(self, kept: Kept) -> bool:
        """Whether it is still the one they switched on then."""
        found = self.get(kept.contributor, kept.connection)
        return found is not None and found.since == kept.since

    def drop(self, contributor: str, connection: str) -> str:
        """Forget it and what was written there; gives the id it has at its tool."""
        calendar = self.inside(contributor, connection).calendar
        for table in (draft_events, draft_calendars):
            which = (table.c.contributor == contributor, table.c.connection == connection)
            self._connection.execute(delete(table).where(*which))
        return calendar

    def forget(self, contributor: str) -> None:
        for connection in self.of(contributor):
            self.drop(contributor, connection)

    # --- what stands there

    def event(self, contributor: str, key: str) -> str:
        """What the event of a draft is called: keyed, so that it tells nobody of the draft."""
        return event_id(name(self._vault, contributor, key))

    def events(self, contributor: str, connection: str) -> dict[str, Written]:
        """What we wrote there last, by event id."""
        which = (draft_events.c.contributor == contributor, draft_events.c.connection == connection)
        rows: Iterable[Row] = self._connection.execute(select(draft_events).where(*which)).mappings().all()
        return {
            event_id(row["draft"]): Written(**json.loads(self._vault.opened(draft_events, row)))
            for row in rows
        }

    def write(self, contributor: str, connection: str, written: Written) -> None:
        place: dict[str, Any] = {"contributor": contributor, "connection": connection}
        place |= {"draft": name(self._vault, contributor, written.key), "day": written.day}
        row = self._vault.sealed(draft_events, place, written.model_dump_json(), week(written.day))
        said = engine.insert(draft_events).values(row)
        keys = draft_events.primary_key
        self._connection.execute(said.on_conflict_do_update(index_elements=keys, set_=row))

    def unwrite(self, contributor: str, connection: str, key: str) -> None:
        which = (draft_events.c.contributor == contributor, draft_events.c.connection == connection)
        this = draft_events.c.draft == name(self._vault, contributor, key)
        self._connection.execute(delete(draft_events).where(*which, this))

    def _found(self, query: Select[Any]) -> list[Kept]:
        return [Kept(**row) for row in self._connection.execute(query).mappings()]


def _which(contributor: str, connection: str) -> tuple[Any, Any]:
    return draft_calendars.c.contributor == contributor, draft_calendars.c.connection == connection
