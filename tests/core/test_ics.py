"""A calendar file that another program reads as it was meant, whatever somebody's title says."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar

from core.ics import LONGEST_LINE, ics
from core.model import Entry

AT = datetime(2026, 11, 20, 12, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")


def entry(text: str, project: str | None = "acme") -> Entry:
    start = datetime(2026, 11, 19, 9, 30, tzinfo=BERLIN)
    day = date(2026, 11, 19)
    return Entry(
        id="e-1", revision=2, day=day, start=start, minutes=45, project=project, target="none", text=text
    )


def events(written: bytes) -> list[object]:
    return list(Calendar.from_ical(written).walk("VEVENT"))


def test_an_entry_is_a_private_event_that_takes_no_time():
    (event,) = events(ics([entry("ACME call")], {"acme": "ACME website"}, AT))
    assert event["SUMMARY"] == "ACME call"
    assert event["CATEGORIES"].cats == ["ACME website"]
    assert event["DTSTART"].dt == datetime(2026, 11, 19, 8, 30, tzinfo=UTC)
    assert event["DTEND"].dt - event["DTSTART"].dt == timedelta(minutes=45)
    assert (event["CLASS"], event["TRANSP"], event["SEQUENCE"]) == ("PRIVATE", "TRANSPARENT", 1)


def test_no_entries_are_an_empty_calendar():
    assert events(ics([], {}, AT)) == []


def test_without_a_title_the_project_says_what_it_was():
    (event,) = events(ics([entry("")], {"acme": "ACME website"}, AT))
    assert event["SUMMARY"] == "ACME website"


@given(st.text(max_size=200))
def test_S08_no_title_begins_a_line_of_its_own(title):
    """Neither an attachment nor a second event comes out of what somebody wrote into an invitation."""
    planted = f"{title}\r\nEND:VEVENT\r\nBEGIN:VEVENT\nATTACH:https://evil.example\n{title}"
    written = ics([entry(planted, project=None)], {}, AT)
    (event,) = events(written)
    assert "ATTACH" not in event
    assert all(len(line) <= LONGEST_LINE for line in written.split(b"\r\n"))
    printable = "".join(sign for sign in planted if sign.isprintable() or sign == "\n")
    assert str(event["SUMMARY"]) == printable.encode(errors="replace").decode()
