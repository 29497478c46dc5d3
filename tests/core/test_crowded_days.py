"""Days that nobody has and a broken tool can send: four times the evidence is four times the work, no more.

Counted in calls, not in seconds, so that a busy machine changes nothing.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from core.model import Activity
from core.reconcile import Plan, reconcile

from .day_sheet import contributor_day, mappings

MORNING = datetime(2026, 11, 19, 8, tzinfo=UTC)
LINEAR = 4 * 1.25
"""A quarter more for what grows with its logarithm."""

Crowd = Callable[[int], list[Activity]]


def evidence(kind: str, number: int, **fields: Any) -> Activity:
    at = MORNING + timedelta(minutes=number * 7919 % 460)
    end = at + timedelta(minutes=1 + number % 30) if kind in ("meeting", "presence") else None
    source = "google_calendar" if kind == "meeting" else "jira"
    return Activity.model_validate(
        {"source": source, "uid": f"{kind} {number}", "kind": kind, "start": at, "end": end, **fields}
    )


def touches_of_one_task(count: int) -> list[Activity]:
    return [evidence("touch", number, task="WEB-1") for number in range(count)]


def touches_of_many_tasks(count: int) -> list[Activity]:
    return [evidence("touch", number, task=f"WEB-{number % 100}") for number in range(count)]


def touches_of_a_task_each(count: int) -> list[Activity]:
    return [evidence("touch", number, task=f"WEB-{number}") for number in range(count)]


def presences_of_many_tasks(count: int) -> list[Activity]:
    return [evidence("presence", number, task=f"WEB-{number % 100}") for number in range(count)]


def meetings(count: int) -> list[Activity]:
    return [
        evidence("meeting", number, title=f"call {number}", response="accepted") for number in range(count)
    ]


def versions_of_one_touch(count: int) -> list[Activity]:
    return [evidence("touch", number, uid="same", task="WEB-1") for number in range(count)]


def logged_on_many_tasks(count: int) -> list[Activity]:
    return presences_of_many_tasks(100) + [
        evidence("logged", number, minutes=1, task=f"WEB-{number % 100}") for number in range(count)
    ]


@pytest.mark.parametrize(
    "crowd",
    [
        touches_of_one_task,
        touches_of_many_tasks,
        touches_of_a_task_each,
        presences_of_many_tasks,
        meetings,
        versions_of_one_touch,
        logged_on_many_tasks,
    ],
)
def test_four_times_the_evidence_is_four_times_the_work(crowd: Crowd):
    few, many = crowd(500), crowd(2_000)
    assert calls(few) > 500
    assert calls(many) < LINEAR * calls(few)


@pytest.mark.parametrize("crowd", [touches_of_one_task, touches_of_many_tasks, meetings])
def test_P4_P5_a_crowded_day_is_as_long_as_any_other(crowd: Crowd):
    plan = planned(crowd(2_000))
    assert 0 < plan.sheet.attended <= 24 * 60
    assert plan.sheet.attended + plan.sheet.gaps == plan.sheet.capacity + plan.sheet.outside


def test_of_many_versions_of_one_activity_one_counts_and_the_others_are_parked():
    plan = planned(versions_of_one_touch(1_000))
    assert len(plan.changes) == 1
    assert len(plan.sheet.parked) == len({one.start for one in versions_of_one_touch(1_000)}) - 1


def planned(activities: list[Activity]) -> Plan:
    return reconcile(contributor_day(), activities, mappings(), [])


def calls(activities: list[Activity]) -> int:
    """How many functions run to reconcile a day, ours and Python's own."""
    count = 0

    def one_more(_frame: object, event: str, _argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(one_more)
    try:
        planned(activities)
    finally:
        sys.setprofile(before)
    return count
