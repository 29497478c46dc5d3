"""Google's tokens: who may act as whom, with which scopes, and until when.

Two ways in: a service account whose signed JWT names the person it acts for
(domain-wide delegation), and the refresh token a person gave by consent.
Access tokens live an hour on the stand-in's clock. The times inside a JWT are
those of the client's own clock, so they are held against this machine's.
"""

from __future__ import annotations

import base64
import binascii
import json
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any, Literal

from connectors.stand_in import Answer
from connectors.stand_in_consent import App

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

SCOPE = "https://www.googleapis.com/auth/"
AUDIENCE = "https://oauth2.googleapis.com/token"
JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
LIFE = timedelta(hours=1)
IDLE = timedelta(days=182)
"""A refresh token nobody used for six months is dead."""
TRIAL = timedelta(days=7)
"""How long one lives while the application's publishing status is Testing."""
MOST = 100
"""Live refresh tokens of one person for one application; the oldest goes without a word."""
SKEW = 300
"""Seconds a client's clock may be off."""

Standing = Literal["active", "suspended", "unknown"]


@dataclass(frozen=True)
class Grant:
    """What one token allows: to act as `email`, within `scopes` (full addresses)."""

    email: str
    scopes: frozenset[str]
    expires: datetime | None = None
    """None for a refresh token."""
    client: str = ""
    """The application a person consented to; "" for the service account."""
    born: datetime | None = None
    used: datetime | None = None
    """When a refresh token was used last."""


class Denied(Exception):
    def __init__(self, status: int, error: str, description: str) -> None:
        super().__init__(error)
        self.answer = Answer(status, {"error": error, "error_description": description})


