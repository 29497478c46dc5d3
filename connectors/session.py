"""One discipline for every HTTP call of every connector.

Each call has a timeout and a deadline, is sent at most once, spends from its connection's
budget, goes to a configured address only, follows no redirect and keeps no
cookie. What comes back is either an answer of the tool or a Fault that says
what happens next; a write whose answer was lost is Unclear, never tried again
here or below (P8).

The vendor libraries ride on it through `http.py` in their connector's folder,
so `responses` sees all three.
"""

from __future__ import annotations

import json as json_text
import socket
import ssl
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from copy import copy
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache
from http import HTTPStatus
from http.cookiejar import DefaultCookiePolicy
from importlib import metadata
from typing import Any, Literal
from urllib.parse import urlsplit

import requests
from pydantic import SecretStr
from requests.auth import HTTPBasicAuth
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError
from urllib3.exceptions import ProxyError as UnreachedProxy

from connectors.address import JudgedAdapter, is_loopback, origin
from connectors.budget import Budget, spread
from connectors.contract import Fault, Paced, Refused, Unavailable, Unclear
from connectors.limits import LONGEST_REST, USUAL_REST, Limits, asked_rest, dated
from connectors.text import whole
from core.said import Said, worded

READS = frozenset({"GET", "HEAD", "OPTIONS"})
CONDITIONS = frozenset({"If-None-Match", "If-Modified-Since"})
"""Headers of who wants an answer only if it is another one than last time."""
MOVED = frozenset({HTTPStatus.MOVED_PERMANENTLY, HTTPStatus.PERMANENT_REDIRECT})
TIMEOUT = (3.05, 30.0)
"""Seconds to connect (just over one lost packet), and seconds without a byte."""

ANSWERED = worded("{tool} answered {status}")
POINTED = worded("{tool} answered {status}, which points elsewhere")
REFUSED = worded("{tool} refused {what} ({status}). Nothing was changed there. {does}")

Watch = Callable[[str, str], AbstractContextManager[Callable[[int], None]]]


def _unwatched(_tool: str, _method: str) -> AbstractContextManager[Callable[[int], None]]:
    return nullcontext(lambda _status: None)


watch: Watch = _unwatched
"""Around each request, told tool and method, then the status of the answer; who traces puts another here."""

Auth = Callable[[requests.PreparedRequest], requests.PreparedRequest]
Whose = Literal["connection", "account", "entry"]

ADVICE: Mapping[int, str] = {
    401: Said("The credential is wrong, expired or revoked: give a new one."),
    402: Said("The tool's plan does not include this."),
    403: Said("Grant the right that is missing."),
    404: Said("It is gone, or hidden from this account: give access or choose another."),
    410: Said("The tool removed the address we used: update Daybook."),
    413: Said("The tool takes no more of this."),
}
"""What to do about an answer that means no, by status."""
OTHERWISE = Said("Look at what was sent; the same again gets the same answer.")


def bearer(token: SecretStr, whose: Whose = "account") -> Auth:
    """Sign with a token.

    Raises   Refused, from the call, where no header can carry it: the libraries' own errors would quote it
    """

    def sign(request: requests.PreparedRequest) -> requests.PreparedRequest:
        secret = token.get_secret_value()
        if not secret.isascii() or not secret.isprintable() or " " in secret or not secret:
            raise Refused(
                Said(
                    "A token holds characters no token has. Nothing was sent; "
                    "copy it again without line breaks."
                ),
                whose,
            )
        request.headers["Authorization"] = f"Bearer {secret}"
        return request

    return sign


def basic(name: str, secret: SecretStr) -> Auth:
    return HTTPBasicAuth(name.encode(), secret.get_secret_value().encode())


