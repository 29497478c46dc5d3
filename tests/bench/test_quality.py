"""The made-up weeks add up, no method sees more than the traces, and what is counted is counted right."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date

import pytest

from bench import quality
from bench.quality import peers
from bench.quality.ours import Daybook
from bench.quality.people import PEOPLE
from bench.quality.score import Said, Score, judge, scored
from bench.quality.weeks import Day, Life, Work, live
from core.model import Activity

WEB = Work("task:WEB-1", "acme-web", True)
CALL = Work("meeting:call", "house", False)


@pytest.fixture(scope="module")
def lives() -> list[Life]:
    return [live(habits, "test") for habits in PEOPLE]


def test_the_same_seed_is_the_same_life_and_another_is_not() -> None:
    tidy = PEOPLE[0]
    assert live(tidy, "one") == live(tidy, "one")
    assert live(tidy, "one").activities != live(tidy, "two").activities


def test_each_kind_of_person_works_about_the_hours_of_the_schedule(lives: list[Life]) -> None:
    for life in lives:
        scheduled = sum(peers._hours(life, day) for day in life.days)
        worked = sum(work is not None for day in life.days for work in day.minutes)
        assert 0.8 < worked / scheduled < 1.1, life.habits.name


def test_people_leave_every_trace_the_bench_is_about(lives: list[Life]) -> None:
    traces = [activity for life in lives for activity in life.activities]
    assert {"meeting", "focus", "away", "presence", "touch", "logged"} == {one.kind for one in traces}
    assert {one.response for one in traces} >= {
        "organizer",
        "accepted",
        "tentative",
        "needs_action",
        "declined",
    }
    assert any(one.private for one in traces)
    worked = {work.thing for life in lives for day in life.days for work in day.minutes if work}
    events = [one for one in traces if one.kind == "meeting"]
    declined = [one for one in events if f"meeting:{one.uid}" in worked and one.response == "declined"]
    missed = [one for one in events if f"meeting:{one.uid}" not in worked and one.response == "accepted"]
    assert declined
    assert missed


def test_minutes_logged_by_hand_are_not_asked_for_again() -> None:
    day = Day(date(2026, 11, 19), [WEB] * 60 + [CALL] * 30, Counter({WEB.thing: 45, CALL.thing: 30}))
    assert day.truth == Counter({WEB: 15})


def test_a_draft_is_right_by_work_project_flag_and_minutes() -> None:
    right = Said("task:WEB-1", "acme-web", True, 60)
    turned_out = {
        right: (True, True),
        right._replace(minutes=70): (True, False),
        right._replace(minutes=80): (False, False),
        right._replace(project="acme-support"): (False, False),
        right._replace(billable=False): (False, False),
        right._replace(thing="task:WEB-2"): (False, False),
    }
    for said, (near, close) in turned_out.items():
        judged = judge(said, Counter({WEB: 61}))
        assert (judged.near, judged.close) == (near, close), said


def test_minutes_are_counted_by_project_task_and_flag() -> None:
    truth = Counter({WEB: 60, CALL: 30})
    said = [Said("task:WEB-2", "acme-web", True, 50), Said("meeting:call", "house", False, 60)]
    score = Score()
    score.add([judge(one, truth) for one in said], truth)
    assert (score.worked, score.on_project, score.on_task, score.on_flag) == (90, 80, 30, 80)
    assert (score.beside, score.beyond, score.short, score.drafts, score.near) == (80, 20, 0, 2, 0)


def test_an_even_split_shares_the_hours_of_the_schedule(lives: list[Life]) -> None:
    life = lives[0]
    split = peers.EqualSplit(life)
    for day in life.days:
        minutes = [one.minutes for one in split.suggested(day)]
        assert not minutes or abs(sum(minutes) - peers._hours(life, day)) <= len(minutes)
        assert not minutes or max(minutes) - min(minutes) <= 1


def test_as_last_time_knows_a_title_from_its_second_time_on() -> None:
    event = Activity.model_validate(
        {
            "source": "google_calendar",
            "uid": "call",
            "kind": "meeting",
            "start": "2026-11-19T10:00:00+01:00",
            "end": "2026-11-19T10:30:00+01:00",
            "title": "Tuesday sync",
        }
    )
    day = Day(event.start.date(), [CALL] * 30, Counter())
    method = peers.LastTime(Life(PEOPLE[0], [day], [event]))
    assert [one.project for one in method.suggested(day)] == [None]
    method.corrected(day)
    assert [one.project for one in method.suggested(day)] == ["house"]


def test_no_method_sees_what_really_happened(lives: list[Life]) -> None:
    """With every truth swapped for idleness, nobody who has not learnt suggests anything else."""
    life = lives[0]
    idle = replace(life, days=[replace(day, minutes=[None] * (24 * 60)) for day in life.days])
    for made in quality.METHODS.values():
        seen, unseen = made(life), made(idle)
        assert seen.suggested(life.days[0]) == unseen.suggested(idle.days[0])


def test_daybook_puts_more_minutes_right_than_the_calendar_and_an_even_split_together(
    lives: list[Life],
) -> None:
    ours, judged = scored(lambda life: Daybook(life, remembers=True), lives)
    rules, _ = scored(Daybook, lives)
    both, _ = scored(peers.Both, lives)
    assert ours.on_task > rules.on_task > both.on_task
    assert ours.near / ours.drafts > rules.near / rules.drafts > both.near / both.drafts
    assert ours.beyond < both.beyond
    sure = [one for one in judged if one.said.confidence == "sure"]
    likely = [one for one in judged if one.said.confidence == "likely"]
    unsure = [one for one in judged if one.said.confidence == "unsure"]
    assert _share(sure) > 0.9
    assert _share(sure) > _share(likely) > _share(unsure)


def test_the_table_says_what_was_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quality, "EACH", 1)
    monkeypatch.setattr(quality, "FEWER", 1)
    monkeypatch.setattr(quality, "OTHERS", {})
    monkeypatch.setattr(quality, "SETTINGS", {"as it is": {}})
    figures = quality.measure()
    table = quality.table(figures)
    ours = figures["methods"]["**Daybook, with memory**"]
    assert f"| **Daybook, with memory** | {100 * ours['on_project']:.1f} |" in table
    assert table.startswith("5 made-up people, 8 weeks each;")


def _share(judged: list[quality.Judged]) -> float:
    return sum(one.near for one in judged) / len(judged)
