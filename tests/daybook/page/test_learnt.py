"""What Daybook learnt: its contributor reads it in plain words, and forgets what they like."""

from __future__ import annotations

from datetime import date

import pytest

from core.day import Ignored
from core.memory import NOTHING, Choice, Lesson, Memory, OwnRule
from core.model import Reason
from daybook import deeds
from daybook.house import House, Member
from tests.core.says import says
from tests.daybook.conftest import YESTERDAY, Clock, draft, drafted
from tests.daybook.page.browser import Browser, Page, bare
from tests.daybook.page.conftest import Links, drafts, everything
from tests.daybook.page.test_doors import PAYLOADS

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
        "ACME call Booked on Internal twice, last on Thu 19 Nov Every meeting of this series in Memory"
        in opened.text
    )
    assert "Lunch Dismissed once, on Thu 12 Nov" in opened.text
    assert "Yoga Never suggested Whatever has this title in Memory, since Thu 19 Nov" in opened.text
    assert opened.text.count("ACME call Booked") == 1, "what was learnt under two names is one thing"
    assert "series:memory" not in opened.answer.text


@says("Contributors see and delete what was learnt about them")
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


@says("can be read and deleted by their owner")
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
    stands = everything(house, but="sessions")
    for label in ("Forget ACME call", "Take it back Yoga"):
        form, _ = opened.button(label)
        assert browser.send(f"{link(other)}/forget", bare(form)).status == 409
    assert everything(house, but="sessions") == stands


def test_P12_what_was_good_for_nothing_for_so_long_is_gone(
    taught: None, house: House, ada: Member, clock: Clock
) -> None:
    clock.wait(days=house.policy.retention.memory - 1)
    house.store.forget(house.policy.retention.model_dump(), clock())
    assert {one.about for one in remembered(house, ada).lessons} == {SERIES, TITLE}
    clock.wait(days=1)
    house.store.forget(house.policy.retention.model_dump(), clock())
    assert remembered(house, ada) == NOTHING


# --- on a draft --------------------------------------------------------------------------------------------


@pytest.fixture
def call(house: House, ada: Member) -> None:
    """A draft of a weekly call, and one by hand."""
    drafted(house, ada, draft("a", "10:00", about=(SERIES, TITLE)), draft("h", "12:00", text="Walk"))


def test_always_makes_a_rule_for_the_series_and_changes_nothing_else(
    call: None, browser: Browser, house: House, ada: Member, link: Links
) -> None:
    page = browser.open(link(ada))
    assert page.buttons.count("Always on ACME website ACME call") == 1
    after = browser.press(page, "Always on ACME website")
    assert "from now on it always goes there" in after.text
    assert "Always on ACME website ACME call" not in after.buttons
    (rule,) = remembered(house, ada).rules
    assert (rule.about, rule.says, rule.shown) == (SERIES, "always", "ACME call")
    assert rule.choice == Choice(project="acme-web", target="memory:WEB-12")
    assert drafts(house, ada)["a"].decision == "open"
    assert YESTERDAY in due(house, ada)
    assert "ACME call Always on ACME website" in browser.follow(after, "what it learnt").text


def test_never_asks_for_no_project_and_takes_the_draft_away(
    house: House, ada: Member, browser: Browser, link: Links
) -> None:
    drafted(house, ada, draft("a", "10:00", about=(TITLE,), project=None, target=None, attributed={}))
    page = browser.open(link(ada))
    assert not [label for label in page.buttons if label.startswith("Always")]
    after = browser.press(page, "Never suggest this again")
    assert "it is not suggested again" in after.text
    assert drafts(house, ada) == {}
    (rule,) = remembered(house, ada).rules
    assert (rule.about, rule.says, rule.choice) == (TITLE, "never", None)


def test_P2_never_leaves_a_word_already_given_as_it_is(
    call: None, browser: Browser, house: House, ada: Member, link: Links
) -> None:
    page = browser.open(link(ada))
    browser.press(page, "Confirm ACME call")
    refused = browser.press(page, "Never suggest this again")
    assert "Undo that first" in refused.text
    assert drafts(house, ada)["a"].decision == "confirmed"
    assert remembered(house, ada).rules == ()


def test_W06_a_draft_that_changed_since_is_ruled_on_by_nobody(
    call: None, browser: Browser, house: House, ada: Member, link: Links
) -> None:
    page = browser.open(link(ada))
    deeds.edit(house, ada, "a", minutes=15)
    for label in ("Always on ACME website", "Never suggest this again"):
        assert browser.press(page, label).status == 409
    assert remembered(house, ada) == NOTHING


def test_what_was_said_never_has_its_way_back_where_it_is_left_out(
    call: None, browser: Browser, house: House, ada: Member, link: Links
) -> None:
    browser.press(browser.open(link(ada)), "Never suggest this again")
    (rule,) = remembered(house, ada).rules
    left_out = Ignored(uid="gone", why="you said never", about=rule.about)
    drafted(house, ada, draft("b", "15:00"), ignored=(left_out,))
    page = browser.open(link(ada))
    assert "Something your tools no longer show : you said never" in page.text
    after = browser.press(page, "Suggest it again")
    assert "Taken back." in after.text
    assert remembered(house, ada) == NOTHING


@pytest.mark.parametrize("payload", PAYLOADS)
def test_S06_no_title_that_was_learnt_becomes_part_of_the_page(
    payload: str, house: House, ada: Member, browser: Browser, link: Links
) -> None:
    never = OwnRule(about=TITLE, says="never", shown=payload, made=YESTERDAY)
    with house.store.writing() as tx:
        tx.memory.keep(ada.id, Memory(lessons=(lesson(SERIES),), rules=(never,)), payload)
    page = browser.open(f"{link(ada)}/learnt")
    assert not {"script", "img", "svg", "iframe", "object", "base"} & {*page.tags}
    assert page.styles == []
    assert " ".join(payload.split()) in page.text


def test_the_one_change_that_would_alter_a_draft_is_told_while_it_waits(
    house: House, ada: Member, browser: Browser, link: Links
) -> None:
    otherwise = 'Forget it under "What Daybook learnt", and the rules decide again.'
    why = Reason(kind="memory", minutes=30, sentence="Project ACME: you chose it twice for this series.")
    drafted(house, ada, draft("a", "10:00", about=(SERIES,), because=(why,), otherwise=otherwise))
    page = browser.open(link(ada))
    assert otherwise in page.text
    assert "Nothing yet." in browser.follow(page, "What Daybook learnt").text
    assert otherwise not in browser.press(page, "Dismiss").text
