"""What Jira's limits mean: which of our calls rest when it says "too fast", and how near its walls are.

    jira-quota-...            points of the hour are used up     all of the connection, until they are back
    jira-burst-based          too many calls to one endpoint     calls to that endpoint
    jira-per-issue-on-write   too many writes to one issue       writes to that issue
    anything else             unknown; or something in front     all that this credential asks

Data Center gives each person a bucket on each node and says how it fills; its
Retry-After may be 0 while the bucket is empty.

Source   facts/jira.md, section 7. The names are not a closed set. Headers that begin with Beta- are of
         limits that are not enforced yet, and are not read.
"""

from __future__ import annotations

import re
from datetime import timedelta
from typing import NamedTuple

import requests

from connectors.limits import Limit, Limits, Near, asked_rest, number, told_at, until_reset
from connectors.session import READS

REASON = "RateLimit-Reason"
WARNING = "X-RateLimit-NearLimit"
LEFT = re.compile(r";\s*(r|t)=(\d+)")
"""How many are left and seconds until there are more, in a structured RateLimit header."""
FEW = 0.2
"""Of a bucket: with less left, we go no faster than it fills."""
SLOWEST = 1 / 60
A_MINUTE = timedelta(minutes=1)


class JiraLimits(Limits):
    """Of one credential."""

    def places(self, method: str, url: str) -> tuple[str, ...]:
        endpoint, issue = _asked(method, url)
        return (endpoint, issue) if issue and method not in READS else (endpoint,)

    def reached(self, response: requests.Response) -> Limit:
        headers, request = response.headers, response.request
        reason, wait = headers.get(REASON, ""), asked_rest(headers)
        endpoint, *issue = self.places(request.method or "", request.url or "")
        if "per-issue" in reason and issue:
            return Limit(wait, "call", issue[0])
        if "burst" in reason:
            return Limit(wait, "call", endpoint)
        if "quota" in reason:
            return Limit(_until_the_hour(response) if wait is None else wait, "connection")
        filling = _filling(response)
        if filling and wait is not None:
            wait = max(wait, timedelta(seconds=1 / filling.rate))
        return Limit(wait, self.rests)

    def near(self, response: requests.Response) -> Near | None:
        """So that what is left lasts until there is more, however much of it each call takes."""
        headers = response.headers
        said = {name: int(digits) for name, digits in LEFT.findall(headers.get("RateLimit", ""))}
        if headers.get(WARNING, "").lower() != "true" and "r" not in said:
            filling = _filling(response)
            few = filling is not None and filling.left < FEW * filling.most
            return Near(filling.rate, A_MINUTE) if filling and few else None
        left = said.get("r", number(headers, "X-RateLimit-Remaining"))
        until = timedelta(seconds=said["t"]) if "t" in said else until_reset(headers) or A_MINUTE
        seconds = max(until.total_seconds(), 1.0)
        return Near(max((left or 0.0) / seconds, SLOWEST), timedelta(seconds=seconds))


class _Bucket(NamedTuple):
    left: float
    most: float
    rate: float
    """Tokens a second."""


def _filling(response: requests.Response) -> _Bucket | None:
    """A Data Center's bucket, as it tells of it."""
    names = ("Remaining", "Limit", "FillRate", "Interval-Seconds")
    left, most, fills, seconds = (number(response.headers, f"X-RateLimit-{name}") for name in names)
    if left is None or not most or not fills or not seconds:
        return None
    return _Bucket(left, most, fills / seconds)


def _until_the_hour(response: requests.Response) -> timedelta:
    """Points come back at the full hour, UTC."""
    now = told_at(response.headers)
    return timedelta(hours=1) - timedelta(minutes=now.minute, seconds=now.second)


def _asked(method: str, url: str) -> tuple[str, str]:
    """The endpoint, without what it is asked about, and the issue where it is about one."""
    path = url.partition("?")[0].rpartition("/rest/api/")[2]
    issue = re.search(r"issue/(?!bulkfetch)([^/]+)", path)
    endpoint = re.sub(r"/\d+(?=/|$)", "/*", re.sub(r"issue/(?!bulkfetch)[^/]+", "issue/*", path))
    return f"{method} {endpoint.partition('/')[2]}", f"issue {issue[1]}" if issue else ""
