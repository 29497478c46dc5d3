"""Reports of one day, and the groups in them: what is left between them is of as many as what is in them."""

from __future__ import annotations

from datetime import datetime

import pytest

from config.schema import Configuration
from daybook.house import House
from tests.daybook.conftest import BERLIN, Clock
from tests.daybook.test_reporting import DECLARED, all_of, confirmed, round_

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
