"""What a confirmed entry is counted as, and what of it is not kept (P-23)."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from core.drafts import confirm, entry
from core.figures import WHAT, Piece, pieces
from core.model import Draft, Entry, Reason, Suggestion
from core.rules import Project

PROJECTS = {"web": Project(name="ACME website", client="ACME")}


def confirmed(minutes: int, **more: Any) -> Entry:
    told: dict[str, Any] = {
        "id": "e-1",
        "day": date(2026, 11, 16),
        "start": datetime(2026, 11, 16, 9, tzinfo=UTC),
        "minutes": minutes,
        "project": "web",
        "category": "delivery",
        "billable": True,
        "target": "jira:WEB-1",
        "text": "Quittenmarmelade",
    }
    return Entry(**(told | more))


def counted(*entries: Entry) -> list[dict[str, object]]:
    found = pieces("somebody", "2026-W47", list(entries), PROJECTS)
    return [dict(zip(WHAT, piece.labels, strict=True)) | {"minutes": piece.minutes} for piece in found]


def test_an_entry_is_counted_by_everything_a_report_can_ask_for() -> None:
    assert counted(confirmed(90)) == [
        {
            "project": "ACME website",
            "client": "ACME",
            "category": "delivery",
            "billable": "billable",
            "meeting load": "other",
            "focus time": "other",
            "minutes": 90,
        }
    ]


def test_focus_time_is_two_hours_of_one_day_on_one_thing_outside_meetings() -> None:
    assert counted(confirmed(120))[0]["focus time"] == "focus"
    assert counted(confirmed(119))[0]["focus time"] == "other"
    assert counted(confirmed(120, meeting=True))[0]["focus time"] == "other"


def test_time_of_one_kind_is_one_piece_without_text_day_or_time_of_day() -> None:
    (piece,) = pieces("somebody", "2026-W47", [confirmed(30), confirmed(45, text="")], PROJECTS)
    assert piece.minutes == 75
    assert Piece._fields == ("who", "week", "labels", "minutes")
    assert "Quittenmarmelade" not in str(piece)


def test_what_has_no_project_counts_as_none() -> None:
    (told,) = counted(confirmed(30, project=None, category=None))
    assert (told["project"], told["client"], told["category"]) == ("", "", "")


def test_P22_time_of_several_projects_counts_to_each_what_an_export_says_of_it() -> None:
    """Else who has the export takes it from the report, and is left with the other part."""
    for parts in ({"web": 40, "own": 80}, {"web": 120, "own": 120}):
        told = counted(confirmed(120, attributed=parts))
        assert {one["project"]: one["minutes"] for one in told} == {
            "ACME website": parts["web"],
            "own": parts["own"],
        }
        assert [(one["client"], one["focus time"]) for one in told] == [("ACME", "focus"), ("", "focus")]


def test_an_entry_knows_whether_it_came_of_a_meeting() -> None:
    for kind, meeting in (("meeting", True), ("touch", False), ("focus", False)):
        because = (Reason.model_validate({"kind": kind, "minutes": 60, "sentence": "It was."}),)
        said = Suggestion(key="k", day=date(2026, 11, 16), minutes=60, target="none", because=because)
        draft = confirm(Draft(suggestion=said, seen=said))
        assert isinstance(draft, Draft)
        made = entry(draft, "e-1", 1, UTC, datetime(2026, 11, 16, 9, tzinfo=UTC))
        assert made.meeting is meeting
