"""The front door of a Jira site: who asks, how fast, and how a refusal reads.

Wrong, missing and revoked credentials are not refused here but served as
nobody, the way Jira Cloud does it: searches find nothing, issues do not exist,
and only `/myself` says 401.
"""

from __future__ import annotations

import base64
import binascii
import math
import time
from collections import defaultdict, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import wraps
from typing import Any
from zoneinfo import ZoneInfo

from connectors.jira.sandbox_jql import Reader
from connectors.jira.sandbox_nouns import Issue
from connectors.jira.sandbox_shapes import Voice
from connectors.jira.sandbox_world import World
from connectors.stand_in import Answer, Faults, Request, StandIn, route

PER_ISSUE_WRITES = ((20, 2.0), (100, 30.0))
"""So many writes to one issue within so many seconds."""
BURST = {"GET": 100, "POST": 100, "PUT": 50, "DELETE": 50}
"""Requests a second to one endpoint, whoever makes them."""
LARGER_BURST = {"issue/{issue}": 150, "issue/{issue}/changelog": 200, "search/approximate-count": 150}
"""The same of some endpoints, as their path ends."""
PAYLOAD = "Invalid request payload. Refer to the REST API documentation and try again."
GONE = (
    "The requested API has been removed. Please migrate to the /rest/api/3/search/jql API. A full migration "
    "guideline is available at https://developer.atlassian.com/changelog/#CHANGE-2046"
)
NO_ISSUE = "Issue does not exist or you do not have permission to see it."
INTEGER = range(-(2**63), 2**63)


class Problem(Exception):
    """What a route raises instead of an answer; becomes Jira's error body."""

    def __init__(self, status: int, *messages: str, headers: Mapping[str, str] | None = None, **fields: str):
        super().__init__(status, *messages)
        body = {"errorMessages": list(messages), "errors": fields}
        self.answer = Answer(status, body, headers or {})


Handler = Callable[[Any, Voice, Request], Answer]


def api(methods: str, path: str) -> Callable[[Handler], Callable[[Any, Request], Answer]]:
    """A route of both API versions that is told who asks and may raise a Problem."""

    def mark(handler: Handler) -> Callable[[Any, Request], Answer]:
        @wraps(handler)
        def answered(site: Site, request: Request) -> Answer:
            try:
                return handler(site, site.voice(request), request)
            except Problem as problem:
                return problem.answer

        for method in methods.split():
            for version in (2, 3):
                route(method, f"/rest/api/{version}{path}")(answered)
        return answered

    return mark


@dataclass(frozen=True, kw_only=True)
class Through(Request):
    """A request that came by the gateway, which knows who asks."""

    account: str | None
    origin: str
    """Where its caller sees this site."""


class Pace:
    """Counts events by key and says how long to wait once there are too many."""

    def __init__(self, *limits: tuple[int, float]) -> None:
        self.limits = limits
        self.seen: defaultdict[object, deque[float]] = defaultdict(deque)

    def wait(self, key: object, now: float) -> float:
        """Seconds until the next event is welcome; 0 counts this one."""
        seen = self.seen[key]
        while seen and seen[0] <= now - max(span for _, span in self.limits):
            seen.popleft()
        waits = [seen[-most] + span - now for most, span in self.limits if len(seen) >= most]
        if (longest := max(waits, default=0.0)) > 0:
            return longest
        seen.append(now)
        return 0.0

    def left(self, key: object) -> int:
        """How many more events were welcome when the last one came."""
        return min(most for most, _ in self.limits) - len(self.seen[key])


