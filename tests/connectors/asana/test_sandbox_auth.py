"""Asana's accounts as they are: an hour's token, a refresh token for good, and scopes that open little."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
import yaml
from requests_oauthlib import OAuth2Session  # type: ignore[import-untyped]

from connectors.asana.sandbox import AsanaSite
from connectors.asana.sandbox_auth import FULL, scope_of
from connectors.asana.sandbox_front import ROOT
from connectors.stand_in_consent import App
from tests.connectors.consenting import BACK, address, brought_back, opened, pressed

ADA, BEN = "ada@example.test", "ben@example.test"
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


class Accounts:
    def __init__(self) -> None:
        self.now = NOW
        self.site = AsanaSite(clock=lambda: self.now)
        self.ada = self.site.add_user(ADA, "ada-token", "Ada")
        self.site.add_user(BEN, "ben-token", "Ben")
        self.board = self.site.add_project("Board", members=[self.ada])
        self.task = self.site.add_task(self.board, "Draw", self.ada, created=NOW)
        self.url = self.site.start()
        self.app: App = self.site.register("daybook", [BACK])

    def tokens(self, scope: str = FULL) -> dict[str, Any]:
        url = address(f"{self.url}/-/oauth_authorize", self.app.id, scope=scope)
        code = brought_back(pressed(url, ADA))["code"]
        return dict(self.asked(grant_type="authorization_code", code=code, redirect_uri=BACK).json())

    def asked(self, at: str = "oauth_token", **said: str) -> requests.Response:
        who = {"client_id": self.app.id, "client_secret": self.app.secret}
        return requests.post(f"{self.url}/-/{at}", data={**who, **said}, timeout=60)

    def refreshed(self, token: str) -> requests.Response:
        return self.asked(grant_type="refresh_token", refresh_token=token)

    def call(self, token: str, path: str, method: str = "GET", body: Any = None) -> requests.Response:
        head = {"Authorization": f"Bearer {token}"}
        return requests.request(method, self.url + ROOT + path, json=body, headers=head, timeout=60)


@pytest.fixture
def accounts() -> Iterator[Accounts]:
    accounts = Accounts()
    yield accounts
    accounts.site.stop()


def test_fact_2_an_entry_belongs_to_whoever_s_token_wrote_it(accounts: Accounts) -> None:
    said = accounts.tokens()
    assert (said["token_type"], said["expires_in"]) == ("bearer", 3600)
    assert said["data"] == {"id": accounts.ada, "gid": accounts.ada, "name": "Ada", "email": ADA}
    body = {"data": {"duration_minutes": 30, "entered_on": "2026-11-20"}}
    path = f"/tasks/{accounts.task}/time_tracking_entries"
    assert accounts.call(said["access_token"], path, "POST", body).status_code == 201
    assert [(e.user, e.day) for e in accounts.site.time_entries] == [(accounts.ada, date(2026, 11, 20))]


def test_an_access_token_lasts_an_hour_and_a_refresh_token_for_good(accounts: Accounts) -> None:
    said = accounts.tokens()
    accounts.now += timedelta(hours=1)
    assert accounts.call(said["access_token"], "/users/me").status_code == 401
    accounts.now += timedelta(days=500)
    for _ in range(2):
        again = accounts.refreshed(said["refresh_token"]).json()
        assert "refresh_token" not in again  # told once
        assert accounts.call(again["access_token"], "/users/me").status_code == 200


def test_only_a_refresh_token_can_be_given_back(accounts: Accounts) -> None:
    said = accounts.tokens()
    assert accounts.asked("oauth_revoke", token=said["access_token"]).status_code == 400
    assert accounts.call(said["access_token"], "/users/me").status_code == 200
    assert accounts.asked("oauth_revoke", token=said["refresh_token"]).status_code == 200
    assert accounts.call(said["access_token"], "/users/me").status_code == 401
    gone = accounts.refreshed(said["refresh_token"])
    assert (gone.status_code, gone.json()["error"]) == (400, "invalid_grant")


def test_who_deauthorizes_an_application_ends_it_at_once(accounts: Accounts) -> None:
    said = accounts.tokens()
    accounts.site.deauthorize(ADA)
    assert accounts.call(said["access_token"], "/users/me").status_code == 401
    assert accounts.refreshed(said["refresh_token"]).json()["error"] == "invalid_grant"


def test_fact_3_no_single_scope_writes_time_or_reads_events_and_sections(accounts: Accounts) -> None:
    scopes = ["tasks:read", "time_tracking_entries:read", "projects:read"]
    accounts.app = accounts.site.register("reader", [BACK], scopes)
    token = accounts.tokens(" ".join(scopes))["access_token"]
    entries = f"/tasks/{accounts.task}/time_tracking_entries"
    assert accounts.call(token, entries).status_code == 200
    assert accounts.call(token, entries, "POST", {"data": {"duration_minutes": 5}}).status_code == 403
    assert accounts.call(token, f"/events?resource={accounts.board}").status_code == 403
    assert accounts.call(token, f"/projects/{accounts.board}/sections").status_code == 403
    assert accounts.call(token, "/users/me").status_code == 403
    assert not accounts.site.time_entries


def test_an_application_gets_no_scope_it_was_not_registered_with(accounts: Accounts) -> None:
    url = address(f"{accounts.url}/-/oauth_authorize", accounts.app.id, scope="tasks:read")
    assert opened(url).status_code == 400 and "forbidden_scopes" in opened(url).text


def test_the_scope_of_every_route_is_what_the_official_description_says(shared: Path) -> None:
    document = yaml.load((shared / "specs" / "asana.yaml").read_text("utf-8"), yaml.CSafeLoader)
    judged = 0
    for method, pattern, _, _ in accounts_routes():
        path = pattern.removeprefix(ROOT)
        ways = document["paths"][path][method.lower()]["security"]
        (wanted,) = [way["oauth2"] for way in ways if "oauth2" in way]
        assert [scope_of(method, path)] == (wanted or [FULL]), f"{method} {path}"
        judged += 1
    assert judged > 25


def accounts_routes() -> list[Any]:
    return [one for one in AsanaSite()._routes if one[1].startswith(ROOT)]


def test_requests_oauthlib_connects_and_refreshes(
    accounts: Accounts, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A client nobody here wrote; it keeps the refresh token that the second answer does not repeat."""
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")
    stranger = OAuth2Session(accounts.app.id, redirect_uri=BACK, scope=[FULL], pkce="S256")
    url, _ = stranger.authorization_url(f"{accounts.url}/-/oauth_authorize")
    code = brought_back(pressed(url, ADA))["code"]
    token = f"{accounts.url}/-/oauth_token"
    proof = {"client_secret": accounts.app.secret, "include_client_id": True}
    first = stranger.fetch_token(token, code=code, **proof)
    accounts.now += timedelta(hours=2)
    secret = {"client_id": accounts.app.id, "client_secret": accounts.app.secret}
    second = stranger.refresh_token(token, **secret)
    assert second["refresh_token"] == first["refresh_token"]
    assert stranger.get(f"{accounts.url}{ROOT}/users/me", timeout=60).json()["data"]["gid"] == accounts.ada
    stranger.close()
