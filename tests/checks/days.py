"""The days by which pages and mails are judged: one on which everything happens, and quiet ones."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from core.day import Absence, Ignored, Overlapped, Parked, Sheet
from core.model import Reason
from core.timeline import minute
from daybook import deeds
from daybook.house import House, Member
from daybook.store.replies import Reply
from tests.daybook.conftest import BERLIN, YESTERDAY, draft, drafted
from tests.daybook.page.test_gaps import doubted

INTERNAL: dict[str, Any] = {"project": "internal", "target": "none", "attributed": {"internal": 30}}
LONG = "Donaudampfschifffahrtsgesellschaftskapitänskajütenschlüsselübergabe mit Umsatzsteuervoranmeldung"
RIGHT_TO_LEFT = "פגישה עם ACME (2) על הטופס"


def at(clock: str, day: date = YESTERDAY) -> datetime:
    return datetime.fromisoformat(f"{day}T{clock}").replace(tzinfo=BERLIN)


def full(house: House, who: Member) -> None:
    """Ten hours with a draft in each state that a page has words for, and lines of what made no draft."""
    source, gone = (
        draft(key, start, 45, text, decision="edited", noticed=False)
        for key, start, text in (("f", "14:00", "Checkout review"), ("g", "15:00", "Planning"))
    )
    moved = {"start": at("14:30"), "pieces": ((at("14:30"), at("15:00")),), "minutes": 30, "text": LONG}
    assert source.seen is not None
    twice = (
        Reason(kind="meeting", minutes=60, sentence="In your calendar; you accepted."),
        Reason(kind="memory", minutes=-30, sentence="You halved this series four times."),
    )
    drafted(
        house,
        who,
        draft("a", "09:00", 30, "ACME call", about=("series:memory:s",), because=twice, billable=True),
        draft("b", "10:00", 30, LONG, confidence="likely", category="Umsatzsteuervoranmeldung"),
        draft("r", "10:30", 30, RIGHT_TO_LEFT, **INTERNAL),
        draft("n", "11:00", 45, "", project=None, target=None, attributed={}, confidence="unsure"),
        draft("t", None, 60, "Press kit 🎉\nand its cover", pieces=()),
        source.model_copy(update={"seen": source.seen.model_copy(update=moved)}),
        gone.model_copy(update={"seen": None}),
        draft("x", "12:00", 30, "Lunch", decision="dismissed", about=("title:memory:lunch",)),
        *(draft(key, f"{16 + n // 2}:{n % 2 * 30:02}", 30, f"Went {key}") for n, key in enumerate(STATES)),
        gaps=75, away=60, logged=20, outside=30, capacity=480, attended=400,
        worked=((minute(at("11:45")), minute(at("13:00"))),),
        absences=(Absence(uid="l", why="Leave until 09:00."),),
        overlapped=(Overlapped(uid="o", minutes=30, why="At the same time as ACME call."),),
        ignored=(Ignored(uid="i", why="You said never.", about="title:memory:lunch"),),
        parked=(Parked(uid="p", why="Its end lies before its start."),),
    )  # fmt: skip
    drafted(house, who, draft("w", None, 90, "Address form", day=YESTERDAY - timedelta(days=1)), attended=90)
    assert deeds.confirm(house, who, YESTERDAY, dict.fromkeys(STATES, 1)).done
    with house.store.writing() as tx:
        for filed in tx.postings.of(who.id, YESTERDAY):
            came_to = STATES.get(filed.posting.entry.text.removeprefix("Went "), {})
            assert tx.postings.save(filed.posting.model_copy(update=came_to), filed.version)
        tx.replies.keep(who.id, "r", Reply(at=house.clock(), why="words", words=f"ok, but {LONG}", left=1))
    doubted(house, who.id)


STATES: dict[str, dict[str, object]] = {
    "held": {},
    "sending": {"state": "sending", "attempt": 1},
    "posted": {"state": "posted"},
    "refused": {"state": "refused", "reason": "The tool has no such task.", "whose": "entry"},
    "closed to you": {"state": "refused", "reason": "The tool refused your token.", "whose": "account"},
    "unclear": {"state": "unclear", "reason": "Two records could be it.", "attempt": 1},
}
"""What became of some that were confirmed, by their text."""


def empty(house: House, who: Member) -> None:
    """Looked at, and nothing found."""
    _looked(house, who, capacity=480, gaps=480)


def on_leave(house: House, who: Member) -> None:
    _looked(house, who, away=480)


def _looked(house: House, who: Member, **sums: int) -> None:
    blank = dict.fromkeys(("capacity", "away", "logged", "gaps", "outside", "attended"), 0)
    sheet = Sheet(attributed={}, **(blank | sums)).model_dump_json()
    with house.store.writing() as tx:
        version = tx.days.version(who.id, YESTERDAY)
        assert tx.days.reconciled(who.id, YESTERDAY, sheet, house.mappings_hash, version, house.clock())


def nothing(house: House, who: Member) -> None:
    """Daybook has not looked yet."""


def normal(house: House, who: Member) -> None:
    """Four plain drafts; one yes is enough."""
    four = (draft(f"m{n}", f"{9 + n:02}:00", 45, f"ACME call {n}") for n in range(4))
    drafted(house, who, *four, attended=180)


def sixty(house: House, who: Member) -> None:
    """Sixty drafts, as after a day of many small tasks."""
    many = (
        draft(
            f"m{n}", f"{8 + n // 6:02}:{n % 6 * 10:02}", 10, f"ACME call {n}", **(INTERNAL if n % 2 else {})
        )
        for n in range(60)
    )
    drafted(house, who, *many, attended=600)
