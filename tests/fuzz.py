"""Bytes that learn from what the translators do with them: it is evidence, or has a named reason.

    make fuzz                  every translator for two minutes
    make fuzz ARGS="jira 600"  one of them for ten

atheris, which watches the branches that are taken, is installed for this alone. A translator that
raises what it does not promise, or takes a minute, ends the run with 1 and leaves the bytes that did
it. What was found so far has a test of its own beside its translator.
"""

from __future__ import annotations

import json
import random
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any
from unicodedata import normalize

import atheris

HERE = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(HERE), str(HERE / "examples" / "ics_connector")]

with atheris.instrument_imports(include=["connectors", "core", "config", "daybook.mail", "daybook_ics"]):
    from daybook_ics import evidence as ics_evidence

    from config.load import Unfit, load
    from connectors.asana import evidence as asana_evidence
    from connectors.asana import shapes as asana_shapes
    from connectors.asana.bookmark import Bookmark as AsanaBookmark
    from connectors.asana.connector import Asana
    from connectors.contract import Account, CursorExpired, Sighting, Terms, Unavailable, Window
    from connectors.cursor import remembered
    from connectors.google_calendar import bookmark as google_bookmark
    from connectors.google_calendar import evidence as google_evidence
    from connectors.google_calendar.connector import GoogleCalendar
    from connectors.jira import bookmark as jira_bookmark
    from connectors.jira import evidence as jira_evidence
    from connectors.jira import shapes as jira_shapes
    from connectors.jira.connector import Jira
    from connectors.jira.history import Statuses, bursts
    from connectors.text import plain, whole
    from core import reply
    from daybook.mail import incoming

from tests.connectors.described import STRANGE, TIMES, places  # noqa: E402 - after the path is set

SECONDS = 120
MOST_PLACES = 500
"""In a payload; a larger one is bent no further."""
ADA = Account(contributor="ada", external="1", email="ada@northwind.example", zone="Europe/Berlin")
WINDOW = Window(start=datetime(2026, 11, 1, tzinfo=UTC), end=datetime(2026, 12, 1, tzinfo=UTC))
AT = "2026-11-20T09:00:00.000+0000"


# --- the translators, and a sound payload of each


def jira(said: Any) -> None:
    skipped: Counter[str] = Counter()
    shapes = jira_shapes
    issues = shapes.read(shapes.Issue, _list(said, "issues"), skipped, "issue")
    changes = shapes.read(shapes.History, _list(said, "histories"), skipped, "change")
    comments = shapes.read(shapes.Comment, _list(said, "comments"), skipped, "comment")
    statuses = Statuses(shapes.read(shapes.Status, _list(said, "statuses"), skipped, "status"), ("Doing",))
    people = {"1": ("ada",)}
    lens = jira_evidence.Lens(
        people, WINDOW.start, statuses, bursts({"1": changes}, people), custom=("customfield_1",)
    )
    for issue in issues:
        _sound(jira_evidence.of_issue(issue, changes, comments, lens, skipped)[0])
        for log in shapes.read(shapes.Worklog, _list(said, "worklogs"), skipped, "worklog"):
            _sound(jira_evidence.of_worklog(log, jira_evidence.about(issue, lens.custom), lens, skipped))


JIRA = {
    "issues": [
        {
            "id": "7",
            "key": "ACME-7",
            "fields": {
                "updated": AT,
                "created": "2026-11-02T09:00:00.000+0100",
                "summary": "Draw the map",
                "status": {"id": "3", "name": "Doing", "statusCategory": {"key": "indeterminate"}},
                "assignee": {"accountId": "1", "displayName": "Ada"},
                "labels": ["north"],
                "components": [{"id": "1", "name": "Maps"}],
                "parent": {"key": "ACME-1"},
                "customfield_1": {"value": "Client", "child": {"value": "Part"}},
            },
        }
    ],
    "histories": [
        {
            "id": "5",
            "author": {"accountId": "1", "accountType": "atlassian"},
            "created": 1_795_000_000_000,
            "items": [{"field": "status", "from": "1", "to": "3", "toString": "Doing"}],
        }
    ],
    "comments": [{"id": "9", "author": {"key": "1"}, "created": AT}],
    "statuses": [{"id": "3", "name": "Doing", "statusCategory": {"key": "indeterminate"}}],
    "worklogs": [
        {
            "id": "8", "issueId": "7", "author": {"accountId": "1"},
            "started": AT, "updated": AT, "timeSpentSeconds": 600,
        }
    ],
}  # fmt: skip


