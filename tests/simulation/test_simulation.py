"""Five thousand small worlds, each under its own seed: whatever goes wrong, the invariants hold (P8, P10).

What they are stands in invariants.py; `make soak` tells as many more worlds as one likes.
"""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.simulation.run import AT_ONCE, Told, shown, tell_all

SEEDS = 5_000


@pytest.mark.parametrize("first", range(0, SEEDS, AT_ONCE))
def test_P8_P10_whatever_goes_wrong_the_invariants_hold(first: int) -> None:
    told = tell_all(range(first, first + AT_ONCE))
    assert told is None, "\n".join((*told.story, shown(told)))


def test_I8_the_same_seed_tells_the_same_story_byte_for_byte() -> None:
    """In two processes, in which sets and dictionaries come in different orders."""
    stories = {_told_by_another_process(seed, order) for order in "12" for seed in (12,)}
    assert len(stories) == 1
    (story,) = stories
    assert "all invariants hold" in story
    assert len(story.splitlines()) > 20


def test_a_failing_seed_is_one_command() -> None:
    broken = Told(17, 3, "", "I2: 2 records of one entry")
    *_, command = shown(broken).partition("repeat it: ")
    assert command == ".venv/bin/python -m tests.simulation.run 17 --trace"


def _told_by_another_process(seed: int, order: str) -> str:
    command = [sys.executable, "-m", "tests.simulation.run", str(seed), "--trace"]
    done = subprocess.run(
        command, env=os.environ | {"PYTHONHASHSEED": order}, capture_output=True, text=True, check=True
    )
    return done.stdout