def _nobody(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Having an auth at all keeps requests from looking one up in ~/.netrc."""
    return request


class Session:
    """The calls of one identity to one tool; safe to share between threads.

    Takes    tool: its name in messages; base: its address; also: further addresses it needs (a token service)
    Raises   Refused where an address may not be spoken to
    """

    def __init__(
        self,
        tool: str,
        base: str,
        *,
        auth: Auth = _nobody,
        headers: Mapping[str, str] | None = None,
        also: Sequence[str] = (),
        timeout: tuple[float, float] = TIMEOUT,
        budget: Budget | None = None,
        longest_rest: timedelta = LONGEST_REST,
        limits: Limits | None = None,
    ) -> None:
        self.tool = tool
        self.base = base.rstrip("/")
        self.budget = budget or Budget()
        self._origins = frozenset(map(origin, (base, *also)))
        self._auth = auth
        self._timeout = timeout
        self._longest_rest = longest_rest
        self._limits = limits or Limits()
        self.told_at: datetime | None = None
        """What time the last answer said it is there."""
        self._http = _plain(headers or {}, local=is_loopback(urlsplit(base).hostname or ""))

    def acting(self, auth: Auth, budget: Budget | None = None) -> Session:
        """The same connections under another identity: one for each contributor costs nothing.

        Takes    budget: of a credential that its tool counts by itself; without, this identity shares ours
        """
        other = copy(self)
        other._auth = auth
        if budget is not None:
            other.budget, other._limits = budget, replace(self._limits, rests="account")
        return other

    def call(
        self,
        method: str,
        url: str,
        *,
        params: Any = None,
        json: Any = None,
        data: Any = None,
        headers: Mapping[str, str] | None = None,
        write: bool | None = None,
    ) -> requests.Response:
        """Send one request once.

        Takes    a whole address or a path below `base`; write: may it change something, by method if not told
        Gives    2xx, 304 to who asked, and the 4xx that only its connector can name (400 to 423 but 408)
        Raises   Paced, Unavailable; Unclear for a write that may have happened; Refused before sending
        """
        write = method not in READS if write is None else write
        url = url if "://" in url else f"{self.base}/{url.lstrip('/')}"
        if origin(url) not in self._origins:
            raise Refused(
                Said("A call to {tool} pointed to another host. Nothing was sent.", tool=self.tool),
                whose="connection",
            )
        try:
            turn = self.budget.turn(*self._limits.places(method, url), write=write)
            with turn, watch(self.tool, method) as answered:
                response = self._http.request(
                    method,
                    url,
                    params=params,
                    json=json,
                    data=data,
                    headers=dict(headers or {}),
                    auth=self._auth,
                    timeout=self._timeout,
                    allow_redirects=False,
                )
                answered(response.status_code)
                self.told_at = dated(response.headers)
                if near := self._limits.near(response):
                    self.budget.slow(*near)
                if fault := self._judge(response, write=write):
                    raise fault
        except requests.RequestException as error:
            # their messages quote addresses with people in them
            raise lost(error, self.tool, write=write) from None
        return response

    def json_of(self, response: requests.Response, *, write: bool = False) -> Any:
        """What an answer says; None where it has no body.

        Raises   Unavailable, for a write Unclear, where it is no JSON: a login page, half an answer
        """
        if not response.content:
            return None
        try:
            return json_text.loads(whole(response.content))
        except (ValueError, RecursionError):
            form = worded("{tool} answered {status} with something that is not JSON")
            what = Said(form, tool=self.tool, status=response.status_code)
        raise _unclear(what) if write else _unavailable(what)

    def paced(self, response: requests.Response) -> Paced:
        """For an answer that says "too fast" in its tool's own way; what it is about rests."""
        limit = self._limits.reached(response)
        wait = min(USUAL_REST if limit.wait is None else limit.wait, self._longest_rest)
        self.budget.rest(spread(wait), limit.place, limit.rests)
        return Paced(
            Said(
                "{tool} asked us to wait {seconds} s ({status}). Nothing changed; we wait.",
                tool=self.tool,
                seconds=f"{wait.total_seconds():.0f}",
                status=response.status_code,
            ),
            wait,
            limit.rests,
        )

    def close(self) -> None:
        self._http.close()

    def refused(
        self,
        response: requests.Response,
        what: str,
        whose: Whose = "entry",
        advice: Mapping[int, str] = ADVICE,
    ) -> Refused:
        """The usual words for an answer that means no.

        Takes    what was refused, as in "the time on ACME-12"; advice: what to do, by status
        """
        status = response.status_code
        does = advice.get(status, OTHERWISE)
        return Refused(Said(REFUSED, tool=self.tool, what=what, status=status, does=does), whose)

    def _judge(self, response: requests.Response, *, write: bool) -> Fault | None:
        status = response.status_code
        if status == HTTPStatus.TOO_MANY_REQUESTS:
            return self.paced(response)
        if status == HTTPStatus.NOT_MODIFIED and CONDITIONS & response.request.headers.keys():
            return None
        elsewhere = 300 <= status < 400
        if status < 500 and status != HTTPStatus.REQUEST_TIMEOUT and not elsewhere:
            return None
        said_when = status == HTTPStatus.SERVICE_UNAVAILABLE and asked_rest(response.headers) is not None
        paced = self.paced(response) if said_when else None
        plain, led = (
            worded("{tool} answered {status}"),
            worded("{tool} answered {status}, which points elsewhere"),
        )
        said = Said(led if elsewhere else plain, tool=self.tool, status=status)
        if status in MOVED and not write:
            # where to is for a person to judge, and may be a secret
            return Refused(
                Said(
                    "{happened}: its address changed for good. Nothing was read. "
                    "Correct it in the configuration.",
                    happened=said,
                ),
                whose="connection",
            )
        # a gateway may say 503 after the tool behind it did the work
        return _unclear(said) if write else paced or _unavailable(said)


def lost(error: requests.RequestException, tool: str, *, write: bool) -> Fault:
    """What a network error means: certainly not sent, or nobody knows."""
    causes = list(_causes(error))
    said = Said(_what_happened(causes), tool=tool)
    sent = not any(isinstance(cause, UNSENT) for cause in causes)
    return _unclear(said) if write and sent else _unavailable(said)


UNSENT = (requests.ConnectTimeout, ConnectTimeoutError, UnreachedProxy, ssl.SSLCertVerificationError)
"""What can only happen before the first byte of a request."""

WORDS: Sequence[tuple[type[BaseException] | tuple[type[BaseException], ...], str]] = (
    (socket.gaierror, worded("{tool} was not found by name")),
    (UnreachedProxy, worded("{tool} was not reached: the proxy did not take us there")),
    (NewConnectionError, worded("{tool} could not be reached")),  # also a ConnectTimeoutError, by descent
    ((requests.ConnectTimeout, ConnectTimeoutError), worded("{tool} did not let us connect in time")),
    (ssl.SSLCertVerificationError, worded("{tool} showed a certificate we do not trust")),
    (ssl.SSLError, worded("{tool} broke the encrypted connection")),
    ((requests.Timeout, TimeoutError), worded("{tool} did not answer in time")),
)


def _what_happened(causes: Sequence[BaseException]) -> str:
    for kinds, words in WORDS:
        if any(isinstance(cause, kinds) for cause in causes):
            return words
    return worded("{tool} hung up without an answer")


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """An error and what the libraries wrapped in it: requests in args, urllib3 in `reason`."""
    seen: set[int] = set()
    waiting = [error]
    while waiting:
        cause = waiting.pop()
        if not isinstance(cause, BaseException) or id(cause) in seen:
            continue
        seen.add(id(cause))
        yield cause
        waiting += [*cause.args, getattr(cause, "reason", None), cause.__cause__, cause.__context__]


def _unavailable(said: str) -> Unavailable:
    return Unavailable(Said("{happened}. Nothing changed; the next round tries again.", happened=said))


def _unclear(said: str) -> Unclear:
    return Unclear(
        Said(
            "{happened}. Whether it was done there is unknown; Daybook looks before it tries again.",
            happened=said,
        )
    )


def _plain(headers: Mapping[str, str], *, local: bool) -> requests.Session:
    """A requests session with everything switched off that would act on its own."""
    http = requests.Session()
    http.trust_env = not local  # proxies of the environment know nothing of this machine's own ports
    nobody = DefaultCookiePolicy(allowed_domains=[])
    http.cookies.set_policy(nobody)  # else Ada's cookie rides with Ben's token
    agent = f"daybook/{_version()} (gzip)"  # Google compresses only for agents that say so
    http.headers.update({"User-Agent": agent, "Accept": "application/json", **headers})
    for scheme in ("https://", "http://"):
        http.mount(scheme, JudgedAdapter(max_retries=0, pool_maxsize=16))
    return http


@cache
def _version() -> str:
    try:
        return metadata.version("daybook-time")
    except metadata.PackageNotFoundError:  # run from a checkout
        return "0"
