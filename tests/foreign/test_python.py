"""What a developer in a hurry would write with the Python clients comes out complete, and writes once.

The walks of each client through every list stand beside its stand-in's own tests.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import jira
import pytest

from connectors.google_calendar.sandbox import CalendarSite
from connectors.jira.sandbox import JiraSite
from tests.foreign.conftest import serving

MONDAY = datetime(2026, 11, 2, 8, 0, tzinfo=UTC)
FRIDAY = MONDAY + timedelta(days=4)
ADA = "ada@example.test"


@pytest.fixture
def issues() -> Iterator[JiraSite]:
    site = JiraSite(clock=lambda: FRIDAY)
    site.world.add_user(ADA, "ada-token", "Ada", "Europe/Berlin")
    site.world.add_project("ACME", "Acme maps")
    for n in range(230):
        key = site.world.add_issue("ACME", f"Map {n}", created=MONDAY)
        site.world.change(key, MONDAY + timedelta(minutes=n), None, status="In Progress")
    with serving(site):
        yield site


def test_the_jira_library_s_bare_answers_are_complete_by_their_tokens(issues: JiraSite) -> None:
    """Its cheap way: no objects of the library, and the caller follows the tokens."""
    client = jira.JIRA(issues.url, basic_auth=(ADA, "ada-token"), max_retries=0, timeout=60)
    found, token = [], None
    while True:
        page: Any = client.enhanced_search_issues(
            "project = ACME ORDER BY updated",
            nextPageToken=token,
            maxResults=100,
            fields="status,updated",
            expand="changelog",
            json_result=True,
        )
        found += page["issues"]
        if (token := page.get("nextPageToken")) is None:
            break
    client.close()  # type: ignore[no-untyped-call]
    world = issues.world
    assert [int(issue["id"]) for issue in found] == list(world.issues)
    changes = [int(change["id"]) for issue in found for change in issue["changelog"]["histories"]]
    assert changes == [change.id for issue in world.issues.values() for change in issue.changes]
    assert issues.counts["GET /rest/api/2/search/jql"] == 3


def test_googles_client_plans_a_meeting_once_for_all_its_guests() -> None:
    import httplib2
    from google.oauth2.credentials import Credentials
    from google_auth_httplib2 import AuthorizedHttp  # type: ignore[import-untyped]
    from googleapiclient.discovery import build

    site = CalendarSite(clock=lambda: FRIDAY)
    for name in ("ada", "ben"):
        site.add_user(f"{name}@example.test", "Europe/Berlin")
    with serving(site):
        credentials = Credentials(
            None,
            refresh_token=site.consent(ADA, "calendar.events"),
            token_uri=f"{site.url}/token",
            **site.tokens.client,
        )
        http = AuthorizedHttp(credentials, http=httplib2.Http(timeout=60))
        root = {"api_endpoint": f"{site.url}/calendar/v3/"}
        with build("calendar", "v3", http=http, client_options=root, static_discovery=True) as google:
            times = {"start": {"date": "2026-11-02"}, "end": {"date": "2026-11-03"}}
            body = {"summary": "Offsite", **times, "attendees": [{"email": "ben@example.test"}]}
            wrote = google.events().insert(calendarId="primary", body=body).execute()["id"]
    held = {email: [*site.calendars[email].events] for email in site.users}
    assert held == {ADA: [wrote], "ben@example.test": [wrote]}
