"""Whatever a calendar holds: it is read, counted or refused, and never anything else."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from daybook_ics.evidence import Place, read
from feeds import EVERYTHING, calendar
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.contract import Account, Terms, Unavailable

ADA = Account(contributor="ada", external="ada@northwind.example", zone="Europe/Berlin")
WINDOW = datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 11, 28, tzinfo=UTC)

SPOILT = [
    "20261120",
    "00010101T000000Z",
    "99991231T235959Z",
    "20261120T250000",
    "20261120T",
    "",
    "soon",
    "090000",
]
RHYTHMS = ["DAILY", "WEEKLY", "MONTHLY", "YEARLY", "HOURLY", "SECONDLY", "SOMETIMES", ""]
PARTS = ["INTERVAL", "COUNT", "BYDAY", "BYHOUR", "BYMONTHDAY", "BYSETPOS", "UNTIL", "WKST", "X"]
near = st.datetimes(min_value=datetime(2026, 10, 1), max_value=datetime(2026, 12, 31))  # noqa: DTZ001 - written so
times = near.map("{:%Y%m%dT%H%M%S}".format) | st.sampled_from(SPOILT)
values = st.integers(-3, 400).map(str) | st.sampled_from(["MO", "1MO,-1FR", "20261125", "", ",,"]) | times
parts = st.lists(st.tuples(st.sampled_from(PARTS), values), max_size=3, unique_by=lambda part: part[0])
rules = st.builds(
    "FREQ={};{}".format, st.sampled_from(RHYTHMS), parts.map(lambda said: ";".join(map("=".join, said)))
)
texts = st.text(max_size=40).map(lambda text: text.replace("\n", "\\n").replace("\r", ""))
NAMES = "SUMMARY UID STATUS CLASS TRANSP CATEGORIES DURATION".split()
MOMENTS = "DTSTART DTEND RECURRENCE-ID EXDATE RDATE LAST-MODIFIED".split()
READINGS = ["", ";VALUE=DATE", ";TZID=Europe/Berlin", ";TZID=Middle Earth", ";VALUE=PERIOD"]
lines = st.one_of(
    st.builds("{}{}:{}".format, st.sampled_from(MOMENTS), st.sampled_from(READINGS), times),
    st.builds("RRULE:{}".format, rules),
    st.builds("{}:{}".format, st.sampled_from(NAMES), texts),
    st.builds("ATTENDEE;PARTSTAT={}:mailto:{}".format, texts, texts),
    texts,
)
events = st.lists(lines, max_size=8).map("\n".join)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(st.booleans(), events), max_size=4), texts)
def test_any_file_is_read_or_refused_and_what_is_read_lies_in_the_window(
    written: list[tuple[bool, str]], name: str
) -> None:
    start = "UID:x\nDTSTART:20261120T090000Z\n"
    content = calendar(
        *(f"{start if sound else ''}{event}" for sound, event in written), head=f"X-WR-CALNAME:{name}"
    )
    for activity in _read(content):
        assert activity.end > WINDOW[0] or activity.start >= WINDOW[0]
        assert activity.start < WINDOW[1]
        assert "\u202e" not in (activity.title or "") and len(activity.title or "") <= 1024


@pytest.mark.parametrize("moment", ["DTSTART:090000", "DTSTART;VALUE=UTC-OFFSET:+0100", "X-NO:x"])
def test_an_event_without_a_name_or_a_day_leaves_the_others_as_they_are(moment: str) -> None:
    content = calendar(
        f"SUMMARY:Odd\n{moment}", "UID:x\nSUMMARY:Call\nDTSTART:20261120T090000Z\nDURATION:PT1H"
    )
    assert [activity.title for activity in _read(content)] == ["Call"]


@given(st.binary(max_size=200), st.integers(0, 400), st.integers(0, 400))
def test_any_bytes_anywhere_are_read_or_refused(noise: bytes, begin: int, end: int) -> None:
    sound = calendar("UID:x\nSUMMARY:Call\nDTSTART:20261120T090000Z\nRRULE:FREQ=DAILY;COUNT=3")
    _read(sound[:begin] + noise + sound[end:])


def test_five_megabytes_of_title_and_ten_thousand_guests_are_one_short_meeting() -> None:
    guests = "\n".join(f"ATTENDEE:mailto:guest-{number}@acme.example" for number in range(10_000))
    event = f"UID:x\nDTSTART:20261120T090000Z\nDURATION:PT1H\nSUMMARY:{'x' * 5_000_000}\n{guests}"
    (activity,) = _read(calendar(event))
    assert len(activity.title) == 1024
    assert (activity.audience, activity.domains) == (None, ())


BROKEN = "UID:y\nDTSTART;VALUE=DATE:20263121"
INSIDE = calendar(f"UID:x\nDTSTART:20261120T090000Z\nBEGIN:VEVENT\n{BROKEN}\nEND:VEVENT")
ALONE = calendar(BROKEN, "UID:x", head="END:VEVENT").replace(b"END:VEVENT\r\nEND:VCAL", b"END:VCAL")
"""Its calendar ended before it began."""


@pytest.mark.parametrize("content", [INSIDE, ALONE])
def test_a_start_that_cannot_be_read_is_no_crash_wherever_its_event_stands(content: bytes) -> None:
    """Found by fuzzing: the library keeps a line that it cannot read, and raises when it is looked at."""
    assert _read(content) == []


def test_a_rule_that_is_a_date_costs_its_series_alone() -> None:
    """Found by fuzzing: the library reads a line as whatever kind it says it is."""
    odd = "UID:x\nDTSTART:20261120T090000Z\nRRULE;VALUE=DATE:20261127"
    (activity,) = _read(calendar(odd, "UID:y\nDTSTART:20261120T090000Z"))
    assert activity.kind == "meeting"


@pytest.mark.parametrize("when", ["00010101T000000", "99991231T235959"])
@pytest.mark.parametrize("zone", ["Pacific/Auckland", "America/Los_Angeles"])
def test_a_change_at_either_end_of_all_time_is_no_crash(when: str, zone: str) -> None:
    assert len(_read(calendar(f"UID:x\nDTSTART:20261120T090000Z\nLAST-MODIFIED;TZID={zone}:{when}"))) == 1


def test_every_language_is_a_title() -> None:
    titles = ["与 ACME 通话", "שיחה עם ACME", "مكالمة", "🧑‍💻 pair"]
    found = _read(calendar(*(f"UID:{title}\nSUMMARY:{title}\nDTSTART:20261120T090000Z" for title in titles)))
    assert {activity.title for activity in found} == set(titles)


def _read(content: bytes) -> list[Any]:
    try:
        sightings, _ = read(content, *WINDOW, Place(ADA, "c", Terms(tracked=EVERYTHING)))
    except Unavailable:
        return []
    return [activity for sighting in sightings for _, activity in sighting.activities]
