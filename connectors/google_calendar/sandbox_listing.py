"""Which events `events.list` answers, and in what order.

`timeMin` looks at ends, `timeMax` at starts, both exclusive. Deletions show
where asked for, and always in an incremental answer. A sync token stands for a
place in the history of one calendar; it tolerates no narrowing beside it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, get_args

from connectors.google_calendar.sandbox_asked import (
    Parameters,
    Refusal,
    bad_request,
    invalid,
    time_range_empty,
    zone_named,
)
from connectors.google_calendar.sandbox_events import Calendar, Event, EventType
from connectors.google_calendar.sandbox_world import World

NOT_WITH_SYNC = (
    "iCalUID", "orderBy", "privateExtendedProperty", "q", "sharedExtendedProperty", "timeMin", "timeMax",
    "updatedMin",
)  # fmt: skip
NO_SYNC_AFTER = tuple(name for name in NOT_WITH_SYNC if name != "timeMin")
"""A first sync may be narrowed by timeMin; any of these costs it its token."""
UPDATED_REACH = timedelta(days=28)
"""How far back `updatedMin` may look; the real limit is not published."""


@dataclass(frozen=True)
class Listing:
    """One events.list request, without its paging."""

    single: bool
    deleted: bool
    """showDeleted was asked for."""
    since: datetime | None
    until: datetime | None
    updated_since: datetime | None
    after: int
    """The tick of a sync token; -1 without one."""
    order: str
    kinds: tuple[str, ...]
    ical: str
    words: tuple[str, ...]
    private: tuple[str, ...]
    shared: tuple[str, ...]

    @property
    def incremental(self) -> bool:
        return self.after >= 0 or self.updated_since is not None

    def events(self, world: World, calendar: Calendar) -> list[tuple[str, Event]]:
        """(place in the order, event), in order."""
        found = [(self._place(event, calendar), event) for event in self._candidates(world, calendar)]
        return sorted(found, key=lambda pair: pair[0])

    def _candidates(self, world: World, calendar: Calendar) -> Iterator[Event]:
        every = self._instances(world, calendar) if self.single else self._masters(world, calendar)
        return (event for event in every if self._wanted(event, calendar))

    def _instances(self, world: World, calendar: Calendar) -> Iterator[Event]:
        return world.happening(calendar.id, self.since, self.until, after=self.after, kinds=self.kinds)

    def _masters(self, world: World, calendar: Calendar) -> Iterator[Event]:
        """Single events, series as such, and the exceptions to them."""
        zone = zone_named(calendar.zone)
        windowed = self.since is not None or self.until is not None
        for event in list(calendar.events.values()):
            if self.kinds and event.event_type not in self.kinds:
                continue
            if not event.recurrence:
                inside = event.touches(zone, self.since, self.until)
            else:
                instances = world.instances(event, calendar, self.since, self.until)
                inside = not windowed or next(instances, None) is not None
            if inside and event.changed_for(calendar.id) > self.after:
                yield event
            for exception in event.exceptions.values():
                if exception.changed_for(calendar.id) > self.after and exception.touches(
                    zone, self.since, self.until
                ):
                    yield exception

    def _wanted(self, event: Event, calendar: Calendar) -> bool:
        told_anyway = self.deleted or self.incremental or (event.series is not None and not self.single)
        if event.is_cancelled(calendar.id) and not told_anyway:
            return False
        if self.updated_since and event.updated_for(calendar.id) < self.updated_since:
            return False
        return self._matches(event, calendar)

    def _matches(self, event: Event, calendar: Calendar) -> bool:
        if self.ical and event.ical != self.ical:
            return False
        own = event.own.get(calendar.id)
        shared = event.more.get("extendedProperties", {}).get("shared", {})
        return (
            all(_holds(own.private if own else {}, each) for each in self.private)
            and all(_holds(shared, each) for each in self.shared)
            and all(word in _text(event) for word in self.words)
        )

    def _place(self, event: Event, calendar: Calendar) -> str:
        if self.order == "startTime":
            return f"{event.span(zone_named(calendar.zone))[0].isoformat()} {event.id}"
        if self.order == "updated":
            return f"{event.updated_for(calendar.id).isoformat()} {event.id}"
        return event.id


def listing(asked: Parameters, now: datetime, after: int) -> Listing:
    """Read one request. Raises Refusal for what Google refuses."""
    single = asked.flag("singleEvents") or False
    order = asked.choice("orderBy", ("startTime", "updated"))
    if order == "startTime" and not single:
        raise invalid("The requested ordering is not available for the particular query.", "orderBy")
    since, until = asked.moment("timeMin"), asked.moment("timeMax")
    if since and until and since >= until:
        raise time_range_empty()
    updated_since = asked.moment("updatedMin")
    if updated_since and now - updated_since > UPDATED_REACH:
        raise Refusal(
            410,
            "updatedMinTooLongAgo",
            "The requested minimum modification time lies too far in the past.",
            domain="calendar",
            parameter="updatedMin",
        )
    if "syncToken" in asked and (
        any(name in asked for name in NOT_WITH_SYNC) or asked.flag("showDeleted") is False
    ):
        raise bad_request()
    return Listing(
        single=single,
        deleted=asked.flag("showDeleted") or False,
        since=since,
        until=until,
        updated_since=updated_since,
        after=after,
        order=order,
        kinds=tuple(sorted(asked.choices("eventTypes", get_args(EventType)))),
        ical=asked.text("iCalUID"),
        words=tuple(asked.text("q").casefold().split()),
        private=_properties(asked, "privateExtendedProperty"),
        shared=_properties(asked, "sharedExtendedProperty"),
    )


def _properties(asked: Parameters, name: str) -> tuple[str, ...]:
    for text in asked.texts(name):
        if "=" not in text:
            raise invalid("Invalid value.", name)
    return tuple(asked.texts(name))


def _holds(properties: dict[str, Any], wanted: str) -> bool:
    name, _, value = wanted.partition("=")
    return properties.get(name) == value


def _text(event: Event) -> str:
    people = (f"{each.name} {each.email}" for each in event.attendees)
    words = (
        event.summary,
        event.more.get("description", ""),
        event.more.get("location", ""),
        event.organizer,
    )
    return " ".join((*words, *people)).casefold()
