"""OpenID Connect as we speak it to an organisation's provider: who is it that signed in there?

A provider is known by its issuer. Where it asks people, exchanges codes and publishes its keys, it says
itself, and changes keys when it likes. What it signs is believed if it was made by it, for us, in answer
to our question and for now; signatures that we could make ourselves (HMAC), and none at all, count as lies.

Source   OpenID Connect Core 1.0 (3.1.3.7: how an ID token is judged; 5.3: userinfo), Discovery 1.0,
         RFC 7636 (PKCE), RFC 8725 (algorithms), RFC 9207 (who answers); RP-Initiated Logout 1.0
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from hmac import compare_digest
from typing import Any
from urllib.parse import quote_plus, urlencode, urlsplit

import requests
from joserfc import jwk, jwt
from joserfc.errors import JoseError
from oauthlib.common import add_params_to_uri
from oauthlib.oauth2 import WebApplicationClient
from pydantic import Field, SecretStr, ValidationError

from connectors.address import is_loopback, origin
from connectors.contract import Refused, Unavailable
from connectors.manners import Manners
from connectors.oauth import FORM, SPENT
from connectors.session import Session, basic, bearer
from core.model import Noun

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512")
"""Those by which the provider alone can sign."""
SCOPES = "openid email"
"""All that is asked for: who it is, and their address."""
OFF = timedelta(minutes=2)
"""How far its clock and ours may differ."""
STANDS = timedelta(hours=1)
"""How long what it says of itself is believed before it is asked again."""
KEYS_REST = timedelta(minutes=1)
"""Between two looks at its keys, however many tokens name one that we do not know."""
LONGEST_SUBJECT = 255


class Registration(Noun):
    """We, as the provider knows us."""

    name: str
    """The provider's, as people call it."""
    issuer: str
    client: str
    secret: SecretStr | None = None
    vouches: bool = False
    """It states no address that it did not verify, without saying so of each."""


class Somebody(Noun):
    """Who signed in there, as the provider says."""

    issuer: str
    subject: str
    """Whom this issuer knows them by; unlike an address it is never given to another one."""
    email: str | None = None
    """None where it states none that was verified."""


