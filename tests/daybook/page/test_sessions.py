"""A session in place of a token: how it begins, what it opens, and what it never does (S-01, S-04, S-05)."""

from __future__ import annotations

import re

import pytest
from starlette.testclient import TestClient

from daybook import joining
from daybook.house import House, Member
from daybook.links import ME, SESSION, Purpose
from daybook.page import words
from daybook.page.app import create
from daybook.page.guesses import MOST_WRONG
from daybook.page.render import PROOF
from daybook.page.shown import name
from daybook.store import schema
from tests.daybook.conftest import Clock, draft, drafted
from tests.daybook.page.browser import Browser, Page, bare
from tests.daybook.page.conftest import Links, drafts, entries, everything, token

NAMED = re.compile(r"/day/[0-9a-f]{8}\b")


@pytest.fixture
def answered(house: House, ada: Member, browser: Browser, link: Links) -> Page:
    """The page after Ada's first form."""
    drafted(house, ada, draft("a", "10:00"), draft("b", "11:00"))
    return browser.press(browser.open(link(ada)), "Dismiss")


def cookie(browser: Browser) -> tuple[str, str]:
    (one,) = browser.client.cookies.jar
    return one.name, one.value or ""


def test_S04_the_token_leaves_the_address_with_the_first_form(
    answered: Page, ada: Member, link: Links, browser: Browser
) -> None:
    assert NAMED.search(answered.url)
    assert token(link(ada)) not in answered.url + answered.answer.text
    assert browser.press(answered, "Take it back").status == 200


def test_S05_its_cookie_is_this_hosts_alone_strict_and_out_of_reach_of_scripts(
    house: House, ada: Member, browser: Browser, link: Links
) -> None:
    drafted(house, ada, draft("a", "10:00"))
    form, button = browser.open(link(ada)).button("Dismiss")
    said = browser.client.post(button.action, data=dict(form.fields)).headers["set-cookie"]
    assert re.match(r"__Host-daybook-[0-9a-f]{8}=[\w-]{43}; ", said)
    for word in ("HttpOnly", "Secure", "SameSite=strict", "Path=/", f"Max-Age={12 * 3600}"):
        assert word in said
    assert "Domain" not in said and ada.id not in said


def test_S01_looking_begins_no_session(house: House, ada: Member, browser: Browser, link: Links) -> None:
    for purpose in ("day", "own", "confirm", "report"):
        browser.open(link(ada, purpose))
    assert not browser.client.cookies
    assert not dict(everything(house))["sessions"]


def test_S05_a_form_of_a_session_needs_its_proof(
    answered: Page, house: House, ada: Member, browser: Browser
) -> None:
    form, button = answered.button("Dismiss")
    assert dict(form.fields)[PROOF]
    stands = everything(house)
    for proof in (None, "", "0" * 64):
        fields = [(name, said) for name, said in form.fields if name != PROOF]
        fields += [] if proof is None else [(PROOF, proof)]
        refused = browser.send(button.action, fields)
        assert (refused.status, words.NO_PROOF[0] in refused.text) == (403, True)
    assert everything(house) == stands


def test_S05_every_form_of_such_a_page_has_one(answered: Page, browser: Browser) -> None:
    here = answered.url.partition("?")[0]
    pages = [
        answered,
        *(browser.open(here + path) for path in ("/add", "/learnt", "/rollout", "/connections")),
    ]
    posting = [form for page in pages for form in page.forms if form.method == "post"]
    assert len(posting) > 5
    assert all(PROOF in dict(form.fields) for form in posting)


def test_S04_the_name_in_the_address_says_nothing_to_another_browser(answered: Page, house: House) -> None:
    stranger = Browser(create(house)).open(answered.url)
    assert (stranger.status, words.SESSION_OVER[1] in stranger.text) == (404, True)


def test_S03_a_session_of_a_link_opens_no_more_than_the_link(
    answered: Page, house: House, ada: Member, browser: Browser
) -> None:
    name, secret = cookie(browser)
    assert browser.open(answered.url.replace("/day/", "/own/")).status == 404
    # its browser can put the cookie under the name of who signed in
    browser.client.cookies.set(f"__Host-daybook-{ME}", secret, domain="localhost.local")
    for purpose in ("own", "day", "report"):
        assert browser.open(f"/{purpose}/{ME}").status == 404
    assert name.startswith("__Host-daybook-")


@pytest.mark.parametrize("ends", ["late", "left", "erased"])
def test_S05_a_session_ends(
    answered: Page, house: House, ada: Member, browser: Browser, clock: Clock, ends: str
) -> None:
    assert browser.open(answered.url).status == 200
    match ends:
        case "late":
            clock.wait(seconds=SESSION.total_seconds() + 1)
        case "left":
            joining.leave(house, ada)
        case "erased":
            joining.erase(house, ada)
    over = browser.open(answered.url)
    assert (over.status, words.SESSION_OVER[1] in over.text) == (404, True)
    assert ends == "late" or not dict(everything(house))["sessions"]


def test_S03_it_ends_with_its_link(
    house: House, ada: Member, browser: Browser, link: Links, clock: Clock
) -> None:
    page = browser.send(link(ada, "own") + "/wrong", [("sentence", "It is late."), ("about", "mail")])
    assert "/own/" in page.url and browser.open(page.url).status == 200
    clock.wait(minutes=61)
    assert browser.open(page.url).status == 404


