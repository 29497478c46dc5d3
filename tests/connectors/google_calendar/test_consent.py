"""Where no organisation delegates, each contributor lets us read their own calendar, and no other (S-17)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from pydantic import SecretStr, ValidationError

from connectors.contract import Account, Credential, Refused, Terms
from connectors.google_calendar import connector as module
from connectors.google_calendar.connector import GoogleCalendar
from connectors.google_calendar.consent import EMAIL
from connectors.google_calendar.sandbox_tokens import SCOPE
from connectors.google_calendar.settings import Settings
from connectors.manners import Manners
from connectors.oauth import WebAuthority, question
from daybook.testing import ContractSuite, Trouble
from tests.connectors.consenting import BACK, VERIFIER, brought_back, pressed
from tests.connectors.google_calendar.world import EVERYTHING, HOUR, CalendarWorld

READ = "calendar.events.owned.readonly"
TITLES = EVERYTHING - {"labels"}


class LendingWorld(CalendarWorld):
    """Nothing is delegated; Ada and Ben each allow it."""

    def __init__(self) -> None:
        super().__init__()
        self.site.delegate()
        self.app = self.site.register("daybook.apps.googleusercontent.com", [BACK])
        self.ada, self.ben = (self.lending(one) for one in (CalendarWorld.ada, CalendarWorld.ben))

    def lending(self, account: Account, *scopes: str) -> Account:
        credential = self.lent(account.external, *scopes)
        return replace(account, credential=credential)

    def lent(self, email: str, *scopes: str) -> Credential:
        rights = frozenset(SCOPE + scope for scope in scopes or (READ, "calendar.calendars.readonly"))
        token = self.site.tokens.access(email, rights | {EMAIL}, self.app.id)
        return Credential(kind="oauth", secret=SecretStr(token))

    def trouble(self, kind: Trouble) -> bool:
        return kind not in ("expired", "connection revoked") and super().trouble(kind)

    def connector(self, tracked: frozenset[str] = EVERYTHING, **settings: Any) -> GoogleCalendar:
        written = {
            "key": None,
            "oauth": {"client": self.app.id, "secret": SecretStr(self.app.secret)},
            "consent": f"{self.url}/o/oauth2/v2/auth",
            "tokens": self.url,
        }
        return super().connector(tracked, **(written | settings))


@pytest.fixture
def world() -> Iterator[LendingWorld]:
    world = LendingWorld()
    yield world
    world.close()


class TestACalendarThatItsOwnerLends(ContractSuite):
    """The whole contract, each read with a token of their own."""

    @pytest.fixture
    def connector(self, world: LendingWorld, monkeypatch: pytest.MonkeyPatch) -> GoogleCalendar:
        monkeypatch.setattr(module, "MOST_EVENTS", world.page_size)
        return world.connector()


def pulled(world: LendingWorld, account: Account) -> Any:
    calendar = world.connector(TITLES)
    (partition,) = calendar.partitions([account])
    return calendar.pull(partition, world.window, None)


def test_S17_nobody_is_read_who_did_not_allow_it(world: LendingWorld) -> None:
    calendar = world.connector()
    assert calendar.abilities.lent and not calendar.abilities.knows_addresses
    with pytest.raises(Refused) as caught:
        pulled(world, CalendarWorld.ada)
    assert caught.value.whose == "account" and not world.site.asked


def test_S17_the_least_is_asked_for_and_nothing_is_delegated(world: LendingWorld) -> None:
    authorization = world.connector(TITLES).authorization
    assert authorization is not None and authorization.scopes == (SCOPE + READ, EMAIL)
    assert authorization.extras == {"access_type": "offline", "prompt": "consent"}
    assert world.connector(TITLES).check().missing == ()
    assert CalendarWorld.connector(world).authorization is None


def test_a_token_that_ended_is_its_owner_s_to_repair_and_is_not_fetched_anew(world: LendingWorld) -> None:
    world.now += 2 * HOUR
    with pytest.raises(Refused) as caught:
        pulled(world, world.ada)
    assert caught.value.whose == "account"
    assert world.site.counts["POST /token"] == 0


def test_a_right_that_was_unticked_is_its_owner_s_too(world: LendingWorld) -> None:
    with pytest.raises(Refused, match="leave everything ticked") as caught:
        pulled(world, world.lending(CalendarWorld.ada, "calendar.app.created"))
    assert caught.value.whose == "account"


def test_a_contributor_presses_allow_and_is_known_by_their_address(world: LendingWorld) -> None:
    calendar = world.connector(TITLES)
    assert calendar.authorization is not None
    authority = WebAuthority("Google", calendar.authorization, lambda: world.now, Manners())
    url = question(calendar.authorization, BACK, "state", VERIFIER)
    for _ in range(2):  # a second consent brings a refresh token as well
        code = brought_back(pressed(url, world.ada.external))["code"]
        tokens = authority.exchange(code, VERIFIER, BACK)
        assert tokens.refresh is not None and set(tokens.scopes or ()) == {SCOPE + READ, EMAIL}
    credential = Credential(kind="oauth", secret=tokens.access)
    known = calendar.identify(credential, "")
    assert known.external == known.shown == world.ada.external
    assert tokens.refresh is not None
    world.now += timedelta(hours=1)
    renewed = authority.refresh(tokens.refresh)
    assert renewed.refresh is None
    credential = Credential(kind="oauth", secret=renewed.access)
    world.meeting("Planning")
    page = pulled(world, replace(world.ada, credential=credential))
    assert len(page.sightings) == 1
    authority.revoke(tokens.refresh)
    with pytest.raises(Refused):
        calendar.identify(credential, "")


def test_a_token_given_to_another_application_names_nobody(world: LendingWorld) -> None:
    stray = world.site.tokens.access(world.ada.external, frozenset({EMAIL}), "another")
    for token in (stray, "ya29.nothing"):
        with pytest.raises(Refused) as caught:
            world.connector().identify(Credential(kind="oauth", secret=SecretStr(token)), "")
        assert caught.value.whose == "account"


def test_without_the_address_nobody_knows_whose_calendar_it_is(world: LendingWorld) -> None:
    token = world.site.tokens.access(world.ada.external, frozenset({SCOPE + READ}), world.app.id)
    with pytest.raises(Refused, match="whose calendar"):
        world.connector().identify(Credential(kind="oauth", secret=SecretStr(token)), "")


@pytest.mark.parametrize("calendars", [("primary",), ("primary", "team")])
def test_every_right_that_is_asked_for_has_words_for_who_is_asked(calendars: tuple[str, ...]) -> None:
    told = Settings.model_validate(
        {"oauth": {"client": "a"}, "calendars": calendars, "own_calendars": True, "draft_calendars": True}
    )
    terms = Terms(tracked=EVERYTHING)
    authorization = GoogleCalendar("calendar", told, terms).authorization
    assert authorization is not None
    assert set(authorization.widened().scopes) <= authorization.meaning.keys()


def test_P14_a_token_nobody_could_paste_is_refused_and_not_passed_over() -> None:
    app = {"client": "a"}
    assert Settings.model_validate({"oauth": app, "own_tokens": False}).oauth
    with pytest.raises(ValidationError, match="has no token that people could paste"):
        Settings.model_validate({"oauth": app, "own_tokens": True})


def test_P14_forbidding_tokens_that_google_does_not_have_is_no_error_and_asks_for_none() -> None:
    assert Settings.model_validate({"key": "{}", "own_tokens": False}).key
    with pytest.raises(ValueError, match="state `oauth`") as caught:
        Settings.model_validate({"own_tokens": False})
    assert "own_tokens" not in str(caught.value).partition("[type=")[0]


def test_somebody_has_to_allow_it() -> None:
    with pytest.raises(ValidationError, match="nobody allows it"):
        Settings()
