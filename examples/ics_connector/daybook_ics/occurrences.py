"""What a calendar file says happens in a window: series spread out, moved and cancelled ones in their place.

The rules of RFC 5545 are those of icalendar and recurring-ical-events. What is
added here is suspicion: a file is written by any program, and one odd event
must cost neither the others nor the afternoon. Each series is read by itself; one
that cannot be read is counted under a constant reason.
"""

from __future__ import annotations

import codecs
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from time import thread_time
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import recurring_ical_events
import x_wr_timezone
from icalendar import Calendar, Component

from connectors.contract import Unavailable

MOST_BYTES = 20_000_000
MOST_OCCURRENCES = 20_000
"""Of one calendar in one window. More is no person's calendar."""
MOST_SECONDS = 30.0
"""Of work on one calendar. A rule that never comes true is followed to the year 9999, which takes three."""
EARLIEST = 1900
"""Of a series: from the year 1 on, counting its days takes seconds."""

UNREAD = re.compile(
    rb"^BEGIN:(VALARM|VTODO|VJOURNAL|VFREEBUSY)[ \t]*\r?\n.*?^END:\1[ \t]*(\r?\n|\Z)", re.M | re.S | re.I
)
"""Parts that are no evidence: gone before anything looks at them."""
DECIDING = frozenset({"DTSTART", "DTEND", "DURATION", "RRULE", "RDATE", "EXDATE", "RECURRENCE-ID"})
"""What says when something is. A broken line anywhere else costs that line only."""
RHYTHMS = ("DAILY", "WEEKLY", "MONTHLY", "YEARLY")
BY_THE_CLOCK = ("BYHOUR", "BYMINUTE", "BYSECOND")
A_DAY = timedelta(days=1)


class LeftOut(Exception):
    """Something that is no evidence; the reason is constant and says nothing about it."""


class Occurrence(NamedTuple):
    """One event at one time."""

    name: str
    """Its UID and, in a series, the time its rule gave it: kept when it is moved."""
    series: str | None
    start: datetime
    """In UTC."""
    end: datetime
    all_day: bool
    event: Component


class Found(NamedTuple):
    """What a file says."""

    name: str
    """What its owner calls the calendar."""
    occurrences: list[Occurrence]
    left_out: dict[str, int]
    """Reason -> how many series."""


def spread(content: bytes, start: datetime, end: datetime, zone: ZoneInfo) -> Found:
    """Every occurrence of a calendar that touches a window.

    Takes    zone: where a time without zone is meant, and a date begins
    Raises   Unavailable where it is no calendar, or not a whole one
    """
    occurrences: dict[str, Occurrence] = {}
    left_out: Counter[str] = Counter()
    name, began = "", thread_time()
    for calendar in _parsed(content):
        name = name or str(calendar.get("X-WR-CALNAME", ""))
        for uid, events in _by_uid(_in_its_zone(_mended(calendar, left_out))).items():
            try:
                for one in _series(uid, events, start, end, zone):
                    occurrences[one.name] = one
            except LeftOut as reason:
                left_out[str(reason)] += 1
            if thread_time() - began > MOST_SECONDS:
                raise _doubtful("takes too long to read")
            if len(occurrences) > MOST_OCCURRENCES:
                raise _doubtful(f"holds more than {MOST_OCCURRENCES} events at once")
    return Found(name, list(occurrences.values()), dict(left_out))


# --- the file ----------------------------------------------------------------------------------------------


def _parsed(content: bytes) -> Iterator[Calendar]:
    """The calendars in a file: one, seldom several.

    Raises   Unavailable
    """
    if len(content) > MOST_BYTES:
        raise _doubtful(f"is larger than {MOST_BYTES // 1_000_000} MB")
    text = _utf8(content).strip()
    # half a file parses as well as a whole one, and would make the other half vanish
    if not (text[:15].upper() == b"BEGIN:VCALENDAR" and text[-13:].upper() == b"END:VCALENDAR"):
        raise _doubtful("is no calendar, or only half of one")
    try:
        parsed = Calendar.from_ical(UNREAD.sub(b"", text), multiple=True)
    except Exception as error:  # the library fails in many ways, and quotes the line
        raise _doubtful("cannot be read") from error if isinstance(error, MemoryError) else None
    for calendar in parsed:
        if calendar.name != "VCALENDAR":  # an end too many has closed the calendar around it
            raise _doubtful("is no calendar, or only half of one")
        if calendar.get("METHOD") != "CANCEL":  # a mail that calls something off, not a calendar
            yield calendar


def _utf8(content: bytes) -> bytes:
    """Outlook writes UTF-16 when asked nicely."""
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return content.decode("utf-16", "replace").encode()
    return content.removeprefix(codecs.BOM_UTF8)


