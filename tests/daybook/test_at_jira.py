"""Confirmed time at a whole Jira site: what it refuses goes elsewhere, what a hand changed there stays."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from config.schema import Configuration
from connectors.budget import Budget
from connectors.contract import Terms
from connectors.jira.connector import Jira
from connectors.jira.sandbox import JiraSite
from connectors.jira.settings import Settings
from connectors.manners import Manners
from core import rounds
from core.day import Sheet
from core.posting import Posting
from daybook import deeds, jobs, state
from daybook.house import House, Member
from daybook.page.app import create
from daybook.store import Store
from tests.daybook.conftest import KEY, YESTERDAY, Clock, draft, drafted, member
from tests.daybook.page.browser import Browser
from tests.daybook.page.conftest import Links, link, postings

__all__ = ["link"]
READER = "daybook@northwind.example"


@pytest.fixture
def site(clock: Clock) -> Iterator[JiraSite]:
    """WEB, where Ada has two issues."""
    site = JiraSite(clock=clock)
    site.world.add_user(READER, "reader", "Daybook")
    site.world.add_user("ada@northwind.example", "ada-token", "Ada", "Europe/Berlin")
    site.world.add_project("WEB", "Website")
    for title in ("Address form", "Fold the map"):
        site.world.add_issue("WEB", title, created=clock() - timedelta(days=3))
    site.start()
    yield site
    site.stop()


@pytest.fixture
def configuration(configuration: Configuration) -> Configuration:
    told: dict[str, Any] = configuration.model_dump(by_alias=True)
    told["policy"]["tracked"] = {"jira": ["title", "worklogs"]}
    told["connections"] = {"jira": {"type": "jira"}}
    told["projects"]["acme-web"]["target"] = {"jira": "task"}
    return Configuration.model_validate(told)


@pytest.fixture
def house(configuration: Configuration, site: JiraSite, clock: Clock, tmp_path: Path) -> Iterator[House]:
    """Everybody has agreed, and Ada connected her account."""
    assert configuration.policy is not None
    settings = Settings(site=site.url, email=READER, token=SecretStr("reader"))
    terms = Terms(tracked=frozenset(("title", "worklogs")))
    jira = Jira("jira", settings, terms, Manners(budget=Budget(10_000, 10_000), timeout=(3.05, 5.0)))
    store = Store.open(f"sqlite:///{tmp_path}/daybook.db", KEY)
    built = House(configuration, configuration.policy, {"jira": jira}, store, clock)
    with store.writing() as tx:
        for person in configuration.people:
            contributor = tx.people.enrol(person.email, clock())
            tx.people.invited(contributor.id, built.policy_version, clock())
            tx.people.acknowledge(contributor.id, built.policy_version, clock())
    ada = member(built, "Ada")
    account = site.world.tokens["ada-token"]
    with store.writing() as tx:
        tx.grants.save(ada.id, "jira", account, SecretStr("ada-token"), clock())
    yield built
    store.close()


@pytest.fixture
def browser(house: House) -> Browser:
    return Browser(create(house))


def round_of(house: House, clock: Clock, *kinds: type, **later: float) -> None:
    """Time passes, and all that is due of these kinds is done."""
    clock.wait(**later)
    for _ in range(20):
        due = list(rounds.due(state.snapshot(house, house.clock()), house.clock()))
        work = [one for one in due if isinstance(one, kinds)]
        for one in work:
            jobs.perform(house, one)
        if not work:
            return


def confirmed(house: House, ada: Member, clock: Clock) -> Posting:
    """45 minutes on WEB-1, confirmed; their time to think again is over, and they were sent."""
    drafted(house, ada, draft("a", "10:00", 45, target="jira:WEB-1", task="WEB-1"))
    deeds.confirm(house, ada, YESTERDAY)
    round_of(house, clock, rounds.Post, minutes=16)
    return postings(house, ada)[0]


# --- what Jira refuses -------------------------------------------------------------------------------------


def closed(site: JiraSite) -> None:
    site.world.close("WEB-1")


def forbidden(site: JiraSite) -> None:
    site.world.forbid("WEB", "WORK_ON_ISSUES", site.world.tokens["ada-token"])


def gone(site: JiraSite) -> None:
    site.world.delete_issue("WEB-1")


def full(site: JiraSite) -> None:
    site.most_worklogs = 0


@pytest.mark.parametrize("trouble", [closed, forbidden, gone, full])
def test_time_that_jira_refuses_goes_to_another_issue_by_one_form(
    house: House, ada: Member, site: JiraSite, clock: Clock, browser: Browser, link: Links, trouble: Any
) -> None:
    """400 for a closed issue and for a missing right, 404, 413: each says what Ada can do, and offers it."""
    trouble(site)
    refused = confirmed(house, ada, clock)
    assert (refused.state, refused.whose, "Choose another" in refused.reason) == ("refused", "entry", True)
    site.world.restrict("WEB", "WORK_ON_ISSUES", site.world.people)
    site.most_worklogs = 10
    page = browser.open(link(ada))
    assert f"Not posted. {refused.reason}" in page.text
    form = browser.follow(page, "Choose another place")
    back = browser.press(form, "Save and confirm", task="WEB-2")
    assert "Changed and confirmed anew." in back.text
    before, after = sorted(postings(house, ada), key=lambda one: one.entry.revision)
    assert (before.state, after.state, after.task) == ("withdrawn", "held", "WEB-2")
    assert (after.entry.id, after.entry.revision) == (before.entry.id, 2)
    round_of(house, clock, rounds.Post, minutes=16)
    (log,) = site.world.worklogs
    assert (log.issue.key, log.seconds, log.author) == ("WEB-2", 2700, site.world.tokens["ada-token"])


def test_another_place_that_is_none_is_said_and_nothing_is_lost(
    house: House, ada: Member, site: JiraSite, clock: Clock, browser: Browser, link: Links
) -> None:
    closed(site)
    refused = confirmed(house, ada, clock)
    form = browser.follow(browser.open(link(ada)), "Choose another place")
    again = browser.press(form, "Save and confirm", task="no key at all")
    assert again.status == 422
    assert postings(house, ada) == [refused]


def test_two_tabs_choose_another_place_once(
    house: House, ada: Member, site: JiraSite, clock: Clock, browser: Browser, link: Links
) -> None:
    closed(site)
    confirmed(house, ada, clock)
    forms = [browser.follow(browser.open(link(ada)), "Choose another place") for _ in range(2)]
    browser.press(forms[0], "Save and confirm", task="WEB-2")
    assert browser.press(forms[1], "Save and confirm", task="WEB-2").status in (409, 422)
    assert len(postings(house, ada)) == 2


def test_fact_13_two_peoples_time_on_one_issue_goes_one_after_the_other(
    house: House, ada: Member, ben: Member, clock: Clock
) -> None:
    """Fact 13 of facts/jira.md: parallel worklogs on one issue give a wrong total, whoever writes them."""
    for who, target in ((ada, "jira:WEB-1"), (ben, "jira:WEB-1"), (ben, "jira:WEB-2")):
        drafted(house, who, draft(target, "10:00", 45, target=target))
        deeds.confirm(house, who, YESTERDAY)
    clock.wait(minutes=16)
    due = rounds.due(state.snapshot(house, clock()), clock())
    lanes = [one.lane for one in due if isinstance(one, rounds.Post)]
    assert (len(lanes), len(set(lanes))) == (3, 2)


# --- what a hand changes there -----------------------------------------------------------------------------

LOOP = (rounds.Pull, rounds.Reconcile, rounds.Post)


@pytest.fixture
def record(house: House, ada: Member, site: JiraSite, clock: Clock) -> int:
    """Her 45 minutes, posted, and seen at Jira since; gives the worklog's id."""
    confirmed(house, ada, clock)
    round_of(house, clock, *LOOP, hours=1)
    (posted,) = postings(house, ada)
    assert posted.state == "posted" and posted.seen
    (log,) = site.world.worklogs
    return log.id


