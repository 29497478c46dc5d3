"""What an event says about its contributor: one event in, one Activity or a named reason out.

Nothing here asks or decides. What the policy does not track is not asked for
(`mask`); what Google sends all the same, such as the title of a private event,
goes no further than this module.

A timed task of Google Tasks poses as focus time. Its description would tell, but
that we promise never to ask for: what we ask is how its calendar keeps the time
free, which is said of focus time alone.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from hashlib import blake2s
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import ValidationError

from connectors.contract import Account, Sighting, Terms
from connectors.google_calendar.settings import OWN
from connectors.text import plain
from core.model import Activity, Kind, Response

SOURCE = "google_calendar"

TRACKS: Mapping[str, str] = {
    "time": "When an event begins and ends; without it no calendar is read at all.",
    "title": "What an event is called. Never that of a private one.",
    "response": "Whether you organized, accepted or declined it; without it declined ones count.",
    "series": "Which recurring series it belongs to, so that a choice made once holds for the next.",
    "labels": "The label or colour you gave it.",
    "guests domains": "How many were invited and from which mail domains; never who.",
}

ASKED_TYPES = ("default", "focusTime", "outOfOffice")
LEFT_OUT_TYPES: Mapping[str, str] = {
    "workingLocation": "working location",
    "birthday": "birthday",
    "fromGmail": "made from a mail",
}
KINDS: Mapping[str, Kind] = {"focusTime": "focus", "outOfOffice": "away"}
"""Every other type, also one that Google invents tomorrow, is a meeting."""

OPEN = (None, "default", "public")
"""Visibilities that hide nothing; whatever else Google may say is taken for private."""

ANSWERS: Mapping[str, Response] = {
    "needsAction": "needs_action",
    "declined": "declined",
    "tentative": "tentative",
    "accepted": "accepted",
}

MOST_GUESTS = 200
"""Of a larger crowd Google leaves out the list, and it says little about a client."""
MOST_DOMAINS = 50
ROOMS = "calendar.google.com"
"""The domain of rooms, groups and other things that are invited."""

COLOURS = "lavender sage grape flamingo banana tangerine peacock graphite blueberry basil tomato".split()
"""As Google's page names colorId 1 to 11."""

SPLIT = re.compile(r"_R\d{8}(T\d{6}Z?)?$")
"""What "this and following events" adds to a series' id; without it both halves are the same series."""


@dataclass(frozen=True)
class Place:
    """Whose event it is, in which calendar, and what may be known of it."""

    account: Account
    calendar: str
    terms: Terms
    labels: Mapping[str, str] = field(default_factory=dict)
    """What labels are called, by id."""


class LeftOut(Exception):
    """An event that is no evidence; the reason is constant and says nothing about it."""


def mask(tracked: Collection[str]) -> str:
    """The `fields` of a listing: what the policy tracks, and what it takes to keep its promises."""
    return f"kind,updated,nextPageToken,items({','.join(asked_fields(tracked))})"


def asked_fields(tracked: Collection[str]) -> tuple[str, ...]:
    """What is asked of each event; nothing where its time is not tracked."""
    if "time" not in tracked:
        return ()
    attendee = ["self"]
    fields = ["id", "status", "eventType", "focusTimeProperties(autoDeclineMode)"]
    fields += ["transparency", "visibility", "start", "end", "updated"]
    if "title" in tracked:
        fields.append("summary")
    if "series" in tracked:
        fields.append("recurringEventId")
    if "labels" in tracked:
        fields += ["eventLabelId", "colorId"]
    if "response" in tracked:
        fields.append("organizer(self)")
        attendee.append("responseStatus")
    if "guests domains" in tracked:
        fields.append("attendeesOmitted")
        attendee += ["email", "resource"]
    if len(attendee) > 1:
        fields.append(f"attendees({','.join(attendee)})")
    return tuple(fields)


def most_attendees(tracked: Collection[str]) -> int:
    """How many attendees to ask for; with 1 Google names nobody but the contributor."""
    return MOST_GUESTS if "guests domains" in tracked else 1


def read(events: Iterable[Any], place: Place) -> tuple[tuple[Sighting, ...], dict[str, int]]:
    """What a page of events says, and why some of them say nothing.

    Gives    one sighting an event, empty where it is cancelled or left out; reason -> how many
    """
    sightings, left_out = [], Counter[str]()
    for event in events:
        try:
            name = origin(event, place.calendar)
        except LeftOut as reason:
            left_out[str(reason)] += 1
            continue
        try:
            found = activity(event, place)
        except LeftOut as reason:
            left_out[str(reason)] += 1
            found = None
        said = ((place.account.contributor, found),) if found else ()
        sightings.append(Sighting(origin=name, activities=said))
    return tuple(sightings), dict(left_out)


def origin(event: Any, calendar: str) -> str:
    """The identity of an event, which an instance of a series keeps when it is moved.

    Raises   LeftOut
    """
    name = _text(event, "id")
    if not name:
        raise LeftOut("no id")
    if calendar == OWN:
        return f"event/{name}"
    # the same event has the same id in every calendar it stands in
    return f"event/{blake2s(calendar.encode(), digest_size=4).hexdigest()}/{name}"


