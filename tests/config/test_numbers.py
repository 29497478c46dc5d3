"""Every number is a setting: for all, for a team, a role or one person, and the narrowest wins."""

from __future__ import annotations

from pathlib import Path

import pytest

from config.load import Unfit, load
from config.schema import Configuration
from core.breaks import Break
from core.day import Numbers
from tests.core.says import says

PEOPLE = """\
version: 1
people:
  - {name: Ada, email: ada@northwind.example, team: studio, role: salaried}
  - {name: Ben, email: ben@northwind.example, team: studio}
  - {name: Mara, email: mara@northwind.example, role: client_billed}
reconcile:
"""
NARROWER = """\
  min_entry: 6m
  touch_reach: 20m
  teams: {studio: {min_entry: 10m, overtime_window: 30m, tentative: ignore}}
  roles: {salaried: {min_entry: 15m, overtime_window: 1h}}
  people: {Ada@northwind.example: {min_entry: 20m}}
"""
EVERY_NUMBER = {
    "increment": ("6m", 6),
    "min_entry": ("7m", 7),
    "stale_after": ("8 working days", 8),
    "overtime_window": ("1h 30m", 90),
    "breaks": ("[{after: 6h, rest: 30m}]", (Break(after=360, rest=30),)),
    "tentative": ("suggest", "suggest"),
    "touch_reach": ("11m", 11),
    "touch_weight": ("12", 12),
    "touches_counted": ("13", 13),
    "leave_words": ("[fiesta]", ("fiesta",)),
}


def loaded(folder: Path, reconcile: str) -> Configuration:
    file = folder / "daybook.yaml"
    file.write_text(PEOPLE + reconcile)
    return load(file).configuration


def numbers(configuration: Configuration, name: str) -> Numbers:
    person = configuration.person(f"{name}@northwind.example")
    assert person
    return configuration.numbers_of(person)


@says("in the configuration, per team or role where it makes sense")
def test_the_narrowest_that_is_stated_wins_number_by_number(tmp_path: Path) -> None:
    configuration = loaded(tmp_path, NARROWER)
    all_of_them = Numbers(min_entry=6, touch_reach=20)
    studio = all_of_them.model_copy(update={"min_entry": 10, "overtime_window": 30, "tentative": "ignore"})
    assert numbers(configuration, "mara") == all_of_them
    assert numbers(configuration, "ben") == studio
    assert numbers(configuration, "ada") == studio.model_copy(update={"min_entry": 20, "overtime_window": 60})


def test_a_number_stated_as_its_default_is_stated(tmp_path: Path) -> None:
    configuration = loaded(tmp_path, "  min_entry: 30m\n  teams: {studio: {min_entry: 5m}}\n")
    assert numbers(configuration, "ben").min_entry == Numbers().min_entry == 5


@says("Every number above is a setting with that default")
def test_what_is_not_stated_is_as_the_design_has_it(tmp_path: Path) -> None:
    unstated = numbers(loaded(tmp_path, "  {}\n"), "ada")
    assert (unstated.increment, unstated.stale_after, unstated.overtime_window) == (1, 3, 0)


@pytest.mark.parametrize(
    "group", ["teams: {studio: ", "roles: {salaried: ", "people: {ada@northwind.example: "]
)
@pytest.mark.parametrize("word", Numbers.model_fields)
@says("Every number above is a setting")
def test_every_number_can_be_stated_for_every_group(tmp_path: Path, group: str, word: str) -> None:
    written, meant = EVERY_NUMBER[word]
    configuration = loaded(tmp_path, f"  {group}{{{word}: {written}}}}}\n")
    assert numbers(configuration, "ada") == Numbers().model_copy(update={word: meant})
    assert numbers(configuration, "mara") == Numbers()


def test_P14_a_group_there_is_not_is_named_with_the_nearest(tmp_path: Path) -> None:
    wrong = (
        "  teams: {studoi: {min_entry: soon, tentativ: ignore}}\n"
        "  roles: {manager: {min_entry: 5m}}\n"
        "  people: {adda@northwind.example: {}}\n"
    )
    with pytest.raises(Unfit) as unfit:
        loaded(tmp_path, wrong)
    told = [(f"{p.place.line}:{p.place.column}", p.what, p.sentence) for p in unfit.value.problems]
    assert told == [
        ("7:11", "reconcile.teams.studoi", 'is nobody\'s team. Did you mean "studio"?'),
        (
            "7:20",
            "reconcile.teams.studoi.min_entry",
            "'soon' is not a duration Daybook knows; write it like 15m, 2h or 90 days.",
        ),
        (
            "7:37",
            "reconcile.teams.studoi.tentativ",
            'is not a word Daybook knows. Did you mean "tentative"?',
        ),
        ("8:11", "reconcile.roles.manager", "is nobody's role."),
        (
            "9:12",
            "reconcile.people.adda@northwind.example",
            'is not under people. Did you mean "ada@northwind.example"?',
        ),
    ]
