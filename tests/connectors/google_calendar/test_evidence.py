"""One event in, one Activity or a named reason out: as tables, and over every recorded payload."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.contract import Account, Sighting, Terms
from connectors.google_calendar.evidence import TRACKS, Place, mask, read
from core.model import Activity
from tests.core.says import says

ADA = Account(contributor="ada", external="ada@northwind.example", zone="Europe/Berlin")
EVERYTHING = frozenset(TRACKS)
KEPT_FREE = {"autoDeclineMode": "declineNone"}


def place(tracked: frozenset[str] = EVERYTHING, private: Any = "busy", zone: str = "Europe/Berlin") -> Place:
    account = replace(ADA, zone=zone)
    return Place(account, "primary", Terms(tracked=tracked, private=private))


def event(**fields: Any) -> dict[str, Any]:
    """A call from 10 to 11 in Berlin; None takes a field away."""
    usual = {
        "id": "e1",
        "status": "confirmed",
        "eventType": "default",
        "summary": "ACME call",
        "start": {"dateTime": "2026-11-20T10:00:00+01:00", "timeZone": "Europe/Berlin"},
        "end": {"dateTime": "2026-11-20T11:00:00+01:00", "timeZone": "Europe/Berlin"},
        "updated": "2026-11-19T08:00:00.123Z",
        "organizer": {"self": True},
    }
    return {name: value for name, value in (usual | fields).items() if value is not None}


def activity(said: Any = None, where: Place | None = None, **fields: Any) -> Activity:
    """What an event says, where it says something."""
    (sighting,), left_out = read([event(**fields) if said is None else said], where or place())
    assert left_out == {}
    ((contributor, found),) = sighting.activities
    assert contributor == "ada"
    return found


def left_out(where: Place | None = None, **fields: Any) -> str:
    """The reason why an event says nothing."""
    (sighting,), reasons = read([event(**fields)], where or place())
    assert sighting == Sighting(origin="event/e1")
    (reason,) = reasons
    return reason


def timed(start: str, end: str, zone: str | None = None) -> dict[str, Any]:
    more = {"timeZone": zone} if zone else {}
    return {"start": {"dateTime": start, **more}, "end": {"dateTime": end, **more}}


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@says("| meeting | calendar event instance | start, end | time with definite edges |")
def test_a_meeting_says_when_what_and_how_sure() -> None:
    assert activity() == Activity(
        source="google_calendar",
        uid="event/e1",
        kind="meeting",
        start=utc("2026-11-20T09:00"),
        end=utc("2026-11-20T10:00"),
        title="ACME call",
        container="primary",
        response="organizer",
        updated=utc("2026-11-19T08:00:00.123"),
    )


# --- when it is


@pytest.mark.parametrize(
    ("start", "end", "zone", "hours"),
    [
        ("2026-11-20T09:00:00Z", "2026-11-20T10:00:00Z", None, 1),
        (
            "2026-11-20T01:00:00-08:00",
            "2026-11-20T10:00:00Z",
            "UTC",
            1,
        ),  # the offset is right, the zone is not
        ("2026-11-20T10:00:00", "2026-11-20T11:00:00", "Europe/Berlin", 1),
        ("2026-11-20T03:00:00", "2026-11-20T04:00:00", "America/Chicago", 1),
        ("2026-11-20T10:00:00.500+01:00", "2026-11-20T11:00:00.500+01:00", None, 1),
        ("2026-10-25T01:00:00+02:00", "2026-10-25T04:00:00+01:00", "Europe/Berlin", 4),
        ("2026-10-25T01:00:00", "2026-10-25T04:00:00", "Europe/Berlin", 4),
        ("2027-03-28T01:00:00", "2027-03-28T04:00:00", "Europe/Berlin", 2),
    ],
)
@says("Clock changes: durations are real elapsed minutes")
def test_a_time_is_an_instant_and_lasts_as_long_as_clocks_really_run(
    start: str, end: str, zone: str | None, hours: int
) -> None:
    found = activity(**timed(start, end, zone))
    assert found.start.tzinfo is UTC
    assert found.end is not None and found.end - found.start == timedelta(hours=hours)


@pytest.mark.parametrize(
    ("days", "zone", "start", "hours"),
    [
        (("2026-11-20", "2026-11-21"), "Europe/Berlin", "2026-11-19T23:00", 24),
        (("2026-11-20", "2026-11-21"), "America/New_York", "2026-11-20T05:00", 24),
        (("2026-10-25", "2026-10-26"), "Europe/Berlin", "2026-10-24T22:00", 25),
        (("2027-03-28", "2027-03-29"), "Europe/Berlin", "2027-03-27T23:00", 23),
        (("2026-11-16", "2026-11-21"), "Europe/Berlin", "2026-11-15T23:00", 120),
    ],
)
def test_all_day_is_the_contributor_s_day_whatever_its_length(
    days: tuple[str, str], zone: str, start: str, hours: int
) -> None:
    found = activity(where=place(zone=zone), start={"date": days[0]}, end={"date": days[1]})
    assert (found.kind, found.all_day, found.start) == ("meeting", True, utc(start))
    assert found.end is not None and found.end - found.start == timedelta(hours=hours)


@pytest.mark.parametrize(
    ("reason", "fields"),
    [
        ("no readable time", {"start": {}}),
        ("no readable time", {"start": {"dateTimes": "2026-11-20T10:00:00Z"}}),
        ("no readable time", {"start": "2026-11-20T10:00:00Z"}),
        ("no readable time", {"end": None}),
        ("no readable time", timed("tomorrow", "later")),
        ("no readable time", timed("0001-01-01T00:00:00+14:00", "0001-01-01T01:00:00+14:00")),
        ("no readable time", {"start": {"date": "2026-02-30"}}),
        ("no readable time", {"start": {"date": "2026-11-20T10:30:00-07:00"}}),
        ("unknown time zone", timed("2026-11-20T10:00:00", "2026-11-20T11:00:00", "Romance Standard Time")),
        ("unknown time zone", timed("2026-11-20T10:00:00", "2026-11-20T11:00:00", "../../etc/passwd")),
        ("unknown time zone", timed("2026-11-20T10:00:00", "2026-11-20T11:00:00")),
        ("malformed", timed("2026-11-20T11:00:00Z", "2026-11-20T10:00:00Z")),
        ("malformed", timed("2026-11-20T10:00:00Z", "2076-11-20T10:00:00Z")),
    ],
)
def test_a_time_that_is_none_is_left_out_by_name(reason: str, fields: dict[str, Any]) -> None:
    assert left_out(**fields) == reason


# --- what it is


@pytest.mark.parametrize(
    ("event_type", "kind"),
    [
        ("default", "meeting"),
        (None, "meeting"),
        ("somethingGoogleInventsTomorrow", "meeting"),
        (17, "meeting"),
        ("focusTime", "focus"),
        ("outOfOffice", "away"),
    ],
)
@says(
    "outOfOffice: away",
    "focusTime: focus",
    "| focus | calendar focus block | start, end |",
    "| away | out-of-office,",
)
def test_an_event_type_says_the_kind_and_an_unknown_one_survives(event_type: Any, kind: str) -> None:
    found = activity(eventType=event_type, focusTimeProperties=KEPT_FREE)
    assert (found.kind, found.start, found.end) == (kind, utc("2026-11-20T09:00"), utc("2026-11-20T10:00"))


@pytest.mark.parametrize("said", [None, "declineNone", 7])
def test_P5_a_timed_task_that_poses_as_focus_time_is_not_focus(said: Any) -> None:
    """At 22:30 it would open half an hour of capacity, which went to whatever is in progress."""
    assert left_out(eventType="focusTime", focusTimeProperties=said) == "timed task"


def test_a_recorded_timed_task_is_left_out_and_its_description_never_asked_for(shared: Path) -> None:
    file = shared / "corpus" / "google_calendar" / "doc__timed_task_shadow_focustime.json"
    (sighting,), reasons = read([json.loads(file.read_text("utf-8")) | {"id": "e1"}], place())
    assert (sighting.activities, reasons) == ((), {"timed task": 1})
    assert "description" not in mask(EVERYTHING)


@pytest.mark.parametrize(
    ("reason", "fields"),
    [
        ("working location", {"eventType": "workingLocation"}),
        ("birthday", {"eventType": "birthday"}),
        ("made from a mail", {"eventType": "fromGmail"}),
        ("free", {"transparency": "transparent"}),
    ],
)
@says('transparent ("free") and birthday / working-location / from-mail events: nothing by default')
def test_what_is_no_evidence_is_counted_under_its_name(reason: str, fields: dict[str, Any]) -> None:
    assert left_out(**fields) == reason


@pytest.mark.parametrize("event_type", ["focusTime", "outOfOffice"])
def test_P11_what_only_keeps_or_takes_capacity_has_no_words(event_type: str) -> None:
    words: dict[str, Any] = {"summary": "Hospital", "colorId": "4", "recurringEventId": "s1"}
    found = activity(eventType=event_type, focusTimeProperties=KEPT_FREE, **words)
    assert (found.title, found.labels, found.series) == (None, (), None)
    assert found.minutes is None and found.end is not None


def test_a_cancelled_event_says_nothing_and_is_no_loss() -> None:
    assert read([{"id": "e1", "status": "cancelled"}], place()) == ((Sighting(origin="event/e1"),), {})


@pytest.mark.parametrize("nothing", [None, "text", 7, [], {}, {"id": ""}, {"id": 5, "status": "cancelled"}])
def test_what_is_no_event_is_counted_and_the_rest_proceeds(nothing: Any) -> None:
    sightings, reasons = read([nothing, event()], place())
    assert (len(sightings), reasons) == (1, {"no id": 1})


def test_S12_a_giant_event_is_cut_or_counted() -> None:
    crowd = [{"email": f"p{n}@d{n}.example", "responseStatus": "accepted"} for n in range(10_000)]
    found = activity(summary="x" * 5_000_000, eventLabelId="l" * 5_000_000, attendees=crowd)
    assert len(found.title or "") == 1024
    assert all(len(label) <= 100 for label in found.labels) and len(found.domains) <= 50
    assert left_out_id("i" * 5_000) == "malformed"


def left_out_id(name: str) -> str:
    _, (reason,) = read([event(id=name)], place())
    return str(reason)


def test_S07_a_title_is_one_plain_line() -> None:
    assert activity(summary=" 10 min\r\nBcc: x\u202e \x00 done ").title == "10 min Bcc: x done"
    assert activity(summary="  ").title is None
    assert activity(summary=["no text"]).title is None


# --- whose it is


def attendee(response: str, **more: Any) -> dict[str, Any]:
    return {"responseStatus": response, **more}


@pytest.mark.parametrize(
    ("answer", "organizer", "attendees"),
    [
        ("organizer", {"self": True}, None),
        (None, None, None),
        (None, {"self": False}, []),
        ("accepted", {}, [attendee("accepted", self=True)]),
        ("declined", {}, [attendee("accepted"), attendee("declined", self=True)]),
        ("tentative", {}, [attendee("tentative", self=True)]),
        ("needs_action", {}, [attendee("needsAction", self=True)]),
        ("organizer", {"self": True}, [attendee("accepted", self=True)]),
        ("organizer", {"self": True}, [attendee("needsAction")]),  # the one guest, who is somebody else
        ("declined", {"self": True}, [attendee("declined", self=True)]),
        ("tentative", {"self": True}, [attendee("tentative", self=True)]),
        (None, {}, [attendee("accepted")]),
        (None, {}, [attendee("perhaps", self=True)]),
        (None, "text", ["text", attendee("accepted", self="true")]),
        (None, {}, {"self": True}),
    ],
)
def test_the_answer_is_the_contributor_s_own(answer: str | None, organizer: Any, attendees: Any) -> None:
    assert activity(organizer=organizer, attendees=attendees).response == answer


def test_guests_are_a_number_and_their_domains() -> None:
    guests = [
        attendee("accepted", self=True, email="ada@northwind.example"),
        attendee("accepted", email="Bob@ACME.example"),
        attendee("declined", email="eve@acme.example"),
        attendee("accepted", email="c_1@resource.calendar.google.com", resource=True),
        attendee("accepted", email="team@group.calendar.google.com"),
        attendee("accepted", email="no address"),
        attendee("accepted"),
    ]
    found = activity(attendees=guests)
    assert (found.audience, found.domains) == (6, ("acme.example",))
    assert "@" not in found.model_dump_json()
    omitted = activity(attendees=guests, attendeesOmitted=True)
    assert (omitted.audience, omitted.domains) == (None, ())


@pytest.mark.parametrize(
    ("fields", "labels"),
    [
        ({}, ()),
        ({"colorId": "11"}, ("tomato",)),
        ({"colorId": "12"}, ("colour 12",)),
        ({"colorId": "²"}, ("colour ²",)),
        ({"eventLabelId": "client-a"}, ("client-a",)),
        ({"eventLabelId": "client-a", "colorId": "1"}, ("client-a", "lavender")),
        ({"eventLabelId": 4, "colorId": 4}, ()),
    ],
)
def test_a_label_is_an_id_and_a_colour_the_name_people_see(
    fields: dict[str, Any], labels: tuple[str, ...]
) -> None:
    assert activity(**fields).labels == labels


@pytest.mark.parametrize(
    ("said", "series"),
    [
        (None, None),
        ("abc123", "abc123"),
        ("abc123_R20261120T090000", "abc123"),
        ("abc123_R20261120", "abc123"),
        ("abc_R2D2", "abc_R2D2"),
    ],
)
@says("series split: follow recurringEventId + originalStartTime")
def test_a_series_stays_the_same_when_it_is_split(said: str | None, series: str | None) -> None:
    assert activity(recurringEventId=said).series == series


# --- what the policy says


@pytest.mark.parametrize("visibility", ["private", "confidential", "secretOfTomorrow", 5])
@says("private or confidential: as the policy says: ignore, or busy")
def test_what_is_not_open_is_masked_or_ignored(visibility: Any) -> None:
    fields = {
        "visibility": visibility,
        "recurringEventId": "s1",
        "colorId": "3",
        "attendees": [attendee("accepted", self=True, email="a@b.example")],
    }
    found = activity(**fields)
    assert found.private
    assert (found.title, found.series, found.labels, found.audience, found.domains) == (
        None,
        None,
        (),
        None,
        (),
    )
    assert found.response == "organizer"
    assert left_out(place(private="ignore"), **fields) == "private"


@pytest.mark.parametrize("visibility", [None, "default", "public"])
def test_what_is_open_is_not_private(visibility: str | None) -> None:
    assert not activity(visibility=visibility).private


@pytest.mark.parametrize(
    ("word", "field", "empty"),
    [
        ("title", "title", None),
        ("response", "response", None),
        ("series", "series", None),
        ("labels", "labels", ()),
        ("guests domains", "domains", ()),
        ("guests domains", "audience", None),
    ],
)
def test_P11_what_is_not_tracked_is_dropped_though_google_sends_it(word: str, field: str, empty: Any) -> None:
    guests = [attendee("accepted", self=True, email="a@b.example"), attendee("accepted", email="c@d.example")]
    said = event(attendees=guests, colorId="1", recurringEventId="s1", description="no", location="no")
    whole = activity(said).model_dump()
    without = activity(said, where=place(EVERYTHING - {word})).model_dump()
    only = activity(said, where=place(frozenset({"time", word}))).model_dump()
    assert whole[field] == only[field] != empty == without[field]


def test_P11_every_word_asks_for_its_own_field_and_none_for_more() -> None:
    alone = set(mask({"time"}).split(","))
    for word in EVERYTHING - {"time"}:
        assert set(mask({"time", word}).split(",")) != alone, word
    assert mask(EVERYTHING) == (
        "kind,updated,nextPageToken,items(id,status,eventType,"
        "focusTimeProperties(autoDeclineMode),transparency,visibility,start,end,updated,"
        "summary,recurringEventId,eventLabelId,colorId,organizer(self),attendeesOmitted,"
        "attendees(self,responseStatus,email,resource))"
    )


# --- whatever comes

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=5,
)
names = st.sampled_from(
    "id status eventType summary start end updated transparency visibility organizer attendees "
    "recurringEventId eventLabelId colorId attendeesOmitted".split()
)


@given(st.dictionaries(names, anything), st.sampled_from(["busy", "ignore"]))
def test_no_payload_crashes_a_page(fields: dict[str, Any], private: str) -> None:
    sightings, reasons = read([event(**fields), event(id="e2")], place(private=private))
    assert len(sightings) + reasons.get("no id", 0) == 2
    assert "event/e2" in {sighting.origin for sighting in sightings if sighting.activities}


def recorded(value: Any) -> Iterator[dict[str, Any]]:
    """Every event object inside a recorded payload, whatever it is wrapped in."""
    if isinstance(value, dict):
        if value.get("kind") == "calendar#event" or {"start", "end", "summary"} <= value.keys():
            yield value
        for part in value.values():
            yield from recorded(part)
    elif isinstance(value, list):
        for part in value:
            yield from recorded(part)


@says("An Activity is one observation, already normalised by a connector")
def test_every_recorded_event_becomes_evidence_or_a_named_refusal(shared: Path) -> None:
    files = sorted((shared / "corpus" / "google_calendar").glob("*.json"))
    events = [one for file in files for one in recorded(json.loads(file.read_text("utf-8")))]
    sightings, reasons = read(events, place())
    kinds = Counter(found.kind for sighting in sightings for _, found in sighting.activities)
    assert kinds == {"meeting": 519, "away": 1}
    assert reasons == {"no id": 5, "no readable time": 2}
    assert len(events) == 527
