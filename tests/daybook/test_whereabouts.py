"""Whose day it is where they live, and the night in which they move."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from config.schema import Configuration
from daybook.whereabouts import Whereabouts

BERLIN, LISBON, TOKYO = (ZoneInfo(name) for name in ("Europe/Berlin", "Europe/Lisbon", "Asia/Tokyo"))
CONFIGURATION = Configuration.model_validate(
    {
        "version": 1,
        "timezone": "Europe/Berlin",
        "people": [
            {"name": "Ada Example", "email": "ada@northwind.example"},
            {
                "name": "Ben Example",
                "email": "ben@northwind.example",
                "timezone": "Europe/Lisbon",
                "before": [{"until": "2026-11-18", "timezone": "Asia/Tokyo"}],
            },
        ],
    }
)


@pytest.fixture
def ben() -> Whereabouts:
    return Whereabouts(CONFIGURATION, CONFIGURATION.people[1])


def test_who_never_moved_has_one_zone():
    ada = Whereabouts(CONFIGURATION, CONFIGURATION.people[0])
    assert ada.zone(date(2020, 1, 1)) == ada.zone(date(2026, 11, 19)) == "Europe/Berlin"
    assert ada.day(datetime(2026, 11, 19, 23, 30, tzinfo=LISBON)) == date(2026, 11, 20)


@pytest.mark.parametrize(
    ("instant", "day"),
    [
        (datetime(2026, 11, 17, 0, 30, tzinfo=TOKYO), 17),
        (datetime(2026, 11, 17, 23, 30, tzinfo=TOKYO), 17),
        (datetime(2026, 11, 18, 0, 0, tzinfo=TOKYO), 18),
        # The last day before the move lasts until midnight where he lands.
        (datetime(2026, 11, 19, 5, 0, tzinfo=TOKYO), 18),
        (datetime(2026, 11, 18, 23, 59, tzinfo=LISBON), 18),
        (datetime(2026, 11, 19, 0, 0, tzinfo=LISBON), 19),
    ],
)
def test_the_day_of_a_move_ends_where_the_next_begins(ben, instant, day):
    assert ben.day(instant) == date(2026, 11, day)
    assert ben.zone(date(2026, 11, day)) == ("Asia/Tokyo" if day < 19 else "Europe/Lisbon")
