"""The `jira` library on our Session: it makes the addresses, we make the calls.

Left alone it sends a POST up to four times when an answer is lost, sleeps where
no shutdown can wake it, and calls the site from its constructor.
"""

from __future__ import annotations

import logging
from typing import Any

import requests
from jira import JIRA
from jira.exceptions import JIRAError

from connectors.session import Session


def client(session: Session, *, cloud: bool = True) -> JIRA:
    """A client that sends nothing but through `session`, and nothing on its own."""
    log = logging.getLogger("jira")
    level = log.level
    made = JIRA(server=session.base, get_server_info=False, max_retries=0)
    log.setLevel(level)  # the constructor sets its own
    made._session.close()
    made._session = _Through(session)  # type: ignore[assignment]
    made.deploymentType = "Cloud" if cloud else "Server"  # else its search answers None without asking
    made._fields_cache_value = {"_": "_"}  # else the first search costs a GET /field
    return made


def call(
    jira: JIRA, method: str, path: str, *, params: Any = None, json: Any = None, write: bool | None = None
) -> requests.Response:
    """An answer as it came, its headers and refusals too: the library has no method for most of what we ask.

    Takes    a path below the API's root; write: may it change something, by method if not told
    """
    through: Any = jira._session
    ours: Session = through.ours
    return ours.call(method, jira._get_url(path), params=params, json=json, write=write)


class _Through(requests.Session):
    """What the library takes for its own session."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.ours = session

    def request(  # type: ignore[override]
        self, method: str, url: str, params: Any = None, data: Any = None, json: Any = None, **_: Any
    ) -> requests.Response:
        """An answer below 400.

        Raises   JIRAError with the status alone: its own form quotes headers and body
        """
        headers = {"Content-Type": "application/json"} if data is not None else None
        response = self.ours.call(method, url, params=params, data=data, json=json, headers=headers)
        if response.status_code >= 400:
            raise JIRAError(status_code=response.status_code)
        self.ours.json_of(response, write=method.upper() != "GET")
        return response
