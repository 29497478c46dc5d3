"""Drafts cut in two, put together and moved: the minutes stay, each is held once, and it can be undone."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.cutting import cut, given_back, join, move, uncut
from core.day import ContributorDay
from core.drafts import confirm, dismiss, explain
from core.memory import NOTHING, learn
from core.model import Activity, Draft, Verdict
from core.reconcile import applied, reconcile
from core.timeline import minute, together

from .day_sheet import contributor_day
from .test_drafts import CALL, THURSDAY
from .test_properties import UNROUNDED, days

ONE = Draft(suggestion=CALL, seen=CALL)
_NOON = (
    {"start": CALL.start + timedelta(hours=2), "key": "call-2", "text": "Address form"} if CALL.start else {}
)
LUNCH = CALL.model_copy(
    update=_NOON | {"pieces": ((CALL.start + timedelta(hours=2), CALL.start + timedelta(hours=3)),)}
)
PLACED = CALL.model_copy(update={"pieces": ((CALL.start, CALL.start + timedelta(hours=1)),)})
CALLED, FORM = Draft(suggestion=PLACED, seen=PLACED), Draft(suggestion=LUNCH, seen=LUNCH)


def test_a_draft_cut_in_two_keeps_its_minutes_and_its_time() -> None:
    rest, part = cut(CALLED, 20, "x")
    assert (rest.suggestion.minutes, part.suggestion.minutes) == (40, 20)
    assert rest.suggestion.pieces[-1][1] == part.suggestion.pieces[0][0] == CALL.start + timedelta(minutes=40)
    assert (part.suggestion.project, part.suggestion.target) == ("acme-web", "jira:WEB-12")
    assert part.suggestion.attributed == {"acme-web": 20}
    assert part.suggestion.because[0].sentence == "You cut this off ACME call."
    assert uncut(rest) == CALLED


def test_drafts_put_together_keep_their_minutes_and_their_times() -> None:
    whole, (gave,) = join(CALLED, [FORM])
    assert (whole.suggestion.minutes, whole.suggestion.attributed) == (120, {"acme-web": 120})
    assert whole.suggestion.pieces == (*PLACED.pieces, *LUNCH.pieces)
    assert gave.decision == "dismissed"
    assert (uncut(whole), given_back(gave)) == (CALLED, FORM)


def test_a_moved_draft_is_dismissed_here_and_by_hand_there() -> None:
    friday = THURSDAY + timedelta(days=1)
    here, there = move(CALLED, friday, "x")
    assert (here.decision, there.decision, there.seen) == ("dismissed", "edited", None)
    assert (there.suggestion.day, there.suggestion.minutes, there.suggestion.pieces) == (friday, 60, ())
    assert given_back(here) == CALLED


def test_giving_minutes_away_teaches_nothing_and_a_dismissal_does() -> None:
    known = CALLED.model_copy(
        update={"suggestion": PLACED.model_copy(update={"about": ("series:google:1",)})}
    )
    here, _ = move(known, THURSDAY + timedelta(days=1), "x")
    assert learn(NOTHING, here, THURSDAY) == NOTHING
    plain = dismiss(known)
    assert isinstance(plain, Draft)
    assert learn(NOTHING, plain, THURSDAY) != NOTHING


@pytest.mark.parametrize("minutes", [0, 60, 61, -5])
def test_nothing_is_cut_that_leaves_nothing(minutes: int) -> None:
    assert isinstance(cut(CALLED, minutes, "x"), Verdict)


def test_what_has_a_word_or_a_question_is_left_alone() -> None:
    confirmed = confirm(CALLED)
    assert isinstance(confirmed, Draft)
    asked = CALLED.model_copy(update={"noticed": False})
    for one in (confirmed, asked):
        assert isinstance(cut(one, 20, "x"), Verdict)
        assert isinstance(join(FORM, [one]), Verdict)
        assert isinstance(move(one, THURSDAY + timedelta(days=1), "x"), Verdict)


def test_a_part_is_not_put_back_as_if_it_were_another() -> None:
    rest, part = cut(CALLED, 20, "x")
    assert isinstance(join(rest, [part]), Verdict)
    assert isinstance(join(part, [rest]), Verdict)
    assert isinstance(join(rest, [rest]), Verdict)
    assert isinstance(join(rest, []), Verdict)


def test_cut_twice_it_goes_back_to_how_it_was_at_first() -> None:
    rest, _ = cut(CALLED, 20, "x")
    rest, _ = cut(rest, 10, "y")
    assert uncut(rest) == CALLED


def test_why_is_said_of_a_dismissed_one_alone() -> None:
    dismissed = dismiss(CALLED)
    assert isinstance(dismissed, Draft)
    said = explain(dismissed, "not_held")
    assert isinstance(said, Draft)
    assert said.why == "not_held"
    assert isinstance(explain(CALLED, "not_held"), Verdict)


def meeting(uid: str, start: str, end: str) -> Activity:
    at = {name: f"2026-11-19T{clock}:00+01:00" for name, clock in (("start", start), ("end", end))}
    told = {"source": "google", "uid": uid, "kind": "meeting", "title": uid, "response": "accepted"}
    return Activity.model_validate(told | at)


@pytest.mark.parametrize("way", ["join", "cut"])
def test_P4_a_meeting_found_later_gets_no_minute_of_what_was_put_together_or_cut(way: str) -> None:
    day, evidence = contributor_day(), [meeting("call", "09:00", "10:00"), meeting("form", "12:00", "13:00")]
    found = applied([], reconcile(day, evidence, UNROUNDED, []).changes)
    call, form = sorted(found, key=lambda one: one.suggestion.text)
    if way == "join":
        whole, gave = join(call, [form])
        drafts = [whole, *gave]
    else:
        drafts = [call, *cut(form, 45, "x")]
    evidence.append(meeting("late", "12:00", "12:50"))
    after = applied(drafts, reconcile(day, evidence, UNROUNDED, drafts).changes)
    assert {one.key for one in after} == {one.key for one in drafts}


@given(days(), st.data())
def test_P4_P2_P9_a_day_adds_up_after_whatever_was_cut_put_together_and_moved(
    made: tuple[ContributorDay, list[Activity]], data: st.DataObject
) -> None:
    day, evidence = made
    drafts = {one.key: one for one in applied([], reconcile(day, evidence, UNROUNDED, []).changes)}
    for number in range(data.draw(st.integers(1, 4))):
        waiting = [one for one in drafts.values() if one.decision in ("open", "edited")]
        if not waiting:
            break
        one = data.draw(st.sampled_from(waiting))
        match data.draw(st.sampled_from(["cut", "join", "move"])):
            case "cut":
                parts = cut(one, data.draw(st.integers(1, 60)), f"{number}")
                changed = [] if isinstance(parts, Verdict) else [*parts]
            case "join":
                joined = join(one, [data.draw(st.sampled_from(waiting))])
                changed = [] if isinstance(joined, Verdict) else [joined[0], *joined[1]]
            case _:
                moved = move(one, day.day + timedelta(days=1), f"{number}")
                changed = [] if isinstance(moved, Verdict) else [moved[0]]
                assert isinstance(moved, Verdict) or moved[1].suggestion.minutes == one.suggestion.minutes
        drafts |= {each.key: each for each in changed}
    plan = reconcile(day, evidence, UNROUNDED, drafts.values())
    after = {one.key: one for one in applied(drafts.values(), plan.changes)}
    assert all(after[key].suggestion == one.suggestion for key, one in drafts.items() if one.touched)
    assert reconcile(day, evidence, UNROUNDED, after.values()).changes == ()
    standing = [one.suggestion for one in after.values() if one.decision != "dismissed"]
    times = [day.stretch((minute(start), minute(end))) for one in standing for start, end in one.pieces]
    assert sum(time.bit_count() for time in times) == together(times).bit_count()
    sums, attended = plan.sheet, sum(one.minutes for one in standing)
    assert attended == sums.attended
    assert attended + sums.gaps + sums.logged == sums.capacity + sums.outside
