"""Who is in which cohort: people there are, each once, and a pilot of a size to talk with."""

from __future__ import annotations

from pathlib import Path

import pytest

from config.load import Unfit, load

PEOPLE = [f"{name}@northwind.example" for name in "ada ben mara otto ines kofi lena milo nora".split()]
FILE = """\
version: 1
people:
{people}
rollout:
  cohorts:
    pilot: [{pilot}]
    expand: [{expand}]
"""


def sentences(tmp_path: Path, pilot: list[str], expand: list[str]) -> list[str]:
    file = tmp_path / "daybook.yaml"
    people = "\n".join(f"  - {{name: Some Body, email: {one}}}" for one in PEOPLE)
    file.write_text(FILE.format(people=people, pilot=", ".join(pilot), expand=", ".join(expand)))
    try:
        load(file)
    except Unfit as unfit:
        return [f"{one.place.line}:{one.place.column} {one.what} {one.sentence}" for one in unfit.problems]
    return []


def test_a_cohort_of_people_there_are_is_well(tmp_path: Path) -> None:
    assert sentences(tmp_path, PEOPLE[:4], PEOPLE[4:]) == []


@pytest.mark.parametrize(("pilot", "expand", "place"), [
    (PEOPLE[:4], [PEOPLE[0]], "15:14 rollout.cohorts.expand[0]"),
    ([PEOPLE[0], PEOPLE[0]], [], "14:36 rollout.cohorts.pilot[1]"),
])  # fmt: skip
def test_a_person_in_two_cohorts_is_refused_by_name_and_line(
    tmp_path: Path, pilot: list[str], expand: list[str], place: str
) -> None:
    (said,) = sentences(tmp_path, pilot, expand)
    assert said == f"{place} is in the cohort pilot already. A person is in one of them, once."


def test_an_address_of_nobody_is_refused_by_name_and_line(tmp_path: Path) -> None:
    (said,) = sentences(tmp_path, [*PEOPLE[:3], "otta@northwind.example"], [])
    place = "14:83 rollout.cohorts.pilot[3]"
    assert said == f'{place} is not under people. Did you mean "otto@northwind.example"?'


def test_a_pilot_of_nine_is_refused_and_says_why(tmp_path: Path) -> None:
    (said,) = sentences(tmp_path, PEOPLE, [])
    assert said.startswith("14:5 rollout.cohorts.pilot names 9 people. A pilot is of 4 to 8")
