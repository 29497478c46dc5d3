"""Figures of the house, read as Prometheus reads them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.parser import text_string_to_metric_families

from daybook.doing import Doing
from daybook.house import House
from daybook.metrics.collect import Figures

Shown = dict[tuple[str, ...], float]
"""By name and labels."""


class Ticks:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def ticks() -> Ticks:
    return Ticks()


@pytest.fixture
def here(ticks: Ticks) -> Doing:
    return Doing(ticks)


@pytest.fixture
def scrape(here: Doing, ticks: Ticks) -> Callable[[House], Shown]:
    """What one house shows, each time as new."""

    def shown(house: House) -> Shown:
        registry = CollectorRegistry(auto_describe=False)
        registry.register(Figures(house, here, ticks))
        return read(generate_latest(registry).decode())

    return shown


def read(text: str) -> Shown:
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }
