"""The house as one reads it: what a person's days depend on."""

from __future__ import annotations

from typing import Any

import pytest

from config.schema import Configuration
from daybook.house import House


def changed(house: House, **words: Any) -> House:
    """The same house with these words of its configuration restated."""
    told = house.configuration.model_dump(by_alias=True, exclude_unset=True) | words
    return House(Configuration.model_validate(told), house.policy, house.connectors, house.store, house.clock)


@pytest.mark.parametrize(
    "words",
    [
        {"reconcile": {"min_entry": 10}},
        {"reconcile": {"people": {"ada@northwind.example": {"min_entry": 10}}}},
        {"schedules": {"mornings": {"mon-fri": "09:00-12:00"}}},
        {"rules": [{"name": "All", "when": {}, "then": {"project": "internal"}}]},
    ],
)
def test_what_a_day_depends_on_makes_it_due_again(house: House, words: dict[str, Any]) -> None:
    assert changed(house, **words).mappings_hash != house.mappings_hash


@pytest.mark.parametrize(
    "words",
    [
        {"organisation": "Another name"},
        {"reconcile": {"teams": {"nobody": {"min_entry": 10}}}},
        {"reconcile": {"people": {"ada@northwind.example": {"min_entry": 5}}}},
    ],
)
def test_what_no_day_depends_on_makes_none_due(house: House, words: dict[str, Any]) -> None:
    assert changed(house, **words).mappings_hash == house.mappings_hash
