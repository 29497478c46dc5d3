"""Reports of one day, and the groups in them: what is left between them is of as many as what is in them."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from config.schema import Configuration
from daybook.house import House
from tests.daybook.conftest import BERLIN, Clock
from tests.daybook.test_reporting import DECLARED, MONDAY, all_of, confirmed, member, round_

TEAMS = {"build": 8, "care": 8, "design": 2}
ONE_ROLE = [f"{team}{number}" for team, many in TEAMS.items() for number in range(many)]


@pytest.fixture
def configuration(configuration: Configuration) -> Configuration:
    """Three teams are all of a role; the first report is of the role, the second of the teams."""
    said = configuration.model_dump(exclude={"store"}, exclude_none=True, by_alias=True)
    said["people"] = [
        {
            "name": name,
            "email": f"{name}@northwind.example",
            "team": name.rstrip("0123456789"),
            "role": "client_billed",
        }
        for name in ONE_ROLE
    ]
    said["policy"]["groups"] = {"minimum": 5}
    said["policy"]["reports"] = [
        {"who": "managers", "what": ["billable"], "cadence": "weekly", "by": by} for by in ("role", "team")
    ]
    return Configuration.model_validate(said)


@pytest.fixture
def clock() -> Clock:
    return Clock(datetime(2026, 11, 16, 8, 0, tzinfo=BERLIN))


def test_P22_a_role_less_its_large_teams_is_not_what_the_small_one_did(house: House, clock: Clock) -> None:
    round_(house)
    for number, name in enumerate(ONE_ROLE):
        confirmed(house, name, "billed", 480 + 10 * number)
        confirmed(house, name, "own", 300, billable=False)
    clock.now = DECLARED
    round_(house)
    shown = {part.group: bool(part.tables) for one in all_of(house) for part in one.pattern.parts}
    assert shown == {"client_billed": True, "build": True, "care": False, "design": False}


def a_week(house: House, clock: Clock, monday: date, minutes: int, people: list[str]) -> None:
    """It begins, and all these confirm so much; then it is the day of its report."""
    clock.now = datetime(monday.year, monday.month, monday.day, 8, tzinfo=BERLIN)
    round_(house)
    for name in people:
        confirmed(house, name, f"billed-{monday}", minutes, monday)
        confirmed(house, name, f"own-{monday}", minutes, monday, billable=False)
    clock.wait(days=9, hours=1)


@pytest.mark.parametrize("erased", [False, True])
def test_P13_who_left_is_compared_and_with_who_is_erased_nothing_can_be(
    house: House, clock: Clock, erased: bool
) -> None:
    """All others work twice as long in the second week, so nobody sees what one who left did not do."""
    a_week(house, clock, MONDAY, 300, ONE_ROLE)
    round_(house)
    a_week(house, clock, MONDAY + timedelta(days=7), 600, ONE_ROLE[1:])
    who = member(house, ONE_ROLE[0]).id
    with house.store.writing() as tx:
        tx.people.leave(who, clock())
        if erased:
            tx.people.erase(who)
    round_(house)
    latest = next(one for one in all_of(house) if one.pattern.by == "team")
    assert bool(latest.pattern.parts[0].tables) is not erased
