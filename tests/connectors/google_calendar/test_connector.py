"""The Google Calendar connector, over real sockets against a stand-in it has never read."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import responses
from pydantic import SecretStr, ValidationError

from connectors.contract import (
    Account,
    CursorExpired,
    Endless,
    Fault,
    Paced,
    Page,
    Refused,
    Terms,
    Unavailable,
    Window,
    walk,
)
from connectors.google_calendar import connector as module
from connectors.google_calendar.connector import GoogleCalendar
from connectors.google_calendar.evidence import TRACKS
from connectors.google_calendar.refusals import Closed
from connectors.google_calendar.rights import WIDER
from connectors.google_calendar.settings import Settings
from connectors.stand_in import Answer
from core.model import Activity
from daybook.testing import ContractSuite, Said, World, said
from tests.connectors.google_calendar.world import EVERYTHING, HOUR, NOW, CalendarWorld
from tests.core.says import says

DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def world() -> Iterator[CalendarWorld]:
    with closing(CalendarWorld()) as world:
        yield world


@pytest.fixture
def calendar(world: CalendarWorld) -> GoogleCalendar:
    return world.connector()


def pulled(
    calendar: GoogleCalendar, world: CalendarWorld, cursor: str | None = None, window: Window | None = None
) -> list[Page]:
    (partition,) = calendar.partitions([world.ada])
    return list(walk(calendar, partition, window or world.window, cursor))


def titles(standing: Said) -> list[str]:
    return sorted(activity.title or "" for activities in standing.values() for _, activity in activities)


def requests_of(world: CalendarWorld) -> dict[str, int]:
    """How often each was asked since the last time: the last word of its path tells which."""
    return {endpoint.rpartition("/")[2]: count for endpoint, count in world.site.reset_counts().items()}


def refusal(status: int, reason: str, message: str = "said by Google of ada@northwind.example") -> Answer:
    error = {"domain": "global", "reason": reason, "message": message}
    return Answer(status, {"error": {"errors": [error], "code": status, "message": message}})


class TestContract(ContractSuite):
    """Every sentence of the contract."""

    @pytest.fixture
    def connector(self, world: CalendarWorld, monkeypatch: pytest.MonkeyPatch) -> GoogleCalendar:
        monkeypatch.setattr(module, "MOST_EVENTS", world.page_size)
        return world.connector()

    def test_a_credential_names_its_owner(self, connector: GoogleCalendar, world: World) -> None:  # type: ignore[override]
        """Nobody gives one: the organisation's key reads for everybody who agreed."""
        with pytest.raises(Refused):
            connector.identify(world.credential(world.ada), "ada@northwind.example")
        with pytest.raises(Refused) as caught:
            connector.writer(world.ada, world.credential(world.ada))
        assert caught.value.whose == "entry"
        assert connector.abilities.knows_addresses and not connector.abilities.posts


class TestTwoCalendars(TestContract):
    """The same with a second calendar each, which is a second stretch of the same walk."""

    @pytest.fixture
    def connector(self, world: CalendarWorld, monkeypatch: pytest.MonkeyPatch) -> GoogleCalendar:
        monkeypatch.setattr(module, "MOST_EVENTS", world.page_size)
        team = world.site.add_calendar("otto@northwind.example", "Team")
        for account in (world.ada, world.ben):
            world.site.share(team.id, account.external, "reader")
        return world.connector(calendars=["primary", team.id])


# --- what it costs, and what it asks for


def test_an_idle_cycle_is_one_request_for_each_contributor(
    world: CalendarWorld, calendar: GoogleCalendar
) -> None:
    for account in (world.ada, world.ben):
        world.add(account, "Call")
    world.now += 10 * MINUTE
    parts = calendar.partitions([world.ada, world.ben])
    cursors = {part.key: list(walk(calendar, part, world.window, None))[-1].cursor for part in parts}
    assert requests_of(world) == {"token": 2, "events": 2}
    for _ in range(3):
        world.now += 10 * MINUTE
        for part in parts:
            (page,) = walk(calendar, part, world.window, cursors[part.key])
            cursors[part.key] = page.cursor
        assert requests_of(world) == {"events": 2}
        assert page.sightings == () and not page.whole


def test_P11_nothing_untracked_is_even_requested(world: CalendarWorld) -> None:
    fields_of = {
        "title": {"summary"},
        "series": {"recurringEventId"},
        "labels": {"eventLabelId", "colorId"},
        "response": {"organizer", "responseStatus"},
        "guests domains": {"email", "resource"},
    }
    world.meeting(attendees={world.ben.external: "accepted"}, recurrence=["RRULE:FREQ=DAILY;COUNT=2"])
    for word, fields in fields_of.items():
        pulled(world.connector(EVERYTHING - {word}), world)
        asked = world.site.asked[-1].param("fields")
        assert not [field for field in fields if field in asked], word
        pulled(world.connector(frozenset({"time", word})), world)
        asked = world.site.asked[-1].param("fields")
        assert all(field in asked for field in fields), word
        others = set().union(*(fields_of[other] for other in fields_of.keys() - {word}))
        assert not [field for field in others if field in asked], word


