"""Google Calendar v3 and Google's token endpoint on loopback, as strict as the real ones.

Written from Google's discovery document and what is known of the service, never
from what our connector sends. The API is at `/calendar/v3`, tokens at `/token`
of the same port. `World` (sandbox_world.py) is how to build and change what
stands in the calendars; here is who may see it, and in what words.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from connectors.google_calendar import sandbox_mask as masks
from connectors.google_calendar.sandbox_asked import (
    Refusal,
    bad_request,
    invalid,
    moment,
    not_found,
    required,
    time_range_empty,
    zone_named,
)
from connectors.google_calendar.sandbox_events import Calendar, Event, Role
from connectors.google_calendar.sandbox_gate import ROLES, Call, Gate, api
from connectors.google_calendar.sandbox_listing import NO_SYNC_AFTER, Listing, listing
from connectors.google_calendar.sandbox_shape import (
    ID,
    View,
    asked_fields,
    etag,
    local,
    merged,
    shown,
    written,
)

FREE_BUSY_MOST = 50

# By short name, as the discovery document lists them for each method.
EVENTS_WRITE = {"calendar", "calendar.events", "calendar.events.owned", "calendar.app.created"}
EVENTS_READ = EVENTS_WRITE | {
    "calendar.readonly", "calendar.events.readonly", "calendar.events.owned.readonly",
    "calendar.events.public.readonly", "calendar.events.freebusy",
}  # fmt: skip
CALENDARS_WRITE = {"calendar", "calendar.calendars", "calendar.app.created"}
CALENDARS_READ = CALENDARS_WRITE | {"calendar.readonly", "calendar.calendars.readonly"}
LIST_READ = {"calendar", "calendar.readonly", "calendar.calendarlist", "calendar.calendarlist.readonly"}
SETTINGS_READ = {"calendar", "calendar.readonly", "calendar.settings", "calendar.settings.readonly"}
FREE_BUSY = {"calendar", "calendar.readonly", "calendar.freebusy", "calendar.events.freebusy"}


class CalendarSite(Gate):
    """Google Calendar for one Workspace domain."""

    # --- events --------------------------------------------------------------------------------------------

    @api("GET", "/calendars/{calendarId}/events", EVENTS_READ, masks.EVENTS)
    def list_events(self, call: Call) -> Any:
        calendar, _, _ = self._reached(call, "freeBusyReader")
        of = f"{call.user.email} {calendar.id}"
        wanted = listing(call.asked, self.now(), self._synced(call, of))
        syncs = not any(name in call.asked for name in NO_SYNC_AFTER)
        return self._events(call, self._view(call, wanted), wanted.events(self, calendar), 250, of, syncs)

    @api("GET", "/calendars/{calendarId}/events/{eventId}/instances", EVENTS_READ, masks.EVENTS)
    def list_instances(self, call: Call) -> Any:
        view = self._view(call)
        calendar = view.calendar
        series = self._event(call, calendar)
        if not series.recurrence:
            raise bad_request()
        since, until = call.asked.moment("timeMin"), call.asked.moment("timeMax")
        found = [
            (each.id, each)
            for each in self.instances(series, calendar, since, until)
            if call.asked.flag("showDeleted") or not each.is_cancelled(calendar.id)
        ]
        return self._events(call, view, sorted(found, key=lambda pair: pair[0]), 250, "", False)

    def _events(
        self, call: Call, view: View, found: list[tuple[str, Event]], size: int, of: str, syncs: bool
    ) -> dict[str, Any]:
        page, token, tick = self._page(call, found, call.asked.size("maxResults", size, 2500))
        calendar = view.calendar
        return {
            "kind": "calendar#events",
            "etag": etag(self.tick),
            "summary": calendar.summary,
            "description": calendar.description,
            "updated": written(calendar.touched()),
            "timeZone": calendar.zone,
            "accessRole": view.role,
            "defaultReminders": [],
            **self._turned(call, token, tick, of, syncs),
            "items": [shown(event, view) for event in page],
        }

    @api("GET", "/calendars/{calendarId}/events/{eventId}", EVENTS_READ, masks.EVENT)
    def get_event(self, call: Call) -> Any:
        view = self._view(call)
        return shown(self._event(call, view.calendar), view)

    @api("POST", "/calendars/{calendarId}/events", EVENTS_WRITE, masks.EVENT)
    def insert_event(self, call: Call) -> Any:
        calendar, role, _ = self._reached(call, "writer")
        body = call.body
        fields = asked_fields(body, calendar, labels=_labels(call))
        name, attendees = body.get("id") or "", fields.pop("attendees")
        if name and (not ID.fullmatch(str(name)) or body.get("iCalUID")):
            raise invalid("Invalid resource id value.")
        if name in calendar.events:
            raise Refusal(409, "duplicate", "The requested identifier already exists.")
        if fields["event_type"] == "fromGmail":
            raise invalid("Invalid value for: fromGmail events cannot be created")
        event = self.add_event(call.user.email, calendar=calendar.id, id=name, **fields)
        event.attendees = attendees
        self.place(event)
        return shown(event, View(calendar, zone_named(calendar.zone), role))

    @api("PUT", "/calendars/{calendarId}/events/{eventId}", EVENTS_WRITE, masks.EVENT)
    def update_event(self, call: Call) -> Any:
        return self._write(call, call.body)

    @api("PATCH", "/calendars/{calendarId}/events/{eventId}", EVENTS_WRITE, masks.EVENT)
    def patch_event(self, call: Call) -> Any:
        calendar, role, _ = self._reached(call, "writer")
        current = shown(self._event(call, calendar), View(calendar, zone_named(calendar.zone), role))
        return self._write(call, merged(current, call.body))

    def _write(self, call: Call, body: Mapping[str, Any]) -> dict[str, Any]:
        calendar, role, _ = self._reached(call, "writer")
        event = self._event(call, calendar)
        self._must_match(call, event, calendar)
        if body.get("eventType", event.event_type) != event.event_type:
            raise invalid("Event type cannot be changed.")
        wanted = asked_fields(body, calendar, labels=_labels(call))
        del wanted["event_type"]
        if event.organizer != calendar.id:
            _must_be_the_guests(event, wanted, calendar.id)
        event = self._changeable(event)
        private = wanted.pop("private")
        if event.organizer == calendar.id:
            self._write_as_organizer(event, wanted)
        else:
            self._write_as_guest(event, wanted, calendar.id)
        own = event.own.get(calendar.id)
        if private != (own.private if own else {}):
            self.own(event, calendar.id).private = private
        return shown(event, View(calendar, zone_named(calendar.zone), role))

    def _write_as_organizer(self, event: Event, wanted: dict[str, Any]) -> None:
        invited = {each.email for each in wanted["attendees"]}
        dropped = {each.email for each in event.attendees} - invited - {event.organizer}
        if wanted["status"] == "cancelled":
            self.delete(event)
            return
        self.change(event, **{name: value for name, value in wanted.items() if getattr(event, name) != value})
        for email in (dropped | invited) & self.calendars.keys():
            if email in dropped or email in event.own:
                self.own(event, email).removed = email in dropped
        self.place(event)

    def _write_as_guest(self, event: Event, wanted: dict[str, Any], email: str) -> None:
        own = self.own(event, email)
        own.visibility, own.transparency = wanted["visibility"], wanted["transparency"]
        for attendee in wanted["attendees"]:
            mine = event.attendee(email)
            if attendee.email == email and mine and mine.response != attendee.response:
                mine.response = attendee.response
                self.change(event)

    @api("DELETE", "/calendars/{calendarId}/events/{eventId}", EVENTS_WRITE, masks.EVENT)
    def delete_event(self, call: Call) -> None:
        calendar, _, _ = self._reached(call, "writer")
        event = self._event(call, calendar)
        if event.is_cancelled(calendar.id):
            raise Refusal(410, "deleted", "Resource has been deleted")
        self._must_match(call, event, calendar)
        event = self._changeable(event)
        if event.organizer == calendar.id:
            self.delete(event)
            return
        self.own(event, calendar.id).removed = True  # a guest takes it from their own calendar, no more
        if mine := event.attendee(calendar.id):
            mine.response = "declined"
            self.change(event)

    def _event(self, call: Call, calendar: Calendar) -> Event:
        found = self.lookup(calendar, call.request.args["eventId"])
        if found is None:
            raise not_found()
        return found

    def _changeable(self, event: Event) -> Event:
        if event.series is not None and event.original is not None:
            return self.exception(event.series, event.original)
        return event

    def _must_match(self, call: Call, event: Event, calendar: Calendar) -> None:
        wanted = call.request.headers.get("if-match", "*")
        if wanted not in ("*", etag(event.changed_for(calendar.id))):
            raise Refusal(412, "conditionNotMet", "Precondition Failed", header="If-Match")

    def _view(self, call: Call, listed: Listing | None = None) -> View:
        calendar, role, busy_only = self._reached(call, "freeBusyReader")
        most = call.asked.size("maxAttendees", 0, 10_000) or None
        bare = listed is not None and not listed.deleted
        return View(calendar, call.asked.zone("timeZone", calendar.zone), role, busy_only, most, bare)

    # --- calendars -----------------------------------------------------------------------------------------

    @api("GET", "/calendars/{calendarId}", CALENDARS_READ, masks.CALENDAR)
    def get_calendar(self, call: Call) -> Any:
        calendar, _, _ = self._reached(call, "freeBusyReader")
        return _calendar(calendar)

    @api("POST", "/calendars", CALENDARS_WRITE, masks.CALENDAR)
    def insert_calendar(self, call: Call) -> Any:
        body = call.body
        if not body.get("summary"):
            raise required("title")
        try:
            zone_named(body.get("timeZone") or "UTC")
        except ValueError:
            raise invalid("Invalid time zone.") from None
        made = self.add_calendar(
            call.user.email,
            body["summary"],
            body.get("timeZone") or "",
            app_created=True,
            description=body.get("description") or "",
        )
        return _calendar(made)

    @api("DELETE", "/calendars/{calendarId}", CALENDARS_WRITE, masks.CALENDAR)
    def remove_calendar(self, call: Call) -> None:
        calendar, _, _ = self._reached(call, "owner")
        if calendar.primary:
            raise Refusal(403, "forbidden", "Forbidden")
        self.delete_calendar(calendar)

    @api("GET", "/users/me/calendarList", LIST_READ, masks.CALENDAR_LIST)
    def list_calendars(self, call: Call) -> Any:
        after = self._synced(call, f"list {call.user.email}")
        least = call.asked.choice("minAccessRole", ROLES) or ROLES[0]
        tell_deleted = after >= 0 or call.asked.flag("showDeleted")
        found = []
        for place, name in enumerate(call.user.calendars):
            calendar = self.calendars[name]
            role = calendar.role(call.user.email)
            if role is None or ROLES.index(role) < ROLES.index(least) or calendar.changed <= after:
                continue
            if tell_deleted or not calendar.deleted:
                found.append((f"{place:08}", _listed_calendar(calendar, role)))
        page, token, tick = self._page(call, found, call.asked.size("maxResults", 100, 250))
        return {
            "kind": "calendar#calendarList",
            "etag": etag(self.tick),
            **self._turned(call, token, tick, f"list {call.user.email}"),
            "items": page,
        }

    @api("GET", "/users/me/settings", SETTINGS_READ, masks.SETTINGS)
    def list_settings(self, call: Call) -> Any:
        values = {"format24HourTime": "true", "locale": "en", "timezone": call.user.zone, "weekStart": "1"}
        found = [
            (name, {"kind": "calendar#setting", "etag": etag(0), "id": name, "value": value})
            for name, value in values.items()
        ]
        page, token, tick = self._page(call, found, call.asked.size("maxResults", 100, 250))
        ending = self._turned(call, token, tick, f"settings {call.user.email}")
        return {"kind": "calendar#settings", "etag": etag(0), **ending, "items": page}

    # --- free and busy -------------------------------------------------------------------------------------

    @api("POST", "/freeBusy", FREE_BUSY, masks.FREE_BUSY)
    def query_free_busy(self, call: Call) -> Any:
        body = call.body
        try:
            since, until = moment(body["timeMin"]), moment(body["timeMax"])
            zone = zone_named(body.get("timeZone") or "UTC")
            names = [str(item["id"]) for item in body.get("items") or ()]
        except (KeyError, TypeError, ValueError):
            raise bad_request() from None
        if since >= until:
            raise time_range_empty()
        calendars: dict[str, Any] = {}
        for place, name in enumerate(names):
            calendar = self.calendar(call.user.email if name == "primary" else name)
            if place >= FREE_BUSY_MOST:
                calendars[name] = _no_answer("tooManyCalendarsRequested")
            elif calendar is None or calendar.role(call.user.email) is None:
                calendars[name] = _no_answer("notFound")
            else:
                busy = _union(self._busy(calendar, since, until))
                calendars[name] = {
                    "busy": [{"start": local(a, zone), "end": local(b, zone)} for a, b in busy]
                }
        times = {"timeMin": written(since), "timeMax": written(until)}
        return {"kind": "calendar#freeBusy", **times, "calendars": calendars}

    def _busy(
        self, calendar: Calendar, since: datetime, until: datetime
    ) -> Iterable[tuple[datetime, datetime]]:
        for event in self.happening(calendar.id, since, until):
            mine = event.attendee(calendar.id)
            declined = mine is not None and mine.response == "declined"
            if not (event.is_free(calendar.id) or event.is_cancelled(calendar.id) or declined):
                start, end = event.span(zone_named(calendar.zone))
                yield max(start, since), min(end, until)


def _must_be_the_guests(event: Event, wanted: Mapping[str, Any], email: str) -> None:
    """Raises Refusal where a guest would change what is the organizer's."""

    def others(attendees: Iterable[Any]) -> list[Any]:
        return [each for each in attendees if each.email != email]

    same = all(wanted[name] == getattr(event, name) for name in ("summary", "start", "end", "recurrence"))
    if not event.more.get("guestsCanModify") and not (
        same and others(wanted["attendees"]) == others(event.attendees)
    ):
        raise Refusal(
            403,
            "forbiddenForNonOrganizer",
            "Shared properties can only be changed by the organizer of the event.",
            domain="calendar",
        )


