"""The invitation: reading and acknowledging the policy, connecting accounts, leaving."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from config.schema import Configuration
from connectors.memory import Tool
from core.notice import settled
from core.policy import Lighter, Retention, version
from core.roles import InRole
from daybook import deeds
from daybook.house import House, Member
from daybook.page.app import create
from tests.daybook.conftest import TODAY, YESTERDAY, Clock, draft, drafted, member
from tests.daybook.page.browser import Browser
from tests.daybook.page.conftest import Links, comes_to, drafts, everything, postings


@pytest.fixture
def invited(house: House, ada: Member) -> Member:
    """Ada, before she acknowledged anything."""
    with house.store.writing() as tx:
        tx.people.leave(ada.id, house.clock())
        tx.connection.exec_driver_sql("update contributors set left_at = null")
    return member(house, "Ada")


def test_P3_the_policy_is_read_in_plain_words_before_anything_can_be_acknowledged(
    invited: Member, house: House, browser: Browser, link: Links
) -> None:
    page = browser.open(link(invited, "invite"))
    policy = house.policy
    for said in (
        policy.why,
        "Title What a thing is called.",
        "Descriptions, guests, screen and keyboard.",
        "you alone, no manager and no administrator",
        "In Memory it can then be read by everyone who can see the test.",
        "45 days",
        "2 years",
        policy.contact,
        house.policy_version,
    ):
        assert said in page.text
    assert "onsent" not in page.text
    assert page.buttons == ["Acknowledge"]


def test_P3_only_the_button_acknowledges_and_only_the_version_that_was_shown(
    invited: Member, house: House, browser: Browser, link: Links
) -> None:
    page = browser.open(link(invited, "invite"))
    assert not member(house, "Ada").consent
    after = browser.press(page, "Acknowledge")
    assert member(house, "Ada").contributor.acknowledged == house.policy_version
    assert member(house, "Ada").consent
    assert "You acknowledged version" in after.text
    assert "Daybook looks at the last 14 days" in after.text


def test_P3_a_policy_that_changed_meanwhile_is_shown_again_before_it_counts(
    invited: Member, house: House, browser: Browser, link: Links, configuration: Configuration
) -> None:
    page = browser.open(link(invited, "invite"))
    looser = house.policy.model_copy(update={"back_fill": 30})
    tomorrow = House(configuration, looser, house.connectors, house.store, house.clock)
    later = Browser(create(tomorrow))
    refused = later.press(page, "Acknowledge")
    assert refused.status == 409
    assert member(house, "Ada").contributor.acknowledged is None
    assert "The policy changed since you opened this page." in refused.text
    assert "looks back 30 days" in refused.text
    later.press(refused, "Acknowledge")
    assert member(house, "Ada").contributor.acknowledged == tomorrow.policy_version


def test_acknowledging_twice_is_acknowledging_once(
    invited: Member, house: House, browser: Browser, link: Links, clock: Clock
) -> None:
    page = browser.open(link(invited, "invite"))
    browser.press(page, "Acknowledge")
    first = member(house, "Ada").contributor.acknowledged_at
    clock.wait(hours=1)
    browser.press(page, "Acknowledge")
    assert member(house, "Ada").contributor.acknowledged_at == first


def test_P3_nothing_is_connected_before_the_policy_is_acknowledged(
    invited: Member, house: House, browser: Browser, link: Links, tool: Tool
) -> None:
    fields = [("connection", "memory"), ("credential", "t")]
    refused = browser.send(link(invited, "invite") + "/connect", fields)
    assert (refused.status, tool.requests) == (409, 0)


def test_an_account_is_connected_with_a_token_of_ones_own_and_let_go_again(
    house: House, ada: Member, browser: Browser, link: Links, tool: Tool
) -> None:
    tool.tokens["t-1"] = "ada-there"
    page = browser.press(browser.open(link(ada, "invite")), "Connect Memory", credential=" t-1 ")
    assert "As ada-there since 20 November 2026." in page.text
    assert "t-1" not in page.answer.text
    with house.store.reading() as tx:
        grant = tx.grants.get(ada.id, "memory")
    assert grant and grant.credential.get_secret_value() == "t-1"
    browser.press(page, "Disconnect Memory")
    with house.store.reading() as tx:
        assert tx.grants.get(ada.id, "memory") is None


def test_she_is_told_by_her_name_at_the_tool_who_she_is_there(
    house: House, ada: Member, browser: Browser, link: Links, tool: Tool
) -> None:
    tool.tokens["t-1"], tool.names["712020:ada"] = "712020:ada", "Ada Example"
    page = browser.press(browser.open(link(ada, "invite")), "Connect Memory", credential="t-1")
    assert "As Ada Example since 20 November 2026." in page.text
    assert "712020" not in page.text
    assert "Ada Example" not in repr(everything(house))


def test_a_token_the_tool_does_not_know_is_answered_with_its_sentence_and_not_kept(
    house: House, ada: Member, browser: Browser, link: Links
) -> None:
    page = browser.press(browser.open(link(ada, "invite")), "Connect Memory", credential="wrong")
    assert page.status == 422
    assert "The tool does not know this credential." in page.text
    assert "wrong" not in page.answer.text.replace("said wrong", "")
    with house.store.reading() as tx:
        assert tx.grants.get(ada.id, "memory") is None


def test_a_tool_that_is_away_keeps_nothing_and_says_so(
    house: House, ada: Member, browser: Browser, link: Links, tool: Tool
) -> None:
    tool.mishaps.append("unavailable")
    page = browser.press(browser.open(link(ada, "invite")), "Connect Memory", credential="t")
    assert "The tool did not answer." in page.text


def test_long_after_the_invitation_her_account_is_connected_again_by_a_link_she_asks_for(
    house: House, ada: Member, browser: Browser, link: Links, tool: Tool, clock: Clock
) -> None:
    """R-08: an invitation ends after a month, and a token a year later."""
    invitation = link(ada, "invite")
    clock.wait(days=31)
    assert browser.open(invitation).status == 404
    tool.tokens["t-2"] = "ada-there"
    page = browser.open(link(ada, "own"))
    after = browser.press(page, "Connect Memory", credential="t-2")
    assert "/own/" in after.url and "As ada-there since" in after.text
    after = browser.press(after, "Disconnect Memory")
    assert "/own/" in after.url and "Daybook no longer has your token." in after.text


def test_P3_who_has_to_agree_anew_is_led_there_from_the_page_of_a_day(
    house: House, ada: Member, browser: Browser, link: Links
) -> None:
    with house.store.writing() as tx:
        tx.people.acknowledge(ada.id, "an earlier one", house.clock())
    day = browser.open(link(ada))
    page = browser.open(next(href for said, href in day.links if said == "acknowledge the policy in force"))
    assert "Send me the link" in page.buttons
    after = browser.press(browser.open(link(ada, "own")), "Acknowledge")
    assert "You acknowledged version" in after.text
    assert member(house, "Ada").consent


def test_P3_she_can_leave_by_a_link_she_asks_for(
    house: House, ada: Member, browser: Browser, link: Links
) -> None:
    page = browser.open(link(ada, "own"))
    assert "Nothing about you is read any more." in browser.press(page, "Leave and erase", sure="yes").text
    assert not member(house, "Ada").consent


def test_R08_what_waited_for_an_account_goes_on_once_it_is_connected(
    house: House, ada: Member, browser: Browser, link: Links, tool: Tool, clock: Clock
) -> None:
    drafted(house, ada, draft("a", "10:00"))
    deeds.confirm(house, ada, YESTERDAY)
    clock.wait(hours=1)
    comes_to(house, ada, state="refused", reason="Connect it.", whose="account")
    tool.tokens["t-1"] = "ada-there"
    browser.press(browser.open(link(ada, "invite")), "Connect Memory", credential="t-1")
    (posting,) = postings(house, ada)
    assert (posting.state, posting.not_before) == ("held", clock())


def test_what_an_entry_was_refused_for_is_not_repaired_by_a_token(
    house: House, ada: Member, browser: Browser, link: Links, tool: Tool
) -> None:
    drafted(house, ada, draft("a", "10:00"))
    deeds.confirm(house, ada, YESTERDAY)
    comes_to(house, ada, state="refused", reason="No such task.", whose="entry")
    tool.tokens["t-1"] = "ada-there"
    browser.press(browser.open(link(ada, "invite")), "Connect Memory", credential="t-1")
    assert postings(house, ada)[0].state == "refused"


def test_P3_leaving_takes_all_that_was_gathered_and_keeps_what_was_confirmed(
    house: House, ada: Member, browser: Browser, link: Links, tool: Tool
) -> None:
    tool.tokens["t-1"] = "ada-there"
    drafted(house, ada, draft("a", "10:00"), draft("b", "11:00"))
    deeds.confirm(house, ada, YESTERDAY, {"a": 1})
    address, day = link(ada, "invite"), link(ada)
    page = browser.press(browser.open(address), "Connect Memory", credential="t-1")
    unsure = browser.press(page, "Leave and erase")
    assert (unsure.status, member(house, "Ada").contributor.left_at) == (422, None)
    gone = browser.press(page, "Leave and erase", sure="yes")
    assert "What you confirmed is kept for 2 years" in gone.text
    assert not member(house, "Ada").consent
    assert drafts(house, ada) == {}
    with house.store.reading() as tx:
        assert tx.grants.of(ada.id) == []
        assert len(tx.entries.of(ada.id, YESTERDAY)) == 1
    assert {browser.open(one).status for one in (address, day)} == {404}


def test_a_policy_not_yet_in_force_says_when_it_begins(
    invited: Member, house: House, link: Links, configuration: Configuration, clock: Clock
) -> None:
    later = house.policy.model_copy(update={"effective": (clock() + timedelta(days=10)).date()})
    browser = Browser(create(House(configuration, later, house.connectors, house.store, clock)))
    page = browser.press(browser.open(link(invited, "invite")), "Acknowledge")
    assert "Nothing is read before 30 November 2026" in page.text


def test_P1_an_invitation_link_changes_nobody_else(
    house: House, ada: Member, ben: Member, browser: Browser, link: Links
) -> None:
    page = browser.open(link(ben, "invite"))
    browser.press(page, "Leave and erase", sure="yes")
    assert member(house, "Ada").consent


@pytest.fixture
def announced(house: House) -> House:
    """Evidence will be kept for 90 days."""
    looser = house.policy.model_copy(update={"retention": Retention(evidence=90)})
    first = replace(house, ledger=settled(None, house.policy, TODAY))
    coming = settled(first.standing, looser, TODAY)
    return replace(house, ledger=coming, texts={version(one): one for one in (house.policy, looser)})


def test_P08_what_is_announced_is_read_with_its_day_and_acknowledged_ahead(
    announced: House, ada: Member, link: Links
) -> None:
    browser = Browser(create(announced))
    page = browser.open(link(ada, "invite"))
    coming = announced.standing.coming
    assert coming is not None
    assert "From 5 December 2026 on" in page.text
    assert "What calendars and tools said is kept for 90 days, not for 45 days." in page.text
    assert f"you have read version {coming.version}" in page.text
    after = browser.press(page, "Acknowledge")
    assert f"and version {coming.version} , which is to come" in after.text
    assert "Acknowledge" not in after.buttons
    kept = member(announced, "Ada").contributor
    assert (kept.acknowledged, kept.ahead) == (announced.policy_version, coming.version)


def test_P08_the_page_of_the_policy_shows_what_is_to_come(announced: House, ada: Member, link: Links) -> None:
    page = Browser(create(announced)).open(link(ada, "day") + "/policy")
    assert f"{announced.policy_version} , in force since 1 November 2026" in page.text
    assert "From 5 December 2026 on" in page.text
    assert "kept for 90 days, not for 45 days" in page.text


@pytest.fixture
def in_another_role(house: House, ada: Member) -> House:
    """Ada acknowledged a role of which nothing is read, and has another since."""
    lighter = house.policy.model_copy(update={"roles": {"salaried": Lighter(tracked={"memory": ()})}})
    with house.store.writing() as tx:
        tx.people.in_role(ada.id, InRole(role="salaried", coming=""))
        tx.people.acknowledge(ada.id, version(lighter), house.clock())
    return replace(house, policy=lighter)


def test_P3_what_a_new_role_means_is_read_and_acknowledged_on_its_own(
    in_another_role: House, ada: Member, link: Links
) -> None:
    browser = Browser(create(in_another_role))
    page = browser.open(link(ada, "invite"))
    assert "From 5 December 2026 on, once you acknowledged that you have no role any more" in page.text
    assert "In Memory, this is read besides: time." in page.text
    after = browser.press(page, "Acknowledge")
    assert "You acknowledged that. Before that day nothing changes by it." in after.text
    assert "Acknowledge" not in after.buttons
    assert member(in_another_role, "Ada").contributor.role_agreed


def test_P3_whoever_had_another_role_when_the_page_was_made_acknowledges_nothing(
    invited: Member, house: House, link: Links
) -> None:
    people = tuple(
        one.model_copy(update={"role": "client_billed"}) if one.name == invited.person.name else one
        for one in house.configuration.people
    )
    restarted = replace(house, configuration=house.configuration.model_copy(update={"people": people}))
    address = link(invited, "invite")
    page = Browser(create(house)).open(address)
    after = Browser(create(restarted)).press(page, "Acknowledge")
    assert (after.status, member(house, "Ada").contributor.acknowledged) == (409, None)
    assert "that your role is client_billed" in after.text
