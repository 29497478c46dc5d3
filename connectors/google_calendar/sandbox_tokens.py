"""Google's token endpoint: who may act as whom, with which scopes, and until when.

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
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any, Literal

from connectors.stand_in import Answer

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

SCOPE = "https://www.googleapis.com/auth/"
AUDIENCE = "https://oauth2.googleapis.com/token"
JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
LIFE = timedelta(hours=1)
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


class _Denied(Exception):
    def __init__(self, status: int, error: str, description: str) -> None:
        super().__init__(error)
        self.answer = Answer(status, {"error": error, "error_description": description})


class Tokens:
    """The keys and tokens that are good at this moment."""

    def __init__(self, clock: Callable[[], datetime], standing: Callable[[str], Standing]) -> None:
        self._clock, self._standing = clock, standing
        self._access: dict[str, Grant] = {}
        self._refresh: dict[str, Grant] = {}
        self.delegated: frozenset[str] = frozenset()
        """The scopes the Workspace administrator lets the service account ask for."""
        self.account = "daybook@sandbox.iam.gserviceaccount.com"
        self.client = {"client_id": "1004.apps.googleusercontent.com", "client_secret": secrets.token_hex(12)}
        """The web application that people consent to."""

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

    def consent(self, email: str, scopes: frozenset[str]) -> str:
        """The refresh token of a person who went through the web flow."""
        token = f"1//{secrets.token_urlsafe(24)}"
        self._refresh[token] = Grant(email, scopes)
        return token

    def access(self, email: str, scopes: frozenset[str]) -> str:
        """An access token good for an hour from now."""
        token = f"ya29.{secrets.token_urlsafe(24)}"
        self._access[token] = Grant(email, scopes, self._clock() + LIFE)
        return token

    def revoke(self, token: str) -> None:
        """An access or refresh token; with a refresh token go the access tokens of its person."""
        self._access.pop(token, None)
        if gone := self._refresh.pop(token, None):
            self._access = {name: each for name, each in self._access.items() if each.email != gone.email}

    def grant(self, token: str) -> Grant | None:
        """What a token allows now; None if it is wrong, expired, revoked or its person suspended."""
        found = self._access.get(token)
        if found is None or found.expires is None or self._clock() >= found.expires:
            return None
        return found if self._standing(found.email) == "active" else None

    def exchange(self, form: Mapping[str, str]) -> Answer:
        """POST /token."""
        try:
            if form.get("grant_type") == JWT_BEARER:
                grant = self._delegated(form.get("assertion", ""))
            elif form.get("grant_type") == "refresh_token":
                grant = self._refreshed(form)
            else:
                raise _Denied(400, "unsupported_grant_type", "Invalid grant_type.")
        except _Denied as denied:
            return denied.answer
        return Answer(
            200,
            {
                "access_token": self.access(grant.email, grant.scopes),
                "expires_in": int(LIFE.total_seconds()) - 1,
                "scope": " ".join(sorted(grant.scopes)),
                "token_type": "Bearer",
            },
        )

    def _refreshed(self, form: Mapping[str, str]) -> Grant:
        if {name: form.get(name) for name in self.client} != self.client:
            raise _Denied(401, "invalid_client", "Unauthorized")
        grant = self._refresh.get(form.get("refresh_token", ""))
        if grant is None:
            raise _Denied(400, "invalid_grant", "Token has been expired or revoked.")
        self._must_be_active(grant.email)
        return grant

    def _delegated(self, assertion: str) -> Grant:
        claims = _verified(assertion)
        if claims.get("iss") != self.account:
            raise _Denied(400, "invalid_grant", "Invalid JWT: iss is unknown.")
        if claims.get("aud") != AUDIENCE:
            raise _Denied(400, "invalid_grant", "Invalid JWT: Failed audience check.")
        _must_be_timely(claims)
        scopes = frozenset(str(claims.get("scope", "")).split())
        if not scopes:
            raise _Denied(400, "invalid_scope", "Invalid OAuth scope or ID token audience provided.")
        if not scopes <= self.delegated:
            raise _Denied(
                401,
                "unauthorized_client",
                "Client is unauthorized to retrieve access tokens using this method, "
                "or client not authorized for any of the scopes requested.",
            )
        person = str(claims.get("sub", self.account))
        if person != self.account:  # a service account may always be itself, and has no calendar here
            self._must_be_active(person)
        return Grant(person, scopes)

    def _must_be_active(self, email: str) -> None:
        standing = self._standing(email)
        if standing == "unknown":
            raise _Denied(400, "invalid_grant", "Invalid email or User ID")
        if standing == "suspended":
            raise _Denied(400, "invalid_grant", "Account has been suspended")


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
        raise _Denied(400, "invalid_grant", "Invalid JWT Signature.") from None
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
        raise _Denied(
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
