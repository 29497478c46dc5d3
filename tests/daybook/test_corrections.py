"""After it is posted: a correction changes that same record, what is taken back goes, a hand's stays."""

from __future__ import annotations

from datetime import datetime, time

import pytest

from connectors.jira.sandbox import JiraSite
from core import rounds
from core.posting import Posting
from daybook import deeds
from daybook.house import House, Member
from tests.daybook.conftest import BERLIN, YESTERDAY, Clock
from tests.daybook.page.browser import Browser, Page
from tests.daybook.page.conftest import Links, link, postings
from tests.daybook.test_at_jira import (
    LOOP,
    browser,
    configuration,
    house,
    round_of,
    site,
    sums,
)

__all__ = ["browser", "configuration", "house", "link", "site"]


@pytest.fixture
def record(house: House, ada: Member, site: JiraSite, clock: Clock) -> int:
    """Her 45 minutes on WEB-1, posted, and seen at Jira since; gives the worklog's id."""
    ten = datetime.combine(YESTERDAY, time(10), BERLIN)
    stated = {"start": ten, "project": "acme-web", "target": "jira:WEB-1", "text": "ACME call"}
    assert deeds.add(house, ada, YESTERDAY, 45, **stated).done
    assert deeds.confirm(house, ada, YESTERDAY).done
    round_of(house, clock, rounds.Post, minutes=16)
    round_of(house, clock, *LOOP, hours=1)
    assert the_one(house, ada).state == "posted" and the_one(house, ada).seen
    (log,) = site.world.worklogs
    return log.id