class Site(StandIn):
    """Everything but the routes."""

    name = "jira"
    kind_of_world: type[World] = World
    kind_of_voice: type[Voice] = Voice

    def __init__(
        self,
        *,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        faults: Faults | None = None,
        index_lag: timedelta = timedelta(0),
        burst: int | None = None,
        largest_page: int = 5000,
        most_worklogs: int = 10_000,
    ) -> None:
        """
        Takes    `burst`, requests a second the site allows to one endpoint, 0 for any, as Jira does if not
                 told; `largest_page` of a search; `most_worklogs` of one issue
        """
        super().__init__(clock=clock, faults=faults)
        self.world = self.kind_of_world(lambda: self.clock(), index_lag)
        self.largest_page = largest_page
        self.most_worklogs = most_worklogs
        self.time_tracking = True
        """False: an administrator switched it off."""
        self.pace_clock: Callable[[], float] = time.monotonic
        """Limits are about real time, also where the site's clock stands still."""
        self.cloud_id = "4f0d2a6e-6f0c-4c46-9c57-0f6c1f9c2d11"
        self._told_burst = burst
        self._bursts: dict[int, Pace] = {}
        self._writes = Pace(*PER_ISSUE_WRITES)
        self._failures = 0

    # --- who asks ------------------------------------------------------------------------------------------

    def account(self, request: Request) -> str | None:
        """Whose credentials these are; None for wrong or missing ones."""
        if isinstance(request, Through):
            return request.account
        kind, _, sent = request.headers.get("authorization", "").partition(" ")
        if kind.lower() == "bearer":
            return self.world.tokens.get(sent.strip())
        if kind.lower() != "basic":
            return None
        try:
            email, _, token = base64.b64decode(sent, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            return None
        holder = self.world.people.get(self.world.tokens.get(token, ""))
        return holder.account_id if holder and holder.email.lower() == email.lower() else None

    def voice(self, request: Request) -> Voice:
        world, account = self.world, self.account(request)
        zone = ZoneInfo(world.people[account].zone if account else "UTC")
        seen = frozenset(
            project.id
            for project in list(world.projects.values())
            if world.may(account, "BROWSE_PROJECTS", project)
        )
        origin = request.origin if isinstance(request, Through) else self.url
        root = origin + "/".join(request.path.split("/")[:4])
        return self.kind_of_voice(Reader(world, account, zone, self.clock(), seen), root)

    def extra_headers(self, request: Request, answer: Answer) -> Mapping[str, str]:
        if isinstance(answer.body, str):
            return {}  # a login page comes from something in front of Jira
        if account := self.account(request):
            return {"X-AAccountId": account}
        if "authorization" in request.headers:
            return {"x-seraph-loginreason": "AUTHENTICATED_FAILED"}
        return {}

    # --- what a route needs --------------------------------------------------------------------------------

    def issue(self, voice: Voice, key_or_id: str) -> Issue:
        """The issue, if the asker may see it; else it does not exist."""
        try:
            issue = self.world.issue(key_or_id)
        except KeyError:
            issue = None
        if issue is None or issue.project.id not in voice.reader.projects:
            raise Problem(404, NO_ISSUE)
        return issue

    def note_write(self, issue: Issue) -> None:
        """Count a write to the issue; refuse where they come too fast."""
        wait = self._writes.wait(issue.id, self.pace_clock())
        if wait:
            raise Problem(429, "Rate limit exceeded.", headers=_limited("jira-per-issue-on-write", wait))

    # --- how things go wrong -------------------------------------------------------------------------------

    def before(self, request: Request) -> Answer | None:
        endpoint = self.find(request.method, request.path)[0]
        most = self._burst(request.method, endpoint)
        pace = self._bursts.setdefault(most, Pace((most, 1.0)))
        wait = pace.wait(endpoint, self.pace_clock()) if most else 0.0
        if not wait:
            return None
        return Problem(429, "Rate limit exceeded.", headers=_limited("jira-burst-based", wait)).answer

    def _burst(self, method: str, endpoint: str) -> int:
        if self._told_burst is not None:
            return self._told_burst
        larger = [most for ending, most in LARGER_BURST.items() if endpoint.endswith(ending)]
        return larger[0] if larger and method != "PUT" else BURST.get(method, 100)

    def missing(self, request: Request) -> Answer:
        return Answer(404, {"message": f"null for uri: {self.url}{request.path}", "status-code": 404})

    def failed(self, kind: str) -> Answer:
        """Jira's own bodies, the gateway's, and every third time the one with nulls in it."""
        self._failures += 1
        status = int(kind[:3])
        if status == 429:
            return Problem(
                429, "Rate limit exceeded.", headers={"RateLimit-Reason": "jira-burst-based"}
            ).answer
        if self._failures % 3 == 0:
            return Answer(status, {"errorMessages": None, "errors": None})
        if status in (502, 503):
            return Answer(status, {"code": status, "message": "The upstream server did not answer in time."})
        return Problem(status, "Internal server error").answer


def _limited(reason: str, wait: float) -> dict[str, str]:
    reset = datetime.now(UTC) + timedelta(seconds=wait)
    return {
        "Retry-After": str(math.ceil(wait)),
        "RateLimit-Reason": reason,
        "X-RateLimit-Remaining": "0",
        "X-RateLimit-Reset": reset.strftime("%Y-%m-%dT%H:%MZ"),
    }


# --- what was asked ----------------------------------------------------------------------------------------


def number(request: Request, name: str, default: int, most: int | None = None, status: int = 400) -> int:
    """A whole number of the query string, cut to `most`."""
    text = request.param(name)
    if not text:
        return default if most is None else min(default, most)
    if not text.lstrip("-").isdecimal() or int(text) < 0:
        raise Problem(status, f"'{text}' is no valid value for the parameter '{name}'.")
    return int(text) if most is None else min(int(text), most)


def listed(request: Request, name: str) -> list[str]:
    """The values of a parameter that may be repeated and may hold commas."""
    return [
        word.strip() for value in request.params.get(name, ()) for word in value.split(",") if word.strip()
    ]


def payload(request: Request, **shape: type | list[type]) -> dict[str, Any]:
    """The body, if it is an object of these members and types and nothing else; [str] is a list of texts."""
    try:
        body = request.json()
    except ValueError:
        raise Problem(400, PAYLOAD) from None
    if not isinstance(body, dict) or not all(
        name in shape and fits(value, shape[name]) for name, value in body.items()
    ):
        raise Problem(400, PAYLOAD)
    return body


def fits(value: Any, wanted: type | list[type]) -> bool:
    if isinstance(wanted, list):
        return isinstance(value, list) and all(fits(one, wanted[0]) for one in value)
    if wanted is int:
        return isinstance(value, int) and not isinstance(value, bool) and value in INTEGER
    return isinstance(value, wanted)
