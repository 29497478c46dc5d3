"""The world behind the Google Calendar stand-in: built, changed and looked at from Python."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from connectors.google_calendar.sandbox_asked import zone_named
from connectors.google_calendar.sandbox_events import (
    NOTHING,
    Attendee,
    Calendar,
    Event,
    EventType,
    Own,
    Reply,
    Role,
    Status,
    Transparency,
    User,
    Visibility,
)
from connectors.google_calendar.sandbox_series import When, stamp
from connectors.stand_in import Faults, StandIn

HORIZON = timedelta(days=730)
"""How far past now an endless series is expanded where nobody says until when."""

_ID_SPREAD = 0x9E3779B97F4A7C15F39CC0605D  # odd, so that counting through it never repeats an id
_ID_BITS = (1 << 104) - 1


class World(StandIn):
    """People and calendars, and the ways to change them."""

    name = "google_calendar"

    def __init__(
        self, *, clock: Callable[[], datetime] = lambda: datetime.now(UTC), faults: Faults | None = None
    ) -> None:
        super().__init__(clock=clock, faults=faults)
        self.users: dict[str, User] = {}
        self.calendars: dict[str, Calendar] = {}
        """The deleted ones too: a list that syncs tells of them."""
        self.tick = 0
        """Counts every change; sync tokens remember it."""

    # --- building ------------------------------------------------------------------------------------------

    def add_user(self, email: str, zone: str = "UTC", name: str = "") -> User:
        zone_named(zone)
        with self.lock:
            self.users[email] = User(email, name or email.partition("@")[0].title(), zone)
            self._add_calendar(Calendar(email, email, email, zone, self._next(), self.now(), primary=True))
        return self.users[email]

    def add_calendar(
        self, owner: str, summary: str, zone: str = "", *, app_created: bool = False, description: str = ""
    ) -> Calendar:
        """A secondary calendar."""
        with self.lock:
            tick = self._next()
            name = f"c_{self._spread(tick)}@group.calendar.google.com"
            zone = zone or self.users[owner].zone
            calendar = Calendar(name, owner, summary, zone, tick, self.now(), app_created=app_created)
            calendar.description = description
            self._add_calendar(calendar)
        return calendar

    def delete_calendar(self, calendar: Calendar) -> None:
        with self.lock:
            calendar.deleted, calendar.changed, calendar.updated = True, self._next(), self.now()

    def share(self, calendar: str, email: str, role: Role) -> None:
        """Give somebody a right on a calendar; it joins their list."""
        with self.lock:
            self.calendars[calendar].roles[email] = role
            self.calendars[calendar].changed = self._next()
            if calendar not in self.users[email].calendars:
                self.users[email].calendars.append(calendar)

    def suspend(self, email: str, suspended: bool = True) -> None:
        """Their tokens stop working, and no new ones are given."""
        self.users[email].suspended = suspended

    def add_event(
        self,
        owner: str,
        summary: str,
        start: When,
        end: When,
        *,
        zone: str = "",
        recurrence: Sequence[str] = (),
        attendees: Mapping[str, Reply] | None = None,
        optional: Collection[str] = (),
        organizer: str = "",
        calendar: str = "",
        status: Status = "confirmed",
        visibility: Visibility = "default",
        transparency: Transparency = "opaque",
        event_type: EventType = "default",
        color: str = "",
        label: str = "",
        private: Mapping[str, str] | None = None,
        more: Mapping[str, Any] | None = None,
        created: datetime | None = None,
        id: str = "",  # noqa: A002 - the API's word
    ) -> Event:
        """One event, placed in the calendar of its owner and of every attendee who is a user.

        Takes    start and end as aware times, or as dates (end exclusive) for all-day
                 attendees: address -> response; an owner who has guests attends too, unless listed otherwise
                 organizer: somebody outside, where the owner is only invited
                 private, more: extended properties of the owner's copy; further fields in the API's words
                 created: also when it was last updated; default now
        """
        with self.lock:
            tick, now = self._next(), created.astimezone(UTC) if created else self.now()
            host = organizer or calendar or owner
            invited: dict[str, Reply] = dict(attendees or {})
            if organizer:
                invited.setdefault(owner, "needsAction")
            if invited:
                invited = {host: "accepted", **invited} if not calendar else invited
            colors = {**({"colorId": color} if color else {}), **({"eventLabelId": label} if label else {})}
            event = Event(
                id or self._spread(tick),
                host,
                organizer or owner,
                summary,
                _utc(start),
                _utc(end),
                zone or (self.calendars[calendar].zone if calendar else self.users[owner].zone),
                now,
                now,
                tick,
                tuple(recurrence),
                tuple(Attendee(email, reply, email in optional) for email, reply in invited.items()),
                status,
                visibility,
                transparency,
                event_type,
                {**(more or {}), **colors} if more or colors else NOTHING,
            )
            if private:
                event.own = {calendar or owner: Own(dict(private), changed=tick, updated=now)}
            self.place(event, calendar or owner)
        return event

    # --- changing ------------------------------------------------------------------------------------------

    def cancel_instance(self, series: Event, original: When) -> Event:
        return self.change(self.exception(series, original), status="cancelled")

    def move_instance(self, series: Event, original: When, start: When, end: When | None = None) -> Event:
        """Give one instance another time; without `end` it keeps its length."""
        moved = self.exception(series, original)
        was_from, was_to = moved.span(UTC)
        return self.change(moved, start=_utc(start), end=_utc(end or start + (was_to - was_from)))

    def respond(self, event: Event, email: str, response: Reply, original: When | None = None) -> Event:
        """Answer an invitation, or one instance of it."""
        with self.lock:
            event = event if original is None else self.exception(event, original)
            attendee = event.attendee(email)
            if attendee is None:
                raise ValueError("only an attendee can respond")
            attendee.response = response
            return self.change(event)

    def delete(self, event: Event) -> Event:
        """Cancel an event for everybody; a series goes with all its instances."""
        with self.lock:
            for exception in event.exceptions.values():
                self.change(exception, status="cancelled")
            return self.change(event, status="cancelled")

    def change(self, event: Event, **wanted: Any) -> Event:
        """Set fields as the organizer would; exceptions follow where they had not gone their own way."""
        with self.lock:
            for exception in event.exceptions.values():
                if follow := {n: v for n, v in wanted.items() if getattr(exception, n) == getattr(event, n)}:
                    self.change(exception, **follow)
            for name, value in wanted.items():
                setattr(event, name, value)
            event.changed, event.updated = self._next(), self.now()
            event.sequence += bool(wanted.keys() & {"start", "end", "recurrence"})
            if wanted.keys() & {"start", "zone", "recurrence"} and event.series is None:
                event.exceptions = NOTHING  # they were exceptions to a rule that is no more
                event.schedule = None
        return event

    def own(self, event: Event, calendar: str) -> Own:
        """One calendar's part of an event, marked as changed just now."""
        own = event.own.get(calendar) or Own()
        event.own = {**event.own, calendar: own}
        own.changed, own.updated = self._next(), self.now()
        return own

    def place(self, event: Event, home: str = "") -> None:
        """Put the event into the calendars of `home` and of every attendee who is a user.

        An instance goes only to who is not invited to its series; the others see it there.
        """
        for name in {home, *(each.email for each in event.attendees)} & self.calendars.keys():
            held = self.calendars[name].events
            if event.series is None or event.series.id not in held:
                held.setdefault(event.id, event)

    # --- looking -------------------------------------------------------------------------------------------

    def now(self) -> datetime:
        return self.clock().astimezone(UTC)

    def calendar(self, name: str) -> Calendar | None:
        found = self.calendars.get(name)
        return None if found is None or found.deleted else found

    def lookup(self, calendar: Calendar, name: str) -> Event | None:
        """The event or instance with this id, cancelled ones too."""
        if name in calendar.events:
            return calendar.events[name]
        base, _, written = name.rpartition("_")
        series = calendar.events.get(base)
        return series.instance(written) if series else None

    def instance(self, series: Event, original: When) -> Event:
        """One instance as it stands. Raises ValueError where the series has none there."""
        found = series.instance(stamp(_utc(original)))
        if found is None:
            raise ValueError("the series has no instance there")
        return found

    def exception(self, series: Event, original: When) -> Event:
        """One instance to be changed: from now on it stands for itself."""
        with self.lock:
            found = self.instance(series, original)
            if found.original is not None and (key := stamp(found.original)) not in series.exceptions:
                found.attendees = tuple(
                    Attendee(each.email, each.response, each.optional, each.name) for each in found.attendees
                )
                found.own = {
                    name: Own(dict(own.private), own.removed, own.visibility, own.transparency)
                    for name, own in found.own.items()
                }
                series.exceptions = {**series.exceptions, key: found}
        return found

    def happening(
        self,
        calendar: str,
        since: datetime | None = None,
        until: datetime | None = None,
        *,
        after: int = -1,
        kinds: Collection[str] = (),
    ) -> Iterator[Event]:
        """Every single event and instance that ends after `since` and starts before `until`.

        Takes    after: only what changed later than this tick; kinds: only these event types
        Gives    cancelled ones too, in no order
        """
        held = self.calendars[calendar]
        zone = zone_named(held.zone)
        for event in held.events.values():
            if kinds and event.event_type not in kinds:
                continue
            if event.recurrence:
                yield from self.instances(event, held, since, until, after=after)
            elif event.changed_for(calendar) > after and event.touches(zone, since, until):
                yield event

    def instances(
        self,
        series: Event,
        calendar: Calendar,
        since: datetime | None = None,
        until: datetime | None = None,
        *,
        after: int = -1,
    ) -> Iterator[Event]:
        """The instances of one series, exceptions in their new places."""
        here = zone_named(calendar.zone)
        for exception in series.exceptions.values():
            if exception.changed_for(calendar.id) > after and exception.touches(here, since, until):
                yield exception
        if series.changed_for(calendar.id) <= after:
            return
        last = until or max(self.now(), series.span(here)[0]) + HORIZON
        for instance in series.regular(since, last):
            if instance.touches(here, since, until):
                yield instance

    # --- within --------------------------------------------------------------------------------------------

    def _next(self) -> int:
        self.tick += 1
        return self.tick

    @staticmethod
    def _spread(tick: int) -> str:
        return f"{tick * _ID_SPREAD & _ID_BITS:026x}"

    def _add_calendar(self, calendar: Calendar) -> None:
        self.calendars[calendar.id] = calendar
        self.users[calendar.owner].calendars.append(calendar.id)


def _utc(when: When) -> When:
    if not isinstance(when, datetime):
        return when
    if when.tzinfo is None:
        raise ValueError("a time needs an offset")
    return when.astimezone(UTC)
