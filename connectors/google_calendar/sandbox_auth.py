"""Google's accounts on loopback: consent, codes and the tokens they become, revocation, tokeninfo.

The real ones are accounts.google.com/o/oauth2/v2/auth and oauth2.googleapis.com.
A refresh token comes at the first consent alone, or where `prompt=consent` asks
for it anew; refreshing never brings another. Each scope may be unticked. What a
person takes back is taken back whole, for that application.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from html import escape
from http import HTTPStatus
from urllib.parse import parse_qs, unquote

from connectors.google_calendar.sandbox_tokens import JWT_BEARER, SCOPE, Denied, Grant, Standing, Tokens
from connectors.google_calendar.sandbox_world import World
from connectors.stand_in import Answer, Faults, Request, route
from connectors.stand_in_consent import App, Asked, Code, Desk, Mistaken, page, question

CODE_LIFE = timedelta(minutes=10)
CODE = "4/0"
EMAIL = f"{SCOPE}userinfo.email"
ALIASES = {"email": EMAIL}
CALENDAR_SCOPES = (
    "calendar", "calendar.acls", "calendar.acls.readonly", "calendar.app.created", "calendar.calendarlist",
    "calendar.calendarlist.readonly", "calendar.calendars", "calendar.calendars.readonly", "calendar.events",
    "calendar.events.freebusy", "calendar.events.owned", "calendar.events.owned.readonly",
    "calendar.events.public.readonly", "calendar.events.readonly", "calendar.freebusy", "calendar.readonly",
    "calendar.settings", "calendar.settings.readonly",
)  # fmt: skip
KNOWN = (*ALIASES, EMAIL, *(SCOPE + scope for scope in CALENDAR_SCOPES))
PROMPTS = {"none", "consent", "select_account"}

WORDS: Mapping[str, tuple[int, str]] = {
    "invalid_client": (401, "The OAuth client was not found."),
    "redirect_uri_mismatch": (400, "This app's request is invalid."),
    "unsupported_response_type": (400, "Invalid response_type."),
    "invalid_scope": (400, "Some requested scopes were invalid."),
}


class Accounts(World):
    """Who may act for whom at Google."""

    def __init__(
        self, *, clock: Callable[[], datetime] = lambda: datetime.now(UTC), faults: Faults | None = None
    ) -> None:
        super().__init__(clock=clock, faults=faults)
        self.desk = Desk(self.now, CODE_LIFE, CODE)
        self.tokens = Tokens(self.now, self._standing)
        self.register("1004.apps.googleusercontent.com", ())

    def register(self, name: str, redirects: Iterable[str]) -> App:
        """The web application that people consent to, from now on."""
        app = self.desk.register(name, redirects, KNOWN)
        self.tokens.client = {"client_id": app.id, "client_secret": app.secret}
        return app

    def _standing(self, email: str) -> Standing:
        user = self.users.get(email)
        if user is None:
            return "unknown"
        return "suspended" if user.suspended else "active"

    # --- consent -------------------------------------------------------------------------------------------

    @route("GET", "/o/oauth2/v2/auth")
    def authorize(self, request: Request) -> Answer:
        return self._told(request, lambda asked: self._question(asked, asked.params.get("login_hint", "")))

    @route("POST", "/o/oauth2/v2/auth")
    def answered(self, request: Request) -> Answer:
        form = parse_qs(request.body.decode())
        return self._told(request, lambda asked: self._decided(asked, form))

    def _told(self, request: Request, say: Callable[[Asked], Answer]) -> Answer:
        try:
            asked = self.desk.asked(request)
            _must_make_sense(asked.params)
        except Mistaken as mistake:
            status, said = WORDS.get(mistake.why, (400, ""))
            title = f"Error {status}: {mistake.why}"
            return page(title, f"<p>{escape(said)} {escape(str(mistake))}</p>", status)
        if "none" in asked.params.get("prompt", "").split():
            return asked.back(error="interaction_required")  # who sits there is never known beforehand
        return say(asked)

    def _question(self, asked: Asked, email: str, complaint: str = "") -> Answer:
        boxes = "".join(
            f'<label><input type="checkbox" name="scope" value="{scope}" checked> {scope}</label>'
            for scope in _wanted(asked)
            if scope != EMAIL
        )
        return question(asked, "Google", more=boxes, email=email, complaint=complaint, wants=_wanted(asked))

    def _decided(self, asked: Asked, form: Mapping[str, list[str]]) -> Answer:
        if form.get("answer") != ["allow"]:
            return asked.back(error="access_denied")
        email = form.get("email", [""])[0].strip().lower()
        if self._standing(email) != "active":
            return self._question(asked, email, "Couldn't find your Google Account.")
        wanted = _wanted(asked)
        allowed = {scope for scope in wanted if scope in form.get("scope", ()) or scope == EMAIL}
        if not allowed:
            return asked.back(error="access_denied")
        before = self.tokens.consented.get((asked.app.id, email), frozenset())
        if asked.params.get("include_granted_scopes") == "true":
            allowed |= before
        anew = "consent" in asked.params.get("prompt", "").split()
        offline = asked.params.get("access_type") == "offline" and (anew or not before)
        code = self.desk.code(asked, email, allowed, offline="offline" if offline else "")
        return asked.back(code=code, scope=" ".join(sorted(allowed)), authuser="0", prompt="consent")

    # --- tokens --------------------------------------------------------------------------------------------

    @route("POST", "/token")
    def token(self, request: Request) -> Answer:
        form = request.form()
        try:
            if form.get("grant_type") == JWT_BEARER:
                return self.tokens.answered(self.tokens.delegated_by(form.get("assertion", "")))
            match form.get("grant_type"):
                case "refresh_token":
                    return self.tokens.answered(self.tokens.refreshed(self._client(request, form), form))
                case "authorization_code":
                    return self._consented(self._client(request, form), form)
                case None:
                    raise Denied(400, "invalid_request", "Missing required parameter: grant_type")
                case other:
                    raise Denied(400, "unsupported_grant_type", f"Invalid grant_type: {other}")
        except Denied as denied:
            return denied.answer

    def _client(self, request: Request, form: Mapping[str, str]) -> App:
        """By the form or by HTTP Basic, as Google's discovery document of OpenID says."""
        name, secret = _basic(request) or (form.get("client_id", ""), form.get("client_secret", ""))
        if not name:
            raise Denied(400, "invalid_request", "Could not determine client ID from request.")
        if name not in self.desk.apps:
            raise Denied(401, "invalid_client", "The OAuth client was not found.")
        app = self.desk.app(name, secret)
        if app is None:
            raise Denied(401, "invalid_client", "The provided client secret is invalid.")
        return app

    def _consented(self, app: App, form: Mapping[str, str]) -> Answer:
        for name in ("code", "redirect_uri"):
            if not form.get(name):
                raise Denied(400, "invalid_request", f"Missing required parameter: {name}")
        if not form["code"].startswith(CODE):
            raise Denied(400, "invalid_grant", "Malformed auth code.")
        code = self.desk.taken(form["code"])
        if code is None or code.asked.app is not app:
            raise Denied(400, "invalid_grant", "Bad Request")
        if not code.fits(app, form["redirect_uri"]):
            raise Denied(400, "redirect_uri_mismatch", "Bad Request")
        _must_be_proven(code, form.get("code_verifier", ""))
        self.tokens.must_be_active(code.email)
        who = app.id, code.email
        self.tokens.consented[who] = self.tokens.consented.get(who, frozenset()) | code.scopes
        refresh = self.tokens.consent(code.email, code.scopes, app.id) if code.more["offline"] else None
        return self.tokens.answered(Grant(code.email, code.scopes, client=app.id), refresh)

    @route("POST", "/revoke")
    def revoked(self, request: Request) -> Answer:
        token = request.form().get("token") or request.param("token")
        if not self.tokens.revoke(token):
            said = {"error": "invalid_token", "error_description": "Token expired or revoked"}
            return Answer(HTTPStatus.BAD_REQUEST, said)
        return Answer(200, {})

    @route("GET", "/tokeninfo")
    @route("POST", "/tokeninfo")
    def token_info(self, request: Request) -> Answer:
        """What an access token is good for."""
        kind, _, bearer = request.headers.get("authorization", "").partition(" ")
        named = request.form().get("access_token") or request.param("access_token")
        grant = self.tokens.grant(named or (bearer if kind.lower() == "bearer" else ""))
        if grant is None or grant.expires is None:
            return Answer(400, {"error": "invalid_token", "error_description": "Invalid Value"})
        left = int((grant.expires - self.now()).total_seconds())
        told = {
            "azp": grant.client,
            "aud": grant.client,
            "scope": " ".join(sorted(grant.scopes)),
            "exp": str(int(grant.expires.timestamp())),
            "expires_in": str(left),
            "access_type": "offline" if self.tokens.has_refresh(grant) else "online",
        }
        if EMAIL in grant.scopes:
            told |= {"email": grant.email, "email_verified": "true"}
        return Answer(200, told)


def _must_make_sense(params: Mapping[str, str]) -> None:
    known = {"access_type": {"online", "offline"}, "include_granted_scopes": {"true", "false"}}
    for name, values in known.items():
        if name in params and params[name] not in values:
            raise Mistaken("invalid_request", f"Invalid parameter value for {name}: {params[name]}")
    if not set(params.get("prompt", "").split()) <= PROMPTS:
        raise Mistaken("invalid_request", f"Invalid parameter value for prompt: {params['prompt']}")


def _must_be_proven(code: Code, verifier: str) -> None:
    if code.proven(verifier):
        return
    if not code.asked.challenge:
        raise Denied(400, "invalid_grant", "code_verifier or verifier is not needed.")
    raise Denied(400, "invalid_grant", "Invalid code verifier." if verifier else "Missing code verifier.")


def _wanted(asked: Asked) -> list[str]:
    return [ALIASES.get(scope, scope) for scope in asked.scopes]


def _basic(request: Request) -> tuple[str, str] | None:
    kind, _, sent = request.headers.get("authorization", "").partition(" ")
    if kind.lower() != "basic":
        return None
    try:
        name, _, secret = base64.b64decode(sent, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return unquote(name), unquote(secret)
