"""The one button of the mail."""

from __future__ import annotations

from datetime import timedelta

import pytest

from daybook import deeds, links
from daybook.house import House, Member
from tests.daybook.conftest import YESTERDAY, draft, drafted
from tests.daybook.page.browser import Browser
from tests.daybook.page.conftest import Links, drafts, entries, everything

EARLIER = YESTERDAY - timedelta(days=2)


@pytest.fixture
def waiting(house: House, ada: Member) -> None:
    drafted(
        house,
        ada,
        draft("a", "10:00"),
        draft("b", None, 75, "Address form", day=EARLIER),
        draft("n", "13:00", project=None, target=None),
        draft("f", "14:00", decision="edited", noticed=False),
        draft("o", "10:00", day=YESTERDAY - timedelta(days=7)),
    )


def test_one_button_says_yes_to_what_waits_in_the_days_of_the_mail(
    waiting: None, house: House, ada: Member, browser: Browser, link: Links
) -> None:
    page = browser.open(link(ada, "confirm"))
    assert "Goes to Memory, WEB-12 . Everyone who can see the test can read it there." in page.text
    assert "2 more need you first." in page.text
    assert page.buttons == ["Confirm all 2 · 1 h 45 min"]
    after = browser.press(page, "Confirm all 2")
    assert "2 drafts confirmed. Nothing leaves Daybook before 08:45." in after.text
    decided = {**drafts(house, ada), **drafts(house, ada, EARLIER)}
    assert {key for key, one in decided.items() if one.decision == "confirmed"} == {"a", "b"}
    assert drafts(house, ada, YESTERDAY - timedelta(days=7))["o"].decision == "open"


def test_S03_the_button_works_once_and_a_replay_says_so(
    waiting: None, house: House, ada: Member, browser: Browser, link: Links
) -> None:
    address = link(ada, "confirm")
    page = browser.open(address)
    browser.press(page, "Confirm all 2")
    deeds.undo(house, ada, "a")
    stands = everything(house, but="sessions")
    for again in (browser.press(page, "Confirm all 2"), browser.open(address)):
        assert "Already confirmed" in again.text
        assert again.buttons == [] and "ACME" not in again.text
        assert [href for _, href in again.links] == []
    assert everything(house, but="sessions") == stands


def test_S03_of_two_who_press_at_once_one_confirms(house: House, ada: Member) -> None:
    """Both saw a link that was not used; the second finds it used up, and the drafts as they stand."""
    drafted(house, ada, draft("calendar:1"))
    with house.store.writing() as tx:
        token = links.mint(tx, house, ada, "confirm", YESTERDAY, house.clock()).rpartition("/")[2]
        link = links.behind(tx, "confirm", token, house.clock())
    first, second = (deeds.confirm(house, ada, YESTERDAY, {"calendar:1": 1}, link) for _ in range(2))
    assert first.done == ("calendar:1",) and not first.used
    assert second == deeds.Outcome(used=True)


def test_W06_a_double_click_confirms_once(
    waiting: None, house: House, ada: Member, browser: Browser, link: Links
) -> None:
    page = browser.open(link(ada, "confirm"))
    for _ in range(2):
        browser.press(page, "Confirm all 2")
    assert entries(house, ada) + entries(house, ada, EARLIER) == 2


def test_what_changed_since_the_page_was_opened_is_not_confirmed_unseen(
    waiting: None, house: House, ada: Member, browser: Browser, link: Links
) -> None:
    page = browser.open(link(ada, "confirm"))
    deeds.edit(house, ada, "a", minutes=15)
    after = browser.press(page, "Confirm all 2")
    assert "1 draft confirmed." in after.text
    assert "1 draft changed in between, and was left alone." in after.text
    assert drafts(house, ada)["a"].decision == "edited"


def test_a_mail_opened_late_has_nothing_left_to_confirm(
    waiting: None, house: House, ada: Member, browser: Browser, link: Links
) -> None:
    deeds.confirm(house, ada, YESTERDAY)
    deeds.confirm(house, ada, EARLIER)
    page = browser.open(link(ada, "confirm"))
    assert "Nothing waits for a plain yes." in page.text
    assert page.buttons == []
