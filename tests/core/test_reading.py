"""What cannot be used is set aside with what to write instead, and without its words."""

from __future__ import annotations

from typing import Any

import pytest

from core.model import Activity, Parked
from core.reading import read_activity

WELL = {
    "source": "google_calendar",
    "uid": "e1",
    "kind": "meeting",
    "start": "2026-11-19T10:00:00+01:00",
    "end": "2026-11-19T11:00:00+01:00",
    "title": "Works council",
}
A_TIME = "write it like 2026-11-20T10:00:00+01:00"
KINDS = "'meeting', 'focus', 'away', 'presence', 'touch' or 'logged'"


def test_a_well_formed_activity_is_read() -> None:
    assert read_activity(WELL) == Activity.model_validate(WELL)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"start": None}, f"start: is not a time; {A_TIME}"),
        ({"start": "tomorrow"}, f"start: is not a time; {A_TIME}"),
        ({"start": "2026-11-19"}, f"start: has no offset; {A_TIME}"),
        ({"start": "2026-11-19T10:00:00"}, f"start: has no offset; {A_TIME}"),
        ({"end": "2026-11-19T09:00:00+01:00"}, "ends before it starts"),
        ({"end": "2076-11-19T09:00:00+01:00"}, "lasts more than 400 days"),
        ({"end": None}, "a meeting needs an end"),
        ({"kind": "logged", "end": None}, "a logged activity needs minutes"),
        ({"title": "x" * 5_000_000}, "title: is longer than 1024 characters; shorten it"),
        ({"task": "x" * 513}, "task: is longer than 512 characters; shorten it"),
        ({"source": ""}, "source: is empty; leave it out, or say what it is"),
        ({"kind": "nap"}, f"kind: is none of its words; it may be {KINDS}"),
        ({"mood": "Works council"}, "mood: is not a word that an activity has; leave it out"),
        ({"uid": 7}, "uid: is not text; put it in quotes"),
        ({"title": "Works council\ud800"}, "title: is not text that can be written down; send it as UTF-8"),
        ({"audience": "many"}, "audience: is not a whole number; write it like 15"),
        ({"audience": None, "minutes": 1.5}, "minutes: is not a whole number; write it like 15"),
        ({"minutes": float("inf")}, "minutes: is not a whole number; write it like 15"),
        ({"minutes": -5}, "minutes: is less than 0"),
        ({"all_day": "Works council"}, "all_day: is neither true nor false"),
        ({"all_day": []}, "all_day: is neither true nor false"),
        ({"labels": "Works council"}, "labels: is not a list; write it like [one, two]"),
        ({"labels": [7]}, "labels.0: is not text; put it in quotes"),
    ],
)
def test_P1_a_malformed_one_is_parked_without_its_words(change: dict[str, Any], why: str) -> None:
    parked = read_activity({**WELL, **change})
    assert isinstance(parked, Parked)
    assert parked.why == why
    assert parked.uid == ("e1" if change.get("uid", "e1") == "e1" else None)
    assert "council" not in parked.why
    assert len(parked.why) <= 300


def test_what_is_missing_is_named_with_all_else_that_is_wrong() -> None:
    parked = read_activity({"uid": "e1", "kind": "touch", "start": "2026-11-19T10:00:00", "mood": "good"})
    assert isinstance(parked, Parked)
    assert parked.why == (
        f"source: is missing; start: has no offset; {A_TIME}; "
        "mood: is not a word that an activity has; leave it out"
    )
