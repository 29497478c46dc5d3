"""A week's sums: what was confirmed, what changed since, what stayed without a word."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from core.look_back import LookBack, Spent, Unanswered, look_back
from core.model import Draft, Entry, Suggestion

MONDAY, TUESDAY = date(2026, 11, 9), date(2026, 11, 10)


def entry(name: str, minutes: int, project: str | None = "acme", **more: Any) -> Entry:
    start = datetime(2026, 11, 9, 9, tzinfo=UTC)
    told = {"id": name, "day": MONDAY, "start": start, "minutes": minutes, "project": project}
    return Entry.model_validate(told | {"target": "none"} | more)


def draft(key: str, minutes: int, day: date = MONDAY, **stands: Any) -> Draft:
    suggestion = Suggestion(key=key, day=day, minutes=minutes)
    return Draft(suggestion=suggestion, seen=suggestion, **stands)


def test_time_is_summed_by_project_attended_and_attributed() -> None:
    week = look_back(
        [
            entry("e-1", 60, attributed={"acme": 60, "beta": 60}),
            entry("e-2", 90, "beta", attributed={"beta": 90}),
            entry("e-3", 30, None),
        ],
        [],
        (),
    )
    assert week.spent == (
        Spent(project="beta", attended=90, attributed=150),
        Spent(project="acme", attended=60, attributed=60),
        Spent(project=None, attended=30, attributed=30),
    )


def test_what_changed_is_counted_and_not_judged() -> None:
    drafts = [
        draft("a", 60, decision="confirmed", noticed=False),
        draft("b", 60, decision="confirmed"),
        draft("c", 60, decision="edited", noticed=False),
    ]
    week = look_back([entry("e-1", 60, revision=2), entry("e-2", 30)], drafts, ())
    assert (week.corrected, week.contradicted) == (1, 1)


def test_what_stayed_without_a_word_is_named_by_day_closed_or_not() -> None:
    drafts = [
        draft("a", 60),
        draft("b", 30, decision="edited"),
        draft("c", 15, decision="dismissed"),
        draft("d", 45, TUESDAY),
    ]
    week = look_back([], drafts, {MONDAY})
    assert week == LookBack(
        spent=(),
        corrected=0,
        contradicted=0,
        unanswered=(
            Unanswered(day=MONDAY, drafts=2, minutes=90, closed=True),
            Unanswered(day=TUESDAY, drafts=1, minutes=45, closed=False),
        ),
    )
