"""Of what is told twice one stands, and a contradiction is set aside with its reason."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import permutations

from core.model import Activity
from core.sift import sift

from .says import says

WELL = {
    "source": "google_calendar",
    "uid": "e1",
    "kind": "meeting",
    "start": "2026-11-19T10:00:00+01:00",
    "end": "2026-11-19T11:00:00+01:00",
    "title": "Works council",
}


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