def _in_its_zone(calendar: Calendar) -> Calendar:
    """With what X-WR-TIMEZONE means written out, which Google says instead of a zone at each event."""
    try:
        written_out: Calendar = x_wr_timezone.to_standard(calendar)
    except Exception:  # a zone nobody knows: each event's own words stand
        calendar.pop("X-WR-TIMEZONE", None)
        return calendar
    return written_out


def _by_uid(calendar: Calendar) -> Mapping[str, list[Component]]:
    """The events of each series together: its rule and what departs from it."""
    found: dict[str, list[Component]] = {}
    for event in calendar.walk("VEVENT"):
        found.setdefault(_name(event), []).append(event)
    return found


def _name(event: Component) -> str:
    """Its UID; of one without, which RFC 5545 forbids and many write, what else tells it from others."""
    uid = event.get("UID")
    if isinstance(uid, str) and uid.strip():
        return uid.strip()
    return f"{getattr(event.get('DTSTART'), 'dt', '')} {event.get('SUMMARY', '')}"


def _mended(calendar: Calendar, left_out: Counter[str]) -> Calendar:
    """Without broken lines, and without events of which they say when they are."""
    sound = []
    for part in calendar.subcomponents:
        try:
            for inner in (part, *part.walk("VEVENT")):  # one event inside another is read too
                _mend(inner)
            sound.append(part)
        except LeftOut as reason:
            left_out[str(reason)] += 1
    calendar.subcomponents = sound
    return calendar


def _mend(event: Component) -> None:
    """Raises LeftOut."""
    for name, _ in event.errors:
        if name in DECIDING:
            raise LeftOut("malformed")
        if name is not None:
            event.pop(name, None)
    for name in ("DTSTART", "DTEND", "RECURRENCE-ID"):
        said = event.get(name)
        when = getattr(said, "dt", None)
        # the library takes a zone it does not know for none at all
        if isinstance(when, datetime) and when.tzinfo is None and "TZID" in said.params:
            raise LeftOut("unknown time zone")


# --- a series ----------------------------------------------------------------------------------------------


def _series(
    uid: str, events: list[Component], start: datetime, end: datetime, zone: ZoneInfo
) -> Iterator[Occurrence]:
    """One event, or each repetition of it that touches the window.

    Raises   LeftOut
    """
    repeats = any(name in event for event in events for name in ("RRULE", "RDATE", "RECURRENCE-ID"))
    alone = Calendar()
    alone.subcomponents = list(events)
    try:
        for event in events:
            _bearable(event)
        # a time without zone may stand a day beside the one that is meant
        found = recurring_ical_events.of(alone).between(start - A_DAY, end + A_DAY)
        spread_out = [_occurrence(uid, event, zone, repeats=repeats) for event in found]
    except LeftOut:
        raise
    except Exception:  # over odd input these libraries fail in a dozen ways; any of them costs this series
        raise LeftOut("malformed") from None
    for one in spread_out:
        if one.start < end and (one.end > start or one.start >= start):
            yield one


def _bearable(event: Component) -> None:
    """Refuse what would be counted out for minutes, or for ever.

    Raises   LeftOut
    """
    if _day(event.get("DTSTART")).year < EARLIEST:
        raise LeftOut("malformed")
    for rule in _each(event.get("RRULE")):
        if any(int(step) < 1 for step in rule.get("INTERVAL", ())):
            raise LeftOut("malformed")
        rhythm = rule.get("FREQ")
        if not rhythm:
            raise LeftOut("malformed")
        if rhythm[0] not in RHYTHMS or any(len(rule.get(part, ())) > 1 for part in BY_THE_CLOCK):
            raise LeftOut("more often than daily")


def _each(said: Any) -> Iterable[Any]:
    return said if isinstance(said, list) else () if said is None else (said,)


def _day(said: Any) -> date:
    """Raises LeftOut: two starts, a time of day without a day, none at all."""
    when = getattr(said, "dt", None)
    if not isinstance(when, date):
        raise LeftOut("no readable time")
    return when


def _occurrence(uid: str, event: Component, zone: ZoneInfo, *, repeats: bool) -> Occurrence:
    begins, ends = _day(event.get("DTSTART")), _day(event.get("DTEND"))
    start = instant(begins, zone)
    name = uid
    if repeats:
        # "this and all that follow" has one id for all of them
        moved = event.get("RECURRENCE-ID")
        own = begins if moved is None or "RANGE" in moved.params else moved.dt
        name = f"{uid}/{instant(own, zone):%Y%m%dT%H%M%SZ}"
    all_day = not isinstance(begins, datetime)
    return Occurrence(name, uid if repeats else None, start, instant(ends, zone), all_day, event)


def instant(when: date, zone: ZoneInfo) -> datetime:
    """In UTC; a date is the midnight with which it begins."""
    if not isinstance(when, datetime):
        when = datetime.combine(when, time(), zone)
    return (when if when.tzinfo else when.replace(tzinfo=zone)).astimezone(UTC)


def _doubtful(what: str) -> Unavailable:
    return Unavailable(f"A calendar {what}. Nothing changed; the next round tries again.")