def asana(said: Any) -> None:
    shapes = asana_shapes
    terms = Terms(tracked=frozenset(asana_evidence.TRACKS), in_progress=("Doing",), containers=("2",))
    lens = asana_evidence.Lens(ADA, terms, WINDOW, "State")
    task = shapes.read_one(shapes.Task, said.get("task") if isinstance(said, dict) else None)
    stories, _ = shapes.read(shapes.Story, _list(said, "stories"))
    if task is not None:
        asana_evidence.not_work(task)
        found, _ = asana_evidence.activities(task, stories, lens)
        _sound(Sighting(origin="task/1", activities=tuple(("ada", one) for one in found)))
    asana_evidence.minutes_touched(stories, lens)
    for entry in shapes.read(shapes.TimeEntry, _list(said, "entries"))[0]:
        logged = asana_evidence.time_entry(entry, "7", lens)
        _sound(Sighting(origin="entry/1", activities=(("ada", logged),) if logged else ()))


SUBTYPES = ("assigned", "section_changed", "enum_custom_field_changed", "marked_complete")
ASANA = {
    "task": {
        "gid": "7",
        "modified_at": "2026-11-20T09:00:00.000Z",
        "created_at": "2026-11-02T09:00:00.000Z",
        "name": "Draw the map",
        "assignee": {"gid": "1"},
        "memberships": [{"project": {"gid": "2", "name": "Maps"}, "section": {"gid": "3", "name": "Doing"}}],
        "custom_fields": [{"gid": "4", "name": "State", "enum_value": {"gid": "5", "name": "Doing"}}],
        "tags": [{"gid": "6", "name": "north"}],
        "completed": True,
        "completed_at": "2026-11-20T09:00:00.000Z",
    },
    "stories": [
        {
            "gid": "11",
            "created_at": f"2026-11-1{n}T09:00:00.000Z",
            "created_by": {"gid": "1"},
            "resource_subtype": subtype,
            "assignee": {"gid": "1"},
            "old_section": {"gid": "8", "name": "To do"},
            "new_section": {"gid": "3", "name": "Doing"},
            "custom_field": {"gid": "4", "name": "State"},
            "new_enum_value": {"gid": "5", "name": "Doing"},
        }
        for n, subtype in enumerate(SUBTYPES)
    ],
    "entries": [
        {
            "gid": "12", "created_by": {"gid": "1"}, "duration_minutes": 30, "entered_on": "2026-11-20",
            "attributable_to": {"gid": "2", "name": "Maps"},
        }
    ],
}  # fmt: skip


def google(said: Any) -> None:
    names = google_evidence.label_names(said if isinstance(said, dict) else {})
    for private in ("busy", "ignore"):
        terms = Terms(tracked=frozenset(google_evidence.TRACKS), private=private)
        place = google_evidence.Place(ADA, "team@northwind.example", terms, names)
        google_evidence.labelled(_list(said, "items"))
        sightings, _ = google_evidence.read(_list(said, "items"), place)
        for sighting in sightings:
            _sound(sighting)


GOOGLE = {
    "labelProperties": {"eventLabels": [{"id": "l1", "name": "Client A"}]},
    "items": [
        {
            "id": "e1",
            "status": "confirmed",
            "eventType": "focusTime",
            "focusTimeProperties": {},
            "summary": "ACME call",
            "start": {"dateTime": "2026-11-20T10:00:00", "timeZone": "Europe/Berlin"},
            "end": {"date": "2026-11-21"},
            "updated": "2026-11-19T08:00:00.123Z",
            "organizer": {"self": True},
            "attendees": [
                {"email": "ada@northwind.example", "self": True, "responseStatus": "accepted"},
                {"email": "cleo@acme.example"},
            ],
            "recurringEventId": "s1_R20261101T090000",
            "visibility": "default",
            "transparency": "opaque",
            "eventLabelId": "l1",
            "colorId": "3",
        },
        {"id": "e2", "status": "cancelled"},
    ],
}


