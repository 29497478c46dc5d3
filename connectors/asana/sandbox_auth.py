"""Asana's authorization server on loopback, and what each scope opens.

Access tokens live an hour. Refresh tokens do not rotate, are told once and live
until somebody takes them back. An application is registered with full
permissions (`default`) or with single scopes, and gets nothing else; no single
scope opens events, sections or the writing of time entries.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from html import escape
from http import HTTPStatus
from typing import Any

from connectors.asana.sandbox_records import User
from connectors.asana.sandbox_world import Organisation
from connectors.stand_in import Answer, Faults, Request, route
from connectors.stand_in_consent import App, Asked, Desk, Mistaken, page, question

FULL = "default"
CODE_LIFE = timedelta(minutes=15)
ACCESS_LIFE = timedelta(hours=1)
ABOUT = "https://asana.com/developers/documentation/getting-started/authentication"

OPENED_BY: Mapping[str, str] = {
    "ooo_entries": "ooo_entries:read",
    "projects": "projects:read",
    "stories": "stories:read",
    "subtasks": "tasks:read",
    "tasks": "tasks:read",
    "time_tracking_categories": "time_tracking_categories:read",
    "time_tracking_entries": "time_tracking_entries:read",
    "timesheet_approval_statuses": "timesheet_approval_statuses:read",
    "user_task_list": "tasks:read",
    "user_task_lists": "tasks:read",
    "users": "users:read",
    "workspaces": "workspaces:read",
}
"""What is read -> the scope for it; what is not named needs all."""


def scope_of(method: str, path: str) -> str:
    """The least scope for an operation, by its path below the API's root.

    Source   Asana's OpenAPI description, `security` of each operation
    """
    what = path.strip("/").split("/")[0::2][-1]
    return OPENED_BY.get(what, FULL) if method == "GET" else FULL


@dataclass(eq=False)
class Grant:
    """What one person allowed one application once."""

    app: App
    user: User
    scopes: frozenset[str]
    alive: bool = True


class _Denied(Exception):
    def __init__(self, error: str, description: str, status: int = HTTPStatus.BAD_REQUEST) -> None:
        super().__init__(error)
        body = {"error": error, "error_uri": ABOUT, "error_description": description}
        self.answer = Answer(status, body)


class Accounts(Organisation):
    """Who may act for whom in Asana."""

    def __init__(
        self,
        *,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        faults: Faults | None = None,
        moves_modify: bool = False,
    ) -> None:
        super().__init__(clock=clock, faults=faults, moves_modify=moves_modify)
        self.desk = Desk(lambda: self.clock(), CODE_LIFE, "0/")
        self._grants: dict[str, Grant] = {}
        """By refresh token."""
        self._access: dict[str, tuple[Grant, datetime]] = {}

    # --- what a test or the sandbox does with it -----------------------------------------------------------

    def register(self, name: str, redirects: Iterable[str], scopes: Iterable[str] = (FULL,)) -> App:
        """An application with full permissions, or with these alone."""
        return self.desk.register(name, redirects, scopes)

    def consent(self, app: App, email: str, *scopes: str) -> dict[str, Any]:
        """The tokens of a person who went over the page."""
        with self.lock:
            return self._granted(Grant(app, self.emails[email], frozenset(scopes or app.scopes)))

    def deauthorize(self, email: str) -> None:
        """What a person does under their settings: all applications lose their access."""
        with self.lock:
            for token, grant in list(self._grants.items()):
                if grant.user.email == email:
                    self._end(token)

    # --- who asks ------------------------------------------------------------------------------------------

    def holder(self, token: str) -> tuple[User, frozenset[str]] | None:
        """Whose token it is, and what it opens; None where it opens nothing any more."""
        if token in self.tokens:
            return self.tokens[token], frozenset({FULL})
        grant, expires = self._access.get(token, (None, self.clock()))
        if grant is None or not grant.alive or self.clock() >= expires:
            return None
        return grant.user, grant.scopes

    # --- consent -------------------------------------------------------------------------------------------

    @route("GET", "/-/oauth_authorize")
    def authorize(self, request: Request) -> Answer:
        return self._told(request, lambda asked: question(asked, "Asana"))

    @route("POST", "/-/oauth_authorize")
    def answered(self, request: Request) -> Answer:
        return self._told(request, lambda asked: self._decided(asked, request.form()))

    def _told(self, request: Request, say: Callable[[Asked], Answer]) -> Answer:
        try:
            return say(self.desk.asked(request, scope=FULL))
        except Mistaken as mistake:
            why: str = mistake.why
            if why == "redirect_uri_mismatch":
                why = "invalid_request: The `redirect_uri` parameter does not match a valid url for the app."
            elif why == "invalid_scope":
                why = "forbidden_scopes: Your app is not allowed to request these scopes."
            return page("Asana", f"<p>{escape(why)} {escape(str(mistake))}</p>", HTTPStatus.BAD_REQUEST)

    def _decided(self, asked: Asked, form: Mapping[str, str]) -> Answer:
        if form.get("answer") != "allow":
            return asked.back(error="access_denied", error_description="The user denied access to your app.")
        email = form.get("email", "").strip().lower()
        if email not in self.emails:
            return question(asked, "Asana", complaint="We could not find this account.", email=email)
        return asked.back(code=self.desk.code(asked, email, asked.scopes))

    # --- tokens --------------------------------------------------------------------------------------------

    @route("POST", "/-/oauth_token")
    def token(self, request: Request) -> Answer:
        form = request.form()
        try:
            app = self._client(form)
            match form.get("grant_type"):
                case "authorization_code":
                    return Answer(200, self._granted(self._consented(app, form)))
                case "refresh_token":
                    return Answer(200, self._issued(self._refreshed(app, form.get("refresh_token", ""))))
                case other:
                    raise _Denied("unsupported_grant_type", f"The `grant_type` {other} is not supported.")
        except _Denied as denied:
            return denied.answer

    def _client(self, form: Mapping[str, str]) -> App:
        app = self.desk.app(form.get("client_id", ""), form.get("client_secret", ""))
        if app is None:
            said = "The `client_id` or the `client_secret` provided was invalid."
            raise _Denied("invalid_client", said, HTTPStatus.UNAUTHORIZED)
        return app

    def _consented(self, app: App, form: Mapping[str, str]) -> Grant:
        code = self.desk.taken(form.get("code", ""))
        if code is None or not code.fits(app, form.get("redirect_uri", "")):
            raise _Denied("invalid_grant", "The `code` provided was invalid.")
        if not code.proven(form.get("code_verifier", "")):
            raise _Denied("invalid_grant", "The `code_verifier` provided was invalid.")
        return Grant(app, self.emails[code.email], code.scopes)

    def _refreshed(self, app: App, token: str) -> Grant:
        grant = self._grants.get(token)
        if grant is None or grant.app is not app:
            raise _Denied("invalid_grant", "The `refresh_token` provided was invalid.")
        return grant

    def _granted(self, grant: Grant) -> dict[str, Any]:
        """Its first tokens; the refresh token is told now or never."""
        refresh = f"1/{secrets.token_hex(16)}:{secrets.token_hex(16)}"
        self._grants[refresh] = grant
        return {**self._issued(grant), "refresh_token": refresh}

    def _issued(self, grant: Grant) -> dict[str, Any]:
        access, user = f"2/{secrets.token_hex(24)}", grant.user
        self._access[access] = grant, self.clock() + ACCESS_LIFE
        return {
            "access_token": access,
            "expires_in": int(ACCESS_LIFE.total_seconds()),
            "token_type": "bearer",
            "data": {"id": user.gid, "gid": user.gid, "name": user.name, "email": user.email},
        }

    @route("POST", "/-/oauth_revoke")
    def revoked(self, request: Request) -> Answer:
        form = request.form()
        try:
            app = self._client(form)
            self._refreshed(app, form.get("token", ""))  # an access token cannot be taken back
        except _Denied as denied:
            return denied.answer
        self._end(form["token"])
        return Answer(200, {})

    def _end(self, token: str) -> None:
        self._grants.pop(token).alive = False
