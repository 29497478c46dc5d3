"""Lending an account by OAuth: out to the tool, back with the answer, and what attackers get of it."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any
from unittest.mock import Mock
from urllib.parse import parse_qs, urlsplit

import pytest
from pydantic import SecretStr
from structlog.testing import capture_logs

from config.schema import Configuration
from connectors.contract import Credential, Identity, Refused
from connectors.memory import Memory, Tool
from connectors.memory_consent import AUTHORIZATION, MemoryAuthority
from connectors.oauth import Tokens
from daybook import deeds, joining, returning
from daybook.house import House, Member
from daybook.page.app import create
from daybook.store.grants import Grant
from tests.daybook.conftest import YESTERDAY, Clock, draft, drafted, member
from tests.daybook.page.browser import Browser, Page
from tests.daybook.page.conftest import Links, comes_to, everything, postings

BACK = "https://daybook.northwind.example/connect/memory/back"


@pytest.fixture
def authority(tool: Tool) -> MemoryAuthority:
    return MemoryAuthority(tool, frozenset({BACK}))


@pytest.fixture
def house(house: House, configuration: Configuration, tool: Tool, authority: MemoryAuthority) -> House:
    """The tool in memory lends accounts."""
    memory = Memory(tool, authorization=AUTHORIZATION)
    return House(
        configuration,
        house.policy,
        {"memory": memory},
        house.store,
        house.clock,
        authorities={"memory": authority},
    )


@pytest.fixture
def browser(house: House) -> Browser:
    return a_browser(house)


def a_browser(house: House) -> Browser:
    """One more browser, over TLS as everybody's."""
    browser = Browser(create(house))
    browser.client.base_url = "https://localhost"
    return browser


def asked(browser: Browser, address: str) -> str:
    """Press Connect; gives the address at the tool that the browser goes on to."""
    page = browser.press(browser.open(address), "Connect Memory")
    assert page.status == 200
    return next(href for said, href in page.links if said.startswith("Go on to"))


def brought_back(browser: Browser, address: str) -> Page:
    """The tool sends the browser back, and the browser goes where it is pointed."""
    answer = browser.client.get(urlsplit(address).path + "?" + urlsplit(address).query)
    assert answer.status_code == 303
    return browser.open(answer.headers["location"])


def granted(house: House, who: Member) -> Grant | None:
    with house.store.reading() as tx:
        return tx.grants.get(who.id, "memory")


def owed(house: House, clock: Clock) -> int:
    """How many grants are to be given back by tomorrow."""
    clock.wait(days=1)
    with house.store.reading() as tx:
        return len(tx.revocations.due(clock()))


def test_an_account_is_connected_by_a_button_and_what_waited_goes_on(
    house: House, ada: Member, browser: Browser, link: Links, authority: MemoryAuthority, clock: Clock
) -> None:
    drafted(house, ada, draft("a", "10:00"))
    deeds.confirm(house, ada, YESTERDAY)
    clock.wait(hours=1)
    comes_to(house, ada, state="refused", reason="Connect it.", whose="account")
    page = brought_back(browser, authority.allow(asked(browser, link(ada, "invite")), "ada-there"))
    assert "Connected. What waited for this account is posted now." in page.text
    assert "As ada-there since 20 November 2026." in page.text
    grant = granted(house, ada)
    assert grant and grant.kind == "oauth" and grant.refresh
    assert [one.state for one in postings(house, ada)] == ["held"]
    assert owed(house, clock) == 0


def test_who_lets_a_tool_be_read_is_not_told_that_anything_is_posted(
    house: House, ada: Member, browser: Browser, link: Links, authority: MemoryAuthority
) -> None:
    memory = house.connectors["memory"]
    memory.abilities = memory.abilities.model_copy(update={"posts": False, "lent": True})
    page = brought_back(browser, authority.allow(asked(browser, link(ada, "invite")), "ada-there"))
    assert "Connected. Daybook reads it from now on, as you allowed." in page.text


def test_the_tool_brings_back_to_where_it_was_asked_from(
    ada: Member, browser: Browser, link: Links, authority: MemoryAuthority
) -> None:
    page = brought_back(browser, authority.allow(asked(browser, link(ada, "own")), "ada-there"))
    assert "/own/" in page.url and "As ada-there since 20 November 2026." in page.text


