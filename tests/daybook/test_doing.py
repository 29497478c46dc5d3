"""What a process notes of its own work: numbers by kind, and since when something waits."""

from __future__ import annotations

import pytest

from core.rounds import Forget, Post, Pull
from daybook import doing
from daybook.doing import LATE, Doing
from daybook.embedded import Runner
from daybook.jobs import Moved
from tests.daybook.metrics.conftest import ticks

PULL = Pull(connection="google", partition="c-ada")
POST = Post(posting="p-1", lane="x")


__all__ = ["ticks"]


def test_each_piece_of_work_is_counted_by_how_it_ended(ticks):
    done = Doing(ticks)
    with done.job(PULL):
        ticks.now += 3
    for error in (Moved, ValueError):
        with pytest.raises(error), done.job(POST):
            raise error
    assert done.jobs() == {("Pull", "done"): 1, ("Post", "moved"): 1, ("Post", "broke"): 1}
    assert done.seconds() == {"Pull": 3.0, "Post": 0.0}


def test_what_is_due_for_longer_than_it_should_be_is_late_and_says_nothing_before(ticks):
    """Nobody sees by it when Ada pressed a button: a posting that goes out in time was never late."""
    done = Doing(ticks)
    done.looked([PULL, POST])
    ticks.now += LATE - 1
    assert done.late() == {}
    done.looked([PULL])
    ticks.now += 2
    (waits,) = done.late().values()
    assert done.late().keys() == {("Pull", "google")}
    assert (waits.number, waits.seconds) == (1, LATE + 1)
    done.looked([])
    assert done.late() == {}


def test_who_never_looked_does_not_say_how_long_ago_it_was(ticks):
    done = Doing(ticks)
    assert done.since_look() is None
    done.looked([])
    ticks.now += 7
    assert done.since_look() == 7


def test_a_runner_notes_what_it_finds_due_and_what_it_did(house, monkeypatch):
    here = Doing()
    monkeypatch.setattr(doing, "HERE", here)
    runner = Runner(house, lambda _house, _work: None)
    runner.round(house.clock())
    runner._end()
    assert here.since_look() is not None
    assert here.jobs()[type(Forget()).__name__, "done"] == 1
