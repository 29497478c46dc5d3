"""The authorization server of the tool in memory: small, strict, and everyone's fake.

People press Allow or Refuse here instead of in a browser. A code is good once,
for one address and with its verifier; a refresh token that was used is good for
a few minutes more, and after that takes its whole grant with it.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import parse_qs, urlencode, urlsplit

from pydantic import SecretStr

from connectors.contract import Authorization, Refused, Unavailable
from connectors.memory import Mishap, Tool
from connectors.oauth import Tokens, challenge, spent

AUTHORIZATION = Authorization(
    authorize="https://accounts.memory.example/authorize",
    token="https://accounts.memory.example/token",  # noqa: S106
    revoke="https://accounts.memory.example/revoke",
    client="daybook",
    scopes=("read:me", "write:records", "offline_access"),
    meaning={"read:me": "see who you are", "write:records": "post records"},
    rotates=True,
)
CODE_LIFE = timedelta(minutes=10)
ACCESS_LIFE = timedelta(hours=1)
IDLE_LIFE = timedelta(days=90)
GRACE = timedelta(minutes=10)


@dataclass
class Consent:
    """What one person allowed, with all tokens that came of it."""

    account: str
    used: datetime
    scopes: tuple[str, ...]
    revoked: bool = False
    access: set[str] = field(default_factory=set)


@dataclass
class Code:
    account: str
    scopes: tuple[str, ...]
    redirect: str
    challenge: str
    given: datetime


@dataclass
class Refresh:
    consent: Consent
    used: datetime | None = None


class MemoryAuthority:
    """Who lets people lend Daybook their account at the tool in memory."""

    def __init__(self, tool: Tool, redirects: frozenset[str]) -> None:
        """Takes    redirects: the only addresses a browser is sent back to"""
        self.authorization = AUTHORIZATION
        self.tool, self.redirects = tool, redirects
        self.unticked: set[str] = set()
        """Scopes that people leave out."""
        self.refreshed = 0
        """How often a refresh token was taken."""
        self._codes: dict[str, Code] = {}
        self._refresh: dict[str, Refresh] = {}

    # --- what people do ------------------------------------------------------------------------------------

    def allow(self, question: str, account: str) -> str:
        """This person presses Allow; gives where their browser goes."""
        asked = self._asked(question)
        code = secrets.token_urlsafe(24)
        scopes = tuple(asked["scope"].split())
        self._codes[code] = Code(
            account, scopes, asked["redirect_uri"], asked["code_challenge"], self.tool.now
        )
        return f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}"

    def refuse(self, question: str) -> str:
        """This person presses Refuse; gives where their browser goes."""
        asked = self._asked(question)
        return f"{asked['redirect_uri']}?{urlencode({'error': 'access_denied', 'state': asked['state']})}"

    def take_back(self, account: str) -> None:
        """This person removes Daybook under the applications they connected."""
        for refresh in self._refresh.values():
            if refresh.consent.account == account:
                self._end(refresh.consent)

    def stands(self, account: str) -> bool:
        """Whether anything this person allowed is still good."""
        return any(
            one.consent.account == account and not one.consent.revoked for one in self._refresh.values()
        )

    # --- what Daybook asks ---------------------------------------------------------------------------------

    def exchange(self, code: str, verifier: str, redirect: str) -> Tokens:
        mishap = self.tool.ask()
        given = self._codes.pop(code, None)
        fits = given is not None and (given.redirect, given.challenge) == (
            redirect,
            challenge(self.authorization, verifier),
        )
        if given is None or not fits or self.tool.now - given.given > CODE_LIFE:
            raise _spent()
        return self._issued(Consent(given.account, self.tool.now, given.scopes), mishap)

    def refresh(self, token: SecretStr) -> Tokens:
        mishap = self.tool.ask()
        with self.tool.lock:
            self.refreshed += 1
            found, now = self._refresh.get(token.get_secret_value()), self.tool.now
            if found is None or found.consent.revoked or now - found.consent.used > IDLE_LIFE:
                raise _spent()
            if found.used is not None and now - found.used > GRACE:
                self._end(found.consent)
                raise _spent()
            found.used = found.used or now
            found.consent.used = now
            return self._issued(found.consent, mishap)

    def revoke(self, token: SecretStr) -> None:
        self.tool.ask()
        if found := self._refresh.get(token.get_secret_value()):
            self._end(found.consent)

    def _asked(self, question: str) -> dict[str, str]:
        asked = {name: value for name, (value,) in parse_qs(urlsplit(question).query).items()}
        wanted = {"response_type": "code", "client_id": "daybook", "code_challenge_method": "S256"}
        assert asked.items() >= wanted.items() and asked["redirect_uri"] in self.redirects, "a wrong question"
        return asked

    def _issued(self, consent: Consent, mishap: Mishap) -> Tokens:
        access, refresh = f"a-{secrets.token_urlsafe(24)}", f"r-{secrets.token_urlsafe(24)}"
        ends = self.tool.now + ACCESS_LIFE
        consent.access.add(access)
        self.tool.tokens[access], self.tool.token_ends[access] = consent.account, ends
        self._refresh[refresh] = Refresh(consent)
        if mishap == "lost":
            raise Unavailable("The tool hung up. Nothing changed; try again.")
        return Tokens(
            access=SecretStr(access),
            refresh=SecretStr(refresh),
            expires_at=ends,
            scopes=tuple(scope for scope in consent.scopes if scope not in self.unticked),
        )

    def _end(self, consent: Consent) -> None:
        consent.revoked = True
        for access in consent.access:
            self.tool.tokens.pop(access, None)


def _spent() -> Refused:
    return Refused(spent("The tool"), whose="account")
