"""A contributor lets us read their own calendar, where the organisation delegates nothing (S-17)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

from connectors.contract import Account, Authorization, Credential, Refused, Unavailable
from connectors.google_calendar.settings import LABELS, LISTING, Settings
from connectors.session import Session
from core.said import Said

APP_CREATED = "https://www.googleapis.com/auth/calendar.app.created"
"""Make calendars of our own in somebody's account, and keep those; no other calendar of theirs is reached."""
EMAIL = "https://www.googleapis.com/auth/userinfo.email"
"""Without it nobody says whose calendar it is."""
MEANING = {
    "https://www.googleapis.com/auth/calendar.events.owned.readonly": Said(
        "see the events of your own calendars"
    ),
    "https://www.googleapis.com/auth/calendar.events.readonly": Said("see the events of your calendars"),
    LISTING: Said("see which calendars you have"),
    LABELS: Said("see what the labels of your calendars are called"),
    APP_CREATED: Said("make calendars of its own"),
    EMAIL: Said("see your address"),
}


def authorization(settings: Settings, rights: Sequence[str]) -> Authorization | None:
    """How contributors let us in; None where there is nothing they could, or nobody registered us.

    Takes    rights: what is read, as whole addresses; none of it theirs to allow, with the organisation's key
    """
    if settings.oauth is None or not (settings.key is None or settings.draft_calendars):
        return None
    return Authorization(
        authorize=settings.consent,
        token=f"{settings.tokens}/token",
        revoke=f"{settings.tokens}/revoke",
        client=settings.oauth.client,
        secret=settings.oauth.secret,
        scopes=(*(rights if settings.key is None else ()), EMAIL),
        meaning=MEANING,
        further=(APP_CREATED,) if settings.draft_calendars else (),
        # a refresh token comes with the first consent alone, unless it is asked for
        extras={"access_type": "offline", "prompt": "consent"},
        takes_all_back=True,
    )


@dataclass
class Lent:
    """An access token as the library wants its credentials: good for now, and never renewed by it."""

    token: str
    valid: bool = True
    scopes: tuple[str, ...] = ()

    @classmethod
    def by(cls, account: Account) -> Lent:
        if account.credential is None:
            raise _gone()
        return cls(account.credential.secret.get_secret_value())

    def refresh(self, _request: Any) -> NoReturn:
        raise _gone()


def _gone() -> Refused:
    return Refused(
        Said(
            "Google no longer accepts what this contributor allowed. Nothing was asked for. "
            "They connect their calendar again on their page."
        ),
        whose="account",
    )


def narrow() -> Refused:
    return Refused(
        Said(
            "This contributor did not allow all that is read. Nothing was asked for. They connect their "
            "calendar again on their page, and leave everything ticked."
        ),
        whose="account",
    )


def owner(credential: Credential, settings: Settings, session: Session) -> str:
    """Whose token it is, by their verified address.

    Raises   Refused where it is nobody's, was given to somebody else, or says no address; Unavailable
    """
    asked = {"access_token": credential.secret.get_secret_value()}  # in the body: addresses are logged
    response = session.call("POST", f"{settings.tokens}/tokeninfo", data=asked, write=False)
    said = session.json_of(response)
    if not response.ok or not isinstance(said, dict):
        raise _gone()
    if settings.oauth is None or said.get("aud") != settings.oauth.client:
        raise Refused(Said("This token was not given to Daybook. Nothing was kept."), whose="account")
    address = said.get("email")
    if not isinstance(address, str) or not address or said.get("email_verified") != "true":
        raise Refused(
            Said(
                "Google did not say whose calendar this is. Nothing was kept. Connect again, and leave the "
                "question about your address allowed."
            ),
            whose="account",
        )
    if not str(said.get("expires_in", "")).isdigit():
        raise Unavailable(Said("Google did not say how long this is good. Nothing was kept; try again."))
    return address.lower()
