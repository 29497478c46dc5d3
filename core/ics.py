"""Confirmed entries as a calendar file, for whichever calendar its owner keeps (RFC 5545)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta

from core.model import Entry

LONGEST_LINE = 75
"""Octets; longer ones are folded (3.1)."""
_ESCAPED = str.maketrans({"\\": "\\\\", ";": "\\;", ",": "\\,", "\n": "\\n", "\r": None})


def ics(entries: Iterable[Entry], projects: Mapping[str, str], at: datetime) -> bytes:
    """One event for each entry: private, and no time that is taken.

    Takes    projects: what people call them; at: when the file is made
    """
    events = [line for entry in entries for line in _event(entry, projects, at)]
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Daybook//Daybook//EN", *events, "END:VCALENDAR"]
    return b"".join(_folded(line) + b"\r\n" for line in lines)


def _event(entry: Entry, projects: Mapping[str, str], at: datetime) -> list[str]:
    project = projects.get(entry.project or "", entry.project or "")
    return [
        "BEGIN:VEVENT",
        f"UID:{_text(entry.id)}@daybook.invalid",
        f"SEQUENCE:{entry.revision - 1}",
        f"DTSTAMP:{_utc(at)}",
        f"DTSTART:{_utc(entry.start)}",
        f"DTEND:{_utc(entry.start.astimezone(UTC) + timedelta(minutes=entry.minutes))}",
        f"SUMMARY:{_text(entry.text or project)}",
        *([f"CATEGORIES:{_text(project)}"] if project else []),
        "CLASS:PRIVATE",
        "TRANSP:TRANSPARENT",
        "END:VEVENT",
    ]


def _utc(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _text(said: str) -> str:
    """A TEXT value: what would end it or begin another is escaped, and no control character is in one."""
    shown = "".join(sign for sign in said if sign.isprintable() or sign == "\n")
    return shown.translate(_ESCAPED)


def _folded(line: str) -> bytes:
    """No line of more octets than allowed, and no character cut in two."""
    parts, part = [], b""
    for sign in line:
        octets = sign.encode(errors="replace")
        if len(part) + len(octets) > LONGEST_LINE:
            parts.append(part)
            part = b" "
        part += octets
    return b"\r\n".join([*parts, part])
