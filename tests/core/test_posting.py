"""A posting walked through every sequence of answers, crashes and undos."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import NamedTuple

import pytest

from core.model import Entry, Verdict
from core.posting import (
    EMPTY_LOOKS,
    LONGEST_WAIT,
    PAUSES,
    Absent,
    Ambiguous,
    Answer,
    Done,
    Landed,
    Look,
    Lost,
    NotSent,
    Posting,
    Rejected,
    Remote,
    Removed,
    Send,
    Sight,
    Unseen,
    Wait,
    again,
    answered,
    attempting,
    corrected,
    doubted,
    heard,
    hold,
    kept_back,
    looked,
    next_step,
    overdue,
    undo,
)

NOON = datetime(2026, 11, 19, 12, 0, tzinfo=UTC)
HOLD = timedelta(minutes=15)
PATIENCE = timedelta(seconds=90)
THERE = Remote(id="10042", task="WEB-12", stamp="v1")
SOON = timedelta(seconds=1)

ADAS = Entry(id="e-8f3c", day=NOON.date(), start=NOON, minutes=45, target="jira:WEB-12", text="ACME call")


def held(entry: Entry = ADAS) -> Posting:
    return hold("p-1", entry, "ada", NOON, HOLD)


def sent(posting: Posting, baseline: str | None = "b-1") -> Posting:
    """An attempt, as early as it may be."""
    return attempting(posting, posting.not_before, PATIENCE, baseline)


def lost(posting: Posting) -> Posting:
    return heard(posting, Lost(), posting.not_before)


def refused(entry: Entry = ADAS) -> Posting:
    return heard(sent(held(entry)), Rejected(reason="No right to log work on WEB."), NOON + HOLD)


def unclear() -> Posting:
    return looked(sent(held()), Ambiguous(reason="Two records of 45 minutes could be it."), NOON + HOLD)


# --- every sequence of answers ---------------------------------------------------------------------

ANSWERS: tuple[Answer | None, ...] = (
    Landed(remote=THERE),
    NotSent(reason="503"),
    NotSent(reason="429", wait=timedelta(minutes=30)),
    Rejected(reason="403"),
    Lost(),
    None,  # the process died before it could write down any answer
)
SIGHTS: tuple[Sight | None, ...] = (
    Landed(remote=THERE),
    Absent(),
    Unseen(reason="503"),
    Ambiguous(reason="two"),
    None,
)


class Step(NamedTuple):
    """One move of a walk: what was asked of the machine, what the target said, where it went."""

    now: datetime
    before: Posting
    move: Send | Look
    said: Answer | Sight | None
    after: Posting


def walks(posting: Posting, now: datetime, left: int) -> Iterator[list[Step]]:
    """Every walk of at most `left` moves, each taken at the first moment the machine allows it."""
    step = next_step(posting, now)
    if isinstance(step, Wait):
        now, step = step.until, next_step(posting, step.until)
    if left == 0 or not isinstance(step, Send | Look):
        yield []
        return
    for said in ANSWERS if isinstance(step, Send) else SIGHTS:
        if isinstance(step, Send):
            after = attempting(posting, now, PATIENCE, "b-1")
            if said is not None:
                after = heard(after, said, now + SOON)  # type: ignore[arg-type]
        else:
            after = posting if said is None else looked(posting, said, now + SOON)  # type: ignore[arg-type]
        for rest in walks(after, now + SOON, left - 1):
            yield [Step(now, posting, step, said, after), *rest]


WALKS = list(walks(held(), NOON, 5))


def test_the_walks_reach_every_state_but_withdrawn() -> None:
    assert len(WALKS) > 500
    assert {walk[-1].after.state for walk in WALKS} == {"held", "sending", "posted", "refused", "unclear"}


def test_R02_nothing_is_sent_while_an_earlier_attempt_may_have_arrived() -> None:
    for walk in WALKS:
        unknown = False
        for step in walk:
            assert not (unknown and isinstance(step.move, Send)), walk
            match step.said:
                case Lost() | None if isinstance(step.move, Send):
                    unknown = True
                case Absent() if step.after.state == "held":
                    unknown = False


def test_R02_between_two_sends_lies_a_plain_no_or_two_empty_looks() -> None:
    for walk in WALKS:
        sends = [n for n, step in enumerate(walk) if isinstance(step.move, Send)]
        for first, second in pairwise(sends):
            between = [step.said for step in walk[first + 1 : second]]
            plain_no = isinstance(walk[first].said, NotSent) and not between
            assert plain_no or sum(isinstance(said, Absent) for said in between) == EMPTY_LOOKS, walk


def test_R02_a_look_is_never_taken_before_the_last_attempt_can_have_shown_up() -> None:
    for walk in WALKS:
        asked = NOON
        for step in walk:
            if isinstance(step.move, Look):
                assert step.now >= asked + PATIENCE, walk
            if isinstance(step.move, Send) or isinstance(step.said, Absent):
                asked = step.now


def test_R02_each_attempt_is_committed_before_its_answer_with_a_number_of_its_own() -> None:
    for walk in WALKS:
        numbers = [step.after.attempt for step in walk if isinstance(step.move, Send)]
        assert numbers == list(range(1, len(numbers) + 1))


def test_S02_nothing_is_sent_before_the_hold_is_over() -> None:
    for walk in WALKS:
        assert all(step.now >= NOON + HOLD for step in walk)
    almost = NOON + HOLD - timedelta(microseconds=1)
    assert next_step(held(), almost) == Wait(until=NOON + HOLD)
    assert next_step(held(), NOON + HOLD) == Send()


def test_P8_posted_is_final_and_means_the_target_has_it() -> None:
    for walk in WALKS:
        for step in walk:
            assert (step.after.state == "posted") == (step.said == Landed(remote=THERE))
            if step.after.state == "posted":
                assert step.after.remote == THERE
                assert step is walk[-1]


def test_P8_no_answer_moves_a_posted_one() -> None:
    there = heard(sent(held()), Landed(remote=THERE), NOON + HOLD)
    later = NOON + timedelta(days=1)
    assert all(heard(there, answer, later) == there for answer in ANSWERS if answer is not None)
    assert all(looked(there, sight, later) == there for sight in SIGHTS if sight is not None)
    elsewhere = Remote(id="10043", task="WEB-12")
    assert heard(there, Landed(remote=elsewhere), later).remote == THERE
    assert next_step(there, later) == Done()


def test_P10_whatever_the_target_said_the_entry_is_whole_and_something_or_somebody_is_next() -> None:
    for walk in WALKS:
        last = walk[-1].after
        assert (last.id, last.contributor, last.entry, last.key) == ("p-1", "ada", ADAS, held().key)
        if last.state in ("refused", "unclear"):
            assert last.reason
        assert (next_step(last, last.not_before) == Done()) == (last.state not in ("held", "sending"))


def test_R04_the_baseline_of_the_first_attempt_stands_for_all() -> None:
    for walk in WALKS:
        assert all(step.after.baseline == "b-1" for step in walk)
    second = sent(looked_twice(lost(sent(held(), "b-1"))), "b-2")
    assert (second.attempt, second.baseline) == (2, "b-1")


def looked_twice(posting: Posting) -> Posting:
    for _ in range(EMPTY_LOOKS):
        posting = looked(posting, Absent(), posting.not_before)
    return posting


# --- single stories --------------------------------------------------------------------------------


def test_R01_the_key_belongs_to_the_revision_and_gives_nothing_away() -> None:
    assert held().key == lost(sent(held())).key == sent(looked_twice(lost(sent(held())))).key
    corrected = held(ADAS.model_copy(update={"revision": 2}))
    moved = held(ADAS.model_copy(update={"id": "e-9"}))
    assert len({held().key, corrected.key, moved.key}) == 3
    assert "8f3c" not in held().key


def test_R05_the_key_can_be_the_id_of_a_calendar_event() -> None:
    assert set(held().key) <= set("0123456789abcdefghijklmnopqrstuv")
    assert 5 <= len(held().key) <= 1024


def test_an_entry_kept_in_daybook_has_no_posting() -> None:
    with pytest.raises(ValueError, match="stays in Daybook"):
        held(ADAS.model_copy(update={"target": "none"}))


def test_a_posting_knows_its_connection_and_task() -> None:
    assert (held().connection, held().task) == ("jira", "WEB-12")


def test_R02_a_crash_between_the_intent_and_the_call_ends_in_a_look() -> None:
    crashed = sent(held())
    assert next_step(crashed, NOON + HOLD) == Wait(until=NOON + HOLD + PATIENCE)
    assert next_step(crashed, NOON + HOLD + PATIENCE) == Look()
    with pytest.raises(ValueError, match="must not be sent"):
        attempting(crashed, NOON + timedelta(days=1), PATIENCE, None)


def test_R02_an_answer_lost_late_waits_its_full_time_from_when_it_was_lost() -> None:
    late = NOON + timedelta(hours=2)
    assert heard(sent(held()), Lost(), late).not_before == late + PATIENCE


def test_R04_one_empty_look_is_not_enough() -> None:
    once = looked(lost(sent(held())), Absent(), NOON + timedelta(hours=1))
    assert once.state == "sending"
    assert next_step(once, NOON + timedelta(hours=1)) == Wait(until=NOON + timedelta(hours=1) + PATIENCE)
    assert looked_twice(lost(sent(held()))).state == "held"


def test_R04_a_record_found_is_adopted() -> None:
    found = looked(lost(sent(held())), Landed(remote=THERE), NOON + timedelta(hours=1))
    assert (found.state, found.remote, found.reason) == ("posted", THERE, "")


def test_R02_a_target_that_cannot_be_asked_leaves_the_outcome_unknown_and_is_asked_ever_more_rarely() -> None:
    posting = lost(sent(held()))
    pauses = []
    for _ in range(8):
        now = posting.not_before
        posting = looked(posting, Unseen(reason="The login was revoked."), now)
        assert posting.state == "sending"
        pauses.append(posting.not_before - now)
    assert pauses == [PATIENCE, *PAUSES[1:], PAUSES[-1], PAUSES[-1]]


def test_P10_an_outage_of_a_week_is_tried_hourly_and_never_given_up() -> None:
    posting, attempts = held(), 0
    while posting.not_before < NOON + timedelta(days=7):
        now = posting.not_before
        posting = heard(sent(posting), NotSent(reason="Jira is down (503)."), now)
        attempts += 1
        assert posting.state == "held"
        assert posting.not_before - now == PAUSES[min(attempts, len(PAUSES)) - 1]
    assert 7 * 24 <= attempts <= 7 * 24 + len(PAUSES)
    assert heard(sent(posting), Landed(remote=THERE), posting.not_before).state == "posted"


def test_its_contributor_is_told_after_a_day_of_waiting_and_not_before() -> None:
    waiting = heard(sent(held()), NotSent(reason="Jira is down (503)."), NOON + HOLD)
    a_day = NOON + HOLD + timedelta(days=1)
    assert not overdue(waiting, a_day - SOON)
    assert overdue(waiting, a_day)
    assert not overdue(refused(), a_day)
    assert not overdue(heard(sent(held()), Landed(remote=THERE), NOON + HOLD), a_day)


@pytest.mark.parametrize(
    ("asked", "given"),
    [
        (timedelta(0), PAUSES[0]),
        (timedelta(seconds=-5), PAUSES[0]),
        (timedelta(seconds=1847), timedelta(seconds=1847)),
        (timedelta(days=9999), LONGEST_WAIT),
    ],
)
def test_R07_the_wait_a_tool_asks_for_is_honoured_and_an_absurd_one_capped(
    asked: timedelta, given: timedelta
) -> None:
    waiting = heard(sent(held()), NotSent(reason="429", wait=asked), NOON + HOLD)
    assert waiting.not_before == NOON + HOLD + given


def test_a_refused_one_says_who_must_act() -> None:
    revoked = heard(sent(held()), Rejected(reason="Login revoked.", whose="account"), NOON + HOLD)
    assert (revoked.state, revoked.whose, revoked.reason) == ("refused", "account", "Login revoked.")
    assert next_step(revoked, NOON + timedelta(days=99)) == Done()


def test_R08_a_refused_one_goes_again_once_its_cause_is_repaired() -> None:
    monday = NOON + timedelta(days=4)
    fresh = again(refused(), monday)
    assert isinstance(fresh, Posting)
    assert (fresh.state, fresh.reason, fresh.setbacks, fresh.baseline) == ("held", "", 0, None)
    assert next_step(fresh, monday) == Send()
    assert sent(fresh).attempt == 2


@pytest.mark.parametrize("posting", [held(), sent(held()), unclear()], ids=lambda p: p.state)
def test_R02_only_a_refused_one_goes_again(posting: Posting) -> None:
    refusal = again(posting, NOON)
    assert isinstance(refusal, Verdict)
    assert not refusal


def test_R04_where_several_could_be_it_the_contributor_is_asked_and_nothing_is_sent() -> None:
    assert unclear().state == "unclear"
    assert next_step(unclear(), NOON + timedelta(days=99)) == Done()


def test_R04_the_contributor_finds_it_and_it_stays() -> None:
    there = answered(unclear(), True, NOON)
    assert isinstance(there, Posting)
    assert (there.state, there.remote, there.stands) == ("posted", None, None)


def test_R04_the_contributor_does_not_find_it_and_it_is_sent_with_a_new_baseline() -> None:
    monday = NOON + timedelta(days=4)
    fresh = answered(unclear(), False, monday)
    assert isinstance(fresh, Posting)
    assert next_step(fresh, monday) == Send()
    assert sent(fresh, "b-2").baseline == "b-2"


def test_nobody_is_asked_about_a_posting_whose_fate_is_known() -> None:
    assert isinstance(answered(held(), False, NOON), Verdict)
    assert isinstance(answered(sent(held()), True, NOON), Verdict)


@pytest.mark.parametrize("posting", [held(), looked_twice(lost(sent(held()))), refused()])
def test_S02_undo_while_nothing_of_it_can_be_at_the_target(posting: Posting) -> None:
    gone = undo(posting, NOON, HOLD)
    assert isinstance(gone, Posting)
    assert gone.state == "withdrawn"
    assert next_step(gone, NOON + timedelta(days=99)) == Done()


@pytest.mark.parametrize(
    "posting",
    [sent(held()), lost(sent(held())), unclear()],
    ids=["sending", "lost", "unclear"],
)
def test_I2_no_undo_while_a_record_may_be_at_the_target(posting: Posting) -> None:
    refusal = undo(posting, NOON, HOLD)
    assert isinstance(refusal, Verdict)
    assert not refusal
    assert refusal.reason.endswith(".")


def test_a_second_undo_says_that_nothing_was_posted() -> None:
    gone = undo(held(), NOON, HOLD)
    assert isinstance(gone, Posting)
    refusal = undo(gone, NOON, HOLD)
    assert isinstance(refusal, Verdict)
    assert "Nothing of it is posted" in refusal.reason


def test_P8_an_answer_that_comes_after_another_worker_moved_on_changes_nothing_unless_it_landed() -> None:
    freed = looked_twice(lost(sent(held())))
    later = NOON + timedelta(hours=3)
    for answer in (NotSent(reason="503"), Rejected(reason="403"), Lost()):
        assert heard(freed, answer, later) == freed
    assert looked(freed, Ambiguous(reason="two"), later) == freed
    assert heard(freed, Landed(remote=THERE), later).state == "posted"


# --- after it is posted ----------------------------------------------------------------------------


def there(entry: Entry = ADAS) -> Posting:
    """One whose record stands, as it was confirmed."""
    return heard(sent(held(entry)), Landed(remote=THERE), NOON + HOLD)


def revised(revision: int = 2, **changes: object) -> Entry:
    return ADAS.model_copy(update={"revision": revision, **changes})


def correction(**changes: object) -> Posting:
    changed = corrected(there(), revised(**(changes or {"minutes": 30})), LATER, HOLD)
    assert isinstance(changed, Posting)
    return changed


def taken_back() -> Posting:
    leaving = undo(there(), LATER, HOLD)
    assert isinstance(leaving, Posting)
    return leaving


LATER = NOON + timedelta(hours=2)
ELSEWHERE = "asana:1201"
CHANGES = {
    "amend": correction,
    "move": lambda: correction(target=ELSEWHERE),
    "take back": taken_back,
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_S02_what_changes_a_record_is_held_like_every_yes(change: Callable[[], Posting]) -> None:
    waiting = change()
    assert (waiting.state, waiting.remote, waiting.stands) == ("held", THERE, ADAS)
    assert next_step(waiting, LATER) == Wait(until=LATER + HOLD)
    assert next_step(waiting, LATER + HOLD) == Send()


def test_P8_a_correction_amends_that_same_record_under_the_key_of_its_revision() -> None:
    amending = sent(correction())
    assert (amending.doing, amending.remote, amending.attempt) == ("amend", THERE, 2)
    assert amending.key == held(revised()).key != held().key
    after = heard(amending, Landed(remote=THERE.model_copy(update={"stamp": "v2"})), LATER)
    assert (after.state, after.stands, after.remote and after.remote.stamp) == (
        "posted",
        revised(minutes=30),
        "v2",
    )


def test_a_correction_to_another_task_is_withdrawn_there_before_it_is_posted_here() -> None:
    moving = sent(correction(target=ELSEWHERE))
    assert (moving.doing, moving.connection, moving.task) == ("withdraw", "jira", "WEB-12")
    gone = heard(moving, Removed(), LATER + HOLD)
    assert (gone.state, gone.remote, gone.stands, gone.removed) == ("held", None, None, THERE.id)
    assert (gone.doing, gone.connection, gone.task) == ("post", "asana", "1201")
    assert next_step(gone, LATER + HOLD) == Send()
    assert sent(gone, "b-2").baseline == "b-2"


def test_what_was_taken_back_is_removed_and_then_nothing_more_is_done() -> None:
    gone = heard(sent(taken_back()), Removed(), LATER + HOLD)
    assert (gone.state, gone.remote, gone.removed) == ("withdrawn", None, THERE.id)
    assert next_step(gone, LATER + timedelta(days=99)) == Done()


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_saying_again_what_stands_there_before_it_was_sent_needs_no_call(
    change: Callable[[], Posting],
) -> None:
    back = corrected(change(), revised(3), LATER, HOLD)
    assert isinstance(back, Posting)
    assert (back.state, back.remote, back.stands, back.leaving) == ("posted", THERE, revised(3), False)


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
@pytest.mark.parametrize("answer", [Lost(), None], ids=["lost", "died"])
def test_R02_a_change_whose_answer_never_came_is_made_again_never_before_its_time_and_never_forgotten(
    change: Callable[[], Posting], answer: Answer | None
) -> None:
    """Who amends or withdraws looks at the record first, so the same again is the look."""
    now = LATER + HOLD
    unknown = sent(change())
    if answer is not None:
        unknown = heard(unknown, answer, now)
    assert next_step(unknown, now) == Wait(until=now + PATIENCE)
    assert next_step(unknown, now + PATIENCE) == Send()
    second = sent(unknown)
    assert (second.state, second.attempt, second.not_before) == ("sending", 3, now + 2 * PATIENCE)
    for answer in (NotSent(reason="Jira is down (503)."), Rejected(reason="Not connected.", whose="account")):
        away = heard(second, answer, now)
        assert (away.state, away.in_doubt, away.reason) == ("sending", True, answer.reason)
        built_on_it = corrected(away, revised(3), now, HOLD)
        assert not isinstance(built_on_it, Posting), "what the first attempt wrote would seem to be by a hand"


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_I6_a_change_that_a_hand_was_before_is_its_contributors_to_decide(
    change: Callable[[], Posting],
) -> None:
    theirs = heard(sent(change()), Rejected(reason="It was changed in Jira since."), LATER + HOLD)
    assert (theirs.state, theirs.remote, theirs.reason) == ("refused", THERE, "It was changed in Jira since.")
    assert next_step(theirs, LATER + timedelta(days=99)) == Done()
    left = corrected(theirs, revised(3), LATER, HOLD)
    assert isinstance(left, Posting)
    assert (left.state, left.stands) == ("posted", revised(3))
    tried = again(theirs, LATER)
    assert isinstance(tried, Posting)
    assert (next_step(tried, LATER), tried.doing) == (Send(), theirs.doing)


def test_R08_a_change_under_way_whose_account_stopped_stays_unknown_and_is_tried_again() -> None:
    unknown = sent(correction())
    now = unknown.not_before
    for answer in (Rejected(reason="Not connected.", whose="account"), NotSent(reason="Not now.")):
        kept = kept_back(unknown, answer, now)
        assert (kept.state, kept.reason) == ("sending", answer.reason)
        assert kept.not_before > now


def test_no_correction_while_it_is_being_sent_or_of_what_only_its_contributor_found() -> None:
    found = answered(unclear(), True, NOON)
    assert isinstance(found, Posting)
    for one in (sent(correction()), sent(taken_back()), found):
        for refusal in (corrected(one, revised(3, minutes=5), LATER, HOLD), undo(one, LATER, HOLD)):
            assert isinstance(refusal, Verdict)
            assert refusal.reason.endswith(".")


def test_I1_neither_an_older_revision_nor_another_entry_takes_the_place_of_a_posted_one() -> None:
    stranger = ADAS.model_copy(update={"id": "e-ben", "revision": 2})
    assert isinstance(corrected(there(), ADAS, LATER, HOLD), Verdict)
    assert isinstance(corrected(there(), stranger, LATER, HOLD), Verdict)


def test_I1_a_record_that_arrives_after_it_was_taken_back_is_removed() -> None:
    gone = undo(looked_twice(lost(sent(held()))), LATER, HOLD)
    assert isinstance(gone, Posting) and gone.state == "withdrawn"
    late = heard(gone, Landed(remote=THERE), LATER)
    assert (late.state, late.doing, next_step(late, LATER)) == ("held", "withdraw", Send())


# --- after an older copy of the database came back ---------------------------------------------------


def test_R09_what_waits_to_be_sent_is_looked_for_first_and_sent_only_when_it_is_not_there() -> None:
    doubt = doubted(held(), NOON, PATIENCE)
    assert next_step(doubt, NOON) == Look()
    assert looked(doubt, Landed(remote=THERE), NOON).state == "posted"
    once = looked(doubt, Absent(), NOON)
    assert next_step(once, once.not_before) == Look()
    twice = looked(once, Absent(), once.not_before)
    assert next_step(twice, NOON) == Wait(until=NOON + HOLD), "and not before its hold is over"
    assert next_step(twice, NOON + HOLD) == Send()
    assert isinstance(undo(doubt, NOON, HOLD), Verdict)


def test_R09_what_is_posted_is_compared_and_stays() -> None:
    doubt = doubted(there(), LATER, PATIENCE)
    assert next_step(doubt, LATER) == Look()
    for sight in (Landed(remote=THERE), Absent(), Ambiguous(reason="two")):
        after = looked(doubt, sight, LATER)
        assert (after.state, after.remote, next_step(after, LATER)) == ("posted", THERE, Done())
    away = looked(doubt, Unseen(reason="Jira is down."), LATER)
    assert away.in_doubt and next_step(away, away.not_before) == Look()


def test_R09_a_move_that_was_finished_before_is_not_made_twice() -> None:
    moving = doubted(correction(target=ELSEWHERE), LATER, PATIENCE)
    gone = heard(sent(moving), Removed(), LATER + HOLD)
    assert next_step(gone, LATER + HOLD) == Look()


@pytest.mark.parametrize("posting", [refused(), unclear()], ids=["refused", "unclear"])
def test_R09_what_waits_for_a_person_is_looked_for_before_it_goes_on(posting: Posting) -> None:
    doubt = doubted(posting, LATER, PATIENCE)
    assert next_step(doubt, LATER) == Done()
    if posting.state == "refused":
        tried = again(doubt, LATER)
        assert isinstance(tried, Posting)
        assert next_step(tried, LATER) == Look()


def test_R09_what_was_taken_back_stays_so() -> None:
    gone = undo(held(), NOON, HOLD)
    assert isinstance(gone, Posting)
    assert doubted(gone, NOON, PATIENCE) == gone
