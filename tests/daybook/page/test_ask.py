"""What a daily mail opens, passed on or not, is its days; all else takes a link of its own (S-03)."""

from __future__ import annotations

import re

import pytest

from daybook import links
from daybook.house import House, Member
from daybook.mail.letters import NO_MAIL
from daybook.page.app import create
from daybook.sandbox.post_office import PostOffice
from tests.daybook.conftest import Clock
from tests.daybook.page.browser import Browser, Page
from tests.daybook.page.conftest import Links, everything

BEYOND = ("/lend", "/connect", "/disconnect", "/unshow", "/leave", "/calendars")


@pytest.fixture
def home(mailing: House) -> Browser:
    """A browser before the page of a house that has a mail server."""
    return Browser(create(mailing))


def asked(home: Browser, day: str) -> Page:
    return home.press(home.open(f"{day}/connections"), "Send me the link")


def sent(post_office: PostOffice) -> list[str]:
    return [
        found
        for mail in post_office.deliveries
        for found in re.findall(r"https://\S+/own/[^/\s]+(?=\s)", mail.part("plain"))
    ]


@pytest.mark.parametrize("beyond", BEYOND)
@pytest.mark.parametrize("purpose", ["day", "confirm", "less"])
def test_S03_no_link_of_a_daily_mail_connects_an_account_or_leaves(
    home: Browser, house: House, ada: Member, link: Links, purpose: links.Purpose, beyond: str
) -> None:
    address = link(ada, purpose)
    stands = everything(house)
    for where in (address + beyond, f"{address}/connections{beyond}"):
        fields = [("connection", "memory"), ("credential", "bens"), ("sure", "yes"), ("container", "x")]
        assert home.send(where, fields).status == 404
        assert home.open(where).status == 404
    assert everything(house) == stands


def test_S03_the_link_she_asks_for_goes_to_her_mailbox_and_is_on_no_page(
    home: Browser, ada: Member, link: Links, post_office: PostOffice
) -> None:
    page = asked(home, link(ada))
    assert "The link is in your mailbox, or on its way there. It works for an hour." in page.text
    (mail,) = post_office.deliveries
    assert mail.to == ada.person.email
    (own,) = sent(post_office)
    assert own.rpartition("/")[2] not in page.text + page.url
    there = home.open(own)
    assert "Connect Memory" in there.buttons and "Leave and erase" in there.buttons
    assert "It works until 09:30." in " ".join(mail.part("plain").split())


def test_asking_twice_mails_once_while_the_link_works(
    home: Browser, ada: Member, link: Links, post_office: PostOffice, clock: Clock
) -> None:
    """So nobody who was forwarded a mail can fill her mailbox."""
    for _ in range(3):
        asked(home, link(ada))
    (first,) = sent(post_office)
    clock.wait(hours=1)
    assert home.open(first).status == 404
    asked(home, link(ada))
    _, second = sent(post_office)
    assert home.open(second).status == 200
    one, other = (re.findall(rb"(?mi)^message-id: (.*)$", mail.raw) for mail in post_office.deliveries)
    assert one != other, "or a mailbox folds the second into the first"


def test_a_mail_that_was_not_taken_is_said_and_can_be_asked_for_again(
    home: Browser, ada: Member, link: Links, post_office: PostOffice
) -> None:
    post_office.stop()
    page = asked(home, link(ada))
    assert page.status == 503 and "Nothing was sent. Try again in a few minutes." in page.text
    post_office.start()


def test_without_a_mail_server_she_is_told_whom_to_ask(
    house: House, browser: Browser, ada: Member, link: Links
) -> None:
    silent = house.configuration.model_copy(update={"mail": None})
    page = asked(Browser(create(House(silent, house.policy, {}, house.store, house.clock))), link(ada))
    assert NO_MAIL.format(contact=house.policy.contact) in page.text
