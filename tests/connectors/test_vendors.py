"""Three vendor libraries, one Session: each is seen by `responses`, and none sends a write twice."""

from __future__ import annotations

import logging
import re
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any
from unittest.mock import Mock

import pytest
import responses
from googleapiclient.discovery import build
from googleapiclient.errors import HttpError
from jira.exceptions import JIRAError
from pydantic import SecretStr

from connectors.asana.http import client as asana_client
from connectors.budget import Budget
from connectors.contract import Paced, Refused, Unavailable, Unclear
from connectors.google_calendar.http import GoogleHttp, calendar_list, calendars, events, signed_by
from connectors.jira.http import client as jira_client
from connectors.session import Session, bearer
from connectors.stand_in import Answer, Request, StandIn, route

TOKEN = bearer(SecretStr("ada"))
_PARAMETER = re.compile(r"^  (\w+): (\w+),", re.MULTILINE)


class Tools(StandIn):
    """The one read and the one write of each tool that these tests use."""

    def __init__(self) -> None:
        super().__init__()
        self.written: list[Any] = []

    def before(self, request: Request) -> Answer | None:
        if request.headers.get("authorization") == "Bearer ada" or request.path == "/token":
            return None
        return Answer(401, {"message": "who are you?", "error": "unauthorised", "errorMessages": None})

    @route("GET", "/rest/api/2/myself")
    @route("GET", "/calendars/{calendar}/events")
    @route("GET", "/users/{user}")
    def read(self, request: Request) -> Answer:
        return Answer(200, {"data": {"gid": "1"}, "items": [], "accountId": "1"})

    @route("POST", "/rest/api/2/issue/{issue}/worklog")
    @route("POST", "/calendars/{calendar}/events")
    @route("POST", "/tasks/{task}/time_tracking_entries")
    def write(self, request: Request) -> Answer:
        self.written.append(request.json())
        return Answer(201, {"data": {"gid": "1"}, "id": "1"})

    @route("POST", "/token")
    def token(self, request: Request) -> Answer:
        return Answer(
            400, {"error": "invalid_grant", "error_description": "revoked for ada@northwind.example"}
        )


def read_jira(session: Session) -> Any:
    return jira_client(session).myself()


def write_jira(session: Session) -> Any:
    return jira_client(session).add_worklog("WEB-1", timeSpentSeconds=60)


def read_asana(session: Session) -> Any:
    import asana

    return asana.UsersApi(asana_client(session)).get_user("me", {}, full_payload=True)


def write_asana(session: Session) -> Any:
    import asana

    entry = {"data": {"duration_minutes": 1, "entered_on": "2026-11-20"}}
    return asana.TimeTrackingEntriesApi(asana_client(session)).create_time_tracking_entry(entry, "1", {})


def _events(session: Session) -> Any:
    root = {"api_endpoint": f"{session.base}/"}
    return build("calendar", "v3", http=GoogleHttp(session), client_options=root).events()


def read_google(session: Session) -> Any:
    return _events(session).list(calendarId="primary").execute()


def write_google(session: Session) -> Any:
    return _events(session).insert(calendarId="primary", body={"summary": "x"}).execute()


Call = Callable[[Session], Any]
READS: list[Call] = [read_jira, read_asana, read_google]
WRITES: list[Call] = [write_jira, write_asana, write_google]


@pytest.fixture
def tools() -> Iterator[Tools]:
    tools = Tools()
    tools.start()
    yield tools
    tools.stop()


@pytest.fixture
def session(tools: Tools) -> Iterator[Session]:
    session = Session("Tool", tools.url, auth=TOKEN, budget=Budget(1000, 1000))
    yield session
    session.close()


@pytest.mark.parametrize("write", WRITES)
@pytest.mark.parametrize("fault", ["drop-after", "html", "truncated", "500", "503"])
def test_R06_a_lost_answer_is_unclear_and_the_tool_saw_exactly_one_post(
    tools: Tools, session: Session, write: Call, fault: str
) -> None:
    tools.faults.script("*", fault)
    with pytest.raises(Unclear):
        write(session)
    assert tools.counts.total() == 1
    assert len(tools.written) == (fault in ("drop-after", "truncated"))


@pytest.mark.parametrize("write", WRITES)
def test_a_write_that_goes_well_is_one_request(tools: Tools, session: Session, write: Call) -> None:
    write(session)
    assert tools.counts.total() == len(tools.written) == 1


@pytest.mark.parametrize("read", READS)
@pytest.mark.parametrize("fault", ["429-date", "429-float", "503", "drop-after", "html", "truncated"])
def test_R07_a_read_is_not_asked_again_below_our_own_layers(
    tools: Tools, session: Session, read: Call, fault: str
) -> None:
    tools.faults.script("*", fault)
    with pytest.raises(Paced if fault.startswith("429") else Unavailable):
        read(session)
    assert tools.counts.total() == 1


