"""How fast a connection asks, and how long it rests."""

from __future__ import annotations

import itertools
import threading
import time
from datetime import timedelta

import pytest
from requests.structures import CaseInsensitiveDict

from connectors.budget import MOST_PLACES, Budget, spread
from connectors.contract import Paced, Unavailable
from connectors.limits import asked_rest
from connectors.manners import Manners

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


def test_R07_what_was_asked_for_is_kept_and_a_little_more_that_differs() -> None:
    waits = {spread(timedelta(seconds=100)).total_seconds() for _ in range(200)}
    assert 100 <= min(waits) < 110 and 120 < max(waits) <= 130 and len(waits) > 100


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


def test_R07_what_one_place_rests_for_the_others_go_on(clock: Clock) -> None:
    """An issue, an endpoint, a person: whatever a connector calls so."""
    budget = Budget(clock=clock, wait=clock.wait)
    budget.rest(timedelta(seconds=60), "issue A-1", "call")
    budget.take("POST worklog", "issue A-2")
    budget.take()
    with pytest.raises(Paced) as caught:
        budget.take("POST worklog", "issue A-1")
    assert (caught.value.rests, caught.value.wait) == ("call", timedelta(seconds=60))
    clock.now += 60
    budget.take("issue A-1")
    assert (budget.requests, clock.waited) == (3, [])


def test_R07_a_rest_of_all_says_so_to_whoever_comes(clock: Clock) -> None:
    budget = Budget(clock=clock, wait=clock.wait)
    budget.rest(timedelta(seconds=60), rests="reading")
    with pytest.raises(Paced) as caught:
        budget.take("issue A-1")
    assert caught.value.rests == "reading"


def test_places_whose_rest_is_over_are_not_kept_for_ever(clock: Clock) -> None:
    budget = Budget(clock=clock, wait=clock.wait)
    for n in range(3 * MOST_PLACES):
        budget.rest(timedelta(seconds=1), f"issue {n}", "call")
        clock.now += 0.01
    assert len(budget._rests) <= MOST_PLACES + 2


def test_R07_near_a_limit_we_go_slower_for_a_while_and_then_as_before(clock: Clock) -> None:
    budget = Budget(rate=10, burst=10, clock=clock, wait=clock.wait)
    budget.slow(0.5, timedelta(seconds=20))
    times = []
    while clock.now < 1023:
        budget.take()
        times.append(clock.now)
    warned = [at for at in times if at < 1020]
    assert {round(later - at) for at, later in itertools.pairwise(warned)} == {2}
    assert len(times) > 20, "it was over"


def test_a_credential_that_its_tool_counts_by_itself_has_a_budget_of_its_own(clock: Clock) -> None:
    """Fact 6 of facts/asana.md."""
    budget = Budget(rate=1, burst=1, clock=clock, wait=clock.wait)
    manners = Manners(budget=budget)
    budget.rest(timedelta(hours=1))
    manners.own("ada").take()
    manners.own("ada").rest(timedelta(hours=1))
    with pytest.raises(Paced):
        manners.own("ada").take()
    manners.own("ben").take()
    assert (clock.waited, budget.requests) == ([], 0)


@pytest.mark.parametrize(("write", "most"), [(False, 8), (True, 2)])
def test_no_more_requests_are_on_their_way_at_once_than_a_tool_takes(write: bool, most: int) -> None:
    """Section 6 of facts/asana.md."""
    budget, under_way, seen = Budget(10_000, 10_000, reads=8, writes=2), [0], []
    lock, full = threading.Lock(), threading.Event()

    def ask() -> None:
        with budget.turn(write=write):
            with lock:
                under_way[0] += 1
                seen.append(under_way[0])
                if under_way[0] == most:
                    full.set()
            full.wait(60)
            with lock:
                under_way[0] -= 1

    threads = [threading.Thread(target=ask) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (max(seen), budget.requests) == (most, 20)


def test_R07_after_a_rest_one_goes_ahead_and_the_others_wait_for_what_it_hears() -> None:
    """Else each rest would end with as many refusals as there are threads."""
    budget, pause, began = Budget(10_000, 10_000), timedelta(seconds=0.03), []

    def ask() -> None:
        with budget.turn():
            began.append(time.monotonic())
            threading.Event().wait(0.005)
            if len(began) <= 3:
                budget.rest(pause)

    budget.rest(pause)
    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(began) == 8
    assert all(later - earlier >= 0.03 for earlier, later in itertools.pairwise(began[:4]))


def test_reads_on_their_way_hold_up_no_write() -> None:
    budget = Budget(reads=1, writes=1, patience=timedelta(0))
    with budget.turn(), budget.turn(write=True), pytest.raises(Paced):
        budget.take()


def test_a_wait_longer_than_patience_is_said_at_once_and_sleeps_nothing(clock: Clock) -> None:
    budget = Budget(clock=clock, wait=clock.wait)
    budget.rest(timedelta(seconds=60))
    with pytest.raises(Paced) as caught:
        budget.take()
    assert caught.value.wait == timedelta(seconds=60)
    assert clock.waited == []
    assert budget.requests == 0


def test_R07_who_goes_on_under_another_configuration_may_ask_no_more_than_both_together(clock: Clock) -> None:
    """A reload gave each tool a second budget, while the jobs from before used up the first."""
    before = Manners(budget=Budget(rate=1, burst=2, patience=timedelta(0), clock=clock))
    before.budget.take(), before.own("ada").take()
    before.budget.rest(timedelta(seconds=30), "issues")
    slower = Budget(rate=0.1, burst=1, patience=timedelta(0), clock=clock)
    after = Manners(budget=slower, timeout=(1.0, 2.0)).after(before)
    assert after.timeout == (1.0, 2.0)
    after.budget.take()
    for budget in (before.budget, after.budget):
        with pytest.raises(Paced):
            budget.take()
    with pytest.raises(Paced):
        after.budget.take("issues")
    clock.now += 5
    assert before.own("ada") is after.own("ada")
    with pytest.raises(Paced):
        after.budget.take()
    clock.now += 5
    after.budget.take()


def test_a_thread_that_waits_stops_with_the_daemon() -> None:
    stopping = threading.Event()
    budget = Budget(wait=stopping.wait)
    budget.rest(timedelta(seconds=5))
    threading.Timer(0.02, stopping.set).start()
    with pytest.raises(Unavailable, match="stopping"):
        budget.take()


def test_R07_many_threads_together_never_go_faster_than_the_budget() -> None:
    """A storm: one request a permitted slot, and all work drains."""
    budget, began = Budget(rate=200, burst=5, patience=timedelta(seconds=30)), time.monotonic()

    def ask() -> None:
        for _ in range(10):
            budget.take()

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert budget.requests == 80
    assert time.monotonic() - began >= (80 - 5 - 1) / 200
