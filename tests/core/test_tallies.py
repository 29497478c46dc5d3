"""What a day adds to its week, and what the weeks say together."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta

from core.model import Draft, Reason, Suggestion
from core.tallies import Answer, answer, counted, is_answered, measured, median

DAY = date(2026, 11, 19)


def draft(key: str, decision: str = "confirmed", minutes: int = 30, said: int | None = None) -> Draft:
    seen = Suggestion(key=key, day=DAY, minutes=minutes)
    because = (Reason(kind="decision", sentence="You changed the length."),) if said else ()
    stands = seen.model_copy(update={"minutes": said or minutes, "because": because})
    return Draft(suggestion=stands, seen=seen, decision=decision)  # type: ignore[arg-type]


def test_a_day_with_every_draft_decided_is_answered() -> None:
    assert is_answered([draft("a"), draft("b", "dismissed")], said=False)
    assert not is_answered([draft("a"), draft("b", "edited")], said=False)
    assert not is_answered([], said=False)
    assert is_answered([draft("a", "open")], said=True)


def test_a_day_without_drafts_and_without_a_word_counts_for_nothing() -> None:
    assert counted(Answer(answered=False), []) == Counter()


def test_an_unanswered_day_counts_as_a_day() -> None:
    assert counted(Answer(answered=False), [draft("a", "open")]) == {"days": 1}


def test_untouched_is_confirmed_as_it_was_suggested() -> None:
    drafts = [draft("a"), draft("b", said=45), draft("c", "dismissed"), draft("hand:1"), draft("d", "open")]
    counts = counted(Answer(answered=True), drafts)
    assert (counts["decided"], counts["untouched"]) == (3, 1)


def test_a_length_made_even_is_counted_against_those_that_were_not() -> None:
    counts = counted(
        Answer(answered=True), [draft("a", minutes=37), draft("b", minutes=37, said=45), draft("c")]
    )
    assert (counts["uneven"], counts["made_even"]) == (2, 1)


def test_how_long_it_took_is_a_step_of_a_scale() -> None:
    for seconds, step in ((0, 15), (15, 15), (16, 30), (60, 60), (61, 90), (3600, 3600)):
        assert counted(Answer(answered=True, seconds=seconds), [])[f"seconds:{step}"] == 1
    assert not any("seconds" in what for what in counted(Answer(answered=True, seconds=3601), []))


def test_the_median_is_the_step_that_half_lies_within() -> None:
    assert median({"seconds:15": 1, "seconds:60": 2, "seconds:3600": 1}, "seconds") == 60
    assert median({"seconds:15": 2, "seconds:600": 2}, "seconds") == 15
    assert median({"late:3": 5}, "seconds") is None


def test_an_answer_is_from_the_first_look_to_the_last_word() -> None:
    opened = datetime(2026, 11, 20, 8, tzinfo=UTC)
    said = opened + timedelta(seconds=42)
    found = answer([draft("a")], DAY, nothing_to_add=False, opened=opened, said=said, on_page=True)
    assert found == Answer(answered=True, seconds=42, on_page=True, late=1)
    back = answer([draft("a")], DAY, nothing_to_add=False, opened=said, said=opened, on_page=True)
    assert back.seconds is None


def test_the_weeks_together() -> None:
    weeks = {
        "2026-W46": Counter(days=10, answered=9, on_page=5, decided=20, untouched=15, opt_outs=1),
        "2026-W47": Counter(days=10, answered=5, on_page=5, decided=10, untouched=10),
        "2026-W48": Counter(days=2, opt_outs=1),
    }
    found = measured(weeks, elapsed=20, not_over="2026-W48", waiting=(3, 9), people=6, ready=5)
    assert (found.answered, found.confirmed_untouched, found.answered_days, found.own_page) == (
        14,
        83,
        63,
        71,
    )
    assert (found.opt_outs, found.open_friction, found.oldest_friction, found.ready) == (2, 2, 9, 83)
    assert found.last_weeks == (50, 90), "a week that is not over says nothing yet"


def test_nothing_counted_is_nothing_to_say() -> None:
    found = measured({})
    assert found.confirmed_untouched is found.median_seconds is found.answered_days is found.ready is None


def test_P20_of_fewer_people_than_a_pilot_has_no_number_is_told() -> None:
    weeks = {
        "2026-W46": Counter({"days": 10, "answered": 9, "decided": 20, "untouched": 15, "seconds:45": 9})
    }
    few = measured(weeks, people=3, ready=3)
    assert {few.confirmed_untouched, few.median_seconds, few.answered_days, few.own_page, few.ready} == {None}
    assert measured(weeks, people=4).answered_days == 90
