"""Events of the Google Calendar stand-in in the API's own shape, and back.

`shown` is one calendar's copy as one reader may see it. `asked_fields` reads
the body of a write, strictly. Cancelled events tell no more than is promised:
their id, and for an instance which one it was.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Any, get_args

from connectors.google_calendar.sandbox_asked import (
    Refusal,
    bad_request,
    invalid,
    moment,
    required,
    zone_named,
)
from connectors.google_calendar.sandbox_events import (
    Attendee,
    Calendar,
    Event,
    EventType,
    Reply,
    Role,
    Status,
    Transparency,
    Visibility,
)
from connectors.google_calendar.sandbox_series import Schedule, When

MORE = (
    "description", "location", "colorId", "eventLabelId", "source", "reminders", "guestsCanInviteOthers",
    "guestsCanModify", "guestsCanSeeOtherGuests", "conferenceData", "attachments", "birthdayProperties",
    "focusTimeProperties", "outOfOfficeProperties", "workingLocationProperties",
)  # fmt: skip
"""Fields of an event kept as they were sent."""

ID = re.compile(r"[0-9a-v]{5,1024}")
LOCAL = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?")


@dataclass(frozen=True)
class View:
    """How one reader sees one calendar."""

    calendar: Calendar
    zone: tzinfo
    """The times are written in it."""
    role: Role = "owner"
    busy_only: bool = False
    """The token's scope tells when somebody is busy, never with what."""
    most_attendees: int | None = None
    bare: bool = False
    """Tell of a cancelled event no more than is promised."""


def shown(event: Event, view: View) -> dict[str, Any]:
    """One copy of an event as the API answers it."""
    calendar = view.calendar
    cancelled = event.is_cancelled(calendar.id)
    head = {
        "kind": "calendar#event",
        "etag": etag(event.changed_for(calendar.id)),
        "id": event.id,
        "status": "cancelled" if cancelled else event.status,
    }
    instance: dict[str, Any] = {}
    if event.series is not None and event.original is not None:
        instance = {
            "recurringEventId": event.series.id,
            "originalStartTime": _when(event.original, event.zone, view.zone),
        }
    if cancelled and (view.bare or event.organizer != calendar.id):
        return head | instance
    times = {
        "start": _when(event.start, event.zone, view.zone),
        "end": _when(event.end, event.zone, view.zone),
    }
    visibility = event.visibility_in(calendar.id)
    if view.busy_only or view.role == "freeBusyReader":
        return head | instance | times
    if visibility in ("private", "confidential") and view.role in ("reader", "writerWithoutPrivateAccess"):
        return head | instance | times | {"visibility": visibility, "iCalUID": event.ical}
    return head | _details(event, view) | times | instance | _options(event, calendar)


def _details(event: Event, view: View) -> dict[str, Any]:
    calendar = view.calendar
    details: dict[str, Any] = {
        "htmlLink": f"https://www.google.com/calendar/event?eid={event.id}",
        "created": written(event.created),
        "updated": written(event.updated_for(calendar.id)),
        "summary": event.summary,
        **event.more,
        "creator": _person(event.creator, calendar),
        "organizer": _person(event.organizer, calendar),
        "iCalUID": event.ical,
        "sequence": event.sequence,
        "eventType": event.event_type,
    }
    details.setdefault("reminders", {"useDefault": True})
    if event.event_type == "focusTime":
        details.setdefault("focusTimeProperties", {"autoDeclineMode": "declineNone"})
    if not event.summary:
        del details["summary"]
    if event.recurrence:
        details["recurrence"] = list(event.recurrence)
    if event.attendees:
        details |= _attendees(event, view)
    own = event.own.get(calendar.id)
    if own and own.private:
        details["extendedProperties"] = {"private": dict(own.private)}
    if shared := event.more.get("extendedProperties"):
        details["extendedProperties"] = {**details.get("extendedProperties", {}), **shared}
    return details


def _options(event: Event, calendar: Calendar) -> dict[str, str]:
    """What is left out while it has its default."""
    visibility = event.visibility_in(calendar.id)
    return {
        **({"visibility": visibility} if visibility != "default" else {}),
        **({"transparency": "transparent"} if event.is_free(calendar.id) else {}),
    }


def _attendees(event: Event, view: View) -> dict[str, Any]:
    listed = event.attendees
    omit = view.most_attendees is not None and len(listed) > view.most_attendees
    if omit:
        listed = tuple(each for each in listed if each.email == view.calendar.id)
    people = [_attendee(each, event, view.calendar) for each in listed]
    return {**({"attendees": people} if people else {}), **({"attendeesOmitted": True} if omit else {})}


def _attendee(attendee: Attendee, event: Event, calendar: Calendar) -> dict[str, Any]:
    entry: dict[str, Any] = {"email": attendee.email, "responseStatus": attendee.response}
    if attendee.name:
        entry["displayName"] = attendee.name
    if attendee.email == event.organizer:
        entry["organizer"] = True
    if attendee.email == calendar.id:
        entry["self"] = True
    if attendee.optional:
        entry["optional"] = True
    return entry


def _person(email: str, calendar: Calendar) -> dict[str, Any]:
    if email != calendar.id:
        return {"email": email}
    return {"email": email, **({} if calendar.primary else {"displayName": calendar.summary}), "self": True}


