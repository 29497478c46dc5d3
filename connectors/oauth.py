"""OAuth 2.0 as we speak it to a tool's authorization server: ask, exchange, refresh, give back.

An Authority is such a server. What goes there and what comes back is built and
read by oauthlib; the calls keep the discipline of session.py. Nothing is stored
here: who calls keeps what they are given before they use it.

Source   RFC 6749 (authorization code), RFC 7636 (PKCE, S256 alone), RFC 7009 (revocation)
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import cached_property, reduce
from typing import Any, Protocol
from urllib.parse import urlencode

import requests
from oauthlib.common import add_params_to_uri
from oauthlib.oauth2 import OAuth2Error, WebApplicationClient
from pydantic import AwareDatetime, SecretStr

from connectors.contract import Authorization, Refused, Unavailable
from connectors.manners import Manners
from connectors.session import Session
from core.model import Noun
from core.said import Said, worded

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
LONGEST_LIFE = timedelta(days=1)
"""An access token that says it is good for longer is renewed after so long all the same."""
USUAL_LIFE = timedelta(minutes=5)
"""Where the answer does not say for how long it is good."""
OFF = timedelta(minutes=2)
"""A clock that differs from the tool's by more is worth a word."""
OFFLINE = "offline_access"
"""Asked for like a scope, answered with a refresh token; not every tool lists it among the granted."""


class Tokens(Noun):
    """What an authority gave for a code or a refresh token."""

    access: SecretStr
    expires_at: AwareDatetime
    refresh: SecretStr | None = None
    """None where the one we have stays good."""
    scopes: tuple[str, ...] | None = None
    """What was granted; None where the answer does not say, and so all that was asked for (RFC 6749, 5.1)."""


class Authority(Protocol):
    """An authorization server, as a connection uses it for its contributors."""

    authorization: Authorization

    def exchange(self, code: str, verifier: str, redirect: str) -> Tokens:
        """What a code is worth; once.

        Raises   Unavailable, Refused (account: the code is spent, old or not ours)
        """

    def refresh(self, token: SecretStr) -> Tokens:
        """A new access token; with it, where the tool rotates them, a new refresh token.

        Raises   Unavailable; Refused (account: invalid_grant, R-08; connection: our registration is wrong)
        """

    def revoke(self, token: SecretStr) -> None:
        """Give a grant back; one that is gone already is fine. Raises Unavailable, Refused."""


def challenge(authorization: Authorization, verifier: str) -> str:
    """What is shown of a PKCE verifier before the code is fetched with it."""
    return str(WebApplicationClient(authorization.client).create_code_challenge(verifier, "S256"))


def question(authorization: Authorization, redirect: str, state: str, verifier: str) -> str:
    """The address a contributor's browser goes to, to be asked."""
    asked = {
        "response_type": "code",
        "client_id": authorization.client,
        "redirect_uri": redirect,
        "scope": " ".join(authorization.scopes),
        "state": state,
        "code_challenge": challenge(authorization, verifier),
        "code_challenge_method": "S256",
        **authorization.extras,
    }
    return str(add_params_to_uri(authorization.authorize, list(asked.items())))


def lacking(authorization: Authorization, tokens: Tokens) -> tuple[str, ...]:
    """Scopes we asked for and did not get: people may untick some."""
    if tokens.scopes is None:
        return ()
    return tuple(scope for scope in authorization.scopes if scope not in tokens.scopes and scope != OFFLINE)


def meant(authorization: Authorization, scopes: Iterable[str]) -> str:
    """One scope or more in words for who is asked."""
    said = (authorization.meaning.get(scope, scope) for scope in scopes)
    return reduce(lambda one, other: Said("{one}; {other}", one=one, other=other), said)


