"""Atlassian's accounts on loopback: its authorization server, and the gateway its tokens work through.

    atlassian = Atlassian(site)
    app = atlassian.desk.register("daybook", ["https://daybook.example/back"], SCOPES)
    url = atlassian.start()     # {url}/authorize, {url}/oauth/token, {url}/ex/jira/{cloudId}/...

The real ones are auth.atlassian.com and api.atlassian.com. OAuth tokens and
scoped API tokens are good here alone: at a site's own address nobody knows them.
Refresh tokens rotate: one that was used works ten more minutes, and after that
takes its whole family with it.
"""

from __future__ import annotations

import base64
import binascii
import secrets
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from html import escape
from http import HTTPStatus
from typing import Any

from connectors.jira.sandbox_site import Site, Through
from connectors.stand_in import Answer, Faults, Request, StandIn, route
from connectors.stand_in_consent import App, Asked, Desk, Mistaken, page, question

AUDIENCE = "api.atlassian.com"
SCOPES = ("read:jira-user", "read:jira-work", "write:jira-work", "manage:jira-configuration")
OFFLINE = "offline_access"

CODE_LIFE = timedelta(minutes=5)
ACCESS_LIFE = timedelta(hours=1)
IDLE_LIFE = timedelta(days=90)
"""A refresh token nobody used for so long is dead."""
FAMILY_LIFE = timedelta(days=365)
"""However often it was refreshed, consent ends after a year."""
LEEWAY = timedelta(minutes=10)
"""How long a used refresh token may be used again, by a worker that did not hear of the new one."""

MISMATCH = "Callback URL mismatch. {} is not in the list of allowed callback URLs"
OPEN = frozenset({"serverInfo", "permissions/check"})
"""What needs no scope."""
USERS = ("myself", "configuration", "user/", "users/")
READING_POSTS = (
    "search", "search/jql", "search/approximate-count", "jql/match", "changelog/bulkfetch", "worklog/list",
)  # fmt: skip


def scope_of(method: str, path: str) -> str:
    """The scope an operation of Jira's API asks for; "" for none.

    Source   Atlassian's OpenAPI description, `security` of each operation
    """
    name = "/".join(path.strip("/").split("/")[3:])
    if name in OPEN:
        return ""
    if name.startswith("group/"):
        return "manage:jira-configuration"
    if name.startswith(USERS):
        return "read:jira-user"
    return "read:jira-work" if method == "GET" or name in READING_POSTS else "write:jira-work"


@dataclass(eq=False)
class Grant:
    """What one person allowed one application; a second consent adds to it."""

    app: App
    account: str
    sites: set[str] = field(default_factory=set)
    scopes: set[str] = field(default_factory=set)


@dataclass(eq=False)
class Family:
    """All refresh tokens that came of one consent."""

    grant: Grant
    born: datetime
    dead: bool = False


@dataclass
class Refresh:
    family: Family
    issued: datetime
    used: datetime | None = None


@dataclass(frozen=True)
class ApiToken:
    """A scoped API token, a person's or a service account's."""

    account: str
    email: str
    scopes: frozenset[str]
    expires: datetime


class Denied(Exception):
    def __init__(self, status: int, error: str, description: str) -> None:
        super().__init__(error)
        self.answer = Answer(status, {"error": error, "error_description": description})


