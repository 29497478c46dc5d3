"""Reports that have something to tell, before the same judges as every page: it takes a studio and a week."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page

from daybook.house import House
from daybook.page.app import create
from daybook.store.reports import Published
from tests.checks import gathered, judges
from tests.daybook.conftest import minted
from tests.daybook.page.browser import Browser
from tests.daybook.test_reporting import MONDAY, clock, configuration, member, published

__all__ = ["clock", "configuration", "published"]


def test_W01_a_report_of_a_group_is_legible_too(
    house: House, published: Published, saved: Callable[..., Page], modules: Path
) -> None:
    link = gathered.path(minted(house, member(house, "s0"), "report", MONDAY))
    answer = Browser(create(house)).client.get(link)
    assert "ACME" in answer.text
    for page in gathered.html({"a report": answer}).values():
        assert "\n".join(judges.complaints(saved(page), modules)) == ""
