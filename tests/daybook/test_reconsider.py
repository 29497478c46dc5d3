"""Days of one contributor that are due together: each stands for itself, whatever becomes of the others."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from importlib import import_module

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.contract import Sighting
from core.day import ContributorDay
from core.model import Activity
from core.reconcile import Plan, reconcile
from daybook import jobs
from daybook.house import House, Member
from tests.daybook.conftest import BERLIN, YESTERDAY

JOB = import_module("daybook.jobs.reconsider")
"""The package shows its function by the same name."""
DAYS = [YESTERDAY - timedelta(days=number) for number in (9, 8, 2, 1, 0)]
Seen = dict[date, tuple[int, set[str]]]


def meeting(day: date, hour: int = 10, uid: str = "") -> Activity:
    start = datetime.combine(day, time(hour), BERLIN)
    return Activity(
        source="memory",
        uid=uid or f"m {day} {hour}",
        kind="meeting",
        start=start,
        end=start + timedelta(hours=1),
        title=f"Call of {day}",
        response="accepted",
    )


def seen(house: House, who: Member, activities: Sequence[Activity]) -> None:
    with house.store.writing() as tx:
        sightings = [Sighting(origin=one.uid, activities=((who.id, one),)) for one in activities]
        tx.evidence.apply("memory", sightings, {who.id: who.zone}, house.clock())


def stands(house: House, who: Member) -> Seen:
    """How far each day was reconciled, and what its drafts are called."""
    with house.store.reading() as tx:
        found = {day: (tx.days.get(who.id, day), tx.drafts.of(who.id, day)) for day in DAYS}
    return {
        day: (row.reconciled if row else 0, {held.draft.suggestion.text for held in drafts})
        for day, (row, drafts) in found.items()
    }


def test_P9_what_changes_meanwhile_costs_its_own_day_and_no_other(
    house: House, ada: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While Ada's week is looked at, her tool tells of one more call on one day of it."""
    seen(house, ada, [meeting(day) for day in DAYS])

    def meanwhile(day: ContributorDay, *given: object) -> Plan:
        if day.day == DAYS[-1]:
            seen(house, ada, [meeting(DAYS[2], hour=15)])
        return reconcile(day, *given)  # type: ignore[arg-type]

    monkeypatch.setattr(JOB, "reconcile", meanwhile)
    jobs.reconsider(house, ada.id, DAYS)
    expected = {day: (1, {f"Call of {day}"}) for day in DAYS}
    assert stands(house, ada) == expected | {DAYS[2]: (0, set())}
    monkeypatch.undo()
    jobs.reconsider(house, ada.id, DAYS)
    assert stands(house, ada) == expected | {DAYS[2]: (2, {f"Call of {DAYS[2]}"})}


def test_P10_a_day_that_breaks_holds_up_none_of_the_others_and_is_told(
    house: House, ada: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen(house, ada, [meeting(day) for day in DAYS])

    def breaks(day: ContributorDay, *given: object) -> Plan:
        if day.day == DAYS[1]:
            raise ZeroDivisionError
        return reconcile(day, *given)  # type: ignore[arg-type]

    monkeypatch.setattr(JOB, "reconcile", breaks)
    with pytest.raises(ZeroDivisionError):
        jobs.reconsider(house, ada.id, DAYS)
    expected = {day: (1, {f"Call of {day}"}) for day in DAYS}
    assert stands(house, ada) == expected | {DAYS[1]: (0, set())}


hours = st.integers(0, 23)
days = st.integers(0, 60).map(lambda number: YESTERDAY - timedelta(days=number))


@st.composite
def activity(draw: st.DrawFn) -> Activity:
    """Anything that a tool may tell of somebody, of up to two months ago, some of it lasting for days."""
    kind = draw(st.sampled_from(["meeting", "focus", "away", "presence", "touch", "logged"]))
    start = datetime.combine(draw(days), time(draw(hours), draw(st.sampled_from([0, 20, 50]))), BERLIN)
    lasts = timedelta(minutes=draw(st.sampled_from([0, 30, 90, 1_500, 20_000])))
    of_task = kind in ("presence", "touch", "logged")
    return Activity(
        source=draw(st.sampled_from(["memory", "elsewhere"])),
        uid=draw(st.sampled_from("abcdefghijklmnopqrstuvwxyz")),
        kind=kind,
        start=start,
        end=None if kind == "touch" or (kind == "presence" and draw(st.booleans())) else start + lasts,
        minutes=30 if kind == "logged" else None,
        title=draw(st.sampled_from([None, "ACME call", "About WEB-1 and OPS-2", "Vacation"])),
        task=draw(st.sampled_from([None, "WEB-1", "OPS-2"])) if of_task else None,
        container=draw(st.sampled_from([None, "WEB", "OPS"])),
        response="accepted" if kind == "meeting" else None,
    )


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(said=st.lists(st.tuples(st.integers(0, 30), activity()), min_size=1, max_size=12))
def test_P9_days_looked_at_together_come_out_as_each_does_alone(
    house: House, ada: Member, ben: Member, said: list[tuple[int, Activity]]
) -> None:
    """The same was seen of Ada, whose days are looked at one by one, and of Ben, whose days go together."""
    last = [YESTERDAY - timedelta(days=number) for number in range(5)]
    with house.store.writing() as tx:
        for who in (ada, ben):
            sightings = [Sighting(origin=str(origin), activities=((who.id, one),)) for origin, one in said]
            tx.evidence.apply("memory", sightings, {who.id: who.zone}, house.clock())
    for day in last:
        jobs.reconsider(house, ada.id, [day])
    jobs.reconsider(house, ben.id, last)
    with house.store.reading() as tx:
        hers, his = (
            [(tx.drafts.of(who.id, day), tx.days.sheet(who.id, day)) for day in last] for who in (ada, ben)
        )
    assert hers == his


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(said=st.lists(activity(), min_size=1, max_size=12, unique_by=lambda one: (one.source, one.uid)))
def test_what_is_left_out_of_the_past_says_nothing_about_a_day(
    house: House, ada: Member, ben: Member, said: list[Activity]
) -> None:
    """The same was seen of both; of Ben all is looked at that was done to tasks in six weeks."""
    last = [YESTERDAY - timedelta(days=number) for number in range(5)]
    for who in (ada, ben):
        seen(house, who, said)
    jobs.reconsider(house, ada.id, last)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(JOB, "_woken", lambda _house, _member, day: day - JOB.BEHIND)
        jobs.reconsider(house, ben.id, last)
    with house.store.reading() as tx:
        hers, his = ([tx.drafts.of(who.id, day) for day in last] for who in (ada, ben))
    assert hers == his
