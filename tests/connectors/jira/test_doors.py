"""Jira by its two doors: the site's own address for plain tokens, Atlassian's gateway for all with scopes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from pydantic import SecretStr, ValidationError

from connectors.contract import Account, Credential, Refused, Terms, Unavailable
from connectors.jira.connector import Jira
from connectors.jira.doors import SCOPES
from connectors.jira.sandbox_auth import Atlassian
from connectors.jira.sandbox_site import Through
from connectors.jira.settings import Settings
from core.model import Entry
from daybook.testing import ContractSuite
from tests.connectors.consenting import BACK
from tests.connectors.jira.world import ALL, FRIDAY, READER, JiraWorld

READING = ("read:jira-user", "read:jira-work")
TENANT = "GET /_edge/tenant_info"


def entry(task: str) -> Entry:
    start = FRIDAY - timedelta(hours=2)
    return Entry(id="e-1", day=start.date(), start=start, minutes=45, target=f"jira:{task}", text="ACME call")


class GatewayWorld(JiraWorld):
    """The organisation reads with a service account's token, contributors write by OAuth."""

    def __init__(self) -> None:
        super().__init__()
        self.atlassian = Atlassian(self.site, clock=lambda: self.now)
        self.app = self.atlassian.desk.register("daybook", [BACK], SCOPES)
        self.there.revoke("reader")
        self.atlassian.add_api_token(READER, "scoped", READING)

    def trouble(self, kind: Any) -> bool:
        if kind == "connection revoked":
            self.atlassian.revoke("scoped")
            return True
        return super().trouble(kind)

    def credential(self, account: Account, *scopes: str) -> Credential:
        said = self.atlassian.consent(self.app, account.email, *(scopes or SCOPES))
        return Credential(kind="oauth", secret=SecretStr(said["access_token"]))

    def connector(self, tracked: Any = ALL, **settings: Any) -> Jira:
        return super().connector(
            tracked,
            **{
                "token": SecretStr("scoped"),
                "scoped": True,
                "authority": self.atlassian.url,
                "gateway": self.atlassian.url,
                "oauth": {"client": self.app.id, "secret": SecretStr(self.app.secret)},
            }
            | settings,
        )

    def by_the_front(self) -> list[str]:
        """What came to the site's own address, by endpoint."""
        return [name for name, request in self.site.heard if not isinstance(request, Through)]


@pytest.fixture
def world() -> Iterator[GatewayWorld]:
    world = GatewayWorld()
    world.site.start()
    world.atlassian.start()
    yield world
    world.atlassian.stop()
    world.site.stop()


class TestJiraByTheGateway(ContractSuite):
    """The whole contract, with a reading token that has scopes and writers by OAuth."""

    @pytest.fixture
    def connector(self, world: GatewayWorld) -> Jira:
        return world.connector()


def test_fact_14_nothing_but_the_cloud_id_is_asked_at_the_site_s_own_address(world: GatewayWorld) -> None:
    world.add(world.ada, "hers")
    jira = world.connector()
    assert world.walk(jira)
    jira.writer(world.ada, world.credential(world.ada)).post("key", entry(world.task))
    assert world.by_the_front() == [TENANT]
    told = next(request for name, request in world.site.heard if name == TENANT)
    assert "authorization" not in told.headers


def test_links_of_answers_lead_nowhere(world: GatewayWorld) -> None:
    """Fact 14 once more, where an answer names the other door: addresses are made of ids."""
    astray = f"{world.site.url}/rest/api/2/issue/10000/worklog/10000"
    world.site.twists["POST /issue/{issue}/worklog"] = lambda _, body: {**body, "self": astray}
    writer = world.connector().writer(world.ada, world.credential(world.ada))
    receipt = writer.post("key", entry(world.task))
    writer.withdraw(receipt)
    assert world.by_the_front() == [TENANT] and not world.there.worklogs


