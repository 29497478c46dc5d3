"""Clients that nobody here wrote connect a person by OAuth, and are refused in words they understand."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.google_calendar.sandbox import CalendarSite
from connectors.google_calendar.sandbox_auth import EMAIL
from connectors.google_calendar.sandbox_tokens import SCOPE
from connectors.jira.sandbox import JiraSite
from connectors.jira.sandbox_auth import OFFLINE, SCOPES, Atlassian
from tests.connectors.consenting import BACK, brought_back, pressed
from tests.foreign.conftest import Strange, serving

ADA = "ada@example.test"
READ = f"{SCOPE}calendar.events.owned.readonly"


def test_jira_js_connects_finds_the_site_and_keeps_the_rotated_token(node: Strange) -> None:
    site = JiraSite()
    ada = site.world.add_user(ADA, "ada-token", "Ada")
    atlassian = Atlassian(site)
    app = atlassian.desk.register("stranger", [BACK], [*SCOPES, OFFLINE])
    with serving(site), serving(atlassian):
        given = {
            "ADDRESS": atlassian.url,
            "SITE": site.url,
            "CLIENT_ID": app.id,
            "CLIENT_SECRET": app.secret,
            "BACK": BACK,
            "STATE": "s",
        }
        back = brought_back(pressed(node("jira_consent.mjs", **given)["url"], ADA))
        assert back["state"] == "s"
        said = node("jira_consent.mjs", **given, CODE=back["code"])
    assert (said["me"], said["rotated"]) == (ada, True)
    assert "403" in said["refused"] and "refresh_token is invalid" in said["refused"]


def test_googles_node_client_connects_renews_and_gives_back(node: Strange) -> None:
    site = CalendarSite()
    site.add_user(ADA)
    app = site.register("stranger.apps.googleusercontent.com", [BACK])
    with serving(site):
        given = {
            "ADDRESS": site.url,
            "CLIENT_ID": app.id,
            "CLIENT_SECRET": app.secret,
            "BACK": BACK,
            "STATE": "s",
            "SCOPE": f"{READ} email",
        }
        asked = node("calendar_consent.mjs", **given)
        back = brought_back(pressed(asked["url"], ADA))
        said = node("calendar_consent.mjs", **given, CODE=back["code"], VERIFIER=asked["verifier"])
    assert said["email"] == ADA and set(said["scopes"]) == {READ, EMAIL}
    assert said["refreshed"] and said["refused"] == 400


def test_googles_python_client_connects_renews_and_reads(monkeypatch: pytest.MonkeyPatch) -> None:
    """What google-auth-oauthlib does inside: requests-oauthlib with HTTP Basic, then google-auth."""
    from google.auth.transport.requests import AuthorizedSession
    from google.oauth2.credentials import Credentials
    from requests_oauthlib import OAuth2Session  # type: ignore[import-untyped]

    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")
    site = CalendarSite()
    site.add_user(ADA)
    app = site.register("stranger.apps.googleusercontent.com", [BACK])
    with serving(site):
        token_uri = f"{site.url}/token"
        flow = OAuth2Session(app.id, redirect_uri=BACK, scope=[READ], pkce="S256")
        url, _ = flow.authorization_url(f"{site.url}/o/oauth2/v2/auth", access_type="offline")
        code = brought_back(pressed(url, ADA))["code"]
        fetched: dict[str, Any] = flow.fetch_token(token_uri, code=code, client_secret=app.secret)
        flow.close()
        person = Credentials(
            None,
            refresh_token=fetched["refresh_token"],
            token_uri=token_uri,
            client_id=app.id,
            client_secret=app.secret,
            scopes=[READ],
        )
        with AuthorizedSession(person) as http:
            answer = http.get(f"{site.url}/calendar/v3/calendars/primary/events", timeout=60)
    assert answer.json()["kind"] == "calendar#events"
    assert person.granted_scopes == [READ]
