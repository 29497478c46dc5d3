"""The Google Calendar stand-in is as strict as Google, tells the truth, and serves clients it never met."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests

from connectors.google_calendar import sandbox_mask as masks
from connectors.google_calendar.sandbox import CalendarSite
from connectors.google_calendar.sandbox_events import Event
from tests.conftest import SHARED
from tests.connectors.official import validate
from tests.cost import cost

SPEC = SHARED / "specs" / "google-calendar-v3.openapi.json"
ADA, BEN, MARA = "ada@example.test", "ben@example.test", "mara@example.test"
READ, WRITE, OWN_CALENDARS = "calendar.events.owned.readonly", "calendar.events", "calendar.app.created"
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
WEEK: dict[str, Any] = {"timeMin": "2026-11-16T00:00:00+01:00", "timeMax": "2026-11-23T00:00:00+01:00"}


class Desk:
    """A site, a hand on its clock, and a plain HTTP client for whoever asks."""

    def __init__(self) -> None:
        self.now = NOW
        self.site = CalendarSite(clock=lambda: self.now)
        self.url = self.site.start()
        self.http = requests.Session()
        for email in (ADA, BEN, MARA):
            self.site.add_user(email, "Europe/Berlin")

    def close(self) -> None:
        self.http.close()
        self.site.stop()

    def call(
        self,
        method: str,
        path: str,
        *scopes: str,
        who: str = ADA,
        body: Any = None,
        headers: dict[str, str] | None = None,
        **params: Any,
    ) -> requests.Response:
        token = self.site.access_token(who, *(scopes or (WRITE,)))
        answer = self.http.request(
            method,
            f"{self.url}/calendar/v3{path}",
            params=params,
            json=body,
            headers={"Authorization": f"Bearer {token}", **(headers or {})},
            timeout=60,
        )
        if SPEC.exists() and answer.status_code != 204:  # there a 204 is written as a 200 without a body
            endpoint = self.site.find(method, f"/calendar/v3{path}")[0]
            template = endpoint.removeprefix(f"{method} /calendar/v3")
            validate(SPEC, method, template, answer.status_code, answer.json())
        return answer

    def events(self, calendar: str = "primary", **params: Any) -> requests.Response:
        return self.call("GET", f"/calendars/{calendar}/events", **params)

    def items(self, calendar: str = "primary", **params: Any) -> list[dict[str, Any]]:
        answer = self.events(calendar, **params)
        assert answer.status_code == 200, answer.text
        found: list[dict[str, Any]] = answer.json()["items"]
        return found

    def meeting(self, summary: str = "Planning", at: datetime = NOW, **more: Any) -> Event:
        return self.site.add_event(ADA, summary, at, at + HOUR, **more)


@pytest.fixture
def desk() -> Iterator[Desk]:
    with closing(Desk()) as desk:
        yield desk


def reason(answer: requests.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["errors"][0]["reason"]


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


# --- who may ask -------------------------------------------------------------------------------------------


class TestTokens:
    def assertion(self, desk: Desk, subject: str = ADA, scope: str = READ, **tampered: Any) -> str:
        from google.auth import crypt, jwt

        key, now = desk.site.service_account_key(), int(time.time())
        claims = {
            "iss": key["client_email"],
            "sub": subject,
            "scope": f"https://www.googleapis.com/auth/{scope}",
            "aud": "https://oauth2.googleapis.com/token",
            "iat": now,
            "exp": now + 3600,
        } | tampered
        signed: bytes = jwt.encode(crypt.RSASigner.from_service_account_info(key), claims)
        return signed.decode()

    def delegated(self, desk: Desk, **claims: Any) -> requests.Response:
        return self.exchange(desk, self.assertion(desk, **claims))

    def listed(self, desk: Desk, token: str) -> requests.Response:
        address = f"{desk.url}/calendar/v3/calendars/primary/events"
        return desk.http.get(address, headers={"Authorization": f"Bearer {token}"}, timeout=60)

    def exchange(self, desk: Desk, assertion: str) -> requests.Response:
        form = {"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer", "assertion": assertion}
        return desk.http.post(f"{desk.url}/token", data=form, timeout=60)

    def test_a_delegated_token_acts_as_its_subject_for_an_hour(self, desk: Desk) -> None:
        desk.meeting()
        token = self.delegated(desk).json()["access_token"]
        address, head = (
            f"{desk.url}/calendar/v3/calendars/primary/events",
            {"Authorization": f"Bearer {token}"},
        )
        assert len(desk.http.get(address, headers=head, timeout=60).json()["items"]) == 1
        desk.now += HOUR
        assert reason(desk.http.get(address, headers=head, timeout=60)) == (401, "authError")

    @pytest.mark.parametrize(
        ("wrong", "error"),
        [
            ({"subject": "nobody@example.test"}, "invalid_grant"),
            ({"scope": "calendar"}, "unauthorized_client"),
            ({"scope": f"{READ} https://www.googleapis.com/auth/calendar"}, "unauthorized_client"),
            ({"aud": "https://example.test/token"}, "invalid_grant"),
            ({"iss": "somebody@else.test"}, "invalid_grant"),
            ({"exp": int(time.time()) + 90_000}, "invalid_grant"),
            ({"iat": int(time.time()) - 90_000, "exp": int(time.time()) - 86_400}, "invalid_grant"),
        ],
    )
    def test_a_wrong_claim_gets_no_token(self, desk: Desk, wrong: dict[str, Any], error: str) -> None:
        answer = self.delegated(desk, **wrong)
        assert answer.status_code in (400, 401)
        assert answer.json()["error"] == error

    def test_claims_changed_after_signing_get_no_token(self, desk: Desk) -> None:
        head, claims, signature = self.assertion(desk).split(".")
        forged = json.loads(base64.urlsafe_b64decode(claims + "==")) | {"sub": BEN}
        claims = base64.urlsafe_b64encode(json.dumps(forged).encode()).decode().rstrip("=")
        assert self.exchange(desk, f"{head}.{claims}.{signature}").json()["error"] == "invalid_grant"
        assert self.exchange(desk, "nonsense").json()["error"] == "invalid_grant"

    def test_who_is_suspended_is_out_at_once(self, desk: Desk) -> None:
        token = self.delegated(desk).json()["access_token"]
        desk.site.suspend(ADA)
        assert self.delegated(desk).json()["error"] == "invalid_grant"
        assert reason(self.listed(desk, token)) == (401, "authError")

    def test_a_refresh_token_works_until_it_is_revoked(self, desk: Desk) -> None:
        refresh = desk.site.consent(ADA, READ)
        form = {"grant_type": "refresh_token", "refresh_token": refresh, **desk.site.tokens.client}
        answer = desk.http.post(f"{desk.url}/token", data=form, timeout=60)
        assert answer.json()["scope"].endswith(READ)
        wrong = desk.http.post(f"{desk.url}/token", data={**form, "client_secret": "x"}, timeout=60)
        assert (wrong.status_code, wrong.json()["error"]) == (401, "invalid_client")
        desk.site.revoke(refresh)
        gone = desk.http.post(f"{desk.url}/token", data=form, timeout=60)
        assert (gone.status_code, gone.json()["error"]) == (400, "invalid_grant")
        assert reason(self.listed(desk, answer.json()["access_token"])) == (401, "authError")

    def test_a_scope_opens_what_it_names_and_no_more(self, desk: Desk) -> None:
        desk.meeting()
        event = desk.items()[0]["id"]
        assert desk.call("GET", "/calendars/primary/events", READ).status_code == 200
        insert = desk.call("POST", "/calendars/primary/events", READ, body={})
        assert reason(insert) == (403, "insufficientPermissions")
        delete = desk.call("DELETE", f"/calendars/primary/events/{event}", "calendar.events.readonly")
        assert reason(delete) == (403, "insufficientPermissions")
        assert reason(desk.call("GET", "/users/me/calendarList", READ)) == (403, "insufficientPermissions")
        mine = desk.call("GET", "/calendars/primary/events", OWN_CALENDARS)
        assert reason(mine) == (403, "insufficientPermissions")

    def test_anothers_calendar_is_not_even_there_without_a_right_to_it(self, desk: Desk) -> None:
        desk.meeting("Salary talk", visibility="private")
        assert reason(desk.events(ADA, who=BEN)) == (404, "notFound")
        desk.site.share(ADA, BEN, "freeBusyReader")
        (seen,) = desk.items(ADA, who=BEN)
        assert "start" in seen and "summary" not in seen
        desk.site.share(ADA, BEN, "reader")
        (seen,) = desk.items(ADA, who=BEN)
        assert "summary" not in seen and seen["visibility"] == "private"
        desk.site.share(ADA, BEN, "writer")
        assert desk.items(ADA, who=BEN)[0]["summary"] == "Salary talk"
        owned_only = desk.call("GET", f"/calendars/{ADA}/events", READ, who=BEN)
        assert reason(owned_only) == (403, "insufficientPermissions")

    def test_the_free_busy_scope_shows_times_and_nothing_else(self, desk: Desk) -> None:
        desk.meeting("Salary talk")
        answer = desk.call("GET", "/calendars/primary/events", "calendar.events.freebusy")
        (seen,) = answer.json()["items"]
        assert "start" in seen and "summary" not in seen

    def test_no_token_is_a_401_and_an_unknown_path_a_page_of_html(self, desk: Desk) -> None:
        address = f"{desk.url}/calendar/v3/calendars/primary/events"
        assert reason(desk.http.get(address, timeout=60)) == (401, "authError")
        lost = desk.http.get(f"{desk.url}/calendar/v3/nowhere", timeout=60)
        assert (lost.status_code, lost.headers["Content-Type"][:9]) == (404, "text/html")

    def test_over_quota_is_google_s_403_until_a_minute_has_passed(self, desk: Desk) -> None:
        desk.site.limit(2)
        assert [desk.events().status_code for _ in range(3)] == [200, 200, 403]
        assert reason(desk.events()) == (403, "userRateLimitExceeded")
        assert desk.events(who=BEN).status_code == 200
        assert desk.events(quotaUser="somebody-else").status_code == 200
        desk.now += timedelta(minutes=1)
        assert desk.events().status_code == 200

    @pytest.mark.parametrize("status", [403, 429])
    def test_what_a_project_asks_for_all_its_people_has_a_limit_too(self, desk: Desk, status: int) -> None:
        desk.site.limit(600, status, project=2)
        assert [desk.events().status_code, desk.events(who=BEN).status_code] == [200, 200]
        assert reason(desk.events()) == reason(desk.events(who=BEN)) == (status, "rateLimitExceeded")
        desk.now += timedelta(minutes=1)
        assert desk.events(who=BEN).status_code == 200

    def test_as_it_comes_it_takes_six_hundred_requests_a_minute_for_one_person(self, desk: Desk) -> None:
        """Fact 8 of facts/google_calendar.md."""
        for _ in range(600):
            desk.site._count("ada")
        assert reason(desk.events(quotaUser="ada")) == (403, "userRateLimitExceeded")
        assert desk.events(quotaUser="ben").status_code == 200

    @pytest.mark.parametrize(
        ("fault", "status", "why"),
        [("429-bare", 429, "rateLimitExceeded"), ("500", 500, "backendError"), ("503", 503, "backendError")],
    )
    def test_planted_faults_speak_google_s_words(self, desk: Desk, fault: str, status: int, why: str) -> None:
        desk.site.faults.script("*", fault)
        assert reason(desk.events()) == (status, why)
        assert desk.events().status_code == 200


# --- events.list -------------------------------------------------------------------------------------------


class TestListing:
    def test_the_window_looks_at_ends_and_starts_and_excludes_its_edges(self, desk: Desk) -> None:
        start, end = at("2026-11-20T09:00:00+00:00"), at("2026-11-20T17:00:00+00:00")
        for summary, begins in [
            ("before", start - HOUR),
            ("first", start),
            ("over the edge", end - HOUR / 2),
        ]:
            desk.meeting(summary, begins)
        desk.meeting("after", end)
        desk.meeting("overlaps the start", start - HOUR / 2)
        found = desk.items(timeMin=start.isoformat(), timeMax=end.isoformat())
        assert {each["summary"] for each in found} == {"first", "over the edge", "overlaps the start"}

    @pytest.mark.parametrize(
        ("params", "why"),
        [
            ({"timeMin": "2026-11-20T00:00:00"}, "badRequest"),
            ({"timeMax": "2026-11-20"}, "badRequest"),
            ({"timeMin": "2026-11-20T00:00:00Z", "timeMax": "2026-11-20T00:00:00Z"}, "timeRangeEmpty"),
            ({"orderBy": "startTime"}, "invalid"),
            ({"orderBy": "summary", "singleEvents": "true"}, "invalidParameter"),
            ({"maxResults": "0"}, "invalidParameter"),
            ({"singleEvents": "yes"}, "invalidParameter"),
            ({"eventTypes": "meeting"}, "invalidParameter"),
            ({"timeZone": "Berlin"}, "invalidParameter"),
            ({"fields": "items(id,titel)"}, "invalidParameter"),
            ({"fields": "items(id"}, "invalidParameter"),
            ({"alt": "media"}, "invalidParameter"),
            ({"pageToken": "xyz"}, "invalid"),
            ({"privateExtendedProperty": "daybook"}, "invalid"),
        ],
    )
    def test_a_wrong_parameter_is_a_400(self, desk: Desk, params: dict[str, str], why: str) -> None:
        assert reason(desk.events(**params)) == (400, why)

    def test_harmless_and_unknown_parameters_change_nothing(self, desk: Desk) -> None:
        desk.meeting()
        plain = desk.items()
        assert desk.items(quotaUser="q", prettyPrint="false", alt="json", key="k", nonsense="1") == plain

    def test_the_default_page_holds_250_and_the_largest_2500(self, desk: Desk) -> None:
        for n in range(2501):
            desk.meeting(str(n))
        assert len(desk.items()) == 250
        first = desk.events(maxResults="9999").json()
        assert len(first["items"]) == 2500
        assert "nextSyncToken" not in first
        last = desk.events(maxResults="9999", pageToken=first["nextPageToken"]).json()
        assert len(last["items"]) == 1
        assert "nextPageToken" not in last and last["nextSyncToken"]

    def test_a_page_token_belongs_to_its_query(self, desk: Desk) -> None:
        for n in range(3):
            desk.meeting(str(n))
        token = desk.events(maxResults=1).json()["nextPageToken"]
        assert desk.events(maxResults=2, pageToken=token).status_code == 200
        assert reason(desk.events(maxResults=1, pageToken=token, singleEvents="true")) == (400, "invalid")
        assert reason(desk.events(maxResults=1, pageToken=token, who=BEN)) == (400, "invalid")

    def test_ragged_pages_are_short_or_empty_and_still_complete(self, desk: Desk) -> None:
        desk.site.ragged = True
        made = {desk.meeting(str(n)).id for n in range(40)}
        sizes, seen = [], []
        token: dict[str, str] = {}
        while True:
            page = desk.events(maxResults=10, **token).json()
            sizes.append(len(page["items"]))
            seen += [each["id"] for each in page["items"]]
            if "nextPageToken" not in page:
                break
            token = {"pageToken": page["nextPageToken"]}
        assert sizes[:4] == [0, 5, 10, 0]
        assert len(seen) == 40 and set(seen) == made

    def test_a_deletion_between_two_pages_hides_no_other_event(self, desk: Desk) -> None:
        made = [desk.meeting(str(n), NOW + n * HOUR) for n in range(4)]
        query: dict[str, Any] = {"singleEvents": "true", "orderBy": "startTime", "maxResults": 2}
        first = desk.events(**query).json()
        desk.site.delete(made[0])
        second = desk.events(**query, pageToken=first["nextPageToken"]).json()
        assert [each["summary"] for each in second["items"]] == ["2", "3"]

    def test_event_types_can_be_chosen_and_repeated(self, desk: Desk) -> None:
        desk.meeting("talk")
        desk.meeting("deep work", event_type="focusTime")
        desk.meeting("office", event_type="workingLocation")
        found = desk.items(eventTypes=["default", "focusTime"])
        assert {each["eventType"] for each in found} == {"default", "focusTime"}
        assert len(desk.items()) == 3

    def test_one_attendee_at_most_means_oneself(self, desk: Desk) -> None:
        desk.meeting(attendees={BEN: "tentative"})
        (seen,) = desk.items(maxAttendees=1, who=BEN)
        assert seen["attendeesOmitted"] is True
        assert [(each["email"], each["responseStatus"], each["self"]) for each in seen["attendees"]] == [
            (BEN, "tentative", True)
        ]
        (whole,) = desk.items(maxAttendees=2, who=BEN)
        assert len(whole["attendees"]) == 2 and "attendeesOmitted" not in whole

    def test_a_private_property_filters_and_belongs_to_one_copy(self, desk: Desk) -> None:
        desk.meeting(attendees={BEN: "accepted"}, private={"daybook": "1"})
        desk.meeting("other")
        (mine,) = desk.items(privateExtendedProperty="daybook=1")
        assert mine["extendedProperties"] == {"private": {"daybook": "1"}}
        assert desk.items(privateExtendedProperty="daybook=2") == []
        assert desk.items(privateExtendedProperty="daybook=1", who=BEN) == []

    def test_all_copies_share_the_icaluid_and_each_knows_itself(self, desk: Desk) -> None:
        desk.meeting(attendees={BEN: "needsAction", "guest@client.test": "accepted"})
        (hers,), (his,) = desk.items(), desk.items(who=BEN)
        assert hers["iCalUID"] == his["iCalUID"]
        assert hers["organizer"]["self"] is True and "self" not in his["organizer"]
        assert [each["email"] for each in his["attendees"] if each.get("self")] == [BEN]

    def test_times_are_written_in_the_calendar_s_zone_or_the_one_asked_for(self, desk: Desk) -> None:
        desk.meeting(zone="America/New_York")
        (seen,) = desk.items()
        assert seen["start"] == {"dateTime": "2026-11-20T13:00:00+01:00", "timeZone": "America/New_York"}
        (seen,) = desk.items(timeZone="UTC")
        assert seen["start"]["dateTime"] == "2026-11-20T12:00:00Z"

    def test_all_day_is_a_day_in_the_calendar_s_zone_with_an_exclusive_end(self, desk: Desk) -> None:
        desk.site.add_event(ADA, "Fair", date(2026, 11, 20), date(2026, 11, 21))
        (seen,) = desk.items(timeMin="2026-11-20T22:59:59Z", timeMax="2026-11-20T23:30:00Z")
        assert seen["start"] == {"date": "2026-11-20"} and seen["end"] == {"date": "2026-11-21"}
        assert desk.items(timeMin="2026-11-20T23:00:00Z", timeMax="2026-11-20T23:30:00Z") == []

    def test_updated_min_includes_deletions_and_reaches_only_so_far_back(self, desk: Desk) -> None:
        desk.meeting("old")
        gone = desk.meeting("gone")
        asked = desk.meeting("asked", attendees={BEN: "needsAction"})
        desk.now += timedelta(days=1)
        desk.site.delete(gone)
        desk.site.respond(asked, BEN, "declined")
        found = desk.items(updatedMin=(NOW + HOUR).isoformat())
        assert {each["id"]: each["status"] for each in found} == {
            gone.id: "cancelled",
            asked.id: "confirmed",
        }
        too_old = (desk.now - timedelta(days=40)).isoformat()
        assert reason(desk.events(updatedMin=too_old)) == (410, "updatedMinTooLongAgo")

    def test_a_deleted_event_shows_only_where_asked_for(self, desk: Desk) -> None:
        gone = desk.site.delete(desk.meeting("gone", attendees={BEN: "accepted"}))
        assert desk.items() == []
        assert desk.items(showDeleted="true")[0]["summary"] == "gone"
        (his,) = desk.items(showDeleted="true", who=BEN)
        assert his.keys() == {"kind", "etag", "id", "status"} and his["id"] == gone.id


class TestMask:
    MASK = (
        "nextPageToken,items(id,start,organizer(self),attendees(self,responseStatus),"
        "extendedProperties/private)"
    )

    def test_what_is_not_named_vanishes_tokens_too(self, desk: Desk) -> None:
        desk.meeting("secret", attendees={BEN: "accepted"}, private={"a": "1"})
        answer = desk.events(fields=self.MASK).json()
        assert answer.keys() == {"items"}
        (seen,) = answer["items"]
        assert seen.keys() == {"id", "start", "organizer", "attendees", "extendedProperties"}
        assert seen["organizer"] == {"self": True}
        assert seen["attendees"] == [
            {"self": True, "responseStatus": "accepted"},
            {"responseStatus": "accepted"},
        ]
        assert seen["extendedProperties"] == {"private": {"a": "1"}}
        assert desk.events(fields="items(id)", maxResults=1).json().keys() == {"items"}
        assert desk.events(fields="nextSyncToken").json().keys() == {"nextSyncToken"}

    def test_paths_brackets_and_stars_mean_the_same(self, desk: Desk) -> None:
        desk.meeting()
        one, two, three = (
            desk.events(fields=text).json()
            for text in (
                "items/start/dateTime,items/id",
                "items(id,start(dateTime))",
                "items(id,start/dateTime)",
            )
        )
        assert one == two == three
        assert desk.events(fields="*").json().keys() == desk.events().json().keys()

    def test_the_names_it_knows_are_those_of_the_discovery_document(self, shared: Path) -> None:
        document = json.loads((shared / "specs" / "google-calendar-v3.discovery.json").read_text("utf-8"))

        def tree(schema: dict[str, Any]) -> masks.Mask | None:
            schema = document["schemas"][schema["$ref"]] if "$ref" in schema else schema
            if schema.get("type") == "array":
                return tree(schema["items"])
            if "additionalProperties" in schema:
                return {"*": tree(schema["additionalProperties"])}
            return {name: tree(each) for name, each in schema.get("properties", {}).items()} or None

        for name, known in [
            ("Events", masks.EVENTS),
            ("Event", masks.EVENT),
            ("Calendar", masks.CALENDAR),
            ("CalendarList", masks.CALENDAR_LIST),
            ("Settings", masks.SETTINGS),
            ("FreeBusyResponse", masks.FREE_BUSY),
        ]:
            assert tree({"$ref": name}) == known, name


# --- recurrence --------------------------------------------------------------------------------------------


class TestSeries:
    def weekly(self, desk: Desk, *more: str, **fields: Any) -> Event:
        """09:00 in Berlin every Monday from 19 October; the clocks go back on the 25th."""
        start = at("2026-10-19T09:00:00+02:00")
        rule = ("RRULE:FREQ=WEEKLY;COUNT=6", *more)
        return desk.meeting("Stand-up", start, zone="Europe/Berlin", recurrence=rule, **fields)

    def starts(self, desk: Desk, **params: Any) -> list[str]:
        params = {"singleEvents": "true", "orderBy": "startTime", **params}
        return [each["start"]["dateTime"] for each in desk.items(**params)]

    def test_a_series_keeps_its_wall_time_when_the_clocks_change(self, desk: Desk) -> None:
        self.weekly(desk)
        assert self.starts(desk)[:3] == [
            "2026-10-19T09:00:00+02:00",
            "2026-10-26T09:00:00+01:00",
            "2026-11-02T09:00:00+01:00",
        ]
        self.weekly(desk)
        assert len(self.starts(desk, **WEEK)) == 2

    def test_a_night_over_the_clock_change_is_an_hour_longer(self, desk: Desk) -> None:
        start, end = at("2026-10-24T01:00:00+02:00"), at("2026-10-24T04:00:00+02:00")
        desk.site.add_event(ADA, "Shift", start, end, recurrence=["RRULE:FREQ=DAILY;COUNT=3"])
        spans = [each.span(UTC) for each in desk.site.happening(ADA)]
        assert [end - start for start, end in spans] == [3 * HOUR, 4 * HOUR, 3 * HOUR]

    def test_an_instance_is_named_by_its_original_start(self, desk: Desk) -> None:
        series = self.weekly(desk)
        second = desk.items(singleEvents="true", orderBy="startTime")[1]
        assert second["id"] == f"{series.id}_20261026T080000Z"
        assert second["recurringEventId"] == series.id
        assert second["originalStartTime"]["dateTime"] == "2026-10-26T09:00:00+01:00"
        assert second["iCalUID"] == f"{series.id}@google.com"
        assert "recurrence" not in second
        one = desk.call("GET", f"/calendars/primary/events/{second['id']}").json()
        assert one["start"] == second["start"]
        assert reason(desk.call("GET", f"/calendars/primary/events/{series.id}_20261027T080000Z")) == (
            404,
            "notFound",
        )

    @pytest.mark.parametrize(
        "line",
        [
            "EXDATE;TZID=Europe/Berlin:20261026T090000",
            "EXDATE:20261026T080000Z",
            "EXDATE;VALUE=DATE:20261026",
            "EXDATE;TZID=America/New_York:20261026T040000",
        ],
    )
    def test_an_excluded_date_does_not_happen(self, desk: Desk, line: str) -> None:
        self.weekly(desk, line)
        assert self.starts(desk)[:2] == ["2026-10-19T09:00:00+02:00", "2026-11-02T09:00:00+01:00"]

    @pytest.mark.parametrize("until", ["20261102T080000Z", "20261102T090000", "20261102"])
    def test_until_includes_the_last_one(self, desk: Desk, until: str) -> None:
        start = at("2026-10-19T09:00:00+02:00")
        desk.meeting("Stand-up", start, recurrence=[f"RRULE:FREQ=WEEKLY;UNTIL={until}"])
        assert len(self.starts(desk)) == 3

    def test_a_moved_instance_leaves_its_old_window_for_the_new_one(self, desk: Desk) -> None:
        series = self.weekly(desk)
        to = at("2026-11-18T14:00:00+01:00")
        moved = desk.site.move_instance(series, at("2026-11-09T09:00:00+01:00"), to)
        assert self.starts(desk, timeMin="2026-11-09T00:00:00Z", timeMax="2026-11-10T00:00:00Z") == []
        found = desk.items(singleEvents="true", orderBy="startTime", **WEEK)
        assert [each["id"] for each in found] == [f"{series.id}_20261116T080000Z", moved.id]
        assert found[1]["originalStartTime"]["dateTime"] == "2026-11-09T09:00:00+01:00"

    def test_a_cancelled_instance_shows_with_the_deleted_and_says_which_it_was(self, desk: Desk) -> None:
        series = self.weekly(desk)
        desk.site.cancel_instance(series, at("2026-11-16T09:00:00+01:00"))
        assert self.starts(desk, **WEEK) == []
        (gone,) = desk.items(singleEvents="true", updatedMin=NOW.isoformat(), fields="items(*)", **WEEK)
        assert gone["status"] == "cancelled" and "summary" not in gone
        assert gone["originalStartTime"]["dateTime"] == "2026-11-16T09:00:00+01:00"
        assert [each["status"] for each in desk.items(singleEvents="true", showDeleted="true", **WEEK)] == [
            "cancelled"
        ]

    def test_without_single_events_come_the_series_and_its_exceptions(self, desk: Desk) -> None:
        series = self.weekly(desk)
        desk.site.cancel_instance(series, at("2026-11-16T09:00:00+01:00"))
        moved = desk.site.move_instance(series, at("2026-11-09T09:00:00+01:00"), NOW)
        found = {each["id"]: each for each in desk.items()}
        assert found.keys() == {series.id, moved.id, f"{series.id}_20261116T080000Z"}
        assert found[series.id]["recurrence"] == ["RRULE:FREQ=WEEKLY;COUNT=6"]
        late = {"timeMin": "2027-02-01T00:00:00Z", "timeMax": "2027-03-01T00:00:00Z"}
        assert desk.items(**late) == []

    def test_an_all_day_series_has_dates_for_names(self, desk: Desk) -> None:
        desk.site.add_event(
            ADA, "Report", date(2026, 10, 24), date(2026, 10, 25), recurrence=["RRULE:FREQ=DAILY;COUNT=3"]
        )
        found = desk.items(singleEvents="true", orderBy="startTime")
        assert [each["start"]["date"] for each in found] == ["2026-10-24", "2026-10-25", "2026-10-26"]
        assert found[1]["id"].endswith("_20261025")

    def test_answering_one_instance_leaves_the_others(self, desk: Desk) -> None:
        series = self.weekly(desk, attendees={BEN: "accepted"})
        desk.site.respond(series, BEN, "declined", at("2026-11-16T09:00:00+01:00"))
        found = desk.items(singleEvents="true", orderBy="startTime", maxAttendees=1, who=BEN)
        assert [each["attendees"][0]["responseStatus"] for each in found] == [
            *["accepted"] * 4,
            "declined",
            "accepted",
        ]

    def test_an_endless_series_ends_at_a_horizon(self, desk: Desk) -> None:
        desk.meeting(recurrence=["RRULE:FREQ=DAILY"])
        assert 700 < len(desk.items(singleEvents="true", maxResults=2500)) < 800

    def test_instances_lists_those_of_one_series(self, desk: Desk) -> None:
        series, single = self.weekly(desk), desk.meeting()
        found = desk.call("GET", f"/calendars/primary/events/{series.id}/instances", **WEEK)
        assert [each["id"] for each in found.json()["items"]] == [f"{series.id}_20261116T080000Z"]
        refused = desk.call("GET", f"/calendars/primary/events/{single.id}/instances")
        assert reason(refused) == (400, "badRequest")


# --- sync tokens -------------------------------------------------------------------------------------------


class TestSync:
    def token(self, desk: Desk, **params: Any) -> str:
        token: str = desk.events(**params).json()["nextSyncToken"]
        return token

    def test_a_token_tells_what_changed_since_and_then_nothing(self, desk: Desk) -> None:
        kept, gone = desk.meeting("kept"), desk.meeting("gone")
        token = self.token(desk)
        assert desk.items(syncToken=token) == []
        desk.site.delete(gone)
        desk.site.change(kept, summary="kept and renamed")
        new = desk.meeting("new")
        answer = desk.events(syncToken=token).json()
        assert {each["id"]: each["status"] for each in answer["items"]} == {
            kept.id: "confirmed",
            gone.id: "cancelled",
            new.id: "confirmed",
        }
        assert desk.items(syncToken=answer["nextSyncToken"]) == []

    def test_a_change_during_the_first_sync_is_not_lost(self, desk: Desk) -> None:
        made = sorted((desk.meeting(str(n)) for n in range(4)), key=lambda each: each.id)
        first = desk.events(maxResults=2).json()
        desk.site.change(made[0], summary="changed after it was read")
        last = desk.events(maxResults=2, pageToken=first["nextPageToken"]).json()
        assert [each["id"] for each in desk.items(syncToken=last["nextSyncToken"])] == [made[0].id]

    @pytest.mark.parametrize(
        "beside",
        [
            {"timeMin": "2026-11-20T00:00:00Z"},
            {"timeMax": "2026-11-20T00:00:00Z"},
            {"updatedMin": "2026-11-20T00:00:00Z"},
            {"orderBy": "updated"},
            {"q": "x"},
            {"iCalUID": "x"},
            {"privateExtendedProperty": "a=b"},
            {"showDeleted": "false"},
            {"singleEvents": "true"},
            {"eventTypes": "default"},
        ],
    )
    def test_a_token_tolerates_nothing_beside_it(self, desk: Desk, beside: dict[str, str]) -> None:
        token = self.token(desk)
        assert reason(desk.events(syncToken=token, **beside)) == (400, "badRequest")

    @pytest.mark.parametrize(
        "params",
        [{"timeMax": "2027-01-01T00:00:00Z"}, {"orderBy": "updated"}, {"updatedMin": NOW.isoformat()}],
    )
    def test_a_narrowed_first_sync_gives_no_token(self, desk: Desk, params: dict[str, str]) -> None:
        assert "nextSyncToken" not in desk.events(**params).json()

    def test_a_stale_or_foreign_token_asks_for_a_full_sync(self, desk: Desk) -> None:
        token = self.token(desk, timeMin="2026-11-01T00:00:00Z")
        assert desk.events(syncToken=token).status_code == 200
        assert reason(desk.events(syncToken=token, who=BEN)) == (410, "fullSyncRequired")
        assert reason(desk.events(syncToken="made-up")) == (410, "fullSyncRequired")
        desk.site.expire_sync_tokens()
        assert reason(desk.events(syncToken=token)) == (410, "fullSyncRequired")
        fresh = self.token(desk)
        assert desk.events(syncToken=fresh).status_code == 200
        desk.now += timedelta(days=60)
        assert reason(desk.events(syncToken=fresh)) == (410, "fullSyncRequired")

    def test_one_cancelled_instance_is_one_change(self, desk: Desk) -> None:
        series = desk.meeting(recurrence=["RRULE:FREQ=WEEKLY;COUNT=8"])
        token = self.token(desk, singleEvents="true")
        desk.site.cancel_instance(series, NOW + timedelta(weeks=1))
        (seen,) = desk.items(syncToken=token, singleEvents="true")
        assert (seen["status"], seen["recurringEventId"]) == ("cancelled", series.id)


# --- writing -----------------------------------------------------------------------------------------------


def body(summary: str = "Draft", **more: Any) -> dict[str, Any]:
    times = {
        "start": {"dateTime": "2026-11-20T09:00:00+01:00"},
        "end": {"dateTime": "2026-11-20T10:00:00+01:00"},
    }
    return {"summary": summary, **times, **more}


class TestWriting:
    def insert(self, desk: Desk, sent: dict[str, Any], calendar: str = "primary") -> requests.Response:
        return desk.call("POST", f"/calendars/{calendar}/events", body=sent)

    def write(
        self, desk: Desk, method: str, event: str, sent: Any = None, who: str = ADA, match: str = "*"
    ) -> requests.Response:
        path = f"/calendars/primary/events/{event}"
        return desk.call(method, path, who=who, body=sent, headers={"If-Match": match})

    def test_a_chosen_id_is_taken_for_good(self, desk: Desk) -> None:
        assert self.insert(desk, body(id="abcde")).json()["id"] == "abcde"
        assert reason(self.insert(desk, body(id="abcde"))) == (409, "duplicate")
        assert self.write(desk, "DELETE", "abcde").status_code == 204
        assert reason(self.insert(desk, body(id="abcde"))) == (409, "duplicate")
        back = self.write(desk, "PUT", "abcde", body("back", status="confirmed"))
        assert (back.status_code, len(desk.items())) == (200, 1)

    @pytest.mark.parametrize(
        "sent",
        [
            body(id="abcd"),
            body(id="ABCDE"),
            body(id="wxyzw"),
            body(id="abcde", iCalUID="abcde@example.test"),
            body(start={"dateTime": "2026-11-20T09:00:00"}),
            body(start={"date": "2026-11-20"}),
            body(end={"dateTime": "2026-11-20T08:00:00+01:00"}),
            body(end=None),
            body(visibility="secret"),
            body(eventType="fromGmail"),
            body(recurrence=["RRULE:FREQ=WEEKLY"]),
            body(recurrence=["every week"]),
            body(attendees=[{"displayName": "nobody"}]),
            body(attendees=5),
            body(extendedProperties=["private"]),
            [],
        ],
    )
    def test_a_wrong_body_is_a_400_and_nothing_is_made(self, desk: Desk, sent: Any) -> None:
        assert self.insert(desk, sent).status_code == 400
        assert desk.items() == []

    def test_an_invitation_reaches_the_guest_s_calendar_and_leaves_it_again(self, desk: Desk) -> None:
        made = self.insert(desk, body(attendees=[{"email": BEN}])).json()
        assert desk.items(who=BEN)[0]["attendees"][0]["responseStatus"] == "needsAction"
        assert self.write(desk, "PATCH", made["id"], {"attendees": []}).status_code == 200
        assert desk.items(who=BEN) == []
        assert desk.items(who=BEN, showDeleted="true")[0]["status"] == "cancelled"

    def test_a_patch_merges_and_an_update_replaces(self, desk: Desk) -> None:
        sent = body(location="Room 1", extendedProperties={"private": {"daybook": "a"}})
        made = self.insert(desk, sent).json()["id"]
        patch = {"summary": "Renamed", "extendedProperties": {"private": {"more": "b"}}}
        seen = self.write(desk, "PATCH", made, patch).json()
        assert (seen["summary"], seen["location"]) == ("Renamed", "Room 1")
        assert "location" not in self.write(desk, "PATCH", made, {"location": None}).json()
        assert seen["extendedProperties"]["private"] == {"daybook": "a", "more": "b"}
        seen = self.write(desk, "PUT", made, body("Whole")).json()
        assert seen["summary"] == "Whole" and not seen.keys() & {"location", "extendedProperties"}

    def test_a_write_on_an_old_etag_changes_nothing(self, desk: Desk) -> None:
        made = self.insert(desk, body()).json()
        first = self.write(desk, "PATCH", made["id"], {"summary": "one"}, match=made["etag"])
        assert first.status_code == 200
        for method, sent in [("PATCH", {"summary": "two"}), ("PUT", body("two")), ("DELETE", None)]:
            stale = self.write(desk, method, made["id"], sent, match=made["etag"])
            assert reason(stale) == (412, "conditionNotMet")
        assert desk.items()[0]["summary"] == "one"

    def test_deleting_twice_is_gone_and_what_never_was_is_not_found(self, desk: Desk) -> None:
        made = self.insert(desk, body()).json()["id"]
        assert self.write(desk, "DELETE", made).status_code == 204
        assert reason(self.write(desk, "DELETE", made)) == (410, "deleted")
        assert reason(self.write(desk, "DELETE", "never")) == (404, "notFound")

    def test_a_guest_may_answer_but_not_rename(self, desk: Desk) -> None:
        event = desk.meeting(attendees={BEN: "needsAction"}).id
        renamed = self.write(desk, "PATCH", event, {"summary": "mine"}, who=BEN)
        assert reason(renamed) == (403, "forbiddenForNonOrganizer")
        answer = {
            "attendees": [
                {"email": ADA, "responseStatus": "accepted"},
                {"email": BEN, "responseStatus": "declined"},
            ]
        }
        assert self.write(desk, "PATCH", event, answer, who=BEN).status_code == 200
        assert {each["email"]: each["responseStatus"] for each in desk.items()[0]["attendees"]} == {
            ADA: "accepted",
            BEN: "declined",
        }

    def test_a_guest_who_deletes_takes_only_their_own_copy(self, desk: Desk) -> None:
        event = desk.meeting(attendees={BEN: "accepted"}).id
        assert self.write(desk, "DELETE", event, who=BEN).status_code == 204
        assert desk.items(who=BEN) == []
        assert desk.items()[0]["status"] == "confirmed"

    def test_writing_to_one_instance_makes_it_an_exception(self, desk: Desk) -> None:
        series = desk.meeting(recurrence=["RRULE:FREQ=WEEKLY;COUNT=3"]).id
        instance = f"{series}_20261127T120000Z"
        assert self.write(desk, "PATCH", instance, {"summary": "Special"}).status_code == 200
        assert self.write(desk, "DELETE", f"{series}_20261204T120000Z").status_code == 204
        found = desk.items(singleEvents="true", orderBy="startTime")
        assert [each["summary"] for each in found] == ["Planning", "Special"]

    def test_a_guest_of_one_instance_sees_that_one_and_nobody_sees_it_twice(self, desk: Desk) -> None:
        rule = ["RRULE:FREQ=WEEKLY;COUNT=3"]
        series = desk.meeting(attendees={BEN: "accepted"}, recurrence=rule).id
        instance = f"{series}_20261127T120000Z"
        people = [{"email": each} for each in (ADA, BEN, MARA)]
        assert self.write(desk, "PATCH", instance, {"attendees": people}).status_code == 200
        assert [each["id"] for each in desk.items(singleEvents="true", who=MARA)] == [instance]
        assert [len(desk.items(singleEvents="true", who=each)) for each in (ADA, BEN)] == [3, 3]

    def test_an_app_s_own_calendar_is_within_its_scope_and_the_person_s_is_not(self, desk: Desk) -> None:
        scope = OWN_CALENDARS
        made = desk.call("POST", "/calendars", scope, body={"summary": "Drafts", "timeZone": "Europe/Berlin"})
        calendar = made.json()["id"]
        assert desk.call("POST", f"/calendars/{calendar}/events", scope, body=body()).status_code == 200
        (seen,) = desk.call("GET", f"/calendars/{calendar}/events", scope).json()["items"]
        assert seen["organizer"] == {"email": calendar, "displayName": "Drafts", "self": True}
        assert desk.items() == []
        assert reason(desk.call("POST", "/calendars/primary/events", scope, body=body())) == (
            403,
            "insufficientPermissions",
        )
        assert desk.call("DELETE", f"/calendars/{calendar}", scope).status_code == 204
        assert reason(desk.call("GET", f"/calendars/{calendar}", scope)) == (404, "notFound")
        assert reason(desk.call("POST", "/calendars", scope, body={})) == (400, "required")

    def test_a_long_get_may_come_as_a_post(self, desk: Desk) -> None:
        desk.meeting("one")
        desk.meeting("two", event_type="focusTime")
        desk.meeting("three", event_type="outOfOffice")
        token = desk.site.access_token(ADA, READ)
        answer = desk.http.post(
            f"{desk.url}/calendar/v3/calendars/primary/events",
            data={"fields": "items(summary)", "eventTypes": ["default", "focusTime"]},
            headers={"Authorization": f"Bearer {token}", "x-http-method-override": "GET"},
            timeout=60,
        )
        assert sorted(each["summary"] for each in answer.json()["items"]) == ["one", "two"]


class TestRest:
    def test_free_busy_joins_what_blocks_time_and_answers_for_fifty(self, desk: Desk) -> None:
        desk.meeting("one")
        desk.meeting("overlapping", NOW + HOUR / 2)
        desk.meeting("free", NOW + 4 * HOUR, transparency="transparent")
        desk.meeting("declined", NOW + 6 * HOUR, attendees={ADA: "declined", BEN: "accepted"})
        names = [ADA, BEN, *(f"nobody{n}@example.test" for n in range(49))]
        sent = {
            "timeMin": WEEK["timeMin"],
            "timeMax": WEEK["timeMax"],
            "items": [{"id": each} for each in names],
        }
        calendars = desk.call("POST", "/freeBusy", "calendar.freebusy", body=sent).json()["calendars"]
        assert calendars[ADA]["busy"] == [{"start": "2026-11-20T12:00:00Z", "end": "2026-11-20T13:30:00Z"}]
        assert calendars[BEN]["errors"][0]["reason"] == "notFound"
        assert calendars[names[-1]]["errors"][0]["reason"] == "tooManyCalendarsRequested"
        assert reason(desk.call("POST", "/freeBusy", "calendar.freebusy", body={})) == (400, "badRequest")

    def test_settings_tell_the_person_s_zone(self, desk: Desk) -> None:
        answer = desk.call("GET", "/users/me/settings", "calendar.settings.readonly").json()
        assert {each["id"]: each["value"] for each in answer["items"]}["timezone"] == "Europe/Berlin"

    def test_the_calendar_list_pages_by_100_and_syncs(self, desk: Desk) -> None:
        for n in range(150):
            desk.site.add_calendar(ADA, f"Project {n}")
        first = self.calendars(desk)
        last = self.calendars(desk, pageToken=first["nextPageToken"])
        assert (len(first["items"]), len(last["items"])) == (100, 51)
        assert first["items"][0]["primary"] is True
        gone = desk.site.calendars[last["items"][-1]["id"]]
        desk.site.delete_calendar(gone)
        (seen,) = self.calendars(desk, syncToken=last["nextSyncToken"])["items"]
        assert (seen["id"], seen["deleted"]) == (gone.id, True)

    def calendars(self, desk: Desk, **params: Any) -> Any:
        return desk.call("GET", "/users/me/calendarList", "calendar.readonly", **params).json()


def test_the_answers_of_this_file_were_held_against_the_official_description(shared: Path) -> None:
    with pytest.raises(AssertionError):
        validate(SPEC, "GET", "/calendars/{calendarId}/events", 200, {"items": [{"id": 1}]})
    assert shared / "specs" / SPEC.name == SPEC


# --- as large as a company ---------------------------------------------------------------------------------


def test_a_week_among_fifty_thousand_events_costs_as_much_as_among_five_thousand() -> None:
    site, people = CalendarSite(clock=lambda: NOW), [f"p{n}@example.test" for n in range(500)]

    def add(to: list[str]) -> None:
        for email in to:
            site.add_user(email)
            for n in range(100):
                start = NOW + (n - 60) * HOUR
                weekly = () if n % 10 else ("RRULE:FREQ=WEEKLY",)
                site.add_event(email, "x", start, start + HOUR, recurrence=weekly)

    def find() -> None:
        for email in people[:50]:
            assert list(site.happening(email, NOW, NOW + timedelta(days=7)))

    few = cost(lambda: add(people[:50]), times=1)
    found = cost(find)
    assert cost(lambda: add(people[50:]), times=1) < 45 * few  # nine times as many
    assert cost(find) < 5 * found


# --- a client that was never written for it ----------------------------------------------------------------


@pytest.fixture
def google(desk: Desk) -> Iterator[Any]:
    """google-api-python-client with a delegated service account, as anybody would build it."""
    import httplib2
    from google.oauth2 import service_account
    from google_auth_httplib2 import AuthorizedHttp  # type: ignore[import-untyped]
    from googleapiclient.discovery import build

    desk.site.delegate("calendar.readonly")
    credentials = service_account.Credentials.from_service_account_info(
        desk.site.service_account_key(),
        scopes=["https://www.googleapis.com/auth/calendar.readonly"],
        subject=ADA,
    )
    http = AuthorizedHttp(credentials, http=httplib2.Http(timeout=60))
    root = {"api_endpoint": f"{desk.url}/calendar/v3/"}
    service = build("calendar", "v3", http=http, client_options=root, static_discovery=True)
    yield service
    service.close()


class TestForeignClient:
    def every(self, resource: Any, **params: Any) -> tuple[list[dict[str, Any]], dict[str, Any]]:
        found, request = [], resource.list(**params)
        while True:
            answer = request.execute()
            found += answer["items"]
            if (request := resource.list_next(request, answer)) is None:
                return found, answer

    @pytest.mark.parametrize("ragged", [False, True])
    def test_a_full_sync_is_complete_then_only_changes_then_a_410(
        self, desk: Desk, google: Any, ragged: bool
    ) -> None:
        from googleapiclient.errors import HttpError

        desk.site.ragged = ragged
        made = [desk.meeting(str(n)) for n in range(601)]
        found, last = self.every(google.events(), calendarId="primary")
        assert {each["id"] for each in found} == {each.id for each in made}
        assert len(found) == 601

        desk.site.delete(made[0])
        desk.site.change(made[1], summary="renamed")
        changed, last = self.every(google.events(), calendarId="primary", syncToken=last["nextSyncToken"])
        assert {each["id"] for each in changed} == {made[0].id, made[1].id}

        desk.site.expire_sync_tokens()
        with pytest.raises(HttpError) as refused:
            self.every(google.events(), calendarId="primary", syncToken=last["nextSyncToken"])
        assert refused.value.status_code == 410
        assert refused.value.error_details[0]["reason"] == "fullSyncRequired"

    def test_a_list_of_more_than_a_hundred_calendars_is_complete(self, desk: Desk, google: Any) -> None:
        made = {desk.site.add_calendar(ADA, str(n)).id for n in range(260)}
        found, _ = self.every(google.calendarList())
        assert {each["id"] for each in found} == made | {ADA}

    def test_a_token_that_died_is_renewed_by_the_client_itself(self, desk: Desk, google: Any) -> None:
        google.events().list(calendarId="primary").execute()
        desk.now += timedelta(hours=2)
        assert google.events().list(calendarId="primary").execute()["items"] == []
        assert desk.site.counts["POST /token"] == 2