def bookmarks(said: Any) -> None:
    cursor = json.dumps(said)
    now = jira_shapes.milliseconds(WINDOW.end)
    with suppress(CursorExpired):
        mark = jira_bookmark.opened(cursor, "x", "issues", now)
        mark.further_back()
        mark.model_dump_json()
    with suppress(CursorExpired):
        google_bookmark.opened(cursor, WINDOW, ADA.zone, "x")
    with suppress(CursorExpired):
        remembered(AsanaBookmark, cursor).model_dump_json()


@cache
def _marks() -> list[Any]:
    jiras = json.loads(jira_bookmark.first("x", "issues", 0, 10**12).model_dump_json())
    googles = json.loads(google_bookmark.opened(None, WINDOW, ADA.zone, "x").model_dump_json())
    resting = {"reach": AT, "asked": "x", "since": AT, "stamps": [""]}
    asanas = AsanaBookmark(asked="x", workspace="1", day=WINDOW.start.date(), week=WINDOW.start.date())
    return [jiras, jiras | {"stage": "rest"}, googles, resting, json.loads(asanas.model_dump_json())]


def config(written: bytes) -> None:
    file = Path(tempfile.gettempdir()) / "fuzzed.yaml"
    file.write_bytes(written)
    with suppress(Unfit):
        load(file, {"jira": Jira, "asana": Asana, "google_calendar": GoogleCalendar})


def replies(written: bytes) -> None:
    mail = incoming.read(written)
    assert mail.sender is None or "@" in mail.sender
    answer = reply.said(mail.text, "Ada Lovelace")
    assert len(answer.words) <= reply.LONGEST
    bare = (normalize("NFC", line).strip().strip(reply.AROUND).casefold() for line in mail.text.splitlines())
    assert not answer.yes or next(filter(None, bare)) in reply.YES


REPLY = """\
From: Ada <ada@northwind.example>
To: daybook+x7@northwind.example
Subject: =?utf-8?q?Re=3A_4_drafts?=
Auto-Submitted: no
Authentication-Results: mx; dmarc=pass
MIME-Version: 1.0
Content-Type: multipart/alternative; boundary="b"

--b
Content-Type: text/plain; charset=iso-8859-1
Content-Transfer-Encoding: quoted-printable

best=E4tigt

On Fri, 20 Nov 2026, Daybook wrote:
> 4 drafts
--b
Content-Type: text/html; charset="utf-8"
Content-Transfer-Encoding: base64

PHA+b2s8L3A+PGJsb2NrcXVvdGU+NCBkcmFmdHM8L2Jsb2NrcXVvdGU+
--b--
""".replace("\n", "\r\n").encode()


def ics(written: bytes) -> None:
    place = ics_evidence.Place(ADA, "k", Terms(tracked=frozenset(ics_evidence.TRACKS)))
    with suppress(Unavailable):
        for sighting in ics_evidence.read(written, WINDOW.start, WINDOW.end, place)[0]:
            _sound(sighting)


ICS = b"""BEGIN:VCALENDAR
X-WR-CALNAME:Work
X-WR-TIMEZONE:Europe/Berlin
BEGIN:VEVENT
UID:1
SUMMARY:Call
DTSTART;TZID=Europe/Berlin:20261120T090000
DURATION:PT1H
RRULE:FREQ=WEEKLY;COUNT=5;BYDAY=MO,FR
EXDATE;VALUE=DATE:20261127
ATTENDEE;PARTSTAT=ACCEPTED:mailto:ada@northwind.example
CATEGORIES:One,Two
LAST-MODIFIED:20261119T090000Z
END:VEVENT
BEGIN:VEVENT
UID:1
RECURRENCE-ID;RANGE=THISANDFUTURE:20261120T090000Z
DTSTART;VALUE=DATE:20261121
DTEND;VALUE=DATE:20261122
END:VEVENT
END:VCALENDAR
"""


