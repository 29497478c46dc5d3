"""An OpenID provider on loopback, strict in all it is asked for, and made to lie in what it answers.

Written from OpenID Connect Core 1.0 and Discovery 1.0. People say who they are on its page by their address;
whoever is not verified says so.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cache
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qs, unquote_plus

from joserfc import jwk, jwt

from connectors.stand_in import Answer, Request, StandIn, route
from connectors.stand_in_consent import Desk, Mistaken, page, question

CLIENT = "daybook"
CODE_LIFE = timedelta(minutes=1)
TOKEN_LIFE = timedelta(minutes=5)


@cache
def rsa(kid: str) -> jwk.RSAKey:
    return jwk.RSAKey.generate_key(2048, {"kid": kid, "use": "sig"})


@cache
def elliptic(kid: str) -> jwk.ECKey:
    return jwk.ECKey.generate_key("P-256", {"kid": kid, "use": "sig"})


class OpenIdProvider(StandIn):
    """Everybody at example addresses has an account here, under a subject of their own."""

    def __init__(self, redirect: str, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        super().__init__(clock=clock)
        self.desk = Desk(self.clock, CODE_LIFE)
        self.app = self.desk.register(CLIENT, [redirect], ["openid", "email"])
        self.keys: list[jwk.RSAKey | jwk.ECKey] = [rsa("first")]
        """The last one signs."""
        self.foreign: list[dict[str, Any]] = []
        """Keys that it publishes beside them, as they are."""
        self.algorithm = "RS256"
        self.subjects: dict[str, str] = {}
        """By address, where it is not made of it."""
        self.unverified: set[str] = set()
        self.lies: dict[str, Any] = {}
        """Claims that stand in place of the true ones; None leaves one out."""
        self.says: dict[str, Any] = {}
        """The same of what it says of itself."""
        self.signed: Callable[[dict[str, Any]], str] = self._signed
        self.at_userinfo = False
        """The address is told there alone, as the standard has it."""
        self.of_nobody = False
        """Userinfo leaves out whom it is about, which the standard forbids."""
        self._access: dict[str, dict[str, Any]] = {}

    @route("GET", "/.well-known/openid-configuration")
    def discovery(self, request: Request) -> Answer:
        said = {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "userinfo_endpoint": f"{self.url}/userinfo",
            "jwks_uri": f"{self.url}/keys",
            "end_session_endpoint": f"{self.url}/end",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": [self.algorithm],
            "authorization_response_iss_parameter_supported": True,
        }
        return Answer(200, {name: each for name, each in (said | self.says).items() if each is not None})

    @route("GET", "/authorize")
    def authorize(self, request: Request) -> Answer:
        try:
            return question(self.desk.asked(request), "Provider")
        except Mistaken as mistake:
            return page(mistake.why, str(mistake), HTTPStatus.BAD_REQUEST)

    @route("POST", "/authorize")
    def answered(self, request: Request) -> Answer:
        asked = self.desk.asked(request)
        form = parse_qs(request.body.decode())
        if form.get("answer") != ["allow"]:
            return asked.back(error="access_denied", iss=self.url)
        code = self.desk.code(asked, form["email"][0], asked.scopes, nonce=asked.params["nonce"])
        return asked.back(code=code, iss=self.url)

    @route("POST", "/token")
    def token(self, request: Request) -> Answer:
        kind, _, credentials = request.headers.get("authorization", "").partition(" ")
        if kind != "Basic":
            return Answer(401, {"error": "invalid_client"})
        name, _, secret = base64.b64decode(credentials).decode().partition(":")
        app, form = self.desk.app(unquote_plus(name), unquote_plus(secret)), request.form()
        if app is None:
            return Answer(401, {"error": "invalid_client"})
        if form.get("grant_type") != "authorization_code" or "client_secret" in form:
            return Answer(400, {"error": "invalid_request"})
        code = self.desk.taken(form.get("code", ""))
        proven = code and code.fits(app, form.get("redirect_uri", ""))
        if code is None or not proven or not code.proven(form.get("code_verifier", "")):
            return Answer(400, {"error": "invalid_grant"})
        now = int(self.clock().timestamp())
        who = {"email": code.email, "email_verified": code.email not in self.unverified}
        claims: dict[str, Any] = {
            "iss": self.url,
            "sub": self.subjects.get(code.email, f"s-{code.email}"),
            "aud": CLIENT,
            "exp": now + int(TOKEN_LIFE.total_seconds()),
            "iat": now,
            "nonce": code.more["nonce"],
            **({} if self.at_userinfo else who),
        }
        access = f"access-{len(self._access)}"
        self._access[access] = {"sub": claims["sub"], **who}
        claims = {name: said for name, said in (claims | self.lies).items() if said is not None}
        return Answer(200, {"id_token": self.signed(claims), "access_token": access, "token_type": "Bearer"})

    @route("GET", "/userinfo")
    def userinfo(self, request: Request) -> Answer:
        said = self._access.get(request.headers.get("authorization", "").removeprefix("Bearer "))
        if said is None:
            return Answer(401, {"error": "invalid_token"})
        return Answer(200, {name: each for name, each in said.items() if name != "sub" or not self.of_nobody})

    @route("GET", "/end")
    def end(self, request: Request) -> Answer:
        """Without an ID token to say who it is, it must ask them (RP-Initiated Logout 1.0, 2)."""
        if request.params != {"client_id": [CLIENT]}:
            return Answer(400, {"error": "invalid_request"})
        return page("Sign out?", "Do you want to sign out here?")

    @route("GET", "/keys")
    def published(self, request: Request) -> Answer:
        return Answer(200, {"keys": [*self.foreign, *(key.as_dict(private=False) for key in self.keys)]})

    def _signed(self, claims: dict[str, Any]) -> str:
        key = self.keys[-1]
        header = {"alg": self.algorithm, "kid": key.kid}
        return jwt.encode(header, claims, key, algorithms=[self.algorithm])
