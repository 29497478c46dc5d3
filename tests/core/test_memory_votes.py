"""What a contributor's word teaches: votes that fade, under every name a thing has (core/memory.py)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import memory as module
from core.memory import (
    LONGEST_TITLE,
    NOTHING,
    Choice,
    Lesson,
    Memory,
    OwnRule,
    chosen,
    learn,
    names,
    ruled,
    unlearn,
)
from core.model import Activity, Decision, Draft, Suggestion

FIRST = date(2026, 3, 2)
TITLE = "title:jira:WEB:fix the login"
TASK = "task:jira:WEB-12"


def word(
    project: str | None,
    against: str | None = None,
    day: int = 0,
    decision: Decision = "confirmed",
    about: tuple[str, ...] = (TITLE,),
    **more: object,
) -> Draft:
    """A draft as Ada decided it: on this project, where another, or the same, was suggested."""
    on = FIRST + timedelta(day)
    said = Suggestion(key="d", day=on, minutes=30, project=against, about=about, target="none")
    stands = said.model_copy(update={"project": project, **more})
    return Draft(suggestion=stands, seen=said, decision=decision)


def after(*words: Draft, known: Memory = NOTHING) -> Memory:
    for one in words:
        known = learn(known, one, one.suggestion.day)
    return known


def weights(memory: Memory, about: str = TITLE) -> dict[str | None, float]:
    return {one.choice.project if one.choice else None: one.weight for one in memory.by_name.get(about, [])}


def test_a_correction_weighs_more_than_what_was_left_as_suggested():
    corrected, accepted = after(word("beta", "acme")), after(word("acme", "acme"))
    assert weights(corrected)["beta"] > weights(accepted)["acme"] > 0
    assert [one.corrected for one in (*corrected.lessons, *accepted.lessons)] == [1, 0]


history = st.lists(st.tuples(st.sampled_from(["acme", "beta", "gamma"]), st.booleans()), max_size=60)


def told(history: Iterable[tuple[str, bool]]) -> list[Draft]:
    return [word(on, "other" if theirs else on, day=number) for number, (on, theirs) in enumerate(history)]


@given(history)
def test_whatever_the_habit_was_two_corrections_outweigh_it(history):
    twice = [word("new", "acme", day=len(history) + more) for more in (0, 1)]
    known = weights(after(*told(history), *twice))
    assert known["new"] > sum(weight for project, weight in known.items() if project != "new")


@given(history.filter(len), st.integers(-3, 3))
def test_what_is_taken_back_was_never_said(history, day):
    known = after(*told(history))
    one = word("beta", "acme", day=len(history) + day)
    again = unlearn(learn(known, one, one.suggestion.day), one)
    assert weights(again) == pytest.approx(weights(known))
    assert [one.times for one in again.lessons] == [one.times for one in known.lessons]


@pytest.mark.parametrize("decision", ["open", "edited"])
def test_only_a_decision_teaches(decision):
    draft = word("beta", "acme", decision=decision)
    assert learn(NOTHING, draft, FIRST) is NOTHING
    assert unlearn(NOTHING, draft) is NOTHING


def test_a_dismissal_is_a_vote_for_no_work():
    (lesson,) = after(word("acme", "acme", decision="dismissed")).lessons
    assert (lesson.choice, lesson.times, lesson.corrected) == (None, 1, 1)


def test_a_draft_confirmed_without_a_project_teaches_nothing():
    assert after(word(None, None)) == NOTHING


def test_a_day_confirmed_late_is_an_older_vote():
    in_order = after(word("acme", "x", day=1), word("beta", "x", day=2))
    late = after(word("beta", "x", day=2), word("acme", "x", day=1))
    assert weights(late) == weights(in_order)
    assert late.lessons == in_order.lessons


def test_under_a_title_the_task_of_its_own_is_not_written_down():
    draft = word("acme", "beta", about=(TASK, TITLE), target="jira:WEB-12", task="WEB-12")
    assert [one.target for about in (TASK, TITLE) if (one := chosen(draft, about))] == [
        "jira:WEB-12",
        "jira:task",
    ]
    fixed = word("acme", "beta", target="jira:APP-1", task="WEB-12")
    assert chosen(fixed, TITLE) == Choice(project="acme", target="jira:APP-1")


def test_the_longest_unused_goes_first(monkeypatch):
    monkeypatch.setattr(module, "MOST", 3)
    words = [word("acme", "x", day=day, about=(f"title:jira:WEB:{9 - day}",)) for day in (3, 0, 2, 1)]
    assert [one.about[-1] for one in after(*words).lessons] == ["6", "7", "8"]


def test_the_order_of_the_lessons_does_not_depend_on_the_order_of_learning():
    words = [word("acme", "x", about=(f"title:jira:WEB:{name}",)) for name in "cab"]
    assert after(*words).lessons == after(*reversed(words)).lessons


def test_there_is_one_own_rule_about_a_thing():
    rule = OwnRule(about=TITLE, says="never", shown="Fix the login", made=FIRST)
    always = rule.model_copy(update={"says": "always", "choice": Choice(project="acme")})
    known = ruled(ruled(after(word("beta", "acme")), rule), always)
    assert known.rules == (always,)


def test_the_longest_names_a_source_can_give_are_still_names():
    long = "x" * 512
    start = datetime(2026, 3, 2, 9, tzinfo=UTC)
    found = names(
        Activity(
            source=long, uid="a", kind="touch", start=start, container=long, series=long, title="y" * 1024
        ),
        long,
    )
    known = after(word("beta", "acme", about=found))
    assert [one.kind for one in known.lessons] == ["series", "task", "title"]
    assert found[-1].endswith(":" + "y" * LONGEST_TITLE)


def test_a_lesson_knows_what_it_is_about():
    kinds = [
        Lesson(about=about, choice=None, weight=1, times=1, last=FIRST).kind
        for about in (TITLE, TASK, "series:google_calendar:s1")
    ]
    assert kinds == ["title", "task", "series"]
