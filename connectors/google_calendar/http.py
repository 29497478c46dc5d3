"""The Google client library on our Session: it makes the addresses, we make the calls.

Left alone its transport is not safe between threads (it has handed one person's
calendar to another), its own retries send an insert again, and its credentials
repeat a token call and start threads.
"""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from functools import cache
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn

import requests
from pydantic import BaseModel, Field, SecretStr, ValidationError

from connectors.contract import Fault, Refused, Unavailable
from connectors.google_calendar.limits import TOO_MUCH
from connectors.google_calendar.refusals import fault, reason
from connectors.session import READS, Auth, Session, bearer
from connectors.text import whole
from core.said import Said

if TYPE_CHECKING:
    import httplib2
    from google.auth.credentials import Credentials

PASSING = frozenset({"internal_failure", "server_error", "temporarily_unavailable"})
"""What a token service says of itself, with any status; google-auth would wait and ask again by itself."""
_MAKING = threading.Lock()
"""A cache lets threads that begin together each make their own: a dozen, 4 MiB that no heap gives back."""


def events(endpoint: str) -> Any:
    """The library's calls for events, made once a process (2 ms else); unlike an http, safe to share."""
    return _calls(endpoint, "events")


def calendar_list(endpoint: str) -> Any:
    """Its calls for the list of a person's calendars."""
    return _calls(endpoint, "calendarList")


def calendars(endpoint: str) -> Any:
    """Its calls for what is said of one calendar as a whole."""
    return _calls(endpoint, "calendars")


def _calls(endpoint: str, name: str) -> Any:
    with _MAKING:
        return _made(endpoint, name)


@cache
def _made(endpoint: str, name: str) -> Any:
    return getattr(_service(endpoint), name)()


@cache
def _service(endpoint: str) -> Any:
    """What Google says of the calendar's calls, read once for all of them."""
    from googleapiclient.discovery import build_from_document
    from googleapiclient.discovery_cache import get_static_doc

    # its warnings quote addresses with people in them
    logging.getLogger("googleapiclient").setLevel(logging.ERROR)
    document = json.loads(get_static_doc("calendar", "v3"), object_hook=_without_words)
    options = {"api_endpoint": f"{endpoint}/"}
    return build_from_document(document, http=_Nobody(), client_options=options)


def _without_words(part: dict[str, Any]) -> dict[str, Any]:
    """What is said to people in it, the library would write below each call again (0.5 MiB)."""
    return {name: said for name, said in part.items() if name != "description" or isinstance(said, dict)}


class _Nobody:
    """Stands where the library wants an http of its own: every call has to name whose it is."""

    def request(self, *_: Any, **__: Any) -> NoReturn:
        raise AssertionError("a call to Google without a person")

    def close(self) -> None:
        """There is nothing to close."""


class GoogleHttp:
    """What googleapiclient needs as `http`, for `build(http=…)` and `execute(http=…)`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def request(
        self,
        uri: str,
        method: str = "GET",
        body: Any = None,
        headers: Mapping[str, str] | None = None,
        **_: Any,
    ) -> tuple[httplib2.Response, bytes]:
        """One call.

        Gives    any answer below 500 but a 408, a 429 or a 403 that means 429; the library makes an
                 HttpError of the wrong ones
        Raises   the Session's faults, also for a 200 that is no JSON: the library takes it for a text
        """
        import httplib2

        sent = {name.lower(): value for name, value in (headers or {}).items()}
        for ours in ("content-length", "user-agent"):
            sent.pop(ours, None)
        # the library turns a GET with a long address into a POST that says so
        write = sent.get("x-http-method-override", method) not in READS
        response = self._session.call(method, uri, data=body, headers=sent, write=write)
        if response.ok:
            self._session.json_of(response, write=write)
            content = whole(response.content).encode()
        else:
            word = reason(response.content)
            if response.status_code == HTTPStatus.FORBIDDEN and word in TOO_MUCH:
                raise self._session.paced(response)
            content = _refusal(word)
        heading = httplib2.Response({name.lower(): value for name, value in response.headers.items()})
        heading.status, heading.reason = response.status_code, response.reason
        return heading, content

    def close(self) -> None:
        """The Session belongs to whoever made it."""


def _refusal(reason: str) -> bytes:
    """An error with nothing in it but its reason: the library trips over one whose message is no text."""
    return json.dumps({"error": {"message": "", "errors": [{"reason": reason}]}}).encode()


class Answer(NamedTuple):
    """What Google said to one question."""

    body: Mapping[str, Any]
    at: datetime | None
    """By Google's clock; None where it did not say."""


