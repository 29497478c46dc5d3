"""How fast a connection asks, and how long it rests."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from requests.structures import CaseInsensitiveDict

from connectors.budget import Budget, asked_rest
from connectors.contract import Paced, Unavailable

SATURDAY = "Sat, 21 Nov 2026 10:00:00 GMT"


class Clock:
    """Time that passes only while somebody waits."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.waited: list[float] = []

    def __call__(self) -> float:
        return self.now

    def wait(self, seconds: float) -> bool:
        self.waited.append(seconds)
        self.now += seconds
        return False


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "7"}, 7),
        ({"retry-after": "0.5"}, 0.5),
        ({"Retry-After": "0"}, 0),
        ({"Retry-After": "-3"}, 0),
        ({"Retry-After": "31536000"}, 3600),
        ({"Retry-After": "inf"}, 3600),
        ({"Retry-After": "nan"}, None),
        ({"Retry-After": "soon"}, None),
        ({"Retry-After": ""}, None),
        ({}, None),
        ({"Retry-After": "Sat, 21 Nov 2026 10:00:09 GMT"}, 9),
        ({"Retry-After": "Sat, 21 Nov 2026 09:00:00 GMT"}, 0),
        ({"Retry-After": "Sun, 21 Nov 2027 10:00:00 GMT"}, 3600),
        ({"X-RateLimit-Reset": "2026-11-21T10:01Z"}, 60),
        ({"X-RateLimit-Reset": "2026-11-21T11:00:30+01:00"}, 30),
        ({"X-RateLimit-Reset": "2026-11-21T10:00:30"}, 30),
        ({"X-RateLimit-Reset": "later"}, None),
        ({"Retry-After": "2", "X-RateLimit-Reset": "2026-11-21T10:01Z"}, 2),
    ],
)
def test_R07_a_rest_is_read_in_every_form_tools_use_and_capped(
    headers: dict[str, str], seconds: float | None
) -> None:
    asked = asked_rest(CaseInsensitiveDict({"Date": SATURDAY, **headers}))
    assert asked == (None if seconds is None else timedelta(seconds=seconds))


def test_a_burst_goes_at_once_and_the_rest_at_the_rate(clock: Clock) -> None:
    budget = Budget(rate=2, burst=3, clock=clock, wait=clock.wait)
    for _ in range(5):
        budget.take()
    assert clock.now == pytest.approx(1001.0)
    assert budget.requests == 5


def test_R07_during_a_rest_nothing_goes_and_after_it_no_burst(clock: Clock) -> None:
    budget = Budget(rate=1, burst=10, patience=timedelta(seconds=60), clock=clock, wait=clock.wait)
    budget.rest(timedelta(seconds=30))
    budget.rest(timedelta(seconds=5))
    times = []
    for _ in range(3):
        budget.take()
        times.append(clock.now)
    assert times == pytest.approx([1030, 1031, 1032])


def test_a_wait_longer_than_patience_is_said_at_once_and_sleeps_nothing(clock: Clock) -> None:
    budget = Budget(clock=clock, wait=clock.wait)
    budget.rest(timedelta(seconds=60))
    with pytest.raises(Paced) as caught:
        budget.take()
    assert caught.value.wait == timedelta(seconds=60)
    assert clock.waited == []
    assert budget.requests == 0


def test_a_thread_that_waits_stops_with_the_daemon() -> None:
    stopping = threading.Event()
    budget = Budget(wait=stopping.wait)
    budget.rest(timedelta(seconds=5))
    threading.Timer(0.02, stopping.set).start()
    with pytest.raises(Unavailable, match="stopping"):
        budget.take()


def test_R07_many_threads_together_never_go_faster_than_the_budget() -> None:
    """A storm: one request a permitted slot, and all work drains."""
    budget = Budget(rate=200, burst=5, patience=timedelta(seconds=30))
    seconds = []

    def ask() -> None:
        import time

        for _ in range(10):
            budget.take()
            seconds.append(time.monotonic())

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seconds.sort()
    assert len(seconds) == budget.requests == 80
    assert seconds[-1] - seconds[0] >= (80 - 5 - 1) / 200 * 0.95
