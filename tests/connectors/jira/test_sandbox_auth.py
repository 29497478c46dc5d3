"""Atlassian's accounts as they are: tokens that rotate, and a gateway beside the site's own address."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests
from requests_oauthlib import OAuth2Session  # type: ignore[import-untyped]

from connectors.jira.sandbox import JiraSite
from connectors.jira.sandbox_auth import OFFLINE, SCOPES, Atlassian, scope_of
from connectors.jira.sandbox_site import Site
from connectors.stand_in_consent import App
from tests.connectors.consenting import BACK, address, brought_back, opened, pressed
from tests.connectors.jira.site import STARTED, Clock, Town, town

ADA, BEN = "ada@example.com", "ben@example.com"
HOUR = {"started": STARTED, "timeSpentSeconds": 3600}
ALL = f"read:jira-user read:jira-work write:jira-work {OFFLINE}"


@dataclass
class Accounts:
    atlassian: Atlassian
    app: App
    town: Town

    @property
    def site(self) -> JiraSite:
        return self.town.site

    @property
    def clock(self) -> Clock:
        return self.town.clock

    def tokens(self, email: str = ADA, scope: str = ALL) -> dict[str, Any]:
        url = address(
            f"{self.atlassian.url}/authorize",
            self.app.id,
            scope=scope,
            audience="api.atlassian.com",
            prompt="consent",
        )
        code = brought_back(pressed(url, email))["code"]
        return dict(self.asked(grant_type="authorization_code", code=code, redirect_uri=BACK).json())

    def asked(self, **said: str) -> requests.Response:
        who = {"client_id": self.app.id, "client_secret": self.app.secret}
        return requests.post(f"{self.atlassian.url}/oauth/token", json={**who, **said}, timeout=60)

    def refreshed(self, token: str) -> requests.Response:
        return self.asked(grant_type="refresh_token", refresh_token=token)

    def call(
        self, token: str, path: str, method: str = "GET", body: Any = None, cloud: str = ""
    ) -> requests.Response:
        root = f"{self.atlassian.url}/ex/jira/{cloud or self.site.cloud_id}/rest/api/3"
        head = {"Authorization": f"Bearer {token}"}
        return requests.request(method, root + path, json=body, headers=head, timeout=60)


@pytest.fixture
def accounts() -> Iterator[Accounts]:
    with town() as there:
        atlassian = Atlassian(there.site, clock=there.clock)
        app = atlassian.desk.register("daybook", [BACK], [*SCOPES, OFFLINE])
        atlassian.start()
        yield Accounts(atlassian, app, there)
        atlassian.stop()


def test_a_token_acts_as_its_person_through_the_gateway_for_an_hour(accounts: Accounts) -> None:
    said = accounts.tokens()
    assert (said["token_type"], said["expires_in"]) == ("Bearer", 3600)
    me = accounts.call(said["access_token"], "/myself")
    assert me.json()["accountId"] == me.headers["X-AAccountId"] == accounts.town.ada
    assert me.json()["self"].startswith(f"{accounts.atlassian.url}/ex/jira/{accounts.site.cloud_id}/rest/")
    assert accounts.call(said["access_token"], "/issue/ACME-1/worklog", "POST", HOUR).status_code == 201
    accounts.clock.pass_by(hours=1)
    gone = accounts.call(said["access_token"], "/myself")
    assert (gone.status_code, gone.json()) == (401, {"code": 401, "message": "Unauthorized"})


def test_fact_14_at_the_site_s_own_address_an_oauth_token_is_nobody_s(accounts: Accounts) -> None:
    root = f"{accounts.site.url}/rest/api/3"
    head = {"Authorization": f"Bearer {accounts.tokens()['access_token']}"}
    assert requests.get(f"{root}/myself", headers=head, timeout=60).status_code == 401
    found = requests.get(f"{root}/project/search", headers=head, timeout=60)
    assert (found.status_code, found.json()["values"]) == (200, [])
    assert found.headers["x-seraph-loginreason"] == "AUTHENTICATED_FAILED"


def test_fact_14_a_service_account_s_scoped_token_works_through_the_gateway_alone(accounts: Accounts) -> None:
    email = "robot@serviceaccount.example"
    robot = accounts.site.world.add_user(email, "classic", "Robot", kind="app")
    accounts.site.world.revoke("classic")
    accounts.atlassian.add_api_token(email, "scoped", ["read:jira-user", "read:jira-work"])
    gateway = f"{accounts.atlassian.url}/ex/jira/{accounts.site.cloud_id}/rest/api/3"
    me = requests.get(f"{gateway}/myself", auth=(email, "scoped"), timeout=60).json()
    assert (me["accountId"], me["accountType"]) == (robot, "app")
    here = f"{accounts.site.url}/rest/api/3/project/search"
    assert requests.get(here, auth=(email, "scoped"), timeout=60).json()["values"] == []
    assert requests.get(f"{gateway}/project/search", auth=(email, "scoped"), timeout=60).json()["values"]
    short = requests.post(f"{gateway}/issue/ACME-1/worklog", json=HOUR, auth=(email, "scoped"), timeout=60)
    assert short.json() == {"code": 401, "message": "Unauthorized; scope does not match"}
    nobody = requests.get(f"{gateway}/project/search", auth=(email, "wrong"), timeout=60)
    assert (nobody.status_code, nobody.json()["values"]) == (200, [])


def test_a_classic_token_is_unknown_at_the_gateway(accounts: Accounts) -> None:
    gateway = f"{accounts.atlassian.url}/ex/jira/{accounts.site.cloud_id}/rest/api/3"
    assert requests.get(f"{gateway}/myself", auth=(ADA, "ada-token"), timeout=60).status_code == 401


def test_where_the_site_is_comes_from_the_site_or_from_the_token(accounts: Accounts) -> None:
    told = requests.get(f"{accounts.site.url}/_edge/tenant_info", timeout=60).json()
    head = {"Authorization": f"Bearer {accounts.tokens()['access_token']}"}
    root = f"{accounts.atlassian.url}/oauth/token/accessible-resources"
    (resource,) = requests.get(root, headers=head, timeout=60).json()
    assert resource["id"] == told["cloudId"] and resource["url"] == accounts.site.url
    assert resource["scopes"] == ["read:jira-user", "read:jira-work", "write:jira-work"]
    assert requests.get(root, timeout=60).status_code == 401


def test_no_other_site_opens_to_a_token(accounts: Accounts) -> None:
    token = accounts.tokens()["access_token"]
    assert accounts.call(token, "/myself", cloud="another-cloud").status_code == 404


@pytest.mark.parametrize(
    ("scope", "method", "path", "body"),
    [
        ("read:jira-work", "GET", "/myself", None),
        ("read:jira-user", "GET", "/issue/ACME-1", None),
        ("read:jira-work read:jira-user", "POST", "/issue/ACME-1/worklog", HOUR),
    ],
)
def test_a_missing_scope_is_a_401_that_says_so(
    accounts: Accounts, scope: str, method: str, path: str, body: Any
) -> None:
    answer = accounts.call(accounts.tokens(scope=scope)["access_token"], path, method, body)
    assert answer.json() == {"code": 401, "message": "Unauthorized; scope does not match"}


def test_without_offline_access_there_is_nothing_to_refresh_with(accounts: Accounts) -> None:
    assert "refresh_token" not in accounts.tokens(scope="read:jira-user")


def test_each_refresh_brings_a_new_token_and_the_old_one_has_ten_minutes(accounts: Accounts) -> None:
    first = accounts.tokens()["refresh_token"]
    second = accounts.refreshed(first).json()["refresh_token"]
    assert second != first
    accounts.clock.pass_by(minutes=10)
    third = accounts.refreshed(first)  # a worker that had not heard of the second
    assert third.status_code == 200
    assert accounts.refreshed(second).status_code == 200


def test_a_used_token_that_turns_up_late_ends_its_whole_family(accounts: Accounts) -> None:
    first = accounts.tokens()["refresh_token"]
    second = accounts.refreshed(first).json()["refresh_token"]
    accounts.clock.pass_by(minutes=11)
    late = accounts.refreshed(first)
    assert (late.status_code, late.json()["error"]) == (403, "unauthorized_client")
    assert late.json()["error_description"] == "refresh_token is invalid"
    assert accounts.refreshed(second).status_code == 403


def test_a_refresh_token_dies_of_ninety_idle_days_and_of_a_year_however_busy(accounts: Accounts) -> None:
    idle = accounts.tokens()["refresh_token"]
    accounts.clock.pass_by(days=91)
    assert accounts.refreshed(idle).status_code == 403
    busy, days = accounts.tokens()["refresh_token"], 0
    while (answer := accounts.refreshed(busy)).status_code == 200:
        busy, days = answer.json()["refresh_token"], days + 60
        accounts.clock.pass_by(days=60)
    assert 365 <= days + 60 <= 480


def test_what_a_person_takes_back_is_gone_at_once(accounts: Accounts) -> None:
    said = accounts.tokens()
    accounts.atlassian.disconnect(ADA)
    assert accounts.call(said["access_token"], "/myself").status_code == 401
    assert accounts.refreshed(said["refresh_token"]).status_code == 403
    accounts.tokens()
    assert accounts.refreshed(said["refresh_token"]).status_code == 403


def test_a_second_site_joins_the_same_grant(accounts: Accounts) -> None:
    other = Site(clock=accounts.clock)
    other.cloud_id = "second-cloud"
    other.world.add_user(ADA, "x", "Ada")
    accounts.atlassian.sites[other.cloud_id] = other
    other.start()
    first = accounts.tokens()["access_token"]
    assert accounts.call(first, "/myself", cloud="second-cloud").status_code == 404
    url = address(
        f"{accounts.atlassian.url}/authorize",
        accounts.app.id,
        scope=ALL,
        audience="api.atlassian.com",
        prompt="consent",
    )
    code = brought_back(pressed(url, ADA, site=["second-cloud"]))["code"]
    accounts.asked(grant_type="authorization_code", code=code, redirect_uri=BACK)
    head = {"Authorization": f"Bearer {first}"}
    root = f"{accounts.atlassian.url}/oauth/token/accessible-resources"
    assert len(requests.get(root, headers=head, timeout=60).json()) == 2
    other.stop()


@pytest.mark.parametrize("left_out", ["audience", "prompt"])
def test_what_atlassian_asks_for_besides_has_to_be_there(accounts: Accounts, left_out: str) -> None:
    params = {"scope": ALL, "audience": "api.atlassian.com", "prompt": "consent"} | {left_out: ""}
    assert (
        opened(address(f"{accounts.atlassian.url}/authorize", accounts.app.id, **params)).status_code == 400
    )


def test_faults_of_the_site_reach_who_comes_through_the_gateway(accounts: Accounts) -> None:
    token = accounts.tokens()["access_token"]
    accounts.site.faults.script("GET /rest/api/3/myself", "503", "drop-after")
    assert accounts.call(token, "/myself").status_code == 503
    with pytest.raises(requests.ConnectionError):
        accounts.call(token, "/myself")


def test_the_scope_of_every_route_is_what_the_official_description_says(shared: Path) -> None:
    import re

    document = json.loads((shared / "specs" / "jira-cloud-v3.json").read_text("utf-8"))
    described = {re.sub(r"\{\w+\}", "{}", path): item for path, item in document["paths"].items()}
    judged = 0
    for method, pattern, _, _ in JiraSite()._routes:
        operation = described.get(re.sub(r"\{\w+\}", "{}", pattern), {}).get(method.lower())
        if operation is None:
            continue
        (wanted,) = [one["OAuth2"] for one in operation["security"] if "OAuth2" in one]
        assert [scope_of(method, pattern)] == (wanted or [""]), pattern
        judged += 1
    assert judged > 25


def test_requests_oauthlib_connects_and_refreshes(
    accounts: Accounts, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A client nobody here wrote: it sends a form, with PKCE, and keeps the rotated token by itself."""
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")
    root = accounts.atlassian.url
    kept: list[dict[str, Any]] = []
    proof = {"client_id": accounts.app.id, "client_secret": accounts.app.secret}
    stranger = OAuth2Session(
        accounts.app.id,
        redirect_uri=BACK,
        scope=ALL.split(),
        pkce="S256",
        auto_refresh_url=f"{root}/oauth/token",
        auto_refresh_kwargs=proof,
        token_updater=kept.append,
    )
    url, state = stranger.authorization_url(
        f"{root}/authorize", audience="api.atlassian.com", prompt="consent"
    )
    back = brought_back(pressed(url, ADA))
    assert back["state"] == state
    first = stranger.fetch_token(
        f"{root}/oauth/token",
        code=back["code"],
        client_secret=accounts.app.secret,
        include_client_id=True,
    )
    me = f"{root}/ex/jira/{accounts.site.cloud_id}/rest/api/3/myself"
    assert stranger.get(me, timeout=60).json()["accountId"] == accounts.town.ada
    stranger.token = {**first, "expires_in": -1, "expires_at": 1}
    assert stranger.get(me, timeout=60).json()["accountId"] == accounts.town.ada
    (second,) = kept
    assert second["refresh_token"] != first["refresh_token"]
    stranger.close()