def ask(
    request: Any,
    credentials: Credentials,
    session: Session,
    *,
    kind: str = "calendar#events",
    changes: bool = False,
) -> Answer:
    """Send one of the library's reads as `credentials`; a refused token is fetched anew, once.

    Takes    kind: what the answer must call itself; changes: whether only what changed is asked for
    Raises   what `refusals.fault` makes of an error; the session's faults
    """
    from googleapiclient.errors import HttpError

    dates: list[str] = []
    request.add_response_callback(lambda heading: dates.append(heading.get("date", "")))
    transport = GoogleHttp(session.acting(signed_by(credentials, session)))
    for may_repeat in (True, False):
        fetch_token(credentials, session)  # here: signing holds a turn, and must not wait for another
        try:
            body = request.execute(http=transport, num_retries=0)
        except HttpError as error:
            status, word = error.status_code, reason(error.content)
        else:
            return Answer(_of_kind(kind, body), _clock(dates[-1]))
        if status != HTTPStatus.UNAUTHORIZED or not may_repeat:
            break
        fetch_token(credentials, session, anew=True)
    raise fault(status, word, changes=changes)


def _of_kind(kind: str, body: Any) -> Mapping[str, Any]:
    """An answer that is what was asked for. Raises Unavailable: less would look like an empty calendar."""
    if isinstance(body, dict) and body.get("kind") == kind:
        return body
    raise Unavailable(
        Said(
            "Google Calendar answered with something else than what was asked for. Nothing changed; "
            "the next round tries again."
        )
    )


def _clock(date: str) -> datetime | None:
    try:
        at = parsedate_to_datetime(date)
    except ValueError:
        return None
    return at if at.tzinfo else None


def signed_by(credentials: Credentials, session: Session) -> Auth:
    """Sign as `credentials`, fetching their token through `session` when it is due.

    Raises   from the call: Refused where the grant no longer stands (R-08), Unavailable
    """

    def sign(request: requests.PreparedRequest) -> requests.PreparedRequest:
        fetch_token(credentials, session)
        return bearer(SecretStr(credentials.token), whose="connection")(request)

    return sign


def fetch_token(credentials: Credentials, session: Session, *, anew: bool = False) -> None:
    """Let `credentials` hold a token that is good for some minutes, with one request at most.

    Takes    anew: whatever it holds is no good
    Raises   Refused, Unavailable
    """
    from google.auth.exceptions import GoogleAuthError

    # not before_request: that one starts a thread for each credential, to look for a region
    if credentials.valid and not anew:
        return
    try:
        credentials.refresh(_Tokens(session, credentials.scopes or ()))
    except GoogleAuthError:
        # its message may quote the token service's answer
        raise Refused(
            "Google's library cannot use this credential. Nothing was asked for. Give a new one.",
            whose="connection",
        ) from None


class _Granted(BaseModel):
    """What google-auth takes from a token service without looking."""

    access_token: str = Field(min_length=1)
    expires_in: int = Field(default=0, ge=0, le=10_000_000)


@dataclass(frozen=True)
class _Fetched:
    status: int
    headers: Mapping[str, str]
    data: bytes


class _Tokens:
    """What google-auth needs as `request`: asking for a token twice harms nobody, so it is a read."""

    def __init__(self, session: Session, scopes: Sequence[str]) -> None:
        self._session, self._scopes = session, scopes

    def __call__(
        self, url: str, method: str = "GET", body: Any = None, headers: Any = None, **_: Any
    ) -> _Fetched:
        """Gives    a token; nothing else ever reaches google-auth"""
        response = self._session.call(method, url, data=body, headers=headers, write=False)
        answer = self._session.json_of(response)
        if not response.ok:
            raise _no_token(answer, self._scopes)
        try:
            _Granted.model_validate(answer)
        except ValidationError:
            raise Unavailable(
                Said(
                    "Google's token service answered without a token. Nothing was asked for; "
                    "the next round tries again."
                )
            ) from None
        return _Fetched(response.status_code, response.headers, response.content)


def _no_token(answer: Any, scopes: Sequence[str]) -> Fault:
    """What a token service's no means: later, for this contributor, or for all of them."""
    said = answer if isinstance(answer, dict) else {}
    error, description = str(said.get("error")), str(said.get("error_description"))
    if error in PASSING or description in PASSING:
        return Unavailable(
            Said(
                "Google's token service has a problem of its own. Nothing was asked for; "
                "the next round tries again."
            )
        )
    if error != "invalid_grant":
        return Refused(
            "Google does not let our account act for people. Nothing was asked for. In the Admin console, "
            f"Security, API controls, Domain-wide delegation, grant its client id {' and '.join(scopes)}.",
            whose="connection",
        )
    if description.startswith("Invalid JWT"):
        return Refused(
            "Google does not accept our key's signature. Nothing was asked for. Look whether the key was "
            "deleted and whether this machine's clock is right.",
            whose="connection",
        )
    return Refused(
        Said(
            "Google no longer accepts this contributor's grant. Nothing was asked for. "
            "They give it again from their page, or their account is suspended or unknown."
        ),
        whose="account",
    )
