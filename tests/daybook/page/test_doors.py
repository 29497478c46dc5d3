"""Every address of the page: who gets in, what looking never does, and what holds for every answer."""

from __future__ import annotations

import gzip
import logging
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
import structlog
from starlette.routing import Route

from config.schema import Configuration, PageSettings
from daybook import deeds
from daybook.house import House, Member
from daybook.links import PURPOSES
from daybook.page import words
from daybook.page.app import create
from daybook.page.guard import HEADERS, LARGEST_FORM, allowed
from daybook.page.guesses import MOST_WRONG
from daybook.page.render import ICON, SCRIPT, STYLE
from daybook.store.errors import StoreUnavailable
from tests.daybook.conftest import YESTERDAY, Clock, draft, drafted
from tests.daybook.page.browser import Browser
from tests.daybook.page.conftest import Links, drafts, entries, everything, token

OURS_SAYS = (
    '<script type="module" data-lost="No answer came: the connection is lost. What you typed is still here; '
    'try again. Nothing is done twice.">'
)
PAYLOADS = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onfocus=alert(1) autofocus='",
    "</textarea></title></style><svg/onload=alert(1)>",
    "{{ 7*7 }}{% raw %}",
    "javascript:alert(1)",
    "\u202etxt.exe\u2066",
)

ACTING: dict[str, tuple[str, ...]] = {
    "day": (
        "day/{}/confirm",
        "day/{}/add",
        "day/{}/answer",
        "day/{}/never",
        "day/{}/forget-all",
        "day/{}/connections",
    ),
    "confirm": ("confirm/{}",),
    "less": ("less/{}",),
    "invite": ("invite/{}", "invite/{}/leave"),
    "own": ("own/{}", "own/{}/leave"),
    "report": ("report/{}/wrong",),
    "rollout": ("rollout/{}/wrong",),
    "delegate": ("delegate/{}",),
    "prepare": ("prepare/{}/add", "prepare/{}/dismiss"),
}
ASKING = "draft=ca978112ca1b&revision=1&on=2026-11-19&said=confirmed&n=3&List-Unsubscribe=One-Click"


def addresses(house: House, link: Links, who: Member) -> Iterator[str]:
    """Every address there is, each with every token of this person in it."""
    tokens = [token(link(who, purpose)) for purpose in PURPOSES]
    for route in create(house).routes:
        assert isinstance(route, Route)
        yield from {route.path.replace("{token}", one) for one in tokens}


@pytest.fixture
def busy(house: House, ada: Member) -> None:
    drafted(house, ada, draft("a", "10:00"), draft("b", "11:00", text="Address form"))
    deeds.confirm(house, ada, YESTERDAY, {"b": 1})


def test_S01_looking_at_any_address_in_any_way_changes_nothing(
    busy: None, house: House, ada: Member, browser: Browser, link: Links, clock: Clock
) -> None:
    every = sorted({*addresses(house, link, ada)})
    stands = everything(house)
    shown = 0
    for address in every:
        clock.wait(minutes=1)  # most of these addresses are wrong ones
        for method in ("GET", "HEAD", "OPTIONS"):
            for query in ("", f"?{ASKING}"):
                status = browser.client.request(method, address + query).status_code
                assert status in (200, 303, 404, 405)
                shown += status == 200
    assert shown > 30
    assert everything(house) == stands


def test_S03_a_token_for_one_purpose_is_refused_for_all_others(
    house: House, ada: Member, browser: Browser, link: Links, clock: Clock
) -> None:
    held = {purpose: token(link(ada, purpose)) for purpose in PURPOSES}
    for purpose in ACTING:  # all that have a page
        wrong = {browser.open(f"/{purpose}/{one}").status for mine, one in held.items() if mine != purpose}
        clock.wait(minutes=2)
        for path in ACTING[purpose]:
            strangers = [one for mine, one in held.items() if mine != purpose]
            wrong |= {browser.send(f"/{path.format(one)}", []).status for one in strangers}
            clock.wait(minutes=2)
        assert wrong == {404}
        assert browser.open(link(ada, purpose)).status == 200
        clock.wait(minutes=2)


