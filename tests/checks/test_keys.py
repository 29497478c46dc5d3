"""The page's own script before a real browser: its keys, its search, and that each can be done without."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from config.schema import Configuration
from daybook.house import Member
from tests.checks import days, judges
from tests.checks.conftest import Open, Site
from tests.daybook.page.conftest import drafts, entries


def decided(site: Site, who: Member) -> dict[str, str]:
    return {key: one.decision for key, one in drafts(site.house, who).items()}


@pytest.fixture
def day(site: Site, ada: Member, tab: Open) -> Page:
    """Four plain drafts of Ada's."""
    days.normal(site.house, ada)
    return tab(site.link(ada))


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def said(page: Page, text: str) -> None:
    expect(page.locator("main [role=status], main [role=alert]").first).to_contain_text(text)


def test_W03_three_keys_at_most_confirm_a_normal_day(site: Site, ada: Member, day: Page) -> None:
    press(day, "a")
    expect(day.get_by_role("button", name="Confirm all 4")).to_be_focused()
    assert entries(site.house, ada) == 0  # a key alone says no yes to a whole day
    press(day, "Enter")
    said(day, "4 drafts confirmed.")
    assert {*decided(site, ada).values()} == {"confirmed"}


def test_W03_by_keys_alone_a_draft_is_found_confirmed_and_taken_back(
    site: Site, ada: Member, day: Page
) -> None:
    press(day, "j", "j")
    expect(day.locator(".draft:focus")).to_contain_text("ACME call 1")
    press(day, "k")
    expect(day.locator(".draft:focus")).to_contain_text("ACME call 0")
    press(day, "c")
    said(day, "Confirmed.")
    assert decided(site, ada)["m0"] == "confirmed"
    expect(day.locator(".draft:focus")).to_contain_text("ACME call 1")  # it goes on where one still waits
    press(day, "k", "u")
    expect(day.get_by_role("button", name="Confirm ACME call 0")).to_be_visible()
    assert {*decided(site, ada).values()} == {"open"}


def test_W03_by_a_key_a_draft_is_dismissed_and_that_is_taken_back(site: Site, ada: Member, day: Page) -> None:
    press(day, "j", "d")
    said(day, "Dismissed.")
    assert decided(site, ada)["m0"] == "dismissed"
    press(day, "u")
    expect(day.get_by_role("button", name="Confirm ACME call 0")).to_be_visible()
    assert decided(site, ada)["m0"] == "open"


def test_W03_by_a_key_a_draft_is_edited_and_saved_by_enter(site: Site, ada: Member, day: Page) -> None:
    press(day, "j", "e")
    length = day.get_by_label("Length")
    length.fill("50")
    length.press("Enter")
    expect(day.locator(".draft").first).to_contain_text("50 min")
    assert drafts(site.house, ada)["m0"].suggestion.minutes == 50


def test_W03_ctrl_and_enter_save_an_edit_from_its_longest_field_unless_keys_are_off(
    site: Site, ada: Member, day: Page
) -> None:
    press(day, "j", "e")
    text = day.get_by_label("What it was")
    text.fill("Two lines\nof text")
    day.evaluate("localStorage.setItem('daybook-keys', 'off')")
    text.press("Control+Enter")
    expect(text).to_have_value("Two lines\nof text")
    assert drafts(site.house, ada)["m0"].suggestion.text == "ACME call 0"
    day.evaluate("localStorage.removeItem('daybook-keys')")
    text.press("Control+Enter")
    said(day, "Changed.")
    assert drafts(site.house, ada)["m0"].suggestion.text == "Two lines\nof text"


def test_W03_keys_show_why_add_by_hand_and_list_themselves(day: Page) -> None:
    press(day, "j", "w")
    expect(day.get_by_text("In your calendar; you accepted.").first).to_be_visible()
    press(day, "?")
    listed = day.locator("#keys dt kbd")
    assert listed.all_text_contents() == ["a", "Enter", "j", "k", "c", "e", "Ctrl", "Enter", *"duwn?"]
    press(day, "n")
    expect(day.get_by_role("button", name="Add")).to_be_visible()


def test_W03_keys_are_switched_off_for_good_where_they_are_listed(site: Site, ada: Member, day: Page) -> None:
    press(day, "?")
    day.get_by_label("Use these keys").uncheck()
    day.reload()
    press(day, "a", "Enter", "j", "c")
    expect(day.get_by_role("button", name="Confirm all 4")).not_to_be_focused()
    expect(day.locator(".draft:focus")).to_have_count(0)
    assert {*decided(site, ada).values()} == {"open"}


def test_what_is_typed_into_a_field_is_no_key(site: Site, ada: Member, day: Page) -> None:
    press(day, "n")
    what = day.get_by_label("What it was")
    what.focus()
    press(day, *"acdunj")
    expect(what).to_have_value("acdunj")
    assert len(decided(site, ada)) == 4


def test_a_key_together_with_another_belongs_to_the_browser(site: Site, ada: Member, day: Page) -> None:
    watch = judges.Watch(day)
    press(day, "j", "Control+c", "Alt+d", "Meta+u")
    expect(day.locator(".draft:focus")).to_contain_text("ACME call 0")
    assert [one for one in watch.asked if one.is_navigation_request()] == []  # its icon may come late


class TestSearch:
    """A long list of projects is searched as one types."""

    @pytest.fixture
    def configuration(self, configuration: Configuration) -> Configuration:
        more = {f"p{n}": {"name": f"Project {n:02}", "client": f"Client {n}"} for n in range(12)}
        said = configuration.model_dump(exclude={"store"}, exclude_none=True, by_alias=True)
        said["projects"] |= {key: one | {"target": {"none": "kept"}} for key, one in more.items()}
        return Configuration.model_validate(said)

    def test_a_part_of_a_name_is_enough(self, site: Site, ada: Member, day: Page) -> None:
        press(day, "j", "e")
        searched = day.get_by_label("Project")
        expect(searched).to_have_value("ACME website, ACME")
        searched.fill("project 07")
        day.get_by_role("button", name="Save").click()
        expect(day.get_by_role("heading", name="Project 07")).to_be_visible()
        assert drafts(site.house, ada)["m0"].suggestion.project == "p7"

    def test_what_fits_nothing_is_not_sent(self, site: Site, ada: Member, day: Page) -> None:
        press(day, "j", "e")
        searched = day.get_by_label("Project")
        searched.fill("nothing like it")
        day.get_by_role("button", name="Save").click()
        assert searched.evaluate("(field) => field.validationMessage") == "Choose one of the list."
        assert drafts(site.house, ada)["m0"].suggestion.project == "acme-web"

    def test_a_searched_list_is_as_accessible_as_a_plain_one(self, day: Page, modules: object) -> None:
        press(day, "j", "e")
        expect(day.get_by_label("Length")).to_be_visible()
        assert judges.axe(day, modules) == []  # type: ignore[arg-type]