class WebAuthority:
    """An authority reached over HTTP, with the pace and patience of its connection."""

    def __init__(
        self, tool: str, authorization: Authorization, clock: Callable[[], datetime], manners: Manners
    ) -> None:
        self.authorization = authorization
        self._tool, self._clock, self._manners = tool, clock, manners

    def exchange(self, code: str, verifier: str, redirect: str) -> Tokens:
        secret = {name: said for name, said in self._us.items() if name != "client_id"}  # it adds that itself
        body = self._client.prepare_request_body(
            code=code, redirect_uri=redirect, code_verifier=verifier, **secret
        )
        return self._tokens(self._asked(self.authorization.token, body))

    def refresh(self, token: SecretStr) -> Tokens:
        body = self._client.prepare_refresh_body(refresh_token=token.get_secret_value(), **self._us)
        return self._tokens(self._asked(self.authorization.token, body))

    def revoke(self, token: SecretStr) -> None:
        address = self.authorization.revoke
        if address is None:
            return
        # not oauthlib's prepare_token_revocation_request: it refuses loopback, where session.py does not
        body = urlencode({"token": token.get_secret_value(), **self._us})
        response = self._asked(address, body)
        if response.status_code >= 400 and _error(self._said(response)) not in ("invalid_token", SPENT):
            raise self._refused(response)

    @cached_property
    def _session(self) -> Session:
        """Opened by the first call: an authority that nobody asks costs nothing."""
        also = [self.authorization.revoke] if self.authorization.revoke else []
        return Session(
            self._tool,
            self.authorization.token,
            also=also,
            timeout=self._manners.timeout,
            budget=self._manners.budget,
            longest_rest=self._manners.longest_rest,
        )

    @property
    def _client(self) -> WebApplicationClient:
        return WebApplicationClient(self.authorization.client)

    @property
    def _us(self) -> dict[str, str]:
        """How we prove who we are; the client id alone where the registration has no secret."""
        secret = self.authorization.secret
        us = {"client_id": self.authorization.client}
        return us | {"client_secret": secret.get_secret_value()} if secret else us

    def _asked(self, address: str, body: str) -> requests.Response:
        # not a write to look for afterwards: a lost answer is asked for again
        return self._session.call("POST", address, data=body.encode(), headers=FORM, write=False)

    def _tokens(self, response: requests.Response) -> Tokens:
        if response.status_code >= 400:
            raise self._refused(response)
        self._said(response)  # oauthlib takes what is no JSON for a form
        try:
            said = self._client.parse_request_body_response(response.text)
            access, refresh, life = said["access_token"], said.get("refresh_token"), said.get("expires_in")
            return Tokens(
                access=access,
                refresh=refresh or None,
                expires_at=self._clock() + _life(life),
                scopes=tuple(said["scope"]) if said.get("scope") else None,
            )
        except (OAuth2Error, ValueError, TypeError, AttributeError):
            raise Unavailable(
                Said(
                    "{tool} answered with something that holds no token. Nothing changed; try again.",
                    tool=self._tool,
                )
            ) from None

    def _said(self, response: requests.Response) -> Mapping[str, Any]:
        said = self._session.json_of(response) if response.content else {}
        return said if isinstance(said, dict) else {}

    def _refused(self, response: requests.Response) -> Refused:
        said = self._said(response)
        error = _error(said)
        # Atlassian's word for a refresh token that is dead is the one that others have for our registration
        dead = error == "unauthorized_client" and "refresh_token" in _description(said)
        if error == SPENT or dead or (error == "invalid_request" and "code" in _description(said)):
            return Refused(spent(self._tool, self._skew(response)), whose="account")
        return Refused(
            Said(
                "{tool} does not accept Daybook's registration there ({why}). Nothing was changed. "
                "Look at `oauth` of this connection: client, secret and the addresses registered.",
                tool=self._tool,
                why=error or response.status_code,
            ),
            whose="connection",
        )

    def _skew(self, response: requests.Response) -> timedelta:
        """How far the tool's clock is ahead of ours, as far as its answer says."""
        try:
            return parsedate_to_datetime(response.headers.get("Date", "")) - self._clock()
        except (ValueError, TypeError):
            return timedelta(0)


SPENT = "invalid_grant"


def spent(tool: str, skew: timedelta = timedelta(0)) -> str:
    """Why a grant may no longer hold; a clock that is seen to be wrong is named first."""
    if off := our_clock(skew):
        return Said(
            "{tool} no longer accepts what this account allowed: {off}, which alone can be the reason; or it "
            "was taken back there, ended, or was not used for too long. Nothing was sent. Connect it again.",
            tool=tool,
            off=off,
        )
    return Said(
        "{tool} no longer accepts what this account allowed: it was taken back there, ended, or was not used "
        "for too long; a wrong clock on this server can be the reason too. Nothing was sent. Connect it "
        "again.",
        tool=tool,
    )


def our_clock(skew: timedelta) -> str:
    """That our clock is wrong, in words; "" while it is not.

    Takes    skew: how far the tool's is ahead of ours
    """
    if abs(skew) <= OFF:
        return ""
    minutes = abs(skew).total_seconds() / 60
    behind = worded("this server's clock is {minutes} minutes behind")
    ahead = worded("this server's clock is {minutes} minutes ahead")
    return Said(behind if skew > OFF else ahead, minutes=f"{minutes:.0f}")


def _life(said: Any) -> timedelta:
    try:
        return min(max(timedelta(seconds=int(said)), timedelta(0)), LONGEST_LIFE)
    except (TypeError, ValueError, OverflowError):
        return USUAL_LIFE


def _error(said: Mapping[str, Any]) -> str:
    """The error an answer names, where it is one that RFC 6749 knows: anything else could quote us."""
    error = said.get("error")
    return error if isinstance(error, str) and error in KNOWN else ""


def _description(said: Mapping[str, Any]) -> str:
    return str(said.get("error_description", ""))


KNOWN = frozenset(
    {
        SPENT, "invalid_client", "invalid_request", "invalid_scope", "invalid_token", "unauthorized_client",
        "unsupported_grant_type", "access_denied", "redirect_uri_mismatch", "unsupported_token_type",
    }
)  # fmt: skip