def test_the_question_asks_for_the_least_with_pkce_and_one_exact_way_back(
    house: House, ada: Member, browser: Browser, link: Links
) -> None:
    question = urlsplit(asked(browser, link(ada, "invite")))
    said = {name: value for name, (value,) in parse_qs(question.query).items()}
    assert f"{question.scheme}://{question.netloc}{question.path}" == AUTHORIZATION.authorize
    assert said["redirect_uri"] == BACK
    assert said["scope"].split() == list(AUTHORIZATION.scopes)
    assert said["code_challenge_method"] == "S256" and len(said["code_challenge"]) == 43
    assert len(said["state"]) >= 43


def test_S05_an_answer_brought_by_another_browser_connects_nothing(
    house: House, ada: Member, ben: Member, browser: Browser, link: Links, authority: MemoryAuthority
) -> None:
    """Ben asks from his page and gets Ada to press Allow: her account would be his to post as."""
    trap = authority.allow(asked(browser, link(ben, "invite")), "ada-there")
    page = brought_back(a_browser(house), trap)
    assert (page.status, "no question that was asked from this browser" in page.text) == (404, True)
    hers = a_browser(house)
    asked(hers, link(ada, "invite"))  # also not while she is connecting her own
    assert brought_back(hers, trap).status == 404
    assert granted(house, ben) is granted(house, ada) is None
    assert brought_back(browser, trap).status == 200


@pytest.mark.parametrize("state", ["", "x" * 43, "../../", "%00"])
def test_S05_an_answer_to_no_question_connects_nothing_and_changes_nothing(
    house: House, ada: Member, browser: Browser, link: Links, state: str
) -> None:
    asked(browser, link(ada, "invite"))
    before = everything(house)
    assert brought_back(browser, f"{BACK}?code=c&state={state}").status == 404
    assert everything(house) == before


def test_an_answer_counts_once(
    house: House, ada: Member, browser: Browser, link: Links, authority: MemoryAuthority, tool: Tool
) -> None:
    """A code that is shown twice ends all that came of it: so the second time it is not shown at all."""
    address = authority.allow(asked(browser, link(ada, "invite")), "ada-there")
    brought_back(browser, address)
    requests = tool.requests
    assert brought_back(browser, address).status == 404
    assert tool.requests == requests
    assert authority.stands("ada-there")
    assert granted(house, ada)