@pytest.mark.parametrize("tracked", [EVERYTHING, frozenset({"time"})])
def test_P11_descriptions_places_and_strangers_are_never_requested(
    world: CalendarWorld, tracked: frozenset[str]
) -> None:
    world.meeting()
    first = pulled(world.connector(tracked), world)
    world.now += HOUR
    pulled(world.connector(tracked), world, first[-1].cursor)
    for request in world.site.asked:
        assert request.params["eventTypes"] == ["default", "focusTime", "outOfOffice"]
        assert request.param("maxAttendees") == ("200" if tracked == EVERYTHING else "1")
        assert not {"description", "location", "attachments", "displayName", "creator", "*"} & set(
            request.param("fields").replace("(", ",").replace(")", ",").split(",")
        )
        assert request.param("singleEvents") == "true"
        assert ("orderBy" in request.params) != ("updatedMin" in request.params)
        assert (request.param("showDeleted") == "true") == ("updatedMin" in request.params)
        assert "@" not in request.param("quotaUser") and len(request.param("quotaUser")) <= 40


@pytest.mark.parametrize("tracked", [frozenset[str](), EVERYTHING - {"time"}])
def test_P11_without_the_word_time_nobody_is_asked_about_and_check_says_so(
    world: CalendarWorld, tracked: frozenset[str]
) -> None:
    calendar = world.connector(tracked)
    assert calendar.partitions([world.ada]) == []
    assert "time" in calendar.check().missing[0]


def test_S08_a_private_event_is_a_block_without_words_or_nothing(world: CalendarWorld) -> None:
    event = world.meeting(
        "Surgeon", visibility="private", color="11", attendees={"doc@clinic.test": "accepted"}
    )
    ((_, busy),) = said(pulled(world.connector(), world))[f"event/{event.id}"]
    assert busy.private and busy.start == NOW - 3 * HOUR
    assert (busy.title, busy.series, busy.audience, busy.labels, busy.domains) == (None, None, None, (), ())
    (page,) = pulled(world.connector(private="ignore"), world)
    assert said([page]) == {} and page.skipped == {"private": 1}


def test_who_asks_is_the_contributor_and_sees_their_own_answer(
    world: CalendarWorld, calendar: GoogleCalendar
) -> None:
    event = world.meeting("Review", attendees={world.ben.external: "tentative", "x@acme.example": "accepted"})
    seen: dict[str, Activity] = {}
    for part in calendar.partitions([world.ada, world.ben]):
        for page in walk(calendar, part, world.window, None):
            for sighting in page.sightings:
                assert sighting.origin == f"event/{event.id}"
                seen |= dict(sighting.activities)
    assert (seen["ada"].response, seen["ben"].response) == ("organizer", "tentative")
    assert seen["ada"].domains == ("acme.example", "northwind.example")
    assert seen["ben"].domains == ("acme.example", "northwind.example")
    assert seen["ada"].audience == seen["ben"].audience == 3


# --- what changes


def settled(calendar: GoogleCalendar, world: CalendarWorld, pages: list[Page]) -> list[Page]:
    """Two more rounds, ten minutes apart."""
    for _ in range(2):
        world.now += 10 * MINUTE
        pages = [*pages, *pulled(calendar, world, pages[-1].cursor)]
    return pages


def standing(pages: list[Page]) -> Said:
    """What a store holds after these walks, one after another."""
    held: Said = {}
    for page in pages:
        held = said([page], held)
    return held


def test_a_meeting_that_moves_out_of_the_window_leaves_the_day(
    world: CalendarWorld, calendar: GoogleCalendar
) -> None:
    event = world.meeting("Moved")
    first = pulled(calendar, world)
    world.now += 10 * MINUTE
    world.site.change(event, start=NOW + 30 * DAY, end=NOW + 30 * DAY + HOUR)
    assert titles(standing(first)) == ["Moved"]
    assert titles(standing(settled(calendar, world, first))) == []
    assert len(world.site.asked) == 3


def test_a_series_with_a_new_rule_loses_its_old_instances(
    world: CalendarWorld, calendar: GoogleCalendar
) -> None:
    series = world.meeting("Stand-up", NOW - 4 * DAY, recurrence=["RRULE:FREQ=DAILY;COUNT=5"])
    first = pulled(calendar, world)
    assert titles(standing(first)) == ["Stand-up"] * 5
    world.now += 10 * MINUTE
    world.site.change(series, start=NOW - 4 * DAY + HOUR, end=NOW - 4 * DAY + 2 * HOUR)
    after = standing(settled(calendar, world, first))
    hours = {activity.start.hour for activities in after.values() for _, activity in activities}
    assert (titles(after), hours) == (["Stand-up"] * 5, {13})


