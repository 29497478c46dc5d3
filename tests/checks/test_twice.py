"""Two tabs, a double click, back, a lost connection: one yes, a clear word, no lost edit (W-06)."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, Route, expect

from daybook.house import Member
from tests.checks import days, judges
from tests.checks.conftest import Site
from tests.daybook.page.conftest import drafts, entries

SCRIPT = pytest.mark.parametrize("script", [True, False], ids=["with script", "without"])
LOST = "No answer came: the connection is lost."


@pytest.fixture
def browser(site: Site, ada: Member, context: Callable[..., BrowserContext]) -> Callable[..., Page]:
    """Tabs of one browser on Ada's day."""
    days.normal(site.house, ada)
    opened: list[BrowserContext] = []

    def tab(script: bool = True) -> Page:
        if not opened:
            opened.append(context(java_script_enabled=script))
        page = opened[0].new_page()
        page.goto(site.link(ada))
        return page

    return tab


@SCRIPT
def test_W06_of_two_tabs_the_second_is_told_and_confirms_nothing_again(
    site: Site, ada: Member, browser: Callable[..., Page], script: bool
) -> None:
    one, other = browser(script), browser(script)
    one.get_by_role("button", name="Confirm all 4").click()
    expect(one.get_by_role("status")).to_contain_text("4 drafts confirmed.")
    other.get_by_role("button", name="Confirm all 4").click()
    expect(other.locator("main [role=alert]").first).to_be_visible()
    expect(other.get_by_role("button", name="Confirm all 4")).to_have_count(0)
    assert entries(site.house, ada) == 4


@SCRIPT
def test_W06_an_edit_in_a_tab_that_is_behind_is_not_lost(
    site: Site, ada: Member, browser: Callable[..., Page], script: bool
) -> None:
    one, other = browser(script), browser(script)
    for page, text in ((one, "First words"), (other, "Second words")):
        page.get_by_role("link", name="Edit ACME call 0").click()
        page.get_by_label("What it was").fill(text)
    one.get_by_role("button", name="Save").click()
    expect(one.get_by_role("heading", name="First words")).to_be_visible()
    other.get_by_role("button", name="Save").click()
    expect(other.get_by_role("alert").first).to_be_visible()
    expect(other.get_by_label("What it was")).to_have_value("Second words")
    assert drafts(site.house, ada)["m0"].suggestion.text == "First words"


@SCRIPT
def test_W06_a_double_click_is_one_yes(
    site: Site, ada: Member, browser: Callable[..., Page], script: bool
) -> None:
    page = browser(script)
    watch = judges.Watch(page)
    page.get_by_role("button", name="Confirm ACME call 0").dblclick()
    expect(page.locator("main [role=status], main [role=alert]").first).to_be_visible()
    assert {key: one.decision for key, one in drafts(site.house, ada).items()} == {
        "m0": "confirmed", "m1": "open", "m2": "open", "m3": "open",
    }  # fmt: skip
    assert entries(site.house, ada) == 1
    if script:  # without it, the second is told that it was the second
        pressed = [one for one in watch.asked if one.method == "POST" and one.redirected_from is None]
        assert len(pressed) == 1


@SCRIPT
def test_W06_back_shows_how_things_stand_and_sends_nothing_again(
    site: Site, ada: Member, browser: Callable[..., Page], script: bool
) -> None:
    page = browser(script)
    page.get_by_role("link", name="Edit ACME call 0").click()
    page.get_by_label("Length").fill("50")
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".draft").first).to_contain_text("50 min")
    page.evaluate("() => history.back()")
    expect(page.get_by_label("Length")).to_be_visible()
    page.evaluate("() => history.forward()")
    expect(page.locator(".draft").first).to_contain_text("50 min")
    page.get_by_role("button", name="Confirm all 4").click()
    expect(page.get_by_role("status")).to_contain_text("4 drafts confirmed.")
    page.evaluate("() => history.back()")
    expect(page.get_by_text("4 drafts confirmed.")).to_have_count(0)
    assert (entries(site.house, ada), len(drafts(site.house, ada))) == (4, 4)


@pytest.mark.parametrize("arrived", [False, True], ids=["before it arrived", "after"])
def test_W06_a_lost_connection_is_said_and_trying_again_confirms_once(
    site: Site, ada: Member, browser: Callable[..., Page], arrived: bool
) -> None:
    page = browser()

    def lost(route: Route) -> None:
        if arrived:
            route.fetch(max_redirects=0)
        route.abort()

    page.route("**/confirm", lost)
    page.get_by_role("button", name="Confirm all 4").click()
    expect(page.get_by_role("alert")).to_contain_text(LOST)
    page.unroute("**/confirm")
    page.get_by_role("button", name="Confirm all 4").click()
    expect(page.get_by_role("alert").get_by_text(LOST)).to_have_count(0)
    assert entries(site.house, ada) == 4