def _labels(call: Call) -> bool:
    return call.asked.choice("eventLabelVersion", ("0", "1")) == "1"


def _calendar(calendar: Calendar) -> dict[str, Any]:
    shape: dict[str, Any] = {
        "kind": "calendar#calendar",
        "etag": etag(calendar.changed),
        "id": calendar.id,
        "summary": calendar.summary,
        "timeZone": calendar.zone,
        "conferenceProperties": {"allowedConferenceSolutionTypes": ["hangoutsMeet"]},
    }
    if calendar.description:
        shape["description"] = calendar.description
    if not calendar.primary:
        shape["dataOwner"] = calendar.owner
    if calendar.labels:
        shape["labelProperties"] = {"eventLabels": calendar.labels}
    return shape


def _listed_calendar(calendar: Calendar, role: Role) -> dict[str, Any]:
    if calendar.deleted:
        gone = {"kind": "calendar#calendarListEntry", "etag": etag(calendar.changed), "id": calendar.id}
        return gone | {"deleted": True}
    shape = _calendar(calendar) | {"kind": "calendar#calendarListEntry", "accessRole": role, "selected": True}
    shape.pop("labelProperties", None)
    shape |= {"colorId": "14", "backgroundColor": "#9fe1e7", "foregroundColor": "#000000"}
    shape["defaultReminders"] = []
    if calendar.primary and role == "owner":
        shape["primary"] = True
    return shape


def _no_answer(reason: str) -> dict[str, Any]:
    return {"errors": [{"domain": "global", "reason": reason}], "busy": []}


def _union(spans: Iterable[tuple[datetime, datetime]]) -> list[tuple[datetime, datetime]]:
    joined: list[tuple[datetime, datetime]] = []
    for start, end in sorted(spans):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined
