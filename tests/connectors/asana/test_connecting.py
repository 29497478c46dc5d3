"""Contributors let Daybook write in Asana by OAuth, each under their own name."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import SecretStr

from connectors.asana.connector import Asana
from connectors.asana.sandbox_records import Workspace
from connectors.asana.settings import Settings
from connectors.contract import Account, Credential, Refused, Terms
from daybook.testing import ContractSuite
from tests.connectors.asana.world import PAGE, AsanaWorld
from tests.connectors.consenting import BACK

OAUTH = {"client": "daybook", "secret": SecretStr("secret")}


class ConsentingWorld(AsanaWorld):
    """Contributors connected by OAuth."""

    def address(self, account: Account) -> str:
        return next(user.email for user in self.site.emails.values() if user.gid == account.external)

    def credential(self, account: Account) -> Credential:
        app = self.site.desk.apps.get("daybook") or self.site.register("daybook", [BACK])
        said = self.site.consent(app, self.address(account))
        return Credential(kind="oauth", secret=SecretStr(said["access_token"]))


@pytest.fixture
def world() -> Iterator[ConsentingWorld]:
    world = ConsentingWorld()
    world.site.page = PAGE
    yield world
    world.site.stop()


class TestAsanaByConsent(ContractSuite):
    """The whole contract, with writers by OAuth."""


def test_fact_2_a_consent_says_whose_it_is(world: ConsentingWorld) -> None:
    asana = world.connector()
    known = asana.identify(world.credential(world.ada), "ada@example.test")
    assert (known.external, known.shown) == (world.ada.external, "Ada")
    assert asana.identify(world.credential(world.ben), "ada@example.test").external == world.ben.external


def test_a_consent_taken_back_is_its_owner_s_to_repair(world: ConsentingWorld) -> None:
    credential = world.credential(world.ada)
    world.site.deauthorize(world.address(world.ada))
    with pytest.raises(Refused) as caught:
        world.connector().identify(credential, world.ada.email)
    assert caught.value.whose == "account"


@pytest.mark.parametrize(
    ("endpoint", "root"),
    [
        ("https://app.asana.com/api/1.0", "https://app.asana.com"),
        ("http://127.0.0.1:8001/api/1.0", "http://127.0.0.1:8001"),
    ],
)
def test_fact_3_all_rights_are_asked_for_because_no_fewer_write_time(endpoint: str, root: str) -> None:
    settings: dict[str, Any] = {"token": SecretStr("t"), "endpoint": endpoint, "oauth": OAUTH}
    authorization = Asana("asana", Settings.model_validate(settings), Terms()).authorization
    assert authorization is not None and authorization.scopes == ("default",)
    assert "for everything you may do there" in authorization.sweeping  # said before the press
    assert authorization.authorize == f"{root}/-/oauth_authorize"
    assert authorization.token == f"{root}/-/oauth_token"
    assert authorization.revoke == f"{root}/-/oauth_revoke"


def test_without_a_registration_there_is_nothing_to_consent_to(world: ConsentingWorld) -> None:
    assert world.connector().authorization is None


def test_a_check_says_what_the_reading_token_sees_besides(world: ConsentingWorld) -> None:
    asana = world.connector(workspace=world.site.workspace.gid)
    assert asana.check().excess == ()
    world.site.tokens["otto-token"].workspaces.append(Workspace("77", "Elsewhere", []))
    assert asana.check().excess == ("sight of 1 more workspaces: take the account out of them",)
