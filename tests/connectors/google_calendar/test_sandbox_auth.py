"""Google's accounts as they are: consent box by box, one refresh token, and no rotation."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests

from connectors.google_calendar.sandbox import CalendarSite
from connectors.google_calendar.sandbox_auth import CALENDAR_SCOPES, EMAIL
from connectors.google_calendar.sandbox_tokens import SCOPE
from connectors.stand_in_consent import App
from tests.connectors.consenting import BACK, CHALLENGE, VERIFIER, address, brought_back, opened, pressed

ADA = "ada@example.test"
READ, OWN = f"{SCOPE}calendar.events.owned.readonly", f"{SCOPE}calendar.app.created"
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


class Accounts:
    def __init__(self) -> None:
        self.now = NOW
        self.site = CalendarSite(clock=lambda: self.now)
        self.site.add_user(ADA, "Europe/Berlin")
        self.url = self.site.start()
        self.app: App = self.site.register("daybook.apps.googleusercontent.com", [BACK])

    def authorize(self, *scopes: str, **params: str) -> str:
        asked = {"scope": " ".join(scopes or (READ,)), "access_type": "offline"} | params
        return address(f"{self.url}/o/oauth2/v2/auth", self.app.id, **asked)

    def tokens(self, *scopes: str, ticked: Any = None, **params: str) -> dict[str, Any]:
        url = self.authorize(*scopes, **params)
        fields = {} if ticked is None else {"scope": ticked}
        code = brought_back(pressed(url, ADA, **fields))["code"]
        return dict(self.asked(grant_type="authorization_code", code=code, redirect_uri=BACK).json())

    def asked(self, **said: str) -> requests.Response:
        who = {"client_id": self.app.id, "client_secret": self.app.secret}
        return requests.post(f"{self.url}/token", data={**who, **said}, timeout=60)

    def refreshed(self, token: str) -> requests.Response:
        return self.asked(grant_type="refresh_token", refresh_token=token)

    def listed(self, token: str) -> int:
        address = f"{self.url}/calendar/v3/calendars/primary/events"
        return requests.get(address, headers={"Authorization": f"Bearer {token}"}, timeout=60).status_code

    def info(self, token: str) -> requests.Response:
        return requests.get(f"{self.url}/tokeninfo", params={"access_token": token}, timeout=60)


@pytest.fixture
def accounts() -> Iterator[Accounts]:
    accounts = Accounts()
    yield accounts
    accounts.site.stop()


def test_a_consent_opens_what_was_ticked_for_an_hour(accounts: Accounts) -> None:
    said = accounts.tokens(READ, OWN, ticked=[READ])
    assert (said["scope"], said["token_type"], said["expires_in"]) == (READ, "Bearer", 3599)
    assert accounts.listed(said["access_token"]) == 200
    accounts.now += timedelta(hours=1)
    assert accounts.listed(said["access_token"]) == 401


def test_the_browser_already_tells_what_was_ticked(accounts: Accounts) -> None:
    back = brought_back(pressed(accounts.authorize(READ, OWN), ADA, scope=[OWN]))
    assert back["scope"] == OWN
    nothing = brought_back(pressed(accounts.authorize(READ, OWN), ADA, scope=[]))
    assert nothing["error"] == "access_denied"


def test_a_refresh_token_comes_at_the_first_consent_alone_or_when_asked_for_anew(accounts: Accounts) -> None:
    assert "refresh_token" not in accounts.tokens(access_type="online", prompt="consent")
    accounts.tokens()  # consented already, without it
    assert "refresh_token" not in accounts.tokens()
    assert "refresh_token" in accounts.tokens(prompt="consent")


def test_refreshing_brings_no_other_refresh_token(accounts: Accounts) -> None:
    refresh = accounts.tokens()["refresh_token"]
    for _ in range(3):
        answer = accounts.refreshed(refresh)
        assert answer.status_code == 200 and "refresh_token" not in answer.json()
        accounts.now += timedelta(hours=2)


def test_what_was_granted_before_is_included_where_asked_for(accounts: Accounts) -> None:
    accounts.tokens(READ)
    assert accounts.tokens(OWN)["scope"] == OWN
    both = accounts.tokens(OWN, include_granted_scopes="true", prompt="consent")
    assert set(both["scope"].split()) == {READ, OWN}


def test_a_refresh_token_dies_unused_after_six_months_and_in_testing_after_a_week(
    accounts: Accounts,
) -> None:
    refresh = accounts.tokens()["refresh_token"]
    accounts.now += timedelta(days=180)
    assert accounts.refreshed(refresh).status_code == 200
    accounts.now += timedelta(days=183)
    gone = accounts.refreshed(refresh)
    assert (gone.status_code, gone.json()["error"]) == (400, "invalid_grant")
    accounts.site.tokens.testing = True
    trial = accounts.tokens(prompt="consent")["refresh_token"]
    accounts.now += timedelta(days=8)
    assert accounts.refreshed(trial).json()["error_description"] == "Token has been expired or revoked."


def test_the_hundred_and_first_refresh_token_silently_ends_the_first(accounts: Accounts) -> None:
    first = accounts.tokens()["refresh_token"]
    for _ in range(99):
        accounts.site.consent(ADA, "calendar.app.created")
    assert accounts.refreshed(first).status_code == 200
    accounts.site.consent(ADA, "calendar.app.created")
    assert accounts.refreshed(first).json()["error"] == "invalid_grant"


@pytest.mark.parametrize("which", ["access_token", "refresh_token"])
def test_either_token_revokes_all_that_was_allowed(accounts: Accounts, which: str) -> None:
    said = accounts.tokens()
    revoke = f"{accounts.url}/revoke"
    assert requests.post(revoke, data={"token": said[which]}, timeout=60).status_code == 200
    assert accounts.listed(said["access_token"]) == 401
    assert accounts.refreshed(said["refresh_token"]).status_code == 400
    again = requests.post(revoke, data={"token": said[which]}, timeout=60)
    assert (again.status_code, again.json()["error"]) == (400, "invalid_token")
    assert "refresh_token" in accounts.tokens()  # as the first time


def test_who_was_suspended_refreshes_nothing(accounts: Accounts) -> None:
    refresh = accounts.tokens()["refresh_token"]
    accounts.site.suspend(ADA)
    gone = accounts.refreshed(refresh)
    assert (gone.status_code, gone.json()["error"]) == (400, "invalid_grant")


def test_tokeninfo_tells_scopes_and_with_the_right_one_the_address(accounts: Accounts) -> None:
    told = accounts.info(accounts.tokens(READ)["access_token"]).json()
    assert told["scope"] == READ and told["aud"] == accounts.app.id and "email" not in told
    told = accounts.info(accounts.tokens(READ, "email")["access_token"]).json()
    assert told["email"] == ADA and set(told["scope"].split()) == {READ, EMAIL}
    signed = {"Authorization": f"Bearer {accounts.tokens(READ)['access_token']}"}
    assert requests.post(f"{accounts.url}/tokeninfo", headers=signed, timeout=60).json()["scope"] == READ
    assert accounts.info("ya29.nothing").json()["error"] == "invalid_token"


def test_a_token_of_one_application_is_none_of_another(accounts: Accounts) -> None:
    refresh = accounts.tokens()["refresh_token"]
    accounts.app = accounts.site.desk.register("other", [BACK], [READ])
    assert accounts.refreshed(refresh).json()["error"] == "unauthorized_client"


@pytest.mark.parametrize(
    ("left_out", "said"),
    [("access_type", "sometimes"), ("include_granted_scopes", "1"), ("prompt", "maybe")],
)
def test_a_word_google_does_not_know_is_an_error_page(accounts: Accounts, left_out: str, said: str) -> None:
    assert opened(accounts.authorize(**{left_out: said})).status_code == 400


def test_without_a_page_nobody_consents(accounts: Accounts) -> None:
    assert brought_back(opened(accounts.authorize(prompt="none")))["error"] == "interaction_required"


def test_the_hint_fills_in_who_you_are(accounts: Accounts) -> None:
    assert f'value="{ADA}"' in opened(accounts.authorize(login_hint=ADA)).text


@pytest.mark.parametrize(
    ("challenge", "verifier", "said"),
    [
        (CHALLENGE, "", "Missing code verifier."),
        (CHALLENGE, "x" * 43, "Invalid code verifier."),
        ("", VERIFIER, "code_verifier or verifier is not needed."),
    ],
)
def test_a_wrong_verifier_is_named_as_google_names_it(
    accounts: Accounts, challenge: str, verifier: str, said: str
) -> None:
    pkce = {"code_challenge": challenge, "code_challenge_method": "S256" if challenge else ""}
    code = brought_back(pressed(accounts.authorize(**pkce), ADA))["code"]
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": BACK}
    answer = accounts.asked(**form, code_verifier=verifier)
    assert (answer.json()["error"], answer.json()["error_description"]) == ("invalid_grant", said)


def test_codes_are_refused_in_google_s_words(accounts: Accounts) -> None:
    form = {"grant_type": "authorization_code", "redirect_uri": BACK}
    assert accounts.asked(**form, code="x").json()["error_description"] == "Malformed auth code."
    assert accounts.asked(**form, code="4/0nobody").json()["error_description"] == "Bad Request"
    code = brought_back(pressed(accounts.authorize(), ADA))["code"]
    form = form | {"redirect_uri": f"{BACK}/"}
    assert accounts.asked(**form, code=code).json()["error"] == "redirect_uri_mismatch"


def test_it_knows_every_scope_of_the_official_description(shared: Path) -> None:
    import json

    document = json.loads((shared / "specs" / "google-calendar-v3.discovery.json").read_text("utf-8"))
    assert {SCOPE + scope for scope in CALENDAR_SCOPES} == set(document["auth"]["oauth2"]["scopes"])
