"""When a person of the configuration works: schedule, public holidays, days off, and how it was before."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from config.calendar import LONGEST_LEAVE, days_off
from config.load import Unfit, load
from config.schema import Configuration, Person

PEOPLE = """\
version: 1
timezone: Europe/Berlin
schedules:
  full_time: {mon-fri: ["09:00-17:00"]}
  mornings: {mon-fri: ["09:00-13:00"]}
people:
  - name: Ada
    email: ada@northwind.example
    schedule: mornings
    timezone: Europe/Lisbon
    holidays: PT
    days_off: [2026-12-24, 2026-12-28..2026-12-31]
    before:
      - {until: 2026-11-30, schedule: full_time, timezone: Europe/Berlin, holidays: DE-BE}
      - {until: 2026-06-30, holidays: DE-BY}
"""


def loaded(folder: Path, text: str = PEOPLE) -> Configuration:
    file = folder / "daybook.yaml"
    file.write_text(text)
    return load(file).configuration


@pytest.fixture
def configuration(tmp_path: Path) -> Configuration:
    return loaded(tmp_path)


@pytest.fixture
def ada(configuration: Configuration) -> Person:
    found = configuration.person("ada@northwind.example")
    assert found
    return found


def minutes(configuration: Configuration, person: Person, day: date) -> int:
    then = person.on(day)
    schedule = configuration.schedule_of(then, [day.year])
    hours = schedule.hours(day, ZoneInfo(configuration.zone_of(then)))
    return sum(end - start for start, end in hours)


@pytest.mark.parametrize(
    ("day", "worked"),
    [
        (date(2026, 11, 30), 480),  # the last day of full time
        (date(2026, 12, 1), 0),  # Restauracao da Independencia, in Portugal
        (date(2026, 12, 2), 240),
        (date(2026, 12, 24), 0),
        (date(2026, 12, 25), 0),
        (date(2026, 12, 28), 0),
        (date(2026, 12, 31), 0),
        (date(2027, 1, 4), 240),
        (date(2026, 3, 8), 0),
        (date(2026, 3, 9), 240),  # until June only the holidays were others
    ],
)
def test_a_day_has_the_hours_of_its_time(
    configuration: Configuration, ada: Person, day: date, worked: int
) -> None:
    assert minutes(configuration, ada, day) == worked


def test_where_somebody_lived_is_a_matter_of_the_day(configuration: Configuration, ada: Person) -> None:
    zones = [
        configuration.zone_of(ada.on(date(2026, 11, 30))),
        configuration.zone_of(ada.on(date(2026, 12, 1))),
    ]
    assert zones == ["Europe/Berlin", "Europe/Lisbon"]


def test_holidays_are_those_of_the_region() -> None:
    def off(region: str, day: date) -> bool:
        said = Configuration.model_validate({"version": 1})
        person = Person(name="Ada", email="ada@northwind.example", holidays=region)
        return minutes(said, person, day) == 0

    womens_day = date(2027, 3, 8)
    assert [off(region, womens_day) for region in ("DE", "DE-BE", "DE-BY", "PT")] == [
        False,
        True,
        False,
        False,
    ]


@pytest.mark.parametrize(
    ("text", "days"),
    [("2026-12-24", 1), ("2026-12-28..2027-01-02", 6), ("2026-12-28 .. 2026-12-28", 1)],
)
def test_days_off_are_one_day_or_several(text: str, days: int) -> None:
    assert len(days_off(text)) == days


@pytest.mark.parametrize(
    "text", ["soon", "", "2026-12-24..2027", "24.12.2026", "2027-01-02..2026-12-28", "2026-01-01..2027-01-02"]
)
def test_P14_anything_else_is_refused_in_words(text: str) -> None:
    with pytest.raises(
        ValueError, match=rf"is not a day; write it like|is no span of up to {LONGEST_LEAVE} days"
    ):
        days_off(text)


def test_P14_what_was_before_is_checked_like_what_is(tmp_path: Path) -> None:
    wrong = PEOPLE.replace(
        "schedule: full_time, timezone: Europe/Berlin, holidays: DE-BE", "schedule: fulltime, holidays: XX"
    )
    wrong = wrong.replace("2026-12-24,", "christmas,")
    with pytest.raises(Unfit) as unfit:
        loaded(tmp_path, wrong)
    assert [(p.place.line, p.what) for p in unfit.value.problems] == [
        (12, "people[0].days_off[0]"),
        (14, "people[0].before[0].schedule"),
        (14, "people[0].before[0].holidays"),
    ]