class Atlassian(StandIn):
    """The accounts of some sites' people."""

    name = "atlassian"

    def __init__(
        self,
        *sites: Site,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        faults: Faults | None = None,
    ) -> None:
        super().__init__(clock=clock, faults=faults)
        self.sites = {site.cloud_id: site for site in sites}
        self.desk = Desk(lambda: self.clock(), CODE_LIFE)
        self._grants: dict[tuple[str, str], Grant] = {}
        self._access: dict[str, tuple[Grant, datetime]] = {}
        self._refresh: dict[str, Refresh] = {}
        self._api_tokens: dict[str, ApiToken] = {}

    # --- what a test or the sandbox does with it -----------------------------------------------------------

    def add_api_token(
        self, email: str, token: str, scopes: Iterable[str], life: timedelta = timedelta(days=365)
    ) -> None:
        """A scoped API token of somebody a site knows; the only kind a service account has."""
        with self.lock:
            account = self._account(email)
            assert account, f"nobody is called {email}"
            self._api_tokens[token] = ApiToken(account, email, frozenset(scopes), self.clock() + life)

    def revoke(self, token: str) -> None:
        """Delete a scoped API token: from now on its holder is served as nobody."""
        self._api_tokens.pop(token, None)

    def consent(self, app: App, email: str, *scopes: str, site: str = "") -> dict[str, Any]:
        """The tokens of a person who went over the page; at the only site unless told."""
        with self.lock:
            return self._issued(self._family(app, email, site or next(iter(self.sites)), scopes))

    def disconnect(self, email: str) -> None:
        """What a person does under Connected apps, or by a new password: all their grants are gone."""
        with self.lock:
            account = self._account(email)
            self._grants = {key: grant for key, grant in self._grants.items() if grant.account != account}

    # --- consent -------------------------------------------------------------------------------------------

    @route("GET", "/authorize")
    def authorize(self, request: Request) -> Answer:
        return self._told(request, lambda asked: question(asked, "Atlassian", more=self._choice()))

    @route("POST", "/authorize")
    def answered(self, request: Request) -> Answer:
        return self._told(request, lambda asked: self._decided(asked, request.form()))

    def _told(self, request: Request, say: Callable[[Asked], Answer]) -> Answer:
        try:
            asked = self.desk.asked(request)
            for name, wanted in (("audience", AUDIENCE), ("prompt", "consent")):
                if asked.params.get(name) != wanted:
                    raise Mistaken("invalid_request", f"{name} must be {wanted}")
        except Mistaken as mistake:
            said = f"{mistake.why}: {mistake}"
            if mistake.why == "redirect_uri_mismatch":
                said = f"unauthorized_client: {MISMATCH.format(mistake)}"
            return page("Something went wrong", f"<p>{escape(said)}</p>", HTTPStatus.BAD_REQUEST)
        return say(asked)

    def _choice(self) -> str:
        sites = "".join(f'<option value="{one}">{escape(site.url)}' for one, site in self.sites.items())
        return f'<p><label>Use the app on <select name="site">{sites}</select></label></p>'

    def _decided(self, asked: Asked, form: Mapping[str, str]) -> Answer:
        if form.get("answer") != "allow":
            return asked.back(error="access_denied", error_description="User did not authorize the request")
        email, site = form.get("email", "").strip(), form.get("site", "")
        if site not in self.sites or self._member(email, site) is None:
            complaint = f"{email or 'Nobody'} has no account at that site."
            return question(asked, "Atlassian", more=self._choice(), complaint=complaint, email=email)
        return asked.back(code=self.desk.code(asked, email, asked.scopes, site=site))

    def _account(self, email: str) -> str | None:
        return next((found for site in self.sites if (found := self._member(email, site))), None)

    def _member(self, email: str, site: str) -> str | None:
        people = list(self.sites[site].world.people.values())
        found = (one for one in people if one.email.lower() == email.lower() and one.active)
        return next((one.account_id for one in found), None)

    # --- tokens --------------------------------------------------------------------------------------------

    @route("POST", "/oauth/token")
    def token(self, request: Request) -> Answer:
        try:
            said = _said(request)
            app = self.desk.app(said.get("client_id", ""), said.get("client_secret", ""))
            if app is None:
                raise Denied(401, "access_denied", "Unauthorized")
            match said.get("grant_type"):
                case "authorization_code":
                    family = self._consented(app, said)
                case "refresh_token":
                    family = self._rotated(app, said.get("refresh_token", ""))
                case other:
                    raise Denied(403, "unauthorized_client", f"Grant type '{other}' not allowed.")
        except Denied as denied:
            return denied.answer
        return Answer(200, self._issued(family), {"Cache-Control": "no-store"})

    def _consented(self, app: App, said: Mapping[str, str]) -> Family:
        code = self.desk.taken(said.get("code", ""))
        if code is None or not code.fits(app, said.get("redirect_uri", "")):
            raise Denied(400, "invalid_request", "authorization_code is invalid")
        if not code.proven(said.get("code_verifier", "")):
            raise Denied(400, "invalid_request", "code_verifier is invalid")
        return self._family(app, code.email, code.more["site"], code.scopes)

    def _family(self, app: App, email: str, site: str, scopes: Iterable[str]) -> Family:
        account = self._account(email) or ""
        grant = self._grants.setdefault((app.id, account), Grant(app, account))
        grant.sites.add(site)
        grant.scopes |= set(scopes)
        return Family(grant, self.clock())

    def _rotated(self, app: App, token: str) -> Family:
        found, now = self._refresh.get(token), self.clock()
        if found is None or found.family.grant.app is not app:
            raise _spent()
        family = found.family
        if found.used and now - found.used > LEEWAY:
            family.dead = True  # somebody has a copy
        old = now - found.issued > IDLE_LIFE or now - family.born > FAMILY_LIFE
        if family.dead or old or not self._stands(family.grant):
            raise _spent()
        found.used = found.used or now
        return family

    def _issued(self, family: Family) -> dict[str, Any]:
        grant = family.grant
        access = f"eyJ{secrets.token_urlsafe(36)}"
        self._access[access] = grant, self.clock() + ACCESS_LIFE
        answer: dict[str, Any] = {
            "access_token": access,
            "expires_in": int(ACCESS_LIFE.total_seconds()),
            "token_type": "Bearer",
            "scope": " ".join(sorted(grant.scopes)),
        }
        if OFFLINE in grant.scopes:
            refresh = answer["refresh_token"] = f"eyJ{secrets.token_urlsafe(36)}"
            self._refresh[refresh] = Refresh(family, self.clock())
        return answer

    def _stands(self, grant: Grant) -> bool:
        """Neither taken back, nor its person gone."""
        if self._grants.get((grant.app.id, grant.account)) is not grant:
            return False
        return any(self._is_there(grant.account, site) for site in grant.sites)

    def _is_there(self, account: str, site: str) -> bool:
        person = self.sites[site].world.people.get(account)
        return person is not None and person.active

    def _grant(self, request: Request) -> Grant | None:
        """What the bearer of a request may do now."""
        kind, _, token = request.headers.get("authorization", "").partition(" ")
        grant, expires = self._access.get(token.strip(), (None, self.clock()))
        if kind.lower() != "bearer" or grant is None or self.clock() >= expires:
            return None
        return grant if self._stands(grant) else None

    @route("GET", "/oauth/token/accessible-resources")
    def accessible_resources(self, request: Request) -> Answer:
        grant = self._grant(request)
        if grant is None:
            return UNAUTHORIZED
        told = [
            {
                "id": cloud,
                "url": self.sites[cloud].url,
                "name": "sandbox",
                "scopes": sorted(grant.scopes - {OFFLINE}),
                "avatarUrl": "https://site-admin-avatar-cdn.prod.public.atl-paas.net/avatars/240/rocket.png",
            }
            for cloud in sorted(grant.sites)
            if self._is_there(grant.account, cloud)
        ]
        return Answer(200, told)

    # --- the gateway ---------------------------------------------------------------------------------------

    def answer(self, request: Request) -> tuple[Answer, str]:
        parts = request.path.split("/", 4)
        if parts[:3] != ["", "ex", "jira"]:
            return super().answer(request)
        cloud, path = parts[3] if len(parts) > 3 else "", f"/{parts[4] if len(parts) > 4 else ''}"
        with self.lock:
            account, refusal = self._admitted(request, cloud, path)
        if refusal is not None:
            self.counts[f"{request.method} /ex/jira/{{cloudId}}"] += 1
            return refusal, ""
        site = self.sites[cloud]
        inner = Through(
            request.method, path, request.params, request.headers, request.body,
            account=account, origin=f"{self.url}/ex/jira/{cloud}",
        )  # fmt: skip
        answer, fault = site.answer(inner)
        return replace(answer, headers={**site.extra_headers(inner, answer), **answer.headers}), fault

    def _admitted(self, request: Request, cloud: str, path: str) -> tuple[str | None, Answer | None]:
        """As whom a request goes on to its site, or why it does not."""
        kind, _, sent = request.headers.get("authorization", "").partition(" ")
        reaches: set[str]
        if kind.lower() == "basic":
            token = self._api_token(sent)
            if token is None:
                return (None, None) if cloud in self.sites else (None, _no_such(request))
            account, scopes, reaches = token.account, set(token.scopes), set(self.sites)
        elif grant := self._grant(request):
            account, scopes, reaches = grant.account, grant.scopes, grant.sites
        else:
            return None, UNAUTHORIZED
        if cloud not in reaches or not self._is_there(account, cloud):
            return None, _no_such(request)
        wanted = scope_of(request.method, path)
        if wanted and wanted not in scopes:
            return None, Answer(401, {"code": 401, "message": "Unauthorized; scope does not match"})
        return account, None

    def _api_token(self, sent: str) -> ApiToken | None:
        try:
            email, _, secret = base64.b64decode(sent, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            return None
        token = self._api_tokens.get(secret)
        good = token is not None and token.email.lower() == email.lower() and self.clock() < token.expires
        return token if good else None


UNAUTHORIZED = Answer(401, {"code": 401, "message": "Unauthorized"})


def _spent() -> Denied:
    return Denied(403, "unauthorized_client", "refresh_token is invalid")


def _no_such(request: Request) -> Answer:
    """A cloud id that is none, or that the caller cannot reach."""
    body = {"status": 404, "error": "Not Found", "message": "No message available", "path": request.path}
    return Answer(404, body)


def _said(request: Request) -> dict[str, str]:
    """The body of a token request: Atlassian describes JSON and takes a form as well."""
    if "json" not in request.headers.get("content-type", ""):
        return request.form()
    try:
        body = request.json()
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise Denied(400, "invalid_request", "Invalid JSON")
    return {name: value for name, value in body.items() if isinstance(value, str)}
