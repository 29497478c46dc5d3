"""Section 8 of facts/google_calendar.md: whose limit it is, by Google's reason, and who rests for it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import responses

from connectors.budget import Budget
from connectors.contract import Paced, Rests
from connectors.google_calendar.http import GoogleHttp
from connectors.google_calendar.limits import GoogleLimits
from connectors.session import Session

EVENTS = "https://www.googleapis.com/calendar/v3/calendars/primary/events"
ADA, BEN = f"{EVENTS}?quotaUser=ada", f"{EVENTS}?quotaUser=ben"


@pytest.fixture
def http() -> Iterator[GoogleHttp]:
    session = Session("Google", EVENTS, budget=Budget(1e6, 1000), limits=GoogleLimits())
    yield GoogleHttp(session)
    session.close()


def said(word: str, status: int) -> dict[str, Any]:
    return {"status": status, "json": {"error": {"code": status, "errors": [{"reason": word}]}}}


@pytest.mark.parametrize(
    ("status", "word", "method", "rests", "seconds", "go_on"),
    [
        (403, "userRateLimitExceeded", "GET", "account", 30, {"GET ben", "POST ben"}),
        (429, "userRateLimitExceeded", "GET", "account", 30, {"GET ben", "POST ben"}),
        (403, "quotaExceeded", "POST", "account", 3600, {"GET ada", "GET ben", "POST ben"}),
        (403, "quotaExceeded", "GET", "account", 3600, {"GET ben", "POST ben"}),
        (403, "rateLimitExceeded", "GET", "connection", 30, set()),
        (429, "rateLimitExceeded", "GET", "connection", 30, set()),
        (429, "somethingNew", "POST", "connection", 30, set()),
        (403, "dailyLimitExceeded", "GET", "connection", 3600, set()),
    ],
)
@responses.activate
def test_R07_a_persons_limit_rests_that_person_and_a_projects_all(
    http: GoogleHttp, status: int, word: str, method: str, rests: Rests, seconds: int, go_on: set[str]
) -> None:
    responses.add(method, EVENTS, **said(word, status))
    with pytest.raises(Paced) as caught:
        http.request(ADA, method)
    assert (caught.value.rests, caught.value.wait) == (rests, timedelta(seconds=seconds))
    responses.replace(method, EVENTS, json={})
    responses.add("GET" if method == "POST" else "POST", EVENTS, json={})
    went_on = set()
    for name, address in {"ada": ADA, "ben": BEN}.items():
        for how in ("GET", "POST"):
            try:
                http.request(address, how)
            except Paced:
                continue
            went_on.add(f"{how} {name}")
    assert went_on == go_on


@responses.activate
def test_R07_what_google_says_in_retry_after_is_kept(http: GoogleHttp) -> None:
    responses.get(EVENTS, headers={"Retry-After": "7"}, **said("userRateLimitExceeded", 403))
    with pytest.raises(Paced) as caught:
        http.request(ADA)
    assert caught.value.wait == timedelta(seconds=7)