def test_S04_unknown_expired_misplaced_and_homeless_links_look_exactly_alike(
    house: House, ada: Member, ben: Member, browser: Browser, link: Links, clock: Clock
) -> None:
    misplaced, expired, erased = token(link(ada, "less")), token(link(ada)), token(link(ben))
    with house.store.writing() as tx:
        tx.people.erase(ben.id)
    unknown = misplaced[:-4] + "aaaa"
    answers = [browser.client.get(f"/day/{one}") for one in (misplaced, erased, unknown)]
    answers.append(browser.client.post(f"/day/{unknown}/confirm"))
    clock.wait(days=8)
    answers.append(browser.client.get(f"/day/{expired}"))
    assert {(one.status_code, one.content) for one in answers} == {(404, answers[0].content)}
    assert len({frozenset(one.headers.items()) for one in answers}) == 1


def test_S03_somebody_the_rollout_no_longer_reaches_has_no_page(
    house: House, ada: Member, browser: Browser, link: Links, configuration: Configuration
) -> None:
    address = link(ada)
    fewer = configuration.model_copy(update={"people": configuration.people[1:]})
    smaller = House(fewer, house.policy, house.connectors, house.store, house.clock)
    assert browser.open(address).status == 200
    assert Browser(create(smaller)).open(address).status == 404


def test_S04_guessing_ends_after_twenty_wrong_tokens_in_a_minute(
    house: House, ada: Member, ben: Member, browser: Browser, link: Links, clock: Clock
) -> None:
    right = link(ada)
    elsewhere = Browser(create(house), client=("192.0.2.7", 1))
    for number in range(MOST_WRONG):
        assert browser.open(f"/day/guess-{number}").status == 404
    for address in (right, "/less/guess", "/invite/guess"):
        assert browser.open(address).status == 429
    assert browser.open("/healthz").status == 200
    assert elsewhere.open(right).status == 200
    clock.wait(seconds=61)
    assert browser.open(right).status == 200


@pytest.mark.parametrize(
    ("proxy", "says", "counted"),
    [
        ("127.0.0.1", "203.0.113.9", {"address": "203.0.113.9", "named": True}),
        ("::1", "203.0.113.9:4711", {"address": "203.0.113.9", "named": True}),
        ("127.0.0.1", "", {"address": "127.0.0.1", "named": False}),
        ("10.0.4.7", "203.0.113.9", {"address": "203.0.113.9", "named": True}),
        ("10.0.9.9", "203.0.113.9", {"address": "10.0.9.9", "named": False}),
    ],
)
def test_S04_who_asks_is_whom_a_proxy_of_ours_names_and_the_page_says_whom_it_counts(
    house: House, proxy: str, says: str, counted: dict[str, object]
) -> None:
    page = PageSettings(url="https://daybook.example", proxies=("127.0.0.1", "::1", "10.0.4.0/24"))
    behind = replace(house, configuration=house.configuration.model_copy(update={"page": page}))
    browser = Browser(create(behind), client=(proxy, 4711))
    assert browser.client.get("/asker", headers={"X-Forwarded-For": says} if says else {}).json() == counted


def test_S03_no_address_leads_on_to_one_without_TLS(browser: Browser, link: Links, ada: Member) -> None:
    """With a slash too many it led to http://, link and all, where a proxy did not say that it spoke TLS."""
    answer = browser.client.get(f"{link(ada)}/", follow_redirects=False)
    assert (answer.status_code, answer.headers.get("location")) == (404, None)


def test_right_tokens_are_never_counted_as_guesses(ada: Member, browser: Browser, link: Links) -> None:
    address = link(ada)
    assert {browser.open(address).status for _ in range(2 * MOST_WRONG)} == {200}


def test_S05_a_form_from_another_site_changes_nothing(
    busy: None, house: House, ada: Member, browser: Browser, link: Links
) -> None:
    address, leave = link(ada), link(ada, "invite") + "/leave"
    form, _ = browser.open(address).button("Confirm the one")
    stands = everything(house)
    for foreign in (
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "", "Origin": "https://evil.example"},
        {"Sec-Fetch-Site": "", "Origin": "https://localhost.evil.example"},
    ):
        assert browser.send(address + "/confirm", form.fields, **foreign).status == 403
        assert browser.send(leave, [("sure", "yes")], **foreign).status == 403
    assert everything(house) == stands