@says("cancelled instance of a series, moved instance, series split")
def test_a_moved_and_a_cancelled_instance_are_right_at_the_next_look(
    world: CalendarWorld, calendar: GoogleCalendar
) -> None:
    series = world.meeting("Stand-up", NOW - 4 * DAY, recurrence=["RRULE:FREQ=DAILY;COUNT=4"])
    first = pulled(calendar, world)
    world.now += 10 * MINUTE
    world.site.cancel_instance(series, NOW - 3 * DAY)
    world.site.move_instance(series, NOW - 2 * DAY, NOW - 2 * DAY + HOUR)
    after = standing([*first, *pulled(calendar, world, first[-1].cursor)])
    starts = sorted(activity.start for activities in after.values() for _, activity in activities)
    assert starts == [NOW - 4 * DAY, NOW - 2 * DAY + HOUR, NOW - DAY]
    assert standing(first).keys() > after.keys()


def test_a_change_that_shows_up_late_is_still_seen(world: CalendarWorld, calendar: GoogleCalendar) -> None:
    first = pulled(calendar, world)
    world.meeting("Late", created=world.now - 4 * MINUTE)
    assert titles(standing([*first, *pulled(calendar, world, first[-1].cursor)])) == ["Late"]


def test_who_declines_after_all_is_known_to_at_the_next_look(
    world: CalendarWorld, calendar: GoogleCalendar
) -> None:
    event = world.meeting("Review", attendees={world.ben.external: "accepted"})
    (_, part) = calendar.partitions([world.ada, world.ben])
    first = list(walk(calendar, part, world.window, None))
    for answer, known in (("declined", "declined"), ("tentative", "tentative"), ("accepted", "accepted")):
        world.now += 10 * MINUTE
        world.site.respond(event, world.ben.external, answer)  # type: ignore[arg-type]
        first += walk(calendar, part, world.window, first[-1].cursor)
        ((_, activity),) = standing(first)[f"event/{event.id}"]
        assert activity.response == known


def test_an_event_that_moves_to_another_organizer_leaves_who_is_no_longer_invited(
    world: CalendarWorld, calendar: GoogleCalendar
) -> None:
    """Google tells her no more than that the id is cancelled."""
    event = world.meeting("Handed over", organizer=world.ben.external)
    first = pulled(calendar, world)
    assert titles(standing(first)) == ["Handed over"]
    world.now += 10 * MINUTE
    world.site.own(event, world.ada.external).removed = True
    assert titles(standing([*first, *pulled(calendar, world, first[-1].cursor)])) == []


def test_S12_a_series_of_fifty_years_is_one_page_of_the_window(
    world: CalendarWorld, calendar: GoogleCalendar
) -> None:
    begin = NOW - 25 * 365 * DAY
    world.site.add_event(
        world.ada.external, "Stand-up", begin, begin + HOUR, recurrence=["RRULE:FREQ=DAILY;COUNT=18250"]
    )
    (page,) = pulled(calendar, world)
    days = (world.window.end - world.window.start).days
    assert days <= len(page.sightings) <= days + 2
    assert world.site.asked[-1].param("timeMax")


def test_S12_of_ten_thousand_guests_none_is_sent_or_counted(
    world: CalendarWorld, calendar: GoogleCalendar
) -> None:
    crowd = {f"g{n}@acme.example": "accepted" for n in range(10_000)}
    world.meeting("All hands", attendees=crowd)
    (page,) = pulled(calendar, world)
    ((_, activity),) = page.sightings[0].activities
    assert (activity.title, activity.response, activity.audience) == ("All hands", "organizer", None)
    assert activity.domains == ()


def test_an_event_told_twice_says_what_was_told_last(world: CalendarWorld, calendar: GoogleCalendar) -> None:
    told = {"id": "e1", "start": {"dateTime": "2026-11-20T09:00:00Z"}, "eventType": "default"}
    long, short = ({**told, "end": {"dateTime": f"2026-11-20T1{n}:00:00Z"}} for n in (1, 0))
    world.site.instead = [Answer(200, {"kind": "calendar#events", "items": [long, short]})]
    ((_, activity),) = said(pulled(calendar, world))["event/e1"]
    assert activity.end is not None and activity.end.hour == 10


def test_an_event_that_turns_free_or_private_leaves_what_stood(world: CalendarWorld) -> None:
    calendar = world.connector(private="ignore")
    event, other = world.meeting("Lunch"), world.meeting("Therapy")
    first = pulled(calendar, world)
    world.now += 10 * MINUTE
    world.site.change(event, transparency="transparent")
    world.site.change(other, visibility="private")
    (page,) = pulled(calendar, world, first[-1].cursor)
    assert page.skipped == {"free": 1, "private": 1}
    assert titles(standing([*first, page])) == []


def test_a_new_local_day_begins_with_the_whole_window(world: CalendarWorld, calendar: GoogleCalendar) -> None:
    """In Berlin it begins at 23:00 UTC, eleven hours from now."""
    world.meeting()
    first = pulled(calendar, world)
    window = world.window
    evening, night = (
        window.model_copy(update={"end": window.end + n * MINUTE}) for n in (10 * 60 + 59, 11 * 60)
    )
    assert not pulled(calendar, world, first[-1].cursor, evening)[0].whole
    (page,) = pulled(calendar, world, first[-1].cursor, night)
    assert page.whole and titles(said([page])) == ["Planning"]


