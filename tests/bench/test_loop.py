"""The figures' own honesty: what is printed is what was measured, and a loop that failed has none."""

from __future__ import annotations

import sys

import pytest

from bench import loop
from bench.__main__ import DOCUMENT, written


def figures(**more: float) -> loop.Figures:
    """The smaller team took 20 s; the larger one ten times that unless `more` says otherwise."""
    small = {"whole": 20.0, "processor": 18.0, "peak": 150, "outside": 60, "posted": 400}
    large = {name: number * 10 for name, number in small.items()} | more
    parts = {"seconds": {"posted": 3.0}, "requests": {"jira": 120}, "idle": {"jira": 3}}
    return {"machine": "2 cores", "sizes": {"60": small | parts, "600": large | parts}}


def row(table: str, name: str) -> list[str]:
    line = next(line for line in table.splitlines() if line.startswith(f"| {name} |"))
    return [cell.strip() for cell in line.split("|")[2:-1]]


def test_a_loop_that_grows_worse_than_its_team_shows_it():
    table = loop.table(figures(whole=2_000.0))
    assert row(table, "seconds, the whole loop") == ["20.0", "2,000.0", "100.0", "3.33"]
    assert row(table, "peak memory, MiB") == ["150", "1,500", "10.0", "2.50"]
    assert row(table, "requests: jira") == ["120", "120", "1.0", "0.20"]


def test_a_loop_that_failed_has_no_figures():
    with pytest.raises(loop.Failed, match="ended with 3"):
        loop.ran([sys.executable, "-c", "import sys; print('{}'); sys.exit(3)"])
    printed, used = loop.ran([sys.executable, "-c", "print('{}')"])
    assert (printed, used.seconds > 0, used.processor > 0) == ({}, True, True)


def test_a_process_is_not_charged_with_the_memory_of_who_started_it():
    ours = bytearray(200 << 20)
    ours[::4096] = b"x" * len(ours[::4096])
    _, small = loop.ran([sys.executable, "-c", "print('{}')"])
    _, large = loop.ran([sys.executable, "-c", "print('{}'); held = bytearray(b'x') * (120 << 20)"])
    assert 0 < small.peak < 100 < large.peak < 200


def test_a_table_is_written_between_its_two_comments_and_nowhere_else():
    document = "Before\n<!-- bench: loop -->\nold\n<!-- end -->\nAfter <!-- end -->\n"
    assert written(document, "loop", "new") == document.replace("old", "new")
    assert written(document, "other", "new") == document
    assert written(DOCUMENT.read_text("utf-8"), "loop", "new") != DOCUMENT.read_text("utf-8")