def worklogs(site: JiraSite) -> list[tuple[int, str, int]]:
    return [(log.id, log.issue.key, log.seconds // 60) for log in site.world.worklogs]


def the_one(house: House, ada: Member) -> Posting:
    (one,) = [one for one in postings(house, ada) if one.state != "withdrawn"]
    return one


def corrected(browser: Browser, page: Page, **fields: str) -> Page:
    return browser.press(browser.follow(page, "Correct"), "Save and confirm", **fields)


def by_hand(site: JiraSite, record: int, clock: Clock, minutes: int) -> None:
    site.world.edit_worklog(record, site.world.tokens["ada-token"], clock(), seconds=minutes * 60)


# --- corrections -------------------------------------------------------------------------------------------


def test_P8_a_correction_after_posting_changes_that_same_record(
    house: House, ada: Member, site: JiraSite, clock: Clock, browser: Browser, link: Links, record: int
) -> None:
    page = corrected(browser, browser.open(link(ada)), length="30", text="ACME call, shorter")
    assert "Changed and confirmed anew." in page.text
    assert "Corrected. Its record in Jira, WEB-1 is changed at" in page.text
    round_of(house, clock, *LOOP, minutes=14)
    assert worklogs(site) == [(record, "WEB-1", 45)], "held like every yes"
    round_of(house, clock, *LOOP, minutes=2)
    assert worklogs(site) == [(record, "WEB-1", 30)]
    assert (the_one(house, ada).state, the_one(house, ada).entry.revision) == ("posted", 2)
    page = browser.open(link(ada))
    assert "Posted to Jira, WEB-1." in page.text and ", by hand" not in page.text
    round_of(house, clock, *LOOP, hours=1)
    assert ", by hand" not in browser.open(link(ada)).text
    assert (sums(house, ada).attended, sums(house, ada).logged) == (30, 0)


def test_a_correction_is_taken_back_while_it_is_held_and_nothing_is_sent(
    house: House, ada: Member, site: JiraSite, clock: Clock, browser: Browser, link: Links, record: int
) -> None:
    page = corrected(browser, browser.open(link(ada)), length="30", text="Another text")
    asked = sum(site.counts.values())
    back = browser.press(page, "Take it back")
    assert "Taken back. Nothing of it was sent." in back.text
    assert "Posted to Jira, WEB-1." in back.text
    round_of(house, clock, rounds.Post, hours=1)
    assert (worklogs(site), sum(site.counts.values())) == ([(record, "WEB-1", 45)], asked)
    with house.store.reading() as tx:
        (held,) = tx.drafts.of(ada.id, YESTERDAY)
        (entry,) = tx.entries.of(ada.id, YESTERDAY)
    assert (held.draft.decision, held.draft.suggestion.minutes) == ("confirmed", 45)
    assert (entry.minutes, entry.text, entry.revision) == (45, "ACME call", 3)


def test_P8_a_correction_to_another_issue_removes_the_record_there_and_then_posts_here(
    house: House, ada: Member, site: JiraSite, clock: Clock, browser: Browser, link: Links, record: int
) -> None:
    page = corrected(browser, browser.open(link(ada)), task="WEB-2")
    assert "It is removed where it stands and goes to Jira, WEB-2 at" in page.text
    round_of(house, clock, *LOOP, minutes=16)
    ((posted, *rest),) = worklogs(site)
    assert (posted != record, rest) == (True, ["WEB-2", 45])
    assert (the_one(house, ada).state, the_one(house, ada).task) == ("posted", "WEB-2")


def test_I4_while_a_record_cannot_be_removed_there_nothing_is_posted_elsewhere(
    house: House, ada: Member, site: JiraSite, clock: Clock, browser: Browser, link: Links, record: int
) -> None:
    by_hand(site, record, clock, 60)
    corrected(browser, browser.open(link(ada)), task="WEB-2")
    round_of(house, clock, rounds.Post, minutes=16)
    assert worklogs(site) == [(record, "WEB-1", 60)]
    assert the_one(house, ada).state == "refused"


def test_what_its_source_says_since_is_taken_into_the_record(
    house: House, ada: Member, site: JiraSite, clock: Clock, record: int
) -> None:
    with house.store.writing() as tx:
        (held,) = tx.drafts.of(ada.id, YESTERDAY)
        longer = held.draft.suggestion.model_copy(update={"minutes": 60, "attributed": {"acme-web": 60}})
        flagged = held.draft.model_copy(update={"seen": longer, "noticed": False})
        tx.drafts.save(ada.id, YESTERDAY, flagged, held.revision)
    assert deeds.settle(house, ada, held.draft.key, take=True).done
    round_of(house, clock, rounds.Post, minutes=16)
    assert worklogs(site) == [(record, "WEB-1", 60)]


def test_a_correction_that_stays_in_daybook_removes_the_record(
    house: House, ada: Member, site: JiraSite, clock: Clock, browser: Browser, link: Links, record: int
) -> None:
    page = corrected(browser, browser.open(link(ada)), connection="none", task="")
    assert "Taken back. It stands in Jira, WEB-1 until" in page.text
    round_of(house, clock, rounds.Post, minutes=16)
    assert worklogs(site) == []
    assert "Confirmed. It stays in Daybook." in browser.open(link(ada)).text


# --- what is taken back ------------------------------------------------------------------------------------


def test_what_is_taken_back_is_removed_there_after_its_hold_and_is_a_draft_again(
    house: House, ada: Member, site: JiraSite, clock: Clock, browser: Browser, link: Links, record: int
) -> None:
    page = browser.press(browser.open(link(ada)), "Take it back")
    assert "Taken back. It stands in Jira, WEB-1 until" in page.text
    round_of(house, clock, rounds.Post, minutes=14)
    assert worklogs(site) == [(record, "WEB-1", 45)]
    round_of(house, clock, rounds.Post, minutes=2)
    assert worklogs(site) == []
    round_of(house, clock, rounds.Reconcile)
    assert sums(house, ada).logged == 0, "although Jira was not read since"
    browser.press(browser.open(link(ada)), "Confirm ACME call")
    round_of(house, clock, rounds.Post, minutes=16)
    ((anew, *rest),) = worklogs(site)
    assert (anew != record, rest) == (True, ["WEB-1", 45])


def test_a_yes_before_it_is_removed_leaves_it_there_and_sends_nothing(
    house: House, ada: Member, site: JiraSite, clock: Clock, browser: Browser, link: Links, record: int
) -> None:
    page = browser.press(browser.open(link(ada)), "Take it back")
    asked = sum(site.counts.values())
    browser.press(page, "Confirm ACME call")
    round_of(house, clock, rounds.Post, hours=1)
    assert (worklogs(site), sum(site.counts.values())) == ([(record, "WEB-1", 45)], asked)
    assert the_one(house, ada).state == "posted"


def test_what_is_dismissed_after_it_was_taken_back_is_removed_all_the_same(
    house: House, ada: Member, site: JiraSite, clock: Clock, browser: Browser, link: Links, record: int
) -> None:
    page = browser.press(browser.open(link(ada)), "Take it back")
    browser.press(page, "Dismiss ACME call")
    round_of(house, clock, rounds.Post, minutes=16)
    assert worklogs(site) == []


# --- where a hand was there before -------------------------------------------------------------------------


def test_I6_a_record_a_hand_changed_is_not_overwritten_and_its_contributor_leaves_it(
    house: House, ada: Member, site: JiraSite, clock: Clock, browser: Browser, link: Links, record: int
) -> None:
    by_hand(site, record, clock, 60)
    corrected(browser, browser.open(link(ada)), length="30")
    round_of(house, clock, rounds.Post, minutes=16)
    assert worklogs(site) == [(record, "WEB-1", 60)]
    page = browser.open(link(ada))
    assert (
        "Your correction is not there. The time on WEB-1 was changed in Jira since it was posted."
        in page.text
    )
    page = browser.press(page, "Leave it as it is there")
    assert the_one(house, ada).state == "posted"
    round_of(house, clock, *LOOP, hours=1)
    assert worklogs(site) == [(record, "WEB-1", 60)]
    assert "45 min → 1 h, by hand. Daybook leaves it." in browser.open(link(ada)).text


def test_I6_what_a_hand_changed_is_not_removed_either_and_stays_in_sight(
    house: House, ada: Member, site: JiraSite, clock: Clock, browser: Browser, link: Links, record: int
) -> None:
    by_hand(site, record, clock, 60)
    page = browser.press(browser.open(link(ada)), "Take it back")
    browser.press(page, "Dismiss ACME call")
    round_of(house, clock, rounds.Post, minutes=16)
    assert worklogs(site) == [(record, "WEB-1", 60)]
    page = browser.open(link(ada))
    assert "Taken back, but it still stands in Jira, WEB-1. The time on WEB-1 was changed" in page.text
    assert "1 draft needs you." in page.text
    page = browser.press(page, "Leave it as it is there")
    assert "It stays as it stands there." in page.text
    with house.store.reading() as tx:
        (held,) = tx.drafts.of(ada.id, YESTERDAY)
    assert held.draft.decision == "confirmed"
    assert the_one(house, ada).state == "posted"


def test_I6_once_the_hand_removed_it_too_there_is_nothing_left_to_remove(
    house: House, ada: Member, site: JiraSite, clock: Clock, browser: Browser, link: Links, record: int
) -> None:
    by_hand(site, record, clock, 60)
    browser.press(browser.open(link(ada)), "Take it back")
    round_of(house, clock, rounds.Post, minutes=16)
    site.world.delete_worklog(record, at=clock())
    browser.press(browser.open(link(ada)), "Try again to remove it")
    round_of(house, clock, rounds.Post, minutes=1)
    assert [one.state for one in postings(house, ada)] == ["withdrawn"]
    browser.press(browser.open(link(ada)), "Confirm ACME call")
    round_of(house, clock, rounds.Post, minutes=16)
    assert [minutes for _, _, minutes in worklogs(site)] == [45]
