"""What contributors read: plain, right in number, and as their language writes it."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from core.memory import Choice, Recollection
from core.sentences import ENGLISH, LONGEST_TITLE, Sentences
from daybook.languages import language as spoken

GERMAN = spoken("de").sentences
TEN = datetime(2026, 11, 19, 10, 12)  # noqa: DTZ001 - only its clock is read
NOON = TEN.replace(hour=12, minute=0)


@pytest.mark.parametrize(
    ("minutes", "english", "german"),
    [
        (0, "0 minutes", "0 Minuten"),
        (1, "1 minute", "1 Minute"),
        (60, "1 hour", "1 Stunde"),
        (61, "1 hour 1 minute", "1 Stunde 1 Minute"),
        (135, "2 hours 15 minutes", "2 Stunden 15 Minuten"),
    ],
)
def test_durations_are_said_in_hours_and_minutes(minutes: int, english: str, german: str) -> None:
    assert (ENGLISH.duration(minutes), GERMAN.duration(minutes)) == (english, german)
    assert ENGLISH.duration(minutes) == english, "also the second time"


def test_times_of_day_are_those_of_the_clock_on_the_wall() -> None:
    midnight = TEN.replace(hour=0, minute=0)
    for minute in range(24 * 60):
        time = midnight + timedelta(minutes=minute)
        assert ENGLISH.clock(time) == f"{time:%H:%M}"
    assert ENGLISH.span(TEN, NOON) == "10:12-12:00"


def test_a_date_has_its_month_in_words() -> None:
    assert [say.date(date(2026, 3, 1)) for say in (ENGLISH, GERMAN)] == ["1 March", "1. März"]
    assert {ENGLISH.date(date(2026, month, 1)) for month in range(1, 13)} == {
        f"1 {date(2026, month, 1):%B}" for month in range(1, 13)
    }


@pytest.mark.parametrize(
    ("start", "end", "said"),
    [
        (None, None, "In progress all day."),
        (TEN, None, "In progress since 10:12."),
        (None, NOON, "In progress until 12:00."),
        (TEN, NOON, "In progress 10:12-12:00."),
    ],
)
def test_a_presence_names_only_the_edges_it_has_on_the_day(
    start: datetime | None, end: datetime | None, said: str
) -> None:
    assert ENGLISH.present(start, end) == said


def test_few_touches_are_listed_and_many_are_counted() -> None:
    assert ENGLISH.worked_on([TEN]) == "You changed or commented on it at 10:12."
    assert ENGLISH.worked_on([TEN, NOON]) == "You changed or commented on it at 10:12 and 12:00."
    times = [TEN + timedelta(minutes=10 * number) for number in range(8)]
    assert ENGLISH.worked_on(times[:6]).endswith("10:52 and 11:02.")
    assert ENGLISH.worked_on(times[:7]).endswith("11:02 and 1 more time.")
    assert ENGLISH.worked_on(times).endswith("at 10:12, 10:22, 10:32, 10:42, 10:52, 11:02 and 2 more times.")


def test_sharing_is_told_only_where_it_happened() -> None:
    assert ENGLISH.shared(0, None) == "The working time between meetings went to it."
    assert ENGLISH.shared(1, None).endswith("with 1 other task.")
    assert ENGLISH.shared(2, None).endswith("with 2 other tasks.")
    assert ENGLISH.shared(0, 30) == "Up to 30 minutes before and after count as work on it."
    assert ENGLISH.shared(2, 30).endswith("count as work on it, shared with 2 other tasks.")


def test_P6_a_rule_is_named_with_its_place() -> None:
    said = ENGLISH.by_rule("acme-web", "ACME calls", "daybook.yaml", 41)
    assert said == 'Project acme-web by the rule "ACME calls" (daybook.yaml line 41).'
    assert ENGLISH.by_rule("acme-web", "ACME calls", None, 41).endswith('"ACME calls" (line 41).')
    assert ENGLISH.by_rule(None, "ACME calls", None, None) == 'By the rule "ACME calls".'


ACME = Choice(project="acme")


@pytest.mark.parametrize(
    ("by", "choice", "times", "english", "german"),
    [
        (
            "always",
            ACME,
            0,
            "Project acme by your own rule, made on 12 November.",
            "Projekt acme nach Ihrer eigenen Regel vom 12. November.",
        ),
        (
            "never",
            None,
            0,
            "you said never",
            "Sie haben „nie“ gesagt",
        ),
        (
            "series",
            ACME,
            1,
            "Project acme: you chose it once for this recurring meeting, on 12 November.",
            "Projekt acme: von Ihnen einmal für diese Terminserie gewählt, am 12. November.",
        ),
        (
            "task",
            ACME,
            3,
            "Project acme: you chose it 3 times for this task, last on 12 November.",
            "Projekt acme: von Ihnen 3-mal für diese Aufgabe gewählt, zuletzt am 12. November.",
        ),
        (
            "title",
            ACME,
            2,
            "Project acme: you chose it 2 times for this title, last on 12 November.",
            "Projekt acme: von Ihnen 2-mal für diesen Titel gewählt, zuletzt am 12. November.",
        ),
        (
            "like",
            ACME,
            2,
            'Project acme: you chose it 2 times for titles like "weekly", last on 12 November.',
            "Projekt acme: von Ihnen 2-mal für Titel wie „weekly“ gewählt, zuletzt am 12. November.",
        ),
        (
            "series",
            None,
            1,
            "You dismissed this once, on 12 November.",
            "Sie haben dies schon einmal verworfen, am 12. November.",
        ),
    ],
)
def test_P6_what_is_remembered_says_how_often_and_when(
    by: Any, choice: Choice | None, times: int, english: str, german: str
) -> None:
    said = Recollection(by=by, choice=choice, title="weekly", times=times, last=date(2026, 11, 12))
    assert (ENGLISH.chosen(said), GERMAN.chosen(said)) == (english, german)


def test_a_title_is_cut_before_it_fills_the_sentence() -> None:
    assert ENGLISH.title("ACME call") == '"ACME call"'
    assert ENGLISH.title("x" * LONGEST_TITLE) == f'"{"x" * LONGEST_TITLE}"'
    assert ENGLISH.title("x" * 1024) == f'"{"x" * LONGEST_TITLE}..."'


@pytest.mark.parametrize("say", [ENGLISH, GERMAN])
def test_a_title_with_braces_is_only_a_title(say: Sentences) -> None:
    assert "{time} {0}" in say("decline others", others=say.title("{time} {0}"))
