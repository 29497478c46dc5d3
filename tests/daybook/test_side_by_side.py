"""Where a tool is far away, its calendars are asked side by side, at the pace the tool allows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from threading import Barrier

import pytest

from config.schema import Configuration, Person
from connectors.google_calendar.sandbox import CalendarSite
from connectors.stand_in import Answer, Request
from core import rounds
from core.schedule import Schedule
from daybook import jobs, sync
from daybook.embedded import Runner
from daybook.house import House
from tests.daybook.at_google import reading, site_for, tracking
from tests.daybook.test_distributed import until

CROWD = 36
AT_ONCE = 3
LONG = 20
"""Seconds on a busy machine."""


@pytest.fixture
def configuration(configuration: Configuration) -> Configuration:
    """Three dozen people who always work, and their calendars."""
    people = [Person(name=f"P{n}", email=f"p{n}@northwind.example", schedule="always") for n in range(CROWD)]
    always = {"always": Schedule.model_validate({"mon-sun": ["00:00-24:00"]})}
    crowd = configuration.model_copy(update={"people": tuple(people), "schedules": always})
    return tracking(crowd, back_fill=1)


@pytest.fixture
def google(configuration: Configuration) -> Iterator[CalendarSite]:
    site = site_for(configuration)
    site.start()
    yield site
    site.stop()


@pytest.fixture
def asking(house: House, google: CalendarSite) -> House:
    """Everybody has agreed; nobody was asked about yet."""
    return reading(house, google)


@pytest.fixture
def together(google: CalendarSite, monkeypatch: pytest.MonkeyPatch) -> Callable[[], Barrier]:
    """From when it is called, who asks is answered when two others ask too."""

    def begins() -> Barrier:
        three, answer = Barrier(AT_ONCE, timeout=LONG), google.answer

        def with_others(request: Request) -> tuple[Answer, str]:
            three.wait()
            return answer(request)

        monkeypatch.setattr(google, "answer", with_others)
        return three

    return begins


def test_three_dozen_far_calendars_take_a_third_of_asking_in_a_loop_and_no_request_more(
    asking: House, google: CalendarSite, clock, together: Callable[[], Barrier]
) -> None:
    """Nobody counts the seconds of a busy machine: in a loop, nobody would be answered."""

    def only_pull(house: House, work: rounds.Work) -> None:
        if isinstance(work, rounds.Pull):
            jobs.perform(house, work)

    def a_round() -> None:
        runner = Runner(asking, only_pull)
        runner.round(clock())
        until(lambda: runner.idle)

    a_round()
    google.reset_counts()
    three = together()
    clock.wait(minutes=16)
    a_round()
    assert not three.broken
    assert sum(google.reset_counts().values()) == CROWD


def test_sync_asks_them_side_by_side_too(
    asking: House, google: CalendarSite, together: Callable[[], Barrier]
) -> None:
    sync.cycle(asking)
    google.reset_counts()
    three = together()
    sync.cycle(asking)
    assert not three.broken
    assert sum(google.reset_counts().values()) == CROWD
