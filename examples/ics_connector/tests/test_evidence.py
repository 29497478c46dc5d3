"""What a calendar file says, event by event: each oddity of the format once."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from daybook_ics import occurrences
from daybook_ics.evidence import Place, read
from feeds import EVERYTHING, calendar

from connectors.contract import Account, Terms, Unavailable
from core.model import Activity

ADA = Account(contributor="ada", external="ada@northwind.example", zone="Europe/Berlin")
START, END = datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 11, 28, tzinfo=UTC)
CALL = "UID:call\nSUMMARY:ACME call\nDTSTART:20261120T090000Z\nDTEND:20261120T093000Z"
STAND_UP = """\
UID:stand-up
SUMMARY:Stand-up
DTSTART;TZID=Europe/Berlin:20261116T091500
DTEND;TZID=Europe/Berlin:20261116T093000
"""


def said(
    *events: str, head: str = "", tracked: frozenset[str] = EVERYTHING, private: Any = "busy"
) -> list[Activity]:
    return told(calendar(*events, head=head), tracked=tracked, private=private)[0]


def told(
    content: bytes, tracked: frozenset[str] = EVERYTHING, private: Any = "busy"
) -> tuple[list[Activity], dict[str, int]]:
    place = Place(ADA, "c", Terms(tracked=tracked, private=private))
    sightings, left_out = read(content, START, END, place)
    found = [activity for sighting in sightings for _, activity in sighting.activities]
    return sorted(found, key=lambda one: one.start), left_out


def one(*lines: str, **options: Any) -> Activity:
    (activity,) = said("\n".join((CALL, *lines)), **options)
    return activity


def left_out(*events: str, head: str = "") -> dict[str, int]:
    found, reasons = told(calendar(*events, head=head))
    assert found == []
    return reasons


def starts(*events: str, head: str = "") -> list[str]:
    return [f"{activity.start:%d %H:%M}" for activity in said(*events, head=head)]


# --- one event


def test_an_event_is_a_meeting_with_a_time_and_a_title() -> None:
    call = one()
    assert (call.source, call.kind, call.title, call.private) == ("ics", "meeting", "ACME call", False)
    assert (call.start, call.end) == (
        datetime(2026, 11, 20, 9, tzinfo=UTC),
        datetime(2026, 11, 20, 9, 30, tzinfo=UTC),
    )
    assert call.series is call.response is call.audience is call.container is None


def test_a_day_is_a_midnight_of_its_owner() -> None:
    (fair,) = said("UID:fair\nDTSTART;VALUE=DATE:20261117\nDTEND;VALUE=DATE:20261119")
    assert fair.all_day
    assert (fair.start, fair.end) == (
        datetime(2026, 11, 16, 23, tzinfo=UTC),
        datetime(2026, 11, 18, 23, tzinfo=UTC),
    )


@pytest.mark.parametrize(
    ("head", "start", "expected"),
    [
        ("", "DTSTART:20261120T090000Z", "20 09:00"),
        ("", "DTSTART:20261120T090000", "20 08:00"),  # no zone at all: the owner's
        ("", "DTSTART;TZID=Europe/Lisbon:20261120T090000", "20 09:00"),
        ("", "DTSTART;TZID=Romance Standard Time:20261120T090000", "20 08:00"),  # Outlook
        (
            "",
            "DTSTART;TZID=/freeassociation.sourceforge.net/Asia/Tokyo:20261120T090000",
            "20 00:00",
        ),  # Evolution
        ("X-WR-TIMEZONE:Europe/Lisbon", "DTSTART:20261120T090000", "20 09:00"),  # Google
        ("X-WR-TIMEZONE:Europe/Lisbon", "DTSTART:20261120T090000Z", "20 09:00"),
        ("X-WR-TIMEZONE:Middle Earth", "DTSTART:20261120T090000Z", "20 09:00"),
    ],
)
def test_a_time_is_meant_in_the_zone_it_names(head: str, start: str, expected: str) -> None:
    assert starts(f"UID:z\n{start}\nDURATION:PT1H", head=head) == [expected]


@pytest.mark.parametrize("head", ["", "X-WR-TIMEZONE:Europe/Lisbon"])
def test_a_zone_nobody_knows_is_not_guessed(head: str) -> None:
    assert left_out("UID:z\nDTSTART;TZID=Middle Earth:20261120T090000", head=head) == {"unknown time zone": 1}


def test_a_zone_of_the_file_itself_is_taken_at_its_word() -> None:
    zone = """\
        BEGIN:VTIMEZONE
        TZID:Office
        BEGIN:STANDARD
        DTSTART:19700101T000000
        TZOFFSETFROM:+0530
        TZOFFSETTO:+0530
        END:STANDARD
        END:VTIMEZONE
    """
    assert starts("UID:z\nDTSTART;TZID=Office:20261120T090000\nDURATION:PT1H", head=zone) == ["20 03:30"]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("STATUS:CANCELLED", "cancelled"),
        ("TRANSP:TRANSPARENT", "free"),
        ("X-MICROSOFT-CDO-BUSYSTATUS:FREE", "free"),
        ("X-MICROSOFT-CDO-BUSYSTATUS:WORKINGELSEWHERE", "working location"),
    ],
)
def test_what_takes_no_time_is_left_out_and_counted(line: str, reason: str) -> None:
    assert left_out(f"{CALL}\n{line}") == {reason: 1}


def test_out_of_office_is_time_away_without_a_name() -> None:
    away = one("X-MICROSOFT-CDO-BUSYSTATUS:OOF")
    assert (away.kind, away.title) == ("away", None)


@pytest.mark.parametrize("word", ["PRIVATE", "CONFIDENTIAL", "X-SECRET", "private"])
def test_P11_of_a_private_event_only_the_time_is_kept(word: str) -> None:
    call = one(f"CLASS:{word}", "CATEGORIES:Doctor", "ATTENDEE:mailto:doctor@clinic.example")
    assert call.private
    assert (call.title, call.labels, call.audience, call.domains) == (None, (), None, ())


def test_P11_a_policy_may_leave_private_events_out() -> None:
    assert said(f"{CALL}\nCLASS:PRIVATE", private="ignore") == []


@pytest.mark.parametrize(
    ("lines", "response"),
    [
        ((), None),
        (("ATTENDEE;PARTSTAT=ACCEPTED:mailto:ben@northwind.example",), None),
        (("ATTENDEE;PARTSTAT=ACCEPTED:mailto:Ada@Northwind.example",), "accepted"),
        (("ATTENDEE;PARTSTAT=DECLINED:MAILTO:ada@northwind.example",), "declined"),
        (("ATTENDEE;PARTSTAT=DELEGATED:mailto:ada@northwind.example",), "declined"),
        (("ATTENDEE;PARTSTAT=TENTATIVE:mailto:ada@northwind.example",), "tentative"),
        (("ATTENDEE;PARTSTAT=NEEDS-ACTION:mailto:ada@northwind.example",), "needs_action"),
        (("ORGANIZER:mailto:ada@northwind.example",), "organizer"),
        (
            (
                "ORGANIZER:mailto:ada@northwind.example",
                "ATTENDEE;PARTSTAT=DECLINED:mailto:ada@northwind.example",
            ),
            "declined",
        ),
    ],
)
def test_the_answer_is_its_owners_own(lines: tuple[str, ...], response: str | None) -> None:
    assert one(*lines).response == response


def test_of_guests_their_number_and_their_domains_are_known_never_who() -> None:
    call = one(
        "ATTENDEE:mailto:ada@northwind.example",
        "ATTENDEE;CN=Cleo:mailto:cleo@acme.example",
        "ATTENDEE;CUTYPE=ROOM:mailto:room-1@northwind.example",
    )
    assert (call.audience, call.domains) == (2, ("acme.example",))
    assert "cleo" not in call.model_dump_json().lower()


def test_categories_are_labels_and_the_calendars_name_is_where_it_stands() -> None:
    call = one("CATEGORIES:ACME,Support", "CATEGORIES:ACME", head="X-WR-CALNAME:Client work")
    assert (call.labels, call.container) == (("ACME", "Support"), "Client work")


def test_P11_what_the_policy_does_not_track_does_not_leave_the_translator() -> None:
    call = one(
        "CATEGORIES:ACME",
        "DESCRIPTION:secret",
        "LOCATION:secret",
        "ATTENDEE;PARTSTAT=ACCEPTED:mailto:ada@northwind.example",
        "RRULE:FREQ=DAILY;COUNT=1",
        head="X-WR-CALNAME:Client work",
        tracked=frozenset({"time"}),
    )
    kept = call.model_dump(exclude_defaults=True)
    assert kept.keys() == {"source", "uid", "kind", "start", "end"}
    assert "secret" not in one("DESCRIPTION:secret", "LOCATION:secret").model_dump_json()


def test_an_alarm_says_nothing_even_where_it_is_broken() -> None:
    assert one("BEGIN:VALARM\nTRIGGER:never\nDURATION:PT-2H\nEND:VALARM").title == "ACME call"


def test_a_title_is_one_plain_line() -> None:
    (call,) = said(CALL.replace("ACME call", "ACME\\n\u202eca\x00ll " + "x" * 5000))
    assert call.title is not None and call.title.startswith("ACME ca")
    assert len(call.title) <= 1024 and "\u202e" not in call.title and "\n" not in call.title


# --- series


def test_a_series_is_spread_over_the_window_and_its_exceptions_are_kept() -> None:
    assert starts(
        f"{STAND_UP}RRULE:FREQ=WEEKLY;BYDAY=MO,WE;COUNT=5\nEXDATE;TZID=Europe/Berlin:20261118T091500\n"
        "RDATE;TZID=Europe/Berlin:20261119T140000"
    ) == ["16 08:15", "19 13:00", "23 08:15", "25 08:15"]


def test_one_that_was_moved_stands_where_it_is_now_and_keeps_its_identity() -> None:
    rule = f"{STAND_UP}RRULE:FREQ=DAILY;COUNT=3"
    moved = (
        STAND_UP.replace(":20261116T09", ":20261117T16") + "RECURRENCE-ID;TZID=Europe/Berlin:20261117T091500"
    )
    before, after = said(rule), said(rule, moved)
    assert [f"{one.start:%d %H:%M}" for one in after] == ["16 08:15", "17 15:15", "18 08:15"]
    assert [one.uid for one in after] == [one.uid for one in before]
    assert {one.series for one in after} == {before[0].series} != {None}


def test_one_that_was_called_off_is_left_out() -> None:
    off = f"{STAND_UP}RECURRENCE-ID;TZID=Europe/Berlin:20261116T091500\nSTATUS:CANCELLED"
    assert starts(f"{STAND_UP}RRULE:FREQ=DAILY;COUNT=2", off) == ["17 08:15"]


def test_this_and_following_are_each_their_own() -> None:
    later = STAND_UP.replace(":20261116T09", ":20261117T16")
    later += "RECURRENCE-ID;TZID=Europe/Berlin;RANGE=THISANDFUTURE:20261117T091500"
    found = said(f"{STAND_UP}RRULE:FREQ=DAILY;COUNT=3", later)
    assert [f"{one.start:%d %H:%M}" for one in found] == ["16 08:15", "17 15:15", "18 15:15"]
    assert len({one.uid for one in found}) == 3


def test_fifty_years_of_a_series_cost_no_more_than_the_window() -> None:
    assert len(said("UID:old\nDTSTART:19760101T120000Z\nDURATION:PT15M\nRRULE:FREQ=DAILY")) == 27


def test_a_series_keeps_its_hour_when_the_clocks_change() -> None:
    summer = "UID:s\nDTSTART;TZID=Europe/Berlin:20261023T090000\nDURATION:PT1H\nRRULE:FREQ=WEEKLY"
    assert starts(summer)[0] == "06 08:00"


@pytest.mark.parametrize("bound", ["MOST_SECONDS", "MOST_OCCURRENCES", "MOST_BYTES"])
def test_a_calendar_that_takes_too_much_is_loud(monkeypatch: pytest.MonkeyPatch, bound: str) -> None:
    monkeypatch.setattr(occurrences, bound, 0)
    with pytest.raises(Unavailable):
        said(CALL)


@pytest.mark.parametrize(
    ("rule", "reason"),
    [
        ("RRULE:FREQ=DAILY;INTERVAL=0", "malformed"),  # the libraries would count for ever
        ("RRULE:FREQ=SECONDLY", "more often than daily"),
        ("RRULE:FREQ=DAILY;BYHOUR=9,10,11", "more often than daily"),
        ("RRULE:FREQ=NEVER", "malformed"),
        ("RRULE:whenever", "malformed"),
        ("EXDATE:tomorrow", "malformed"),
    ],
)
def test_a_rule_nobody_can_follow_is_left_out_and_counted(rule: str, reason: str) -> None:
    assert left_out(f"{CALL}\n{rule}") == {reason: 1}


# --- broken files


@pytest.mark.parametrize(
    ("event", "reason"),
    [
        ("UID:x\nSUMMARY:timeless", "no readable time"),
        ("UID:x\nDTSTART:soon", "malformed"),
        ("UID:x\nDTSTART:00010101T000000Z\nRRULE:FREQ=DAILY", "malformed"),
        ("UID:x\nDTSTART:20261120T090000Z\nDTSTART:20261120T100000Z", "no readable time"),
        ("UID:x\nDTSTART:20261101T000000Z\nDURATION:P9999D", "malformed"),
    ],
)
def test_one_odd_event_costs_no_other(event: str, reason: str) -> None:
    found, reasons = told(calendar(event, CALL))
    assert [activity.title for activity in found] == ["ACME call"]
    assert reasons == {reason: 1}


def test_a_broken_line_that_says_nothing_of_when_costs_that_line_only() -> None:
    broken = ("SEQUENCE:many", "this is no line at all", "LAST-MODIFIED:yesterday")
    assert one(*broken).title == "ACME call"
    assert one(*broken, head="X-WR-TIMEZONE:Europe/Lisbon").title == "ACME call"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<!doctype html><title>Sign in</title>",
        calendar(CALL)[:-40],
        b"BEGIN:VCALENDAR\r\n\xff\xfe\x00\r\nEND:VCALENDAR",
    ],
    ids=["nothing", "a login page", "half", "no text"],
)
def test_P10_what_is_no_whole_calendar_is_loud(content: bytes) -> None:
    with pytest.raises(Unavailable) as caught:
        told(content)
    assert "ACME" not in str(caught.value)


def test_a_file_in_utf_16_is_read_like_any_other() -> None:
    assert [call.title for call in told(calendar(CALL).decode().encode("utf-16"))[0]] == ["ACME call"]


def test_a_calendar_that_only_calls_something_off_says_nothing() -> None:
    assert said(CALL, head="METHOD:CANCEL") == []


def test_events_without_an_id_are_told_apart_by_time_and_title() -> None:
    lines = CALL.replace("UID:call\n", "")
    assert len(said(lines, lines.replace("ACME", "BETA"), lines)) == 2


def test_the_same_event_twice_counts_once() -> None:
    assert len(said(CALL, CALL)) == 1
