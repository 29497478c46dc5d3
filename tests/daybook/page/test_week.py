"""The days of a link together: what they come to, and one yes for all of them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from daybook import deeds
from daybook.house import House, Member
from tests.daybook.conftest import YESTERDAY, draft, drafted
from tests.daybook.page.browser import Browser, Page
from tests.daybook.page.conftest import Links, drafts, entries, everything, postings

BEFORE = YESTERDAY - timedelta(days=1)


@pytest.fixture
def opened(house: House, ada: Member, browser: Browser, link: Links) -> Page:
    drafted(house, ada, draft("a", "10:00", 30, "ACME call"), draft("n", "13:00", 45, "?", target=None))
    both = {"acme-web": 60, "internal": 60}
    earlier = draft("b", "11:00", 60, "Address form", attributed=both, day=BEFORE)
    drafted(house, ada, earlier, draft("c", "09:00", 30, "Kick-off", decision="confirmed", day=BEFORE))
    return browser.open(link(ada) + "/week")


def test_the_week_says_what_waits_and_where_it_would_go(opened: Page) -> None:
    assert opened.status == 200
    for said in ("13 to 19 November", "2 drafts to confirm, 1 h 30 min. 1 more needs you.", "ACME call"):
        assert said in opened.text
    assert opened.text.count("Goes to Memory, WEB-12") == 2


def test_its_sums_are_by_project_attended_attributed_and_billable(opened: Page) -> None:
    assert "Project Attended Billed to it Billable ACME website 2 h 45 min 2 h 45 min" in opened.text
    assert "Internal \N{EN DASH} 1 h \N{EN DASH}" in opened.text


def test_W03_one_yes_covers_the_week_and_leaves_what_needs_its_contributor(
    opened: Page, browser: Browser, house: House, ada: Member
) -> None:
    after = browser.press(opened, "Confirm all 2 · 1 h 30 min")
    assert "2 drafts confirmed." in after.text
    assert drafts(house, ada)["n"].decision == "open"
    assert drafts(house, ada)["a"].decision == "confirmed"
    assert len(postings(house, ada)) == 1
    assert len(postings(house, ada, BEFORE)) == 1


def test_W06_what_changed_since_is_left_alone_and_the_rest_is_done(
    opened: Page, browser: Browser, house: House, ada: Member
) -> None:
    deeds.edit(house, ada, "a", minutes=15)
    after = browser.press(opened, "Confirm all 2")
    assert after.status == 409
    assert f"1 draft done. {deeds.CHANGED}" in after.text
    assert drafts(house, ada)["a"].decision == "edited"


def test_S01_looking_at_the_week_changes_nothing(opened: Page, browser: Browser, house: House) -> None:
    stands = everything(house)
    browser.open(opened.url)
    assert everything(house) == stands


def test_a_form_that_names_nothing_does_nothing(
    opened: Page, browser: Browser, house: House, ada: Member
) -> None:
    stands = drafts(house, ada)
    assert browser.send(opened.url, []).status == 409
    assert drafts(house, ada) == stands


def test_W05_a_thousand_drafts_of_a_week_are_confirmed_with_one_form(
    house: House, ada: Member, browser: Browser, link: Links
) -> None:
    for day in (YESTERDAY, BEFORE):
        drafted(house, ada, *(draft(f"{day} {n}", None, 1, target="none", day=day) for n in range(500)))
    after = browser.press(browser.open(link(ada) + "/week"), "Confirm all 1000")
    assert "1000 drafts confirmed." in after.text
    assert (entries(house, ada), entries(house, ada, BEFORE)) == (500, 500)
