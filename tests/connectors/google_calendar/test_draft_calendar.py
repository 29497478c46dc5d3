"""A calendar of drafts at Google: ours alone to reach, written once, and never over a person's change."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from pydantic import SecretStr, ValidationError

from connectors.contract import Credential, CursorExpired, DraftCalendar, Refused, Unclear
from connectors.google_calendar.connector import GoogleCalendar
from connectors.google_calendar.consent import APP_CREATED, EMAIL
from connectors.google_calendar.draft_calendar import GoogleDraftCalendar
from connectors.google_calendar.draft_calendar import _block as understood
from connectors.google_calendar.sandbox_events import Calendar, Event
from connectors.google_calendar.settings import Settings
from core.draft_calendar import Block, Seen, event_id
from tests.connectors.google_calendar.world import CalendarWorld

NAME = event_id(bytes(range(16)))
NINE = datetime(2026, 11, 20, 9, tzinfo=UTC)
CALL = Block(title="ACME call", note="A draft.", start=NINE, minutes=45)
TASK = Block(title="2 h: Fix login", note="A draft.", day=date(2026, 11, 20), minutes=120)


class DraftingWorld(CalendarWorld):
    """Ada let Daybook keep calendars of its own in her account, and nothing else."""

    def __init__(self) -> None:
        super().__init__()
        self.site.delegate()
        self.app = self.site.register("daybook.apps.googleusercontent.com", ["https://daybook.example/back"])
        self.mine = self.kept(self.lent(APP_CREATED))

    def lent(self, *scopes: str) -> Credential:
        token = self.site.tokens.access(self.ada.external, frozenset(scopes), self.app.id)
        return Credential(kind="oauth", secret=SecretStr(token))

    def google(self, **settings: Any) -> GoogleCalendar:
        oauth = {"client": self.app.id, "secret": SecretStr(self.app.secret)}
        written = {"oauth": oauth, "tokens": self.url, "draft_calendars": True}
        return self.connector(**(written | settings))

    def kept(self, credential: Credential) -> GoogleDraftCalendar:
        return self.google().draft_calendar(self.ada, credential)

    def made(self) -> Calendar:
        """The only calendar there that we made."""
        (calendar,) = [one for one in self.site.calendars.values() if one.app_created and not one.deleted]
        return calendar

    def event(self) -> Event:
        (event,) = self.made().events.values()
        return event


@pytest.fixture
def world() -> Iterator[DraftingWorld]:
    world = DraftingWorld()
    yield world
    world.close()


@pytest.fixture
def mine(world: DraftingWorld) -> DraftCalendar:
    return world.mine


@pytest.fixture
def calendar(mine: DraftCalendar) -> str:
    return mine.make("Daybook drafts", "Europe/Berlin")


def seen(mine: DraftCalendar, calendar: str, cursor: str | None = None) -> dict[str, Block | None]:
    changes = mine.changed(calendar, cursor)
    assert changes is not None
    return {one.id: one.block for one in changes.seen}


def put(mine: DraftCalendar, calendar: str, event: str, block: Block, stamp: str = "") -> Seen:
    """It, as it stands there then."""
    there = mine.put(calendar, event, block, stamp)
    assert there is not None
    return there


def test_P1_a_draft_is_private_and_free_there_has_no_guests_and_reminds_nobody(
    world: DraftingWorld, mine: DraftCalendar, calendar: str
) -> None:
    put(mine, calendar, NAME, CALL)
    event, made = world.event(), world.made()
    assert (made.owner, made.roles) == (world.ada.external, {})
    assert (event.visibility, event.transparency, event.attendees) == ("private", "transparent", ())
    assert event.more["reminders"] == {"useDefault": False, "overrides": []}


def test_fact_7_the_right_reaches_calendars_we_made_and_no_other(
    world: DraftingWorld, mine: DraftCalendar, calendar: str
) -> None:
    """Fact 7 of facts/google_calendar.md."""
    assert mine.changed(calendar, None) is not None
    with pytest.raises(Refused, match="does not let"):
        mine.changed(world.ada.external, None)
    with pytest.raises(Refused, match="does not let"):
        world.kept(world.lent(EMAIL)).make("Daybook drafts", "UTC")


def test_fact_4_R05_an_event_is_called_as_we_say_so_the_same_twice_is_one(
    world: DraftingWorld, mine: DraftCalendar, calendar: str
) -> None:
    """Fact 4 of facts/google_calendar.md."""
    first = put(mine, calendar, NAME, CALL)
    assert put(mine, calendar, NAME, CALL).stamp == first.stamp
    assert world.event().id == NAME


def test_P8_an_insert_whose_answer_was_lost_is_found_by_its_id(
    world: DraftingWorld, mine: DraftCalendar, calendar: str
) -> None:
    world.site.faults.script("*", "drop-after")
    with pytest.raises(Unclear):
        put(mine, calendar, NAME, CALL)
    found = mine.look(calendar, NAME)
    assert found is not None and found.block is not None and found.block.stands_as(CALL)
    assert world.event().id == NAME


def test_R05_what_is_not_there_is_not_found(mine: DraftCalendar, calendar: str) -> None:
    assert mine.look(calendar, NAME) is None


@pytest.mark.parametrize("block", [CALL, TASK])
def test_what_is_written_reads_as_it_was_written(mine: DraftCalendar, calendar: str, block: Block) -> None:
    put(mine, calendar, NAME, block)
    (found,) = seen(mine, calendar).values()
    assert found is not None and found.stands_as(block)


def test_a_task_gets_a_time_and_a_time_becomes_a_day(mine: DraftCalendar, calendar: str) -> None:
    stamp = put(mine, calendar, NAME, TASK).stamp
    stamp = put(mine, calendar, NAME, CALL, stamp).stamp
    assert (found := seen(mine, calendar)[NAME]) is not None and found.stands_as(CALL)
    put(mine, calendar, NAME, TASK, stamp)
    assert (found := seen(mine, calendar)[NAME]) is not None and found.stands_as(TASK)


def test_P2_a_change_by_hand_is_never_written_over(
    world: DraftingWorld, mine: DraftCalendar, calendar: str
) -> None:
    stamp = put(mine, calendar, NAME, CALL).stamp
    world.site.change(world.event(), start=NINE + timedelta(hours=1), end=NINE + timedelta(hours=2))
    there = put(mine, calendar, NAME, CALL.model_copy(update={"minutes": 30}), stamp)
    assert there.block is not None and there.block.minutes == 60
    assert mine.remove(calendar, NAME, stamp) == there
    assert mine.remove(calendar, NAME, there.stamp).gone


def test_a_colour_of_theirs_stays_when_the_draft_changes(
    world: DraftingWorld, mine: DraftCalendar, calendar: str
) -> None:
    put(mine, calendar, NAME, CALL)
    world.site.change(world.event(), more={**world.event().more, "colorId": "5"})
    found = mine.look(calendar, NAME)
    assert found is not None
    put(mine, calendar, NAME, CALL.model_copy(update={"minutes": 30}), found.stamp)
    assert world.event().more["colorId"] == "5"


def test_what_was_deleted_comes_back_under_its_own_id(
    world: DraftingWorld, mine: DraftCalendar, calendar: str
) -> None:
    stamp = put(mine, calendar, NAME, CALL).stamp
    assert mine.remove(calendar, NAME, stamp).gone
    assert mine.remove(calendar, NAME, stamp).gone
    again = put(mine, calendar, NAME, CALL)
    assert not again.gone and world.event().status == "confirmed"
    assert world.event().visibility == "private"


def test_only_what_changed_since_is_told_deletions_by_name(
    world: DraftingWorld, mine: DraftCalendar, calendar: str
) -> None:
    first, second = (event_id(bytes([number] * 16)) for number in (1, 2))
    put(mine, calendar, first, CALL)
    world.now += timedelta(minutes=20)
    put(mine, calendar, second, TASK)
    before = mine.changed(calendar, None)
    assert before is not None and {one.id for one in before.seen} == {first, second}
    world.site.delete(world.made().events[second])
    after = mine.changed(calendar, before.cursor)
    assert after is not None and [(one.id, one.gone) for one in after.seen] == [(second, True)]


def test_a_page_after_another_is_read_to_the_end(
    world: DraftingWorld, mine: DraftCalendar, calendar: str
) -> None:
    for number in range(5):
        put(mine, calendar, event_id(bytes([number] * 16)), CALL)
    world.site.ragged = True
    assert len(seen(mine, calendar)) == 5


def test_a_bookmark_too_old_says_so(world: DraftingWorld, mine: DraftCalendar, calendar: str) -> None:
    changes = mine.changed(calendar, None)
    world.now += timedelta(days=400)
    world.mine = world.kept(world.lent(APP_CREATED))
    with pytest.raises(CursorExpired):
        world.mine.changed(calendar, changes.cursor if changes else None)


def test_what_no_draft_is_is_seen_and_not_understood(
    world: DraftingWorld, mine: DraftCalendar, calendar: str
) -> None:
    put(mine, calendar, NAME, TASK)
    world.site.change(world.event(), end=date(2026, 11, 24))
    assert seen(mine, calendar) == {NAME: None}
    world.site.change(world.event(), end=date(2026, 11, 21), recurrence=("RRULE:FREQ=DAILY;COUNT=3",))
    assert seen(mine, calendar) == {NAME: None}


def test_nothing_is_said_of_an_event_in_a_calendar_that_is_gone(
    world: DraftingWorld, mine: DraftCalendar, calendar: str
) -> None:
    stamp = put(mine, calendar, NAME, CALL).stamp
    world.site.delete_calendar(world.made())
    assert mine.put(calendar, NAME, CALL, stamp) is None
    assert mine.put(calendar, event_id(bytes(16)), CALL, "") is None


def test_a_calendar_its_owner_deleted_is_no_more_and_may_be_ended_twice(
    world: DraftingWorld, mine: DraftCalendar, calendar: str
) -> None:
    world.site.delete_calendar(world.made())
    assert mine.changed(calendar, None) is None
    mine.end(calendar)


def test_the_end_takes_the_calendar_and_all_in_it(
    world: DraftingWorld, mine: DraftCalendar, calendar: str
) -> None:
    put(mine, calendar, NAME, CALL)
    mine.end(calendar)
    assert [one for one in world.site.calendars.values() if one.app_created and not one.deleted] == []


def test_R07_google_is_told_whom_to_count_a_request_for_and_not_who_they_are(
    world: DraftingWorld, mine: DraftCalendar, calendar: str
) -> None:
    world.site.asked.clear()
    mine.changed(calendar, None)
    (asked,) = world.site.asked
    assert asked.param("quotaUser") not in ("", world.ada.contributor, world.ada.external)


@pytest.mark.parametrize("start", [None, 7, [], "date", {"date": 5}, {"dateTime": "2026-11-20T09:00:00"}, {}])
@pytest.mark.parametrize("summary", [None, 7, {}])
def test_an_odd_event_is_no_draft_and_stops_nothing(start: Any, summary: Any) -> None:
    end = {"dateTime": "2026-11-20T10:00:00Z"}
    assert understood({"id": "e", "summary": summary, "start": start, "end": end}) is None


# --- who is asked for what ---------------------------------------------------------------------------------


def test_P11_the_right_is_asked_of_who_wants_it_and_of_nobody_else(world: DraftingWorld) -> None:
    lends = world.google(key=None).authorization
    assert lends is not None and APP_CREATED not in lends.scopes and APP_CREATED in lends.widened().scopes
    keyed = world.google().authorization
    assert keyed is not None and keyed.scopes == (EMAIL,) and keyed.widened().scopes == (EMAIL, APP_CREATED)
    assert world.connector().authorization is None
    assert world.google(key=None, draft_calendars=False).authorization.further == ()  # type: ignore[union-attr]


def test_it_is_off_until_an_administrator_allows_it(world: DraftingWorld) -> None:
    assert not world.connector().abilities.shows_drafts
    assert world.google().abilities.shows_drafts
    with pytest.raises(ValidationError, match="needs `oauth`"):
        Settings(key=SecretStr("{}"), draft_calendars=True)


def test_with_the_organisations_key_nobody_brings_another_account(world: DraftingWorld) -> None:
    google, hers = world.google(), world.lent(APP_CREATED, EMAIL)
    assert google.identify(hers, world.ada.external).external == world.ada.external
    with pytest.raises(Refused, match="another account"):
        google.identify(hers, world.ben.external)
