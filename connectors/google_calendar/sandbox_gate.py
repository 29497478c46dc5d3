"""The gate of the Google Calendar stand-in: who may ask what, and how an answer is cut into pages."""

from __future__ import annotations

import hashlib
from collections import defaultdict, deque
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from functools import wraps
from typing import Any, TypeVar, get_args
from urllib.parse import parse_qs

from connectors.google_calendar import sandbox_mask as masks
from connectors.google_calendar.sandbox_asked import (
    Parameters,
    Refusal,
    bad_request,
    invalid,
    invalid_parameter,
    json_body,
    moment,
    not_found,
    sealed,
    unsealed,
)
from connectors.google_calendar.sandbox_auth import Accounts
from connectors.google_calendar.sandbox_events import Calendar, Role, User
from connectors.google_calendar.sandbox_shape import written
from connectors.google_calendar.sandbox_tokens import SCOPE
from connectors.stand_in import Answer, Faults, Request, route

ROLES = get_args(Role)
"""From the least to the most."""
EVERYBODY = ""
TOO_FAST = (
    ("userRateLimitExceeded", "User Rate Limit Exceeded"),
    ("rateLimitExceeded", "Rate Limit Exceeded"),
)
"""What Google says over the limit of a person, and of a project."""
SYNC_LIFE = timedelta(days=28)
"""How long a sync token is good for; the real limit is not published."""

A_PERSON, A_PROJECT = 600, 10_000
"""Requests a minute that Google takes for one person, and from all of one project."""

T = TypeVar("T")


@dataclass(frozen=True)
class Call:
    """A request whose caller is known and may use this endpoint."""

    request: Request
    user: User
    scopes: frozenset[str]
    """Those of the caller's scopes that open this endpoint, by short name."""
    asked: Parameters

    @property
    def body(self) -> dict[str, Any]:
        return json_body(self.request)


Endpoint = Callable[[Any, Call], Any]


def api(method: str, path: str, scopes: Collection[str], known: masks.Mask) -> Callable[[Endpoint], Endpoint]:
    """Mark the answer to one method of the API: who may call it, and what its answer can hold."""

    def mark(endpoint: Endpoint) -> Any:
        @route(method, f"/calendar/v3{path}")
        @wraps(endpoint)
        def answered(site: Gate, request: Request) -> Answer:
            try:
                call = site.admitted(request, frozenset(scopes))
                asked = _mask(call.asked, known)
                body = endpoint(site, call)
            except Refusal as refusal:
                return refusal.answer
            return Answer(204) if body is None else Answer(200, masks.masked(body, asked))

        return answered

    return mark


