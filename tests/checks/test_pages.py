"""Every page of the product before judges that are not ours.

The addresses are the app's own, so that a new one is judged as soon as it is there.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from html import unescape
from importlib.resources import files
from pathlib import Path

import pytest
from playwright.sync_api import Page

from connectors.memory import Memory, Tool
from connectors.memory_consent import AUTHORIZATION, MemoryAuthority
from daybook.house import House
from daybook.languages import FOLDER
from daybook.languages.files import read
from tests.checks import days, gathered, judges
from tests.checks.conftest import Judge, needed
from tests.checks.gathered import Pages, Walk
from tests.connectors.openid_provider import OpenIdProvider
from tests.daybook.conftest import TODAY, Clock, draft, drafted
from tests.daybook.test_visibility import configuration, every, planted, post

__all__ = ["configuration", "every", "planted", "post"]

SLICES = 6
"""So that the workers share the pages."""
BACK = "https://daybook.northwind.example"
ON_PAPER = {"policy_sheet.html", "paper.html"}
"""Files to send, and no answers."""


@pytest.fixture
def house(house: House, tool: Tool) -> House:
    """The tool in memory, three times, and it lends accounts. It speaks German, whose words are longer."""
    configuration = house.configuration.model_copy(update={"language": "de"})
    lends = {f"{BACK}/connect/{name}/back" for name in ("memory", "jira", "calendar")}
    every = {
        connection: Memory(tool, authorization=AUTHORIZATION)
        for connection in house.configuration.connections
    }
    authorities = {"memory": MemoryAuthority(tool, frozenset(lends))}
    return House(configuration, house.policy, every, house.store, house.clock, authorities=authorities)


@pytest.fixture
def provider(clock: Clock) -> Iterator[OpenIdProvider]:
    provider = OpenIdProvider(f"{BACK}/sign-in/back", clock)
    provider.start()
    yield provider
    provider.stop()


@pytest.fixture
def walk(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Walk:
    """Every page there is; the house is there for whoever gathers them."""

    def gather() -> Walk:
        house, clock, provider, ada, every = map(
            request.getfixturevalue, ("house", "clock", "provider", "planted", "every")
        )
        days.full(house, ada)
        drafted(house, ada, draft("today", "08:00", day=TODAY))
        addresses, browser = every()
        with gathered.rendering() as used:
            found = gathered.of_addresses(house, ada, addresses, browser)
            found |= gathered.of_signing_in(house, provider)
            found |= gathered.of_states(house, clock)
        assert [what for what, answer in found.items() if answer.status_code >= 500] == []
        return Walk(gathered.html(found), used)

    folder = tmp_path_factory.getbasetemp()
    return gathered.once((folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder) / "walk", gather)


@pytest.fixture
def pages(walk: Walk) -> Pages:
    """By what led to each."""
    return walk.pages


@pytest.mark.parametrize("part", range(SLICES))
def test_W01_W04_every_page_is_legible_at_every_width_by_keyboard_and_in_the_dark_and_asks_nobody_else(
    pages: Pages, saved: Callable[..., Page], modules: Path, part: int
) -> None:
    found = []
    for what, answer in [*gathered.unlike(pages).items()][part::SLICES]:
        page = saved(answer)
        found += [f"{what}: {said}" for said in judges.complaints(page, modules)]
        page.context.close()
    assert "\n".join(found) == ""


def test_no_sentence_stands_there_in_english(pages: Pages) -> None:
    """The house speaks German; of a sentence with places to fill in, each part of three words or more."""
    shown = {what: _words_of(page.text) for what, page in pages.items() if not what.endswith(ONE_PAPER)}
    english = {
        part
        for one in read(FOLDER / "de.po")
        for text in ([one.id] if isinstance(one.id, str) else one.id)
        for part in map(_words_of, PLACES.split(text))
        if part.count(" ") > 1 and part not in _words_of(str(one.string))
    }
    assert len(english) > 800
    found = {f"{what}: {part}" for what, text in shown.items() for part in english - WRITTEN if part in text}
    assert "\n".join(sorted(found)) == ""


ONE_PAPER = "/rollout/review"
"""In English: it is the same for whoever takes part and for whoever runs the rollout."""
WRITTEN = {"In your calendar"}
"""What the drafts of the day say of themselves, as it was written when they were made."""
PLACES = re.compile(r"\{\w*\}|%\(\w+\)s")


def _words_of(text: str) -> str:
    return " ".join(unescape(re.sub("<[^>]*>", " ", text)).split())


def test_no_template_of_the_product_is_missing_among_them(walk: Walk) -> None:
    there = {file.name for file in Path(str(files("daybook.page") / "templates")).glob("*.html")}
    assert there - walk.templates == ON_PAPER


def test_Nu_finds_no_error_in_any_page(pages: Pages, modules: Path, tmp_path: Path) -> None:
    needed("java", "default-jre-headless")
    for number, (what, page) in enumerate(pages.items()):
        (tmp_path / f"{number:03} {re.sub('[^a-z]+', '-', what.lower())}.html").write_text(page.text, "utf-8")
    assert "\n".join(judges.nu(tmp_path, modules)) == ""


def test_W04_csp_evaluator_finds_nothing_to_get_past_the_policy_of_any_page(
    pages: Pages, node: Judge
) -> None:
    policies = {page.headers.get("content-security-policy", "") for page in pages.values()}
    for found in node(policies=sorted(policies))["policies"]:
        assert [one for one in found if one["severity"] <= judges.SEVEREST] == []
