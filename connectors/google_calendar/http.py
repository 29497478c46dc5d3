"""The Google client library on our Session: it makes the addresses, we make the calls.

Left alone its transport is not safe between threads (it has handed one person's
calendar to another), and its own retries send an insert again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import requests

from connectors.contract import Refused
from connectors.session import READS, Auth, Session

if TYPE_CHECKING:
    import httplib2
    from google.auth.credentials import Credentials


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

        Gives    any answer below 500 but a 408 or 429; the library makes an HttpError of the wrong ones
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
        heading = httplib2.Response({name.lower(): value for name, value in response.headers.items()})
        heading.status, heading.reason = response.status_code, response.reason
        return heading, response.content

    def close(self) -> None:
        """The Session belongs to whoever made it."""


def signed_by(credentials: Credentials, session: Session) -> Auth:
    """Sign as `credentials`, fetching their token through `session` when it is due.

    Raises   Refused, from the call, where the grant no longer stands (R-08)
    """

    def sign(request: requests.PreparedRequest) -> requests.PreparedRequest:
        from google.auth.exceptions import GoogleAuthError

        try:
            credentials.before_request(_Tokens(session), request.method, request.url, request.headers)
        except GoogleAuthError:
            # its message may quote the token service's answer
            raise Refused(
                "Google no longer accepts this contributor's grant. Nothing was asked for. "
                "They give it again from their page.",
                whose="account",
            ) from None
        return request

    return sign


@dataclass(frozen=True)
class _Fetched:
    status: int
    headers: Mapping[str, str]
    data: bytes


class _Tokens:
    """What google-auth needs as `request`: asking for a token twice harms nobody, so it is a read."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def __call__(
        self, url: str, method: str = "GET", body: Any = None, headers: Any = None, **_: Any
    ) -> _Fetched:
        response = self._session.call(method, url, data=body, headers=headers, write=False)
        return _Fetched(response.status_code, response.headers, response.content)