@pytest.mark.parametrize(
    "ours",
    [
        {"Sec-Fetch-Site": "same-origin", "Origin": "null"},
        {"Sec-Fetch-Site": "", "Origin": "https://daybook.northwind.example"},
        {"Sec-Fetch-Site": "", "Origin": "http://localhost"},
        {"Sec-Fetch-Site": "", "Origin": "null"},
    ],
)
def test_S05_a_form_of_our_own_page_is_taken_from_old_browsers_too(
    busy: None, house: House, ada: Member, browser: Browser, link: Links, ours: dict[str, str]
) -> None:
    form, _ = browser.open(link(ada)).button("Confirm the one")
    assert browser.send(link(ada) + "/confirm", form.fields, **ours).status == 200
    assert drafts(house, ada)["a"].decision == "confirmed"


def test_S06_every_answer_carries_every_header(
    busy: None, house: House, ada: Member, browser: Browser, link: Links
) -> None:
    asked = [("GET", address) for address in addresses(house, link, ada)]
    asked += [("PUT", "/"), ("GET", "/nowhere"), ("POST", link(ada).removeprefix("https://"))]
    for method, address in asked:
        answer = browser.client.request(method, address)
        assert {name: answer.headers[name] for name in HEADERS} == HEADERS
        assets = address in (STYLE[0], ICON[0])
        assert ("immutable" if assets else "no-store") in answer.headers["cache-control"]


def test_S06_every_answer_says_what_it_is_and_in_which_letters(
    busy: None, house: House, ada: Member, browser: Browser, link: Links, clock: Clock
) -> None:
    kinds = set()
    for address in addresses(house, link, ada):
        clock.wait(minutes=1)  # most of these addresses are wrong ones
        answer = browser.client.get(address)
        kind = answer.headers.get("content-type", "")
        assert kind or not answer.content
        assert kind.endswith("; charset=utf-8") or kind in ("", "application/json"), address
        kinds.add(kind.partition(";")[0])
    assert kinds >= {"text/html", "text/plain", "text/css", "image/svg+xml", "application/json"}


def test_S06_one_script_may_run_and_it_is_ours_to_the_letter() -> None:
    policy = HEADERS["Content-Security-Policy"]
    assert f"script-src {allowed(SCRIPT)};" in policy
    assert allowed(SCRIPT + " ") not in policy


@pytest.mark.parametrize("payload", PAYLOADS)
def test_S06_nothing_people_type_becomes_part_of_a_page(
    payload: str, house: House, ada: Member, link: Links, configuration: Configuration
) -> None:
    project = configuration.projects["acme-web"].model_copy(update={"name": payload, "client": payload})
    hostile = configuration.model_copy(update={"projects": {"acme-web": project}, "organisation": payload})
    told = House(hostile, house.policy, house.connectors, house.store, house.clock)
    browser = Browser(create(told))
    one = draft("a", "10:00", text=payload, category=payload, target=f"memory:{payload}")
    drafted(
        told,
        ada,
        one.model_copy(update={"noticed": False, "decision": "edited"}),
        draft("b", "11:00", text=payload, project=payload),
    )
    day = browser.open(link(ada))
    edit = browser.follow(day, "Complete it")
    pages = [
        day,
        edit,
        browser.press(edit, "Save", length=payload, text=payload),
        browser.open(link(ada, "confirm")),
        browser.open(link(ada, "invite")),
        browser.open(f"{link(ada)}?said={payload}&n={payload}"),
    ]
    for page in pages:
        assert not {"img", "iframe", "object", "base"} & {*page.tags}
        ours = page.answer.text.count(f"{OURS_SAYS}{SCRIPT}</script>")
        assert page.tags.count("script") == ours <= 1
        assert page.tags.count("svg") <= 1
        assert page.styles == []  # neither inline styles nor handlers
    assert " ".join(payload.split()) in day.text