def test_a_meeting_later_today_is_known_before_it_begins(
    world: CalendarWorld, calendar: GoogleCalendar
) -> None:
    """It does not change when its time comes, so no look at what changed would ever show it."""
    world.meeting("Afternoon", NOW + 3 * HOUR)
    until_now = Window(start=world.window.start, end=NOW)
    assert titles(said(pulled(calendar, world, window=until_now))) == ["Afternoon"]


def test_another_mask_or_another_calendar_means_the_whole_window(world: CalendarWorld) -> None:
    world.meeting()
    cursor = pulled(world.connector(EVERYTHING - {"title"}), world)[-1].cursor
    assert pulled(world.connector(EVERYTHING - {"title"}), world, cursor)[0].whole is False
    assert pulled(world.connector(), world, cursor)[0].whole is True


def test_one_event_in_two_calendars_has_two_identities(world: CalendarWorld) -> None:
    team = world.site.add_calendar("otto@northwind.example", "Team")
    world.site.share(team.id, world.ada.external, "reader")
    world.meeting("All hands", attendees={team.id: "accepted"})
    pages = pulled(world.connector(calendars=["primary", team.id]), world)
    activities = [activity for found in said(pages).values() for _, activity in found]
    assert titles(said(pages)) == ["All hands", "All hands"]
    assert len({activity.uid for activity in activities}) == 2
    assert {activity.container for activity in activities} == {"primary", team.id}
    assert "@" not in "".join(origin for origin in said(pages)) + "".join(page.cursor for page in pages)


# --- complete or loud