def test_W06_two_tabs_of_two_mails_do_not_disturb_each_other(
    house: House, ada: Member, ben: Member, browser: Browser, link: Links
) -> None:
    for who in (ada, ben):
        drafted(house, who, draft("a", "10:00"))
    pages = [browser.press(browser.open(link(who)), "Dismiss") for who in (ada, ben)]
    for page in pages:
        assert browser.press(page, "Take it back").status == 200
    assert drafts(house, ada)["a"].decision == drafts(house, ben)["a"].decision == "open"


def test_S05_who_comes_from_another_site_is_taken_round_a_page_of_ours(answered: Page, house: House) -> None:
    """No strict cookie came along; the page that asks again is of this site, so then it does."""
    fresh = TestClient(create(house), base_url="https://localhost", follow_redirects=False)
    arriving = fresh.get(answered.url, headers={"Sec-Fetch-Site": "cross-site"})
    assert (arriving.status_code, 'http-equiv="refresh"' in arriving.text) == (200, True)
    assert "ACME" not in arriving.text


def test_S04_a_beginning_that_was_guessed_too_often_is_closed_to_every_address(
    house: House, ada: Member, ben: Member, link: Links, clock: Clock
) -> None:
    right, app = link(ada), create(house)
    begins = token(right)[:14]
    for number in range(MOST_WRONG):
        Browser(app, client=(f"192.0.2.{number}", 1)).open(f"/day/{begins}{number:0>20}")
    assert Browser(app, client=("198.51.100.1", 1)).open(right).status == 429
    assert Browser(app, client=("198.51.100.1", 1)).open(link(ben)).status == 200
    clock.wait(seconds=61)
    assert Browser(app, client=("198.51.100.1", 1)).open(right).status == 200


def test_P12_of_a_session_nothing_is_kept_but_what_ends_it_and_not_for_longer(
    answered: Page, house: House, ada: Member, clock: Clock
) -> None:
    assert {column.name for column in schema.sessions.columns} == {"id", "contributor", "link", "expires_at"}
    (before,) = dict(everything(house))["sessions"]
    clock.wait(seconds=SESSION.total_seconds())
    with house.store.writing() as tx:
        tx.sessions.begin(ada.id, clock(), clock() + SESSION)
    (after,) = dict(everything(house))["sessions"]
    assert after != before


@pytest.mark.parametrize(
    ("purpose", "below", "fields", "status"),
    [
        ("day", "/edit", {"length": "25h"}, 422),
        ("day", "/add", {"length": "25h", "text": "what I typed"}, 422),
        ("day", "/confirm", {"draft": "0" * 12, "revision": "1"}, 409),
        ("confirm", "", {}, 200),
        ("less", "", {"mail": "weekly"}, 200),
        ("invite", "/leave", {}, 422),
        ("own", "/mine", {}, 200),
        ("own", "/seen", {}, 200),
        ("rollout", "/wrong", {"sentence": ""}, 422),
    ],
)
def test_S04_the_token_leaves_the_address_also_where_a_form_is_answered_and_leads_nowhere(
    house: House,
    ada: Member,
    browser: Browser,
    link: Links,
    purpose: Purpose,
    below: str,
    fields: dict[str, str],
    status: int,
) -> None:
    drafted(house, ada, draft("a", "10:00"))
    shown = browser.send(link(ada, purpose) + below, [*fields.items()])
    assert (shown.status, token(link(ada, purpose)) in shown.url + shown.answer.text) == (status, False)
    assert re.search(rf"/{purpose}/[0-9a-f]{{8}}{below}$", shown.url)
    # a reload sends the same form again; a tab that is opened anew finds a page of theirs
    assert browser.send(shown.url, [*fields.items(), (PROOF, token(link(ada, purpose)))]).status == status
    named = f"?draft={name('a')}" if below == "/edit" else ""
    landed = browser.client.get(shown.url + named, follow_redirects=True)
    assert (landed.status_code, "Ada Example" in landed.text) == (200, True)


def test_W06_a_yes_that_is_sent_again_by_reloading_is_one_yes(
    house: House, ada: Member, browser: Browser, link: Links
) -> None:
    drafted(house, ada, draft("a", "10:00"))
    page = browser.open(link(ada, "confirm"))
    form, _ = page.button("Confirm it")
    done = browser.press(page, "Confirm it")
    again = browser.send(done.url, form.fields)
    assert "Already confirmed" in again.text and "Already confirmed" in browser.open(done.url).text
    assert entries(house, ada) == 1


def test_S05_a_token_proves_its_own_pages_and_no_others(
    answered: Page, house: House, ada: Member, ben: Member, link: Links, browser: Browser
) -> None:
    """Ben has a link as well; a form of his is none of a page of Ada's."""
    form, button = answered.button("Dismiss")
    stands = everything(house)
    for proof in (token(link(ben)), token(link(ada, "own")), token(link(ada)) + "x"):
        refused = browser.send(button.action, [*bare(form), (PROOF, proof)])
        assert (refused.status, words.NO_PROOF[0] in refused.text) == (403, True)
    assert dict(everything(house))["drafts"] == dict(stands)["drafts"]
    assert browser.send(button.action, [*bare(form), (PROOF, token(link(ada)))]).status == 200
