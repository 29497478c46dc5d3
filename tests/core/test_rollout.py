"""Which stage may follow which, and what it must have reached."""

from __future__ import annotations

from typing import get_args

import pytest
from pydantic import ValidationError

from core.exits import Exit, Measured, Stop, Terms, asks, lines, missing, stops, stricter, unlimited
from core.rollout import Stage, following, may_begin, may_follow

REACHED = Measured(
    elapsed=30,
    people=5,
    answered=100,
    confirmed_untouched=90,
    median_seconds=45,
    answered_days=95,
    own_page=80,
    ready=100,
)


@pytest.mark.parametrize("stage", ["shadow", "pilot"])
def test_a_rollout_begins_with_few(stage: Stage) -> None:
    assert may_begin(stage, 4)


@pytest.mark.parametrize("stage", ["expand", "normal"])
def test_P09_a_rollout_does_not_begin_with_everybody(stage: Stage) -> None:
    verdict = may_begin(stage, 4)
    assert not verdict and "nobody here has tried Daybook yet" in verdict.reason
    allowed = may_begin(stage, 2, "Two people work here.")
    assert allowed and "Two people work here." in allowed.reason


@pytest.mark.parametrize("stage", ["shadow", "pilot"])
@pytest.mark.parametrize(("pilot", "named"), [(0, "names nobody"), (1, "names 1."), (3, "names 3.")])
def test_P09_a_pilot_of_fewer_than_four_does_not_begin(stage: Stage, pilot: int, named: str) -> None:
    verdict = may_begin(stage, pilot)
    assert not verdict and named in verdict.reason and "A pilot is of 4 to 8 people" in verdict.reason


@pytest.mark.parametrize("because", ["  ", "x", "\n-\n", ". . ."])
def test_P09_blanks_and_a_letter_are_no_reason_for_no_pilot(because: str) -> None:
    assert not may_begin("normal", 4, because)


def test_P09_of_two_terms_the_stricter_of_each_number_holds() -> None:
    lax = Terms(exit=Exit(median_seconds=600, ready=1, lasts=90), stop=Stop(opt_outs=9, answered_days=1))
    both = Terms(exit=Exit(lasts=90), stop=Stop())
    assert stricter(lax, Terms()) == stricter(Terms(), lax) == both


def test_P09_numbers_that_were_emptied_are_said_in_words() -> None:
    assert unlimited(Terms(), 8) == []
    wide = Terms(exit=Exit(opt_outs=99, own_page=0), stop=Stop(friction_days=3000))
    assert unlimited(wide, 8) == [
        "no limit for days looked at on the page",
        "no limit for people who leave",
        "no stop however long a remark waits",
    ]


def test_P09_a_stage_in_which_nobody_was_asked_is_never_ready() -> None:
    with pytest.raises(ValidationError, match="greater than or equal to 1"):
        Exit(ready=0)
    assert missing("pilot", Exit(ready=1), REACHED.model_copy(update={"ready": None}))


def test_in_the_last_stage_nobody_is_asked_so_nothing_waits_for_an_answer() -> None:
    assert missing("normal", Exit(), REACHED.model_copy(update={"ready": None})) == []


def test_P09_no_stage_is_skipped_whatever_was_reached() -> None:
    for stage in get_args(Stage):
        for wished in get_args(Stage):
            allowed = bool(may_follow(stage, wished, ())) if stage != wished else None
            earlier = get_args(Stage).index(wished) < get_args(Stage).index(stage)
            if stage != wished:
                assert allowed is (earlier or wished == following(stage)), (stage, wished)


def test_the_way_back_is_open_whatever_is_missing() -> None:
    assert may_follow("normal", "shadow", ["everything"])


def test_the_next_stage_waits_and_says_for_what() -> None:
    verdict = may_follow(
        "pilot", "expand", missing("pilot", Exit(), REACHED.model_copy(update={"ready": 50}))
    )
    assert not verdict
    assert verdict.reason == (
        "is 'expand', but 'pilot' stays in force: "
        "ready for the rest of the team: not enough said yes yet, wanted at least 75 %."
    )


def test_with_all_reached_nothing_is_missing() -> None:
    assert missing("pilot", Exit(), REACHED) == []


@pytest.mark.parametrize(
    ("name", "worse"),
    [
        ("people", 3),
        ("answered", 19),
        ("confirmed_untouched", 79),
        ("median_seconds", 90),
        ("answered_days", 84),
        ("own_page", 49),
        ("open_friction", 1),
        ("opt_outs", 2),
        ("ready", 74),
        ("confirmed_untouched", None),
        ("median_seconds", None),
        ("ready", None),
    ],
)
def test_each_number_alone_keeps_the_stage(name: str, worse: int | None) -> None:
    assert len(missing("pilot", Exit(), REACHED.model_copy(update={name: worse}))) == 1


def test_nothing_measured_reaches_nothing() -> None:
    assert len(missing("pilot", Exit(), Measured())) == 7


def test_in_a_shadow_run_only_leaving_and_remarks_count() -> None:
    assert missing("shadow", Exit(), Measured()) == []
    assert len(missing("shadow", Exit(), Measured(opt_outs=2, open_friction=1))) == 2


def test_P13_shares_are_said_in_steps_and_who_said_yes_not_at_all() -> None:
    said = {line.what: line.measured for line in lines("pilot", Exit(), REACHED)}
    assert said["days answered within a week"] == "about 95 %"
    odd = REACHED.model_copy(update={"answered_days": 87, "ready": 83})
    said = {line.what: line.measured for line in lines("pilot", Exit(), odd)}
    assert said["days answered within a week"] == "about 85 %"
    assert said["answered days"] == "enough"
    assert said["ready for the rest of the team"] == "enough said yes"


@pytest.mark.parametrize(
    ("worse", "why"),
    [
        ({"opt_outs": 3}, "3 people left since it began"),
        ({"oldest_friction": 14}, "waited 14 days"),
        ({"last_weeks": (39, 10)}, "Fewer than 40 %"),
    ],
)
def test_a_stop_rule_that_is_met_says_so(worse: dict[str, object], why: str) -> None:
    (rule,) = stops(Stop(), REACHED.model_copy(update=worse))
    assert why in rule


@pytest.mark.parametrize("weeks", [(), (10,), (10, 40), (40, 10)])
def test_one_bad_week_stops_nothing(weeks: tuple[int, ...]) -> None:
    assert stops(Stop(), REACHED.model_copy(update={"last_weeks": weeks})) == []


def test_people_are_asked_in_the_last_third_or_once_all_else_is_reached() -> None:
    early = Measured(elapsed=19)
    assert not asks(Exit(), "pilot", early)
    assert asks(Exit(), "pilot", early.model_copy(update={"elapsed": 20}))
    assert asks(Exit(), "pilot", REACHED.model_copy(update={"elapsed": 8, "ready": None}))
    assert not asks(Exit(), "shadow", REACHED)
    assert not asks(Exit(), "normal", REACHED)


def test_what_an_administrator_answered_for_stops_it_no_second_time() -> None:
    worse = REACHED.model_copy(update={"opt_outs": 3, "oldest_friction": 20, "last_weeks": (10, 10)})
    assert len(stops(Stop(), worse)) == 3
    assert stops(Stop(), worse, left=3, days=13) == []
    assert len(stops(Stop(), worse.model_copy(update={"opt_outs": 6}), left=3, days=21)) == 3
