"""All of it as plain forms, in a browser that runs no script (W-02)."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from daybook.house import Member
from tests.checks import days
from tests.checks.conftest import Open, Site
from tests.daybook.conftest import member
from tests.daybook.page.conftest import drafts, entries, postings


@pytest.fixture
def day(site: Site, ada: Member, tab: Open) -> Page:
    days.normal(site.house, ada)
    return tab(site.link(ada), java_script_enabled=False)


def press(page: Page, label: str) -> None:
    page.get_by_role("button", name=label).first.click()


def test_W02_a_day_is_confirmed_and_taken_back(site: Site, ada: Member, day: Page) -> None:
    press(day, "Confirm all 4")
    expect(day.get_by_role("status")).to_contain_text("4 drafts confirmed.")
    assert len(postings(site.house, ada)) == 4
    press(day, "Take all 4 back")
    expect(day.get_by_role("button", name="Confirm all 4")).to_be_visible()
    assert {one.state for one in postings(site.house, ada)} <= {"withdrawn"}


def test_W02_a_draft_is_edited_and_the_edit_undone(site: Site, ada: Member, day: Page) -> None:
    day.get_by_role("link", name="Edit ACME call 0").click()
    day.get_by_label("Length").fill("1h 20m")
    day.get_by_label("What it was").fill("Call about the form")
    press(day, "Save")
    assert drafts(site.house, ada)["m0"].suggestion.minutes == 80
    press(day, "Undo my edit")
    expect(day.get_by_role("button", name="Confirm ACME call 0")).to_be_visible()
    assert drafts(site.house, ada)["m0"].suggestion.minutes == 45


def test_W02_a_draft_is_dismissed_with_a_reason(site: Site, ada: Member, day: Page) -> None:
    press(day, "Dismiss ACME call 0")
    press(day, "It did not take place")
    one = drafts(site.house, ada)["m0"]
    assert (one.decision, one.why) == ("dismissed", "not_held")


def test_W02_a_draft_is_split_put_together_and_moved(site: Site, ada: Member, day: Page) -> None:
    def reshape() -> None:
        day.get_by_role("link", name="Edit ACME call 0").first.click()
        day.get_by_role("link", name="Split, merge or move it instead").click()

    reshape()
    day.get_by_label("Length of the second part").fill("15")
    press(day, "Split")
    lengths = [one.suggestion.minutes for one in drafts(site.house, ada).values()]
    assert sorted(lengths) == [15, 30, 45, 45, 45]
    reshape()
    day.get_by_label("ACME call 1").check()
    press(day, "Put together")
    assert drafts(site.house, ada)["m0"].suggestion.minutes == 75
    reshape()
    press(day, "Move")
    assert "m0" not in drafts(site.house, ada) or drafts(site.house, ada)["m0"].decision != "open"


def test_W02_something_is_added_by_hand(site: Site, ada: Member, day: Page) -> None:
    day.get_by_role("link", name="Add by hand").click()
    day.get_by_label("Length").fill("30")
    day.get_by_label("What it was").fill("Phone")
    day.locator("[name=project]").select_option("internal")
    press(day, "Add")
    expect(day.get_by_role("heading", name="Phone")).to_be_visible()
    assert len(drafts(site.house, ada)) == 5


def test_W02_there_is_nothing_to_add(day: Page) -> None:
    press(day, "Nothing to add")
    expect(day.get_by_role("button", name="Take that back")).to_be_visible()


def test_W02_the_mails_button_confirms(site: Site, ada: Member, tab: Open) -> None:
    days.normal(site.house, ada)
    page = tab(site.link(ada, "confirm"), java_script_enabled=False)
    press(page, "Confirm all 4")
    expect(page.get_by_text("4 drafts confirmed.")).to_be_visible()
    assert entries(site.house, ada) == 4


def test_E04_a_contributor_unsubscribes(site: Site, ada: Member, tab: Open) -> None:
    page = tab(site.link(ada, "less"), java_script_enabled=False)
    press(page, "Unsubscribe")
    expect(page.get_by_role("button", name="Send it again")).to_be_visible()
    assert not member(site.house, "Ada").contributor.digest_on
