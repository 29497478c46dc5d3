"""Where one token given back ends all of an account's, what is in use is never ended by what is not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import parse_qsl, urlsplit

import pytest
from pydantic import SecretStr

from config.schema import Configuration
from connectors.contract import Credential, Fault, Unavailable
from connectors.google_calendar.connector import GoogleCalendar
from connectors.google_calendar.consent import EMAIL
from connectors.google_calendar.sandbox import CalendarSite
from connectors.google_calendar.settings import Settings
from connectors.manners import Manners
from connectors.oauth import WebAuthority
from core import rounds
from daybook import consenting, joining, lending, wiring
from daybook.house import House, Member
from tests.connectors.consenting import pressed
from tests.daybook.at_google import site_for, tracking
from tests.daybook.conftest import Clock
from tests.daybook.test_jobs import do_all

BROWSER = "b" * 43


@pytest.fixture
def site(clock: Clock, configuration: Configuration) -> Iterator[CalendarSite]:
    site = site_for(configuration, clock=clock)
    site.start()
    yield site
    site.stop()


@pytest.fixture
def house(house: House, site: CalendarSite, configuration: Configuration) -> House:
    """Contributors lend their calendars at Google, by either of two connections of one registration."""
    configuration = tracking(configuration)
    assert configuration.page is not None
    names = ("calendar", "second")
    ways = [consenting.back_to(configuration.page.url, name) for name in names]
    app = site.register("daybook.apps.googleusercontent.com", ways)
    told = Settings(
        oauth={"client": app.id, "secret": SecretStr(app.secret)},
        consent=f"{site.url}/o/oauth2/v2/auth",
        tokens=site.url,
        endpoint=f"{site.url}/calendar/v3",
    )
    terms = wiring.terms(configuration, "google_calendar")
    calendars = {name: GoogleCalendar(name, told, terms, Manners()) for name in names}
    authorities = {
        name: WebAuthority("Google Calendar", calendar.authorization, house.clock, Manners())
        for name, calendar in calendars.items()
        if calendar.authorization
    }
    return replace(house, configuration=configuration, connectors=calendars, authorities=authorities)


def connected(
    house: House, who: Member, account: str, connection: str = "calendar", ticked: str = ""
) -> bool:
    """They connect as this account; ticked: the only right they leave."""
    question = consenting.ask(house, who, connection, "/x", BROWSER)
    assert isinstance(question, str)
    pressing = pressed(question, account, **({"scope": [ticked]} if ticked else {}))
    said = dict(parse_qsl(urlsplit(pressing.headers["Location"]).query))
    outcome = consenting.answer(house, connection, said["state"], BROWSER, said["code"], "")
    assert outcome is not None
    return outcome.connected


def works(house: House, who: Member, connection: str = "calendar") -> bool:
    """Whether Google takes what they lent."""
    with house.store.reading() as tx:
        grant = tx.grants.get(who.id, connection)
    assert grant is not None and grant.refresh is not None
    try:
        tokens = house.authorities[connection].refresh(grant.refresh)
        house.connectors[connection].identify(Credential(kind="oauth", secret=tokens.access), "")
    except Fault:
        return False
    return True


def later(house: House, clock: Clock) -> None:
    """What is owed was given back."""
    clock.wait(minutes=11)
    do_all(house, rounds.Revoke)
    with house.store.reading() as tx:
        assert tx.revocations.due(clock() + lending.IDLE) == []


def test_P10_who_left_a_box_unticked_and_connects_again_rightly_stays_connected(
    house: House, ada: Member, clock: Clock
) -> None:
    assert not connected(house, ada, ada.person.email, ticked=EMAIL)
    assert connected(house, ada, ada.person.email)
    later(house, clock)
    assert works(house, ada)


def test_P10_an_answer_the_tool_did_not_say_the_owner_of_ends_nothing_of_who_brought_it(
    house: House, ada: Member, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object) -> None:
        raise Unavailable("Google did not answer.")

    with monkeypatch.context() as patch:
        patch.setattr(GoogleCalendar, "identify", away)
        assert not connected(house, ada, ada.person.email)
    assert connected(house, ada, ada.person.email)
    later(house, clock)
    assert works(house, ada)


def test_P10_who_tries_somebody_elses_account_ends_nothing_of_theirs(
    house: House, ada: Member, ben: Member, clock: Clock
) -> None:
    assert connected(house, ada, ada.person.email)
    assert not connected(house, ben, ada.person.email)
    later(house, clock)
    assert works(house, ada)


def test_P10_who_disconnects_and_connects_again_before_the_tool_heard_of_it_stays_connected(
    house: House, ada: Member, clock: Clock
) -> None:
    assert connected(house, ada, ada.person.email)
    joining.disconnect(house, ada, "calendar")
    assert connected(house, ada, ada.person.email)
    later(house, clock)
    assert works(house, ada)


def test_P10_of_two_connections_of_one_registration_one_goes_alone_and_the_last_takes_all(
    house: House, ada: Member, clock: Clock
) -> None:
    assert connected(house, ada, ada.person.email)
    assert connected(house, ada, ada.person.email, "second")
    with house.store.reading() as tx:
        last = tx.grants.get(ada.id, "second")
    assert last is not None and last.refresh is not None
    joining.disconnect(house, ada, "calendar")
    later(house, clock)
    assert works(house, ada, "second")
    joining.disconnect(house, ada, "second")
    later(house, clock)
    with pytest.raises(Fault):
        house.authorities["second"].refresh(last.refresh)


def test_P10_an_account_that_nothing_uses_is_given_back_whoever_brought_it(
    house: House, ada: Member, ben: Member, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ada brings Ben's by mistake: hers is in use, and does not keep his from going back."""
    given = []
    monkeypatch.setattr(WebAuthority, "revoke", lambda self, token: given.append(token))
    assert connected(house, ada, ada.person.email)
    ada.person.accounts["calendar"] = ada.person.email
    assert not connected(house, ada, ben.person.email)
    later(house, clock)
    assert len(given) == 1
