"""Signing in at a provider on loopback: one's own pages without a link, and nobody else's (S-03, S-05)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import urlsplit

import httpx
import pytest
import structlog

from config.schema import Configuration, SignIn
from connectors.manners import Manners
from connectors.openid import Provider, Registration
from daybook import people
from daybook.house import House, Member
from daybook.looking import administrator
from daybook.page import words
from daybook.page.app import create
from daybook.page.render import PROOF
from tests.connectors.consenting import pressed
from tests.connectors.openid_provider import CLIENT, OpenIdProvider
from tests.daybook.conftest import Clock, draft, drafted
from tests.daybook.page.browser import Browser, Page
from tests.daybook.page.conftest import Links, drafts, everything, token
from tests.daybook.test_languages import english, made_up, third, unmarked

__all__ = ["english", "made_up", "third"]

BACK = "https://daybook.northwind.example/sign-in/back"
ADA, BEN = "ada@northwind.example", "ben@northwind.example"
NAME = "Northwind Accounts"


@pytest.fixture
def site(clock: Clock) -> Iterator[OpenIdProvider]:
    site = OpenIdProvider(BACK, clock)
    site.start()
    yield site
    site.stop()


@pytest.fixture
def house(house: House, site: OpenIdProvider, configuration: Configuration) -> House:
    assert configuration.page is not None
    sign_in = SignIn(issuer=site.url, client_id=CLIENT, name=NAME)
    page = configuration.page.model_copy(update={"sign_in": sign_in})
    registration = Registration(name=NAME, issuer=site.url, client=CLIENT, secret=site.app.secret)
    return replace(
        house,
        configuration=configuration.model_copy(update={"page": page}),
        provider=Provider(registration, house.clock, Manners()),
    )


@pytest.fixture
def required(house: House) -> House:
    """The same, where links open to whoever signed in alone."""
    page = house.configuration.page
    assert page is not None
    strict = page.model_copy(update={"links": "sign-in-required"})
    return replace(house, configuration=house.configuration.model_copy(update={"page": strict}))


def away(browser: Browser, start: Page, email: str = ADA, answer: str = "allow") -> str:
    """Press the button, say who one is there; gives where the provider sends the browser back to."""
    going = browser.press(start, "Sign in with")
    (there,) = (href for said, href in going.links if said.startswith("Go on"))
    back = urlsplit(pressed(there, email, answer).headers["Location"])
    return f"{back.path}?{back.query}"


def signed_in(browser: Browser, email: str = ADA, at: str = "/sign-in") -> Page:
    back = browser.client.get(away(browser, browser.open(at), email))
    return browser.open(back.headers["location"]) if back.status_code == 303 else Page(back)


def test_whoever_signs_in_has_their_days_and_all_that_is_theirs(
    house: House, ada: Member, browser: Browser
) -> None:
    drafted(house, ada, draft("a", "10:00"))
    day = signed_in(browser, at="/")
    assert (day.status, urlsplit(day.url).path) == (200, "/day/me")
    assert browser.press(day, "Confirm the one").status == 200
    assert drafts(house, ada)["a"].decision == "confirmed"
    for address in (
        "/own/me",
        "/own/me/mine",
        "/own/me/seen",
        "/own/me/reports",
        "/rollout/me",
        "/report/me",
    ):
        page = browser.open(address)
        assert (page.status, "Ada Example" in page.text) == (200, True)
    for address in ("/confirm/me", "/invite/me", "/delegate/me", "/prepare/me", "/less/me"):
        assert browser.open(address).status == 404 or "Sign in" in browser.open(address).text


def test_P1_ben_gets_his_own_pages_and_nothing_of_adas(house: House, ada: Member, browser: Browser) -> None:
    drafted(house, ada, draft("a", "10:00", text="Adas call"))
    page = signed_in(browser, BEN)
    assert page.status == 200 and "Ben Example" in page.text and "Adas call" not in page.text


def test_S05_the_cookies_say_nothing_and_are_as_strict_as_they_can_be(house: House, browser: Browser) -> None:
    start = browser.open("/sign-in")
    form, _ = start.button("Sign in with")
    out = browser.client.post("/sign-in", data=dict(form.fields)).headers["set-cookie"]
    assert re.match(
        r"__Host-daybook-sign-in=[\w.-]+; HttpOnly; Max-Age=600; Path=/; SameSite=lax; Secure", out
    )
    given = browser.client.get(away(browser, start)).headers.get_list("set-cookie")
    assert re.match(
        r"__Host-daybook-me=[\w-]{43}; HttpOnly; Max-Age=43200; Path=/; SameSite=strict", given[0]
    )
    assert given[0].endswith("Secure") and 'daybook-sign-in=""' in given[1]
    assert ADA not in out + "".join(given)


def test_S05_a_form_without_its_proof_is_refused(house: House, ada: Member, browser: Browser) -> None:
    drafted(house, ada, draft("a", "10:00"))
    form, button = signed_in(browser).button("Confirm the one")
    bare = [(name, said) for name, said in form.fields if name != PROOF]
    assert browser.send(button.action, bare).status == 403
    assert drafts(house, ada)["a"].decision == "open"


def test_S05_an_answer_fits_the_browser_that_asked_and_no_other(house: House, browser: Browser) -> None:
    """Login fixation: Ben sends Ada his own answer, so that she works in his account."""
    stranger = Browser(create(house))
    answer = away(stranger, stranger.open("/sign-in"), BEN)
    for start in (False, True):
        if start:
            browser.press(browser.open("/sign-in"), "Sign in with")
        refused = browser.open(answer)
        assert (refused.status, words.NOT_ASKED[1] in refused.text) == (403, True)
        assert "__Host-daybook-me" not in browser.client.cookies


def test_S05_an_answer_counts_once_and_for_ten_minutes(house: House, browser: Browser, clock: Clock) -> None:
    answer = away(browser, browser.open("/sign-in"))
    kept = browser.client.cookies["__Host-daybook-sign-in"]
    assert browser.client.get(answer).status_code == 303
    browser.client.cookies.set("__Host-daybook-sign-in", kept, domain="localhost.local")
    assert "answer does not count" in browser.open(answer).text
    slow = Browser(create(house))
    late = away(slow, slow.open("/sign-in"))
    clock.wait(minutes=11)
    assert words.NOT_ASKED[1] in slow.open(late).text


def test_S05_whoever_signs_in_again_gets_a_new_session_and_the_former_ends(
    house: House, browser: Browser
) -> None:
    answer = away(browser, browser.open("/sign-in"))
    planted = "planted-by-somebody-else"
    browser.client.cookies.set("__Host-daybook-me", planted, domain="localhost.local")
    assert planted not in browser.client.get(answer).headers["set-cookie"]


NOT_LET_IN = [
    ("nobody@northwind.example", {}, "Nobody takes part here"),
    (ADA, {"email_verified": False}, "which address it verified"),
    (ADA, {"email": None}, "which address it verified"),
    (ADA, {"nonce": "another"}, "answer does not count"),
]


@pytest.mark.parametrize(("email", "lies", "word"), NOT_LET_IN)
def test_who_is_not_let_in_reads_why_and_nothing_changed(
    house: House, site: OpenIdProvider, browser: Browser, email: str, lies: dict[str, object], word: str
) -> None:
    site.lies = lies
    site.unverified = {email} if lies else set()
    stands = everything(house)
    page = signed_in(browser, email)
    assert (page.status, word in page.text) == (403, True)
    assert everything(house) == stands


@pytest.mark.parametrize(("email", "lies"), [one[:2] for one in NOT_LET_IN])
def test_who_is_not_let_in_reads_why_in_the_language_of_their_browser(
    house: House, site: OpenIdProvider, browser: Browser, made_up: str, email: str, lies: dict[str, object]
) -> None:
    site.lies, site.unverified = lies, {email} if lies else set()
    answer = away(browser, browser.open("/sign-in"), email)
    refused = browser.client.get(answer, headers={"Accept-Language": made_up})
    assert (refused.status_code, f'lang="{made_up}"' in refused.text) == (403, True)
    assert unmarked(refused.text) == []


def test_why_an_answer_does_not_count_is_in_the_log(
    house: House, site: OpenIdProvider, browser: Browser
) -> None:
    site.lies = {"iat": 4_000_000_000}
    with structlog.testing.capture_logs() as lines:
        signed_in(browser)
    (line,) = lines
    assert line["event"] == "provider.failed" and "a clock is wrong" in line["reason"]


def test_an_account_that_signed_in_once_is_known_by_itself(
    house: House, site: OpenIdProvider, ada: Member
) -> None:
    """Ada marries: another address there, the same account. Her former address goes to somebody else."""
    assert "Ada Example" in signed_in(Browser(create(house))).text
    site.subjects["ada.new@northwind.example"] = f"s-{ADA}"
    assert "Ada Example" in signed_in(Browser(create(house)), "ada.new@northwind.example").text
    site.subjects[ADA] = "somebody-new"
    refused = signed_in(Browser(create(house)))
    assert (refused.status, "another account" in refused.text) == (403, True)
    assert people.forget_sign_in(house, administrator(), ADA)
    assert "Ada Example" in signed_in(Browser(create(house))).text


def test_an_administrator_ends_every_session_of_one_person(house: House) -> None:
    hers, his = Browser(create(house)), Browser(create(house))
    signed_in(hers, ADA), signed_in(his, BEN)
    assert people.forget_sign_in(house, administrator(), ADA)
    assert (hers.open("/day/me").status, his.open("/day/me").status) == (403, 200)


def test_a_provider_that_is_away_is_said_and_the_links_work(
    house: House, site: OpenIdProvider, ada: Member, browser: Browser, link: Links
) -> None:
    start = browser.open("/sign-in")
    site.stop()
    with structlog.testing.capture_logs() as lines:
        page = browser.press(start, "Sign in with")
    assert (page.status, "The links in your mails work all the same." in page.text) == (503, True)
    assert [line["event"] for line in lines] == ["provider.failed"]
    assert browser.open(link(ada)).status == 200
    site.start()


def test_whoever_says_no_there_is_not_signed_in(house: House, browser: Browser) -> None:
    page = browser.open(away(browser, browser.open("/sign-in"), answer="refuse"))
    assert (page.status, "did not let you go on" in page.text) == (403, True)


def test_signing_out_ends_it_here_and_if_wanted_everywhere(house: House) -> None:
    app = create(house)
    here, there = Browser(app), Browser(app)
    pages = [signed_in(one) for one in (here, there)]
    assert here.send("/sign-out", [(PROOF, "0" * 64)]).status == 403
    stolen = here.client.cookies["__Host-daybook-me"]
    assert "Signed out" in here.press(pages[0], "Sign out").text
    here.client.cookies.set("__Host-daybook-me", stolen, domain="localhost.local")
    assert (here.open("/day/me").status, there.open("/day/me").status) == (403, 200)
    assert "Signed out" in here.press(signed_in(here), "Sign out everywhere").text
    assert (here.open("/day/me").status, there.open("/day/me").status) == (403, 403)


def test_whoever_signs_out_leaves_nothing_typed_in_their_browser(browser: Browser) -> None:
    assert browser.press(signed_in(browser), "Sign out").answer.headers["Clear-Site-Data"] == '"storage"'


def test_whoever_signs_out_once_their_session_is_over_leaves_nothing_either(
    house: House, browser: Browser, ada: Member
) -> None:
    page = signed_in(browser)
    with house.store.writing() as tx:
        tx.sessions.end(ada.id)
    browser.client.cookies.clear()
    assert browser.press(page, "Sign out").answer.headers["Clear-Site-Data"] == '"storage"'


def test_P1_a_page_tells_a_browser_whose_it_is_and_names_nobody(
    house: House, ada: Member, ben: Member
) -> None:
    pages = [signed_in(Browser(create(house)), email).answer.text for email in (ADA, BEN, ADA)]
    (first,), (other,), (again,) = (re.findall(r'<main data-whose="(\w+)"', page) for page in pages)
    assert first == again != other
    assert not {first, other} & {ada.id, ben.id}


def test_whoever_signs_out_is_shown_where_the_provider_does_too(
    house: House, site: OpenIdProvider, clock: Clock
) -> None:
    app = create(house)
    here = Browser(app)
    ((said, there),) = here.press(signed_in(here), "Sign out").links
    assert (said, httpx.get(there, trust_env=False).status_code) == (f"Sign out with {NAME} too", 200)
    site.says = {"end_session_endpoint": None}
    clock.wait(hours=2)
    assert here.press(signed_in(here), "Sign out").links == []
    page = signed_in(here)
    clock.wait(hours=2)
    site.stop()
    assert (here.press(page, "Sign out").links, here.open("/day/me").status) == ([], 403)
    site.start()


def test_a_session_lasts_twelve_hours_however_much_it_is_used(
    house: House, browser: Browser, clock: Clock
) -> None:
    signed_in(browser)
    for _ in range(11):
        clock.wait(hours=1)
        assert browser.open("/day/me").status == 200
    clock.wait(minutes=61)
    assert (over := browser.open("/day/me")).status == 403 and "Sign in with" in over.buttons[0]


def test_S03_where_signing_in_is_required_a_forwarded_mail_opens_nothing(
    required: House, ada: Member, link: Links, clock: Clock
) -> None:
    drafted(required, ada, draft("a", "10:00"))
    app = create(required)
    hers, his = Browser(app), Browser(app)
    for purpose in ("day", "confirm", "own", "report", "rollout", "invite"):
        knocking = his.open(link(ada, purpose))
        assert (knocking.status, "ACME" in knocking.text) == (403, False)
        clock.wait(minutes=2)
    assert his.open(link(ada, "less")).status == 200  # ending mail asks for nothing (E-04)
    assert signed_in(his, BEN).status == 200
    assert his.open(link(ada)).status == 403
    page = signed_in(hers, ADA, urlsplit(link(ada)).path)
    assert (page.status, token(link(ada)) in page.url) == (200, True)
    page = hers.press(page, "Confirm the one")
    assert (page.status, token(link(ada)) in page.url) == (200, False)
    assert drafts(required, ada)["a"].decision == "confirmed"


def test_nobody_is_sent_anywhere_but_to_pages_of_ours(house: House, browser: Browser) -> None:
    for place in ("https://evil.example/", "//evil.example", "/day/me/../../x", "/sign-out", ""):
        going = browser.send("/sign-in", [("back", place)])
        (there,) = (href for said, href in going.links if said.startswith("Go on"))
        back = urlsplit(pressed(there, ADA).headers["Location"])
        answer = browser.client.get(f"{back.path}?{back.query}")
        assert answer.headers["location"] == "/day/me"
        browser.client.cookies = httpx.Cookies()


def test_S13_no_log_line_has_an_address_a_code_or_a_cookie(
    house: House, site: OpenIdProvider, browser: Browser
) -> None:
    with structlog.testing.capture_logs() as lines:
        signed_in(browser)
        site.lies = {"iss": "https://evil.example"}
        signed_in(Browser(create(house)))
        site.says = {"issuer": "https://evil.example"}
        house.clock.wait(hours=2)  # type: ignore[attr-defined]
        Browser(create(house)).press(browser.open("/sign-in"), "Sign in with")
    said = str(lines)
    assert "provider.failed" in said
    assert not [one for one in (ADA, site.app.secret, *browser.client.cookies.values()) if one in said]


def test_without_a_provider_there_is_no_such_address(house: House) -> None:
    browser = Browser(create(replace(house, provider=None)))
    assert {browser.open(one).status for one in ("/sign-in", "/sign-in/back", "/day/me", "/own/me")} == {404}


def test_sign_in_required_without_a_place_to_sign_in_is_no_configuration(
    configuration: Configuration,
) -> None:
    with pytest.raises(ValueError, match="needs sign_in"):
        type(configuration.page).model_validate(  # type: ignore[union-attr]
            {"url": "https://daybook.northwind.example", "links": "sign-in-required"}
        )