class Tokens:
    """The keys and tokens that are good at this moment."""

    def __init__(self, clock: Callable[[], datetime], standing: Callable[[str], Standing]) -> None:
        self._clock, self._standing = clock, standing
        self._access: dict[str, Grant] = {}
        self._refresh: dict[str, Grant] = {}
        self.consented: dict[tuple[str, str], frozenset[str]] = {}
        """All that a person (address) ever allowed an application (its client id)."""
        self.delegated: frozenset[str] = frozenset()
        """The scopes the Workspace administrator lets the service account ask for."""
        self.account = "daybook@sandbox.iam.gserviceaccount.com"
        self.client: dict[str, str] = {}
        """The web application that people consent to: `client_id` and `client_secret`."""
        self.testing = False
        """Whether its publishing status is Testing."""

    def key(self, token_uri: str) -> dict[str, str]:
        """The service account's key file."""
        from cryptography.hazmat.primitives import serialization as shape

        private = _private_key().private_bytes(
            shape.Encoding.PEM, shape.PrivateFormat.PKCS8, shape.NoEncryption()
        )
        return {
            "type": "service_account",
            "project_id": "sandbox",
            "private_key_id": "1",
            "private_key": private.decode(),
            "client_email": self.account,
            "client_id": "1003",
            "auth_uri": "https://accounts.google.com/o/oauth2/auth",
            "token_uri": token_uri,
            "universe_domain": "googleapis.com",
        }

    def consent(self, email: str, scopes: frozenset[str], client: str = "") -> str:
        """The refresh token of a person who went through the web flow."""
        client, now = client or self.client["client_id"], self._clock()
        live = [token for token, one in self._refresh.items() if (one.client, one.email) == (client, email)]
        for token in live[: max(0, len(live) + 1 - MOST)]:
            del self._refresh[token]
        token = f"1//{secrets.token_urlsafe(24)}"
        self._refresh[token] = Grant(email, scopes, client=client, born=now, used=now)
        self.consented[client, email] = self.consented.get((client, email), frozenset()) | scopes
        return token

    def access(self, email: str, scopes: frozenset[str], client: str = "") -> str:
        """An access token good for an hour from now."""
        token = f"ya29.{secrets.token_urlsafe(24)}"
        self._access[token] = Grant(email, scopes, self._clock() + LIFE, client)
        return token

    def revoke(self, token: str) -> bool:
        """An access or refresh token; what was allowed to its application goes with it.

        Gives    False where nobody knows the token
        """
        gone = self._access.pop(token, None) or self._refresh.pop(token, None)
        if gone is not None and gone.client:
            who = gone.client, gone.email
            for held in (self._access, self._refresh):
                for name in [name for name, one in held.items() if (one.client, one.email) == who]:
                    del held[name]
            self.consented.pop(who, None)
        return gone is not None

    def grant(self, token: str) -> Grant | None:
        """What a token allows now; None if it is wrong, expired, revoked or its person suspended."""
        found = self._access.get(token)
        if found is None or found.expires is None or self._clock() >= found.expires:
            return None
        return found if self._standing(found.email) == "active" else None

    def has_refresh(self, grant: Grant) -> bool:
        who = grant.client, grant.email
        return any((one.client, one.email) == who for one in self._refresh.values())

    def answered(self, grant: Grant, refresh: str | None = None) -> Answer:
        """A new access token for a grant; the refresh token is told once."""
        return Answer(
            200,
            {
                "access_token": self.access(grant.email, grant.scopes, grant.client),
                "expires_in": int(LIFE.total_seconds()) - 1,
                "scope": " ".join(sorted(grant.scopes)),
                "token_type": "Bearer",
                **({"refresh_token": refresh} if refresh else {}),
            },
        )

    def refreshed(self, app: App, form: Mapping[str, str]) -> Grant:
        token, now = form.get("refresh_token", ""), self._clock()
        if not token:
            raise Denied(400, "invalid_request", "Missing required parameter: refresh_token")
        grant = self._refresh.get(token)
        if grant is None or grant.born is None or grant.used is None:
            raise Denied(400, "invalid_grant", "Token has been expired or revoked.")
        if grant.client != app.id:
            raise Denied(401, "unauthorized_client", "Unauthorized")
        if now - grant.used > IDLE or (self.testing and now - grant.born > TRIAL):
            del self._refresh[token]
            raise Denied(400, "invalid_grant", "Token has been expired or revoked.")
        self.must_be_active(grant.email)
        self._refresh[token] = replace(grant, used=now)
        return grant

    def delegated_by(self, assertion: str) -> Grant:
        claims = _verified(assertion)
        if claims.get("iss") != self.account:
            raise Denied(400, "invalid_grant", "Invalid JWT: iss is unknown.")
        if claims.get("aud") != AUDIENCE:
            raise Denied(400, "invalid_grant", "Invalid JWT: Failed audience check.")
        _must_be_timely(claims)
        scopes = frozenset(str(claims.get("scope", "")).split())
        if not scopes:
            raise Denied(400, "invalid_scope", "Invalid OAuth scope or ID token audience provided.")
        if not scopes <= self.delegated:
            raise Denied(
                401,
                "unauthorized_client",
                "Client is unauthorized to retrieve access tokens using this method, "
                "or client not authorized for any of the scopes requested.",
            )
        person = str(claims.get("sub", self.account))
        if person != self.account:  # a service account may always be itself, and has no calendar here
            self.must_be_active(person)
        return Grant(person, scopes)

    def must_be_active(self, email: str) -> None:
        standing = self._standing(email)
        if standing == "unknown":
            raise Denied(400, "invalid_grant", "Invalid email or User ID")
        if standing == "suspended":
            raise Denied(400, "invalid_grant", "Account has been suspended")


def _verified(assertion: str) -> dict[str, Any]:
    """The claims of a JWT signed with our key by RS256."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
    from cryptography.hazmat.primitives.hashes import SHA256

    try:
        head, claims, signature = assertion.split(".")
        if json.loads(_decoded(head)).get("alg") != "RS256":
            raise InvalidSignature
        signed = f"{head}.{claims}".encode()
        _private_key().public_key().verify(_decoded(signature), signed, PKCS1v15(), SHA256())
        found = json.loads(_decoded(claims))
    except (ValueError, binascii.Error, AttributeError, InvalidSignature):
        raise Denied(400, "invalid_grant", "Invalid JWT Signature.") from None
    return found if isinstance(found, dict) else {}


def _must_be_timely(claims: Mapping[str, Any]) -> None:
    now, issued, expires = time.time(), claims.get("iat"), claims.get("exp")
    if (
        not isinstance(issued, int)
        or not isinstance(expires, int)
        or not 0 < expires - issued <= LIFE.total_seconds()
        or issued > now + SKEW
        or expires < now - SKEW
    ):
        raise Denied(
            400,
            "invalid_grant",
            "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe. "
            "Check your iat and exp values in the JWT claim.",
        )


def _decoded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


@cache
def _private_key() -> RSAPrivateKey:
    """Made once a process: it takes a good tenth of a second."""
    from cryptography.hazmat.primitives.asymmetric import rsa

    return rsa.generate_private_key(public_exponent=65537, key_size=2048)
