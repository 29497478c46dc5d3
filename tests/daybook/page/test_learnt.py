"""What Daybook learnt: its contributor reads it in plain words, and forgets what they like."""

from __future__ import annotations

from datetime import date

import pytest

from core.memory import NOTHING, Choice, Lesson, Memory, OwnRule
from daybook.house import House, Member
from tests.daybook.conftest import YESTERDAY, Clock, draft, drafted
from tests.daybook.page.browser import Browser, Page
from tests.daybook.page.conftest import Links, everything

SERIES, TITLE = "series:memory:s1", "title:memory:cal:acme call"
BETA = Choice(project="internal", target="none")


def lesson(about: str, choice: Choice | None = BETA, times: int = 2, last: date = YESTERDAY) -> Lesson:
    return Lesson(about=about, choice=choice, weight=times, times=times, corrected=times, last=last)


@pytest.fixture
def taught(house: House, ada: Member) -> None:
    """A weekly call that Ada moved twice, a lunch she dismissed, and a rule of her own."""
    never = OwnRule(about="title:memory:cal:yoga", says="never", shown="Yoga", made=YESTERDAY)
    with house.store.writing() as tx:
        call = (lesson(SERIES), lesson(TITLE))
        tx.memory.keep(ada.id, Memory(lessons=call), "ACME call")
        lunch = lesson("title:memory:cal:lunch", None, 1, date(2026, 11, 12))
        tx.memory.keep(ada.id, Memory(lessons=(*call, lunch), rules=(never,)), "Lunch")


@pytest.fixture
def opened(taught: None, browser: Browser, link: Links, ada: Member) -> Page:
    return browser.follow(browser.open(link(ada)), "what it learnt")


def remembered(house: House, who: Member) -> Memory:
    with house.store.reading() as tx:
        return tx.memory.of(who.id)


def due(house: House, who: Member) -> set[date]:
    """Days the reconciler must look at again."""
    with house.store.reading() as tx:
        stale = tx.days.stale(house.mappings_hash, date(2026, 1, 1), date(2026, 12, 31), 99)
    return {one.day for one in stale if one.contributor == who.id}


def test_it_is_told_in_plain_words_by_the_title_its_owner_knows(opened: Page) -> None:
    assert (
        "ACME call Internal , twice, last on Thu 19 Nov Every meeting of this series in Memory" in opened.text
    )
    assert "Lunch Dismissed as no work , once, last on Thu 12 Nov" in opened.text
    assert "Yoga Never suggested Whatever has this title in Memory, since Thu 19 Nov" in opened.text
    assert opened.text.count("ACME call Internal") == 1, "what was learnt under two names is one thing"
    assert "series:memory" not in opened.answer.text


def test_forgetting_one_thing_takes_all_its_names_and_leaves_the_rest(
    opened: Page, browser: Browser, house: House, ada: Member
) -> None:
    drafted(house, ada, draft("a", "10:00"))
    after = browser.press(opened, "Forget ACME call")
    assert "Forgotten." in after.text
    known = remembered(house, ada)
    assert [one.about for one in known.lessons] == ["title:memory:cal:lunch"]
    assert [one.shown for one in known.rules] == ["Yoga"]
    assert YESTERDAY in due(house, ada)


def test_a_rule_of_ones_own_is_taken_back(opened: Page, browser: Browser, house: House, ada: Member) -> None:
    after = browser.press(opened, "Take it back Yoga")
    assert "Taken back." in after.text
    assert not remembered(house, ada).rules
    assert len(remembered(house, ada).lessons) == 3


def test_forgetting_all_asks_once_and_leaves_nothing(
    opened: Page, browser: Browser, house: House, ada: Member
) -> None:
    unsure = browser.press(opened, "Forget all")
    assert unsure.status == 422
    assert len(remembered(house, ada).lessons) == 3
    after = browser.press(opened, "Forget all", sure="yes")
    assert "All of it is forgotten." in after.text
    assert remembered(house, ada) == NOTHING
    assert "Nothing yet." in after.text


def test_W06_a_button_pressed_twice_forgets_once_and_says_so(opened: Page, browser: Browser) -> None:
    browser.press(opened, "Forget ACME call")
    again = browser.press(opened, "Forget ACME call")
    assert again.status == 409
    assert "forgotten already" in again.text


@pytest.mark.parametrize("name", ["ben", "mara", "otto"])
def test_P1_nobody_elses_link_shows_or_forgets_what_ada_taught(
    opened: Page,
    name: str,
    house: House,
    browser: Browser,
    link: Links,
    request: pytest.FixtureRequest,
) -> None:
    other: Member = request.getfixturevalue(name)
    theirs = browser.open(f"{link(other)}/learnt")
    assert not [word for word in ("ACME call", "Lunch", "Yoga") if word in theirs.text]
    stands = everything(house)
    for label in ("Forget ACME call", "Take it back Yoga"):
        form, _ = opened.button(label)
        assert browser.send(f"{link(other)}/forget", form.fields).status == 409
    assert everything(house) == stands


def test_P12_what_was_good_for_nothing_for_so_long_is_gone(
    taught: None, house: House, ada: Member, clock: Clock
) -> None:
    clock.wait(days=house.policy.retention.memory - 1)
    house.store.forget(house.policy.retention.model_dump(), clock())
    assert {one.about for one in remembered(house, ada).lessons} == {SERIES, TITLE}
    clock.wait(days=1)
    house.store.forget(house.policy.retention.model_dump(), clock())
    assert remembered(house, ada) == NOTHING
