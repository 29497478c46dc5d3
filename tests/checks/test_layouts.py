"""How a full day looks to whoever reads from the right, prints it, or has no pictures at all."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
from playwright.sync_api import Page

from daybook.house import Member
from daybook.page.shown import name
from tests.checks import days, judges
from tests.checks.conftest import Open, Site, needed

TURN = "() => { document.documentElement.dir = 'rtl'; document.documentElement.lang = 'he'; }"


@pytest.fixture
def day(site: Site, ada: Member, tab: Open) -> Page:
    days.full(site.house, ada)
    return tab(site.link(ada), reduced_motion="reduce")


@pytest.mark.parametrize("at", ["", "/week", "/edit", "/cut", "/learnt", "/policy"])
def test_W07_from_right_to_left_nothing_lies_on_anything_or_is_cut(
    site: Site, ada: Member, tab: Open, at: str
) -> None:
    days.full(site.house, ada)
    page = tab(f"{site.link(ada)}{at}?draft={name('r')}", reduced_motion="reduce")
    page.evaluate(TURN)
    assert judges.laid_out(page) + judges.walked(page) == []


def test_W07_a_strangers_title_cannot_turn_the_words_beside_it(day: Page) -> None:
    for words in (days.RIGHT_TO_LEFT, days.LONG):
        assert day.get_by_text(words).count()
        assert judges.look(day, "loose", words) == []


def test_W08_on_paper_the_day_is_there_and_its_buttons_are_not(day: Page) -> None:
    day.emulate_media(media="print")
    printed = day.locator("body").inner_text()
    for words in ("Thursday, 19 November", "ACME call", days.LONG, "09:00-09:30", "The day in sums"):
        assert words in printed
    assert judges.look(day, "cut") == []
    assert [one for one in judges.look(day, "controls") if one.startswith("button")] == []


def test_W08_as_plain_text_the_day_reads_from_above_to_below(day: Page, tmp_path: Path) -> None:
    """In a browser that shows words alone."""
    file = tmp_path / "day.html"
    file.write_text(day.content(), "utf-8")
    command = [needed("w3m", "w3m"), "-dump", "-cols", "78", "-O", "UTF-8", file]
    text = subprocess.run(command, capture_output=True, text=True, check=True, timeout=30).stdout
    told = re.sub(r"\s+", " ", text)
    below = ["Goes to", "The day in sums", "What made no draft"]
    order = ["Thursday, 19 November", "The day by the clock", "Confirm all", *below]
    at = [told.find(words) for words in order]
    assert -1 not in at and at == sorted(at)
