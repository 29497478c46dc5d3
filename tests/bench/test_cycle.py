"""A cycle's figures: what the processes say is what the table says, and none where one of them ended."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from bench import cycle, idle
from bench.loop import Failed

PHASE = {"seconds": 3.0, "processor": 2.0, "requests": {"jira": 6, "calendar": 120}}
SIZE = {
    "peak": 150,
    "drafts": 500,
    "posted": 490,
    "phases": {"drafted and mailed": PHASE, "confirmed and posted": PHASE},
    "again": PHASE | {"peak": 120, "requests": {"jira": 4}},
}


def test_the_table_says_what_each_team_took():
    table = cycle.table({"machine": "2 cores", "sizes": {"60": SIZE, "5000": SIZE}})
    assert "| people | 60 | 5,000 |" in table
    assert "| requests, drafted and mailed: calendar | 120 | 120 |" in table
    assert "| requests: asana | 0 | 0 |" in table


def test_there_are_no_figures_once_the_outside_ended():
    ends = [sys.executable, "-c", "print('daybook.yaml', flush=True); input()"]
    with subprocess.Popen(ends, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        outside = cycle.Outside(process)
        assert outside.file == Path("daybook.yaml")
        with pytest.raises(Failed, match="outside ended"):
            outside.ask("counts")


def test_the_table_of_an_idle_daemon_says_what_is_allowed():
    rows = {
        "60": {"core": 0.214, "memory": 118, "own": 90},
        "5000": {"core": 0.29, "memory": 200, "own": 170},
    }
    table = idle.table({"machine": "2 cores", "spans": [120.0, 300.0], "rows": rows})
    assert "| percent of a core | 0.3 | 0.21 | 0.29 |" in table
    assert "| memory, MiB | 120 | 118 | 200 |" in table