def test_W07_what_people_typed_stands_apart_from_our_own_words(
    house: House, ada: Member, browser: Browser, link: Links
) -> None:
    drafted(house, ada, draft("a", "10:00", text="\u202e01 min"))
    assert "<bdi>\u202e01 min</bdi>" in browser.open(link(ada)).answer.text


def test_W05_the_first_load_of_sixty_drafts_is_light(
    house: House, ada: Member, browser: Browser, link: Links
) -> None:
    many = [
        draft(f"k{n}", f"{8 + n // 6:02}:{n % 6}0", 10, f"Meeting {n} about the checkout") for n in range(60)
    ]
    drafted(house, ada, *many)
    with browser.client.stream("GET", link(ada).removeprefix("https://daybook.northwind.example")) as answer:
        page = b"".join(answer.iter_raw())
    assert b"Meeting 59" in gzip.decompress(page)
    rest = len(gzip.compress(STYLE[1])) + len(ICON[1])
    assert len(page) + rest <= 50_000
    assert b"Meeting 59" not in page


def test_W05_a_thousand_drafts_are_confirmed_with_one_form(
    house: House, ada: Member, browser: Browser, link: Links
) -> None:
    drafted(house, ada, *(draft(f"k{n}", None, 1, target="none") for n in range(1_000)))
    page = browser.press(browser.open(link(ada)), "Confirm all 1000")
    assert "1000 drafts confirmed." in page.text
    assert entries(house, ada) == 1_000


def test_a_form_that_is_too_large_is_refused_unread(ada: Member, browser: Browser, link: Links) -> None:
    answer = browser.send(link(ada) + "/confirm", [("draft", "x" * LARGEST_FORM)])
    assert answer.status == 413


@pytest.mark.parametrize(
    ("error", "status", "notice"),
    [(StoreUnavailable("disk full"), 503, words.NOT_NOW), (RuntimeError("ACME secret"), 500, words.BROKE)],
)
def test_W08_what_breaks_says_so_in_words_without_its_own(
    busy: None,
    house: House,
    ada: Member,
    browser: Browser,
    link: Links,
    monkeypatch: pytest.MonkeyPatch,
    error: Exception,
    status: int,
    notice: words.Notice,
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise error

    page = browser.open(link(ada))
    monkeypatch.setattr(deeds, "confirm", broken)
    with structlog.testing.capture_logs():
        answer = browser.press(page, "Confirm the one")
    assert (answer.status, notice[1] in answer.text) == (status, True)
    assert str(error) not in answer.text


def test_S13_no_log_line_of_the_page_has_a_token_an_address_or_a_title(
    busy: None,
    house: House,
    ada: Member,
    browser: Browser,
    link: Links,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    address = link(ada)
    with structlog.testing.capture_logs() as lines, caplog.at_level(logging.DEBUG):
        page = browser.press(browser.open(address), "Confirm the one")
        browser.open("/day/wrong-token")
        monkeypatch.setattr(deeds, "undo", lambda *_: 1 / 0)
        assert browser.press(page, "Take it back").status == 500
    assert [line["event"] for line in lines if line["event"].startswith("page.")] == ["page.broke"]
    for line in lines:
        line.pop("exc_info", None)  # its message is left out by the log itself
    ours = [record.getMessage() for record in caplog.records if record.name != "httpx"]
    said = f"{lines} {ours}"
    assert not [one for one in (token(address), "wrong-token", ada.person.email, "ACME call") if one in said]


def test_the_front_door_and_the_health_of_the_page_need_no_token(browser: Browser) -> None:
    assert "link in your mail" in browser.open("/").text
    assert browser.client.get("/healthz").text == "ok"
    assert browser.open("/day").text.count("There is nothing at this address.") == 1


def test_S03_a_link_works_for_as_long_as_it_says(
    ada: Member, browser: Browser, link: Links, clock: Clock
) -> None:
    address = link(ada)
    clock.wait(seconds=timedelta(days=7).total_seconds() - 1)
    assert browser.open(address).status == 200
    clock.wait(seconds=2)
    assert browser.open(address).status == 404
