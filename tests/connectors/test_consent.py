"""What all authorization servers of the stand-ins refuse, whatever they call it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests

from connectors.asana.sandbox import AsanaSite
from connectors.google_calendar.sandbox import CalendarSite
from connectors.google_calendar.sandbox_tokens import SCOPE
from connectors.jira.sandbox import JiraSite
from connectors.jira.sandbox_auth import OFFLINE, SCOPES, Atlassian
from connectors.stand_in import StandIn
from connectors.stand_in_consent import App
from tests.connectors.consenting import (
    BACK,
    CHALLENGE,
    VERIFIER,
    address,
    brought_back,
    opened,
    pressed,
)

ADA = "ada@example.com"
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


@dataclass
class Server:
    """One authorization server, and what a first consent asks of it."""

    authorize: str
    token: str
    app: App
    params: dict[str, str]
    now: list[datetime]

    def address(self, **params: str) -> str:
        pkce = {"code_challenge": CHALLENGE, "code_challenge_method": "S256"}
        return address(self.authorize, self.app.id, **{**self.params, **pkce, **params})

    def code(self, **params: str) -> str:
        return brought_back(pressed(self.address(**params), ADA))["code"]

    def fetched(self, code: str, **said: str) -> requests.Response:
        form = {
            "grant_type": "authorization_code",
            "client_id": self.app.id,
            "client_secret": self.app.secret,
            "redirect_uri": BACK,
            "code": code,
            "code_verifier": VERIFIER,
        } | said
        form = {name: value for name, value in form.items() if value}
        return requests.post(self.token, data=form, timeout=60)


def at_atlassian(now: list[datetime]) -> tuple[list[StandIn], Callable[[], Server]]:
    site = JiraSite(clock=lambda: now[0])
    site.world.add_user(ADA, "ada-token", "Ada")
    accounts = Atlassian(site, clock=lambda: now[0])
    app = accounts.desk.register("daybook", [BACK], [*SCOPES, OFFLINE])
    params = {"scope": f"read:jira-user {OFFLINE}", "audience": "api.atlassian.com", "prompt": "consent"}
    return [site, accounts], lambda: Server(
        f"{accounts.url}/authorize", f"{accounts.url}/oauth/token", app, params, now
    )


def at_google(now: list[datetime]) -> tuple[list[StandIn], Callable[[], Server]]:
    site = CalendarSite(clock=lambda: now[0])
    site.add_user(ADA)
    app = site.register("daybook", [BACK])
    params = {"scope": f"{SCOPE}calendar.app.created", "access_type": "offline"}
    return [site], lambda: Server(f"{site.url}/o/oauth2/v2/auth", f"{site.url}/token", app, params, now)


def at_asana(now: list[datetime]) -> tuple[list[StandIn], Callable[[], Server]]:
    site = AsanaSite(clock=lambda: now[0])
    site.add_user(ADA, "ada-token", "Ada")
    app = site.register("daybook", [BACK])
    return [site], lambda: Server(
        f"{site.url}/-/oauth_authorize", f"{site.url}/-/oauth_token", app, {"scope": "default"}, now
    )


@pytest.fixture(params=[at_atlassian, at_google, at_asana], ids=["atlassian", "google", "asana"])
def server(request: Any) -> Iterator[Server]:
    stand_ins, known = request.param([NOW])
    for one in stand_ins:
        one.start()
    yield known()
    for one in stand_ins:
        one.stop()


def test_a_code_becomes_tokens_once(server: Server) -> None:
    code = server.code()
    first = server.fetched(code)
    assert first.status_code == 200, first.text
    assert {"access_token", "refresh_token", "expires_in", "token_type"} <= first.json().keys()
    assert server.fetched(code).status_code in (400, 403)


def test_the_state_comes_back_as_it_was_and_never_with_a_token(server: Server) -> None:
    back = brought_back(pressed(server.address(), ADA))
    assert back["state"] == "s&t=1"
    assert not [name for name in back if "token" in name]


def test_who_refuses_sends_back_no_code(server: Server) -> None:
    back = brought_back(pressed(server.address(), ADA, answer="refuse"))
    assert back["error"] == "access_denied" and back["state"] == "s&t=1" and "code" not in back


@pytest.mark.parametrize(
    "wrong",
    [
        {"redirect_uri": f"{BACK}/"},
        {"redirect_uri": BACK.upper()},
        {"redirect_uri": "https://elsewhere.example/back"},
        {"client_id": "somebody-else"},
        {"response_type": "token"},
        {"scope": "everything"},
        {"code_challenge_method": "plain"},
        {"code_challenge": "short"},
        {"code_challenge_method": ""},
    ],
)
def test_a_wrong_question_is_told_to_the_person_and_sends_nobody_anywhere(
    server: Server, wrong: dict[str, str]
) -> None:
    url = server.address(**wrong)
    for answer in (opened(url), requests.post(url, data={"answer": "allow", "email": ADA}, timeout=60)):
        assert answer.status_code in (400, 401)
        assert "Location" not in answer.headers


def test_nobody_consents_for_somebody_who_is_not_there(server: Server) -> None:
    answer = pressed(server.address(), "eve@example.com")
    assert answer.status_code == 400 and "eve@example.com" in answer.text


def test_the_page_shows_what_was_typed_and_runs_none_of_it(server: Server) -> None:
    assert "<script>" not in pressed(server.address(), '"><script>alert(1)</script>').text
    assert "<script>" not in opened(server.address(redirect_uri="<script>")).text


@pytest.mark.parametrize(
    "wrong",
    [
        {"code_verifier": ""},
        {"code_verifier": VERIFIER[::-1]},
        {"redirect_uri": f"{BACK}/"},
        {"client_secret": "wrong"},
        {"client_id": "somebody-else"},
        {"grant_type": "password"},
    ],
)
def test_a_code_is_for_whoever_asked_and_for_nobody_else(server: Server, wrong: dict[str, str]) -> None:
    answer = server.fetched(server.code(), **wrong)
    assert answer.status_code in (400, 401, 403), answer.text
    assert answer.json()["error"] and "access_token" not in answer.text


def test_a_code_that_lay_about_is_none(server: Server) -> None:
    code = server.code()
    server.now[0] += timedelta(minutes=16)
    assert server.fetched(code).status_code in (400, 403)


def test_a_verifier_is_needed_only_where_a_challenge_was_given(server: Server) -> None:
    bare = {"code_challenge": "", "code_challenge_method": ""}
    assert server.fetched(server.code(**bare), code_verifier="").status_code == 200
    assert server.fetched(server.code(**bare)).status_code in (400, 403)
