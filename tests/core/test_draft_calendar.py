"""A calendar of drafts: what belongs in it, whose word a change is, and that nothing is written twice."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import draft_calendar
from core.draft_calendar import (
    Block,
    Dismissed,
    Edited,
    Elsewhere,
    Put,
    Remove,
    Seen,
    Word,
    Written,
    event_id,
    heard,
    writes,
)
from core.drafts import edit
from core.model import Decision, Draft, Suggestion
from core.rules import Project
from core.sentences import ENGLISH
from daybook.languages import language as spoken

BERLIN = ZoneInfo("Europe/Berlin")
DAY = date(2026, 11, 19)
TEN = datetime(2026, 11, 19, 10, tzinfo=BERLIN)
HOUR = timedelta(hours=1)
PROJECTS = {"acme-web": Project(name="ACME website")}
CALL = Block(title="ACME call", note="ours", start=TEN, minutes=45)
TASK = Block(title="2 hours: Fix login", note="ours", day=DAY, minutes=120)


def draft(start: datetime | None = TEN, minutes: int = 45, text: str = "ACME call", **more: object) -> Draft:
    pieces = ((start, start + timedelta(minutes=minutes)),) if start else ()
    said = {"project": "acme-web", "key": "call", "day": DAY, "text": text} | more
    suggestion = Suggestion.model_validate(
        {"start": start, "pieces": pieces, "minutes": minutes, **said, "attributed": {"acme-web": minutes}}
    )
    return Draft(suggestion=suggestion, seen=suggestion)


def told(
    theirs: Block | None, ours: Block | None = CALL, **was: object
) -> tuple[Word | None, Written | None]:
    """What it says, once somebody changed it so."""
    before = Written.model_validate({"key": "call", "day": DAY, "block": ours, "stamp": "1", **was})
    return heard(before, Seen(id="e", stamp="2", block=theirs), BERLIN, ENGLISH)


def changed(block: Block, **changes: object) -> Block:
    return block.model_copy(update={"note": "", **changes})


# --- what is shown -----------------------------------------------------------------------------------------


def test_a_meeting_stands_at_its_time_for_as_long_as_would_be_booked():
    """Rounded to 45 minutes, though it ran for 50."""
    long = (TEN, TEN + timedelta(minutes=50))
    block = draft_calendar.block(draft(pieces=(long,)), PROJECTS, ENGLISH)
    assert (block.start, block.minutes, block.day) == (TEN, 45, None)


def test_what_has_no_time_of_day_is_an_all_day_event_with_its_length():
    block = draft_calendar.block(draft(None, 120, "Fix login"), PROJECTS, ENGLISH)
    assert (block.title, block.day, block.start) == ("2 hours: Fix login", DAY, None)


def test_a_task_that_only_begins_at_a_time_covers_no_meeting():
    assert draft_calendar.block(draft(start=None).model_copy(), PROJECTS, ENGLISH).start is None
    begun = draft(pieces=())
    assert draft_calendar.block(begun, PROJECTS, ENGLISH).start is None


@pytest.mark.parametrize("language", ["en", "de"])
def test_below_it_stands_what_it_is_and_that_nobody_confirms_there(language):
    note = draft_calendar.block(draft(), PROJECTS, spoken(language).sentences).note
    assert "ACME website" in note and "45" in note and len(note.splitlines()) == 3


def test_without_a_text_it_is_called_by_its_project():
    assert draft_calendar.block(draft(text=""), PROJECTS, ENGLISH).title == "ACME website"
    nameless = draft(text="", project=None)
    assert draft_calendar.block(nameless, PROJECTS, ENGLISH).title == "without a project"


@pytest.mark.parametrize(
    ("decision", "shown"), [("open", True), ("edited", True), ("confirmed", False), ("dismissed", False)]
)
def test_what_was_decided_is_shown_no_more(decision: Decision, shown: bool):
    assert draft_calendar.waits(draft().model_copy(update={"decision": decision})) is shown


@given(st.binary(min_size=16, max_size=16))
def test_R05_an_event_is_called_as_google_allows_and_each_draft_by_a_name_of_its_own(name: bytes):
    assert re.fullmatch("[0-9a-v]{5,1024}", event_id(name))
    assert event_id(name) != event_id(bytes([name[0] ^ 1]) + name[1:])


# --- whose word it is --------------------------------------------------------------------------------------


def test_our_own_echo_is_nobodys_word():
    for stamp in ("1", "2"):
        before = Written(key="call", day=DAY, block=CALL, stamp="1")
        word, after = heard(before, Seen(id="e", stamp=stamp, block=changed(CALL)), BERLIN, ENGLISH)
        assert word is None and after is not None and (after.block, after.stamp) == (CALL, stamp)


def test_moved_is_another_start_and_stretched_another_length():
    later = changed(CALL, start=TEN + HOUR)
    assert told(later)[0] == Edited(key="call", start=TEN + HOUR)
    assert told(changed(CALL, minutes=60))[0] == Edited(key="call", minutes=60)
    assert told(changed(later, minutes=60))[0] == Edited(key="call", start=TEN + HOUR, minutes=60)


def test_the_same_moment_in_another_zone_is_no_move():
    assert told(changed(CALL, start=TEN.astimezone(UTC)))[0] is None


def test_renamed_is_another_text_and_never_the_length_before_it():
    assert told(changed(CALL, title="Launch"))[0] == Edited(key="call", text="Launch")
    assert told(changed(TASK, title="2 hours: Launch"), TASK)[0] == Edited(key="call", text="Launch")
    assert told(changed(TASK, title="Launch"), TASK)[0] == Edited(key="call", text="Launch")
    assert told(changed(CALL, title="  "))[0] is None


def test_deleted_is_dismissed():
    before = Written(key="call", day=DAY, block=CALL, stamp="1")
    assert heard(before, Seen(id="e", stamp="2", gone=True), BERLIN, ENGLISH) == (Dismissed(key="call"), None)


def test_what_we_took_away_ourselves_is_no_dismissal():
    before = Written(key="call", day=DAY, block=CALL, stamp="1", unsure=True, leaving=True)
    assert heard(before, Seen(id="e", stamp="2", gone=True), BERLIN, ENGLISH) == (None, None)


def test_another_day_is_another_draft_by_the_clock_of_its_owner():
    late = changed(CALL, start=datetime(2026, 11, 19, 23, 30, tzinfo=UTC))  # after midnight in Berlin
    word, _ = told(late)
    assert word == Elsewhere(key="call", day=date(2026, 11, 20), start=late.start)
    tomorrow = changed(TASK, day=date(2026, 11, 20))
    assert told(tomorrow, TASK)[0] == Elsewhere(key="call", day=date(2026, 11, 20))


def test_a_task_pulled_into_the_hours_gets_a_time_and_keeps_its_length():
    placed = Block(title=TASK.title, start=TEN, minutes=60)
    assert told(placed, TASK)[0] == Edited(key="call", start=TEN)


def test_what_no_draft_is_stays_theirs_from_then_on():
    word, after = told(None)
    assert word is None and after is not None and after.block is None
    assert told(CALL, None)[0] is None


def test_a_write_that_never_arrived_is_sent_again():
    before = Written(key="call", day=DAY, block=changed(CALL, minutes=30), stamp="1", unsure=True)
    word, after = heard(before, Seen(id="e", stamp="1", block=changed(CALL)), BERLIN, ENGLISH)
    assert word is None and after is not None and not after.unsure
    assert [type(one) for one in writes({"e": changed(CALL, minutes=30)}, {"e": after})] == [Put]


# --- what is written ---------------------------------------------------------------------------------------


def test_what_waits_is_put_what_does_not_is_removed_and_what_is_theirs_left():
    def stands(block: Block | None) -> Written:
        return Written(key="k", day=DAY, block=block, stamp="7")

    written = {"a": stands(CALL), "b": stands(TASK), "c": stands(None), "d": stands(None), "e": stands(CALL)}
    wanted = {"a": CALL, "c": CALL, "n": TASK, "e": TASK}
    assert writes(wanted, written) == [
        Remove(id="b", stamp="7"),
        Remove(id="d", stamp="7"),
        Put(id="e", block=TASK, stamp="7"),
        Put(id="n", block=TASK),
    ]


blocks = st.builds(
    Block, title=st.sampled_from(["A", "B"]), note=st.sampled_from(["", "n"]), start=st.just(TEN),
    minutes=st.integers(1, 3),
)  # fmt: skip
known = st.builds(
    Written, key=st.just("k"), day=st.just(DAY), block=st.none() | blocks, stamp=st.sampled_from(["1", "2"])
)
ids = st.sampled_from("abcd")


@given(st.dictionaries(ids, blocks), st.dictionaries(ids, known))
def test_P9_once_written_there_is_nothing_left_to_write(wanted, written):
    for write in writes(wanted, written):
        match write:
            case Remove():
                del written[write.id]
            case Put():
                written[write.id] = Written(key="k", day=DAY, block=write.block, stamp="9")
    assert writes(wanted, written) == []


@given(known, blocks, st.sampled_from(["1", "2"]))
def test_P2_heard_once_a_change_is_heard_and_no_word_twice(before, theirs, stamp):
    seen = Seen(id="e", stamp=stamp, block=theirs)
    word, after = heard(before, seen, BERLIN, ENGLISH)
    assert after is not None
    assert heard(after, seen, BERLIN, ENGLISH)[0] is None
    assert word is None or stamp != before.stamp


# --- the draft ---------------------------------------------------------------------------------------------


def test_a_stated_start_says_when_it_was_and_its_because_says_so():
    after = edit(draft(), PROJECTS, start=TEN + HOUR, minutes=30)
    assert isinstance(after, Draft)
    said = after.suggestion
    assert said.pieces == ((TEN + HOUR, TEN + HOUR + timedelta(minutes=30)),)
    assert "when it was" in said.because[-1].sentence
    assert edit(after, PROJECTS, start=TEN + HOUR) == after


def test_a_task_is_placed_even_where_it_is_said_to_begin():
    after = edit(draft(pieces=()), PROJECTS, start=TEN)
    assert isinstance(after, Draft) and after.suggestion.pieces == ((TEN, TEN + timedelta(minutes=45)),)


def test_P2_what_they_had_not_seen_when_they_changed_it_is_still_to_be_noticed():
    after = edit(draft(), PROJECTS, minutes=30, unseen=True)
    assert isinstance(after, Draft) and not after.noticed
