"""What somebody answered by mail and was no plain yes stands on their page, until they put it away."""

from __future__ import annotations

from datetime import timedelta

import pytest

from daybook.house import House, Member
from daybook.store.replies import Reply, Why
from tests.daybook.conftest import draft, drafted
from tests.daybook.page.browser import Browser
from tests.daybook.page.conftest import Links

HOSTILE = "<script>alert(1)</script> & \u202eten minutes"


def answered(house: House, who: Member, words: str = "Was it not shorter?", why: Why = "words") -> None:
    with house.store.writing() as tx:
        tx.replies.keep(who.id, words, Reply(at=house.clock(), why=why, words=words, left=1))


def test_the_day_says_that_there_is_something_and_where(
    house: House, ada: Member, ben: Member, browser: Browser, link: Links
) -> None:
    drafted(house, ada, draft("a"))
    answered(house, ada)
    assert "something you answered by mail" in browser.open(link(ada)).text
    page = browser.open(f"{link(ada)}/answers")
    assert "Was it not shorter?" in page.text and "confirmed nothing" in page.text
    assert "answered by mail" not in browser.open(link(ben)).text
    assert "Nothing is kept here." in browser.open(f"{link(ben)}/answers").text


@pytest.mark.parametrize(
    ("why", "said"),
    [
        ("elsewhere", "another address than yours"),
        ("old", "too old"),
        ("left", "1 draft had changed since that mail, and was left for you"),
        ("beside", "Your yes was taken."),
    ],
)
def test_each_says_what_became_of_it(
    house: House, ada: Member, browser: Browser, link: Links, why: Why, said: str
) -> None:
    answered(house, ada, why=why)
    assert said in browser.open(f"{link(ada)}/answers").text


def test_S06_what_a_mail_said_is_text_and_nothing_else(
    house: House, ada: Member, browser: Browser, link: Links
) -> None:
    answered(house, ada, HOSTILE)
    text = browser.open(f"{link(ada)}/answers").answer.text
    assert "<script>alert" not in text and "&lt;script&gt;alert(1)" in text


def test_what_they_have_read_is_put_away_and_what_came_since_stays(
    house: House, ada: Member, browser: Browser, link: Links
) -> None:
    answered(house, ada)
    page = browser.open(f"{link(ada)}/answers")
    with house.store.writing() as tx:
        later = Reply(at=house.clock() + timedelta(seconds=1), why="words", words="And this?")
        tx.replies.keep(ada.id, "later", later)
    after = browser.press(page, "I have read this")
    assert "And this?" in after.text and "shorter" not in after.text
