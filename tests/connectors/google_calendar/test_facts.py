"""The ten facts of facts/google_calendar.md that decide the design, each by a test that names it."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import responses
from pydantic import SecretStr
from responses.matchers import header_matcher

from connectors import google_calendar
from connectors.budget import Budget
from connectors.contract import Paced, Unclear, walk
from connectors.google_calendar.connector import GoogleCalendar
from connectors.google_calendar.http import GoogleHttp, events, reason
from connectors.google_calendar.settings import Settings
from connectors.session import Session, bearer
from tests.connectors.google_calendar.world import HOUR, NOW, CalendarWorld

A_MINUTE_LETS = 10_000
"""Requests to Google Calendar, of all that ask in the name of one project."""
INSERT = "POST /calendar/v3/calendars/{calendarId}/events"
MEETING = {"start": {"dateTime": "2026-11-20T10:00:00Z"}, "end": {"dateTime": "2026-11-20T11:00:00Z"}}


@pytest.fixture
def world() -> Iterator[CalendarWorld]:
    with closing(CalendarWorld()) as world:
        yield world


def in_the_name_of(world: CalendarWorld, *scopes: str) -> GoogleHttp:
    """What the library speaks through, with a token of Ada's."""
    token = SecretStr(world.site.access_token(world.ada.external, *scopes))
    return GoogleHttp(Session("Google", world.url, auth=bearer(token), budget=Budget(1000, 1000)))


def insert(world: CalendarWorld, http: GoogleHttp, calendar: str = "primary", **body: Any) -> Any:
    library = events(f"{world.url}/calendar/v3")
    return library.insert(calendarId=calendar, body=MEETING | body).execute(http=http, num_retries=0)


def test_fact_1_ten_threads_on_one_connector_mix_nobody_up(world: CalendarWorld) -> None:
    """On one object of httplib2, 21 of 300 answers went to the wrong caller."""
    everybody = [world.ada, world.ben]
    for account in everybody:
        world.site.add_event(account.external, account.contributor, NOW - HOUR, NOW)
    calendar = world.connector()
    parts = calendar.partitions(everybody)

    def look(number: int) -> bool:
        part = parts[number % 2]
        (page,) = walk(calendar, part, world.window, None)
        ((who, activity),) = page.sightings[0].activities
        return who == activity.title == part.key

    with ThreadPoolExecutor(10) as pool:
        assert all(pool.map(look, range(300)))