def test_an_answer_that_comes_twice_at_once_counts_once(
    house: House,
    ada: Member,
    browser: Browser,
    link: Links,
    authority: MemoryAuthority,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    address = authority.allow(asked(browser, link(ada, "invite")), "ada-there")
    exchange, meanwhile = authority.exchange, list[int]()

    def doubled(code: str, verifier: str, redirect: str) -> Tokens:
        meanwhile.append(brought_back(browser, address).status)
        return exchange(code, verifier, redirect)

    monkeypatch.setattr(authority, "exchange", doubled)
    assert brought_back(browser, address).status == 200
    assert meanwhile == [404]


def test_an_answer_for_another_connection_is_not_taken(
    house: House, ada: Member, browser: Browser, link: Links, authority: MemoryAuthority, tool: Tool
) -> None:
    """A tool that is not the one we asked gets to see neither code nor verifier (RFC 9700, mix-up)."""
    address = authority.allow(asked(browser, link(ada, "invite")), "ada-there")
    requests = tool.requests
    page = brought_back(browser, address.replace("/memory/", "/other/"))
    assert "Nothing was connected." in page.text
    assert (granted(house, ada), tool.requests) == (None, requests)


def test_no_answer_can_send_the_browser_elsewhere(
    house: House, ada: Member, browser: Browser, link: Links, authority: MemoryAuthority
) -> None:
    address = authority.allow(asked(browser, link(ada, "invite")), "ada-there")
    parts = urlsplit(address)
    more = "&redirect_uri=https://evil.example&back=https://evil.example&next=//evil.example"
    answer = browser.client.get(f"{parts.path}?{parts.query}{more}", headers={"Host": "evil.example"})
    assert answer.headers["location"].startswith("/invite/")
    for path in ("/connect//evil.example/back", "/connect/https:%2F%2Fevil.example/back"):
        location = browser.client.get(path).headers.get("location", "/")
        assert location.startswith("/") and not location.startswith("//")


def test_S04_neither_code_nor_token_is_shown_logged_or_handed_on(
    house: House,
    ada: Member,
    browser: Browser,
    link: Links,
    authority: MemoryAuthority,
    caplog: pytest.LogCaptureFixture,
    capsys: pytest.CaptureFixture[str],
) -> None:
    caplog.set_level(logging.DEBUG)
    address = authority.allow(asked(browser, link(ada, "invite")), "ada-there")
    parts = urlsplit(address)
    answer = browser.client.get(f"{parts.path}?{parts.query}")
    (code,) = parse_qs(parts.query)["code"]
    assert (answer.status_code, answer.content) == (303, b"")
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert "no-store" in answer.headers["cache-control"]
    page = browser.open(answer.headers["location"])
    grant = granted(house, ada)
    assert grant and grant.refresh
    secrets = [code, grant.credential.get_secret_value(), grant.refresh.get_secret_value()]
    ours = "".join(one.getMessage() for one in caplog.records if not one.name.startswith("http"))
    seen = page.answer.text + answer.headers["location"] + ours + "".join(capsys.readouterr())
    assert not [secret for secret in secrets if secret in seen + repr(grant)]
    raw = house.store.path.read_bytes() + house.store.path.with_name("daybook.db-wal").read_bytes()
    assert not [secret for secret in secrets if secret.encode() in raw]


def test_S05_the_cookie_is_this_hosts_alone_and_nothing_else_is_in_it(
    house: House, ada: Member, browser: Browser, link: Links
) -> None:
    answer = browser.sent(link(ada, "invite") + "/lend", [("connection", "memory")])
    said = answer.headers["set-cookie"]
    assert said.startswith("__Host-daybook-asked=")
    for word in ("HttpOnly", "Secure", "SameSite=lax", "Path=/", "Max-Age=600"):
        assert word in said
    assert ada.id not in said


def test_P3_nobody_is_sent_to_a_tool_before_they_acknowledged(
    house: House, ada: Member, browser: Browser, link: Links
) -> None:
    with house.store.writing() as tx:
        tx.people.leave(ada.id, house.clock())
        tx.connection.exec_driver_sql("update contributors set left_at = null")
    refused = browser.send(link(member(house, "Ada"), "invite") + "/lend", [("connection", "memory")])
    assert refused.status == 409


def test_P3_no_answer_is_taken_to_the_tool_once_their_acknowledgement_lapsed(
    house: House, ada: Member, browser: Browser, link: Links, authority: MemoryAuthority, monkeypatch: Any
) -> None:
    there = urlsplit(authority.allow(asked(browser, link(ada, "invite")), "ada-there"))
    with house.store.writing() as tx:
        tx.people.acknowledge(ada.id, "an earlier one", house.clock())
    exchanged = Mock(side_effect=Refused("not to be asked"))
    monkeypatch.setattr(MemoryAuthority, "exchange", exchanged)
    browser.client.get(f"{there.path}?{there.query}")
    assert not exchanged.called
    assert granted(house, ada) is None


def test_when_a_consent_ends_is_known_from_the_day_it_was_given(
    house: House, ada: Member, browser: Browser, link: Links, authority: MemoryAuthority, clock: Clock
) -> None:
    authority.authorization = AUTHORIZATION.model_copy(update={"lasts": timedelta(days=365)})
    brought_back(browser, authority.allow(asked(browser, link(ada, "invite")), "ada-there"))
    grant = granted(house, ada)
    assert grant and grant.ends_at == clock() + timedelta(days=365)
    assert "until 20 November 2027" in browser.open(link(ada, "invite")).text


@pytest.mark.parametrize("told", [False, True])
@pytest.mark.parametrize("call", ["exchange", "identify"])
def test_P3_who_leaves_while_the_tool_is_asked_is_not_connected(
    house: House,
    ada: Member,
    browser: Browser,
    link: Links,
    authority: MemoryAuthority,
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
    call: str,
    told: bool,
) -> None:
    """And what the tool gave goes back, at whatever moment between its answer and ours they left.

    Takes    told: they leave once the tool has answered, else while it still thinks
    """
    address = authority.allow(asked(browser, link(ada, "invite")), "ada-there")
    asks: Any = authority if call == "exchange" else house.connectors["memory"]
    ask = getattr(asks, call)

    def meanwhile(*said: Any) -> Any:
        monkeypatch.undo()
        answer = ask(*said) if told else None
        joining.leave(house, ada)
        return answer if told else ask(*said)

    monkeypatch.setattr(asks, call, meanwhile)
    brought_back(browser, address)
    assert granted(house, ada) is None
    with house.store.reading() as tx:
        assert tx.consents.problems(ada.id) == {}
    assert owed(house, clock) == 1
    assert authority.stands("ada-there")
    with house.store.reading() as tx:
        due = tx.revocations.due(clock())
    for one in due:
        returning.tell(house, one)
    assert not authority.stands("ada-there")


@pytest.mark.parametrize("moment", ["note", "known", "may_connect"])
def test_P10_who_leaves_in_the_second_between_two_of_our_writes_is_given_back_too(
    house: House,
    ada: Member,
    browser: Browser,
    link: Links,
    authority: MemoryAuthority,
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
    moment: str,
) -> None:
    """The leaving commits right before ours: at each of them it is seen, or what came is on the list."""
    address = authority.allow(asked(browser, link(ada, "invite")), "ada-there")
    real, at = house.store.writing, {"note": 2, "known": 3, "may_connect": 4}[moment]
    written = 0

    def writing() -> Any:
        nonlocal written
        written += 1
        if written == at:
            monkeypatch.undo()
            joining.leave(house, ada)
        return real()

    monkeypatch.setattr(house.store, "writing", writing)
    brought_back(browser, address)
    assert written == at and granted(house, ada) is None
    assert owed(house, clock) == 1


def test_P3_who_leaves_while_a_token_is_looked_at_is_not_connected(
    house: House, ada: Member, tool: Tool, monkeypatch: pytest.MonkeyPatch
) -> None:
    tool.tokens["t-1"] = "ada-there"
    memory = house.connectors["memory"]
    identify = memory.identify

    def meanwhile(credential: Credential, email: str) -> Identity:
        joining.leave(house, ada)
        return identify(credential, email)

    monkeypatch.setattr(memory, "identify", meanwhile)
    verdict = joining.connect(house, ada, "memory", SecretStr("t-1"))
    assert (bool(verdict), verdict.reason) == (False, joining.NOT_ANY_MORE)
    assert granted(house, ada) is None


def test_who_says_no_there_is_told_that_nothing_was_connected(
    house: House, ada: Member, browser: Browser, link: Links, authority: MemoryAuthority
) -> None:
    page = brought_back(browser, authority.refuse(asked(browser, link(ada, "invite"))))
    assert "You did not allow it there. Nothing was connected." in page.text
    assert granted(house, ada) is None
    again = brought_back(browser, authority.allow(asked(browser, link(ada, "invite")), "ada-there"))
    assert "You did not allow it there." not in again.text


def test_an_answer_that_took_too_long_does_not_count(
    house: House, ada: Member, browser: Browser, link: Links, authority: MemoryAuthority, clock: Clock
) -> None:
    question = asked(browser, link(ada, "invite"))
    clock.wait(minutes=11)
    page = brought_back(browser, authority.allow(question, "ada-there"))
    assert "took longer than ten minutes" in page.text
    assert granted(house, ada) is None


def test_a_code_the_tool_does_not_take_is_said_in_words(
    house: House, ada: Member, browser: Browser, link: Links, authority: MemoryAuthority
) -> None:
    state = parse_qs(urlsplit(asked(browser, link(ada, "invite"))).query)["state"][0]
    page = brought_back(browser, f"{BACK}?code=guessed&state={state}")
    assert "Memory did not take the answer: it was used before, or is too old." in page.text


def test_a_tool_that_is_away_meanwhile_says_so_and_another_try_works(
    house: House, ada: Member, browser: Browser, link: Links, authority: MemoryAuthority, tool: Tool
) -> None:
    address = authority.allow(asked(browser, link(ada, "invite")), "ada-there")
    tool.mishaps = ["unavailable"]
    page = brought_back(browser, address)
    assert "The tool did not answer." in page.text
    assert "Connect again in a few minutes." in page.text
    brought_back(browser, authority.allow(asked(browser, link(ada, "invite")), "ada-there"))
    assert granted(house, ada)


def test_what_was_lent_is_given_back_where_the_tool_cannot_say_whose_it_is(
    house: House,
    ada: Member,
    browser: Browser,
    link: Links,
    authority: MemoryAuthority,
    tool: Tool,
    clock: Clock,
) -> None:
    """A crash between the code and the commit leaves the same: noted, and given back."""
    address = authority.allow(asked(browser, link(ada, "invite")), "ada-there")
    tool.mishaps = ["", "unavailable"]
    brought_back(browser, address)
    assert authority.stands("ada-there")
    assert owed(house, clock) == 1


def test_a_right_that_was_left_out_is_named_and_nothing_is_kept(
    house: House, ada: Member, browser: Browser, link: Links, authority: MemoryAuthority, clock: Clock
) -> None:
    authority.unticked = {"write:records"}
    page = brought_back(browser, authority.allow(asked(browser, link(ada, "invite")), "ada-there"))
    assert "It was not allowed to: post records. Nothing was connected." in page.text
    assert granted(house, ada) is None
    assert owed(house, clock) == 1


@pytest.mark.parametrize("call", ["exchange", "identify"])
def test_what_an_administrator_has_to_repair_is_said_to_them_and_not_to_who_connects(
    house: House,
    ada: Member,
    browser: Browser,
    link: Links,
    authority: MemoryAuthority,
    monkeypatch: pytest.MonkeyPatch,
    call: str,
) -> None:
    address = authority.allow(asked(browser, link(ada, "invite")), "ada-there")
    wrong = Refused("Look at `oauth` of this connection.", whose="connection")
    asks: Any = authority if call == "exchange" else house.connectors["memory"]
    monkeypatch.setattr(asks, call, Mock(side_effect=wrong))
    with capture_logs() as logs:
        page = brought_back(browser, address)
    assert "Memory does not take Daybook as it is set up here. Nothing was connected." in page.text
    assert "oauth" not in page.text
    assert [(one["event"], one["reason"]) for one in logs] == [("account.not_connected", str(wrong))]


def test_what_a_tool_asks_beyond_our_need_is_said_before_the_press(
    house: House, ada: Member, browser: Browser, link: Links, authority: MemoryAuthority
) -> None:
    asks = "Memory asks for everything. Daybook posts what you confirm."
    authority.authorization = AUTHORIZATION.model_copy(update={"sweeping": asks})
    assert asks in browser.open(link(ada, "invite")).text


def test_S14_an_account_that_somebody_else_connected_is_not_connected_twice(
    house: House, ada: Member, ben: Member, browser: Browser, link: Links, authority: MemoryAuthority
) -> None:
    brought_back(browser, authority.allow(asked(browser, link(ben, "invite")), "ben-there"))
    page = brought_back(browser, authority.allow(asked(browser, link(ada, "invite")), "ben-there"))
    assert "Somebody else has connected this account." in page.text
    assert granted(house, ada) is None
    assert granted(house, ben)


def test_S14_an_account_other_than_the_one_the_administrator_named_is_not_connected(
    house: House, ada: Member, browser: Browser, link: Links, authority: MemoryAuthority
) -> None:
    house.configuration.people[0].accounts["memory"] = "ada-there"
    page = brought_back(browser, authority.allow(asked(browser, link(ada, "invite")), "mara-there"))
    assert "another account than the one your administrator named" in page.text
    assert granted(house, ada) is None


def test_where_tokens_are_not_taken_there_is_no_field_for_one(
    house: House, ada: Member, browser: Browser, link: Links, tool: Tool
) -> None:
    connector = house.connectors["memory"]
    connector.abilities = connector.abilities.model_copy(update={"own_tokens": False})
    tool.tokens["t-1"] = "ada-there"
    page = browser.open(link(ada, "invite"))
    assert "Your token for Memory" not in page.text
    sent = browser.send(link(ada, "invite") + "/connect", [("connection", "memory"), ("credential", "t-1")])
    assert (sent.status, "Tokens are not taken for this tool." in sent.text) == (422, True)


def test_P10_disconnecting_is_done_at_once_and_given_back_there(
    house: House, ada: Member, browser: Browser, link: Links, authority: MemoryAuthority, clock: Clock
) -> None:
    page = brought_back(browser, authority.allow(asked(browser, link(ada, "invite")), "ada-there"))
    page = browser.press(page, "Disconnect Memory")
    assert "gives it back there" in page.text
    assert granted(house, ada) is None
    assert owed(house, clock) == 1


def test_what_needs_to_be_connected_again_says_since_when_and_why(
    house: House, ada: Member, browser: Browser, link: Links, authority: MemoryAuthority
) -> None:
    brought_back(browser, authority.allow(asked(browser, link(ada, "invite")), "ada-there"))
    with house.store.writing() as tx:
        tx.grants.refuse(ada.id, "memory", "It was taken back there.")
    page = browser.open(link(ada, "invite"))
    assert "You connected it on 20 November 2026 as ada-there . It no longer works" in page.text
    assert "It was taken back there." in page.text
    brought_back(browser, authority.allow(asked(browser, link(ada, "invite")), "ada-there"))
    assert "connected again" not in browser.open(link(ada, "invite")).text
