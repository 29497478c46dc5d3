"""The figures of memory: each row guessed before it is told, and a log that is not here said to be absent."""

from __future__ import annotations

import csv
from datetime import date

import pytest

from bench import titles
from bench.titles import Guess, Row


@pytest.fixture
def corpus(tmp_path, monkeypatch):
    """Two small logs of our own making, and no classifier."""
    monkeypatch.setattr(titles, "CORPUS", tmp_path)
    monkeypatch.setattr(titles, "WARM", 4)
    methods = {name: one for name, one in titles.METHODS.items() if one is not titles.by_classifier}
    monkeypatch.setattr(titles, "METHODS", methods)
    for folder in ("timelogs", "jira"):
        (tmp_path / folder).mkdir()
    tasks = [
        {
            "TaskNumber": number,
            "Summary": f"Server checks week {number}" if number % 2 else f"Invoice {number}",
            "ProjectCode": "ops" if number % 2 else "books",
            "DeveloperID": "7",
            "StartedOn": "" if number == 3 else f"2026-03-{number:02}",
            "EstimateOn": f"2026-03-{number:02}",
        }
        for number in reversed(range(1, 29))
    ]
    with (tmp_path / "timelogs" / "sip_tasks_part1.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, tasks[0])
        writer.writeheader()
        writer.writerows(tasks)
    return tmp_path


def test_a_log_that_is_not_here_is_said_to_be_absent(corpus):
    figures = titles.measure()
    assert list(figures["logs"]) == ["tasks of a software house"]
    assert figures["absent"] == [
        "issues of 16 public projects: jira/issue_titles_by_project.csv is not in ../shared/corpus, "
        "so it was not measured."
    ]


def test_the_table_tells_every_method_and_how_certain_it_was(corpus):
    table = titles.table(titles.measure())
    assert "28 rows on 2 projects, people: 1." in table
    for method in titles.METHODS:
        assert f"| {method} | " in table
    assert "| Daybook's memory, each their own | 1.000 | 1.000 | 1.000 |" in table
    assert "called *sure*: " in table


@pytest.mark.parametrize("method", [titles.by_memory, titles.as_last_time, titles.most_frequent])
def test_no_method_knows_a_row_before_it_is_told(method):
    rows = [Row("7", date(2026, 3, day), f"Checks {day}", "ops") for day in (1, 2, 3)]
    told = method(rows)
    assert told[0].project is None
    other = [*rows[:2], rows[2]._replace(project="books")]
    assert method(other) == told


def test_a_person_is_not_told_what_another_did():
    rows = [Row(person, date(2026, 3, 1), "Checks", "ops") for person in "77778"]
    assert [guess.project for guess in titles.by_memory(rows)] == [None, "ops", "ops", "ops", None]


def test_rows_are_read_in_the_order_of_time():
    records = [
        {"TaskNumber": "2", "Summary": "b", "ProjectCode": "p", "DeveloperID": "1", "StartedOn": "2026-03-02",
         "EstimateOn": "2026-01-01"},
        {"TaskNumber": "1", "Summary": "a", "ProjectCode": "p", "DeveloperID": "1", "StartedOn": "",
         "EstimateOn": "2026-03-01"},
    ]  # fmt: skip
    assert [row.title for row in titles.tasks(records)] == ["a", "b"]
    issues = [{"project": p, "issuekey": f"{p}-{n}", "title": f"{p}{n}"} for p in "xy" for n in (10, 9)]
    assert [row.title for row in titles.issues(issues)] == ["x9", "y9", "x10", "y10"]


def test_precision_is_of_the_surest():
    guesses = [(Guess("a", 0.9), "a"), (Guess("a", 0.8), "b"), (Guess(None, 0.0), "a"), (Guess("b", 0), "b")]
    assert [titles._precision(guesses, part) for part in (0.25, 0.5, 1.0)] == [1, 0.5, 0.5]