def test_W06_what_was_typed_outlives_a_lost_connection_and_a_closed_page(
    site: Site, ada: Member, browser: Callable[..., Page]
) -> None:
    page = browser()
    page.get_by_role("link", name="Edit ACME call 0").click()
    page.get_by_label("What it was").fill("Words that took a while")
    page.route("**/edit", lambda route: route.abort())
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert")).to_contain_text(LOST)
    expect(page.get_by_label("What it was")).to_have_value("Words that took a while")
    page.unroute("**/edit")
    page.reload()
    expect(page.get_by_label("What it was")).to_have_value("Words that took a while")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", name="Words that took a while")).to_be_visible()
    assert drafts(site.house, ada)["m0"].suggestion.text == "Words that took a while"


@SCRIPT
def test_W06_what_was_typed_outlives_a_session_that_ended(
    site: Site, ada: Member, browser: Callable[..., Page], script: bool
) -> None:
    page = browser(script)
    page.get_by_role("button", name="Confirm ACME call 1").click()  # it begins the session
    expect(page.get_by_role("status")).to_contain_text("Confirmed.")
    page.get_by_role("link", name="Edit ACME call 0").click()
    page.get_by_label("What it was").fill("Words that took a while")
    page.context.clear_cookies()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Open the link in your mail again.")).to_be_visible()
    if script:
        expect(page.get_by_label("What it was")).to_have_value("Words that took a while")
    else:
        expect(page.get_by_text("Words that took a while")).to_be_visible()
    assert drafts(site.house, ada)["m0"].decision == "open"


def test_P7_what_was_typed_is_gone_from_the_browser_of_who_left(
    site: Site, ada: Member, browser: Callable[..., Page]
) -> None:
    page = browser()
    page.get_by_role("link", name="Edit ACME call 0").click()
    page.get_by_label("What it was").fill("Words that took a while")
    assert page.evaluate("sessionStorage.length") == 1
    page.goto(site.link(ada, "own"))
    page.get_by_text("Leave", exact=True).click()
    page.locator("form[action$=leave]").get_by_role("checkbox").check()
    page.get_by_role("button", name="Leave and erase").click()
    expect(page.get_by_text("Nothing about you is read any more.")).to_be_visible()
    assert page.evaluate("sessionStorage.length") == 0


def test_P1_what_one_typed_is_gone_once_somebody_else_uses_that_tab(
    site: Site, ada: Member, ben: Member, browser: Callable[..., Page]
) -> None:
    """Who signed in all have the same addresses, so a form of Ben's would have shown him Ada's words."""
    page = browser()
    page.get_by_role("link", name="Edit ACME call 0").click()
    page.get_by_label("What it was").fill("Words that took a while")
    page.goto(site.link(ada, "day"))
    assert "Words that took a while" in page.evaluate("JSON.stringify(sessionStorage)")
    page.goto(site.link(ben, "day"))
    assert page.evaluate("JSON.stringify(sessionStorage)") == "{}"


@pytest.fixture
def cutting(browser: Callable[..., Page]) -> Page:
    """Where the first of Ada's drafts is split, merged or moved."""
    page = browser()
    page.get_by_role("link", name="Edit ACME call 0").click()
    page.get_by_role("link", name="Split, merge or move").click()
    expect(page.get_by_role("button", name="Put together")).to_be_visible()
    return page


def test_P2_a_page_that_is_opened_again_ticks_what_they_ticked_and_nothing_else(
    site: Site, ada: Member, cutting: Page
) -> None:
    cutting.get_by_label("ACME call 3").check()
    cutting.reload()
    expect(cutting.locator("[name=with]:checked")).to_have_count(1)
    expect(cutting.get_by_label("ACME call 3")).to_be_checked()
    cutting.get_by_role("button", name="Put together").click()
    expect(cutting.get_by_role("status")).to_be_visible()
    assert {key: one.decision for key, one in drafts(site.house, ada).items()} == {
        "m0": "edited", "m1": "open", "m2": "open", "m3": "dismissed",
    }  # fmt: skip


def test_W06_of_several_forms_on_a_page_each_keeps_what_was_typed_into_it(cutting: Page) -> None:
    cutting.get_by_label("Length of the second part").fill("7")
    cutting.get_by_label("ACME call 2").check()
    cutting.reload()
    expect(cutting.get_by_label("ACME call 2")).to_be_checked()
    expect(cutting.get_by_label("Length of the second part")).to_have_value("7")


def test_W06_what_was_typed_about_a_draft_comes_into_no_other_one(browser: Callable[..., Page]) -> None:
    page = browser()
    for call, text in (("ACME call 0", "Words about the first"), ("ACME call 1", "")):
        page.get_by_role("link", name=f"Edit {call}").click()
        page.get_by_label("Length").fill("soon")
        page.get_by_role("button", name="Save").click()
        expect(page.get_by_role("alert")).to_be_visible()
        expect(page.get_by_label("What it was")).to_have_value(call)
        page.get_by_label("What it was").fill(text)
        page.get_by_role("link", name="Back, without saving").click()