@pytest.fixture
def small_pages(monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr(module, "MOST_EVENTS", 3)
    return 3


def test_one_event_more_than_the_largest_page_is_seen(world: CalendarWorld, calendar: GoogleCalendar) -> None:
    for n in range(2501):
        world.meeting(f"{n}", NOW - 10 * DAY + 5 * n * MINUTE)
    pages = pulled(calendar, world)
    assert len(said(pages)) == 2501
    assert [page.more for page in pages] == [True, False]


def test_empty_and_short_pages_end_nothing_while_they_carry_a_token(
    world: CalendarWorld, calendar: GoogleCalendar, small_pages: int
) -> None:
    made = {world.add(world.ada, f"{n}") for n in range(10)}
    world.site.ragged = True
    first = pulled(calendar, world)
    assert first[0].sightings == () and said(first).keys() == made
    world.now += 4 * MINUTE
    changed = world.add(world.ada, "late")
    assert changed in said(pulled(calendar, world, first[-1].cursor), said(first))


def test_a_token_that_repeats_is_loud_among_changes_too(
    world: CalendarWorld, calendar: GoogleCalendar
) -> None:
    world.meeting()
    first = pulled(calendar, world)
    world.site.looping = True
    with pytest.raises(Unavailable):
        pulled(calendar, world, first[-1].cursor)


@pytest.mark.parametrize(
    ("answer", "fault", "whose"),
    [
        (refusal(410, "updatedMinTooLongAgo"), CursorExpired, ""),
        (refusal(410, "fullSyncRequired"), CursorExpired, ""),
        (refusal(410, "deleted"), Refused, "connection"),
        (refusal(404, "notFound"), Closed, "account"),
        (refusal(403, "forbidden"), Closed, "account"),
        (refusal(403, "SomethingNew"), Closed, "account"),
        (refusal(403, "accessNotConfigured"), Refused, "connection"),
        (refusal(403, "insufficientPermissions"), Refused, "connection"),
        (refusal(403, "rateLimitExceeded"), Paced, ""),
        (refusal(403, "userRateLimitExceeded"), Paced, ""),
        (refusal(403, "quotaExceeded"), Paced, ""),
        (refusal(403, "dailyLimitExceeded"), Paced, ""),
        (refusal(429, "rateLimitExceeded"), Paced, ""),
        (refusal(400, "timeRangeEmpty"), Refused, "connection"),
        (refusal(418, "teapot"), Unavailable, ""),
        (refusal(503, "backendError"), Unavailable, ""),
        (Answer(403, "<h1>Forbidden</h1>"), Refused, "account"),
        (Answer(200, "<h1>Sign in</h1>"), Unavailable, ""),
        (Answer(200, ["kind", "calendar#events"]), Unavailable, ""),
        (Answer(200, {}), Unavailable, ""),
        (Answer(200, {"kind": "calendar#events", "items": {}}), Unavailable, ""),
        (Answer(200, {"kind": "calendar#events", "items": [], "nextPageToken": 7}), Unavailable, ""),
        (Answer(204), Unavailable, ""),
        (Answer(302, "", {"Location": "https://login.example"}), Unavailable, ""),
    ],
    ids=lambda value: str(getattr(value, "status", value)),
)
@pytest.mark.parametrize("later", [False, True], ids=["first page", "later page"])
def test_an_answer_that_is_none_is_loud_wherever_it_comes(
    world: CalendarWorld,
    calendar: GoogleCalendar,
    small_pages: int,
    answer: Answer,
    fault: type[Fault],
    whose: str,
    later: bool,
) -> None:
    for n in range(small_pages + 1):
        world.add(world.ada, f"{n}")
    (part,) = calendar.partitions([world.ada])
    cursor = calendar.pull(part, world.window, None).cursor if later else None
    world.site.instead = [answer]
    with pytest.raises(fault) as caught:
        calendar.pull(part, world.window, cursor)
    assert type(caught.value) is fault
    assert getattr(caught.value, "whose", "") == whose
    assert "@" not in str(caught.value) and "said by Google" not in str(caught.value)
    assert world.site.instead == [] and caught.value.__cause__ is None


def test_every_recorded_error_has_a_meaning(
    world: CalendarWorld, calendar: GoogleCalendar, shared: Path
) -> None:
    meant = {}
    for file in sorted((shared / "corpus" / "google_calendar").glob("*__4*.json")):
        said_by_google = json.loads(file.read_text("utf-8"))
        world.site.instead = [Answer(int(file.stem.partition("__")[2][:3]), said_by_google)]
        with pytest.raises(Fault) as caught:
            pulled(world.connector(), world)
        meant[file.stem.partition("__")[2]] = type(caught.value)
    assert meant == {
        "403_calendar_rate_limit": Paced,
        "403_daily_limit": Paced,
        "403_rate_limit": Paced,
        "403_unknown": Closed,
        "403_user_rate_limit": Paced,
        "404": Closed,
        "409": Unavailable,
        "410": Refused,
    }


def test_R07_a_spent_quota_is_left_alone_for_an_hour(world: CalendarWorld, calendar: GoogleCalendar) -> None:
    world.site.instead = [refusal(403, "dailyLimitExceeded")]
    with pytest.raises(Paced) as caught:
        pulled(calendar, world)
    assert caught.value.wait == HOUR


def test_changes_too_long_ago_mean_the_whole_window(world: CalendarWorld, calendar: GoogleCalendar) -> None:
    world.meeting()
    cursor = pulled(calendar, world)[-1].cursor
    world.now += 40 * DAY
    with pytest.raises(CursorExpired):
        pulled(calendar, world, cursor)


# --- tokens


def test_R08_one_suspended_person_is_refused_alone(world: CalendarWorld, calendar: GoogleCalendar) -> None:
    world.add(world.ada, "Call")
    world.site.suspend(world.ben.external)
    hers, his = calendar.partitions([world.ada, world.ben])
    with pytest.raises(Refused) as caught:
        calendar.pull(his, world.window, None)
    assert caught.value.whose == "account"
    assert len(calendar.pull(hers, world.window, None).sightings) == 1


def test_a_token_that_ends_early_is_fetched_anew_once(world: CalendarWorld, calendar: GoogleCalendar) -> None:
    world.meeting()
    pulled(calendar, world)
    world.now += 2 * HOUR
    requests_of(world)
    assert titles(said(pulled(calendar, world))) == ["Planning"]
    assert requests_of(world) == {"events": 2, "token": 1}
    world.site.instead = [refusal(401, "authError")] * 3
    with pytest.raises(Refused) as caught:
        pulled(calendar, world)
    assert caught.value.whose == "account"
    assert len(world.site.instead) == 1


@pytest.mark.parametrize("kind", ["500", "html", "truncated", "drop-before", "drop-after", "503"])
def test_a_token_service_that_fails_is_asked_once_and_nothing_else_is(
    world: CalendarWorld, calendar: GoogleCalendar, kind: str
) -> None:
    world.meeting()
    world.site.faults.script("POST /token", kind)
    with pytest.raises(Unavailable):
        pulled(calendar, world)
    assert requests_of(world) == {"token": 1}
    assert titles(said(pulled(calendar, world))) == ["Planning"]


@pytest.mark.parametrize(
    ("status", "body", "fault", "whose"),
    [
        (
            400,
            {"error": "invalid_grant", "error_description": "Invalid email or User ID"},
            Refused,
            "account",
        ),
        (
            400,
            {"error": "invalid_grant", "error_description": "Account has been deleted"},
            Refused,
            "account",
        ),
        (
            400,
            {"error": "invalid_grant", "error_description": "Invalid JWT Signature."},
            Refused,
            "connection",
        ),
        (401, {"error": "unauthorized_client"}, Refused, "connection"),
        (401, {"error": "invalid_client"}, Refused, "connection"),
        (400, {"error": "invalid_scope"}, Refused, "connection"),
        (403, ["who knows"], Refused, "connection"),
        (400, {"error": "temporarily_unavailable"}, Unavailable, ""),
        (401, {"error": "x", "error_description": "internal_failure"}, Unavailable, ""),
        (400, "<h1>Proxy</h1>", Unavailable, ""),
        (200, {"expires_in": 3600}, Unavailable, ""),
        (200, {"access_token": "t", "expires_in": "soon"}, Unavailable, ""),
        (200, ["t"], Unavailable, ""),
        (200, "", Unavailable, ""),
        (200, {"access_token": "to ken\n", "expires_in": 3600}, Refused, "connection"),
    ],
)
@responses.activate
def test_R08_what_a_token_service_says_is_for_the_right_person_and_asked_once(
    world: CalendarWorld, status: int, body: Any, fault: type[Fault], whose: str
) -> None:
    calendar = on_the_web(world)
    text = body if isinstance(body, str) else json.dumps(body)
    responses.add("POST", "https://oauth2.googleapis.com/token", body=text, status=status)
    with pytest.raises(fault) as caught:
        pulled(calendar, world)
    assert getattr(caught.value, "whose", "") == whose
    assert len(responses.calls) == 1
    assert "ada@" not in str(caught.value)


def on_the_web(world: CalendarWorld) -> GoogleCalendar:
    """A connector that speaks to Google itself; only `responses` stands between."""
    key = world.site.service_account_key() | {"token_uri": "https://oauth2.googleapis.com/token"}
    return GoogleCalendar("calendar", Settings(key=SecretStr(json.dumps(key))), Terms(tracked=EVERYTHING))


@responses.activate
def test_responses_sees_every_call_and_who_makes_it(world: CalendarWorld) -> None:
    calendar = on_the_web(world)
    granted = {"access_token": "t0ken", "expires_in": 3600}
    responses.add("POST", "https://oauth2.googleapis.com/token", json=granted)
    address = "https://www.googleapis.com/calendar/v3/calendars/primary/events"
    responses.add("GET", address, json={"kind": "calendar#events", "items": []})
    first = pulled(calendar, world)
    assert [call.request.method for call in responses.calls] == ["POST", "GET"]
    assert responses.calls[1].request.headers["Authorization"] == "Bearer t0ken"
    assert pulled(calendar, world, first[-1].cursor)[0].whole, (
        "without a Date nothing tells from when on to ask"
    )


def test_the_scope_is_the_tightest_that_reaches_the_calendars(world: CalendarWorld) -> None:
    world.site.delegate("calendar.events.owned.readonly")
    assert pulled(world.connector(), world)
    with pytest.raises(Refused) as caught:
        pulled(world.connector(calendars=["primary", "team"]), world)
    assert "auth/calendar.events.readonly" in str(caught.value)


def test_a_calendar_nobody_sees_is_said_and_not_passed_over(world: CalendarWorld) -> None:
    world.meeting()
    own, team = pulled(world.connector(calendars=["primary", "team@group.calendar.google.com"]), world)
    assert titles(said([own])) == ["Planning"] and not own.lacking
    assert "give access, or take it out of `calendars`" in team.lacking and "team@" not in team.lacking


def test_the_library_starts_no_thread_and_looks_nothing_up_by_itself(
    world: CalendarWorld, calendar: GoogleCalendar, monkeypatch: pytest.MonkeyPatch
) -> None:
    from google.auth._regional_access_boundary_utils import _RegionalAccessBoundaryManager as Regions

    looked = []
    monkeypatch.setattr(Regions, "maybe_start_refresh", lambda *_: looked.append("up"))
    pulled(calendar, world)
    assert looked == []


# --- check, and what is said aloud


def test_a_check_knocks_at_what_will_be_read_and_reads_no_event(world: CalendarWorld) -> None:
    world.site.add_event("otto@northwind.example", "Dentist", NOW, NOW + HOUR)
    standing = world.connector(EVERYTHING - {"labels"}).check()
    assert requests_of(world) == {"token": 1 + len(WIDER), "events": 1}
    assert world.site.asked[-1].param("fields") == "kind"
    assert standing.account == "daybook@sandbox.iam.gserviceaccount.com"
    assert [excess.split(":")[0] for excess in standing.excess] == ["calendar.events.readonly"]
    world.site.instead = [refusal(403, "accessNotConfigured")]
    with pytest.raises(Refused) as caught:
        world.connector().check()
    assert caught.value.whose == "connection" and "Switch on" in str(caught.value)


def test_a_check_as_nobody_says_what_it_did_not_prove(world: CalendarWorld) -> None:
    standing = world.connector(check_as=None).check()
    assert "not proven" in standing.account
    assert requests_of(world) == {"token": 1}


@pytest.mark.parametrize(
    "text", ["", "{}", "[]", "null", "no json", '{"client_email": "a", "private_key": "b"}']
)
def test_a_key_that_is_none_is_said_to_the_administrator_and_not_quoted(
    text: str, world: CalendarWorld
) -> None:
    calendar = GoogleCalendar("calendar", Settings(key=SecretStr(text)), Terms(tracked=EVERYTHING))
    for call in (calendar.check, lambda: pulled(calendar, world)):
        with pytest.raises(Refused) as caught:
            call()
        assert caught.value.whose == "connection"
        assert caught.value.__cause__ is None


def test_no_library_logs_an_address(
    world: CalendarWorld, calendar: GoogleCalendar, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    world.site.instead = [refusal(403, "forbidden"), Answer(403, "no json about ada@northwind.example")]
    for _ in range(2):
        with pytest.raises(Refused):
            pulled(calendar, world)
    assert caplog.text == ""


@pytest.mark.parametrize(
    "wrong",
    [
        {"calendars": []},
        {"calendars": ["primary", "primary"]},
        {"endpoint": "http://calendar.example"},
        {"endpoint": "https://169.254.169.254/"},
        {"check_as": "otto"},
        {"scope": "everything"},
    ],
)
def test_P14_settings_that_cannot_work_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Settings.model_validate({"key": "k", **wrong})


def test_every_word_that_can_be_tracked_has_a_sentence() -> None:
    assert GoogleCalendar.tracks is TRACKS
    assert all(sentence.endswith(".") for sentence in TRACKS.values())


# --- calendars that people choose


def chosen(world: CalendarWorld, *ids: str) -> Account:
    return replace(world.ada, containers=ids)


def walked(calendar: GoogleCalendar, account: Account, cursor: str | None = None) -> list[Page]:
    (partition,) = calendar.partitions([account])
    return list(walk(calendar, partition, CalendarWorld.window, cursor))


def test_a_chosen_calendar_is_read_and_no_other_of_hers(world: CalendarWorld) -> None:
    side, band = (world.site.add_calendar(world.ada.external, name) for name in ("Side", "Band"))
    for calendar, title in ((side, "ACME workshop"), (band, "Rehearsal")):
        world.site.add_event(world.ada.external, title, NOW - HOUR, NOW, calendar=calendar.id)
    world.meeting()
    connector = world.connector(own_calendars=True)
    assert titles(said(walked(connector, world.ada))) == ["Planning"]
    pages = walked(connector, chosen(world, side.id))
    assert titles(said(pages)) == ["ACME workshop", "Planning"]
    again = walked(connector, chosen(world, side.id), pages[-1].cursor)
    assert [page.whole for page in again] == [False, False], "one request a calendar, changes only"
    assert walked(connector, world.ada, pages[-1].cursor)[0].whole, "another choice begins anew"


def test_a_chosen_calendar_that_is_gone_is_counted_and_the_others_are_read(world: CalendarWorld) -> None:
    side = world.site.add_calendar(world.ada.external, "Side")
    world.site.add_event(world.ada.external, "ACME workshop", NOW - HOUR, NOW, calendar=side.id)
    world.meeting()
    connector, ada = world.connector(own_calendars=True), chosen(world, side.id)
    first = walked(connector, ada)
    world.site.delete_calendar(side)
    pages = walked(connector, ada, first[-1].cursor)
    assert [page.skipped for page in pages] == [{}, {"a calendar that is gone or closed": 1}]
    assert not any(page.lacking for page in pages), "no matter of the administrator's"
    assert titles(said(walked(connector, ada, None))) == ["Planning"]


@pytest.mark.parametrize("shared", [False, True])
def test_one_calendar_that_is_closed_to_a_person_closes_no_other_of_theirs(
    world: CalendarWorld, shared: bool
) -> None:
    """Section 8 of facts/google_calendar.md: what a 403 for rights says, it says of what was asked for."""
    bens = world.site.add_calendar(world.ben.external, "Ben's")
    connector, ada = world.connector(own_calendars=True), chosen(world, bens.id)
    if shared:  # with everybody, by the administrator
        connector, ada = world.connector(calendars=("primary", bens.id)), world.ada
    (partition,) = connector.partitions([ada])
    first = connector.pull(partition, world.window, None)
    world.site.instead = [refusal(403, "forbidden")]
    page = connector.pull(partition, world.window, first.cursor)
    assert page.skipped == {"a calendar that is gone or closed": 1} and page.whole and not page.more
    assert bool(page.lacking) is shared, "what somebody chose for themselves is no matter of Otto's"


def test_who_chooses_is_shown_every_calendar_of_their_own(world: CalendarWorld) -> None:
    """google-calendar-to-sqlite leaves out what follows the hundredth, and says nothing."""
    world.site.delegate("calendar.events.owned.readonly", "calendar.calendarlist.readonly")
    for n in range(501):
        world.site.add_calendar(world.ada.external, f"Project {n:03}\u202e")
    theirs = world.site.add_calendar(world.ben.external, "Ben's")
    world.site.share(theirs.id, world.ada.external, "writer")
    found = world.connector(own_calendars=True).containers(world.ada)
    assert [one.name for one in found] == [f"Project {n:03}" for n in range(501)]
    assert len({one.id for one in found}) == 501 and world.ada.external not in {one.id for one in found}
    assert requests_of(world) == {"token": 1, "calendarList": 3}


@pytest.mark.parametrize(("calendars", "requests"), [(249, 1), (250, 2)])
def test_a_list_of_calendars_is_whole_at_the_edge_of_a_page(
    world: CalendarWorld, calendars: int, requests: int
) -> None:
    world.site.delegate("calendar.calendarlist.readonly")
    for n in range(calendars):
        world.site.add_calendar(world.ada.external, f"{n}")
    assert len(world.connector(own_calendars=True).containers(world.ada)) == calendars
    assert requests_of(world)["calendarList"] == requests


def test_a_ragged_list_of_calendars_is_read_to_its_end(world: CalendarWorld) -> None:
    world.site.delegate("calendar.calendarlist.readonly")
    for n in range(20):
        world.site.add_calendar(world.ada.external, f"{n}")
    world.site.ragged = True  # its first page is empty, and has a token
    assert len(world.connector(own_calendars=True).containers(world.ada)) == 20


def test_a_list_of_calendars_that_never_ends_is_loud(world: CalendarWorld) -> None:
    """gcalcli 4.5.1 asks for the first page for ever."""
    world.site.delegate("calendar.calendarlist.readonly")
    world.site.looping = True
    with pytest.raises(Endless):
        world.connector(own_calendars=True).containers(world.ada)
    assert requests_of(world)["calendarList"] <= 3


def test_without_the_right_to_list_nobody_s_calendars_are_lost(world: CalendarWorld) -> None:
    world.meeting()
    connector = world.connector(own_calendars=True)
    with pytest.raises(Refused) as caught:
        connector.containers(world.ada)
    assert "calendar.calendarlist.readonly" in str(caught.value)
    assert titles(said(walked(connector, world.ada))) == ["Planning"]


def test_S17_the_right_to_list_is_asked_for_listing_alone(world: CalendarWorld) -> None:
    world.site.delegate("calendar.events.owned.readonly")
    side = world.site.add_calendar(world.ada.external, "Side")
    assert walked(world.connector(own_calendars=True), chosen(world, side.id))
    assert not world.connector().abilities.offers


# --- labels and colours


CLIENT_A, CLIENT_B = "4f9c1c1e-0000-4000-8000-00000000000a", "4f9c1c1e-0000-4000-8000-00000000000b"


@pytest.fixture
def labelled(world: CalendarWorld) -> CalendarWorld:
    """Ada labels what she does for two clients, and may be asked what her labels are called."""
    world.site.calendars[world.ada.external].labels = [
        {"id": CLIENT_A, "name": "Client A", "backgroundColor": "#039be5"},
        {"id": CLIENT_B, "name": "Client B", "backgroundColor": "#0b8043"},
    ]
    world.site.delegate("calendar.events.owned.readonly", "calendar.calendars.readonly")
    return world


def labels(pages: list[Page]) -> dict[str | None, tuple[str, ...]]:
    return {one.title: one.labels for found in standing(pages).values() for _, one in found}


def test_labels_and_colours_are_called_what_people_see(labelled: CalendarWorld) -> None:
    labelled.meeting("Call", label=CLIENT_A)
    labelled.meeting("Review", color="7")
    assert labels(pulled(labelled.connector(), labelled)) == {"Call": ("Client A",), "Review": ("peacock",)}


def test_a_calendar_is_asked_for_its_labels_once_a_day_and_only_where_there_are_any(
    labelled: CalendarWorld,
) -> None:
    calendar = labelled.connector()
    labelled.meeting("Lunch")
    first = pulled(calendar, labelled)
    assert requests_of(labelled) == {"token": 1, "events": 1}
    labelled.now += 10 * MINUTE
    for title in ("Call", "Review"):
        labelled.meeting(title, label=CLIENT_A)
    pages = [*first, *pulled(calendar, labelled, first[-1].cursor)]
    assert requests_of(labelled) == {"token": 1, "events": 1, "{calendarId}": 1}
    labelled.now += 10 * MINUTE
    labelled.meeting("Retro", label=CLIENT_A)
    pages += pulled(calendar, labelled, pulled(calendar, labelled, pages[-1].cursor)[-1].cursor)
    assert labels(pages) == {"Lunch": ()} | dict.fromkeys(("Call", "Review", "Retro"), ("Client A",))
    assert requests_of(labelled)["{calendarId}"] == 1, "once, in the whole walk after the change"


def test_a_label_whose_name_may_not_be_read_is_known_by_its_id_and_counted(labelled: CalendarWorld) -> None:
    labelled.site.delegate("calendar.events.owned.readonly")
    labelled.meeting("Call", label=CLIENT_A)
    calendar = labelled.connector()
    pages = pulled(calendar, labelled)
    assert labels(pages) == {"Call": (CLIENT_A,)}
    assert [page.skipped for page in pages] == [{"the name of a label": 1}]
    assert calendar.check().missing == (
        "https://www.googleapis.com/auth/calendar.calendars.readonly: "
        "without it labels are known by their ids alone",
    )


def test_P11_where_labels_are_not_tracked_nobody_is_asked_what_they_are_called(
    labelled: CalendarWorld,
) -> None:
    labelled.meeting("Call", label=CLIENT_A, color="7")
    assert labels(pulled(labelled.connector(EVERYTHING - {"labels"}), labelled)) == {"Call": ()}
    assert requests_of(labelled) == {"token": 1, "events": 1}
    assert labelled.connector(EVERYTHING - {"labels"}).check().missing == ()


def test_a_check_says_which_right_people_need_to_choose_calendars(labelled: CalendarWorld) -> None:
    calendar = labelled.connector(EVERYTHING - {"labels"}, own_calendars=True)
    (missing,) = calendar.check().missing
    assert missing.startswith("https://www.googleapis.com/auth/calendar.calendarlist.readonly: ")
