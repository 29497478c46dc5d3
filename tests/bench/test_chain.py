"""The team's chain in small: what one tool enters the other knows of, and the table says how they compare."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench import chain
from bench.loop import Failed
from bench.pull.crowd import Size

SMALL = Size(people=2, issues=30, worklogs=4, tasks=1, entries=1, events=1)


def test_without_the_other_tool_the_table_says_so(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(chain, "python_with", lambda requirement: None)
    figures = chain.measure(SMALL, rounds=1)
    assert figures["ours"]["made"] > 0
    assert figures["ours"]["requests"] < SMALL.issues
    assert "could not be installed here" in chain.table(figures)


def test_there_are_no_figures_where_the_other_tool_knows_more(monkeypatch: pytest.MonkeyPatch):
    one = ("p0@northwind.example", "WEB-1", "2026-11-02")
    monkeypatch.setattr(chain, "python_with", Path)
    monkeypatch.setattr(chain, "_ours", lambda *_: ({}, set()))
    monkeypatch.setattr(chain, "_theirs", lambda *_: ({}, {one}))
    with pytest.raises(Failed, match="knows nothing of 1 of 1"):
        chain.measure(SMALL)


def test_the_table_says_how_many_times_faster_and_fewer():
    ours = {"seconds": 4.0, "processor": 3.0, "requests": 51, "peak": 130, "made": 3_000}
    theirs = {"seconds": 80.0, "processor": 75.0, "requests": 5_100, "peak": 42, "made": 998}
    size = {"people": 200, "issues": 5_000}
    table = chain.table({"machine": "2 cores", "size": size, "ours": ours, "theirs": theirs})
    assert "| times Daybook | 20 | 25 | 100 | | |" in table
