"""What the authorization servers of all stand-ins share: applications, a page to press a button on, codes.

A person is sent to `authorize` with what an application wants, reads it, says
who they are and presses Allow or Refuse; the browser goes back with a code that
is good once, for one address, soon, and with the PKCE verifier alone. Whatever
is wrong with the question itself is told to the person and never sent back: an
address that was not registered must not learn anything. What a tool calls these
mistakes, and what it gives for a code, stands in its own `sandbox_auth.py`.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from html import escape
from http import HTTPStatus
from typing import Literal
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from connectors.stand_in import Answer, Request

Why = Literal[
    "invalid_client", "redirect_uri_mismatch", "invalid_request", "unsupported_response_type", "invalid_scope"
]
VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}")
CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")

STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; color: #222 }
body { max-width: 30rem; margin: 4rem auto; padding: 0 1rem }
form { border: 1px solid #ccc; border-radius: 8px; padding: 1rem 1.5rem } label { display: block }
input[type=email], select { font: inherit; width: 100%; padding: .3rem }
button { font: inherit; padding: .4rem 1rem }
"""


class Mistaken(Exception):
    """The question is wrong; the person is told, and nobody is sent back."""

    def __init__(self, why: Why, sentence: str) -> None:
        super().__init__(sentence)
        self.why = why


@dataclass(frozen=True)
class App:
    """One registered application."""

    id: str
    secret: str
    title: str
    """What people read on the page."""
    redirects: frozenset[str]
    """The only addresses a browser is sent back to, letter by letter."""
    scopes: frozenset[str]
    """All it may ever ask for."""


@dataclass(frozen=True)
class Asked:
    """What an application wants of a person; right so far."""

    app: App
    redirect: str
    scopes: tuple[str, ...]
    state: str | None
    challenge: str
    params: Mapping[str, str]

    def back(self, **said: str) -> Answer:
        """Send the browser back, with the state as it came."""
        parts = urlsplit(self.redirect)
        state = {} if self.state is None else {"state": self.state}
        query = urlencode([*parse_qsl(parts.query), *said.items(), *state.items()])
        return Answer(HTTPStatus.FOUND, None, {"Location": urlunsplit(parts._replace(query=query))})


@dataclass(frozen=True)
class Code:
    """What somebody allowed, waiting to be fetched."""

    asked: Asked
    email: str
    scopes: frozenset[str]
    issued: datetime
    more: Mapping[str, str] = field(default_factory=dict)
    """What the tool's own page asked besides."""

    def fits(self, app: App, redirect: str) -> bool:
        return self.asked.app is app and self.asked.redirect == redirect

    def proven(self, verifier: str) -> bool:
        """Whoever fetches it is whoever asked (RFC 7636, S256 alone)."""
        if not self.asked.challenge:
            return not verifier
        digest = hashlib.sha256(verifier.encode()).digest()
        made = urlsafe_b64encode(digest).decode().rstrip("=")
        return bool(VERIFIER.fullmatch(verifier)) and hmac.compare_digest(made, self.asked.challenge)


class Desk:
    """The applications of one tool, and the codes on their way to them."""

    def __init__(self, clock: Callable[[], datetime], life: timedelta, prefix: str = "") -> None:
        """Takes    life: how long a code is good; prefix: what a code of this tool begins with"""
        self._clock, self._life, self._prefix = clock, life, prefix
        self.apps: dict[str, App] = {}
        self._codes: dict[str, Code] = {}

    def register(
        self, name: str, redirects: Iterable[str], scopes: Iterable[str], title: str = "Daybook"
    ) -> App:
        """An application with a new secret; the same name again replaces it."""
        app = App(name, secrets.token_urlsafe(24), title, frozenset(redirects), frozenset(scopes))
        self.apps[name] = app
        return app

    def app(self, name: str, secret: str) -> App | None:
        """Whoever knows its secret is the application."""
        app = self.apps.get(name)
        return app if app and hmac.compare_digest(app.secret.encode(), secret.encode()) else None

    def asked(self, request: Request, *, scope: str = "") -> Asked:
        """What an authorize request asks.

        Takes    scope: what is meant where none is named; "" where naming one is a must
        Raises   Mistaken
        """
        params = {name: values[-1] for name, values in request.params.items()}
        if doubled := [name for name, values in request.params.items() if len(values) > 1]:
            raise Mistaken("invalid_request", f"Parameter given twice: {doubled[0]}")
        app = self.apps.get(params.get("client_id", ""))
        if app is None:
            raise Mistaken("invalid_client", "The OAuth client was not found.")
        redirect = params.get("redirect_uri", "")
        if redirect not in app.redirects:
            raise Mistaken("redirect_uri_mismatch", redirect)
        if params.get("response_type") != "code":
            raise Mistaken("unsupported_response_type", "response_type must be code")
        scopes = tuple(dict.fromkeys((params.get("scope") or scope).split()))
        if not scopes:
            raise Mistaken("invalid_request", "Missing required parameter: scope")
        if strange := [one for one in scopes if one not in app.scopes]:
            raise Mistaken("invalid_scope", " ".join(strange))
        return Asked(app, redirect, scopes, params.get("state"), _challenge(params), params)

    def code(self, asked: Asked, email: str, scopes: Iterable[str], **more: str) -> str:
        """The code for what a person just allowed."""
        code = self._prefix + secrets.token_urlsafe(24)
        self._codes[code] = Code(asked, email, frozenset(scopes), self._clock(), more)
        return code

    def taken(self, code: str) -> Code | None:
        """What a code stands for, once; None where it was fetched before, is too old or was never given."""
        found = self._codes.pop(code, None)
        return found if found and self._clock() - found.issued < self._life else None


def _challenge(params: Mapping[str, str]) -> str:
    challenge, method = params.get("code_challenge", ""), params.get("code_challenge_method", "")
    if challenge and method != "S256":
        raise Mistaken("invalid_request", "code_challenge_method must be S256")
    if method and not CHALLENGE.fullmatch(challenge):
        raise Mistaken("invalid_request", "code_challenge is not one of S256")
    return challenge


def page(title: str, body: str, status: int = 200) -> Answer:
    """A page for a person."""
    whole = (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{escape(title)}</title>'
        f"<style>{STYLE}</style><h1>{escape(title)}</h1>{body}</html>"
    )
    return Answer(status, whole, {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"})


def question(
    asked: Asked,
    tool: str,
    *,
    more: str = "",
    complaint: str = "",
    email: str = "",
    wants: Sequence[str] | None = None,
) -> Answer:
    """The page with the two buttons; it posts to its own address.

    Takes    more: fields of the tool's own, as HTML; wants: what is listed, the scopes unless told
    """
    listed = "".join(f"<li>{escape(one)}" for one in (asked.scopes if wants is None else wants))
    title = escape(asked.app.title)
    body = (
        f"<p>{escape(complaint)}</p>"
        f'<form method="post"><p><strong>{title}</strong> would like to:</p><ul>{listed}</ul>'
        f'<p><label>You are <input type="email" name="email" value="{escape(email)}" required></label></p>'
        f"{more}"
        '<p><button name="answer" value="allow">Allow</button> '
        '<button name="answer" value="refuse" formnovalidate>Refuse</button></p></form>'
    )
    return page(f"{tool}: {asked.app.title}", body, HTTPStatus.BAD_REQUEST if complaint else HTTPStatus.OK)
