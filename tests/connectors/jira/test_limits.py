"""Section 7 of facts/jira.md: what rests for how long, by what Jira says when it says "too fast"."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import responses

from connectors.budget import Budget
from connectors.contract import Paced, Rests
from connectors.jira.limits import JiraLimits
from connectors.session import Session

SITE = "https://northwind.example"
AT_HALF_PAST = "Sat, 21 Nov 2026 10:29:30 GMT"
WORKLOG = "rest/api/2/issue/ACME-1/worklog"


@pytest.fixture
def tool() -> Any:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as tool:
        for path in (WORKLOG, "rest/api/2/issue/ACME-2/worklog"):
            tool.post(f"{SITE}/{path}", json={})
            tool.get(f"{SITE}/{path}", json={})
        tool.get(f"{SITE}/rest/api/2/worklog/updated", json={})
        yield tool


@pytest.fixture
def session() -> Session:
    return Session("Jira", SITE, budget=Budget(1e6, 1000), limits=JiraLimits())


def refused(tool: Any, session: Session, **headers: str) -> Paced:
    """A worklog on ACME-1 is refused as too fast, with these headers."""
    said = {name.replace("_", "-"): value for name, value in headers.items()}
    tool.replace("POST", f"{SITE}/{WORKLOG}", status=429, headers={"Date": AT_HALF_PAST, **said})
    with pytest.raises(Paced) as caught:
        session.call("POST", WORKLOG, json={})
    tool.replace("POST", f"{SITE}/{WORKLOG}", json={})
    return caught.value


CALLS = {
    "same": ("POST", WORKLOG),
    "other issue": ("POST", WORKLOG.replace("ACME-1", "ACME-2")),
    "reading it": ("GET", WORKLOG),
    "feed": ("GET", "rest/api/2/worklog/updated"),
}


@pytest.mark.parametrize(
    ("reason", "rests", "go_on"),
    [
        ("jira-quota-global-based", "connection", set()),
        ("jira-quota-tenant-based", "connection", set()),
        ("jira-cost-based", "connection", set()),
        ("", "connection", set()),
        ("jira-burst-based", "call", {"reading it", "feed"}),
        ("jira-per-issue-on-write", "call", {"other issue", "reading it", "feed"}),
    ],
)
def test_R07_the_reason_says_what_rests(
    tool: Any, session: Session, reason: str, rests: Rests, go_on: set[str]
) -> None:
    said = {"RateLimit_Reason": reason} if reason else {}
    paced = refused(tool, session, Retry_After="60", **said)
    assert (paced.rests, paced.wait) == (rests, timedelta(seconds=60))
    went_on = set()
    for name, (method, path) in CALLS.items():
        try:
            session.call(method, path)
        except Paced as again:
            assert again.rests == rests
        else:
            went_on.add(name)
    assert went_on == go_on


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry_After": "1847", "RateLimit_Reason": "jira-quota-global-based"}, 1847),
        ({"RateLimit_Reason": "jira-quota-global-based"}, 1830),
        ({"X_RateLimit_Reset": "2026-11-21T11:00Z", "RateLimit_Reason": "jira-quota-tenant-based"}, 1830),
        ({"X_RateLimit_Reset": "2026-11-21T10:29:41Z"}, 11),
        ({}, 30),
        ({"Retry_After": "31536000"}, 3600),
        ({"Retry_After": "0"}, 0),
        ({"Beta_Retry_After": "900", "Beta_RateLimit_Reason": "jira-burst-based"}, 30),
    ],
)
def test_R07_a_rest_is_as_long_as_it_was_said_in_whatever_form(
    tool: Any, session: Session, headers: dict[str, str], seconds: float
) -> None:
    """The points of an hour come back at the full hour; a gateway says nothing; Beta- is not enforced."""
    assert refused(tool, session, **headers).wait == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("headers", "rate", "seconds"),
    [
        ({"X-RateLimit-NearLimit": "true", "RateLimit": '"global-app-quota";r=3660;t=1830'}, 2.0, 1830),
        ({"RateLimit": '"global-app-quota";r=0;t=60'}, 1 / 60, 60),
        (
            {
                "X-RateLimit-NearLimit": "true",
                "X-RateLimit-Remaining": "183",
                "X-RateLimit-Reset": "2026-11-21T11:00Z",
            },
            0.1,
            1830,
        ),
        ({"X-RateLimit-NearLimit": "true"}, 1 / 60, 60),
        (
            {
                "X-RateLimit-Limit": "100",
                "X-RateLimit-Remaining": "5",
                "X-RateLimit-FillRate": "10",
                "X-RateLimit-Interval-Seconds": "5",
            },
            2.0,
            60,
        ),
    ],
)
def test_R07_a_warning_slows_us_down_before_the_wall(
    tool: Any, session: Session, headers: dict[str, str], rate: float, seconds: float
) -> None:
    tool.replace("GET", f"{SITE}/{WORKLOG}", json={}, headers={"Date": AT_HALF_PAST, **headers})
    near = session._limits.near(session.call("GET", WORKLOG))
    assert near is not None
    assert near.rate == pytest.approx(rate)
    assert near.during == timedelta(seconds=seconds)
    with pytest.raises(Paced) as slowed:
        for _ in range(100):
            session.call("GET", WORKLOG)
            session.budget._patience = 0
    assert slowed.value.rests == "call"


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-RateLimit-NearLimit": "false"},
        {"Beta-RateLimit": '"global-app-quota";r=3;t=1800', "Beta-X-RateLimit-NearLimit": "true"},
        {"RateLimit-Policy": '"global-app-quota";q=65000;w=3600'},
        {
            "X-RateLimit-Limit": "100",
            "X-RateLimit-Remaining": "50",
            "X-RateLimit-FillRate": "10",
            "X-RateLimit-Interval-Seconds": "5",
        },
    ],
)
def test_what_is_no_warning_slows_nobody(tool: Any, session: Session, headers: dict[str, str]) -> None:
    tool.replace("GET", f"{SITE}/{WORKLOG}", json={}, headers=headers)
    assert session._limits.near(session.call("GET", WORKLOG)) is None


def test_an_endpoint_is_the_same_whatever_it_is_asked_about() -> None:
    limits = JiraLimits()
    one = limits.places("PUT", f"{SITE}/rest/api/2/issue/ACME-1/worklog/17?notifyUsers=false")
    other = limits.places("PUT", f"{SITE}/ex/jira/c-1/rest/api/3/issue/10042/worklog/4")
    assert (one[0], one[1]) == (other[0], "issue ACME-1") == ("PUT issue/*/worklog/*", "issue ACME-1")
    assert limits.places("POST", f"{SITE}/rest/api/2/issue/bulkfetch") == ("POST issue/bulkfetch",)
