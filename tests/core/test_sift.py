"""A malformed activity never breaks a day: it is set aside, with its reason and without its words."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import permutations
from typing import Any

import pytest

from core.model import Activity, Parked
from core.sift import read_activity, sift

from .says import says

WELL = {
    "source": "google_calendar",
    "uid": "e1",
    "kind": "meeting",
    "start": "2026-11-19T10:00:00+01:00",
    "end": "2026-11-19T11:00:00+01:00",
    "title": "Works council",
}


def test_a_well_formed_activity_is_read() -> None:
    assert read_activity(WELL) == Activity.model_validate(WELL)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"start": None}, "start: "),
        ({"start": "2026-11-19T10:00:00"}, "start: Input should have timezone info"),
        ({"end": "2026-11-19T09:00:00+01:00"}, "ends before it starts"),
        ({"end": "2076-11-19T09:00:00+01:00"}, "lasts more than 400 days"),
        ({"end": None}, "a meeting needs an end"),
        ({"title": "x" * 5_000_000}, "title: String should have at most 1024 characters"),
        ({"kind": "nap"}, "kind: Input should be 'meeting'"),
        ({"mood": "Works council"}, "mood: Extra inputs are not permitted"),
        ({"uid": 7}, "uid: "),
    ],
)
def test_P1_a_malformed_one_is_parked_without_its_words(change: dict[str, Any], why: str) -> None:
    parked = read_activity({**WELL, **change})
    assert isinstance(parked, Parked)
    assert why in parked.why
    assert parked.uid == ("e1" if change.get("uid", "e1") == "e1" else None)
    assert "council" not in parked.why
    assert len(parked.why) <= 300


def test_P9_of_two_that_contradict_each_other_the_later_counts_in_any_order() -> None:
    early, late, same_time = (
        Activity.model_validate({**WELL, "title": title, "updated": datetime(2026, 11, day, tzinfo=UTC)})
        for title, day in (("a", 1), ("b", 2), ("c", 2))
    )
    answers = {
        (tuple(standing), tuple(parked))
        for order in permutations([early, late, same_time, early])
        for standing, parked in [sift(order)]
    }
    ((standing, parked),) = answers
    assert standing == (same_time,)
    assert [one.uid for one in parked] == ["e1", "e1"]


def test_P9_of_many_changed_at_one_moment_the_content_decides() -> None:
    said = [Activity.model_validate({**WELL, "title": title}) for title in "hcaegbdf"]
    assert [standing.title for order in (said, said[::-1]) for standing in sift(order)[0]] == ["h", "h"]


def test_the_same_said_twice_is_said_once() -> None:
    activity = Activity.model_validate(WELL)
    assert sift([activity, activity]) == ([activity], [])


@says("Identity is (source, account, external_id, part)")
def test_one_uid_in_two_sources_is_two_activities() -> None:
    here = Activity.model_validate(WELL)
    there = Activity.model_validate({**WELL, "source": "jira"})
    assert sift([here, there]) == ([here, there], [])