class Gate(Accounts):
    """Tokens, rights, quota, pages: all that comes before and after an endpoint."""

    def __init__(
        self, *, clock: Callable[[], datetime] = lambda: datetime.now(UTC), faults: Faults | None = None
    ) -> None:
        super().__init__(clock=clock, faults=faults)
        self.delegate("calendar.events.owned.readonly", "calendar.app.created")
        self.ragged = False
        """Pages come empty, half full and full in turn, as Google reserves the right to."""
        self.limit(A_PERSON)
        self._recent: dict[str, deque[datetime]] = defaultdict(deque)
        self._oldest_sync = 0

    # --- what a test or the sandbox does with it -----------------------------------------------------------

    def service_account_key(self) -> dict[str, str]:
        """The key file of the service account with domain-wide delegation; needs a started site."""
        return self.tokens.key(f"{self.url}/token")

    def delegate(self, *scopes: str) -> None:
        """The scopes (short names) the administrator lets the service account use from now on."""
        self.tokens.delegated = frozenset(SCOPE + scope for scope in scopes)

    def consent(self, email: str, *scopes: str) -> str:
        """The refresh token a person gave to `tokens.client` in the web flow."""
        return self.tokens.consent(email, frozenset(SCOPE + scope for scope in scopes))

    def access_token(self, email: str, *scopes: str) -> str:
        """An access token without the way through the token endpoint."""
        return self.tokens.access(email, frozenset(SCOPE + scope for scope in scopes))

    def revoke(self, token: str) -> None:
        self.tokens.revoke(token)

    def limit(self, per_minute: int, status: int = 403, project: int = A_PROJECT) -> None:
        """So many requests a minute and user, then 403 userRateLimitExceeded or 429; 0 is no limit.

        Takes    project: so many of all users together, then the same with rateLimitExceeded
        """
        self._per_minute, self._per_project, self._over_quota = per_minute, project, status

    def expire_sync_tokens(self) -> None:
        """Every sync token given so far is too old from now on."""
        with self.lock:
            self._oldest_sync = self._next()

    # --- Google's own words --------------------------------------------------------------------------------

    def answer(self, request: Request) -> tuple[Answer, str]:
        override = request.headers.get("x-http-method-override")
        if request.method == "POST" and override:  # clients send long GETs this way
            params = parse_qs(request.body.decode(), keep_blank_values=True) | dict(request.params)
            request = Request(override, request.path, params, request.headers, b"")
        return super().answer(request)

    def extra_headers(self, request: Request, answer: Answer) -> Mapping[str, str]:
        return {"Date": format_datetime(self.now(), usegmt=True)}

    def missing(self, request: Request) -> Answer:
        return Answer(404, "<!DOCTYPE html><title>Error 404 (Not Found)!!1</title>")

    def failed(self, kind: str) -> Answer:
        status = int(kind[:3])
        if status == 429:
            return _over_quota(429, "rateLimitExceeded", "Rate Limit Exceeded").answer
        if status == 502:
            return Answer(502, "<!DOCTYPE html><title>Error 502 (Server Error)!!1</title>")
        return Refusal(status, "backendError", "Backend Error").answer

    # --- who is asking -------------------------------------------------------------------------------------

    def admitted(self, request: Request, scopes: frozenset[str]) -> Call:
        """Raises Refusal: 401 without a good token, 403 over quota or with none of `scopes`, 400."""
        kind, _, token = request.headers.get("authorization", "").partition(" ")
        grant = self.tokens.grant(token)
        if kind.lower() != "bearer" or grant is None:
            raise Refusal(
                401,
                "authError",
                "Invalid Credentials",
                header="Authorization",
                headers={
                    "WWW-Authenticate": 'Bearer realm="https://accounts.google.com/", error="invalid_token"'
                },
            )
        asked = Parameters(request)
        self._count(asked.text("quotaUser") or grant.email)
        usable = frozenset(scope.removeprefix(SCOPE) for scope in grant.scopes) & scopes
        if not usable:
            raise _insufficient()
        asked.choice("alt", ("json",))
        asked.flag("prettyPrint")
        return Call(request, self.users[grant.email], usable, asked)

    def _count(self, who: str) -> None:
        """Refused is what goes over a limit, the person's first; it does not count."""
        now, limits = self.now(), ((who, self._per_minute), (EVERYBODY, self._per_project))
        for key, most in limits:
            recent = self._recent[key]
            while recent and now - recent[0] >= timedelta(minutes=1):
                recent.popleft()
            if most and len(recent) >= most:
                raise _over_quota(self._over_quota, *TOO_FAST[key == EVERYBODY])
        for key, most in limits:
            if most:
                self._recent[key].append(now)

    def _reached(self, call: Call, least: Role) -> tuple[Calendar, Role, bool]:
        """The calendar a call is about, the caller's role there, and whether only busy times are to be seen.

        Raises   Refusal: 404 where the caller has no right at all, 403 where too little
        """
        name = call.request.args["calendarId"]
        calendar = self.calendar(call.user.email if name == "primary" else name)
        role = calendar.role(call.user.email) if calendar else None
        if calendar is None or role is None:
            raise not_found()
        reaching = {scope for scope in call.scopes if _reaches(scope, calendar, role)}
        if not reaching:
            raise _insufficient()
        if ROLES.index(role) < ROLES.index(least):
            raise Refusal(
                403,
                "requiredAccessLevel",
                f"You need to have {least} access to this calendar.",
                domain="calendar",
            )
        return calendar, role, reaching == {"calendar.events.freebusy"}

    # --- pages ---------------------------------------------------------------------------------------------

    def _page(self, call: Call, keyed: list[tuple[str, T]], size: int) -> tuple[list[T], str, int]:
        """One page of what is sorted by key: its items, the token of the next or "", the walk's first tick.

        A token names the last key shown, so that a change between two pages makes none of the others
        appear twice or not at all.
        """
        query = _fingerprint(call)
        facts: dict[str, Any] = {"query": query, "after": "", "number": 0, "tick": self.tick}
        if "pageToken" in call.asked:
            facts = unsealed(call.asked.text("pageToken"), _bad_page_token)
            if facts.get("query") != query:
                raise _bad_page_token()
        if self.ragged:
            size = (0, (size + 1) // 2, size)[facts["number"] % 3]
        left = [(key, item) for key, item in keyed if key > facts["after"]]
        page, number = left[:size], facts["number"] + 1
        if len(left) <= size:
            return [item for _, item in page], "", facts["tick"]
        last = page[-1][0] if page else facts["after"]
        token = sealed(**{**facts, "after": last, "number": number})
        return [item for _, item in page], token, facts["tick"]

    def _synced(self, call: Call, of: str) -> int:
        """The tick a sync token stands for, -1 without one. Raises Refusal 410 for one no longer good."""
        if "syncToken" not in call.asked:
            return -1
        facts = unsealed(call.asked.text("syncToken"), _full_sync)
        if facts.get("of") != of or facts["tick"] < self._oldest_sync:
            raise _full_sync()
        if self.now() - moment(facts["at"]) > SYNC_LIFE:
            raise _full_sync()
        if facts["query"] != _sync_query(call):
            raise bad_request()
        return int(facts["tick"])

    def _turned(self, call: Call, token: str, tick: int, of: str, syncs: bool = True) -> dict[str, str]:
        """How a page ends: the next page's token, or on the last one the token to sync from."""
        if token:
            return {"nextPageToken": token}
        if not syncs:
            return {}
        return {"nextSyncToken": sealed(of=of, tick=tick, at=written(self.now()), query=_sync_query(call))}


def _mask(asked: Parameters, known: masks.Mask) -> masks.Mask | None:
    if "fields" not in asked:
        return None
    try:
        wanted = masks.mask(asked.text("fields"))
        masks.check(wanted, known)
    except ValueError as wrong:
        raise invalid_parameter(f"Invalid field selection {wrong}", "fields") from None
    return wanted


def _reaches(scope: str, calendar: Calendar, role: Role) -> bool:
    """Is this calendar within a scope that opens the endpoint?"""
    if scope == "calendar.app.created":
        return calendar.app_created and role == "owner"
    if scope == "calendar.events.public.readonly":
        return False  # no calendar here is public
    return ".owned" not in scope or role == "owner"


def _fingerprint(call: Call) -> str:
    """The query a page token belongs to: all but what may differ from page to page."""
    free = ("pageToken", "maxResults", "fields", "quotaUser", "prettyPrint", "alt", "key", "userIp")
    query = sorted((name, values) for name, values in call.request.params.items() if name not in free)
    return hashlib.sha256(repr((call.user.email, call.request.path, query)).encode()).hexdigest()[:16]


def _sync_query(call: Call) -> list[Any]:
    """What must be the same in a first sync and in those that follow."""
    return [call.asked.flag("singleEvents") or False, sorted(call.asked.texts("eventTypes"))]


def _bad_page_token() -> Refusal:
    return invalid("Invalid page token value.", "pageToken")


def _full_sync() -> Refusal:
    return Refusal(
        410,
        "fullSyncRequired",
        "Sync token is no longer valid, a full sync is required.",
        domain="calendar",
        parameter="syncToken",
    )


def _insufficient() -> Refusal:
    return Refusal(403, "insufficientPermissions", "Request had insufficient authentication scopes.")


def _over_quota(status: int, reason: str, message: str) -> Refusal:
    return Refusal(status, reason, message, domain="usageLimits")