def activity(event: Mapping[str, Any], place: Place) -> Activity | None:
    """The evidence in one event; None where it is cancelled.

    Raises   LeftOut
    """
    if event.get("status") == "cancelled":
        return None
    event_type, tracked = _text(event, "eventType"), place.terms.tracked
    if event_type in LEFT_OUT_TYPES:
        raise LeftOut(LEFT_OUT_TYPES[event_type])
    if event_type == "focusTime" and not isinstance(event.get("focusTimeProperties"), dict):
        raise LeftOut("timed task")
    if event.get("transparency") == "transparent":
        raise LeftOut("free")
    private = event.get("visibility") not in OPEN
    if private and place.terms.private == "ignore":
        raise LeftOut("private")
    kind = KINDS.get(event_type, "meeting")
    zone = ZoneInfo(place.account.zone)
    try:
        return Activity(
            source=SOURCE,
            uid=origin(event, place.calendar),
            kind=kind,
            start=_instant(event.get("start"), zone),
            end=_instant(event.get("end"), zone),
            container=place.calendar,
            response=_response(event) if "response" in tracked else None,
            all_day=bool(_text(event.get("start"), "date")),
            private=private,
            updated=_updated(event),
            # what only takes or keeps capacity needs no name: "Out of office: hospital"
            **(_words(event, place) if kind == "meeting" and not private else {}),
        )
    except ValidationError:
        raise LeftOut("malformed") from None


def _words(event: Mapping[str, Any], place: Place) -> dict[str, Any]:
    """What an open meeting says beyond when it is."""
    tracked = place.terms.tracked
    words: dict[str, Any] = {}
    if "title" in tracked:
        words["title"] = plain(_text(event, "summary")) or None
    if "series" in tracked:
        words["series"] = SPLIT.sub("", _text(event, "recurringEventId")) or None
    if "labels" in tracked:
        words["labels"] = tuple(_labels(event, place.labels))
    if "guests domains" in tracked:
        words |= _guests(event)
    return words


def _instant(said: Any, zone: ZoneInfo) -> datetime:
    """A start or an end, in UTC; a date is the midnight with which it begins for the contributor.

    Raises   LeftOut
    """
    day, moment = _text(said, "date"), _text(said, "dateTime")
    try:
        if day:
            return datetime.combine(date.fromisoformat(day), time(), zone).astimezone(UTC)
        when = datetime.fromisoformat(moment)
        # the offset says when it is; timeZone is informational, and wrong on events of some other programs
        local = when if when.tzinfo else when.replace(tzinfo=_zone(_text(said, "timeZone")))
        return local.astimezone(UTC)
    except (ValueError, OverflowError):
        raise LeftOut("no readable time") from None


def _zone(name: str) -> ZoneInfo:
    """The zone of a time without offset. Raises LeftOut: Outlook's "Romance Standard Time" is none."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise LeftOut("unknown time zone") from None


def _response(event: Mapping[str, Any]) -> Response | None:
    """The contributor's own answer; None for an appointment nobody was asked to."""
    own = next((attendee for attendee in _attendees(event) if attendee.get("self") is True), None)
    answer = ANSWERS.get(_text(own, "responseStatus"))
    if answer in ("declined", "tentative"):  # whoever organized it may stay away as well
        return answer
    organizer = event.get("organizer")
    if isinstance(organizer, dict) and organizer.get("self") is True:
        return "organizer"
    return answer


def _guests(event: Mapping[str, Any]) -> dict[str, Any]:
    """How many people were invited and from where; nothing where Google left some out."""
    people = [each for each in _attendees(event) if each.get("resource") is not True]
    if event.get("attendeesOmitted") is True or not people:
        return {}
    others = (_text(each, "email") for each in people if each.get("self") is not True)
    domains = {plain(mail.rpartition("@")[2].lower(), 253) for mail in others if "@" in mail}
    named = sorted(domain for domain in domains if domain and not domain.endswith(ROOMS))
    return {"audience": len(people), "domains": tuple(named[:MOST_DOMAINS])}


def label_names(calendar: Mapping[str, Any]) -> dict[str, str]:
    """What the labels of a calendar are called, by id."""
    properties = calendar.get("labelProperties")
    labels = properties.get("eventLabels") if isinstance(properties, dict) else None
    return {
        name: plain(_text(each, "name"), 100)
        for each in (labels if isinstance(labels, list) else ())
        if (name := _text(each, "id"))
    }


def labelled(events: Iterable[Any]) -> set[str]:
    """The ids of the labels that stand on these events."""
    return {label for event in events if (label := _text(event, "eventLabelId"))}


def _labels(event: Mapping[str, Any], names: Mapping[str, str]) -> Iterable[str]:
    """Label and colour by the names people see; a label that has none by its id."""
    label = _text(event, "eventLabelId")
    if label := plain(names.get(label) or label, 100):
        yield label
    if colour := plain(_text(event, "colorId"), 20):
        known = colour.isascii() and colour.isdigit() and 1 <= int(colour) <= len(COLOURS)
        yield COLOURS[int(colour) - 1] if known else f"colour {colour}"


def _attendees(event: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    attendees = event.get("attendees")
    if not isinstance(attendees, list):
        return []
    return [each for each in islice(attendees, MOST_GUESTS + 1) if isinstance(each, dict)]


def _updated(event: Mapping[str, Any]) -> datetime | None:
    try:
        when = datetime.fromisoformat(_text(event, "updated"))
        return when.astimezone(UTC) if when.tzinfo else None
    except (ValueError, OverflowError):
        return None


def _text(of: Any, name: str) -> str:
    """A field that ought to be a text; "" where it, or what it should be part of, is something else."""
    value = of.get(name) if isinstance(of, dict) else None
    return value if isinstance(value, str) else ""
