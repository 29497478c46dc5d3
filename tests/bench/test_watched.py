"""What is told of a program that runs beside us is its own, and nothing once it has ended."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from bench import helped
from bench.loop import Failed
from bench.watched import watched

HOLDS = "held = bytearray(b'x') * (60 << 20); import time; time.sleep(60)"


def test_its_memory_and_its_processor_are_its_own(tmp_path: Path):
    with watched([sys.executable, "-c", HOLDS], tmp_path / "log") as one:
        while one.memory < 60:
            one.lives()
        assert 60 <= one.peak < 120
        assert 0 <= one.processor < 10


def test_there_are_no_figures_of_a_program_that_ended(tmp_path: Path):
    with watched([sys.executable, "-c", "raise SystemExit(3)"], tmp_path / "log") as one:
        one._running.wait()
        with pytest.raises(Failed, match="ended with 3"):
            _ = one.processor


def test_the_table_says_how_many_times_the_bare_program_help_takes():
    took = {helped.OURS: 0.045, helped.BARE: 0.03}
    table = helped.table({"machine": "2 cores", "turns": 20, "took": took})
    assert "| daybook --help | 45 | 1.50 |" in table