@responses.activate
@pytest.mark.parametrize("call", [*READS, *WRITES])
def test_responses_sees_every_library(call: Call) -> None:
    site = "https://tool.example"
    for method in ("GET", "POST"):
        for path in (
            "rest/api/2/myself", "rest/api/2/issue/WEB-1/worklog", "users/me",
            "tasks/1/time_tracking_entries", "calendars/primary/events",
        ):  # fmt: skip
            responses.add(method, f"{site}/{path}", json={"data": {"gid": "1"}, "id": "1"})
    call(Session("Tool", site, auth=TOKEN))
    assert len(responses.calls) == 1
    assert responses.calls[0].request.headers["Authorization"] == "Bearer ada"
    assert responses.calls[0].request.headers["User-Agent"].startswith("daybook/")


@pytest.mark.parametrize("call", [*READS, *WRITES])
def test_an_answer_that_means_no_reaches_the_connector_and_quotes_nothing(
    tools: Tools, session: Session, call: Call
) -> None:
    with pytest.raises((JIRAError, HttpError, _asana_error())) as caught:
        call(session.acting(bearer(SecretStr("nobody"))))
    status = getattr(caught.value, "status_code", None) or getattr(caught.value, "status", None)
    assert status == 401
    assert "nobody" not in str(caught.value)


def _asana_error() -> type[Exception]:
    from asana.rest import ApiException

    error: type[Exception] = ApiException
    return error


def test_the_asana_library_leaves_our_logging_and_threads_alone(session: Session) -> None:
    from connectors.asana import http

    http._template.cache_clear()
    handlers, threads = list(logging.getLogger("urllib3").handlers), threading.active_count()
    asana_client(session)
    assert logging.getLogger("urllib3").handlers == handlers
    assert logging.getLogger("asana").handlers == []
    assert threading.active_count() == threads


def test_threads_that_begin_together_share_one_google_library(monkeypatch: pytest.MonkeyPatch) -> None:
    """A dozen of them each read what Google says of its calls: 4 MiB that a daemon kept for good."""
    together, made = threading.Barrier(2), list[object]()

    def slowly(*_: Any, **__: Any) -> Any:
        with suppress(threading.BrokenBarrierError):
            together.wait(0.2)  # two that are at it at once meet here
        made.append(service := Mock())
        return service

    monkeypatch.setattr("googleapiclient.discovery.build_from_document", slowly)
    with ThreadPoolExecutor(2) as pool:
        one, another = pool.map(events, ["https://calendar.example/together"] * 2)
    assert one is another
    assert len(made) == 1


def test_google_s_calls_are_those_of_its_own_build_without_its_words_about_them() -> None:
    """Each kept 66 kB of them, of every field of an event."""
    endpoint = "https://calendar.example/words"
    theirs = build("calendar", "v3", http=object(), client_options={"api_endpoint": f"{endpoint}/"})
    for name, ours in (("events", events), ("calendarList", calendar_list), ("calendars", calendars)):
        calls, whole = ours(endpoint), getattr(theirs, name)()
        methods = [one for one in dir(whole) if not one.startswith("_") and callable(getattr(whole, one))]
        assert "insert" in methods
        for one in methods:
            said, wordy = (str(getattr(each, one).__doc__) for each in (calls, whole))
            assert _PARAMETER.findall(said) == _PARAMETER.findall(wordy), one
        assert len(calls.insert.__doc__) < len(whole.insert.__doc__) / 2
    asked = {"calendarId": "a b", "singleEvents": True, "timeMin": "2026-11-23T00:00:00Z", "maxResults": 250}
    assert events(endpoint).list(**asked).uri == theirs.events().list(**asked).uri
    with pytest.raises(TypeError, match="unexpected keyword"):
        events(endpoint).list(calendarId="a", timeMinimum="")


def test_the_jira_library_is_built_without_a_request_and_keeps_our_log_level(
    tools: Tools, session: Session
) -> None:
    logging.getLogger("jira").setLevel(logging.ERROR)
    jira_client(session)
    assert logging.getLogger("jira").level == logging.ERROR
    assert tools.counts.total() == 0


def test_R08_a_revoked_grant_is_refused_for_that_contributor_and_nothing_is_asked(
    tools: Tools, session: Session
) -> None:
    from google.oauth2.credentials import Credentials

    grant = Credentials(
        None, refresh_token="r", token_uri=f"{tools.url}/token", client_id="c", client_secret="s"
    )
    with pytest.raises(Refused) as caught:
        read_google(session.acting(signed_by(grant, session)))
    assert caught.value.whose == "account"
    assert "ada@" not in str(caught.value)
    assert dict(tools.counts) == {"POST /token": 1}


def test_a_google_address_too_long_for_a_get_is_still_a_read(tools: Tools, session: Session) -> None:
    tools.faults.script("*", "503")
    with pytest.raises(Unavailable):
        _events(session).list(calendarId="primary", q="x" * 3000).execute()
    assert dict(tools.counts) == {"POST /calendars/{calendar}/events": 1}