def test_fact_1_no_transport_of_httplib2_is_ever_made() -> None:
    for file in Path(google_calendar.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            assert not (isinstance(node, ast.Attribute) and node.attr == "Http"), file.name


def test_fact_2_a_write_whose_connection_drops_is_sent_once_and_unclear(world: CalendarWorld) -> None:
    """httplib2 sends it again by itself."""
    http = in_the_name_of(world, "calendar.events")
    world.site.faults.script(INSERT, "drop-after")
    with pytest.raises(Unclear):
        insert(world, http, summary="once")
    assert world.site.counts[INSERT] == 1


@responses.activate
def test_fact_3_one_kind_of_session_serves_the_library_so_responses_sees_it() -> None:
    seen = {"kind": "calendar#events", "items": []}
    signed = header_matcher({"Authorization": "Bearer t0ken"})
    responses.get("https://www.googleapis.com/calendar/v3/calendars/x/events", json=seen, match=[signed])
    http = GoogleHttp(Session("Google", "https://www.googleapis.com", auth=bearer(SecretStr("t0ken"))))
    library = events("https://www.googleapis.com/calendar/v3")
    assert library.list(calendarId="x").execute(http=http) == seen
    assert len(responses.calls) == 1


def test_fact_4_the_same_chosen_id_twice_is_one_event_and_a_409(world: CalendarWorld) -> None:
    from googleapiclient.errors import HttpError

    http = in_the_name_of(world, "calendar.events")
    insert(world, http, id="0123456789abcdefghijklmnopqrstuv")
    with pytest.raises(HttpError) as refused:
        insert(world, http, id="0123456789abcdefghijklmnopqrstuv")
    assert (refused.value.status_code, reason(refused.value.content)) == (409, "duplicate")
    assert len(world.site.calendars[world.ada.external].events) == 1


def test_fact_5_no_batch_is_ever_asked(world: CalendarWorld) -> None:
    """It saves no quota, and its address ignores where the API was said to stand."""
    world.meeting()
    calendar = world.connector()
    parts = calendar.partitions([world.ada, world.ben])
    for part in parts:
        list(walk(calendar, part, world.window, None))
    assert set(world.site.counts) == {"POST /token", "GET /calendar/v3/calendars/{calendarId}/events"}


def test_fact_6_one_request_a_contributor_and_cycle_by_a_window_and_no_token_that_follows_all(
    world: CalendarWorld,
) -> None:
    calendar = world.connector()
    parts = calendar.partitions([world.ada, world.ben])
    cursors = {part.key: list(walk(calendar, part, world.window, None))[-1].cursor for part in parts}
    world.site.asked.clear()
    for part in parts:
        list(walk(calendar, part, world.window, cursors[part.key]))
    assert len(world.site.asked) == 2
    for request in world.site.asked:
        assert {"timeMin", "timeMax", "updatedMin"} <= request.params.keys()
        assert "syncToken" not in request.params and "SyncToken" not in request.param("fields")


def test_fact_7_the_right_to_an_own_calendar_opens_nothing_else_and_lists_none(world: CalendarWorld) -> None:
    from googleapiclient.errors import HttpError

    http = in_the_name_of(world, "calendar.app.created")
    drafts = world.site.add_calendar(world.ada.external, "Drafts", app_created=True)
    assert insert(world, http, drafts.id, summary="a draft")["organizer"]["self"] is True
    library = events(f"{world.url}/calendar/v3")
    with pytest.raises(HttpError) as refused:
        library.list(calendarId="primary").execute(http=http)
    assert (refused.value.status_code, reason(refused.value.content)) == (403, "insufficientPermissions")
    answer, _ = http.request(f"{world.url}/calendar/v3/users/me/calendarList")
    assert answer.status == 403


@pytest.mark.parametrize("rate", [Settings(key=SecretStr("k")).rate, 160])
def test_fact_8_no_minute_at_the_pace_of_the_settings_is_over_the_quota(rate: int) -> None:
    """The widest an administrator may set, too, and with all that may go at once after a pause."""
    clock = [0.0]

    def wait(seconds: float) -> None:
        clock[0] += seconds + 1e-6  # no clock stands still

    budget = Budget(rate, 2 * rate, patience=timedelta(hours=1), clock=lambda: clock[0], wait=wait)
    while clock[0] < 60:
        budget.take()
    assert budget.requests <= A_MINUTE_LETS


@pytest.mark.parametrize("status", [403, 429])
def test_fact_8_over_the_quota_of_a_person_all_wait_and_each_is_counted_for_themselves(
    world: CalendarWorld, status: int
) -> None:
    world.site.limit(1, status)
    calendar = world.connector()
    hers, his = calendar.partitions([world.ada, world.ben])
    assert calendar.pull(hers, world.window, None)
    assert calendar.pull(his, world.window, None), "his requests are not counted as hers"
    with pytest.raises(Paced):
        calendar.pull(hers, world.window, None)


def test_fact_9_the_title_of_a_private_event_arrives_and_goes_no_further(world: CalendarWorld) -> None:
    """We act as its owner, so Google hides nothing from us."""
    world.meeting("Surgeon", visibility="private")
    calendar = world.connector()
    (part,) = calendar.partitions([world.ada])
    (page,) = walk(calendar, part, world.window, None)
    ((_, activity),) = page.sightings[0].activities
    assert (activity.private, activity.title) == (True, None)
    assert "Surgeon" not in page.model_dump_json()
    answer, body = in_the_name_of(world, "calendar.events.owned.readonly").request(
        f"{world.url}/calendar/v3/calendars/primary/events"
    )
    assert answer.status == 200 and b"Surgeon" in body


def test_fact_10_the_library_is_imported_by_the_first_request_and_not_before() -> None:
    """It costs a sixth of a second and 30 MB, which no --help and no other tool has to pay."""
    made = (
        "import sys, connectors.google_calendar.connector, daybook.wiring; "
        "print([m for m in sys.modules if m.partition('.')[0] in ('google', 'googleapiclient', 'httplib2')])"
    )
    answer = subprocess.run([sys.executable, "-c", made], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "[]"
    assert GoogleCalendar.Settings is Settings
