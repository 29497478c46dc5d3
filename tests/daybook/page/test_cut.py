"""A draft cut in two, others put into it, moved to another day, each undone; and why one was dismissed."""

from __future__ import annotations

from datetime import timedelta

import pytest

from core.tallies import Answer, counted
from daybook import cutting, deeds
from daybook.cutting import HAS_ITS_MINUTES, PART_HAS_A_WORD
from daybook.house import House, Member
from tests.daybook.conftest import YESTERDAY, draft, drafted
from tests.daybook.page.browser import Browser, Page
from tests.daybook.page.conftest import Links, drafts

BEFORE = YESTERDAY - timedelta(days=1)


@pytest.fixture
def opened(house: House, ada: Member, browser: Browser, link: Links) -> Page:
    drafted(house, ada, draft("a", "10:00", 60, "ACME call"), draft("b", "14:00", 30, "Address form"))
    return browser.open(link(ada))


@pytest.fixture
def form(opened: Page, browser: Browser) -> Page:
    return browser.follow(browser.follow(opened, "Edit ACME call"), "Split, merge or move")


def minutes(house: House, ada: Member) -> dict[str, int]:
    """Of what counts, by text."""
    standing = [one for one in drafts(house, ada).values() if one.decision != "dismissed"]
    return {one.suggestion.text: one.suggestion.minutes for one in standing}


def test_a_draft_is_split_once_however_often_its_form_is_sent(
    form: Page, browser: Browser, house: House, ada: Member
) -> None:
    typed = {"length": "20", "text": "Notes", "project": "internal"}
    after = browser.press(form, "Split", **typed)
    assert "Split. Both parts are drafts" in after.text
    assert minutes(house, ada) == {"ACME call": 40, "Notes": 20, "Address form": 30}
    again = browser.press(form, "Split", **typed)
    assert again.status == 422
    assert deeds.CHANGED in again.text
    assert minutes(house, ada) == {"ACME call": 40, "Notes": 20, "Address form": 30}
    browser.press(after, "Undo ACME call")
    assert minutes(house, ada) == {"ACME call": 60, "Address form": 30}
    assert drafts(house, ada)["a"].decision == "open"


def test_a_part_that_has_its_yes_is_not_made_whole_again(
    form: Page, browser: Browser, house: House, ada: Member
) -> None:
    after = browser.press(form, "Split", length="20", text="Notes")
    after = browser.press(after, "Confirm Notes")
    refused = browser.press(after, "Undo ACME call")
    assert refused.status == 409
    assert PART_HAS_A_WORD in refused.text
    assert minutes(house, ada) == {"ACME call": 40, "Notes": 20, "Address form": 30}


@pytest.mark.parametrize("length", ["60", "0", "soon"])
def test_W06_what_cannot_be_split_is_explained_and_what_was_typed_stays(
    form: Page, browser: Browser, house: House, ada: Member, length: str
) -> None:
    refused = browser.press(form, "Split", length=length, text="Notes")
    assert refused.status == 422
    assert ("text", "Notes") in refused.forms[0].fields
    assert minutes(house, ada) == {"ACME call": 60, "Address form": 30}


def test_W06_a_day_and_others_that_were_chosen_stay_chosen(
    form: Page, browser: Browser, house: House, ada: Member
) -> None:
    other = next(one.split('"')[0] for one in form.answer.text.split('name="with" value="')[1:])
    deeds.edit(house, ada, "a", text="Other words")
    assert ("to", f"{BEFORE}") in browser.press(form, "Move", to=f"{BEFORE}").forms[2].fields
    assert ("with", other) in browser.press(form, "Put together", **{"with": other}).forms[1].fields
    assert minutes(house, ada) == {"Other words": 60, "Address form": 30}


def test_others_are_put_into_it_and_taken_out_from_either_side(
    form: Page, browser: Browser, house: House, ada: Member
) -> None:
    for side in ("Undo ACME call", "Take it back Address form"):
        form = browser.open(form.url)
        (other,) = [one.split('"')[0] for one in form.answer.text.split('name="with" value="')[1:]]
        after = browser.press(form, "Put together", **{"with": other})
        assert minutes(house, ada) == {"ACME call": 90}
        browser.press(after, side)
        assert minutes(house, ada) == {"ACME call": 60, "Address form": 30}


def test_putting_nothing_together_says_so(form: Page, browser: Browser, house: House, ada: Member) -> None:
    refused = browser.press(form, "Put together")
    assert "Choose what to put together." in refused.text
    assert minutes(house, ada) == {"ACME call": 60, "Address form": 30}


def test_a_draft_is_moved_to_another_day_and_back(
    form: Page, browser: Browser, house: House, ada: Member
) -> None:
    after = browser.press(form, "Move", to=f"{BEFORE}")
    assert minutes(house, ada) == {"Address form": 30}
    (there,) = drafts(house, ada, BEFORE).values()
    assert (there.suggestion.minutes, there.suggestion.start, there.decision) == (60, None, "edited")
    browser.press(after, "Take it back ACME call")
    assert minutes(house, ada) == {"ACME call": 60, "Address form": 30}
    assert drafts(house, ada, BEFORE) == {}


def test_P4_what_was_moved_twice_is_taken_back_from_where_it_stands(
    form: Page, house: House, ada: Member
) -> None:
    first, second = BEFORE, BEFORE - timedelta(days=1)
    assert cutting.move(house, ada, "a", None, first, "0" * 12).done
    (moved,) = drafts(house, ada, first)
    assert cutting.move(house, ada, moved, None, second, "1" * 12).done
    refused = cutting.undo(house, ada, "a")
    assert refused and refused.left and not refused.done
    (there,) = drafts(house, ada, second)
    assert cutting.undo(house, ada, there)
    refused = cutting.undo(house, ada, "a")
    assert refused and refused.left == (("a", HAS_ITS_MINUTES),)
    assert cutting.move(house, ada, moved, None, YESTERDAY, "2" * 12).done
    assert minutes(house, ada) == {"ACME call": 60, "Address form": 30}
    standing = [one for day in (first, second) for one in drafts(house, ada, day).values()]
    assert [one.decision for one in standing] == ["dismissed"]


@pytest.mark.parametrize("to", ["2026-11-19", "2026-11-27", "2026-11-01", "yesterday", ""])
def test_S03_nothing_is_moved_to_a_day_its_link_does_not_open(
    form: Page, browser: Browser, house: House, ada: Member, to: str
) -> None:
    assert browser.press(form, "Move", to=to).status == 422
    assert minutes(house, ada) == {"ACME call": 60, "Address form": 30}


def test_why_something_is_dismissed_is_counted_and_nobody_must_say(
    opened: Page, browser: Browser, house: House, ada: Member
) -> None:
    after = browser.press(opened, "Dismiss ACME call")
    assert drafts(house, ada)["a"].why is None
    browser.press(after, "It did not take place")
    assert drafts(house, ada)["a"].why == "not_held"
    counts = counted(Answer(answered=False), drafts(house, ada).values())
    assert counts == {"days": 1, "decided": 1, "why:not_held": 1}
    browser.press(browser.open(opened.url), "Take it back ACME call")
    assert drafts(house, ada)["a"].why is None


def test_a_reason_nobody_offered_is_none(opened: Page, browser: Browser, house: House, ada: Member) -> None:
    after = browser.press(opened, "Dismiss ACME call")
    form, _ = after.button("It did not take place")
    browser.send(form.action, [*form.fields, ("why", "lazy")])
    assert drafts(house, ada)["a"].why is None