class Metadata(Noun, extra="ignore"):
    """What a provider says of itself, as far as we need it."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str | None = None
    end_session_endpoint: str | None = None
    token_endpoint_auth_methods_supported: tuple[str, ...] = Field(default=("client_secret_basic",))
    authorization_response_iss_parameter_supported: bool = False

    @property
    def shown(self) -> list[str]:
        """The addresses that browsers are sent to."""
        return [one for one in (self.authorization_endpoint, self.end_session_endpoint) if one]

    @property
    def asked(self) -> list[str]:
        """The addresses that we ask ourselves."""
        return [one for one in (self.token_endpoint, self.jwks_uri, self.userinfo_endpoint) if one]


class UnknownKey(Exception):
    """A token is signed with a key that the provider had not published when we looked."""


class Provider:
    """One provider, reached over HTTP; safe to share between threads."""

    def __init__(self, registration: Registration, clock: Callable[[], datetime], manners: Manners) -> None:
        self.registration = registration
        self._clock, self._manners = clock, manners
        self._lock = threading.Lock()
        self._known: tuple[datetime, Metadata, Session] | None = None
        self._keys: tuple[datetime, list[jwk.Key]] | None = None

    def question(self, redirect: str, state: str, nonce: str, verifier: str) -> str:
        """The address a browser goes to, to be asked who it is. Raises Unavailable, Refused."""
        client = WebApplicationClient(self.registration.client)
        asked = {
            "response_type": "code",
            "client_id": self.registration.client,
            "redirect_uri": redirect,
            "scope": SCOPES,
            "state": state,
            "nonce": nonce,
            "code_challenge": client.create_code_challenge(verifier, "S256"),
            "code_challenge_method": "S256",
        }
        return str(add_params_to_uri(self.metadata().authorization_endpoint, list(asked.items())))

    def answer(self, code: str, redirect: str, nonce: str, verifier: str, issuer: str | None) -> Somebody:
        """Who it is that a code stands for; once.

        Takes    issuer: who answered, as the answer itself says
        Raises   Unavailable; Refused (account: this answer is not believed; connection: our registration)
        """
        said = self.metadata()
        if issuer not in (said.issuer, None) or (
            issuer is None and said.authorization_response_iss_parameter_supported
        ):
            raise self._lie("another provider answered")
        tokens = self._tokens(code, redirect, verifier)
        claims = self._signed(str(tokens.get("id_token", "")))
        if wrong := lie(claims, self.registration, nonce, self._clock()):
            raise self._lie(wrong)
        if "email" not in claims and said.userinfo_endpoint:
            claims = claims | self._userinfo(said.userinfo_endpoint, tokens, claims["sub"])
        return Somebody(
            issuer=said.issuer, subject=claims["sub"], email=_verified(claims, self.registration.vouches)
        )

    def farewell(self) -> str | None:
        """Where a browser ends its session there too; None where there is no such place.

        It asks them itself whether they mean it: what would prove who they are, an ID token, is not kept.
        Raises Unavailable, Refused.
        """
        there = self.metadata().end_session_endpoint
        return str(add_params_to_uri(there, [("client_id", self.registration.client)])) if there else None

    def metadata(self) -> Metadata:
        """What it says of itself now. Raises Unavailable, Refused (connection)."""
        return self._standing()[0]

    def _standing(self) -> tuple[Metadata, Session]:
        with self._lock:
            if self._known is None or self._clock() - self._known[0] >= STANDS:
                said = self._discovered()
                session = self._session(self.registration.issuer, said.asked)
                self._known, self._keys = (self._clock(), said, session), None
            return self._known[1:]

    def _discovered(self) -> Metadata:
        issuer = self.registration.issuer
        session = self._session(issuer)
        response = session.call("GET", f"{issuer.rstrip('/')}/.well-known/openid-configuration")
        if response.status_code >= 400:
            raise session.refused(response, "to say how to sign in there", "connection")
        try:
            said = Metadata.model_validate(session.json_of(response))
        except ValidationError:
            raise self._misconfigured("what it says of itself is not what OpenID Connect asks for") from None
        if said.issuer != issuer:
            raise self._misconfigured("it calls itself by another issuer than the configuration does")
        local = is_loopback(urlsplit(issuer).hostname or "")
        for address in (*said.shown, *said.asked):
            origin(address)
            if not local and urlsplit(address).scheme != "https":
                raise self._misconfigured("it names an address without https://")
        return said

    def _session(self, base: str, also: list[str] | None = None) -> Session:
        return Session(
            self.registration.name,
            base,
            also=also or [],
            timeout=self._manners.timeout,
            budget=self._manners.budget,
            longest_rest=self._manners.longest_rest,
        )

    def _tokens(self, code: str, redirect: str, verifier: str) -> Mapping[str, Any]:
        said, session = self._standing()
        us, secret = self.registration.client, self.registration.secret
        body = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect,
            "code_verifier": verifier,
        }
        if secret is not None and "client_secret_basic" in said.token_endpoint_auth_methods_supported:
            quoted = SecretStr(quote_plus(secret.get_secret_value()))  # RFC 6749, 2.3.1
            session = session.acting(basic(quote_plus(us), quoted))
        else:
            body |= {"client_id": us} | ({"client_secret": secret.get_secret_value()} if secret else {})
        response = session.call(
            "POST", said.token_endpoint, data=urlencode(body).encode(), headers=FORM, write=False
        )
        answer = session.json_of(response)
        answer = answer if isinstance(answer, dict) else {}
        if response.status_code >= 400:
            if answer.get("error") == SPENT:
                raise self._lie("it was used before, or is too old")
            raise self._misconfigured("it does not accept Daybook's registration there")
        return answer

    def _userinfo(self, address: str, tokens: Mapping[str, Any], subject: str) -> dict[str, Any]:
        _, session = self._standing()
        session = session.acting(bearer(SecretStr(str(tokens.get("access_token", "")))))
        response = session.call("GET", address)
        said = session.json_of(response) if response.status_code < 400 else {}
        if not isinstance(said, dict) or said.get("sub") != subject:  # Core 5.3.2: it must be in it
            raise self._lie("it told us about somebody else")
        return {name: said[name] for name in ("email", "email_verified") if name in said}

    # --- what it signed --------------------------------------------------------------------------------

    def _signed(self, token: str) -> dict[str, Any]:
        """What it says, once its signature was seen to be its own."""
        try:
            try:
                return self._opened(token, self._published())
            except UnknownKey:
                return self._opened(token, self._published(newer=True))
        except (UnknownKey, JoseError, ValueError):
            raise self._lie("it is not signed with a key of theirs") from None

    def _opened(self, token: str, keys: list[jwk.Key]) -> dict[str, Any]:
        def named(signed: jwk.GuestProtocol) -> jwk.Key:
            kid = signed.headers().get("kid")
            fitting = [key for key in keys if kid is None or key.kid == kid]
            if len(fitting) != 1:
                raise UnknownKey
            return fitting[0]

        return jwt.decode(token, named, algorithms=ALGORITHMS).claims

    def _published(self, *, newer: bool = False) -> list[jwk.Key]:
        """Its keys; those we know, unless `newer` ones may be there by now."""
        said, session = self._standing()
        with self._lock:
            rest = KEYS_REST if newer else STANDS
            if self._keys is None or self._clock() - self._keys[0] >= rest:
                self._keys = self._clock(), _keys(session, session.call("GET", said.jwks_uri))
            return self._keys[1]

    # --- words -----------------------------------------------------------------------------------------

    def _lie(self, why: str) -> Refused:
        return Refused(
            f"{self.registration.name}'s answer does not count: {why}. Nobody is signed in by it.",
            whose="account",
        )

    def _misconfigured(self, why: str) -> Refused:
        return Refused(
            f"{self.registration.name} cannot sign anybody in: {why}. Nobody is signed in. "
            "Look at page.sign_in: issuer, client_id, client_secret and the address registered there.",
            whose="connection",
        )


def lie(claims: Mapping[str, Any], us: Registration, nonce: str, now: datetime) -> str:
    """Why signed claims are no answer to our question; empty where they are."""
    audience = claims.get("aud")
    audiences = audience if isinstance(audience, list) else [audience]
    subject, seconds, off = claims.get("sub"), now.timestamp(), OFF.total_seconds()
    holds = (
        (claims.get("iss") == us.issuer, "it is of another issuer"),
        (us.client in audiences, "it was made for another application"),
        (claims.get("azp") == us.client or (len(audiences) == 1 and "azp" not in claims),
         "it was asked for by another application"),
        (compare_digest(str(claims.get("nonce", "")).encode(), nonce.encode()), "it answers somebody else"),
        (_seconds(claims, "exp") > seconds - off, "its time is over"),
        (0 < _seconds(claims, "iat") <= seconds + off,
         "it is of a time to come; a clock is wrong, there or on this server"),
        (isinstance(subject, str) and 0 < len(subject) <= LONGEST_SUBJECT, "it names nobody"),
    )  # fmt: skip
    return next((why for held, why in holds if not held), "")


def _seconds(claims: Mapping[str, Any], name: str) -> float:
    said = claims.get(name)
    return said if isinstance(said, int | float) and not isinstance(said, bool) else 0


def _verified(claims: Mapping[str, Any], vouches: bool) -> str | None:
    """Their address, if it is known to be theirs; some providers write the flag as a word."""
    email, flag = claims.get("email"), claims.get("email_verified", vouches)
    return email if isinstance(email, str) and flag in (True, "true") else None


def _keys(session: Session, response: requests.Response) -> list[jwk.Key]:
    """The keys by which a provider can have signed; those that we cannot read hide none of the others."""
    said = session.json_of(response) if response.status_code < 400 else None
    listed = said.get("keys") if isinstance(said, dict) else None
    if not isinstance(listed, list):
        raise Unavailable(
            f"{session.tool} does not say which keys it signs with. Nothing changed; try again."
        )
    keys: list[jwk.Key] = []
    for one in listed:
        if isinstance(one, dict) and one.get("kty") in ("RSA", "EC") and one.get("use", "sig") == "sig":
            with suppress(JoseError, ValueError, KeyError):  # a curve that it does not know is a KeyError
                keys.append(jwk.import_key(one))
    return keys
