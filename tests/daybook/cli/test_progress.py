"""How far a long command is, on a terminal."""

from __future__ import annotations

import io

import pytest

from daybook.cli import progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_each_part_of_a_long_command_has_a_bar_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr("sys.stderr", terminal)
    with progress.shown() as step:
        for done in range(3):
            step("Pulling", done, 2)
        step("Drafting", 1, 4)
    pulling, drafting, _ = terminal.getvalue().split("\n")
    assert "Pulling" in pulling
    assert "100%" in pulling
    assert "Drafting" in drafting
    assert "25%" in drafting
