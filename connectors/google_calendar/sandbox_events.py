"""What stands in the calendars of the Google Calendar stand-in.

One Event is shared by the calendars of everybody invited; what is one
calendar's alone (private properties, a removed copy) hangs on it as an Own. A
series holds its exceptions; every other instance is worked out when asked for.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime, timedelta, tzinfo
from itertools import chain
from types import MappingProxyType
from typing import Any, Literal

from connectors.google_calendar.sandbox_asked import zone_named
from connectors.google_calendar.sandbox_series import SLACK, Schedule, When, instant, stamp, wall

Status = Literal["confirmed", "tentative", "cancelled"]
Reply = Literal["needsAction", "declined", "tentative", "accepted"]
Visibility = Literal["default", "public", "private", "confidential"]
Transparency = Literal["opaque", "transparent"]
EventType = Literal["default", "focusTime", "outOfOffice", "workingLocation", "birthday", "fromGmail"]
Role = Literal["freeBusyReader", "reader", "writerWithoutPrivateAccess", "writer", "owner"]

EPOCH = datetime.min.replace(tzinfo=UTC)
NOTHING: Mapping[str, Any] = MappingProxyType({})
"""Shared by all events that have none: a world holds half a million of them."""


@dataclass(slots=True)
class User:
    email: str
    name: str
    zone: str
    suspended: bool = False
    calendars: list[str] = field(default_factory=list)
    """Ids of the calendars on their list, the primary one first."""


@dataclass(slots=True)
class Attendee:
    email: str
    response: Reply = "needsAction"
    optional: bool = False
    name: str = ""


@dataclass(slots=True)
class Own:
    """What one calendar's copy of an event has to itself."""

    private: dict[str, str] = field(default_factory=dict)
    removed: bool = False
    visibility: Visibility | None = None
    transparency: Transparency | None = None
    changed: int = 0
    updated: datetime = EPOCH


@dataclass(slots=True)
class Event:
    """A single event, a series, or one instance of a series."""

    id: str
    organizer: str
    """The calendar it belongs to: a person's address, or a secondary calendar's id."""
    creator: str
    summary: str
    start: When
    end: When
    zone: str
    created: datetime
    updated: datetime
    changed: int
    recurrence: tuple[str, ...] = ()
    attendees: tuple[Attendee, ...] = ()
    status: Status = "confirmed"
    visibility: Visibility = "default"
    transparency: Transparency = "opaque"
    event_type: EventType = "default"
    more: Mapping[str, Any] = field(default_factory=lambda: NOTHING)
    """Every other field, in the API's own words: description, colorId, eventLabelId ..."""
    own: Mapping[str, Own] = field(default_factory=lambda: NOTHING)
    """By calendar id."""
    sequence: int = 0
    series: Event | None = None
    original: When | None = None
    """When an instance would start by its series' rule."""
    exceptions: Mapping[str, Event] = field(default_factory=lambda: NOTHING)
    """By the stamp of their original start."""
    schedule: Schedule | None = None
    """Worked out at the first look."""

    @property
    def ical(self) -> str:
        """The same for all copies and all instances."""
        return f"{self.series.id if self.series else self.id}@google.com"

    def attendee(self, email: str) -> Attendee | None:
        return next((each for each in self.attendees if each.email == email), None)

    def is_cancelled(self, calendar: str) -> bool:
        own = self.own.get(calendar)
        return self.status == "cancelled" or (own is not None and own.removed)

    def visibility_in(self, calendar: str) -> Visibility:
        own = self.own.get(calendar)
        return (own.visibility if own else None) or self.visibility

    def is_free(self, calendar: str) -> bool:
        """It blocks no time there."""
        own = self.own.get(calendar)
        return ((own.transparency if own else None) or self.transparency) == "transparent"

    def changed_for(self, calendar: str) -> int:
        own = self.own.get(calendar)
        return max(self.changed, own.changed) if own else self.changed

    def updated_for(self, calendar: str) -> datetime:
        own = self.own.get(calendar)
        return max(self.updated, own.updated) if own else self.updated

    def span(self, zone: tzinfo) -> tuple[datetime, datetime]:
        """As instants; an all-day event's day is a day in `zone`."""
        if isinstance(self.start, datetime) and isinstance(self.end, datetime):
            return self.start, self.end
        return instant(wall(self.start, zone), zone), instant(wall(self.end, zone), zone)

    def touches(self, zone: tzinfo, since: datetime | None, until: datetime | None) -> bool:
        """Does it end after `since` and start before `until`?"""
        start, end = self.span(zone)
        return (since is None or end > since) and (until is None or start < until)

    def regular(self, since: datetime | None, until: datetime) -> Iterator[Event]:
        """The instances by the rule alone, exceptions left out; a day more on either side."""
        zone = zone_named(self.zone)
        if self.schedule is None:
            self.schedule = Schedule(self.start, zone, self.recurrence)
        length = wall(self.end, zone) - wall(self.start, zone)
        first = wall(since, zone) - length - SLACK if since else wall(self.start, zone)
        for at in self.schedule.between(first, wall(until, zone) + SLACK):
            instance = _instance_at(self, at, zone, length)
            if instance.id.rpartition("_")[2] not in self.exceptions:
                yield instance

    def instance(self, written: str) -> Event | None:
        """The instance whose original start has this stamp."""
        if written in self.exceptions:
            return self.exceptions[written]
        try:
            near = datetime.strptime(written[:8], "%Y%m%d").replace(tzinfo=UTC)
        except ValueError:
            return None
        wanted = f"{self.id}_{written}"
        return next((each for each in self.regular(near, near + SLACK) if each.id == wanted), None)


@dataclass(slots=True)
class Calendar:
    id: str
    owner: str
    summary: str
    zone: str
    changed: int
    updated: datetime
    primary: bool = False
    app_created: bool = False
    """Made through the API, so within reach of the scope calendar.app.created."""
    deleted: bool = False
    description: str = ""
    roles: dict[str, Role] = field(default_factory=dict)
    """What others than the owner may do, by address."""
    labels: list[dict[str, str]] = field(default_factory=list)
    events: dict[str, Event] = field(default_factory=dict)
    """Single events and series, by id."""

    def role(self, email: str) -> Role | None:
        return "owner" if email == self.owner else self.roles.get(email)

    def touched(self) -> datetime:
        """When anything in it changed last, also what a listing does not show."""
        held = self.events.values()
        events = chain(held, *(each.exceptions.values() for each in held))
        return max([self.updated, *(each.updated_for(self.id) for each in events)])


def _instance_at(series: Event, at: datetime, zone: tzinfo, length: timedelta) -> Event:
    """The instance whose wall clock says `at`; it shares all it can with its series."""
    start: When = instant(at, zone) if isinstance(series.start, datetime) else at.date()
    end: When = instant(at + length, zone) if isinstance(series.start, datetime) else (at + length).date()
    shared = {name: getattr(series, name) for name in _INHERITED}
    return Event(
        id=f"{series.id}_{stamp(start)}", start=start, end=end, series=series, original=start, **shared
    )


_INHERITED = tuple(
    each.name
    for each in fields(Event)
    if each.name not in ("id", "start", "end", "series", "original", "recurrence", "exceptions", "schedule")
)
