"""The figures of two years: each store holds what it should, and the table says how they compare."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench import history
from bench.loop import Failed


def test_everything_is_done_in_each_store():
    figures = history.measure(people=(2, 3), days=(2, 4), rounds=1, drawing=None)
    assert list(figures["history"]) == ["2", "4"]
    assert list(figures["people"]) == ["2", "3"]
    assert all(taken > 0 for row in figures["history"].values() for taken in row.values())
    assert history.table(figures).count("\n| ") == 2 + len(history.DEEDS) - 1 + 1


def test_there_are_no_figures_of_a_store_that_lacks_something(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(history, "remember", lambda house, days: None)
    with pytest.raises(Failed, match="holds"):
        history._filled(tmp_path, 1, 2)