def sums(house: House, ada: Member, day: date = YESTERDAY) -> Sheet:
    with house.store.reading() as tx:
        return Sheet.model_validate_json(tx.days.sheet(ada.id, day) or "")


def test_an_entry_that_stands_as_confirmed_says_so_and_counts_once(
    house: House, ada: Member, browser: Browser, link: Links, record: int
) -> None:
    page = browser.open(link(ada))
    assert "Posted to Jira, WEB-1." in page.text and ", by hand" not in page.text
    assert (sums(house, ada).attended, sums(house, ada).logged) == (45, 0)


def test_I6_what_a_hand_changed_at_jira_is_said_left_alone_and_counted_as_it_stands_there(
    house: House, ada: Member, site: JiraSite, clock: Clock, browser: Browser, link: Links, record: int
) -> None:
    author = site.world.tokens["ada-token"]
    site.world.edit_worklog(record, author, clock(), seconds=3600)
    round_of(house, clock, *LOOP, hours=1)
    page = browser.open(link(ada))
    assert "Changed at Jira, WEB-1: 45 min → 1 h, by hand. Daybook leaves it." in page.text
    assert (sums(house, ada).attended, sums(house, ada).attributed) == (60, {"acme-web": 60})
    assert "ACME website 1 h 1 h" in page.text and "Logged" not in page.text
    assert site.world.logged[record].seconds == 3600
    round_of(house, clock, *LOOP, hours=1)
    assert len(site.world.worklogs) == 1, "and nothing is posted again"


def test_I6_what_a_hand_removed_at_jira_is_said_counted_no_more_and_never_posted_again(
    house: House, ada: Member, site: JiraSite, clock: Clock, browser: Browser, link: Links, record: int
) -> None:
    site.world.delete_worklog(record, at=clock())
    round_of(house, clock, *LOOP, hours=1)
    page = browser.open(link(ada))
    assert "No longer at Jira, WEB-1: removed there by hand, 45 min. Daybook leaves it so." in page.text
    assert sums(house, ada).attended == 0
    round_of(house, clock, *LOOP, days=1)
    assert site.world.worklogs == []


def test_what_a_hand_moved_to_another_day_counts_there_and_no_longer_here(
    house: House, ada: Member, site: JiraSite, clock: Clock, browser: Browser, link: Links, record: int
) -> None:
    log = site.world.logged[record]
    site.world.edit_worklog(record, log.author, clock(), started=log.started - timedelta(days=1))
    round_of(house, clock, *LOOP, hours=1)
    page = browser.open(link(ada))
    assert "Changed at Jira, WEB-1: Thu 19 Nov → Wed 18 Nov, by hand." in page.text
    assert sums(house, ada).attended == 0
    assert sums(house, ada, YESTERDAY - timedelta(days=1)).logged == 45


def test_an_entry_jira_has_not_shown_yet_is_not_taken_for_removed(
    house: House, ada: Member, clock: Clock, browser: Browser, link: Links
) -> None:
    confirmed(house, ada, clock)
    assert ", by hand" not in browser.open(link(ada)).text
