"""The page's figures: of the same bytes on both sides, of every visit that was due, and said as measured."""

from __future__ import annotations

import asyncio
from pathlib import Path
from types import SimpleNamespace

import httpx
import pytest
from starlette.applications import Starlette

from bench import page
from bench.page import bare, ready, town, visits
from daybook.page.app import create
from daybook.wiring import open_house


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("town")


@pytest.fixture(scope="module")
def paths(place: Path) -> list[str]:
    """One with a full day, two with a usual one."""
    return town.planted(town.configuration(place, 3), full=1)


def opened(app: Starlette, path: str) -> str:
    async def one() -> httpx.Response:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as browser:
            return await browser.get(path)

    answer = asyncio.run(one())
    assert answer.status_code == 200
    return answer.text


def test_the_bare_page_is_the_same_to_the_byte(place: Path, paths: list[str]):
    house = open_house(place / "daybook.yaml", town.clock, begun=True)
    ready.written(place, house, paths[1:])
    ours = opened(create(house), paths[1])
    house.store.close()
    assert opened(bare.application(place), paths[1]) == ours
    assert ours.count("<article") == town.USUAL
    assert "Confirm all 12" in ours


class InTurn:
    """Browsers before a server that answers one after the other."""

    def __init__(self, pause: float) -> None:
        self._turn, self._pause = asyncio.Lock(), pause

    async def visit(self, _path: str) -> None:
        async with self._turn:
            await asyncio.sleep(self._pause)


def test_a_visit_counts_from_when_it_was_due_also_where_others_keep_it_waiting():
    async def opened() -> list[float]:
        queue = InTurn(0.01)
        return await visits.a_second(lambda: queue, ["/"], rate=1_000, seconds=0.02)

    took = asyncio.run(opened())
    assert len(took) == 20
    assert max(took) > 0.18  # it was due after 19 ms, and its turn came after 190


def test_as_many_as_are_there_at_once_take_turns_through_the_paths(monkeypatch: pytest.MonkeyPatch):
    asked: list[str] = []
    monkeypatch.setattr(visits, "time", SimpleNamespace(perf_counter=lambda: len(asked) / 1_000))

    class Noting(InTurn):
        async def visit(self, path: str) -> None:
            asked.append(path)
            await super().visit(path)

    paths = ["/a", "/b", "/c"]
    took = asyncio.run(visits.at_once(lambda: Noting(0.001), paths, many=2, seconds=0.02))
    assert len(took) == len(asked)
    assert asked[:2] == ["/a", "/b"]


ROW = {"rate": 50.0, "crowded 99": 800.0, "evenly 95": 90.0, "evenly 99": 120.0}


def told(first: page.Figures | None) -> str:
    twice = ROW | {"rate": 100.0, "crowded 99": 400.0}
    served = {"60": {"bytes": 160_000, "servers": {page.OURS: ROW, page.BARE: twice}}}
    size = {"people": 5_000, "rounds": 5, "seconds": 6.0}
    return page.table({"machine": "2 cores", "size": size, "first": first, "served": served})


def test_the_table_says_what_we_are_beside_the_bare_page():
    table = told({"kilobytes": 17.5, "requests": 4, "paint": 0.9, "shift": 0.0})
    assert "| times the bare page | 60 | | 0.50 | 2.00 | | |" in table
    assert "| requests | 6 | 4 |" in table


def test_without_lighthouse_the_table_says_that_nobody_looked():
    assert "was not looked at" in told(None)
