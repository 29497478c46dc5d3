"""Calendars that real programs wrote: none is misread, none breaks us, the unreadable ones say so."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import recurring_ical_events
from daybook_ics.evidence import TRACKS, Place, read
from daybook_ics.occurrences import UNREAD, instant, spread
from icalendar import Calendar

from connectors.contract import Account, Terms, Unavailable

BERLIN = ZoneInfo("Europe/Berlin")
UNREADABLE = {
    "ical4j__blankTzid.ics",  # a time zone without a name
    "libical__caltime.ics",  # found by a fuzzer
    "libical__issue253.ics",  # found by a fuzzer
    "magicmirror__chicago-nyedge.ics",  # an event without a calendar around it
    "magicmirror__exdate_la_at_midnight_dst.ics",
    "magicmirror__rrule_until.ics",
    "nodeical__test_with_multiple_tzids_in_vtimezone.ics",  # a time zone with two names
}
"""Files that are no whole calendar, or whose zones nobody can read."""


Window = tuple[datetime, datetime]


@pytest.fixture(scope="module")
def files(corpus: Path) -> list[tuple[str, bytes, Window]]:
    """Name, content and three years of which it has something to say."""
    return [
        (path.name, content := path.read_bytes(), _window(content)) for path in sorted(corpus.glob("*.ics"))
    ]


def test_P10_all_are_read_but_those_that_are_no_calendar(files: list[tuple[str, bytes, Window]]) -> None:
    """And whatever is said holds together: each thing once, no private title."""
    loud = set()
    place = Place(
        Account(contributor="ada", external="person-01@example.test", zone="Europe/Berlin"),
        "c",
        Terms(tracked=frozenset(TRACKS)),
    )
    for name, content, window in files:
        try:
            sightings, _ = read(content, *window, place)
        except Unavailable:
            loud.add(name)
            continue
        said = [activity for sighting in sightings for _, activity in sighting.activities]
        assert len({activity.uid for activity in said}) == len(said), name
        assert not [one for one in said if one.private and one.title], name
    assert loud == UNREADABLE


def test_what_the_library_finds_in_a_flawless_file_we_find(files: list[tuple[str, bytes, Window]]) -> None:
    compared = 0
    for name, content, window in files:
        expected = _by_the_library_alone(content, *window)
        if expected is None or name in UNREADABLE:
            continue
        found = spread(content, *window, BERLIN)
        if not found.left_out:
            compared += 1
            assert {(one.start, one.end) for one in found.occurrences} == expected, name
    assert compared > 100


def _window(content: bytes) -> Window:
    latest = max(map(int, re.findall(rb"DTSTART[^:]*:((?:19|20)[0-9]{2})", content)), default=2026)
    return datetime(latest - 1, 1, 1, tzinfo=UTC), datetime(latest + 2, 1, 1, tzinfo=UTC)


def _by_the_library_alone(content: bytes, begins: datetime, ends: datetime) -> set[Window] | None:
    """None where it stumbles."""
    times = set()
    try:
        for calendar in Calendar.from_ical(UNREAD.sub(b"", content), multiple=True):
            if calendar.get("METHOD") == "CANCEL":
                continue
            slack = timedelta(days=1)
            for event in recurring_ical_events.of(calendar).between(begins - slack, ends + slack):
                start, end = (instant(event[name].dt, BERLIN) for name in ("DTSTART", "DTEND"))
                if start < ends and (end > begins or start >= begins):
                    times.add((start, end))
    except Exception:
        return None
    return times