def _when(when: When, zone: str, shown_in: tzinfo) -> dict[str, str]:
    if not isinstance(when, datetime):
        return {"date": when.isoformat()}
    return {"dateTime": local(when, shown_in), "timeZone": zone}


def local(at: datetime, zone: tzinfo) -> str:
    """RFC 3339 in a zone, to the second; UTC is written Z."""
    return at.astimezone(zone).isoformat(timespec="seconds").replace("+00:00", "Z")


def written(at: datetime) -> str:
    """RFC 3339 in UTC, to the millisecond."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def etag(changed: int) -> str:
    return f'"{3_500_000_000_000_000 + changed}"'


# --- a write's body ---------------------------------------------------------------------------------------


def asked_fields(body: Mapping[str, Any], calendar: Calendar, *, labels: bool) -> dict[str, Any]:
    """The fields of an Event this body asks for, and `private`; read-only and unknown names are ignored.

    Takes    labels: the request said eventLabelVersion=1
    Raises   Refusal, in Google's words
    """
    start, zone = _time(body, "start", calendar)
    end, _ = _time(body, "end", calendar)
    if isinstance(start, datetime) != isinstance(end, datetime):
        raise invalid("Start and end times must either both be date or both be dateTime.")
    if end < start or (end == start and not isinstance(start, datetime)):
        raise Refusal(400, "timeRangeEmpty", "The specified time range is empty.", domain="calendar")
    recurrence = _recurrence(body, start, zone)
    unwanted = "colorId" if labels else "eventLabelId"
    more = {name: body[name] for name in MORE if body.get(name) is not None and name != unwanted}
    properties, attendees = body.get("extendedProperties") or {}, body.get("attendees") or []
    if not isinstance(properties, dict) or not isinstance(attendees, list):
        raise bad_request()
    if properties.get("shared"):
        more["extendedProperties"] = {"shared": _texts(properties["shared"])}
    return {
        "summary": str(body.get("summary") or ""),
        "start": start,
        "end": end,
        "zone": zone,
        "recurrence": recurrence,
        "attendees": tuple(_invited(each) for each in attendees),
        "status": _one_of(body, "status", get_args(Status), "confirmed"),
        "visibility": _one_of(body, "visibility", get_args(Visibility), "default"),
        "transparency": _one_of(body, "transparency", get_args(Transparency), "opaque"),
        "event_type": _one_of(body, "eventType", get_args(EventType), "default"),
        "more": more,
        "private": _texts(properties.get("private") or {}),
    }


def merged(current: Mapping[str, Any], patch: Mapping[str, Any]) -> dict[str, Any]:
    """What a patch means: objects are merged, lists replaced, null takes away."""
    result = dict(current)
    for name, value in patch.items():
        if value is None:
            result.pop(name, None)
        elif isinstance(value, dict) and isinstance(result.get(name), dict):
            result[name] = merged(result[name], value)
        else:
            result[name] = value
    return result


def _time(body: Mapping[str, Any], name: str, calendar: Calendar) -> tuple[When, str]:
    given = body.get(name)
    if not isinstance(given, dict) or not (given.get("date") or given.get("dateTime")):
        raise required(f"{name} time")
    if given.get("date") and given.get("dateTime"):
        raise invalid(f"Invalid {name} time.")
    zone = given.get("timeZone") or calendar.zone
    try:
        there = zone_named(zone)
        if given.get("date"):
            return date.fromisoformat(given["date"]), zone
        text = given["dateTime"]
        if LOCAL.fullmatch(text):
            if not given.get("timeZone"):
                raise Refusal(400, "required", f"Missing time zone definition for {name} time.")
            return datetime.fromisoformat(text).replace(tzinfo=there).astimezone(UTC), zone
        return moment(text), zone
    except (ValueError, TypeError):
        raise invalid(f"Invalid {name} time.") from None


def _recurrence(body: Mapping[str, Any], start: When, zone: str) -> tuple[str, ...]:
    lines = tuple(body.get("recurrence") or ())
    if not lines:
        return ()
    if isinstance(start, datetime) and not body["start"].get("timeZone"):
        raise Refusal(400, "required", "Missing time zone definition for start time.")
    try:
        begins = datetime(start.year, start.month, start.day)  # noqa: DTZ001 - compared to wall times
        Schedule(start, zone_named(zone), lines).between(begins, begins + timedelta(days=1))
    except (ValueError, TypeError):
        raise invalid("Invalid recurrence rule.") from None
    return lines


def _invited(given: Any) -> Attendee:
    if not isinstance(given, dict) or "@" not in str(given.get("email", "")):
        raise required("attendee email")
    response = _one_of(given, "responseStatus", get_args(Reply), "needsAction")
    return Attendee(given["email"], response, bool(given.get("optional")), given.get("displayName") or "")


def _one_of(body: Mapping[str, Any], name: str, allowed: tuple[str, ...], default: str) -> Any:
    value = body.get(name) or default
    if value not in allowed:
        raise invalid(f"Invalid value for: {value} is not a valid value")
    return value


def _texts(given: Any) -> dict[str, str]:
    if not isinstance(given, dict) or not all(isinstance(each, str) for each in given.values()):
        raise invalid("Invalid extended properties.")
    return dict(given)
