"""The `asana` library on our Session: it makes the addresses, we make the calls.

Left alone it has no timeout, retries by its own rules, starts five threads a
client, takes over two loggers, and `responses` cannot see it.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass, replace
from functools import cache, partialmethod
from typing import Any

from connectors.session import READS, Session

OURS = frozenset({"authorization", "user-agent"})
"""Headers the library writes and the Session knows better."""


def client(session: Session) -> Any:
    """An `asana.ApiClient` that sends nothing but through `session`; making one is cheap."""
    made = copy(_template())
    made.configuration = copy(made.configuration)
    made.configuration.host = session.base
    made.rest_client = AsanaTransport(session)
    return made


@cache
def _template() -> Any:
    import asana  # 70 ms

    with _loggers_as_they_were("asana", "urllib3"):
        made = asana.ApiClient(asana.Configuration())
    made.pool.terminate()
    made.pool.join()
    del made.pool
    return made


@contextmanager
def _loggers_as_they_were(*names: str) -> Iterator[None]:
    loggers = [logging.getLogger(name) for name in names]
    before = [(log, log.level, list(log.handlers)) for log in loggers]
    yield
    for log, level, handlers in before:
        log.setLevel(level)
        log.handlers[:] = handlers


@dataclass(frozen=True)
class Answered:
    """What the library reads of an answer."""

    status: int
    reason: str
    data: bytes
    headers: Mapping[str, str]
    body: Any = None
    """What it says, for who asks the library with `_preload_content=False` to leave the reading to us: it
    would parse once more, and turn no-break spaces into plain ones."""

    def getheaders(self) -> Mapping[str, str]:
        return self.headers


class AsanaTransport:
    """What `asana.ApiClient` needs as its `rest_client`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def request(
        self,
        method: str,
        url: str,
        query_params: Any = None,
        headers: Mapping[str, str] | None = None,
        body: Any = None,
        **_: Any,
    ) -> Answered:
        """One call.

        Raises   ApiException outside of 200 to 299, and the Session's faults
        """
        from asana.rest import ApiException

        kept = {name: value for name, value in (headers or {}).items() if name.lower() not in OURS}
        response = self._session.call(method, url, params=query_params, json=body, headers=kept)
        answered = Answered(
            response.status_code, response.reason or "", response.content, dict(response.headers)
        )
        if not 200 <= answered.status <= 299:
            raise ApiException(http_resp=answered)
        return replace(answered, body=self._session.json_of(response, write=method not in READS))

    GET = partialmethod(request, "GET")
    POST = partialmethod(request, "POST")
    PUT = partialmethod(request, "PUT")
    PATCH = partialmethod(request, "PATCH")
    DELETE = partialmethod(request, "DELETE")
