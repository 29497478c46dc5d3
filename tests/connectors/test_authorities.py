"""OAuth as we speak it, with each connector's own authorization, against each tool's own server."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import SecretStr

from connectors.asana.connector import Asana
from connectors.asana.sandbox import AsanaSite
from connectors.asana.settings import Settings as AsanaSettings
from connectors.contract import Connector, Credential, Refused, Terms
from connectors.jira.connector import Jira
from connectors.jira.doors import SCOPES
from connectors.jira.sandbox import JiraSite
from connectors.jira.sandbox_auth import Atlassian
from connectors.jira.settings import Settings as JiraSettings
from connectors.manners import Manners
from connectors.oauth import Authority, Tokens, WebAuthority, question
from connectors.stand_in import StandIn
from connectors.stand_in_consent import App
from tests.connectors.consenting import BACK, VERIFIER, brought_back, pressed

ADA = "ada@example.com"
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


@dataclass
class Tool:
    connector: Connector
    authority: Authority
    ada: str
    now: list[datetime]

    def consented(self) -> Tokens:
        url = question(self.authority.authorization, BACK, "state", VERIFIER)
        back = brought_back(pressed(url, ADA))
        assert back["state"] == "state"
        return self.authority.exchange(back["code"], VERIFIER, BACK)

    def whose(self, tokens: Tokens) -> str:
        return self.connector.identify(Credential(kind="oauth", secret=tokens.access), ADA).external


def oauth(app: App) -> dict[str, Any]:
    return {"client": app.id, "secret": SecretStr(app.secret)}


def jira(now: list[datetime], started: list[StandIn]) -> tuple[Connector, str]:
    site = JiraSite(clock=lambda: now[0])
    ada = site.world.add_user(ADA, "ada-token", "Ada")
    atlassian = Atlassian(site, clock=lambda: now[0])
    started += [site, atlassian]
    url = {one: one.start() for one in started}
    settings = {
        "site": url[site],
        "email": ADA,
        "token": SecretStr("t"),
        "authority": url[atlassian],
        "gateway": url[atlassian],
        "oauth": oauth(atlassian.desk.register("daybook", [BACK], SCOPES)),
    }
    return Jira("jira", JiraSettings.model_validate(settings), Terms()), ada


def asana(now: list[datetime], started: list[StandIn]) -> tuple[Connector, str]:
    site = AsanaSite(clock=lambda: now[0])
    ada = site.add_user(ADA, "ada-token", "Ada")
    started.append(site)
    settings = {
        "endpoint": f"{site.start()}/api/1.0",
        "token": SecretStr("t"),
        "oauth": oauth(site.register("daybook", [BACK])),
    }
    return Asana("asana", AsanaSettings.model_validate(settings), Terms()), ada


@pytest.fixture(params=[jira, asana])
def tool(request: Any) -> Iterator[Tool]:
    now, started = [NOW], list[StandIn]()
    connector, ada = request.param(now, started)
    assert connector.authorization is not None
    authority = WebAuthority(connector.name, connector.authorization, lambda: now[0], Manners())
    yield Tool(connector, authority, ada, now)
    for one in started:
        one.stop()


def test_a_contributor_presses_allow_and_is_known_by_what_comes_of_it(tool: Tool) -> None:
    tokens = tool.consented()
    assert tool.whose(tokens) == tool.ada
    assert tokens.refresh is not None
    assert timedelta(minutes=50) < tokens.expires_at - tool.now[0] <= timedelta(hours=1)


def test_an_hour_later_it_is_renewed_and_rotates_where_it_says_so(tool: Tool) -> None:
    first = tool.consented()
    assert first.refresh is not None
    tool.now[0] += timedelta(hours=1)
    with pytest.raises(Refused):
        tool.whose(first)
    second = tool.authority.refresh(first.refresh)
    assert tool.whose(second) == tool.ada
    assert (second.refresh is not None) == tool.authority.authorization.rotates


def test_what_is_given_back_is_gone_where_the_tool_takes_it_back(tool: Tool) -> None:
    tokens = tool.consented()
    assert tokens.refresh is not None
    tool.authority.revoke(tokens.refresh)
    if tool.authority.authorization.revoke is None:
        assert tool.whose(tokens) == tool.ada
        return
    with pytest.raises(Refused) as caught:
        tool.authority.refresh(tokens.refresh)
    assert caught.value.whose == "account"
    tool.authority.revoke(tokens.refresh)  # once more is fine


def test_a_code_that_is_spent_is_the_contributor_s_and_a_wrong_secret_the_administrator_s(tool: Tool) -> None:
    with pytest.raises(Refused) as spent:
        tool.authority.exchange("nothing", VERIFIER, BACK)
    assert spent.value.whose == "account"
    wrong = tool.authority.authorization.model_copy(update={"secret": SecretStr("wrong")})
    with pytest.raises(Refused) as refused:
        WebAuthority("Tool", wrong, lambda: NOW, Manners()).exchange("nothing", VERIFIER, BACK)
    assert refused.value.whose == "connection"
