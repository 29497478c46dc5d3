"""What every route of the Asana stand-in demands, and how every answer of it looks.

Who asks and how often, what a parameter names, pages and their tokens,
`opt_fields`, and the words of a refusal. What is answered stands in sandbox.py.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import wraps
from typing import Any, TypeVar
from urllib.parse import urlencode

from connectors.asana.sandbox_auth import FULL, Accounts, scope_of
from connectors.asana.sandbox_records import Record, User, mask, show
from connectors.asana.sandbox_rights import sees
from connectors.asana.sandbox_tokens import Tokens
from connectors.stand_in import Answer, Faults, Request, route

ROOT = "/api/1.0"
HELP = (
    "For more information on API status codes and how to handle them, "
    "read the docs on errors: https://developers.asana.com/docs/errors"
)
TOO_FAST = "You've made too many requests and hit a rate limit. Please retry after the given amount of time."
TOO_LARGE = "The result is too large. You should use pagination (may require specifying a workspace)!"

A_MINUTE = 1_500
"""Requests that Asana takes from one token of a paid plan; 150 on a free one."""
READS_AT_ONCE, WRITES_AT_ONCE = 50, 15
"""How many requests of one token may be on their way."""
PAGE = 100
UNPAGED = 1_000
"""A longer list is refused without `limit`."""

Kind = TypeVar("Kind", bound=Record)


class Refusal(Exception):
    def __init__(self, status: int, message: str, **more: Any) -> None:
        super().__init__(message)
        self.answer = _error(status, message, **more)


def _error(status: int, message: str, **more: Any) -> Answer:
    return Answer(status, {"errors": [{"message": message, "help": HELP}], **more})


def api(method: str, pattern: str) -> Callable[[Callable[[Any, Request], Answer]], Any]:
    """A route under the API's root whose refusals are answers."""

    def mark_it(handler: Callable[[Any, Request], Answer]) -> Any:
        @wraps(handler)
        def answer(site: Front, request: Request) -> Answer:
            try:
                return handler(site, request)
            except Refusal as refusal:
                return refusal.answer

        return route(method, ROOT + pattern)(answer)

    return mark_it


