"""Odd payloads, made from sound ones: what authors of connectors get, and what it shows of ours."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from connectors.contract import Account, Terms
from connectors.google_calendar.evidence import TRACKS, Place, read
from daybook.testing import ODD, spoilt

EVENT: dict[str, Any] = {
    "id": "e1",
    "status": "confirmed",
    "eventType": "default",
    "summary": "ACME call",
    "start": {"dateTime": "2026-11-20T10:00:00+01:00"},
    "end": {"dateTime": "2026-11-20T11:00:00+01:00"},
    "updated": "2026-11-19T08:00:00.123Z",
    "organizer": {"self": True},
    "attendees": [{"email": "ada@northwind.example", "self": True, "responseStatus": "accepted"}],
    "recurringEventId": "s1_R20261101T090000",
    "visibility": "default",
    "transparency": "opaque",
    "eventLabelId": "l1",
    "colorId": "3",
}
ADA = Account(contributor="ada", external="ada@northwind.example", zone="Europe/Berlin")
PLACE = Place(ADA, "primary", Terms(tracked=frozenset(TRACKS)))


def same(one: Any, other: Any) -> bool:
    return one is other or (type(one) is type(other) and one == other)


def test_every_value_is_once_gone_and_once_each_kind_of_odd() -> None:
    payload = {"a": 1, "b": [{"c": "x"}]}
    before = copy.deepcopy(payload)
    found = list(spoilt(payload))
    assert payload == before
    places = 4  # a, b, b[0], c
    assert len(found) == len(ODD) * (places + 1) + places + 1  # the whole of it too; b[0] doubled
    assert {"b": [{"c": "x"}]} in found and {"a": 1, "b": [{}]} in found
    assert {"a": 1, "b": [{"c": "x"}, {"c": "x"}]} in found
    assert any(same(one, {"a": 1, "b": [{"c": None}]}) for one in found)


def test_an_odd_event_says_something_sound_or_nothing() -> None:
    for odd in spoilt(EVENT):
        _sound(odd)


@pytest.mark.parametrize(
    "name", ["gcalruby__events.json", "nango__get-event-instances.json", "oncall__out_of_office_event.json"]
)
def test_recorded_events_too(shared: Path, name: str) -> None:
    recorded = json.loads((shared / "corpus" / "google_calendar" / name).read_text("utf-8"))
    events = _events(recorded)[:2]
    assert events
    for event in events:
        for odd in spoilt(event):
            _sound(odd)


def _events(said: Any) -> list[Any]:
    """The events anywhere in a recording."""
    if isinstance(said, dict):
        if "start" in said and "id" in said:
            return [said]
        said = list(said.values())
    return [event for inner in said for event in _events(inner)] if isinstance(said, list) else []


def _sound(event: Any) -> None:
    sightings, left_out = read([event], PLACE)
    assert sightings or left_out
    for sighting in sightings:
        for _, activity in sighting.activities:
            title = activity.title or ""
            assert title.isprintable() and len(title) <= 1024
            assert activity.end is not None and activity.end >= activity.start