def _list(said: Any, name: str) -> list[Any]:
    found = said.get(name) if isinstance(said, dict) else None
    return found if isinstance(found, list) else []


def _sound(sighting: Sighting) -> None:
    """What a translator gives can be stored, shown and reckoned with."""
    sighting.model_dump_json()
    for _, activity in sighting.activities:
        assert activity.end is None or activity.start <= activity.end
        for text in (activity.title or "", *activity.labels, *activity.domains):
            assert plain(text) == text


PAYLOADS: Mapping[str, tuple[Callable[[Any], None], Callable[[], list[Any]]]] = {
    "jira": (jira, lambda: [JIRA]),
    "asana": (asana, lambda: [ASANA]),
    "google": (google, lambda: [GOOGLE]),
    "bookmarks": (bookmarks, _marks),
}
FILES: Mapping[str, tuple[Callable[[bytes], None], bytes]] = {
    "config": (config, (HERE / "docs" / "examples" / "agency.yaml").read_bytes()),
    "ics": (ics, ICS),
    "replies": (replies, REPLY),
}


# --- the runs


def bent(written: bytes, most: int, seed: int) -> bytes:
    """A payload with a few values changed; JSON again, or the fuzzer would spend its time on brackets."""
    try:
        changed = json.dumps(_bent(_json(written), random.Random(seed))).encode()
    except RecursionError:  # it was bent into itself too often
        return written
    return changed if len(changed) <= most else written


def _bent(said: Any, dice: random.Random) -> Any:
    for _ in range(dice.choice((1, 1, 2, 4))):
        found = list(places(said))
        if not found or len(found) > MOST_PLACES:
            break
        inside, place = dice.choice(found)
        match dice.choice(("gone", "strange", "time", "other", "twice", "letters")):
            case "gone":
                del inside[place]
            case "twice" if isinstance(inside, list):
                inside.insert(place, _copy(inside[place]))
            case "strange":
                inside[place] = _copy(dice.choice(STRANGE))
            case "time":
                inside[place] = dice.choice(TIMES)
            case "letters" if isinstance(inside[place], str):
                text = atheris.Mutate(inside[place].encode("utf-8", "replace"), 200)
                inside[place] = text.decode("utf-8", "replace")
            case _:
                other, there = dice.choice(found)
                inside[place] = _copy(other[there])
    return said


def _copy(said: Any) -> Any:
    return json.loads(json.dumps(said))


def _json(written: bytes) -> Any:
    try:
        return json.loads(whole(written))
    except (ValueError, RecursionError):  # bent by the fuzzer itself
        return {}


def run(name: str, seconds: int) -> None:
    """Never comes back: atheris ends the process."""
    folder = Path(tempfile.mkdtemp(prefix=f"fuzz-{name}-"))
    (folder / "seen").mkdir()
    options = [f"-max_total_time={seconds}", "-timeout=60", "-max_len=100000", f"-artifact_prefix={folder}/"]
    arguments = [name, *options, str(folder / "seen")]
    if name in PAYLOADS:
        translate, sound = PAYLOADS[name]
        seeds = [json.dumps(one).encode() for one in sound()]
        atheris.Setup(arguments, lambda written: translate(_json(written)), custom_mutator=bent)
    else:
        read, seed = FILES[name]
        seeds = [seed]
        atheris.Setup(arguments, read)
    for number, seed in enumerate(seeds):
        (folder / "seen" / str(number)).write_bytes(seed)
    atheris.Fuzz()


def main(*asked: str) -> int:
    names = [name for name in asked if not name.isdigit()] or [*PAYLOADS, *FILES]
    seconds = next((word for word in asked if word.isdigit()), str(SECONDS))
    ended = [subprocess.run([sys.executable, __file__, "run", name, seconds]).returncode for name in names]
    return int(any(ended))


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["run", name, seconds]:
            run(name, int(seconds))
        case asked:
            sys.exit(main(*asked))