class Front(Accounts):
    """An organisation that can be asked."""

    def __init__(
        self,
        *,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        faults: Faults | None = None,
        moves_modify: bool = False,
        time_tracking: bool = True,
        addon_fields: Iterable[str] = (),
        requests_per_minute: int | None = A_MINUTE,
        offset_seconds: float = 900,
        sync_seconds: float = 86_400,
    ) -> None:
        """An organisation with nobody in it.

        Takes    time_tracking: False answers 402 to all of it, as a plan without it does
                 addon_fields: fields of a time entry that answer 402 for want of the add-on
                 requests_per_minute: for each token; None for as many as you like
        """
        super().__init__(clock=clock, faults=faults, moves_modify=moves_modify)
        self.time_tracking = time_tracking
        self.addon_fields = frozenset(addon_fields)
        self.requests_per_minute = requests_per_minute
        self.offset_life = timedelta(seconds=offset_seconds)
        self.sync_life = timedelta(seconds=sync_seconds)
        self._sealed = Tokens()
        self._asked: defaultdict[str, deque[datetime]] = defaultdict(deque)

    # --- before and besides the routes ---------------------------------------------------------------------

    def before(self, request: Request) -> Answer | None:
        if not request.path.startswith(ROOT):
            return None  # the authorization server has words of its own
        token = _token(request)
        held = self.holder(token)
        if held is None:
            return _error(401, "Not Authorized")
        if not {FULL, scope_of(request.method, request.path.removeprefix(ROOT))} & held[1]:
            return _error(403, "Your app is not authorized to perform this action: a scope is missing.")
        if request.beside >= (READS_AT_ONCE if request.method == "GET" else WRITES_AT_ONCE):
            return replace(_error(429, TOO_FAST), headers={"Retry-After": "1"})
        if self.requests_per_minute is None:
            return None
        now, asked = self.clock(), self._asked[token]
        while asked and now - asked[0] >= timedelta(minutes=1):
            asked.popleft()
        asked.append(now)  # a rejected request counts as well
        if len(asked) <= self.requests_per_minute:
            return None
        free = asked[-self.requests_per_minute] + timedelta(minutes=1) - now
        wait = str(-(-free // timedelta(seconds=1)))
        return replace(_error(429, TOO_FAST), headers={"Retry-After": wait})

    def missing(self, request: Request) -> Answer:
        return _error(404, "No matching route for request")

    def failed(self, kind: str) -> Answer:
        if kind.startswith("429"):
            return _error(429, TOO_FAST)
        if kind == "500":
            error = {"message": "Server Error", "help": HELP, "phrase": "9 calm otters drift slowly"}
            return Answer(500, {"errors": [error]})
        return _error(int(kind), "Service temporarily unavailable")

    # --- who asks, and for what ----------------------------------------------------------------------------

    def _me(self, request: Request) -> User:
        held = self.holder(_token(request))
        if held is None:  # its hour ended while this request was on its way
            raise Refusal(401, "Not Authorized")
        return held[0]

    def _people(self) -> list[User]:
        return sorted(self.emails.values(), key=lambda user: user.gid)

    def _user(self, request: Request, name: str, field: str) -> User:
        """By gid, by mail address, or "me"."""
        if name == "me":
            return self._me(request)
        if "@" in name:
            if (user := self.emails.get(name.lower())) is None:
                raise Refusal(404, f"{field}: Unknown object: {name}")
            return user
        return self._find(request, User, name, field)

    def _named(self, request: Request, kind: type[Kind], name: str) -> Kind:
        """What the path names."""
        return self._find(request, kind, request.args[f"{name}_gid"], name)

    def _required(self, request: Request, kind: type[Kind], name: str) -> Kind:
        """What a parameter names that has to be there."""
        return self._find(request, kind, self._demanded(request, name), name)

    def _optional(self, request: Request, kind: type[Kind], name: str) -> Kind | None:
        return self._required(request, kind, name) if request.param(name) else None

    def _demanded(self, request: Request, name: str) -> str:
        if not request.param(name):
            raise Refusal(400, f"{name}: Missing input")
        return request.param(name)

    def _mentioned(self, request: Request, kind: type[Kind], gid: Any, field: str) -> Kind:
        """What a body names; an unknown one makes the body wrong, not the address."""
        if not isinstance(gid, str):
            raise Refusal(400, f"{field}: Not a valid GID type: {type(gid).__name__}")
        try:
            return self._find(request, kind, gid, field)
        except Refusal as refusal:
            raise Refusal(400, str(refusal)) from None

    def _find(self, request: Request, kind: type[Kind], gid: str, field: str) -> Kind:
        if not gid.isdecimal():
            raise Refusal(400, f"{field}: Not a recognized ID: {gid}")
        try:
            record = self._get(kind, gid)
        except KeyError:
            raise Refusal(404, f"{field}: Unknown object: {gid}") from None
        return self._visible(request, record, field)

    def _visible(self, request: Request, record: Kind, field: str) -> Kind:
        """What the caller may not see does not exist."""
        if not sees(self._me(request), record):
            raise Refusal(404, f"{field}: Unknown object: {record.gid}")
        return record

    # --- how an answer looks -------------------------------------------------------------------------------

    def _json(
        self, request: Request, value: Any, *, whole: bool = False, only: Sequence[str] | None = None
    ) -> Any:
        me, wanted = self._me(request), mask(request.param("opt_fields"))
        if only is not None and wanted:
            wanted = {name: rest for name, rest in wanted.items() if name in only} or {"gid": {}}
        return show(value, wanted, lambda thing: sees(me, thing), whole=whole)

    def _one(self, request: Request, record: Record) -> Answer:
        return Answer(body={"data": self._json(request, record, whole=True)})

    def _list(
        self,
        request: Request,
        records: Iterable[Record],
        *,
        key: Callable[[Any], str] = lambda record: record.gid,
        newest_first: bool = False,
        only: Sequence[str] | None = None,
    ) -> Answer:
        """One page with `limit`, all of it without.

        A page begins behind the key of the last record shown, so that one
        that left the list meanwhile takes no other with it.
        """
        ordered = sorted(records, key=key)
        after = self._after(request)
        if after is None:
            start = 0
        elif newest_first:
            start = len(ordered) - bisect_left(ordered, after, key=key)
        else:
            start = bisect_right(ordered, after, key=key)
        if newest_first:
            ordered.reverse()
        if not request.param("limit"):
            if len(ordered) > UNPAGED:
                raise Refusal(400, TOO_LARGE)
            return Answer(body={"data": self._json(request, ordered, only=only)})
        end = start + _limit(request)
        data = self._json(request, ordered[start:end], only=only)
        more = self._next(request, key(ordered[end - 1])) if end < len(ordered) else None
        return Answer(body={"data": data, "next_page": more})

    def _after(self, request: Request) -> str | None:
        """The key of the last record the page before showed."""
        if not request.param("offset"):
            return None
        if not request.param("limit"):
            raise Refusal(400, "offset: Cannot be used without limit")
        mark = self._sealed.open(request.param("offset")) or {}
        if mark.get("query") != _query(request):
            raise Refusal(400, "offset: Your pagination token is invalid.")
        if self._past(mark["issued"], self.offset_life):
            raise Refusal(400, "offset: Your pagination token has expired.")
        return str(mark["last"])

    def _next(self, request: Request, last: str) -> dict[str, str]:
        offset = self._sealed.seal(query=_query(request), last=last, issued=self.clock().timestamp())
        params = {**request.params, "offset": [offset]}
        path = f"{request.path.removeprefix(ROOT)}?{urlencode(params, doseq=True)}"
        return {"offset": offset, "path": path, "uri": f"{self.url}{ROOT}{path}"}

    def _past(self, issued: float, life: timedelta) -> bool:
        return self.clock().timestamp() - issued >= life.total_seconds()


def _token(request: Request) -> str:
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    return token if kind.lower() == "bearer" else ""


def _query(request: Request) -> str:
    """What an offset belongs to: the same list, filtered the same way."""
    paging = ("limit", "offset", "opt_fields", "opt_pretty")
    return urlencode(
        [(request.path, ""), *sorted((n, v) for n, v in request.params.items() if n not in paging)]
    )


def _limit(request: Request) -> int:
    text = request.param("limit")
    if not text.isdecimal() or not 1 <= int(text) <= PAGE:
        raise Refusal(400, f"limit: Must be a number between 1 and {PAGE}, not: {text}")
    return int(text)


def param_moment(request: Request, name: str) -> datetime | None:
    """An ISO 8601 instant or day; one without an offset is UTC."""
    text = request.param(name)
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise Refusal(400, f"{name}: Date must be in ISO-8601 format, not: {text}") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def param_day(request: Request, name: str) -> date | None:
    return iso_day(request.param(name), name) if request.param(name) else None


def iso_day(value: Any, name: str) -> date:
    try:
        return datetime.strptime(value, "%Y-%m-%d").date()  # noqa: DTZ007 - a day has no zone
    except (TypeError, ValueError):
        raise Refusal(400, f"{name}: Date must be in ISO-8601 (yyyy-mm-dd) format, not: {value}") from None