def test_a_contributor_s_consent_says_who_they_are(world: GatewayWorld) -> None:
    jira = world.connector()
    known = jira.identify(world.credential(world.ada), world.ada.email)
    assert (known.external, known.shown) == (world.ada.external, "Ada")
    assert jira.identify(world.credential(world.ben), world.ben.email).external == world.ben.external


def test_a_new_access_token_takes_the_place_of_the_old_one(world: GatewayWorld) -> None:
    jira = world.connector()
    for _ in range(3):
        credential = world.credential(world.ada)
        jira.writer(world.ada, credential).post("key", entry(world.task))
        world.pass_by(hours=1)
    assert len(world.there.worklogs) == 3
    assert len(jira._contributors) == 1


def test_a_consent_without_the_right_to_write_posts_nothing_and_says_which(world: GatewayWorld) -> None:
    writer = world.connector().writer(world.ada, world.credential(world.ada, *READING))
    with pytest.raises(Refused, match="write:jira-work") as caught:
        writer.post("key", entry(world.task))
    assert caught.value.whose == "account" and not world.there.worklogs


def test_a_consent_for_another_site_is_told_apart(world: GatewayWorld) -> None:
    world.atlassian.sites["elsewhere"] = world.site
    said = world.atlassian.consent(world.app, world.ada.email, *SCOPES, site="elsewhere")
    stray = Credential(kind="oauth", secret=SecretStr(said["access_token"]))
    with pytest.raises(Refused, match="choose this one") as caught:
        world.connector().identify(stray, world.ada.email)
    assert caught.value.whose == "account"


def test_a_reading_token_without_a_scope_stops_the_connection_and_says_which(world: GatewayWorld) -> None:
    world.atlassian.add_api_token(READER, "scoped", ["read:jira-user"])
    with pytest.raises(Refused, match="read:jira-work") as caught:
        world.walk(world.connector())
    assert caught.value.whose == "connection"


def test_fact_2_a_scoped_token_at_the_wrong_door_is_a_refusal_and_no_empty_day(world: GatewayWorld) -> None:
    world.add(world.ada, "hers")
    with pytest.raises(Refused) as caught:
        world.walk(world.connector(scoped=False))
    assert caught.value.whose == "connection"


@pytest.mark.parametrize("said", [{"cloudId": "../../v2"}, {"cloudId": 5}, {}, []])
def test_a_cloud_id_that_is_none_leads_nowhere(world: GatewayWorld, said: Any) -> None:
    world.site.twists[TENANT] = lambda *_: json.loads(json.dumps(said))
    with pytest.raises(Unavailable):
        world.walk(world.connector())
    assert world.by_the_front() == [TENANT]


def test_contributors_are_asked_for_the_least_that_posting_needs(world: GatewayWorld) -> None:
    authorization = world.connector().authorization
    assert authorization is not None and authorization.rotates and authorization.revoke is None
    assert authorization.lasts == timedelta(days=365)
    assert set(authorization.scopes) == {*READING, "write:jira-work", "offline_access"}
    assert authorization.extras == {"audience": "api.atlassian.com", "prompt": "consent"}
    assert world.connector(oauth=None).authorization is None


def test_the_real_addresses_are_atlassian_s() -> None:
    oauth = {"client": "c", "secret": SecretStr("s")}
    settings = Settings(
        site="https://northwind.atlassian.net", email=READER, token=SecretStr("t"), oauth=oauth
    )
    authorization = Jira("jira", settings, Terms()).authorization
    assert authorization is not None
    assert authorization.authorize == "https://auth.atlassian.com/authorize"
    assert authorization.token == "https://auth.atlassian.com/oauth/token"


def test_data_center_has_neither_scopes_nor_this_consent() -> None:
    for more in ({"scoped": True}, {"oauth": {"client": "c"}}):
        with pytest.raises(ValidationError, match="of Jira Cloud"):
            Settings(
                site="https://jira.northwind.example", deployment="data_center", token=SecretStr("t"), **more
            )
